package p11

import (
	"context"
	"crypto"
	"crypto/x509"
	"time"

	"github.com/miekg/pkcs11"

	"kyso/signer/token"
)

// session is a login. Its fields belong to whoever holds the lane.
type session struct {
	p    *Provider
	lane *lane
	info token.Info // as it was at the login
	h    pkcs11.SessionHandle
	pin  *secret           // nil when it is typed on the reader
	keys map[[32]byte]*key // by certificate fingerprint
	// publics are the public keys of certificates that were read already.
	publics map[[32]byte]crypto.PublicKey
	// guesses are keys that want the PIN at every signature and do not say so.
	guesses map[[32]byte]bool

	open bool
	gone *token.Error // why it is not open any more; nil after Close

	limit time.Duration // without a signature
	idle  *time.Timer
}

// newSession keeps what a login needs; the lane must be held.
func newSession(p *Provider, l *lane, login token.Login, h pkcs11.SessionHandle, i token.Info) *session {
	s := &session{p: p, lane: l, info: i, h: h, pin: keep(login.PIN), keys: map[[32]byte]*key{}, publics: map[[32]byte]crypto.PublicKey{}, guesses: map[[32]byte]bool{}, open: true, limit: login.Idle}
	if s.limit <= 0 {
		s.limit = token.DefaultIdle
	}
	s.idle = time.AfterFunc(s.limit, s.expire)
	l.session = s
	return s
}

// expire ends a session that has not signed for too long.
func (s *session) expire() {
	s.lane.Lock()
	defer s.lane.Unlock()
	s.end(&token.Error{Kind: token.KindLoginNeeded, Op: "sign", Detail: "no signature for " + s.limit.String()})
}

// Sign makes one signature and verifies it with the certificate.
func (s *session) Sign(ctx context.Context, r token.SignRequest) ([]byte, error) {
	s.lane.Lock()
	defer s.lane.Unlock()
	defer s.p.work()()
	if ctx.Err() != nil {
		return nil, &token.Error{Kind: token.KindCancelled, Op: "sign"}
	}
	if !s.open {
		if s.gone != nil {
			return nil, s.gone
		}
		return nil, &token.Error{Kind: token.KindLoginNeeded, Op: "sign"}
	}
	s.idle.Stop()
	defer func() {
		if s.open {
			s.idle.Reset(s.limit)
		}
	}()
	public, err := s.public(r.Certificate)
	if err != nil {
		return nil, err
	}
	if err := admit(public, r); err != nil {
		return nil, err
	}
	sig, e := s.attempt(r, public)
	if e != nil {
		e = s.p.settle(s.info.Slot, e)
		switch e.Kind { //nolint:exhaustive // after other errors it goes on
		case token.KindRemoved, token.KindPINWrong, token.KindPINLocked, token.KindPINFormat, token.KindPINExpired:
			s.end(e)
		}
		return nil, e
	}
	return check(public, r, sig)
}

// attempt signs. Each thing that may help is tried once: a new session after a
// device error, the key's other mechanism, the login that was lost.
func (s *session) attempt(r token.SignRequest, public crypto.PublicKey) ([]byte, *token.Error) {
	var tried struct{ renew, raw, context, login bool }
	for {
		sig, err := s.sign(r, public, tried.raw)
		e := s.failed(err)
		switch {
		case e == nil:
			return sig, nil
		case e.Kind == token.KindDevice && !tried.renew && s.renew():
			tried.renew = true
		case e.Kind == token.KindMechanism && !tried.raw && hasRaw(r, public):
			tried.raw = true
		case e.Kind == token.KindLoginNeeded && !tried.context && s.guess(r.Certificate):
			tried.context = true
		case e.Kind == token.KindLoginNeeded && !tried.login && s.sameToken():
			tried.login = true
			if e := s.relogin(); e != nil {
				return nil, e
			}
		default:
			return nil, e
		}
	}
}

func (s *session) failed(err error) *token.Error {
	if err == nil {
		return nil
	}
	return s.p.failed("sign", s.info.Slot, err)
}

