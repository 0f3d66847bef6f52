package token_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kyso/signer/token"
)

// ca makes the certificate of a CA.
func ca(t *testing.T) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "CA"}, NotAfter: time.Unix(1<<33, 0), IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return string(der)
}

func TestJoin(t *testing.T) {
	t.Parallel()
	holding := func(module string, slot uint, certificates ...string) token.Holding {
		h := token.Holding{Module: module, Token: token.Info{Slot: slot}}
		for _, c := range certificates {
			h.Certificates = append(h.Certificates, token.Certificate{DER: []byte(c)})
		}
		return h
	}
	also := func(h token.Holding, places ...token.Place) token.Holding {
		h.Also = places
		return h
	}
	authority := ca(t)
	for name, tt := range map[string]struct{ all, want []token.Holding }{
		"one token through three modules": {
			[]token.Holding{holding("a.so", 0, "x", "y"), holding("b.so", 7, "y"), holding("c.so", 1, "x", "y")},
			[]token.Holding{also(holding("a.so", 0, "x", "y"), token.Place{Module: "b.so", Slot: 7}, token.Place{Module: "c.so", Slot: 1})},
		},
		"two tokens of one module": {
			[]token.Holding{holding("a.so", 0, "x"), holding("a.so", 1, "y")},
			[]token.Holding{holding("a.so", 0, "x"), holding("a.so", 1, "y")},
		},
		"a CA certificate on two tokens of one module": {
			[]token.Holding{holding("a.so", 0, "x", "ca"), holding("a.so", 1, "y", "ca")},
			[]token.Holding{holding("a.so", 0, "x", "ca"), holding("a.so", 1, "y", "ca")},
		},
		"two tokens of two modules with the certificate of one CA": {
			[]token.Holding{holding("a.so", 0, "x", authority), holding("b.so", 0, "y", authority)},
			[]token.Holding{holding("a.so", 0, "x", authority), holding("b.so", 0, "y", authority)},
		},
		"tokens without certificates": {
			[]token.Holding{holding("a.so", 0), holding("b.so", 0)},
			[]token.Holding{holding("a.so", 0), holding("b.so", 0)},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, token.Join(tt.all)); diff != "" {
				t.Errorf("want -, got +\n%s", diff)
			}
		})
	}
}
