package signer

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"os"
	"slices"

	"kyso/signer/internal/cms"
	"kyso/signer/internal/pades"
	"kyso/signer/internal/pdf"
	"kyso/signer/internal/shadow"
)

// Plan is what SignFile would do, told before a PIN is asked for.
type Plan struct {
	// Field is the signature field; NewField reports that it is made.
	Field    string
	NewField bool
	// Marks are the visible places in the order of Request.Marks. An existing
	// field keeps its own places.
	Marks []PlannedMark
	Level Level
	// Bytes is about how many bytes the file grows by.
	Bytes int64
	// Claims are the standards that the document claims to keep: "PDF/A-2b",
	// "PDF/UA-1". Lost are those of them that the signed file will not keep.
	Claims, Lost []string
	// Earlier are the signatures that the document has.
	Earlier []EarlierSignature
	// Refusals are reasons why SignFile would fail: without any it would begin.
	Refusals []Finding
	// Warnings are what the signer should know: what the document could show
	// later, what it refers to, what the field asks for.
	Warnings []Finding
}

// PlannedMark is where a mark will stand.
type PlannedMark struct {
	Page int
	Rect Rect
	// Stamp reports an annotation of its own, not a place of the signature field.
	Stamp bool
}

// EarlierSignature is a signature that the document has. It is not verified here.
type EarlierSignature struct {
	Field string
	// Signer is the name that the signature dictionary gives, Time its claim.
	Signer, Time string
	// Revision is the revision of the file that it covers, counted from 1, of
	// Revisions; zero when it covers no whole revision.
	Revision, Revisions int
	// Stays reports that the new signature leaves it as it is: its bytes, its
	// place, and what its certification and locks permit.
	Stays bool
}

// estimates of what the levels add (EN 319 142-1, 6): answers and certificates,
// and a document time stamp.
const (
	materialSize = 24 << 10
	docStampSize = 12 << 10
)

// PlanFile tells what SignFile would do with the same request, and writes
// nothing. It needs no key: without a Credential what depends on the certificate
// is left out. Nothing is fetched, and the work is bounded for files of any size.
//
// What cannot be read as a PDF is a refusal. An error is ErrRequest, that of
// ctx, or comes from the file system.
func PlanFile(ctx context.Context, in string, req Request) (Plan, error) {
	j := &job{in: in, req: req}
	if err := j.planRequest(); err != nil {
		return Plan{}, err
	}
	src, err := os.Open(in)
	if err != nil {
		return Plan{}, fmt.Errorf("plan: %w", err)
	}
	defer src.Close() //nolint:errcheck // read only
	f, err := openPDF(src, req.Password)
	if r := (*RefusalError)(nil); errors.As(err, &r) {
		return Plan{Level: j.level(), Refusals: []Finding{{r.Code, r.Text, r.Page}}}, nil
	} else if err != nil {
		return Plan{}, fmt.Errorf("plan %s: %w", in, err)
	}
	plan, err := j.plan(f)
	if err != nil {
		return Plan{}, fmt.Errorf("plan %s: %w", in, err)
	}
	found, err := shadow.Look(ctx, f)
	if err != nil {
		return Plan{}, fmt.Errorf("plan %s: %w", in, err)
	}
	for _, w := range found {
		plan.Warnings = append(plan.Warnings, Finding(w))
	}
	return plan, nil
}

// planRequest is checkRequest for a request that may lack a credential.
func (j *job) planRequest() error {
	if err := j.checkLevel(); err != nil {
		return err
	}
	j.chain = j.req.Chain
	if j.req.Credential == nil {
		return nil
	}
	var err error
	j.certificate = j.req.Credential.Certificate()
	if j.scheme, err = cms.SchemeFor(j.certificate, j.req.PSS); err != nil {
		return fmt.Errorf("plan: %w", err)
	}
	return nil
}

func (j *job) level() Level {
	if j.req.Level == "" {
		return LevelB
	}
	return j.req.Level
}

// plan prepares as SignFile does and throws the update away.
func (j *job) plan(f *pdf.File) (Plan, error) {
	found := pades.Inspect(f)
	claims := pades.Claims(f)
	p := Plan{Level: j.level(), Claims: claims.Names()}
	for _, r := range found.Refusals {
		p.Refusals = append(p.Refusals, Finding(r))
	}
	if f.Rebuilt() {
		p.Warnings = append(p.Warnings, Finding{Code: pades.CodeRebuilt, Text: "the cross-reference table is unusable"})
	}
	if err := j.planMarks(f, &p, claims); err != nil {
		return Plan{}, err
	}
	p.Earlier = earlier(f, found.Fields, len(p.Refusals) == 0)
	return p, nil
}

