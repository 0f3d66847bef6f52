package control

import (
	"math"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"kyso/app/present"
)

// part is what of a mark the pointer holds.
type part int

const (
	nothing part = iota
	body
	northWest
	northEast
	southWest
	southEast
)

// grip is how near a corner the pointer takes hold of it; knob is its drawn size.
const (
	grip = 10
	knob = 11
)

// stack draws pages and marks, and turns the pointer's movements into places.
type stack struct {
	widget.BaseWidget

	pages       *Pages
	sizes       []present.PageSize
	zoom        float32   // window units to the point
	canvasScale float32   // pixels to the window unit
	tops        []float32 // of each page, in window units
	wide        float32   // of the widest page
	high        float32   // of all pages with gaps
	view        view
	album       *album
	frames      []Frame
	hits        []Hit
	guides      []Guide
	marks       []Mark
	chosen      int

	hover, held part
	from        Box        // the mark when the drag began
	drag        fyne.Delta // since then
}

var (
	_ fyne.Draggable     = (*stack)(nil)
	_ desktop.Mouseable  = (*stack)(nil)
	_ desktop.Hoverable  = (*stack)(nil)
	_ desktop.Cursorable = (*stack)(nil)
)

func newStack(p *Pages) *stack {
	s := &stack{pages: p, zoom: 1, canvasScale: 1, album: newAlbum()}
	s.ExtendBaseWidget(s)
	return s
}

// arrange computes where the pages lie.
func (s *stack) arrange() {
	s.tops, s.wide, s.high = s.tops[:0], 0, pageGap
	for _, size := range s.sizes {
		s.tops = append(s.tops, s.high)
		s.wide = max(s.wide, float32(size.W)*s.zoom)
		s.high += float32(size.H)*s.zoom + pageGap
	}
}

// inView gives the first and the last page in view.
func (s *stack) inView() (first, last int) {
	first, last = len(s.tops), 1
	for i, t := range s.tops {
		if t > s.view.at.Y+s.view.size.Height {
			break
		}
		if t+float32(s.sizes[i].H)*s.zoom >= s.view.at.Y {
			first, last = min(first, i+1), i+1
		}
	}
	return min(first, last), last
}

// pageAt is the page at a height of the stack; between two pages, the upper one.
func (s *stack) pageAt(y float32) int {
	page := 1
	for i, t := range s.tops {
		if t > y {
			break
		}
		page = i + 1
	}
	return page
}

// corner is the upper left corner of a page (from 1).
func (s *stack) corner(page int) fyne.Position {
	w := float32(s.sizes[page-1].W) * s.zoom
	return fyne.NewPos(max((s.Size().Width-w)/2, pageGap), s.tops[page-1])
}

// extent is the size of a page in window units.
func (s *stack) extent(page int) fyne.Size {
	size := s.sizes[page-1]
	return fyne.NewSize(float32(size.W)*s.zoom, float32(size.H)*s.zoom)
}

// box is where a box of a page is drawn.
func (s *stack) box(page int, b Box) (fyne.Position, fyne.Size) {
	return s.corner(page).AddXY(float32(b.X)*s.zoom, float32(s.sizes[page-1].H-b.Y-b.H)*s.zoom),
		fyne.NewSize(float32(b.W)*s.zoom, float32(b.H)*s.zoom)
}

// has reports that a page is shown.
func (s *stack) has(page int) bool { return page > 0 && page <= len(s.tops) }

// hit says which mark lies under a point, and which part of it. Only the chosen
// mark has corners to take hold of; it lies over the others.
func (s *stack) hit(p fyne.Position) (mark int, of part) {
	if s.chosen >= 0 && s.chosen < len(s.marks) {
		if of := s.hitOne(s.marks[s.chosen], p, true); of != nothing {
			return s.chosen, of
		}
	}
	for i, m := range s.marks {
		if of := s.hitOne(m, p, false); of != nothing {
			return i, of
		}
	}
	return -1, nothing
}

