package main

import (
	"syscall"
	"unsafe"

	"kyso/app/explain"
)

// tellWithoutWindow shows a message box of the system: a program without a
// console has no other way to speak.
func tellWithoutWindow(m explain.Message) {
	const iconError = 0x10
	text, err := syscall.UTF16PtrFromString(m.Lines())
	if err != nil {
		return
	}
	title, err := syscall.UTF16PtrFromString(appName)
	if err != nil {
		return
	}
	syscall.NewLazyDLL("user32.dll").NewProc("MessageBoxW").Call(0, uintptr(unsafe.Pointer(text)), uintptr(unsafe.Pointer(title)), iconError) //nolint:errcheck,gosec // nothing more can be done
}
