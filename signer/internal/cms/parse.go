package cms

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
	"time"

	"golang.org/x/crypto/cryptobyte"
	casn1 "golang.org/x/crypto/cryptobyte/asn1"

	"kyso/signer/internal/certview"
)

// ErrFormat reports bytes that are not a CMS SignedData.
var ErrFormat = errors.New("not a well-formed CMS SignedData")

// Limits of what Parse takes.
const (
	maxCertificates = 256
	maxSigners      = 16
	maxAttributes   = 64
)

// SignedData is a parsed CMS SignedData (RFC 5652, 5.1).
type SignedData struct {
	// ContentType is the type of the encapsulated content (eContentType).
	ContentType asn1.ObjectIdentifier
	// Content is the encapsulated content; nil when it is detached.
	Content []byte
	// Certificates are those that can be read, in their order.
	Certificates []*x509.Certificate
	// Unreadable counts those that are no certificates.
	Unreadable int
	// CRLs are the embedded revocation lists, each in DER.
	CRLs    [][]byte
	Signers []Signer
}

// Signer is one SignerInfo (RFC 5652, 5.3).
type Signer struct {
	// Issuer (a DER Name) and Serial name the signer's certificate, or KeyID does.
	Issuer []byte
	Serial *big.Int
	KeyID  []byte

	digest    algorithm
	algorithm algorithm
	signature []byte
	// attributes are the signed attributes as a DER SET, nil when there are none.
	attributes []byte

	contentType   asn1.ObjectIdentifier
	messageDigest []byte
	signingCerts  []certificateHash
	hasESS        bool
	signingTime   time.Time
	timeStamps    [][]byte
	archived      archived
}

type algorithm struct {
	oid    asn1.ObjectIdentifier
	params []byte // DER, nil when absent
}

// certificateHash is one ESSCertID or ESSCertIDv2 (RFC 5035, 3 and 4).
type certificateHash struct {
	algorithm asn1.ObjectIdentifier
	hash      []byte
}

// SigningTime is the signing-time attribute, zero when absent. It is a claim of the signer.
func (s *Signer) SigningTime() time.Time { return s.signingTime }

// Value is the signature value, what a signature time-stamp is for.
func (s *Signer) Value() []byte { return s.signature }

// TimeStamps are the signature time-stamp tokens among the unsigned attributes
// (RFC 3161, appendix A), each a CMS SignedData.
func (s *Signer) TimeStamps() [][]byte { return s.timeStamps }

// HasSigningCertificate reports that a signing-certificate or
// signing-certificate-v2 attribute names the signer's certificate (RFC 5035).
func (s *Signer) HasSigningCertificate() bool { return s.hasESS }

// HasSignedAttributes reports that the signature covers attributes, as CAdES requires.
func (s *Signer) HasSignedAttributes() bool { return s.attributes != nil }

// Parse reads a SignedData, in DER or in BER. Zero bytes may follow it, as they
// do in the /Contents of a PDF signature; anything else may not.
func Parse(in []byte) (*SignedData, error) {
	sd, certificates, err := parse(in)
	if err != nil {
		return nil, err
	}
	if err := sd.readCertificates(certificates); err != nil {
		return nil, err
	}
	return sd, nil
}

// DigestOf is the hash function that the first signer's content is to be digested
// with. It reads what Parse reads but the certificates, which take the most time.
func DigestOf(in []byte) (Hash, error) {
	sd, _, err := parse(in)
	if err != nil {
		return Hash{}, err
	}
	if len(sd.Signers) == 0 {
		return Hash{}, fmt.Errorf("%w: no signer", ErrFormat)
	}
	return sd.Signers[0].Digest()
}

