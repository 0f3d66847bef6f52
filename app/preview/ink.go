package preview

import (
	"image"
	"math"

	"kyso/app/placement"
)

// The measures of the search for ink on a scan. The picture has one pixel to the point.
const (
	inkCell  = 4 // points; ink is looked at by squares of this size
	inkLeast = 2 // pixels that make a square of a scan inked; fewer are dust
	// inkUnlike is how far a channel of ink is from the paper's, of 255.
	inkUnlike = 50
	textEdge  = 3 // points around a word that belong to it
	inkWide   = 3 // squares that a mark has at least, across …
	inkHigh   = 2 // … and upwards
	// inkFrame is the share of the page above which ink that hangs together is
	// the borders of a table or a frame, not a mark.
	inkFrame = 0.15
)

// strayInk finds what is drawn on a scanned page besides the text that was read
// from it: signatures by hand, seals, stamps, words that were not read.
func (g *inkGrid) strayInk(lines []placement.Line, w, h float64) []placement.Rect {
	g.clearWords(lines, textEdge, h)
	var out []placement.Rect
	for y := range g.rows {
		for x := range g.columns {
			if !g.inked[y*g.columns+x] {
				continue
			}
			b := g.take(x, y)
			r := placement.Rect{X: float64(b.Min.X * inkCell), Y: h - float64(b.Max.Y*inkCell), W: float64(b.Dx() * inkCell), H: float64(b.Dy() * inkCell)}
			if b.Dx() >= inkWide && b.Dy() >= inkHigh && r.W*r.H < inkFrame*w*h {
				out = append(out, r)
			}
		}
	}
	return out
}

// inkGrid tells which squares of a page are inked. It is made from the page at
// one pixel to the point.
type inkGrid struct {
	columns, rows int
	inked         []bool
}

func newInkGrid(m *image.RGBA, scanned bool) *inkGrid {
	least := 1
	if scanned {
		least = inkLeast
	}
	size := m.Bounds().Size()
	g := &inkGrid{columns: size.X / inkCell, rows: size.Y / inkCell}
	g.inked = make([]bool, g.columns*g.rows)
	white := paper(m)
	for y := range g.rows {
		for x := range g.columns {
			dark := 0
			for dy := range inkCell {
				row := m.Pix[(y*inkCell+dy)*m.Stride+4*x*inkCell:]
				for dx := range inkCell {
					if white.unlike(row[4*dx:]) {
						dark++
					}
				}
			}
			g.inked[y*g.columns+x] = dark >= least
		}
	}
	return g
}

// clearWords takes the words of lines away.
func (g *inkGrid) clearWords(lines []placement.Line, edge, h float64) {
	for _, l := range lines {
		for _, word := range l.Words {
			g.clear(word.Rect, edge, h)
		}
	}
}

// runs gives all ink of a page as rectangles one square high.
func (g *inkGrid) runs(h float64) []placement.Rect {
	var out []placement.Rect
	for y := range g.rows {
		start := -1
		for x := range g.columns + 1 {
			inked := x < g.columns && g.inked[y*g.columns+x]
			switch {
			case inked && start < 0:
				start = x
			case !inked && start >= 0:
				out = append(out, placement.Rect{
					X: float64(start * inkCell), Y: h - float64((y+1)*inkCell), W: float64((x - start) * inkCell), H: inkCell,
				})
				start = -1
			}
		}
	}
	return out
}

// tint is a colour: red, green and blue.
type tint [3]uint8

// unlike reports a pixel whose colour is not the paper's.
func (c tint) unlike(pix []uint8) bool {
	for i, v := range c {
		if d := int(pix[i]) - int(v); d > inkUnlike || d < -inkUnlike {
			return true
		}
	}
	return false
}

// paper is the colour of most of a page.
func paper(m *image.RGBA) tint {
	const bits = 4 // of a channel that tell colours apart
	var counts [1 << (3 * bits)]int
	var sums [1 << (3 * bits)][3]int
	most := 0
	for i := 0; i+3 < len(m.Pix); i += 4 * 5 { // every fifth pixel tells enough
		p := m.Pix[i : i+3 : i+3]
		key := int(p[0]>>bits)<<(2*bits) | int(p[1]>>bits)<<bits | int(p[2]>>bits)
		counts[key]++
		sum := &sums[key]
		sum[0], sum[1], sum[2] = sum[0]+int(p[0]), sum[1]+int(p[1]), sum[2]+int(p[2])
		if counts[key] > counts[most] {
			most = key
		}
	}
	n, sum := max(counts[most], 1), sums[most]
	return tint{uint8(sum[0] / n), uint8(sum[1] / n), uint8(sum[2] / n)} //nolint:gosec // G115: a mean of bytes is a byte
}

// clear takes a word away, with what is close around it.
func (g *inkGrid) clear(r placement.Rect, edge, h float64) {
	x0, x1 := int(math.Floor((r.X-edge)/inkCell)), int(math.Ceil((r.X+r.W+edge)/inkCell))
	y0, y1 := int(math.Floor((h-r.Y-r.H-edge)/inkCell)), int(math.Ceil((h-r.Y+edge)/inkCell))
	for y := max(y0, 0); y < min(y1, g.rows); y++ {
		for x := max(x0, 0); x < min(x1, g.columns); x++ {
			g.inked[y*g.columns+x] = false
		}
	}
}

// take finds the ink that hangs together with a square, takes it away and gives
// its bounds in squares.
func (g *inkGrid) take(x, y int) image.Rectangle {
	bounds := image.Rect(x, y, x+1, y+1)
	g.inked[y*g.columns+x] = false
	stack := []image.Point{{X: x, Y: y}}
	const reach = 2 // squares that a stroke may be broken by
	for len(stack) > 0 {
		p := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		bounds = bounds.Union(image.Rect(p.X, p.Y, p.X+1, p.Y+1))
		for ny := max(p.Y-reach, 0); ny <= min(p.Y+reach, g.rows-1); ny++ {
			for nx := max(p.X-reach, 0); nx <= min(p.X+reach, g.columns-1); nx++ {
				if i := ny*g.columns + nx; g.inked[i] {
					g.inked[i] = false
					stack = append(stack, image.Pt(nx, ny))
				}
			}
		}
	}
	return bounds
}
