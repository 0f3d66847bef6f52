package studio_test

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
	"math"
	"math/rand/v2"
	"testing"

	"kyso/app/demo/ink"
	"kyso/app/studio"
)

// photo is a sheet of paper with ink, as a telephone sees it.
type photo struct {
	w, h int
	ink  color.NRGBA
	// light is how light the paper is at a place, 0 to 1.
	light func(x, y float64) float64
	// tint multiplies the channels, as a lamp does.
	tint  [3]float64
	noise float64 // the standard deviation, of 255
	dust  int     // dark specks
	rim   bool    // the table is seen at the left
	blur  int     // pixels
}

// signature is a pen's signature at some size, and where it lies in the photo.
func (p photo) signature(t *testing.T) (*image.NRGBA, image.Point) {
	t.Helper()
	m, err := ink.Signature("khoi")
	if err != nil {
		t.Fatal(err)
	}
	w := p.w * 6 / 10
	h := w * m.Bounds().Dy() / m.Bounds().Dx()
	out := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			out.SetNRGBA(x, y, m.NRGBAAt(m.Rect.Min.X+x*m.Rect.Dx()/w, m.Rect.Min.Y+y*m.Rect.Dy()/h))
		}
	}
	return out, image.Pt(p.w/5, (p.h-h)/2)
}

// take makes the photo, and where its ink is.
func (p photo) take(t *testing.T) (shot *image.NRGBA, truth *image.Alpha) {
	t.Helper()
	sign, at := p.signature(t)
	shot, truth = image.NewNRGBA(image.Rect(0, 0, p.w, p.h)), image.NewAlpha(image.Rect(0, 0, p.w, p.h))
	r := rand.New(rand.NewPCG(1, 2))
	specks := map[image.Point]bool{}
	for range p.dust {
		c := image.Pt(r.IntN(p.w), r.IntN(p.h))
		specks[c], specks[c.Add(image.Pt(1, 0))] = true, true
	}
	for y := range p.h {
		for x := range p.w {
			cover := float64(sign.NRGBAAt(x-at.X, y-at.Y).A) / 255
			truth.SetAlpha(x, y, color.Alpha{A: uint8(cover * 255)})
			light := p.light(float64(x)/float64(p.w), float64(y)/float64(p.h))
			if specks[image.Pt(x, y)] {
				light *= 0.4
			}
			if p.rim && x < p.w/30 {
				light *= 0.25
			}
			inks := [3]float64{float64(p.ink.R), float64(p.ink.G), float64(p.ink.B)}
			var c [3]uint8
			for i := range c {
				v := (240*(1-cover) + inks[i]*cover) * light * p.tint[i]
				c[i] = uint8(min(max(v+r.NormFloat64()*p.noise, 0), 255))
			}
			shot.SetNRGBA(x, y, color.NRGBA{R: c[0], G: c[1], B: c[2], A: 255})
		}
	}
	if p.blur > 0 {
		shot = blurred(shot, p.blur)
	}
	return shot, truth
}

func blurred(m *image.NRGBA, n int) *image.NRGBA {
	out := image.NewNRGBA(m.Rect)
	for y := range m.Rect.Dy() {
		for x := range m.Rect.Dx() {
			var r, g, b, k int
			for dy := -n; dy <= n; dy++ {
				for dx := -n; dx <= n; dx++ {
					if p := image.Pt(x+dx, y+dy); p.In(m.Rect) {
						c := m.NRGBAAt(p.X, p.Y)
						r, g, b, k = r+int(c.R), g+int(c.G), b+int(c.B), k+1
					}
				}
			}
			out.SetNRGBA(x, y, color.NRGBA{R: uint8(r / k), G: uint8(g / k), B: uint8(b / k), A: 255})
		}
	}
	return out
}

func even(float64, float64) float64 { return 1 }
func slope(x, y float64) float64    { return 0.45 + 0.35*x + 0.2*y }
func spot(x, y float64) float64     { return 0.35 + 0.65*math.Exp(-3*((x-0.3)*(x-0.3)+(y-0.4)*(y-0.4))) }

