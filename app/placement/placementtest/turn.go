package placementtest

import "math"

// Turned is a letter with all its places turned by an angle about the middle of
// the page, as when it lay askew on a scanner. w and h are the page's size.
func (t Truth) Turned(degrees, w, h float64) Truth {
	at := func(b Box) Box { return b.turned(degrees*math.Pi/180, w/2, h/2) }
	out := t
	out.Room, out.End, out.List = at(t.Room), at(t.End), at(t.List)
	out.Ink, out.Pictures = make([][]Box, len(t.Ink)), make([][]Box, len(t.Pictures))
	for i := range t.Ink {
		for _, b := range t.Ink[i] {
			out.Ink[i] = append(out.Ink[i], at(b))
		}
		for _, b := range t.Pictures[i] {
			out.Pictures[i] = append(out.Pictures[i], at(b))
		}
	}
	return out
}
