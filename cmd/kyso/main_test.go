package main_test

import (
	"bytes"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	main "kyso/cmd/kyso"
)

// field reads one value of a TOML file of plain lines.
func field(t *testing.T, toml, name string) string {
	t.Helper()
	for line := range strings.Lines(toml) {
		if key, value, ok := strings.Cut(line, "="); ok && strings.TrimSpace(key) == name {
			return strings.Trim(strings.TrimSpace(value), `"`)
		}
	}
	t.Fatalf("FyneApp.toml has no %s", name)
	return ""
}

func TestTheMetadataAgreesWithFyneApp(t *testing.T) {
	b, err := os.ReadFile("../../FyneApp.toml")
	if err != nil {
		t.Fatal(err)
	}
	toml, m := string(b), main.Metadata()
	got := map[string]string{"ID": m.ID, "Name": m.Name, "Version": m.Version, "Build": strconv.Itoa(m.Build), "fyneDo": strconv.FormatBool(m.Migrations["fyneDo"])}
	for name, value := range got {
		if want := field(t, toml, name); value != want {
			t.Errorf("%s: got %q, FyneApp.toml says %q", name, value, want)
		}
	}
}

func TestASecondStartHandsItsFilesToTheFirst(t *testing.T) {
	data := t.TempDir()
	serve, release, handed := main.Claim(data, nil)
	if handed {
		t.Fatal("the first start handed its files to nobody")
	}
	got := make(chan []string, 1)
	done := make(chan struct{})
	go func() {
		defer close(done)
		serve(func(files []string) { got <- files })
	}()
	want := []string{"/tài liệu/thư.pdf", "/b.pdf"}
	if _, _, handed = main.Claim(data, want); !handed {
		t.Fatal("the second start kept its files")
	}
	if diff := cmp.Diff(want, <-got); diff != "" {
		t.Errorf("the files differ (-want +got):\n%s", diff)
	}
	release()
	<-done
	_, release, handed = main.Claim(data, nil)
	if handed {
		t.Fatal("after the first has ended, a start handed its files to nobody")
	}
	release()
}

func TestWhatStandsInTheWayIsToldInThreeLines(t *testing.T) {
	file := t.TempDir() + "/file"
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	cases := map[string]struct {
		env  map[string]string
		args []string
		in   string
		code int
		says string
	}{
		"no display":              {map[string]string{"DISPLAY": "", "WAYLAND_DISPLAY": ""}, []string{"--data", t.TempDir()}, "", 1, "Không mở được cửa sổ."},
		"no display in English":   {map[string]string{"DISPLAY": "", "WAYLAND_DISPLAY": ""}, []string{"--lang", "en", "--data", t.TempDir()}, "", 1, "The window cannot be shown."},
		"no HOME":                 {map[string]string{"HOME": "", "XDG_CONFIG_HOME": "", "XDG_CACHE_HOME": ""}, nil, "", 1, ""},
		"a folder that is a file": {nil, []string{"--data", file}, "", 1, ""},
		"a broken handover":       {nil, []string{"--handover"}, "{", 1, ""},
		"an unknown language":     {nil, []string{"--lang", "fr"}, "", 2, "--lang vi|en"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			for k, v := range c.env {
				t.Setenv(k, v)
			}
			var errs bytes.Buffer
			if got := main.Run(time.Now(), c.args, strings.NewReader(c.in), &errs); got != c.code {
				t.Errorf("got exit %d, want %d", got, c.code)
			}
			if !strings.Contains(errs.String(), c.says) {
				t.Errorf("got %q, want it to say %q", errs.String(), c.says)
			}
			if lines := strings.Count(errs.String(), "\n"); c.code == 1 && lines < 3 {
				t.Errorf("got %d lines, want what, why and what next:\n%s", lines, errs.String())
			}
		})
	}
}
