package tokentest

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"slices"
	"sync"

	"kyso/signer/token"
	"kyso/signer/token/provision"
)

// maxTries is how many wrong PINs in a row lock a Fake's token.
const maxTries = 3

// Fake is a token.Provider of software keys. Faults are injected through its
// methods and hooks. It is safe for concurrent use.
type Fake struct {
	// OnLogin and OnSign, when not nil, are called before each login and each
	// signature with their number, counted from 1. An error is the answer of the
	// call: KindRemoved pulls the token, KindCrashed and KindHung end every
	// session. A hook may block until ctx ends, as a slow driver does. Set them
	// before the Fake is used.
	OnLogin, OnSign func(ctx context.Context, n int) error

	mu            sync.Mutex
	tokens        []*fakeToken
	logins, signs int
	closed        bool
}

type fakeToken struct {
	provision.Token

	slot    uint
	wrong   int // PINs in a row
	out     bool
	session *fakeSession
}

type fakeSession struct {
	fake  *Fake
	token *fakeToken
	lost  error // why it signs no more, nil while it is open
}

var _ token.Provider = (*Fake)(nil)

// NewFake makes a provider with the given tokens in slots 0, 1, ….
func NewFake(tokens ...provision.Token) *Fake {
	f := &Fake{}
	for i, t := range tokens {
		t.PIN = slices.Clone(t.PIN)
		f.tokens = append(f.tokens, &fakeToken{Token: t, slot: uint(i)})
	}
	return f
}

// Pull takes the token with the label out of its slot; its session is lost.
func (f *Fake) Pull(label string) { f.move(label, true) }

// Plug puts it back.
func (f *Fake) Plug(label string) { f.move(label, false) }

func (f *Fake) move(label string, out bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, t := range f.tokens {
		if t.Label == label {
			t.out = out
			t.lose(&token.Error{Kind: token.KindRemoved, Op: "sign"})
		}
	}
}

// Logins counts the PINs that reached a token.
func (f *Fake) Logins() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.logins
}

// lose ends the token's session with a reason; the Fake must be locked.
func (t *fakeToken) lose(why error) {
	if t.session != nil {
		t.session.lost = why
		t.session = nil
	}
}

// Tokens lists the tokens that are in.
func (f *Fake) Tokens(ctx context.Context) ([]token.Info, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.usable(ctx, "list"); err != nil {
		return nil, err
	}
	var infos []token.Info
	for _, t := range f.tokens {
		if !t.out {
			infos = append(infos, t.info())
		}
	}
	return infos, nil
}

func (t *fakeToken) info() token.Info {
	return token.Info{Slot: t.slot, Label: t.Label, Manufacturer: "tokentest", PIN: t.state(), MinPIN: 4, MaxPIN: 16}
}

func (t *fakeToken) state() token.PINState {
	switch maxTries - t.wrong {
	case 0:
		return token.PINLocked
	case 1:
		return token.PINFinal
	case maxTries:
		return token.PINReady
	default:
		return token.PINLow
	}
}

// usable says why a call cannot be made; the Fake must be locked.
func (f *Fake) usable(ctx context.Context, op string) error {
	if ctx.Err() != nil {
		return &token.Error{Kind: token.KindCancelled, Op: op}
	}
	if f.closed {
		return &token.Error{Kind: token.KindOther, Op: op, Detail: "the provider is closed"}
	}
	return nil
}

// in gives the token in a slot; the Fake must be locked.
func (f *Fake) in(op string, slot uint) (*fakeToken, error) {
	for _, t := range f.tokens {
		if t.slot == slot && !t.out {
			return t, nil
		}
	}
	return nil, &token.Error{Kind: token.KindRemoved, Op: op}
}

// Certificates lists a token's certificates.
func (f *Fake) Certificates(ctx context.Context, slot uint) ([]token.Certificate, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.usable(ctx, "certificates"); err != nil {
		return nil, err
	}
	t, err := f.in("certificates", slot)
	if err != nil {
		return nil, err
	}
	var out []token.Certificate
	for _, id := range t.Identities {
		if id.Certificate != nil {
			c := token.Certificate{ID: id.ID, Label: id.Label, DER: id.Certificate}
			if id.CertificateID != nil {
				c.ID = id.CertificateID
			}
			out = append(out, c)
		}
	}
	for _, der := range t.Chain {
		out = append(out, token.Certificate{DER: der})
	}
	return out, nil
}

// Slots lists the slots whose token is in.
func (f *Fake) Slots(ctx context.Context) ([]uint, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.usable(ctx, "list"); err != nil {
		return nil, err
	}
	var slots []uint
	for _, t := range f.tokens {
		if !t.out {
			slots = append(slots, t.slot)
		}
	}
	return slots, nil
}

