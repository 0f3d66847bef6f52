package placement

import "math"

// The answers of Proposal.Why. They are message keys: the window and the
// command line say them in the person's language.
const (
	WhyTitleAndName   = "found-title-and-name"
	WhyScan           = "found-on-scan"          // the same on a scan, whose letters may be misread
	WhyTitleOtherName = "found-title-other-name" // the printed name is somebody else's
	WhyTitleOnly      = "found-title-only"
	WhyNameOnly       = "found-name-only"
	WhyAlikeName      = "found-alike-name"   // the printed name differs by a mark
	WhySeveral        = "found-several"      // the name stands in more than one place to sign
	WhyOccupied       = "found-but-occupied" // the place holds text or an earlier mark
	WhyLittleRoom     = "found-little-room"  // no mark of a fair size fits between title and name
	WhyEndOfText      = "found-end-of-text"  // right after "./."
	WhyRecipients     = "found-recipients"   // at the last line of "Nơi nhận"
	WhyFoot           = "found-foot"         // at the foot of a page
	WhySignature      = "found-signature"    // a seal at one third of the signature
	WhySealOverText   = "found-signature-over-text"
	WhyCorner         = "corner"           // top right of the first page
	WhyDefault        = "default-no-text"  // nothing was found; lower right of the last page
	WhyFull           = "default-no-space" // nothing was found and nothing is free
)

// Propose proposes a place for a mark of the given size in points. pages are
// the pages of the document in order; w and h are what the mark would like to
// be: it may come out smaller, with its proportions kept, never larger. The
// rectangle always lies on the page, whatever the pages hold.
//
// A sure proposal covers neither text nor an earlier mark; only a seal covers
// the signature that it belongs to (NĐ 30/2020/NĐ-CP, Annex I, part I, II.8),
// and the title and name around it where it must.
func Propose(pages []Page, role Role, s Signer, w, h float64) Proposal {
	w, h = soundSize(w, h)
	if len(pages) == 0 {
		return Proposal{Page: 1, Rect: Rect{edge, edge, w, h}, Why: WhyDefault}
	}
	sheets := newSheets(sound(pages))
	last := sheets[len(sheets)-1]
	var p Proposal
	switch role {
	case Initials:
		p = proposeInitials(sheets, w, h)
	case Seal:
		p = proposeSeal(sheets, s, w, h)
	case Appendix, Copy:
		p = proposeCorner(sheets[0], w, h)
	case Approval:
		p = proposeApproval(sheets, s, w, h)
	default:
		p = last.fallback(w, h)
	}
	for _, s := range sheets {
		if s.Number == p.Page {
			p.Rect = p.Rect.within(s.W, s.H)
			break
		}
	}
	return p
}

// proposeApproval centres the signature between the printed title and name.
func proposeApproval(sheets []sheet, who Signer, w, h float64) Proposal {
	found, ok := find(sheets, who)
	if !ok {
		return sheets[len(sheets)-1].fallback(w, h)
	}
	s := sheets[found.sheet]
	if r, free := s.fit(found.room, found.middle, w, h); free {
		return Proposal{Page: s.Number, Rect: r, Sure: found.sure, Why: found.why}
	}
	d := s.fallback(w, h)
	d.Why = WhyOccupied
	if found.room.H < minGap+2*s.gap() {
		d.Why = WhyLittleRoom
	}
	return d
}

// proposeCorner takes the top right corner of the first page.
func proposeCorner(s sheet, w, h float64) Proposal {
	r := Rect{s.W - cornerEdge - w, s.H - cornerEdge - h, w, h}
	if s.Number != 1 {
		return Proposal{Page: s.Number, Rect: r, Why: WhyDefault}
	}
	if r.X < 0 || r.Y < 0 || s.covers(r, 0) {
		return Proposal{Page: s.Number, Rect: r, Why: WhyOccupied}
	}
	return Proposal{Page: s.Number, Rect: r, Sure: true, Why: WhyCorner}
}

// proposeSeal covers one third of the signature from its left.
func proposeSeal(sheets []sheet, who Signer, w, h float64) Proposal {
	found, ok := find(sheets, who)
	if !ok {
		return sheets[len(sheets)-1].fallback(w, h)
	}
	s := sheets[found.sheet]
	signature, ok := largestIn(s.Marks, found.room)
	if !ok {
		return s.fallback(w, h)
	}
	p := Proposal{Page: s.Number, Rect: sealOn(signature, w, h), Sure: true, Why: WhySignature}
	own := found.title.union(found.name)
	for _, t := range s.taken {
		if t.overlaps(p.Rect) && !t.overlaps(own) {
			p.Sure, p.Why = false, WhySealOverText
		}
	}
	if p.Rect != p.Rect.within(s.W, s.H) {
		p.Sure = false
	}
	return p
}

// sealOn places a seal on a signature: over a third of it from its left, level
// with it.
func sealOn(signature Rect, w, h float64) Rect {
	return Rect{signature.X + signature.W/3 - w, signature.middle() - h/2, w, h}
}

// largestIn finds the largest of the marks that lie mostly in a room.
func largestIn(marks []Rect, room Rect) (Rect, bool) {
	var best Rect
	for _, m := range marks {
		w := math.Min(m.right(), room.right()) - math.Max(m.X, room.X)
		h := math.Min(m.top(), room.top()) - math.Max(m.Y, room.Y)
		if w > 0 && h > 0 && 2*w*h > m.W*m.H && m.W*m.H > best.W*best.H {
			best = m
		}
	}
	return best, best.W > 0
}

// fallback is a default in the free space at the lower right of a page.
func (s sheet) fallback(w, h float64) Proposal {
	const step = 12
	for y := 2 * edge; y+h <= s.H-edge; y += step {
		for x := s.W - 2*edge - w; x >= math.Max(edge, s.W/2-w/2); x -= step {
			if r := (Rect{x, y, w, h}); s.free(r, 2*clearance) {
				return Proposal{Page: s.Number, Rect: r, Why: WhyDefault}
			}
		}
	}
	w, h = math.Min(w, s.W-2*edge), math.Min(h, s.H-2*edge)
	return Proposal{Page: s.Number, Rect: Rect{s.W - edge - w, edge, math.Max(w, 1), math.Max(h, 1)}, Why: WhyFull}
}
