// Package blob keeps files under the SHA-256 of their bytes.
//
// A file is either complete and durable or not there: it is written beside its
// place, synced, then renamed. Nothing is ever changed in place. The package is
// not a cache: it never removes a file by itself.
package blob

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"time"
)

// ErrName reports a name that is not 64 lower-case hexadecimal digits.
var ErrName = errors.New("not a SHA-256 in lower-case hexadecimal")

// Dir is a folder of blobs. Its methods may be called from several goroutines.
type Dir struct{ root string }

// OpenDir opens or makes the folder at root, and removes what a crash left half-written.
func OpenDir(root string) (*Dir, error) {
	if err := os.MkdirAll(root, 0o700); err != nil {
		return nil, fmt.Errorf("make the blob folder: %w", err)
	}
	left, err := filepath.Glob(filepath.Join(root, "part-*"))
	if err != nil {
		return nil, fmt.Errorf("look for half-written blobs: %w", err)
	}
	for _, name := range left {
		if err := os.Remove(name); err != nil {
			return nil, fmt.Errorf("remove a half-written blob: %w", err)
		}
	}
	return &Dir{root: root}, nil
}

// Put stores the bytes of r and gives their hash and number. After a nil error
// they survive a loss of power.
func (d *Dir) Put(r io.Reader) (sha string, size int64, err error) {
	return d.put(r, "")
}

// PutAs is Put that refuses bytes with another hash than want with a
// *MismatchError and keeps nothing of them.
func (d *Dir) PutAs(r io.Reader, want string) (size int64, err error) {
	if err := check(want); err != nil {
		return 0, err
	}
	_, size, err = d.put(r, want)
	return size, err
}

// MismatchError reports bytes that have another hash than announced.
type MismatchError struct{ Want, Got string }

// Error names both hashes.
func (e *MismatchError) Error() string {
	return fmt.Sprintf("the bytes have the SHA-256 %s instead of %s", e.Got, e.Want)
}

func (d *Dir) put(r io.Reader, want string) (sha string, size int64, err error) {
	f, err := os.CreateTemp(d.root, "part-*")
	if err != nil {
		return "", 0, fmt.Errorf("make a blob: %w", err)
	}
	defer func() {
		if err != nil {
			_ = f.Close()
			_ = os.Remove(f.Name())
		}
	}()
	h := sha256.New()
	size, err = io.Copy(io.MultiWriter(f, h), r)
	if err != nil {
		return "", 0, fmt.Errorf("write a blob: %w", err)
	}
	sha = hex.EncodeToString(h.Sum(nil))
	if want != "" && sha != want {
		return "", 0, &MismatchError{Want: want, Got: sha}
	}
	if err = f.Sync(); err != nil {
		return "", 0, fmt.Errorf("sync blob %s: %w", sha, err)
	}
	if err = f.Close(); err != nil {
		return "", 0, fmt.Errorf("close blob %s: %w", sha, err)
	}
	if err = d.name(f.Name(), sha); err != nil {
		return "", 0, err
	}
	return sha, size, nil
}

// name moves a complete file to its place and makes the new name durable.
func (d *Dir) name(part, sha string) error {
	folder := filepath.Join(d.root, sha[:2])
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return fmt.Errorf("make the folder of blob %s: %w", sha, err)
	}
	if err := os.Rename(part, filepath.Join(folder, sha)); err != nil {
		return fmt.Errorf("name blob %s: %w", sha, err)
	}
	for _, dir := range []string{folder, d.root} {
		if err := syncFolder(dir); err != nil {
			return fmt.Errorf("sync the folder of blob %s: %w", sha, err)
		}
	}
	return nil
}

// Open opens a blob for reading; the caller closes it. A blob that is not there
// gives fs.ErrNotExist.
func (d *Dir) Open(sha string) (*os.File, error) {
	if err := check(sha); err != nil {
		return nil, err
	}
	f, err := os.Open(d.Path(sha))
	if err != nil {
		return nil, fmt.Errorf("open blob %s: %w", sha, err)
	}
	return f, nil
}

// Remove removes a blob, or finds it removed. Who has it open reads on.
func (d *Dir) Remove(sha string) error {
	if err := check(sha); err != nil {
		return err
	}
	if err := os.Remove(d.Path(sha)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove blob %s: %w", sha, err)
	}
	return nil
}

// Path is where a blob lies, or would lie.
func (d *Dir) Path(sha string) string {
	if check(sha) != nil {
		return ""
	}
	return filepath.Join(d.root, sha[:2], sha)
}

func check(sha string) error {
	if len(sha) != 2*sha256.Size {
		return ErrName
	}
	for _, c := range sha {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return ErrName
		}
	}
	return nil
}

// OpenShared is OpenDir for a folder that several processes write into: it
// removes only what has been half-written for so long that nobody still writes it.
func OpenShared(root string, now time.Time) (*Dir, error) {
	if err := os.MkdirAll(root, 0o700); err != nil {
		return nil, fmt.Errorf("make the blob folder: %w", err)
	}
	left, err := filepath.Glob(filepath.Join(root, "part-*"))
	if err != nil {
		return nil, fmt.Errorf("look for half-written blobs: %w", err)
	}
	for _, name := range left {
		info, err := os.Stat(name)
		if err != nil || now.Sub(info.ModTime()) < abandoned {
			continue // finished or still being written
		}
		if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("remove a half-written blob: %w", err)
		}
	}
	return &Dir{root: root}, nil
}

// abandoned is longer than any transfer may take.
const abandoned = 24 * time.Hour

// All gives the names of the blobs that are there, in no order.
func (d *Dir) All() iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		err := filepath.WalkDir(d.root, func(_ string, e fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if e.Type().IsRegular() && check(e.Name()) == nil && !yield(e.Name(), nil) {
				return fs.SkipAll
			}
			return nil
		})
		if err != nil {
			yield("", fmt.Errorf("list the blobs: %w", err))
		}
	}
}

// Copy copies r to w and gives a *MismatchError when the bytes have another
// hash than want.
func Copy(w io.Writer, r io.Reader, want string) error {
	h := sha256.New()
	if _, err := io.Copy(io.MultiWriter(w, h), r); err != nil {
		return fmt.Errorf("copy blob %s: %w", want, err)
	}
	if got := hex.EncodeToString(h.Sum(nil)); got != want {
		return &MismatchError{Want: want, Got: got}
	}
	return nil
}
