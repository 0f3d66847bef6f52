package signer

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"net/http"
	"time"

	"kyso/signer/internal/fetch"
	"kyso/signer/internal/revocation"
)

// Stamped is what a time-stamping server gave for a trial.
type Stamped struct {
	// Time is the server's, Accuracy how far it may be off as the server says;
	// zero when it does not say.
	Time     time.Time
	Accuracy time.Duration
	// Server is the certificate that signed the time stamp.
	Server *x509.Certificate
}

// ProbeTSA has a time-stamping server stamp random bytes, with the request that
// a signature makes and the same checks of the answer. The server's certificate
// is held against o.Anchors; without anchors it is not. What went wrong is told
// by the answer's Code; nothing is retried.
func ProbeTSA(ctx context.Context, server TSA, o VerifyOptions) (Stamped, *TSAAnswer) {
	var trial [32]byte
	_, _ = rand.Read(trial[:]) // never fails
	digest := sha256.Sum256(trial[:])
	l := ladder{tsas: []TSA{server}, anchors: o.Anchors, intermediates: o.Intermediates, client: o.Client}
	_, token, err := l.ask(ctx, server, digest[:])
	if err != nil {
		return Stamped{}, &TSAAnswer{URL: server.URL, Code: stampCode(err), Err: err}
	}
	return Stamped{Time: token.Time, Accuracy: token.Accuracy, Server: token.Server(nil)}, nil
}

// The ways to ask whether a certificate was revoked.
const (
	ByOCSP = "ocsp" // RFC 6960
	ByCRL  = "crl"  // RFC 5280, 5
)

// RevocationAnswer is what one address answered about a certificate.
type RevocationAnswer struct {
	By, URL string
	// State is "good", "revoked" or "unknown"; empty when Err is not nil.
	State string
	// ThisUpdate is when the answer was right, RevokedAt when the certificate was
	// revoked.
	ThisUpdate, RevokedAt time.Time
	// Err is why there is no usable answer: not fetched, or it proves nothing.
	Err error
}

// ProbeRevocation asks every address in a certificate, of OCSP responders and of
// revocation lists, and judges each answer by itself at a time. CheckCertificate
// stops at the first that settles the matter; this is to see which of them work.
func ProbeRevocation(ctx context.Context, c, issuer *x509.Certificate, client *http.Client, at time.Time) []RevocationAnswer {
	f := fetch.Client{HTTP: client}
	var out []RevocationAnswer
	add := func(by, url string, s revocation.Status, err error) {
		a := RevocationAnswer{By: by, URL: url, Err: err}
		if err == nil {
			a.State, a.ThisUpdate, a.RevokedAt = string(s.State), s.ThisUpdate, s.RevokedAt
		}
		out = append(out, a)
	}
	for _, url := range c.OCSPServer {
		var s revocation.Status
		answer, nonce, err := f.OCSP(ctx, url, c, issuer)
		if err == nil {
			s, err = revocation.OCSP(answer, c, issuer, nonce, at)
		}
		add(ByOCSP, url, s, err)
	}
	for _, url := range c.CRLDistributionPoints {
		var s revocation.Status
		list, err := f.CRL(ctx, url)
		if err == nil {
			s, err = revocation.CRL(list, c, issuer, at)
		}
		add(ByCRL, url, s, err)
	}
	return out
}