// hitOne says which part of a mark lies under a point.
func (s *stack) hitOne(m Mark, p fyne.Position, corners bool) part {
	if !s.has(m.Page) {
		return nothing
	}
	o, size := s.box(m.Page, m.At)
	near := func(x, y float32) bool {
		return corners && math.Abs(float64(p.X-x)) <= grip && math.Abs(float64(p.Y-y)) <= grip
	}
	right, bottom := o.X+size.Width, o.Y+size.Height
	switch {
	case near(right, bottom):
		return southEast
	case near(o.X, o.Y):
		return northWest
	case near(right, o.Y):
		return northEast
	case near(o.X, bottom):
		return southWest
	case p.X >= o.X && p.X <= right && p.Y >= o.Y && p.Y <= bottom:
		return body
	}
	return nothing
}

// MouseDown takes hold of a mark.
func (s *stack) MouseDown(e *desktop.MouseEvent) {
	if c := fyne.CurrentApp().Driver().CanvasForObject(s); c != nil {
		c.Unfocus() // the arrow keys move the mark now
	}
	mark, of := s.hit(e.Position)
	if s.held = of; of == nothing {
		return
	}
	s.from, s.drag = s.marks[mark].At, fyne.Delta{}
	s.pages.Grabbed(mark)
}

// MouseUp lets go of a mark that was not dragged.
func (s *stack) MouseUp(*desktop.MouseEvent) { s.DragEnd() }

// MouseIn follows the pointer.
func (s *stack) MouseIn(e *desktop.MouseEvent) { _, s.hover = s.hit(e.Position) }

// MouseMoved follows the pointer.
func (s *stack) MouseMoved(e *desktop.MouseEvent) { _, s.hover = s.hit(e.Position) }

// MouseOut forgets the pointer.
func (s *stack) MouseOut() { s.hover = nothing }

// Cursor shows what the pointer would take hold of.
func (s *stack) Cursor() desktop.Cursor {
	switch s.hover {
	case body:
		return desktop.PointerCursor
	case northWest, northEast, southWest, southEast:
		return desktop.CrosshairCursor
	case nothing:
	}
	return desktop.DefaultCursor
}

// Dragged moves or resizes the mark that is held.
func (s *stack) Dragged(e *fyne.DragEvent) {
	if s.held == nothing || s.chosen < 0 || s.chosen >= len(s.marks) || !s.has(s.marks[s.chosen].Page) {
		return
	}
	m := s.marks[s.chosen]
	s.drag.DX += e.Dragged.DX
	s.drag.DY += e.Dragged.DY
	dx, dy := float64(s.drag.DX/s.zoom), float64(s.drag.DY/s.zoom)
	if s.held == body {
		to := s.from
		to.X, to.Y = to.X+dx, to.Y-dy
		s.put(m.Page, to, e.Position)
		return
	}
	s.pages.Moved(m.Page, resized(s.from, s.held, dx, dy, m.Imprint.Image != nil))
}

// DragEnd lets go of the mark.
func (s *stack) DragEnd() {
	if s.held != nothing {
		s.held = nothing
		s.pages.Dropped()
	}
}

// put moves the mark, to another page when the pointer is there.
func (s *stack) put(page int, to Box, pointer fyne.Position) {
	if at := s.pageAt(pointer.Y); at != page && pointer.Y < s.tops[at-1]+s.extent(at).Height {
		// The same place of the window, measured on the other page.
		shift := float64((s.tops[at-1] + s.extent(at).Height - s.tops[page-1] - s.extent(page).Height) / s.zoom)
		to.Y += shift
		s.from.Y += shift
		page = at
	}
	s.pages.Moved(page, to)
}

// resized gives the box with one corner dragged; a picture keeps its proportions.
func resized(b Box, corner part, dx, dy float64, keep bool) Box {
	w, h := b.W, b.H
	if corner == northWest || corner == southWest {
		dx = -dx
	}
	if corner == northWest || corner == northEast {
		dy = -dy
	}
	w, h = max(w+dx, 24), max(h+dy, 12)
	if keep {
		h = w * b.H / b.W
	}
	if corner == northWest || corner == southWest {
		b.X += b.W - w
	}
	if corner == southWest || corner == southEast {
		b.Y += b.H - h
	}
	b.W, b.H = w, h
	return b
}
