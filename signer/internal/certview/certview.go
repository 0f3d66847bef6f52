// Package certview reads certificates, also those that crypto/x509 refuses:
// negative or zero serial numbers, keys on curves that Go leaves out, RSA-PSS
// keys, texts in an unexpected encoding, extensions that are malformed or stand
// twice.
//
// A signature is judged years after somebody issued its certificate; what a
// library thinks of that CA's encoding today is no reason to have no verdict.
// What is read is put into an x509.Certificate, so that the rest of the engine
// knows one kind. Reading judges nothing. An extension that cannot be read and
// is critical stands in UnhandledCriticalExtensions, so that a path with it fails.
package certview

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/crypto/cryptobyte"
	casn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// ErrFormat reports bytes that are no certificate at all.
var ErrFormat = errors.New("not a certificate")

const (
	// MaxSize is the largest certificate that is read, in bytes.
	MaxSize       = 128 << 10
	maxExtensions = 128
	maxNames      = 256
)

// Parse reads one certificate in DER; nothing may follow it. The error wraps ErrFormat.
func Parse(der []byte) (*x509.Certificate, error) {
	if len(der) > MaxSize {
		return nil, fmt.Errorf("%w: %d bytes", ErrFormat, len(der))
	}
	c, err := x509.ParseCertificate(der)
	if err == nil {
		if c.PublicKey == nil {
			c.PublicKey, c.PublicKeyAlgorithm = publicKey(c.RawSubjectPublicKeyInfo)
		}
		return c, nil
	}
	c = &x509.Certificate{Raw: der, MaxPathLen: -1}
	if !read(c) {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	return c, nil
}

// read fills a certificate from its Raw (RFC 5280, 4.1).
func read(c *x509.Certificate) bool {
	in := cryptobyte.String(c.Raw)
	var outer, tbs, algorithm, inner, serial, validity cryptobyte.String
	var signature asn1.BitString
	if !in.ReadASN1(&outer, casn1.SEQUENCE) || !in.Empty() || !outer.ReadASN1Element(&tbs, casn1.SEQUENCE) ||
		!outer.ReadASN1(&algorithm, casn1.SEQUENCE) || !outer.ReadASN1BitString(&signature) {
		return false
	}
	c.RawTBSCertificate, c.Signature = tbs, signature.RightAlign()
	var body cryptobyte.String
	if !tbs.ReadASN1(&body, casn1.SEQUENCE) {
		return false
	}
	c.Version = 1
	var version cryptobyte.String
	var present bool
	if !body.ReadOptionalASN1(&version, &present, explicit(0)) {
		return false
	}
	if present && (!version.ReadASN1Integer(&c.Version) || c.Version < 0 || c.Version > 2) {
		return false
	} else if present {
		c.Version++
	}
	var issuer, subject, key cryptobyte.String
	if !body.ReadASN1(&serial, casn1.INTEGER) || !body.ReadASN1(&inner, casn1.SEQUENCE) ||
		!body.ReadASN1Element(&issuer, casn1.SEQUENCE) || !body.ReadASN1(&validity, casn1.SEQUENCE) ||
		!body.ReadASN1Element(&subject, casn1.SEQUENCE) || !body.ReadASN1Element(&key, casn1.SEQUENCE) {
		return false
	}
	c.SerialNumber = Integer(serial)
	c.RawIssuer, c.RawSubject, c.RawSubjectPublicKeyInfo = issuer, subject, key
	c.Issuer, c.Subject = name(issuer), name(subject)
	c.PublicKey, c.PublicKeyAlgorithm = publicKey(key)
	var ok1, ok2 bool
	c.NotBefore, ok1 = ReadTime(&validity)
	c.NotAfter, ok2 = ReadTime(&validity)
	return ok1 && ok2 && readExtensions(c, body)
}

func explicit(n uint8) casn1.Tag { return casn1.Tag(n).ContextSpecific().Constructed() }

// Integer reads the contents of an INTEGER of any sign, also one that is longer than it needs to be.
func Integer(body []byte) *big.Int {
	n := new(big.Int).SetBytes(body)
	if len(body) > 0 && body[0]&0x80 != 0 {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(body))))
	}
	return n
}

