package main_test

import (
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"kyso/app/docsys/refserver"
	site "kyso/app/docsys/refserver/refservertest"
)

// TestConnectionScripts holds "conform", "connection" and "templates" against a real server.
func TestConnectionScripts(t *testing.T) {
	server := site.Start(t, t.TempDir(), site.NewClock(), site.Options{NoYear: true, More: []refserver.Person{
		{Login: "quan-tri-2", Password: "mat-khau-cua-quan-tri", Name: "Quản trị", Unit: refserver.DistrictUnit, Role: "admin"},
	}})
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join("testdata", "connection"),
		Setup: func(e *testscript.Env) error {
			e.Setenv("SERVER", server.URL)
			e.Setenv("HOME", filepath.Join(e.WorkDir, "home"))
			return nil
		},
	})
}
