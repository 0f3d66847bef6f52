// Package look finds what a page shows and where: texts, pictures and filled
// areas with their rectangles.
//
// It serves the question what lies under a mark or a note that came later, and
// what a text said before. It is no renderer: rectangles are bounds, a text is
// what its font's ToUnicode says.
package look

import (
	"math"
	"slices"
	"strings"

	"kyso/signer/internal/pdf"
)

// Kind says what an item is.
type Kind string

// The kinds.
const (
	Text    Kind = "text"
	Picture Kind = "picture"
	Area    Kind = "area" // a filled path, or a shading
	Line    Kind = "line" // a stroked path
)

// Item is one thing that is shown.
type Item struct {
	Kind Kind
	// Box is in points from the lower left corner of the page as shown; for an
	// appearance in its own coordinates.
	Box  pdf.Box
	Text string
	// Hides reports a picture or an area that surely hides what was painted in
	// its box before: opaque, no mask, not turned, and for an area one rectangle.
	Hides bool
	// Drawn reports a filled path that is no rectangle: letters can be drawn so.
	Drawn bool
}

// Limits of one page.
const (
	maxContent = 8 << 20
	maxItems   = 50_000
	maxSteps   = 2_000_000
	maxForms   = 12
	maxSet     = 1 << 20 // codes that its fonts set
	maxText    = 8 << 20 // bytes of its text
	maxLines   = 5_000   // drawings have very many
)

// Page lists what a page's own content shows, in the order of painting.
// Annotations are not in it. What cannot be read is left out.
func Page(f *pdf.File, p pdf.Page) []Item {
	l := newLooker(f)
	var content []byte
	parts := f.Array(p.Dict.Get("Contents"))
	if parts == nil {
		parts = pdf.Array{p.Dict.Get("Contents")}
	}
	for _, part := range parts {
		if stream, ok := f.Resolve(part).(*pdf.Stream); ok && len(content) < maxContent {
			if data, err := f.StreamData(stream); err == nil {
				content = append(append(content, data...), '\n')
			}
		}
	}
	l.run(content, resources(f, p), state{ctm: identity(), scale: 1}, 0)
	for i := range l.items {
		l.items[i].Box = p.ToShown(l.items[i].Box)
	}
	return l.items
}

// resources are the page's own or those of the nearest parent that has some.
func resources(f *pdf.File, p pdf.Page) *pdf.Dict {
	d := p.Dict
	for range 64 {
		if r := f.Dict(d.Get("Resources")); r != nil {
			return r
		}
		if d = f.Dict(d.Get("Parent")); d == nil {
			return nil
		}
	}
	return nil
}

// Appearance lists what a form XObject shows, such as the look of an annotation.
func Appearance(f *pdf.File, v any) []Item {
	stream, ok := f.Resolve(v).(*pdf.Stream)
	if !ok {
		return nil
	}
	l := newLooker(f)
	l.form(stream, state{ctm: identity(), scale: 1}, nil, 0)
	return l.items
}

// Words joins the texts of items; one that does not touch the one before is set apart.
func Words(items []Item) string {
	var s strings.Builder
	var last pdf.Box
	for _, item := range items {
		if item.Kind != Text {
			continue
		}
		if s.Len() > 0 {
			line := math.Abs(item.Box.Y0-last.Y0) > (last.Y1-last.Y0)/2
			if line || item.Box.X0-last.X1 > 1 || item.Box.X0 < last.X0 {
				s.WriteByte(' ')
			}
		}
		s.WriteString(item.Text)
		last = item.Box
	}
	return strings.Join(strings.Fields(s.String()), " ")
}

// Under lists the items whose middle lies in a rectangle.
func Under(items []Item, box pdf.Box) []Item {
	return slices.Collect(func(yield func(Item) bool) {
		for _, item := range items {
			x, y := (item.Box.X0+item.Box.X1)/2, (item.Box.Y0+item.Box.Y1)/2
			if x > box.X0 && x < box.X1 && y > box.Y0 && y < box.Y1 && !yield(item) {
				return
			}
		}
	})
}

// PictureUnder reports that a picture lies under a part of a rectangle: a
// scanned page is one picture.
func PictureUnder(items []Item, box pdf.Box) bool {
	return slices.ContainsFunc(items, func(item Item) bool {
		b := item.Box
		return item.Kind == Picture && b.X0 < box.X1 && b.X1 > box.X0 && b.Y0 < box.Y1 && b.Y1 > box.Y0
	})
}

// DrawingUnder reports that the middle of something drawn, such as the outline of
// a letter, lies in a rectangle.
func DrawingUnder(items []Item, box pdf.Box) bool {
	return slices.ContainsFunc(Under(items, box), func(item Item) bool { return item.Drawn })
}

// matrix is [a b c d e f] (ISO 32000-2, 8.3.4).
type matrix [6]float64

func identity() matrix { return matrix{1, 0, 0, 1, 0, 0} }

