// Package desktop asks other programs of the desktop to do something with a file:
// the file manager to show it, the printing system to print it.
//
// It is not the window and not the program's menus (package association); it
// changes no file.
package desktop

import (
	"context"
	"fmt"
	"os"
	"time"
)

// ErrNoPrinter reports that no printer is set up; ErrNoPrinting that there is no
// printing system; ErrNoManager that no file manager answers.
var (
	ErrNoPrinter  error = &namedError{"no-printer", "no printer is set up"}
	ErrNoPrinting error = &namedError{"no-printing", "there is no printing system"}
	ErrNoManager  error = &namedError{"no-file-manager", "no file manager answers"}
)

// namedError is an error that names the message a person reads (package explain).
type namedError struct{ code, text string }

func (e *namedError) Error() string { return e.text }

// ExplainCode names the message.
func (e *namedError) ExplainCode() string { return e.code }

// patience bounds the wait for another program to begin.
const patience = 15 * time.Second

// Reveal shows a file in the file manager, selected where the manager can do that.
// A file that is not there is fs.ErrNotExist.
func Reveal(ctx context.Context, path string) error {
	if _, err := os.Stat(path); err != nil {
		return fmt.Errorf("show in the file manager: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return reveal(ctx, path)
}

// Printers names the printers, the usual one first. On a system where another
// program prints, there are none and no error, and Print takes no name.
func Printers(ctx context.Context) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return printers(ctx)
}

// Print prints a PDF file on a printer of Printers. It returns when the printing
// system has taken the file.
func Print(ctx context.Context, path, printer string, copies int) error {
	if _, err := os.Stat(path); err != nil {
		return fmt.Errorf("print: %w", err)
	}
	return printFile(ctx, path, printer, copies)
}
