package blob_test

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"kyso/app/blob"
)

func TestPieces(t *testing.T) {
	root := filepath.Join(t.TempDir(), "p")
	p, err := blob.OpenPieces(root)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Put("A", []byte("mảnh")); err != nil {
		t.Fatal(err)
	}
	if err := p.Put("A", []byte("khác")); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a name that was given: %v", err)
	}
	f, err := p.Open("A")
	if err != nil {
		t.Fatal(err)
	}
	if b, err := io.ReadAll(f); err != nil || string(b) != "mảnh" || f.Close() != nil {
		t.Errorf("read %q, %v", b, err)
	}
	if err := p.Put("B", nil); err != nil {
		t.Fatal(err)
	}
	hour := time.Now().Add(-time.Hour)
	if err := os.Chtimes(filepath.Join(root, "B"), hour, hour); err != nil {
		t.Fatal(err)
	}
	for name, err := range p.Old(time.Now().Add(-time.Minute)) {
		if name != "B" || err != nil {
			t.Errorf("old: %s, %v", name, err)
		}
		if err := p.Remove(name); err != nil {
			t.Error(err)
		}
	}
	if err := p.Remove("B"); err != nil {
		t.Errorf("removed twice: %v", err)
	}
	if _, err := p.Open("B"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("removed and opened: %v", err)
	}
}

func TestPiecesStayInTheirFolder(t *testing.T) {
	p, err := blob.OpenPieces(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"", ".", "..", "../x", "a/b", `a\b`, "c:x"} {
		_, opened := p.Open(name)
		if put := p.Put(name, nil); !errors.Is(put, blob.ErrName) || !errors.Is(opened, blob.ErrName) || !errors.Is(p.Remove(name), blob.ErrName) {
			t.Errorf("%q: %v, %v", name, put, opened)
		}
	}
}
