package remote_test

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"kyso/signer/token/provision"
	"kyso/signer/token/remote"
	"kyso/signer/token/tokentest"
)

// softokn is the module of NSS on Debian and Ubuntu (amd64), the library of
// Firefox; package libnss3.
const softokn = "/usr/lib/x86_64-linux-gnu/libsoftokn3.so"

// nssPIN protects the database; tokens of NSS take long ones too.
const nssPIN = "83920184"

// nss makes a database with keys of the standard leader, and what the module
// shows of it.
func nss(t *testing.T) (reserved string, shows provision.Token) {
	t.Helper()
	dir := t.TempDir()
	run := func(name string, args ...string) {
		t.Helper()
		if out, err := exec.CommandContext(t.Context(), name, args...).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v: %s", name, err, bytes.TrimSpace(out))
		}
	}
	pin := write(t, dir, "pin", []byte(nssPIN))
	run("certutil", "-N", "-d", "sql:"+dir, "-f", pin)
	shows = provision.Token{Label: "NSS Certificate DB", PIN: []byte(nssPIN)}
	for _, id := range tokentest.Standard(t)[0].Identities {
		if id.AlwaysAuthenticate || id.CertificateID != nil {
			continue
		}
		key, err := x509.MarshalPKCS8PrivateKey(id.Key)
		if err != nil {
			t.Fatal(err)
		}
		both := append(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: id.Certificate})...)
		p12 := filepath.Join(dir, "key.p12")
		run("openssl", "pkcs12", "-export", "-in", write(t, dir, "key.pem", both), "-name", id.Label, "-passout", "file:"+pin, "-out", p12)
		run("pk12util", "-i", p12, "-d", "sql:"+dir, "-k", pin, "-w", pin)
		shows.Identities = append(shows.Identities, id)
	}
	return "configdir='sql:" + dir + "' certPrefix='' keyPrefix='' secmod='' flags=", shows
}

func write(t *testing.T, dir, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestNSSKeepsTheContract(t *testing.T) {
	t.Parallel()
	reserved, shows := nss(t)
	p := remote.Start(remote.Options{Helper: tokentest.Helper(t), Module: softokn, Reserved: reserved})
	t.Cleanup(func() { _ = p.Close() })
	tokentest.Contract(t, func(*testing.T) tokentest.Fixture {
		return tokentest.Fixture{Provider: p, Tokens: []provision.Token{shows}, Others: []string{"NSS Generic Crypto Services"}}
	})
}
