package studio

import (
	"image"
	"image/color"
	"math"
	"slices"
)

// Clean takes the ink of a photograph or scan off its paper: uneven light and
// shadows are evened out, the paper becomes transparent, specks and what touches
// the picture's edge go, and the rest is cut to size. strength moves the border
// between ink and paper: 0 is the usual one, −1 keeps faint ink, 1 drops it. A
// picture that is transparent already keeps its ink and is only cut. Without ink
// the error is ErrNoInk.
func Clean(m image.Image, strength float64) (*image.NRGBA, error) {
	src := shrink(m, workSide)
	if !transparent(src) {
		src = lift(src, strength)
	}
	cut, err := Trim(src, 0)
	if err != nil {
		return nil, err
	}
	small := shrink(cut, KeepSide-2*margin)
	return Trim(small, margin)
}

// margin is the space around the ink, in pixels.
const margin = 6

// transparent reports that a good part of the picture has no ground already.
func transparent(m *image.NRGBA) bool {
	clearPixels := 0
	for i := 3; i < len(m.Pix); i += 4 {
		if m.Pix[i] < visible {
			clearPixels++
		}
	}
	return clearPixels*20 > len(m.Pix)/4
}

// plane is one value for each pixel.
type plane struct {
	w, h int
	v    []float64
}

func newPlane(w, h int) plane { return plane{w, h, make([]float64, w*h)} }

func (p plane) at(x, y int) float64 {
	return p.v[min(max(y, 0), p.h-1)*p.w+min(max(x, 0), p.w-1)]
}

// lift makes the paper transparent.
func lift(src *image.NRGBA, strength float64) *image.NRGBA {
	light := lightness(src)
	paper := ground(light)
	rel := newPlane(light.w, light.h) // 1 for paper, less for ink
	for i, v := range smooth(light).v {
		rel.v[i] = min(v/max(paper.v[i], 1), 1)
	}
	high, low := borders(rel, strength)
	alpha := newPlane(rel.w, rel.h)
	for i, v := range rel.v {
		alpha.v[i] = min(max((high-v)/(high-low), 0), 1)
	}
	drop(alpha)
	ink := inkOf(src, paper, alpha)
	out := image.NewNRGBA(src.Rect)
	for i, a := range alpha.v {
		if a > 0 {
			out.Pix[4*i], out.Pix[4*i+1], out.Pix[4*i+2], out.Pix[4*i+3] = ink.R, ink.G, ink.B, channel(int(a*255+0.5))
		}
	}
	return out
}

// lightness is what of the light the red and green of a pixel give back: blue ink
// is dark there, and paper is not.
func lightness(m *image.NRGBA) plane {
	p := newPlane(m.Rect.Dx(), m.Rect.Dy())
	for i := range p.v {
		p.v[i] = (2*float64(m.Pix[4*i]) + float64(m.Pix[4*i+1])) / 3
	}
	return p
}

// blocks is how many blocks the longer side of a picture has for the ground.
const blocks = 60

// ground is how light the paper is at each pixel: in each block the light of its
// lighter part, evened out over the neighbours.
func ground(p plane) plane {
	size := max(8, max(p.w, p.h)/blocks)
	g := newPlane((p.w+size-1)/size, (p.h+size-1)/size)
	values := make([]float64, 0, size*size)
	for by := range g.h {
		for bx := range g.w {
			values = values[:0]
			for y := by * size; y < min((by+1)*size, p.h); y++ {
				values = append(values, p.v[y*p.w+bx*size:y*p.w+min((bx+1)*size, p.w)]...)
			}
			slices.Sort(values)
			g.v[by*g.w+bx] = values[len(values)*4/5]
		}
	}
	g = smooth(lightest(g))
	out := newPlane(p.w, p.h)
	for y := range p.h {
		for x := range p.w {
			out.v[y*p.w+x] = between(g, (float64(x)+0.5)/float64(size)-0.5, (float64(y)+0.5)/float64(size)-0.5)
		}
	}
	return out
}

