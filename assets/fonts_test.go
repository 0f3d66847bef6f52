package assets_test

import (
	"strings"
	"testing"

	"golang.org/x/image/font/sfnt"
	"golang.org/x/text/unicode/norm"

	"kyso/assets"
)

// vietnamese spells the alphabet: each vowel with each tone, đ, the letters
// that loan words use, and the signs of administrative documents.
func vietnamese() string {
	tones := []string{"", "\u0300", "\u0309", "\u0303", "\u0301", "\u0323"}
	var b strings.Builder
	for _, vowel := range "aăâeêioôơuưyAĂÂEÊIOÔƠUƯY" {
		for _, tone := range tones {
			b.WriteString(norm.NFC.String(string(vowel) + tone))
		}
	}
	b.WriteString("bcdđghklmnpqrstvxfjwzBCDĐGHKLMNPQRSTVXFJWZ0123456789")
	b.WriteString(".,;:!?/()%-–—…“”\"'₫°²³§×")
	return b.String()
}

func TestEveryVietnameseLetterHasAGlyph(t *testing.T) {
	faces := map[string][]byte{
		"regular":     assets.SerifRegular(),
		"bold":        assets.SerifBold(),
		"italic":      assets.SerifItalic(),
		"bold italic": assets.SerifBoldItalic(),
	}
	for name, file := range faces {
		t.Run(name, func(t *testing.T) {
			f, err := sfnt.Parse(file)
			if err != nil {
				t.Fatalf("parse: %v", err)
			}
			for _, r := range vietnamese() {
				got, err := f.GlyphIndex(nil, r)
				if err != nil || got == 0 {
					t.Errorf("letter %q has no glyph (error %v)", r, err)
				}
			}
		})
	}
}

func TestTheBytesBelongToTheCaller(t *testing.T) {
	assets.SerifRegular()[0] ^= 0xff
	if _, err := sfnt.Parse(assets.SerifRegular()); err != nil {
		t.Errorf("a caller's change reached the embedded font: %v", err)
	}
}
