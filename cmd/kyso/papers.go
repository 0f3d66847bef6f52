package main

import (
	"context"

	"kyso/app/desktop"
	"kyso/app/handout"
	"kyso/app/present"
)

// papers hands files to other programs.
type papers struct{ clipboard *handout.Clipboard }

var _ present.Papers = papers{}

// Reveal shows a file in the file manager.
func (papers) Reveal(ctx context.Context, path string) error { return desktop.Reveal(ctx, path) }

// Printers names the printers.
func (papers) Printers(ctx context.Context) ([]string, error) { return desktop.Printers(ctx) }

// Print prints a file.
func (papers) Print(ctx context.Context, path, printer string, copies int) error {
	return desktop.Print(ctx, path, printer, copies)
}

// Copy puts files on the clipboard.
func (p papers) Copy(_ context.Context, paths []string) error { return p.clipboard.Copy(paths) }

// Receipt reads a receipt.
func (papers) Receipt(path string) (present.Receipt, error) { return receipt(path) }

// drag gives what the window calls to drag files out, nil where that is not possible.
func (j *join) drag(desk *present.Desktop) func(paths []string) (moved, dropped func()) {
	if !handout.CanDrag() {
		return nil
	}
	return func(paths []string) (moved, dropped func()) {
		d, err := handout.Begin(paths)
		if err != nil {
			desk.Handing.Fail(err)
			return nil, nil
		}
		return d.Move, func() {
			d.Drop()
			j.loop.Go(func(ctx context.Context) func() {
				_, err := d.Wait(ctx)
				if err == nil || ctx.Err() != nil {
					return nil
				}
				return func() { desk.Handing.Fail(err) }
			})
		}
	}
}
