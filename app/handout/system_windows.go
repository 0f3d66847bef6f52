package handout

import (
	"encoding/binary"
	"fmt"
	"strings"
	"unicode/utf16"
	"unsafe"

	"golang.org/x/sys/windows"
)

// The clipboard's format of a list of files and its layout (Win32, DROPFILES), and
// how memory is had for it.
const (
	formatDrop    = 15   // CF_HDROP
	dropSize      = 20   // of the DROPFILES structure
	dropWide      = 16   // where it says that names are UTF-16
	globalMovable = 0x02 // GMEM_MOVEABLE
)

// library is a library of the system.
type library struct{ *windows.LazyDLL }

func user() library   { return library{windows.NewLazySystemDLL("user32.dll")} }
func kernel() library { return library{windows.NewLazySystemDLL("kernel32.dll")} }
func ole() library    { return library{windows.NewLazySystemDLL("ole32.dll")} }
func shell() library  { return library{windows.NewLazySystemDLL("shell32.dll")} }

// must calls a function whose failure is a result of 0.
func (l library) must(name string, args ...uintptr) (uintptr, error) {
	r, _, err := l.NewProc(name).Call(args...)
	if r == 0 {
		return 0, fmt.Errorf("%s: %w", name, err)
	}
	return r, nil
}

// call calls a function that cannot fail, or whose failure changes nothing.
func (l library) call(name string, args ...uintptr) uintptr {
	r, _, _ := l.NewProc(name).Call(args...)
	return r
}

// dropFiles is a DROPFILES structure with the paths, one a line.
func dropFiles(paths string) []byte {
	var head [dropSize]byte
	binary.LittleEndian.PutUint32(head[:], dropSize)
	binary.LittleEndian.PutUint32(head[dropWide:], 1)
	out := head[:]
	for path := range strings.SplitSeq(paths, "\n") {
		for _, u := range utf16.Encode([]rune(path + "\x00")) {
			out = binary.LittleEndian.AppendUint16(out, u)
		}
	}
	return append(out, 0, 0)
}

// global puts data into movable memory of the system. Who takes it frees it.
func global(data []byte) (memory uintptr, err error) {
	if memory, err = kernel().must("GlobalAlloc", globalMovable, uintptr(len(data))); err != nil {
		return 0, err
	}
	at, err := kernel().must("GlobalLock", memory)
	if err != nil {
		free(memory)
		return 0, err
	}
	copy(unsafe.Slice(*(**byte)(unsafe.Pointer(&at)), len(data)), data) //nolint:gosec // the memory that GlobalLock gave
	kernel().call("GlobalUnlock", memory)                               // 0 is its success
	return memory, nil
}

// free gives memory of global back.
func free(memory uintptr) { kernel().call("GlobalFree", memory) }
