package signer_test

import (
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kyso/signer"
	"kyso/signer/signertest"
)

// everyLetter has every letter of the Vietnamese alphabet with every tone.
const everyLetter = "aàảãáạăằẳẵắặâầẩẫấậbcdđeèẻẽéẹêềểễếệfghiìỉĩíịjklmnoòỏõóọôồổỗốộơờởỡớợpqrstuùủũúụưừửữứựvwxyỳỷỹýỵz"

func font(t *testing.T) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "assets", "fonts", "LiberationSerif-Regular.ttf"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// quarters is a picture whose corners tell its orientation: red, green, blue
// and transparent, from the upper left clockwise.
func quarters(side int) image.Image {
	img := image.NewNRGBA(image.Rect(0, 0, 2*side, side))
	for y := range side {
		for x := range 2 * side {
			c := color.NRGBA{R: 255, A: 255}
			switch left, top := x < side, y < side/2; {
			case !left && top:
				c = color.NRGBA{G: 255, A: 255}
			case !left:
				c = color.NRGBA{B: 255, A: 255}
			case !top:
				c = color.NRGBA{}
			}
			img.Set(x, y, c)
		}
	}
	return img
}

// render draws a page with the crop box at 72 dots an inch: a pixel is a point.
func render(t *testing.T, path string, page int) image.Image {
	t.Helper()
	return renderAt(t, path, page, 72)
}

// renderAt is render at so many dots an inch.
func renderAt(t *testing.T, path string, page, dots int) image.Image {
	t.Helper()
	prefix := filepath.Join(t.TempDir(), "page")
	n := fmt.Sprint(page)
	run(t, "pdftoppm", "-r", fmt.Sprint(dots), "-cropbox", "-png", "-singlefile", "-f", n, "-l", n, path, prefix)
	f, err := os.Open(prefix + ".png")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // read only
	img, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// near compares pixels with some room for smoothing.
func near(a color.Color, want color.NRGBA) bool {
	r, g, b, _ := a.RGBA()
	like := func(x uint32, y uint8) bool { return math.Abs(float64(x>>8)-float64(y)) < 40 }
	return like(r, want.R) && like(g, want.G) && like(b, want.B)
}

func TestAMarkStandsUprightWhereItWasPut(t *testing.T) {
	pki := newPKI(t)
	req := request(t, pki, "P-256")
	white := color.NRGBA{R: 255, G: 255, B: 255}
	for _, rotate := range []int{0, 90, 180, 270} {
		for name, crop := range map[string][4]float64{"no crop box": {}, "a crop box": {60, 40, 560, 700}} {
			t.Run(fmt.Sprintf("rotated by %d with %s", rotate, name), func(t *testing.T) {
				paper := signertest.Paper{Pages: []signertest.PaperPage{{}, {Rotate: rotate, Crop: crop}}}
				r := req
				r.Marks = []signer.Mark{{Page: -1, Rect: signer.Rect{X: 300, Y: 100, W: 120, H: 60}, Image: quarters(100)}}
				out := mustSign(t, write(t, "in.pdf", paper.Bytes()), r)
				img := render(t, out, 2)
				h := float64(img.Bounds().Dy())
				for _, at := range []struct {
					x, y float64
					want color.NRGBA
				}{
					{310, 150, color.NRGBA{R: 255}},
					{410, 150, color.NRGBA{G: 255}},
					{410, 110, color.NRGBA{B: 255}},
					{310, 110, white}, // transparent: the paper
					{290, 150, white},
					{430, 150, white},
					{310, 170, white},
					{410, 90, white},
				} {
					if got := img.At(int(at.x), int(h-at.y)); !near(got, at.want) {
						t.Errorf("at %.0f,%.0f: %v, want %v", at.x, at.y, got, at.want)
					}
				}
			})
		}
	}
}

func TestShowIsWhatIsDrawn(t *testing.T) {
	pki := newPKI(t)
	lines := []string{"Ủy ban nhân dân phường Kim Liên", "Chủ tịch Trần Minh Khôi"}
	for name, m := range map[string]signer.Mark{
		"a picture":             {Image: quarters(100)},
		"lines":                 {Lines: lines, Font: font(t)},
		"lines to the right":    {Lines: lines, Font: font(t), FontSize: 14, AlignRight: true},
		"lines that shrink":     {Lines: append(lines, strings.Repeat("Quyết định ", 5)), Font: font(t)},
		"lines below a picture": {Image: quarters(100), Lines: lines[:1], Font: font(t)},
	} {
		t.Run(name, func(t *testing.T) {
			m.Page, m.Rect = 1, signer.Rect{X: 300, Y: 600, W: 200, H: 60}
			r := request(t, pki, "P-256")
			r.Marks = []signer.Mark{m}
			const sharper = 4 // pixels to the point
			page := renderAt(t, mustSign(t, write(t, "in.pdf", signertest.Paper{}.Bytes()), r), 1, 72*sharper)
			shown, err := m.Show(sharper)
			if err != nil {
				t.Fatal(err)
			}
			if got := shown.Bounds().Size(); got != image.Pt(200*sharper, 60*sharper) {
				t.Fatalf("got %v pixels", got)
			}
			corner := image.Pt(300*sharper, page.Bounds().Dy()-660*sharper)
			drawn := func(x, y int) float64 { return painted(page.At(corner.X+x, corner.Y+y)) }
			promised := func(x, y int) float64 { return painted(shown.At(x, y)) }
			if alone, inked := alike(drawn, promised, shown.Bounds().Inset(2)); inked < 1000 || alone > inked/100 {
				t.Errorf("%d of %d painted pixels are on one side only", alone, inked)
			}
		})
	}
}

// painted is how much of a pixel on white paper is painted, 0 to 1, in whatever colour.
func painted(c color.Color) float64 {
	n := color.NRGBAModel.Convert(c).(color.NRGBA)
	return float64(n.A) / 255 * float64(255-min(n.R, n.G, n.B)) / 255
}

// alike counts the painted pixels of two pictures, and those that have nothing
// like them within a pixel of the other: renderers smooth otherwise.
func alike(a, b func(x, y int) float64, r image.Rectangle) (alone, inked int) {
	const full, near = 0.6, 0.2
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			for _, of := range [][2]func(x, y int) float64{{a, b}, {b, a}} {
				if of[0](x, y) < full {
					continue
				}
				inked++
				most := 0.0
				for i := range 9 {
					most = max(most, of[1](x+i%3-1, y+i/3-1))
				}
				if most < near {
					alone++
				}
			}
		}
	}
	return alone, inked
}

