package signer

import (
	"crypto"
	"slices"

	"kyso/signer/internal/pades"
)

// options are what the engine is asked to prepare, with room bytes for the CMS.
func (j *job) options(room int) pades.Options {
	return pades.Options{
		Field: j.req.Field, Reason: j.req.Reason, Location: j.req.Location, Contact: j.req.Contact,
		Signer: j.certificate.Subject.CommonName, Time: j.req.Time, Room: room,
		Marks: places(j.req.Marks), StampPages: j.req.StampPages, Terms: j.terms(),
	}
}

// terms are what seed values may set conditions on.
func (j *job) terms() pades.Terms {
	t := pades.Terms{
		Certificate: j.certificate,
		Chain:       slices.Concat(j.chain, j.req.Intermediates),
		Reason:      j.req.Reason,
		TimeStamped: j.req.Level != "" && j.req.Level != LevelB,
		Revocation:  j.req.Level == LevelLT || j.req.Level == LevelLTA,
	}
	switch j.scheme.Hash {
	case crypto.SHA256:
		t.Hash = "SHA256"
	case crypto.SHA384:
		t.Hash = "SHA384"
	case crypto.SHA512:
		t.Hash = "SHA512"
	}
	for _, s := range j.req.TSAs {
		t.TSAs = append(t.TSAs, s.URL)
	}
	return t
}
