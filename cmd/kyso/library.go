package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"kyso/app/docsys"
)

// library keeps documents of the server in the cache, each under its hash.
type library struct {
	client *docsys.Client
	dir    string
}

// errNoFile reports a document that has no file yet.
var errNoFile = errors.New("the document has no file on the server yet")

// Fetch gives the path of the document's newest file. What is there already is
// checked against the hash again: the cache is only a cache.
func (l library) Fetch(ctx context.Context, d docsys.Document) (string, error) {
	if d.Version == "" {
		return "", fmt.Errorf("fetch document %s: %w", d.ID, errNoFile)
	}
	path := filepath.Join(l.dir, d.SHA256+".pdf")
	if sum, err := hashOf(path); err == nil && sum == d.SHA256 {
		return path, nil
	}
	if err := os.MkdirAll(l.dir, 0o700); err != nil {
		return "", fmt.Errorf("fetch document %s: %w", d.ID, err)
	}
	if err := l.load(ctx, d, path); err != nil {
		return "", fmt.Errorf("fetch document %s: %w", d.ID, err)
	}
	return path, nil
}

// load writes the newest file to path, through a name of its own.
func (l library) load(ctx context.Context, d docsys.Document, path string) (err error) {
	body, err := l.client.Content(ctx, d.Version)
	if err != nil {
		return err //nolint:wrapcheck // docsys says what it did
	}
	defer func() { err = errors.Join(err, body.Close()) }()
	t, err := os.CreateTemp(l.dir, ".part-*")
	if err != nil {
		return err //nolint:wrapcheck // wrapped with the document by Fetch
	}
	defer os.Remove(t.Name()) //nolint:errcheck // gone after the rename
	h := sha256.New()
	_, err = io.Copy(io.MultiWriter(t, h), body)
	if err = errors.Join(err, t.Close()); err != nil {
		return err
	}
	if sum := hex.EncodeToString(h.Sum(nil)); sum != d.SHA256 {
		return fmt.Errorf("%w: got %s, the server says %s", docsys.ErrDigest, sum, d.SHA256)
	}
	return os.Rename(t.Name(), path) //nolint:wrapcheck // wrapped with the document by Fetch
}

// hashOf is the SHA-256 of a file in lower-case hexadecimal.
func hashOf(path string) (sum string, err error) {
	f, err := os.Open(path) //nolint:gosec // a file of the cache
	if err != nil {
		return "", err //nolint:wrapcheck // only asked whether it is there
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err //nolint:wrapcheck // as above
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
