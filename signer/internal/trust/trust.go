// Package trust finds the way from a certificate to a trust anchor and judges
// it at a given time.
//
// It differs from crypto/x509 in two things: the time is a parameter of the
// judgement and not of the search, so that "expired" and "unknown" stay apart;
// and it follows links with old hash functions, which it reports as weak.
// It asks no network and knows nothing of revocation.
package trust

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"slices"
	"time"

	"kyso/signer/internal/cms"
	"kyso/signer/internal/strength"
)

// The reasons why a path does not hold.
var (
	ErrExpired     = errors.New("certificate expired")
	ErrNotYetValid = errors.New("certificate not yet valid")
	ErrConstraint  = errors.New("certificate used against its constraints")
	ErrWeak        = strength.ErrWeak
)

const (
	maxDepth  = 12
	maxSteps  = 2000 // links tried in one search
	maxChecks = 300  // signatures verified for them: a long key takes milliseconds
	maxPaths  = 8
)

// Path goes from a certificate, first, to a trust anchor, last.
type Path []*x509.Certificate

// Issuer is the certificate that issued the i-th; the anchor issued itself.
func (p Path) Issuer(i int) *x509.Certificate {
	if i+1 < len(p) {
		return p[i+1]
	}
	return p[len(p)-1]
}

// Find returns the paths from a certificate to the anchors through the pool,
// shortest first for equal beginnings, at most a handful. Each link's signature
// was verified; validity and constraints were not.
func Find(leaf *x509.Certificate, pool, anchors []*x509.Certificate) []Path {
	if len(anchors) == 0 {
		return nil
	}
	s := search{pool: pool, anchors: anchors, checked: map[link]bool{}}
	s.walk(Path{leaf})
	return s.found
}

type search struct {
	pool, anchors []*x509.Certificate
	found         []Path
	steps         int
	checked       map[link]bool // whether the one issued the other
}

type link struct{ child, issuer *x509.Certificate }

// issued verifies a link once; beyond the limit there is none.
func (s *search) issued(child, issuer *x509.Certificate) bool {
	l := link{child, issuer}
	valid, known := s.checked[l]
	if !known && len(s.checked) < maxChecks {
		_, err := Issued(child, issuer)
		valid = err == nil
		s.checked[l] = valid
	}
	return valid
}

func (s *search) walk(path Path) {
	last := path[len(path)-1]
	if contains(s.anchors, last) {
		s.found = append(s.found, append(Path(nil), path...))
		return
	}
	if len(path) >= maxDepth {
		return
	}
	for _, candidates := range [][]*x509.Certificate{s.anchors, s.pool} {
		for _, issuer := range candidates {
			if len(s.found) >= maxPaths || s.steps >= maxSteps {
				return
			}
			if contains(path, issuer) || !named(last, issuer) {
				continue
			}
			s.steps++
			if s.issued(last, issuer) {
				s.walk(append(slices.Clip(path), issuer))
			}
		}
	}
}

func contains(list []*x509.Certificate, certificate *x509.Certificate) bool {
	for _, c := range list {
		if c.Equal(certificate) {
			return true
		}
	}
	return false
}

// named reports that issuer has the name and, if both tell it, the key identifier that child asks for.
func named(child, issuer *x509.Certificate) bool {
	if !bytes.Equal(child.RawIssuer, issuer.RawSubject) {
		return false
	}
	return len(child.AuthorityKeyId) == 0 || len(issuer.SubjectKeyId) == 0 || bytes.Equal(child.AuthorityKeyId, issuer.SubjectKeyId)
}

// Issued verifies that the issuer's key signed a certificate and returns the hash function.
func Issued(child, issuer *x509.Certificate) (cms.Hash, error) {
	if !bytes.Equal(child.RawIssuer, issuer.RawSubject) {
		return cms.Hash{}, fmt.Errorf("issuer is %s, not %s", child.Issuer, issuer.Subject)
	}
	var outer struct {
		TBS       asn1.RawValue
		Algorithm asn1.RawValue
		Signature asn1.BitString
	}
	if _, err := asn1.Unmarshal(child.Raw, &outer); err != nil {
		return cms.Hash{}, fmt.Errorf("malformed certificate: %w", err)
	}
	return cms.CheckSigned(issuer.PublicKey, outer.Algorithm.FullBytes, child.RawTBSCertificate, outer.Signature.RightAlign())
}

