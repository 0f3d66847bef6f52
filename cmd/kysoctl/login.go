package main

import (
	"context"
	"time"

	"kyso/app/desktop"
	"kyso/app/docsys"
	"kyso/app/docsys/login"
	"kyso/app/session"
)

// A loginLine is what --json prints of a log-in.
type loginLine struct {
	Kind   string        `json:"kind"`
	Server string        `json:"server"`
	Person docsys.Person `json:"person"`
}

// A codeLine is what --json prints of a code for another device.
type codeLine struct {
	Kind    string    `json:"kind"`
	Code    string    `json:"code"`
	Address string    `json:"address"`
	Until   time.Time `json:"until,omitzero"`
}

// errNoKeyring reports a log-in that the next command could not use.
var errNoKeyring error = namedError{"no-keyring", "the system keeps no log-in"}

// runLogin logs in at the server's identity provider and keeps that for the commands
// that follow.
func runLogin(ctx context.Context, c *console, args []string) int {
	var a account
	f := c.flags("login")
	a.where(f)
	device := f.Bool("device", false, "log in on another device, by a code")
	if f.Parse(args) != nil || f.NArg() > 0 {
		return exitUsage
	}
	l, status := a.reach(ctx, c)
	if status != exitDone {
		return status
	}
	_, kept, err := l.keeper.LogIn(ctx, c.way(*device))
	if err != nil {
		c.fail("failed", "", err)
		return exitFailed
	}
	me, err := l.client.Whoami(ctx)
	if err == nil && !kept {
		err = errNoKeyring
	}
	if end := l.client.Logout(ctx); err == nil { // the commands have sessions of their own
		err = end
	}
	if err != nil {
		c.fail("failed", "", err)
		return exitFailed
	}
	c.object(loginLine{"login", a.server, me})
	c.say(c.text("Đã đăng nhập %s: %s, %s.", "Logged in to %s: %s, %s."), a.server, me.Name, me.UnitName)
	return exitDone
}

// way logs in with the browser of this computer, or by a code on another device.
func (c *console) way(device bool) session.Way {
	if device {
		return session.ByCode(c.code)
	}
	return func(ctx context.Context, p login.Provider) (login.Tokens, error) {
		return session.ByBrowser(func(address string) error {
			if err := desktop.Browse(ctx, address); err != nil {
				return err
			}
			c.say("%s", c.text("Trình duyệt đã mở: đăng nhập ở đó.", "The browser is open: log in there."))
			return nil
		})(ctx, p)
	}
}

// code tells what to type on another device.
func (c *console) code(d login.Code) {
	c.object(codeLine{"code", d.User, d.Address, d.Until})
	c.say("%s %s", c.text("Mở trên điện thoại hoặc máy khác:", "Open on a phone or another computer:"), d.Address)
	c.say("%s %s", c.text("Nhập mã:", "Type the code:"), d.User)
	if !d.Until.IsZero() {
		c.say("%s %s", c.text("Mã có hiệu lực đến", "The code is good until"), clock(d.Until))
	}
}

// runLogout forgets what runLogin kept, and has the provider take it back.
func runLogout(ctx context.Context, c *console, args []string) int {
	var a account
	f := c.flags("logout")
	a.where(f)
	if f.Parse(args) != nil || f.NArg() > 0 {
		return exitUsage
	}
	l, status := a.reach(ctx, c)
	if status != exitDone {
		return status
	}
	if err := l.keeper.Forget(ctx, ""); err != nil {
		c.fail("failed", "", err)
		return exitFailed
	}
	c.say(c.text("Đã đăng xuất khỏi %s.", "Logged out of %s."), a.server)
	return exitDone
}
