//go:build !windows

package association_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kyso/app/association"
)

// odd is a program whose path needs every quoting there is.
const odd = `/opt/Ký số "1"/100% $HOME/it's\kyso`

// written are the files below a folder.
func written(t *testing.T, dir string) []string {
	t.Helper()
	var all []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			rel, _ := filepath.Rel(dir, path) // it is below dir
			all = append(all, rel)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestTheFileManagersOfferTheProgramAndForgetItAgain(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("XDG_DATA_HOME", dir)
	other := filepath.Join(dir, "applications", "other.desktop")
	if err := os.MkdirAll(filepath.Dir(other), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(other, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 { // a second time changes nothing
		if err := association.Register(odd, []byte("<svg/>")); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{
		"applications/other.desktop", "applications/vn.kyso.desktop.desktop", "icons/hicolor/scalable/apps/vn.kyso.desktop.svg",
		"kio/servicemenus/vn.kyso.desktop.desktop", "nautilus/scripts/Ký số…",
	}
	if diff := cmp.Diff(want, written(t, dir)); diff != "" {
		t.Errorf("the files differ (-want +got):\n%s", diff)
	}
	for range 2 {
		if err := association.Unregister(); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(want[:1], written(t, dir)); diff != "" {
		t.Errorf("after leaving, the files differ (-want +got):\n%s", diff)
	}
}

func TestTheEntriesKeepToTheSpecification(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("XDG_DATA_HOME", dir)
	if err := association.Register(odd, nil); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(dir, "applications", "vn.kyso.desktop.desktop"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(b), "\n")
	want := `Exec="/opt/Ký số \\"1\\"/100%% \\$HOME/it's\\\\kyso" %F`
	if !slices.Contains(lines, want) {
		t.Errorf("no line %s in:\n%s", want, b)
	}
	if slices.ContainsFunc(lines, func(l string) bool { return strings.HasPrefix(l, "Default") }) {
		t.Error("the program makes itself the default")
	}
	for _, path := range []string{"applications/vn.kyso.desktop.desktop"} {
		if out, err := exec.CommandContext(t.Context(), "desktop-file-validate", filepath.Join(dir, path)).CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", path, err, out)
		}
	}
}

func TestTheMenuOfScriptsRunsTheProgramWithTheFiles(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("XDG_DATA_HOME", dir)
	program := filepath.Join(dir, "it's $a \"program\"")
	if err := os.WriteFile(program, []byte("#!/bin/sh\nprintf '%s|' \"$@\"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := association.Register(program, nil); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), filepath.Join(dir, "nautilus", "scripts", "Ký số…"), "/a b.pdf", "/c.pdf").CombinedOutput()
	if err != nil || string(out) != "/a b.pdf|/c.pdf|" {
		t.Errorf("got %q (%v)", out, err)
	}
}
