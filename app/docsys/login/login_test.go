package login_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"kyso/app/docsys/login"
	"kyso/app/docsys/login/logintest"
)

func at(p *logintest.Provider) login.Provider {
	return login.Provider{Issuer: p.URL, ClientID: logintest.ClientID, Scopes: []string{"openid", "offline_access"}, Client: &http.Client{Timeout: 5 * time.Second}}
}

// browser opens addresses as a person's browser does, beside the program.
func browser(t *testing.T, pages chan<- string) func(string) error {
	t.Helper()
	return func(address string) error {
		go func() {
			page, _, err := logintest.Visit(t.Context(), address)
			if err != nil {
				page = err.Error()
			}
			pages <- page
		}()
		return nil
	}
}

func TestTheBrowserLogsIn(t *testing.T) {
	p := logintest.Start(t, time.Now)
	pages := make(chan string, 1)
	got, err := at(p).Browser(t.Context(), browser(t, pages))
	if err != nil || got.ID == "" || got.Nonce == "" || got.Refresh == "" {
		t.Fatalf("got %+v, %v", got, err)
	}
	if page := <-pages; !strings.Contains(page, "quay lại cửa sổ Ký số") || !strings.Contains(page, "Đã xác nhận") {
		t.Errorf("the page says %s", page)
	}
	next, err := at(p).Refresh(t.Context(), got.Refresh)
	if err != nil || next.ID == got.ID || next.Refresh == got.Refresh || next.Nonce != "" {
		t.Errorf("renewed: %+v, %v", next, err)
	}
	if _, err := at(p).Refresh(t.Context(), got.Refresh); !errors.Is(err, login.ErrEnded) {
		t.Errorf("the refresh token that was used: %v, want ErrEnded", err)
	}
}

func TestWhatTheBrowserBringsIsRefused(t *testing.T) {
	cases := map[string]struct {
		set  func(*logintest.Provider)
		want error
	}{
		"the person says no":            {func(p *logintest.Provider) { p.Deny = true }, login.ErrDenied},
		"another issuer answers":        {func(p *logintest.Provider) { p.Redirect = map[string]string{"iss": "https://xau.example"} }, login.ErrForged},
		"no issuer answers":             {func(p *logintest.Provider) { p.Redirect = map[string]string{"iss": ""} }, login.ErrForged},
		"there is no code":              {func(p *logintest.Provider) { p.Redirect = map[string]string{"code": ""} }, login.ErrForged},
		"somebody else's code":          {func(p *logintest.Provider) { p.Redirect = map[string]string{"code": "cua-nguoi-khac"} }, login.ErrEnded},
		"a token with another nonce":    {func(p *logintest.Provider) { p.Claims = map[string]any{"nonce": "khac"} }, login.ErrForged},
		"a token without a nonce":       {func(p *logintest.Provider) { p.Claims = map[string]any{"nonce": nil} }, login.ErrForged},
		"a token for another program":   {func(p *logintest.Provider) { p.Claims = map[string]any{"aud": "khac"} }, login.ErrForged},
		"a token of another issuer":     {func(p *logintest.Provider) { p.Claims = map[string]any{"iss": "https://xau.example"} }, login.ErrForged},
		"the provider does not answer":  {func(p *logintest.Provider) { p.Down(true) }, login.ErrUnreachable},
		"the provider's other address":  {func(p *logintest.Provider) { p.URL = strings.Replace(p.URL, "127.0.0.1", "localhost", 1) }, login.ErrUnreachable},
		"the provider is not encrypted": {func(p *logintest.Provider) { p.URL = "http://provider.example" }, login.ErrUnreachable},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			p := logintest.Start(t, time.Now)
			c.set(p)
			if got, err := at(p).Browser(t.Context(), browser(t, make(chan string, 1))); !errors.Is(err, c.want) || got != (login.Tokens{}) {
				t.Errorf("got %+v, %v, want %v", got, err, c.want)
			}
		})
	}
}

