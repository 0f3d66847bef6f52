package soft_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"software.sslmate.com/src/go-pkcs12"

	"kyso/signer/token"
	"kyso/signer/token/provision"
	"kyso/signer/token/soft"
	"kyso/signer/token/tokentest"
)

const password = "83920184"

// file writes the key of a standard identity, with the CA certificate as chain.
func file(t *testing.T, label string, encoder *pkcs12.Encoder) (path string, shows provision.Token) {
	t.Helper()
	leader := tokentest.Standard(t)[0]
	id := leader.Identities[slices.IndexFunc(leader.Identities, func(i provision.Identity) bool { return i.Label == label })]
	x, ca := parse(t, id.Certificate), parse(t, leader.Chain[0])
	content, err := encoder.Encode(id.Key, x, []*x509.Certificate{ca}, password)
	if err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), "Văn thư.p12")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path, provision.Token{Label: "Văn thư.p12", PIN: []byte(password), Identities: []provision.Identity{id}, Chain: leader.Chain}
}

func parse(t *testing.T, der []byte) *x509.Certificate {
	t.Helper()
	x, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func open(t *testing.T, path string) *soft.Provider {
	t.Helper()
	p, err := soft.Open(path, []byte(password), soft.Allowed)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

func TestAFileKeepsTheContract(t *testing.T) {
	for name, tt := range map[string]struct {
		key     string
		encoder *pkcs12.Encoder
	}{
		"RSA, as new programs write it":            {tokentest.RSA, pkcs12.Modern2023},
		"RSA, as old programs write it":            {tokentest.RSA3072, pkcs12.LegacyRC2},
		"an elliptic curve, as the old ones do it": {tokentest.EC, pkcs12.LegacyDES},
	} {
		t.Run(name, func(t *testing.T) {
			path, shows := file(t, tt.key, tt.encoder)
			tokentest.Contract(t, func(t *testing.T) tokentest.Fixture {
				t.Helper()
				return tokentest.Fixture{Provider: open(t, path), Tokens: []provision.Token{shows}, FixedPIN: true}
			})
		})
	}
}

func TestAFileOfOpenSSLIsRead(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "key.p12")
	for _, args := range [][]string{
		{"req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=Van thu", "-keyout", filepath.Join(dir, "key.pem"), "-out", filepath.Join(dir, "c.pem")},
		{"pkcs12", "-export", "-inkey", filepath.Join(dir, "key.pem"), "-in", filepath.Join(dir, "c.pem"), "-passout", "pass:" + password, "-out", path},
	} {
		if out, err := exec.CommandContext(t.Context(), "openssl", args...).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	if all, err := open(t, path).Certificates(t.Context(), 0); err != nil || len(all) != 1 {
		t.Errorf("got %v, %v, want one certificate", all, err)
	}
}

func TestAFileIsAlwaysMarkedAsSoft(t *testing.T) {
	t.Parallel()
	path, _ := file(t, tokentest.EC, pkcs12.Modern2023)
	all, err := open(t, path).Tokens(t.Context())
	if err != nil || len(all) != 1 || !all[0].Soft {
		t.Errorf("got %+v, %v, want one soft token", all, err)
	}
}

func TestWithoutThePolicyNothingIsRead(t *testing.T) {
	t.Parallel()
	for _, policy := range []soft.Policy{soft.Forbidden, "", "yes"} {
		if _, err := soft.Open("/nowhere/key.p12", []byte(password), policy); !errors.Is(err, token.ErrSoftForbidden) {
			t.Errorf("%q: got %v, want %s", policy, err, token.KindSoftForbidden)
		}
	}
}

func TestFilesThatAreRefused(t *testing.T) {
	t.Parallel()
	path, _ := file(t, tokentest.EC, pkcs12.Modern2023)
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	endless, _ := file(t, tokentest.EC, pkcs12.Modern2023.WithIterations(2_000_001))
	many, err := os.ReadFile(endless)
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		content  []byte
		password string
		want     token.Kind
	}{
		"a wrong password":         {good, "11111111", token.KindPINWrong},
		"an empty password":        {good, "", token.KindPINWrong},
		"a text":                   {[]byte("-----BEGIN PRIVATE KEY-----"), password, token.KindNotDriver},
		"an empty file":            {nil, password, token.KindNotDriver},
		"a file that is cut off":   {good[:len(good)/2], password, token.KindNotDriver},
		"a file that is too large": {append(bytes.Clone(good), make([]byte, 1<<20)...), password, token.KindNotDriver},
		"iterations without end":   {many, password, token.KindNotDriver},
		"sequences without end":    {bytes.Repeat([]byte{0x30, 0x80}, 100), password, token.KindNotDriver},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "x.p12")
			if err := os.WriteFile(path, tt.content, 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := soft.Open(path, []byte(tt.password), soft.Allowed); !errors.Is(err, &token.Error{Kind: tt.want}) {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}

func TestAFileThatIsTakenAwayIsARemovedToken(t *testing.T) {
	t.Parallel()
	path, _ := file(t, tokentest.EC, pkcs12.Modern2023)
	p := open(t, path)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if all, err := p.Tokens(t.Context()); err != nil || len(all) != 0 {
		t.Errorf("got %v, %v, want none", all, err)
	}
	if _, err := p.OpenSession(t.Context(), 0, token.Login{PIN: []byte(password)}); !errors.Is(err, token.ErrRemoved) {
		t.Errorf("got %v, want %s", err, token.KindRemoved)
	}
}

func TestASoftSessionEndsWhenItIsIdle(t *testing.T) {
	t.Parallel()
	path, shows := file(t, tokentest.EC, pkcs12.Modern2023)
	s, err := open(t, path).OpenSession(t.Context(), 0, token.Login{PIN: []byte(password), Idle: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	r := token.SignRequest{Certificate: token.Certificate{DER: shows.Identities[0].Certificate}, Digest: make([]byte, 32), Hash: 5}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for err == nil && ctx.Err() == nil {
		<-tick.C
		_, err = s.Sign(ctx, r)
	}
	if !errors.Is(err, token.ErrLoginNeeded) {
		t.Errorf("got %v, want %s", err, token.KindLoginNeeded)
	}
}

func FuzzOpen(f *testing.F) {
	key := make([]byte, 64)
	_, _ = rand.Read(key) // never fails
	f.Add([]byte{0x30, 0x03, 0x02, 0x01, 0x03})
	f.Add(key)
	path := filepath.Join(f.TempDir(), "x.p12")
	f.Fuzz(func(t *testing.T, content []byte) {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		p, err := soft.Open(path, []byte(password), soft.Allowed)
		if err != nil {
			return
		}
		if all, err := p.Certificates(t.Context(), 0); err != nil || len(all) == 0 {
			t.Errorf("a file was taken that has no certificate: %v", err)
		}
	})
}
