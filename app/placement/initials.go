package placement

import (
	"math"
	"slices"
	"strings"
)

// Anchor is where initials stand. No rule in force says it: each agency has its
// own custom.
type Anchor string

// The customs.
const (
	AtEnd        Anchor = ""           // right after "./.", which ends the content: the head of the drafting unit
	AtRecipients Anchor = "recipients" // at the last line of "Nơi nhận": who checks the form
	AtFoot       Anchor = "foot"       // at the foot of a page: initials on every page
)

// Wish is one mark of several that are placed in one act.
type Wish struct {
	Role   Role
	Signer Signer
	W, H   float64 // points, as for Propose
	// At is the custom for initials; Page is the page of those at the foot.
	At   Anchor
	Page int
}

// ProposeAll proposes a place for every wish, in order: a mark is kept off those
// before it. The answers stand in the order of the wishes.
func ProposeAll(pages []Page, wishes ...Wish) []Proposal {
	mine := slices.Clone(pages)
	out := make([]Proposal, len(wishes))
	for i, w := range wishes {
		if w.Role == Initials {
			out[i] = ProposeInitials(mine, w.At, w.Page, w.W, w.H)
		} else {
			out[i] = Propose(mine, w.Role, w.Signer, w.W, w.H)
		}
		for j, p := range mine {
			if p.Number == out[i].Page {
				mine[j].Marks = append(slices.Clone(p.Marks), out[i].Rect)
			}
		}
	}
	return out
}

// InitialsOn wishes for initials at the foot of pages; of all pages when none
// is named. Where it is free, the place is the same on all.
func InitialsOn(pages []Page, numbers []int, w, h float64) []Wish {
	var out []Wish
	for _, p := range pages {
		if len(numbers) == 0 || slices.Contains(numbers, p.Number) {
			out = append(out, Wish{Role: Initials, W: w, H: h, At: AtFoot, Page: p.Number})
		}
	}
	return out
}

// ProposeInitials proposes a place for initials by one of the customs. page is
// the page of initials at the foot; the others find theirs.
func ProposeInitials(pages []Page, at Anchor, page int, w, h float64) Proposal {
	if at == AtEnd || len(pages) == 0 {
		return Propose(pages, Initials, Signer{}, w, h)
	}
	w, h = soundSize(w, h)
	sheets := newSheets(sound(pages))
	s := sheets[len(sheets)-1]
	p := s.fallback(w, h)
	switch at {
	case AtRecipients:
		if r, on, ok := lastRecipient(sheets, w, h); ok {
			s, p = on, Proposal{Page: on.Number, Rect: r, Sure: true, Why: WhyRecipients}
		}
	case AtFoot:
		i := slices.IndexFunc(sheets, func(s sheet) bool { return s.Number == page })
		if i < 0 {
			break // the last page, unsure
		}
		s = sheets[i]
		p = s.foot(w, h)
	case AtEnd:
	}
	p.Rect = p.Rect.within(s.W, s.H)
	return p
}

// proposeInitials puts the initials right after "./.", which ends the content.
func proposeInitials(sheets []sheet, w, h float64) Proposal {
	for _, s := range slices.Backward(sheets) {
		end, ok := s.endOfContent()
		if !ok || s.annex && len(sheets) > 1 && !sheets[0].annex && s.before(sheets) {
			continue
		}
		if r, ok := s.beside(end.rect, w, h); ok {
			return Proposal{Page: s.Number, Rect: r, Sure: true, Why: WhyEndOfText}
		}
		d := s.fallback(w, h)
		d.Why = WhyOccupied
		return d
	}
	if r, s, ok := lastRecipient(sheets, w, h); ok {
		return Proposal{Page: s.Number, Rect: r, Why: WhyRecipients}
	}
	return sheets[len(sheets)-1].fallback(w, h)
}

// before reports that a page before s ends the content, too: then what ends on
// an annex is not the letter.
func (s sheet) before(sheets []sheet) bool {
	return slices.ContainsFunc(sheets[:s.index], func(o sheet) bool {
		_, ok := o.endOfContent()
		return ok && !o.annex
	})
}

