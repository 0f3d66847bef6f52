package revocation

import (
	"bytes"
	"crypto/x509"
	"errors"
	"fmt"
	"math/big"
	"time"

	"golang.org/x/crypto/cryptobyte"
	casn1 "golang.org/x/crypto/cryptobyte/asn1"

	"kyso/signer/internal/trust"
)

// ErrDelta reports a list that only adds to a complete one: by itself it proves
// nothing.
var ErrDelta = errors.New("it is a delta list")

// reasonRemoved is removeFromCRL, what a delta list says of a certificate that
// is no longer on hold (RFC 5280, 5.3.1).
const reasonRemoved = 8

// CRL judges a revocation list about a certificate at a time (RFC 5280, 6.3).
// The list must be a complete one, signed by the issuer of the certificate.
// Every error wraps ErrUnusable.
func CRL(body []byte, certificate, issuer *x509.Certificate, at time.Time) (Status, error) {
	return Question{Certificate: certificate, Issuer: issuer, At: at}.CRL(body)
}

// Question is what lists are asked.
type Question struct {
	Certificate, Issuer *x509.Certificate
	// At is the time of judgement.
	At time.Time
	// Pool is where certificates are looked for that sign indirect lists; the
	// issuer itself, or who issued it, must have issued them.
	Pool []*x509.Certificate
	// Deltas are lists that may add to the complete one.
	Deltas [][]byte
	// Memory keeps what is found out about lists; nil keeps nothing.
	Memory *Memory
}

// Reasons is a set of reasons for revocation, one bit each by their number in
// ReasonFlags (RFC 5280, 4.2.1.13).
type Reasons uint16

// AllReasons are those that a status must be known for.
const AllReasons Reasons = 1<<9 - 1<<1

// CRL is the answer of a complete list for all reasons, and of the newest delta
// list that fits it. Every error wraps ErrUnusable.
func (q Question) CRL(body []byte) (Status, error) {
	status, reasons, err := q.Part(body)
	if err == nil && status.State != Revoked && reasons != AllReasons {
		err = fmt.Errorf("%w: CRL: it lists some reasons only, and the certificate not for these", ErrUnusable)
	}
	if err != nil {
		return Status{}, err
	}
	return status, nil
}

// Part is CRL also for a list that knows of some reasons only: a certificate is
// good when lists that are together for all reasons call it good (RFC 5280, 6.3.3).
func (q Question) Part(body []byte) (Status, Reasons, error) {
	status, reasons, err := q.complete(body)
	if err != nil {
		return Status{}, 0, fmt.Errorf("%w: CRL: %w", ErrUnusable, err)
	}
	return status, reasons, nil
}

func (q Question) complete(body []byte) (Status, Reasons, error) {
	r, err := q.Memory.read(body)
	if err != nil {
		return Status{}, 0, err
	}
	l := r.list
	if l.delta() {
		return Status{}, 0, ErrDelta
	}
	signer, err := q.usable(r)
	if err != nil {
		return Status{}, 0, err
	}
	found, err := q.Memory.find(r, q.Certificate.SerialNumber, q.Certificate.RawIssuer)
	if err != nil {
		return Status{}, 0, err
	}
	last := l.thisUpdate
	if delta := q.newestDelta(l, signer); delta != nil {
		more, err := q.Memory.find(delta, q.Certificate.SerialNumber, q.Certificate.RawIssuer)
		if err != nil {
			return Status{}, 0, fmt.Errorf("delta list: %w", err)
		}
		if more != nil {
			found = more
		}
		last = delta.list.thisUpdate
	} else if !holds(l.thisUpdate, l.nextUpdate, q.At, q.Certificate.NotAfter) {
		return Status{}, 0, fmt.Errorf("made %s, out of its time", l.thisUpdate.Format(time.RFC3339))
	}
	if found != nil && found.reason != reasonRemoved {
		return Status{State: Revoked, RevokedAt: found.at, Reason: found.reason, ThisUpdate: last}, l.reasons(), nil
	}
	return Status{State: Good, ThisUpdate: last}, l.reasons(), nil
}

// reasons are those for which the list names certificates.
func (l *list) reasons() Reasons {
	some := l.scope.OnlySomeReasons
	if some.BitLength == 0 {
		return AllReasons
	}
	var set Reasons
	for i := range some.BitLength {
		if i < 16 && some.At(i) != 0 {
			set |= 1 << i
		}
	}
	return set & AllReasons
}

// usable finds who signed a list and whether it speaks of the certificate.
func (q Question) usable(r *remembered) (*x509.Certificate, error) {
	l := r.list
	if err := q.inScope(l); err != nil {
		return nil, err
	}
	direct := bytes.Equal(l.issuer, q.Certificate.RawIssuer)
	if !direct && !l.scope.Indirect {
		return nil, errors.New("it is of another issuer")
	}
	if direct && bytes.Equal(l.issuer, q.Issuer.RawSubject) {
		err := r.checkSignature(q.Issuer)
		if err == nil {
			return q.Issuer, nil
		}
		if !l.scope.Indirect {
			return nil, err
		}
	}
	reason := errors.New("no certificate of who signed it")
	for _, c := range q.Pool {
		if !bytes.Equal(c.RawSubject, l.issuer) {
			continue
		}
		if reason = q.mayList(c, l.thisUpdate); reason != nil {
			continue
		}
		if reason = r.checkSignature(c); reason == nil {
			return c, nil
		}
	}
	return nil, reason
}