// OpenSession logs in.
func (f *Fake) OpenSession(ctx context.Context, slot uint, l token.Login) (token.Session, error) {
	f.mu.Lock()
	f.logins++
	n := f.logins
	f.mu.Unlock()
	if err := f.hook(ctx, f.OnLogin, n, slot); err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	t, err := f.present(ctx, "login", slot, l.PIN, l.LastTry)
	if err != nil {
		return nil, err
	}
	t.lose(&token.Error{Kind: token.KindLoginNeeded, Op: "sign"})
	t.session = &fakeSession{fake: f, token: t}
	return t.session, nil
}

// ChangePIN replaces the PIN.
func (f *Fake) ChangePIN(ctx context.Context, slot uint, c token.PINChange) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	t, err := f.present(ctx, "change-pin", slot, c.Old, c.LastTry)
	if err != nil {
		return err
	}
	if err := token.Admit("change-pin", t.info(), c.New, true); err != nil {
		return err
	}
	t.lose(&token.Error{Kind: token.KindLoginNeeded, Op: "sign"})
	t.PIN = slices.Clone(c.New)
	return nil
}

// present gives the token in a slot when the PIN is right; the Fake must be locked.
func (f *Fake) present(ctx context.Context, op string, slot uint, pin []byte, lastTry bool) (*fakeToken, error) {
	if err := f.usable(ctx, op); err != nil {
		return nil, err
	}
	t, err := f.in(op, slot)
	if err != nil {
		return nil, err
	}
	if pin == nil {
		pin = []byte{} // no pad here
	}
	if err := token.Admit(op, t.info(), pin, lastTry); err != nil {
		return nil, err
	}
	if string(pin) != string(t.PIN) {
		t.wrong++
		if t.wrong == maxTries {
			return nil, &token.Error{Kind: token.KindPINLocked, Op: op}
		}
		return nil, &token.Error{Kind: token.KindPINWrong, Op: op}
	}
	t.wrong = 0
	return t, nil
}

// hook runs a hook and does to the tokens what its error says.
func (f *Fake) hook(ctx context.Context, hook func(context.Context, int) error, n int, slot uint) error {
	if hook == nil {
		return nil
	}
	err := hook(ctx, n)
	if err == nil {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	e := asError(err)
	for _, t := range f.tokens {
		switch e.Kind { //nolint:exhaustive // other errors change nothing
		case token.KindRemoved:
			if t.slot == slot {
				t.out = true
				t.lose(e)
			}
		case token.KindCrashed, token.KindHung:
			t.lose(&token.Error{Kind: token.KindCrashed, Op: "sign"})
		}
	}
	return e
}

// Close ends the provider.
func (f *Fake) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed = true
	for _, t := range f.tokens {
		t.lose(&token.Error{Kind: token.KindCrashed, Op: "sign"})
	}
	return nil
}

// Sign signs with the certificate's key.
func (s *fakeSession) Sign(ctx context.Context, r token.SignRequest) ([]byte, error) {
	f := s.fake
	f.mu.Lock()
	f.signs++
	n := f.signs
	f.mu.Unlock()
	if err := f.hook(ctx, f.OnSign, n, s.token.slot); err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if s.lost != nil {
		return nil, s.lost
	}
	if ctx.Err() != nil {
		return nil, &token.Error{Kind: token.KindCancelled, Op: "sign"}
	}
	for _, id := range s.token.Identities {
		key, ok := id.Key.(crypto.Signer)
		if !ok || string(id.Certificate) != string(r.Certificate.DER) {
			continue
		}
		if !r.Hash.Available() || len(r.Digest) != r.Hash.Size() {
			return nil, &token.Error{Kind: token.KindMechanism, Op: "sign"}
		}
		var opts crypto.SignerOpts = r.Hash
		if r.PSS {
			if _, ok := key.Public().(*rsa.PublicKey); !ok {
				return nil, &token.Error{Kind: token.KindMechanism, Op: "sign"}
			}
			opts = &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: r.Hash}
		}
		sig, err := key.Sign(rand.Reader, r.Digest, opts)
		if err != nil {
			return nil, &token.Error{Kind: token.KindMechanism, Op: "sign", Detail: err.Error()}
		}
		return sig, nil
	}
	return nil, &token.Error{Kind: token.KindKeyMissing, Op: "sign"}
}

// Close logs out.
func (s *fakeSession) Close(context.Context) error {
	s.fake.mu.Lock()
	defer s.fake.mu.Unlock()
	if s.token.session == s {
		s.token.lose(&token.Error{Kind: token.KindLoginNeeded, Op: "sign"})
	}
	return nil
}
