package placement

import "math"

func (r Rect) right() float64  { return r.X + r.W }
func (r Rect) top() float64    { return r.Y + r.H }
func (r Rect) centre() float64 { return r.X + r.W/2 }
func (r Rect) middle() float64 { return r.Y + r.H/2 }

// overlaps reports that two rectangles share more than an edge.
func (r Rect) overlaps(o Rect) bool {
	return r.X < o.X+o.W && o.X < r.X+r.W && r.Y < o.Y+o.H && o.Y < r.Y+r.H
}

// union is the smallest rectangle that holds both.
func (r Rect) union(o Rect) Rect {
	x, y := math.Min(r.X, o.X), math.Min(r.Y, o.Y)
	return Rect{x, y, math.Max(r.right(), o.right()) - x, math.Max(r.top(), o.top()) - y}
}

// widened adds a gap on all sides.
func (r Rect) widened(gap float64) Rect {
	return Rect{r.X - gap, r.Y - gap, r.W + 2*gap, r.H + 2*gap}
}

// within moves a rectangle onto a page, and makes it smaller where it must.
func (r Rect) within(w, h float64) Rect {
	r.W, r.H = math.Min(r.W, w), math.Min(r.H, h)
	r.X = math.Min(math.Max(r.X, 0), w-r.W)
	r.Y = math.Min(math.Max(r.Y, 0), h-r.H)
	return r
}

// sound reports numbers that a rectangle on a page can have.
func (r Rect) sound() bool {
	const far = 1e5 // points; the largest page of PDF has 14,400
	for _, v := range [4]float64{r.X, r.Y, r.W, r.H} {
		if math.IsNaN(v) || math.Abs(v) > far {
			return false
		}
	}
	return r.W > 0 && r.H > 0
}

// sound leaves out what has no place, and gives pages a size that have none.
func sound(pages []Page) []Page {
	out := make([]Page, len(pages))
	for i, p := range pages {
		clean := p
		if !(Rect{0, 0, p.W, p.H}).sound() || p.W < 1 || p.H < 1 {
			clean.W, clean.H = 595, 842
		}
		clean.Lines, clean.Marks, clean.Rules, clean.Ink = nil, soundRects(p.Marks), soundRects(p.Rules), soundRects(p.Ink)
		for _, l := range p.Lines {
			if !l.Rect.sound() {
				continue
			}
			for _, w := range l.Words {
				if !w.Rect.sound() {
					l.Words = nil
					break
				}
			}
			clean.Lines = append(clean.Lines, l)
		}
		out[i] = clean
	}
	return out
}

func soundRects(rects []Rect) []Rect {
	var out []Rect
	for _, r := range rects {
		if r.sound() {
			out = append(out, r)
		}
	}
	return out
}

// soundSize gives the size of a mark that fits some page: what is no size is
// taken for a small mark.
func soundSize(w, h float64) (float64, float64) {
	const least = 4.0
	if math.IsNaN(w) || math.IsNaN(h) {
		return least, least
	}
	return math.Min(math.Max(w, least), 1e4), math.Min(math.Max(h, least), 1e4)
}
