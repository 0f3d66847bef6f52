package signer_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kyso/signer"
)

// TestTheCorpusIsSignedOrRefused walks the PDF files of other projects, when
// KYSO_CORPUS names a folder of them: each is signed, refused with a code, or
// told to be unreadable; none is changed, none takes long, nothing panics.
func TestTheCorpusIsSignedOrRefused(t *testing.T) {
	folder := os.Getenv("KYSO_CORPUS")
	if folder == "" {
		t.Skip("KYSO_CORPUS names no corpus")
	}
	req := request(t, newPKI(t), "P-256")
	req.Marks = []signer.Mark{{Page: 1, Rect: signer.Rect{X: 1, Y: 1, W: 8, H: 4}, Image: quarters(10)}}
	keep := os.Getenv("KYSO_CORPUS_OUT")
	counts := map[string]int{}
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.EqualFold(filepath.Ext(path), ".pdf") {
			return err
		}
		counts["files"]++
		out := filepath.Join(t.TempDir(), "out.pdf")
		if keep != "" {
			name, err := filepath.Rel(folder, path)
			if err != nil {
				return err
			}
			out = filepath.Join(keep, strings.ReplaceAll(name, string(filepath.Separator), "__"))
		}
		result := signOne(t, path, out, req)
		counts[result]++
		if result != "signed" && result != "damaged" && result != "encrypted" {
			t.Logf("%s: %s", result, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if counts["signed"] == 0 {
		t.Errorf("nothing was signed: %v", counts)
	}
	t.Log(counts)
}

// signOne signs a file and gives "signed", a refusal's code, or "error".
func signOne(t *testing.T, path, out string, req signer.Request) string {
	t.Helper()
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	start := time.Now()
	_, err = signer.SignFile(ctx, path, out, req)
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("%s took %s", path, took)
	}
	after, err2 := os.ReadFile(path)
	if err2 != nil || !bytes.Equal(before, after) {
		t.Errorf("%s was changed", path)
	}
	refused := (*signer.RefusalError)(nil)
	switch {
	case err == nil:
		return "signed"
	case errors.As(err, &refused):
		return refused.Code
	case errors.Is(err, signer.ErrNoPlace):
		return "no-place"
	}
	t.Logf("%s: %v", path, err)
	return "error"
}
