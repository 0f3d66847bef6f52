// Package tokentest makes tokens for tests: a Provider of software keys with
// faults to inject, real tokens in SoftHSM, a PKCS #11 module that misbehaves
// on request, and the contract that every token.Provider keeps.
//
// It needs gcc, the go command and SoftHSM, which the Makefile installs.
package tokentest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"sync"
	"testing"
	"time"

	"kyso/signer/token/provision"
)

// The tokens that Standard makes, their PINs, and the labels of their identities.
const (
	Leader    = "Chủ tịch"
	LeaderPIN = "12345678"
	Clerk     = "Văn thư"
	ClerkPIN  = "87654321"

	RSA        = "RSA 2048"
	RSA3072    = "RSA 3072"
	EC         = "P-256"
	RSAOtherID = "RSA, mã khác"   // certificate and key have different CKA_ID
	ECOtherID  = "P-256, mã khác" // the same with an elliptic-curve key
	Always     = "PIN mỗi lần ký" // CKA_ALWAYS_AUTHENTICATE
	Only       = "Khóa duy nhất"  // the clerk's only key
)

// Standard gives the tokens that the contract runs on: the leader's with keys
// of every kind and a CA certificate, the clerk's with a single key. They are
// made once for the test process; the PINs are the caller's copy.
func Standard(tb testing.TB) []provision.Token {
	tb.Helper()
	made, err := standard()
	if err != nil {
		tb.Fatal(err)
	}
	tokens := []provision.Token{made[0], made[1]}
	tokens[0].SOPIN, tokens[0].PIN = []byte("00000000"), []byte(LeaderPIN)
	tokens[1].SOPIN, tokens[1].PIN = []byte("00000000"), []byte(ClerkPIN)
	return tokens
}

//nolint:gochecknoglobals // keys are slow to make: once for the process
var standard = sync.OnceValues(makeStandard)

func makeStandard() ([2]provision.Token, error) {
	leader, clerk := provision.Token{Label: Leader}, provision.Token{Label: Clerk}
	for i, want := range []struct {
		label string
		bits  int // 0 for P-256
		other bool
	}{
		{label: RSA, bits: 2048},
		{label: RSA3072, bits: 3072},
		{label: EC},
		{label: RSAOtherID, bits: 2048, other: true},
		{label: ECOtherID, other: true},
		{label: Always, bits: 2048},
		{label: Only},
	} {
		id, err := makeIdentity(byte(i+1), want.label, want.bits)
		if err != nil {
			return [2]provision.Token{}, err
		}
		if want.other {
			id.CertificateID = []byte{byte(i + 101)}
		}
		id.AlwaysAuthenticate = want.label == Always
		if want.label == Only {
			clerk.Identities = append(clerk.Identities, id)
		} else {
			leader.Identities = append(leader.Identities, id)
		}
	}
	ca, err := makeIdentity(200, "CA thử nghiệm", 0)
	if err != nil {
		return [2]provision.Token{}, err
	}
	leader.Chain = [][]byte{ca.Certificate}
	return [2]provision.Token{leader, clerk}, nil
}

// makeIdentity makes a key with a self-signed certificate.
func makeIdentity(id byte, label string, bits int) (provision.Identity, error) {
	var key crypto.Signer
	var err error
	if bits == 0 {
		key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	} else {
		key, err = rsa.GenerateKey(rand.Reader, bits)
	}
	if err != nil {
		return provision.Identity{}, err //nolint:wrapcheck // Standard fails the test with it
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(int64(id)),
		Subject:      pkix.Name{CommonName: label},
		NotBefore:    time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
		NotAfter:     time.Date(2036, 1, 1, 0, 0, 0, 0, time.UTC),
		KeyUsage:     x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	return provision.Identity{ID: []byte{id}, Label: label, Key: key, Certificate: der}, err //nolint:wrapcheck // Standard fails the test with it
}
