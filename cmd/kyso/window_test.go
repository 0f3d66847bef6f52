package main_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"kyso/app/demo"
	"kyso/app/docsys"
)

// tags are those the programs are built with (Makefile).
const tags = "migrated_fynedo,gles,x11"

// patience bounds every wait for the window: the first page waits for pdfium to
// be compiled, which a busy machine without a cache takes a minute for.
const patience = 3 * time.Minute

func TestALetterIsDroppedSignedSentAndCounted(t *testing.T) {
	o := openOffice(t)
	before := o.fulfilled(t)

	s := newScreen(t)
	w := openWindow(t, s, o.program, o.handover)
	w.wait(t, "queue 6")
	letter := filepath.Join(t.TempDir(), "Công văn 247.pdf")
	copyFile(t, o.demo.Letter(demo.Letters()[0]), letter)
	document := waiting(t, o.client, letter)
	s.drop(t, letter)
	w.wait(t, "shown place.found-title-and-name")
	s.keys(t, "Return")
	w.wait(t, "ceremony asking")
	s.write(t, demo.Chairman().PIN)
	s.keys(t, "Return")
	w.wait(t, "ceremony done")

	if got := o.fulfilled(t); got != before+1 {
		t.Errorf("the unit's rate: %d signed, want %d", got, before+1)
	}
	judge(t, o.client, document, read(t, letter), 1)
	if strings.Contains(w.said(), demo.Chairman().PIN) {
		t.Error("the PIN stands in what the program printed")
	}
}

// waiting gives the document whose file has the same bytes as the letter.
func waiting(t *testing.T, client *docsys.Client, letter string) docsys.Document {
	t.Helper()
	all, err := client.Waiting(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf("%x", sha256.Sum256(read(t, letter)))
	i := slices.IndexFunc(all, func(d docsys.Document) bool { return d.SHA256 == want })
	if i < 0 {
		t.Fatalf("none of %d documents has the letter's bytes", len(all))
	}
	return all[i]
}

// judge asks the server for what it holds now, and foreign programs for what
// they think of it; signatures are those that must be in it.
func judge(t *testing.T, client *docsys.Client, was docsys.Document, letter []byte, signatures int) {
	t.Helper()
	now, err := client.Document(t.Context(), was.ID)
	if err != nil {
		t.Fatal(err)
	}
	if now.Version == was.Version || slices.Contains(now.Missing, "approval") {
		t.Fatalf("the server holds no signed version: %+v", now)
	}
	b := content(t, client, now.Version)
	if !bytes.HasPrefix(b, letter) {
		t.Error("the signed version does not begin with the letter's bytes")
	}
	signed := filepath.Join(t.TempDir(), "signed.pdf")
	if err := os.WriteFile(signed, b, 0o600); err != nil {
		t.Fatal(err)
	}
	said, err := exec.CommandContext(t.Context(), "pdfsig", "-nocert", signed).CombinedOutput()
	if err != nil || strings.Count(string(said), "Signature is Valid") != signatures || !bytes.Contains(said, []byte(demo.Chairman().Name)) {
		t.Errorf("pdfsig: %v\n%s", err, said)
	}
	if said, err := exec.CommandContext(t.Context(), "qpdf", "--check", signed).CombinedOutput(); err != nil {
		t.Errorf("qpdf: %v\n%s", err, said)
	}
}

// content gives the bytes of a version.
func content(t *testing.T, client *docsys.Client, version string) []byte {
	t.Helper()
	body, err := client.Content(t.Context(), version)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(body)
	if err := errors.Join(err, body.Close()); err != nil {
		t.Fatal(err)
	}
	return b
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	if err := os.WriteFile(to, read(t, from), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestAStartThatCannotOpenAWindowSaysWhy(t *testing.T) {
	program := filepath.Join(build(t), "kyso")
	file := filepath.Join(t.TempDir(), "a file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	home := "HOME=" + t.TempDir()
	cases := map[string]struct {
		env  []string
		args []string
		want string
	}{
		"no display":                     {[]string{home}, nil, "màn hình"},
		"a display that does not answer": {[]string{home, "DISPLAY=:9999"}, nil, "màn hình"},
		"no home folder":                 {[]string{"PATH=/usr/bin"}, nil, "thư mục"},
		"a data folder that is a file":   {[]string{home}, []string{"--data", file}, "thư mục"},
		"no display, in English":         {[]string{home}, []string{"--lang", "en"}, "display"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if said := failedStart(t, program, c.env, c.args...); !strings.Contains(said, c.want) {
				t.Errorf("%q does not speak of %q", said, c.want)
			}
		})
	}
}
