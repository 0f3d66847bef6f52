package refserver_test

import (
	"io"
	"io/fs"
	"net/http"
	"path/filepath"
	"testing"

	"kyso/app/docsys"
	"kyso/app/docsys/refserver"
	site "kyso/app/docsys/refserver/refservertest"
)

// kept is how many files lie in a data folder.
func kept(t *testing.T, data string) int {
	t.Helper()
	n := 0
	err := filepath.WalkDir(filepath.Join(data, "blobs"), func(_ string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			n++
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// bytesOf are the bytes of a version, and of a part of it, as the server sends them.
func bytesOf(t *testing.T, s *site.Site, version string) (whole, part string) {
	t.Helper()
	r, err := s.As(site.Chairman).Content(t.Context(), version)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close() //nolint:errcheck // read to its end
	all, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+"/v1/versions/"+version+"/content", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+site.Token(site.Chairman))
	req.Header.Set("Range", "bytes=-5")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close() //nolint:errcheck // read to its end
	end, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusPartialContent {
		t.Fatalf("the end of %s: %d, %v", version, resp.StatusCode, err)
	}
	return string(all), string(end)
}

func TestOfVersionsThatExtendEachOtherTheLongestFileIsKept(t *testing.T) {
	data, clock := t.TempDir(), site.NewClock()
	m := &matrix{site: site.Start(t, data, clock, site.Options{NoYear: true, More: []refserver.Person{
		{Login: secretary, Name: "Đỗ Thư Ký", Unit: refserver.KimLienUnit, Role: "secretary"},
	}})}
	d, file := m.draft(t, nil)
	m.step(t, secretary, d.ID, "submit", `{}`)
	versions := map[string]string{d.Version: string(file)}
	for _, act := range []struct{ login, stage string }{{site.Office, "initialled"}, {site.Chairman, "signed"}} {
		sig := initials(m)
		if act.stage == "signed" {
			sig = passed(m.site, site.Chairman)
		}
		file = site.Sign(t, file, sig)
		d = m.upload(t, act.login, d, act.stage, file)
		versions[d.Version] = string(file)
	}
	if n := kept(t, data); n != 1 {
		t.Errorf("%d files are kept of %d versions, want the longest", n, len(versions))
	}
	defer narrow(t, m.site)
	same := func(s *site.Site, where string) {
		t.Helper()
		for version, want := range versions {
			if whole, end := bytesOf(t, s, version); whole != want || end != want[len(want)-5:] {
				t.Errorf("%s: version %s has %d bytes, want %d", where, version, len(whole), len(want))
			}
		}
		if f, err := s.Server.Check(t.Context()); err != nil || len(f.Wrong) > 0 || int(f.Files) < len(versions) {
			t.Errorf("%s: %+v, %v", where, f, err)
		}
	}
	same(m.site, "after the signatures")
	// The first draft is sent once more: the server has it.
	first, err := m.site.As(secretary).Create(t.Context(), "again-create", docsys.NewDocument{Unit: refserver.KimLienUnit, Type: "Tờ trình", Subject: "V/v như trước", Secrecy: "none"})
	if err != nil {
		t.Fatal(err)
	}
	for version, content := range versions {
		if len(content) < len(file) {
			first = m.upload(t, secretary, first, "draft", []byte(content))
			if whole, _ := bytesOf(t, m.site, first.Version); whole != content {
				t.Errorf("sent once more, version %s has other bytes", version)
			}
		}
	}
	backup, restored := filepath.Join(t.TempDir(), "backup"), filepath.Join(t.TempDir(), "data")
	if f, err := m.site.Server.Backup(t.Context(), data, backup); err != nil || len(f.Wrong) > 0 {
		t.Fatalf("%+v, %v", f, err)
	}
	m.site.Stop()
	if f, err := refserver.Restore(t.Context(), backup, refserver.Config{Data: restored, Clock: clock.Now}); err != nil || len(f.Wrong) > 0 {
		t.Fatalf("%+v, %v", f, err)
	}
	if n := kept(t, restored); n != 1 {
		t.Errorf("the restored server keeps %d files", n)
	}
	same(site.Start(t, restored, clock, site.Options{Keep: true, Postgres: site.SQLite, NoYear: true}), "restored")
}
