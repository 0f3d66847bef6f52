package desktop

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/windows"
)

// reveal has the explorer select the file. Its exit code means nothing.
func reveal(ctx context.Context, path string) error {
	c := exec.CommandContext(context.WithoutCancel(ctx), "explorer.exe")
	// The explorer reads its command line by itself: a quoted path behind a comma.
	c.SysProcAttr = &syscall.SysProcAttr{CmdLine: `explorer.exe /select,"` + filepath.Clean(path) + `"`}
	if err := c.Start(); err != nil {
		return fmt.Errorf("%w: %w", ErrNoManager, err)
	}
	go func() { _ = c.Wait() }()
	return nil
}

// browse hands an address to the program that shows pages.
func browse(_ context.Context, address string) error {
	at, err := windows.UTF16PtrFromString(address)
	if err != nil {
		return fmt.Errorf("open in the browser: %w", err)
	}
	open, err := windows.UTF16PtrFromString("open")
	if err != nil {
		return fmt.Errorf("open in the browser: %w", err)
	}
	if err := windows.ShellExecute(0, open, at, nil, nil, windows.SW_SHOWNORMAL); err != nil {
		return fmt.Errorf("%w: %w", ErrNoBrowser, err)
	}
	return nil
}

// printers leaves the choice to the program that prints.
func printers(context.Context) ([]string, error) { return nil, nil }

// printFile asks the program that shows PDF files to print; one that cannot shows
// the file, and the person prints there.
func printFile(_ context.Context, path, _ string, _ int) error {
	file, err := windows.UTF16PtrFromString(filepath.Clean(path))
	if err != nil {
		return fmt.Errorf("print: %w", err)
	}
	for _, verb := range []string{"print", "open"} {
		v, err := windows.UTF16PtrFromString(verb)
		if err != nil {
			return fmt.Errorf("print: %w", err)
		}
		if windows.ShellExecute(0, v, file, nil, nil, windows.SW_SHOWNORMAL) == nil {
			return nil
		}
	}
	return ErrNoPrinting
}
