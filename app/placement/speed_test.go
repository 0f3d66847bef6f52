package placement_test

import (
	"os"
	"path/filepath"
	"testing"

	"kyso/app/placement"
	"kyso/app/placement/placementtest"
)

func BenchmarkReadAndPropose(b *testing.B) {
	l, err := placementtest.Make(0)
	if err != nil {
		b.Fatal(err)
	}
	path := filepath.Join(b.TempDir(), "letter.pdf")
	if err := os.WriteFile(path, l.PDF, 0o600); err != nil {
		b.Fatal(err)
	}
	d, err := renderer.Open(b.Context(), path)
	if err != nil {
		b.Fatal(err)
	}
	defer d.Close() //nolint:errcheck // only read
	var pages []placement.Page
	b.Run("read a page", func(b *testing.B) {
		for b.Loop() {
			p, err := d.Page(b.Context(), 1)
			if err != nil {
				b.Fatal(err)
			}
			pages = []placement.Page{p}
		}
	})
	b.Run("propose", func(b *testing.B) {
		for b.Loop() {
			placement.Propose(pages, placement.Approval, placement.Signer{Name: l.Name}, 130, 55)
		}
	})
	b.Run("snap", func(b *testing.B) {
		for b.Loop() {
			placement.Snap(pages[0], placement.Rect{X: 300, Y: 300, W: 130, H: 55}, 6)
		}
	})
}
