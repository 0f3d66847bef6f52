// Package stamp draws the visible part of a signature: a picture, lines of
// text, or both, as the appearance stream of an annotation (ISO 32000-2, 12.5.5).
//
// It knows neither pages nor signatures; the font and the picture are handed in.
package stamp

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"math"

	"golang.org/x/text/unicode/norm"

	"kyso/signer/internal/pdf"
)

// ErrEmpty reports a mark with neither picture nor text.
var ErrEmpty = errors.New("the mark has neither picture nor text")

// Mark is what is drawn.
type Mark struct {
	// Image is drawn as large as it fits, in the middle; its alpha is kept.
	Image image.Image
	// Lines stand below the picture, or in the middle when there is none.
	Lines []string
	// Font is a TrueType file with every letter of Lines.
	Font []byte
	// Size is the font size in points; zero means 10. It shrinks when the
	// lines would not fit.
	Size float64
	// AlignRight sets the lines flush right, else they stand in the middle.
	AlignRight bool
	// Archive is the part of PDF/A (ISO 19005) that the document claims and must
	// keep: colours are calibrated then. Zero is an ordinary document.
	Archive int
	// Opaque forbids transparency, as PDF/A-1 does (ISO 19005-1, 6.4).
	Opaque bool
}

const (
	standardSize = 10
	leading      = 1.2 // line distance over font size
	textShare    = 0.6 // of the height, at most, when there is a picture
)

// Check reports what would stop Draw: no content, a font that cannot be read
// or lacks a letter.
func (m Mark) Check() error {
	_, err := m.normal().face()
	return err
}

// Width is the width in points of the longest line, in the font size that is
// asked for.
func (m Mark) Width() (float64, error) {
	m = m.normal()
	f, err := m.face()
	if err != nil || f == nil {
		return 0, err
	}
	size, most := m.Size, 0.0
	if size <= 0 {
		size = standardSize
	}
	for _, l := range m.Lines {
		most = max(most, f.width(l)*size)
	}
	return most, nil
}

// normal is m with its lines in NFC: fonts have the composed letters.
func (m Mark) normal() Mark {
	lines := make([]string, len(m.Lines))
	for i, l := range m.Lines {
		lines[i] = norm.NFC.String(l)
	}
	m.Lines = lines
	return m
}

// face is the font of the lines; nil when there are none.
func (m Mark) face() (*face, error) {
	if m.Image != nil && m.Image.Bounds().Empty() {
		return nil, fmt.Errorf("%w: the picture has no pixels", ErrEmpty)
	}
	if len(m.Lines) == 0 {
		if m.Image == nil {
			return nil, ErrEmpty
		}
		return nil, nil //nolint:nilnil // no lines, no font
	}
	return newFace(m.Font, m.Lines)
}

// Draw adds the mark to an update as a form XObject of w times h points that
// stands upright on a page that is rotated clockwise by rotate degrees. To draw
// several marks in one update use a Press: it embeds what they share once.
func (m Mark) Draw(u *pdf.Update, w, h float64, rotate int) (pdf.Ref, error) {
	return NewPress(u).Draw(m, w, h, rotate)
}

// upright turns the appearance against the page's rotation; the box ends up
// with its lower left corner at the origin.
func upright(w, h float64, rotate int) pdf.Array {
	matrix := func(a, b, c, d int64, e, f float64) pdf.Array {
		return pdf.Array{pdf.Int(a), pdf.Int(b), pdf.Int(c), pdf.Int(d), pdf.Real(e), pdf.Real(f)}
	}
	switch rotate {
	case 90:
		return matrix(0, 1, -1, 0, h, 0)
	case 180:
		return matrix(-1, 0, 0, -1, w, h)
	case 270:
		return matrix(0, -1, 1, 0, 0, w)
	}
	return matrix(1, 0, 0, 1, 0, 0)
}

// setting is how the lines of a mark stand in its box.
type setting struct {
	size float64 // of the font, in points
	// x is where each line begins, y its base line, in points from the lower left corner.
	x, y []float64
	// height is what the lines take from the bottom.
	height float64
}

// set finds how the lines stand in a box of w times h points.
func (m Mark) set(f *face, w, h float64) setting {
	s := setting{size: m.Size}
	if s.size <= 0 {
		s.size = standardSize
	}
	for _, l := range m.Lines {
		if x := f.width(l); x > 0 {
			s.size = math.Min(s.size, w/x)
		}
	}
	room := h
	if m.Image != nil {
		room *= textShare
	}
	lines := float64(len(m.Lines)-1)*leading + f.ascent() + f.descent()
	if !(lines > 0) { // a font that gives no heights
		lines = float64(len(m.Lines)) * leading
	}
	s.size = math.Min(s.size, room/lines)
	s.height = lines * s.size
	y := s.height - f.ascent()*s.size
	if m.Image == nil {
		y += (h - s.height) / 2
	}
	for _, l := range m.Lines {
		x := w - f.width(l)*s.size
		if !m.AlignRight {
			x /= 2
		}
		s.x, s.y = append(s.x, x), append(s.y, y)
		y -= leading * s.size
	}
	return s
}

// writeText writes the lines and gives the height that they take from the bottom.
func (m Mark) writeText(b *bytes.Buffer, f *face, font embedded, w, h float64) float64 {
	s := m.set(f, w, h)
	fmt.Fprintf(b, "q BT %s /F1 %s Tf\n", m.black(), pdf.Real(s.size))
	for i, l := range m.Lines {
		fmt.Fprintf(b, "1 0 0 1 %s %s Tm <", pdf.Real(s.x[i]), pdf.Real(s.y[i]))
		for _, r := range l {
			fmt.Fprintf(b, "%04X", font.number[r])
		}
		b.WriteString("> Tj\n")
	}
	b.WriteString("ET Q\n")
	return s.height
}
