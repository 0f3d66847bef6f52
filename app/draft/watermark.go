package draft

import (
	"bytes"
	"fmt"
	"image/color"
	"image/png"
	"io"

	"github.com/pdfcpu/pdfcpu/pkg/api"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"kyso/app/lettering"
)

// Watermark writes the PDF in r with text ("BẢN NHÁP") across every page,
// behind the content. It is a picture and not text, so that nobody who searches
// the page for a name or a title finds the watermark. typeface is a TrueType
// file that has every letter of text.
func Watermark(w io.Writer, r io.ReadSeeker, text string, typeface []byte) error {
	if err := refuseSigned(r); err != nil {
		return fmt.Errorf("watermark: %w", err)
	}
	const size, margin = 200, 40
	drawn, err := lettering.Draw(text, typeface, size, margin, grey())
	if err != nil {
		return fmt.Errorf("watermark: %w", err)
	}
	var picture bytes.Buffer
	if err := png.Encode(&picture, drawn); err != nil {
		return fmt.Errorf("watermark: picture: %w", err)
	}
	mark, err := api.ImageWatermarkForReader(&picture, "rotation:50, scalefactor:.85 rel, opacity:1", false, false, types.POINTS)
	if err != nil {
		return fmt.Errorf("watermark: %w", err)
	}
	if err := api.AddWatermarks(r, w, nil, mark, settings()); err != nil {
		return fmt.Errorf("watermark: %w", err)
	}
	return nil
}

// grey is light enough to be read through.
func grey() color.Color { return color.NRGBA{R: 120, G: 130, B: 150, A: 70} }
