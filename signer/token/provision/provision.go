// Package provision describes tokens to be written and has them written by the
// kyso-provision command, which is the only process that loads the module for it.
//
// It is for demonstrations and tests with SoftHSM. It is not a tool for real
// tokens: it initializes whatever free slots the module has.
package provision

import (
	"bytes"
	"context"
	"crypto"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// Token is a token to be written.
type Token struct {
	// Label names the token; at most 32 bytes of UTF-8.
	Label string
	// SOPIN is the security officer's PIN, PIN the user's. The caller wipes both.
	SOPIN, PIN []byte
	Identities []Identity
	// Chain holds further certificates in DER form, stored without a key.
	Chain [][]byte
}

// Identity is a private key with its certificate. Either may be missing.
type Identity struct {
	// ID becomes CKA_ID, Label CKA_LABEL, of key and certificate alike.
	ID    []byte
	Label string
	// CertificateID, when not nil, becomes CKA_ID of the certificate instead of
	// ID: some makers give key and certificate different ones.
	CertificateID []byte
	// Key is an *rsa.PrivateKey or *ecdsa.PrivateKey. It is stored sensitive,
	// private and not extractable (PKCS #11 v2.40, 4.9).
	Key crypto.PrivateKey
	// AlwaysAuthenticate asks for the PIN at every use of the key.
	AlwaysAuthenticate bool
	// Certificate is in DER form.
	Certificate []byte
}

// wireToken is a Token on the pipe: keys in PKCS #8.
type wireToken struct {
	Label      string         `json:"label"`
	SOPIN      []byte         `json:"so_pin"`
	PIN        []byte         `json:"pin"`
	Identities []wireIdentity `json:"identities"`
	Chain      [][]byte       `json:"chain,omitempty"`
}

type wireIdentity struct {
	ID            []byte `json:"id"`
	Label         string `json:"label"`
	CertificateID []byte `json:"certificate_id,omitempty"`
	PKCS8         []byte `json:"pkcs8,omitempty"`
	Always        bool   `json:"always_authenticate,omitempty"`
	Certificate   []byte `json:"certificate,omitempty"`
}

// Run has the tokens written by command, the path of kyso-provision, through
// module, with env added to the environment (SOFTHSM2_CONF for SoftHSM). PINs
// and keys travel over the command's standard input only.
func Run(ctx context.Context, command, module string, env []string, tokens []Token) error {
	in, err := encode(tokens)
	if err != nil {
		return err
	}
	defer clear(in)
	if !filepath.IsAbs(command) {
		return fmt.Errorf("provision tokens: %q is not an absolute path", command)
	}
	var out bytes.Buffer
	cmd := exec.CommandContext(ctx, command, module) //nolint:gosec // the command is the program's own
	cmd.Env = append(os.Environ(), env...)
	cmd.Stdin, cmd.Stderr = bytes.NewReader(in), &out
	cmd.WaitDelay = time.Second
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("provision tokens: %w: %s", err, bytes.TrimSpace(out.Bytes()))
	}
	return nil
}

// encode is the other half of Read. The caller wipes the bytes.
func encode(tokens []Token) ([]byte, error) {
	wire := make([]wireToken, len(tokens))
	for i, t := range tokens {
		wire[i] = wireToken{Label: t.Label, SOPIN: t.SOPIN, PIN: t.PIN, Chain: t.Chain}
		for _, id := range t.Identities {
			w := wireIdentity{ID: id.ID, Label: id.Label, CertificateID: id.CertificateID, Always: id.AlwaysAuthenticate, Certificate: id.Certificate}
			if id.Key != nil {
				der, err := x509.MarshalPKCS8PrivateKey(id.Key)
				if err != nil {
					return nil, fmt.Errorf("provision token %q: %w", t.Label, err)
				}
				w.PKCS8 = der
			}
			wire[i].Identities = append(wire[i].Identities, w)
		}
	}
	b, err := json.Marshal(wire)
	for _, t := range wire {
		for _, id := range t.Identities {
			clear(id.PKCS8)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("provision tokens: %w", err)
	}
	return b, nil
}

// maxInput bounds what Read takes: a token is a few kilobytes.
const maxInput = 16 << 20

// Read reads what Run has written.
func Read(r io.Reader) ([]Token, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxInput))
	if err != nil {
		return nil, fmt.Errorf("read tokens: %w", err)
	}
	defer clear(b)
	var wire []wireToken
	if err := json.Unmarshal(b, &wire); err != nil {
		return nil, errors.New("read tokens: not the form that Run writes") // the cause would quote the input
	}
	tokens := make([]Token, len(wire))
	for i, w := range wire {
		tokens[i] = Token{Label: w.Label, SOPIN: w.SOPIN, PIN: w.PIN, Chain: w.Chain}
		for _, id := range w.Identities {
			t := Identity{ID: id.ID, Label: id.Label, CertificateID: id.CertificateID, AlwaysAuthenticate: id.Always, Certificate: id.Certificate}
			if id.PKCS8 != nil {
				if t.Key, err = x509.ParsePKCS8PrivateKey(id.PKCS8); err != nil {
					return nil, fmt.Errorf("read token %q: key %q is not PKCS #8", w.Label, id.Label)
				}
				clear(id.PKCS8)
			}
			tokens[i].Identities = append(tokens[i].Identities, t)
		}
	}
	return tokens, nil
}
