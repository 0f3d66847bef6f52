package cms

import (
	"crypto"
	_ "crypto/md5" //nolint:gosec // registers MD5, only to judge old signatures
	"crypto/sha3"
	"encoding/asn1"
	"fmt"
	"hash"
)

// Hash is a digest algorithm, also one that package crypto has no name for.
type Hash struct {
	crypto crypto.Hash
	shake  bool // SHAKE256 of 64 bytes, what Ed448 goes with (RFC 8419, 2.2)
}

const shakeSize = 64

// HashOf finds a digest algorithm by its object identifier.
func HashOf(oid asn1.ObjectIdentifier) (Hash, error) {
	switch oid.String() {
	case "2.16.840.1.101.3.4.2.12", "2.16.840.1.101.3.4.2.18": // id-shake256 and id-shake256-len
		return Hash{shake: true}, nil
	}
	if known, ok := hashes()[oid.String()]; ok && known.Available() {
		return Hash{crypto: known}, nil
	}
	return Hash{}, fmt.Errorf("%w: digest %s", ErrAlgorithm, oid)
}

// Standard is a digest algorithm of package crypto.
func Standard(h crypto.Hash) Hash { return Hash{crypto: h} }

// New starts a digest.
func (h Hash) New() hash.Hash {
	if h.shake {
		return &shake{SHAKE: sha3.NewSHAKE256()}
	}
	return h.crypto.New()
}

// Size is the length of the digest in bytes.
func (h Hash) Size() int {
	if h.shake {
		return shakeSize
	}
	return h.crypto.Size()
}

// Is reports that it is an algorithm of package crypto.
func (h Hash) Is(c crypto.Hash) bool { return !h.shake && h.crypto == c }

// Crypto is its name in package crypto, false when it has none.
func (h Hash) Crypto() (crypto.Hash, bool) { return h.crypto, !h.shake }

// String is the usual name.
func (h Hash) String() string {
	if h.shake {
		return "SHAKE256"
	}
	return h.crypto.String()
}

// shake makes a hash.Hash of SHAKE256.
type shake struct{ *sha3.SHAKE }

// Sum appends the digest of what was written so far.
func (s *shake) Sum(b []byte) []byte {
	state, err := s.MarshalBinary()
	again := sha3.NewSHAKE256()
	if err != nil || again.UnmarshalBinary(state) != nil {
		return b // cannot be: both sides are of one version of the library
	}
	var out [shakeSize]byte
	_, _ = again.Read(out[:])
	return append(b, out[:]...)
}

// Size is the length of the digest in bytes.
func (s *shake) Size() int { return shakeSize }
