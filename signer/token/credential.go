package token

import (
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"fmt"
	"io"
)

// Credential is a certificate of a token with the use of its key in a session.
// It has the methods that signer.Request asks for. The session stays the
// caller's to close.
type Credential struct {
	session     Session
	object      Certificate
	certificate *x509.Certificate
}

// NewCredential reads the certificate and binds it to the session.
func NewCredential(s Session, c Certificate) (Credential, error) {
	x, err := x509.ParseCertificate(c.DER)
	if err != nil {
		return Credential{}, fmt.Errorf("read the certificate %q: %w", c.Label, err)
	}
	return Credential{session: s, object: c, certificate: x}, nil
}

// Certificate is the signer's certificate.
func (c Credential) Certificate() *x509.Certificate { return c.certificate }

// Queues reports that signatures may be asked for at the same time: the provider
// has the token make one after the other, and a session that failed stays so.
func (c Credential) Queues() bool { return true }

// SignDigest has the token sign a hash value: RSA PKCS #1 v1.5 or, with
// *rsa.PSSOptions, PSS with a salt as long as the hash; ECDSA in DER.
func (c Credential) SignDigest(ctx context.Context, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	r := SignRequest{Certificate: c.object, Digest: digest, Hash: opts.HashFunc()}
	if pss, ok := opts.(*rsa.PSSOptions); ok {
		if n := pss.SaltLength; n != rsa.PSSSaltLengthEqualsHash && n != r.Hash.Size() {
			return nil, &Error{Kind: KindMechanism, Op: "sign", Detail: "RSASSA-PSS with a salt of another length than the hash"}
		}
		r.PSS = true
	}
	return c.session.Sign(ctx, r)
}

// CryptoSigner gives the credential as a crypto.Signer, for code that knows no
// contexts, such as x509.CreateCertificate. Its signatures end with ctx.
func CryptoSigner(ctx context.Context, s Session, c Certificate) (crypto.Signer, error) {
	credential, err := NewCredential(s, c)
	if err != nil {
		return nil, err
	}
	return cryptoSigner{
		public: credential.certificate.PublicKey,
		sign: func(digest []byte, opts crypto.SignerOpts) ([]byte, error) {
			return credential.SignDigest(ctx, digest, opts)
		},
	}, nil
}

type cryptoSigner struct {
	public crypto.PublicKey
	sign   func(digest []byte, opts crypto.SignerOpts) ([]byte, error)
}

// Public is the certificate's public key.
func (s cryptoSigner) Public() crypto.PublicKey { return s.public }

// Sign signs a digest as Credential.SignDigest does.
func (s cryptoSigner) Sign(_ io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	return s.sign(digest, opts)
}
