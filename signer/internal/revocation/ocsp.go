package revocation

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/sha1"     //nolint:gosec // RFC 6960 and RFC 5019 make CertID with SHA-1; nothing depends on its strength
	_ "crypto/sha256" // registers SHA-256 for CertID
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"math/big"
	"slices"
	"time"

	"kyso/signer/internal/certview"
	"kyso/signer/internal/cms"
	"kyso/signer/internal/trust"
)

type certID struct {
	Hash     pkix.AlgorithmIdentifier
	NameHash []byte
	KeyHash  []byte
	Serial   *big.Int
}

type request struct {
	TBS struct {
		List []struct {
			Cert certID
		}
		Extensions []pkix.Extension `asn1:"explicit,tag:2,optional,omitempty"`
	}
}

type response struct {
	Status asn1.Enumerated
	Bytes  struct {
		Type     asn1.ObjectIdentifier
		Response []byte
	} `asn1:"explicit,tag:0,optional"`
}

type basicResponse struct {
	TBS          asn1.RawValue
	Algorithm    asn1.RawValue
	Signature    asn1.BitString
	Certificates []asn1.RawValue `asn1:"explicit,tag:0,optional"`
}

type responseData struct {
	Version    int           `asn1:"explicit,tag:0,default:0,optional"`
	Responder  asn1.RawValue // [1] name or [2] key hash
	ProducedAt time.Time     `asn1:"generalized"`
	Responses  []singleResponse
	Extensions []pkix.Extension `asn1:"explicit,tag:1,optional"`
}

type singleResponse struct {
	Cert       certID
	Status     asn1.RawValue
	ThisUpdate time.Time        `asn1:"generalized"`
	NextUpdate time.Time        `asn1:"generalized,explicit,tag:0,optional"`
	Extensions []pkix.Extension `asn1:"explicit,tag:1,optional"`
}

type revokedInfo struct {
	At     time.Time       `asn1:"generalized"`
	Reason asn1.Enumerated `asn1:"explicit,tag:0,optional"`
}

// Request makes an OCSP request for one certificate and the nonce in it.
func Request(certificate, issuer *x509.Certificate) (der, nonce []byte, err error) {
	key, err := keyBits(issuer)
	if err != nil {
		return nil, nil, err
	}
	nonce = make([]byte, 16)
	_, _ = rand.Read(nonce) // never fails
	value, err := asn1.Marshal(nonce)
	if err != nil {
		return nil, nil, fmt.Errorf("OCSP nonce: %w", err)
	}
	name, keyHash := sha1.Sum(issuer.RawSubject), sha1.Sum(key) //nolint:gosec // see the import
	var r request
	r.TBS.List = []struct{ Cert certID }{{certID{
		Hash:     pkix.AlgorithmIdentifier{Algorithm: oidSHA1(), Parameters: asn1.NullRawValue},
		NameHash: name[:],
		KeyHash:  keyHash[:],
		Serial:   certificate.SerialNumber,
	}}}
	r.TBS.Extensions = []pkix.Extension{{Id: oidNonce(), Value: value}}
	if der, err = asn1.Marshal(r); err != nil {
		return nil, nil, fmt.Errorf("OCSP request: %w", err)
	}
	return der, nonce, nil
}

// OCSP judges an answer about a certificate at a time (RFC 6960, 3.2). The
// answer must be signed by the issuer, or by a responder whose certificate the
// issuer itself signed for OCSP and which is valid. A nonce in the answer must
// be the one that was sent; an answer without nonce is taken, as most
// responders prepare theirs. Every error wraps ErrUnusable.
func OCSP(answer []byte, certificate, issuer *x509.Certificate, nonce []byte, at time.Time) (Status, error) {
	status, err := judgeOCSP(answer, certificate, issuer, nonce, at)
	if err != nil {
		return Status{}, fmt.Errorf("%w: OCSP: %w", ErrUnusable, err)
	}
	return status, nil
}

