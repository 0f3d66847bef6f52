package app

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"kyso/app/docsys"
	"kyso/app/docsys/folder"
	"kyso/app/docsys/program"
	"kyso/app/docsys/webdav"
	"kyso/app/keyring"
	"kyso/app/network"
	"kyso/app/session"
	"kyso/app/settings"
)

// Limits of a call: callLimit bounds one to a server, the download of a document
// included; sendLimit a delivery, over a line as slow as they come; checkLimit the
// test of a connection, for which the person waits.
const (
	callLimit  = 3 * time.Minute
	sendLimit  = time.Hour
	checkLimit = 45 * time.Second
)

// HTTP is the one client of the program, with the rules of the settings.
func (a *App) HTTP() *http.Client { return a.client }

// network makes the client. The proxy's password comes from the keyring; without
// it the proxy asks, and the person is told.
func (a *App) network(ctx context.Context) {
	n := a.effective().Network
	r := network.Rules{Proxy: n.Proxy, ProxyLogin: n.ProxyLogin, Authority: n.Authority, Pins: n.Pins}
	if n.ProxyLogin != "" {
		r.ProxyPassword, _ = a.password(ctx, n.Proxy, n.ProxyLogin)
	}
	a.client = network.New(r, callLimit)
}

// An account is a log-in at a system.
type account struct{ target, login string }

// password gives the password of an account: that of this session, else the one
// in the keyring. It is looked for once; without one the error is keyring.ErrNone
// or keyring.ErrUnavailable.
func (a *App) password(ctx context.Context, target, login string) (string, error) {
	a.mu.Lock()
	known, ok := a.passwords[account{target, login}]
	a.mu.Unlock()
	if ok {
		return known, nil
	}
	found, err := keyring.Find(ctx, target, login)
	if err != nil {
		return "", err
	}
	a.remember(account{target, login}, found)
	return found, nil
}

// remember keeps a password in memory until the program ends; empty forgets it.
func (a *App) remember(who account, password string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.passwords == nil {
		a.passwords = map[account]string{}
	}
	if password == "" {
		delete(a.passwords, who)
		return
	}
	a.passwords[who] = password
}

// connector makes the connector that settings choose; password is empty for none.
// It is nil without a system.
func (a *App) connector(s settings.Connector, password string) (docsys.Connector, error) {
	sending := network.Limited(a.HTTP(), sendLimit)
	switch s.Kind {
	case settings.WebDAV:
		c, err := webdav.New(webdav.Options{URL: s.URL, Login: s.Login, Password: password, Client: sending, Clock: time.Now})
		if err != nil {
			return nil, fmt.Errorf("connect by WebDAV: %w", err)
		}
		return c, nil
	case settings.Folder:
		return folder.New(s.Folder, time.Now), nil
	case settings.Exec:
		c, err := program.New(program.Options{Path: s.Program, Arguments: s.Arguments, Login: s.Login, Password: password})
		if err != nil {
			return nil, fmt.Errorf("connect through a program: %w", err)
		}
		return c, nil
	case "", settings.Reference:
		if a.Client != nil {
			return a.Client, nil
		}
		return nil, nil //nolint:nilnil // no system is a choice
	}
	return nil, fmt.Errorf("connect: %w: %q", ErrKind, s.Kind)
}

// ErrKind reports a kind of connector that this program does not have.
var ErrKind error = connectorError{"no such kind of connector"}

// connect makes the client of the document system when one is known, and the
// connector. A connector that cannot be made is told by ConnectorProblem: documents
// then wait.
func (a *App) connect(ctx context.Context) docsys.Connector {
	switch {
	case a.Handover.Server != "":
		a.Client = docsys.NewClient(a.Handover.Server, a.Handover.Token, a.HTTP())
	case a.effective().Server != "":
		a.Client = docsys.NewClient(a.effective().Server, "", a.HTTP())
		a.Client.SetRenew(a.renewed)
		a.keeper = session.New(session.Options{Client: a.Client, HTTP: a.HTTP(), Target: a.effective().Server, Folder: a.Folders.Data})
	}
	s := a.effective().Connector
	password := ""
	if s.Login != "" && s.Kind != "" && s.Kind != settings.Reference {
		password, _ = a.password(ctx, a.target(), s.Login) // without it the system asks, and the person is told
	}
	c, err := a.connector(s, password)
	a.ConnectorProblem = err
	return c
}

// demonstration names the demonstration's server, which has another port each time.
const demonstration = "demonstration"

// target names the system that documents are queued for: what is queued for one
// is never sent to another.
func (a *App) target() string {
	if a.Handover.Demonstration {
		return demonstration
	}
	return a.effective().Connector.Target(first(a.Handover.Server, a.effective().Server))
}

// FollowLogIn has f told each time that a session has ended whether it could be
// renewed; when not, the person must log in. It is told on goroutines of the callers.
func (a *App) FollowLogIn(f func(somebody bool)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.followLogIn = f
}

// renewed renews the log-in and tells what came of it.
func (a *App) renewed(ctx context.Context) error {
	err := a.renew(ctx)
	a.mu.Lock()
	tell := a.followLogIn
	a.mu.Unlock()
	if tell != nil && ctx.Err() == nil && !docsys.Passes(err) {
		tell(err == nil)
	}
	return err
}

