package main

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"

	"kyso/signer/signertest"
	"kyso/signer/token/provision"
)

// softHSM is the module on Debian and Ubuntu.
const softHSM = "/usr/lib/softhsm/libsofthsm2.so"

// keys is the throwaway authority of a run with the two keys that it certified:
// RSA-2048 for the token, P-256 for the process itself.
type keys struct {
	pki             *signertest.PKI
	token, software signertest.Identity
	// root is the path of the root's certificate in PEM form.
	root string
}

func newKeys(dir string) (*keys, error) {
	k := &keys{root: filepath.Join(dir, "root.pem")}
	var err error
	if k.pki, err = signertest.New(signertest.Options{}); err != nil {
		return nil, fmt.Errorf("make the authority: %w", err)
	}
	if k.token, err = k.pki.Issue(signertest.IssueSpec{Name: "Thiết bị thử", Key: "RSA-2048"}); err != nil {
		return nil, fmt.Errorf("make the token's key: %w", err)
	}
	if k.software, err = k.pki.Issue(signertest.IssueSpec{Name: "Khóa phần mềm", Key: "P-256"}); err != nil {
		return nil, fmt.Errorf("make the software key: %w", err)
	}
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: k.pki.Root().Raw})
	if err := os.WriteFile(k.root, block, 0o600); err != nil {
		return nil, fmt.Errorf("write the root: %w", err)
	}
	return k, nil
}

// setup writes a token of its own for one child, since SoftHSM is not safe for
// several processes on one folder, and says how to use it.
func (k *keys) setup(ctx context.Context, bin, dir string) (childSetup, error) {
	s := childSetup{
		Module: softHSM, Helper: filepath.Join(bin, "kyso-token"),
		PIN: []byte(rand.Text()[:12]), Certificate: k.software.Certificate.Raw,
	}
	for _, c := range k.pki.Chain() {
		s.Chain = append(s.Chain, c.Raw)
	}
	var err error
	if s.Key, err = x509.MarshalPKCS8PrivateKey(k.software.Signer); err != nil {
		return s, fmt.Errorf("the software key: %w", err)
	}
	tokens, config := filepath.Join(dir, "tokens"), filepath.Join(dir, "softhsm2.conf")
	if err := os.MkdirAll(tokens, 0o700); err != nil {
		return s, fmt.Errorf("make the folder of tokens: %w", err)
	}
	text := fmt.Sprintf("directories.tokendir = %s\nobjectstore.backend = file\nlog.level = ERROR\nslots.removable = true\n", tokens)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		return s, fmt.Errorf("write SoftHSM's configuration: %w", err)
	}
	s.Env = []string{"SOFTHSM2_CONF=" + config}
	err = provision.Run(ctx, filepath.Join(bin, "kyso-provision"), s.Module, s.Env, []provision.Token{{
		Label: "Kho tệp", SOPIN: []byte(rand.Text()[:12]), PIN: s.PIN,
		Identities: []provision.Identity{{ID: []byte{1}, Label: "RSA-2048", Key: k.token.Signer, Certificate: k.token.Certificate.Raw}},
	}})
	if err != nil {
		return s, fmt.Errorf("write a token: %w", err)
	}
	return s, nil
}
