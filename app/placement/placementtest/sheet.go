package placementtest

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf16"

	"golang.org/x/image/font/sfnt"
)

// run is a piece of text with the place of its baseline, in points from the
// lower left corner of the page as shown.
type run struct {
	text    string
	x, y    float64
	style   style
	size    float64
	stretch float64 // 1 is as wide as the face has it
	coded   bool    // set in an old 8-bit face: extracts as those codes
	hidden  bool    // a text layer over a picture
	turned  float64 // radians about the page's middle
}

// picture is a place that a picture fills.
type picture struct {
	box Box
	// page marks the picture of the whole page, or a part of it: a scan.
	page bool
}

// sheet is one page while it is set.
type sheet struct {
	w, h     float64
	rotate   int
	cropX    float64
	cropY    float64
	runs     []run
	strokes  []Box
	pictures []picture
}

// write makes the file. All pages share the fonts.
func write(sheets []sheet, fonts [4]*face) []byte {
	w := &writer{fonts: fonts, used: map[string]map[sfnt.GlyphIndex]rune{}}
	w.begin()
	const catalog, tree, pale, dark = 1, 2, 3, 4
	w.next = 5
	contents := make([][]byte, len(sheets))
	for i, s := range sheets {
		contents[i] = w.content(s)
	}
	resources := w.writeFonts()
	var kids []string
	for i, s := range sheets {
		page, stream := w.number(), w.number()
		kids = append(kids, fmt.Sprintf("%d 0 R", page))
		bw, bh := s.w, s.h
		if s.rotate%180 != 0 {
			bw, bh = bh, bw
		}
		w.object(page, fmt.Sprintf("<</Type/Page/Parent %d 0 R/MediaBox[0 0 %.2f %.2f]/CropBox[%.2f %.2f %.2f %.2f]/Rotate %d"+
			"/Contents %d 0 R/Resources<</Font<<%s>>/XObject<</P %d 0 R/D %d 0 R>>>>>>",
			tree, bw+2*s.cropX, bh+2*s.cropY, s.cropX, s.cropY, s.cropX+bw, s.cropY+bh, s.rotate, stream, resources, pale, dark))
		w.stream(stream, "", contents[i])
	}
	const pixel = "/Type/XObject/Subtype/Image/Width 1/Height 1/ColorSpace/DeviceGray/BitsPerComponent 8"
	w.stream(pale, pixel, []byte{0xF0})
	w.stream(dark, pixel, []byte{0x40})
	w.object(tree, fmt.Sprintf("<</Type/Pages/Count %d/Kids[%s]>>", len(sheets), strings.Join(kids, " ")))
	w.object(catalog, fmt.Sprintf("<</Type/Catalog/Pages %d 0 R>>", tree))
	return w.end(catalog)
}

// writer writes a file of PDF 1.7, uncompressed.
type writer struct {
	fonts [4]*face
	used  map[string]map[sfnt.GlyphIndex]rune // the letters of each font by its name
	out   bytes.Buffer
	at    map[int]int
	next  int
}

