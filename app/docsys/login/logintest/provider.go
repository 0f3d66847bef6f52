// Package logintest is an identity provider for tests, on loopback: small, strict
// where a client must be right, and wrong where a test wants it.
package logintest

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

// ClientID is how the provider knows the program.
const ClientID = "kyso-desktop"

// visitWithin bounds what a browser asks for.
const visitWithin = 10 * time.Second

// Provider is a running provider. Its fields are set before it is asked.
type Provider struct {
	URL     string
	Subject string // who logs in
	// Claims replace those of the tokens that it gives; nil removes one.
	Claims map[string]any
	// Redirect replaces parameters of the answer in the browser; "" removes one.
	Redirect map[string]string
	// Deny refuses the log-in, NoCodes has no log-in by a code, NoRefresh gives no
	// refresh tokens, NoRevocation takes none back, BareRefresh renews without an ID token.
	Deny, NoCodes, NoRefresh, NoRevocation, BareRefresh bool
	// Pending is how often a code is not used yet when it is asked for.
	Pending int

	clock func() time.Time
	web   *httptest.Server

	mu      sync.Mutex
	key     *rsa.PrivateKey
	kid     int
	down    bool
	asked   map[string]int // by path
	codes   map[string]url.Values
	refresh map[string]bool
}

// Start runs a provider and ends it with the test.
func Start(tb testing.TB, clock func() time.Time) *Provider {
	tb.Helper()
	p := &Provider{Subject: "nguoi-dung-7", clock: clock, asked: map[string]int{}, codes: map[string]url.Values{}, refresh: map[string]bool{}}
	p.Rotate(tb)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", p.discovery)
	mux.HandleFunc("GET /jwks", p.keys)
	mux.HandleFunc("GET /auth", p.authorize)
	mux.HandleFunc("POST /device", p.device)
	mux.HandleFunc("POST /token", p.token)
	mux.HandleFunc("POST /revoke", p.revoke)
	p.web = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		p.asked[r.URL.Path]++
		down := p.down
		p.mu.Unlock()
		if down {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		mux.ServeHTTP(w, r)
	}))
	p.URL = p.web.URL
	tb.Cleanup(p.web.Close)
	return p
}

