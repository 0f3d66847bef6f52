package p11

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"errors"
	"math/big"
	"slices"

	"github.com/miekg/pkcs11"
	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"kyso/signer/token"
)

// operation gives the mechanism and what the token is to sign. The mechanisms
// take the digest: CKM_SHA256_RSA_PKCS would want the whole document. PSS is
// asked for only where the token lists it: some drivers take the mechanism and
// sign something else.
func (s *session) operation(r token.SignRequest, public crypto.PublicKey, raw bool) (*pkcs11.Mechanism, []byte, error) {
	k, isRSA := public.(*rsa.PublicKey)
	switch {
	case !isRSA:
		return pkcs11.NewMechanism(pkcs11.CKM_ECDSA, nil), leftmost(public, r.Digest), nil
	case r.PSS:
		all, err := s.p.c.Mechanisms(s.info.Slot)
		if err != nil {
			return nil, nil, err
		}
		if !slices.Contains(all, pkcs11.CKM_RSA_PKCS_PSS) {
			return nil, nil, &token.Error{Kind: token.KindMechanism, Op: "sign", Detail: "the token does not list RSASSA-PSS (CKM_RSA_PKCS_PSS)"}
		}
		return pkcs11.NewMechanism(pkcs11.CKM_RSA_PKCS_PSS, pssParameters(r.Hash)), r.Digest, nil
	case raw:
		return pkcs11.NewMechanism(pkcs11.CKM_RSA_X_509, nil), padded(k, digestInfo(r.Digest, r.Hash)), nil
	default:
		return pkcs11.NewMechanism(pkcs11.CKM_RSA_PKCS, nil), digestInfo(r.Digest, r.Hash), nil
	}
}

// hasRaw reports whether there is a mechanism to fall back on: the bare RSA
// operation, for PKCS #1 v1.5 padding made here.
func hasRaw(r token.SignRequest, public crypto.PublicKey) bool {
	_, isRSA := public.(*rsa.PublicKey)
	return isRSA && !r.PSS
}

// padded is EMSA-PKCS1-v1_5 (RFC 8017, 9.2), as long as the key.
func padded(k *rsa.PublicKey, info []byte) []byte {
	b := make([]byte, k.Size())
	for i := range b {
		b[i] = 0xff
	}
	tail := b[len(b)-len(info)-1:]
	b[0], b[1], tail[0] = 0, 1, 0
	copy(tail[1:], info)
	return b
}

// leftmost are the bits of a digest that count (FIPS 186-5, 6.4.1); some tokens
// refuse more.
func leftmost(public crypto.PublicKey, digest []byte) []byte {
	if k, ok := public.(*ecdsa.PublicKey); ok {
		return digest[:min((k.Params().BitSize+7)/8, len(digest))]
	}
	return digest
}

// pssParameters are CK_RSA_PKCS_PSS_PARAMS (PKCS #11 v2.40, 2.1.7).
func pssParameters(hash crypto.Hash) []byte {
	salt := uint(hash.Size())
	switch hash {
	case crypto.SHA384:
		return pkcs11.NewPSSParams(pkcs11.CKM_SHA384, pkcs11.CKG_MGF1_SHA384, salt)
	case crypto.SHA512:
		return pkcs11.NewPSSParams(pkcs11.CKM_SHA512, pkcs11.CKG_MGF1_SHA512, salt)
	default: // admit let no other through
		return pkcs11.NewPSSParams(pkcs11.CKM_SHA256, pkcs11.CKG_MGF1_SHA256, salt)
	}
}

// admit refuses what a key cannot sign.
func admit(public crypto.PublicKey, r token.SignRequest) error {
	refuse := func(why string) error {
		return &token.Error{Kind: token.KindMechanism, Op: "sign", Detail: why}
	}
	if !r.Hash.Available() || len(r.Digest) != r.Hash.Size() {
		return refuse("the digest does not fit its hash function")
	}
	switch public.(type) {
	case *rsa.PublicKey:
		if sha2Arc(r.Hash) == 0 {
			return refuse("a hash function other than SHA-256, SHA-384 and SHA-512")
		}
		return nil
	case *ecdsa.PublicKey:
		if r.PSS {
			return refuse("RSASSA-PSS with an elliptic-curve key")
		}
		return nil
	default:
		return refuse("neither an RSA nor an elliptic-curve key")
	}
}

// sha2Arc is the last arc of a hash function's identifier, 0 for others.
func sha2Arc(hash crypto.Hash) int {
	return map[crypto.Hash]int{crypto.SHA256: 1, crypto.SHA384: 2, crypto.SHA512: 3}[hash]
}

// digestInfo wraps a digest (RFC 8017, 9.2, note 1).
func digestInfo(digest []byte, hash crypto.Hash) []byte {
	var b cryptobyte.Builder
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1ObjectIdentifier([]int{2, 16, 840, 1, 101, 3, 4, 2, sha2Arc(hash)})
			b.AddASN1NULL()
		})
		b.AddASN1OctetString(digest)
	})
	return b.BytesOrPanic() // a digest always fits
}

// check gives the signature its final form and verifies it: a token that signs
// wrongly, or with another key, must not reach a document.
func check(public crypto.PublicKey, r token.SignRequest, sig []byte) ([]byte, error) {
	bad := &token.Error{Kind: token.KindBadSignature, Op: "sign", Detail: "the signature does not verify with the certificate"}
	switch k := public.(type) {
	case *rsa.PublicKey:
		// Some modules drop leading zeros.
		if n := k.Size(); len(sig) < n {
			sig = append(make([]byte, n-len(sig)), sig...)
		}
		if !rsaVerifies(k, r, sig) {
			return nil, bad
		}
	case *ecdsa.PublicKey:
		der, err := derOf(sig)
		if err != nil || !ecdsa.VerifyASN1(k, r.Digest, der) {
			return nil, bad
		}
		sig = der
	}
	return sig, nil
}

func rsaVerifies(k *rsa.PublicKey, r token.SignRequest, sig []byte) bool {
	if r.PSS {
		return rsa.VerifyPSS(k, r.Hash, r.Digest, sig, &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash}) == nil
	}
	return rsa.VerifyPKCS1v15(k, r.Hash, r.Digest, sig) == nil
}

// derOf turns r‖s (PKCS #11 v2.40, 2.3.1) into DER (RFC 3279, 2.2.3).
func derOf(raw []byte) ([]byte, error) {
	if len(raw) == 0 || len(raw)%2 != 0 {
		return nil, errors.New("an odd length")
	}
	half := len(raw) / 2
	var b cryptobyte.Builder
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1BigInt(new(big.Int).SetBytes(raw[:half]))
		b.AddASN1BigInt(new(big.Int).SetBytes(raw[half:]))
	})
	return b.Bytes() //nolint:wrapcheck // it cannot fail
}
