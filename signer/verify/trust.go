package verify

import (
	"cmp"
	"crypto/x509"
	"errors"
	"fmt"
	"time"

	"kyso/signer/internal/certview"
	"kyso/signer/internal/revocation"
	"kyso/signer/internal/strength"
	"kyso/signer/internal/trust"
)

// judge holds the evidence that all signatures share.
type judge struct {
	evidence Evidence
	policy   Policy
	pool     []*x509.Certificate
	// answers are judged answers by what they were asked.
	answers map[asked]revocation.Status
	// lists keeps what is found out about revocation lists.
	lists *revocation.Memory
	// deltas are the revocation lists that add to others.
	deltas [][]byte
	// stamps are the document time stamps that hold, oldest first.
	stamps []provenStamp
	// lone judges with what the file itself holds; see alone.
	lone *judge
}

func newJudge(e Evidence, p Policy) *judge {
	j := &judge{evidence: e, policy: p, answers: map[asked]revocation.Status{}, lists: revocation.NewMemory()}
	j.findDeltas()
	for _, der := range e.Certificates {
		if c, err := certview.Parse(der); err == nil {
			j.pool = append(j.pool, c)
		}
	}
	if !p.structureOnly() {
		j.documentStamps()
	}
	return j
}

// trust judges the certificate at the time of judgement: use, path, validity
// and revocation (EN 319 102-1, 5.2.6).
func (j *judge) trust(s signedBy, report *Signature) finding {
	if u := s.certificate.KeyUsage; u != 0 && u&(x509.KeyUsageDigitalSignature|x509.KeyUsageContentCommitment) == 0 {
		return undecided(ChainConstraints, "the certificate is not for signatures")
	}
	at := j.evidence.At
	var proof existence
	if s.signer != nil {
		if proof = j.existence(s, report); proof.proven {
			at = proof.at
			report.TimeSource, report.ProvenTime = "timestamp", proof.at
		}
	}
	if err := cmp.Or(strength.OfHash(s.hash, at), strength.OfKey(s.certificate.PublicKey, at)); err != nil {
		return weakness(fmt.Errorf("the signature: %w", err), report)
	}
	f := j.certificate(s.certificate, s.others, at, report)
	if report.Level != "" && proof.proven {
		j.raise(s, proof, report)
	}
	return f
}

// certificate judges a certificate by its best path: validity and revocation.
func (j *judge) certificate(c *x509.Certificate, others []*x509.Certificate, at time.Time, report *Signature) finding {
	paths := trust.Find(c, j.with(others), j.policy.Anchors)
	if len(paths) == 0 {
		return undecided(NoCertificateChain, "no path from %s to a trusted root", c.Subject)
	}
	// The best path counts: one that passes, else the first.
	var best finding
	first := *report
	for i, path := range paths {
		trial := first
		f := j.path(path, at, &trial)
		if i == 0 || f.indication == TotalPassed {
			best, *report = f, trial
		}
		if f.indication == TotalPassed {
			break
		}
	}
	return best
}

// with is the pool and the certificates that a structure brings.
func (j *judge) with(others []*x509.Certificate) []*x509.Certificate {
	return append(append([]*x509.Certificate(nil), others...), j.pool...)
}

func (j *judge) path(path trust.Path, at time.Time, report *Signature) finding {
	f := j.pathErr(path.Check(at), path[0], report)
	revoked := j.revocation(path, at, report)
	switch {
	case f.ends() && f.indication == TotalFailed:
		return f
	case revoked.ends() && report.Revocation == string(revocation.Revoked):
		return revoked
	case f.ends():
		return f
	case revoked.ends():
		return revoked
	}
	return finding{indication: TotalPassed}
}

// pathErr turns the failure of a path into a finding. Without proof that the
// signature is older than the end of the certificate nothing can be decided;
// a signer who himself claims a time after it has failed (EN 319 102-1, 5.5.4).
func (j *judge) pathErr(err error, leaf *x509.Certificate, report *Signature) finding {
	switch {
	case err == nil:
		return finding{}
	case errors.Is(err, trust.ErrExpired):
		if !report.ClaimedTime.IsZero() && report.ClaimedTime.After(leaf.NotAfter) {
			return failed(Expired, "%v, the claimed time of signing is later", err)
		}
		return undecided(OutOfBoundsNoPOE, "%v, no proof that the signature is older", err)
	case errors.Is(err, trust.ErrNotYetValid):
		return failed(NotYetValid, "%v", err)
	case errors.Is(err, trust.ErrWeak):
		return weakness(err, report)
	}
	return undecided(ChainConstraints, "%v", err)
}

// weakness is the finding on an algorithm or a key that was not good enough at
// the time of judgement. Without a proof of its age that time is now.
func weakness(err error, report *Signature) finding {
	if report.ProvenTime.IsZero() {
		return undecided(CryptoConstraintsNoPOE, "%v, no proof that the signature is older", err)
	}
	return undecided(CryptoConstraints, "%v", err)
}

// revocation judges every certificate of the path below the anchor.
func (j *judge) revocation(path trust.Path, at time.Time, report *Signature) finding {
	var unknown finding
	if len(path) > 1 { // a trusted certificate answers for itself
		report.Revocation = string(revocation.Good)
	}
	for i, c := range path[:len(path)-1] {
		status := j.status(c, path.Issuer(i), at)
		switch status.State {
		case revocation.Good:
		case revocation.Revoked:
			report.Revocation = string(revocation.Revoked)
			when := status.RevokedAt.UTC().Format(time.RFC3339)
			if t := report.ClaimedTime; i == 0 && !t.IsZero() && !t.Before(status.RevokedAt) {
				return failed(Revoked, "%s was revoked on %s, before the claimed time of signing", c.Subject, when)
			}
			sub := RevokedNoPOE
			if i > 0 {
				sub = RevokedCANoPOE
			}
			return undecided(sub, "%s was revoked on %s, no proof that the signature is older", c.Subject, when)
		case revocation.Unknown:
			report.Revocation = string(revocation.Unknown)
			unknown = undecided(TryLater, "no usable answer on whether %s was revoked", c.Subject)
		}
	}
	return unknown
}
