package handout

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"unicode/utf16"
	"unsafe"

	"golang.org/x/sys/windows"
)

// CanDrag reports that files can be dragged out of the window here.
func CanDrag() bool { return false }

// Drag is files on their way to another program's window.
type Drag struct{}

// Begin is not possible here: CanDrag says so.
func Begin([]string) (*Drag, error) { return nil, errors.ErrUnsupported }

// Move tells that the pointer moved.
func (*Drag) Move() {}

// Drop tells that the button was let go.
func (*Drag) Drop() {}

// Wait reports whether another program took the files.
func (*Drag) Wait(context.Context) (bool, error) { return false, errors.ErrUnsupported }

// Clipboard puts files on the clipboard, which keeps them when this program ends.
// The zero value is ready; Close ends it.
type Clipboard struct{}

// Close does nothing here.
func (*Clipboard) Close() {}

// The clipboard's format of a list of files and its layout (Win32, DROPFILES), and
// how memory is had for it.
const (
	formatDrop    = 15   // CF_HDROP
	dropSize      = 20   // of the DROPFILES structure
	dropWide      = 16   // where it says that names are UTF-16
	globalMovable = 0x02 // GMEM_MOVEABLE
)

// dropFiles is a DROPFILES structure with its names.
func dropFiles(paths string) []byte {
	out := make([]byte, dropSize)
	binary.LittleEndian.PutUint32(out, dropSize)
	binary.LittleEndian.PutUint32(out[dropWide:], 1)
	for _, path := range strings.Split(paths, "\n") {
		for _, u := range utf16.Encode([]rune(path + "\x00")) {
			out = binary.LittleEndian.AppendUint16(out, u)
		}
	}
	return append(out, 0, 0)
}

// Copy puts files on the clipboard in place of what was there.
func (*Clipboard) Copy(files []string) error {
	b, err := pack(files)
	if err != nil {
		return err
	}
	user, kernel := windows.NewLazySystemDLL("user32.dll"), windows.NewLazySystemDLL("kernel32.dll")
	call := func(dll *windows.LazyDLL, name string, args ...uintptr) (uintptr, error) {
		r, _, err := dll.NewProc(name).Call(args...)
		if r == 0 {
			return 0, fmt.Errorf("%w: %s: %w", ErrNoClipboard, name, err)
		}
		return r, nil
	}
	data := dropFiles(b.paths)
	memory, err := call(kernel, "GlobalAlloc", globalMovable, uintptr(len(data)))
	if err != nil {
		return err
	}
	at, err := call(kernel, "GlobalLock", memory)
	if err != nil {
		return err
	}
	copy(unsafe.Slice(*(**byte)(unsafe.Pointer(&at)), len(data)), data) //nolint:gosec // the memory that GlobalLock gave
	_, _, _ = kernel.NewProc("GlobalUnlock").Call(memory)               // 0 is its success
	runtime.LockOSThread()                                              // a clipboard is closed by the thread that opened it
	defer runtime.UnlockOSThread()
	if _, err := call(user, "OpenClipboard", 0); err != nil {
		_, _, _ = kernel.NewProc("GlobalFree").Call(memory)
		return err
	}
	defer user.NewProc("CloseClipboard").Call() //nolint:errcheck // nothing can be done about it
	if _, err := call(user, "EmptyClipboard"); err != nil {
		return err
	}
	_, err = call(user, "SetClipboardData", formatDrop, memory) // it owns the memory now
	return err
}
