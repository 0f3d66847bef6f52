// Package soft gives the key of a PKCS #12 file (.p12, .pfx) as a token.
//
// Such a key is not in a device: whoever has the file and its password has the
// key. It is for trials, and for an agency's file-based key where an
// administrator allows that; the caller says so with a Policy, and every Info is
// marked as soft. The key is in this process's memory while a session is open,
// and copies of the password may stay there, for the reader of the format takes
// a string. For tokens there is package remote.
package soft

import (
	"bytes"
	"context"
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"software.sslmate.com/src/go-pkcs12"

	"kyso/signer/token"
)

// Policy is what the administrator has decided about keys in files.
type Policy string

// The policies. The zero value forbids.
const (
	Forbidden Policy = ""
	Allowed   Policy = "allowed"
)

// maxFile bounds a file: a key and a chain are a few kilobytes.
const maxFile = 1 << 20

// Provider is a token.Provider over one file, in slot 0.
type Provider struct {
	path         string
	serial       string
	certificates []token.Certificate

	mu      sync.Mutex
	session *session // the login, nil when there is none
	closed  bool
}

var _ token.Provider = (*Provider)(nil)

// Open reads the certificates of a file with its password, for they are
// encrypted too, and forgets the key. A wrong password is an *token.Error of
// KindPINWrong, a file that is none of KindNotDriver; without the policy nothing
// is read, and the error is token.ErrSoftForbidden.
func Open(path string, password []byte, policy Policy) (*Provider, error) {
	if policy != Allowed {
		return nil, &token.Error{Kind: token.KindSoftForbidden, Op: "open", Detail: path}
	}
	content, err := read(path)
	if err != nil {
		return nil, err
	}
	c, err := decode("open", content, password)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(content)
	p := &Provider{path: path, serial: hex.EncodeToString(sum[:8]), certificates: []token.Certificate{{Label: filepath.Base(path), DER: c.certificate.Raw}}}
	for _, x := range c.chain {
		p.certificates = append(p.certificates, token.Certificate{Label: x.Subject.CommonName, DER: x.Raw})
	}
	return p, nil
}

// read reads the file.
func read(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		kind := token.KindDriverMissing
		if errors.Is(err, fs.ErrNotExist) {
			kind = token.KindRemoved // the stick with the file, say
		}
		return nil, &token.Error{Kind: kind, Op: "open", Detail: err.Error()}
	}
	defer func() { _ = f.Close() }() // read only
	content, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, &token.Error{Kind: token.KindDevice, Op: "open", Detail: err.Error()}
	}
	if len(content) > maxFile {
		return nil, notPKCS12("open", "the file is too large")
	}
	return content, nil
}

func notPKCS12(op, why string) *token.Error {
	return &token.Error{Kind: token.KindNotDriver, Op: op, Detail: "not a PKCS #12 file: " + why}
}

// contents are what a file holds.
type contents struct {
	key         crypto.Signer
	certificate *x509.Certificate
	chain       []*x509.Certificate
}

// decode decrypts a file.
func decode(op string, content, password []byte) (contents, error) {
	if err := bounded(content); err != nil {
		return contents{}, notPKCS12(op, err.Error())
	}
	key, certificate, chain, err := pkcs12.DecodeChain(content, string(password))
	switch {
	case errors.Is(err, pkcs12.ErrIncorrectPassword), errors.Is(err, pkcs12.ErrDecryption):
		return contents{}, &token.Error{Kind: token.KindPINWrong, Op: op, Detail: "a file counts no tries"}
	case err != nil:
		return contents{}, notPKCS12(op, err.Error())
	}
	signs, ok := key.(crypto.Signer)
	if !ok {
		return contents{}, notPKCS12(op, fmt.Sprintf("a key of type %T", key))
	}
	if public, ok := signs.Public().(interface{ Equal(x crypto.PublicKey) bool }); !ok || !public.Equal(certificate.PublicKey) {
		return contents{}, &token.Error{Kind: token.KindKeyMissing, Op: op, Detail: "the key is not the certificate's"}
	}
	return contents{key: signs, certificate: certificate, chain: chain}, nil
}

// usable says why a call cannot be made; the provider must be locked.
func (p *Provider) usable(ctx context.Context, op string) error {
	if ctx.Err() != nil {
		return &token.Error{Kind: token.KindCancelled, Op: op}
	}
	if p.closed {
		return &token.Error{Kind: token.KindOther, Op: op, Detail: "the provider is closed"}
	}
	return nil
}

// in says why the file in slot cannot be used; the provider must be locked.
func (p *Provider) in(ctx context.Context, op string, slot uint) error {
	if err := p.usable(ctx, op); err != nil {
		return err
	}
	if slot != 0 || !p.present() {
		return &token.Error{Kind: token.KindRemoved, Op: op}
	}
	return nil
}

func (p *Provider) present() bool {
	_, err := os.Stat(p.path)
	return err == nil
}

// Slots gives slot 0 while the file is there.
func (p *Provider) Slots(ctx context.Context) ([]uint, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.usable(ctx, "list"); err != nil || !p.present() {
		return nil, err
	}
	return []uint{0}, nil
}

// Tokens gives the file as a token, always marked as soft.
func (p *Provider) Tokens(ctx context.Context) ([]token.Info, error) {
	slots, err := p.Slots(ctx)
	if err != nil || len(slots) == 0 {
		return nil, err
	}
	return []token.Info{p.info()}, nil
}

func (p *Provider) info() token.Info {
	return token.Info{Label: filepath.Base(p.path), Manufacturer: "PKCS #12", Serial: p.serial, PIN: token.PINReady, Soft: true}
}

// Certificates gives what Open has read: the key's first, then the chain.
func (p *Provider) Certificates(ctx context.Context, slot uint) ([]token.Certificate, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.in(ctx, "certificates", slot); err != nil {
		return nil, err
	}
	return bytesCloned(p.certificates), nil
}

func bytesCloned(all []token.Certificate) []token.Certificate {
	out := make([]token.Certificate, len(all))
	for i, c := range all {
		c.DER = bytes.Clone(c.DER)
		out[i] = c
	}
	return out
}

// OpenSession decrypts the key with the file's password.
func (p *Provider) OpenSession(ctx context.Context, slot uint, l token.Login) (token.Session, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.in(ctx, "login", slot); err != nil {
		return nil, err
	}
	password := l.PIN
	if password == nil {
		password = []byte{} // no pad here
	}
	if err := token.Admit("login", p.info(), password, l.LastTry); err != nil {
		return nil, err
	}
	if p.session != nil {
		p.session.end(nil)
	}
	content, err := read(p.path)
	if err != nil {
		return nil, err
	}
	c, err := decode("login", content, password)
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(c.certificate.Raw, p.certificates[0].DER) {
		return nil, &token.Error{Kind: token.KindKeyMissing, Op: "login", Detail: "the file has another key now"}
	}
	p.session = newSession(p, c, l.Idle)
	return p.session, nil
}

// ChangePIN refuses: a file is written anew by who made it.
func (p *Provider) ChangePIN(ctx context.Context, slot uint, _ token.PINChange) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.in(ctx, "change-pin", slot); err != nil {
		return err
	}
	return &token.Error{Kind: token.KindUnsupported, Op: "change-pin", Detail: "the password of a PKCS #12 file"}
}

// Close ends the provider and its session.
func (p *Provider) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	if p.session != nil {
		p.session.end(nil)
	}
	return nil
}
