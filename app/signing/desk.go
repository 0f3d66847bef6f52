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
	// LocalFiles has files queued, too, that come from no document system.
	LocalFiles bool
	// Folder takes signed documents that were given no place of their own.
	Folder string
	// Suffix takes the place of what a role adds to the name of a file; empty
	// leaves it to the role.
	Suffix string
	// Refuse says why a document with these signed fields is not signed on this road;
	// nil signs whatever the engine does.
	Refuse func(signed []string) error
	// Pool holds certificates of CAs, to complete the chain that is embedded.
	Pool []*x509.Certificate
	// Lasting says to which level signatures are made.
	Lasting Lasting
	// Font is the TrueType file in which text marks are set.
	Font []byte
	// Status asks the issuer of a certificate whether it is still good; nil asks
	// nobody. The second argument holds the CA certificates at hand.
	Status func(ctx context.Context, c *x509.Certificate, issuers []*x509.Certificate) verify.Status
	// Idle is how long a login lives without a signature; zero means token.DefaultIdle.
	Idle time.Duration
	// SoftKeys is what keys in files may be used for.
	SoftKeys SoftUse
	// Signed is told each signature that was made, before its delivery, from any
	// goroutine; nil tells nobody.
	Signed func(k Key, j Job, o Outcome)
	// Batches is the folder for what is known of batches that are not finished;
	// empty keeps nothing, and a batch then ends with the program.
	Batches string
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

// Keys looks into every module and lists tokens and certificates, the usable
// ones first. A module that fails is listed with its error and hides no other. A
// token that several modules show is listed once.
func (d *Desk) Keys(ctx context.Context) (Found, error) {
	modules, failed := d.c.Modules(ctx)
	f := Found{Modules: failed}
	var holdings []token.Holding
	for _, m := range modules {
		held, tokens, err := look(ctx, m)
		f.Modules = append(f.Modules, ModuleState{Path: m.Path, Tokens: tokens, Err: err})
		holdings = append(holdings, held...)
		if ctx.Err() != nil {
			return f, fmt.Errorf("look for tokens: %w", ctx.Err())
		}
	}
	now := d.c.Clock()
	for _, h := range token.Join(holdings) {
		f.Tokens = append(f.Tokens, Device{Module: h.Module, Token: h.Token})
		for _, c := range h.Certificates {
			f.Keys = append(f.Keys, keyOf(h, c, now))
		}
	}
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
		return f, nil
	}
	signed := make([]string, len(plan.Earlier))
	for i, e := range plan.Earlier {
		signed[i] = e.Field
	}
	f.Refusal = d.refuse(signed)
	return f, nil
}

// refuse says why a document with these signed fields is not signed on this road.
func (d *Desk) refuse(signed []string) error {
	if d.c.Refuse == nil {
		return nil
	}
	return d.c.Refuse(signed)
}

// look lists one module's tokens with their certificates, and how many tokens it has.
func look(ctx context.Context, m Module) ([]token.Holding, int, error) {
	tokens, err := m.Provider.Tokens(ctx)
	if err != nil {
		return nil, 0, fmt.Errorf("list tokens of %s: %w", m.Path, err)
	}
	var held []token.Holding
	for _, t := range tokens {
		cs, err := m.Provider.Certificates(ctx, t.Slot)
		if err != nil {
			return held, len(tokens), fmt.Errorf("read certificates of token %q: %w", t.Label, err)
		}
		held = append(held, token.Holding{Module: m.Path, Token: t, Certificates: cs})
	}
	return held, len(tokens), nil
}

// keyOf judges a certificate of a token at a time.
func keyOf(h token.Holding, c token.Certificate, at time.Time) Key {
	s, err := cert.Parse(c.DER)
	fit := cert.Judge(c.DER, true, at)
	if err != nil {
		s, fit = cert.Subject{Name: c.Label}, cert.Unreadable
	}
	return Key{Module: h.Module, Token: h.Token, Certificate: c, Subject: s, Fit: fit}
}

// Open checks the level of signatures and the certificate, and logs in to the key's token. An expired or
// revoked certificate is an *UnfitError before the PIN is used (NĐ 23/2025/NĐ-CP,
// Đ15); a status that nobody could tell is no obstacle, the outcome names it. The
// last try of a PIN is spent with Key.LastTry only.
func (d *Desk) Open(ctx context.Context, k Key, pin []byte) (Seat, error) {
	v, err := d.vet(ctx, k)
	if err != nil {
		return nil, err
	}
	s, err := v.provider.OpenSession(ctx, k.Token.Slot, token.Login{PIN: pin, LastTry: k.LastTry, Idle: d.c.Idle})
	if err != nil {
		return nil, fmt.Errorf("log in to token %q: %w", k.Token.Label, err)
	}
	seat, err := d.sit(s, k, v)
	if err != nil {
		return nil, errors.Join(err, s.Close(ctx))
	}
	return seat, nil
}

// vetted is what was found out about a key before its PIN is used.
type vetted struct {
	provider token.Provider
	chain    []*x509.Certificate
	status   verify.Status
}

// vet finds out whether a key may sign. It needs no login.
func (d *Desk) vet(ctx context.Context, k Key) (vetted, error) {
	var v vetted
	if k.Fit != cert.Fit {
		return v, &UnfitError{Subject: k.Subject, Fit: k.Fit}
	}
	if err := d.allow(k); err != nil {
		return v, err
	}
	if err := d.last(signer.Request{}).CheckLevel(); err != nil {
		return v, fmt.Errorf("level of signatures: %w", err)
	}
	leaf, err := x509.ParseCertificate(k.Certificate.DER)
	if err != nil {
		return v, &UnfitError{Subject: k.Subject, Fit: cert.Unreadable}
	}
	if v.provider, err = d.provider(ctx, k.Module); err != nil {
		return v, err
	}
	issuers := append(d.onToken(ctx, v.provider, k.Token.Slot), d.c.Pool...)
	v.chain = d.chain(ctx, leaf, issuers)
	v.status = d.status(ctx, leaf, issuers)
	if v.status.Revocation == revoked {
		return v, &UnfitError{Subject: k.Subject, Fit: cert.Revoked}
	}
	return v, nil
}

// provider gives the provider of a module.
func (d *Desk) provider(ctx context.Context, module string) (token.Provider, error) {
	modules, _ := d.c.Modules(ctx)
	i := slices.IndexFunc(modules, func(m Module) bool { return m.Path == module })
	if i < 0 {
		return nil, fmt.Errorf("open %s: %w", module, &token.Error{Kind: token.KindDriverMissing, Op: "open", Detail: module})
	}
	return modules[i].Provider, nil
}

// sit joins a login and a key. The session stays the caller's when it fails.
func (d *Desk) sit(s token.Session, k Key, v vetted) (*seat, error) {
	c, err := token.NewCredential(s, k.Certificate)
	if err != nil {
		return nil, fmt.Errorf("use certificate of token %q: %w", k.Token.Label, err)
	}
	return &seat{desk: d, session: s, credential: c, key: k, chain: v.chain, status: v.status}, nil
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
