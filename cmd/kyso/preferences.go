package main

import (
	"context"
	"errors"
	"fmt"

	"kyso/app"
	"kyso/app/desktop"
	"kyso/app/docsys/login"
	"kyso/app/explain"
	"kyso/app/present"
	"kyso/app/session"
	"kyso/app/settings"
	"kyso/app/signing"
	"kyso/signer/token"
	"kyso/signer/truststore"
)

// road is the road of the settings in force.
type road struct{ app *app.App }

var _ signing.Road = road{}

// Foresee tells what a signature would meet.
func (r road) Foresee(ctx context.Context, path string, password []byte) (signing.Forecast, error) {
	return r.app.Desk().Foresee(ctx, path, password)
}

// Keys looks for tokens and certificates.
func (r road) Keys(ctx context.Context) (signing.Found, error) { return r.app.Desk().Keys(ctx) }

// Open logs in to a token.
func (r road) Open(ctx context.Context, k signing.Key, pin []byte) (signing.Seat, error) {
	return r.app.Desk().Open(ctx, k, pin)
}

// preferences are the settings as the window sees them.
type preferences struct {
	*app.App

	join *join
}

var _ present.Preferences = preferences{}

// Stored are the person's own choices.
func (p preferences) Stored() settings.Settings {
	s, _ := p.Now()
	return s
}

// Effective are the settings with what is locked; a handover brings its own server.
func (p preferences) Effective() settings.Settings {
	e := p.Wanted()
	e.Server = first(p.Handover.Server, e.Server)
	return e
}

// Policy is the administrator's.
func (p preferences) Policy() (settings.Policy, string, error) {
	return p.App.Policy, p.PolicyFile(), p.PolicyProblem
}

// Export writes the person's settings to a file.
func (p preferences) Export(path string) error { return settings.Export(path, p.Stored()) }

// Import reads settings from a file.
func (p preferences) Import(path string) (settings.Settings, error) {
	return settings.Import(path, p.Stored())
}

// About tells of the program.
func (p preferences) About() present.About {
	return present.About{Folder: p.Folders.Data, Version: appVersion}
}

// Language is the person's.
func (p preferences) Language() explain.Language { return p.join.lang }

// OpenKeyFile opens a key file for this run.
func (p preferences) OpenKeyFile(_ context.Context, path string, password []byte) error {
	err := p.OpenSoftKey(path, password)
	if errors.Is(err, token.ErrPINWrong) {
		return &wrongPasswordError{err}
	}
	return err
}

// wrongPasswordError is a wrong PIN of a file, which people call a password.
type wrongPasswordError struct{ error }

func (e *wrongPasswordError) Unwrap() error { return e.error }

// ExplainCode names the message (package explain).
func (e *wrongPasswordError) ExplainCode() string { return "key-file-password" }

// ChangePIN replaces the PIN of a token.
func (p preferences) ChangePIN(ctx context.Context, at signing.Device, c token.PINChange) error {
	return p.Desk().ChangePIN(ctx, at, c)
}

// ReadTrust shows what a file of certificates holds.
func (p preferences) ReadTrust(path string) ([]truststore.Entry, error) {
	return p.LookIntoCertificates(path)
}

// TestStamp has a time-stamping server stamp a trial.
func (p preferences) TestStamp(ctx context.Context, url string) present.StampTrial {
	t, err := p.App.TestStamp(ctx, url)
	return present.StampTrial{Milliseconds: t.Took.Milliseconds(), By: t.By, Err: err}
}

// LogIn logs in to the document system, keeps the account's name, and tells who
// that is where the system knows.
func (p preferences) LogIn(ctx context.Context, c present.Credentials) (present.LoggedIn, error) {
	kept, err := p.App.LogIn(ctx, c.Login, c.Password, c.Keep)
	if errors.Is(err, app.ErrOneTime) {
		err = fmt.Errorf("%w: %w", present.ErrNewPassword, err)
	}
	if err != nil {
		return present.LoggedIn{}, err
	}
	if err := p.keepAccount(c.Login, ""); err != nil {
		return present.LoggedIn{}, err
	}
	in := present.LoggedIn{Kept: kept}
	if k := p.Effective().Connector.Kind; k == "" || k == settings.Reference {
		in.Person, err = p.Whoami(ctx)
	}
	return in, err
}

// ChangePassword replaces a one-time password and logs in with the new one.
func (p preferences) ChangePassword(ctx context.Context, c present.Credentials, fresh string) (present.LoggedIn, error) {
	if err := p.App.ChangePassword(ctx, c.Password, fresh); err != nil {
		return present.LoggedIn{}, err
	}
	c.Password = fresh
	return p.LogIn(ctx, c)
}

// keepAccount keeps the account's name, or the identity provider that knows it.
func (p preferences) keepAccount(login, identity string) error {
	return p.Keep(func(s *settings.Settings) { s.Connector.Login, s.Connector.Identity = login, identity })
}

// LogOut ends the session and forgets what renews it.
func (p preferences) LogOut(ctx context.Context) error {
	err := p.App.LogOut(ctx)
	return errors.Join(err, p.keepAccount(p.Stored().Connector.Login, ""))
}

// Provider is what people call the identity provider of the document system.
func (p preferences) Provider(ctx context.Context) (string, error) {
	found, err := p.App.Provider(ctx)
	return found.Name, err
}

// LogInByBrowser logs in with the browser of this computer.
func (p preferences) LogInByBrowser(ctx context.Context) (present.LoggedIn, error) {
	return p.logInAt(ctx, session.ByBrowser(func(address string) error { return desktop.Browse(ctx, address) }))
}

// LogInByCode logs in on another device.
func (p preferences) LogInByCode(ctx context.Context, told func(present.DeviceCode)) (present.LoggedIn, error) {
	return p.logInAt(ctx, session.ByCode(func(c login.Code) {
		told(present.DeviceCode{User: c.User, Address: c.Address, Until: c.Until})
	}))
}

// logInAt logs in at the identity provider, keeps where, and tells who that is.
func (p preferences) logInAt(ctx context.Context, way session.Way) (in present.LoggedIn, err error) {
	identity, kept, err := p.LogInAt(ctx, way)
	if err != nil {
		return in, err
	}
	if err := p.keepAccount("", identity); err != nil {
		return in, err
	}
	in.Kept = kept
	in.Person, err = p.Whoami(ctx)
	return in, err
}
