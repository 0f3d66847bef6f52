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
	s := j.ask(revocation.Question{Certificate: c, Issuer: issuer, At: at, Pool: j.pool, Deltas: j.deltas, Memory: j.lists})
	j.answers[key] = s
	return s
}

func (j *judge) ask(q revocation.Question) revocation.Status {
	found := revocation.Status{State: revocation.Unknown}
	var parts parts
	for _, a := range j.evidence.Answers {
		var s revocation.Status
		var err error
		switch a.Kind {
		case AnswerOCSP:
			s, err = revocation.OCSP(a.Body, q.Certificate, q.Issuer, a.Nonce, q.At)
		case AnswerCRL:
			s, err = parts.take(q, a.Body)
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

// parts puts together lists that know of some reasons only. The zero value has none.
type parts struct {
	reasons revocation.Reasons
	oldest  time.Time // the time of the union is that of its oldest part
}

// take asks a list. Of one for some reasons it gives the answer of the union so
// far, unknown until that is for all reasons.
func (p *parts) take(q revocation.Question, body []byte) (revocation.Status, error) {
	s, reasons, err := q.Part(body)
	if err != nil || s.State == revocation.Revoked || reasons == revocation.AllReasons {
		return s, err
	}
	p.reasons |= reasons
	if p.oldest.IsZero() || s.ThisUpdate.Before(p.oldest) {
		p.oldest = s.ThisUpdate
	}
	if p.reasons != revocation.AllReasons {
		return revocation.Status{State: revocation.Unknown}, nil
	}
	return revocation.Status{State: revocation.Good, ThisUpdate: p.oldest}, nil
}
