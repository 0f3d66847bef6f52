//go:build unix

package signer

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// errLocked reports a lock that another process or another file handle has.
var errLocked = unix.EWOULDBLOCK

// lock locks the file until it is closed, also by the end of the process.
func lock(f *os.File) error {
	for {
		err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if !errors.Is(err, unix.EINTR) {
			return err //nolint:wrapcheck // it is told by its kind only
		}
	}
}

// removeUnlessHeld removes a file that nobody has locked.
func removeUnlessHeld(path string) {
	f, err := os.OpenFile(path, os.O_RDWR|unix.O_NOFOLLOW, 0)
	if err != nil {
		return
	}
	defer f.Close() //nolint:errcheck // nothing was written
	if lock(f) != nil {
		return
	}
	there, err1 := os.Lstat(path)
	mine, err2 := f.Stat()
	if err1 == nil && err2 == nil && os.SameFile(there, mine) {
		_ = os.Remove(path)
	}
}
