package cms

import (
	"encoding/asn1"

	"golang.org/x/crypto/cryptobyte"
	casn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// maxArchived is the most revocation answers taken from one signature.
const maxArchived = 64

// archived are the answers of adbe-revocationInfoArchival, which signatures of
// the old formats bring (ISO 32000-2, 12.8.3.3.2):
//
//	SEQUENCE { crl [0] EXPLICIT SEQUENCE OF CRL OPTIONAL,
//	           ocsp [1] EXPLICIT SEQUENCE OF OCSPResponse OPTIONAL, … }
type archived struct{ lists, answers [][]byte }

// Archived are the revocation lists and the OCSP answers that a signed attribute
// holds, each in DER and unjudged.
func (s *Signer) Archived() (lists, answers [][]byte) { return s.archived.lists, s.archived.answers }

// readArchived takes what it can: a malformed attribute brings nothing and makes
// no signature wrong.
func (s *Signer) readArchived(values cryptobyte.String) {
	var body cryptobyte.String
	if !values.ReadASN1(&body, casn1.SEQUENCE) {
		return
	}
	take := func(tag uint8) [][]byte {
		var outer, list cryptobyte.String
		var present bool
		if !body.ReadOptionalASN1(&outer, &present, explicit(tag)) || !present || !outer.ReadASN1(&list, casn1.SEQUENCE) {
			return nil
		}
		var found [][]byte
		for !list.Empty() && len(found) < maxArchived {
			var one cryptobyte.String
			if !list.ReadASN1Element(&one, casn1.SEQUENCE) {
				return found
			}
			found = append(found, append([]byte(nil), one...))
		}
		return found
	}
	s.archived.lists = take(0)
	s.archived.answers = take(1)
}

func parseArchival() asn1.ObjectIdentifier {
	return asn1.ObjectIdentifier{1, 2, 840, 113583, 1, 1, 8}
}
