package settings_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kyso/app/settings"
)

func TestWhatWasSavedIsRead(t *testing.T) {
	f, err := settings.FindFolders(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	want := settings.Settings{Language: "en", Server: "https://vanban.example", Modules: []string{"/opt/Chữ ký số/m.so"}, Level: "B-T", TimeStampServers: []string{"http://tsa.ca.gov.vn"}, PSS: true}
	if err := settings.Save(f, want); err != nil {
		t.Fatal(err)
	}
	got, err := settings.Load(f)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	left, err := filepath.Glob(filepath.Join(f.Data, ".settings-*"))
	if err != nil || len(left) != 0 {
		t.Errorf("temporary files left: %v, %v", left, err)
	}
}

func TestFirstStartHasEmptySettings(t *testing.T) {
	f, err := settings.FindFolders(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	got, err := settings.Load(f)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(settings.Settings{}, got); d != "" {
		t.Error(d)
	}
}

func TestDamagedSettingsAreToldAndKept(t *testing.T) {
	f, err := settings.FindFolders(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(f.Data, "settings.json")
	if err := os.WriteFile(file, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := settings.Load(f); err == nil {
		t.Error("a damaged file was read without an error")
	}
	if b, err := os.ReadFile(file); err != nil || string(b) != "{" {
		t.Errorf("the damaged file was changed: %q, %v", b, err)
	}
}

func TestNoHomeIsTold(t *testing.T) {
	for _, name := range []string{"HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "AppData", "LocalAppData"} {
		t.Setenv(name, "")
	}
	if _, err := settings.FindFolders(""); !errors.Is(err, settings.ErrNoFolder) {
		t.Errorf("got %v, want ErrNoFolder", err)
	}
}

func TestFolderThatCannotBeMadeIsTold(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := settings.FindFolders(file); !errors.Is(err, settings.ErrNoFolder) {
		t.Errorf("got %v, want ErrNoFolder", err)
	}
}
