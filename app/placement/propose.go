package placement

import (
	"math"
	"slices"
)

// The answers of Proposal.Why. They are message keys: the window and the
// command line say them in the person's language.
const (
	WhyTitleAndName   = "found-title-and-name"
	WhyTitleOtherName = "found-title-other-name" // the printed name is somebody else's
	WhyTitleOnly      = "found-title-only"
	WhyNameOnly       = "found-name-only"
	WhyOccupied       = "found-but-occupied" // the place holds text or an earlier mark
	WhyEndOfText      = "found-end-of-text"  // right after "./."
	WhySignature      = "found-signature"    // a seal at one third of the signature
	WhyCorner         = "corner"             // top right of the first page
	WhyDefault        = "default-no-text"    // nothing was found; lower right of the last page
	WhyFull           = "default-no-space"   // nothing was found and nothing is free
)

// The distances, in points.
const (
	edge       = 28.0  // kept free at the page's edges
	clearance  = 2.0   // kept free around text and earlier marks
	maxGap     = 230.0 // between title and name of one signer
	minGap     = 18.0  // below it there is no room for a signature
	offCentre  = 110.0 // how far the centres of a title and its name may differ
	cornerEdge = 8.0   // of the block in the top right corner
)

// Propose proposes a place for a mark of the given size in points. pages are
// all pages of the document in order; w and h are what the mark would like to
// be: it may come out smaller, with its proportions kept, never larger.
//
// A sure proposal covers neither text nor an earlier mark; only a seal covers
// the signature that it belongs to (NĐ 30/2020/NĐ-CP, Annex I, part I, II.8).
func Propose(pages []Page, role Role, s Signer, w, h float64) Proposal {
	if len(pages) == 0 {
		return Proposal{Page: 1, Rect: Rect{edge, edge, w, h}, Why: WhyDefault}
	}
	switch role {
	case Initials:
		return proposeInitials(pages, w, h)
	case Seal:
		return proposeSeal(pages, s, w, h)
	case Appendix, Copy:
		return proposeCorner(pages[0], w, h)
	case Approval:
		return proposeApproval(pages, s, w, h)
	}
	return fallback(pages[len(pages)-1], w, h)
}

// proposeApproval centres the signature between the printed title and name.
func proposeApproval(pages []Page, s Signer, w, h float64) Proposal {
	found, ok := findSpot(pages, s)
	if !ok {
		return fallback(pages[len(pages)-1], w, h)
	}
	p := found.page
	if r, free := fit(p, found.room, w, h); free {
		return Proposal{Page: p.Number, Rect: r, Sure: found.why == WhyTitleAndName, Why: found.why}
	}
	d := fallback(p, w, h)
	d.Why = WhyOccupied
	return d
}

// fit finds a free rectangle in a room: as large and as central as it can be.
func fit(p Page, room Rect, w, h float64) (Rect, bool) {
	cx, cy := room.X+room.W/2, room.Y+room.H/2
	for _, scale := range []float64{1, 0.9, 0.8, 0.7, 0.6, 0.5} {
		mw, mh := w*scale, h*scale
		if mh > room.H {
			if scale > 0.5 {
				continue
			}
			mw, mh = mw*room.H/mh, room.H
		}
		slack := (room.H - mh) / 2
		for _, dy := range []float64{0, 0.5, -0.5, 1, -1} {
			for _, dx := range []float64{0, 12, -12, 24, -24, 36, -36} {
				r := Rect{cx - mw/2 + dx, cy - mh/2 + dy*slack, mw, mh}
				if r.H >= minGap-2*clearance && p.free(r, clearance/2) {
					return r, true
				}
			}
		}
	}
	return Rect{}, false
}

// proposeInitials puts the initials right after "./.", which ends the content.
func proposeInitials(pages []Page, w, h float64) Proposal {
	for _, p := range slices.Backward(pages) {
		end, ok := endOfText(p)
		if !ok {
			continue
		}
		base := end.Rect.Y + end.Rect.H/2
		for _, scale := range []float64{1, 0.85, 0.7} {
			mw, mh := w*scale, h*scale
			// Beside the sign, then lower, then past earlier initials.
			for _, dx := range []float64{4, mw + 8, 2*mw + 12, 3*mw + 16} {
				for _, dy := range []float64{0, -mh / 4, -mh / 2, -mh * 3 / 4} {
					r := Rect{end.Rect.X + end.Rect.W + dx, base - mh/2 + dy, mw, mh}
					if p.free(r, clearance/2) {
						return Proposal{Page: p.Number, Rect: r, Sure: true, Why: WhyEndOfText}
					}
				}
			}
		}
		d := fallback(p, w, h)
		d.Why = WhyOccupied
		return d
	}
	return fallback(pages[len(pages)-1], w, h)
}

// proposeSeal covers one third of the signature from its left.
func proposeSeal(pages []Page, s Signer, w, h float64) Proposal {
	if found, ok := findSpot(pages, s); ok {
		for _, m := range found.page.Marks {
			if !m.overlaps(found.room) {
				continue
			}
			r := Rect{m.X + m.W/3 - w, m.Y + m.H/2 - h/2, w, h}
			return Proposal{Page: found.page.Number, Rect: r, Sure: true, Why: WhySignature}
		}
	}
	return fallback(pages[len(pages)-1], w, h)
}

// proposeCorner takes the top right corner of the first page.
func proposeCorner(p Page, w, h float64) Proposal {
	r := Rect{p.W - cornerEdge - w, p.H - cornerEdge - h, w, h}
	if p.taken(r, 0) {
		return Proposal{Page: p.Number, Rect: r, Why: WhyOccupied}
	}
	return Proposal{Page: p.Number, Rect: r, Sure: true, Why: WhyCorner}
}

// fallback is a default in the free space at the lower right of a page.
func fallback(p Page, w, h float64) Proposal {
	const step = 12
	for y := 2 * edge; y+h <= p.H-edge; y += step {
		for x := p.W - 2*edge - w; x >= p.W/2-w/2; x -= step {
			if r := (Rect{x, y, w, h}); p.free(r, 2*clearance) {
				return Proposal{Page: p.Number, Rect: r, Why: WhyDefault}
			}
		}
	}
	w, h = math.Min(w, p.W-2*edge), math.Min(h, p.H-2*edge)
	return Proposal{Page: p.Number, Rect: Rect{p.W - edge - w, edge, w, h}, Why: WhyFull}
}

// free reports that r lies on the page, away from its edges, over nothing.
func (p Page) free(r Rect, gap float64) bool {
	const margin = edge / 2
	inside := r.X >= margin && r.Y >= margin && r.X+r.W <= p.W-margin && r.Y+r.H <= p.H-margin
	return inside && !p.taken(r, gap)
}

// taken reports that r, widened by gap, covers text or an earlier mark.
func (p Page) taken(r Rect, gap float64) bool {
	wide := Rect{r.X - gap, r.Y - gap, r.W + 2*gap, r.H + 2*gap}
	for _, l := range p.Lines {
		if wide.overlaps(l.Rect) {
			return true
		}
	}
	return slices.ContainsFunc(p.Marks, wide.overlaps)
}

// overlaps reports that two rectangles share more than an edge.
func (r Rect) overlaps(o Rect) bool {
	return r.X < o.X+o.W && o.X < r.X+r.W && r.Y < o.Y+o.H && o.Y < r.Y+r.H
}

// centre is the middle of the rectangle from left to right.
func (r Rect) centre() float64 { return r.X + r.W/2 }
