//go:build !windows

package p11

import (
	"os"

	"golang.org/x/sys/unix"
)

// pages gives memory of the system's own, outside Go's heap, that is not swapped
// out where the system allows that.
func pages(n int) (b []byte, free func()) {
	size := (n + os.Getpagesize() - 1) / os.Getpagesize() * os.Getpagesize()
	b, err := unix.Mmap(-1, 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		return make([]byte, n), func() {}
	}
	_ = unix.Mlock(b) // many systems allow a process few locked pages
	return b[:n], func() { _ = unix.Munmap(b) }
}
