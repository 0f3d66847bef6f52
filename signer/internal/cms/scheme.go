package cms

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
)

// ErrWeakKey reports a key that no new signature may be made with: RSA below
// 2048 bits, or an unknown kind of key (ETSI TS 119 312, 5 and 8).
var ErrWeakKey = errors.New("key too weak or of an unknown kind")

// The sizes of RSA keys in bits at which the hash function changes.
const (
	leastRSA  = 2048 // TT 15/2025/TT-BKHCN, annexes
	strongRSA = 3072
)

// Scheme is how a key signs.
type Scheme struct {
	// Hash digests the content and the signed attributes.
	Hash crypto.Hash
	// Size is the most bytes that a signature of the key takes.
	Size int
	// PSS reports RSASSA-PSS; false is PKCS #1 v1.5 or ECDSA.
	PSS bool

	digest, signature pkix.AlgorithmIdentifier
}

// SchemeFor chooses the scheme of a certificate's key: SHA-512 for P-521,
// SHA-384 for RSA from 3072 bits and P-384, SHA-256 for the rest. pss asks an
// RSA key for RSASSA-PSS; other keys sign as they do without it.
func SchemeFor(c *x509.Certificate, pss bool) (Scheme, error) {
	switch k := c.PublicKey.(type) {
	case *rsa.PublicKey:
		bits := k.N.BitLen()
		if bits < leastRSA {
			return Scheme{}, fmt.Errorf("%w: RSA of %d bits", ErrWeakKey, bits)
		}
		hash := crypto.SHA256
		if bits >= strongRSA {
			hash = crypto.SHA384
		}
		return rsaScheme(hash, k.Size(), pss)
	case *ecdsa.PublicKey:
		switch k.Curve {
		case elliptic.P256():
			return newScheme(crypto.SHA256, 72, pkix.AlgorithmIdentifier{Algorithm: oidECDSASHA256()}), nil
		case elliptic.P384():
			return newScheme(crypto.SHA384, 104, pkix.AlgorithmIdentifier{Algorithm: oidECDSASHA384()}), nil
		case elliptic.P521():
			return newScheme(crypto.SHA512, 139, pkix.AlgorithmIdentifier{Algorithm: oidECDSASHA512()}), nil
		}
		return Scheme{}, fmt.Errorf("%w: curve %s", ErrWeakKey, k.Params().Name)
	}
	return Scheme{}, fmt.Errorf("%w: %T", ErrWeakKey, c.PublicKey)
}

func rsaScheme(hash crypto.Hash, size int, pss bool) (Scheme, error) {
	if !pss {
		s := newScheme(hash, size, pkix.AlgorithmIdentifier{Algorithm: oidRSASHA256(), Parameters: asn1.NullRawValue})
		if hash == crypto.SHA384 {
			s.signature.Algorithm = oidRSASHA384()
		}
		return s, nil
	}
	params, err := pssParameters(hash)
	if err != nil {
		return Scheme{}, err
	}
	s := newScheme(hash, size, pkix.AlgorithmIdentifier{Algorithm: oidPSS(), Parameters: params})
	s.PSS = true
	return s, nil
}

func newScheme(hash crypto.Hash, size int, signature pkix.AlgorithmIdentifier) Scheme {
	return Scheme{Hash: hash, Size: size, digest: pkix.AlgorithmIdentifier{Algorithm: digestOID(hash)}, signature: signature}
}

func digestOID(hash crypto.Hash) asn1.ObjectIdentifier {
	switch hash {
	case crypto.SHA384:
		return oidSHA384()
	case crypto.SHA512:
		return oidSHA512()
	default:
		return oidSHA256()
	}
}

// pssParameters are RSASSA-PSS-params, all written out but the trailer, which
// has one value only: MGF1 by the same hash function, a salt as long as the
// hash (RFC 4055, 3.1; ETSI TS 119 312, 6.2).
func pssParameters(hash crypto.Hash) (asn1.RawValue, error) {
	digest := pkix.AlgorithmIdentifier{Algorithm: digestOID(hash), Parameters: asn1.NullRawValue}
	inner, err := asn1.Marshal(digest)
	if err != nil {
		return asn1.RawValue{}, fmt.Errorf("cms: RSASSA-PSS parameters: %w", err)
	}
	der, err := asn1.Marshal(struct {
		Hash pkix.AlgorithmIdentifier `asn1:"explicit,tag:0"`
		Mask pkix.AlgorithmIdentifier `asn1:"explicit,tag:1"`
		Salt int                      `asn1:"explicit,tag:2"`
	}{digest, pkix.AlgorithmIdentifier{Algorithm: oidMGF1(), Parameters: asn1.RawValue{FullBytes: inner}}, hash.Size()})
	if err != nil {
		return asn1.RawValue{}, fmt.Errorf("cms: RSASSA-PSS parameters: %w", err)
	}
	return asn1.RawValue{FullBytes: der}, nil
}

// Options are what the key is to be asked with.
func (s Scheme) Options() crypto.SignerOpts {
	if s.PSS {
		return &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: s.Hash}
	}
	return s.Hash
}

// Verify checks a signature value over a digest with the certificate's key.
func (s Scheme) Verify(c *x509.Certificate, digest, signature []byte) error {
	var err error
	switch k := c.PublicKey.(type) {
	case *rsa.PublicKey:
		if s.PSS {
			err = rsa.VerifyPSS(k, s.Hash, digest, signature, &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash})
		} else {
			err = rsa.VerifyPKCS1v15(k, s.Hash, digest, signature)
		}
	case *ecdsa.PublicKey:
		if !ecdsa.VerifyASN1(k, digest, signature) {
			err = errors.New("it does not verify with the certificate")
		}
	default:
		err = errors.New("it does not verify with the certificate")
	}
	if err != nil {
		return fmt.Errorf("signature value: %w", err)
	}
	return nil
}
