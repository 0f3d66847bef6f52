package evidence

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"slices"
	"time"

	"kyso/signer/internal/certview"
	"kyso/signer/internal/cms"
	"kyso/signer/internal/fetch"
	"kyso/signer/internal/pdf"
	"kyso/signer/internal/revocation"
	"kyso/signer/internal/trust"
	"kyso/signer/verify"
)

// Limits of what is gathered on certificates.
const (
	maxFetchTime = 60 * time.Second
	maxStored    = 500      // certificates or answers taken from the file
	maxAnswers   = 64 << 20 // bytes of all answers taken from the file
	// maxFetchedLists is how many bytes of lists are fetched before no more are.
	maxFetchedLists = 48 << 20
)

// gatherer collects certificates and revocation answers.
type gatherer struct {
	out     *verify.Evidence
	sources Sources
	fetcher fetch.Client
	pool    []*x509.Certificate
	known   map[[sha256.Size]byte]int     // certificates in the pool by their place there
	asked   map[string]bool               // addresses and certificates already tried
	stored  int                           // bytes of answers from the file
	fetched int                           // bytes of lists from the network
	listed  map[string]revocation.Reasons // what a list at an address is for
}

// gatherTrust adds to e what judging the certificates of its signatures needs:
// first what the file holds, then what the sources and the network give.
func gatherTrust(ctx context.Context, e *verify.Evidence, f *pdf.File, s Sources) {
	ctx, cancel := context.WithTimeout(ctx, maxFetchTime)
	defer cancel()
	g := newGatherer(e, s)
	g.store(f)
	var signers []*x509.Certificate
	for _, signature := range e.Signatures {
		if data, err := cms.Parse(signature.Contents); err == nil {
			signers = append(signers, g.structure(data)...)
		}
	}
	tried := map[*x509.Certificate]bool{}
	for _, signer := range signers {
		if ctx.Err() != nil {
			return // Gather tells its caller's; the time for fetching is up
		}
		if !tried[signer] {
			tried[signer] = true
			g.signer(ctx, signer)
		}
	}
}

// store takes certificates and answers out of the document security store (ISO 32000-2, 12.8.4.3).
func (g *gatherer) store(f *pdf.File) {
	dss := f.Dict(f.Catalog().Get("DSS"))
	each := func(key string, take func(data []byte)) {
		for i, v := range f.Array(dss.Get(key)) {
			if i >= maxStored {
				return
			}
			if stream, ok := f.Resolve(v).(*pdf.Stream); ok {
				if data, err := f.StreamData(stream); err == nil {
					take(data)
				}
			}
		}
	}
	each("Certs", func(data []byte) {
		if c, err := certview.Parse(data); err == nil {
			g.addEmbedded(c)
		}
	})
	each("OCSPs", func(data []byte) { g.addStored(verify.AnswerOCSP, verify.SourceFile, data) })
	each("CRLs", func(data []byte) { g.addStored(verify.AnswerCRL, verify.SourceFile, data) })
}

// structure takes what a CMS structure embeds and returns the signers' certificates.
func (g *gatherer) structure(data *cms.SignedData) []*x509.Certificate {
	for _, c := range data.Certificates {
		g.addEmbedded(c)
	}
	for _, list := range data.CRLs {
		g.addStored(verify.AnswerCRL, verify.SourceFile, list)
	}
	var signers []*x509.Certificate
	for i := range data.Signers {
		lists, answers := data.Signers[i].Archived()
		for _, list := range lists {
			g.addStored(verify.AnswerCRL, verify.SourceSignature, list)
		}
		for _, answer := range answers {
			g.addStored(verify.AnswerOCSP, verify.SourceSignature, answer)
		}
		for _, c := range g.pool {
			if data.Signers[i].Names(c) {
				signers = append(signers, c)
				break
			}
		}
		for _, token := range data.Signers[i].TimeStamps() {
			if stamp, err := cms.Parse(token); err == nil && len(stamp.Signers) == 1 && len(stamp.Signers[0].TimeStamps()) == 0 {
				signers = append(signers, g.structure(stamp)...)
			}
		}
	}
	return signers
}

// addCertificate adds a certificate to the pool and returns its place there, −1
// when the pool is full.
func (g *gatherer) addCertificate(c *x509.Certificate) int {
	sum := sha256.Sum256(c.Raw)
	if i, ok := g.known[sum]; ok {
		return i
	}
	if len(g.pool) >= 4*maxStored {
		return -1
	}
	g.known[sum] = len(g.pool)
	g.pool = append(g.pool, c)
	g.out.Certificates = append(g.out.Certificates, c.Raw)
	return g.known[sum]
}