// sign makes one signature as the token gives it.
func (s *session) sign(r token.SignRequest, public crypto.PublicKey, raw bool) ([]byte, error) {
	k, err := s.key(r.Certificate, public)
	if err != nil {
		return nil, err
	}
	how, input, err := s.operation(r, public, raw)
	if err != nil {
		return nil, err
	}
	if err := s.p.c.SignInit(s.h, []*pkcs11.Mechanism{how}, k.object); err != nil {
		return nil, err //nolint:wrapcheck // failed translates it
	}
	if k.always {
		err := s.p.c.Login(s.h, pkcs11.CKU_CONTEXT_SPECIFIC, s.pin.bytes())
		if k.guessed && (codeOf(err) == pkcs11.CKR_OPERATION_NOT_INITIALIZED || codeOf(err) == pkcs11.CKR_USER_TYPE_INVALID) {
			delete(s.guesses, r.Certificate.Fingerprint()) // the PIN was not looked at
			err = pkcs11.Error(pkcs11.CKR_USER_NOT_LOGGED_IN)
		}
		if err != nil {
			return nil, err //nolint:wrapcheck // failed translates it
		}
	}
	sig, err := s.p.c.Sign(s.h, input)
	k.refused = codeOf(err) == pkcs11.CKR_USER_NOT_LOGGED_IN
	return sig, err
}

// public reads the certificate's public key, and remembers it.
func (s *session) public(c token.Certificate) (crypto.PublicKey, error) {
	if k := s.publics[c.Fingerprint()]; k != nil {
		return k, nil
	}
	x, err := x509.ParseCertificate(c.DER)
	if err != nil {
		return nil, &token.Error{Kind: token.KindKeyMissing, Op: "sign", Detail: "the certificate cannot be read"}
	}
	s.publics[c.Fingerprint()] = x.PublicKey
	return x.PublicKey, nil
}

// key finds the certificate's key, and remembers it.
func (s *session) key(c token.Certificate, public crypto.PublicKey) (*key, error) {
	if k := s.keys[c.Fingerprint()]; k != nil {
		return k, nil
	}
	k, err := findKey(s.p.c, s.h, c.ID, public)
	if err != nil {
		return nil, err
	}
	if s.guesses[c.Fingerprint()] && !k.always {
		k.always, k.guessed = true, true
	}
	s.keys[c.Fingerprint()] = &k
	return &k, nil
}

// guess takes a key that the token refused to use, although it had begun the
// operation, for one that wants the PIN at every signature without saying so.
func (s *session) guess(c token.Certificate) bool {
	k := s.keys[c.Fingerprint()]
	if k == nil || !k.refused || k.always || !s.sameToken() || !s.renew() {
		return false
	}
	s.guesses[c.Fingerprint()] = true
	return true
}

// sameToken reports whether the PIN may be sent again: it was accepted in this
// session, by this token, and cannot cost the last try.
func (s *session) sameToken() bool {
	ti, err := s.p.c.GetTokenInfo(s.info.Slot)
	if err != nil {
		return false
	}
	now := info(s.info.Slot, ti)
	return now.Serial == s.info.Serial && now.PIN != token.PINFinal && now.PIN != token.PINLocked
}

// relogin logs in again after the token forgot the login, in a new session:
// the old one may be in the middle of an operation.
func (s *session) relogin() *token.Error {
	if !s.renew() {
		return &token.Error{Kind: token.KindLoginNeeded, Op: "sign"}
	}
	return s.failed(s.p.loginIn(s.h, s.pin.bytes()))
}

// renew replaces a session whose token gave a device error. The login belongs
// to the token, so it holds for the new session too.
func (s *session) renew() bool {
	h, err := s.p.c.OpenSession(s.info.Slot, pkcs11.CKF_SERIAL_SESSION)
	if err != nil {
		return false
	}
	_ = s.p.c.CloseSession(s.h) // it failed already
	s.h = h
	clear(s.keys)
	return true
}

// Close logs out.
func (s *session) Close(context.Context) error {
	s.lane.Lock()
	defer s.lane.Unlock()
	s.end(nil)
	return nil
}

// end wipes the PIN, logs out and closes; the lane must be held. Why is what
// later signatures answer, nil for a login that is needed. A token that was
// pulled has forgotten its login already, so what these calls answer does not
// matter.
func (s *session) end(why *token.Error) {
	if !s.open {
		return
	}
	s.open, s.gone = false, why
	s.idle.Stop()
	s.pin.wipe()
	clear(s.keys)
	_ = s.p.c.Logout(s.h)
	_ = s.p.c.CloseSession(s.h)
	if s.lane.session == s {
		s.lane.session = nil
	}
}
