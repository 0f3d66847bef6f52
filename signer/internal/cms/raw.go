package cms

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"fmt"

	"golang.org/x/crypto/cryptobyte"
)

// CheckSigned verifies a signature over message, as certificates, revocation
// lists and OCSP answers carry it: algorithmID is the AlgorithmIdentifier in
// DER. It returns the hash function that was used, also old ones; whether that
// is good enough is the caller's judgement.
func CheckSigned(key crypto.PublicKey, algorithmID, message, signature []byte) (crypto.Hash, error) {
	in := cryptobyte.String(algorithmID)
	var named algorithm
	if !readAlgorithm(&in, &named) || !in.Empty() {
		return 0, fmt.Errorf("%w: algorithm identifier", ErrFormat)
	}
	known, ok := schemes()[named.oid.String()]
	if !ok {
		return 0, fmt.Errorf("%w: signature %s", ErrAlgorithm, named.oid)
	}
	hash := known.hash
	if known.scheme == schemePSS {
		var err error
		if hash, _, err = readPSS(named.params); err != nil {
			return 0, err
		}
	}
	if hash == 0 {
		return 0, fmt.Errorf("%w: signature %s without a digest", ErrAlgorithm, named.oid)
	}
	h := hash.New()
	h.Write(message)
	return hash, checkKey(key, value{
		scheme: known.scheme, algorithm: named, hash: hash, message: message, digest: h.Sum(nil), signature: signature,
	})
}

// value is a signature value with what it is over.
type value struct {
	scheme    scheme
	algorithm algorithm
	hash      crypto.Hash
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
		valid = rsa.VerifyPKCS1v15(key, v.hash, v.digest, v.signature) == nil
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
	default:
		return fmt.Errorf("%w: key of type %T", ErrAlgorithm, key)
	}
	if !valid {
		return ErrSignature
	}
	return nil
}
