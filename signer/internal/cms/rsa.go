package cms

import (
	"bytes"
	"crypto/rsa"
	"encoding/asn1"
	"encoding/binary"
	"math/big"
)

// maxRSABits bounds the time that one signature value may take.
const maxRSABits = 16384

// rsaOpen is the encoded message that a signature value stands for (RFC 8017,
// 5.2.2), with any key: package crypto/rsa refuses short keys and large
// exponents, which old signatures have. Whether a key is strong enough is the
// judge's matter, not that of the arithmetic.
func rsaOpen(key *rsa.PublicKey, signature []byte) ([]byte, bool) {
	if key.N == nil || key.N.BitLen() > maxRSABits || key.N.Sign() <= 0 || key.N.Bit(0) == 0 || key.E < 3 || len(signature) > key.Size() {
		return nil, false
	}
	s := new(big.Int).SetBytes(signature)
	if s.Cmp(key.N) >= 0 {
		return nil, false
	}
	m := s.Exp(s, big.NewInt(int64(key.E)), key.N)
	return m.FillBytes(make([]byte, key.Size())), true
}

// verifyPKCS1 verifies RSASSA-PKCS1-v1_5 (RFC 8017, 8.2.2). The parameters of
// the digest may be NULL or missing (RFC 8017, A.2.4, note to appendix B.1).
func verifyPKCS1(key *rsa.PublicKey, oid asn1.ObjectIdentifier, digest, signature []byte) bool {
	got, ok := rsaOpen(key, signature)
	if !ok {
		return false
	}
	id, err := asn1.Marshal(oid)
	if err != nil {
		return false
	}
	for _, params := range [][]byte{{5, 0}, nil} {
		algorithm := sequence(append(bytes.Clone(id), params...))
		info := sequence(append(algorithm, append([]byte{4, byte(len(digest))}, digest...)...)) //nolint:gosec // at most 64 bytes
		pad := len(got) - len(info) - 3
		if pad < 8 {
			continue
		}
		want := append([]byte{0, 1}, bytes.Repeat([]byte{0xff}, pad)...)
		want = append(append(want, 0), info...)
		if bytes.Equal(got, want) {
			return true
		}
	}
	return false
}

func sequence(body []byte) []byte { return append(appendLength([]byte{0x30}, len(body)), body...) }

// verifyPSS verifies RSASSA-PSS (RFC 8017, 8.1.2 and 9.1.2).
func verifyPSS(key *rsa.PublicKey, p pssParams, digest, signature []byte) bool {
	opened, ok := rsaOpen(key, signature)
	if !ok || len(digest) != p.hash.Size() {
		return false
	}
	bits := key.N.BitLen() - 1
	size := (bits + 7) / 8
	if len(opened) > size {
		if opened[0] != 0 {
			return false
		}
		opened = opened[len(opened)-size:]
	}
	hLen := p.hash.Size()
	if size < hLen+p.salt+2 || opened[size-1] != 0xbc {
		return false
	}
	masked, h := opened[:size-hLen-1], opened[size-hLen-1:size-1]
	top := byte(0xff >> (8*size - bits))
	if masked[0]&^top != 0 {
		return false
	}
	db := mask(p.mask, h, len(masked))
	for i := range db {
		db[i] ^= masked[i]
	}
	db[0] &= top
	ones := size - hLen - p.salt - 2
	if len(bytes.Trim(db[:ones], "\x00")) > 0 || db[ones] != 1 {
		return false
	}
	m := p.hash.New()
	m.Write(make([]byte, 8))
	m.Write(digest)
	m.Write(db[ones+1:])
	return bytes.Equal(m.Sum(nil), h)
}

// mask is MGF1 (RFC 8017, B.2.1).
func mask(hash Hash, seed []byte, n int) []byte {
	var out []byte
	for counter := uint32(0); len(out) < n; counter++ {
		h := hash.New()
		h.Write(seed)
		var b [4]byte
		binary.BigEndian.PutUint32(b[:], counter)
		h.Write(b[:])
		out = h.Sum(out)
	}
	return out[:n]
}
