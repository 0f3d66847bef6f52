package turn

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/windows"
)

// lock locks f for this process; false when another has it. The lock lies on a byte
// far behind the contents, for Windows lets nobody read what is locked.
func lock(f *os.File) (bool, error) {
	far := &windows.Overlapped{OffsetHigh: 1 << 30}
	err := windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, far)
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("take the turn of a file: %w", err)
	}
	return true, nil
}

// unlock has nothing to do: no other process has a copy of the handle.
func unlock(*os.File) {}
