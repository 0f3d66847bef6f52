package stamp

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"image"
	"reflect"
	"strings"

	"kyso/signer/internal/pdf"
)

// Press draws the marks of one update. A picture, a font or a whole mark that
// comes again, as initials on every page do, is written once.
type Press struct {
	u        *pdf.Update
	forms    map[formKey]pdf.Ref
	fonts    map[fontKey]embedded
	pictures map[pictureKey]pdf.Ref
	others   int // pictures that cannot be compared
}

// pictureID tells pictures apart: by identity where their type allows it.
type pictureID struct {
	image image.Image
	other int
}

type fontKey struct {
	first *byte // of the font file
	lines string
	cid   bool
}

type pictureKey struct {
	id      pictureID
	archive int
	opaque  bool
	w, h    int // pixels
}

type formKey struct {
	font    fontKey
	id      pictureID
	archive int
	opaque  bool
	size    float64
	right   bool
	w, h    float64
	rotate  int
}

// NewPress makes a press for an update.
func NewPress(u *pdf.Update) *Press {
	return &Press{u: u, forms: map[formKey]pdf.Ref{}, fonts: map[fontKey]embedded{}, pictures: map[pictureKey]pdf.Ref{}}
}

// Update is what the press draws into.
func (p *Press) Update() *pdf.Update { return p.u }

// Draw gives the form XObject of a mark; see Mark.Draw.
func (p *Press) Draw(m Mark, w, h float64, rotate int) (pdf.Ref, error) {
	m = m.normal()
	f, err := m.face()
	if err != nil {
		return pdf.Ref{}, err
	}
	key := formKey{
		id: p.identify(m.Image), archive: m.Archive, opaque: m.Opaque, size: m.Size, right: m.AlignRight,
		w: w, h: h, rotate: rotate,
	}
	if f != nil {
		key.font = fontKey{&m.Font[0], strings.Join(m.Lines, "\n"), m.Archive == 1}
	}
	if r, ok := p.forms[key]; ok {
		return r, nil
	}
	r, err := p.form(m, f, key)
	if err == nil {
		p.forms[key] = r
	}
	return r, err
}

func (p *Press) identify(m image.Image) pictureID {
	if m == nil || reflect.TypeOf(m).Comparable() {
		return pictureID{image: m}
	}
	p.others++
	return pictureID{other: p.others}
}

// form writes the form XObject.
func (p *Press) form(m Mark, f *face, key formKey) (pdf.Ref, error) {
	var content bytes.Buffer
	resources := &pdf.Dict{}
	textHeight := 0.0
	if f != nil {
		font, err := p.font(f, key.font)
		if err != nil {
			return pdf.Ref{}, err
		}
		resources.Set("Font", pdf.NewDict("F1", font.ref))
		if m.Archive > 0 {
			resources.Set("ColorSpace", pdf.NewDict("C1", calibrated()))
		}
		textHeight = m.writeText(&content, f, font, key.w, key.h)
	}
	if m.Image != nil {
		ref, place := p.picture(m, key.id, key.w, key.h-textHeight)
		resources.Set("XObject", pdf.NewDict("Im1", ref))
		fmt.Fprintf(&content, "q %s 0 0 %s %s %s cm /Im1 Do Q\n",
			pdf.Real(place.W()), pdf.Real(place.H()), pdf.Real(place.X0), pdf.Real(place.Y0+textHeight))
	}
	return p.u.Add(compressed(pdf.NewDict(
		"Type", pdf.Name("XObject"),
		"Subtype", pdf.Name("Form"),
		"BBox", pdf.Array{pdf.Int(0), pdf.Int(0), pdf.Real(key.w), pdf.Real(key.h)},
		"Matrix", upright(key.w, key.h, key.rotate),
		"Resources", resources,
	), content.Bytes())), nil
}

func (p *Press) font(f *face, key fontKey) (embedded, error) {
	if e, ok := p.fonts[key]; ok {
		return e, nil
	}
	e, err := f.embed(p.u, key.cid)
	if err == nil {
		p.fonts[key] = e
	}
	return e, err
}

// black is the operator that sets the colour of text.
func (m Mark) black() string {
	if m.Archive > 0 {
		return "/C1 cs 0 0 0 sc"
	}
	return "0 g"
}

// calibrated is the colour space of sRGB without a profile (ISO 32000-2,
// 8.6.5.3; IEC 61966-2-1), for documents whose colours must not depend on a device.
func calibrated() pdf.Array {
	numbers := func(n ...float64) pdf.Array {
		a := make(pdf.Array, len(n))
		for i, x := range n {
			a[i] = pdf.Real(x)
		}
		return a
	}
	return pdf.Array{pdf.Name("CalRGB"), pdf.NewDict(
		"WhitePoint", numbers(0.9505, 1, 1.089),
		"Gamma", numbers(2.2, 2.2, 2.2),
		"Matrix", numbers(0.4124, 0.2126, 0.0193, 0.3576, 0.7152, 0.1192, 0.1805, 0.0722, 0.9505),
	)}
}

// compressed is a FlateDecode stream.
func compressed(d *pdf.Dict, data []byte) *pdf.NewStream {
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	_, _ = z.Write(data) // a buffer takes everything
	_ = z.Close()
	d.Set("Filter", pdf.Name("FlateDecode"))
	return &pdf.NewStream{Dict: d, Data: b.Bytes()}
}
