package evidence

import (
	"strings"

	"kyso/signer/internal/look"
	"kyso/signer/internal/pdf"
	"kyso/signer/verify"
)

// Limits of what a difference tells.
const (
	maxText  = 200 // letters of a text
	maxSpots = 50
)

// scene finds what differences lie on and over. It is made once for a
// comparison and fills itself as it is asked.
type scene struct {
	before, after *pdf.File
	newest        *newest
	items         map[int][]look.Item // of the pages of the signed revision
	told          map[int]bool        // pages whose content was told
}

func newScene(before *pdf.File, n *newest) *scene {
	return &scene{before: before, after: n.file, newest: n, items: map[int][]look.Item{}, told: map[int]bool{}}
}

// pageOf is the number of the page that lists an annotation, zero for none.
func (n *newest) pageOf(annotation pdf.Ref) int {
	if n.listed == nil {
		n.listed = map[pdf.Ref]int{}
		steps := 0
		for i, p := range n.file.Pages() {
			annotations := n.file.Array(p.Dict.Get("Annots"))
			if steps += len(annotations); steps > maxSteps {
				break // many pages may name one array
			}
			for _, v := range annotations {
				if ref, ok := v.(pdf.Ref); ok && n.listed[ref] == 0 {
					n.listed[ref] = i + 1
				}
			}
		}
	}
	return n.listed[annotation]
}

// content is what a page of the signed revision shows.
func (s *scene) content(page int) []look.Item {
	items, ok := s.items[page]
	if pages := s.before.Pages(); !ok && page > 0 && page <= len(pages) {
		items = look.Page(s.before, pages[page-1])
		s.items[page] = items
	}
	return items
}

// tell adds to a difference where it is to be seen and what it hides. owner is
// the annotation or field that it belongs to, zero for neither.
func (s *scene) tell(d *verify.Difference, owner pdf.Ref) {
	switch {
	case !owner.IsZero():
		s.tellAnnotation(d, owner)
	case d.Place == verify.InContent && d.Page > 0 && strings.Contains(d.Path, "/Contents") && !s.told[d.Page]:
		s.told[d.Page] = true
		s.tellContent(d)
	}
}

// tellContent tells what the text of a page was and is.
func (s *scene) tellContent(d *verify.Difference) {
	before, after := s.before.Pages(), s.after.Pages()
	if d.Page > len(before) || d.Page > len(after) {
		return
	}
	d.Before, d.After = apart(look.Words(s.content(d.Page)), look.Words(look.Page(s.after, after[d.Page-1])))
}

// apart cuts two texts down to where they differ, with a few words around.
func apart(a, b string) (was, is string) {
	if a == b {
		return "", ""
	}
	const around = 3
	x, y := strings.Fields(a), strings.Fields(b)
	from := 0
	for from < len(x) && from < len(y) && x[from] == y[from] {
		from++
	}
	tail := 0
	for tail < len(x)-from && tail < len(y)-from && x[len(x)-1-tail] == y[len(y)-1-tail] {
		tail++
	}
	cut := func(words []string) string {
		return short(strings.Join(words[max(0, from-around):min(len(words), len(words)-tail+around)], " "))
	}
	return cut(x), cut(y)
}

func short(s string) string {
	if r := []rune(s); len(r) > maxText {
		return string(r[:maxText]) + "…"
	}
	return s
}

func (s *scene) tellAnnotation(d *verify.Difference, owner pdf.Ref) {
	was, is := s.dict(s.before, owner), s.dict(s.after, owner)
	d.Field = fieldName(s.after, is)
	if is == nil {
		d.Field = fieldName(s.before, was)
		d.Before = short(shown(s.before, was))
		return
	}
	if page := s.newest.pageOf(owner); page > 0 {
		d.Page = page
	}
	hidden := concealed(s.after, is)
	box, ok := s.after.Box(is.Get("Rect"))
	pages := s.after.Pages()
	if ok && d.Page > 0 && d.Page <= len(pages) {
		at := pages[d.Page-1].ToShown(box)
		d.Rect = rectOf(at)
		if !hidden {
			items := s.content(d.Page)
			d.Covers = short(look.Words(look.Under(items, at)))
			d.CoversPicture = look.PictureUnder(items, at)
			d.CoversDrawing = look.DrawingUnder(items, at)
		}
	}
	d.Shows = ok && !hidden && paints(s.after, is)
	d.After = short(shown(s.after, is))
	if was != nil {
		d.Before = short(shown(s.before, was))
		d.Swapped = d.Place == verify.InField && d.Shows && s.swapped(was, is)
	}
}

