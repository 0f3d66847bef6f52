package main_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"kyso/app/docsys/login/logintest"
	"kyso/app/docsys/refserver"
	"kyso/app/docsys/refserver/identity"
	site "kyso/app/docsys/refserver/refservertest"
)

// visit is the browser of the scripts: of a person who agrees to everything.
func visit() (status int) {
	if _, _, err := logintest.Visit(context.Background(), os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// TestLoginScripts logs in at an identity provider, with a keyring and without.
func TestLoginScripts(t *testing.T) {
	clock := site.NewClock()
	provider := logintest.Start(t, clock.Now)
	p, err := identity.New(identity.Config{Issuer: provider.URL, ClientID: logintest.ClientID, Name: "Cổng xác thực", LoopbackHTTP: true}, http.DefaultTransport, clock.Now)
	if err != nil {
		t.Fatal(err)
	}
	const administrator = "quan-tri"
	server := site.Start(t, t.TempDir(), clock, site.Options{NoYear: true, Provider: p, More: []refserver.Person{
		{Login: administrator, Name: "Quản trị", Unit: refserver.DistrictUnit, Role: "admin"},
	}})
	server.Link(t, administrator, site.Clerk, provider.Subject)
	plain := site.Start(t, t.TempDir(), clock, site.Options{NoYear: true})
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join("testdata", "login"),
		Setup: func(e *testscript.Env) error {
			e.Setenv("SERVER", server.URL)
			e.Setenv("PLAIN", plain.URL)
			for _, name := range []string{"HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR"} {
				e.Setenv(name, filepath.Join(e.WorkDir, "home"))
			}
			return os.MkdirAll(filepath.Join(e.WorkDir, "home"), 0o700)
		},
	})
}
