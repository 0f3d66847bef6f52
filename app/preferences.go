package app

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"kyso/app/docsys"
	"kyso/app/keyring"
	"kyso/app/network"
	"kyso/app/settings"
	"kyso/app/signing"
	"kyso/signer"
	"kyso/signer/cert"
	"kyso/signer/token"
	"kyso/signer/token/discover"
	"kyso/signer/truststore"
)

// Now gives the person's settings and those in force.
func (a *App) Now() (stored, effective settings.Settings) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.Settings, a.Effective
}

// effective gives the settings in force.
func (a *App) effective() settings.Settings {
	_, e := a.Now()
	return e
}

// Desk is the road of the settings in force. What was begun on an earlier one
// goes on there.
func (a *App) Desk() *signing.Desk {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.Road
}

// Change keeps the settings and has them take effect: drivers at the next search,
// levels, time stamps, trust and the life of a PIN at the next document. Server
// and delivery take effect at the next start. When it fails nothing is changed.
func (a *App) Change(s settings.Settings) error {
	e, err := a.Policy.Apply(s)
	if err != nil {
		return fmt.Errorf("change the settings: %w", err)
	}
	now := a.effective() // what the connection was made of stays until the next start
	e.Server, e.Connector, e.Network, e.UndoSeconds = now.Server, now.Connector, now.Network, now.UndoSeconds
	road, err := a.desk(e)
	if err != nil {
		return fmt.Errorf("change the settings: %w", err)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := settings.Save(a.Folders, s); err != nil {
		return fmt.Errorf("change the settings: %w", err)
	}
	a.Settings, a.Effective, a.Road = s, e, road
	return nil
}

// Keep changes settings that take effect by themselves, such as the certificate
// used last.
func (a *App) Keep(change func(*settings.Settings)) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	s, e := a.Settings, a.Effective
	change(&s)
	if err := settings.Save(a.Folders, s); err != nil {
		return fmt.Errorf("keep a setting: %w", err)
	}
	e.LastCertificate, e.LastCertificates = s.LastCertificate, s.LastCertificates
	e.SignatureImage, e.InitialsImage, e.SealImage = s.SignatureImage, s.InitialsImage, s.SealImage
	a.Settings, a.Effective = s, e
	return nil
}

// PolicyFile is where the administrator's file lies.
func (a *App) PolicyFile() string { return first(a.options.Policy, settings.PolicyFile()) }

// trustFolder is the folder of trusted certificates: of the options, the
// handover or the settings.
func (a *App) trustFolder(e settings.Settings) string {
	return first(a.options.Trust, a.Handover.Trust, e.Trust)
}

// TestDriver loads a driver in its helper and lists its tokens.
func (a *App) TestDriver(ctx context.Context, path string) ([]token.Info, error) {
	found := discover.Named([]string{path})
	if len(found) == 0 {
		return nil, fmt.Errorf("test the driver %s: %w", path, token.ErrDriverMissing)
	}
	p, ok := a.open(found[0])
	if !ok {
		return nil, fmt.Errorf("test the driver %s: %w", path, found[0].Err)
	}
	all, err := p.Tokens(ctx)
	if err != nil {
		return nil, fmt.Errorf("test the driver %s: %w", path, err)
	}
	return all, nil
}

// Trusted lists the certificates that are trusted. They are fixed where the
// options or a handover name the folder.
func (a *App) Trusted() (all []truststore.Entry, fixed bool, err error) {
	e := a.effective()
	fixed = first(a.options.Trust, a.Handover.Trust) != ""
	anchors, others, err := ReadTrust(a.trustFolder(e))
	if err != nil {
		return nil, fixed, err
	}
	for _, c := range anchors {
		all = append(all, truststore.Entry{Subject: cert.Of(c), Root: true})
	}
	for _, c := range others {
		all = append(all, truststore.Entry{Subject: cert.Of(c)})
	}
	return all, fixed, nil
}

