//go:build !windows

package folder

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// linkNew moves a file by a second name.
func linkNew(from, to string) error {
	err := os.Link(from, to)
	if err == nil {
		return os.Remove(from)
	}
	if errors.Is(err, fs.ErrExist) || errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if _, err := os.Lstat(to); err == nil {
		return fmt.Errorf("rename to %s: %w", to, fs.ErrExist)
	}
	return os.Rename(from, to)
}

// syncFolder makes the names in a folder durable. A share that cannot do so
// keeps its names by itself.
func syncFolder(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	_ = f.Sync()
	return f.Close()
}
