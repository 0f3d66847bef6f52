package desktop_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"

	"kyso/app/desktop"
)

// toldVariable has this test program write its command line into the file that it
// names, and end: it stands in for the programs of the desktop.
const toldVariable = "KYSO_DESKTOP_TOLD"

func TestMain(m *testing.M) {
	told := os.Getenv(toldVariable)
	if told == "" {
		os.Exit(m.Run())
	}
	line := windows.UTF16PtrToString(windows.GetCommandLine())
	err := os.WriteFile(told+".new", []byte(line), 0o600)
	if err == nil {
		err = os.Rename(told+".new", told)
	}
	if err != nil {
		os.Exit(1)
	}
	os.Exit(0)
}

// patience bounds the wait for another program.
const patience = 20 * time.Second

// listen has other programs tell how they are called; what gives the first line.
func listen(t *testing.T) (what func() string) {
	t.Helper()
	told := filepath.Join(t.TempDir(), "told")
	t.Setenv(toldVariable, told)
	return func() string {
		t.Helper()
		limit, again := time.NewTimer(patience), time.NewTicker(20*time.Millisecond)
		defer limit.Stop()
		defer again.Stop()
		for {
			if b, err := os.ReadFile(told); err == nil {
				return string(b)
			}
			select {
			case <-again.C:
			case <-limit.C:
				t.Fatal("no program was called")
			}
		}
	}
}

// paper is a file to show and to print, of a kind that only this test knows.
func paper(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "Phòng Nội vụ, tầng 2 & 3")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "Công văn, số 1 (ký).kysotest")
	if err := os.WriteFile(path, []byte("%PDF-1.7"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// self is this test program.
func self(t *testing.T) string {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return program
}

// class writes a class of files, with the command of each verb. Wine finds those of the
// computer alone, so it is one of these.
func class(t *testing.T, name string, verbs map[string]string) {
	t.Helper()
	key := name
	keys := []string{key}
	for verb, command := range verbs {
		for _, part := range []string{`\shell`, `\shell\` + verb, `\shell\` + verb + `\command`} {
			keys = append(keys, key+part)
		}
		write(t, key+`\shell\`+verb+`\command`, "", command)
	}
	t.Cleanup(func() {
		for i := range keys {
			if err := registry.DeleteKey(registry.CLASSES_ROOT, keys[len(keys)-1-i]); err != nil && !errors.Is(err, registry.ErrNotExist) && !errors.Is(err, windows.ERROR_ACCESS_DENIED) {
				t.Error(err)
			}
		}
	})
}

// write writes a value of the classes.
func write(t *testing.T, key, name, text string) {
	t.Helper()
	k, _, err := registry.CreateKey(registry.CLASSES_ROOT, key, registry.SET_VALUE)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(k.SetStringValue(name, text), k.Close()); err != nil {
		t.Fatal(err)
	}
}

// kind makes the class of paper's files.
func kind(t *testing.T, verbs map[string]string) {
	t.Helper()
	class(t, ".kysotest", nil)
	write(t, ".kysotest", "", "KysoTestFile")
	class(t, "KysoTestFile", verbs)
}

func TestTheExplorerSelectsTheFile(t *testing.T) {
	dir := t.TempDir()
	from, err := os.Open(self(t))
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close() //nolint:errcheck // only read
	to, err := os.OpenFile(filepath.Join(dir, "explorer.exe"), os.O_CREATE|os.O_WRONLY, 0o700)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(to, from); err != nil {
		t.Fatal(err)
	}
	if err := to.Close(); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir)
	path := paper(t)
	for name, given := range map[string]string{"by its whole path": path, "by a path from here": filepath.Base(path)} {
		t.Run(name, func(t *testing.T) {
			t.Chdir(filepath.Dir(path))
			what := listen(t)
			if err := desktop.Reveal(t.Context(), given); err != nil {
				t.Fatal(err)
			}
			if got, want := what(), fmt.Sprintf(`explorer.exe /select,"%s"`, path); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

func TestTheProgramThatShowsAFilePrintsIt(t *testing.T) {
	verbs := map[string]string{}
	for _, verb := range []string{"open", "print"} {
		verbs[verb] = `"` + self(t) + `" /` + verb + ` "%1"`
	}
	kind(t, verbs)
	what, path := listen(t), paper(t)
	if err := desktop.Print(t.Context(), path, "", 1); err != nil {
		t.Fatal(err)
	}
	if got, want := what(), ` /print "`+path+`"`; !strings.HasSuffix(got, want) {
		t.Errorf("got %s, want it to end with %s", got, want)
	}
}
