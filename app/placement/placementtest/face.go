package placementtest

import (
	"fmt"

	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"

	"kyso/assets"
)

// style chooses one of the four faces.
type style int

const (
	regular style = iota
	bold
	italic
	boldItalic
)

// face is one TrueType file with what is needed to measure and to embed it.
type face struct {
	file []byte
	font *sfnt.Font
	unit float64 // units per em
}

// faces opens the four styles of the one typeface that the project carries.
func faces() ([4]*face, error) {
	var out [4]*face
	for s, file := range [4][]byte{assets.SerifRegular(), assets.SerifBold(), assets.SerifItalic(), assets.SerifBoldItalic()} {
		f, err := sfnt.Parse(file)
		if err != nil {
			return out, fmt.Errorf("open face %d: %w", s, err)
		}
		out[s] = &face{file, f, float64(f.UnitsPerEm())}
	}
	return out, nil
}

// glyph measures a letter in em: its number in the file, its advance, and its
// ink from the baseline with y upwards. A letter that the face lacks is glyph 0.
func (f *face) glyph(r rune) (id sfnt.GlyphIndex, advance float64, ink Box) {
	var buffer sfnt.Buffer
	em := fixed.I(int(f.unit))
	id, err := f.font.GlyphIndex(&buffer, r)
	if err != nil {
		return 0, 0, Box{}
	}
	bounds, moved, err := f.font.GlyphBounds(&buffer, id, em, font.HintingNone)
	if err != nil {
		return id, 0, Box{}
	}
	em1 := f.unit * 64
	return id, float64(moved) / em1, Box{
		X: float64(bounds.Min.X) / em1, Y: -float64(bounds.Max.Y) / em1,
		W: float64(bounds.Max.X-bounds.Min.X) / em1, H: float64(bounds.Max.Y-bounds.Min.Y) / em1,
	}
}

// width is the advance of a text at a size, in points.
func (f *face) width(text string, size float64) float64 {
	sum := 0.0
	for _, r := range text {
		_, advance, _ := f.glyph(r)
		sum += advance * size
	}
	return sum
}

// ink is the box of the ink of a text that begins at the origin, in points.
func (f *face) ink(text string, size float64) Box {
	var out Box
	x := 0.0
	for _, r := range text {
		_, advance, b := f.glyph(r)
		if b.W > 0 {
			out = out.union(Box{x + b.X*size, b.Y * size, b.W * size, b.H * size})
		}
		x += advance * size
	}
	return out
}
