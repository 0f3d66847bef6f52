// Package timestamp asks for time-stamp tokens (RFC 3161), reads and verifies
// them. It reaches no network: a Query makes the request and judges the answer,
// package fetch carries both.
//
// It judges the token alone: whether the server is trusted, and whether its
// certificate was revoked, is the caller's business.
package timestamp

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
	"time"

	"kyso/signer/internal/cms"
)

var (
	// ErrFormat reports bytes that are no time-stamp token.
	ErrFormat = errors.New("not a well-formed time-stamp token")
	// ErrImprint reports a token for other data.
	ErrImprint = errors.New("the time stamp is for other data")
	// ErrServer reports a token that no time-stamping server signed.
	ErrServer = errors.New("the time stamp is not signed by a time-stamping server")
)

// hashes are the hash functions of an imprint; SHA-1 only for old tokens.
func hashes() map[string]crypto.Hash {
	return map[string]crypto.Hash{
		"1.3.14.3.2.26":          crypto.SHA1,
		"2.16.840.1.101.3.4.2.1": crypto.SHA256,
		"2.16.840.1.101.3.4.2.2": crypto.SHA384,
		"2.16.840.1.101.3.4.2.3": crypto.SHA512,
		"2.16.840.1.101.3.4.2.8": crypto.SHA3_256,
	}
}

// Token is a time-stamp token.
type Token struct {
	// Time is what the server says, in UTC.
	Time time.Time
	// Hash and Imprint say what was stamped.
	Hash    crypto.Hash
	Imprint []byte
	// Policy is the server's, Accuracy how far Time may be off; zero when not told.
	Policy   asn1.ObjectIdentifier
	Accuracy time.Duration
	// Certificates are those that the token brings.
	Certificates []*x509.Certificate

	signer  *cms.Signer
	content []byte
	nonce   *big.Int
}

// info is TSTInfo (RFC 3161, 2.4.2) as far as it is used.
type info struct {
	Version int
	Policy  asn1.ObjectIdentifier
	Imprint struct {
		Hash   pkix.AlgorithmIdentifier
		Digest []byte
	}
	Serial   *big.Int
	Time     time.Time     `asn1:"generalized"`
	Accuracy accuracy      `asn1:"optional"`
	Ordering bool          `asn1:"optional"`
	Nonce    *big.Int      `asn1:"optional"`
	TSA      asn1.RawValue `asn1:"optional,explicit,tag:0"`
	More     asn1.RawValue `asn1:"optional,tag:1"`
}

// Parse reads a token; zeros may follow it. The error wraps ErrFormat.
func Parse(der []byte) (*Token, error) {
	data, err := cms.Parse(der)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	if !data.ContentType.Equal(oidInfo()) || len(data.Signers) != 1 {
		return nil, fmt.Errorf("%w: content type %s, %d signers", ErrFormat, data.ContentType, len(data.Signers))
	}
	var i info
	rest, err := asn1.Unmarshal(data.Content, &i)
	if err == nil && (len(rest) > 0 || i.Version != 1) {
		err = fmt.Errorf("version %d, %d bytes too many", i.Version, len(rest))
	}
	if err != nil {
		return nil, fmt.Errorf("%w: TSTInfo: %w", ErrFormat, err)
	}
	hash, ok := hashes()[i.Imprint.Hash.Algorithm.String()]
	if !ok || len(i.Imprint.Digest) != hash.Size() {
		return nil, fmt.Errorf("%w: imprint by %s", ErrFormat, i.Imprint.Hash.Algorithm)
	}
	within, err := i.Accuracy.duration()
	if err != nil {
		return nil, err
	}
	return &Token{
		Time: i.Time.UTC(), Hash: hash, Imprint: i.Imprint.Digest, Policy: i.Policy, Accuracy: within,
		Certificates: data.Certificates, signer: &data.Signers[0], content: data.Content, nonce: i.Nonce,
	}, nil
}

// Server finds the certificate of the server in the token or in a pool, nil
// when it is not there.
func (t *Token) Server(pool []*x509.Certificate) *x509.Certificate {
	for _, list := range [][]*x509.Certificate{t.Certificates, pool} {
		for _, c := range list {
			if t.signer.Names(c) {
				return c
			}
		}
	}
	return nil
}

// Verify checks that the token was made for an imprint and that the server's
// key signed it, with a certificate for nothing but time stamps that was valid
// then (RFC 3161, 2.3 and 2.4.2; RFC 5816). The error is ErrImprint or ErrServer.
func (t *Token) Verify(server *x509.Certificate, imprint []byte) error {
	if !bytes.Equal(t.Imprint, imprint) {
		return ErrImprint
	}
	if !stamps(server) {
		return fmt.Errorf("%w: the certificate of %s is not for time stamps alone", ErrServer, server.Subject)
	}
	if t.Time.Before(server.NotBefore) || t.Time.After(server.NotAfter) {
		return fmt.Errorf("%w: the certificate of %s was not valid then", ErrServer, server.Subject)
	}
	if !t.signer.HasSigningCertificate() {
		return fmt.Errorf("%w: no signing-certificate attribute", ErrServer)
	}
	hash, err := t.signer.Digest()
	if err != nil {
		return fmt.Errorf("%w: %w", ErrServer, err)
	}
	h := hash.New()
	h.Write(t.content)
	if err := t.signer.Check(server, oidInfo(), h.Sum(nil)); err != nil {
		return fmt.Errorf("%w: %w", ErrServer, err)
	}
	return nil
}

// stamps reports the one and critical extended key usage id-kp-timeStamping.
func stamps(c *x509.Certificate) bool {
	for _, e := range c.Extensions {
		if !e.Id.Equal(oidKeyUsage()) {
			continue
		}
		var usages []asn1.ObjectIdentifier
		rest, err := asn1.Unmarshal(e.Value, &usages)
		return err == nil && len(rest) == 0 && e.Critical && len(usages) == 1 && usages[0].Equal(oidTimeStamper())
	}
	return false
}

func oidInfo() asn1.ObjectIdentifier        { return asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 1, 4} }
func oidKeyUsage() asn1.ObjectIdentifier    { return asn1.ObjectIdentifier{2, 5, 29, 37} }
func oidTimeStamper() asn1.ObjectIdentifier { return asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 8} }
