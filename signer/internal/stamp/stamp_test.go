package stamp_test

import (
	"bytes"
	"errors"
	"image"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/image/font/sfnt"
	"golang.org/x/text/unicode/norm"

	"kyso/signer/internal/pdf"
	"kyso/signer/internal/stamp"
	"kyso/signer/signertest"
)

func font(tb testing.TB) []byte {
	tb.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "..", "assets", "fonts", "LiberationSerif-Regular.ttf"))
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

// drawn is a document with a mark, opened again, and the mark's form XObject.
func drawn(t *testing.T, m stamp.Mark) (*pdf.File, *pdf.Stream) {
	t.Helper()
	base := signertest.Paper{}.Bytes()
	f, err := pdf.Open(bytes.NewReader(base), int64(len(base)))
	if err != nil {
		t.Fatal(err)
	}
	u := f.Update()
	ref, err := m.Draw(u, 200, 80, 0)
	if err != nil {
		t.Fatal(err)
	}
	more, err := u.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	all := append(bytes.Clone(base), more...)
	if f, err = pdf.Open(bytes.NewReader(all), int64(len(all))); err != nil {
		t.Fatal(err)
	}
	s, ok := f.Resolve(ref).(*pdf.Stream)
	if !ok {
		t.Fatal("the form XObject is not there")
	}
	return f, s
}

func TestTheSubsetIsAFontWithTheUsedGlyphsOnly(t *testing.T) {
	whole := font(t)
	f, form := drawn(t, stamp.Mark{Lines: []string{"Ễ ự"}, Font: whole})
	fonts := f.Dict(f.Dict(form.Dict.Get("Resources")).Get("Font"))
	descendant := f.Dict(f.Array(f.Dict(fonts.Get("F1")).Get("DescendantFonts"))[0])
	file, ok := f.Resolve(f.Dict(descendant.Get("FontDescriptor")).Get("FontFile2")).(*pdf.Stream)
	if !ok {
		t.Fatal("no font file")
	}
	data, err := f.StreamData(file)
	if err != nil {
		t.Fatal(err)
	}
	if len(data) > len(whole)/10 {
		t.Errorf("the subset has %d of %d bytes", len(data), len(whole))
	}
	got, err := sfnt.Parse(append(bytes.Clone(data), 0))
	if err != nil && !strings.Contains(err.Error(), "cmap") && !strings.Contains(err.Error(), "post") {
		t.Errorf("the subset is no font: %v", err)
	} else if err == nil && got.NumGlyphs() > 12 {
		t.Errorf("%d glyphs for three letters", got.NumGlyphs())
	}
}

func TestDecomposedLettersAreDrawnComposed(t *testing.T) {
	m := stamp.Mark{Lines: []string{norm.NFD.String("Nguyễn Thị Ánh")}, Font: font(t)}
	if err := m.Check(); err != nil {
		t.Error(err)
	}
}

func TestTheAlphaOfAPictureBecomesASoftMask(t *testing.T) {
	for name, c := range map[string]struct {
		img  image.Image
		mask bool
	}{
		"transparent": {image.NewNRGBA(image.Rect(0, 0, 4, 4)), true},
		"opaque":      {image.NewGray(image.Rect(3, 3, 9, 7)), false},
	} {
		t.Run(name, func(t *testing.T) {
			f, form := drawn(t, stamp.Mark{Image: c.img})
			picture := f.Dict(f.Dict(f.Dict(form.Dict.Get("Resources")).Get("XObject")).Get("Im1"))
			if got := f.Dict(picture.Get("SMask")) != nil; got != c.mask {
				t.Errorf("a soft mask: %t, want %t", got, c.mask)
			}
		})
	}
}

func TestAPictureOfACameraIsMadeSmaller(t *testing.T) {
	f, form := drawn(t, stamp.Mark{Image: image.NewGray(image.Rect(0, 0, 6000, 2400))})
	picture := f.Dict(f.Dict(f.Dict(form.Dict.Get("Resources")).Get("XObject")).Get("Im1"))
	if w, _ := f.Int(picture.Get("Width")); w > 200*600/72+1 || w < 1000 {
		t.Errorf("%d pixels wide on 200 points", w)
	}
}

func TestAMarkThatCannotBeDrawnIsToldByCheck(t *testing.T) {
	for name, c := range map[string]struct {
		mark stamp.Mark
		want error
	}{
		"nothing":            {stamp.Mark{}, stamp.ErrEmpty},
		"an empty picture":   {stamp.Mark{Image: image.NewGray(image.Rectangle{})}, stamp.ErrEmpty},
		"a missing letter":   {stamp.Mark{Lines: []string{"字"}, Font: font(t)}, stamp.ErrNoLetter},
		"lines, but no font": {stamp.Mark{Lines: []string{"a"}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			err := c.mark.Check()
			if err == nil || c.want != nil && !errors.Is(err, c.want) {
				t.Errorf("error %v, want %v", err, c.want)
			}
		})
	}
}

// FuzzFont gives the drawing a damaged font: an error or a mark, no panic.
func FuzzFont(f *testing.F) {
	whole := font(f)
	f.Add(uint32(0), uint16(0), uint16(0))
	f.Add(uint32(30), uint16(0xFFFF), uint16(0x8000))
	base := signertest.Paper{}.Bytes()
	f.Fuzz(func(t *testing.T, at uint32, value, cut uint16) {
		damaged := bytes.Clone(whole[:len(whole)-int(cut)])
		at %= uint32(min(len(damaged)-2, 4096)) // the tables' heads are in front
		damaged[at], damaged[at+1] = byte(value>>8), byte(value)
		file, err := pdf.Open(bytes.NewReader(base), int64(len(base)))
		if err != nil {
			t.Fatal(err)
		}
		u := file.Update()
		if _, err := (stamp.Mark{Lines: []string{"Ễ"}, Font: damaged}).Draw(u, 100, 20, 0); err != nil {
			return
		}
		if _, err := u.Bytes(); err != nil {
			t.Errorf("a mark that cannot be written: %v", err)
		}
	})
}