func judgeOCSP(answer []byte, certificate, issuer *x509.Certificate, nonce []byte, at time.Time) (Status, error) {
	basic, data, err := parseOCSP(answer)
	if err != nil {
		return Status{}, err
	}
	if err := checkResponder(basic, data, issuer); err != nil {
		return Status{}, err
	}
	if err := checkNonce(data.Extensions, nonce); err != nil {
		return Status{}, err
	}
	for _, single := range data.Responses {
		if !about(single.Cert, certificate, issuer) {
			continue
		}
		if !holds(single.ThisUpdate, single.NextUpdate, at, certificate.NotAfter) {
			return Status{}, fmt.Errorf("made %s, out of its time", single.ThisUpdate.Format(time.RFC3339))
		}
		return single.status()
	}
	return Status{}, fmt.Errorf("it says nothing of serial %x", certificate.SerialNumber)
}

// Responders are the certificates of those that may have signed an answer for
// an issuer, as RFC 6960, 4.2.2.2 demands it: what the ResponderID names among
// the issuer itself and the certificates in the answer. Nothing else is judged.
func Responders(answer []byte, issuer *x509.Certificate) []*x509.Certificate {
	basic, data, err := parseOCSP(answer)
	if err != nil {
		return nil
	}
	var out []*x509.Certificate
	for _, c := range candidates(basic, issuer) {
		if answersTo(c, data.Responder) && mayRespond(c, issuer, data.ProducedAt) == nil {
			out = append(out, c)
		}
	}
	return out
}

// candidates are the certificates among which the responder's is looked for.
func candidates(basic basicResponse, issuer *x509.Certificate) []*x509.Certificate {
	out := []*x509.Certificate{issuer}
	for _, raw := range basic.Certificates[:min(len(basic.Certificates), 16)] {
		if c, err := certview.Parse(raw.FullBytes); err == nil {
			out = append(out, c)
		}
	}
	return out
}

// maxOCSP is the largest answer that is read, in bytes: what is read takes many
// times as much, and an answer is about a few certificates.
const maxOCSP = 1 << 20

func parseOCSP(answer []byte) (basic basicResponse, data responseData, err error) {
	if len(answer) > maxOCSP {
		return basic, data, fmt.Errorf("%d bytes", len(answer))
	}
	var outer response
	if err := unmarshal(answer, &outer); err != nil {
		return basic, data, err
	}
	if outer.Status != 0 {
		return basic, data, fmt.Errorf("responder's status %d", outer.Status)
	}
	if !outer.Bytes.Type.Equal(oidBasic()) {
		return basic, data, fmt.Errorf("response type %s", outer.Bytes.Type)
	}
	if err := unmarshal(outer.Bytes.Response, &basic); err != nil {
		return basic, data, err
	}
	return basic, data, unmarshal(basic.TBS.FullBytes, &data)
}

func unmarshal(der []byte, v any) error {
	rest, err := asn1.Unmarshal(der, v)
	if err != nil {
		return fmt.Errorf("malformed: %w", err)
	}
	if len(rest) > 0 {
		return fmt.Errorf("%d bytes too many", len(rest))
	}
	return nil
}

// checkResponder finds who signed and whether he may (RFC 6960, 4.2.2.2).
func checkResponder(basic basicResponse, data responseData, issuer *x509.Certificate) error {
	reason := fmt.Errorf("no certificate of the responder")
	for _, c := range candidates(basic, issuer) {
		if !answersTo(c, data.Responder) {
			continue
		}
		if reason = mayRespond(c, issuer, data.ProducedAt); reason != nil {
			continue
		}
		hash, err := cms.CheckSigned(c.PublicKey, basic.Algorithm.FullBytes, basic.TBS.FullBytes, basic.Signature.RightAlign())
		switch {
		case err != nil:
			reason = err
		case hash.Is(crypto.SHA1) || hash.Is(crypto.MD5):
			reason = fmt.Errorf("signed with %s", hash)
		default:
			return nil
		}
	}
	return reason
}

