package pades

import (
	"fmt"

	"kyso/signer/internal/pdf"
)

// flagsWidget are print and locked (ISO 32000-2, table 167).
const flagsWidget = 4 | 128

// page finds the page of a mark and checks that the mark lies on it.
func (p *preparation) page(m Place) (pdf.Page, error) {
	pages := p.f.Pages()
	n := m.Page
	if n == -1 {
		n = len(pages)
	}
	if n < 1 || n > len(pages) {
		return pdf.Page{}, fmt.Errorf("%w: page %d of %d", ErrNoPlace, m.Page, len(pages))
	}
	page := pages[n-1]
	if page.Ref.IsZero() {
		return page, fmt.Errorf("%w: page %d has no object of its own", ErrNoPlace, n)
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

// newField adds a field: one that is its own widget, or, with several marks,
// one that has its widgets as kids (ISO 32000-2, 12.7.4.1).
func (p *preparation) newField() error {
	field := pdf.NewDict("FT", pdf.Name("Sig"), "T", pdf.NewText(p.name), "V", p.signature)
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
			if err := p.widget(r, pdf.NewDict("Parent", p.field), m); err != nil {
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
	}
	p.u.Set(r, d)
	p.addToPage(page, r)
	return nil
}

// draw sets the appearance of an annotation that is shown as b.
func (p *preparation) draw(annotation *pdf.Dict, page pdf.Page, b pdf.Box, draw Draw) error {
	form, err := draw(p.u, b.W(), b.H(), page.Rotate)
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
		if len(marks) == 0 {
			break
		}
		if w.Page < 1 || w.Shown.W() < 1 || w.Shown.H() < 1 {
			continue
		}
		widget := field
		if w.Ref != p.field {
			widget = w.Dict.Clone()
		}
		if err := p.draw(widget, p.f.Pages()[w.Page-1], w.Shown, marks[0].Draw); err != nil {
			return err
		}
		if w.Ref != p.field {
			p.u.Set(w.Ref, widget)
		}
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