// Rotate takes a new key and forgets the one before.
func (p *Provider) Rotate(tb testing.TB) {
	tb.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		tb.Fatal(err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.key, p.kid = key, p.kid+1
}

// Down has the provider fail every request, or work again.
func (p *Provider) Down(down bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.down = down
}

// Asked tells how often a path was asked for.
func (p *Provider) Asked(path string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.asked[path]
}

// Token gives an ID token; claims replace the usual ones, nil removes one.
func (p *Provider) Token(nonce string, claims map[string]any) string {
	return p.Signed(map[string]any{"alg": "RS256"}, nonce, claims)
}

// Signed gives an ID token with fields of its header replaced. It is signed by
// RS256 whatever the header says.
func (p *Provider) Signed(head map[string]any, nonce string, claims map[string]any) string {
	p.mu.Lock()
	key, kid := p.key, p.kid
	p.mu.Unlock()
	now := p.clock()
	all := map[string]any{
		"iss": p.URL, "sub": p.Subject, "aud": ClientID, "iat": now.Unix(), "exp": now.Add(time.Hour).Unix(), "jti": rand.Text(),
	}
	if nonce != "" {
		all["nonce"] = nonce
	}
	replace(all, claims)
	header := map[string]any{"typ": "JWT", "kid": fmt.Sprint("k", kid)}
	replace(header, head)
	signed := part(header) + "." + part(all)
	sum := sha256.Sum256([]byte(signed))
	value, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if err != nil {
		panic(err) // a key of ours signs
	}
	return signed + "." + base64.RawURLEncoding.EncodeToString(value)
}

func replace(all, by map[string]any) {
	maps.Copy(all, by)
	maps.DeleteFunc(all, func(_ string, v any) bool { return v == nil })
}

func part(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // claims of a test
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

func send(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the client is gone when this fails
}

func (p *Provider) discovery(w http.ResponseWriter, _ *http.Request) {
	all := map[string]any{
		"issuer": p.URL, "authorization_endpoint": p.URL + "/auth", "token_endpoint": p.URL + "/token", "jwks_uri": p.URL + "/jwks",
		"device_authorization_endpoint": p.URL + "/device", "id_token_signing_alg_values_supported": []string{"RS256"},
		"code_challenge_methods_supported": []string{"S256"}, "authorization_response_iss_parameter_supported": true,
	}
	if p.NoCodes {
		delete(all, "device_authorization_endpoint")
	}
	if !p.NoRevocation {
		all["revocation_endpoint"] = p.URL + "/revoke"
	}
	send(w, http.StatusOK, all)
}

func (p *Provider) keys(w http.ResponseWriter, _ *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	e := binary.BigEndian.AppendUint32(nil, uint32(p.key.E)) //nolint:gosec // 65537
	enc := base64.RawURLEncoding
	send(w, http.StatusOK, map[string]any{"keys": []map[string]any{{
		"kty": "RSA", "use": "sig", "alg": "RS256", "kid": fmt.Sprint("k", p.kid), "n": enc.EncodeToString(p.key.N.Bytes()), "e": enc.EncodeToString(e[1:]),
	}}})
}

// authorize lets the person in at once and sends the browser back.
func (p *Provider) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	back, err := url.Parse(q.Get("redirect_uri"))
	if err != nil || back.Hostname() != "127.0.0.1" || q.Get("client_id") != ClientID || q.Get("response_type") != "code" ||
		q.Get("code_challenge_method") != "S256" || len(q.Get("code_challenge")) != 43 || q.Get("state") == "" || q.Get("nonce") == "" {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	code := rand.Text()
	p.mu.Lock()
	p.codes[code] = q
	p.mu.Unlock()
	out := url.Values{"code": {code}, "state": {q.Get("state")}, "iss": {p.URL}}
	if p.Deny {
		out.Del("code")
		out.Set("error", "access_denied")
	}
	for k, v := range p.Redirect {
		out.Set(k, v)
		if v == "" {
			out.Del(k)
		}
	}
	back.RawQuery = out.Encode()
	http.Redirect(w, r, back.String(), http.StatusFound) //nolint:gosec // G710: to 127.0.0.1 alone, see above
}

func (p *Provider) device(w http.ResponseWriter, r *http.Request) {
	code := rand.Text()
	p.mu.Lock()
	p.codes[code] = url.Values{"nonce": {r.FormValue("nonce")}, "device": {"yes"}}
	p.mu.Unlock()
	send(w, http.StatusOK, map[string]any{
		"device_code": code, "user_code": "KYSO-2026", "verification_uri": p.URL + "/code", "verification_uri_complete": p.URL + "/code?user_code=KYSO-2026",
		"expires_in": 600, "interval": 1,
	})
}

// token gives tokens for a code of either kind or a refresh token, once.
func (p *Provider) token(w http.ResponseWriter, r *http.Request) {
	nonce, refusal := p.redeem(r)
	if refusal != "" {
		send(w, http.StatusBadRequest, map[string]string{"error": refusal})
		return
	}
	out := map[string]any{"access_token": rand.Text(), "token_type": "Bearer", "expires_in": 300, "id_token": p.Token(nonce, p.Claims)}
	if p.BareRefresh && r.FormValue("grant_type") == "refresh_token" {
		delete(out, "id_token")
	}
	if !p.NoRefresh {
		refresh := rand.Text()
		p.mu.Lock()
		p.refresh[refresh] = true
		p.mu.Unlock()
		out["refresh_token"] = refresh
	}
	send(w, http.StatusOK, out)
}

// revoke takes a refresh token back (RFC 7009, 2.2: one that is not known is no error).
func (p *Provider) revoke(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if r.FormValue("client_id") != ClientID {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	delete(p.refresh, r.FormValue("token"))
}

// Revoke takes every refresh token back, as an administrator does.
func (p *Provider) Revoke() {
	p.mu.Lock()
	defer p.mu.Unlock()
	clear(p.refresh)
}

// redeem takes what a request shows, and gives the nonce of its log-in.
func (p *Provider) redeem(r *http.Request) (nonce, refusal string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if r.FormValue("client_id") != ClientID {
		return "", "invalid_client"
	}
	switch r.FormValue("grant_type") {
	case "refresh_token":
		if !p.refresh[r.FormValue("refresh_token")] {
			return "", "invalid_grant"
		}
		delete(p.refresh, r.FormValue("refresh_token"))
		return "", ""
	case "authorization_code":
		asked, ok := p.codes[r.FormValue("code")]
		sum := sha256.Sum256([]byte(r.FormValue("code_verifier")))
		if !ok || asked.Get("code_challenge") != base64.RawURLEncoding.EncodeToString(sum[:]) || asked.Get("redirect_uri") != r.FormValue("redirect_uri") {
			return "", "invalid_grant"
		}
		delete(p.codes, r.FormValue("code"))
		return asked.Get("nonce"), ""
	case "urn:ietf:params:oauth:grant-type:device_code":
		return p.redeemDevice(r.FormValue("device_code"))
	}
	return "", "unsupported_grant_type"
}

// redeemDevice takes a code that was shown on another device.
func (p *Provider) redeemDevice(code string) (nonce, refusal string) {
	asked, ok := p.codes[code]
	switch {
	case !ok || asked.Get("device") == "":
		return "", "invalid_grant"
	case p.Deny:
		return "", "access_denied"
	case p.Pending > 0:
		p.Pending--
		return "", "authorization_pending"
	}
	delete(p.codes, code)
	return asked.Get("nonce"), ""
}

// Visit is a browser: it opens an address, follows where it is sent, and gives the
// page that it ends on.
func Visit(ctx context.Context, address string) (page string, status int, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return "", 0, fmt.Errorf("visit: %w", err)
	}
	resp, err := (&http.Client{Timeout: visitWithin}).Do(req)
	if err != nil {
		return "", 0, fmt.Errorf("visit: %w", err)
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		err = fmt.Errorf("visit: %w", err)
	}
	return strings.TrimSpace(string(b)), resp.StatusCode, err
}