func hand(x, y float64) float64 { // a soft-edged shadow over the lower right
	return 1 - 0.5/(1+math.Exp(-(x+y-1.1)*18))
}

var (
	pen   = color.NRGBA{R: 20, G: 50, B: 160, A: 255}
	black = color.NRGBA{R: 25, G: 25, B: 30, A: 255}
	white = [3]float64{1, 1, 1}
	lamp  = [3]float64{1, 0.9, 0.72}
)

func photos() map[string]photo {
	return map[string]photo{
		"an even scan":                   {1000, 600, pen, even, white, 1, 0, false, 0},
		"light from one side":            {1000, 600, pen, slope, white, 4, 0, false, 0},
		"a lamp's cone, yellow":          {1000, 600, pen, spot, lamp, 5, 0, false, 0},
		"the shadow of a hand":           {1000, 600, pen, hand, white, 6, 0, false, 1},
		"dust and the rim of the table":  {1000, 600, pen, slope, white, 4, 150, true, 0},
		"a noisy, blurred, dim picture":  {900, 540, pen, func(x, y float64) float64 { return 0.6 * slope(x, y) }, lamp, 7, 40, false, 2},
		"black ink":                      {1000, 600, black, slope, white, 4, 0, false, 0},
		"a telephone's twelve megapixel": {4000, 3000, pen, hand, white, 6, 300, true, 0},
	}
}

// placeIn finds how the cleaned picture lies over the photo: both are cut to their
// ink, so the boxes are compared.
func overlap(t *testing.T, truth *image.Alpha, got *image.NRGBA) float64 {
	t.Helper()
	box := image.Rectangle{Min: truth.Rect.Max}
	for y := range truth.Rect.Dy() {
		for x := range truth.Rect.Dx() {
			if truth.AlphaAt(x, y).A > 60 {
				box.Min.X, box.Max.X = min(box.Min.X, x), max(box.Max.X, x+1)
				box.Min.Y, box.Max.Y = min(box.Min.Y, y), max(box.Max.Y, y+1)
			}
		}
	}
	const margin = 6
	w, h := got.Rect.Dx()-2*margin, got.Rect.Dy()-2*margin
	both, either := 0, 0
	for y := range h {
		for x := range w {
			is := got.NRGBAAt(x+margin, y+margin).A > 100
			should := truth.AlphaAt(box.Min.X+x*box.Dx()/w, box.Min.Y+y*box.Dy()/h).A > 100
			if is && should {
				both++
			}
			if is || should {
				either++
			}
		}
	}
	return float64(both) / float64(either)
}

func TestInkIsTakenOffThePaperOfAnyPhotograph(t *testing.T) {
	for name, p := range photos() {
		t.Run(name, func(t *testing.T) {
			shot, truth := p.take(t)
			got, err := studio.Clean(shot, 0)
			if err != nil {
				t.Fatal(err)
			}
			f := studio.Judge(got)
			if want := p.ink == pen; !f.Transparent || f.Blue != want || !f.Sharp || f.Empty {
				t.Errorf("got %+v with blue %v wanted", f, want)
			}
			bar := 0.72
			if p.blur > 1 {
				bar = 0.62 // a blurred stroke is broader than the pen's
			}
			if o := overlap(t, truth, got); o < bar {
				t.Errorf("the ink covers %.2f of what it should", o)
			}
			for _, c := range []image.Point{{}, {got.Rect.Max.X - 1, 0}, {0, got.Rect.Max.Y - 1}, {got.Rect.Max.X - 1, got.Rect.Max.Y - 1}} {
				if got.NRGBAAt(c.X, c.Y).A != 0 {
					t.Errorf("the corner %v is not clear", c)
				}
			}
			if max(got.Rect.Dx(), got.Rect.Dy()) > studio.KeepSide {
				t.Errorf("got %v", got.Rect)
			}
		})
	}
}

