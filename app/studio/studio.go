// Package studio makes pictures of handwritten signatures and initials: it
// cleans photographs of ink on paper, draws what a pen did, and judges whether a
// picture is what NĐ 30/2020/NĐ-CP asks for: blue ink on a transparent ground
// (Annex I, part I, section II, point 7).
//
// It is pure: pictures in, pictures and findings out. It keeps nothing, and it
// knows neither documents nor keys: a picture of a signature is no signature.
package studio

import (
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	_ "image/jpeg" // photographs
	_ "image/png"  // scans
	"io"
)

// Limits of a picture that is taken, and of one that is kept, in pixels.
const (
	maxPixels = 60 << 20
	maxFile   = 40 << 20
	workSide  = 2400 // a photograph is made no larger than this before it is cleaned
	KeepSide  = 1200 // the longer side of a picture that is kept
)

var (
	// ErrFormat reports a file that is neither PNG nor JPEG.
	ErrFormat = errors.New("neither a PNG nor a JPEG picture")
	// ErrLarge reports a picture of more pixels than can be worked with.
	ErrLarge = errors.New("the picture is too large")
	// ErrNoInk reports a picture in which no ink was found.
	ErrNoInk = errors.New("no ink was found in the picture")
)

// Read decodes a PNG or JPEG picture, and makes it no larger than it needs to be.
func Read(r io.ReadSeeker) (image.Image, error) {
	c, _, err := image.DecodeConfig(io.LimitReader(r, maxFile))
	if err != nil {
		return nil, fmt.Errorf("read the picture: %w: %w", ErrFormat, err)
	}
	if c.Width*c.Height > maxPixels || c.Width < 1 || c.Height < 1 {
		return nil, fmt.Errorf("read the picture: %w: %d × %d", ErrLarge, c.Width, c.Height)
	}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return nil, fmt.Errorf("read the picture: %w", err)
	}
	m, _, err := image.Decode(io.LimitReader(r, maxFile))
	if err != nil {
		return nil, fmt.Errorf("read the picture: %w: %w", ErrFormat, err)
	}
	return shrink(m, workSide), nil
}

// Rotate turns a picture a quarter to the right.
func Rotate(m image.Image) image.Image {
	b := m.Bounds()
	out := image.NewNRGBA(image.Rect(0, 0, b.Dy(), b.Dx()))
	for y := range b.Dy() {
		for x := range b.Dx() {
			out.Set(b.Dy()-1-y, x, m.At(b.Min.X+x, b.Min.Y+y))
		}
	}
	return out
}

// shrink makes a picture whose longer side is longer than side that long, by the
// mean of the pixels that fall together.
func shrink(m image.Image, side int) *image.NRGBA {
	b := m.Bounds()
	src := image.NewNRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	draw.Draw(src, src.Bounds(), m, b.Min, draw.Src)
	longest := max(b.Dx(), b.Dy())
	if longest <= side {
		return src
	}
	w, h := max(1, b.Dx()*side/longest), max(1, b.Dy()*side/longest)
	out := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			out.SetNRGBA(x, y, mean(src, image.Rect(x*b.Dx()/w, y*b.Dy()/h, (x+1)*b.Dx()/w, (y+1)*b.Dy()/h)))
		}
	}
	return out
}

// mean is the mean colour of a part, each pixel as much as it is opaque.
func mean(m *image.NRGBA, part image.Rectangle) color.NRGBA {
	var r, g, b, a, n int
	for y := part.Min.Y; y < max(part.Max.Y, part.Min.Y+1); y++ {
		for x := part.Min.X; x < max(part.Max.X, part.Min.X+1); x++ {
			c := m.NRGBAAt(x, y)
			alpha := int(c.A)
			r, g, b, a, n = r+int(c.R)*alpha, g+int(c.G)*alpha, b+int(c.B)*alpha, a+alpha, n+1
		}
	}
	if a == 0 {
		return color.NRGBA{}
	}
	return color.NRGBA{R: channel(r / a), G: channel(g / a), B: channel(b / a), A: channel(a / n)}
}

// channel bounds a value to a byte.
func channel(v int) uint8 { return uint8(min(max(v, 0), 255)) }

// Trim cuts the transparent border off, but for a margin of some pixels. A picture
// without ink is ErrNoInk.
func Trim(m *image.NRGBA, margin int) (*image.NRGBA, error) {
	box := inked(m)
	if box.Empty() {
		return nil, ErrNoInk
	}
	out := image.NewNRGBA(image.Rect(0, 0, box.Dx()+2*margin, box.Dy()+2*margin))
	draw.Draw(out, image.Rectangle{Min: image.Pt(margin, margin), Max: image.Pt(margin+box.Dx(), margin+box.Dy())}, m, box.Min, draw.Src)
	return out, nil
}

// visible is the alpha from which a pixel counts as ink.
const visible = 24

// inked is the box of all ink.
func inked(m *image.NRGBA) image.Rectangle {
	box := image.Rectangle{Min: m.Rect.Max, Max: m.Rect.Min}
	for y := m.Rect.Min.Y; y < m.Rect.Max.Y; y++ {
		for x := m.Rect.Min.X; x < m.Rect.Max.X; x++ {
			if m.NRGBAAt(x, y).A >= visible {
				box.Min.X, box.Max.X = min(box.Min.X, x), max(box.Max.X, x+1)
				box.Min.Y, box.Max.Y = min(box.Min.Y, y), max(box.Max.Y, y+1)
			}
		}
	}
	return box
}

// Blue is the ink that pictures are drawn and recoloured in.
func Blue() color.NRGBA { return color.NRGBA{R: 0x12, G: 0x3A, B: 0xA8, A: 0xFF} }

// Red is the ink that seals are recoloured in.
func Red() color.NRGBA { return color.NRGBA{R: 0xD2, G: 0x14, B: 0x1E, A: 0xFF} }

// Recolour gives all ink one colour and keeps how opaque it is.
func Recolour(m *image.NRGBA, c color.NRGBA) *image.NRGBA {
	out := image.NewNRGBA(m.Rect)
	copy(out.Pix, m.Pix)
	for i := 0; i < len(out.Pix); i += 4 {
		if out.Pix[i+3] > 0 {
			out.Pix[i], out.Pix[i+1], out.Pix[i+2] = c.R, c.G, c.B
		}
	}
	return out
}
