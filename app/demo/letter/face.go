package letter

import (
	"fmt"
	"strings"

	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"

	"kyso/assets"
)

// style chooses a face of the one typeface.
type style int

const (
	regular style = iota
	bold
	italic
	boldItalic
)

// millimeter is the size of a point.
const millimeter = 25.4 / 72

// typeface measures text in the four styles.
type typeface struct {
	fonts [4]*sfnt.Font
	files [4][]byte
}

func newTypeface() (*typeface, error) {
	t := &typeface{files: [4][]byte{
		regular: assets.SerifRegular(), bold: assets.SerifBold(),
		italic: assets.SerifItalic(), boldItalic: assets.SerifBoldItalic(),
	}}
	for s, file := range t.files {
		f, err := sfnt.Parse(file)
		if err != nil {
			return nil, fmt.Errorf("letter: font: %w", err)
		}
		t.fonts[s] = f
	}
	return t, nil
}

// width is the width of text in millimeters at a size in points. A letter that
// the face lacks has no width; the tests look for such letters.
func (t *typeface) width(text string, s style, size float64) float64 {
	f := t.fonts[s]
	em := fixed.I(int(f.UnitsPerEm()))
	var buffer sfnt.Buffer
	var sum fixed.Int26_6
	for _, r := range text {
		glyph, err := f.GlyphIndex(&buffer, r)
		if err != nil {
			continue
		}
		if advance, err := f.GlyphAdvance(&buffer, glyph, em, font.HintingNone); err == nil {
			sum += advance
		}
	}
	return float64(sum) / float64(em) * size * millimeter
}

// wrap breaks text into lines no wider than measure; the first line is shorter by indent.
func (t *typeface) wrap(text string, s style, size, measure, indent float64) []string {
	var lines []string
	line, room := "", measure-indent
	for word := range strings.FieldsSeq(text) {
		longer := word
		if line != "" {
			longer = line + " " + word
		}
		if line != "" && t.width(longer, s, size) > room {
			lines = append(lines, line)
			line, room = word, measure
			continue
		}
		line = longer
	}
	return append(lines, line)
}

// balance breaks text into as few lines as wrap does, of about equal length, as
// titles are set: no single word on the last line.
func (t *typeface) balance(text string, s style, size, measure float64) []string {
	lines := t.wrap(text, s, size, measure, 0)
	for narrower := measure - 1; narrower > 0; narrower-- {
		tried := t.wrap(text, s, size, narrower, 0)
		if len(tried) > len(lines) {
			break
		}
		lines = tried
	}
	return lines
}
