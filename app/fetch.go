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

// ErrNoFile reports a document that has no file yet.
var ErrNoFile = errors.New("the document has no file on the server yet")

// Fetch gives the path of a document's newest file, from the cache when it is
// there. The bytes are held against the server's hash before the file gets its
// name.
func (a *App) Fetch(ctx context.Context, d docsys.Document) (string, error) {
	if d.Version == "" {
		return "", fmt.Errorf("fetch document %s: %w", d.ID, ErrNoFile)
	}
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

// Match gives the document among those named whose newest file has the same
// bytes as the file at path, nil when there is none.
func (a *App) Match(path string, among []docsys.Document) (*docsys.Document, error) {
	sum, err := sumOf(path)
	if err != nil {
		return nil, fmt.Errorf("compare %s with what waits: %w", path, err)
	}
	for i := range among {
		if sum != "" && among[i].SHA256 == sum {
			return &among[i], nil
		}
	}
	return nil, nil //nolint:nilnil // most files wait nowhere
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
		err = docsys.ErrDigest
	}
	if err == nil {
		err = os.Rename(t.Name(), path)
	}
	return err //nolint:wrapcheck // wrapped by Fetch
}

// sumOf gives the SHA-256 of a file in hexadecimal.
func sumOf(path string) (string, error) {
	f, err := os.Open(path)
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
