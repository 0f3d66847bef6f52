package signer_test

import (
	"context"
	"crypto"
	"crypto/rsa"
	"testing"

	"kyso/signer"
	"kyso/signer/signertest"
)

func TestEveryKindOfKeySatisfiesForeignJudges(t *testing.T) {
	t.Parallel()
	pki := newPKI(t)
	for name, test := range map[string]struct {
		key string
		pss bool
	}{
		"RSA of 2048 bits":          {"RSA-2048", false},
		"RSA of 3072 bits":          {"RSA-3072", false},
		"RSA of 2048 bits with PSS": {"RSA-2048", true},
		"RSA of 3072 bits with PSS": {"RSA-3072", true},
		"P-256":                     {"P-256", false},
		"P-384":                     {"P-384", false},
		"P-521":                     {"P-521", false},
		"P-256, PSS asked for":      {"P-256", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			req := request(t, pki, test.key)
			req.PSS = test.pss
			asked := &asking{Credential: req.Credential}
			req.Credential = asked
			out := mustSign(t, write(t, "in.pdf", signertest.Paper{}.Bytes()), req)
			judge(t, pki, out, 1)
			_, isPSS := asked.opts.(*rsa.PSSOptions)
			if _, isRSA := req.Credential.Certificate().PublicKey.(*rsa.PublicKey); isPSS != (test.pss && isRSA) {
				t.Errorf("the key was asked with %T", asked.opts)
			}
		})
	}
}

// asking remembers what the key was asked with.
type asking struct {
	signer.Credential

	opts crypto.SignerOpts
}

func (a *asking) SignDigest(ctx context.Context, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	a.opts = opts
	return a.Credential.SignDigest(ctx, digest, opts)
}
