package signing

import (
	"context"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"kyso/app/outbox"
	"kyso/signer"
	"kyso/signer/cert"
	"kyso/signer/token"
	"kyso/signer/verify"
)

// Module is one PKCS #11 module with the provider that reaches it.
type Module struct {
	Path     string
	Provider token.Provider
}

// Queue takes signed documents for delivery; *outbox.Box is one.
type Queue interface {
	// Admit refuses what must not be delivered, such as a secret document; it keeps nothing.
	Admit(ctx context.Context, i outbox.Item) error
	Enqueue(ctx context.Context, i outbox.Item) (string, error)
}

// Config is what a Desk works with.
type Config struct {
	// Modules gives the modules to look into; it is asked at every search, so a
	// driver that was installed meanwhile is found. Failed ones come as states.
	Modules func(ctx context.Context) ([]Module, []ModuleState)
	// Queue takes what was signed for the document system; nil without one.
	Queue Queue
	// Folder takes signed documents that were given no place of their own.
	Folder string
	// Pool holds certificates of CAs, to complete the chain that is embedded.
	Pool []*x509.Certificate
	// Lasting says to which level signatures are made.
	Lasting Lasting
	// Font is the TrueType file in which text marks are set.
	Font []byte
	// Status asks the issuer of a certificate whether it is still good; nil asks
	// nobody. The second argument holds the CA certificates at hand.
	Status func(ctx context.Context, c *x509.Certificate, issuers []*x509.Certificate) verify.Status
	// Clock tells the time at which certificates are judged.
	Clock func() time.Time
}

// Desk is the Road that window, command line and bridge use.
type Desk struct {
	c Config
	// sizes remembers how large the servers' time stamps are.
	sizes signer.StampSizes
}

var _ Road = (*Desk)(nil)

// NewDesk makes a Desk.
func NewDesk(c Config) *Desk { return &Desk{c: c} }

// Keys looks into every module and lists the certificates, the usable ones
// first. A module that fails is listed with its error and hides no other. A
// token that two modules show is listed once.
func (d *Desk) Keys(ctx context.Context) (Found, error) {
	modules, failed := d.c.Modules(ctx)
	f := Found{Modules: failed}
	seen := map[[32]byte]bool{}
	for _, m := range modules {
		keys, tokens, err := d.look(ctx, m)
		f.Modules = append(f.Modules, ModuleState{Path: m.Path, Tokens: tokens, Err: err})
		for _, k := range keys {
			if id := k.Certificate.Fingerprint(); !seen[id] {
				seen[id] = true
				f.Keys = append(f.Keys, k)
			}
		}
		if ctx.Err() != nil {
			return f, fmt.Errorf("look for tokens: %w", ctx.Err())
		}
	}
	now := d.c.Clock()
	slices.SortStableFunc(f.Keys, func(a, b Key) int { return cert.Compare(a.Certificate.DER, b.Certificate.DER, now) })
	return f, nil
}

// Foresee tells what a signature in a file would meet.
func (d *Desk) Foresee(ctx context.Context, path string, password []byte) (Forecast, error) {
	plan, err := signer.PlanFile(ctx, path, signer.Request{Time: d.c.Clock(), Password: password})
	if err != nil {
		return Forecast{}, fmt.Errorf("look at %s: %w", path, err)
	}
	f := Forecast{Warnings: plan.Warnings}
	if len(plan.Refusals) > 0 {
		r := plan.Refusals[0]
		f.Refusal = &signer.RefusalError{Code: r.Code, Text: r.Text, Page: r.Page}
	}
	return f, nil
}

// look lists the certificates of one module's tokens.
func (d *Desk) look(ctx context.Context, m Module) ([]Key, int, error) {
	tokens, err := m.Provider.Tokens(ctx)
	if err != nil {
		return nil, 0, fmt.Errorf("list tokens of %s: %w", m.Path, err)
	}
	var keys []Key
	for _, t := range tokens {
		cs, err := m.Provider.Certificates(ctx, t.Slot)
		if err != nil {
			return keys, len(tokens), fmt.Errorf("read certificates of token %q: %w", t.Label, err)
		}
		for _, c := range cs {
			s, err := cert.Parse(c.DER)
			fit := cert.Judge(c.DER, true, d.c.Clock())
			if err != nil {
				s, fit = cert.Subject{Name: c.Label}, cert.Unreadable
			}
			keys = append(keys, Key{Module: m.Path, Token: t, Certificate: c, Subject: s, Fit: fit})
		}
	}
	return keys, len(tokens), nil
}

