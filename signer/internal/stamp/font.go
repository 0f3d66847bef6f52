package stamp

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf16"

	"golang.org/x/image/font/sfnt"

	"kyso/signer/internal/pdf"
)

// ErrNoLetter reports a text with a letter that the font does not have.
var ErrNoLetter = errors.New("the font lacks a letter")

// face is a font for the lines of one mark.
type face struct {
	t      *truetype
	name   string
	glyphs map[rune]int // in the font file
}

// newFace reads a font file and finds the glyphs of the lines.
func newFace(file []byte, lines []string) (*face, error) {
	t, err := parseTrueType(file)
	if err != nil {
		return nil, err
	}
	f, err := sfnt.Parse(file)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errFont, err)
	}
	out := &face{t: t, glyphs: map[rune]int{}}
	var buf sfnt.Buffer
	for _, l := range lines {
		for _, r := range l {
			g, err := f.GlyphIndex(&buf, r)
			if err != nil {
				return nil, fmt.Errorf("%w: %w", errFont, err)
			}
			if g == 0 {
				return nil, fmt.Errorf("%w: %q", ErrNoLetter, r)
			}
			out.glyphs[r] = int(g)
		}
	}
	if out.name, err = f.Name(&buf, sfnt.NameIDPostScript); err != nil || !plain(out.name) {
		out.name = "Font"
	}
	return out, nil
}

func plain(s string) bool {
	return s != "" && strings.IndexFunc(s, func(r rune) bool { return r <= ' ' || r > '~' }) < 0
}

// width is the width of a line at font size 1.
func (f *face) width(line string) float64 {
	w := 0
	for _, r := range line {
		w += f.t.advance(f.glyphs[r])
	}
	return float64(w) / float64(f.t.em)
}

// ascent and descent are the line's reach above and below the base line at font
// size 1, both positive.
func (f *face) ascent() float64  { return f.t.thousandths(f.t.int16At("hhea", 4)) / 1000 }
func (f *face) descent() float64 { return -f.t.thousandths(f.t.int16At("hhea", 6)) / 1000 }

// embedded is a font in the document.
type embedded struct {
	ref    pdf.Ref
	number map[rune]int // the letter's code in strings
}

// embed writes the subset (ISO 32000-2, 9.7.4 and 9.9): a composite font with
// Identity-H, so that a code is a glyph number. cidSet lists the glyphs, as
// PDF/A-1 wants (ISO 19005-1, 6.3.5).
func (f *face) embed(u *pdf.Update, cidSet bool) (embedded, error) {
	letters := make([]rune, 0, len(f.glyphs))
	for r := range f.glyphs {
		letters = append(letters, r)
	}
	slices.Sort(letters)
	wanted := make([]int, len(letters))
	for i, r := range letters {
		wanted[i] = f.glyphs[r]
	}
	file, number, err := f.t.subset(wanted)
	if err != nil {
		return embedded{}, err
	}
	out := embedded{number: map[rune]int{}}
	widths := make(pdf.Array, len(number))
	for glyph, n := range number {
		widths[n] = pdf.Real(f.t.thousandths(f.t.advance(glyph)))
	}
	for _, r := range letters {
		out.number[r] = number[f.glyphs[r]]
	}
	name := pdf.Name(tag(file) + "+" + f.name)
	description := f.descriptor(name, u.Add(compressed(pdf.NewDict("Length1", pdf.Int(int64(len(file)))), file)))
	if cidSet {
		set := make([]byte, (len(number)+7)/8)
		for _, n := range number {
			set[n/8] |= 0x80 >> (n % 8)
		}
		description.Set("CIDSet", u.Add(compressed(&pdf.Dict{}, set)))
	}
	descriptor := u.Add(description)
	descendant := u.Add(pdf.NewDict(
		"Type", pdf.Name("Font"),
		"Subtype", pdf.Name("CIDFontType2"),
		"BaseFont", name,
		"CIDSystemInfo", pdf.NewDict("Registry", pdf.NewText("Adobe"), "Ordering", pdf.NewText("Identity"), "Supplement", pdf.Int(0)),
		"FontDescriptor", descriptor,
		"DW", pdf.Int(1000),
		"W", pdf.Array{pdf.Int(0), widths},
		"CIDToGIDMap", pdf.Name("Identity"),
	))
	out.ref = u.Add(pdf.NewDict(
		"Type", pdf.Name("Font"),
		"Subtype", pdf.Name("Type0"),
		"BaseFont", name,
		"Encoding", pdf.Name("Identity-H"),
		"DescendantFonts", pdf.Array{descendant},
		"ToUnicode", u.Add(compressed(&pdf.Dict{}, toUnicode(letters, out.number))),
	))
	return out, nil
}

func (f *face) descriptor(name pdf.Name, file pdf.Ref) *pdf.Dict {
	unit := func(table string, at int) pdf.Number { return pdf.Real(f.t.thousandths(f.t.int16At(table, at))) }
	height := unit("hhea", 4)
	if len(f.t.tables["OS/2"]) >= 90 {
		height = unit("OS/2", 88) // sCapHeight
	}
	return pdf.NewDict(
		"Type", pdf.Name("FontDescriptor"),
		"FontName", name,
		"Flags", pdf.Int(4), // symbolic: the font has its own codes
		"FontBBox", pdf.Array{unit("head", 36), unit("head", 38), unit("head", 40), unit("head", 42)},
		"ItalicAngle", pdf.Int(int64(f.t.int16At("post", 4))),
		"Ascent", unit("hhea", 4),
		"Descent", unit("hhea", 6),
		"CapHeight", height,
		"StemV", pdf.Int(80),
		"FontFile2", file,
	)
}

// tag is six letters that name the subset (ISO 32000-2, 9.9.2).
func tag(file []byte) string {
	sum := sha256.Sum256(file)
	b := make([]byte, 6)
	for i := range b {
		b[i] = 'A' + sum[i]%26
	}
	return string(b)
}

// toUnicode lets readers copy and search the text (ISO 32000-2, 9.10.3).
func toUnicode(letters []rune, number map[rune]int) []byte {
	var b bytes.Buffer
	b.WriteString("/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n" +
		"/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n" +
		"/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n" +
		"1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n")
	seen := map[int]bool{}
	for part := range slices.Chunk(letters, 100) {
		var rows bytes.Buffer
		n := 0
		for _, r := range part {
			if seen[number[r]] {
				continue
			}
			seen[number[r]] = true
			n++
			fmt.Fprintf(&rows, "<%04X> <", number[r])
			for _, x := range utf16.Encode([]rune{r}) {
				fmt.Fprintf(&rows, "%04X", x)
			}
			rows.WriteString(">\n")
		}
		fmt.Fprintf(&b, "%d beginbfchar\n%sendbfchar\n", n, rows.String())
	}
	b.WriteString("endcmap\nCMapName currentdict /CMap defineresource pop\n" + strings.Repeat("end\n", 2))
	return b.Bytes()
}
