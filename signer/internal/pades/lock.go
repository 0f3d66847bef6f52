package pades

import "kyso/signer/internal/pdf"

// permission is the strictest P that a certification or an earlier signature's
// lock sets, 0 without one (ISO 32000-2, 12.8.2.2 and table 236).
func permission(f *pdf.File, fields []pdf.SignatureField) int64 {
	p := int64(0)
	stricter := func(q int64) {
		if q >= 1 && (p == 0 || q < p) {
			p = q
		}
	}
	stricter(docMDP(f))
	for _, s := range fields {
		if s.Value == nil {
			continue
		}
		for _, l := range locks(f, s) {
			q, _ := f.Int(l.Get("P"))
			stricter(q)
		}
	}
	return p
}

// docMDP is the P of the document's certification, 0 without one
// (ISO 32000-2, 12.8.2.2).
func docMDP(f *pdf.File) int64 {
	sig := f.Dict(f.Dict(f.Catalog().Get("Perms")).Get("DocMDP"))
	if sig == nil {
		return 0
	}
	for _, v := range f.Array(sig.Get("Reference")) {
		ref := f.Dict(v)
		if f.Name(ref.Get("TransformMethod")) != "DocMDP" {
			continue
		}
		if p, ok := f.Int(f.Dict(ref.Get("TransformParams")).Get("P")); ok {
			return p
		}
	}
	return 2
}

// lockedAll reports a signature whose lock leaves nothing to be signed: every
// field is locked, or the lock says P = 1 (ISO 32000-2, table 236).
func lockedAll(f *pdf.File, fields []pdf.SignatureField) bool {
	for _, s := range fields {
		if s.Value == nil {
			continue
		}
		for _, l := range locks(f, s) {
			if p, ok := f.Int(l.Get("P")); ok && p == 1 {
				return true
			}
			if f.Name(l.Get("Action")) == "All" {
				return true
			}
		}
	}
	return false
}

// locks are the lock dictionary of a signed field and the parameters of its
// FieldMDP and DocMDP references.
func locks(f *pdf.File, s pdf.SignatureField) []*pdf.Dict {
	var out []*pdf.Dict
	if l := f.Dict(s.Dict.Get("Lock")); l != nil {
		out = append(out, l)
	}
	for _, v := range f.Array(s.Value.Get("Reference")) {
		ref := f.Dict(v)
		if m := f.Name(ref.Get("TransformMethod")); m != "FieldMDP" && m != "DocMDP" {
			continue
		}
		if p := f.Dict(ref.Get("TransformParams")); p != nil {
			out = append(out, p)
		}
	}
	return out
}

// Locked reports that an earlier signature's lock, or the field's own
// ReadOnly flag, covers the field of that name.
func Locked(f *pdf.File, fields []pdf.SignatureField, name string) bool {
	for _, s := range fields {
		if s.Value == nil {
			if flags, _ := f.Int(s.Dict.Get("Ff")); flags&1 != 0 && s.Name == name {
				return true
			}
			continue
		}
		for _, l := range locks(f, s) {
			if covers(f, l, name) {
				return true
			}
		}
	}
	return false
}

// covers reports that a lock is for the field of that name (ISO 32000-2, table 236).
func covers(f *pdf.File, lock *pdf.Dict, name string) bool {
	listed := false
	for _, v := range f.Array(lock.Get("Fields")) {
		listed = listed || f.Text(v) == name
	}
	switch f.Name(lock.Get("Action")) {
	case "All":
		return true
	case "Include":
		return listed
	case "Exclude":
		return !listed
	}
	return false
}

// references are what the field's lock makes part of the signature: which fields
// are locked (FieldMDP, ISO 32000-2, 12.8.2.4) and, since PDF 2.0, what may still
// be done with the document (DocMDP with the lock's /P, table 236).
func (p *preparation) references() pdf.Array {
	if p.existing.Dict == nil {
		return nil
	}
	lock := p.f.Dict(p.existing.Dict.Get("Lock"))
	reference := func(method string, parameters *pdf.Dict) *pdf.Dict {
		parameters.Set("Type", pdf.Name("TransformParams"))
		parameters.Set("V", pdf.Name("1.2"))
		return pdf.NewDict(
			"Type", pdf.Name("SigRef"),
			"TransformMethod", pdf.Name(method),
			"TransformParams", parameters,
			"Data", p.f.CatalogRef(),
		)
	}
	var out pdf.Array
	switch action := p.f.Name(lock.Get("Action")); action {
	case "All":
		out = append(out, reference("FieldMDP", pdf.NewDict("Action", action)))
	case "Include", "Exclude":
		names := pdf.Array{}
		for _, v := range p.f.Array(lock.Get("Fields")) {
			names = append(names, pdf.NewString(p.f.Bytes(v))) // new: it is encrypted for another object
		}
		out = append(out, reference("FieldMDP", pdf.NewDict("Action", action, "Fields", names)))
	}
	level, _ := p.f.Int(lock.Get("P"))
	if locksDocument(p.f, p.existing.Dict) {
		level = 1
	}
	if level == 1 || p.f.Name(lock.Get("Action")) == "All" {
		p.warnings = append(p.warnings, Finding{
			Code: CodeLocksAfter, Text: "the field's lock: nothing more can be signed or filled in afterwards",
		})
	}
	if level >= 1 && level <= 3 {
		out = append(out, reference("DocMDP", pdf.NewDict("P", pdf.Int(level))))
	}
	return out
}
