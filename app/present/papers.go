package present

import (
	"context"
	"path/filepath"
	"time"
)

// Receipt is what the server said that it holds, kept beside the signed document.
type Receipt struct {
	Title, File, System, Version, SHA256 string
	Size                                 int64 // bytes
	ReceivedAt                           time.Time
	// Checked is the server's own check: "passed", "failed", "pending" and so on;
	// Why explains it in a line.
	Checked, Why string
}

// Papers hands files to other programs of the desktop.
type Papers interface {
	// Reveal shows a file in the file manager.
	Reveal(ctx context.Context, path string) error
	// Printers names the printers, the usual one first. With no name the system's
	// own program prints on the usual printer and nothing can be chosen.
	Printers(ctx context.Context) ([]string, error)
	Print(ctx context.Context, path, printer string, copies int) error
	// Copy puts files on the clipboard, to paste into a folder or a letter.
	Copy(ctx context.Context, paths []string) error
	Receipt(path string) (Receipt, error)
}

// PrintAsk asks how a file is printed.
type PrintAsk struct {
	Path, Name string
	// Printers are those that can be chosen, the usual one first.
	Printers []string
}

// MostCopies bounds the copies of one print.
const MostCopies = 99

// Handing is the presenter of what is done with files that are shown.
type Handing struct {
	services *Services
	loop     Loop
	busy     bool

	// Asked is told that the person must say how to print, Told what was done, Failed
	// what was not, Received the receipt that the person wants to read.
	Asked    func(PrintAsk)
	Told     func(Text)
	Failed   func(Problem)
	Received func(path string, r Receipt)
}

func newHanding(s *Services, l Loop) *Handing {
	return &Handing{
		services: s, loop: l,
		Asked: func(PrintAsk) {}, Told: func(Text) {}, Failed: func(Problem) {}, Received: func(string, Receipt) {},
	}
}

// do does something with files elsewhere, one thing after the other.
func (h *Handing) do(work func(context.Context, Papers) (then func(), err error)) {
	if h.services.Papers == nil || h.busy {
		return
	}
	h.busy = true
	h.loop.Go(func(ctx context.Context) func() {
		then, err := work(ctx, h.services.Papers)
		return func() {
			h.busy = false
			switch {
			case err != nil:
				h.Fail(err)
			case then != nil:
				then()
			}
		}
	})
}

// Fail tells what could not be done with files.
func (h *Handing) Fail(err error) { h.Failed(*h.services.problem(err)) }

// Reveal shows a file in the file manager.
func (h *Handing) Reveal(path string) {
	h.do(func(ctx context.Context, p Papers) (func(), error) { return nil, p.Reveal(ctx, path) })
}

// AskPrint asks how to print a file, or has the system's own program print it where
// there is nothing to choose.
func (h *Handing) AskPrint(path string) {
	h.do(func(ctx context.Context, p Papers) (func(), error) {
		printers, err := p.Printers(ctx)
		if err != nil {
			return nil, err
		}
		if len(printers) > 0 {
			return func() { h.Asked(PrintAsk{path, filepath.Base(path), printers}) }, nil
		}
		return h.printed(path, ""), p.Print(ctx, path, "", 1)
	})
}

// Print prints a file on a printer.
func (h *Handing) Print(path, printer string, copies int) {
	copies = min(max(copies, 1), MostCopies)
	h.do(func(ctx context.Context, p Papers) (func(), error) {
		return h.printed(path, printer), p.Print(ctx, path, printer, copies)
	})
}

// printed tells that a file went to the printer.
func (h *Handing) printed(path, printer string) func() {
	told := say("file.printed", "Name", filepath.Base(path))
	if printer != "" {
		told = say("file.printed.on", "Name", filepath.Base(path), "Printer", printer)
	}
	return func() { h.Told(told) }
}

// Copy puts files on the clipboard.
func (h *Handing) Copy(paths []string) {
	h.do(func(ctx context.Context, p Papers) (func(), error) {
		return func() { h.Told(say("file.copied", "Count", len(paths))) }, p.Copy(ctx, paths)
	})
}

// Receipt shows a receipt.
func (h *Handing) Receipt(path string) {
	h.do(func(_ context.Context, p Papers) (func(), error) {
		r, err := p.Receipt(path)
		return func() { h.Received(path, r) }, err
	})
}
