package demo

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"kyso/signer/signertest"
	"kyso/signer/token/provision"
)

// authorityPIN opens the token of the authority, which no window shows.
const authorityPIN = "ca-minh-hoa"

// certificateAndKey is what a token is given: the key leaves this process only
// through the pipe to kyso-provision.
type certificateAndKey = signertest.Identity

// findModule gives the path of SoftHSM's module.
func (t Tools) findModule() (string, error) {
	if t.Module != "" {
		return t.Module, nil
	}
	for _, pattern := range []string{
		"/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/*/softhsm/libsofthsm2.so",
		"/usr/lib64/pkcs11/libsofthsm2.so", "/usr/lib64/softhsm/libsofthsm2.so", "/usr/local/lib/softhsm/libsofthsm2.so",
		`C:\SoftHSM2\lib\softhsm2-x64.dll`,
	} {
		if found, err := filepath.Glob(pattern); err == nil && len(found) > 0 {
			return found[0], nil
		}
	}
	return "", ErrNoSoftHSM
}

// writeTokens has the people's tokens and the authority's token written. Each
// set has a folder of its own: two processes use them at the same time, and
// SoftHSM is not safe for two processes on one folder.
func (d *Demo) writeTokens(ctx context.Context, tools Tools, module string, people map[string]certificateAndKey, pki *signertest.PKI) error {
	if err := d.writeConfigs(); err != nil {
		return err
	}
	chain := [][]byte{pki.Issuing().Raw}
	var tokens []provision.Token
	for _, p := range People() {
		tokens = append(tokens, provision.Token{
			Label: p.tokenLabel(), SOPIN: []byte(soPIN), PIN: []byte(p.PIN), Chain: chain,
			Identities: []provision.Identity{identity(1, p.Name, people[p.ID])},
		})
	}
	authority := provision.Token{Label: "CA minh họa Ký số", SOPIN: []byte(soPIN), PIN: []byte(authorityPIN)}
	for i, name := range authorityParts() {
		authority.Identities = append(authority.Identities, identity(byte(i+1), name, pki.Parts()[name]))
	}
	defer wipe(append(tokens, authority))
	if err := provision.Run(ctx, tools.Provision, module, environment(d.SoftHSM()), tokens); err != nil {
		return fmt.Errorf("write the people's tokens: %w", err)
	}
	if err := provision.Run(ctx, tools.Provision, module, environment(d.authorityConfig()), []provision.Token{authority}); err != nil {
		return fmt.Errorf("write the authority's token: %w", err)
	}
	return nil
}

func identity(id byte, label string, k certificateAndKey) provision.Identity {
	return provision.Identity{ID: []byte{id}, Label: label, Key: k.Signer, Certificate: k.Certificate.Raw}
}

func wipe(tokens []provision.Token) {
	for _, t := range tokens {
		clear(t.SOPIN)
		clear(t.PIN)
	}
}

// environment shows the tokens of a configuration to SoftHSM.
func environment(config string) []string { return []string{"SOFTHSM2_CONF=" + config} }

// authorityParts are the keys on the authority's token, in the order of their CKA_ID.
func authorityParts() []string {
	return []string{signertest.PartRoot, signertest.PartIssuing, signertest.PartOCSP, signertest.PartTSA}
}

func (d *Demo) authorityConfig() string { return filepath.Join(d.dir, authorityFolder, configFile) }

// writeConfigs writes both SoftHSM configurations for where the folder is now:
// they hold absolute paths, and the folder may have been moved.
func (d *Demo) writeConfigs() error {
	return errors.Join(
		writeConfig(d.SoftHSM(), filepath.Join(d.dir, tokensFolder)),
		writeConfig(d.authorityConfig(), filepath.Join(d.dir, authorityFolder, tokensFolder)),
	)
}

func writeConfig(path, tokens string) error {
	want := fmt.Sprintf("directories.tokendir = %s\nobjectstore.backend = file\nlog.level = ERROR\nslots.removable = true\n", tokens)
	if got, err := os.ReadFile(path); err == nil && string(got) == want {
		return nil
	}
	if err := os.MkdirAll(tokens, 0o700); err != nil {
		return fmt.Errorf("make the folder of tokens: %w", err)
	}
	if err := os.WriteFile(path, []byte(want), 0o600); err != nil {
		return fmt.Errorf("write SoftHSM's configuration: %w", err)
	}
	return nil
}

// writeCertificates writes everybody's certificate, and the trust folder.
func (d *Demo) writeCertificates(people map[string]certificateAndKey, pki *signertest.PKI) error {
	files := map[string]*x509.Certificate{
		filepath.Join(d.dir, trustFolder, "root.cer"):    pki.Root(),
		filepath.Join(d.dir, trustFolder, "issuing.cer"): pki.Issuing(),
	}
	for _, p := range People() {
		files[d.CertificateFile(p)] = people[p.ID].Certificate
	}
	for name, part := range pki.Parts() {
		files[d.partFile(name)] = part.Certificate
	}
	for path, c := range files {
		if err := os.WriteFile(path, c.Raw, 0o600); err != nil {
			return fmt.Errorf("write a certificate: %w", err)
		}
	}
	return nil
}

// partFile is the path of the certificate of a part of the authority.
func (d *Demo) partFile(name string) string {
	return filepath.Join(d.dir, authorityFolder, name+".cer")
}

// readCertificate reads a certificate in DER form.
func readCertificate(path string) (*x509.Certificate, error) {
	der, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read a certificate: %w", err)
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return c, nil
}
