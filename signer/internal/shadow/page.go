package shadow

import (
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"kyso/signer/internal/look"
	"kyso/signer/internal/pdf"
)

// page looks at one page: its annotations, and what its content covers.
func (l *survey) page(i int) {
	p := l.pages[i]
	annotations := l.f.Array(p.Dict.Get("Annots"))
	widgets := l.annotations(annotations, i+1)
	if i >= maxPages {
		l.complete = false
		return
	}
	l.fonts(l.f.Dict(inherited(l.f, p.Dict, "Resources")), i+1)
	if !l.affordable(p) {
		return
	}
	items := look.Page(l.f, p)
	if l.items += len(items); l.items > maxItems {
		l.complete = false
		return
	}
	l.covered(items, p, i+1)
	l.fields(widgets, items, i+1)
}

// inherited is an entry of a page or of the nodes above it.
func inherited(f *pdf.File, d *pdf.Dict, key string) any {
	for range 64 {
		if v := d.Get(key); v != nil || d == nil {
			return v
		}
		d = f.Dict(d.Get("Parent"))
	}
	return nil
}

// affordable reports that the page's content is within the limits.
func (l *survey) affordable(p pdf.Page) bool {
	v := l.f.Resolve(p.Dict.Get("Contents"))
	parts, ok := v.(pdf.Array)
	if !ok {
		parts = pdf.Array{v}
	}
	for _, part := range parts {
		if s, ok := l.f.Resolve(part).(*pdf.Stream); ok {
			span := l.f.StreamSpan(s)
			l.content += span.End - span.Start
		}
	}
	if l.content > maxContent {
		l.complete = false
		return false
	}
	return true
}

// box is a widget with a look of its own on a page.
type box struct {
	area   pdf.Box
	paints bool // it hides what is under it
}

// annotations looks at the annotations of a page and gives the places of form
// fields that hold something.
func (l *survey) annotations(list pdf.Array, page int) []box {
	var out []box
	for n, v := range list {
		if n >= maxCovers || !l.spend(64) {
			l.complete = false
			break
		}
		d := l.f.Dict(v)
		if d == nil {
			continue
		}
		flags, _ := l.f.Int(d.Get("F"))
		const onPaper, noView = 4, 32
		if flags&noView != 0 && flags&onPaper != 0 {
			l.add(CodePrint, page, "an annotation is for paper only")
		}
		if l.f.Name(d.Get("Subtype")) != "Widget" {
			continue
		}
		if b, ok := l.widget(d, page); ok {
			out = append(out, b)
		}
	}
	return out
}

// fieldEntry is an entry of a field, or of the fields above it.
func (l *survey) fieldEntry(d *pdf.Dict, key string) any { return inherited(l.f, d, key) }

// widget looks at the widget of a form field.
func (l *survey) widget(d *pdf.Dict, page int) (box, bool) {
	kind := l.f.Name(l.fieldEntry(d, "FT"))
	if kind == "" || kind == "Sig" {
		return box{}, false
	}
	flags, _ := l.f.Int(l.fieldEntry(d, "Ff"))
	const readOnly, pushButton = 1, 1 << 16
	if button := kind == "Btn" && flags&pushButton != 0; flags&readOnly == 0 && !button && !l.signed {
		l.add(CodeFields, page, "form fields can be filled after signing")
	}
	shape, ok := l.f.Resolve(l.f.Dict(d.Get("AP")).Get("N")).(*pdf.Stream)
	if kind == "Tx" && ok && !l.fieldsSeen[d] {
		l.fieldsSeen[d] = true
		l.value(d, shape, page)
	}
	place, found := l.f.Box(d.Get("Rect"))
	if found && page <= len(l.pages) {
		place = l.pages[page-1].ToShown(place)
	}
	shown := l.f.Text(l.fieldEntry(d, "V")) != "" || ok && l.f.Dict(d.Get("MK")).Has("BG")
	return box{area: place, paints: l.f.Dict(d.Get("MK")).Has("BG")}, found && shown && kind != "Btn"
}