// planMarks fills in what only the preparation knows.
func (j *job) planMarks(f *pdf.File, p *Plan, claims pades.Conformance) error {
	room := 8 << 10
	if j.certificate != nil {
		var err error
		if room, err = j.room(); err != nil {
			return err
		}
	}
	err := checkMarks(j.req.Marks)
	var prepared *pades.Prepared
	if err == nil {
		prepared, err = pades.Prepare(f, j.options(room))
	}
	if err != nil {
		more, ok := findings(err)
		if !ok {
			return err
		}
		p.Refusals = append(p.Refusals, more...)
		return nil
	}
	p.Field, p.NewField, p.Bytes = prepared.Field, prepared.New, int64(len(prepared.Update))
	if p.Level == LevelLT || p.Level == LevelLTA {
		p.Bytes += materialSize
	}
	if p.Level == LevelLTA {
		p.Bytes += docStampSize
	}
	for _, m := range prepared.Placed {
		p.Marks = append(p.Marks, PlannedMark{Page: m.Page, Rect: Rect{m.Box.X0, m.Box.Y0, m.Box.W(), m.Box.H()}, Stamp: m.Stamp})
	}
	for _, w := range prepared.Warnings {
		p.Warnings = append(p.Warnings, Finding(w))
		if w.Code == pades.CodeUntagged && len(prepared.Placed) > 0 {
			p.Lost = claims.Tagging()
		}
	}
	return nil
}

// findings are the refusals that an error of the preparation stands for.
func findings(err error) ([]Finding, bool) {
	if r := (*pades.RefusedError)(nil); errors.As(err, &r) {
		out := []Finding{Finding(r.Finding)}
		for _, m := range r.More {
			out = append(out, Finding(m))
		}
		return out, true
	}
	for code, target := range map[string]error{
		"no-place": ErrNoPlace, "field-used": ErrFieldUsed, "field-name": ErrFieldName, "no-letter": ErrNoLetter,
	} {
		if errors.Is(err, target) {
			return []Finding{{Code: code, Text: err.Error()}}, true
		}
	}
	return nil, false
}

// earlier lists the signatures of a document.
func earlier(f *pdf.File, fields []pdf.SignatureField, stay bool) []EarlierSignature {
	var out []EarlierSignature
	revisions := f.Revisions()
	for _, s := range fields {
		if s.Value == nil {
			continue
		}
		sig := f.Signature(s.Value)
		e := EarlierSignature{Field: s.Name, Signer: sig.Signer, Time: sig.M, Revisions: len(revisions), Stays: stay}
		if r := sig.ByteRange; len(r) == 4 {
			e.Revision = 1 + slices.IndexFunc(revisions, func(v pdf.Revision) bool {
				end := r[2] + r[3]
				return end == v.End || end == v.EOF
			})
		}
		out = append(out, e)
	}
	return out
}

// options are what the engine is asked to prepare, with room bytes for the CMS.
func (j *job) options(room int) pades.Options {
	o := pades.Options{
		Field: j.req.Field, Reason: j.req.Reason, Location: j.req.Location, Contact: j.req.Contact,
		Time: j.req.Time, Room: room, Marks: places(j.req.Marks), StampPages: j.req.StampPages, Terms: j.terms(),
	}
	if j.certificate != nil {
		o.Signer = j.certificate.Subject.CommonName
	}
	return o
}

// terms are what seed values may set conditions on.
func (j *job) terms() pades.Terms {
	t := pades.Terms{
		Certificate: j.certificate,
		Chain:       slices.Concat(j.chain, j.req.Intermediates),
		Reason:      j.req.Reason,
		TimeStamped: j.level() != LevelB,
		Revocation:  j.level() == LevelLT || j.level() == LevelLTA,
	}
	t.Hash = map[crypto.Hash]string{crypto.SHA256: "SHA256", crypto.SHA384: "SHA384", crypto.SHA512: "SHA512"}[j.scheme.Hash]
	for _, s := range j.req.TSAs {
		t.TSAs = append(t.TSAs, s.URL)
	}
	return t
}
