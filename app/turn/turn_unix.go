//go:build !windows

package turn

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// lock locks f for this process; false when another has it.
func lock(f *os.File) (bool, error) {
	err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("take the turn of a file: %w", err)
	}
	return true, nil
}

// unlock gives f back at once. Closing alone would leave the lock to a process that
// is being started just then: until its program is loaded it has a copy of every
// descriptor.
func unlock(f *os.File) { _ = unix.Flock(int(f.Fd()), unix.LOCK_UN) } // closing follows
