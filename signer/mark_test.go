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
	prefix := filepath.Join(t.TempDir(), "page")
	n := fmt.Sprint(page)
	run(t, "pdftoppm", "-r", "72", "-cropbox", "-png", "-singlefile", "-f", n, "-l", n, path, prefix)
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
