package letter

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"math"
	"math/rand/v2"

	xdraw "golang.org/x/image/draw"
	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/f64"
	"golang.org/x/image/math/fixed"
)

// Picture draws a page, counted from 1, as it is printed: black on white.
func (p *Paper) Picture(page int, dpi float64) (*image.RGBA, error) {
	if page < 1 || page > len(p.sheets) {
		return nil, fmt.Errorf("letter: page %d of %d", page, len(p.sheets))
	}
	scale := dpi / 25.4
	canvas := image.NewRGBA(image.Rect(0, 0, int(math.Round(pageWidth*scale)), int(math.Round(pageHeight*scale))))
	draw.Draw(canvas, canvas.Bounds(), image.White, image.Point{}, draw.Src)
	sheet := p.sheets[page-1]
	for _, s := range sheet.strokes {
		half := max(s.width*scale, 1.5) / 2
		area := image.Rect(int(s.x1*scale-half), int(s.y1*scale-half), int(math.Ceil(s.x2*scale+half)), int(math.Ceil(s.y2*scale+half)))
		draw.Draw(canvas, area, image.Black, image.Point{}, draw.Src)
	}
	faces := map[run]font.Face{} // by style and size only
	for _, r := range sheet.runs {
		key := run{style: r.style, size: r.size}
		if faces[key] == nil {
			face, err := p.drawFace(r, dpi)
			if err != nil {
				return nil, err
			}
			defer face.Close() //nolint:errcheck // a face holds no file
			faces[key] = face
		}
		pen := font.Drawer{Dst: canvas, Src: image.Black, Face: faces[key], Dot: fixed.Point26_6{
			X: fixed.Int26_6(r.x * scale * 64), Y: fixed.Int26_6(r.y * scale * 64),
		}}
		pen.DrawString(r.text)
	}
	return canvas, nil
}

func (p *Paper) drawFace(r run, dpi float64) (font.Face, error) {
	parsed, err := opentype.Parse(p.face.files[r.style])
	if err != nil {
		return nil, fmt.Errorf("letter: font: %w", err)
	}
	return opentype.NewFace(parsed, &opentype.FaceOptions{Size: r.size, DPI: dpi, Hinting: font.HintingNone})
}

// Scan gives a printed page the look of a color scan: slightly turned, warm
// paper with a shade towards one edge, grain, specks of dust. The same page and
// seed give the same picture.
func Scan(printed image.Image, degrees float64, seed uint64) *image.RGBA {
	bounds := printed.Bounds()
	scanned := image.NewRGBA(bounds)
	draw.Draw(scanned, bounds, image.White, image.Point{}, draw.Src)

	sin, cos := math.Sincos(degrees * math.Pi / 180)
	cx, cy := float64(bounds.Dx())/2, float64(bounds.Dy())/2
	turn := f64.Aff3{cos, -sin, cx - cos*cx + sin*cy, sin, cos, cy - sin*cx - cos*cy}
	xdraw.BiLinear.Transform(scanned, turn, printed, bounds, xdraw.Over, nil)

	noise := rand.New(rand.NewPCG(seed, 30)) //nolint:gosec // G404: dust on a scan, the same at every run
	age(scanned, noise)
	dust(scanned, noise)
	return scanned
}

// age tints the paper, shades it and lays grain over it.
func age(m *image.RGBA, noise *rand.Rand) {
	paper := [3]float64{250, 248, 242}
	ink := [3]float64{38, 37, 42}
	shades := make([]float64, m.Bounds().Dx()) // of the columns
	for x := range shades {
		across := float64(x) / float64(len(shades))
		shades[x] = 1 - 0.035*math.Pow(across, 6) - 0.02*math.Pow(1-across, 12)
	}
	for y := range m.Bounds().Dy() {
		row := m.Pix[y*m.Stride:]
		for x, shade := range shades {
			grain := noise.NormFloat64() * 2.6
			for c := range 3 {
				level := float64(row[4*x+c]) / 255
				v := (ink[c]+(paper[c]-ink[c])*level)*shade + grain
				row[4*x+c] = uint8(max(0, min(255, v)))
			}
		}
	}
}

// dust puts a few dark specks on the page.
func dust(m *image.RGBA, noise *rand.Rand) {
	const specks = 60
	for range specks {
		x, y := noise.IntN(m.Bounds().Dx()), noise.IntN(m.Bounds().Dy())
		grey := uint8(110 + noise.IntN(90))
		m.Set(x, y, color.RGBA{grey, grey, grey, 255})
		if noise.IntN(3) == 0 {
			m.Set(x+1, y, color.RGBA{grey + 20, grey + 20, grey + 20, 255})
		}
	}
}
