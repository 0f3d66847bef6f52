package placement

import "slices"

// proposeInitials puts the initials right after "./.", which ends the content.
func proposeInitials(sheets []sheet, w, h float64) Proposal {
	for _, s := range slices.Backward(sheets) {
		end, ok := s.endOfContent()
		if !ok {
			continue
		}
		if r, ok := s.beside(end.rect, w, h); ok {
			return Proposal{Page: s.Number, Rect: r, Sure: true, Why: WhyEndOfText}
		}
		d := s.fallback(w, h)
		d.Why = WhyOccupied
		return d
	}
	return sheets[len(sheets)-1].fallback(w, h)
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

// beside finds a free rectangle right of a line: at its height, then lower,
// then past earlier initials.
func (s sheet) beside(line Rect, w, h float64) (Rect, bool) {
	for _, scale := range []float64{1, 0.85, 0.7} {
		mw, mh := w*scale, h*scale
		for _, dx := range []float64{4, mw + 8, 2*mw + 12, 3*mw + 16} {
			for _, dy := range []float64{0, -mh / 4, -mh / 2, -mh * 3 / 4} {
				r := Rect{line.right() + dx, line.middle() - mh/2 + dy, mw, mh}
				if s.free(r, s.gap()/2) {
					return r, true
				}
			}
		}
	}
	return Rect{}, false
}