// Check judges the path at a time (RFC 5280, 6.1; any policy is acceptable):
// ErrWeak, ErrConstraint, ErrNotYetValid or ErrExpired, in this order. The
// anchor is trusted as it is.
func (p Path) Check(at time.Time) error {
	for i, c := range p {
		anchor := i == len(p)-1
		if !anchor {
			if err := strong(c, p.Issuer(i), at); err != nil {
				return err
			}
		}
		if i > 0 {
			if err := mayIssue(c, i-1, anchor); err != nil {
				return err
			}
		}
		if err := understood(c); err != nil {
			return err
		}
	}
	if err := errors.Join(p.checkNames(), p.checkPolicies()); err != nil {
		return err
	}
	for _, c := range p[:max(1, len(p)-1)] {
		switch {
		case at.Before(c.NotBefore):
			return fmt.Errorf("%w: %s is valid from %s", ErrNotYetValid, c.Subject, c.NotBefore.Format(time.RFC3339))
		case at.After(c.NotAfter):
			return fmt.Errorf("%w: %s was valid until %s", ErrExpired, c.Subject, c.NotAfter.Format(time.RFC3339))
		}
	}
	return nil
}

// understood refuses critical extensions that nobody here knows, and those that
// stand twice (RFC 5280, 4.2).
func understood(c *x509.Certificate) error {
	for _, id := range c.UnhandledCriticalExtensions {
		if !id.Equal(oidNameConstraints()) && !id.Equal(oidPolicyMappings()) && !id.Equal(oidPolicyConstraints()) && !id.Equal(oidInhibitAny()) {
			return fmt.Errorf("%w: %s has an unknown critical extension %s", ErrConstraint, c.Subject, id)
		}
	}
	for i, e := range c.Extensions {
		if e.Critical && slices.ContainsFunc(c.Extensions[:i], func(x pkix.Extension) bool { return x.Id.Equal(e.Id) }) {
			return fmt.Errorf("%w: %s has the extension %s twice", ErrConstraint, c.Subject, e.Id)
		}
	}
	return nil
}

// extension is the value of an extension, nil when the certificate has none.
func extension(c *x509.Certificate, id asn1.ObjectIdentifier) []byte {
	for _, e := range c.Extensions {
		if e.Id.Equal(id) {
			return e.Value
		}
	}
	return nil
}

// selfIssued reports a certificate that a CA issued to itself, for instance for a
// new key (RFC 5280, 3.2).
func selfIssued(c *x509.Certificate) bool { return bytes.Equal(c.RawIssuer, c.RawSubject) }

// strong judges the link above a certificate and its key by the table of
// package strength.
func strong(c, issuer *x509.Certificate, at time.Time) error {
	hash, err := Issued(c, issuer)
	if err != nil {
		return err
	}
	if err := strength.OfHash(hash, at); err != nil {
		return fmt.Errorf("the certificate of %s is signed with %w", c.Subject, err)
	}
	if err := strength.OfKey(c.PublicKey, at); err != nil {
		return fmt.Errorf("the key of %s: %w", c.Subject, err)
	}
	return nil
}

// mayIssue checks that c may stand above others; below counts the CA
// certificates between it and the end of the path.
func mayIssue(c *x509.Certificate, below int, anchor bool) error {
	if anchor && c.Version < 3 {
		return nil // a root of version 1 has no extensions; it is trusted explicitly
	}
	switch {
	case !c.BasicConstraintsValid || !c.IsCA:
		return fmt.Errorf("%w: %s is not a CA", ErrConstraint, c.Subject)
	case c.KeyUsage != 0 && c.KeyUsage&x509.KeyUsageCertSign == 0:
		return fmt.Errorf("%w: %s may not sign certificates", ErrConstraint, c.Subject)
	case (c.MaxPathLen > 0 || c.MaxPathLenZero) && below > c.MaxPathLen:
		return fmt.Errorf("%w: %s allows %d CAs below it", ErrConstraint, c.Subject, c.MaxPathLen)
	}
	return nil
}
