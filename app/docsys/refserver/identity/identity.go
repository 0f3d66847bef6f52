// Package identity verifies that an identity provider (OpenID Connect Core 1.0)
// said who somebody is.
//
// It asks the provider that the administrator configured for its keys, and
// nobody else: not what a token names, and nowhere where the provider redirects
// to. It knows no accounts and keeps nothing but the provider's keys, for a while.
package identity

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/time/rate"
)

var (
	// ErrUnreachable reports a provider that does not answer, or not as it must.
	ErrUnreachable = errors.New("the identity provider does not answer as it must")
	// ErrRefused reports a token that does not prove who somebody is.
	ErrRefused = errors.New("the identity token is refused")
	// ErrConfig reports a configuration that cannot be used.
	ErrConfig = errors.New("the configuration of the identity provider cannot be used")
)

const (
	// skew is how far the clocks of provider and server may be apart.
	skew = time.Minute
	// fresh is how old a token may be: it is shown as soon as it was given.
	fresh = 10 * time.Minute
	// keysFor is how long keys are used before they are asked for again: a key
	// that the provider took back is not trusted for longer.
	keysFor = 15 * time.Minute
	// askWithin bounds one request to the provider.
	askWithin = 8 * time.Second
	// Anybody may send tokens that name keys which nobody knows, and each makes the
	// server ask: after askBurst requests it asks once in askEvery, for all who wait.
	askBurst = 10
	askEvery = 2 * time.Second
	// maxAnswer bounds an answer of the provider, in bytes.
	maxAnswer = 1 << 20
	// MaxToken is the longest token that is looked at, in bytes.
	MaxToken = 16 << 10
	maxText  = 255 // of a subject, OpenID Connect Core 1.0, 2
)

// Config names a provider. Issuer and ClientID are required.
type Config struct {
	// Issuer is the provider's address, https, exactly as its tokens say it.
	Issuer string `json:"issuer"`
	// ClientID is what the desktop program is called at the provider.
	ClientID string `json:"client_id"`
	// Name is what people call the provider; the issuer's host without it.
	Name string `json:"name"`
	// Audience must be named in a token; ClientID without it.
	Audience string `json:"audience"`
	// Scopes are asked for by the desktop; openid and offline_access without them.
	Scopes []string `json:"scopes"`
	// SubjectClaim tells who it is; "sub" without it. Another claim must be one
	// that the provider never gives to a second person.
	SubjectClaim string `json:"subject_claim"`
	// Algorithms may sign tokens; without them RS256, PS256 and ES256. "none" and
	// those with a shared secret are never taken.
	Algorithms []string `json:"algorithms"`
	// LoopbackHTTP permits http to an issuer on 127.0.0.1 or ::1, for tests.
	LoopbackHTTP bool `json:"loopback_http"`
}

// ReadConfig reads a configuration (JSON) and checks it.
func ReadConfig(file string) (Config, error) {
	raw, err := os.ReadFile(file)
	if err != nil {
		return Config{}, fmt.Errorf("read the identity provider: %w", err)
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	var c Config
	if err := dec.Decode(&c); err != nil {
		return Config{}, fmt.Errorf("%w: %s: %w", ErrConfig, file, err)
	}
	return c.complete()
}

// asymmetric are the algorithms that can be allowed (RFC 7518, 3.1; RFC 8037).
func asymmetric() []string {
	return []string{oidc.RS256, oidc.RS384, oidc.RS512, oidc.PS256, oidc.PS384, oidc.PS512, oidc.ES256, oidc.ES384, oidc.ES512, oidc.EdDSA}
}

// complete fills in what was left out and refuses what cannot be used.
func (c Config) complete() (Config, error) {
	u, err := url.Parse(c.Issuer)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return c, fmt.Errorf("%w: issuer %q is no address", ErrConfig, c.Issuer)
	}
	if !c.secure(u) {
		return c, fmt.Errorf("%w: issuer %s: only https", ErrConfig, c.Issuer)
	}
	if c.ClientID == "" {
		return c, fmt.Errorf("%w: client_id is missing", ErrConfig)
	}
	if c.Name == "" {
		c.Name = u.Hostname()
	}
	if c.Audience == "" {
		c.Audience = c.ClientID
	}
	if c.SubjectClaim == "" {
		c.SubjectClaim = "sub"
	}
	if len(c.Scopes) == 0 {
		c.Scopes = []string{oidc.ScopeOpenID, oidc.ScopeOfflineAccess}
	}
	if len(c.Algorithms) == 0 {
		c.Algorithms = []string{oidc.RS256, oidc.PS256, oidc.ES256}
	}
	for _, a := range c.Algorithms {
		if !slices.Contains(asymmetric(), a) {
			return c, fmt.Errorf("%w: algorithm %q", ErrConfig, a)
		}
	}
	return c, nil
}

