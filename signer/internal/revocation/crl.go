package revocation

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"
	"time"

	"kyso/signer/internal/cms"
)

// distribution is IssuingDistributionPoint (RFC 5280, 5.2.5).
type distribution struct {
	Point           asn1.RawValue  `asn1:"optional,tag:0"`
	OnlyUsers       bool           `asn1:"optional,tag:1"`
	OnlyCAs         bool           `asn1:"optional,tag:2"`
	OnlySomeReasons asn1.BitString `asn1:"optional,tag:3"`
	Indirect        bool           `asn1:"optional,tag:4"`
	OnlyAttributes  bool           `asn1:"optional,tag:5"`
}

// CRL judges a revocation list about a certificate at a time (RFC 5280, 6.3).
// The list must be a complete one, signed by the issuer of the certificate.
// Every error wraps ErrUnusable.
func CRL(list []byte, certificate, issuer *x509.Certificate, at time.Time) (Status, error) {
	status, err := judgeCRL(list, certificate, issuer, at)
	if err != nil {
		return Status{}, fmt.Errorf("%w: CRL: %w", ErrUnusable, err)
	}
	return status, nil
}

func judgeCRL(raw []byte, certificate, issuer *x509.Certificate, at time.Time) (Status, error) {
	if block, _ := pem.Decode(raw); block != nil {
		raw = block.Bytes // RFC 5280 wants DER, some publish PEM
	}
	l, err := readList(raw)
	if err != nil {
		return Status{}, err
	}
	if !bytes.Equal(l.issuer, certificate.RawIssuer) || !bytes.Equal(l.issuer, issuer.RawSubject) {
		return Status{}, errors.New("it is of another issuer")
	}
	if issuer.KeyUsage != 0 && issuer.KeyUsage&x509.KeyUsageCRLSign == 0 {
		return Status{}, fmt.Errorf("%s may not sign revocation lists", issuer.Subject)
	}
	hash, err := cms.CheckSigned(issuer.PublicKey, l.algorithm, l.tbs, l.signature)
	if err != nil {
		return Status{}, err
	}
	if hash.Size() < 28 {
		return Status{}, fmt.Errorf("signed with %s", hash)
	}
	if err := checkScope(l.extensions, certificate); err != nil {
		return Status{}, err
	}
	if !holds(l.thisUpdate, l.nextUpdate, at, certificate.NotAfter) {
		return Status{}, fmt.Errorf("made %s, out of its time", l.thisUpdate.Format(time.RFC3339))
	}
	entry, revoked, err := l.find(certificate.SerialNumber)
	if err != nil {
		return Status{}, err
	}
	if revoked {
		return Status{State: Revoked, RevokedAt: entry.at, Reason: entry.reason, ThisUpdate: l.thisUpdate}, nil
	}
	return Status{State: Good, ThisUpdate: l.thisUpdate}, nil
}

// checkScope refuses lists that do not speak of every certificate of this kind.
func checkScope(extensions []pkix.Extension, certificate *x509.Certificate) error {
	for _, e := range extensions {
		switch {
		case e.Id.Equal(oidDelta()):
			return errors.New("it is a delta list")
		case e.Id.Equal(oidDistribution()):
			var d distribution
			if err := unmarshal(e.Value, &d); err != nil {
				return err
			}
			if d.Indirect || d.OnlyAttributes || d.OnlySomeReasons.BitLength > 0 ||
				d.OnlyUsers && certificate.IsCA || d.OnlyCAs && !certificate.IsCA {
				return errors.New("its scope leaves the certificate out")
			}
		case e.Critical:
			return fmt.Errorf("unknown critical extension %s", e.Id)
		}
	}
	return nil
}

func oidDelta() asn1.ObjectIdentifier        { return asn1.ObjectIdentifier{2, 5, 29, 27} }
func oidDistribution() asn1.ObjectIdentifier { return asn1.ObjectIdentifier{2, 5, 29, 28} }
