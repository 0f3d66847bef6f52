package main

import (
	"bytes"
	"flag"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/software"
	"fyne.io/fyne/v2/test"

	"kyso/assets"
)

var drawIcon = flag.Bool("draw-icon", false, "draw the window's icon anew from its SVG")

// TestTheWindowsIconIsThatOfTheSVG holds the picture against what it was drawn from.
func TestTheWindowsIconIsThatOfTheSVG(t *testing.T) {
	const side = 256
	test.NewApp()
	c := software.NewTransparentCanvas()
	c.SetPadded(false)
	c.SetContent(canvas.NewImageFromResource(fyne.NewStaticResource("kyso.svg", assets.Icon("kyso"))))
	c.Resize(fyne.NewSize(side, side))
	want := c.Capture()
	if *drawIcon {
		var b bytes.Buffer
		if err := png.Encode(&b, want); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join("..", "..", "assets", "icons", "kyso.png"), b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := png.Decode(bytes.NewReader(assets.WindowIcon()))
	if err != nil || got.Bounds() != image.Rect(0, 0, side, side) {
		t.Fatalf("decode: %v, size %v", err, got)
	}
	var far int
	for y := range side {
		for x := range side {
			r, g, b, a := got.At(x, y).RGBA()
			wr, wg, wb, wa := want.At(x, y).RGBA()
			if max(distance(r, wr), distance(g, wg), distance(b, wb), distance(a, wa)) > 0x1000 {
				far++
			}
		}
	}
	if far > side {
		t.Errorf("%d of %d pixels differ from the SVG; draw the icon with -draw-icon", far, side*side)
	}
}

func distance(a, b uint32) uint32 { return max(a, b) - min(a, b) }
