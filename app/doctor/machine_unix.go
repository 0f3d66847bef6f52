//go:build !windows

package doctor

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// refused is how the system says that nobody listens on a port.
const refused = unix.ECONNREFUSED

// freeSpace is what is left for this person on the disk of a folder, in bytes.
func freeSpace(dir string) (uint64, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return 0, fmt.Errorf("free space of %s: %w", dir, err)
	}
	return s.Bavail * uint64(s.Bsize), nil //nolint:gosec // a block's size is positive
}
