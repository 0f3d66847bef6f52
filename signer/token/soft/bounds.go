package soft

import (
	"errors"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// The bounds of a file. The most that a program writes are 600,000 iterations
// (OWASP's advice for PBKDF2); the reader of the format would count to 2^63.
const (
	maxIterations = 2_000_000
	maxDepth      = 24
)

// bounded looks through all that a file holds in the clear, and refuses numbers
// of iterations that would take minutes. They stand beside a salt: in a sequence
// that has an octet string (RFC 7292, 4; RFC 8018, A.2).
func bounded(der []byte) error {
	s := cryptobyte.String(der)
	return walk(&s, 0)
}

func walk(s *cryptobyte.String, depth int) error {
	if depth > maxDepth {
		return errors.New("nested too deep")
	}
	var salted, endless bool
	for !s.Empty() {
		whole := *s
		var inner cryptobyte.String
		var tag asn1.Tag
		if !s.ReadAnyASN1(&inner, &tag) {
			return errors.New("not DER")
		}
		salted = salted || tag == asn1.OCTET_STRING
		endless = endless || tag == asn1.INTEGER && !isSmall(whole)
		if tag&constructed == 0 && (tag != asn1.OCTET_STRING || !nested(inner)) {
			continue
		}
		if err := walk(&inner, depth+1); err != nil {
			return err
		}
	}
	if salted && endless {
		return errors.New("too many iterations")
	}
	return nil
}

// constructed is the bit of a tag that says so.
const constructed asn1.Tag = 0x20

// isSmall reports whether s begins with a number of iterations that can be had.
func isSmall(s cryptobyte.String) bool {
	var n int64
	return s.ReadASN1Integer(&n) && n >= 0 && n <= maxIterations
}

// nested reports whether an octet string holds a sequence and nothing else, as
// the contents of a PKCS #12 file do.
func nested(octets cryptobyte.String) bool {
	var inner cryptobyte.String
	return octets.ReadASN1(&inner, asn1.SEQUENCE) && octets.Empty()
}
