package settings_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kyso/app/settings"
)

func TestRecentFilesAreTheNewestThatAreStillThere(t *testing.T) {
	f, err := settings.FindFolders(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	file := func(n int) string { return filepath.Join(dir, fmt.Sprintf("Tờ trình số %d.pdf", n)) }
	r := settings.RecentIn(f)
	if got := r.List(); len(got) != 0 {
		t.Errorf("at first %q", got)
	}
	for n := range 12 {
		if err := os.WriteFile(file(n), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := r.Add(file(n)); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Add(file(5)); err != nil { // again
		t.Fatal(err)
	}
	if err := os.Remove(file(11)); err != nil {
		t.Fatal(err)
	}
	want := []string{file(5), file(10), file(9), file(8), file(7), file(6), file(4), file(3), file(2)}
	if d := cmp.Diff(want, settings.RecentIn(f).List()); d != "" {
		t.Error(d)
	}
	if err := r.Clear(); err != nil {
		t.Fatal(err)
	}
	if got := r.List(); len(got) != 0 {
		t.Errorf("after Clear %q", got)
	}
	if err := os.WriteFile(filepath.Join(f.Data, "recent.json"), []byte("[\"a.pdf"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := r.Add(file(1)); err != nil { // a damaged list is made anew
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{file(1)}, r.List()); d != "" {
		t.Error(d)
	}
}