// endOfContent finds the lowest line that ends the content.
func (s sheet) endOfContent() (cell, bool) {
	var best cell
	var ok bool
	for _, c := range s.cells {
		if endsContent(c) && (!ok || c.rect.Y < best.rect.Y) {
			best, ok = c, true
		}
	}
	return best, ok
}

// endsContent reports a line that ends in "./.", the sign that ends the
// content. Lists of addressees sometimes end in the same sign: lines with a
// dash are not content.
func endsContent(c cell) bool {
	return strings.HasSuffix(c.bare, "./.") && !startsWithAny(c.bare, []string{"-", "LUU:"})
}

// lastRecipient finds free room beside the last line of "Nơi nhận".
func lastRecipient(sheets []sheet, w, h float64) (Rect, sheet, bool) {
	for _, s := range slices.Backward(sheets) {
		for _, c := range s.cells {
			if !strings.HasPrefix(c.bare, "NOINHAN") || s.annex && len(sheets) > 1 {
				continue
			}
			r, ok := s.beside(s.endOfList(c).rect, w, h)
			return r, s, ok
		}
	}
	return Rect{}, sheet{}, false
}

// endOfList follows a list downwards from its heading: the line that begins
// with "Lưu" ends it, or a gap.
func (s sheet) endOfList(heading cell) cell {
	const most = 40
	last := heading
	for range most {
		var next cell
		found := false
		for _, c := range s.cells {
			gap := last.rect.Y - c.rect.top()
			under := math.Abs(c.rect.X-heading.rect.X) < 40 && c.rect.Y < last.rect.Y-last.rect.H/4 && gap < 2*heading.rect.H
			if under && (!found || c.rect.Y > next.rect.Y+1 || c.rect.Y > next.rect.Y-1 && c.rect.W < next.rect.W) {
				next, found = c, true
			}
		}
		if !found {
			return last
		}
		last = next
		if strings.HasPrefix(strings.TrimLeft(last.bare, "-–+*•"), "LUU") {
			return last
		}
	}
	return last
}

// beside finds a free rectangle right of a line: at its height, then lower,
// then past earlier initials, then under its end.
func (s sheet) beside(line Rect, w, h float64) (Rect, bool) {
	for _, scale := range []float64{1, 0.85, 0.7} {
		mw, mh := w*scale, h*scale
		for _, dx := range []float64{4, 8, 12, mw + 8, 2*mw + 12, 3*mw + 16} {
			for _, dy := range []float64{0, -mh / 4, -mh / 2, -mh * 3 / 4} {
				r := Rect{line.right() + dx + s.gap() - clearance, line.middle() - mh/2 + dy, mw, mh}
				if s.free(r, s.gap()/2) {
					return r, true
				}
			}
		}
		// The line is full: right under its end.
		x := math.Min(line.right()+4, s.W-edge-mw)
		for _, under := range []Rect{{x, line.Y - s.gap() - mh, mw, mh}, {x - mw - 4, line.Y - s.gap() - mh, mw, mh}} {
			if s.free(under, s.gap()/2) {
				return under, true
			}
		}
	}
	return Rect{}, false
}

// foot finds a place in the lower margin, from the right: the same on every
// page that has nothing there.
func (s sheet) foot(w, h float64) Proposal {
	const step, lowest, strip = 6.0, edge/2 + 4, 0.14
	for _, scale := range []float64{1, 0.85, 0.7} {
		mw, mh := w*scale, h*scale
		for x := s.W - edge - mw; x >= s.W/2; x -= step {
			for y := lowest; y+mh <= math.Max(strip*s.H, lowest+mh); y += step / 2 {
				if r := (Rect{x, y, mw, mh}); s.free(r, s.gap()) {
					return Proposal{Page: s.Number, Rect: r, Sure: true, Why: WhyFoot}
				}
			}
		}
	}
	return s.fallback(w, h)
}
