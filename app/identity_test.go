package app_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	store "github.com/zalando/go-keyring"

	"kyso/app"
	"kyso/app/docsys"
	"kyso/app/docsys/login/logintest"
	"kyso/app/docsys/refserver"
	"kyso/app/docsys/refserver/identity"
	site "kyso/app/docsys/refserver/refservertest"
	"kyso/app/network"
	"kyso/app/outbox"
	"kyso/app/session"
	"kyso/app/settings"
)

// providing is a server with an identity provider that knows the clerk.
func providing(t *testing.T) (*site.Site, *logintest.Provider, *site.Clock) {
	t.Helper()
	clock := site.NewClock()
	p := logintest.Start(t, clock.Now)
	v, err := identity.New(identity.Config{Issuer: p.URL, ClientID: logintest.ClientID, Name: "Cổng xác thực", LoopbackHTTP: true}, http.DefaultTransport, clock.Now)
	if err != nil {
		t.Fatal(err)
	}
	s := site.Start(t, t.TempDir(), clock, site.Options{NoYear: true, Provider: v, More: []refserver.Person{{Login: "quan-tri", Name: "Quản trị", Unit: refserver.DistrictUnit, Role: "admin"}}})
	s.Link(t, "quan-tri", site.Clerk, p.Subject)
	return s, p, clock
}

// agreeing is a browser of somebody who agrees.
func agreeing(t *testing.T) session.Way {
	t.Helper()
	return session.ByBrowser(func(address string) error {
		go func() { _, _, _ = logintest.Visit(t.Context(), address) }()
		return nil
	})
}

// What is signed while the log-in has ended waits, and leaves by itself after the next one.
func TestNothingIsLostWhenTheLogInEnds(t *testing.T) {
	store.MockInit()
	s, provider, clock := providing(t)
	a := startWith(t, settings.Settings{Server: s.URL, Connector: settings.Connector{Login: "tai-khoan-cu"}})
	if p, err := a.Provider(t.Context()); err != nil || p.Name != "Cổng xác thực" {
		t.Errorf("the provider is %+v, %v", p, err)
	}
	at, kept, err := a.LogInAt(t.Context(), agreeing(t))
	if err != nil || !kept || at != provider.URL || a.Effective.Connector.Identity != provider.URL || a.Effective.Connector.Login != "" {
		t.Fatalf("at %q, kept %v, %v: %+v", at, kept, err, a.Effective.Connector)
	}
	d, err := a.Client.Create(t.Context(), "phien-het-han", docsys.NewDocument{Unit: refserver.KimLienUnit, Type: "Công văn", Subject: "V/v trực lễ", Secrecy: "none"})
	if err != nil {
		t.Fatal(err)
	}
	var told []bool
	a.FollowLogIn(func(somebody bool) { told = append(told, somebody) })
	clock.Forward(13 * time.Hour) // the session ends, and is renewed
	if _, err := a.Client.Whoami(t.Context()); err != nil || !slices.Equal(told, []bool{true}) {
		t.Errorf("renewed: told %v, %v", told, err)
	}
	clock.Forward(13 * time.Hour)
	provider.Down(true) // that passes, and nobody is told
	if _, err := a.Client.Whoami(t.Context()); !errors.Is(err, docsys.ErrOffline) || len(told) != 1 {
		t.Errorf("without a provider: told %v, %v", told, err)
	}
	provider.Down(false)
	provider.Revoke() // the session has ended, and so does what renews it
	id, err := a.Outbox.Enqueue(t.Context(), outbox.Item{DocumentID: d.ID, Stage: "draft", Path: letter(t, "V/v trực lễ", "")})
	if err != nil {
		t.Fatal(err)
	}
	deliver := func() outbox.Item {
		t.Helper()
		if err := a.Outbox.Deliver(t.Context()); err != nil {
			t.Fatal(err)
		}
		i, err := a.Outbox.Item(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		return i
	}
	if i := deliver(); i.State != outbox.NeedsLogin || i.Receipt.SHA256 != "" {
		t.Errorf("after the end of the log-in it is %s %s", i.State, i.Problem)
	}
	if !slices.Equal(told, []bool{true, false}) {
		t.Errorf("told %v", told)
	}
	if _, _, err := a.LogInAt(t.Context(), agreeing(t)); err != nil {
		t.Fatal(err)
	}
	if i := deliver(); i.Receipt.SHA256 == "" || i.Receipt.SHA256 != i.SHA256 {
		t.Errorf("after the next log-in it is %s %s, the receipt is of %q", i.State, i.Problem, i.Receipt.SHA256)
	}
	if err := a.LogOut(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Client.Whoami(t.Context()); err == nil || a.Effective.Connector.Identity != "" {
		t.Errorf("after the log-out: %v, %q", err, a.Effective.Connector.Identity)
	}
	// A password takes the place of the provider.
	if _, err := a.LogIn(t.Context(), site.Chairman, site.Password, true); err != nil || a.Effective.Connector.Login != site.Chairman {
		t.Errorf("with a password: %v, %+v", err, a.Effective.Connector)
	}
}

func TestAnIdentityNeedsAServerThatTakesIt(t *testing.T) {
	cases := map[string]struct {
		s    settings.Settings
		want error
	}{
		"no server":         {settings.Settings{}, session.ErrNoProvider},
		"another connector": {settings.Settings{Server: "https://a.vn", Connector: settings.Connector{Kind: settings.Folder, Folder: "/a"}}, session.ErrNoProvider},
		"an open line":      {settings.Settings{Server: "http://van-ban.example.vn"}, network.ErrNoTLS},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			a := startWith(t, c.s)
			if _, _, err := a.LogInAt(t.Context(), agreeing(t)); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}

// Commands without services keep the rules of the network: pins among them.
func TestTheWayToServersKeepsTheRules(t *testing.T) {
	web := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(web.Close)
	authority := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(authority, pemOf(web.Certificate().Raw), 0o600); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte("another key"))
	wrong := base64.StdEncoding.EncodeToString(sum[:])
	cases := map[string]struct {
		n    settings.Network
		pass bool
	}{
		"the pinned key":         {settings.Network{Authority: authority, Pins: map[string][]string{"127.0.0.1": {network.Pin(web.Certificate())}}}, true},
		"another key":            {settings.Network{Authority: authority, Pins: map[string][]string{"127.0.0.1": {wrong}}}, false},
		"an authority not named": {settings.Network{}, false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			data := t.TempDir()
			folders, err := settings.FindFolders(data)
			if err == nil {
				err = settings.Save(folders, settings.Settings{Server: web.URL, Network: c.n})
			}
			if err != nil {
				t.Fatal(err)
			}
			reach, err := app.FindReach(t.Context(), app.Options{Data: data, Policy: filepath.Join(data, "none.json")})
			if err != nil || reach.Server != web.URL {
				t.Fatalf("got %q, %v", reach.Server, err)
			}
			if _, err := docsys.NewClient(reach.Server, "", reach.HTTP).Describe(t.Context()); errors.Is(err, docsys.ErrOffline) == c.pass {
				t.Errorf("got %v", err)
			}
		})
	}
	t.Run("a damaged file", func(t *testing.T) {
		data := t.TempDir()
		if err := os.MkdirAll(filepath.Join(data, "kyso"), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(data, "kyso", "settings.json"), []byte("{"), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := app.FindReach(t.Context(), app.Options{Data: data}); err == nil {
			t.Error("damaged settings gave a way without their rules")
		}
	})
}

func pemOf(der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}
