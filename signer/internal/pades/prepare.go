package pades

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"kyso/signer/internal/pdf"
)

// Errors of Prepare.
var (
	// ErrNoPlace reports a place for the mark that is not on a page.
	ErrNoPlace = errors.New("the place is not on a page of the document")
	// ErrFieldUsed reports a field that holds a signature already, or that is
	// no signature field.
	ErrFieldUsed = errors.New("the field cannot be signed")
	// ErrFieldName reports a name that a new field cannot have.
	ErrFieldName = errors.New("not a name for a new field")
	// ErrTooSmall reports a CMS that is larger than the room made for it.
	ErrTooSmall = errors.New("no room for the signature")
)

// The format of every signature (EN 319 142-1, 6.3).
const (
	filter    = "Adobe.PPKLite"
	subFilter = "ETSI.CAdES.detached"
)

// Look is what the appearance of a mark must fit.
type Look struct {
	// W and H are the size in points, as shown.
	W, H float64
	// Rotate is the page's rotation, which the appearance undoes.
	Rotate int
	// Archive is the part of PDF/A to keep to, zero for none. Opaque reports
	// that nothing may be transparent then.
	Archive int
	Opaque  bool
}

// Draw makes the appearance of a mark and gives its form XObject.
type Draw func(u *pdf.Update, l Look) (pdf.Ref, error)

// Place is a mark and where it stands.
type Place struct {
	// Page counts from 1, −1 is the last. Box is in points as shown.
	Page int
	Box  pdf.Box
	Draw Draw
	// Alt says in words what is seen; empty makes a text.
	Alt string
}

// Placed is where a mark came to stand.
type Placed struct {
	Page int
	Box  pdf.Box // as shown
	// Stamp reports an annotation of its own, not a widget of the field.
	Stamp bool
}

// Options say what is to be prepared.
type Options struct {
	// Field is an empty field of the document, or the name of a new one;
	// empty makes a name.
	Field string
	// Marks are the visible places of the signature, the principal one first;
	// none makes an invisible signature. An existing field keeps its own places.
	Marks []Place
	// StampPages makes the marks after the first stamp annotations.
	StampPages bool
	// Reason and the others are left out when empty.
	Reason, Location, Contact, Signer string
	Time                              time.Time
	// Room is the number of bytes for the CMS.
	Room int
	// Terms are judged by the seed values of an existing field.
	Terms Terms
}

// Prepared is an update with room for the signature. It can be stored as JSON
// between preparing and embedding.
type Prepared struct {
	Field string
	// Base is the size of the document, where the update begins.
	Base int64
	// Update is what is appended.
	Update []byte
	// ByteRange is what the signature covers (ISO 32000-2, 12.8.1).
	ByteRange [4]int64
	// New reports that the field was not there before.
	New bool
	// Placed are the visible marks.
	Placed []Placed
	// Warnings are what the preparation could not do as it would be best.
	Warnings []Finding
}

// rangeWidth is room for three offsets of up to 13 digits.
const rangeWidth = len("[0 ") + 3*14

// Prepare writes the update in memory. The document must have been inspected.
func Prepare(f *pdf.File, o Options) (*Prepared, error) {
	p := &preparation{f: f, u: f.Update(), o: o, claims: Claims(f)}
	if err := p.chooseField(); err != nil {
		return nil, err
	}
	if err := p.agree(); err != nil {
		return nil, err
	}
	p.openStructure()
	isNew := p.field.IsZero()
	if isNew {
		if err := p.newField(); err != nil {
			return nil, err
		}
	} else if err := p.useField(); err != nil {
		return nil, err
	}
	if p.tags != nil {
		p.tags.finish()
	}
	out, err := p.write(p.dictionary())
	if err != nil {
		return nil, err
	}
	out.New, out.Placed, out.Warnings = isNew, p.placed, p.warnings
	return out, nil
}

// write writes the update with the signature dictionary, to which it adds
// /ByteRange and room for /Contents.
func (p *preparation) write(dictionary *pdf.Dict) (*Prepared, error) {
	byteRange := &pdf.Placeholder{Text: []byte("[0" + strings.Repeat(" ", rangeWidth-3) + "]")}
	contents := &pdf.Placeholder{Text: []byte("<" + strings.Repeat("0", 2*p.o.Room) + ">")}
	dictionary.Set("ByteRange", byteRange)
	dictionary.Set("Contents", contents)
	p.u.Set(p.signature, dictionary)
	update, err := p.u.Bytes()
	if err != nil {
		return nil, err
	}
	out := &Prepared{Field: p.name, Base: p.f.Size(), Update: update}
	from, to := contents.At, contents.At+int64(len(contents.Text))
	out.ByteRange = [4]int64{0, from, to, out.Base + int64(len(update)) - to}
	written := fmt.Sprintf("[0 %d %d %d", from, to, out.ByteRange[3])
	if len(written) >= rangeWidth {
		return nil, fmt.Errorf("%w: ByteRange", ErrTooSmall)
	}
	copy(update[byteRange.At-out.Base:], written)
	return out, nil
}

// gap is where /Contents stands in Update.
func (p *Prepared) gap() (from, to int64) { return p.ByteRange[1] - p.Base, p.ByteRange[2] - p.Base }

