package preview_test

import (
	"fmt"
	"image"
	"path/filepath"
	"testing"

	"codeberg.org/go-pdf/fpdf"

	"kyso/assets"
)

// book writes a file of many full pages of text.
func book(tb testing.TB, pages int) string {
	tb.Helper()
	f := fpdf.New("P", "pt", "A4", "")
	f.AddUTF8FontFromBytes("serif", "", assets.SerifRegular())
	for p := range pages {
		f.AddPage()
		f.SetFont("serif", "", 13)
		for line := range 38 {
			f.Text(85, 80+18*float64(line), fmt.Sprintf("%d.%d. Đề nghị các đơn vị nghiêm túc thực hiện việc ký số văn bản điện tử.", p+1, line+1))
		}
	}
	path := filepath.Join(tb.TempDir(), "book.pdf")
	if err := f.OutputFileAndClose(path); err != nil {
		tb.Fatal(err)
	}
	return path
}

func BenchmarkOpenA100PageFileToItsFirstPicture(b *testing.B) {
	path := book(b, 100)
	warm, err := renderer.Open(b.Context(), path) // the renderer starts with the program, not with the file
	if err != nil {
		b.Fatal(err)
	}
	if err := warm.Close(); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		d, err := renderer.Open(b.Context(), path)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := d.Render(b.Context(), 1, 1.65); err != nil {
			b.Fatal(err)
		}
		if err := d.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPage(b *testing.B) {
	d, err := renderer.Open(b.Context(), book(b, 20))
	if err != nil {
		b.Fatal(err)
	}
	defer d.Close() //nolint:errcheck // only read
	next := func() func() int {
		p := 0
		return func() int { p = p%20 + 1; return p }
	}()
	b.Run("drawn at the width of the window", func(b *testing.B) {
		for b.Loop() {
			if _, err := d.Render(b.Context(), next(), 1.65); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("drawn small", func(b *testing.B) {
		for b.Loop() {
			if _, err := d.Render(b.Context(), next(), 0.2); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("a tile of it at 800 percent", func(b *testing.B) {
		for b.Loop() {
			if _, err := d.Region(b.Context(), 3, 8, image.Rect(1024, 1024, 2048, 2048)); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("a tile of it at 1600 percent", func(b *testing.B) {
		for b.Loop() {
			if _, err := d.Region(b.Context(), 3, 16, image.Rect(2048, 2048, 3072, 3072)); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("read", func(b *testing.B) {
		for b.Loop() {
			if _, err := d.Lines(b.Context(), next()); err != nil {
				b.Fatal(err)
			}
		}
	})
}