// parse reads a SignedData but the certificates, of which it gives the set.
func parse(in []byte) (sd *SignedData, certificates cryptobyte.String, err error) {
	if len(in) > MaxSize {
		return nil, nil, fmt.Errorf("%w: larger than %d bytes", ErrFormat, MaxSize)
	}
	der, rest, err := toDER(in)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	if len(bytes.TrimLeft(rest, "\x00")) > 0 {
		return nil, nil, fmt.Errorf("%w: bytes follow it", ErrFormat)
	}
	outer := cryptobyte.String(der)
	var info, content cryptobyte.String
	var kind asn1.ObjectIdentifier
	if !outer.ReadASN1(&info, casn1.SEQUENCE) || !info.ReadASN1ObjectIdentifier(&kind) ||
		!info.ReadASN1(&content, explicit(0)) || !info.Empty() {
		return nil, nil, fmt.Errorf("%w: no ContentInfo", ErrFormat)
	}
	if !kind.Equal(parseSignedData()) {
		return nil, nil, fmt.Errorf("%w: content type %s", ErrFormat, kind)
	}
	return readSignedData(content)
}

func readSignedData(content cryptobyte.String) (sd *SignedData, certificates cryptobyte.String, err error) {
	var body, digests, encap, signers cryptobyte.String
	var version int
	if !content.ReadASN1(&body, casn1.SEQUENCE) || !content.Empty() ||
		!body.ReadASN1Integer(&version) || !body.ReadASN1(&digests, casn1.SET) || !body.ReadASN1(&encap, casn1.SEQUENCE) {
		return nil, nil, fmt.Errorf("%w: no SignedData", ErrFormat)
	}
	sd = &SignedData{}
	if err := sd.readContent(encap); err != nil {
		return nil, nil, err
	}
	var crls cryptobyte.String
	var hasCertificates, hasCRLs bool
	if !body.ReadOptionalASN1(&certificates, &hasCertificates, explicit(0)) ||
		!body.ReadOptionalASN1(&crls, &hasCRLs, explicit(1)) ||
		!body.ReadASN1(&signers, casn1.SET) || !body.Empty() {
		return nil, nil, fmt.Errorf("%w: no signerInfos", ErrFormat)
	}
	for !crls.Empty() {
		var element cryptobyte.String
		var tag casn1.Tag
		if !crls.ReadAnyASN1Element(&element, &tag) || len(sd.CRLs) >= maxCertificates {
			return nil, nil, fmt.Errorf("%w: revocation lists", ErrFormat)
		}
		if tag == casn1.SEQUENCE {
			sd.CRLs = append(sd.CRLs, element)
		}
	}
	for !signers.Empty() {
		if len(sd.Signers) >= maxSigners {
			return nil, nil, fmt.Errorf("%w: more than %d signers", ErrFormat, maxSigners)
		}
		signer, err := readSigner(&signers)
		if err != nil {
			return nil, nil, err
		}
		sd.Signers = append(sd.Signers, signer)
	}
	return sd, certificates, nil
}

func (sd *SignedData) readContent(encap cryptobyte.String) error {
	var explicitContent cryptobyte.String
	var present bool
	if !encap.ReadASN1ObjectIdentifier(&sd.ContentType) ||
		!encap.ReadOptionalASN1(&explicitContent, &present, explicit(0)) || !encap.Empty() {
		return fmt.Errorf("%w: encapsulated content", ErrFormat)
	}
	if !present {
		return nil
	}
	var content cryptobyte.String
	if explicitContent.PeekASN1Tag(casn1.OCTET_STRING) {
		if !explicitContent.ReadASN1(&content, casn1.OCTET_STRING) || !explicitContent.Empty() {
			return fmt.Errorf("%w: encapsulated content", ErrFormat)
		}
		sd.Content = append([]byte{}, content...)
		return nil
	}
	// PKCS #7 1.5 allows any type here: its value octets are the content.
	var tag casn1.Tag
	if !explicitContent.ReadAnyASN1(&content, &tag) || !explicitContent.Empty() {
		return fmt.Errorf("%w: encapsulated content", ErrFormat)
	}
	sd.Content = append([]byte{}, content...)
	return nil
}

