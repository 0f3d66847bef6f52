package trust_test

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"slices"
	"testing"
	"time"

	"kyso/signer/internal/trust"
)

// FuzzLimits holds the judge of a path to its contract whatever stands in the
// extensions that limit it: it never panics, the only reason that it adds is
// ErrConstraint, and what it refuses with an extension in the CA it refuses with
// the same one in the CA above, too, where that is about names.
func FuzzLimits(f *testing.F) {
	id := func(n int) asn1.ObjectIdentifier { return asn1.ObjectIdentifier{2, 5, 29, n} }
	numbers := []int{30, 17, 32, 33, 36, 54}
	f.Add(uint8(0), uint8(1), []byte{0x30, 0x0b, 0xa0, 9, 0x30, 7, 0x82, 5, 'a', '.', 'e', 'x', 'a'}, []byte{0x30, 7, 0x82, 5, 'a', '.', 'e', 'x', 'a'})
	f.Add(uint8(2), uint8(2), []byte{0x30, 8, 0x30, 6, 6, 4, 0x55, 0x1d, 0x20, 0}, []byte{0x30, 5, 0x30, 3, 6, 1, 42})
	f.Add(uint8(4), uint8(2), []byte{0x30, 3, 0x80, 1, 0}, []byte{0x30, 5, 0x30, 3, 6, 1, 42})
	f.Add(uint8(3), uint8(5), []byte{0x30, 8, 0x30, 6, 6, 1, 42, 6, 1, 43}, []byte{2, 1, 0})
	f.Add(uint8(0), uint8(1), []byte{0x30, 14, 0xa1, 12, 0x30, 10, 0x87, 8, 10, 0, 0, 0, 255, 0, 0, 0}, []byte{0x30, 6, 0x87, 4, 10, 1, 2, 3})
	made := func(t *testing.T, ca, leaf pkix.Extension, above bool) error {
		t.Helper()
		path := slices.Clone(shortChain(t))
		limited, last := *path[1], *path[0]
		where := 1
		if above {
			limited, where = *path[2], 2
		}
		limited.Extensions = append(slices.Clip(limited.Extensions), ca)
		last.Extensions = append(slices.Clip(last.Extensions), leaf)
		path[0], path[where] = &last, &limited
		return path.Check(time.Now())
	}
	f.Fuzz(func(t *testing.T, a, b uint8, ca, leaf []byte) {
		first := pkix.Extension{Id: id(numbers[int(a)%len(numbers)]), Value: ca}
		second := pkix.Extension{Id: id(numbers[int(b)%len(numbers)]), Value: leaf}
		below, above := made(t, first, second, false), made(t, first, second, true)
		for _, err := range []error{below, above} {
			if err != nil && !errors.Is(err, trust.ErrConstraint) {
				t.Errorf("error %v", err)
			}
		}
		if first.Id.Equal(id(30)) && below != nil && above == nil {
			t.Errorf("the constraints of the CA say %v, those of the CA above nothing", below)
		}
	})
}

var chainOnce trust.Path

// shortChain is a root, a CA and a leaf of no extensions of note.
func shortChain(t *testing.T) trust.Path {
	t.Helper()
	if chainOnce == nil {
		chainOnce = chain(t, link{subject: named("VN", "", "", "root")}, link{subject: named("VN", "", "", "CA")}, link{subject: named("VN", "", "", "An")})
	}
	return chainOnce
}
