package pades

import "kyso/signer/internal/pdf"

// addToPage appends an annotation to a page.
func (p *preparation) addToPage(page pdf.Page, annotation pdf.Ref) {
	d, ok := p.u.Current(page.Ref).(*pdf.Dict)
	if !ok {
		d = page.Dict
	}
	if r, ok := d.Get("Annots").(pdf.Ref); ok {
		if a, ok := p.u.Current(r).(pdf.Array); ok {
			p.u.Set(r, extend(a, annotation))
			if p.tags != nil && !d.Has("Tabs") {
				p.u.Set(page.Ref, p.inOrder(d.Clone()))
			}
			return
		}
	}
	d = d.Clone()
	a, _ := d.Get("Annots").(pdf.Array)
	d.Set("Annots", extend(a, annotation))
	p.u.Set(page.Ref, p.inOrder(d))
}

// inOrder has the annotations of a tagged page visited in the order of the
// structure (ISO 14289-1, 7.18.3), if nothing else is said.
func (p *preparation) inOrder(page *pdf.Dict) *pdf.Dict {
	if p.tags != nil && !page.Has("Tabs") {
		page.Set("Tabs", pdf.Name("S"))
	}
	return page
}

func extend(a pdf.Array, r pdf.Ref) pdf.Array { return append(append(pdf.Array{}, a...), r) }

// addToForm adds the field to the form; what the form has besides stays.
func (p *preparation) addToForm() {
	p.changeForm(func(form *pdf.Dict) {
		p.raiseFlags(form)
		if r, ok := form.Get("Fields").(pdf.Ref); ok {
			if a, ok := p.u.Current(r).(pdf.Array); ok {
				p.u.Set(r, extend(a, p.field))
				return
			}
		}
		a, _ := form.Get("Fields").(pdf.Array)
		form.Set("Fields", extend(a, p.field))
	})
}

// raiseFlags says that the document has signatures and may only be appended to
// (ISO 32000-2, table 225).
func (p *preparation) raiseFlags(form *pdf.Dict) {
	flags, _ := p.f.Int(form.Get("SigFlags"))
	if flags&3 != 3 {
		form.Set("SigFlags", pdf.Int(flags|3))
	}
}

// changeForm changes a copy of the form where it stands: an object of its own,
// or in the catalog.
func (p *preparation) changeForm(change func(form *pdf.Dict)) {
	root := p.f.Catalog()
	entry := root.Get("AcroForm")
	if r, ok := entry.(pdf.Ref); ok {
		if d, ok := p.u.Current(r).(*pdf.Dict); ok {
			form := d.Clone()
			change(form)
			p.u.Set(r, form)
			return
		}
	}
	form := &pdf.Dict{}
	if d, ok := entry.(*pdf.Dict); ok {
		form = d.Clone()
	}
	change(form)
	root = root.Clone()
	root.Set("AcroForm", form)
	p.u.Set(p.f.CatalogRef(), root)
}
