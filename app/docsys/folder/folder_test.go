package folder_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kyso/app/docsys"
	"kyso/app/docsys/conform"
	"kyso/app/docsys/folder"
)

func at() time.Time { return time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC) }

// next makes a submission of a new document.
func next(name string) docsys.Submission {
	file := append([]byte("%PDF-1.7\n"), rand.Text()...)
	s := conform.Submission("d-"+rand.Text(), "", "signed", rand.Text(), file)
	s.Metadata = docsys.Metadata{FileName: name, Subject: "V/v thử"}
	return s
}

// held reads every document whose sidecar has the submission's key.
func held(root string, s docsys.Submission) ([][]byte, error) {
	sides, err := filepath.Glob(filepath.Join(root, "*.json"))
	if err != nil {
		return nil, err
	}
	var out [][]byte
	for _, path := range sides {
		raw, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		side, err := docsys.DecodeSidecar(raw)
		if err != nil || side.Key != s.Key {
			continue
		}
		if b, err := os.ReadFile(filepath.Join(root, side.File)); err == nil {
			out = append(out, b)
		}
	}
	return out, nil
}

func TestTheFolderKeepsWhatTheOutboxReliesOn(t *testing.T) {
	root := t.TempDir()
	n := 0
	system := conform.System{
		Connector: folder.New(root, at),
		Next: func(context.Context) (docsys.Submission, error) {
			n++
			return next(fmt.Sprintf("công văn %d.pdf", n)), nil
		},
		Held: func(_ context.Context, s docsys.Submission) ([][]byte, error) { return held(root, s) },
	}
	for _, c := range conform.Delivery(system) {
		t.Run(c.Name, func(t *testing.T) {
			if err := c.Run(t.Context()); err != nil {
				t.Error(err)
			}
			if left, _ := filepath.Glob(filepath.Join(root, ".kyso-*")); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

func names(t *testing.T, root string) string {
	t.Helper()
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return strings.Join(out, ", ")
}

func TestNoFileIsEverReplaced(t *testing.T) {
	root := t.TempDir()
	for _, name := range []string{"a.pdf", "a (2).json"} {
		if err := os.WriteFile(filepath.Join(root, name), []byte("theirs"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r, err := folder.New(root, at).Submit(t.Context(), next("a.pdf"))
	if err != nil || r.Version != "a (3).pdf" {
		t.Fatalf("got %+v, %v", r, err)
	}
	if got, want := names(t, root), "a (2).json, a (3).json, a (3).pdf, a.pdf"; got != want {
		t.Errorf("the folder has %s, want %s", got, want)
	}
	if b, err := os.ReadFile(filepath.Join(root, "a.pdf")); err != nil || string(b) != "theirs" {
		t.Errorf("the other file is %q, %v", b, err)
	}
}

// TestAfterAKillAtTheNameItIsFoundAgain stops a delivery right after the name was
// remembered, plays what may have happened then, and delivers again.
func TestAfterAKillAtTheNameItIsFoundAgain(t *testing.T) {
	cases := map[string]struct {
		happened func(t *testing.T, root string, s docsys.Submission)
		want     string // files at the end
		problem  bool
	}{
		"nothing more": {func(*testing.T, string, docsys.Submission) {}, "a.json, a.pdf", false},
		"both were published": {func(t *testing.T, root string, s docsys.Submission) {
			t.Helper()
			submit(t, root, s)
		}, "a.json, a.pdf", false},
		"the PDF was published and taken": {func(t *testing.T, root string, s docsys.Submission) {
			t.Helper()
			submit(t, root, s)
			remove(t, root, "a.pdf")
		}, "a.json", false},
		"both were published and taken": {func(t *testing.T, root string, s docsys.Submission) {
			t.Helper()
			submit(t, root, s)
			remove(t, root, "a.pdf", "a.json")
		}, "", true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			s := next("a.pdf")
			killed := errors.New("killed")
			first := s
			first.Remember = func(resume string) error { s.Resume = resume; return killed }
			if _, err := folder.New(root, at).Submit(t.Context(), first); !errors.Is(err, killed) {
				t.Fatal(err)
			}
			c.happened(t, root, s)
			forgot := false
			s.Remember = func(resume string) error { forgot = resume == ""; return nil }
			r, err := folder.New(root, at).Submit(t.Context(), s)
			p, isProblem := errors.AsType[*docsys.Problem](err)
			switch {
			case c.problem && (!isProblem || p.Retryable || !forgot):
				t.Errorf("got %+v, %v, want a question to the person", r, err)
			case !c.problem && (err != nil || r.Version != "a.pdf"):
				t.Errorf("got %+v, %v", r, err)
			}
			if got := names(t, root); got != c.want {
				t.Errorf("the folder has %q, want %q", got, c.want)
			}
		})
	}
}

func submit(t *testing.T, root string, s docsys.Submission) {
	t.Helper()
	if _, err := folder.New(root, at).Submit(t.Context(), s); err != nil {
		t.Fatal(err)
	}
}

func remove(t *testing.T, root string, names ...string) {
	t.Helper()
	for _, n := range names {
		if err := os.Remove(filepath.Join(root, n)); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAFolderThatIsAwayIsNoRefusal(t *testing.T) {
	f := folder.New(filepath.Join(t.TempDir(), "share"), at)
	if _, err := f.Submit(t.Context(), next("a.pdf")); !errors.Is(err, docsys.ErrOffline) || errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v, want no answer", err)
	}
	if k, err := f.Check(t.Context()); !errors.Is(err, docsys.ErrOffline) || len(k.Steps) != 1 {
		t.Errorf("the check-up says %+v, %v", k, err)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := folder.New(file, at).Check(t.Context()); err == nil || errors.Is(err, docsys.ErrOffline) {
		t.Errorf("a file instead of a folder gave %v", err)
	}
}

func TestOurOwnCopyThatIsGoneIsToldAsSuch(t *testing.T) {
	s := next("a.pdf")
	s.Open = func() (io.ReadCloser, error) {
		return nil, os.ErrNotExist
	}
	if _, err := folder.New(t.TempDir(), at).Submit(t.Context(), s); !errors.Is(err, os.ErrNotExist) || errors.Is(err, docsys.ErrOffline) {
		t.Errorf("got %v", err)
	}
}
