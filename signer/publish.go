package signer

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// temporary makes the file that is written to, in the folder of the output and
// with the input's permissions.
func (j *job) temporary(src *os.File) (*os.File, error) {
	tmp, err := os.CreateTemp(filepath.Dir(j.out), ".kyso-*.tmp")
	if err != nil {
		return nil, err //nolint:wrapcheck // SignFile wraps it
	}
	if info, err := src.Stat(); err == nil {
		_ = tmp.Chmod(info.Mode().Perm() | 0o600) // some file systems have no permissions
	}
	return tmp, nil
}

// publish gives the checked file its name. A file that came to be there in the
// meantime stays, unless it may be replaced.
func (j *job) publish(tmp *os.File) error {
	if err := tmp.Close(); err != nil {
		return fmt.Errorf("sign: %w", err)
	}
	err := rename(tmp.Name(), j.out, j.req.Replace)
	if errors.Is(err, os.ErrExist) {
		return fmt.Errorf("sign: %s: %w", j.out, ErrExists)
	}
	if err != nil {
		return fmt.Errorf("sign: %w", err)
	}
	syncFolder(filepath.Dir(j.out))
	return nil
}

// rename moves a file. Without replace a name that is taken is os.ErrExist,
// also when another program takes it at the same moment.
func rename(from, to string, replace bool) error {
	if replace {
		return os.Rename(from, to) //nolint:wrapcheck // publish wraps it
	}
	err := os.Link(from, to)
	if err == nil {
		return os.Remove(from) //nolint:wrapcheck // publish wraps it
	}
	if errors.Is(err, os.ErrExist) {
		return err //nolint:wrapcheck // publish wraps it
	}
	// A file system without links: take the name first, then the place.
	f, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err //nolint:wrapcheck // publish wraps it
	}
	if err := f.Close(); err != nil {
		return err //nolint:wrapcheck // publish wraps it
	}
	if err := os.Rename(from, to); err != nil {
		return errors.Join(err, os.Remove(to))
	}
	return nil
}

// syncFolder makes the new name survive a loss of power. Systems that cannot
// sync a folder keep names by themselves.
func syncFolder(path string) {
	d, err := os.Open(path)
	if err != nil {
		return
	}
	_ = d.Sync()
	_ = d.Close()
}
