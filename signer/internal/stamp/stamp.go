// Package stamp draws the visible part of a signature: a picture, lines of
// text, or both, as the appearance stream of an annotation (ISO 32000-2, 12.5.5).
//
// It knows neither pages nor signatures; the font and the picture are handed in.
package stamp

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"image"
	"image/color"
	"math"

	"golang.org/x/image/draw"
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
}

const (
	standardSize = 10
	leading      = 1.2   // line distance over font size
	textShare    = 0.6   // of the height, at most, when there is a picture
	resolution   = 600.0 // pixels per inch, at most
)

// Check reports what would stop Draw: no content, a font that cannot be read
// or lacks a letter.
func (m Mark) Check() error {
	_, err := m.normal().face()
	return err
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
// stands upright on a page that is rotated clockwise by rotate degrees.
func (m Mark) Draw(u *pdf.Update, w, h float64, rotate int) (pdf.Ref, error) {
	m = m.normal()
	f, err := m.face()
	if err != nil {
		return pdf.Ref{}, err
	}
	var content bytes.Buffer
	resources := &pdf.Dict{}
	textHeight := 0.0
	if f != nil {
		font, err := f.embed(u)
		if err != nil {
			return pdf.Ref{}, err
		}
		resources.Set("Font", pdf.NewDict("F1", font.ref))
		textHeight = m.writeText(&content, f, font, w, h)
	}
	if m.Image != nil {
		ref, place := m.embedImage(u, w, h-textHeight)
		resources.Set("XObject", pdf.NewDict("Im1", ref))
		fmt.Fprintf(&content, "q %s 0 0 %s %s %s cm /Im1 Do Q\n",
			pdf.Real(place.W()), pdf.Real(place.H()), pdf.Real(place.X0), pdf.Real(place.Y0+textHeight))
	}
	return u.Add(compressed(pdf.NewDict(
		"Type", pdf.Name("XObject"),
		"Subtype", pdf.Name("Form"),
		"BBox", pdf.Array{pdf.Int(0), pdf.Int(0), pdf.Real(w), pdf.Real(h)},
		"Matrix", upright(w, h, rotate),
		"Resources", resources,
	), content.Bytes())), nil
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

// writeText writes the lines and gives the height that they take from the bottom.
func (m Mark) writeText(b *bytes.Buffer, f *face, font embedded, w, h float64) float64 {
	size := m.Size
	if size <= 0 {
		size = standardSize
	}
	for _, l := range m.Lines {
		if x := f.width(l); x > 0 {
			size = math.Min(size, w/x)
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
	size = math.Min(size, room/lines)
	height := lines * size
	y := height - f.ascent()*size
	if m.Image == nil {
		y += (h - height) / 2
	}
	fmt.Fprintf(b, "q BT 0 g /F1 %s Tf\n", pdf.Real(size))
	for _, l := range m.Lines {
		x := w - f.width(l)*size
		if !m.AlignRight {
			x /= 2
		}
		fmt.Fprintf(b, "1 0 0 1 %s %s Tm <", pdf.Real(x), pdf.Real(y))
		for _, r := range l {
			fmt.Fprintf(b, "%04X", font.number[r])
		}
		b.WriteString("> Tj\n")
		y -= leading * size
	}
	b.WriteString("ET Q\n")
	return height
}

// embedImage writes the picture with its alpha as a soft mask and gives its
// place in a box of w times h points.
func (m Mark) embedImage(u *pdf.Update, w, h float64) (pdf.Ref, pdf.Box) {
	bounds := m.Image.Bounds()
	scale := math.Min(w/float64(bounds.Dx()), h/float64(bounds.Dy()))
	pw, ph := float64(bounds.Dx())*scale, float64(bounds.Dy())*scale
	place := pdf.Box{X0: (w - pw) / 2, Y0: (h - ph) / 2, X1: (w + pw) / 2, Y1: (h + ph) / 2}
	img := m.Image
	if most := int(math.Ceil(pw / 72 * resolution)); bounds.Dx() > most {
		small := image.NewNRGBA(image.Rect(0, 0, most, max(1, int(math.Ceil(ph/72*resolution)))))
		draw.CatmullRom.Scale(small, small.Bounds(), img, bounds, draw.Src, nil)
		img, bounds = small, small.Bounds()
	}
	rgb := make([]byte, 0, 3*bounds.Dx()*bounds.Dy())
	alpha := make([]byte, 0, bounds.Dx()*bounds.Dy())
	opaque := true
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			c, ok := color.NRGBAModel.Convert(img.At(x, y)).(color.NRGBA)
			if !ok || c.A == 0 {
				c = color.NRGBA{R: 255, G: 255, B: 255} // compresses well
			}
			rgb = append(rgb, c.R, c.G, c.B)
			alpha = append(alpha, c.A)
			opaque = opaque && c.A == 255
		}
	}
	picture := func(space string) *pdf.Dict {
		return pdf.NewDict(
			"Type", pdf.Name("XObject"),
			"Subtype", pdf.Name("Image"),
			"Width", pdf.Int(int64(bounds.Dx())),
			"Height", pdf.Int(int64(bounds.Dy())),
			"ColorSpace", pdf.Name(space),
			"BitsPerComponent", pdf.Int(8),
		)
	}
	d := picture("DeviceRGB")
	if !opaque {
		d.Set("SMask", u.Add(compressed(picture("DeviceGray"), alpha)))
	}
	return u.Add(compressed(d, rgb)), place
}

// compressed is a FlateDecode stream.
func compressed(d *pdf.Dict, data []byte) *pdf.NewStream {
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	_, _ = z.Write(data) // a buffer takes everything
	_ = z.Close()
	d.Set("Filter", pdf.Name("FlateDecode"))
	return &pdf.NewStream{Dict: d, Data: b.Bytes()}
}