// Open checks the level of signatures and the certificate, and logs in to the key's token. An expired or
// revoked certificate is an *UnfitError before the PIN is used (NĐ 23/2025/NĐ-CP,
// Đ15); a status that nobody could tell is no obstacle, the outcome names it.
func (d *Desk) Open(ctx context.Context, k Key, pin []byte) (Seat, error) {
	if k.Fit != cert.Fit {
		return nil, &UnfitError{Subject: k.Subject, Fit: k.Fit}
	}
	if err := d.last(signer.Request{}).CheckLevel(); err != nil {
		return nil, fmt.Errorf("level of signatures: %w", err)
	}
	leaf, err := x509.ParseCertificate(k.Certificate.DER)
	if err != nil {
		return nil, &UnfitError{Subject: k.Subject, Fit: cert.Unreadable}
	}
	modules, _ := d.c.Modules(ctx)
	i := slices.IndexFunc(modules, func(m Module) bool { return m.Path == k.Module })
	if i < 0 {
		return nil, fmt.Errorf("open %s: %w", k.Module, &token.Error{Kind: token.KindDriverMissing, Op: "open", Detail: k.Module})
	}
	p := modules[i].Provider
	issuers := append(d.onToken(ctx, p, k.Token.Slot), d.c.Pool...)
	chain := d.chain(ctx, leaf, issuers)
	status := d.status(ctx, leaf, issuers)
	if status.Revocation == revoked {
		return nil, &UnfitError{Subject: k.Subject, Fit: cert.Revoked}
	}
	// Who opens the desk with the last try has been shown that it is the last.
	s, err := p.OpenSession(ctx, k.Token.Slot, token.Login{PIN: pin, LastTry: k.Token.PIN == token.PINFinal})
	if err != nil {
		return nil, fmt.Errorf("log in to token %q: %w", k.Token.Label, err)
	}
	c, err := token.NewCredential(s, k.Certificate)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("use certificate of token %q: %w", k.Token.Label, err), s.Close(ctx))
	}
	return &seat{desk: d, session: s, credential: c, key: k, chain: chain, status: status}, nil
}

// Words of verify.Status.Revocation.
const (
	good       = "good"
	revoked    = "revoked"
	notChecked = "not-checked"
)

// status asks whether the certificate is still good.
func (d *Desk) status(ctx context.Context, c *x509.Certificate, issuers []*x509.Certificate) verify.Status {
	if d.c.Status == nil {
		return verify.Status{Indication: verify.Indeterminate, Revocation: notChecked}
	}
	return d.c.Status(ctx, c, issuers)
}

// onToken gives the CA certificates that the token itself carries.
func (d *Desk) onToken(ctx context.Context, p token.Provider, slot uint) []*x509.Certificate {
	cs, err := p.Certificates(ctx, slot)
	if err != nil {
		return nil // the login tells what is wrong with the token
	}
	var out []*x509.Certificate
	for _, c := range cs {
		if x, err := x509.ParseCertificate(c.DER); err == nil && x.IsCA {
			out = append(out, x)
		}
	}
	return out
}

// chainOf orders the issuers of leaf that pool holds, leaf side first, without
// the self-signed root (EN 319 142-1, 6.2.1: the path up to the trust anchor).
func chainOf(leaf *x509.Certificate, pool []*x509.Certificate) []*x509.Certificate {
	var chain []*x509.Certificate
	for at := leaf; len(chain) < 8; {
		i := slices.IndexFunc(pool, func(c *x509.Certificate) bool {
			return string(c.RawSubject) == string(at.RawIssuer) && string(c.RawSubject) != string(c.RawIssuer) && at.CheckSignatureFrom(c) == nil
		})
		if i < 0 {
			return chain
		}
		at = pool[i]
		chain = append(chain, at)
	}
	return chain
}

// UnfitError reports a certificate that may not sign now.
type UnfitError struct {
	Subject cert.Subject
	Fit     cert.Fitness
}

// Error names the certificate and the reason.
func (e *UnfitError) Error() string {
	return fmt.Sprintf("certificate of %q may not sign: %s", e.Subject.Name, e.Fit)
}

// hexOf writes a digest in lower-case hexadecimal.
func hexOf(sum [32]byte) string { return hex.EncodeToString(sum[:]) }
