package doctor

import (
	"context"
	"crypto/x509"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"time"

	"kyso/signer"
	"kyso/signer/cert"
	"kyso/signer/token"
)

// caOf gives the CA certificates that a token carries.
func caOf(h token.Holding) []*x509.Certificate {
	var out []*x509.Certificate
	for _, c := range h.Certificates {
		if x, err := x509.ParseCertificate(c.DER); err == nil && x.IsCA {
			out = append(out, x)
		}
	}
	return out
}

// certificateCheck looks at one certificate: itself, its chain, what its issuer
// says of it.
func (c Config) certificateCheck(held token.Certificate, issuers []*x509.Certificate) check {
	sum := held.Fingerprint()
	return check{Certificate, "certificate", hex.EncodeToString(sum[:4]), c.Limits.Network, func(ctx context.Context) result {
		now := c.Clock()
		fit := cert.Judge(held.DER, true, now)
		x, err := x509.ParseCertificate(held.DER)
		if err != nil {
			return result{findings: []Finding{{Group: Certificate, State: Warn, Code: "cert-unreadable", Values: []Value{private("name", held.Label)}, Details: []Value{failure("error", err)}}}}
		}
		got := result{findings: []Finding{validity(x, fit, now)}}
		if fit == cert.Fit {
			got.usable = 1
		}
		if slices.Contains([]cert.Fitness{cert.Expired, cert.WrongUse, cert.WeakKey}, fit) {
			return got // nothing is signed with it
		}
		issuer, f := c.chain(ctx, x, issuers)
		got.findings = append(got.findings, f)
		if issuer != nil {
			f, revoked := c.revocation(ctx, x, issuer, now)
			if got.findings = append(got.findings, f); revoked {
				got.usable = 0
			}
		}
		return got
	}}
}

// The days before the end of a certificate at which the person is warned.
const (
	daysSoon   = 60
	daysSooner = 30
	daysLast   = 7
)

// validity tells whether a certificate may sign now, and for how long.
func validity(x *x509.Certificate, fit cert.Fitness, now time.Time) Finding {
	s := cert.Of(x)
	left := int(x.NotAfter.Sub(now).Hours() / 24)
	f := Finding{Group: Certificate, State: OK, Code: "cert-ok", order: "0"}
	switch {
	case fit == cert.Expired:
		f.State, f.Code = Bad, "cert-expired"
	case fit == cert.NotYetValid:
		f.State, f.Code = Bad, "cert-early"
	case fit == cert.WrongUse:
		f.State, f.Code = Warn, "cert-use"
	case fit == cert.WeakKey:
		f.State, f.Code = Bad, "cert-weak"
	case left < daysLast:
		f.State, f.Code = Warn, "cert-7"
	case left < daysSooner:
		f.State, f.Code = Warn, "cert-30"
	case left < daysSoon:
		f.State, f.Code = Warn, "cert-60"
	}
	f.Values = []Value{private("name", s.Name), plain("from", day(x.NotBefore)), plain("to", day(x.NotAfter)), plain("days", strconv.Itoa(left)), plain("key", s.Key)}
	f.Details = []Value{
		private("unit", s.Unit), issuerValue(x), plain("key", s.Key), plain("valid", moment(x.NotBefore)+" – "+moment(x.NotAfter)),
		plain("uses", uses(x)),
	}
	return f
}

// issuerValue names the CA; a certificate that names itself as its issuer would
// name its holder.
func issuerValue(x *x509.Certificate) Value {
	name := cert.Of(x).Issuer
	if string(x.RawIssuer) == string(x.RawSubject) {
		return private("issuer", name)
	}
	return plain("issuer", name)
}

// uses lists the key usages as RFC 5280 calls them.
func uses(x *x509.Certificate) string {
	var out []string
	for _, u := range []struct {
		bit  x509.KeyUsage
		name string
	}{
		{x509.KeyUsageDigitalSignature, "digitalSignature"},
		{x509.KeyUsageContentCommitment, "nonRepudiation"},
		{x509.KeyUsageKeyEncipherment, "keyEncipherment"},
		{x509.KeyUsageDataEncipherment, "dataEncipherment"},
		{x509.KeyUsageKeyAgreement, "keyAgreement"},
	} {
		if x.KeyUsage&u.bit != 0 {
			out = append(out, u.name)
		}
	}
	if len(out) == 0 {
		return "–"
	}
	return strings.Join(out, ", ")
}