func (sd *SignedData) readCertificates(set cryptobyte.String) error {
	for n := 0; !set.Empty(); n++ {
		var element cryptobyte.String
		var tag casn1.Tag
		if !set.ReadAnyASN1Element(&element, &tag) || n >= maxCertificates {
			return fmt.Errorf("%w: certificates", ErrFormat)
		}
		if tag != casn1.SEQUENCE {
			continue // attribute certificates and the like (RFC 5652, 10.2.2)
		}
		certificate, err := certview.Parse(element)
		if err != nil {
			sd.Unreadable++
			continue
		}
		sd.Certificates = append(sd.Certificates, certificate)
	}
	return nil
}

func readSigner(in *cryptobyte.String) (Signer, error) {
	var s Signer
	var body, signature cryptobyte.String
	var version int
	if !in.ReadASN1(&body, casn1.SEQUENCE) || !body.ReadASN1Integer(&version) || !s.readID(&body) ||
		!readAlgorithm(&body, &s.digest) {
		return s, fmt.Errorf("%w: SignerInfo", ErrFormat)
	}
	if body.PeekASN1Tag(explicit(0)) {
		var element cryptobyte.String
		if !body.ReadASN1Element(&element, explicit(0)) {
			return s, fmt.Errorf("%w: signed attributes", ErrFormat)
		}
		s.attributes = append([]byte(nil), element...)
		s.attributes[0] = byte(casn1.SET) // RFC 5652, 5.4: the digest is over an explicit SET OF
		if err := s.readSignedAttributes(); err != nil {
			return s, err
		}
	}
	var unsigned cryptobyte.String
	var hasUnsigned bool
	if !readAlgorithm(&body, &s.algorithm) || !body.ReadASN1(&signature, casn1.OCTET_STRING) ||
		!body.ReadOptionalASN1(&unsigned, &hasUnsigned, explicit(1)) || !body.Empty() {
		return s, fmt.Errorf("%w: SignerInfo", ErrFormat)
	}
	s.signature = append([]byte(nil), signature...)
	return s, s.readUnsignedAttributes(unsigned)
}

func (s *Signer) readID(body *cryptobyte.String) bool {
	if body.PeekASN1Tag(casn1.Tag(0).ContextSpecific()) {
		var id cryptobyte.String
		if !body.ReadASN1(&id, casn1.Tag(0).ContextSpecific()) {
			return false
		}
		s.KeyID = append([]byte(nil), id...)
		return true
	}
	var id, issuer, serial cryptobyte.String
	if !body.ReadASN1(&id, casn1.SEQUENCE) || !id.ReadASN1Element(&issuer, casn1.SEQUENCE) ||
		!id.ReadASN1(&serial, casn1.INTEGER) || !id.Empty() {
		return false
	}
	s.Serial = certview.Integer(serial)
	s.Issuer = append([]byte(nil), issuer...)
	return true
}

// Names reports that the SignerInfo names this certificate (RFC 5652, 5.3, sid).
func (s *Signer) Names(certificate *x509.Certificate) bool {
	if s.KeyID != nil {
		return bytes.Equal(s.KeyID, certificate.SubjectKeyId)
	}
	return s.Serial != nil && s.Serial.Cmp(certificate.SerialNumber) == 0 && bytes.Equal(s.Issuer, certificate.RawIssuer)
}

func readAlgorithm(in *cryptobyte.String, out *algorithm) bool {
	var body cryptobyte.String
	if !in.ReadASN1(&body, casn1.SEQUENCE) || !body.ReadASN1ObjectIdentifier(&out.oid) {
		return false
	}
	out.params = nil
	if len(body) > 0 {
		out.params = append([]byte(nil), body...)
	}
	return true
}

// explicit is the constructed context-specific tag n.
func explicit(n uint8) casn1.Tag { return casn1.Tag(n).ContextSpecific().Constructed() }
