package signertest

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"math/big"
	"slices"
	"time"
)

type imprint struct {
	Hash   pkix.AlgorithmIdentifier
	Digest []byte
}

type timeStampRequest struct {
	Version    int
	Imprint    imprint
	Policy     asn1.ObjectIdentifier `asn1:"optional"`
	Nonce      *big.Int              `asn1:"optional"`
	CertReq    bool                  `asn1:"optional,default:false"`
	Extensions asn1.RawValue         `asn1:"optional,tag:0"`
}

type accuracy struct {
	Seconds int `asn1:"optional"`
}

type tstInfo struct {
	Version  int
	Policy   asn1.ObjectIdentifier
	Imprint  imprint
	Serial   *big.Int
	Time     time.Time `asn1:"generalized"`
	Accuracy accuracy
	Nonce    *big.Int `asn1:"optional"`
}

type attribute struct {
	Type   asn1.ObjectIdentifier
	Values []asn1.RawValue `asn1:"set"`
}

type signerInfo struct {
	Version    int
	Issuer     issuerSerial
	Digest     pkix.AlgorithmIdentifier
	Attributes asn1.RawValue
	Algorithm  pkix.AlgorithmIdentifier
	Signature  []byte
}

type issuerSerial struct {
	Name   asn1.RawValue
	Serial *big.Int
}

type encapsulated struct {
	Type    asn1.ObjectIdentifier
	Content []byte `asn1:"explicit,tag:0"`
}

type signedData struct {
	Version      int
	Digests      []pkix.AlgorithmIdentifier `asn1:"set"`
	Content      encapsulated
	Certificates asn1.RawValue `asn1:"optional"`
	Signers      []signerInfo  `asn1:"set"`
}

// answerTSA answers a time-stamp request (RFC 3161).
func (p *PKI) answerTSA(request []byte, f Fault) ([]byte, error) {
	var asked timeStampRequest
	rest, err := asn1.Unmarshal(request, &asked)
	if err != nil {
		return nil, err
	}
	if len(rest) > 0 {
		return nil, errTrailing
	}
	if asked.Version != 1 {
		return nil, errors.New("version of the time-stamp request is not 1")
	}
	if size := imprintSizes()[asked.Imprint.Hash.Algorithm.String()]; size == 0 || size != len(asked.Imprint.Digest) {
		return rejected(), nil
	}
	if f == Refused {
		return refused()
	}
	serial, err := newSerial()
	if err != nil {
		return nil, err
	}
	policy := asked.Policy
	if policy == nil {
		policy = tsaPolicy()
	}
	said := tstInfo{
		Version: 1, Policy: policy, Imprint: asked.Imprint, Serial: serial,
		Time: p.clock().UTC().Truncate(time.Second), Accuracy: accuracy{Seconds: 1}, Nonce: asked.Nonce,
	}
	spoil(&said, f)
	info, err := asn1.Marshal(said)
	if err != nil {
		return nil, err
	}
	server, err := p.disguised(PartTSA, f)
	if err != nil {
		return nil, err
	}
	if server.Signer, err = spoilt(server.Signer, f); err != nil {
		return nil, err
	}
	var certificates []byte
	if asked.CertReq && f != NoCertificate {
		certificates = server.Certificate.Raw
	}
	if f == Large {
		certificates = append(slices.Clone(certificates), bytes.Repeat(p.Issuing().Raw, 20<<10/len(p.Issuing().Raw))...)
	}
	token, err := timeStampToken(info, server, certificates)
	if err != nil {
		return nil, err
	}
	return asn1.Marshal(struct {
		Status struct{ Status int }
		Token  asn1.RawValue
	}{Token: asn1.RawValue{FullBytes: token}})
}

// spoil changes what a time stamp says.
func spoil(info *tstInfo, f Fault) {
	switch f { //nolint:exhaustive // the others change the signature, or nothing
	case WrongNonce:
		info.Nonce = big.NewInt(42)
	case WrongImprint:
		info.Imprint.Digest = append([]byte{info.Imprint.Digest[0] ^ 1}, info.Imprint.Digest[1:]...)
	case WrongPolicy:
		info.Policy = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 99999, 1, 2}
	case Inaccurate:
		info.Accuracy.Seconds = 3600
	}
}