// renew logs in again: at the identity provider, or with the password of this
// session or of the keyring. A password that the server refused is not tried again:
// accounts get locked.
func (a *App) renew(ctx context.Context) error {
	c := a.effective().Connector
	login := c.Login
	if c.Identity != "" || login == "" {
		return a.keeper.Renew(ctx)
	}
	who := account{a.effective().Server, login}
	if a.isRefused(who) {
		return keyring.ErrNone
	}
	password, err := a.password(ctx, who.target, who.login)
	if err != nil {
		return err
	}
	_, err = a.Client.Login(ctx, login, password)
	if p, ok := errors.AsType[*docsys.Problem](err); ok && !p.Retryable {
		a.refuse(who, true)
	}
	return err
}

// refuse notes that a password was refused; isRefused tells.
func (a *App) refuse(who account, refused bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.refused == nil {
		a.refused = map[account]bool{}
	}
	a.refused[who] = refused
}

func (a *App) isRefused(who account) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.refused[who]
}

// LogIn logs in to the system of the settings, lets waiting documents go, and keeps
// the password: in the keyring when keep is set, else until the program ends. kept
// is false where the system has no keyring; the person is then asked at each start.
// The caller saves the login in the settings.
func (a *App) LogIn(ctx context.Context, login, password string, keep bool) (kept bool, err error) {
	c := a.effective().Connector
	c.Login = login
	if err := a.tryLogIn(ctx, c, password); err != nil {
		return false, err
	}
	if c.Identity != "" && a.keeper != nil {
		_ = a.keeper.Forget(ctx, c.Identity) // the provider is not needed for this log-in
		c.Identity = ""
	}
	who := account{a.target(), login}
	a.loggedIn(login, "")
	a.remember(who, password)
	a.refuse(who, false)
	if keep {
		kept = keyring.Keep(ctx, who.target, login, password) == nil
	}
	return kept, a.reconnect(ctx, c, password)
}

// reconnect lets documents go that waited for a log-in.
func (a *App) reconnect(ctx context.Context, c settings.Connector, password string) error {
	if a.Outbox == nil {
		return nil
	}
	next, err := a.connector(c, password)
	if err == nil {
		err = a.Outbox.Connect(ctx, a.target(), next)
	}
	a.ConnectorProblem = err
	return err
}

// tryLogIn shows the password to the system.
func (a *App) tryLogIn(ctx context.Context, c settings.Connector, password string) error {
	if c.Kind != "" && c.Kind != settings.Reference {
		_, err := a.CheckConnection(ctx, c, password)
		return err
	}
	if a.Client == nil {
		return fmt.Errorf("log in: %w", docsys.ErrOffline)
	}
	if err := network.CheckAddress(first(a.Handover.Server, a.effective().Server)); err != nil {
		return fmt.Errorf("log in: %w", err)
	}
	s, err := a.Client.Login(ctx, c.Login, password)
	if err == nil && s.PasswordChangeRequired {
		err = ErrOneTime
	}
	return err
}

// loggedIn notes the account's name, or the identity provider that knows it.
func (a *App) loggedIn(login, identity string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, c := range []*settings.Connector{&a.Settings.Connector, &a.Effective.Connector} {
		c.Login, c.Identity = login, identity
	}
}

// LogOut ends the session and forgets what renews it, in the keyring, too. The
// caller takes Connector.Identity out of the settings.
func (a *App) LogOut(ctx context.Context) error {
	c := a.effective().Connector
	errs := []error{a.forgetPassword(ctx, c.Login)}
	if a.keeper != nil {
		errs = append(errs, a.keeper.Forget(ctx, c.Identity))
		a.loggedIn(c.Login, "")
	}
	if a.Client != nil {
		a.Client.SetRenew(nil)
		errs = append(errs, a.Client.Logout(ctx))
		a.Client.SetRenew(a.renewed)
	}
	return errors.Join(errs...)
}

// forgetPassword forgets the password of an account, in the keyring, too.
func (a *App) forgetPassword(ctx context.Context, login string) error {
	if login == "" {
		return nil
	}
	who := account{a.target(), login}
	a.remember(who, "")
	if err := keyring.Forget(ctx, who.target, login); err != nil && !errors.Is(err, keyring.ErrUnavailable) {
		return err
	}
	return nil
}

// CheckConnection tries what settings choose, saved or not, and leaves nothing in
// the system ("Kiểm tra kết nối"). password is empty for the one that is known.
func (a *App) CheckConnection(ctx context.Context, s settings.Connector, password string) (docsys.Checkup, error) {
	ctx, cancel := context.WithTimeout(ctx, checkLimit)
	defer cancel()
	if password == "" && s.Login != "" {
		password, _ = a.password(ctx, s.Target(a.effective().Server), s.Login) // without it the system asks
	}
	c, err := a.connector(s, password)
	if err != nil {
		return docsys.Checkup{}, err
	}
	if c == nil {
		return docsys.Checkup{}, fmt.Errorf("check the connection: %w", ErrNoSystem)
	}
	k, err := c.Check(ctx)
	if err != nil {
		return k, fmt.Errorf("check the connection: %w", err)
	}
	return k, nil
}

// ErrNoSystem reports settings that name no document system.
var ErrNoSystem error = connectorError{"the settings name no document system"}

// connectorError names the message that a person reads (package explain).
type connectorError struct{ text string }

func (e connectorError) Error() string { return e.text }

// ExplainCode names the message.
func (connectorError) ExplainCode() string { return "connector" }
