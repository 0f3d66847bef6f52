package draft

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"

	"github.com/pdfcpu/pdfcpu/pkg/api"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

// Watermark writes the PDF in r with text ("BẢN NHÁP") across every page,
// behind the content. It is a picture and not text, so that nobody who searches
// the page for a name or a title finds the watermark. typeface is a TrueType
// file that has every letter of text.
func Watermark(w io.Writer, r io.ReadSeeker, text string, typeface []byte) error {
	if err := refuseSigned(r); err != nil {
		return fmt.Errorf("watermark: %w", err)
	}
	picture, err := lettering(text, typeface)
	if err != nil {
		return fmt.Errorf("watermark: %w", err)
	}
	mark, err := api.ImageWatermarkForReader(picture, "rotation:50, scalefactor:.85 rel, opacity:1", false, false, types.POINTS)
	if err != nil {
		return fmt.Errorf("watermark: %w", err)
	}
	if err := api.AddWatermarks(r, w, nil, mark, settings()); err != nil {
		return fmt.Errorf("watermark: %w", err)
	}
	return nil
}

// lettering draws text in light grey on a transparent ground and returns the PNG.
func lettering(text string, typeface []byte) (io.Reader, error) {
	const size, margin = 200, 40
	parsed, err := opentype.Parse(typeface)
	if err != nil {
		return nil, fmt.Errorf("font: %w", err)
	}
	face, err := opentype.NewFace(parsed, &opentype.FaceOptions{Size: size, DPI: 72})
	if err != nil {
		return nil, fmt.Errorf("font: %w", err)
	}
	defer face.Close() //nolint:errcheck // a face holds no file

	height := face.Metrics().Ascent + face.Metrics().Descent
	width := font.MeasureString(face, text)
	canvas := image.NewNRGBA(image.Rect(0, 0, width.Ceil()+2*margin, height.Ceil()+2*margin))
	pen := font.Drawer{
		Dst:  canvas,
		Src:  image.NewUniform(color.NRGBA{R: 120, G: 130, B: 150, A: 70}),
		Face: face,
		Dot:  fixed.Point26_6{X: fixed.I(margin), Y: fixed.I(margin) + face.Metrics().Ascent},
	}
	pen.DrawString(text)

	var out bytes.Buffer
	if err := png.Encode(&out, canvas); err != nil {
		return nil, fmt.Errorf("picture: %w", err)
	}
	return &out, nil
}
