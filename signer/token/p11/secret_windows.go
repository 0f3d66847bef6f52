package p11

import (
	"unsafe"

	"golang.org/x/sys/windows"
)

// pages gives memory of the system's own, outside Go's heap, that is not swapped
// out where the system allows that.
func pages(n int) (b []byte, free func()) {
	address, err := windows.VirtualAlloc(0, uintptr(n), windows.MEM_COMMIT|windows.MEM_RESERVE, windows.PAGE_READWRITE)
	if err != nil {
		return make([]byte, n), func() {}
	}
	_ = windows.VirtualLock(address, uintptr(n)) // a hint
	return unsafe.Slice((*byte)(pointer(address)), n), func() { _ = windows.VirtualFree(address, 0, windows.MEM_RELEASE) }
}
