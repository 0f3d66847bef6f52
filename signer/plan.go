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
	t.Hash = map[crypto.Hash]string{crypto.SHA256: "SHA256", crypto.SHA384: "SHA384", crypto.SHA512: "SHA512"}[j.scheme.Hash]
	for _, s := range j.req.TSAs {
		t.TSAs = append(t.TSAs, s.URL)
	}
	return t
}
