package placement

import (
	"math"
	"slices"
)

// Guide is a line that shows what a dragged mark lines up with. A vertical one
// stands at x = At and reaches from y = From to y = To; a level one the other
// way round. Points, as for Rect.
type Guide struct {
	Vertical     bool
	At, From, To float64
	// Centre reports that centres line up; otherwise edges do.
	Centre bool
}

// pull is one way in which a mark may line up on one axis.
type pull struct {
	by     float64 // how far the mark moves
	at     float64
	centre bool
	with   Rect // what it lines up with; empty for the page
}

// Snap moves a dragged mark by at most tolerance points on each axis so that it
// lines up with the text, the earlier marks or the middle of the free room that
// it is in, and gives the lines that show it. It never moves a mark that is free
// onto text or a mark, and keeps it on the page. A rectangle or a tolerance that
// is no number comes back as it is.
func Snap(p Page, r Rect, tolerance float64) (Rect, []Guide) {
	if !r.sound() || !(tolerance > 0) {
		return r, nil
	}
	s := newSheets(sound([]Page{p}))[0]
	r = r.within(s.W, s.H)
	wasFree := !s.covers(r, 0)
	var guides []Guide
	try := func(moved Rect, pulls []pull, vertical bool) {
		if len(pulls) == 0 || moved != moved.within(s.W, s.H) || wasFree && s.covers(moved, 0) {
			return
		}
		r = moved
		for _, l := range pulls {
			guides = append(guides, guide(r, l, vertical))
		}
	}
	if across := nearest(s.across(r), tolerance); len(across) > 0 {
		try(Rect{r.X + across[0].by, r.Y, r.W, r.H}, across, true)
	}
	if upright := nearest(s.upright(r), tolerance); len(upright) > 0 {
		try(Rect{r.X, r.Y + upright[0].by, r.W, r.H}, upright, false)
	}
	return r, guides
}

// across lists the ways to line up from left to right.
func (s sheet) across(r Rect) []pull {
	out := []pull{{by: s.W/2 - r.centre(), at: s.W / 2, centre: true}}
	for _, o := range s.others() {
		out = append(out,
			pull{o.centre() - r.centre(), o.centre(), true, o},
			pull{o.X - r.X, o.X, false, o},
			pull{o.right() - r.right(), o.right(), false, o})
	}
	return out
}

// upright lists the ways to line up from bottom to top: level with a line or a
// mark, and in the middle of the room between what is above and below.
func (s sheet) upright(r Rect) []pull {
	var out []pull
	var above, below *Rect
	for _, o := range s.others() {
		out = append(out,
			pull{o.middle() - r.middle(), o.middle(), true, o},
			pull{o.Y - r.Y, o.Y, false, o},
			pull{o.top() - r.top(), o.top(), false, o})
		if o.X >= r.right() || o.right() <= r.X {
			continue
		}
		if o.Y >= r.middle() && (above == nil || o.Y < above.Y) {
			above = &o
		}
		if o.top() <= r.middle() && (below == nil || o.top() > below.top()) {
			below = &o
		}
	}
	if above != nil && below != nil {
		middle := (above.Y + below.top()) / 2
		out = append(out, pull{middle - r.middle(), middle, true, above.union(*below)})
	}
	return out
}

// others are the things that a mark lines up with.
func (s sheet) others() []Rect { return append(slices.Clone(s.taken), s.Marks...) }

// nearest keeps the pulls of the shortest way, if it is within the tolerance.
// Centres win over edges that are not much nearer.
func nearest(pulls []pull, tolerance float64) []pull {
	const alike, most = 0.25, 4
	edgeCost := tolerance / 2
	cost := func(l pull) float64 {
		if l.centre {
			return math.Abs(l.by)
		}
		return math.Abs(l.by) + edgeCost
	}
	var best *pull
	for i, l := range pulls {
		if math.Abs(l.by) <= tolerance && (best == nil || cost(l) < cost(*best)) {
			best = &pulls[i]
		}
	}
	if best == nil {
		return nil
	}
	out := []pull{*best}
	for _, l := range pulls {
		if l != *best && math.Abs(l.by-best.by) < alike && len(out) < most {
			out = append(out, l)
		}
	}
	return out
}

// guide is the line from a mark to what it lines up with.
func guide(r Rect, l pull, vertical bool) Guide {
	both := r
	if l.with.W > 0 {
		both = r.union(l.with)
	}
	if vertical {
		return Guide{true, l.at, both.Y, both.top(), l.centre}
	}
	return Guide{false, l.at, both.X, both.right(), l.centre}
}

// NearestFree gives the nearest place to r, of the same size, that covers
// neither text nor a mark and keeps off the page's edges; false when there is
// none. A rectangle that is no rectangle comes back as it is.
func NearestFree(p Page, r Rect) (Rect, bool) {
	if !r.sound() {
		return r, false
	}
	s := newSheets(sound([]Page{p}))[0]
	r = r.within(s.W, s.H)
	if s.free(r, clearance/2) {
		return r, true
	}
	const step = 4.0
	for d := step; d <= math.Max(s.W, s.H); d += step {
		if best, ok := s.ring(r, d, step); ok {
			return best, true
		}
	}
	return r, false
}

// ring looks at the places around r at a distance: the nearest free one.
func (s sheet) ring(r Rect, d, step float64) (Rect, bool) {
	var best Rect
	shortest := math.Inf(1)
	for at := -d; at <= d; at += step {
		for _, o := range [4][2]float64{{at, -d}, {at, d}, {-d, at}, {d, at}} {
			moved := Rect{r.X + o[0], r.Y + o[1], r.W, r.H}
			if way := math.Hypot(o[0], o[1]); way < shortest && s.free(moved, clearance/2) {
				best, shortest = moved, way
			}
		}
	}
	return best, !math.IsInf(shortest, 1)
}