// lightest lifts blocks that lie deep in ink to the second lightest of their
// neighbours, so that a broad stroke is not taken for paper.
func lightest(g plane) plane {
	out := newPlane(g.w, g.h)
	near := make([]float64, 0, 9)
	for y := range g.h {
		for x := range g.w {
			near = near[:0]
			for dy := -1; dy <= 1; dy++ {
				for dx := -1; dx <= 1; dx++ {
					near = append(near, g.at(x+dx, y+dy))
				}
			}
			slices.Sort(near)
			out.v[y*g.w+x] = g.v[y*g.w+x]
			if lifted := near[6]; lifted > 1.12*out.v[y*g.w+x] {
				out.v[y*g.w+x] = lifted
			}
		}
	}
	return out
}

// between reads a plane between its points.
func between(p plane, x, y float64) float64 {
	x0, y0 := int(math.Floor(x)), int(math.Floor(y))
	fx, fy := x-float64(x0), y-float64(y0)
	top := p.at(x0, y0)*(1-fx) + p.at(x0+1, y0)*fx
	low := p.at(x0, y0+1)*(1-fx) + p.at(x0+1, y0+1)*fx
	return top*(1-fy) + low*fy
}

// smooth takes the noise of single pixels away.
func smooth(p plane) plane {
	across, out := newPlane(p.w, p.h), newPlane(p.w, p.h)
	for y := range p.h {
		for x := range p.w {
			across.v[y*p.w+x] = (p.at(x-1, y) + 2*p.at(x, y) + p.at(x+1, y)) / 4
		}
	}
	for y := range p.h {
		for x := range p.w {
			out.v[y*p.w+x] = (across.at(x, y-1) + 2*across.at(x, y) + across.at(x, y+1)) / 4
		}
	}
	return out
}

// borders gives from which lightness on a pixel is all paper, and up to which it
// is all ink: around the border that divides the picture best (N. Otsu, 1979).
func borders(rel plane, strength float64) (high, low float64) {
	var hist [256]float64
	for _, v := range rel.v {
		hist[int(min(max(v, 0), 1)*255)]++
	}
	t := otsu(hist)
	t = min(max(t, 0.55), 0.86) - 0.12*min(max(strength, -1), 1)
	return min(t+0.07, 0.97), t - 0.14
}

// otsu divides a histogram so that its halves differ most.
func otsu(hist [256]float64) float64 {
	var total, sum float64
	for i, n := range hist {
		total, sum = total+n, sum+float64(i)*n
	}
	best, at := -1.0, 0
	var below, weight float64
	for i, n := range hist {
		weight, below = weight+n, below+float64(i)*n
		if weight == 0 || weight == total {
			continue
		}
		d := below/weight - (sum-below)/(total-weight)
		if v := weight * (total - weight) * d * d; v > best {
			best, at = v, i
		}
	}
	return float64(at) / 255
}

// inkOf is the colour of the ink as it would be in white light: the mean of where
// it covers the paper.
func inkOf(src *image.NRGBA, paper, alpha plane) color.NRGBA {
	var r, g, b, n float64
	white := papers(src, alpha)
	for i, a := range alpha.v {
		if a < 0.9 {
			continue
		}
		k := 255 / max(paper.v[i], 1)
		tint := func(c int) float64 { return min(float64(src.Pix[4*i+c])*k*white[c], 255) }
		r, g, b, n = r+tint(0), g+tint(1), b+tint(2), n+1
	}
	if n == 0 {
		return Blue()
	}
	return color.NRGBA{R: channel(int(r / n)), G: channel(int(g / n)), B: channel(int(b / n)), A: 255}
}

// papers is by what each channel of the paper must be multiplied to be as light
// as the lightness says: lamps and phones tint paper.
func papers(src *image.NRGBA, alpha plane) [3]float64 {
	var sum [3]float64
	for i, a := range alpha.v {
		if a == 0 {
			for c := range sum {
				sum[c] += float64(src.Pix[4*i+c])
			}
		}
	}
	light := (2*sum[0] + sum[1]) / 3
	out := [3]float64{1, 1, 1}
	for c := range out {
		if sum[c] > 0 {
			out[c] = light / sum[c]
		}
	}
	return out
}
