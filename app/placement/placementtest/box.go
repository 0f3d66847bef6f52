package placementtest

import "math"

// Box is a rectangle in points from the lower left corner of the page as shown.
type Box struct{ X, Y, W, H float64 }

// union is the smallest box that holds both; an empty box counts for nothing.
func (b Box) union(o Box) Box {
	if b.W <= 0 || b.H <= 0 {
		return o
	}
	if o.W <= 0 || o.H <= 0 {
		return b
	}
	x, y := math.Min(b.X, o.X), math.Min(b.Y, o.Y)
	return Box{x, y, math.Max(b.X+b.W, o.X+o.W) - x, math.Max(b.Y+b.H, o.Y+o.H) - y}
}

// Overlaps reports that two boxes share more than an edge.
func (b Box) Overlaps(o Box) bool {
	return b.X < o.X+o.W && o.X < b.X+b.W && b.Y < o.Y+o.H && o.Y < b.Y+b.H
}

// Holds reports that o lies wholly within b.
func (b Box) Holds(o Box) bool {
	return o.X >= b.X && o.Y >= b.Y && o.X+o.W <= b.X+b.W && o.Y+o.H <= b.Y+b.H
}

// turned is the smallest upright box around b turned by an angle in radians
// about a point.
func (b Box) turned(angle, cx, cy float64) Box {
	if angle == 0 {
		return b
	}
	sin, cos := math.Sincos(angle)
	out := Box{math.Inf(1), math.Inf(1), 0, 0}
	right, top := math.Inf(-1), math.Inf(-1)
	for _, c := range [4][2]float64{{b.X, b.Y}, {b.X + b.W, b.Y}, {b.X, b.Y + b.H}, {b.X + b.W, b.Y + b.H}} {
		x, y := cx+cos*(c[0]-cx)-sin*(c[1]-cy), cy+sin*(c[0]-cx)+cos*(c[1]-cy)
		out.X, out.Y = math.Min(out.X, x), math.Min(out.Y, y)
		right, top = math.Max(right, x), math.Max(top, y)
	}
	out.W, out.H = right-out.X, top-out.Y
	return out
}
