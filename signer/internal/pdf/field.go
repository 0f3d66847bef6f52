package pdf

// Widget is one place of a field on a page.
type Widget struct {
	Ref  Ref
	Dict *Dict
	// Page counts from 1; zero when no page lists the widget.
	Page int
	// Shown is in points from the lower left corner of the page as shown.
	Shown Box
}

// SignatureField is a form field with FT = Sig.
type SignatureField struct {
	// Name is the full name: the parts joined with full stops.
	Name string
	Ref  Ref
	Dict *Dict
	// Widgets are its places; an invisible signature's has an empty rectangle.
	Widgets []Widget
	// Value is the signature dictionary, nil for an empty field. ValueRef is
	// zero when it stands directly in the field.
	Value    *Dict
	ValueRef Ref
	// Unlisted reports that no form lists the field, only a page's annotations.
	Unlisted bool
}

// Signature is what a signature dictionary says (ISO 32000-2, table 255).
type Signature struct {
	Filter, SubFilter, Type           Name
	Reason, Location, Contact, Signer string
	// M is the claimed time as written.
	M string
	// ByteRange as written; nil when it is missing or no array of numbers.
	ByteRange []int64
	// Contents are the decoded bytes, with the zeros that fill the space up.
	Contents []byte
	// Hex is where /Contents stands in the file, its angle brackets included.
	// It is false in Placed when the dictionary is not in the file itself.
	Hex    Span
	Placed bool
	// Twice are keys that the dictionary has more than once.
	Twice []string
}

const (
	maxFields   = 100_000
	maxSteps    = 4 << 20 // through arrays of annotations, fields and kids
	maxNamePart = 2048    // bytes of /T
)

// fieldWalk collects signature fields.
type fieldWalk struct {
	f     *File
	pages map[Ref]int // the page that lists an annotation
	index map[Ref]int // the number of a page
	seen  map[Ref]bool
	count int
	left  int64 // steps through arrays
	out   []SignatureField
}

// SignatureFields are the signature fields of the form in its order, then
// those that only a page lists.
func (f *File) SignatureFields() []SignatureField {
	w := &fieldWalk{f: f, pages: map[Ref]int{}, index: map[Ref]int{}, seen: map[Ref]bool{}, left: maxSteps}
	for i, p := range f.Pages() {
		if !p.Ref.IsZero() {
			w.index[p.Ref] = i + 1
		}
		for _, a := range w.some(p.Dict.Get("Annots")) {
			if r, ok := a.(Ref); ok && w.pages[r] == 0 {
				w.pages[r] = i + 1
			}
		}
	}
	form := f.Dict(f.Catalog().Get("AcroForm"))
	for _, v := range w.some(form.Get("Fields")) {
		w.field(v, "", "", 0)
	}
	w.unlisted()
	return w.out
}

// some is an array that there are steps left to walk through, else nothing:
// many fields or pages may name the same array.
func (w *fieldWalk) some(v any) Array {
	a := w.f.Array(v)
	if spend(&w.left, int64(len(a))) != nil || w.f.older > 0 && spend(&w.f.left.steps, int64(len(a))) != nil {
		return nil
	}
	return a
}

// partOf is a part of a field's name; what is too long for one is cut.
func partOf(s String) string {
	return NewString(s.value[:min(len(s.value), maxNamePart)]).Text()
}

// field walks a field and its kids; name and ft are what the parents say.
func (w *fieldWalk) field(v any, name string, ft Name, depth int) {
	r, _ := v.(Ref)
	w.count++
	if !r.IsZero() && w.seen[r] || depth > maxDepth || w.count > maxFields {
		return
	}
	if !r.IsZero() {
		w.seen[r] = true
	}
	d, ok := w.f.Resolve(v).(*Dict)
	if !ok {
		return
	}
	if t, ok := w.f.Resolve(d.Get("T")).(String); ok {
		if name != "" {
			name += "."
		}
		name += partOf(t)
	}
	if t := w.f.Name(d.Get("FT")); t != "" {
		ft = t
	}
	kids := w.some(d.Get("Kids"))
	terminal := len(kids) == 0
	for _, k := range kids {
		if kd := w.f.Dict(k); kd != nil && !kd.Has("T") {
			terminal = true // the kids are widgets
		}
	}
	if terminal {
		if ft == "Sig" {
			w.out = append(w.out, w.signature(r, d, name, kids))
		}
		return
	}
	for _, k := range kids {
		w.field(k, name, ft, depth+1)
	}
}

func (w *fieldWalk) signature(r Ref, d *Dict, name string, kids Array) SignatureField {
	s := SignatureField{Name: name, Ref: r, Dict: d}
	value := d.Get("V")
	if value == nil {
		value = w.f.Dict(d.Get("Parent")).Get("V")
	}
	s.Value, _ = w.f.Resolve(value).(*Dict)
	s.ValueRef, _ = value.(Ref)
	if d.Has("Rect") || w.pages[r] > 0 {
		s.Widgets = append(s.Widgets, w.widget(r, d))
	}
	for _, k := range kids {
		kr, _ := k.(Ref)
		w.seen[kr] = true
		if kd := w.f.Dict(k); kd != nil {
			s.Widgets = append(s.Widgets, w.widget(kr, kd))
		}
	}
	return s
}

func (w *fieldWalk) widget(r Ref, d *Dict) Widget {
	out := Widget{Ref: r, Dict: d, Page: w.pages[r]}
	pages := w.f.Pages()
	if out.Page == 0 {
		p, _ := d.Get("P").(Ref)
		out.Page = w.index[p]
	}
	if b, ok := w.f.Box(d.Get("Rect")); ok && out.Page > 0 {
		out.Shown = pages[out.Page-1].ToShown(b)
	}
	return out
}

// unlisted finds signature widgets that no form lists.
func (w *fieldWalk) unlisted() {
	for _, p := range w.f.Pages() {
		for _, a := range w.some(p.Dict.Get("Annots")) {
			r, ok := a.(Ref)
			if !ok || w.seen[r] {
				continue
			}
			d := w.f.Dict(r)
			if w.f.Name(d.Get("FT")) != "Sig" {
				continue
			}
			w.seen[r] = true
			name, _ := w.f.Resolve(d.Get("T")).(String)
			s := w.signature(r, d, partOf(name), w.some(d.Get("Kids")))
			s.Unlisted = true
			w.out = append(w.out, s)
		}
	}
}

// Signature reads a signature dictionary, SignatureField.Value.
func (f *File) Signature(d *Dict) Signature {
	s := Signature{
		Filter: f.Name(d.Get("Filter")), SubFilter: f.Name(d.Get("SubFilter")), Type: f.Name(d.Get("Type")),
		Reason: f.Text(d.Get("Reason")), Location: f.Text(d.Get("Location")), Contact: f.Text(d.Get("ContactInfo")),
		Signer: f.Text(d.Get("Name")), M: f.Text(d.Get("M")),
		Contents: f.Bytes(d.Get("Contents")), Twice: d.Twice(),
	}
	for _, v := range f.Array(d.Get("ByteRange")) {
		n, ok := f.Int(v)
		if !ok {
			s.ByteRange = nil
			break
		}
		s.ByteRange = append(s.ByteRange, n)
	}
	if _, ok := d.Get("Contents").(String); ok {
		s.Hex, s.Placed = d.Span("Contents")
	}
	return s
}
