package blob

import (
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Pieces is a folder of pieces of files that are on their way, under names that
// the caller gives once and never again. Its methods may be called from several
// goroutines and processes.
type Pieces struct{ root string }

// OpenPieces opens or makes the folder at root.
func OpenPieces(root string) (*Pieces, error) {
	if err := os.MkdirAll(root, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of pieces: %w", err)
	}
	return &Pieces{root: root}, nil
}

// path gives ErrName for a name that is not one of a file in the folder.
func (p *Pieces) path(name string) (string, error) {
	if name == "" || strings.ContainsAny(name, `/\.:`) {
		return "", ErrName
	}
	return filepath.Join(p.root, name), nil
}

// Put stores a piece. After a nil error it survives a loss of power; after
// another one nothing of it is kept.
func (p *Pieces) Put(name string, b []byte) (err error) {
	path, err := p.path(name)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("make a piece: %w", err)
	}
	defer func() {
		if err != nil {
			_ = os.Remove(path)
		}
	}()
	_, err = f.Write(b)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("write a piece: %w", err)
	}
	if err = syncFolder(p.root); err != nil {
		return fmt.Errorf("sync the folder of pieces: %w", err)
	}
	return nil
}

// Open opens a piece; the caller closes it. One that is not there gives fs.ErrNotExist.
func (p *Pieces) Open(name string) (*os.File, error) {
	path, err := p.path(name)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open a piece: %w", err)
	}
	return f, nil
}

// Remove removes a piece; one that is not there is removed already.
func (p *Pieces) Remove(name string) error {
	path, err := p.path(name)
	if err != nil {
		return err
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove a piece: %w", err)
	}
	return nil
}

// Old gives the names of the pieces that were written before a time, in no order.
func (p *Pieces) Old(before time.Time) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		entries, err := os.ReadDir(p.root)
		if err != nil {
			yield("", fmt.Errorf("list the pieces: %w", err))
			return
		}
		for _, e := range entries {
			info, err := e.Info()
			if err != nil || !info.Mode().IsRegular() || !info.ModTime().Before(before) {
				continue // removed meanwhile, or new
			}
			if !yield(e.Name(), nil) {
				return
			}
		}
	}
}
