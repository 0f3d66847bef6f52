package ink

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"math"

	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"
)

// Seal draws the round seal of an agency, red on transparent, of the given
// diameter in millimeters: its name around a star. It is an own design and says
// MINH HỌA in the middle, so that nobody takes it for a real one. typeface is a
// TrueType file that has the letters.
func Seal(agency string, millimeters float64, typeface []byte) (*image.NRGBA, error) {
	letters, err := sfnt.Parse(typeface)
	if err != nil {
		return nil, fmt.Errorf("ink: seal: %w", err)
	}
	size := int(math.Ceil(millimeters * resolution))
	s := &seal{letters: letters, raster: vector.NewRasterizer(size, size), middle: float64(size) / 2}
	s.raster.DrawOp = draw.Src
	r := s.middle
	s.ring(r*0.985, r*0.93)
	s.ring(r*0.90, r*0.882)
	s.ring(r*0.60, r*0.585)
	s.star(-r*0.17, r*0.27)
	s.star(r*0.742, r*0.075) // between the name's end and its beginning
	for _, err := range []error{
		s.around(agency, r*0.665, r*0.155, math.Pi*1.66),
		s.straight("MINH HỌA", r*0.24, r*0.165),
	} {
		if err != nil {
			return nil, fmt.Errorf("ink: seal: %w", err)
		}
	}
	return s.picture(size), nil
}

// seal collects the outlines of one seal. Angles are clockwise from the top.
type seal struct {
	letters *sfnt.Font
	raster  *vector.Rasterizer
	middle  float64
}

func (s *seal) picture(size int) *image.NRGBA {
	mask := image.NewAlpha(image.Rect(0, 0, size, size))
	s.raster.Draw(mask, mask.Bounds(), image.Opaque, image.Point{})
	m := image.NewNRGBA(mask.Bounds())
	for y := range size {
		for x := range size {
			if a := mask.AlphaAt(x, y).A; a > 0 {
				m.SetNRGBA(x, y, color.NRGBA{R: 206, G: 24, B: 36, A: uint8(int(a) * 235 / 255)})
			}
		}
	}
	return m
}

// ring fills between two circles: the inner one runs the other way around.
func (s *seal) ring(outer, inner float64) {
	s.polygon(circle(outer))
	hole := circle(inner)
	for i, j := 0, len(hole)-1; i < j; i, j = i+1, j-1 {
		hole[i], hole[j] = hole[j], hole[i]
	}
	s.polygon(hole)
}

func circle(r float64) [][2]float64 {
	const corners = 720
	points := make([][2]float64, corners)
	for i := range points {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / corners)
		points[i] = [2]float64{r * sin, -r * cos}
	}
	return points
}

// star is five-pointed, its center at y below the middle of the seal.
func (s *seal) star(y, r float64) {
	var points [][2]float64
	for i := range 10 {
		reach := r
		if i%2 == 1 {
			reach = r * 0.382
		}
		sin, cos := math.Sincos(math.Pi / 5 * float64(i))
		points = append(points, [2]float64{reach * sin, y - reach*cos})
	}
	s.polygon(points)
}

// polygon adds a closed outline; its points are relative to the middle.
func (s *seal) polygon(points [][2]float64) {
	for i, p := range points {
		x, y := float32(s.middle+p[0]), float32(s.middle+p[1])
		if i == 0 {
			s.raster.MoveTo(x, y)
			continue
		}
		s.raster.LineTo(x, y)
	}
	s.raster.ClosePath()
}

// around sets text clockwise on a circle of radius r, spread over the angle,
// with its middle at the top.
func (s *seal) around(text string, r, size, angle float64) error {
	total, err := s.width(text, size)
	if err != nil {
		return err
	}
	letters := []rune(text)
	spacing := (angle*r - total) / float64(len(letters)-1)
	at := -angle / 2 * r
	for _, letter := range letters {
		w, err := s.width(string(letter), size)
		if err != nil {
			return err
		}
		sin, cos := math.Sincos((at + w/2) / r)
		place := func(x, y float64) (float64, float64) { // glyph → seal
			x, y = x-w/2, y-r
			return x*cos - y*sin, x*sin + y*cos
		}
		if err := s.glyph(letter, size, place); err != nil {
			return err
		}
		at += w + spacing
	}
	return nil
}

// straight sets text on a line whose baseline is y below the middle.
func (s *seal) straight(text string, y, size float64) error {
	total, err := s.width(text, size)
	if err != nil {
		return err
	}
	x := -total / 2
	for _, letter := range text {
		place := func(gx, gy float64) (float64, float64) { return x + gx, y + gy }
		if err := s.glyph(letter, size, place); err != nil {
			return err
		}
		w, err := s.width(string(letter), size)
		if err != nil {
			return err
		}
		x += w
	}
	return nil
}

func (s *seal) width(text string, size float64) (float64, error) {
	var sum fixed.Int26_6
	for _, r := range text {
		index, err := s.letters.GlyphIndex(nil, r)
		if err != nil {
			return 0, err
		}
		advance, err := s.letters.GlyphAdvance(nil, index, fixed.I(1000), font.HintingNone)
		if err != nil {
			return 0, err
		}
		sum += advance
	}
	return float64(sum) / 64 / 1000 * size, nil
}

// glyph adds a letter's outline through place.
func (s *seal) glyph(letter rune, size float64, place func(x, y float64) (float64, float64)) error {
	index, err := s.letters.GlyphIndex(nil, letter)
	if err != nil {
		return err
	}
	outline, err := s.letters.LoadGlyph(nil, index, fixed.I(1000), nil)
	if err != nil {
		return err
	}
	at := func(p fixed.Point26_6) (float32, float32) {
		x, y := place(float64(p.X)/64/1000*size, float64(p.Y)/64/1000*size)
		return float32(s.middle + x), float32(s.middle + y)
	}
	for _, part := range outline {
		x, y := at(part.Args[0])
		switch part.Op {
		case sfnt.SegmentOpMoveTo:
			s.raster.ClosePath()
			s.raster.MoveTo(x, y)
		case sfnt.SegmentOpLineTo:
			s.raster.LineTo(x, y)
		case sfnt.SegmentOpQuadTo:
			x2, y2 := at(part.Args[1])
			s.raster.QuadTo(x, y, x2, y2)
		case sfnt.SegmentOpCubeTo:
			x2, y2 := at(part.Args[1])
			x3, y3 := at(part.Args[2])
			s.raster.CubeTo(x, y, x2, y2, x3, y3)
		}
	}
	s.raster.ClosePath()
	return nil
}
