package revocation

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"time"

	"golang.org/x/crypto/cryptobyte"
	casn1 "golang.org/x/crypto/cryptobyte/asn1"

	"kyso/signer/internal/certview"
	"kyso/signer/internal/cms"
)

// list is a revocation list (RFC 5280, 5.1). Its parts lie in the bytes that it
// was read from: a list of 20 MB takes no more than these.
type list struct {
	tbs        []byte
	algorithm  []byte
	signature  []byte
	issuer     []byte // a DER Name
	thisUpdate time.Time
	nextUpdate time.Time
	entries    cryptobyte.String

	number, base *big.Int // of this list, and of the one that a delta list adds to
	scope        distribution
	hasScope     bool
}

// distribution is IssuingDistributionPoint (RFC 5280, 5.2.5).
type distribution struct {
	Point           asn1.RawValue  `asn1:"optional,tag:0"`
	OnlyUsers       bool           `asn1:"optional,tag:1"`
	OnlyCAs         bool           `asn1:"optional,tag:2"`
	OnlySomeReasons asn1.BitString `asn1:"optional,tag:3"`
	Indirect        bool           `asn1:"optional,tag:4"`
	OnlyAttributes  bool           `asn1:"optional,tag:5"`
}

const maxListExtensions = 64

// readList reads a list in DER, or in PEM as some publish it, and leaves its
// entries unread.
func readList(raw []byte) (*list, error) {
	if bytes.HasPrefix(raw, []byte("-----")) {
		if block, _ := pem.Decode(raw); block != nil {
			raw = block.Bytes
		}
	}
	malformed := errors.New("malformed")
	in := cryptobyte.String(raw)
	var outer, tbs, body, algorithm, inner, issuer cryptobyte.String
	var signature asn1.BitString
	if !in.ReadASN1(&outer, casn1.SEQUENCE) || !in.Empty() || !outer.ReadASN1Element(&tbs, casn1.SEQUENCE) ||
		!outer.ReadASN1Element(&algorithm, casn1.SEQUENCE) || !outer.ReadASN1BitString(&signature) || !outer.Empty() {
		return nil, malformed
	}
	l := &list{tbs: tbs, algorithm: algorithm, signature: signature.RightAlign()}
	if !tbs.ReadASN1(&body, casn1.SEQUENCE) || body.PeekASN1Tag(casn1.INTEGER) && !body.SkipASN1(casn1.INTEGER) ||
		!body.ReadASN1Element(&inner, casn1.SEQUENCE) || !body.ReadASN1Element(&issuer, casn1.SEQUENCE) {
		return nil, malformed
	}
	if !bytes.Equal(inner, algorithm) { // RFC 5280, 5.1.1.2
		return nil, errors.New("it names two algorithms")
	}
	l.issuer = issuer
	var ok bool
	if l.thisUpdate, ok = certview.ReadTime(&body); !ok {
		return nil, malformed
	}
	if body.PeekASN1Tag(casn1.UTCTime) || body.PeekASN1Tag(casn1.GeneralizedTime) {
		if l.nextUpdate, ok = certview.ReadTime(&body); !ok {
			return nil, malformed
		}
	}
	if body.PeekASN1Tag(casn1.SEQUENCE) && !body.ReadASN1(&l.entries, casn1.SEQUENCE) {
		return nil, malformed
	}
	return l, l.readExtensions(body)
}

func (l *list) readExtensions(body cryptobyte.String) error {
	var outer, all cryptobyte.String
	var present bool
	tag := casn1.Tag(0).ContextSpecific().Constructed()
	if !body.ReadOptionalASN1(&outer, &present, tag) || !body.Empty() {
		return errors.New("malformed extensions")
	}
	if !present {
		return nil
	}
	if !outer.ReadASN1(&all, casn1.SEQUENCE) {
		return errors.New("malformed extensions")
	}
	for n := 0; !all.Empty(); n++ {
		id, critical, value, ok := nextExtension(&all)
		if !ok || n >= maxListExtensions {
			return errors.New("malformed extensions")
		}
		if err := l.readExtension(id, critical, value); err != nil {
			return err
		}
	}
	return nil
}

func nextExtension(all *cryptobyte.String) (id asn1.ObjectIdentifier, critical bool, value []byte, ok bool) { //nolint:revive // one extension
	var one, octets cryptobyte.String
	if !all.ReadASN1(&one, casn1.SEQUENCE) || !one.ReadASN1ObjectIdentifier(&id) {
		return nil, false, nil, false
	}
	if one.PeekASN1Tag(casn1.BOOLEAN) && !one.ReadASN1Boolean(&critical) {
		return nil, false, nil, false
	}
	ok = one.ReadASN1(&octets, casn1.OCTET_STRING) && one.Empty()
	return id, critical, octets, ok
}

func (l *list) readExtension(id asn1.ObjectIdentifier, critical bool, value []byte) error {
	switch {
	case id.Equal(oidNumber()):
		return unmarshal(value, &l.number)
	case id.Equal(oidDelta()):
		return unmarshal(value, &l.base)
	case id.Equal(oidDistribution()):
		l.hasScope = true
		return unmarshal(value, &l.scope)
	case critical:
		return fmt.Errorf("unknown critical extension %s", id)
	}
	return nil
}

// delta reports a list that only adds to another.
func (l *list) delta() bool { return l.base != nil }

// checkSignature verifies the signature of the list with a certificate's key.
func (l *list) checkSignature(by *x509.Certificate) error {
	if by.KeyUsage != 0 && by.KeyUsage&x509.KeyUsageCRLSign == 0 {
		return fmt.Errorf("%s may not sign revocation lists", by.Subject)
	}
	s, err := cms.NewSigned(l.algorithm)
	if err != nil {
		return err
	}
	if s.Hash().Size() < 28 {
		return fmt.Errorf("signed with %s", s.Hash())
	}
	_, _ = s.Write(l.tbs) // never fails
	return s.Check(by.PublicKey, l.signature)
}