// chain finds the issuers of a certificate. The issuer is nil when it is not found.
func (c Config) chain(ctx context.Context, x *x509.Certificate, issuers []*x509.Certificate) (*x509.Certificate, Finding) {
	f := Finding{Group: Certificate, State: OK, Code: "chain-ok", order: "1", Values: []Value{private("name", cert.Of(x).Name), issuerValue(x)}}
	if string(x.RawIssuer) == string(x.RawSubject) {
		f.State, f.Code = Warn, "chain-self"
		return nil, f
	}
	chain, missing := signer.CompleteChain(ctx, x, issuers, c.Client)
	known := slices.Concat(chain, issuers)
	issuer := issuerOf(x, known)
	f.Details = []Value{plain("chain", strconv.Itoa(len(chain)))}
	switch {
	case issuer == nil || missing != "":
		f.State, f.Code = Warn, "chain-missing"
		f.Details = append(f.Details, plain("issuer-missing", firstText(missing, cert.Of(x).Issuer)))
	case len(c.Anchors) == 0:
		f.Code = "chain-unanchored"
	case !leadsTo(x, known, c.Anchors):
		f.State, f.Code = Warn, "chain-untrusted"
	}
	return issuer, f
}

// issuerOf finds the certificate whose key signed x.
func issuerOf(x *x509.Certificate, pool []*x509.Certificate) *x509.Certificate {
	i := slices.IndexFunc(pool, func(p *x509.Certificate) bool {
		return string(p.RawSubject) == string(x.RawIssuer) && x.CheckSignatureFrom(p) == nil
	})
	if i < 0 {
		return nil
	}
	return pool[i]
}

// maxChain bounds the length of a chain.
const maxChain = 8

// leadsTo reports that the issuers of x end at an anchor.
func leadsTo(x *x509.Certificate, pool, anchors []*x509.Certificate) bool {
	for range maxChain {
		if issuerOf(x, anchors) != nil {
			return true
		}
		next := issuerOf(x, pool)
		if next == nil || next.Equal(x) {
			return false
		}
		x = next
	}
	return false
}

// The words of a revocation state.
const (
	stateGood    = "good"
	stateRevoked = "revoked"
)

// revocation asks OCSP and CRL, each by itself.
func (c Config) revocation(ctx context.Context, x, issuer *x509.Certificate, now time.Time) (f Finding, revoked bool) {
	f = Finding{Group: Certificate, State: OK, Code: "status-ok", order: "2", Values: []Value{private("name", cert.Of(x).Name)}}
	answers := signer.ProbeRevocation(ctx, x, issuer, c.Client, now)
	good, newest := 0, time.Time{}
	for _, a := range answers {
		f.Details = append(f.Details, answerDetail(a)...)
		switch a.State {
		case stateGood:
			good++
		case stateRevoked:
			f.State, f.Code = Bad, "status-revoked"
			f.Values = append(f.Values, plain("since", day(a.RevokedAt)))
			return f, true
		}
		if a.ThisUpdate.After(newest) {
			newest = a.ThisUpdate
		}
	}
	f.Values = append(f.Values, plain("at", moment(newest)), plain("ways", ways(answers)))
	switch {
	case len(answers) == 0:
		f.State, f.Code = Warn, "status-nowhere"
	case good == 0:
		f.State, f.Code = Warn, "status-none"
	case good < len(answers):
		f.State, f.Code = Warn, "status-part"
	}
	return f, false
}

// ways lists the ways that gave no usable answer, else all of them.
func ways(answers []signer.RevocationAnswer) string {
	var all, failed []string
	for _, a := range answers {
		name := strings.ToUpper(a.By)
		if !slices.Contains(all, name) {
			all = append(all, name)
		}
		if a.State != stateGood && !slices.Contains(failed, name) {
			failed = append(failed, name)
		}
	}
	if len(failed) > 0 {
		return strings.Join(failed, ", ")
	}
	return strings.Join(all, ", ")
}

func answerDetail(a signer.RevocationAnswer) []Value {
	out := []Value{address(a.By, a.URL)}
	if a.Err != nil {
		return append(out, failure(a.By+"-error", a.Err))
	}
	return append(out, wordOf(a.By+"-state", "status-"+a.State), plain(a.By+"-time", moment(a.ThisUpdate)))
}
