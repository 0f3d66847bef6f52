package signertest

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1" //nolint:gosec // CertID of RFC 6960 is made with SHA-1 by most clients
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"math/big"
	"time"
)

var (
	errNotAnswer = errors.New("the request asks for no certificate")
	errTrailing  = errors.New("bytes after the request")
)

type certID struct {
	Hash         pkix.AlgorithmIdentifier
	NameHash     []byte
	KeyHash      []byte
	SerialNumber *big.Int
}

type ocspRequest struct {
	TBS struct {
		Version       int           `asn1:"explicit,tag:0,default:0,optional"`
		RequestorName asn1.RawValue `asn1:"explicit,tag:1,optional"`
		List          []struct {
			Cert       certID
			Extensions []pkix.Extension `asn1:"explicit,tag:0,optional"`
		}
		Extensions []pkix.Extension `asn1:"explicit,tag:2,optional"`
	}
	Signature asn1.RawValue `asn1:"explicit,tag:0,optional"`
}

type singleResponse struct {
	Cert       certID
	Status     asn1.RawValue
	ThisUpdate time.Time `asn1:"generalized"`
	NextUpdate time.Time `asn1:"generalized,explicit,tag:0"`
}

type responseData struct {
	ResponderName asn1.RawValue // [1] byName
	ProducedAt    time.Time     `asn1:"generalized"`
	Responses     []singleResponse
	Extensions    []pkix.Extension `asn1:"explicit,tag:1,optional,omitempty"`
}

type basicResponse struct {
	TBS          asn1.RawValue
	Algorithm    pkix.AlgorithmIdentifier
	Signature    asn1.BitString
	Certificates []asn1.RawValue `asn1:"explicit,tag:0"`
}

type ocspResponse struct {
	Status asn1.Enumerated
	Bytes  struct {
		Type     asn1.ObjectIdentifier
		Response []byte
	} `asn1:"explicit,tag:0"`
}

// answerOCSP answers as a delegated responder (RFC 6960, 4.2.2.2); the nonce is echoed.
func (p *PKI) answerOCSP(request []byte, f Fault) ([]byte, error) {
	var asked ocspRequest
	rest, err := asn1.Unmarshal(request, &asked)
	if err != nil {
		return nil, err
	}
	if len(rest) > 0 {
		return nil, errTrailing
	}
	if len(asked.TBS.List) == 0 {
		return nil, errNotAnswer
	}
	responder, err := p.disguised(PartOCSP, f)
	if err != nil {
		return nil, err
	}
	now := p.clock().UTC()
	if f == Stale {
		now = now.Add(-2 * answerLife)
	}
	data := responseData{
		ResponderName: asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 1, IsCompound: true, Bytes: responder.Certificate.RawSubject},
		ProducedAt:    now,
	}
	for _, one := range asked.TBS.List {
		status, err := p.status(one.Cert)
		if err != nil {
			return nil, err
		}
		if f == OtherCertificate {
			one.Cert.SerialNumber = new(big.Int).Add(one.Cert.SerialNumber, big.NewInt(1))
		}
		data.Responses = append(data.Responses, singleResponse{
			Cert: one.Cert, Status: status, ThisUpdate: now.Add(-time.Minute), NextUpdate: now.Add(answerLife),
		})
	}
	for _, extension := range asked.TBS.Extensions {
		if f == WrongNonce {
			extension.Value = append([]byte{4, 16}, make([]byte, 16)...)
		}
		if extension.Id.Equal(oidOCSPNonce()) {
			data.Extensions = append(data.Extensions, extension)
		}
	}
	key, err := spoilt(responder.Signer, f)
	if err != nil {
		return nil, err
	}
	return signOCSP(data, Identity{responder.Certificate, key})
}

func signOCSP(data responseData, responder Identity) ([]byte, error) {
	tbs, err := asn1.Marshal(data)
	if err != nil {
		return nil, err
	}
	signature, algorithm, err := signSHA256(responder.Signer, tbs)
	if err != nil {
		return nil, err
	}
	basic, err := asn1.Marshal(basicResponse{
		TBS:          asn1.RawValue{FullBytes: tbs},
		Algorithm:    algorithm,
		Signature:    asn1.BitString{Bytes: signature, BitLength: 8 * len(signature)},
		Certificates: []asn1.RawValue{{FullBytes: responder.Certificate.Raw}},
	})
	if err != nil {
		return nil, err
	}
	var answer ocspResponse
	answer.Bytes.Type, answer.Bytes.Response = oidBasicOCSP(), basic
	return asn1.Marshal(answer)
}

// status is the CertStatus of a certificate: good unless it was revoked,
// unknown when another CA issued it.
func (p *PKI) status(id certID) (asn1.RawValue, error) {
	if !issuedBy(id, p.Issuing()) {
		return unknownStatus(), nil
	}
	p.mu.Lock()
	revoked, ok := p.revoked[id.SerialNumber.String()]
	p.mu.Unlock()
	if !ok {
		return goodStatus(), nil
	}
	at, err := asn1.MarshalWithParams(revoked.at.UTC(), "generalized")
	if err != nil {
		return asn1.RawValue{}, err
	}
	return asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 1, IsCompound: true, Bytes: at}, nil
}

func issuedBy(id certID, ca *x509.Certificate) bool {
	var info struct {
		Algorithm pkix.AlgorithmIdentifier
		Key       asn1.BitString
	}
	if _, err := asn1.Unmarshal(ca.RawSubjectPublicKeyInfo, &info); err != nil {
		return false
	}
	var name, key []byte
	switch {
	case id.Hash.Algorithm.Equal(oidSHA1()):
		n, k := sha1.Sum(ca.RawSubject), sha1.Sum(info.Key.Bytes) //nolint:gosec // see the import
		name, key = n[:], k[:]
	case id.Hash.Algorithm.Equal(oidSHA256()):
		n, k := sha256.Sum256(ca.RawSubject), sha256.Sum256(info.Key.Bytes)
		name, key = n[:], k[:]
	default:
		return false
	}
	return bytes.Equal(id.NameHash, name) && bytes.Equal(id.KeyHash, key)
}

// signSHA256 signs content with RSA PKCS #1 v1.5 or ECDSA, as the key wants.
func signSHA256(key crypto.Signer, content []byte) ([]byte, pkix.AlgorithmIdentifier, error) {
	algorithm := pkix.AlgorithmIdentifier{Algorithm: oidECDSA256()}
	if _, ok := key.Public().(*rsa.PublicKey); ok {
		algorithm = pkix.AlgorithmIdentifier{Algorithm: oidRSASHA256(), Parameters: asn1.NullRawValue}
	}
	digest := sha256.Sum256(content)
	signature, err := key.Sign(rand.Reader, digest[:], crypto.SHA256)
	return signature, algorithm, err
}

func oidBasicOCSP() asn1.ObjectIdentifier {
	return asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 1}
}

func oidOCSPNonce() asn1.ObjectIdentifier {
	return asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 2}
}
func oidSHA1() asn1.ObjectIdentifier   { return asn1.ObjectIdentifier{1, 3, 14, 3, 2, 26} }
func oidSHA256() asn1.ObjectIdentifier { return asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1} }

func oidSHA384() asn1.ObjectIdentifier { return asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 2} }

func oidSHA512() asn1.ObjectIdentifier { return asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 3} }

func oidRSASHA256() asn1.ObjectIdentifier { return asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 11} }

func oidECDSA256() asn1.ObjectIdentifier { return asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2} }

func goodStatus() asn1.RawValue { return asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0} }

func unknownStatus() asn1.RawValue { return asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 2} }
