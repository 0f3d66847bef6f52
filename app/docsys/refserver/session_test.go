package refserver_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kyso/app/docsys"
	"kyso/app/docsys/refserver"
	site "kyso/app/docsys/refserver/refservertest"
)

func TestWhoami(t *testing.T) {
	s := site.Start(t, t.TempDir(), site.NewClock(), site.Options{NoYear: true})
	got, err := s.As(site.Chairman).Whoami(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := docsys.Person{
		Name: "Trần Minh Khôi", Title: "Chủ tịch", Unit: refserver.KimLienUnit, UnitName: "Phường Kim Liên", Board: refserver.DistrictUnit, Role: "head",
		Roles: []docsys.HeldRole{{Role: "head", Unit: refserver.KimLienUnit}, {Role: "signer", Unit: refserver.KimLienUnit}},
		Authorities: []docsys.HeldAuthority{
			{Unit: refserver.KimLienUnit, UnitName: "Phường Kim Liên", May: "approve", Form: "self", ValidFrom: "2026-01-01"},
			{Unit: refserver.KimLienUnit, UnitName: "Phường Kim Liên", May: "initial", Form: "self", ValidFrom: "2026-01-01"},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestASessionEnds(t *testing.T) {
	clock := site.NewClock()
	s := site.Start(t, t.TempDir(), clock, site.Options{NoYear: true})
	cases := map[string]func(*testing.T, *docsys.Client){
		"by logging out": func(t *testing.T, c *docsys.Client) {
			t.Helper()
			if err := c.Logout(t.Context()); err != nil {
				t.Fatal(err)
			}
		},
		"by time": func(*testing.T, *docsys.Client) { clock.Forward(13 * time.Hour) },
	}
	for name, end := range cases {
		t.Run(name, func(t *testing.T) {
			c := docsys.NewClient(s.URL, "", http.DefaultClient)
			session, err := c.Login(t.Context(), site.Chairman, site.Password)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := c.Whoami(t.Context()); err != nil {
				t.Fatal(err)
			}
			end(t, c)
			c.SetToken(session.Token)
			_, err = c.Whoami(t.Context())
			if p := problem(t, err); p.Status != http.StatusUnauthorized {
				t.Errorf("got %+v", p)
			}
		})
	}
}

func TestTheFirstPasswordMustBeChanged(t *testing.T) {
	s, err := refserver.Open(t.Context(), refserver.Config{Data: t.TempDir(), Verifier: site.Marked, Clock: site.NewClock().Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	web := serve(t, s)
	c := docsys.NewClient(web, "", http.DefaultClient)
	session, err := c.Login(t.Context(), "admin", s.FirstPassword())
	if err != nil || !session.PasswordChangeRequired {
		t.Fatalf("got %+v, %v", session, err)
	}
	_, err = c.Units(t.Context())
	if p := problem(t, err); p.Status != http.StatusForbidden {
		t.Errorf("got %+v, want a refusal before the change", p)
	}
	if err := c.ChangePassword(t.Context(), s.FirstPassword(), "mot-mat-khau-moi"); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Units(t.Context()); err != nil {
		t.Errorf("after the change: %v", err)
	}
	if _, err := c.Login(t.Context(), "admin", s.FirstPassword()); err == nil {
		t.Error("the one-time password still works")
	}
}

func TestWrongPasswordsLockAnAccountForAWhile(t *testing.T) {
	clock := site.NewClock()
	s := site.Start(t, t.TempDir(), clock, site.Options{NoYear: true})
	c := docsys.NewClient(s.URL, "", http.DefaultClient)
	for range 10 {
		if _, err := c.Login(t.Context(), site.Chairman, "sai"); err == nil {
			t.Fatal("a wrong password works")
		}
	}
	_, err := c.Login(t.Context(), site.Chairman, site.Password)
	if p := problem(t, err); p.Status != http.StatusTooManyRequests || p.RetryAfter <= 0 {
		t.Errorf("got %+v, want a lock with a time", p)
	}
	clock.Forward(16 * time.Minute)
	if _, err := c.Login(t.Context(), site.Chairman, site.Password); err != nil {
		t.Errorf("after the lock: %v", err)
	}
}

func TestATokenIsNowhereOnDisk(t *testing.T) {
	dir := t.TempDir()
	s := site.Start(t, dir, site.NewClock(), site.Options{NoYear: true})
	c := docsys.NewClient(s.URL, "", http.DefaultClient)
	session, err := c.Login(t.Context(), site.Chairman, site.Password)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{session.Token, site.Token(site.Chairman), site.Password} {
		for _, folder := range []string{dir, site.Folder(dir)} {
			if name := fileWith(t, folder, secret); name != "" {
				t.Errorf("%s holds %q", name, secret)
			}
		}
	}
	if sum := sha256.Sum256([]byte(session.Token)); fileWith(t, site.Folder(dir), string(sum[:])) == "" {
		t.Errorf("the hash %s is not found either: the search proves nothing", hex.EncodeToString(sum[:]))
	}
}

// fileWith gives the file below dir that has the bytes.
func fileWith(t *testing.T, dir, text string) string {
	t.Helper()
	found := ""
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) { // a file of PostgreSQL that has gone again
			return nil
		}
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(path)
		if bytes.Contains(b, []byte(text)) {
			found = path
		}
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
