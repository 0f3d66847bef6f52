package cms

import (
	"bytes"
	"crypto/rsa"
	"encoding/asn1"
	"fmt"

	"golang.org/x/crypto/cryptobyte"
	casn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// OpenPKCS1 opens the value of a signature adbe.x509.rsa_sha1: an OCTET STRING
// with an RSASSA-PKCS1-v1_5 value (ISO 32000-1, 12.8.3.2). It gives the digest
// that was signed and its algorithm, which despite the name need not be SHA-1.
// The errors are ErrFormat, ErrAlgorithm and ErrSignature.
func OpenPKCS1(key *rsa.PublicKey, contents []byte) (Hash, []byte, error) {
	in := cryptobyte.String(contents)
	var value cryptobyte.String
	if !in.ReadASN1(&value, casn1.OCTET_STRING) || len(bytes.TrimLeft(in, "\x00")) > 0 {
		return Hash{}, nil, fmt.Errorf("%w: no octet string", ErrFormat)
	}
	opened, ok := rsaOpen(key, value)
	if !ok || len(opened) < 11 || opened[0] != 0 || opened[1] != 1 {
		return Hash{}, nil, ErrSignature
	}
	rest := bytes.TrimLeft(opened[2:], "\xff")
	if len(opened)-2-len(rest) < 8 || len(rest) == 0 || rest[0] != 0 {
		return Hash{}, nil, ErrSignature
	}
	inner := cryptobyte.String(rest[1:])
	var info, digest cryptobyte.String
	var named algorithm
	if !inner.ReadASN1(&info, casn1.SEQUENCE) || !inner.Empty() || !readAlgorithm(&info, &named) ||
		!info.ReadASN1(&digest, casn1.OCTET_STRING) || !info.Empty() {
		return Hash{}, nil, ErrSignature
	}
	if named.params != nil && !bytes.Equal(named.params, asn1.NullBytes) {
		return Hash{}, nil, ErrSignature
	}
	hash, err := HashOf(named.oid)
	if err != nil {
		return Hash{}, nil, err
	}
	if len(digest) != hash.Size() {
		return Hash{}, nil, ErrSignature
	}
	return hash, digest, nil
}
