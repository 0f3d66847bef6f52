package folder

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// moveNew renames a file and never replaces one: fs.ErrExist when the name is
// taken. Where the file system has no such rename, as some shares, it makes a
// link; where it has no links either, it looks first.
func moveNew(from, to string) error {
	err := unix.Renameat2(unix.AT_FDCWD, from, unix.AT_FDCWD, to, unix.RENAME_NOREPLACE)
	if errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOSYS) || errors.Is(err, unix.ENOTSUP) {
		return linkNew(from, to)
	}
	if err != nil {
		return &os.LinkError{Op: "rename", Old: from, New: to, Err: err}
	}
	return nil
}