// secure reports an address to which the provider's keys may be asked.
func (c Config) secure(u *url.URL) bool {
	if u.Scheme == "https" {
		return true
	}
	ip, err := netip.ParseAddr(u.Hostname())
	return c.LoopbackHTTP && u.Scheme == "http" && err == nil && ip.IsLoopback()
}

// Identity is somebody whom the provider knows.
type Identity struct {
	Issuer, Subject string
	// Digest identifies the token whatever its signature's encoding; a token is
	// taken once, and not after Until.
	Digest [sha256.Size]byte
	Until  time.Time
}

// Provider verifies the tokens of one provider. Its methods may be called from
// several goroutines.
type Provider struct {
	config Config
	client *http.Client
	clock  func() time.Time

	pace  *rate.Limiter
	slot  chan struct{} // held by the one who looks for keys and asked
	keys  oidc.KeySet
	asked time.Time // when the keys were found
}

// New makes a provider. It is asked for nothing before the first token comes, so
// a server starts without it. transport reaches it.
func New(c Config, transport http.RoundTripper, clock func() time.Time) (*Provider, error) {
	c, err := c.complete()
	if err != nil {
		return nil, err
	}
	p := &Provider{config: c, clock: clock, pace: rate.NewLimiter(rate.Every(askEvery), askBurst), slot: make(chan struct{}, 1)}
	p.client = &http.Client{
		Timeout: askWithin, Transport: bounded{p, transport},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return p, nil
}

// Config is the configuration in force.
func (p *Provider) Config() Config { return p.config }

// claims are those that are judged besides what the library judges.
type claims struct {
	Issuer   string   `json:"iss"`
	Audience audience `json:"aud"`
	Party    string   `json:"azp"`
	Expiry   float64  `json:"exp"`
	IssuedAt float64  `json:"iat"`
	Nonce    string   `json:"nonce"`
}

// audience is one name or several (RFC 7519, 4.1.3).
type audience []string

// UnmarshalJSON reads either form.
func (a *audience) UnmarshalJSON(b []byte) error {
	var one string
	if json.Unmarshal(b, &one) == nil {
		*a = audience{one}
		return nil
	}
	var many []string
	if err := json.Unmarshal(b, &many); err != nil {
		return fmt.Errorf("aud: %w", err)
	}
	*a = many
	return nil
}

// Verify judges a token (OpenID Connect Core 1.0, 3.1.3.7). nonce is the one that
// the log-in was begun with; a token without one, as renewals bring, wants none.
// The error is ErrRefused or ErrUnreachable.
func (p *Provider) Verify(ctx context.Context, token, nonce string) (Identity, error) {
	signed, c, err := p.peek(token)
	if err != nil {
		return Identity{}, fmt.Errorf("%w: %w", ErrRefused, err)
	}
	// Cheap refusals come first: they cost no request to the provider.
	if err := p.judge(c, nonce); err != nil {
		return Identity{}, fmt.Errorf("%w: %w", ErrRefused, err)
	}
	keys, err := p.find(ctx)
	if err != nil {
		return Identity{}, err
	}
	watched := &watchedKeys{KeySet: keys}
	verifier := oidc.NewVerifier(p.config.Issuer, watched, &oidc.Config{
		ClientID: p.config.Audience, SupportedSigningAlgs: p.config.Algorithms, Now: func() time.Time { return p.clock().Add(-skew) },
	})
	got, err := verifier.Verify(ctx, token)
	if watched.unreachable(err) {
		return Identity{}, fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	if err != nil {
		return Identity{}, fmt.Errorf("%w: %w", ErrRefused, err)
	}
	subject, err := p.subject(got)
	if err != nil {
		return Identity{}, fmt.Errorf("%w: %w", ErrRefused, err)
	}
	return Identity{Issuer: p.config.Issuer, Subject: subject, Digest: sha256.Sum256([]byte(signed)), Until: p.until(c)}, nil
}

// tokenError says what is wrong with a token; it never quotes it.
type tokenError string

func (e tokenError) Error() string { return string(e) }

// peek reads a token without believing it, and gives what its signature covers.
func (p *Provider) peek(token string) (signed string, c claims, err error) {
	if len(token) > MaxToken {
		return "", c, tokenError("it is too long")
	}
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return "", c, tokenError("it is no signed JWT")
	}
	var head struct {
		Algorithm string `json:"alg"`
	}
	for i, into := range []any{&head, &c} {
		raw, err := base64.RawURLEncoding.Strict().DecodeString(parts[i])
		if err != nil || json.Unmarshal(raw, into) != nil {
			return "", c, tokenError("it is no signed JWT")
		}
	}
	if !slices.Contains(p.config.Algorithms, head.Algorithm) {
		return "", c, tokenError("its algorithm is not allowed")
	}
	return parts[0] + "." + parts[1], c, nil
}

// judge holds the claims to the configuration, the time and the nonce.
func (p *Provider) judge(c claims, nonce string) error {
	now := float64(p.clock().Unix())
	late, old := skew.Seconds(), fresh.Seconds()
	switch {
	case c.Issuer != p.config.Issuer:
		return tokenError("another issuer gave it")
	case !slices.Contains(c.Audience, p.config.Audience):
		return tokenError("it is for another audience")
	case c.Party != "" && c.Party != p.config.ClientID, c.Party == "" && len(c.Audience) > 1:
		return tokenError("it was given to another program")
	case c.Expiry+late < now:
		return tokenError("it has expired")
	case c.IssuedAt-late > now:
		return tokenError("it is from the future: compare the clocks")
	case c.IssuedAt+old+late < now:
		return tokenError("it was given too long ago")
	case subtle.ConstantTimeCompare([]byte(c.Nonce), []byte(nonce)) != 1:
		return tokenError("it belongs to another log-in (nonce)")
	}
	return nil
}

// until is when a token is refused for its age anyway.
func (p *Provider) until(c claims) time.Time {
	return time.Unix(int64(c.IssuedAt), 0).Add(fresh + 2*skew)
}

// subject reads who it is.
func (p *Provider) subject(t *oidc.IDToken) (string, error) {
	subject := t.Subject
	if p.config.SubjectClaim != "sub" {
		all := map[string]any{}
		if err := t.Claims(&all); err != nil {
			return "", tokenError("its claims cannot be read")
		}
		subject, _ = all[p.config.SubjectClaim].(string)
	}
	if !IsSubject(subject) {
		return "", tokenError("it does not say who it is for")
	}
	return subject, nil
}

// IsSubject reports a text that can name somebody at a provider: 1 to 255 bytes
// that can be printed.
func IsSubject(s string) bool {
	return s != "" && len(s) <= maxText && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f || r == 0xfffd })
}

