package blob_test

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kyso/app/blob"
)

func TestPutThenOpen(t *testing.T) {
	d, err := blob.OpenDir(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	sha, size, err := d.Put(strings.NewReader("một văn bản"))
	if err != nil || size != int64(len("một văn bản")) {
		t.Fatalf("Put = %s, %d, %v", sha, size, err)
	}
	if again, _, err := d.Put(strings.NewReader("một văn bản")); err != nil || again != sha {
		t.Errorf("the same bytes again = %s, %v; want %s", again, err, sha)
	}
	f, err := d.Open(sha)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	if got, err := io.ReadAll(f); err != nil || string(got) != "một văn bản" {
		t.Errorf("read %q, %v", got, err)
	}
}

func TestPutAsKeepsNothingOfOtherBytes(t *testing.T) {
	root := t.TempDir()
	d, err := blob.OpenDir(root)
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Repeat("0", 64)
	_, err = d.PutAs(strings.NewReader("x"), want)
	if mismatch := (*blob.MismatchError)(nil); !errors.As(err, &mismatch) || mismatch.Want != want {
		t.Errorf("got %v, want a MismatchError", err)
	}
	if left, _ := os.ReadDir(root); len(left) != 0 {
		t.Errorf("kept %v", left)
	}
}

func TestACutReadKeepsNothing(t *testing.T) {
	root := t.TempDir()
	d, err := blob.OpenDir(root)
	if err != nil {
		t.Fatal(err)
	}
	cut := io.MultiReader(bytes.NewReader(make([]byte, 1000)), iotestErr{})
	if _, _, err := d.Put(cut); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("got %v", err)
	}
	if left, _ := os.ReadDir(root); len(left) != 0 {
		t.Errorf("kept %v", left)
	}
}

func TestOpenDirRemovesWhatACrashLeft(t *testing.T) {
	root := t.TempDir()
	if err := os.WriteFile(filepath.Join(root, "part-123"), []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := blob.OpenDir(root); err != nil {
		t.Fatal(err)
	}
	if left, _ := os.ReadDir(root); len(left) != 0 {
		t.Errorf("left %v", left)
	}
}

func TestOpenSharedLeavesWhatOthersWrite(t *testing.T) {
	root, now := t.TempDir(), time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC)
	for name, age := range map[string]time.Duration{"part-new": time.Minute, "part-old": 48 * time.Hour} {
		path := filepath.Join(root, name)
		if err := os.WriteFile(path, []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, now.Add(-age), now.Add(-age)); err != nil {
			t.Fatal(err)
		}
	}
	d, err := blob.OpenShared(root, now)
	if err != nil {
		t.Fatal(err)
	}
	left, err := os.ReadDir(root)
	if err != nil || len(left) != 1 || left[0].Name() != "part-new" {
		t.Errorf("left %v, %v", left, err)
	}
	sha, _, err := d.Put(strings.NewReader("một văn bản"))
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for name, err := range d.All() {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, name)
	}
	if len(all) != 1 || all[0] != sha {
		t.Errorf("lists %v, want %s", all, sha)
	}
}

func TestNamesThatAreNoHash(t *testing.T) {
	d, err := blob.OpenDir(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]error{
		"":                              blob.ErrName,
		"../../etc/passwd":              blob.ErrName,
		strings.Repeat("A", 64):         blob.ErrName,
		strings.Repeat("../", 21) + "x": blob.ErrName,
		strings.Repeat("a", 64):         fs.ErrNotExist,
	} {
		if _, err := d.Open(name); !errors.Is(err, want) {
			t.Errorf("Open(%q) = %v, want %v", name, err, want)
		}
	}
}

type iotestErr struct{}

func (iotestErr) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
