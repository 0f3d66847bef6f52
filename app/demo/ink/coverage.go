package ink

import (
	"image"
	"image/color"
	"math"
)

// coverage counts how much of each pixel is inked, on a finer grid.
type coverage struct {
	w, h int // of the finished picture
	fine []bool
}

func newCoverage(w, h int) *coverage {
	return &coverage{w: w, h: h, fine: make([]bool, w*h*oversample*oversample)}
}

// disc inks a disc; its measures are pixels of the finished picture.
func (c *coverage) disc(x, y, r float64) {
	x, y, r = x*oversample, y*oversample, max(r*oversample, 0.6)
	w, h := c.w*oversample, c.h*oversample
	for row := max(0, int(y-r)); row <= min(h-1, int(y+r)); row++ {
		dy := float64(row) + 0.5 - y
		if dy*dy > r*r {
			continue
		}
		half := math.Sqrt(r*r - dy*dy)
		for column := max(0, int(math.Ceil(x-half-0.5))); column <= min(w-1, int(x+half-0.5)); column++ {
			c.fine[row*w+column] = true
		}
	}
}

// picture colors what is inked; the rest stays transparent.
func (c *coverage) picture(ink color.NRGBA) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, c.w, c.h))
	for y := range c.h {
		for x := range c.w {
			inked := 0
			for i := range oversample * oversample {
				row, column := y*oversample+i/oversample, x*oversample+i%oversample
				if c.fine[row*c.w*oversample+column] {
					inked++
				}
			}
			if inked > 0 {
				shade := ink
				shade.A = uint8(int(ink.A) * inked / (oversample * oversample))
				m.SetNRGBA(x, y, shade)
			}
		}
	}
	return m
}
