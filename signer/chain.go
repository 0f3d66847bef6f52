package signer

import (
	"bytes"
	"context"
	"crypto/x509"
	"net/http"
	"slices"

	"kyso/signer/internal/evidence"
)

// CompleteChain finds the issuers of a certificate, leaf side first and without
// the root: in a pool, then, when client is not nil, at the addresses in the
// certificates (AIA, RFC 5280, 4.2.2.1). Every link's signature is verified.
// missing is the name of the first issuer that could not be found, empty when
// the chain reaches its root. What cannot be fetched is no error.
func CompleteChain(ctx context.Context, c *x509.Certificate, pool []*x509.Certificate, client *http.Client) (chain []*x509.Certificate, missing string) {
	return completed(ctx, c, evidence.Sources{Client: client, Intermediates: pool}, nil)
}

// completed is CompleteChain with anchors, which end it, and with the roots that
// are kept.
func completed(ctx context.Context, leaf *x509.Certificate, s evidence.Sources, roots []*x509.Certificate) ([]*x509.Certificate, string) {
	found, complete, _ := evidence.Chain(ctx, leaf, s)
	var chain []*x509.Certificate
	for _, c := range found {
		if !bytes.Equal(c.RawSubject, c.RawIssuer) || slices.ContainsFunc(roots, c.Equal) {
			chain = append(chain, c)
		}
	}
	if complete {
		return chain, ""
	}
	return chain, append([]*x509.Certificate{leaf}, found...)[len(found)].Issuer.String()
}

// completeChain finds the issuers of the signer's certificate: in the request's
// Chain and its pool, else at the addresses in the certificates. Only links whose signature was verified are embedded, and a root
// only when Chain has it: whoever trusts it has it already. A chain that stays
// open is no error below LevelLT; Result.MissingIssuer names who is missing.
func (j *job) completeChain(ctx context.Context) error {
	s := evidence.Sources{
		Anchors: j.req.Anchors, Intermediates: slices.Concat(j.req.Chain, j.req.Intermediates),
	}
	j.chain, j.missing = completed(ctx, j.certificate, s, j.req.Chain)
	switch {
	case j.missing == "":
	case len(j.chain) > 0 && slices.ContainsFunc(j.req.Chain, j.chain[len(j.chain)-1].Equal):
		j.missing = "" // a chain that is given is not searched for
	case j.req.Client != nil:
		s.Client = j.req.Client
		j.chain, j.missing = completed(ctx, j.certificate, s, j.req.Chain)
	}
	return ctx.Err() //nolint:wrapcheck // the caller's own
}
