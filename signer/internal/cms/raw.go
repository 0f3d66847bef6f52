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
	known, ok := schemes[named.oid.String()]
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
	return hash, checkKey(key, known.scheme, named, hash, message, h.Sum(nil), signature)
}

// checkKey verifies one signature value; message may be nil when only its
// digest is known.
func checkKey(key crypto.PublicKey, how scheme, named algorithm, hash crypto.Hash, message, digest, signature []byte) error {
	mismatch := fmt.Errorf("%w: %s with a key of type %T", ErrFormat, named.oid, key)
	valid := false
	switch key := key.(type) {
	case *rsa.PublicKey:
		if how == schemePSS {
			return checkPSS(key, named.params, hash, digest, signature)
		}
		if how != schemePKCS1 {
			return mismatch
		}
		valid = rsa.VerifyPKCS1v15(key, hash, digest, signature) == nil
	case *ecdsa.PublicKey:
		if how != schemeECDSA {
			return mismatch
		}
		valid = ecdsa.VerifyASN1(key, digest, signature)
	case ed25519.PublicKey:
		if how != schemeEd25519 || message == nil {
			return mismatch
		}
		valid = ed25519.Verify(key, message, signature)
	default:
		return fmt.Errorf("%w: key of type %T", ErrAlgorithm, key)
	}
	if !valid {
		return ErrSignature
	}
	return nil
}
