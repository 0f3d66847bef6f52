package cms

import (
	"crypto"
	"crypto/dsa" //nolint:staticcheck // only to judge old signatures
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/asn1"
	"fmt"
	"hash"
	"math/big"
	"strconv"
	"strings"

	"golang.org/x/crypto/cryptobyte"
	casn1 "golang.org/x/crypto/cryptobyte/asn1"

	"kyso/signer/internal/curve"
)

// CheckSigned verifies a signature over message, as certificates, revocation
// lists and OCSP answers carry it: algorithmID is the AlgorithmIdentifier in
// DER. It returns the hash function that was used, also old ones; whether that
// is good enough is the caller's judgement.
func CheckSigned(key crypto.PublicKey, algorithmID, message, signature []byte) (Hash, error) {
	h, err := NewSigned(algorithmID)
	if err != nil {
		return Hash{}, err
	}
	h.keep = true
	_, _ = h.Write(message)
	return h.hash, h.Check(key, signature)
}

// Signed takes a message piece by piece whose signature is to be verified: a
// revocation list may be too large for the memory.
type Signed struct {
	scheme    scheme
	algorithm algorithm
	hash      Hash
	hashOID   asn1.ObjectIdentifier
	digest    hash.Hash
	keep      bool
	message   []byte
}

// NewSigned starts with an AlgorithmIdentifier in DER.
func NewSigned(algorithmID []byte) (*Signed, error) {
	in := cryptobyte.String(algorithmID)
	var named algorithm
	if !readAlgorithm(&in, &named) || !in.Empty() {
		return nil, fmt.Errorf("%w: algorithm identifier", ErrFormat)
	}
	known, ok := schemes()[named.oid.String()]
	if !ok {
		return nil, fmt.Errorf("%w: signature %s", ErrAlgorithm, named.oid)
	}
	s := &Signed{scheme: known.scheme, algorithm: named}
	switch {
	case known.scheme == schemePSS:
		params, err := readPSS(named.params)
		if err != nil {
			return nil, err
		}
		s.hash, s.hashOID = params.hash, params.hashOID
	case known.scheme == schemeEd25519 || known.scheme == schemeEd448:
		s.hash, s.keep = Hash{crypto: crypto.SHA512}, true // these sign the message itself
	case known.hash == 0:
		return nil, fmt.Errorf("%w: signature %s without a digest", ErrAlgorithm, named.oid)
	default:
		s.hash = Hash{crypto: known.hash}
		for oid, h := range hashes() {
			if h == known.hash {
				s.hashOID = parseOID(oid)
			}
		}
	}
	s.digest = s.hash.New()
	return s, nil
}

// Write takes the next piece. It never fails.
func (s *Signed) Write(b []byte) (int, error) {
	if s.keep {
		s.message = append(s.message, b...)
	}
	_, _ = s.digest.Write(b) // never fails (package hash)
	return len(b), nil
}

// Hash is the hash function of the signature.
func (s *Signed) Hash() Hash { return s.hash }

// Check verifies the signature over all that was written.
func (s *Signed) Check(key crypto.PublicKey, signature []byte) error {
	return checkKey(key, value{
		scheme: s.scheme, algorithm: s.algorithm, hash: s.hash, hashOID: s.hashOID,
		message: s.message, digest: s.digest.Sum(nil), signature: signature,
	})
}

func parseOID(s string) asn1.ObjectIdentifier {
	var oid asn1.ObjectIdentifier
	for part := range strings.SplitSeq(s, ".") {
		n, err := strconv.Atoi(part)
		if err != nil {
			return nil
		}
		oid = append(oid, n)
	}
	return oid
}

// value is a signature value with what it is over.
type value struct {
	scheme    scheme
	algorithm algorithm
	hash      Hash
	hashOID   asn1.ObjectIdentifier
	message   []byte // nil when only its digest is known
	digest    []byte
	signature []byte
}

// checkKey verifies one signature value.
func checkKey(key crypto.PublicKey, v value) error {
	mismatch := fmt.Errorf("%w: %s with a key of type %T", ErrFormat, v.algorithm.oid, key)
	var valid bool
	switch key := key.(type) {
	case *rsa.PublicKey:
		if v.scheme == schemePSS {
			return checkPSS(key, v.algorithm.params, v.hash, v.digest, v.signature)
		}
		if v.scheme != schemePKCS1 {
			return mismatch
		}
		valid = verifyPKCS1(key, v.hashOID, v.digest, v.signature)
	case *ecdsa.PublicKey:
		if v.scheme != schemeECDSA {
			return mismatch
		}
		valid = ecdsa.VerifyASN1(key, v.digest, v.signature)
	case ed25519.PublicKey:
		if v.scheme != schemeEd25519 || v.message == nil {
			return mismatch
		}
		valid = ed25519.Verify(key, v.message, v.signature)
	case curve.Ed448PublicKey:
		if v.scheme != schemeEd448 || v.message == nil {
			return mismatch
		}
		valid = key.Verify(v.message, v.signature)
	case *curve.PublicKey:
		if v.scheme != schemeECDSA {
			return mismatch
		}
		valid = key.Verify(v.digest, v.signature)
	case *dsa.PublicKey:
		if v.scheme != schemeDSA {
			return mismatch
		}
		valid = verifyDSA(key, v.digest, v.signature)
	default:
		return fmt.Errorf("%w: key of type %T", ErrAlgorithm, key)
	}
	if !valid {
		return ErrSignature
	}
	return nil
}

// verifyDSA verifies SEQUENCE { r, s } (FIPS 186-4, 4.7).
func verifyDSA(key *dsa.PublicKey, digest, signature []byte) bool {
	r, s := new(big.Int), new(big.Int)
	in := cryptobyte.String(signature)
	var body cryptobyte.String
	if !in.ReadASN1(&body, casn1.SEQUENCE) || !in.Empty() || !body.ReadASN1Integer(r) || !body.ReadASN1Integer(s) || !body.Empty() {
		return false
	}
	if key.P == nil || key.Q == nil || key.P.BitLen() > maxRSABits || key.Q.Sign() <= 0 {
		return false
	}
	return dsa.Verify(key, digest[:min(len(digest), (key.Q.BitLen()+7)/8)], r, s)
}