func TestPaperWithoutInkIsNoSignature(t *testing.T) {
	p := photos()["light from one side"]
	p.ink = color.NRGBA{R: 240, G: 240, B: 240, A: 255}
	shot, _ := p.take(t)
	if m, err := studio.Clean(shot, 0); !errors.Is(err, studio.ErrNoInk) {
		t.Errorf("got %v, %v", m.Bounds(), err)
	}
	if _, err := studio.Draw(nil); !errors.Is(err, studio.ErrNoInk) {
		t.Errorf("a drawing of nothing: %v", err)
	}
}

func TestFaintInkIsKeptWhereThePersonAsksForIt(t *testing.T) {
	p := photos()["light from one side"]
	shot, _ := p.take(t)
	amount := func(strength float64) int {
		m, err := studio.Clean(shot, strength)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for i := 3; i < len(m.Pix); i += 4 {
			n += int(m.Pix[i])
		}
		return n * 1000 / (m.Rect.Dx() * m.Rect.Dy())
	}
	if more, usual, less := amount(-1), amount(0), amount(1); more <= usual || usual <= less {
		t.Errorf("got %d, %d, %d", more, usual, less)
	}
}

func TestAPictureThatIsTransparentKeepsItsInk(t *testing.T) {
	m, err := ink.Signature("ha")
	if err != nil {
		t.Fatal(err)
	}
	big := image.NewNRGBA(m.Rect.Inset(-200))
	draw.Draw(big, m.Rect, m, m.Rect.Min, draw.Src)
	got, err := studio.Clean(big, 0)
	if err != nil {
		t.Fatal(err)
	}
	if f := studio.Judge(got); !f.Good() {
		t.Errorf("got %+v", f)
	}
	if got.Rect.Dx() > m.Rect.Dx()+20 {
		t.Errorf("it was not cut: %v of %v", got.Rect, m.Rect)
	}
}

func TestBlackInkBecomesBlue(t *testing.T) {
	shot, _ := photos()["black ink"].take(t)
	m, err := studio.Clean(shot, 0)
	if err != nil {
		t.Fatal(err)
	}
	if f := studio.Judge(studio.Recolour(m, studio.Blue())); !f.Good() {
		t.Errorf("got %+v", f)
	}
}

func TestThePensStrokesAreDrawn(t *testing.T) {
	var wave studio.Stroke
	for i := range 60 {
		x := float64(i) * 5
		wave = append(wave, studio.Point{X: x, Y: 60 * math.Sin(x/30)})
	}
	got, err := studio.Draw([]studio.Stroke{wave, {{X: 20, Y: 90}, {X: 260, Y: 80}}, {{X: 150, Y: -70}}})
	if err != nil {
		t.Fatal(err)
	}
	if f := studio.Judge(got); !f.Good() {
		t.Errorf("got %+v", f)
	}
	if w := got.Rect.Dx(); w < studio.KeepSide*8/10 || w > studio.KeepSide {
		t.Errorf("got %v", got.Rect)
	}
}

func TestPicturesAreReadAndOthersRefused(t *testing.T) {
	m := image.NewNRGBA(image.Rect(0, 0, 3000, 10))
	var p, j bytes.Buffer
	if err := errors.Join(png.Encode(&p, m), jpeg.Encode(&j, m, nil)); err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string][]byte{"PNG": p.Bytes(), "JPEG": j.Bytes()} {
		if got, err := studio.Read(bytes.NewReader(b)); err != nil || got.Bounds().Dx() != 2400 {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	for name, b := range map[string][]byte{"a text": []byte("Kính gửi"), "half a picture": p.Bytes()[:len(p.Bytes())/2], "nothing": nil} {
		if _, err := studio.Read(bytes.NewReader(b)); !errors.Is(err, studio.ErrFormat) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if got := studio.Rotate(m).Bounds(); got.Dx() != 10 || got.Dy() != 3000 {
		t.Errorf("turned: %v", got)
	}
}