// find gives the provider's keys, and asks for them again after a while.
func (p *Provider) find(ctx context.Context) (oidc.KeySet, error) {
	select {
	case p.slot <- struct{}{}:
		defer func() { <-p.slot }()
	case <-ctx.Done():
		return nil, fmt.Errorf("%w: %w", ErrUnreachable, ctx.Err())
	}
	now := p.clock()
	if p.keys != nil && now.Before(p.asked.Add(keysFor)) {
		return p.keys, nil
	}
	found, err := oidc.NewProvider(oidc.ClientContext(ctx, p.client), p.config.Issuer)
	if err != nil {
		return nil, fmt.Errorf("%w: discovery: %w", ErrUnreachable, err)
	}
	var more struct {
		Keys string `json:"jwks_uri"`
	}
	if err := found.Claims(&more); err != nil {
		return nil, fmt.Errorf("%w: discovery: %w", ErrUnreachable, err)
	}
	u, err := url.Parse(more.Keys)
	if err != nil || u.Host == "" || !p.config.secure(u) {
		return nil, fmt.Errorf("%w: its keys are not at a secure address", ErrUnreachable)
	}
	// The library asks for keys in the background, past this call.
	p.keys = oidc.NewRemoteKeySet(oidc.ClientContext(context.WithoutCancel(ctx), p.client), more.Keys)
	p.asked = now
	return p.keys, nil
}

// watchedKeys notes whether a verification failed for want of keys.
type watchedKeys struct {
	oidc.KeySet

	err error
}

// VerifySignature verifies with the keys.
func (w *watchedKeys) VerifySignature(ctx context.Context, jwt string) ([]byte, error) {
	payload, err := w.KeySet.VerifySignature(ctx, jwt)
	w.err = err
	return payload, err //nolint:wrapcheck // the library's own
}

// unreachable tells the want of keys from a signature that no key made.
func (w *watchedKeys) unreachable(err error) bool {
	return err != nil && w.err != nil && strings.HasPrefix(w.err.Error(), "fetching keys")
}

// bounded reaches the provider, not too often, and reads no endless answer.
type bounded struct {
	p    *Provider
	next http.RoundTripper
}

// RoundTrip asks the provider.
func (b bounded) RoundTrip(req *http.Request) (*http.Response, error) {
	if !b.p.config.secure(req.URL) {
		return nil, fmt.Errorf("%w: %s is not secure", ErrUnreachable, req.URL.Host)
	}
	if err := b.p.pace.Wait(req.Context()); err != nil {
		return nil, fmt.Errorf("%w: it was asked too often: %w", ErrUnreachable, err)
	}
	resp, err := b.next.RoundTrip(req)
	if err != nil {
		return nil, err //nolint:wrapcheck // http.Client wraps it
	}
	resp.Body = struct {
		io.Reader
		io.Closer
	}{io.LimitReader(resp.Body, maxAnswer), resp.Body}
	return resp, nil
}
