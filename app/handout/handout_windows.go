package handout

import (
	"fmt"
	"runtime"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
)

// Clipboard puts files on the clipboard, which keeps them when this program ends.
// The zero value is ready; Close ends it.
type Clipboard struct{}

// Close does nothing here.
func (*Clipboard) Close() {}

// A clipboard that another program holds open is asked for again.
const (
	openEvery = 20 * time.Millisecond
	openTries = 50
)

// Copy puts files on the clipboard in place of what was there.
func (*Clipboard) Copy(files []string) error {
	b, err := pack(files)
	if err != nil {
		return err
	}
	runtime.LockOSThread() // a clipboard is closed by the thread that opened it
	defer runtime.UnlockOSThread()
	if err := put(dropFiles(b.paths)); err != nil {
		return fmt.Errorf("%w: %w", ErrNoClipboard, err)
	}
	return nil
}

// put puts data of the form CF_HDROP on the clipboard.
func put(data []byte) error {
	window, err := ownerWindow()
	if err != nil {
		return err
	}
	defer user().call("DestroyWindow", window)
	if err := open(window); err != nil {
		return err
	}
	defer user().call("CloseClipboard")
	if _, err := user().must("EmptyClipboard"); err != nil {
		return err
	}
	memory, err := global(data)
	if err != nil {
		return err
	}
	if _, err := user().must("SetClipboardData", formatDrop, memory); err != nil {
		free(memory)
		return err
	}
	return nil // the clipboard owns the memory now
}

// ownerWindow makes a window that is never shown: without one the clipboard would
// have no owner, and SetClipboardData may fail (Win32, EmptyClipboard).
func ownerWindow() (uintptr, error) {
	class, err := windows.UTF16PtrFromString("STATIC")
	if err != nil {
		return 0, fmt.Errorf("name a window: %w", err)
	}
	messageOnly := ^uintptr(2) // HWND_MESSAGE, -3
	return user().must("CreateWindowExW", 0, uintptr(unsafe.Pointer(class)), 0, 0, 0, 0, 0, 0, messageOnly, 0, 0, 0)
}

// open opens the clipboard; another program may have it open for a moment.
func open(window uintptr) error {
	again := time.NewTicker(openEvery)
	defer again.Stop()
	for try := 1; ; try++ {
		_, err := user().must("OpenClipboard", window)
		if err == nil || try == openTries {
			return err
		}
		<-again.C
	}
}
