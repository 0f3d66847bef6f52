package remote

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"kyso/signer/token"
)

// Options say which helper serves which module.
type Options struct {
	// Helper is the absolute path of kyso-token, built for the module's machine.
	Helper string
	// Module is the absolute path of the PKCS #11 module.
	Module string
	// Reserved is what the module wants at its start (CK_C_INITIALIZE_ARGS,
	// pReserved); empty for nearly all. It is no secret.
	Reserved string
	// Env is added to the helper's environment. It never holds a secret.
	Env []string
	// Limits bound the calls; the zero value of each means its default.
	Limits Limits
}

// Limits are the times after which the helper is ended.
type Limits struct {
	Start  time.Duration // load and initialize the module: 20 s
	List   time.Duration // tokens, certificates, logout: 15 s
	Login  time.Duration // 30 s
	PINPad time.Duration // login with the PIN typed on the reader: 120 s
	Sign   time.Duration // 60 s
	// Restarts is how often in a minute a helper that failed is started again: 3.
	Restarts int
}

// The default limits.
const (
	defaultStart  = 20 * time.Second
	defaultList   = 15 * time.Second
	defaultLogin  = 30 * time.Second
	defaultPINPad = 120 * time.Second
	defaultSign   = 60 * time.Second

	defaultRestarts = 3
)

func (l Limits) orDefaults() Limits {
	set := func(d *time.Duration, standard time.Duration) {
		if *d <= 0 {
			*d = standard
		}
	}
	set(&l.Start, defaultStart)
	set(&l.List, defaultList)
	set(&l.Login, defaultLogin)
	set(&l.PINPad, defaultPINPad)
	set(&l.Sign, defaultSign)
	if l.Restarts <= 0 {
		l.Restarts = defaultRestarts
	}
	return l
}

// A helper that failed Limits.Restarts times and once more within restartWindow
// is not started again until the window has passed.
const restartWindow = time.Minute

// Provider is a token.Provider whose module runs in a helper process.
type Provider struct {
	options Options

	// starting is held while a helper is started, so that there is one.
	starting sync.Mutex

	mu       sync.Mutex
	running  *process
	closed   bool
	failures []time.Time // within restartWindow
}

var _ token.Provider = (*Provider)(nil)

// Start gives the provider of a module. The helper starts with the first call.
func Start(o Options) *Provider {
	o.Limits = o.Limits.orDefaults()
	return &Provider{options: o}
}

// Tokens lists the tokens that are in a slot now. A cancel leaves the helper
// alone, for it may be signing.
func (p *Provider) Tokens(ctx context.Context) ([]token.Info, error) {
	r, _, err := p.call(ctx, request{Op: opTokens}, nil, p.options.Limits.List)
	return r.Tokens, err
}

// Certificates lists the certificates of the token in slot.
func (p *Provider) Certificates(ctx context.Context, slot uint) ([]token.Certificate, error) {
	r, _, err := p.call(ctx, request{Op: opCertificates, Slot: slot}, nil, p.options.Limits.List)
	return r.Certificates, err
}

// Slots lists the slots with a token.
func (p *Provider) Slots(ctx context.Context) ([]uint, error) {
	r, _, err := p.call(ctx, request{Op: opSlots}, nil, p.options.Limits.List)
	return r.Slots, err
}

// OpenSession logs in to the token in slot. The PIN is sent once; when the
// helper ends during the login, nobody knows whether a try is spent, and the
// error is of KindCrashed or KindHung.
func (p *Provider) OpenSession(ctx context.Context, slot uint, l token.Login) (token.Session, error) {
	q := request{Op: opLogin, Slot: slot, Pad: l.PIN == nil, LastTry: l.LastTry, Idle: l.Idle}
	r, proc, err := p.call(ctx, q, l.PIN, p.options.Limits.login(q))
	if err != nil {
		return nil, err
	}
	return &session{provider: p, process: proc, id: r.Session}, nil
}

// ChangePIN replaces the user's PIN. When the helper ends during it, nobody
// knows which PIN holds; the old one is tried by the person, not by a program.
func (p *Provider) ChangePIN(ctx context.Context, slot uint, c token.PINChange) error {
	if (c.Old == nil) != (c.New == nil) {
		return &token.Error{Kind: token.KindPINFormat, Op: opChangePIN, Detail: "one PIN typed here, the other on the reader"}
	}
	secret := slices.Concat(c.Old, c.New)
	defer clear(secret)
	q := request{Op: opChangePIN, Slot: slot, Pad: c.Old == nil, LastTry: c.LastTry, Old: len(c.Old)}
	_, _, err := p.call(ctx, q, secret, p.options.Limits.login(q))
	return err
}