// answersTo reports that the ResponderID names a certificate.
func answersTo(c *x509.Certificate, id asn1.RawValue) bool {
	if id.Class != asn1.ClassContextSpecific {
		return false
	}
	switch id.Tag {
	case 1:
		return bytes.Equal(id.Bytes, c.RawSubject)
	case 2:
		key, err := keyBits(c)
		if err != nil {
			return false
		}
		sum := sha1.Sum(key) //nolint:gosec // the KeyHash of RFC 6960 is SHA-1
		var named []byte
		return unmarshal(id.Bytes, &named) == nil && bytes.Equal(named, sum[:])
	}
	return false
}

// mayRespond checks the authority of a responder: the issuer itself, or a
// certificate that the issuer signed with id-kp-OCSPSigning, valid when it answered.
func mayRespond(c, issuer *x509.Certificate, at time.Time) error {
	if c.Equal(issuer) {
		return nil
	}
	if _, err := trust.Issued(c, issuer); err != nil {
		return fmt.Errorf("the CA did not appoint %s: %w", c.Subject, err)
	}
	if !slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageOCSPSigning) {
		return fmt.Errorf("%s may not sign OCSP answers", c.Subject)
	}
	if at.Before(c.NotBefore.Add(-skew)) || at.After(c.NotAfter) {
		return fmt.Errorf("the certificate of %s was not valid on %s", c.Subject, at.Format(time.RFC3339))
	}
	return nil
}

func checkNonce(extensions []pkix.Extension, nonce []byte) error {
	for _, e := range extensions {
		if !e.Id.Equal(oidNonce()) || nonce == nil {
			continue
		}
		var got []byte
		if unmarshal(e.Value, &got) != nil || !bytes.Equal(got, nonce) {
			return fmt.Errorf("it answers another request")
		}
	}
	return nil
}

// certIDHash is the hash function of a CertID.
func certIDHash(id asn1.ObjectIdentifier) (crypto.Hash, bool) {
	switch id.String() {
	case "1.3.14.3.2.26":
		return crypto.SHA1, true
	case "2.16.840.1.101.3.4.2.1":
		return crypto.SHA256, true
	}
	return 0, false
}

// about reports that a CertID names a certificate of an issuer.
func about(id certID, certificate, issuer *x509.Certificate) bool {
	hash, ok := certIDHash(id.Hash.Algorithm)
	key, err := keyBits(issuer)
	if !ok || err != nil || id.Serial == nil || id.Serial.Cmp(certificate.SerialNumber) != 0 {
		return false
	}
	sum := func(b []byte) []byte {
		h := hash.New()
		h.Write(b)
		return h.Sum(nil)
	}
	return bytes.Equal(id.NameHash, sum(issuer.RawSubject)) && bytes.Equal(id.KeyHash, sum(key))
}

func (r singleResponse) status() (Status, error) {
	s := Status{ThisUpdate: r.ThisUpdate}
	if r.Status.Class != asn1.ClassContextSpecific {
		return s, fmt.Errorf("certificate status of class %d", r.Status.Class)
	}
	switch r.Status.Tag {
	case 0:
		s.State = Good
	case 1:
		var info revokedInfo
		if _, err := asn1.UnmarshalWithParams(r.Status.FullBytes, &info, "tag:1"); err != nil {
			return s, fmt.Errorf("revoked info: %w", err)
		}
		s.State, s.RevokedAt, s.Reason = Revoked, info.At, int(info.Reason)
	case 2:
		s.State = Unknown
	default:
		return s, fmt.Errorf("certificate status %d", r.Status.Tag)
	}
	return s, nil
}

// keyBits is the subjectPublicKey without its algorithm.
func keyBits(c *x509.Certificate) ([]byte, error) {
	var info struct {
		Algorithm pkix.AlgorithmIdentifier
		Key       asn1.BitString
	}
	if err := unmarshal(c.RawSubjectPublicKeyInfo, &info); err != nil {
		return nil, err
	}
	return info.Key.RightAlign(), nil
}

func oidBasic() asn1.ObjectIdentifier { return asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 1} }

func oidNonce() asn1.ObjectIdentifier { return asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 2} }

func oidNoCheck() asn1.ObjectIdentifier { return asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 5} }
func oidSHA1() asn1.ObjectIdentifier    { return asn1.ObjectIdentifier{1, 3, 14, 3, 2, 26} }
