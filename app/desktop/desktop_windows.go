package desktop

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"unsafe"

	"golang.org/x/sys/windows"
)

// reveal has the explorer select the file. Its exit code means nothing.
func reveal(ctx context.Context, path string) error {
	abs, err := filepath.Abs(path)
	if err != nil {
		return fmt.Errorf("show in the file manager: %w", err)
	}
	c := exec.CommandContext(context.WithoutCancel(ctx), "explorer.exe")
	// The explorer reads its command line by itself: a quoted path behind a comma.
	c.SysProcAttr = &syscall.SysProcAttr{CmdLine: `explorer.exe /select,"` + abs + `"`}
	if err := c.Start(); err != nil {
		return fmt.Errorf("%w: %w", ErrNoManager, err)
	}
	go func() { _ = c.Wait() }()
	return nil
}

// browse hands an address to the program that shows pages.
func browse(_ context.Context, address string) error {
	if err := execute("open", address); err != nil {
		return fmt.Errorf("%w: %w", ErrNoBrowser, err)
	}
	return nil
}

// printers leaves the choice to the program that prints.
func printers(context.Context) ([]string, error) { return nil, nil }

// printFile asks the program that shows PDF files to print; one that cannot shows
// the file, and the person prints there.
func printFile(_ context.Context, path, _ string, _ int) error {
	abs, err := filepath.Abs(path)
	if err != nil {
		return fmt.Errorf("print: %w", err)
	}
	if execute("print", abs) == nil {
		return nil
	}
	if err := execute("open", abs); err != nil {
		return fmt.Errorf("%w: %w", ErrNoPrinting, err)
	}
	return nil
}

// execute has the shell do something with a file or an address, by the name of the
// act in its menu (Win32, ShellExecuteEx). It returns when the other program has
// begun, and an error, which the shell does not show, when there is none.
func execute(verb, what string) error {
	v, err := windows.UTF16PtrFromString(verb)
	if err != nil {
		return err //nolint:wrapcheck // the caller names the file
	}
	file, err := windows.UTF16PtrFromString(what)
	if err != nil {
		return err //nolint:wrapcheck // as above
	}
	runtime.LockOSThread() // a program may be asked by COM, from this thread
	defer runtime.UnlockOSThread()
	if windows.CoInitializeEx(0, windows.COINIT_APARTMENTTHREADED|windows.COINIT_DISABLE_OLE1DDE) == nil {
		defer windows.CoUninitialize()
	}
	const (
		waitForBegin = 0x00000100 // SEE_MASK_NOASYNC: this thread has no messages of its own
		silent       = 0x00000400 // SEE_MASK_FLAG_NO_UI
	)
	info := struct {
		size, mask                               uint32
		window                                   uintptr
		verb, file, parameters, directory        *uint16
		show                                     int32
		instance, list, class, key, hotkey, icon uintptr
		process                                  windows.Handle
	}{mask: waitForBegin | silent, verb: v, file: file, show: windows.SW_SHOWNORMAL}
	info.size = uint32(unsafe.Sizeof(info))
	if r, _, err := windows.NewLazySystemDLL("shell32.dll").NewProc("ShellExecuteExW").Call(uintptr(unsafe.Pointer(&info))); r == 0 {
		return err //nolint:wrapcheck // as above
	}
	return nil
}
