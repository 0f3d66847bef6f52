package signing

import (
	"context"
	"crypto/x509"
	"net/http"

	"kyso/signer"
)

// Lasting says how long signatures are to be provable. The zero value makes them
// of level B-B.
type Lasting struct {
	// Level is B-B when empty. A level that cannot be reached is an error, never a
	// lower level.
	Level signer.Level
	// TSAs are the time-stamping servers, tried in this order.
	TSAs []signer.TSA
	// Anchors are the trusted roots, needed from B-LT on.
	Anchors []*x509.Certificate
	// Client reaches the servers.
	Client *http.Client
	// PSS asks RSA keys for RSASSA-PSS.
	PSS bool
	// Chain completes the chain of a signer's certificate, once for a login; nil
	// takes what is at hand.
	Chain func(ctx context.Context, c *x509.Certificate, issuers []*x509.Certificate) []*x509.Certificate
}

// last adds to a request what makes its signature last.
func (d *Desk) last(r signer.Request) signer.Request {
	l := d.c.Lasting
	r.Level, r.TSAs, r.Anchors, r.PSS = l.Level, l.TSAs, l.Anchors, l.PSS
	r.Intermediates = d.c.Pool
	r.StampSizes = &d.sizes
	if l.Level != "" && l.Level != signer.LevelB {
		r.Client = l.Client // B-B asks nobody while a document is signed
	}
	return r
}

// chain is what is embedded behind a signer's certificate.
func (d *Desk) chain(ctx context.Context, leaf *x509.Certificate, issuers []*x509.Certificate) []*x509.Certificate {
	if d.c.Lasting.Chain == nil {
		return chainOf(leaf, issuers)
	}
	return d.c.Lasting.Chain(ctx, leaf, issuers)
}
