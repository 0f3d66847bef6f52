package verify

import (
	"cmp"
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"time"

	"kyso/signer/internal/certview"
	"kyso/signer/internal/revocation"
	"kyso/signer/internal/timestamp"
	"kyso/signer/internal/trust"
)

// The PAdES baseline levels (EN 319 142-1, 6).
const (
	levelB   = "B-B"
	levelT   = "B-T"
	levelLT  = "B-LT"
	levelLTA = "B-LTA"
)

// provenStamp is a time stamp that holds: right, its server trusted and not revoked.
type provenStamp struct {
	token  *timestamp.Token
	server *x509.Certificate
	// size is where the bytes end that a document time stamp covers.
	size int64
	// store reports that they have a security store in them.
	store bool
	// judged is the time at which the server's certificates were judged.
	judged time.Time
}

// existence is what proves that a signature existed at a time.
type existence struct {
	proven bool
	at     time.Time
	// by is the time stamp that proves it.
	by provenStamp
}

// documentStamps finds the document time stamps that hold, from the newest
// backwards: each proves the time for judging those that it covers (EN 319
// 102-1, 5.6.2).
func (j *judge) documentStamps() {
	for _, s := range slices.Backward(bySize(j.evidence.Signatures)) {
		if stamp, err := j.documentStampHolds(s); err == nil {
			j.stamps = slices.Insert(j.stamps, 0, stamp)
		}
	}
}

// bySize are the document time stamps in the order in which they were made.
func bySize(all []SignatureEvidence) []SignatureEvidence {
	var out []SignatureEvidence
	for _, s := range all {
		if s.SubFilter == subFilterStamp && len(s.Malformed) == 0 {
			out = append(out, s)
		}
	}
	slices.SortStableFunc(out, func(a, b SignatureEvidence) int { return cmp.Compare(a.SignedSize, b.SignedSize) })
	return out
}

var errNoStamp = errors.New("it does not hold")

func (j *judge) documentStampHolds(s SignatureEvidence) (provenStamp, error) {
	if s.Coverage != CoversFile && s.Coverage != CoversRevision {
		return provenStamp{}, errNoStamp
	}
	for _, c := range judgeChanges(s.Differences, s.Permission) {
		if !c.Allowed {
			return provenStamp{}, errNoStamp
		}
	}
	token, err := timestamp.Parse(s.Contents)
	if err != nil {
		return provenStamp{}, err
	}
	return j.holds(token, s.Digest, provenStamp{size: s.SignedSize, store: s.Store, judged: j.knownAt(s.SignedSize)})
}

// knownAt is the earliest time at which the first size bytes of the file are
// known to have existed; the time of judgement without a time stamp over them.
func (j *judge) knownAt(size int64) time.Time {
	at := j.evidence.At
	for _, s := range j.stamps {
		if s.size > size && s.token.Time.Before(at) {
			at = s.token.Time
		}
	}
	return at
}

// holds judges a time stamp over a digest. A time stamp proves something only
// when it is right, its server is trusted, and known not to be revoked.
func (j *judge) holds(token *timestamp.Token, digest []byte, stamp provenStamp) (provenStamp, error) {
	stamp.token, stamp.server = token, token.Server(j.pool)
	switch {
	case token.Hash == crypto.SHA1:
		return stamp, errors.New("it is made with SHA-1")
	case token.Time.After(j.evidence.At):
		return stamp, errors.New("its time is in the future")
	case stamp.server == nil:
		return stamp, errors.New("the certificate of its server is not at hand")
	}
	if err := token.Verify(stamp.server, digest); err != nil {
		return stamp, err
	}
	paths := trust.Find(stamp.server, j.with(token.Certificates), j.policy.Anchors)
	return stamp, j.trusted(paths, token.Time, stamp.judged)
}

// trusted reports that one of the paths held at a time and that all of its
// certificates are known not to be revoked as of another.
func (j *judge) trusted(paths []trust.Path, at, asOf time.Time) error {
	reason := errors.New("no path from its server to a trusted root")
	for _, path := range paths {
		// An expired server proves nothing any more, unless what it stamped is known
		// to be older by another time stamp: asOf (EN 319 102-1, 5.6.2).
		if reason = errors.Join(path.Check(at), path.Check(asOf)); reason != nil {
			continue
		}
		for i, c := range path[:len(path)-1] {
			if state := j.status(c, path.Issuer(i), asOf).State; state != revocation.Good {
				reason = fmt.Errorf("the revocation of %s: %s", c.Subject, state)
			}
		}
		if reason == nil {
			return nil
		}
	}
	return reason
}

// existence finds the earliest time that proves a signature older: a signature
// time stamp (EN 319 122-1, 5.3) or a document time stamp over it.
func (j *judge) existence(s signedBy, report *Signature) existence {
	asOf := j.knownAt(report.SignedSize)
	var e existence
	take := func(stamp provenStamp) {
		if !e.proven || stamp.token.Time.Before(e.at) {
			e = existence{proven: true, at: stamp.token.Time, by: stamp}
		}
	}
	for _, der := range s.signer.TimeStamps() {
		token, err := timestamp.Parse(der)
		if err != nil {
			report.LevelNote = "signature time stamp: " + err.Error()
			continue
		}
		h := token.Hash.New()
		h.Write(s.signer.Value())
		stamp, err := j.holds(token, h.Sum(nil), provenStamp{judged: asOf})
		if err != nil {
			report.LevelNote = "signature time stamp: " + err.Error()
			continue
		}
		take(stamp)
	}
	for _, stamp := range j.stamps {
		if stamp.size > report.SignedSize {
			take(stamp)
		}
	}
	return e
}

// raise says which level a signature of level B-B reaches whose time is proven:
// B-LT when the file alone proves its certificate and the server's good, B-LTA
// when a document time stamp covers that.
func (j *judge) raise(s signedBy, proof existence, report *Signature) {
	report.Level = levelT
	stored := slices.ContainsFunc(j.evidence.Answers, func(a Answer) bool { return a.Source == SourceFile })
	if !stored {
		return
	}
	alone := j.alone()
	asOf := j.knownAt(report.SignedSize)
	signer := trust.Find(s.certificate, alone.with(s.others), j.policy.Anchors)
	server := trust.Find(proof.by.server, alone.with(proof.by.token.Certificates), j.policy.Anchors)
	if err := alone.trusted(signer, proof.at, proof.at); err != nil {
		report.LevelNote = "security store: the signer's certificate: " + err.Error()
		return
	}
	if err := alone.trusted(server, proof.at, asOf); err != nil {
		report.LevelNote = "security store: the time-stamping server's certificate: " + err.Error()
		return
	}
	report.Level, report.LevelNote = levelLT, ""
	for _, stamp := range j.stamps {
		if stamp.size > report.SignedSize && stamp.store {
			report.Level = levelLTA
		}
	}
}

// alone judges with what the file itself holds, and with the anchors.
func (j *judge) alone() *judge {
	if j.lone != nil {
		return j.lone
	}
	out := &judge{evidence: j.evidence, policy: j.policy, answers: map[asked]revocation.Status{}, lists: j.lists}
	out.evidence.Answers = nil
	for _, a := range j.evidence.Answers {
		if a.Source == SourceFile {
			out.evidence.Answers = append(out.evidence.Answers, a)
		}
	}
	out.findDeltas()
	for _, i := range j.evidence.Embedded {
		if i < 0 || i >= len(j.evidence.Certificates) {
			continue
		}
		if c, err := certview.Parse(j.evidence.Certificates[i]); err == nil {
			out.pool = append(out.pool, c)
		}
	}
	j.lone = out
	return out
}