// Anybody's page may send the browser to the loopback address; it must neither end
// the log-in nor put another one in its place.
func TestStrayAnswersDoNotDisturb(t *testing.T) {
	p := logintest.Start(t, time.Now)
	visit := func(address string, want int) {
		t.Helper()
		page, status, err := logintest.Visit(t.Context(), address)
		if err != nil || status != want || strings.Contains(page, "Đã xác nhận") {
			t.Errorf("%s: %d %v, want %d", address, status, err, want)
		}
	}
	got, err := at(p).Browser(t.Context(), func(address string) error {
		u, err := url.Parse(address)
		if err != nil {
			return err
		}
		back, state := u.Query().Get("redirect_uri"), u.Query().Get("state")
		if !strings.HasPrefix(back, "http://127.0.0.1:") {
			t.Errorf("comes back to %s", back)
		}
		host := strings.TrimSuffix(back, "/dang-nhap")
		visit(back, http.StatusBadRequest)
		visit(back+"?code=x&state=y&iss="+url.QueryEscape(p.URL), http.StatusBadRequest)
		visit(back+"?error=access_denied&state=", http.StatusBadRequest)
		visit(host+"/?code=x&state="+state, http.StatusBadRequest)
		visit(strings.Replace(back, "127.0.0.1", "localhost", 1)+"?code=x&state="+state, http.StatusBadRequest)
		return browser(t, make(chan string, 1))(address)
	})
	if err != nil || got.ID == "" {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestALogInInTheBrowserIsCancelled(t *testing.T) {
	p := logintest.Start(t, time.Now)
	ctx, cancel := context.WithCancel(t.Context())
	var back string
	_, err := at(p).Browser(ctx, func(address string) error {
		u, err := url.Parse(address)
		back = u.Query().Get("redirect_uri")
		cancel()
		return err
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want Canceled", err)
	}
	if _, _, err := logintest.Visit(t.Context(), back); err == nil {
		t.Error("somebody still listens")
	}
	late, done := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer done()
	if _, err := at(p).Browser(late, func(string) error { return nil }); !errors.Is(err, login.ErrTooLate) {
		t.Errorf("got %v, want ErrTooLate", err)
	}
	none := errors.New("no browser")
	if _, err := at(p).Browser(t.Context(), func(string) error { return none }); !errors.Is(err, none) {
		t.Errorf("got %v, want that there is no browser", err)
	}
}

func TestALogInByACode(t *testing.T) {
	cases := map[string]struct {
		set  func(*logintest.Provider)
		want error
	}{
		"at once":                          {func(*logintest.Provider) {}, nil},
		"after a while":                    {func(p *logintest.Provider) { p.Pending = 1 }, nil},
		"by a provider without nonces":     {func(p *logintest.Provider) { p.Claims = map[string]any{"nonce": nil} }, nil},
		"the person says no":               {func(p *logintest.Provider) { p.Deny = true }, login.ErrDenied},
		"a token with another nonce":       {func(p *logintest.Provider) { p.Claims = map[string]any{"nonce": "khac"} }, login.ErrForged},
		"a token for another program":      {func(p *logintest.Provider) { p.Claims = map[string]any{"aud": "khac"} }, login.ErrForged},
		"the provider has no codes":        {func(p *logintest.Provider) { p.NoCodes = true }, login.ErrNoCodes},
		"the provider does not answer":     {func(p *logintest.Provider) { p.Down(true) }, login.ErrUnreachable},
		"the provider gives no more after": {func(p *logintest.Provider) { p.NoRefresh = true }, nil},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := logintest.Start(t, time.Now)
			c.set(p)
			var shown login.Code
			got, err := at(p).Device(t.Context(), func(c login.Code) { shown = c })
			if !errors.Is(err, c.want) {
				t.Fatalf("got %v, want %v", err, c.want)
			}
			if c.want == nil && (got.ID == "" || shown.User != "KYSO-2026" || shown.Complete == "" || shown.Until.IsZero() || (got.Refresh == "") != p.NoRefresh) {
				t.Errorf("got %+v, shown %+v", got, shown)
			}
		})
	}
}

func TestALogInIsTakenBack(t *testing.T) {
	cases := map[string]struct {
		set   func(*logintest.Provider)
		want  error // of taking back
		after error // of the refresh token then
	}{
		"a provider that takes tokens back": {func(*logintest.Provider) {}, nil, login.ErrEnded},
		"a provider without that call":      {func(p *logintest.Provider) { p.NoRevocation = true }, nil, nil},
		"a provider that does not answer":   {func(p *logintest.Provider) { p.Down(true) }, login.ErrUnreachable, login.ErrUnreachable},
		"a renewal that proves nothing":     {func(p *logintest.Provider) { p.BareRefresh, p.NoRevocation = true, true }, nil, login.ErrEnded},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			p := logintest.Start(t, time.Now)
			got, err := at(p).Browser(t.Context(), browser(t, make(chan string, 1)))
			if err != nil {
				t.Fatal(err)
			}
			c.set(p)
			if err := at(p).Revoke(t.Context(), got.Refresh); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
			if _, err := at(p).Refresh(t.Context(), got.Refresh); !errors.Is(err, c.after) {
				t.Errorf("then %v, want %v", err, c.after)
			}
		})
	}
}

// FuzzAnswer brings anything back from the browser: only the state of the log-in
// is an answer, and only once.
func FuzzAnswer(f *testing.F) {
	f.Add("code=a&state=s&iss=i")
	f.Add("error=access_denied&state=s")
	f.Add("code=a&code=b&state=s&iss=https%3A%2F%2Fissuer")
	f.Fuzz(func(t *testing.T, query string) {
		code, err, ours := login.Judge("s", "https://issuer", query)
		q, _ := url.ParseQuery(query)
		switch {
		case ours && q.Get("state") != "s":
			t.Errorf("%q was taken", query)
		case ours && err == nil && (code == "" || q.Get("iss") != "https://issuer"):
			t.Errorf("%q gave %q", query, code)
		case !ours && code != "":
			t.Errorf("%q gave %q", query, code)
		}
	})
}
