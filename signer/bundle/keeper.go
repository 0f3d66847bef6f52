package bundle

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// suffix ends the names of bundles.
const suffix = ".evidence.zip"

// ErrNotFound reports a bundle that is not kept.
var ErrNotFound = errors.New("no such evidence bundle")

// Keeper is a folder of bundles. Its methods may run at the same time.
type Keeper struct{ folder string }

// Open takes a folder and makes it when it is not there.
func Open(folder string) (*Keeper, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("open the evidence folder: %w", err)
	}
	return &Keeper{folder}, nil
}

// Keep writes a bundle, whole or not at all, and gives its name: the hash of the
// judged file and the time of the judgement.
func (k *Keeper) Keep(b *Bundle) (name string, err error) {
	name = hex.EncodeToString(b.SHA256[:]) + "-" + b.Evidence.At.UTC().Format("20060102T150405Z")
	f, err := os.CreateTemp(k.folder, ".new-*")
	if err != nil {
		return "", fmt.Errorf("keep the evidence: %w", err)
	}
	err = errors.Join(b.Export(f), f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), k.path(name))
	}
	if err != nil {
		return "", fmt.Errorf("keep the evidence: %w", errors.Join(err, os.Remove(f.Name())))
	}
	return name, nil
}

// Names are the kept bundles, in the order of the names.
func (k *Keeper) Names() ([]string, error) {
	files, err := os.ReadDir(k.folder)
	if err != nil {
		return nil, fmt.Errorf("read the evidence folder: %w", err)
	}
	var names []string
	for _, f := range files {
		if name, ok := strings.CutSuffix(f.Name(), suffix); ok && !f.IsDir() {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names, nil
}

// Load reads a kept bundle.
func (k *Keeper) Load(name string) (*Bundle, error) {
	f, err := k.open(name, os.O_RDONLY)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // read only
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("read the evidence: %w", err)
	}
	return Import(f, info.Size())
}

// Destroy makes a bundle unreadable and removes it: its bytes are overwritten
// with random ones first. On a disk that moves what it writes elsewhere, such as
// an SSD, older bytes may stay until the disk clears them.
func (k *Keeper) Destroy(name string) error {
	f, err := k.open(name, os.O_WRONLY)
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err == nil {
		_, err = io.CopyN(f, rand.Reader, info.Size())
	}
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Remove(k.path(name))
	}
	if err != nil {
		return fmt.Errorf("destroy the evidence: %w", err)
	}
	return nil
}

func (k *Keeper) open(name string, flag int) (*os.File, error) {
	if name != filepath.Base(name) || strings.HasPrefix(name, ".") {
		return nil, fmt.Errorf("%w: %s", ErrNotFound, name)
	}
	f, err := os.OpenFile(k.path(name), flag, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %s", ErrNotFound, name)
	}
	if err != nil {
		return nil, fmt.Errorf("open the evidence: %w", err)
	}
	return f, nil
}

func (k *Keeper) path(name string) string { return filepath.Join(k.folder, name+suffix) }
