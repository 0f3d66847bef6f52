// Package revocation judges whether a certificate was revoked: OCSP (RFC 6960)
// and revocation lists (RFC 5280, 5).
//
// It reads no network: OCSP and CRL judge bytes, which package fetch brings, at
// a time that is handed in, so that a kept answer can be judged again. An answer
// that does not prove itself counts as none.
package revocation

import (
	"crypto/x509"
	"errors"
	"time"
)

// State is what an answer says of a certificate.
type State string

// The states.
const (
	Good    State = "good"
	Revoked State = "revoked"
	Unknown State = "unknown"
)

// Status is a judged answer.
type Status struct {
	State State
	// RevokedAt and Reason (RFC 5280, 5.3.1) are set for Revoked.
	RevokedAt time.Time
	Reason    int
	// ThisUpdate is when the answer was right.
	ThisUpdate time.Time
}

// ErrUnusable reports an answer that proves nothing: wrong signer, wrong
// certificate, out of its time, malformed.
var ErrUnusable = errors.New("unusable revocation answer")

const (
	// skew is how far the clocks of the servers may be ahead.
	skew = 5 * time.Minute
	// freshness is how long an answer without nextUpdate holds.
	freshness = 24 * time.Hour
)

// holds reports that an answer can speak about a certificate at a time: it was
// not stale then. A later answer is as good as long as the certificate had not
// expired when it was made, for CAs may forget expired certificates.
func holds(thisUpdate, nextUpdate, at, notAfter time.Time) bool {
	if nextUpdate.IsZero() {
		nextUpdate = thisUpdate.Add(freshness)
	}
	if nextUpdate.Before(thisUpdate) || at.After(nextUpdate) {
		return false
	}
	return !thisUpdate.After(at.Add(skew)) || !thisUpdate.After(notAfter)
}

// MayBeUnchecked reports the extension id-pkix-ocsp-nocheck of a responder's
// certificate (RFC 6960, 4.2.2.2.1).
func MayBeUnchecked(c *x509.Certificate) bool {
	for _, e := range c.Extensions {
		if e.Id.Equal(oidNoCheck()) {
			return true
		}
	}
	return false
}
