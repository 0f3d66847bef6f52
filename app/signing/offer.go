package signing

import (
	"crypto/x509"
	"errors"
	"slices"
	"time"

	"kyso/app/docsys"
	"kyso/app/placement"
	"kyso/signer/cert"
	"kyso/signer/token"
)

// Use is what a certificate says that its signatures mean.
type Use string

// The uses.
const (
	UseCommit Use = "commit" // nonRepudiation: the holder commits to what is signed
	UseSign   Use = "sign"   // digitalSignature only
	UseAny    Use = "any"    // the certificate does not bound it
	UseOther  Use = "other"  // neither: it signs no documents
)

// ExpiryLevel says how near the end of a certificate is.
type ExpiryLevel string

// The levels, growing.
const (
	ExpiryNone    ExpiryLevel = ""
	ExpiryNotice  ExpiryLevel = "notice"  // 60 days or fewer
	ExpiryWarning ExpiryLevel = "warning" // 30
	ExpiryUrgent  ExpiryLevel = "urgent"  // 7
	ExpiryOver    ExpiryLevel = "over"
)

// Expiry is how long a certificate is valid still.
type Expiry struct {
	Level ExpiryLevel
	// Days counts the days of Vietnam's calendar up to the last one; 0 is today.
	Days int
	// Until is the end.
	Until time.Time
}

// ExpiryOf judges the end of a certificate at a time.
func ExpiryOf(until, at time.Time) Expiry {
	e := Expiry{Until: until, Days: int(day(until).Sub(day(at)) / (24 * time.Hour))}
	switch {
	case at.After(until):
		e.Level = ExpiryOver
	case e.Days <= 7:
		e.Level = ExpiryUrgent
	case e.Days <= 30:
		e.Level = ExpiryWarning
	case e.Days <= 60:
		e.Level = ExpiryNotice
	}
	return e
}

// day is the day of a time in Vietnam, as midnight UTC, so that days can be counted.
func day(t time.Time) time.Time {
	y, m, d := t.In(docsys.Hanoi()).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// Offer is a certificate as it is offered to the person.
type Offer struct {
	Key Key
	// Usable reports that it may be chosen. WhyNot is the reason when it may not:
	// a cert.Fitness, or WhySoft.
	Usable bool
	WhyNot cert.Fitness
	// Expiry warns of the end of a usable certificate.
	Expiry Expiry
	Use    Use
	// Counter is the state of the token's PIN counter, PIN what it takes as PIN.
	Counter token.PINState
	PIN     PINForm
	// Soft reports a key in a file, which must be shown as such.
	Soft bool
	// Last reports the choice of last time.
	Last bool
}

// WhySoft is the reason why a key in a file may not be chosen: the administrator
// does not allow it for this.
const WhySoft cert.Fitness = "soft-key-forbidden"

// OfferOptions say what the certificates are offered for. The zero Job is any.
type OfferOptions struct {
	At  time.Time
	Job Job
	// Last is the SHA-256 of the certificate chosen last time.
	Last string
}

// Offers makes offers of what was found: those that may be chosen first, each
// group in the order of Found.
func (d *Desk) Offers(f Found, o OfferOptions) []Offer {
	offers := make([]Offer, len(f.Keys))
	for i, k := range f.Keys {
		offers[i] = d.offer(k, o)
	}
	slices.SortStableFunc(offers, func(a, b Offer) int {
		switch {
		case a.Usable == b.Usable:
			return 0
		case a.Usable:
			return -1
		}
		return 1
	})
	return offers
}

func (d *Desk) offer(k Key, o OfferOptions) Offer {
	out := Offer{
		Key: k, Usable: k.Fit == cert.Fit, Use: useOf(k.Certificate.DER), Counter: k.Token.PIN, PIN: PINFormOf(k.Token),
		Soft: k.Soft(), Last: o.Last != "" && o.Last == k.Subject.SHA256,
	}
	if !out.Usable {
		out.WhyNot = k.Fit
		return out
	}
	out.Expiry = ExpiryOf(k.Subject.NotAfter, o.At)
	allowed := d.allow(k)
	if o.Job.Role != "" {
		allowed = d.allowJob(k, o.Job)
	}
	if errors.Is(allowed, token.ErrSoftForbidden) {
		out.Usable, out.WhyNot = false, WhySoft
	}
	return out
}

// useOf reads the key usage (RFC 5280, 4.2.1.3).
func useOf(der []byte) Use {
	x, err := x509.ParseCertificate(der)
	switch {
	case err != nil:
		return UseOther
	case x.KeyUsage == 0:
		return UseAny
	case x.KeyUsage&x509.KeyUsageContentCommitment != 0:
		return UseCommit
	case x.KeyUsage&x509.KeyUsageDigitalSignature != 0:
		return UseSign
	}
	return UseOther
}

// AgencyRole reports a role in which an agency signs, not a person.
func AgencyRole(r placement.Role) bool {
	return r == placement.Seal || r == placement.Appendix || r == placement.Copy
}