// ReadTime reads a Time; the seconds and the zone may be missing or another
// than DER wants.
func ReadTime(in *cryptobyte.String) (time.Time, bool) {
	var body cryptobyte.String
	var tag casn1.Tag
	if !in.ReadAnyASN1(&body, &tag) {
		return time.Time{}, false
	}
	layouts := []string{"060102150405Z0700", "0601021504Z0700"}
	if tag == casn1.GeneralizedTime {
		layouts = []string{"20060102150405Z0700", "200601021504Z0700", "20060102150405.999999999Z0700", "20060102150405"}
	} else if tag != casn1.UTCTime {
		return time.Time{}, false
	}
	for _, layout := range layouts {
		t, err := time.Parse(layout, string(body))
		if err != nil {
			continue
		}
		if tag == casn1.UTCTime && t.Year() >= 2050 { // RFC 5280, 4.1.2.5.1
			t = t.AddDate(-100, 0, 0)
		}
		return t.UTC(), true
	}
	return time.Time{}, false
}

// name reads a Name; what cannot be read of it is left out.
func name(der []byte) pkix.Name {
	var out pkix.Name
	in := cryptobyte.String(der)
	var body cryptobyte.String
	if !in.ReadASN1(&body, casn1.SEQUENCE) {
		return out
	}
	var sequence pkix.RDNSequence
	for n := 0; !body.Empty() && n < maxNames; n++ {
		var set, pair cryptobyte.String
		if !body.ReadASN1(&set, casn1.SET) {
			break
		}
		var relative pkix.RelativeDistinguishedNameSET
		for !set.Empty() && set.ReadASN1(&pair, casn1.SEQUENCE) && len(relative) < maxNames {
			var a pkix.AttributeTypeAndValue
			var value cryptobyte.String
			var tag casn1.Tag
			if pair.ReadASN1ObjectIdentifier(&a.Type) && pair.ReadAnyASN1(&value, &tag) {
				a.Value = text(tag, value)
				relative = append(relative, a)
			}
		}
		sequence = append(sequence, relative)
	}
	out.FillFromRDNSequence(&sequence)
	return out
}

// Relative reads a Name as one text for each RelativeDistinguishedName, in which
// names that are the same by RFC 5280, 7.1 are the same: letters of either case
// and runs of blanks do not count. It is false for what is no Name.
func Relative(der []byte) ([]string, bool) {
	in := cryptobyte.String(der)
	var body cryptobyte.String
	if !in.ReadASN1(&body, casn1.SEQUENCE) || !in.Empty() {
		return nil, false
	}
	var out []string
	for n := 0; !body.Empty(); n++ {
		var set cryptobyte.String
		if !body.ReadASN1(&set, casn1.SET) || n >= maxNames {
			return nil, false
		}
		var parts []string
		for !set.Empty() {
			var pair, value cryptobyte.String
			var id asn1.ObjectIdentifier
			var tag casn1.Tag
			if !set.ReadASN1(&pair, casn1.SEQUENCE) || !pair.ReadASN1ObjectIdentifier(&id) || !pair.ReadAnyASN1(&value, &tag) ||
				len(parts) >= maxNames {
				return nil, false
			}
			words := strings.Join(strings.Fields(strings.ToLower(text(tag, value))), " ")
			parts = append(parts, id.String()+"="+strconv.Quote(words))
		}
		slices.Sort(parts)
		out = append(out, strings.Join(parts, "+"))
	}
	return out, true
}

// text reads a string of any kind that names use (X.680, 41).
func text(tag casn1.Tag, b []byte) string {
	const bmpString = casn1.Tag(30)
	const universalString = casn1.Tag(28)
	switch tag {
	case bmpString:
		return utf16Text(b)
	case universalString:
		runes := make([]rune, 0, len(b)/4)
		for ; len(b) >= 4; b = b[4:] {
			runes = append(runes, rune(b[0])<<24|rune(b[1])<<16|rune(b[2])<<8|rune(b[3]))
		}
		return string(runes)
	default:
		return utf8Text(b)
	}
}
