// Package session keeps a person logged in at a document server with his account at
// the server's identity provider.
//
// What renews the log-in, the refresh token, lies in the system's keyring and
// nowhere else; without a keyring it lives in memory until the program ends. The
// window and the command line share what is in the keyring. Passwords of local
// accounts are not its business.
package session

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"kyso/app/docsys"
	"kyso/app/docsys/login"
	"kyso/app/keyring"
	"kyso/app/turn"
)

// named is an error that names the message a person reads (package explain).
type named struct{ text, code string }

func (e *named) Error() string { return e.text }

// ExplainCode names the message.
func (e *named) ExplainCode() string { return e.code }

var (
	// ErrNoProvider reports a server that takes no accounts of an identity provider.
	ErrNoProvider error = &named{"the server takes no accounts of an identity provider", "no-provider"}
	// ErrNobody reports that nobody has logged in who could be logged in again.
	ErrNobody error = &named{"nobody is logged in with an account of the identity provider", "provider-nobody"}
)

// Options are what a Keeper works with; all but Folder are required.
type Options struct {
	// Client asks the server; a log-in is its.
	Client *docsys.Client
	// HTTP reaches the provider.
	HTTP *http.Client
	// Target names the server in the keyring: its address.
	Target string
	// Folder is where processes wait for each other; empty for a process alone.
	Folder string
}

// Keeper logs a person in at one server and renews the log-in. Its methods may be
// called from several goroutines.
type Keeper struct {
	options Options

	mu    sync.Mutex
	alone map[string]string // refresh tokens by issuer, where the keyring took none
}

// New makes a keeper; nobody is asked for anything yet.
func New(o Options) *Keeper {
	o.Target = strings.TrimRight(o.Target, "/")
	return &Keeper{options: o, alone: map[string]string{}}
}

// Provider is the identity provider whose accounts the server takes, ErrNoProvider
// for none.
func (k *Keeper) Provider(ctx context.Context) (docsys.Provider, error) {
	c, err := k.options.Client.Describe(ctx)
	if err != nil {
		return docsys.Provider{}, err
	}
	if !slices.Contains(c.Login, "oidc") || len(c.Providers) == 0 {
		return docsys.Provider{}, fmt.Errorf("%s: %w", k.options.Target, ErrNoProvider)
	}
	return c.Providers[0], nil
}

// at is a provider as package login reaches it.
func (k *Keeper) at(p docsys.Provider) login.Provider {
	return login.Provider{Issuer: p.Issuer, ClientID: p.ClientID, Scopes: p.Scopes, Client: k.options.HTTP}
}

// Way is a road to log in: ByBrowser or ByCode.
type Way func(context.Context, login.Provider) (login.Tokens, error)

// ByBrowser logs in with the browser of this computer, which open opens at an address.
func ByBrowser(open func(address string) error) Way {
	return func(ctx context.Context, p login.Provider) (login.Tokens, error) { return p.Browser(ctx, open) }
}

// ByCode logs in on another device with a code that show is told.
func ByCode(show func(login.Code)) Way {
	return func(ctx context.Context, p login.Provider) (login.Tokens, error) { return p.Device(ctx, show) }
}

// LogIn logs the person in. issuer is where; kept is false where there is no keyring,
// or the provider gave nothing to keep: the log-in then ends with the program.
// A person whom the server does not know yet is a *docsys.Problem that says what
// its administrator needs.
func (k *Keeper) LogIn(ctx context.Context, way Way) (issuer string, kept bool, err error) {
	p, err := k.Provider(ctx)
	if err != nil {
		return "", false, err
	}
	tokens, err := way(ctx, k.at(p))
	if err != nil {
		return "", false, err
	}
	if _, err := k.options.Client.LoginWithIdentity(ctx, tokens.ID, tokens.Nonce); err != nil {
		return "", false, err
	}
	release, err := k.turn(ctx)
	if err != nil {
		return "", false, err
	}
	kept = k.keep(ctx, p.Issuer, tokens.Refresh)
	return p.Issuer, kept, release()
}

