package placement

import (
	"math"
	"slices"
)

// place is where the signature of a person goes.
type place struct {
	sheet       int
	room        Rect
	title, name Rect
	middle      float64 // of the mark, from the left
	sure        bool
	why         string
}

// find looks for the signer on all pages and weighs what it finds.
func find(sheets []sheet, who Signer) (place, bool) {
	var all []block
	for _, s := range sheets {
		all = append(all, s.blocks(who)...)
	}
	best, others := pick(sheets, all)
	if best != nil && best.full() {
		return judge(sheets[best.sheet], *best, others), true
	}
	if best != nil && best.certainty >= readable { // the name without a title
		s := sheets[best.sheet]
		return place{
			sheet: best.sheet, room: Rect{best.name.centre() - roomWidth/2, best.name.top(), roomWidth, maxGap / 3},
			name: best.name, middle: best.name.centre(), why: WhyNameOnly,
		}, s.W > 0
	}
	return findTitle(sheets, who)
}

// full reports a block with all its parts: title, room and name.
func (b block) full() bool { return (b.known || b.printed) && b.room.H > 0 }

// pick finds the heaviest block, and how many others weigh about as much.
func pick(sheets []sheet, all []block) (*block, int) {
	const near = 1.0
	var best *block
	weight := func(b block) float64 { return b.weight(sheets[b.sheet]) }
	for i, b := range all {
		if best == nil || weight(b) >= weight(*best) {
			best = &all[i]
		}
	}
	others := 0
	for _, b := range all {
		if best != nil && b != *best && b.full() && weight(*best)-weight(b) < near {
			others++
		}
	}
	return best, others
}

// weight tells how much speaks for a block.
func (b block) weight(s sheet) float64 {
	w := 2 * float64(b.certainty)
	for _, sign := range []struct {
		holds bool
		gain  float64
	}{
		{b.known, 2},
		{b.printed, 1},
		{b.exact, 0.8},
		{b.room.H > 0, 2},
		{b.crossed, -3},
		{b.inText, -1.5},
		{s.annex, -2},
		{s.hasList(b), 0.8},
	} {
		if sign.holds {
			w += sign.gain
		}
	}
	return w
}

// hasList reports that "Nơi nhận" stands beside or below a block.
func (s sheet) hasList(b block) bool {
	for _, c := range s.cells {
		if startsWithAny(c.bare, []string{"NOINHAN"}) && c.rect.Y < b.title.top()+b.title.H {
			return true
		}
	}
	return false
}

// judge says how sure a block is, and why.
func judge(s sheet, b block, others int) place {
	p := place{
		sheet: b.sheet, room: b.room, title: b.title, name: b.name, middle: (b.title.centre() + b.name.centre()) / 2,
		why: WhyTitleAndName,
	}
	switch {
	case others > 0:
		p.why = WhySeveral
	case b.certainty == alike:
		p.why = WhyAlikeName
	case b.crossed || !b.known && (b.inText || b.room.H < 1.5*minGap):
		p.why = WhyNameOnly
	default:
		p.sure = true
		if s.Scanned {
			p.why = WhyScan
		}
	}
	return p
}

// findTitle looks for a title alone, from the last page to the first, the
// lowest of the right half: a person must look at it.
func findTitle(sheets []sheet, who Signer) (place, bool) {
	for i, s := range slices.Backward(sheets) {
		var title *cell
		for j, c := range s.cells {
			fits := c.caps && isTitle(c.bare, who) && c.rect.centre() > s.W/2
			if fits && (title == nil || c.rect.Y < title.rect.Y) {
				title = &s.cells[j]
			}
		}
		if title == nil {
			continue
		}
		r := title.rect
		if name, ok := s.nameUnder(r); ok {
			return place{sheet: i, room: s.room(r, name.rect), title: r, name: name.rect, middle: (r.centre() + name.rect.centre()) / 2, why: WhyTitleOtherName}, true
		}
		return place{sheet: i, room: Rect{r.centre() - roomWidth/2, r.Y - maxGap/3, roomWidth, maxGap / 3}, title: r, middle: r.centre(), why: WhyTitleOnly}, true
	}
	return place{}, false
}

// nameUnder finds the first line below a title, if it looks like a name.
func (s sheet) nameUnder(title Rect) (cell, bool) {
	var best cell
	var ok bool
	for _, c := range s.cells {
		gap := title.Y - c.rect.top()
		if gap > 0 && gap <= maxGap && math.Abs(c.rect.centre()-title.centre()) < offCentre && (!ok || c.rect.Y > best.rect.Y) {
			best, ok = c, true
		}
	}
	return best, ok && title.Y-best.rect.top() >= minGap && looksLikeName(best.text)
}