// entry is what a list says of one certificate.
type entry struct {
	number []byte // the INTEGER in DER
	time   []byte // in DER
	at     time.Time
	reason int
	issuer []byte // a DER Name, nil for none
}

// find looks a serial number up; every entry must be well-formed and understood
// (RFC 5280, 5.3). In an indirect list an entry is about the certificates of the
// issuer that it, or the last one before it, names (RFC 5280, 5.3.3).
func (l *list) find(serial *big.Int, issuer []byte) (*entry, error) {
	wanted, err := numberOf(serial)
	if err != nil {
		return nil, err
	}
	var found *entry
	err = l.each(func(e entry, current []byte) (err error) {
		if found == nil && bytes.Equal(e.number, wanted) && bytes.Equal(current, issuer) {
			found, err = dated(e)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return found, nil
}

// numberOf is a serial number as entries have it.
func numberOf(serial *big.Int) ([]byte, error) {
	number, err := asn1.Marshal(serial)
	if err != nil {
		return nil, fmt.Errorf("serial number: %w", err)
	}
	return number, nil
}

// each reads all entries, each with the issuer of the certificate that it names.
func (l *list) each(yield func(e entry, issuer []byte) error) error {
	current := l.issuer
	for rest := l.entries; !rest.Empty(); {
		var one cryptobyte.String
		if !rest.ReadASN1(&one, casn1.SEQUENCE) {
			return errEntry
		}
		e, err := readEntry(one)
		if err != nil {
			return err
		}
		if e.issuer != nil {
			current = e.issuer
		}
		if err := yield(e, current); err != nil {
			return err
		}
	}
	return nil
}

var errEntry = errors.New("malformed entry")

// dated is a copy of the entry with its time read.
func dated(e entry) (*entry, error) {
	in := cryptobyte.String(e.time)
	var ok bool
	e.at, ok = certview.ReadTime(&in)
	if !ok {
		return nil, errEntry
	}
	return &e, nil
}

// readEntry reads one entry and leaves its time unread: a list has hundreds of
// thousands of them.
func readEntry(one cryptobyte.String) (entry, error) {
	var e entry
	var number, at, all cryptobyte.String
	var tag casn1.Tag
	if !one.ReadASN1Element(&number, casn1.INTEGER) || !shortest(number[2:]) || !one.ReadAnyASN1Element(&at, &tag) || !isTime(at, tag) {
		return e, errEntry
	}
	e.number, e.time = number, at
	if one.Empty() {
		return e, nil
	}
	if !one.ReadASN1(&all, casn1.SEQUENCE) || !one.Empty() {
		return e, errEntry
	}
	for !all.Empty() {
		id, critical, value, ok := nextExtension(&all)
		if !ok {
			return e, errEntry
		}
		if err := e.readExtension(id, critical, value); err != nil {
			return e, err
		}
	}
	return e, nil
}

func (e *entry) readExtension(id asn1.ObjectIdentifier, critical bool, value []byte) error {
	in := cryptobyte.String(value)
	switch {
	case id.Equal(oidReason()):
		if !in.ReadASN1Enum(&e.reason) || !in.Empty() {
			return errEntry
		}
	case id.Equal(oidCertificateIssuer()):
		if e.issuer = directoryName(in); e.issuer == nil {
			return errEntry
		}
	case critical: // then the list says nothing of any certificate
		return fmt.Errorf("unknown critical extension %s of an entry", id)
	}
	return nil
}

// shortest reports that the contents of an INTEGER are as short as DER wants (X.690, 8.3.2).
func shortest(b []byte) bool {
	if len(b) < 2 {
		return len(b) == 1
	}
	return b[0] != 0 && b[0] != 0xff || (b[0]^b[1])&0x80 != 0
}

// isTime reports digits and a Z in a UTCTime or a GeneralizedTime.
func isTime(element []byte, tag casn1.Tag) bool {
	size := 15
	if tag == casn1.GeneralizedTime {
		size = 17
	} else if tag != casn1.UTCTime {
		return false
	}
	if len(element) != size || element[len(element)-1] != 'Z' {
		return false
	}
	for _, c := range element[2 : len(element)-1] {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

// directoryName is the first Name among GeneralNames.
func directoryName(in cryptobyte.String) []byte {
	var names, one cryptobyte.String
	if !in.ReadASN1(&names, casn1.SEQUENCE) {
		return nil
	}
	for !names.Empty() {
		var tag casn1.Tag
		if !names.ReadAnyASN1(&one, &tag) {
			return nil
		}
		if tag == casn1.Tag(4).ContextSpecific().Constructed() {
			return one
		}
	}
	return nil
}

func oidNumber() asn1.ObjectIdentifier       { return asn1.ObjectIdentifier{2, 5, 29, 20} }
func oidReason() asn1.ObjectIdentifier       { return asn1.ObjectIdentifier{2, 5, 29, 21} }
func oidDelta() asn1.ObjectIdentifier        { return asn1.ObjectIdentifier{2, 5, 29, 27} }
func oidDistribution() asn1.ObjectIdentifier { return asn1.ObjectIdentifier{2, 5, 29, 28} }

func oidCertificateIssuer() asn1.ObjectIdentifier { return asn1.ObjectIdentifier{2, 5, 29, 29} }
func oidPoints() asn1.ObjectIdentifier            { return asn1.ObjectIdentifier{2, 5, 29, 31} }