func (w *writer) begin() {
	w.at = map[int]int{}
	w.out.WriteString("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
}

func (w *writer) number() int { w.next++; return w.next - 1 }

func (w *writer) object(n int, body string) {
	w.at[n] = w.out.Len()
	fmt.Fprintf(&w.out, "%d 0 obj\n%s\nendobj\n", n, body)
}

func (w *writer) stream(n int, dict string, data []byte) {
	w.at[n] = w.out.Len()
	fmt.Fprintf(&w.out, "%d 0 obj\n<<%s/Length %d>>stream\n", n, dict, len(data))
	w.out.Write(data)
	w.out.WriteString("\nendstream\nendobj\n")
}

func (w *writer) end(catalog int) []byte {
	start := w.out.Len()
	fmt.Fprintf(&w.out, "xref\n0 %d\n0000000000 65535 f \n", w.next)
	for n := 1; n < w.next; n++ {
		fmt.Fprintf(&w.out, "%010d 00000 n \n", w.at[n])
	}
	fmt.Fprintf(&w.out, "trailer\n<</Size %d/Root %d 0 R>>\nstartxref\n%d\n%%%%EOF\n", w.next, catalog, start)
	return w.out.Bytes()
}

// placed is the matrix from the page as shown to the page's own coordinates.
func (s sheet) placed() string {
	var m [6]float64
	switch s.rotate {
	case 90:
		m = [6]float64{0, 1, -1, 0, s.h, 0}
	case 180:
		m = [6]float64{-1, 0, 0, -1, s.w, s.h}
	case 270:
		m = [6]float64{0, -1, 1, 0, 0, s.w}
	default:
		m = [6]float64{1, 0, 0, 1, 0, 0}
	}
	return fmt.Sprintf("%g %g %g %g %g %g cm\n", m[0], m[1], m[2], m[3], m[4]+s.cropX, m[5]+s.cropY)
}

// content writes a page.
func (w *writer) content(s sheet) []byte {
	var b bytes.Buffer
	b.WriteString(s.placed())
	for _, p := range s.pictures {
		name := "D"
		if p.page {
			name = "P"
		}
		fmt.Fprintf(&b, "q %.3f 0 0 %.3f %.3f %.3f cm /%s Do Q\n", p.box.W, p.box.H, p.box.X, p.box.Y, name)
	}
	for _, l := range s.strokes {
		fmt.Fprintf(&b, "%.3f %.3f %.3f %.3f re f\n", l.X, l.Y, math.Max(l.W, 0.5), math.Max(l.H, 0.5))
	}
	for _, r := range s.runs {
		name := fmt.Sprintf("F%d", r.style)
		if r.coded {
			name = fmt.Sprintf("V%d", r.style)
		}
		if w.used[name] == nil {
			w.used[name] = map[sfnt.GlyphIndex]rune{}
		}
		var hex strings.Builder
		for _, c := range r.text {
			id, _, _ := w.fonts[r.style].glyph(c)
			w.used[name][id] = c
			fmt.Fprintf(&hex, "%04X", uint16(id))
		}
		mode := 0
		if r.hidden {
			mode = 3
		}
		sin, cos := math.Sincos(r.turned)
		x, y := s.w/2+cos*(r.x-s.w/2)-sin*(r.y-s.h/2), s.h/2+sin*(r.x-s.w/2)+cos*(r.y-s.h/2)
		fmt.Fprintf(&b, "BT %d Tr /%s %.3f Tf %.2f Tz %.5f %.5f %.5f %.5f %.3f %.3f Tm <%s> Tj ET\n",
			mode, name, r.size, 100*r.stretch, cos, sin, -sin, cos, x, y, hex.String())
	}
	return b.Bytes()
}

// writeFonts embeds the faces that were used and gives the resources' entries.
func (w *writer) writeFonts() string {
	var out strings.Builder
	files := map[style]int{}
	for _, name := range slices.Sorted(func(yield func(string) bool) {
		for n := range w.used {
			if !yield(n) {
				return
			}
		}
	}) {
		s := style(name[1] - '0')
		if files[s] == 0 {
			files[s] = w.number()
			w.stream(files[s], fmt.Sprintf("/Length1 %d", len(w.fonts[s].file)), w.fonts[s].file)
		}
		fmt.Fprintf(&out, "/%s %d 0 R", name, w.font(name, w.fonts[s], files[s]))
	}
	return out.String()
}

// font writes one composite font with the widths and the texts of its letters.
func (w *writer) font(name string, f *face, file int) int {
	font, child, descriptor, cmap := w.number(), w.number(), w.number(), w.number()
	face := "LiberationSerif"
	if name[0] == 'V' {
		face = ".VnTimeH"
	}
	var widths, texts strings.Builder
	ids := make([]sfnt.GlyphIndex, 0, len(w.used[name]))
	for id := range w.used[name] {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		r := w.used[name][id]
		_, advance, _ := f.glyph(r)
		fmt.Fprintf(&widths, "%d[%.2f]", id, advance*1000)
		if name[0] == 'V' {
			r = coded(r)
		}
		fmt.Fprintf(&texts, "<%04X><", uint16(id))
		for _, u := range utf16.Encode([]rune{r}) {
			fmt.Fprintf(&texts, "%04X", u)
		}
		texts.WriteString(">\n")
	}
	w.object(font, fmt.Sprintf("<</Type/Font/Subtype/Type0/BaseFont/ABCDEF+%s/Encoding/Identity-H/DescendantFonts[%d 0 R]/ToUnicode %d 0 R>>", face, child, cmap))
	w.object(child, fmt.Sprintf("<</Type/Font/Subtype/CIDFontType2/BaseFont/ABCDEF+%s/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>"+
		"/FontDescriptor %d 0 R/CIDToGIDMap/Identity/DW 0/W[%s]>>", face, descriptor, widths.String()))
	w.object(descriptor, fmt.Sprintf("<</Type/FontDescriptor/FontName/ABCDEF+%s/Flags 4/FontBBox[-543 -303 1277 981]/ItalicAngle 0"+
		"/Ascent 891/Descent -216/CapHeight 660/StemV 80/FontFile2 %d 0 R>>", face, file))
	w.stream(cmap, "", fmt.Appendf(nil, "/CIDInit /ProcSet findresource begin begincmap /CMapName /T def /CMapType 2 def\n"+
		"1 begincodespacerange <0000><FFFF> endcodespacerange\n%d beginbfchar\n%sendbfchar\nendcmap end\n", len(ids), texts.String()))
	return font
}
