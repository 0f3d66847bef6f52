package evidence

import (
	"kyso/signer/internal/pdf"
	"kyso/signer/verify"
)

// maxLocked is the most names of fields taken from one lock.
const maxLocked = 10_000

// permissions are what the signatures of a revision still permit: /P of the
// certification, 0 without one (ISO 32000-2, 12.8.2.2), lowered by what later
// signatures lock, and the fields that they fixed.
// fields are the signature fields of f.
func permissions(f *pdf.File, fields []pdf.SignatureField) (int, []verify.Lock) {
	p := certification(f)
	var locks []verify.Lock
	for _, field := range fields {
		if field.Value == nil {
			continue
		}
		if d := f.Dict(field.Dict.Get("Lock")); d != nil {
			locks = append(locks, lock(f, d))
			p = stricter(p, f, d)
		}
		for _, v := range f.Array(field.Value.Get("Reference")) {
			reference := f.Dict(v)
			params := f.Dict(reference.Get("TransformParams"))
			switch f.Name(reference.Get("TransformMethod")) {
			case "FieldMDP":
				locks = append(locks, lock(f, params))
			case "DocMDP":
				p = stricter(p, f, params)
			}
		}
	}
	return p, locks
}

// stricter is the lower of two permissions, where zero is none.
func stricter(p int, f *pdf.File, d *pdf.Dict) int {
	q, ok := f.Int(d.Get("P"))
	if !ok || q < 1 || q > 3 || p != 0 && p <= int(q) {
		return p
	}
	return int(q)
}

func lock(f *pdf.File, d *pdf.Dict) verify.Lock {
	l := verify.Lock{Action: string(f.Name(d.Get("Action")))}
	for _, v := range f.Array(d.Get("Fields")) {
		if len(l.Fields) < maxLocked {
			l.Fields = append(l.Fields, f.Text(v))
		}
	}
	return l
}

// certification is /P of the certifying signature (ISO 32000-2, table 257).
func certification(f *pdf.File) int {
	signature := f.Dict(f.Dict(f.Catalog().Get("Perms")).Get("DocMDP"))
	if signature == nil {
		return 0
	}
	for _, v := range f.Array(signature.Get("Reference")) {
		reference := f.Dict(v)
		if f.Name(reference.Get("TransformMethod")) != "DocMDP" {
			continue
		}
		if p, ok := f.Int(f.Dict(reference.Get("TransformParams")).Get("P")); ok && p >= 1 && p <= 3 {
			return int(p)
		}
	}
	return 2 // the default
}