// further finds what lies under the marks of a signature after its first.
func (s *scene) further(widgets []pdf.Widget) []verify.Spot {
	var spots []verify.Spot
	for _, w := range widgets {
		if concealed(s.after, w.Dict) || !paints(s.after, w.Dict) {
			continue
		}
		items := s.content(w.Page)
		under := look.Words(look.Under(items, w.Shown))
		if (under != "" || look.DrawingUnder(items, w.Shown)) && len(spots) < maxSpots {
			spots = append(spots, verify.Spot{Page: w.Page, Rect: rectOf(w.Shown), Covers: short(under)})
		}
	}
	return spots
}

func rectOf(b pdf.Box) [4]float64 { return [4]float64{b.X0, b.Y0, b.W(), b.H()} }

func (*scene) dict(f *pdf.File, ref pdf.Ref) *pdf.Dict {
	if ref.IsZero() {
		return nil
	}
	return f.Dict(ref)
}

// swapped reports that a field shows what its value does not say: its look
// changed and its value did not, or the new look lacks the new value. The look of
// a button follows its state, that of a choice may be another word than its value.
func (s *scene) swapped(was, is *pdf.Dict) bool {
	kind := s.before.Name(inherited(s.before, is, "FT"))
	if kind == "Btn" {
		return false
	}
	text, before := letters(look.Words(appearance(s.after, is))), letters(look.Words(appearance(s.before, was)))
	value := letters(s.after.Text(inherited(s.after, is, "V")))
	if value == letters(s.before.Text(inherited(s.before, was, "V"))) {
		return text != before
	}
	return kind == "Tx" && text != "" && !strings.Contains(text, value) && !strings.Contains(text, "\uFFFD")
}

// letters is a text without its blanks: a field may set each letter by itself.
func letters(s string) string { return strings.Join(strings.Fields(s), "") }

// inherited is an entry of a field or of a parent (ISO 32000-2, 12.7.4.1).
func inherited(f *pdf.File, d *pdf.Dict, key string) any {
	for range 32 {
		if d == nil {
			return nil
		}
		if v := d.Get(key); v != nil {
			return v
		}
		d = f.Dict(d.Get("Parent"))
	}
	return nil
}

// fieldName is the full name of a field: the parts joined with full stops.
func fieldName(f *pdf.File, d *pdf.Dict) string {
	name := ""
	for range 32 {
		if d == nil {
			break
		}
		if part := f.Text(d.Get("T")); part != "" && d.Has("T") {
			if name != "" {
				part += "." + name
			}
			name = part
		}
		d = f.Dict(d.Get("Parent"))
	}
	return name
}

// shown is what an annotation or a field says: the value, the text of its look, or its note.
func shown(f *pdf.File, d *pdf.Dict) string {
	if d == nil {
		return ""
	}
	switch v := f.Resolve(inherited(f, d, "V")).(type) {
	case pdf.String:
		return v.Text()
	case pdf.Name:
		return string(v)
	}
	if words := look.Words(appearance(f, d)); words != "" {
		return words
	}
	return f.Text(d.Get("Contents"))
}

// appearance is what the normal look of an annotation shows, in the state that it is in.
func appearance(f *pdf.File, d *pdf.Dict) []look.Item {
	normal := f.Dict(d.Get("AP")).Get("N")
	if states, ok := f.Resolve(normal).(*pdf.Dict); ok {
		normal = states.Get(string(f.Name(d.Get("AS"))))
	}
	return look.Appearance(f, normal)
}

// The flags of an annotation (ISO 32000-2, table 167).
const (
	flagHidden = 1 << 1
	flagNoView = 1 << 5
)

func concealed(f *pdf.File, d *pdf.Dict) bool {
	flags, _ := f.Int(d.Get("F"))
	return flags&(flagHidden|flagNoView) != 0
}

// paints reports that an annotation has a look that shows something, or none so
// that the reader makes one.
func paints(f *pdf.File, d *pdf.Dict) bool {
	if !d.Has("AP") {
		switch f.Name(d.Get("Subtype")) {
		case "Link", "Popup", "Widget":
			return false
		}
		return true
	}
	return len(appearance(f, d)) > 0
}
