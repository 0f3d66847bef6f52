package stamp

import (
	"fmt"
	"image"
	"image/color"
	"math"

	"golang.org/x/image/draw"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"
)

// maxShown bounds a side of what Show draws, in pixels.
const maxShown = 8192

// Show draws the mark as Draw sets it in a box of w times h points, at some pixels
// to the point, on nothing: what it does not paint is transparent.
func (m Mark) Show(w, h, pixels float64) (*image.NRGBA, error) {
	m = m.normal()
	f, err := m.face()
	if err != nil {
		return nil, err
	}
	side := func(points float64) int { return min(max(int(math.Round(points*pixels)), 1), maxShown) }
	out := image.NewNRGBA(image.Rect(0, 0, side(w), side(h)))
	below := 0.0
	if f != nil {
		s := m.set(f, w, h)
		if err := m.showLines(out, f, s, pixels); err != nil {
			return nil, err
		}
		below = s.height
	}
	if m.Image != nil {
		at := contain(m.Image.Bounds(), w, h-below)
		px := func(points float64) int { return int(math.Round(points * pixels)) }
		into := image.Rect(px(at.X0), px(h-below-at.Y1), px(at.X1), px(h-below-at.Y0))
		draw.CatmullRom.Scale(out, into, m.Image, m.Image.Bounds(), draw.Over, nil)
	}
	return out, nil
}

// showLines draws the outlines of the letters, without the hints for screens.
func (m Mark) showLines(out *image.NRGBA, f *face, s setting, pixels float64) error {
	letters, err := sfnt.Parse(m.Font)
	if err != nil {
		return fmt.Errorf("%w: %w", errFont, err)
	}
	raster := vector.NewRasterizer(out.Rect.Dx(), out.Rect.Dy())
	raster.DrawOp = draw.Over
	var buf sfnt.Buffer
	em := fixed.I(f.t.em)
	scale := float32(s.size * pixels / float64(f.t.em) / 64)
	for i, l := range m.Lines {
		x, y := float32(s.x[i]*pixels), float32(out.Rect.Dy())-float32(s.y[i]*pixels)
		for _, r := range l {
			g := f.glyphs[r]
			outline, err := letters.LoadGlyph(&buf, sfnt.GlyphIndex(g), em, nil) //nolint:gosec // an index of this font
			if err != nil {
				return fmt.Errorf("%w: %w", errFont, err)
			}
			trace(raster, outline, func(p fixed.Point26_6) (float32, float32) { return x + float32(p.X)*scale, y + float32(p.Y)*scale })
			x += float32(f.t.advance(g)) * 64 * scale
		}
	}
	raster.Draw(out, out.Rect, image.NewUniform(color.Black), image.Point{})
	return nil
}

// trace adds the outline of a letter; place turns its points into pixels.
func trace(raster *vector.Rasterizer, outline sfnt.Segments, place func(fixed.Point26_6) (x, y float32)) {
	for _, s := range outline {
		ax, ay := place(s.Args[0])
		bx, by := place(s.Args[1])
		cx, cy := place(s.Args[2])
		switch s.Op {
		case sfnt.SegmentOpMoveTo:
			raster.ClosePath()
			raster.MoveTo(ax, ay)
		case sfnt.SegmentOpLineTo:
			raster.LineTo(ax, ay)
		case sfnt.SegmentOpQuadTo:
			raster.QuadTo(ax, ay, bx, by)
		case sfnt.SegmentOpCubeTo:
			raster.CubeTo(ax, ay, bx, by, cx, cy)
		}
	}
	raster.ClosePath()
}
