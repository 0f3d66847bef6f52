package desktop_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"kyso/app/desktop"
	"kyso/app/desktop/bustest"
)

// patience bounds the wait for another program.
const patience = time.Minute

// paper is a file to show and to print.
func paper(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "Công văn 1.pdf")
	if err := os.WriteFile(path, []byte("%PDF-1.7"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// programs puts scripts into a folder that is the whole PATH.
func programs(t *testing.T, scripts map[string]string) {
	t.Helper()
	dir := t.TempDir()
	for name, script := range scripts {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+script), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", dir)
}

// manager is a file manager on a session bus of the test's own.
type manager struct{ shown chan string }

// ShowItems is the call that a file manager answers.
func (m manager) ShowItems(uris []string, _ string) *dbus.Error {
	m.shown <- strings.Join(uris, " ")
	return nil
}

func TestTheFileManagerSelectsTheFile(t *testing.T) {
	bus := bustest.Start(t)
	m := manager{make(chan string, 1)}
	if err := bus.Export(m, "/org/freedesktop/FileManager1", "org.freedesktop.FileManager1"); err != nil {
		t.Fatal(err)
	}
	if _, err := bus.RequestName("org.freedesktop.FileManager1", 0); err != nil {
		t.Fatal(err)
	}
	path := paper(t)
	if err := desktop.Reveal(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	want := "file://" + strings.NewReplacer(" ", "%20", "ô", "%C3%B4", "ă", "%C4%83").Replace(path)
	if got := <-m.shown; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestWithoutAFileManagerTheFolderIsOpened(t *testing.T) {
	bustest.Start(t) // nobody answers on it
	told := filepath.Join(t.TempDir(), "told")
	programs(t, map[string]string{"xdg-open": `echo "$1" > ` + told + ".new && /bin/mv " + told + ".new " + told})
	path := paper(t)
	if err := desktop.Reveal(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	limit, again := time.NewTimer(patience), time.NewTicker(20*time.Millisecond)
	defer limit.Stop()
	defer again.Stop()
	for {
		if b, err := os.ReadFile(told); err == nil {
			if got := strings.TrimSpace(string(b)); got != filepath.Dir(path) {
				t.Errorf("got %s, want %s", got, filepath.Dir(path))
			}
			return
		}
		select {
		case <-again.C:
		case <-limit.C:
			t.Fatal("no folder was opened")
		}
	}
}

func TestPrintersAndWhatStandsInTheWay(t *testing.T) {
	cases := map[string]struct {
		lpstat string // nothing for a system without CUPS
		want   []string
		err    error
	}{
		"the usual one comes first": {`case $1 in -e) echo HP; echo Van-thu;; -d) echo "system default destination: Van-thu";; esac`, []string{"Van-thu", "HP"}, nil},
		"none is the usual one":     {`case $1 in -e) echo HP; echo PDF;; -d) echo "no system default destination";; esac`, []string{"HP", "PDF"}, nil},
		"there is none":             {`exit 0`, nil, desktop.ErrNoPrinter},
		"CUPS says that":            {`echo "lpstat: No destinations added." >&2; exit 1`, nil, desktop.ErrNoPrinter},
		"CUPS does not run":         {`echo "lpstat: Connection refused" >&2; exit 1`, nil, desktop.ErrNoPrinting},
		"there is no CUPS":          {"", nil, desktop.ErrNoPrinting},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			programs(t, nil)
			if c.lpstat != "" {
				programs(t, map[string]string{"lpstat": c.lpstat})
			}
			got, err := desktop.Printers(t.Context())
			if !slices.Equal(got, c.want) || !errors.Is(err, c.err) {
				t.Errorf("got %q, %v; want %q, %v", got, err, c.want, c.err)
			}
		})
	}
}

func TestAFileIsPrinted(t *testing.T) {
	told := filepath.Join(t.TempDir(), "told")
	programs(t, map[string]string{"lp": `for a in "$@"; do printf '%s\n' "$a"; done > ` + told})
	path := paper(t)
	if err := desktop.Print(t.Context(), path, "Van-thu", 2); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(told)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := strings.Fields(strings.ReplaceAll(string(b), "Công văn 1.pdf", "NAME")), strings.Fields("-n 2 -t NAME -d Van-thu -- "+filepath.Dir(path)+"/NAME"); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	programs(t, map[string]string{"lp": `echo "lp: The printer or class does not exist." >&2; exit 1`})
	err = desktop.Print(t.Context(), path, "gone", 1)
	if named, ok := errors.AsType[interface {
		error
		ExplainCode() string
	}](err); !ok || named.ExplainCode() != "print-failed" || !strings.Contains(err.Error(), "does not exist") {
		t.Errorf("got %v", err)
	}
}
