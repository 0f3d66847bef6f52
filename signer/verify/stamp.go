package verify

import (
	"crypto"
	"errors"
	"time"

	"kyso/signer/internal/cms"
	"kyso/signer/internal/revocation"
	"kyso/signer/internal/timestamp"
	"kyso/signer/internal/trust"
)

// stamped is the earliest time that a signature time-stamp proves (EN 319 122-1,
// 5.3). A time stamp proves something only when it is right, its server is
// trusted and known not to be revoked.
func (j *judge) stamped(s signedBy) (time.Time, bool) {
	var earliest time.Time
	for _, der := range s.signer.TimeStamps() {
		token, err := timestamp.Parse(der)
		if err != nil || token.Hash == crypto.SHA1 || token.Time.After(j.evidence.At) {
			continue
		}
		h := token.Hash.New()
		h.Write(s.signer.Value())
		server := token.Server(j.pool)
		if server == nil || token.Verify(server, h.Sum(nil)) != nil {
			continue
		}
		if !j.trusted(trust.Find(server, j.with(token.Certificates), j.policy.Anchors), token.Time) {
			continue
		}
		if earliest.IsZero() || token.Time.Before(earliest) {
			earliest = token.Time
		}
	}
	return earliest, !earliest.IsZero()
}

// trusted reports that one of the paths held at a time and that none of its
// certificates is known to be revoked, or unknown, at the time of judgement.
func (j *judge) trusted(paths []trust.Path, at time.Time) bool {
	for _, path := range paths {
		if path.Check(at) != nil {
			continue
		}
		good := true
		for i, c := range path[:len(path)-1] {
			good = good && j.status(c, path.Issuer(i), j.evidence.At).State == revocation.Good
		}
		if good {
			return true
		}
	}
	return false
}

// documentStamp verifies a document time-stamp (ISO 32000-2, 12.8.5): the
// imprint of its token is the digest of the signed range.
func (j *judge) documentStamp(s SignatureEvidence, report *Signature) (signedBy, finding) {
	token, err := timestamp.Parse(s.Contents)
	if err != nil {
		return signedBy{}, failed(FormatFailure, "%v", err)
	}
	server := token.Server(j.pool)
	if server == nil {
		report.Integrity = Unchecked
		return signedBy{}, undecided(NoSigningCertificate, "the certificate of the time-stamping server is not at hand")
	}
	report.Signer = describe(server)
	report.ClaimedTime = token.Time
	err = token.Verify(server, s.Digest)
	switch {
	case errors.Is(err, timestamp.ErrImprint):
		report.Integrity = Altered
		return signedBy{}, failed(HashFailure, "%v", err)
	case err != nil:
		return signedBy{}, failed(SigCryptoFailure, "%v", err)
	}
	return signedBy{certificate: server, others: token.Certificates, hash: cms.Standard(token.Hash)}, finding{}
}
