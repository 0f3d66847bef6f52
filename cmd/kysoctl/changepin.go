package main

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"

	"kyso/app"
	"kyso/app/signing"
	"kyso/signer/token"
)

// errNotTheSame reports a new PIN that was typed in two ways.
var errNotTheSame error = namedError{"pin-not-the-same", "the new PIN was not typed the same twice"}

// runChangePIN changes the PIN of a token. The PINs are typed on the terminal and
// nowhere else, or on the reader.
func runChangePIN(ctx context.Context, c *console, args []string) int {
	f := c.flags("token change-pin")
	var modules list
	f.Var(&modules, "module", "PKCS#11 module; may be repeated")
	helper := f.String("helper", "", "the kyso-token program; beside this one without it")
	which := f.String("token", "", "the token: its serial number, or part of its label")
	if f.Parse(args) != nil || f.NArg() > 0 {
		return exitUsage
	}
	if c.terminal() == nil {
		return c.bad("%s", c.text("mã PIN chỉ được nhập ở cửa sổ dòng lệnh", "PINs are typed on a terminal only"))
	}
	s, err := app.Start(ctx, app.Options{Helper: *helper, Modules: modules, OnlyModules: len(modules) > 0, NoOutbox: true})
	if err != nil {
		c.fail("failed", "", err)
		return exitFailed
	}
	defer s.Close() //nolint:errcheck // nothing is written any more
	at, status := chooseToken(ctx, c, s.Road, *which)
	if status != exitDone {
		return status
	}
	err = c.changePIN(ctx, s.Road, at)
	if err != nil {
		c.fail("failed", "", err)
		return exitFailed
	}
	c.object(struct {
		Kind  string     `json:"kind"`
		Token token.Info `json:"token"`
	}{"pin-changed", at.Token})
	c.say("%s", c.text("Đã đổi mã PIN.", "The PIN was changed."))
	return exitDone
}

// changePIN asks for the PINs and changes them.
func (c *console) changePIN(ctx context.Context, road *signing.Desk, at signing.Device) error {
	c.say("%s (%s)", at.Token.Label, at.Token.Serial)
	k := signing.Key{Token: at.Token}
	switch at.Token.PIN { //nolint:exhaustive // in the other states it may be typed
	case token.PINLocked:
		return &token.Error{Kind: token.KindPINLocked, Op: "change-pin", Detail: "the token says so; nothing was sent"}
	case token.PINFinal:
		if k.LastTry = c.confirmLastTry(); !k.LastTry {
			return token.ErrPINFinal
		}
	}
	change := token.PINChange{LastTry: k.LastTry}
	if at.Token.PINPad {
		c.say("%s", c.text("Nhập mã PIN cũ, rồi mã PIN mới hai lần, trên bàn phím của đầu đọc.", "Type the old PIN, then the new one twice, on the reader's own keys."))
		return road.ChangePIN(ctx, at, change)
	}
	defer func() {
		clear(change.Old)
		clear(change.New)
	}()
	var err error
	if change.Old, err = c.secret("", c.text("Mã PIN hiện tại: ", "The PIN now: ")); err != nil {
		return err
	}
	if change.New, err = c.secret("", c.text("Mã PIN mới: ", "The new PIN: ")); err != nil {
		return err
	}
	again, err := c.secret("", c.text("Nhập lại mã PIN mới: ", "The new PIN again: "))
	defer clear(again)
	switch {
	case err != nil:
		return err
	case !bytes.Equal(change.New, again):
		return errNotTheSame
	}
	return road.ChangePIN(ctx, at, change)
}

// chooseToken finds the one token that is meant.
func chooseToken(ctx context.Context, c *console, road *signing.Desk, want string) (signing.Device, int) {
	found, err := road.Keys(ctx)
	if err != nil {
		c.fail("failed", "", err)
		return signing.Device{}, exitFailed
	}
	fits := slices.DeleteFunc(slices.Clone(found.Tokens), func(d signing.Device) bool {
		return want != "" && d.Token.Serial != want && !strings.Contains(strings.ToLower(d.Token.Label), strings.ToLower(want))
	})
	switch len(fits) {
	case 1:
		return fits[0], exitDone
	case 0:
		err := noKey(found)
		if errors.Is(err, signing.ErrNoCertificate) { // there are tokens, and none is the one meant
			err = signing.ErrNoToken
		}
		c.fail("failed", "", err)
		return signing.Device{}, exitFailed
	}
	for _, d := range fits {
		c.say("%s  %s", d.Token.Serial, d.Token.Label)
	}
	return signing.Device{}, c.bad("%s", c.text("có nhiều thiết bị; chọn một bằng --token", "there are several tokens; choose one with --token"))
}