// LookIntoCertificates lists the certificates of CAs in a file, and keeps nothing.
func (a *App) LookIntoCertificates(path string) (all []truststore.Entry, err error) {
	dir, err := os.MkdirTemp(a.Folders.Cache, "trust-*")
	if err != nil {
		return nil, fmt.Errorf("look into %s: %w", path, err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	store, err := truststore.Open(dir)
	if err != nil {
		return nil, fmt.Errorf("look into %s: %w", path, err)
	}
	return addTo(store, path, "")
}

// addTo takes the certificates of a file into a store.
func addTo(store *truststore.Store, path, fingerprint string) ([]truststore.Entry, error) {
	st, err := os.Stat(path)
	if err == nil && st.Size() > maxCertificates {
		err = truststore.ErrFormat
	}
	var b []byte
	if err == nil {
		b, err = os.ReadFile(path)
	}
	if err != nil {
		return nil, fmt.Errorf("read the certificates %s: %w", path, err)
	}
	all, err := store.Add(b, fingerprint, time.Now())
	if err != nil {
		return nil, fmt.Errorf("read the certificates %s: %w", path, err)
	}
	return all, nil
}

// maxCertificates bounds a file of certificates.
const maxCertificates = 4 << 20

// Trust takes the certificates of a file into the person's store, which is made
// when there is none. With a fingerprint the one that has it is taken alone.
func (a *App) Trust(path, fingerprint string) error {
	stored, e := a.Now()
	folder := e.Trust
	if folder == "" {
		folder = filepath.Join(a.Folders.Data, "trust")
	}
	store, err := truststore.Open(folder)
	if err != nil {
		return fmt.Errorf("trust: %w", err)
	}
	if _, err := addTo(store, path, fingerprint); err != nil {
		return err
	}
	if e.Trust == "" {
		stored.Trust = folder
	}
	return a.Change(stored)
}

// Distrust takes a certificate out of the person's store.
func (a *App) Distrust(fingerprint string) error {
	stored, e := a.Now()
	store, err := truststore.Open(e.Trust)
	if err == nil {
		err = store.Remove(fingerprint)
	}
	if err != nil {
		return fmt.Errorf("distrust: %w", err)
	}
	return a.Change(stored)
}

// StampTrial is what came of a trial at a time-stamping server.
type StampTrial struct {
	Took time.Duration
	By   string // the name in the server's certificate
}

// TestStamp has a time-stamping server stamp a trial. The error is a
// *signer.TimeStampError.
func (a *App) TestStamp(ctx context.Context, url string) (StampTrial, error) {
	anchors, others, err := ReadTrust(a.trustFolder(a.effective()))
	if err != nil {
		return StampTrial{}, err
	}
	began := time.Now()
	got, bad := signer.ProbeTSA(ctx, Servers([]string{url})[0], signer.VerifyOptions{Anchors: anchors, Intermediates: others, Client: a.HTTP()})
	if bad != nil {
		return StampTrial{}, &signer.TimeStampError{Answers: []signer.TSAAnswer{*bad}}
	}
	t := StampTrial{Took: time.Since(began)}
	if got.Server != nil {
		t.By = cert.Of(got.Server).Name
	}
	return t, nil
}

// Wanted are the settings as they will be at the next start: the person's with
// what is locked.
func (a *App) Wanted() settings.Settings {
	stored, e := a.Now()
	wanted, err := a.Policy.Apply(stored)
	if err != nil {
		return e // it was applied at the start already
	}
	return wanted
}

// TestServer tries the connection that will be used after the next start, over
// the network rules of now.
func (a *App) TestServer(ctx context.Context) (docsys.Checkup, error) {
	w, e := a.Wanted(), a.effective()
	if k := w.Connector.Kind; (k == "" || k == settings.Reference) && a.Handover.Server == "" && w.Server != "" && w.Server != e.Server {
		return docsys.NewClient(w.Server, "", a.HTTP()).Check(ctx)
	}
	return a.CheckConnection(ctx, w.Connector, "")
}

// ErrOneTime reports a log-in with a one-time password: the server wants a new
// one before anything else.
var ErrOneTime = errors.New("the password was a one-time one")

// ChangePassword replaces the password of the account that is logged in.
func (a *App) ChangePassword(ctx context.Context, old, fresh string) error {
	if a.Client == nil {
		return docsys.ErrOffline
	}
	return a.Client.ChangePassword(ctx, old, fresh)
}

// Whoami asks the document system who is logged in.
func (a *App) Whoami(ctx context.Context) (docsys.Person, error) {
	if a.Client == nil {
		return docsys.Person{}, docsys.ErrOffline
	}
	return a.Client.Whoami(ctx)
}

// ShownPin gives the pin of the public key that a server shows now. It must be
// compared with what its administrator tells before it is kept.
func (a *App) ShownPin(ctx context.Context, server string) (host, pin string, err error) {
	u, err := url.Parse(server)
	if err != nil || u.Scheme != "https" || u.Hostname() == "" {
		return "", "", fmt.Errorf("ask %q for its key: %w", server, network.ErrNoTLS)
	}
	ctx, cancel := context.WithTimeout(ctx, checkLimit)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodHead, u.Scheme+"://"+u.Host+"/", nil)
	if err != nil {
		return "", "", fmt.Errorf("ask %s for its key: %w", u.Host, err)
	}
	resp, err := a.HTTP().Do(req)
	if err != nil {
		return "", "", fmt.Errorf("ask %s for its key: %w: %w", u.Host, docsys.ErrOffline, err)
	}
	if err := resp.Body.Close(); err != nil {
		return "", "", fmt.Errorf("ask %s for its key: %w", u.Host, err)
	}
	if resp.TLS == nil || len(resp.TLS.PeerCertificates) == 0 {
		return "", "", fmt.Errorf("ask %s for its key: %w", u.Host, network.ErrNoTLS)
	}
	return u.Hostname(), network.Pin(resp.TLS.PeerCertificates[0]), nil
}

// KeepProxyPassword keeps the password of the account at the proxy, in the
// keyring; kept is false where there is none, and then it lives until the end.
func (a *App) KeepProxyPassword(ctx context.Context, password string) (kept bool) {
	n := a.Wanted().Network
	a.remember(account{n.Proxy, n.ProxyLogin}, password)
	return keyring.Keep(ctx, n.Proxy, n.ProxyLogin, password) == nil
}
