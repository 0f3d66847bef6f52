package stamp_test

import (
	"bytes"
	"image"
	"image/color"
	"slices"
	"strings"
	"testing"

	"kyso/signer/internal/pdf"
	"kyso/signer/internal/stamp"
	"kyso/signer/signertest"
)

// fading is a blue picture whose alpha rises from left to right.
func fading(w, h int) image.Image {
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	for x := range w {
		for y := range h {
			img.Set(x, y, color.NRGBA{B: 200, A: uint8(255 * x / (w - 1))})
		}
	}
	return img
}

func TestInPDFA1NothingIsTransparentAndNoColourDependsOnADevice(t *testing.T) {
	f, form := drawn(t, stamp.Mark{Image: fading(100, 20), Lines: []string{"Đã ký"}, Font: font(t), Archive: 1, Opaque: true})
	resources := f.Dict(form.Dict.Get("Resources"))
	picture, ok := f.Resolve(f.Dict(resources.Get("XObject")).Get("Im1")).(*pdf.Stream)
	if !ok {
		t.Fatal("no picture")
	}
	if f.Name(f.Array(picture.Dict.Get("ColorSpace"))[0]) != "CalRGB" || picture.Dict.Has("SMask") {
		t.Errorf("picture %v", picture.Dict)
	}
	mask, ok := f.Resolve(picture.Dict.Get("Mask")).(*pdf.Stream)
	if !ok {
		t.Fatal("no mask")
	}
	bits, err := f.StreamData(mask)
	if err != nil {
		t.Fatal(err)
	}
	rgb, err := f.StreamData(picture)
	if err != nil {
		t.Fatal(err)
	}
	w, _ := f.Int(picture.Dict.Get("Width"))
	if w != 400 { // enlarged for a sharp edge
		t.Errorf("%d pixels wide", w)
	}
	if bits[0]&0x80 == 0 || bits[(w-1)/8]&(0x80>>((w-1)%8)) != 0 {
		t.Error("the left must not be painted, and the right must be")
	}
	if middle := rgb[3*(w/2)]; middle < 100 || middle > 155 {
		t.Errorf("the middle is not blended with white: %d", middle)
	}
	content, err := f.StreamData(form)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(content), "/C1 cs 0 0 0 sc") || strings.Contains(string(content), " g ") {
		t.Errorf("content %s", content)
	}
	descendant := f.Dict(f.Array(f.Dict(f.Dict(resources.Get("Font")).Get("F1")).Get("DescendantFonts"))[0])
	set, ok := f.Resolve(f.Dict(descendant.Get("FontDescriptor")).Get("CIDSet")).(*pdf.Stream)
	if !ok {
		t.Fatal("no CIDSet")
	}
	if data, err := f.StreamData(set); err != nil || data[0]&0x80 == 0 {
		t.Errorf("CIDSet %x, %v", data, err)
	}
}

func TestAPressWritesWhatIsSharedOnce(t *testing.T) {
	base := signertest.Paper{}.Bytes()
	f, err := pdf.Open(bytes.NewReader(base), int64(len(base)))
	if err != nil {
		t.Fatal(err)
	}
	p := stamp.NewPress(f.Update())
	img := fading(30, 10)
	mark := stamp.Mark{Image: img, Lines: []string{"ký nháy"}, Font: font(t)}
	var refs []pdf.Ref
	for _, rotate := range []int{0, 90, 0, 90} {
		r, err := p.Draw(mark, 60, 40, rotate)
		if err != nil {
			t.Fatal(err)
		}
		refs = append(refs, r)
	}
	if refs[0] != refs[2] || refs[1] != refs[3] || refs[0] == refs[1] {
		t.Errorf("references %v", refs)
	}
	update, err := p.Update().Bytes()
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(update, []byte("/FontFile2")); n != 1 {
		t.Errorf("%d font files", n)
	}
	if n := bytes.Count(update, []byte("/Subtype /Image")); n != 2 { // the picture and its mask
		t.Errorf("%d images", n)
	}
	others, err := p.Draw(stamp.Mark{Image: plain{img}}, 60, 40, 0)
	if err != nil || slices.Contains(refs, others) {
		t.Errorf("a picture that cannot be compared: %v, %v", others, err)
	}
}

// plain is a picture of a type that cannot be compared.
type plain []image.Image

func (p plain) ColorModel() color.Model { return p[0].ColorModel() }
func (p plain) Bounds() image.Rectangle { return p[0].Bounds() }
func (p plain) At(x, y int) color.Color { return p[0].At(x, y) }
