//go:build !windows

package desktop

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/godbus/dbus/v5"
)

// reveal asks the file manager over D-Bus, which selects the file; without an
// answer the folder is opened.
func reveal(ctx context.Context, path string) error {
	abs, err := filepath.Abs(path)
	if err != nil {
		return fmt.Errorf("show in the file manager: %w", err)
	}
	if runtime.GOOS == "darwin" {
		return begin(exec.CommandContext(context.WithoutCancel(ctx), "open", "-R", abs)) //nolint:gosec // G204: a file of the person
	}
	if showItems(ctx, abs) == nil {
		return nil
	}
	return begin(exec.CommandContext(context.WithoutCancel(ctx), "xdg-open", filepath.Dir(abs))) //nolint:gosec // G204: a folder of the person
}

// showItems calls org.freedesktop.FileManager1.ShowItems (freedesktop.org, File
// Manager DBus Interface).
func showItems(ctx context.Context, path string) error {
	bus, err := dbus.ConnectSessionBus(dbus.WithContext(ctx))
	if err != nil {
		return fmt.Errorf("reach the session bus: %w", err)
	}
	defer bus.Close() //nolint:errcheck // the call is over
	uri := (&url.URL{Scheme: "file", Path: path}).String()
	manager := bus.Object("org.freedesktop.FileManager1", "/org/freedesktop/FileManager1")
	if err := manager.CallWithContext(ctx, "org.freedesktop.FileManager1.ShowItems", 0, []string{uri}, "").Err; err != nil {
		return fmt.Errorf("ask the file manager: %w", err)
	}
	return nil
}

// begin starts a program that outlives the window.
func begin(c *exec.Cmd) error {
	if err := c.Start(); err != nil {
		return fmt.Errorf("%w: %w", ErrNoManager, err)
	}
	go func() { _ = c.Wait() }() // its end means nothing to us
	return nil
}

// browserBegins is how long a browser may take to say that it cannot begin. One that
// runs on has begun.
const browserBegins = 3 * time.Second

// browse hands an address to the desktop.
func browse(ctx context.Context, address string) error {
	opener := "xdg-open"
	if runtime.GOOS == "darwin" {
		opener = "open"
	}
	c := exec.CommandContext(context.WithoutCancel(ctx), opener, address) //nolint:gosec // G204: an address of a page, see Browse
	if err := c.Start(); err != nil {
		return fmt.Errorf("%w: %w", ErrNoBrowser, err)
	}
	ended := make(chan error, 1)
	go func() { ended <- c.Wait() }()
	select {
	case err := <-ended:
		if err != nil {
			return fmt.Errorf("%w: %w", ErrNoBrowser, err)
		}
	case <-time.After(browserBegins):
	case <-ctx.Done():
	}
	return nil
}

// printers asks CUPS.
func printers(ctx context.Context) ([]string, error) {
	all, err := cups(ctx, "lpstat", "-e")
	if err != nil {
		return nil, err
	}
	names := strings.Fields(all)
	if len(names) == 0 {
		return nil, ErrNoPrinter
	}
	usual, _ := cups(ctx, "lpstat", "-d") // without a usual one the first is
	_, usual, _ = strings.Cut(strings.TrimSpace(usual), ": ")
	if i := slices.Index(names, usual); i > 0 {
		names = append([]string{usual}, slices.Delete(names, i, i+1)...)
	}
	return names, nil
}

// printFile hands a file to CUPS.
func printFile(ctx context.Context, path, printer string, copies int) error {
	args := []string{"-n", strconv.Itoa(copies), "-t", filepath.Base(path)}
	if printer != "" {
		args = append(args, "-d", printer)
	}
	_, err := cups(ctx, "lp", append(args, "--", path)...)
	return err
}

// cups runs one of the programs of CUPS and gives what it printed.
func cups(ctx context.Context, program string, args ...string) (string, error) {
	c := exec.CommandContext(ctx, program, args...) //nolint:gosec // G204: programs that this file names
	c.Env = append(os.Environ(), "LC_ALL=C")        // its texts are read
	var said strings.Builder
	c.Stderr = &said
	out, err := c.Output()
	switch what := strings.TrimSpace(said.String()); {
	case err == nil:
		return string(out), nil
	case errors.Is(err, exec.ErrNotFound):
		return "", ErrNoPrinting
	case strings.Contains(what, "No destinations added"), strings.Contains(what, "no default destination"):
		return "", ErrNoPrinter
	case strings.Contains(what, "onnection refused"), strings.Contains(what, "Bad file descriptor"), strings.Contains(what, "Scheduler is not running"), strings.Contains(what, "No such file"):
		return "", fmt.Errorf("%s: %s: %w", program, what, ErrNoPrinting)
	default:
		return "", &namedError{"print-failed", program + ": " + what}
	}
}
