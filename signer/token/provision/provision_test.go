package provision_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"kyso/signer/token/provision"
	"kyso/signer/token/tokentest"
)

func TestMain(m *testing.M) {
	code := m.Run()
	tokentest.Cleanup()
	os.Exit(code)
}

func identity(t *testing.T, name string) provision.Identity {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotBefore: time.Unix(0, 0), NotAfter: time.Unix(1<<33, 0)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return provision.Identity{ID: []byte{1}, Label: name, Key: key, Certificate: der}
}

func TestSoftHSMShowsTheTokens(t *testing.T) {
	t.Parallel()
	module, env := tokentest.SoftHSM(t,
		provision.Token{Label: "Chủ tịch", SOPIN: []byte("0000"), PIN: []byte("1234"), Identities: []provision.Identity{identity(t, "Nguyễn Văn A")}},
		provision.Token{Label: "Văn thư", SOPIN: []byte("0000"), PIN: []byte("4321")})
	cmd := exec.CommandContext(t.Context(), "pkcs11-tool", "--module", module, "--list-token-slots")
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, label := range []string{"Chủ tịch", "Văn thư"} {
		if !strings.Contains(string(out), label) {
			t.Errorf("pkcs11-tool does not show %q:\n%s", label, out)
		}
	}
}

func TestReadRefuses(t *testing.T) {
	t.Parallel()
	for name, input := range map[string]string{
		"an input that is not JSON":  "PIN 1234",
		"a key that is not PKCS #8":  `[{"label":"A","identities":[{"label":"k","pkcs8":"AAAA"}]}]`,
		"an object where a list was": `{"label":"A"}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := provision.Read(bytes.NewReader([]byte(input)))
			if err == nil || strings.Contains(err.Error(), "1234") {
				t.Errorf("got %v, want an error that does not quote the input", err)
			}
		})
	}
}

func TestRunRefusesARelativeCommand(t *testing.T) {
	t.Parallel()
	if err := provision.Run(t.Context(), "kyso-provision", tokentest.SoftHSMModule, nil, nil); err == nil {
		t.Error("got no error")
	}
}
