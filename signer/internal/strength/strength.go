// Package strength says until when an algorithm or a key was good enough for a
// signature, by a table with dates and their sources.
//
// The day that counts is the one on which the signature is proven to have
// existed; without a proof that is today.
package strength

import (
	"crypto"
	"crypto/dsa" //nolint:staticcheck // only to judge old signatures
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"errors"
	"fmt"
	"time"

	"kyso/signer/internal/cms"
	"kyso/signer/internal/curve"
)

// ErrWeak reports an algorithm or a key that was not good enough any more.
var ErrWeak = errors.New("algorithm or key too weak")

// Limit is the end of an algorithm.
type Limit struct {
	// Name is what the limit is for: "SHA-1", "RSA below 2048 bits".
	Name string
	// Until is the first day on which it was not good enough; zero means that it still is.
	Until time.Time
	// Source is the document that says so.
	Source string
}

func day(year int, month time.Month, d int) time.Time {
	return time.Date(year, month, d, 0, 0, 0, 0, time.UTC)
}

const (
	nist131A = "NIST SP 800-131A Rev. 2, 3 and 9"
	rfc6151  = "RFC 6151, 2"
	fips1865 = "FIPS 186-5, 1 (DSA withdrawn)"
)

// Table is all limits that are applied. SHA-1 and short keys are refused by
// TT 15/2025/TT-BKHCN, annexes, for every signature that is made now; the dates
// say from when on one that proves its age is not believed either.
func Table() []Limit {
	return []Limit{limitMD5(), limitSHA1(), limitRSA1024(), limitRSA2048(), limitDSA1024(), limitDSA(), limitCurve160(), limitCurve224()}
}

// MD5 collides in practice since 2004, and certificates were forged with it in
// December 2008.
func limitMD5() Limit { return Limit{"MD5", day(2009, time.January, 1), rfc6151} }

// SHA-1 was not allowed for new signatures after 2013.
func limitSHA1() Limit { return Limit{"SHA-1", day(2014, time.January, 1), nist131A} }

func limitRSA1024() Limit {
	return Limit{"RSA below 1024 bits", day(2000, time.January, 1), "a key of 512 bits was factored in August 1999 (RSA-155)"}
}

func limitRSA2048() Limit {
	return Limit{"RSA below 2048 bits", day(2014, time.January, 1), nist131A}
}

func limitDSA1024() Limit {
	return Limit{"DSA below 2048 bits", day(2014, time.January, 1), nist131A}
}

func limitDSA() Limit { return Limit{"DSA", day(2023, time.February, 3), fips1865} }

func limitCurve160() Limit {
	return Limit{"curves below 224 bits", day(2014, time.January, 1), nist131A}
}

func limitCurve224() Limit {
	return Limit{"curves below 256 bits", day(2031, time.January, 1), "NIST SP 800-57 Part 1 Rev. 5, table 4"}
}

func (l Limit) check(at time.Time) error {
	if l.Name == "" || at.Before(l.Until) {
		return nil
	}
	return fmt.Errorf("%w: %s since %s (%s)", ErrWeak, l.Name, l.Until.Format(time.DateOnly), l.Source)
}

// OfHash is nil when a digest algorithm was good enough at a time, else ErrWeak.
func OfHash(h cms.Hash, at time.Time) error {
	switch {
	case h.Is(crypto.MD5):
		return limitMD5().check(at)
	case h.Is(crypto.SHA1):
		return limitSHA1().check(at)
	}
	return nil
}

// OfKey is nil when a key was long enough at a time, else ErrWeak. A key of an
// unknown kind is weak.
func OfKey(key crypto.PublicKey, at time.Time) error {
	var limit Limit
	switch k := key.(type) {
	case *rsa.PublicKey:
		switch bits := k.N.BitLen(); {
		case bits < 1024:
			limit = limitRSA1024()
		case bits < 2048:
			limit = limitRSA2048()
		}
	case *dsa.PublicKey:
		if limit = limitDSA(); k.P.BitLen() < 2048 {
			limit = limitDSA1024()
		}
	case *ecdsa.PublicKey:
		limit = ofCurve(k.Params().BitSize)
	case *curve.PublicKey:
		limit = ofCurve(k.BitSize())
	case ed25519.PublicKey, curve.Ed448PublicKey:
	default:
		return fmt.Errorf("%w: a key of type %T", ErrWeak, key)
	}
	return limit.check(at)
}

func ofCurve(bits int) Limit {
	switch {
	case bits < 224:
		return limitCurve160()
	case bits < 256:
		return limitCurve224()
	}
	return Limit{}
}
