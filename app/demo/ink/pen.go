// Package ink draws the pictures of the demonstration: signatures as a blue pen
// leaves them, and the red round seal of an agency.
//
// The signatures are nobody's: they are strokes given as points, drawn with a
// pen whose line swells and thins. The seal says in itself that it is an
// illustration.
package ink

import (
	"image"
	"image/color"
	"math"
)

// stroke is one pull of the pen through the points, in millimeters, y downward.
type stroke [][2]float64

// pen is how a line is drawn.
type pen struct {
	width float64 // of a slow line, in millimeters
	color color.NRGBA
	slant float64 // how far the top leans to the right, per height
}

// dot is a place of the pen's point with its width, in millimeters.
type dot struct{ x, y, w float64 }

const (
	resolution = 24.0 // pixels a millimeter of a finished picture: 600 dpi
	oversample = 3    // coverage is measured on a grid this many times finer
	edge       = 0.8  // transparent margin in millimeters
)

// inked gives the picture of the strokes, cut to their bounds.
func inked(strokes []stroke, p pen) *image.NRGBA {
	var trails [][]dot
	for _, s := range strokes {
		trails = append(trails, p.trail(s))
	}
	left, top, right, bottom := bounds(trails)
	w := int(math.Ceil((right - left) * resolution))
	h := int(math.Ceil((bottom - top) * resolution))
	cover := newCoverage(w, h)
	for _, trail := range trails {
		for _, d := range trail {
			cover.disc((d.x-left)*resolution, (d.y-top)*resolution, d.w/2*resolution)
		}
	}
	return cover.picture(p.color)
}

// trail walks the pen along a smooth curve through the stroke's points.
//
// The line is broad on the way down and where the pen turns, thin on quick
// straight pulls, and runs out at both ends.
func (p pen) trail(s stroke) []dot {
	const step = 0.02 // millimeters
	curve := smooth(p.lean(s))
	var trail []dot
	length, width := 0.0, p.width*0.8
	for i := 1; i < len(curve); i++ {
		dx, dy := curve[i][0]-curve[i-1][0], curve[i][1]-curve[i-1][1]
		d := math.Hypot(dx, dy)
		if d == 0 {
			continue
		}
		length += d
		down := dy / d // 1 straight down, −1 straight up
		want := p.width * (0.74 + 0.30*down + 0.16*math.Sin(length*0.9))
		width += (want - width) * min(1, d/1.1) // the hand cannot change at once
		for t := 0.0; t < d; t += step {
			trail = append(trail, dot{curve[i-1][0] + dx*t/d, curve[i-1][1] + dy*t/d, width})
		}
	}
	taper(trail, step)
	return trail
}

// taper thins both ends: the pen lands quickly and leaves the paper in a flick.
func taper(trail []dot, step float64) {
	length := float64(len(trail)) * step
	landing, leaving := min(0.7, length/4), min(3.2, length/3) // millimeters
	for i := range trail {
		from := float64(i) * step
		to := float64(len(trail)-1-i) * step
		thin := min(1, 0.55+0.45*from/landing) * min(1, 0.18+0.82*to/leaving)
		trail[i].w *= thin
	}
}

func (p pen) lean(s stroke) stroke {
	leaning := make(stroke, len(s))
	for i, point := range s {
		leaning[i] = [2]float64{point[0] - point[1]*p.slant, point[1]}
	}
	return leaning
}

// smooth is a centripetal Catmull-Rom curve through the points, which neither
// overshoots nor makes cusps between them.
func smooth(s stroke) stroke {
	const pieces = 24
	if len(s) < 3 {
		return s
	}
	ends := make(stroke, 0, len(s)+2)
	ends = append(ends, [2]float64{2*s[0][0] - s[1][0], 2*s[0][1] - s[1][1]})
	ends = append(ends, s...)
	n := len(s) - 1
	ends = append(ends, [2]float64{2*s[n][0] - s[n-1][0], 2*s[n][1] - s[n-1][1]})
	var curve stroke
	for i := 0; i+3 < len(ends); i++ {
		for k := range pieces {
			curve = append(curve, between(ends[i], ends[i+1], ends[i+2], ends[i+3], float64(k)/pieces))
		}
	}
	return append(curve, s[n])
}

// between is the point at u of the piece from b to c (Barry and Goldman's pyramid).
func between(a, b, c, d [2]float64, u float64) [2]float64 {
	knot := func(t float64, p, q [2]float64) float64 {
		return t + math.Sqrt(max(1e-6, math.Hypot(q[0]-p[0], q[1]-p[1])))
	}
	t0 := 0.0
	t1 := knot(t0, a, b)
	t2 := knot(t1, b, c)
	t3 := knot(t2, c, d)
	t := t1 + (t2-t1)*u
	mix := func(p, q [2]float64, from, to float64) [2]float64 {
		k := (t - from) / (to - from)
		return [2]float64{p[0] + (q[0]-p[0])*k, p[1] + (q[1]-p[1])*k}
	}
	ab, bc, cd := mix(a, b, t0, t1), mix(b, c, t1, t2), mix(c, d, t2, t3)
	return mix(mix(ab, bc, t0, t2), mix(bc, cd, t1, t3), t1, t2)
}

// bounds is the box around the dots.
//
//nolint:revive // four sides of a box
func bounds(trails [][]dot) (left, top, right, bottom float64) {
	left, top = math.Inf(1), math.Inf(1)
	right, bottom = math.Inf(-1), math.Inf(-1)
	for _, trail := range trails {
		for _, d := range trail {
			left, right = min(left, d.x), max(right, d.x)
			top, bottom = min(top, d.y), max(bottom, d.y)
		}
	}
	return left - edge, top - edge, right + edge, bottom + edge
}