func TestEveryVietnameseLetterIsDrawnAndCanBeSearched(t *testing.T) {
	pki := newPKI(t)
	req := request(t, pki, "P-256")
	lines := []string{everyLetter, strings.ToUpper(everyLetter), "Ký bởi: Ủy ban nhân dân phường Bến Nghé – 24/11/2026"}
	req.Marks = []signer.Mark{{Page: 1, Rect: signer.Rect{X: 40, Y: 300, W: 500, H: 60}, Lines: lines, Font: font(t), FontSize: 9}}
	for name, paper := range map[string]signertest.Paper{"a table": {}, "a stream": {Stream: true}} {
		t.Run(name, func(t *testing.T) {
			out := mustSign(t, write(t, "in.pdf", paper.Bytes()), req)
			judge(t, pki, out, 1)
			if got := run(t, "pdftotext", "-layout", out, "-"); !strings.Contains(strings.Join(strings.Fields(got), " "), strings.Join(lines, " ")) {
				t.Errorf("pdftotext reads:\n%s\nwant the lines:\n%s", got, strings.Join(lines, "\n"))
			}
			said := run(t, "pdffonts", out)
			if !strings.Contains(said, "LiberationSerif") || !strings.Contains(said, "Identity-H       "+strings.TrimSpace(strings.Repeat("yes ", 3))) {
				t.Errorf("the font is not embedded as a subset with a map:\n%s", said)
			}
		})
	}
}

func TestAMarkOutsideThePageStopsTheDocument(t *testing.T) {
	pki := newPKI(t)
	in := write(t, "in.pdf", signertest.Paper{}.Bytes())
	for name, mark := range map[string]signer.Mark{
		"a page after the last":       {Page: 2, Rect: signer.Rect{X: 10, Y: 10, W: 50, H: 50}},
		"page zero":                   {Page: 0, Rect: signer.Rect{X: 10, Y: 10, W: 50, H: 50}},
		"page minus two":              {Page: -2, Rect: signer.Rect{X: 10, Y: 10, W: 50, H: 50}},
		"over the right edge":         {Page: 1, Rect: signer.Rect{X: 580, Y: 10, W: 50, H: 50}},
		"below the lower edge":        {Page: 1, Rect: signer.Rect{X: 10, Y: -20, W: 50, H: 50}},
		"no size":                     {Page: 1, Rect: signer.Rect{X: 10, Y: 10}},
		"a size that is not a number": {Page: 1, Rect: signer.Rect{X: 10, Y: 10, W: math.NaN(), H: 50}},
	} {
		t.Run(name, func(t *testing.T) {
			req := request(t, pki, "P-256")
			mark.Image = quarters(10)
			req.Marks = []signer.Mark{mark}
			out := filepath.Join(t.TempDir(), "out.pdf")
			_, err := signer.SignFile(t.Context(), in, out, req)
			if !errors.Is(err, signer.ErrNoPlace) {
				t.Errorf("error %v, want ErrNoPlace", err)
			}
			if names, _ := filepath.Glob(filepath.Join(filepath.Dir(out), "*")); len(names) > 0 {
				t.Errorf("left behind: %v", names)
			}
		})
	}
}

func TestALetterThatTheFontLacksIsToldBeforeAnythingIsWritten(t *testing.T) {
	req := request(t, newPKI(t), "P-256")
	req.Marks = []signer.Mark{{Page: 1, Rect: signer.Rect{X: 10, Y: 10, W: 50, H: 50}, Lines: []string{"漢"}, Font: font(t)}}
	_, err := signer.SignFile(t.Context(), write(t, "in.pdf", signertest.Paper{}.Bytes()), filepath.Join(t.TempDir(), "out.pdf"), req)
	if !errors.Is(err, signer.ErrNoLetter) {
		t.Errorf("error %v, want ErrNoLetter", err)
	}
}
