// Package cms builds and reads CMS SignedData (RFC 5652) as PAdES needs it.
//
// The content is never here: the digest comes from outside, and signatures are
// always detached. Building asks for a signature over a digest, so that a token
// or a remote service can make it.
package cms

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"math/big"
	"slices"
)

// The structures of RFC 5652, 5, with what is embedded kept as raw DER.
type (
	contentInfo struct {
		Type    asn1.ObjectIdentifier
		Content asn1.RawValue
	}
	signedData struct {
		Version      int
		Digests      []pkix.AlgorithmIdentifier `asn1:"set"`
		Content      struct{ Type asn1.ObjectIdentifier }
		Certificates asn1.RawValue
		Signers      []signerInfo `asn1:"set"`
	}
	signerInfo struct {
		Version    int
		Signer     issuerAndSerial
		Digest     pkix.AlgorithmIdentifier
		Attributes asn1.RawValue
		Algorithm  pkix.AlgorithmIdentifier
		Signature  []byte
		// Unsigned has tag [1]; it is left out when it is empty.
		Unsigned asn1.RawValue `asn1:"optional"`
	}
	issuerAndSerial struct {
		Issuer asn1.RawValue
		Serial *big.Int
	}
	attribute struct {
		Type   asn1.ObjectIdentifier
		Values []asn1.RawValue `asn1:"set"`
	}
	// essCertIDv2 leaves the hash algorithm out when it is SHA-256, its default.
	essCertIDv2 struct {
		Hash   pkix.AlgorithmIdentifier `asn1:"optional"`
		Digest []byte
		Issuer issuerSerial
	}
	issuerSerial struct {
		Names  []asn1.RawValue
		Serial *big.Int
	}
)

// Builder holds everything of one signature but its value. It has no secrets.
type Builder struct {
	Scheme Scheme

	certificate  *x509.Certificate
	certificates []byte
	body         []byte // the attributes, sorted, without a tag
}

// NewBuilder prepares a signature over a message digest for a PAdES baseline
// signature (EN 319 142-1, 6.3): content-type, message-digest and
// signing-certificate-v2, no signing-time. The scheme is that of c's key; chain
// is embedded behind c.
func NewBuilder(scheme Scheme, c *x509.Certificate, chain []*x509.Certificate, messageDigest []byte) (*Builder, error) {
	if len(messageDigest) != scheme.Hash.Size() {
		return nil, fmt.Errorf("cms: a digest of %d bytes for %s", len(messageDigest), scheme.Hash)
	}
	b := &Builder{Scheme: scheme, certificate: c}
	ess, err := signingCertificate(c, scheme)
	if err != nil {
		return nil, err
	}
	values := []struct {
		oid   asn1.ObjectIdentifier
		value any
	}{
		{oidContentType(), oidData()},
		{oidMessageDigest(), messageDigest},
		{oidSigningCertificateV2(), ess},
	}
	encoded := make([][]byte, 0, len(values))
	for _, v := range values {
		value, err := asn1.Marshal(v.value)
		if err != nil {
			return nil, fmt.Errorf("cms: attribute %s: %w", v.oid, err)
		}
		a, err := asn1.Marshal(attribute{v.oid, []asn1.RawValue{{FullBytes: value}}})
		if err != nil {
			return nil, fmt.Errorf("cms: attribute %s: %w", v.oid, err)
		}
		encoded = append(encoded, a)
	}
	slices.SortFunc(encoded, bytes.Compare) // DER: a set is sorted
	b.body = bytes.Join(encoded, nil)
	b.certificates = certificateSet(c, chain)
	return b, nil
}

