package letter

// The page: A4 with the margins of NĐ 30/2020, Annex I, part I, section I, point 3.
const (
	pageWidth    = 210.0
	pageHeight   = 297.0
	topMargin    = 20.0
	bottomMargin = 20.0
	leftMargin   = 30.0
	rightMargin  = 15.0
	textWidth    = pageWidth - leftMargin - rightMargin
)

// Paper is a document that has been set: pages with text at its place.
type Paper struct {
	letter Letter
	face   *typeface
	sheets []sheet
	end    Spot
}

// Spot is a point on a page, in points from the lower left corner; Page counts from 1.
type Spot struct {
	Page int
	X, Y float64
}

// sheet is one page. Lengths are millimeters from the upper left corner.
type sheet struct {
	runs    []run
	strokes []stroke
}

// run is a piece of text; y is its baseline.
type run struct {
	x, y  float64
	text  string
	style style
	size  float64 // points
}

// stroke is a straight line.
type stroke struct{ x1, y1, x2, y2, width float64 }

// Pages is the number of pages.
func (p *Paper) Pages() int { return len(p.sheets) }

// End is where the content ends, right after "./." on the baseline: the
// traditional place of the initials of the drafting unit's head.
func (p *Paper) End() Spot { return p.end }
