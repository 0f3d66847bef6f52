package placement

import (
	"math"
	"slices"
)

// The distances, in points.
const (
	edge       = 28.0 // kept free at the page's edges
	clearance  = 2.0  // kept free around text and earlier marks
	scanShift  = 3.0  // kept free besides where the text was read from a scan
	cornerEdge = 8.0  // of the block in the top right corner
)

// roomWidth is how wide a room is taken to be where nothing bounds it.
const roomWidth = 220.0

// room is the free place between a title and a name: as wide as their column.
func (s sheet) room(title, name Rect) Rect {
	middle := (title.centre() + name.centre()) / 2
	left, right := s.margins(title.union(name))
	left, right = math.Max(left, middle-roomWidth/2), math.Min(right, middle+roomWidth/2)
	for _, c := range s.taken {
		r := c
		if r.overlaps(title) || r.overlaps(name) {
			continue
		}
		beside := level(r, title) || level(r, name)
		inside := r.Y < title.Y && r.top() > name.top()
		if !beside && !inside {
			continue
		}
		own := title.union(name)
		switch {
		case r.right() <= own.X+1: // a column to the left: share what lies between
			bound := r.right() + clearance
			if beside {
				bound = (r.right() + own.X) / 2
			}
			left = math.Max(left, math.Min(bound, own.X))
		case r.X >= own.right()-1:
			bound := r.X - clearance
			if beside {
				bound = (r.X + own.right()) / 2
			}
			right = math.Min(right, math.Max(bound, own.right()))
		}
	}
	return Rect{left, name.top(), right - left, title.Y - name.top()}
}

// margins are the edges of the page's text, no nearer than what stands in own;
// those of the page when it has no text as wide as to tell.
func (s sheet) margins(own Rect) (left, right float64) {
	const wide = 0.4 // of the page
	left, right = math.Inf(1), math.Inf(-1)
	for _, t := range s.taken {
		if t.W > wide*s.W {
			left, right = math.Min(left, t.X), math.Max(right, t.right())
		}
	}
	if left > right {
		left, right = edge, s.W-edge
	}
	return math.Min(left, own.X), math.Max(right, own.right())
}

// level reports that two rectangles stand beside each other.
func level(a, b Rect) bool {
	return math.Min(a.top(), b.top())-math.Max(a.Y, b.Y) > 0.4*math.Min(a.H, b.H)
}

// gap is what is kept free around text on this page.
func (s sheet) gap() float64 {
	if s.Scanned {
		return clearance + scanShift
	}
	return clearance
}

// least is the smallest part of its size that a mark may be put at.
const least = 0.5

// fit finds a free rectangle in a room: as large and as central as it can be.
// middle is where its centre should be.
func (s sheet) fit(room Rect, middle, w, h float64) (Rect, bool) {
	gap := s.gap()
	high := room.H - 2*gap
	if high < minGap-2*clearance {
		return Rect{}, false
	}
	for _, scale := range []float64{1, 0.9, 0.8, 0.7, 0.6, least, high / h} {
		mw, mh := w*scale, h*scale
		if scale > 1 || mh > high+1e-9 || mw > room.W || mh < minGap-2*clearance-1 {
			continue
		}
		if r, ok := s.fitAt(room, middle, mw, mh, (high-mh)/2); ok {
			return r, true
		}
	}
	return Rect{}, false
}

// fitAt tries places for a mark of one size: the middle first, then higher,
// lower and aside, by at most slack up and down.
func (s sheet) fitAt(room Rect, middle, w, h, slack float64) (Rect, bool) {
	for _, dy := range []float64{0, 0.5, -0.5, 1, -1} {
		for _, dx := range []float64{0, 12, -12, 24, -24} {
			x := math.Min(math.Max(middle-w/2+dx, room.X), room.right()-w)
			if r := (Rect{x, room.middle() - h/2 + dy*slack, w, h}); s.free(r, s.gap()/2) {
				return r, true
			}
		}
	}
	return Rect{}, false
}

// free reports that r lies on the page, away from its edges, over nothing.
func (s sheet) free(r Rect, gap float64) bool {
	const margin = edge / 2
	inside := r.X >= margin && r.Y >= margin && r.right() <= s.W-margin && r.top() <= s.H-margin
	return inside && !s.covers(r, gap)
}

// covers reports that r, widened by gap, lies over text or an earlier mark.
func (s sheet) covers(r Rect, gap float64) bool {
	wide := r.widened(gap)
	return slices.ContainsFunc(s.taken, wide.overlaps) || slices.ContainsFunc(s.Marks, wide.overlaps) || slices.ContainsFunc(s.Ink, wide.overlaps)
}