// value compares a text field's value with what its appearance shows.
func (l *survey) value(d *pdf.Dict, s *pdf.Stream, page int) {
	want := letters(l.f.Text(l.fieldEntry(d, "V")))
	if want == "" || len(want) > 4<<10 {
		return
	}
	got := letters(look.Words(look.Appearance(l.f, s)))
	if got != "" && !strings.Contains(got, want) && !strings.Contains(want, got) {
		l.add(CodeValue, page, "the field %s holds another value than it shows", l.f.Text(l.fieldEntry(d, "T")))
	}
}

// letters are the letters and digits of s, in small letters; empty when there is
// anything that is no text: its coding is the font's affair.
func letters(s string) string {
	var out strings.Builder
	for _, r := range norm.NFC.String(s) {
		switch {
		case r == utf8.RuneError, r < ' ' && !unicode.IsSpace(r):
			return ""
		case unicode.IsLetter(r), unicode.IsDigit(r):
			out.WriteRune(unicode.ToLower(r))
		}
	}
	return out.String()
}

// covered tells what surely lies under something that was painted later.
func (l *survey) covered(items []look.Item, p pdf.Page, page int) {
	w, h := p.Size()
	var texts, pictures []pdf.Box
	for _, item := range items {
		if item.Kind == look.Text {
			if len(texts) < maxCovers && !leader(item.Text) {
				texts = append(texts, item.Box)
			}
			continue
		}
		if item.Hides && !l.spend(len(texts)+len(pictures)) {
			return
		}
		if item.Hides && under(texts, item.Box, 0) {
			l.add(CodeCovered, page, "text lies under a later %s", item.Kind)
			return
		}
		if item.Hides && item.Kind == look.Picture && under(pictures, item.Box, w*h/20) {
			l.add(CodeCovered, page, "a picture lies under a later picture")
			return
		}
		if item.Kind == look.Picture && len(pictures) < maxPictures {
			pictures = append(pictures, item.Box)
		}
	}
}

// under reports that something of at least that size lies within a box.
func under(things []pdf.Box, b pdf.Box, size float64) bool {
	return slices.ContainsFunc(things, func(t pdf.Box) bool {
		o := overlap(t, b)
		return area(t) >= size && area(t) > 0 && area(o) >= 0.95*area(t)
	})
}

// maxPictures is the number of pictures on a page that are compared.
const maxPictures = 64

// leader reports the dots or the line of a blank to be filled in.
func leader(s string) bool { return strings.Trim(s, "._-…\u00a0 ") == "" }

// fields says which form fields lie over one another or over text.
func (l *survey) fields(widgets []box, items []look.Item, page int) {
	for i, w := range widgets {
		if !l.spend(i + len(items)) {
			return
		}
		for _, other := range widgets[:i] {
			if share(w.area, other.area) > 0.5 {
				l.add(CodeCovered, page, "two form fields lie over one another")
				return
			}
		}
		if !w.paints {
			continue
		}
		for _, item := range look.Under(items, w.area) {
			if item.Kind == look.Text && !leader(item.Text) {
				l.add(CodeCovered, page, "a form field lies over text of the page")
				return
			}
		}
	}
}

func area(b pdf.Box) float64 { return b.W() * b.H() }

func overlap(a, b pdf.Box) pdf.Box {
	o := pdf.Box{X0: math.Max(a.X0, b.X0), Y0: math.Max(a.Y0, b.Y0), X1: math.Min(a.X1, b.X1), Y1: math.Min(a.Y1, b.Y1)}
	if o.X1 < o.X0 || o.Y1 < o.Y0 {
		return pdf.Box{}
	}
	return o
}

// share is how much of the smaller of two areas lies in the other.
func share(a, b pdf.Box) float64 {
	o := overlap(a, b)
	smaller := math.Min(a.W()*a.H(), b.W()*b.H())
	if smaller <= 0 {
		return 0
	}
	return o.W() * o.H() / smaller
}