func signingCertificate(c *x509.Certificate, s Scheme) (any, error) {
	h := s.Hash.New()
	h.Write(c.Raw)
	id := essCertIDv2{Digest: h.Sum(nil)}
	if s.Hash != crypto.SHA256 {
		id.Hash = s.digest
	}
	// GeneralName ::= [4] EXPLICIT Name
	name, err := asn1.Marshal(asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 4, IsCompound: true, Bytes: c.RawIssuer})
	if err != nil {
		return nil, fmt.Errorf("cms: issuer: %w", err)
	}
	id.Issuer = issuerSerial{Names: []asn1.RawValue{{FullBytes: name}}, Serial: c.SerialNumber}
	return struct{ IDs []essCertIDv2 }{[]essCertIDv2{id}}, nil
}

// certificateSet is the certificates once each, sorted as DER wants a set.
func certificateSet(c *x509.Certificate, chain []*x509.Certificate) []byte {
	raw := [][]byte{c.Raw}
	for _, x := range chain {
		if !slices.ContainsFunc(raw, func(b []byte) bool { return bytes.Equal(b, x.Raw) }) {
			raw = append(raw, x.Raw)
		}
	}
	slices.SortFunc(raw, bytes.Compare)
	return bytes.Join(raw, nil)
}

// Attributes are the signed attributes as a SET in DER (RFC 5652, 5.4).
func (b *Builder) Attributes() ([]byte, error) {
	set, err := asn1.Marshal(asn1.RawValue{Class: asn1.ClassUniversal, Tag: asn1.TagSet, IsCompound: true, Bytes: b.body})
	if err != nil {
		return nil, fmt.Errorf("cms: signed attributes: %w", err)
	}
	return set, nil
}

// Digest is what the key signs: the hash of the signed attributes.
func (b *Builder) Digest() ([]byte, error) {
	set, err := b.Attributes()
	if err != nil {
		return nil, err
	}
	h := b.Scheme.Hash.New()
	h.Write(set)
	return h.Sum(nil), nil
}

// Build gives the ContentInfo in DER. Equal input gives equal output. stamps are
// time-stamp tokens over the signature value (RFC 3161, appendix A); they become
// one unsigned attribute.
func (b *Builder) Build(signature []byte, stamps ...[]byte) ([]byte, error) {
	context := func(body []byte) asn1.RawValue {
		return asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: body}
	}
	unsigned, err := unsignedAttributes(stamps)
	if err != nil {
		return nil, err
	}
	sd := signedData{
		Version:      1,
		Digests:      []pkix.AlgorithmIdentifier{b.Scheme.digest},
		Certificates: context(b.certificates),
		Signers: []signerInfo{{
			Version:    1,
			Signer:     issuerAndSerial{asn1.RawValue{FullBytes: b.certificate.RawIssuer}, b.certificate.SerialNumber},
			Digest:     b.Scheme.digest,
			Attributes: context(b.body),
			Algorithm:  b.Scheme.signature,
			Signature:  signature,
			Unsigned:   unsigned,
		}},
	}
	sd.Content.Type = oidData()
	inner, err := asn1.Marshal(sd)
	if err != nil {
		return nil, fmt.Errorf("cms: signed data: %w", err)
	}
	der, err := asn1.Marshal(contentInfo{oidSignedData(), context(inner)})
	if err != nil {
		return nil, fmt.Errorf("cms: %w", err)
	}
	return der, nil
}

// unsignedAttributes is the set with signature-time-stamp, empty without one.
func unsignedAttributes(stamps [][]byte) (asn1.RawValue, error) {
	if len(stamps) == 0 {
		return asn1.RawValue{}, nil
	}
	a := attribute{Type: parseTimeStampToken()}
	for _, der := range stamps {
		a.Values = append(a.Values, asn1.RawValue{FullBytes: der})
	}
	der, err := asn1.Marshal(a)
	if err != nil {
		return asn1.RawValue{}, fmt.Errorf("cms: time stamp: %w", err)
	}
	return asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 1, IsCompound: true, Bytes: der}, nil
}

// MaxSize is the most bytes that Build gives for the builder's key, without
// time stamps.
func (b *Builder) MaxSize() (int, error) {
	der, err := b.Build(make([]byte, b.Scheme.Size))
	return len(der), err
}
