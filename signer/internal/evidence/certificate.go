package evidence

import (
	"context"
	"crypto/x509"
	"time"

	"kyso/signer/internal/fetch"
	"kyso/signer/internal/revocation"
	"kyso/signer/verify"
)

// OfCertificate collects the evidence on one certificate that no file holds yet:
// its issuers, and what is said of its revocation.
func OfCertificate(ctx context.Context, c *x509.Certificate, at time.Time, s Sources) verify.Evidence {
	ctx, cancel := context.WithTimeout(ctx, maxFetchTime)
	defer cancel()
	e := verify.Evidence{At: at}
	g := newGatherer(&e, s)
	g.addCertificate(c)
	g.signer(ctx, c)
	return e
}

// newGatherer makes a gatherer that fills e, with the issuers at hand.
func newGatherer(e *verify.Evidence, s Sources) *gatherer {
	g := &gatherer{
		out: e, sources: s, fetcher: fetch.Client{HTTP: s.Client},
		known: map[[32]byte]int{}, asked: map[string]bool{}, listed: map[string]revocation.Reasons{},
	}
	for _, c := range s.Intermediates {
		g.addCertificate(c)
	}
	return g
}
