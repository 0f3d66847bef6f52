package rehearsal

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/subtle"
	"sync"

	"kyso/signer/token"
)

// tries is how many wrong PINs in a row lock the practice token, as most devices do.
const tries = 3

// practice is a token.Provider with one key in memory. Its PIN counter behaves
// as a device's, so that people see what a wrong PIN does.
type practice struct {
	key         *ecdsa.PrivateKey
	certificate token.Certificate

	mu    sync.Mutex
	wrong int
	open  *session
}

var _ token.Provider = (*practice)(nil)

// Slots lists the one slot.
func (p *practice) Slots(context.Context) ([]uint, error) { return []uint{0}, nil }

// Tokens tells of the practice token.
func (p *practice) Tokens(context.Context) ([]token.Info, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return []token.Info{p.info()}, nil
}

func (p *practice) info() token.Info {
	state := map[int]token.PINState{0: token.PINReady, tries - 1: token.PINFinal, tries: token.PINLocked}[p.wrong]
	if state == "" {
		state = token.PINLow
	}
	return token.Info{Label: "Thiết bị tập", Manufacturer: "Ký số", Model: Mark, PIN: state, MinPIN: len(PIN), MaxPIN: len(PIN)}
}

// Certificates gives the one certificate.
func (p *practice) Certificates(context.Context, uint) ([]token.Certificate, error) {
	return []token.Certificate{p.certificate}, nil
}

// OpenSession logs in with PIN.
func (p *practice) OpenSession(_ context.Context, _ uint, l token.Login) (token.Session, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := token.Admit("login", p.info(), l.PIN, l.LastTry); err != nil {
		return nil, err
	}
	if subtle.ConstantTimeCompare(l.PIN, []byte(PIN)) != 1 {
		p.wrong++
		kind := token.KindPINWrong
		if p.wrong == tries {
			kind = token.KindPINLocked
		}
		return nil, &token.Error{Kind: kind, Op: "login"}
	}
	p.wrong = 0
	p.open = &session{of: p}
	return p.open, nil
}

// ChangePIN is refused: everybody knows the PIN of the practice token.
func (p *practice) ChangePIN(context.Context, uint, token.PINChange) error {
	return &token.Error{Kind: token.KindOther, Op: "change-pin", Detail: "the practice token keeps its PIN"}
}

// Close ends the login.
func (p *practice) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.open = nil
	return nil
}

// session is a login.
type session struct{ of *practice }

// Sign makes one signature, in memory.
func (s *session) Sign(ctx context.Context, r token.SignRequest) ([]byte, error) {
	s.of.mu.Lock()
	defer s.of.mu.Unlock()
	switch {
	case ctx.Err() != nil:
		return nil, &token.Error{Kind: token.KindCancelled, Op: "sign"}
	case s.of.open != s:
		return nil, &token.Error{Kind: token.KindLoginNeeded, Op: "sign"}
	case r.PSS:
		return nil, &token.Error{Kind: token.KindMechanism, Op: "sign", Detail: "the key is not RSA"}
	}
	signature, err := s.of.key.Sign(rand.Reader, r.Digest, crypto.SignerOpts(r.Hash))
	if err != nil {
		return nil, &token.Error{Kind: token.KindOther, Op: "sign", Detail: err.Error()}
	}
	if !ecdsa.VerifyASN1(&s.of.key.PublicKey, r.Digest, signature) {
		return nil, &token.Error{Kind: token.KindOther, Op: "sign", Detail: "the signature does not verify"}
	}
	return signature, nil
}

// Close logs out.
func (s *session) Close(context.Context) error {
	s.of.mu.Lock()
	defer s.of.mu.Unlock()
	if s.of.open == s {
		s.of.open = nil
	}
	return nil
}
