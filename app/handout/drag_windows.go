package handout

import (
	"context"
	"encoding/binary"
	"fmt"
	"runtime"
	"unsafe"

	"golang.org/x/sys/windows"
)

// Win32's constants of a drag.
const (
	effectCopy  = 1    // DROPEFFECT_COPY
	keyLeft     = 0x01 // MK_LBUTTON, and VK_LBUTTON
	messageUp   = 0x0202
	stateIsDown = 0x8000
)

// CanDrag reports that files can be dragged out of the window here.
func CanDrag() bool { return true }

// Drag is files that were dragged to another program's window.
type Drag struct{ taken bool }

// Begin drags files, the pointer's button being down, and returns when it was let go
// or Escape was pressed. It is called on the thread of the window in which the
// button went down, and handles that thread's messages meanwhile. The window hears of the
// button's end as if there had been no drag. Files that are not there and ErrTooMany
// are told at once.
func Begin(files []string) (*Drag, error) {
	b, err := pack(files)
	if err != nil {
		return nil, err
	}
	window := user().call("GetCapture") // who heard of the button keeps the pointer
	if window == 0 || !buttonDown() {
		return &Drag{}, nil // it was let go before the drag could begin
	}
	defer tell(window)
	runtime.LockOSThread() // it is already; a window's thread stays
	defer runtime.UnlockOSThread()
	if err := enterApartment(); err != nil {
		return nil, err
	}
	preferred, err := preferredEffect()
	if err != nil {
		return nil, err
	}
	data := newDataObject(datum{formatDrop, dropFiles(b.paths)}, preferred)
	defer refer(data.address(), -1)
	drop := newObject(iidDropSource, tables().dropSource)
	defer refer(drop.address(), -1)
	var effect uint32
	r := ole().call("DoDragDrop", data.address(), drop.address(), effectCopy, uintptr(unsafe.Pointer(&effect)))
	switch h := windows.Handle(uint32(r)); h {
	case windows.DRAGDROP_S_DROP:
		return &Drag{taken: effect != 0}, nil
	case windows.DRAGDROP_S_CANCEL:
		return &Drag{}, nil
	default:
		return nil, fmt.Errorf("drag: the system said %#x", uint32(h))
	}
}

// Move has nothing to tell: Begin has followed the pointer.
func (*Drag) Move() {}

// Drop has nothing to tell: Begin has heard of it.
func (*Drag) Drop() {}

// Wait reports whether another program took the files.
func (d *Drag) Wait(context.Context) (taken bool, err error) { return d.taken, nil }

// enterApartment prepares the thread for OLE, once: what another program still asks
// of a drag that is over is answered as long as the window lives.
func enterApartment() error {
	switch h := windows.Handle(uint32(ole().call("OleInitialize", 0))); h {
	case windows.S_OK:
	case windows.S_FALSE: // it was prepared before
		ole().call("OleUninitialize")
	default:
		return fmt.Errorf("drag: OLE said %#x", uint32(h))
	}
	return nil
}

// preferredEffect says that files are copied, never moved (Shell Clipboard Formats,
// CFSTR_PREFERREDDROPEFFECT).
func preferredEffect() (datum, error) {
	name, err := windows.UTF16PtrFromString("Preferred DropEffect")
	if err != nil {
		return datum{}, fmt.Errorf("drag: %w", err)
	}
	format, err := user().must("RegisterClipboardFormatW", uintptr(unsafe.Pointer(name)))
	if err != nil {
		return datum{}, err
	}
	return datum{uint16(format), binary.LittleEndian.AppendUint32(nil, effectCopy)}, nil //nolint:gosec // G115: formats have 16 bits
}

// buttonDown reports that the left button was down at the thread's last message.
func buttonDown() bool { return user().call("GetKeyState", keyLeft)&stateIsDown != 0 }

// tell has a window hear of the button's end, which a drag keeps from it: the
// message where the button is up, else the pointer until it is.
func tell(window uintptr) {
	if buttonDown() {
		user().call("SetCapture", window)
		return
	}
	var at struct{ x, y int32 }
	user().call("GetCursorPos", uintptr(unsafe.Pointer(&at)))
	user().call("ScreenToClient", window, uintptr(unsafe.Pointer(&at)))
	user().call("PostMessageW", window, messageUp, 0, uintptr(uint32(uint16(at.x))|uint32(uint16(at.y))<<16)) //nolint:gosec // G115: the message packs them so
}

// queryContinueDrag is IDropSource::QueryContinueDrag. Letting go over a window of
// this program ends the drag: it takes none of its own files.
func queryContinueDrag(_, escape, keys uintptr) uintptr {
	switch {
	case uint32(escape) != 0:
		return result(windows.DRAGDROP_S_CANCEL)
	case keys&keyLeft != 0:
		return result(windows.S_OK)
	case overOurselves():
		return result(windows.DRAGDROP_S_CANCEL)
	default:
		return result(windows.DRAGDROP_S_DROP)
	}
}

// overOurselves reports that the pointer is over a window of this process.
func overOurselves() bool {
	var at struct{ x, y int32 }
	user().call("GetCursorPos", uintptr(unsafe.Pointer(&at)))
	packed := *(*[unsafe.Sizeof(at) / unsafe.Sizeof(uintptr(0))]uintptr)(unsafe.Pointer(&at))
	window := user().call("WindowFromPoint", packed[:]...)
	var process uint32
	user().call("GetWindowThreadProcessId", window, uintptr(unsafe.Pointer(&process)))
	return process == windows.GetCurrentProcessId()
}

// giveFeedback is IDropSource::GiveFeedback: the pointer looks as it always does.
func giveFeedback(uintptr, uintptr) uintptr {
	return result(windows.DRAGDROP_S_USEDEFAULTCURSORS)
}
