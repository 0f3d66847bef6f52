package identity_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kyso/app/docsys/login/logintest"
	"kyso/app/docsys/refserver/identity"
	site "kyso/app/docsys/refserver/refservertest"
)

func open(tb testing.TB, p *logintest.Provider, c *site.Clock, change func(*identity.Config)) *identity.Provider {
	tb.Helper()
	config := identity.Config{Issuer: p.URL, ClientID: logintest.ClientID, LoopbackHTTP: true}
	if change != nil {
		change(&config)
	}
	out, err := identity.New(config, http.DefaultTransport, c.Now)
	if err != nil {
		tb.Fatal(err)
	}
	return out
}

func TestATokenIdentifies(t *testing.T) {
	c := site.NewClock()
	p := logintest.Start(t, c.Now)
	now := c.Now().Unix()
	cases := map[string]struct {
		nonce  string
		claims map[string]any
		change func(*identity.Config)
		want   string
	}{
		"as it comes":                   {"n", nil, nil, p.Subject},
		"renewed, without a nonce":      {"", nil, nil, p.Subject},
		"for several programs":          {"n", map[string]any{"aud": []string{"khac", logintest.ClientID}, "azp": logintest.ClientID}, nil, p.Subject},
		"for an audience of its own":    {"n", map[string]any{"aud": "ho-so"}, func(c *identity.Config) { c.Audience = "ho-so" }, p.Subject},
		"by another claim":              {"n", map[string]any{"employee": "CB-0042"}, func(c *identity.Config) { c.SubjectClaim = "employee" }, "CB-0042"},
		"by a clock that is ahead":      {"n", map[string]any{"iat": now + 50}, nil, p.Subject},
		"expired within the clock skew": {"n", map[string]any{"exp": now - 50}, nil, p.Subject},
	}
	for name, k := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := open(t, p, c, k.change).Verify(t.Context(), p.Token(k.nonce, k.claims), k.nonce)
			if err != nil || got.Subject != k.want || got.Issuer != p.URL || !got.Until.After(c.Now()) {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
}

func TestATokenIsRefused(t *testing.T) {
	c := site.NewClock()
	p, other := logintest.Start(t, c.Now), logintest.Start(t, c.Now)
	now := c.Now().Unix()
	token := func(claims map[string]any) string { return p.Token("n", claims) }
	good := strings.Split(token(nil), ".")
	enc := base64.RawURLEncoding
	shared := enc.EncodeToString([]byte(`{"alg":"HS256","kid":"k1"}`)) + "." + good[1]
	mac := hmac.New(sha256.New, []byte(p.URL))
	_, _ = mac.Write([]byte(shared))
	cases := map[string]string{
		"of another issuer":                token(map[string]any{"iss": "https://xau.example"}),
		"by another provider's key":        other.Token("n", map[string]any{"iss": p.URL}),
		"for another audience":             token(map[string]any{"aud": "khac"}),
		"for no audience":                  token(map[string]any{"aud": nil}),
		"for several, given to another":    token(map[string]any{"aud": []string{"khac", logintest.ClientID}, "azp": "khac"}),
		"for several, given to nobody":     token(map[string]any{"aud": []string{"khac", logintest.ClientID}}),
		"given to another":                 token(map[string]any{"azp": "khac"}),
		"expired":                          token(map[string]any{"exp": now - 61}),
		"without an end":                   token(map[string]any{"exp": nil}),
		"from the future":                  token(map[string]any{"iat": now + 61}),
		"not valid yet":                    token(map[string]any{"nbf": now + 3600}),
		"given too long ago":               token(map[string]any{"iat": now - 700}),
		"without a time":                   token(map[string]any{"iat": nil}),
		"with another nonce":               p.Token("khac", nil),
		"without the nonce":                p.Token("", nil),
		"about nobody":                     token(map[string]any{"sub": nil}),
		"about somebody with a long name":  token(map[string]any{"sub": strings.Repeat("x", 256)}),
		"about somebody with control text": token(map[string]any{"sub": "a\nb"}),
		"with another signature":           good[0] + "." + good[1] + "." + strings.Split(token(nil), ".")[2],
		"without a signature":              good[0] + "." + good[1] + ".",
		"with no algorithm":                enc.EncodeToString([]byte(`{"alg":"none"}`)) + "." + good[1] + ".",
		"with a shared secret":             shared + "." + enc.EncodeToString(mac.Sum(nil)),
		"with an algorithm not allowed":    p.Signed(map[string]any{"alg": "RS512"}, "n", nil),
		"with an algorithm that lies":      p.Signed(map[string]any{"alg": "PS256"}, "n", nil),
		"by a key that nobody knows":       p.Signed(map[string]any{"alg": "RS256", "kid": "k99"}, "n", nil),
		"in two parts":                     good[0] + "." + good[1],
		"empty":                            "",
		"no token at all":                  "a.b.c",
		"endless":                          strings.Repeat("a", identity.MaxToken+1),
	}
	v := open(t, p, c, nil)
	if _, err := v.Verify(t.Context(), token(nil), "n"); err != nil {
		t.Fatal(err)
	}
	for name, k := range cases {
		t.Run(name, func(t *testing.T) {
			if got, err := v.Verify(t.Context(), k, "n"); !errors.Is(err, identity.ErrRefused) || got != (identity.Identity{}) {
				t.Errorf("got %+v, %v, want ErrRefused", got, err)
			}
		})
	}
}

// What the provider would refuse for its claims costs it no request.
func TestCheapRefusalsAskNobody(t *testing.T) {
	c := site.NewClock()
	p := logintest.Start(t, c.Now)
	v := open(t, p, c, nil)
	for range 50 {
		_, _ = v.Verify(t.Context(), p.Token("n", map[string]any{"aud": "khac"}), "n")
	}
	if n := p.Asked("/jwks") + p.Asked("/.well-known/openid-configuration"); n != 0 {
		t.Errorf("the provider was asked %d times", n)
	}
}

func TestKeysChange(t *testing.T) {
	c := site.NewClock()
	p := logintest.Start(t, c.Now)
	v := open(t, p, c, nil)
	old := p.Token("n", nil)
	if _, err := v.Verify(t.Context(), old, "n"); err != nil {
		t.Fatal(err)
	}
	for range 5 {
		if _, err := v.Verify(t.Context(), old, "n"); err != nil {
			t.Fatal(err)
		}
	}
	if n := p.Asked("/jwks"); n != 1 {
		t.Errorf("the keys were asked for %d times, want once", n)
	}
	p.Rotate(t)
	if _, err := v.Verify(t.Context(), p.Token("n", nil), "n"); err != nil {
		t.Errorf("by the new key: %v", err)
	}
	if _, err := v.Verify(t.Context(), old, "n"); !errors.Is(err, identity.ErrRefused) {
		t.Errorf("by the old key: %v, want ErrRefused", err)
	}
	// A key that was taken back without a new one being used is not trusted for long.
	last := p.Token("n", map[string]any{"iat": c.Now().Add(16 * time.Minute).Unix()})
	p.Rotate(t)
	c.Forward(16 * time.Minute)
	if _, err := v.Verify(t.Context(), last, "n"); !errors.Is(err, identity.ErrRefused) {
		t.Errorf("by a key that was taken back: %v, want ErrRefused", err)
	}
}

func TestAProviderThatIsDown(t *testing.T) {
	c := site.NewClock()
	p := logintest.Start(t, c.Now)
	v := open(t, p, c, nil)
	p.Down(true)
	if _, err := v.Verify(t.Context(), p.Token("n", nil), "n"); !errors.Is(err, identity.ErrUnreachable) {
		t.Errorf("without discovery: %v, want ErrUnreachable", err)
	}
	p.Down(false)
	if _, err := v.Verify(t.Context(), p.Token("n", nil), "n"); err != nil {
		t.Errorf("up again: %v", err)
	}
	p.Rotate(t)
	p.Down(true)
	if _, err := v.Verify(t.Context(), p.Token("n", nil), "n"); !errors.Is(err, identity.ErrUnreachable) {
		t.Errorf("without keys: %v, want ErrUnreachable", err)
	}
}

// The server goes nowhere but to the issuer and the keys that it names, over TLS.
func TestDiscoveryLeadsNowhereElse(t *testing.T) {
	c := site.NewClock()
	inside := 0
	hidden := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { inside++ }))
	t.Cleanup(hidden.Close)
	var body string
	moved := false
	issuer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if moved {
			http.Redirect(w, r, hidden.URL, http.StatusFound)
			return
		}
		_, _ = w.Write([]byte(body))
	}))
	t.Cleanup(issuer.Close)
	known := logintest.Start(t, c.Now)
	for name, set := range map[string]func(){
		"a redirect":                  func() { moved = true },
		"another issuer's discovery":  func() { body = `{"issuer":"https://khac.example","jwks_uri":"` + hidden.URL + `"}` },
		"keys in the open":            func() { body = `{"issuer":"` + issuer.URL + `","jwks_uri":"http://169.254.169.254/latest"}` },
		"keys in a file":              func() { body = `{"issuer":"` + issuer.URL + `","jwks_uri":"file:///etc/passwd"}` },
		"no keys":                     func() { body = `{"issuer":"` + issuer.URL + `"}` },
		"something else than JSON":    func() { body = `<html>` },
		"an answer that never is one": func() { body = `{"issuer":"` + strings.Repeat("x", 2<<20) },
	} {
		t.Run(name, func(t *testing.T) {
			moved, body = false, ""
			set()
			v, err := identity.New(identity.Config{Issuer: issuer.URL, ClientID: logintest.ClientID, LoopbackHTTP: true}, http.DefaultTransport, c.Now)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := v.Verify(t.Context(), known.Token("n", map[string]any{"iss": issuer.URL}), "n"); !errors.Is(err, identity.ErrUnreachable) {
				t.Errorf("got %v, want ErrUnreachable", err)
			}
		})
	}
	if inside != 0 {
		t.Errorf("the hidden server was asked %d times", inside)
	}
}

