package verify

import (
	"crypto/sha256"
	"crypto/x509"
	"time"

	"kyso/signer/internal/revocation"
)

// asked is one question on a certificate: a file with many signatures asks the
// same again and again, and a list may be large.
type asked struct {
	certificate, issuer [sha256.Size]byte
	at                  time.Time
}

// findDeltas finds the revocation lists that only add to others.
func (j *judge) findDeltas() {
	for _, a := range j.evidence.Answers {
		if a.Kind == AnswerCRL && revocation.IsDelta(a.Body) {
			j.deltas = append(j.deltas, a.Body)
		}
	}
}

// status is the newest usable answer about a certificate; a revocation counts
// whatever the others say, unless it came after the time of judgement.
func (j *judge) status(c, issuer *x509.Certificate, at time.Time) revocation.Status {
	key := asked{sha256.Sum256(c.Raw), sha256.Sum256(issuer.Raw), at}
	if s, ok := j.answers[key]; ok {
		return s
	}
	s := j.ask(revocation.Question{Certificate: c, Issuer: issuer, At: at, Pool: j.pool, Deltas: j.deltas})
	j.answers[key] = s
	return s
}

func (j *judge) ask(q revocation.Question) revocation.Status {
	found := revocation.Status{State: revocation.Unknown}
	for _, a := range j.evidence.Answers {
		var s revocation.Status
		var err error
		switch a.Kind {
		case AnswerOCSP:
			s, err = revocation.OCSP(a.Body, q.Certificate, q.Issuer, a.Nonce, q.At)
		case AnswerCRL:
			s, err = q.CRL(a.Body)
		default:
			continue
		}
		if err != nil || s.State == revocation.Unknown {
			continue
		}
		if s.State == revocation.Revoked && s.RevokedAt.After(q.At) {
			s.State = revocation.Good
		}
		if s.State == revocation.Revoked {
			return s
		}
		if found.State == revocation.Unknown || s.ThisUpdate.After(found.ThisUpdate) {
			found = s
		}
	}
	return found
}
