//go:build !windows

package blob

import (
	"errors"
	"os"
)

// syncFolder makes the names in a folder durable.
func syncFolder(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err //nolint:wrapcheck // the caller adds operation and object
	}
	return errors.Join(f.Sync(), f.Close())
}
