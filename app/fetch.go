package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"kyso/app/docsys"
)

// ErrWrongBytes reports a file whose bytes are not those that the server named.
var ErrWrongBytes = errors.New("the file is not what the server named")

// Fetch gives the path of a document's newest file, from the cache when it is
// there. The bytes are held against the server's hash before the file gets its
// name.
func (a *App) Fetch(ctx context.Context, d docsys.Document) (string, error) {
	dir := filepath.Join(a.Folders.Cache, "documents")
	path := filepath.Join(dir, d.SHA256+".pdf")
	if sum, err := sumOf(path); err == nil && sum == d.SHA256 {
		return path, nil
	}
	if a.Client == nil {
		return "", fmt.Errorf("fetch document %s: %w", d.ID, docsys.ErrOffline)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("fetch document %s: %w", d.ID, err)
	}
	body, err := a.Client.Content(ctx, d.Version)
	if err != nil {
		return "", fmt.Errorf("fetch document %s: %w", d.ID, err)
	}
	defer body.Close() //nolint:errcheck // only read
	if err := store(dir, path, d.SHA256, body); err != nil {
		return "", fmt.Errorf("fetch document %s: %w", d.ID, err)
	}
	return path, nil
}

// store writes body to path if its hash is want.
func store(dir, path, want string, body io.Reader) error {
	t, err := os.CreateTemp(dir, ".fetch-*")
	if err != nil {
		return err //nolint:wrapcheck // wrapped by Fetch
	}
	defer os.Remove(t.Name()) //nolint:errcheck // gone after the rename
	h := sha256.New()
	_, err = io.Copy(io.MultiWriter(t, h), body)
	if cerr := t.Close(); err == nil {
		err = cerr
	}
	if err == nil && hex.EncodeToString(h.Sum(nil)) != want {
		err = ErrWrongBytes
	}
	if err == nil {
		err = os.Rename(t.Name(), path)
	}
	return err //nolint:wrapcheck // wrapped by Fetch
}

// sumOf gives the SHA-256 of a file in hexadecimal.
func sumOf(path string) (string, error) {
	f, err := os.Open(path) //nolint:gosec // a path of the cache
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return "", nil
		}
		return "", err //nolint:wrapcheck // Fetch then downloads anew
	}
	defer f.Close() //nolint:errcheck // only read
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err //nolint:wrapcheck // Fetch then downloads anew
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