// Renew logs the person in again without asking him, for Client.SetRenew. A provider
// that cannot be reached is docsys.ErrOffline: another try may succeed. Otherwise the
// person must log in himself: login.ErrEnded, ErrNobody and others say why.
func (k *Keeper) Renew(ctx context.Context) (err error) {
	// One after the other: a refresh token is often good for once, and one that is
	// shown twice ends them all.
	release, err := k.turn(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, release()) }()
	p, err := k.Provider(ctx)
	if err != nil {
		return err
	}
	refresh, err := k.find(ctx, p.Issuer)
	if err != nil {
		return err
	}
	for again := false; ; again = true {
		tokens, err := k.at(p).Refresh(ctx, refresh)
		switch {
		case errors.Is(err, login.ErrEnded):
			return errors.Join(err, k.forget(ctx, p.Issuer))
		case errors.Is(err, login.ErrUnreachable), errors.Is(err, login.ErrTooLate):
			return fmt.Errorf("%w: %w", docsys.ErrOffline, err)
		case err != nil:
			return err
		}
		k.keep(ctx, p.Issuer, tokens.Refresh) // what was shown works no more
		_, err = k.options.Client.LoginWithIdentity(ctx, tokens.ID, tokens.Nonce)
		if again || !isUsed(err) {
			return err
		}
		refresh = tokens.Refresh
		select {
		case <-time.After(tick):
		case <-ctx.Done():
			return fmt.Errorf("renew the log-in: %w", ctx.Err())
		}
	}
}

// tick is more than the unit in which ID tokens tell the time (RFC 7519, 2): a provider
// that puts nothing else into them gives the same one for all of a second, and the
// server takes each once.
const tick = 1100 * time.Millisecond

// isUsed reports that the server took the same ID token before.
func isUsed(err error) bool {
	r, ok := errors.AsType[*docsys.Problem](err)
	return ok && path.Base(r.Type) == "identity-used"
}

// Forget ends what LogIn began: the refresh token is forgotten, and the provider asked
// to take it no more. issuer is the provider, empty for the one that the server names.
// That nobody was logged in is no error.
func (k *Keeper) Forget(ctx context.Context, issuer string) (err error) {
	release, err := k.turn(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, release()) }()
	p, err := k.Provider(ctx)
	if issuer == "" {
		issuer = p.Issuer
	}
	switch {
	case issuer != "":
	case errors.Is(err, ErrNoProvider):
		return nil
	default:
		return err
	}
	refresh, found := k.find(ctx, issuer)
	gone := k.forget(ctx, issuer)
	if found != nil || p.Issuer != issuer { // another provider does not learn it
		return gone
	}
	return errors.Join(gone, k.at(p).Revoke(ctx, refresh))
}

// turn waits until no other process renews.
func (k *Keeper) turn(ctx context.Context) (release func() error, err error) {
	if k.options.Folder == "" {
		return func() error { return nil }, nil
	}
	return turn.Take(ctx, filepath.Join(k.options.Folder, "login.lock"))
}

// entry is the account's name in the keyring.
func entry(issuer string) string { return "OpenID " + issuer }

// keep keeps a refresh token in the keyring, else in memory; empty keeps none, and
// none of an earlier log-in.
func (k *Keeper) keep(ctx context.Context, issuer, refresh string) (kept bool) {
	if refresh == "" {
		_ = k.forget(ctx, issuer) // one that stays is used for nothing but a renewal, which then fails
		return false
	}
	kept = keyring.Keep(ctx, k.options.Target, entry(issuer), refresh) == nil
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.alone, issuer)
	if !kept {
		k.alone[issuer] = refresh
	}
	return kept
}

// find gives the refresh token: another process may have replaced the one in the
// keyring since it was seen last.
func (k *Keeper) find(ctx context.Context, issuer string) (string, error) {
	k.mu.Lock()
	refresh, ok := k.alone[issuer]
	k.mu.Unlock()
	if ok {
		return refresh, nil
	}
	refresh, err := keyring.Find(ctx, k.options.Target, entry(issuer))
	if errors.Is(err, keyring.ErrNone) || errors.Is(err, keyring.ErrUnavailable) {
		return "", fmt.Errorf("%w: %w", ErrNobody, err)
	}
	return refresh, err
}

// forget drops the refresh token.
func (k *Keeper) forget(ctx context.Context, issuer string) error {
	k.mu.Lock()
	delete(k.alone, issuer)
	k.mu.Unlock()
	if err := keyring.Forget(ctx, k.options.Target, entry(issuer)); err != nil && !errors.Is(err, keyring.ErrUnavailable) {
		return err
	}
	return nil
}
