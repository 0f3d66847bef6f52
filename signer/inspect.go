package signer

import (
	"errors"
	"fmt"
	"os"

	"kyso/signer/internal/pades"
	"kyso/signer/internal/pdf"
)

// Inspection is what is to be known of a document before a PIN is asked for.
type Inspection struct {
	Pages  []PageSize
	Fields []Field
	// Refusals are reasons not to sign: SignFile fails with the first of them.
	Refusals []Finding
	// Warnings are what the signer should know.
	Warnings []Finding
	// Encrypted reports a file that is encrypted and was opened.
	Encrypted bool
}

// PageSize is a page as it is shown, in points.
type PageSize struct{ W, H float64 }

// Field is a signature field.
type Field struct {
	Name string
	// Signed reports that it holds a signature.
	Signed bool
	// Locked reports that an earlier signature or the field itself forbids to sign it.
	Locked bool
	// Page and Rect are its first visible place; Page is 0 when it has none.
	Page int
	Rect Rect
}

// Finding is something about a document.
//
// Refusals have the codes of RefusalError, and in a Plan "no-place", "field-used",
// "field-name" and "no-letter". Warnings of Inspect are "repaired", "javascript"
// and "hidden-layers". Those of a Plan are also "seed-value", "untagged" and
// "locks-after"; of what could change what is seen "covered-content",
// "alternate-objects", "unused-objects", "field-shows-other", "fillable-fields",
// "replaceable-font", "font-not-embedded", "print-differs", "xfa-form"; of what
// leads outside or runs "external-references", "launch-action",
// "embedded-files", "multimedia"; and "not-fully-examined".
type Finding struct {
	Code string
	Text string
	Page int
}

// Inspect is InspectWith without a password.
func Inspect(path string) (Inspection, error) { return InspectWith(path, nil) }

// InspectWith looks at a PDF file and changes nothing. password opens an
// encrypted file and is not kept. What cannot be read as a PDF is a refusal, not
// an error; an error comes from the file system.
func InspectWith(path string, password []byte) (Inspection, error) {
	in, err := os.Open(path)
	if err != nil {
		return Inspection{}, fmt.Errorf("inspect: %w", err)
	}
	defer in.Close() //nolint:errcheck // read only
	f, err := openPDF(in, password)
	if err != nil {
		if r := (*RefusalError)(nil); errors.As(err, &r) {
			return Inspection{Refusals: []Finding{{r.Code, r.Text, r.Page}}}, nil
		}
		return Inspection{}, fmt.Errorf("inspect %s: %w", path, err)
	}
	return inspection(f), nil
}

// openPDF opens a document; one that cannot be read is a *RefusalError.
func openPDF(in *os.File, password []byte) (*pdf.File, error) {
	info, err := in.Stat()
	if err != nil {
		return nil, err //nolint:wrapcheck // the callers wrap it
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is no regular file", in.Name())
	}
	f, err := pdf.OpenWith(in, info.Size(), password)
	switch {
	case errors.Is(err, pdf.ErrPassword):
		return nil, &RefusalError{Code: pades.CodeEncrypted, Text: err.Error()}
	case errors.Is(err, pdf.ErrWrongPassword):
		return nil, &RefusalError{Code: pades.CodeWrongPassword, Text: err.Error()}
	case errors.Is(err, pdf.ErrHandler):
		return nil, &RefusalError{Code: pades.CodeHandler, Text: err.Error()}
	case err != nil:
		return nil, &RefusalError{Code: pades.CodeDamaged, Text: err.Error()}
	}
	return f, nil
}

func inspection(f *pdf.File) Inspection {
	found := pades.Inspect(f)
	out := Inspection{Encrypted: found.Encrypted}
	for _, p := range found.Pages {
		w, h := p.Size()
		out.Pages = append(out.Pages, PageSize{w, h})
	}
	for _, s := range found.Fields {
		field := Field{Name: s.Name, Signed: s.Value != nil, Locked: pades.Locked(f, found.Fields, s.Name)}
		for _, w := range s.Widgets {
			if w.Page > 0 && w.Shown.W() > 0 && w.Shown.H() > 0 {
				field.Page = w.Page
				field.Rect = Rect{w.Shown.X0, w.Shown.Y0, w.Shown.W(), w.Shown.H()}
				break
			}
		}
		out.Fields = append(out.Fields, field)
	}
	for _, r := range found.Refusals {
		out.Refusals = append(out.Refusals, Finding(r))
	}
	for _, w := range found.Warnings {
		out.Warnings = append(out.Warnings, Finding(w))
	}
	return out
}

// refusal gives what the engine refuses its exported type.
func refusal(err error) error {
	if r := (*pades.RefusedError)(nil); errors.As(err, &r) {
		return &RefusalError{r.Finding.Code, r.Finding.Text, r.Finding.Page}
	}
	return err
}