// mayList checks the authority of who signs an indirect list: the CA of the
// certificate issued him, or named him in the certificate and the CA's own
// issuer issued him (RFC 5280, 6.3.3 f, with the anchor that is at hand here).
func (q Question) mayList(c *x509.Certificate, at time.Time) error {
	if at.Before(c.NotBefore.Add(-skew)) || at.After(c.NotAfter) {
		return fmt.Errorf("the certificate of %s was not valid on %s", c.Subject, at.Format(time.RFC3339))
	}
	if c.KeyUsage&x509.KeyUsageCRLSign == 0 {
		return fmt.Errorf("%s may not sign revocation lists", c.Subject)
	}
	if _, err := trust.Issued(c, q.Issuer); err == nil {
		return nil
	}
	if !q.names(c.RawSubject) || !bytes.Equal(c.RawIssuer, q.Issuer.RawIssuer) {
		return fmt.Errorf("the CA did not appoint %s", c.Subject)
	}
	for _, above := range append([]*x509.Certificate{q.Issuer}, q.Pool...) {
		if _, err := trust.Issued(q.Issuer, above); err != nil {
			continue
		}
		if _, err := trust.Issued(c, above); err == nil {
			return nil
		}
	}
	return fmt.Errorf("the CA did not appoint %s", c.Subject)
}

// names reports that the certificate's distribution points hold a name.
func (q Question) names(der []byte) bool {
	for _, e := range q.Certificate.Extensions {
		if e.Id.Equal(oidPoints()) {
			return bytes.Contains(e.Value, der)
		}
	}
	return false
}

// inScope refuses lists that do not speak of every certificate of this kind, or
// that belong to another distribution point (RFC 5280, 6.3.3 b).
func (q Question) inScope(l *list) error {
	d := l.scope
	if d.OnlyAttributes || d.OnlyUsers && q.Certificate.IsCA || d.OnlyCAs && !q.Certificate.IsCA {
		return errors.New("its scope leaves the certificate out")
	}
	if !l.hasScope || len(d.Point.Bytes) == 0 {
		return nil
	}
	points := false
	for _, e := range q.Certificate.Extensions {
		points = points || e.Id.Equal(oidPoints())
	}
	if !points {
		return nil
	}
	in := cryptobyte.String(d.Point.Bytes)
	var names cryptobyte.String
	if !in.ReadASN1(&names, casn1.Tag(0).ContextSpecific().Constructed()) {
		return errors.New("its distribution point is not named in full")
	}
	for !names.Empty() {
		var one cryptobyte.String
		var tag casn1.Tag
		if !names.ReadAnyASN1Element(&one, &tag) {
			break
		}
		if q.names(one) {
			return nil
		}
	}
	return errors.New("it belongs to another distribution point")
}

// newestDelta finds the newest delta list that adds to a complete one: of the
// same signer and scope, based on it or on an older one, and holding at the
// time of the question (RFC 5280, 5.2.4).
func (q Question) newestDelta(complete *list, signer *x509.Certificate) *remembered {
	if complete.number == nil {
		return nil
	}
	var newest *remembered
	for _, body := range q.Deltas {
		r, err := q.Memory.read(body)
		if err != nil || !r.list.delta() || r.list.number == nil || !q.adds(r.list, complete) {
			continue
		}
		if newest != nil && r.list.number.Cmp(newest.list.number) <= 0 {
			continue
		}
		if r.checkSignature(signer) == nil {
			newest = r
		}
	}
	return newest
}

func (q Question) adds(delta, complete *list) bool {
	sameScope := delta.scope.Indirect == complete.scope.Indirect && delta.scope.OnlyUsers == complete.scope.OnlyUsers &&
		delta.scope.OnlyCAs == complete.scope.OnlyCAs && delta.scope.OnlyAttributes == complete.scope.OnlyAttributes &&
		bytes.Equal(delta.scope.Point.Bytes, complete.scope.Point.Bytes) &&
		bytes.Equal(delta.scope.OnlySomeReasons.Bytes, complete.scope.OnlySomeReasons.Bytes)
	return sameScope && bytes.Equal(delta.issuer, complete.issuer) &&
		atLeast(complete.number, delta.base) && atLeast(delta.number, complete.number) &&
		holds(delta.thisUpdate, delta.nextUpdate, q.At, q.Certificate.NotAfter)
}

func atLeast(a, b *big.Int) bool { return a.Cmp(b) >= 0 }

// IsDelta reports a list that only adds to another.
func IsDelta(body []byte) bool {
	l, err := readList(body)
	return err == nil && l.delta()
}
