package token_test

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"math/big"
	"testing"
	"time"

	"kyso/signer"
	"kyso/signer/token"
	"kyso/signer/token/tokentest"
)

var _ signer.Credential = token.Credential{}

// leader opens a session on a fake and gives the certificate with the label.
func leader(t *testing.T, label string) (token.Session, token.Certificate) {
	t.Helper()
	f := tokentest.NewFake(tokentest.Standard(t)...)
	s, err := f.OpenSession(t.Context(), 0, token.Login{PIN: []byte(tokentest.LeaderPIN)})
	if err != nil {
		t.Fatal(err)
	}
	cs, err := f.Certificates(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cs {
		if c.Label == label {
			return s, c
		}
	}
	t.Fatalf("no certificate %q", label)
	return nil, token.Certificate{}
}

func TestCryptoSignerIssuesCertificates(t *testing.T) {
	t.Parallel()
	for _, label := range []string{tokentest.RSA, tokentest.EC} {
		t.Run(label, func(t *testing.T) {
			t.Parallel()
			s, c := leader(t, label)
			key, err := token.CryptoSigner(t.Context(), s, c)
			if err != nil {
				t.Fatal(err)
			}
			template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: label}, NotAfter: time.Unix(1<<33, 0), IsCA: true, BasicConstraintsValid: true}
			der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
			if err != nil {
				t.Fatal(err)
			}
			x, err := x509.ParseCertificate(der)
			if err != nil {
				t.Fatal(err)
			}
			if err := x.CheckSignatureFrom(x); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestCryptoSignerMakesPSSWithASaltAsLongAsTheHash(t *testing.T) {
	t.Parallel()
	s, c := leader(t, tokentest.RSA)
	key, err := token.CryptoSigner(t.Context(), s, c)
	if err != nil {
		t.Fatal(err)
	}
	public, ok := key.Public().(*rsa.PublicKey)
	if !ok {
		t.Fatalf("a %T", key.Public())
	}
	digest := make([]byte, 32)
	for name, test := range map[string]struct {
		salt int
		want bool
	}{
		"the hash's length by its name":   {rsa.PSSSaltLengthEqualsHash, true},
		"the hash's length by its number": {32, true},
		"as long as may be":               {rsa.PSSSaltLengthAuto, false},
		"another length":                  {20, false},
	} {
		opts := &rsa.PSSOptions{SaltLength: test.salt, Hash: crypto.SHA256}
		sig, err := key.Sign(rand.Reader, digest, opts)
		if (err == nil) != test.want {
			t.Errorf("%s: %v", name, err)
		}
		if err == nil && rsa.VerifyPSS(public, crypto.SHA256, digest, sig, opts) != nil {
			t.Errorf("%s: the signature does not verify", name)
		}
	}
}

func TestCredentialEndsWithItsContext(t *testing.T) {
	t.Parallel()
	s, c := leader(t, tokentest.RSA)
	credential, err := token.NewCredential(s, c)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := credential.SignDigest(ctx, make([]byte, 32), crypto.SHA256); !errors.Is(err, token.ErrCancelled) {
		t.Errorf("got %v, want %v", err, token.ErrCancelled)
	}
}
