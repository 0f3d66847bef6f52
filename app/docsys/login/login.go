// Package login logs a person in at an identity provider (OpenID Connect) from a
// program on his computer, which keeps no secret of its own.
//
// There are two roads: the browser of this computer, which comes back to a
// loopback address (RFC 8252 with PKCE, RFC 7636), and a code that is typed on
// another device (RFC 8628). What they bring is shown to the document server,
// which verifies it; this package stores nothing and opens no browser itself.
package login

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// reason is an error whose name package explain knows.
type reason struct{ text, code string }

func (e *reason) Error() string { return e.text }

// ExplainCode names the message that a person reads (package explain).
func (e *reason) ExplainCode() string { return e.code }

var (
	// ErrUnreachable reports a provider that does not answer, or not as the standards say.
	ErrUnreachable error = &reason{"the identity provider does not answer as it must", "provider-unreachable"}
	// ErrDenied reports a log-in that was refused at the provider, by the person or by its rules.
	ErrDenied error = &reason{"the log-in was refused at the identity provider", "provider-denied"}
	// ErrTooLate reports a log-in that was not finished in time.
	ErrTooLate error = &reason{"the log-in was not finished in time", "provider-late"}
	// ErrForged reports an answer that does not belong to the log-in: another state's,
	// issuer's or nonce's.
	ErrForged error = &reason{"the answer does not belong to this log-in", "provider-forged"}
	// ErrEnded reports a refresh token that the provider takes no more.
	ErrEnded error = &reason{"the log-in at the identity provider has ended", "provider-ended"}
	// ErrNoCodes reports a provider that has no log-in by a code.
	ErrNoCodes error = &reason{"the identity provider has no log-in by a code", "provider-no-codes"}
)

// Patience is how long a person may take in the browser.
const Patience = 5 * time.Minute

// Tokens are what a log-in brings. None of them belongs on a disk.
type Tokens struct {
	// ID proves who it is; the server takes it once.
	ID string
	// Nonce is in ID; empty when ID has none.
	Nonce string
	// Refresh renews the log-in; empty when the provider gave none.
	Refresh string
}

// Provider is an identity provider as a document server names it.
type Provider struct {
	Issuer, ClientID string
	Scopes           []string
	// Client reaches the provider, with the program's rules of the network.
	Client *http.Client
}

// session is a provider that was found.
type session struct {
	Provider

	config   oauth2.Config
	verifier *oidc.IDTokenVerifier
	// namesIssuer says that answers in the browser carry iss (RFC 9207, 3).
	namesIssuer bool
	// revocation takes tokens that are not needed any more (RFC 7009); empty for none.
	revocation string
	asks       context.Context //nolint:containedctx // how the libraries are given the HTTP client
}

// secure reports an address that is not read on its way: https, or this machine.
func secure(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Scheme == "https" || u.Scheme == "http" && ip != nil && ip.IsLoopback()
}

// find asks the provider how it works (OpenID Connect Discovery 1.0).
func (p Provider) find(ctx context.Context) (*session, error) {
	if !secure(p.Issuer) {
		return nil, fmt.Errorf("log in at %s: %w: its address is not encrypted", p.Issuer, ErrUnreachable)
	}
	ctx = oidc.ClientContext(ctx, p.Client)
	found, err := oidc.NewProvider(ctx, p.Issuer)
	if err != nil {
		return nil, p.failed(ctx, err)
	}
	var more struct {
		NamesIssuer bool     `json:"authorization_response_iss_parameter_supported"`
		Methods     []string `json:"code_challenge_methods_supported"`
		Keys        string   `json:"jwks_uri"`
		Revocation  string   `json:"revocation_endpoint"`
	}
	if err := found.Claims(&more); err != nil {
		return nil, p.failed(ctx, err)
	}
	end := found.Endpoint()
	for _, at := range []string{end.AuthURL, end.TokenURL, more.Keys} {
		if !secure(at) {
			return nil, fmt.Errorf("log in at %s: %w: %q is not encrypted", p.Issuer, ErrUnreachable, at)
		}
	}
	if len(more.Methods) > 0 && !slices.Contains(more.Methods, "S256") {
		return nil, fmt.Errorf("log in at %s: %w: it has no PKCE by S256", p.Issuer, ErrUnreachable)
	}
	end.AuthStyle = oauth2.AuthStyleInParams // a public client has nothing else to show
	return &session{
		Provider: p, namesIssuer: more.NamesIssuer, revocation: more.Revocation, asks: ctx,
		config:   oauth2.Config{ClientID: p.ClientID, Endpoint: end, Scopes: p.Scopes},
		verifier: found.VerifierContext(ctx, &oidc.Config{ClientID: p.ClientID, SkipExpiryCheck: true}), // the server has the time that counts
	}, nil
}

// take reads the answer of the token endpoint. nonce is empty for none.
func (s *session) take(t *oauth2.Token, nonce string) (Tokens, error) {
	raw, _ := t.Extra("id_token").(string)
	if raw == "" {
		return Tokens{}, fmt.Errorf("log in at %s: %w: no ID token", s.Issuer, ErrUnreachable)
	}
	id, err := s.verifier.Verify(s.asks, raw)
	if err != nil {
		return Tokens{}, fmt.Errorf("log in at %s: %w: %w", s.Issuer, ErrForged, err)
	}
	if nonce != "" && id.Nonce != nonce {
		return Tokens{}, fmt.Errorf("log in at %s: %w: another nonce", s.Issuer, ErrForged)
	}
	return Tokens{ID: raw, Nonce: id.Nonce, Refresh: t.RefreshToken}, nil
}

