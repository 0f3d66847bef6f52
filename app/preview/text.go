package preview

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"unicode"

	"github.com/klippa-app/go-pdfium/enums"
	"github.com/klippa-app/go-pdfium/requests"
	"golang.org/x/text/unicode/norm"

	"kyso/app/placement"
)

// box is a rectangle by its edges, in points as shown, top above bottom.
type box struct{ left, bottom, right, top float64 }

// rect gives the box in the form of package placement.
func (b box) rect() placement.Rect {
	return placement.Rect{X: b.left, Y: b.bottom, W: b.right - b.left, H: b.top - b.bottom}
}

// union is the smallest box that holds both.
func (b box) union(o box) box {
	return box{math.Min(b.left, o.left), math.Min(b.bottom, o.bottom), math.Max(b.right, o.right), math.Max(b.top, o.top)}
}

// matrix maps the page's own coordinates to the page as shown: crop box and
// rotation applied, origin at the lower left.
type matrix struct{ a, b, c, d, e, f float64 }

// box maps a rectangle given by its edges in the page's own coordinates.
func (m matrix) box(left, bottom, right, top float64) box {
	x1, y1 := m.a*left+m.c*bottom+m.e, m.b*left+m.d*bottom+m.f
	x2, y2 := m.a*right+m.c*top+m.e, m.b*right+m.d*top+m.f
	return box{math.Min(x1, x2), math.Min(y1, y2), math.Max(x1, x2), math.Max(y1, y2)}
}

// shown finds the matrix of a page of the given size by asking pdfium where
// three points land.
func (d *Document) shown(p requests.Page, w, h float64) (matrix, error) {
	const fine, far = 64, 1000 // device pixels to the point; how far the probes lie
	at := func(x, y float64) (float64, float64, error) {
		r, err := d.instance.FPDF_PageToDevice(&requests.FPDF_PageToDevice{
			Page: p, SizeX: int(math.Round(w * fine)), SizeY: int(math.Round(h * fine)), PageX: x, PageY: y,
		})
		if err != nil {
			return 0, 0, err
		}
		return float64(r.DeviceX) / fine, h - float64(r.DeviceY)/fine, nil
	}
	x0, y0, err := at(0, 0)
	if err != nil {
		return matrix{}, err
	}
	x1, y1, err := at(far, 0)
	if err != nil {
		return matrix{}, err
	}
	x2, y2, err := at(0, far)
	if err != nil {
		return matrix{}, err
	}
	return matrix{(x1 - x0) / far, (y1 - y0) / far, (x2 - x0) / far, (y2 - y0) / far, x0, y0}, nil
}

// glyph is one letter with its place.
type glyph struct {
	text string
	box  box
}

// glyphs reads the letters of a page.
func (d *Document) glyphs(p requests.Page, shown matrix) ([]glyph, error) {
	t, err := d.instance.GetPageTextStructured(&requests.GetPageTextStructured{
		Page: p, Mode: requests.GetPageTextStructuredModeChars,
	})
	if err != nil {
		return nil, err
	}
	out := make([]glyph, 0, len(t.Chars))
	for _, c := range t.Chars {
		b := shown.box(c.PointPosition.Left, c.PointPosition.Bottom, c.PointPosition.Right, c.PointPosition.Top)
		switch {
		case strings.TrimSpace(c.Text) == "" || b.right <= b.left || b.top <= b.bottom:
		case isTone(c.Text) && len(out) > 0 && out[len(out)-1].carries(b):
			// Decomposed text: the mark follows its letter and joins it.
			out[len(out)-1].text += c.Text
		default:
			out = append(out, glyph{c.Text, b})
		}
	}
	return out, nil
}

// isTone reports a combining mark that stands alone.
func isTone(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return !unicode.Is(unicode.Mn, r) })
}

// carries reports that a mark at b belongs to the letter: it stands over,
// under or at the corner of it.
func (g glyph) carries(b box) bool {
	height := g.box.top - g.box.bottom
	return b.left < g.box.right+height/3 && b.right > g.box.left-height/3 &&
		b.bottom < g.box.top+height && b.top > g.box.bottom-height
}

// maxMarkShare is the part of a page above which a picture is taken for the
// page itself (a scan, a background), not for a mark on it.
const maxMarkShare = 0.5

// marks finds pictures on the page, and the annotations that are drawn as marks.
func (d *Document) marks(p requests.Page, shown matrix, w, h float64) ([]placement.Rect, error) {
	var out []placement.Rect
	add := func(left, bottom, right, top float32) {
		r := shown.box(float64(left), float64(bottom), float64(right), float64(top)).rect()
		if r.W > 1 && r.H > 1 && r.W*r.H < maxMarkShare*w*h {
			out = append(out, r)
		}
	}
	objects, err := d.instance.FPDFPage_CountObjects(&requests.FPDFPage_CountObjects{Page: p})
	if err != nil {
		return nil, err
	}
	for i := range objects.Count {
		o, err := d.instance.FPDFPage_GetObject(&requests.FPDFPage_GetObject{Page: p, Index: i})
		if err != nil {
			continue // an object that cannot be read is not drawn either
		}
		kind, err := d.instance.FPDFPageObj_GetType(&requests.FPDFPageObj_GetType{PageObject: o.PageObject})
		if err != nil || kind.Type != enums.FPDF_PAGEOBJ_IMAGE {
			continue
		}
		if b, err := d.instance.FPDFPageObj_GetBounds(&requests.FPDFPageObj_GetBounds{PageObject: o.PageObject}); err == nil {
			add(b.Left, b.Bottom, b.Right, b.Top)
		}
	}
	return out, d.annotations(p, add)
}

