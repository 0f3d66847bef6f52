// Package lettering draws a word as a picture: what stands across pages is a
// picture and not text, so that nobody who searches a page finds it.
package lettering

import (
	"fmt"
	"image"
	"image/color"

	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

// Draw gives text in letters of size pixels on a transparent ground, with a
// margin in pixels on all sides. typeface is a TrueType file that has every
// letter of text.
func Draw(text string, typeface []byte, size, margin int, ink color.Color) (*image.NRGBA, error) {
	parsed, err := opentype.Parse(typeface)
	if err != nil {
		return nil, fmt.Errorf("font: %w", err)
	}
	face, err := opentype.NewFace(parsed, &opentype.FaceOptions{Size: float64(size), DPI: 72})
	if err != nil {
		return nil, fmt.Errorf("font: %w", err)
	}
	defer face.Close() //nolint:errcheck // a face holds no file
	height := face.Metrics().Ascent + face.Metrics().Descent
	width := font.MeasureString(face, text)
	canvas := image.NewNRGBA(image.Rect(0, 0, width.Ceil()+2*margin, height.Ceil()+2*margin))
	pen := font.Drawer{
		Dst: canvas, Src: image.NewUniform(ink), Face: face,
		Dot: fixed.Point26_6{X: fixed.I(margin), Y: fixed.I(margin) + face.Metrics().Ascent},
	}
	pen.DrawString(text)
	return canvas, nil
}