func TestReadConfig(t *testing.T) {
	cases := map[string]struct {
		text string
		good bool
	}{
		"the least":                      {`{"issuer":"https://id.example","client_id":"kyso"}`, true},
		"http":                           {`{"issuer":"http://id.example","client_id":"kyso"}`, false},
		"http to loopback":               {`{"issuer":"http://127.0.0.1:9","client_id":"kyso"}`, false},
		"http to loopback, permitted":    {`{"issuer":"http://127.0.0.1:9","client_id":"kyso","loopback_http":true}`, true},
		"http elsewhere, with the leave": {`{"issuer":"http://10.0.0.1","client_id":"kyso","loopback_http":true}`, false},
		"no client":                      {`{"issuer":"https://id.example"}`, false},
		"no issuer":                      {`{"client_id":"kyso"}`, false},
		"an account in the address":      {`{"issuer":"https://a:b@id.example","client_id":"kyso"}`, false},
		"tokens without a signature":     {`{"issuer":"https://id.example","client_id":"kyso","algorithms":["none"]}`, false},
		"a shared secret":                {`{"issuer":"https://id.example","client_id":"kyso","algorithms":["HS256"]}`, false},
		"a field that nobody knows":      {`{"issuer":"https://id.example","client_id":"kyso","secret":"x"}`, false},
	}
	for name, k := range cases {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "oidc.json")
			if err := os.WriteFile(file, []byte(k.text), 0o600); err != nil {
				t.Fatal(err)
			}
			c, err := identity.ReadConfig(file)
			if (err == nil) != k.good || !k.good && !errors.Is(err, identity.ErrConfig) {
				t.Errorf("got %+v, %v", c, err)
			}
			if k.good && (c.Name == "" || c.Audience != "kyso" || c.SubjectClaim != "sub" || len(c.Scopes) != 2 || len(c.Algorithms) == 0) {
				t.Errorf("left out: %+v", c)
			}
		})
	}
}

// FuzzVerify shows anything as a token: nothing but what the provider signed may
// identify anybody, and its signature's encoding changes no digest.
func FuzzVerify(f *testing.F) {
	c := site.NewClock()
	p := logintest.Start(f, c.Now)
	v := open(f, p, c, nil)
	good := p.Token("n", nil)
	known, err := v.Verify(f.Context(), good, "n")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good, "n")
	f.Add(p.Token("", nil), "")
	f.Add(p.Token("n", map[string]any{"aud": []string{"x"}}), "n")
	f.Add("eyJhbGciOiJub25lIn0.e30.", "")
	f.Fuzz(func(t *testing.T, token, nonce string) {
		got, err := v.Verify(t.Context(), token, nonce)
		switch {
		case err == nil && got.Subject != p.Subject:
			t.Errorf("%q identified %q", token, got.Subject)
		case err == nil && strings.HasPrefix(token, good[:strings.LastIndex(good, ".")]) && got.Digest != known.Digest:
			t.Errorf("the same token has two digests")
		case err != nil && !errors.Is(err, identity.ErrRefused) && !errors.Is(err, identity.ErrUnreachable):
			t.Errorf("got %v", err)
		}
	})
}
