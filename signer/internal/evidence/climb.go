package evidence

import (
	"bytes"
	"context"
	"crypto/x509"
	"slices"

	"kyso/signer/internal/trust"
	"kyso/signer/verify"
)

const (
	maxClimb   = 8 // links of a chain that are followed
	maxFetched = 8 // addresses of issuers asked for one chain
)

// Chain follows the issuers of a certificate as far as they can be had: from the
// anchors and intermediates of s, then from the addresses in the certificates
// (RFC 5280, 4.2.2.1). They come leaf side first; every link's signature was
// verified. A chain that can end at an anchor does, and complete says so; it is
// complete, too, when it ends with a certificate that issued itself. What could
// not be fetched is in failures.
func Chain(ctx context.Context, c *x509.Certificate, s Sources) (chain []*x509.Certificate, complete bool, failures []string) {
	ctx, cancel := context.WithTimeout(ctx, maxFetchTime)
	defer cancel()
	g := newGatherer(&verify.Evidence{}, s)
	for _, anchor := range s.Anchors {
		g.addCertificate(anchor)
	}
	if len(trust.Find(c, g.pool, s.Anchors)) == 0 {
		g.climb(ctx, c)
	}
	if paths := trust.Find(c, g.pool, s.Anchors); len(paths) > 0 {
		return paths[0][1:], true, g.out.Failures
	}
	for at := c; ; {
		if selfIssued(at) {
			return chain, true, g.out.Failures
		}
		issuer := g.issuer(at)
		if issuer == nil || len(chain) >= maxClimb || slices.ContainsFunc(chain, issuer.Equal) {
			return chain, false, g.out.Failures
		}
		chain = append(chain, issuer)
		at = issuer
	}
}

func selfIssued(c *x509.Certificate) bool {
	if !bytes.Equal(c.RawIssuer, c.RawSubject) {
		return false
	}
	_, err := trust.Issued(c, c)
	return err == nil
}

// issuer finds a certificate in the pool that issued c, nil when there is none.
func (g *gatherer) issuer(c *x509.Certificate) *x509.Certificate {
	for _, candidate := range g.pool {
		if candidate.Equal(c) || !bytes.Equal(candidate.RawSubject, c.RawIssuer) {
			continue
		}
		if _, err := trust.Issued(c, candidate); err == nil {
			return candidate
		}
	}
	return nil
}

// climb goes up from a certificate and fetches the issuers that the pool lacks
// from the places that the certificates name.
func (g *gatherer) climb(ctx context.Context, c *x509.Certificate) {
	fetched := 0
	for range maxClimb {
		if selfIssued(c) {
			return
		}
		issuer := g.issuer(c)
		for _, url := range c.IssuingCertificateURL {
			if issuer != nil || fetched >= maxFetched {
				break
			}
			if g.asked[url] {
				continue
			}
			g.asked[url] = true
			fetched++
			issuer = g.fetchIssuer(ctx, url, c)
		}
		if issuer == nil {
			return
		}
		c = issuer
	}
}

// fetchIssuer takes what stands at an address into the pool and returns the
// certificate that issued c, nil when that is not there.
func (g *gatherer) fetchIssuer(ctx context.Context, url string, c *x509.Certificate) *x509.Certificate {
	if g.sources.Client == nil {
		return nil
	}
	found, err := g.fetcher.Issuers(ctx, url)
	if err != nil {
		g.fail(err)
		return nil
	}
	for _, f := range found {
		g.addCertificate(f)
	}
	return g.issuer(c)
}
