package ink_test

import (
	"bytes"
	"image"
	"testing"

	"kyso/app/demo/ink"
	"kyso/assets"
)

const agency = "ỦY BAN NHÂN DÂN PHƯỜNG KIM LIÊN"

// share counts the pixels that are inked and those that are not of the color.
func share(m *image.NRGBA, right func(r, g, b uint8) bool) (inked, wrong float64) {
	b := m.Bounds()
	for y := range b.Dy() {
		for x := range b.Dx() {
			c := m.NRGBAAt(x, y)
			if c.A == 0 {
				continue
			}
			inked++
			if !right(c.R, c.G, c.B) {
				wrong++
			}
		}
	}
	return inked / float64(b.Dx()*b.Dy()), wrong
}

func blue(r, g, b uint8) bool { return b > 2*g && b > 2*r }
func red(r, g, b uint8) bool  { return r > 3*g && r > 3*b }

func TestSignaturesAreBlueOnTransparent(t *testing.T) {
	pictures := map[string]func(string) (*image.NRGBA, error){"signature": ink.Signature, "initials": ink.Initials}
	for kind, draw := range pictures {
		for _, person := range []string{ink.Khoi, ink.Ha, ink.Bao} {
			t.Run(kind+" of "+person, func(t *testing.T) {
				m, err := draw(person)
				if err != nil {
					t.Fatal(err)
				}
				inked, wrong := share(m, blue)
				if inked < 0.01 || inked > 0.25 {
					t.Errorf("inked share %.3f: not a line drawing", inked)
				}
				if wrong > 0 {
					t.Errorf("%.0f pixels are not blue", wrong)
				}
				if m.NRGBAAt(0, 0).A != 0 {
					t.Error("the corner is not transparent")
				}
			})
		}
	}
}

func TestPeopleSignDifferently(t *testing.T) {
	seen := map[string]string{}
	for _, person := range []string{ink.Khoi, ink.Ha, ink.Bao} {
		m, err := ink.Signature(person)
		if err != nil {
			t.Fatal(err)
		}
		if other, twice := seen[string(m.Pix)]; twice {
			t.Errorf("%s signs like %s", person, other)
		}
		seen[string(m.Pix)] = person
	}
}

func TestAHandNobodyHasIsRefused(t *testing.T) {
	if _, err := ink.Signature("ai đó"); err == nil {
		t.Error("got a signature of nobody")
	}
}

func TestSealIsARedRingOfItsSize(t *testing.T) {
	m, err := ink.Seal(agency, 38, assets.SerifBold())
	if err != nil {
		t.Fatal(err)
	}
	const dots = 38 * 24 // 600 dpi, rounded to 24 a millimeter
	if got := m.Bounds(); got != image.Rect(0, 0, dots, dots) {
		t.Errorf("size: got %v, want %d dots square", got, dots)
	}
	inked, wrong := share(m, red)
	if inked < 0.1 || inked > 0.5 || wrong > 0 {
		t.Errorf("inked share %.3f with %.0f pixels that are not red", inked, wrong)
	}
	if m.NRGBAAt(0, 0).A != 0 || m.NRGBAAt(dots/2, 15).A == 0 {
		t.Error("want a transparent corner and an inked edge")
	}
	again, err := ink.Seal(agency, 38, assets.SerifBold())
	if err != nil || !bytes.Equal(again.Pix, m.Pix) {
		t.Errorf("a second drawing differs (error %v)", err)
	}
}
