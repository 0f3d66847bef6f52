package pades

import (
	"fmt"
	"slices"

	"kyso/signer/internal/pdf"
)

// flagsWidget are print and locked (ISO 32000-2, table 167).
const flagsWidget = 4 | 128

// page finds the page of a mark and checks that the mark lies on it.
func (p *preparation) page(m Place) (pdf.Page, error) {
	pages := p.f.Pages()
	n := p.number(m.Page)
	if n < 1 || n > len(pages) {
		return pdf.Page{}, fmt.Errorf("%w: page %d of %d", ErrNoPlace, m.Page, len(pages))
	}
	page := pages[n-1]
	if page.Ref.IsZero() {
		if page.Ref = p.adopt(page.Dict); page.Ref.IsZero() {
			return page, fmt.Errorf("%w: page %d has no object of its own", ErrNoPlace, n)
		}
	}
	if m.Draw == nil {
		return page, nil
	}
	const slack = 0.5 // rounding of the caller
	w, h := page.Size()
	b := m.Box
	inside := b.X0 >= -slack && b.Y0 >= -slack && b.X1 <= w+slack && b.Y1 <= h+slack
	if !inside || !(b.W() >= 1) || !(b.H() >= 1) { // written so that NaN is not inside
		return page, fmt.Errorf("%w: %.1f,%.1f %.1f×%.1f on a page of %.1f×%.1f", ErrNoPlace, b.X0, b.Y0, b.W(), b.H(), w, h)
	}
	return page, nil
}

// adopt makes a page that stands directly in its parent an object of its own,
// which annotations need (ISO 32000-2, 7.7.3.2). It is zero where the parent
// cannot be found, in a signed document, whose pages must stay as they are, and
// in an encrypted one, whose strings belong to the object they stand in.
func (p *preparation) adopt(page *pdf.Dict) pdf.Ref {
	if r, ok := p.adopted[page]; ok {
		return r
	}
	parent, ok := page.Get("Parent").(pdf.Ref)
	node, isNode := p.u.Current(parent).(*pdf.Dict)
	if !ok || !isNode || signed(p.fields) || p.f.Encrypted() {
		return pdf.Ref{}
	}
	kids, direct := node.Get("Kids").(pdf.Array)
	at := slices.IndexFunc(kids, func(k any) bool { d, ok := k.(*pdf.Dict); return ok && d == page })
	if !direct || at < 0 {
		return pdf.Ref{}
	}
	r := p.u.Add(page.Clone())
	kids = slices.Clone(kids)
	kids[at] = r
	node = node.Clone()
	node.Set("Kids", kids)
	p.u.Set(parent, node)
	if p.adopted == nil {
		p.adopted = map[*pdf.Dict]pdf.Ref{}
	}
	p.adopted[page] = r
	return r
}

// newField adds a field: one that is its own widget, or, with several marks,
// one that has its widgets as kids (ISO 32000-2, 12.7.4.1). Each kid repeats the
// inherited /V: poppler and mupdf look for it there, and would take the mark for
// an unsigned or a broken field.
func (p *preparation) newField() error {
	field := pdf.NewDict("FT", pdf.Name("Sig"), "T", pdf.NewText(p.name), "V", p.signature)
	if p.tags != nil || p.claims.Universal > 0 {
		field.Set("TU", pdf.NewText(p.describe(Place{}))) // ISO 14289-1, 7.18.1
	}
	p.field = p.u.New()
	marks := p.o.Marks
	if len(marks) == 0 {
		marks = []Place{{Page: 1}} // invisible: an empty rectangle on the first page
	}
	stamps := marks[len(marks):]
	if p.o.StampPages {
		marks, stamps = marks[:1], marks[1:]
	}
	if len(marks) == 1 {
		if err := p.widget(p.field, field, marks[0]); err != nil {
			return err
		}
	} else {
		kids := pdf.Array{}
		for _, m := range marks {
			r := p.u.New()
			if err := p.widget(r, pdf.NewDict("Parent", p.field, "V", p.signature), m); err != nil {
				return err
			}
			kids = append(kids, r)
		}
		field.Set("Kids", kids)
	}
	p.u.Set(p.field, field)
	p.addToForm()
	return p.addStamps(stamps)
}

