// Package draft does page work on PDFs that nobody has signed yet: pictures to
// pages, letter and annex into one file, the watermark of a draft, the listing
// of a form.
//
// It is the only importer of pdfcpu, and pdfcpu writes a file anew: every
// object may move. So it must never run between opening a document and signing
// it, never on a signed document (ErrSigned), and never for a verdict. The
// engine in package signer does that work, by incremental updates.
package draft

import (
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/pdfcpu/pdfcpu/pkg/api"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
)

// ErrSigned reports that a file carries a signature, which page work would break.
var ErrSigned = errors.New("the file is signed: page work would break the signature")

// FromImages writes a PDF with one A4 page for each picture (PNG or JPEG), in
// order. A picture keeps its proportions and fills the page as far as they allow.
func FromImages(w io.Writer, pictures ...io.Reader) error {
	page := pdfcpu.DefaultImportConfig()
	page.Pos = types.Center
	page.Scale = 1
	page.UserDim = true
	if err := api.ImportImages(nil, w, pictures, page, settings()); err != nil {
		return fmt.Errorf("pictures to pages: %w", err)
	}
	return nil
}

// Merge writes the pages of all parts, in order, as one PDF. The first part's
// title and other information stay.
func Merge(w io.Writer, parts ...io.ReadSeeker) error {
	for i, part := range parts {
		if err := refuseSigned(part); err != nil {
			return fmt.Errorf("merge part %d: %w", i+1, err)
		}
	}
	if err := api.MergeRaw(parts, w, false, settings()); err != nil {
		return fmt.Errorf("merge: %w", err)
	}
	return nil
}

// PageCount tells the number of pages. A signed file is counted too: nothing is written.
func PageCount(r io.ReadSeeker) (int, error) {
	n, err := api.PageCount(r, settings())
	if err != nil {
		return 0, fmt.Errorf("count pages: %w", err)
	}
	return n, nil
}

// Field is one field of a form, as listed.
type Field struct {
	// Name is the fully qualified name (ISO 32000-2, 12.7.4.2), or the field's
	// object number when it has no name.
	Name string
	// Kind is pdfcpu's word for the type: "Textfield", "CheckBox", ….
	Kind string
	// Value is empty for a field that nobody filled in.
	Value string
	// Pages lists the pages that show it, from 1.
	Pages  []int
	Locked bool
}

// Fields lists the form fields, signature fields excepted. A file without a
// form has none. A signed file is listed too: nothing is written.
func Fields(r io.ReadSeeker) ([]Field, error) {
	file, err := api.ReadAndValidate(r, settings())
	if err != nil {
		return nil, fmt.Errorf("list fields: %w", err)
	}
	if len(file.Form) == 0 {
		return nil, nil
	}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return nil, fmt.Errorf("list fields: %w", err)
	}
	listed, err := api.FormFields(r, settings())
	if err != nil {
		return nil, fmt.Errorf("list fields: %w", err)
	}
	fields := make([]Field, 0, len(listed))
	for _, f := range listed {
		name := f.Name
		if name == "" {
			name = f.ID
		}
		fields = append(fields, Field{Name: name, Kind: f.Typ.String(), Value: f.V, Pages: f.Pages, Locked: f.Locked})
	}
	return fields, nil
}

// refuseSigned answers ErrSigned for a file with a signature value, and leaves
// r at its start. A signature dictionary is known by its ByteRange and Contents
// (ISO 32000-2, 12.8.1), wherever it hangs: form field, permissions, timestamp.
func refuseSigned(r io.ReadSeeker) error {
	file, err := api.ReadContext(r, settings())
	if err != nil {
		return fmt.Errorf("read: %w", err)
	}
	for _, entry := range file.Table {
		if entry == nil {
			continue
		}
		dict, ok := entry.Object.(types.Dict)
		if !ok {
			continue
		}
		_, ranged := dict.Find("ByteRange")
		_, valued := dict.Find("Contents")
		if ranged && valued {
			return ErrSigned
		}
	}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("rewind: %w", err)
	}
	return nil
}

// settings gives a fresh configuration: pdfcpu's calls write into theirs.
func settings() *model.Configuration {
	withoutFolder()
	c := model.NewDefaultConfiguration()
	c.Offline = true
	c.CreateBookmarks = false
	return c
}

// withoutFolder keeps pdfcpu from making a folder of its own in HOME.
//
//nolint:gochecknoglobals // pdfcpu keeps this switch in a variable of its own; it is thrown once
var withoutFolder = sync.OnceFunc(api.DisableConfigDir)
