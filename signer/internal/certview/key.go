package certview

import (
	"crypto"
	"crypto/dsa" //nolint:staticcheck // only to judge old signatures
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"math/big"

	"golang.org/x/crypto/cryptobyte"
	casn1 "golang.org/x/crypto/cryptobyte/asn1"

	"kyso/signer/internal/curve"
)

// The kinds of keys that crypto/x509 leaves out.
const (
	keyRSA   = "1.2.840.113549.1.1.1"
	keyPSS   = "1.2.840.113549.1.1.10" // RFC 4055, 1.2
	keyEC    = "1.2.840.10045.2.1"
	keyEd448 = "1.3.101.113" // RFC 8410, 3
)

// publicKey reads a SubjectPublicKeyInfo; nil when nobody knows its kind.
func publicKey(der []byte) (crypto.PublicKey, x509.PublicKeyAlgorithm) {
	if key, err := x509.ParsePKIXPublicKey(der); err == nil {
		switch key.(type) {
		case *rsa.PublicKey:
			return key, x509.RSA
		case *dsa.PublicKey:
			return key, x509.DSA
		case *ecdsa.PublicKey:
			return key, x509.ECDSA
		case ed25519.PublicKey:
			return key, x509.Ed25519
		}
	}
	in := cryptobyte.String(der)
	var info, algorithm cryptobyte.String
	var oid asn1.ObjectIdentifier
	var bits asn1.BitString
	if !in.ReadASN1(&info, casn1.SEQUENCE) || !info.ReadASN1(&algorithm, casn1.SEQUENCE) ||
		!algorithm.ReadASN1ObjectIdentifier(&oid) || !info.ReadASN1BitString(&bits) {
		return nil, x509.UnknownPublicKeyAlgorithm
	}
	switch oid.String() {
	case keyRSA, keyPSS:
		if key := rsaKey(bits.RightAlign()); key != nil {
			return key, x509.RSA
		}
	case keyEC:
		var name asn1.ObjectIdentifier
		if !algorithm.ReadASN1ObjectIdentifier(&name) {
			break
		}
		if key, known, err := curve.NewPublicKey(name.String(), bits.RightAlign()); known && err == nil {
			return key, x509.ECDSA
		}
	case keyEd448:
		if key, err := curve.NewEd448PublicKey(bits.RightAlign()); err == nil {
			return key, x509.UnknownPublicKeyAlgorithm
		}
	}
	return nil, x509.UnknownPublicKeyAlgorithm
}

// rsaKey reads RSAPublicKey (RFC 8017, A.1.1), also with a modulus whose first bit is set by mistake.
func rsaKey(der []byte) *rsa.PublicKey {
	in := cryptobyte.String(der)
	var body, modulus cryptobyte.String
	var exponent int
	if !in.ReadASN1(&body, casn1.SEQUENCE) || !body.ReadASN1(&modulus, casn1.INTEGER) || !body.ReadASN1Integer(&exponent) {
		return nil
	}
	n := new(big.Int).SetBytes(modulus)
	if n.Sign() == 0 || n.BitLen() > 16384 || exponent < 3 {
		return nil
	}
	return &rsa.PublicKey{N: n, E: exponent}
}
