package cms

import (
	"encoding/asn1"
	"fmt"
	"time"

	"golang.org/x/crypto/cryptobyte"
	casn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// eachAttribute calls take for every attribute of a SET OF Attribute with its values.
func eachAttribute(set cryptobyte.String, take func(kind asn1.ObjectIdentifier, values cryptobyte.String) error) error {
	for n := 0; !set.Empty(); n++ {
		var attribute, values cryptobyte.String
		var kind asn1.ObjectIdentifier
		if n >= maxAttributes || !set.ReadASN1(&attribute, casn1.SEQUENCE) || !attribute.ReadASN1ObjectIdentifier(&kind) ||
			!attribute.ReadASN1(&values, casn1.SET) || !attribute.Empty() {
			return fmt.Errorf("%w: attributes", ErrFormat)
		}
		if err := take(kind, values); err != nil {
			return err
		}
	}
	return nil
}

func (s *Signer) readSignedAttributes() error {
	outer := cryptobyte.String(s.attributes)
	var set cryptobyte.String
	if !outer.ReadASN1(&set, casn1.SET) {
		return fmt.Errorf("%w: signed attributes", ErrFormat)
	}
	seen := map[string]bool{}
	return eachAttribute(set, func(kind asn1.ObjectIdentifier, values cryptobyte.String) error {
		// RFC 5652, 5.3: a SET of attributes must not have the same type twice.
		if seen[kind.String()] {
			return fmt.Errorf("%w: attribute %s twice", ErrFormat, kind)
		}
		seen[kind.String()] = true
		if !s.readSignedAttribute(kind, values) {
			return fmt.Errorf("%w: signed attribute %s", ErrFormat, kind)
		}
		return nil
	})
}

// readSignedAttribute takes the attributes it knows, which have exactly one
// value (RFC 5652, 11), and passes over the others.
func (s *Signer) readSignedAttribute(kind asn1.ObjectIdentifier, values cryptobyte.String) bool {
	switch {
	case kind.Equal(parseContentType()):
		return values.ReadASN1ObjectIdentifier(&s.contentType) && values.Empty()
	case kind.Equal(parseMessageDigest()):
		var digest cryptobyte.String
		if !values.ReadASN1(&digest, casn1.OCTET_STRING) || !values.Empty() {
			return false
		}
		s.messageDigest = append([]byte{}, digest...)
	case kind.Equal(parseArchival()):
		s.readArchived(values)
	case kind.Equal(parseSigningTime()):
		s.signingTime = readTime(values)
	case kind.Equal(parseSigningCert()), kind.Equal(parseSigningCertV2()):
		s.hasESS = true
		return s.readSigningCertificate(values, kind.Equal(parseSigningCertV2()))
	}
	return true
}

// readTime reads a Time, in UTC; zero when it cannot.
func readTime(values cryptobyte.String) time.Time {
	var at time.Time
	switch {
	case values.PeekASN1Tag(casn1.UTCTime):
		if !values.ReadASN1UTCTime(&at) {
			return time.Time{}
		}
	case values.PeekASN1Tag(casn1.GeneralizedTime):
		if !values.ReadASN1GeneralizedTime(&at) {
			return time.Time{}
		}
	}
	return at.UTC()
}

// readSigningCertificate reads SigningCertificate (v1) or SigningCertificateV2 (RFC 5035).
func (s *Signer) readSigningCertificate(values cryptobyte.String, v2 bool) bool {
	var body, list cryptobyte.String
	if !values.ReadASN1(&body, casn1.SEQUENCE) || !values.Empty() || !body.ReadASN1(&list, casn1.SEQUENCE) {
		return false
	}
	for !list.Empty() {
		var id, hash cryptobyte.String
		entry := certificateHash{algorithm: hashSHA1()}
		if !list.ReadASN1(&id, casn1.SEQUENCE) {
			return false
		}
		if v2 {
			entry.algorithm = hashSHA256()
			if id.PeekASN1Tag(casn1.SEQUENCE) {
				var named algorithm
				if !readAlgorithm(&id, &named) {
					return false
				}
				entry.algorithm = named.oid
			}
		}
		if !id.ReadASN1(&hash, casn1.OCTET_STRING) || len(s.signingCerts) >= maxCertificates {
			return false
		}
		entry.hash = append([]byte{}, hash...)
		s.signingCerts = append(s.signingCerts, entry)
	}
	return true
}

func (s *Signer) readUnsignedAttributes(set cryptobyte.String) error {
	return eachAttribute(set, func(kind asn1.ObjectIdentifier, values cryptobyte.String) error {
		if !kind.Equal(parseTimeStampToken()) {
			return nil
		}
		for !values.Empty() {
			var token cryptobyte.String
			if !values.ReadASN1Element(&token, casn1.SEQUENCE) || len(s.timeStamps) >= maxAttributes {
				return fmt.Errorf("%w: time stamp", ErrFormat)
			}
			s.timeStamps = append(s.timeStamps, append([]byte(nil), token...))
		}
		return nil
	})
}

func parseSignedData() asn1.ObjectIdentifier {
	return asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}
}

func parseContentType() asn1.ObjectIdentifier {
	return asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 3}
}

func parseMessageDigest() asn1.ObjectIdentifier {
	return asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 4}
}

func parseSigningTime() asn1.ObjectIdentifier {
	return asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 5}
}

func parseSigningCert() asn1.ObjectIdentifier {
	return asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 12}
}

func parseSigningCertV2() asn1.ObjectIdentifier {
	return asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 47}
}

func parseTimeStampToken() asn1.ObjectIdentifier {
	return asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 14}
}
