package session_test

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"testing"
	"time"

	store "github.com/zalando/go-keyring"

	"kyso/app/docsys"
	"kyso/app/docsys/login"
	"kyso/app/docsys/login/logintest"
	"kyso/app/docsys/refserver"
	"kyso/app/docsys/refserver/identity"
	site "kyso/app/docsys/refserver/refservertest"
	"kyso/app/explain"
	"kyso/app/session"
)

// office is a server with an identity provider that knows the clerk.
type office struct {
	site     *site.Site
	provider *logintest.Provider
	clock    *site.Clock
	folder   string
}

// storing gives the test a keyring in memory, or one that always fails.
func storing(t *testing.T, failure error) {
	t.Helper()
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere") // a session with a bus, which the store in memory does not ask
	if failure != nil {
		store.MockInitWithError(failure)
		return
	}
	store.MockInit()
}

const administrator = "quan-tri"

func open(t *testing.T, linked bool) *office {
	t.Helper()
	o := &office{clock: site.NewClock(), folder: t.TempDir()}
	o.provider = logintest.Start(t, o.clock.Now)
	p, err := identity.New(identity.Config{Issuer: o.provider.URL, ClientID: logintest.ClientID, Name: "Cổng xác thực", LoopbackHTTP: true}, http.DefaultTransport, o.clock.Now)
	if err != nil {
		t.Fatal(err)
	}
	o.site = site.Start(t, t.TempDir(), o.clock, site.Options{NoYear: true, Provider: p, More: []refserver.Person{
		{Login: administrator, Name: "Quản trị", Unit: refserver.DistrictUnit, Role: "admin"},
	}})
	if linked {
		o.site.Link(t, administrator, site.Clerk, o.provider.Subject)
	}
	return o
}

// desk is a program of its own at the office: the window, or a command.
func (o *office) desk() (*session.Keeper, *docsys.Client) {
	hc := &http.Client{Timeout: 10 * time.Second}
	c := docsys.NewClient(o.site.URL, "", hc)
	k := session.New(session.Options{Client: c, HTTP: hc, Target: o.site.URL + "/", Folder: o.folder})
	c.SetRenew(k.Renew)
	return k, c
}

// browser is a person's who agrees to everything.
func browser(t *testing.T) session.Way {
	t.Helper()
	return session.ByBrowser(func(address string) error {
		go func() { _, _, _ = logintest.Visit(t.Context(), address) }() // what it brought is judged by the log-in
		return nil
	})
}

// logIn logs the clerk in and holds what came of it.
func logIn(t *testing.T, o *office, wantKept bool) (*session.Keeper, *docsys.Client) {
	t.Helper()
	k, c := o.desk()
	issuer, kept, err := k.LogIn(t.Context(), browser(t))
	if err != nil || issuer != o.provider.URL || kept != wantKept {
		t.Fatalf("at %q, kept %v, %v", issuer, kept, err)
	}
	who(t, c)
	return k, c
}

// who asks who is logged in.
func who(t *testing.T, c *docsys.Client) {
	t.Helper()
	if me, err := c.Whoami(t.Context()); err != nil || me.Name != "Văn thư" {
		t.Errorf("logged in is %q, %v", me.Name, err)
	}
}

func TestAnotherProgramGoesOnWithTheLogIn(t *testing.T) {
	storing(t, nil)
	o := open(t, true)
	_, window := logIn(t, o, true)
	for range 2 { // each renewal brings another refresh token
		_, command := o.desk()
		who(t, command)
	}
	o.clock.Forward(13 * time.Hour) // the window's session ends; its refresh token is long gone
	who(t, window)
	if n := o.provider.Asked("/token"); n != 4 {
		t.Errorf("the provider was asked for tokens %d times, want once for each log-in", n)
	}
}

func TestWithoutAKeyringTheLogInEndsWithTheProgram(t *testing.T) {
	storing(t, errors.New("no store"))
	o := open(t, true)
	k, window := logIn(t, o, false)
	o.clock.Forward(13 * time.Hour)
	who(t, window)
	other, command := o.desk()
	if err := other.Renew(t.Context()); !errors.Is(err, session.ErrNobody) {
		t.Errorf("another program: %v, want ErrNobody", err)
	}
	if _, err := command.Whoami(t.Context()); err == nil {
		t.Error("another program is logged in")
	}
	if err := k.Forget(t.Context(), ""); err != nil {
		t.Error(err)
	}
	if err := k.Renew(t.Context()); !errors.Is(err, session.ErrNobody) {
		t.Errorf("after the log-out: %v, want ErrNobody", err)
	}
}

// Programs that renew at the same time show no refresh token twice: a provider ends
// the whole log-in when that happens.
func TestProgramsRenewOneAfterTheOther(t *testing.T) {
	storing(t, nil)
	o := open(t, true)
	logIn(t, o, true)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			_, c := o.desk()
			who(t, c)
		})
	}
	wg.Wait()
}

