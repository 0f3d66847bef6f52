package refserver

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"path/filepath"
	"time"

	"kyso/app/blob"
)

// Blobs keeps files under their SHA-256, durably, until they are removed. A file that is
// not there is fs.ErrNotExist, bytes with another hash a *blob.MismatchError.
type Blobs interface {
	// PutAs stores the bytes of r, refuses others than announced, and gives their number.
	PutAs(ctx context.Context, r io.Reader, sha256 string) (int64, error)
	// Open opens a file; the caller closes it.
	Open(ctx context.Context, sha256 string) (File, error)
	// Remove removes a file, or finds it removed.
	Remove(ctx context.Context, sha256 string) error
	// All lists what is stored.
	All(ctx context.Context) iter.Seq2[string, error]

	Parts
}

// Parts keeps pieces of files that are being uploaded, durably, until they are
// removed. A name is given once. A piece that is not there is fs.ErrNotExist.
type Parts interface {
	// PutPart stores a piece; the bytes are the caller's again afterwards.
	PutPart(ctx context.Context, name string, b []byte) error
	// OpenPart opens a piece; the caller closes it.
	OpenPart(ctx context.Context, name string) (io.ReadCloser, error)
	// RemovePart removes a piece, or finds it removed.
	RemovePart(ctx context.Context, name string) error
	// OldParts lists the pieces that were stored before a time.
	OldParts(ctx context.Context, before time.Time) iter.Seq2[string, error]
}

// File is an open file of a store.
type File interface {
	io.ReadSeekCloser
	io.ReaderAt
}

// folder keeps files in a directory.
type folder struct {
	dir   *blob.Dir
	parts *blob.Pieces
}

var _ Blobs = folder{}

// OpenFolder opens or makes the store in a data folder. shared says that other
// processes may write into it.
func OpenFolder(data string, shared bool, now time.Time) (Blobs, error) {
	root := filepath.Join(data, "blobs")
	parts, err := blob.OpenPieces(filepath.Join(data, "uploads"))
	if err != nil {
		return nil, err
	}
	var dir *blob.Dir
	if shared {
		dir, err = blob.OpenShared(root, now)
	} else {
		dir, err = blob.OpenDir(root)
	}
	return folder{dir, parts}, err
}

// PutAs stores a file.
func (f folder) PutAs(_ context.Context, r io.Reader, sha256 string) (int64, error) {
	return f.dir.PutAs(r, sha256)
}

// Open opens a file.
func (f folder) Open(_ context.Context, sha256 string) (File, error) { return f.dir.Open(sha256) }

// Remove removes a file.
func (f folder) Remove(_ context.Context, sha256 string) error { return f.dir.Remove(sha256) }

// All lists the files.
func (f folder) All(context.Context) iter.Seq2[string, error] { return f.dir.All() }

// PutPart stores a piece.
func (f folder) PutPart(_ context.Context, name string, b []byte) error { return f.parts.Put(name, b) }

// OpenPart opens a piece.
func (f folder) OpenPart(_ context.Context, name string) (io.ReadCloser, error) {
	return f.parts.Open(name)
}

// RemovePart removes a piece.
func (f folder) RemovePart(_ context.Context, name string) error { return f.parts.Remove(name) }

// OldParts lists pieces.
func (f folder) OldParts(_ context.Context, before time.Time) iter.Seq2[string, error] {
	return f.parts.Old(before)
}

// SyncBlobs copies what one store has and the other lacks, and reads every copy
// again. It gives how many were copied and how many are in both.
func SyncBlobs(ctx context.Context, from, to Blobs) (copied, same int, err error) {
	there := map[string]bool{}
	for sha, err := range to.All(ctx) {
		if err != nil {
			return 0, 0, fmt.Errorf("sync the files: %w", err)
		}
		there[sha] = true
	}
	for sha, err := range from.All(ctx) {
		if err != nil {
			return copied, same, fmt.Errorf("sync the files: %w", err)
		}
		if there[sha] {
			same++
		} else {
			if err := copyBlob(ctx, from, to, sha); err != nil {
				return copied, same, fmt.Errorf("sync file %s: %w", sha, err)
			}
			copied++
		}
		if err := checkStored(ctx, to, sha); err != nil {
			return copied, same, fmt.Errorf("sync file %s: %w", sha, err)
		}
	}
	return copied, same, nil
}

func copyBlob(ctx context.Context, from, to Blobs, sha string) (err error) {
	f, err := from.Open(ctx, sha)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	_, err = to.PutAs(ctx, f, sha)
	return err
}