// login is the limit of a call with a PIN.
func (l Limits) login(q request) time.Duration {
	if q.Pad {
		return l.PINPad
	}
	return l.Login
}

// Close ends the helper, and with it all sessions. It waits until it is gone.
func (p *Provider) Close() error {
	p.mu.Lock()
	proc := p.running
	p.closed, p.running = true, nil
	p.mu.Unlock()
	if proc != nil {
		proc.end()
	}
	return nil
}

// PID gives the process number of the running helper, or 0. It is for the
// support desk and for tests.
func (p *Provider) PID() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.running == nil || p.running.isDead() {
		return 0
	}
	return p.running.pid()
}

// call sends one request to the running helper, which it starts if need be.
func (p *Provider) call(ctx context.Context, q request, secret []byte, limit time.Duration) (reply, *process, error) {
	proc, err := p.process(ctx)
	if err != nil {
		return reply{}, nil, err
	}
	r, err := p.ask(ctx, proc, q, secret, limit)
	return r, proc, err
}

// ask sends one request to proc and counts its failures.
func (p *Provider) ask(ctx context.Context, proc *process, q request, secret []byte, limit time.Duration) (reply, error) {
	r, err := proc.ask(ctx, q, secret, limit)
	if errors.Is(err, token.ErrCrashed) || errors.Is(err, token.ErrHung) {
		p.failed(proc)
	}
	return r, err
}

// process gives the running helper or starts one.
func (p *Provider) process(ctx context.Context) (*process, error) {
	p.starting.Lock()
	defer p.starting.Unlock()
	p.mu.Lock()
	proc, closed := p.running, p.closed
	p.mu.Unlock()
	switch {
	case closed:
		return nil, &token.Error{Kind: token.KindOther, Op: "start", Detail: "the provider is closed"}
	case proc != nil && !proc.isDead():
		return proc, nil
	case proc != nil:
		p.failed(proc)
	}
	if p.exhausted() {
		return nil, &token.Error{Kind: token.KindCrashed, Op: "start", Detail: p.options.Module + ": the driver keeps failing"}
	}
	if !filepath.IsAbs(p.options.Helper) {
		return nil, &token.Error{Kind: token.KindOther, Op: "start", Detail: p.options.Helper + ": not an absolute path"}
	}
	proc, err := start(ctx, p.options)
	if err != nil {
		if errors.Is(err, token.ErrCrashed) || errors.Is(err, token.ErrHung) {
			p.count()
		}
		return nil, err
	}
	p.mu.Lock()
	closed = p.closed
	if !closed {
		p.running = proc
	}
	p.mu.Unlock()
	if closed {
		proc.end()
		return nil, &token.Error{Kind: token.KindOther, Op: "start", Detail: "the provider is closed"}
	}
	return proc, nil
}

// failed forgets a helper that ended, and counts it once.
func (p *Provider) failed(proc *process) {
	p.mu.Lock()
	first := p.running == proc
	if first {
		p.running = nil
	}
	p.mu.Unlock()
	if first && !proc.endedByUs() {
		p.count()
	}
}

func (p *Provider) count() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.failures = append(p.failures, time.Now())
}

// exhausted reports whether the helper failed too often to be started again now.
func (p *Provider) exhausted() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	oldest := time.Now().Add(-restartWindow)
	for len(p.failures) > 0 && p.failures[0].Before(oldest) {
		p.failures = p.failures[1:]
	}
	return len(p.failures) > p.options.Limits.Restarts
}

// session is a login in one helper process. It does not outlive that process.
type session struct {
	provider *Provider
	process  *process
	id       uint64
}

// Sign makes one signature. After the helper ended it gives KindCrashed; the
// caller logs in again.
func (s *session) Sign(ctx context.Context, r token.SignRequest) ([]byte, error) {
	a, err := s.provider.ask(ctx, s.process, request{Op: opSign, Session: s.id, Sign: &r}, nil, s.provider.options.Limits.Sign)
	return a.Signature, err
}

// Close logs out. The session of a helper that ended is closed already.
func (s *session) Close(ctx context.Context) error {
	if s.process.isDead() {
		return nil
	}
	_, err := s.provider.ask(ctx, s.process, request{Op: opLogout, Session: s.id}, nil, s.provider.options.Limits.List)
	if errors.Is(err, token.ErrCrashed) {
		return nil
	}
	return err
}
