package preview

import (
	"math"
	"strings"
	"unicode"

	"github.com/klippa-app/go-pdfium/requests"

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

// lineEndHyphen is what pdfium gives for a soft hyphen that ends a line.
const lineEndHyphen = "\x02"

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
		text := c.Text
		if text == lineEndHyphen {
			text = "\u00ad"
		}
		switch {
		case strings.TrimSpace(c.Text) == "" || b.right <= b.left || b.top <= b.bottom:
		case isTone(c.Text) && len(out) > 0 && out[len(out)-1].carries(b):
			// Decomposed text: the mark follows its letter and joins it.
			out[len(out)-1].text += text
		default:
			out = append(out, glyph{text, b})
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