// failed says in our words why the provider did not do what was asked.
func (p Provider) failed(ctx context.Context, err error) error {
	because := ErrUnreachable
	refusal, refused := errors.AsType[*oauth2.RetrieveError](err)
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		because = context.Canceled
	case errors.Is(err, context.DeadlineExceeded) && ctx.Err() != nil:
		because = ErrTooLate
	case !refused:
	case refusal.ErrorCode == "access_denied", refusal.ErrorCode == "unauthorized_client":
		because = ErrDenied
	case refusal.ErrorCode == "expired_token":
		because = ErrTooLate
	case refusal.ErrorCode == "invalid_grant":
		because = ErrEnded
	}
	if refused { // its own text may quote what was sent
		return fmt.Errorf("log in at %s: %w: %s %s", p.Issuer, because, refusal.ErrorCode, status(refusal.Response))
	}
	return fmt.Errorf("log in at %s: %w: %w", p.Issuer, because, err)
}

func status(r *http.Response) string {
	if r == nil {
		return ""
	}
	return r.Status
}

// Refresh renews a log-in. The refresh token of the answer takes the place of the
// one that was shown, which may work no more. ErrEnded says that the person must
// log in again; so must he at a provider whose answer has no ID token.
func (p Provider) Refresh(ctx context.Context, refresh string) (Tokens, error) {
	s, err := p.find(ctx)
	if err != nil {
		return Tokens{}, err
	}
	t, err := s.config.TokenSource(s.asks, &oauth2.Token{RefreshToken: refresh, Expiry: time.Unix(1, 0)}).Token()
	if err != nil {
		return Tokens{}, p.failed(ctx, err)
	}
	if raw, _ := t.Extra("id_token").(string); raw == "" { // it may (OpenID Connect Core 1.0, 12.2), and nothing else proves who it is
		return Tokens{}, fmt.Errorf("renew at %s: %w: no ID token", p.Issuer, ErrEnded)
	}
	if t.RefreshToken == "" {
		t.RefreshToken = refresh
	}
	return s.take(t, "")
}

// Revoke has the provider take a refresh token no more (RFC 7009). A provider that
// has no such call is no error.
func (p Provider) Revoke(ctx context.Context, refresh string) error {
	s, err := p.find(ctx)
	if err != nil {
		return err
	}
	if !secure(s.revocation) {
		return nil
	}
	form := url.Values{"token": {refresh}, "token_type_hint": {"refresh_token"}, "client_id": {p.ClientID}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.revocation, strings.NewReader(form.Encode()))
	if err != nil {
		return fmt.Errorf("log out at %s: %w", p.Issuer, err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := p.Client.Do(req)
	if err != nil {
		return p.failed(ctx, err)
	}
	_ = resp.Body.Close() // its status says it all
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("log out at %s: %w: %s", p.Issuer, ErrUnreachable, resp.Status)
	}
	return nil
}

// Code is what a person types on another device.
type Code struct {
	// User is to be typed at Address; Complete is an address that has it already,
	// to be shown as a picture; it may be empty.
	User, Address, Complete string
	Until                   time.Time
}

// Device logs in on another device. show is told the code; Device then waits until
// it was used, refused or too late, or ctx ends.
func (p Provider) Device(ctx context.Context, show func(Code)) (Tokens, error) {
	s, err := p.find(ctx)
	if err != nil {
		return Tokens{}, err
	}
	if !secure(s.config.Endpoint.DeviceAuthURL) {
		return Tokens{}, fmt.Errorf("log in at %s: %w", p.Issuer, ErrNoCodes)
	}
	nonce := rand.Text()
	d, err := s.config.DeviceAuth(s.asks, oidc.Nonce(nonce))
	if err != nil {
		return Tokens{}, p.failed(ctx, err)
	}
	if !secure(d.VerificationURI) || d.UserCode == "" {
		return Tokens{}, fmt.Errorf("log in at %s: %w: no code or no secure address for it", p.Issuer, ErrUnreachable)
	}
	if !secure(d.VerificationURIComplete) {
		d.VerificationURIComplete = ""
	}
	show(Code{User: d.UserCode, Address: d.VerificationURI, Complete: d.VerificationURIComplete, Until: d.Expiry})
	t, err := s.config.DeviceAccessToken(s.asks, d)
	if err != nil {
		if errors.Is(err, context.DeadlineExceeded) { // the code's, not ours
			return Tokens{}, fmt.Errorf("log in at %s: %w", p.Issuer, ErrTooLate)
		}
		return Tokens{}, p.failed(ctx, err)
	}
	got, err := s.take(t, "")
	if err == nil && got.Nonce != "" && got.Nonce != nonce { // a provider may leave it out here
		return Tokens{}, fmt.Errorf("log in at %s: %w: another nonce", p.Issuer, ErrForged)
	}
	return got, err
}