// widget makes d the widget annotation of a mark and lists it on its page.
func (p *preparation) widget(r pdf.Ref, d *pdf.Dict, m Place) error {
	page, err := p.page(m)
	if err != nil {
		return err
	}
	d.Set("Type", pdf.Name("Annot"))
	d.Set("Subtype", pdf.Name("Widget"))
	d.Set("P", page.Ref)
	d.Set("F", pdf.Int(flagsWidget))
	d.Set("Rect", pdf.Array{pdf.Int(0), pdf.Int(0), pdf.Int(0), pdf.Int(0)})
	if m.Draw != nil {
		if err := p.draw(d, page, m.Box, m.Draw); err != nil {
			return err
		}
		d.Set("Rect", rectangle(page.FromShown(m.Box)))
		p.placed = append(p.placed, Placed{Page: p.number(m.Page), Box: m.Box})
	} else {
		p.hide(d, page)
	}
	if p.tags != nil && (m.Draw != nil || p.claims.Universal < 2) { // ISO 14289-2, 8.9.2.4.13: one without size is an artifact
		p.tags.add(r, d, page.Ref, "Form")
	}
	if p.tags != nil || p.claims.Universal > 0 {
		d.Set("Contents", pdf.NewText(p.describe(m))) // ISO 14289-2, 8.10.2.3
	}
	p.u.Set(r, d)
	p.addToPage(page, r)
	return nil
}

// hide makes an invisible widget conform to what the document claims.
func (p *preparation) hide(d *pdf.Dict, page pdf.Page) {
	if p.claims.Archive > 0 {
		d.Set("AP", pdf.NewDict("N", p.u.Add(empty()))) // ISO 19005-1, 6.9
	}
	if p.claims.Universal == 1 && p.tags == nil { // outside the page it need not be tagged (ISO 14289-1, 7.18.1)
		x, y := page.Crop.X0-1, page.Crop.Y0-1
		d.Set("Rect", rectangle(pdf.Box{X0: x, Y0: y, X1: x, Y1: y}))
	}
}

// number is a page number counted from 1.
func (p *preparation) number(page int) int {
	if page == -1 {
		return len(p.f.Pages())
	}
	return page
}

// empty is an appearance that shows nothing.
func empty() *pdf.NewStream {
	return &pdf.NewStream{Dict: pdf.NewDict(
		"Type", pdf.Name("XObject"),
		"Subtype", pdf.Name("Form"),
		"BBox", pdf.Array{pdf.Int(0), pdf.Int(0), pdf.Int(0), pdf.Int(0)},
		"Resources", &pdf.Dict{},
	)}
}

// draw sets the appearance of an annotation that is shown as b.
func (p *preparation) draw(annotation *pdf.Dict, page pdf.Page, b pdf.Box, draw Draw) error {
	form, err := draw(p.u, Look{
		W: b.W(), H: b.H(), Rotate: page.Rotate, Archive: p.claims.Archive, Opaque: p.claims.opaque(p.f, page),
	})
	if err != nil {
		return fmt.Errorf("draw the mark: %w", err)
	}
	annotation.Set("AP", pdf.NewDict("N", form))
	return nil
}

func rectangle(b pdf.Box) pdf.Array {
	return pdf.Array{pdf.Real(b.X0), pdf.Real(b.Y0), pdf.Real(b.X1), pdf.Real(b.Y1)}
}

// useField signs an existing empty field, in the places that it has: each mark
// in one of them. Further marks become stamps.
func (p *preparation) useField() error {
	field := p.existing.Dict.Clone()
	field.Set("V", p.signature)
	marks := p.o.Marks
	for _, w := range p.existing.Widgets {
		widget := field
		if w.Ref != p.field {
			if w.Ref.IsZero() {
				continue
			}
			widget = w.Dict.Clone()
			widget.Set("V", p.signature) // as in newField
			p.u.Set(w.Ref, widget)
		}
		if len(marks) == 0 || w.Page < 1 || w.Shown.W() < 1 || w.Shown.H() < 1 {
			continue
		}
		if err := p.draw(widget, p.f.Pages()[w.Page-1], w.Shown, marks[0].Draw); err != nil {
			return err
		}
		p.placed = append(p.placed, Placed{Page: w.Page, Box: w.Shown})
		marks = marks[1:]
	}
	if len(p.o.Marks) > 0 && len(marks) == len(p.o.Marks) {
		return fmt.Errorf("%w: the field %s has no visible place", ErrNoPlace, p.name)
	}
	p.u.Set(p.field, field)
	if p.existing.Unlisted {
		p.addToForm()
	} else {
		p.changeForm(func(form *pdf.Dict) { p.raiseFlags(form) })
	}
	return p.addStamps(marks)
}