// refused is a TimeStampResp with status "rejection", a text and failure timeNotAvailable.
func refused() ([]byte, error) {
	var r struct {
		Status struct {
			Status  int
			Texts   []string
			Failure asn1.BitString
		}
	}
	r.Status.Status, r.Status.Texts = 2, []string{"đồng hồ không đồng bộ"}
	r.Status.Failure = asn1.BitString{Bytes: []byte{0, 2}, BitLength: 15}
	return asn1.Marshal(r)
}

// timeStampToken wraps a TSTInfo into SignedData (RFC 3161, 2.4.2; RFC 5816).
func timeStampToken(info []byte, tsa Identity, certificates []byte) ([]byte, error) {
	attributes, err := signedAttributes(info, tsa.Certificate.Raw)
	if err != nil {
		return nil, err
	}
	signature, algorithm, err := signSHA256(tsa.Signer, attributes)
	if err != nil {
		return nil, err
	}
	implicit := append([]byte(nil), attributes...)
	implicit[0] = 0xa0 // [0] IMPLICIT SET
	sha256ID := pkix.AlgorithmIdentifier{Algorithm: oidSHA256()}
	data := signedData{
		Version: 3,
		Digests: []pkix.AlgorithmIdentifier{sha256ID},
		Content: encapsulated{Type: oidTSTInfo(), Content: info},
		Signers: []signerInfo{{
			Version:    1,
			Issuer:     issuerSerial{Name: asn1.RawValue{FullBytes: tsa.Certificate.RawIssuer}, Serial: tsa.Certificate.SerialNumber},
			Digest:     sha256ID,
			Attributes: asn1.RawValue{FullBytes: implicit},
			Algorithm:  algorithm,
			Signature:  signature,
		}},
	}
	if len(certificates) > 0 {
		data.Certificates = asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: certificates}
	}
	content, err := asn1.Marshal(data)
	if err != nil {
		return nil, err
	}
	return asn1.Marshal(struct {
		Type    asn1.ObjectIdentifier
		Content asn1.RawValue
	}{oidSignedData(), asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: content}})
}

// signedAttributes are content-type, message-digest and ESS signing-certificate-v2 as a DER SET.
func signedAttributes(content, certificate []byte) ([]byte, error) {
	digest, certificateHash := sha256.Sum256(content), sha256.Sum256(certificate)
	type essCertIDv2 struct{ Hash []byte }
	values := []struct {
		oid   asn1.ObjectIdentifier
		value any
	}{
		{oidContentType(), oidTSTInfo()},
		{oidMessageDigest(), digest[:]},
		{oidSigningCertV2(), struct{ Certs []essCertIDv2 }{[]essCertIDv2{{certificateHash[:]}}}},
	}
	var list []attribute
	for _, v := range values {
		der, err := asn1.Marshal(v.value)
		if err != nil {
			return nil, err
		}
		list = append(list, attribute{Type: v.oid, Values: []asn1.RawValue{{FullBytes: der}}})
	}
	return asn1.MarshalWithParams(list, "set")
}

func oidSignedData() asn1.ObjectIdentifier { return asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2} }

func oidTSTInfo() asn1.ObjectIdentifier {
	return asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 1, 4}
}

func oidContentType() asn1.ObjectIdentifier { return asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 3} }

func oidMessageDigest() asn1.ObjectIdentifier {
	return asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 4}
}

func oidSigningCertV2() asn1.ObjectIdentifier {
	return asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 47}
}

// tsaPolicy is the policy that the time-stamping server writes when the request names none.
func tsaPolicy() asn1.ObjectIdentifier { return asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 99999, 1, 1} }

func imprintSizes() map[string]int {
	return map[string]int{oidSHA256().String(): 32, oidSHA384().String(): 48, oidSHA512().String(): 64}
}

// rejected is a TimeStampResp with status "rejection" and failure badAlg (RFC 3161, 2.4.2).
func rejected() []byte {
	return []byte{0x30, 0x09, 0x30, 0x07, 0x02, 0x01, 0x02, 0x03, 0x02, 0x07, 0x80}
}
