package tray

import (
	"bytes"
	"context"
	"encoding/binary"
	"image/png"
	"unsafe"

	"golang.org/x/sys/windows"
)

// available reports that there is a taskbar; its class is the shell's.
func available(context.Context) bool {
	class, err := windows.UTF16PtrFromString("Shell_TrayWnd")
	if err != nil {
		return false
	}
	taskbar, _, _ := windows.NewLazySystemDLL("user32.dll").NewProc("FindWindowW").Call(uintptr(unsafe.Pointer(class)), 0)
	return taskbar != 0
}

// native puts a PNG into an ICO file, as Windows wants it (ICONDIR and ICONDIRENTRY
// with an image in PNG, since Windows Vista).
func native(picture []byte) []byte {
	size, err := png.DecodeConfig(bytes.NewReader(picture))
	if err != nil {
		return picture
	}
	const header = 22
	out := binary.LittleEndian.AppendUint16(nil, 0)                   // reserved
	out = binary.LittleEndian.AppendUint16(out, 1)                    // an icon
	out = binary.LittleEndian.AppendUint16(out, 1)                    // with one image
	out = append(out, byte(size.Width), byte(size.Height), 0, 0)      // 256 is written as 0
	out = binary.LittleEndian.AppendUint16(out, 1)                    // planes
	out = binary.LittleEndian.AppendUint16(out, 32)                   // bits per pixel
	out = binary.LittleEndian.AppendUint32(out, uint32(len(picture))) //nolint:gosec // G115: a small picture
	out = binary.LittleEndian.AppendUint32(out, header)
	return append(out, picture...)
}
