package revocation

import (
	"bytes"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
	"time"

	"golang.org/x/crypto/cryptobyte"
	casn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// list is a revocation list (RFC 5280, 5.1) whose entries stay in its bytes:
// crypto/x509 makes half a gigabyte of a list of 30 MB.
type list struct {
	tbs, algorithm         []byte // DER
	signature              []byte
	issuer                 []byte // DER
	thisUpdate, nextUpdate time.Time
	extensions             []pkix.Extension
	entries                cryptobyte.String
}

// listEntry is one revoked certificate.
type listEntry struct {
	serial []byte // the contents of the INTEGER
	at     time.Time
	reason int
}

var errList = errors.New("malformed")

// readList reads a list of version 2 in DER, without its entries.
func readList(der []byte) (*list, error) {
	in := cryptobyte.String(der)
	var outer, tbs, algorithm cryptobyte.String
	var signature asn1.BitString
	if !in.ReadASN1(&outer, casn1.SEQUENCE) || !in.Empty() || !outer.ReadASN1Element(&tbs, casn1.SEQUENCE) ||
		!outer.ReadASN1Element(&algorithm, casn1.SEQUENCE) || !outer.ReadASN1BitString(&signature) || !outer.Empty() {
		return nil, errList
	}
	l := &list{tbs: tbs, algorithm: algorithm, signature: signature.RightAlign()}
	return l, l.readBody(tbs)
}

func (l *list) readBody(tbs cryptobyte.String) error {
	var body, inner, issuer, extensions cryptobyte.String
	var version int
	var present bool
	if !tbs.ReadASN1(&body, casn1.SEQUENCE) || !body.ReadASN1Integer(&version) || version != 1 ||
		!body.ReadASN1Element(&inner, casn1.SEQUENCE) || !bytes.Equal(inner, l.algorithm) ||
		!body.ReadASN1Element(&issuer, casn1.SEQUENCE) || !readTime(&body, &l.thisUpdate) {
		return errList
	}
	l.issuer = issuer
	if (body.PeekASN1Tag(casn1.UTCTime) || body.PeekASN1Tag(casn1.GeneralizedTime)) && !readTime(&body, &l.nextUpdate) {
		return errList
	}
	if !body.ReadOptionalASN1(&l.entries, &present, casn1.SEQUENCE) {
		return errList
	}
	if !body.ReadOptionalASN1(&extensions, &present, casn1.Tag(0).ContextSpecific().Constructed()) || !body.Empty() {
		return errList
	}
	if present {
		var all cryptobyte.String
		if !extensions.ReadASN1(&all, casn1.SEQUENCE) || !extensions.Empty() {
			return errList
		}
		return eachExtension(all, func(e pkix.Extension) error {
			l.extensions = append(l.extensions, e)
			return nil
		})
	}
	return nil
}

// find looks for a serial number; every entry must be well-formed and
// understood.
func (l *list) find(serial *big.Int) (found listEntry, ok bool, err error) {
	wanted, err := asn1.Marshal(serial)
	if err != nil {
		return found, false, fmt.Errorf("serial number: %w", err)
	}
	number := cryptobyte.String(wanted)
	if !number.ReadASN1(&number, casn1.INTEGER) {
		return found, false, errList
	}
	for rest := l.entries; !rest.Empty(); {
		e, err := readEntry(&rest)
		if err != nil {
			return found, false, err
		}
		if !ok && bytes.Equal(e.serial, number) {
			found, ok = e, true
		}
	}
	return found, ok, nil
}

func readEntry(in *cryptobyte.String) (listEntry, error) {
	var e listEntry
	var body, serial, extensions cryptobyte.String
	var present bool
	if !in.ReadASN1(&body, casn1.SEQUENCE) || !body.ReadASN1(&serial, casn1.INTEGER) || !shortest(serial) ||
		!readTime(&body, &e.at) || !body.ReadOptionalASN1(&extensions, &present, casn1.SEQUENCE) || !body.Empty() {
		return e, fmt.Errorf("%w entry", errList)
	}
	e.serial = serial
	return e, eachExtension(extensions, func(x pkix.Extension) error {
		if !x.Id.Equal(oidReason()) {
			if x.Critical { // RFC 5280, 5.3: then the list says nothing of any certificate
				return fmt.Errorf("unknown critical extension %s of an entry", x.Id)
			}
			return nil
		}
		value := cryptobyte.String(x.Value)
		if !value.ReadASN1Enum(&e.reason) || !value.Empty() {
			return fmt.Errorf("%w reason", errList)
		}
		return nil
	})
}

// shortest reports that the contents of an INTEGER are as short as DER wants (X.690, 8.3.2).
func shortest(b []byte) bool {
	if len(b) < 2 {
		return len(b) == 1
	}
	return b[0] != 0 && b[0] != 0xff || (b[0]^b[1])&0x80 != 0
}

func eachExtension(in cryptobyte.String, take func(pkix.Extension) error) error {
	for !in.Empty() {
		var body, value cryptobyte.String
		var e pkix.Extension
		if !in.ReadASN1(&body, casn1.SEQUENCE) || !body.ReadASN1ObjectIdentifier(&e.Id) ||
			body.PeekASN1Tag(casn1.BOOLEAN) && !body.ReadASN1Boolean(&e.Critical) ||
			!body.ReadASN1(&value, casn1.OCTET_STRING) || !body.Empty() {
			return fmt.Errorf("%w extension", errList)
		}
		e.Value = value
		if err := take(e); err != nil {
			return err
		}
	}
	return nil
}

func readTime(in *cryptobyte.String, at *time.Time) bool {
	if in.PeekASN1Tag(casn1.UTCTime) {
		return in.ReadASN1UTCTime(at)
	}
	return in.ReadASN1GeneralizedTime(at)
}

func oidReason() asn1.ObjectIdentifier { return asn1.ObjectIdentifier{2, 5, 29, 21} }
