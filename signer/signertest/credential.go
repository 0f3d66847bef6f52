package signertest

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/x509"
)

// Credential is an Identity in the form that signer.Request takes.
type Credential struct{ id Identity }

// Credential makes the identity usable for signing.
func (id Identity) Credential() Credential { return Credential{id} }

// Certificate is the signer's certificate.
func (c Credential) Certificate() *x509.Certificate { return c.id.Certificate }

// SignDigest signs a hash value: RSA PKCS #1 v1.5 or, with *rsa.PSSOptions, PSS; ECDSA in DER.
func (c Credential) SignDigest(ctx context.Context, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return c.id.Signer.Sign(rand.Reader, digest, opts)
}
