package verify

import (
	"errors"

	"kyso/signer/internal/cms"
	"kyso/signer/internal/timestamp"
)

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
