package app_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"kyso/app"
	"kyso/app/docsys"
	site "kyso/app/docsys/refserver/refservertest"
	"kyso/app/docsys/webdav/webdavtest"
	"kyso/app/explain"
	"kyso/app/outbox"
	"kyso/app/settings"
)

// startWith starts the program with settings, without a keyring.
func startWith(t *testing.T, s settings.Settings) *app.App {
	t.Helper()
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path="+filepath.Join(t.TempDir(), "nobody"))
	data := t.TempDir()
	folders, err := settings.FindFolders(data)
	if err != nil {
		t.Fatal(err)
	}
	if err := settings.Save(folders, s); err != nil {
		t.Fatal(err)
	}
	a, err := app.Start(t.Context(), app.Options{Data: data, OnlyModules: true, Policy: filepath.Join(data, "none.json")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	return a
}

func TestTheTestOfAConnection(t *testing.T) {
	dav := webdavtest.Rclone(t)
	server := site.Start(t, t.TempDir(), site.NewClock(), site.Options{NoYear: true})
	a := startWith(t, settings.Settings{Server: server.URL})
	shared := t.TempDir()
	cases := map[string]struct {
		c        settings.Connector
		password string
		steps    int
		code     string // empty when all is well
	}{
		"the contract, not logged in":    {settings.Connector{}, "", 2, "log-in-required"},
		"a folder":                       {settings.Connector{Kind: settings.Folder, Folder: shared}, "", 5, ""},
		"a folder that is not there":     {settings.Connector{Kind: settings.Folder, Folder: filepath.Join(shared, "x")}, "", 1, "offline"},
		"WebDAV":                         {settings.Connector{Kind: settings.WebDAV, URL: dav.URL, Login: dav.Login}, dav.Password, 5, ""},
		"WebDAV with a wrong password":   {settings.Connector{Kind: settings.WebDAV, URL: dav.URL, Login: dav.Login}, "sai", 1, "server-refused"},
		"WebDAV in the open":             {settings.Connector{Kind: settings.WebDAV, URL: "http://nas.vn/", Login: "a"}, "b", 0, "no-tls"},
		"a program without a path":       {settings.Connector{Kind: settings.Exec, Program: "vendor"}, "", 0, "connector"},
		"a program that is not there":    {settings.Connector{Kind: settings.Exec, Program: "/nowhere/vendor"}, "", 1, "server-refused"},
		"a kind that nobody knows":       {settings.Connector{Kind: "fax"}, "", 0, "connector"},
		"a program that is no connector": {settings.Connector{Kind: settings.Exec, Program: "/bin/true"}, "", 1, "unknown"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			k, err := a.CheckConnection(t.Context(), c.c, c.password)
			if got := explain.For(err, explain.Vietnamese).Code; got != c.code || len(k.Steps) != c.steps {
				t.Errorf("got %s (%v) after %d steps %+v, want %q after %d", got, err, len(k.Steps), k.Steps, c.code, c.steps)
			}
		})
	}
	if left, _ := os.ReadDir(shared); len(left) != 0 {
		t.Errorf("left in the folder: %v", left)
	}
}

func TestAnEndedSessionIsRenewedWithThePasswordOfThisSession(t *testing.T) {
	server := site.Start(t, t.TempDir(), site.NewClock(), site.Options{NoYear: true})
	a := startWith(t, settings.Settings{Server: server.URL})
	kept, err := a.LogIn(t.Context(), site.Chairman, site.Password, true)
	if err != nil || kept {
		t.Fatalf("kept %v without a keyring, %v", kept, err)
	}
	a.Client.SetToken("ended")
	if p, err := a.Client.Whoami(t.Context()); err != nil || p.Name == "" {
		t.Errorf("after the session's end: %+v, %v", p, err)
	}
	if err := a.LogOut(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, err = a.Client.Whoami(t.Context())
	if p, ok := errors.AsType[*docsys.Problem](err); !ok || p.Status != 401 {
		t.Errorf("after the log-out: %v", err)
	}
	if _, err := a.LogIn(t.Context(), site.Chairman, "sai", false); err == nil {
		t.Error("a wrong password was taken")
	}
	b, err := json.Marshal(a.Settings)
	if err != nil || len(b) == 0 {
		t.Fatal(err)
	}
}

func TestFilesGoIntoTheFolderOfTheSettings(t *testing.T) {
	root := t.TempDir()
	a := startWith(t, settings.Settings{Connector: settings.Connector{Kind: settings.Folder, Folder: root}})
	signed := letter(t, "HỎA TỐC", "")
	id, err := a.Outbox.Enqueue(t.Context(), outbox.Item{DocumentID: "file:letter.pdf", Stage: "signed", Path: signed})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Outbox.Deliver(t.Context()); err != nil {
		t.Fatal(err)
	}
	i, err := a.Outbox.Item(t.Context(), id)
	if err != nil || i.State != outbox.Accepted || i.Verification.State != docsys.Unverified || i.Target != root {
		t.Errorf("got %+v, %v", i, err)
	}
	for _, name := range []string{"letter.pdf", "letter.json"} {
		if _, err := os.Stat(filepath.Join(root, name)); err != nil {
			t.Error(err)
		}
	}
}

func TestAConnectorThatCannotBeMadeLetsDocumentsWait(t *testing.T) {
	a := startWith(t, settings.Settings{Connector: settings.Connector{Kind: settings.Exec, Program: "vendor"}})
	if explain.For(a.ConnectorProblem, explain.Vietnamese).Code != "connector" {
		t.Errorf("the problem is %v", a.ConnectorProblem)
	}
	if a.Outbox.Target() != "vendor" {
		t.Errorf("the target is %q", a.Outbox.Target())
	}
}
