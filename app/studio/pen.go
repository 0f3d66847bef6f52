package studio

import (
	"image"
	"math"
)

// Point is where the pen was, in any unit; y grows downwards.
type Point struct{ X, Y float64 }

// Stroke is one line of the pen, from its touch to its lift.
type Stroke []Point

// penWidth is the width of the pen beside the longer side of the drawing.
const penWidth = 0.012

// Draw draws strokes in blue on a transparent ground, cut to size: KeepSide long,
// thinner where the pen was quick, with round ends. Without a stroke the error is
// ErrNoInk.
func Draw(strokes []Stroke) (*image.NRGBA, error) {
	box := boxOf(strokes)
	long := max(box.w, box.h)
	if long <= 0 {
		return nil, ErrNoInk
	}
	width := penWidth * KeepSide
	pad := width + margin
	scale := (KeepSide - 2*pad) / long
	w, h := int(math.Ceil(box.w*scale+2*pad)), int(math.Ceil(box.h*scale+2*pad))
	cover := newPlane(w, h)
	for _, s := range strokes {
		line(cover, placed(s, box, scale, pad), width)
	}
	out := image.NewNRGBA(image.Rect(0, 0, w, h))
	c := Blue()
	for i, a := range cover.v {
		if a > 0 {
			out.Pix[4*i], out.Pix[4*i+1], out.Pix[4*i+2], out.Pix[4*i+3] = c.R, c.G, c.B, channel(int(a*255+0.5))
		}
	}
	return Trim(out, margin)
}

type box struct{ x, y, w, h float64 }

// boxOf is the box of strokes of two points or more.
func boxOf(strokes []Stroke) box {
	x0, y0, x1, y1 := math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	for _, s := range strokes {
		for _, p := range s {
			x0, y0, x1, y1 = min(x0, p.X), min(y0, p.Y), max(x1, p.X), max(y1, p.Y)
		}
	}
	if x1 < x0 {
		return box{}
	}
	return box{x0, y0, x1 - x0, y1 - y0}
}

// placed brings a stroke to its place in the picture, through curves instead of
// corners (Catmull-Rom).
func placed(s Stroke, b box, scale, pad float64) Stroke {
	at := make(Stroke, len(s))
	for i, p := range s {
		at[i] = Point{(p.X-b.x)*scale + pad, (p.Y-b.y)*scale + pad}
	}
	if len(at) < 3 {
		return at
	}
	var out Stroke
	for i := range len(at) - 1 {
		p0, p1, p2, p3 := at[max(i-1, 0)], at[i], at[i+1], at[min(i+2, len(at)-1)]
		steps := max(1, int(math.Hypot(p2.X-p1.X, p2.Y-p1.Y)/3))
		for k := range steps {
			t := float64(k) / float64(steps)
			out = append(out, Point{spline(p0.X, p1.X, p2.X, p3.X, t), spline(p0.Y, p1.Y, p2.Y, p3.Y, t)})
		}
	}
	return append(out, at[len(at)-1])
}

func spline(a, b, c, d, t float64) float64 {
	return b + 0.5*t*(c-a+t*(2*a-5*b+4*c-d+t*(3*(b-c)+d-a)))
}

// line draws a stroke whose width follows the speed of the pen.
func line(p plane, s Stroke, width float64) {
	half := width / 2
	for i, at := range s {
		before := s[max(i-1, 0)]
		speed := math.Hypot(at.X-before.X, at.Y-before.Y) / 3
		want := width / 2 * (1.15 - 0.35*min(speed/2, 1))
		half = half*0.85 + want*0.15
		segment(p, before, at, half)
	}
}

// segment covers what lies within half of the line from a to b.
func segment(p plane, a, b Point, half float64) {
	x0, x1 := int(min(a.X, b.X)-half-1), int(max(a.X, b.X)+half+2)
	y0, y1 := int(min(a.Y, b.Y)-half-1), int(max(a.Y, b.Y)+half+2)
	dx, dy := b.X-a.X, b.Y-a.Y
	length := dx*dx + dy*dy
	for y := max(y0, 0); y < min(y1, p.h); y++ {
		for x := max(x0, 0); x < min(x1, p.w); x++ {
			px, py := float64(x)+0.5-a.X, float64(y)+0.5-a.Y
			t := 0.0
			if length > 0 {
				t = min(max((px*dx+py*dy)/length, 0), 1)
			}
			cover := min(max(half+0.5-math.Hypot(px-t*dx, py-t*dy), 0), 1)
			p.v[y*p.w+x] = max(p.v[y*p.w+x], cover)
		}
	}
}
