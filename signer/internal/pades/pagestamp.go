package pades

import (
	"fmt"

	"kyso/signer/internal/pdf"
)

// flagsStamp are print, read-only, locked and locked contents (ISO 32000-2,
// table 167).
const flagsStamp = 4 | 64 | 128 | 512

// addStamps adds marks that are annotations of their own (ISO 32000-2, 12.5.6.12).
func (p *preparation) addStamps(marks []Place) error {
	if len(marks) == 0 {
		return nil
	}
	if err := mayAnnotate(p.f, p.fields); err != nil {
		return err
	}
	for _, m := range marks {
		page, err := p.page(m)
		if err != nil {
			return err
		}
		d := pdf.NewDict(
			"Type", pdf.Name("Annot"),
			"Subtype", pdf.Name("Stamp"),
			"P", page.Ref,
			"F", pdf.Int(flagsStamp),
			"Rect", rectangle(page.FromShown(m.Box)),
			"Contents", pdf.NewText(p.stampText(m)),
			"M", pdf.NewText(date(p.o.Time)),
		)
		if err := p.draw(d, page, m.Box, m.Draw); err != nil {
			return err
		}
		r := p.u.New()
		if p.tags != nil {
			kind := pdf.Name("Annot")
			if p.claims.Archive == 1 {
				kind = "Figure" // PDF 1.4 knows no Annot
			}
			p.tags.add(r, d, page.Ref, kind)
		}
		p.u.Set(r, d)
		p.addToPage(page, r)
		p.placed = append(p.placed, Placed{Page: p.number(m.Page), Box: m.Box, Stamp: true})
	}
	return nil
}

// stampText says what a stamp is, so that nobody takes it for a signature.
func (p *preparation) stampText(m Place) string {
	return fmt.Sprintf("%s. Hình này thuộc chữ ký số ở trường «%s», bản thân nó không phải là chữ ký số. / "+
		"This mark belongs to the digital signature in the field “%s”; it is no signature by itself.",
		p.describe(m), p.name, p.name)
}

// RefusedError is a finding that stops a signature, and those that would stop
// it besides.
type RefusedError struct {
	Finding Finding
	More    []Finding
}

// Error gives the text for the support desk.
func (e *RefusedError) Error() string {
	return fmt.Sprintf("refused (%s): %s", e.Finding.Code, e.Finding.Text)
}

// mayAnnotate refuses annotations that the encryption forbids or that would
// harm an earlier signature: only a certification with P = 3 permits them
// (ISO 32000-2, table 257).
func mayAnnotate(f *pdf.File, fields []pdf.SignatureField) error {
	refuse := func(code, text string) error { return &RefusedError{Finding: Finding{Code: code, Text: text}} }
	if f.Permissions()&(1<<5) == 0 {
		return refuse(CodePermission, "the encryption does not permit annotations")
	}
	p := permission(f, fields)
	if p == 1 || p == 2 || p == 0 && signed(fields) {
		return refuse(CodeAnnotations, "an earlier signature or certification does not permit annotations, which the further marks would be")
	}
	return nil
}