// Embed writes the CMS into the room.
func (p *Prepared) Embed(der []byte) error {
	from, to := p.gap()
	if int64(2*len(der)) > to-from-2 {
		return fmt.Errorf("%w: %d bytes, room for %d", ErrTooSmall, len(der), (to-from-2)/2)
	}
	room := p.Update[from+1 : to-1]
	n := hex.Encode(room, der)
	copy(room[n:], bytes.Repeat([]byte{'0'}, len(room)-n))
	return nil
}

// preparation is the state of one Prepare.
type preparation struct {
	f *pdf.File
	u *pdf.Update
	o Options

	name      string
	field     pdf.Ref // zero for a new field
	existing  pdf.SignatureField
	signature pdf.Ref
	fields    []pdf.SignatureField // of the document
	claims    Conformance
	tags      *structure // nil when nothing is tagged
	placed    []Placed
	adopted   map[*pdf.Dict]pdf.Ref // pages that were no objects
	warnings  []Finding
}

// agree judges the seed values of an existing field before anything is made.
func (p *preparation) agree() error {
	if p.field.IsZero() {
		return nil
	}
	refusals, warnings := seedValues(p.f, p.existing.Dict, p.o.Terms)
	p.warnings = append(p.warnings, warnings...)
	if len(refusals) > 0 {
		return &RefusedError{refusals[0], refusals[1:]}
	}
	return nil
}

// openStructure makes ready to tag what is added. With an earlier signature the
// structure tree stays as it is: that signature covers it, and no rule of
// ISO 32000-2, 12.8.2 permits to change it.
func (p *preparation) openStructure() {
	if !p.claims.Tagged {
		return
	}
	if signed(p.fields) {
		p.warnings = append(p.warnings, Finding{
			Code: CodeUntagged, Text: "an earlier signature covers the structure tree: the new mark is not tagged",
		})
		return
	}
	if p.tags = newStructure(p.f, p.u); p.tags != nil && !p.vietnamese() {
		p.tags.lang = "en"
	}
}

// vietnamese reports that texts in the document are to be Vietnamese: all but
// those in a document of another language.
func (p *preparation) vietnamese() bool {
	return p.claims.Lang == "" || strings.HasPrefix(p.claims.Lang, "vi")
}

// describe says in words what a mark is.
func (p *preparation) describe(m Place) string {
	switch {
	case m.Alt != "":
		return m.Alt
	case p.vietnamese():
		return strings.TrimSpace("Chữ ký số " + p.o.Signer)
	case p.o.Signer != "":
		return "Digital signature of " + p.o.Signer
	}
	return "Digital signature"
}

func (p *preparation) dictionary() *pdf.Dict {
	d := pdf.NewDict(
		"Type", pdf.Name("Sig"),
		"Filter", pdf.Name(filter),
		"SubFilter", pdf.Name(subFilter),
		"M", pdf.NewText(date(p.o.Time)),
	)
	for _, t := range []struct{ key, text string }{
		{"Name", p.o.Signer}, {"Reason", p.o.Reason}, {"Location", p.o.Location}, {"ContactInfo", p.o.Contact},
	} {
		if t.text != "" {
			d.Set(t.key, pdf.NewText(t.text))
		}
	}
	if references := p.references(); len(references) > 0 {
		d.Set("Reference", references)
	}
	return d
}

// date is a date string (ISO 32000-2, 7.9.4).
func date(t time.Time) string {
	_, offset := t.Zone()
	if offset == 0 {
		return t.Format("D:20060102150405Z")
	}
	sign := '+'
	if offset < 0 {
		sign, offset = '-', -offset
	}
	return t.Format("D:20060102150405") + fmt.Sprintf("%c%02d'%02d'", sign, offset/3600, offset/60%60)
}

// chooseField finds the field or a name for a new one.
func (p *preparation) chooseField() error {
	p.signature = p.u.New()
	p.name = p.o.Field
	p.fields = p.f.SignatureFields()
	fields := p.fields
	taken := map[string]bool{}
	form := p.f.Dict(p.f.Catalog().Get("AcroForm"))
	for _, v := range p.f.Array(form.Get("Fields")) {
		taken[p.f.Text(p.f.Dict(v).Get("T"))] = true
	}
	for _, s := range fields {
		taken[s.Name] = true
		if p.name == "" || s.Name != p.name {
			continue
		}
		if s.Value != nil || s.Ref.IsZero() {
			return fmt.Errorf("%w: %s", ErrFieldUsed, p.name)
		}
		if Locked(p.f, fields, p.name) {
			return fmt.Errorf("%w: %s is locked", ErrFieldUsed, p.name)
		}
		p.field, p.existing = s.Ref, s
		return nil
	}
	if p.name == "" {
		for i := 1; p.name == "" || taken[p.name]; i++ {
			p.name = fmt.Sprintf("Signature%d", i)
		}
	}
	if taken[p.name] {
		return fmt.Errorf("%w: %s is no signature field", ErrFieldUsed, p.name)
	}
	if strings.ContainsRune(p.name, '.') {
		return fmt.Errorf("%w: %q", ErrFieldName, p.name)
	}
	return nil
}