// addEmbedded adds a certificate that the file itself holds.
func (g *gatherer) addEmbedded(c *x509.Certificate) {
	if i := g.addCertificate(c); i >= 0 && !slices.Contains(g.out.Embedded, i) {
		g.out.Embedded = append(g.out.Embedded, i)
	}
}

// addStored adds an answer of the file; every certificate is held against every
// answer, so there is a limit.
func (g *gatherer) addStored(kind verify.AnswerKind, source string, body []byte) {
	if g.stored+len(body) > maxAnswers {
		g.fail(errTooMuch)
		return
	}
	g.stored += len(body)
	g.addAnswer(kind, source, body, nil)
}

func (g *gatherer) addAnswer(kind verify.AnswerKind, source string, body, nonce []byte) {
	g.out.Answers = append(g.out.Answers, verify.Answer{Kind: kind, Source: source, Body: body, Nonce: nonce})
}

func (g *gatherer) fail(err error) { g.out.Failures = append(g.out.Failures, err.Error()) }

// signer makes the path of a signer's certificate complete and asks for the
// status of each certificate on it.
func (g *gatherer) signer(ctx context.Context, signer *x509.Certificate) {
	if g.sources.Client == nil {
		return // nobody can be asked; the judge finds the paths itself
	}
	paths := trust.Find(signer, g.pool, g.sources.Anchors)
	if len(paths) == 0 {
		g.climb(ctx, signer)
		paths = trust.Find(signer, g.pool, g.sources.Anchors)
	}
	for _, path := range paths {
		for i, c := range path[:len(path)-1] {
			g.status(ctx, c, path.Issuer(i))
		}
	}
}

// status asks for the revocation status of a certificate: OCSP first, the
// revocation list when that gives nothing usable.
func (g *gatherer) status(ctx context.Context, c, issuer *x509.Certificate) {
	key := string(c.Raw)
	if g.asked[key] {
		return
	}
	g.asked[key] = true
	if g.sources.Client == nil {
		return
	}
	for _, url := range c.OCSPServer {
		answer, nonce, err := g.fetcher.OCSP(ctx, url, c, issuer)
		if err == nil {
			err = g.usable(answer, nonce, c, issuer)
		}
		if err == nil {
			g.addAnswer(verify.AnswerOCSP, url, answer, nonce)
			g.responder(ctx, answer, issuer)
			return
		}
		g.fail(err)
	}
	g.lists(ctx, revocation.Question{Certificate: c, Issuer: issuer, At: g.out.At, Pool: g.pool})
}

// lists fetches revocation lists until they are together for all reasons.
func (g *gatherer) lists(ctx context.Context, q revocation.Question) {
	var covered revocation.Reasons
	for _, url := range q.Certificate.CRLDistributionPoints {
		if _, known := g.listed[url]; !known {
			state, err := g.list(ctx, url, q)
			if err != nil {
				g.fail(err)
				continue
			}
			if state == revocation.Revoked {
				return // nothing takes that back
			}
		}
		if covered |= g.listed[url]; covered == revocation.AllReasons {
			return
		}
	}
}

// list fetches one list and keeps it when it answers the question, if only for
// some reasons.
func (g *gatherer) list(ctx context.Context, url string, q revocation.Question) (revocation.State, error) {
	if g.fetched > maxFetchedLists {
		return revocation.Unknown, errTooMuchFetched
	}
	list, err := g.fetcher.CRL(ctx, url)
	if err != nil {
		return revocation.Unknown, err
	}
	g.fetched += len(list)
	status, reasons, err := q.Part(list)
	if err != nil {
		return revocation.Unknown, err
	}
	g.listed[url] = reasons
	g.addAnswer(verify.AnswerCRL, url, list, nil)
	return status.State, nil
}

// responder asks for the status of the responder that signed an answer, unless
// its certificate says that nobody need to (RFC 6960, 4.2.2.2.1).
func (g *gatherer) responder(ctx context.Context, answer []byte, issuer *x509.Certificate) {
	for _, c := range revocation.Responders(answer, issuer) {
		if !c.Equal(issuer) && !revocation.MayBeUnchecked(c) {
			g.status(ctx, c, issuer)
		}
	}
}

var errTooMuch = errors.New("a revocation answer in the file is passed over: there are too many, or too large ones")

var errTooMuchFetched = errors.New("a revocation list is not fetched: there are too many, or too large ones")

var errStatusUnknown = errors.New("the responder does not know the certificate")

// usable tells whether an OCSP answer settles the matter, so that no list is needed.
func (g *gatherer) usable(answer, nonce []byte, c, issuer *x509.Certificate) error {
	status, err := revocation.OCSP(answer, c, issuer, nonce, g.out.At)
	if err == nil && status.State == revocation.Unknown {
		err = errStatusUnknown
	}
	return err
}
