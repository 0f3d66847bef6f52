package cms_test

import (
	"bytes"
	"crypto/rsa"
	"encoding/asn1"
	"errors"
	"math/big"
	"slices"
	"testing"
	"time"

	"kyso/signer/internal/cms"
)

// A key of 64 kbit takes seconds for one signature, one of a megabyte hours, and
// a search for a path verifies thousands.
func TestAKeyWithoutEndIsNotUsed(t *testing.T) {
	n := new(big.Int).Lsh(big.NewInt(1), 1<<20)
	key := &rsa.PublicKey{N: n.Sub(n, big.NewInt(189)), E: 1<<31 - 1}
	for name, oid := range map[string]asn1.ObjectIdentifier{
		"PKCS #1": {1, 2, 840, 113549, 1, 1, 11}, "PSS": {1, 2, 840, 113549, 1, 1, 10},
	} {
		var params any = asn1.NullRawValue
		if name == "PSS" {
			type algorithm struct{ OID asn1.ObjectIdentifier }
			sha256 := algorithm{asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}}
			type mask struct {
				OID  asn1.ObjectIdentifier
				Hash algorithm
			}
			params = struct {
				Hash algorithm `asn1:"explicit,tag:0"`
				Mask mask      `asn1:"explicit,tag:1"`
				Salt int       `asn1:"explicit,tag:2"`
			}{sha256, mask{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 8}, sha256}, 32}
		}
		id, err := asn1.Marshal(struct {
			OID    asn1.ObjectIdentifier
			Params any
		}{oid, params})
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		if _, err := cms.CheckSigned(key, id, []byte("message"), make([]byte, 1<<17)); !errors.Is(err, cms.ErrSignature) {
			t.Errorf("%s: %v, want %v", name, err, cms.ErrSignature)
		}
		if took := time.Since(start); took > time.Second {
			t.Errorf("%s: it took %s", name, took)
		}
	}
}

// value is a BER value of indefinite or definite length.
func value(tag byte, indefinite bool, body []byte) []byte {
	if indefinite {
		return slices.Concat([]byte{tag, 0x80}, body, []byte{0, 0})
	}
	n := len(body)
	return slices.Concat([]byte{tag, 0x84, byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}, body)
}

// The largest value in the deepest nesting is copied once a level, small ones
// in great number cost their count.
func TestRewritingToDERIsBounded(t *testing.T) {
	deep := func(body []byte) []byte {
		for range 60 {
			body = value(0x30, true, body)
		}
		return body
	}
	for name, c := range map[string]struct {
		in   []byte
		fits bool
	}{
		"a large value, deep":     {deep(value(0x04, false, make([]byte, cms.MaxSize/4))), true},
		"many small values, deep": {deep(bytes.Repeat([]byte{5, 0}, 250_000)), true},
		"too many small values":   {deep(bytes.Repeat([]byte{5, 0}, 270_000)), false},
		"octets in pieces":        {value(0x24, true, bytes.Repeat([]byte{4, 1, 7}, 200_000)), true},
		"octets in octets":        {bytes.Repeat([]byte{0x24, 0x80}, 70), false},
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			der, _, err := cms.ToDER(c.in)
			if (err == nil) != c.fits {
				t.Errorf("error %v", err)
			}
			if len(der) > len(c.in)*2 {
				t.Errorf("%d bytes became %d", len(c.in), len(der))
			}
			took := time.Since(start)
			t.Log(len(c.in), "bytes:", took)
			if took > 20*time.Second {
				t.Errorf("it took %s", took)
			}
		})
	}
}