// annotations gives add the places of the annotations that are marks.
func (d *Document) annotations(p requests.Page, add func(left, bottom, right, top float32)) error {
	count, err := d.instance.FPDFPage_GetAnnotCount(&requests.FPDFPage_GetAnnotCount{Page: p})
	if err != nil {
		return err
	}
	for i := range count.Count {
		a, err := d.instance.FPDFPage_GetAnnot(&requests.FPDFPage_GetAnnot{Page: p, Index: i})
		if err != nil {
			continue
		}
		kind, err := d.instance.FPDFAnnot_GetSubtype(&requests.FPDFAnnot_GetSubtype{Annotation: a.Annotation})
		if err == nil && isMark(kind.Subtype) {
			if r, err := d.instance.FPDFAnnot_GetRect(&requests.FPDFAnnot_GetRect{Annotation: a.Annotation}); err == nil {
				add(r.Rect.Left, r.Rect.Bottom, r.Rect.Right, r.Rect.Top)
			}
		}
		if _, err := d.instance.FPDFPage_CloseAnnot(&requests.FPDFPage_CloseAnnot{Annotation: a.Annotation}); err != nil {
			return err
		}
	}
	return nil
}

// isMark reports whether annotations of a kind take their place: signatures
// (widgets), stamps, drawn and typed notes; not links and pop-ups.
func isMark(kind enums.FPDF_ANNOTATION_SUBTYPE) bool {
	switch kind {
	case enums.FPDF_ANNOT_SUBTYPE_WIDGET, enums.FPDF_ANNOT_SUBTYPE_STAMP, enums.FPDF_ANNOT_SUBTYPE_INK,
		enums.FPDF_ANNOT_SUBTYPE_FREETEXT, enums.FPDF_ANNOT_SUBTYPE_SQUARE, enums.FPDF_ANNOT_SUBTYPE_CIRCLE:
		return true
	}
	return false
}

// row is a line of text while it grows.
type row struct {
	glyphs []glyph
	box    box
}

// columnGap is the gap, in heights of the line, that parts two columns on one
// height: "Nơi nhận" at the left and the signer's title at the right.
const columnGap = 3.0

// wordGap is the gap, in heights of the line, that is a space between words.
const wordGap = 0.18

// lines joins glyphs to lines. The order of the glyphs in the file plays no
// part, since many programs write a line in several fonts out of order: glyphs
// join by vertical overlap, big ones first so that dots and marks find the line
// of their letters, and are then sorted from the left.
func lines(glyphs []glyph) []placement.Line {
	slices.SortStableFunc(glyphs, func(a, b glyph) int {
		return cmp.Compare(b.box.top-b.box.bottom, a.box.top-a.box.bottom)
	})
	var rows []row
	for _, g := range glyphs {
		best, overlap := -1, 0.5
		for i, r := range rows {
			o := math.Min(r.box.top, g.box.top) - math.Max(r.box.bottom, g.box.bottom)
			o /= math.Min(g.box.top-g.box.bottom, r.box.top-r.box.bottom)
			if o > overlap {
				best, overlap = i, o
			}
		}
		if best < 0 {
			rows = append(rows, row{[]glyph{g}, g.box})
			continue
		}
		rows[best].glyphs = append(rows[best].glyphs, g)
	}
	var out []placement.Line
	for _, r := range rows {
		slices.SortStableFunc(r.glyphs, func(a, b glyph) int { return cmp.Compare(a.box.left, b.box.left) })
		out = append(out, columns(r)...)
	}
	slices.SortStableFunc(out, func(a, b placement.Line) int {
		return cmp.Or(cmp.Compare(b.Rect.Y+b.Rect.H, a.Rect.Y+a.Rect.H), cmp.Compare(a.Rect.X, b.Rect.X))
	})
	return out
}

// columns cuts a sorted row at wide gaps and spells each part.
func columns(r row) []placement.Line {
	height := r.box.top - r.box.bottom
	var out []placement.Line
	var text strings.Builder
	var bounds box
	flush := func() {
		if text.Len() > 0 {
			out = append(out, placement.Line{Text: norm.NFC.String(text.String()), Rect: bounds.rect()})
			text.Reset()
		}
	}
	for i, g := range r.glyphs {
		gap := 0.0
		if i > 0 {
			gap = g.box.left - bounds.right
		}
		switch {
		case i == 0 || gap > columnGap*height:
			flush()
			bounds = g.box
		case gap > wordGap*height:
			text.WriteByte(' ')
			bounds = bounds.union(g.box)
		default:
			bounds = bounds.union(g.box)
		}
		text.WriteString(g.text)
	}
	flush()
	return out
}
