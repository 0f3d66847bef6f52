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
			"Contents", pdf.NewText(p.stampText()),
			"M", pdf.NewText(date(p.o.Time)),
		)
		if err := p.draw(d, page, m.Box, m.Draw); err != nil {
			return err
		}
		p.addToPage(page, p.u.Add(d))
	}
	return nil
}

// stampText says what a stamp is, so that nobody takes it for a signature.
func (p *preparation) stampText() string {
	who := p.o.Signer
	if who == "" {
		who = p.name
	}
	return fmt.Sprintf("Dấu hiệu hiển thị thuộc chữ ký số «%s» của %s; bản thân hình này không phải là chữ ký số. / "+
		"A visible mark of the digital signature “%s” of %s; it is no signature by itself.", p.name, who, p.name, who)
}

// RefusedError is a finding that stops a signature.
type RefusedError struct{ Finding Finding }

// Error gives the text for the support desk.
func (e *RefusedError) Error() string {
	return fmt.Sprintf("refused (%s): %s", e.Finding.Code, e.Finding.Text)
}

// mayAnnotate refuses annotations that the encryption forbids or that would
// harm an earlier signature: only a certification with P = 3 permits them
// (ISO 32000-2, table 257).
func mayAnnotate(f *pdf.File, fields []pdf.SignatureField) error {
	refuse := func(code, text string) error { return &RefusedError{Finding{Code: code, Text: text}} }
	if f.Permissions()&(1<<5) == 0 {
		return refuse(CodePermission, "the encryption does not permit annotations")
	}
	p := docMDP(f)
	if p == 1 || p == 2 || p == 0 && signed(fields) {
		return refuse(CodeAnnotations, "an earlier signature or certification does not permit annotations, which the further marks would be")
	}
	return nil
}
