package signer

import (
	"bytes"
	"context"
	"crypto/x509"
	"slices"

	"kyso/signer/internal/evidence"
)

// completeChain finds the issuers of the signer's certificate: among those that
// the request brings, then at the addresses in the certificates. Only links whose
// signature was verified are embedded, and a root only when the request's Chain
// has it: whoever trusts it has it already. A chain that stays open is no error
// below LevelLT; Result.MissingIssuer names who is missing.
func (j *job) completeChain(ctx context.Context) error {
	leaf := j.certificate
	given := slices.Concat(j.req.Chain, j.req.Intermediates)
	chain, complete, _ := evidence.Chain(ctx, leaf, evidence.Sources{
		Client: j.req.Client, Anchors: j.req.Anchors, Intermediates: given,
	})
	if err := ctx.Err(); err != nil {
		return err //nolint:wrapcheck // the caller's own
	}
	j.chain = nil
	for _, c := range chain {
		if !bytes.Equal(c.RawSubject, c.RawIssuer) || slices.ContainsFunc(j.req.Chain, c.Equal) {
			j.chain = append(j.chain, c)
		}
	}
	j.missing = ""
	if !complete {
		last := append([]*x509.Certificate{leaf}, chain...)[len(chain)]
		j.missing = last.Issuer.String()
	}
	return nil
}