// over is m × n: m applied first.
func (m matrix) over(n matrix) matrix {
	return matrix{
		m[0]*n[0] + m[1]*n[2], m[0]*n[1] + m[1]*n[3],
		m[2]*n[0] + m[3]*n[2], m[2]*n[1] + m[3]*n[3],
		m[4]*n[0] + m[5]*n[2] + n[4], m[4]*n[1] + m[5]*n[3] + n[5],
	}
}

func (m matrix) box(b pdf.Box) pdf.Box {
	out := pdf.Box{X0: math.Inf(1), Y0: math.Inf(1), X1: math.Inf(-1), Y1: math.Inf(-1)}
	for _, p := range [][2]float64{{b.X0, b.Y0}, {b.X0, b.Y1}, {b.X1, b.Y0}, {b.X1, b.Y1}} {
		x, y := p[0]*m[0]+p[1]*m[2]+m[4], p[0]*m[1]+p[1]*m[3]+m[5]
		out = pdf.Box{X0: math.Min(out.X0, x), Y0: math.Min(out.Y0, y), X1: math.Max(out.X1, x), Y1: math.Max(out.Y1, y)}
	}
	return out
}

func matrixOf(f *pdf.File, v any) matrix {
	m := identity()
	list := f.Array(v)
	if len(list) != len(m) {
		return m
	}
	for i := range m {
		n, ok := f.Float(list[i])
		if !ok {
			return identity()
		}
		m[i] = n
	}
	return m
}

// state is the part of the graphics state that places things (8.4, 9.3).
type state struct {
	ctm                              matrix
	font                             *font
	size, leading, rise, char, words float64
	scale                            float64
	hidden                           bool // text rendering mode 3 or 7
	sheer                            bool // what is painted lets shine through (11.3)
	clip                             pdf.Box
	clipped                          bool
}

// cut is the part of a box that the clipping path leaves; false when it leaves none.
func (s state) cut(b pdf.Box) (pdf.Box, bool) {
	if !s.clipped {
		return b, true
	}
	b = pdf.Box{
		X0: math.Max(b.X0, s.clip.X0), Y0: math.Max(b.Y0, s.clip.Y0),
		X1: math.Min(b.X1, s.clip.X1), Y1: math.Min(b.Y1, s.clip.Y1),
	}
	return b, b.X0 <= b.X1 && b.Y0 <= b.Y1
}

// within is s with a clipping path that is smaller, by its bounds.
func (s state) within(b pdf.Box) state {
	cut, ok := s.cut(b)
	if !ok {
		cut = pdf.Box{}
	}
	s.clip, s.clipped = cut, true
	return s
}

// upright reports that rectangles stay rectangles.
func (m matrix) upright() bool {
	const little = 1e-6
	return math.Abs(m[1])+math.Abs(m[2]) < little || math.Abs(m[0])+math.Abs(m[3]) < little
}

type looker struct {
	f     *pdf.File
	fonts map[*pdf.Dict]*font
	items []Item
	steps int
	codes int // that fonts may still set
	text  int // bytes of text so far
	lines int
}

func newLooker(f *pdf.File) *looker {
	return &looker{f: f, fonts: map[*pdf.Dict]*font{}, codes: maxSet}
}

func (l *looker) add(s state, item Item) {
	var seen bool
	if item.Box, seen = s.cut(item.Box); !seen {
		return
	}
	l.text += len(item.Text)
	sum := item.Box.X0 + item.Box.X1 + item.Box.Y0 + item.Box.Y1
	if !math.IsNaN(sum) && !math.IsInf(sum, 0) && len(l.items) < maxItems && l.text <= maxText {
		l.items = append(l.items, item)
	}
}

// form runs a form XObject (8.10).
func (l *looker) form(stream *pdf.Stream, s state, above *pdf.Dict, depth int) {
	data, err := l.f.StreamData(stream)
	if err != nil || len(data) > maxContent {
		return
	}
	own := l.f.Dict(stream.Dict.Get("Resources"))
	if own == nil {
		own = above
	}
	s.ctm = matrixOf(l.f, stream.Dict.Get("Matrix")).over(s.ctm)
	if box, ok := l.f.Box(stream.Dict.Get("BBox")); ok {
		s = s.within(s.ctm.box(box))
	}
	l.run(data, own, s, depth+1)
}

// run interprets a content stream.
func (l *looker) run(content []byte, resources *pdf.Dict, s state, depth int) {
	r := &runner{l: l, resources: resources, s: s, depth: depth, t: tokens{b: content}}
	for l.steps < maxSteps && len(l.items) < maxItems && l.text <= maxText {
		l.steps++
		v, operator, more := r.t.next()
		if !more {
			return
		}
		if operator == "" {
			if len(r.operands) < maxOperands {
				r.operands = append(r.operands, v)
			}
			continue
		}
		r.do(operator)
		r.operands = r.operands[:0]
	}
}
