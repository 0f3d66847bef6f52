package stamp

import (
	"image"
	"image/color"
	"math"

	"golang.org/x/image/draw"

	"kyso/signer/internal/pdf"
)

const (
	resolution = 600.0 // pixels per inch, at most
	// paintFrom is the alpha from which a pixel is painted when nothing may be
	// transparent. Its colour is blended with white paper, so edges stay smooth.
	paintFrom = 48
	// maxEnlarged is how many times wider a picture may get for a sharp mask.
	maxEnlarged = 4
)

// picture writes the picture of a mark and gives its place in a box of w times
// h points. Its alpha becomes a soft mask, or where nothing may be transparent a mask of one bit.
func (p *Press) picture(m Mark, id pictureID, w, h float64) (pdf.Ref, pdf.Box) {
	bounds := m.Image.Bounds()
	place := contain(bounds, w, h)
	width, height := bounds.Dx(), bounds.Dy()
	most := max(1, int(math.Ceil(place.W()/72*resolution)))
	if width > most || width < most && m.Opaque && !opaque(m.Image) {
		width = min(most, maxEnlarged*bounds.Dx())
		height = max(1, int(math.Round(float64(bounds.Dy())*float64(width)/float64(bounds.Dx()))))
	}
	key := pictureKey{id, m.Archive, m.Opaque, width, height}
	r, ok := p.pictures[key]
	if !ok {
		r = p.embedPicture(m.Image, key)
		p.pictures[key] = r
	}
	return r, place
}

// contain is the place of a picture in a box of w times h points: as large as it
// fits, in the middle.
func contain(picture image.Rectangle, w, h float64) pdf.Box {
	scale := math.Min(w/float64(picture.Dx()), h/float64(picture.Dy()))
	pw, ph := float64(picture.Dx())*scale, float64(picture.Dy())*scale
	return pdf.Box{X0: (w - pw) / 2, Y0: (h - ph) / 2, X1: (w + pw) / 2, Y1: (h + ph) / 2}
}

// pixels are the colours and the alpha of a picture, row by row.
type pixels struct {
	rgb, alpha []byte
	opaque     bool
}

func (p *Press) embedPicture(img image.Image, key pictureKey) pdf.Ref {
	if b := img.Bounds(); key.w != b.Dx() {
		scaled := image.NewNRGBA(image.Rect(0, 0, key.w, key.h))
		draw.CatmullRom.Scale(scaled, scaled.Bounds(), img, b, draw.Src, nil)
		img = scaled
	}
	px := read(img)
	dict := func(bits int64) *pdf.Dict {
		return pdf.NewDict(
			"Type", pdf.Name("XObject"),
			"Subtype", pdf.Name("Image"),
			"Width", pdf.Int(int64(key.w)),
			"Height", pdf.Int(int64(key.h)),
			"BitsPerComponent", pdf.Int(bits),
		)
	}
	d := dict(8)
	d.Set("ColorSpace", pdf.Name("DeviceRGB"))
	if key.archive > 0 {
		d.Set("ColorSpace", calibrated())
	}
	switch {
	case px.opaque:
	case key.opaque:
		px.flatten()
		mask := dict(1)
		mask.Set("ImageMask", true)
		d.Set("Mask", p.u.Add(compressed(mask, px.bits(key.w))))
	default:
		mask := dict(8)
		mask.Set("ColorSpace", pdf.Name("DeviceGray"))
		d.Set("SMask", p.u.Add(compressed(mask, px.alpha)))
	}
	return p.u.Add(compressed(d, px.rgb))
}

// opaque reports a picture that says of itself that it has no alpha.
func opaque(img image.Image) bool {
	o, ok := img.(interface{ Opaque() bool })
	return ok && o.Opaque()
}

func read(img image.Image) pixels {
	b := img.Bounds()
	px := pixels{rgb: make([]byte, 0, 3*b.Dx()*b.Dy()), alpha: make([]byte, 0, b.Dx()*b.Dy()), opaque: true}
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			c, ok := color.NRGBAModel.Convert(img.At(x, y)).(color.NRGBA)
			if !ok || c.A == 0 {
				c = color.NRGBA{R: 255, G: 255, B: 255} // compresses well
			}
			px.rgb = append(px.rgb, c.R, c.G, c.B)
			px.alpha = append(px.alpha, c.A)
			px.opaque = px.opaque && c.A == 255
		}
	}
	return px
}

// flatten blends the colours with white.
func (px pixels) flatten() {
	for i, a := range px.alpha {
		for k := range 3 {
			c := int(px.rgb[3*i+k])
			px.rgb[3*i+k] = byte((c*int(a) + 255*(255-int(a))) / 255) //nolint:gosec // a weighted mean
		}
	}
}

// bits is the alpha as a mask of one bit, rows of w pixels padded to bytes: a
// set bit is not painted (ISO 32000-2, 8.9.6.3).
func (px pixels) bits(w int) []byte {
	stride := (w + 7) / 8
	out := make([]byte, stride*(len(px.alpha)/w))
	for i, a := range px.alpha {
		if a < paintFrom {
			out[i/w*stride+i%w/8] |= 0x80 >> (i % w % 8)
		}
	}
	return out
}