// Some providers give the same ID token for all of a second; the server takes each
// once, and both are right.
func TestRenewalsWithinASecondAreToldApart(t *testing.T) {
	storing(t, nil)
	provider := logintest.Start(t, time.Now)
	provider.Claims = map[string]any{"jti": nil}
	p, err := identity.New(identity.Config{Issuer: provider.URL, ClientID: logintest.ClientID, LoopbackHTTP: true}, http.DefaultTransport, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	o := &office{provider: provider, folder: t.TempDir()}
	o.site = site.Start(t, t.TempDir(), site.NewClock(), site.Options{NoYear: true, Provider: p, More: []refserver.Person{
		{Login: administrator, Name: "Quản trị", Unit: refserver.DistrictUnit, Role: "admin"},
	}})
	o.site.Link(t, administrator, site.Clerk, provider.Subject)
	logIn(t, o, true)
	for range 2 {
		_, c := o.desk()
		who(t, c)
	}
}

func TestALogInEnds(t *testing.T) {
	cases := map[string]struct {
		end    func(t *testing.T, o *office, k *session.Keeper)
		want   error // of the renewal
		passes bool  // another try may succeed: nobody is asked to log in
		stays  bool  // once what stood in the way is gone, it goes on
	}{
		"by the person": {func(t *testing.T, _ *office, k *session.Keeper) {
			t.Helper()
			if err := k.Forget(t.Context(), ""); err != nil {
				t.Error(err)
			}
		}, session.ErrNobody, false, false},
		"by the provider": {func(_ *testing.T, o *office, _ *session.Keeper) { o.provider.Revoke() }, login.ErrEnded, false, false},
		"not while the provider does not answer": {
			func(_ *testing.T, o *office, _ *session.Keeper) { o.provider.Down(true) }, docsys.ErrOffline, true, true,
		},
		"by a provider that proves nothing any more": {
			func(_ *testing.T, o *office, _ *session.Keeper) { o.provider.BareRefresh = true }, login.ErrEnded, false, false,
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			storing(t, nil)
			o := open(t, true)
			k, client := logIn(t, o, true)
			c.end(t, o, k)
			if err := k.Renew(t.Context()); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
			o.clock.Forward(13 * time.Hour)
			_, err := client.Whoami(t.Context())
			p, refused := errors.AsType[*docsys.Problem](err)
			if passes := errors.Is(err, docsys.ErrOffline); passes != c.passes || refused == passes || refused && p.Status != http.StatusUnauthorized {
				t.Errorf("a call then: %v", err)
			}
			o.provider.Down(false)
			if _, err := client.Whoami(t.Context()); (err == nil) != c.stays {
				t.Errorf("later: %v", err)
			}
		})
	}
}

func TestALogInIsRefused(t *testing.T) {
	cases := map[string]struct {
		linked bool
		set    func(*logintest.Provider)
		way    func(*testing.T) session.Way
		code   string // of what the person reads
	}{
		"by the person": {true, func(p *logintest.Provider) { p.Deny = true }, browser, "provider-denied"},
		"by the server, which does not know him": {
			false, func(*logintest.Provider) {}, browser, "identity-not-linked",
		},
		"without a provider": {true, func(p *logintest.Provider) { p.Down(true) }, browser, "provider-unreachable"},
		"by a forged answer": {true, func(p *logintest.Provider) { p.Redirect = map[string]string{"iss": "https://xau.example"} }, browser, "provider-forged"},
		"by a code, for there are none": {
			true, func(p *logintest.Provider) { p.NoCodes = true }, func(*testing.T) session.Way { return session.ByCode(func(login.Code) {}) }, "provider-no-codes",
		},
		"too late": {true, func(*logintest.Provider) {}, func(*testing.T) session.Way {
			return func(ctx context.Context, p login.Provider) (login.Tokens, error) {
				ctx, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
				defer cancel()
				return p.Browser(ctx, func(string) error { return nil })
			}
		}, "provider-late"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			storing(t, nil)
			o := open(t, c.linked)
			c.set(o.provider)
			k, client := o.desk()
			_, kept, err := k.LogIn(t.Context(), c.way(t))
			if got := explain.For(err, explain.Vietnamese).Code; got != c.code || kept {
				t.Errorf("got %v (%s), want %s", err, got, c.code)
			}
			if client.Token() != "" {
				t.Error("somebody is logged in")
			}
			if err := k.Renew(t.Context()); err == nil {
				t.Error("something was kept")
			}
		})
	}
}

func TestALogInByACode(t *testing.T) {
	storing(t, nil)
	o := open(t, true)
	k, c := o.desk()
	var shown login.Code
	if _, kept, err := k.LogIn(t.Context(), session.ByCode(func(c login.Code) { shown = c })); err != nil || !kept || shown.User == "" {
		t.Fatalf("kept %v, %v, shown %+v", kept, err, shown)
	}
	who(t, c)
}

// A log-in that brings nothing to keep leaves nothing of an earlier one either: it may
// be somebody else's.
func TestWhatWasKeptBeforeIsForgotten(t *testing.T) {
	storing(t, nil)
	o := open(t, true)
	logIn(t, o, true)
	o.provider.NoRefresh = true
	k, _ := logIn(t, o, false)
	if err := k.Renew(t.Context()); !errors.Is(err, session.ErrNobody) {
		t.Errorf("got %v, want ErrNobody", err)
	}
}

func TestAServerWithoutAProvider(t *testing.T) {
	s := site.Start(t, t.TempDir(), site.NewClock(), site.Options{NoYear: true})
	hc := &http.Client{Timeout: 5 * time.Second}
	k := session.New(session.Options{Client: docsys.NewClient(s.URL, "", hc), HTTP: hc, Target: s.URL})
	if _, _, err := k.LogIn(t.Context(), browser(t)); !errors.Is(err, session.ErrNoProvider) {
		t.Errorf("got %v, want ErrNoProvider", err)
	}
}
