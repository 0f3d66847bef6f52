package remote

import (
	"context"
	"errors"
	"io"
	"sync"

	"kyso/signer/token"
)

// Serve is the helper's side: it opens the provider, tells over out whether
// that went well, and answers the requests that come over in until in ends.
// Requests run side by side, for a driver may hang in one of them; the provider
// keeps their order on each token.
//
// When in ends the other process is gone. Serve then returns at once, even
// while calls hang in the driver, and the caller must end the process.
func Serve(ctx context.Context, open func() (token.Provider, error), in io.Reader, out io.Writer) error {
	s := &server{out: out, sessions: map[uint64]token.Session{}}
	p, err := open()
	if err != nil {
		return s.answer(reply{Error: asError("load", err)})
	}
	s.provider = p
	if err := s.answer(reply{}); err != nil {
		return err
	}
	for {
		var q request
		secret, err := readFrame(in, &q)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		// Nobody waits for it: it may hang in the driver until the process ends.
		go func() {
			defer clear(secret)
			r := s.do(ctx, q, secret)
			r.ID = q.ID
			_ = s.answer(r) // the other process is gone, and the loop ends too
		}()
	}
}

type server struct {
	provider token.Provider

	writing sync.Mutex
	out     io.Writer

	mu       sync.Mutex
	last     uint64
	sessions map[uint64]token.Session
}

func (s *server) answer(r reply) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	return writeFrame(s.out, r, nil)
}

func (s *server) do(ctx context.Context, q request, secret []byte) reply {
	var r reply
	var err error
	switch q.Op {
	case opSlots:
		r.Slots, err = s.provider.Slots(ctx)
	case opTokens:
		r.Tokens, err = s.provider.Tokens(ctx)
	case opCertificates:
		r.Certificates, err = s.provider.Certificates(ctx, q.Slot)
	case opLogin:
		r.Session, err = s.login(ctx, q, secret)
	case opChangePIN:
		err = s.changePIN(ctx, q, secret)
	case opSign:
		r.Signature, err = s.sign(ctx, q)
	case opLogout:
		err = s.logout(ctx, q.Session)
	default:
		err = errors.New("unknown operation")
	}
	if err != nil {
		r.Error = asError(q.Op, err)
	}
	return r
}

// typed is a PIN of a request: nil on the reader's pad, else never nil.
func (q request) typed(pin []byte) []byte {
	if q.Pad {
		return nil
	}
	return append([]byte{}, pin...)
}

func (s *server) changePIN(ctx context.Context, q request, secret []byte) error {
	if q.Old < 0 || q.Old > len(secret) {
		return errors.New("a PIN that is cut off")
	}
	c := token.PINChange{Old: q.typed(secret[:q.Old]), New: q.typed(secret[q.Old:]), LastTry: q.LastTry}
	defer clear(c.Old)
	defer clear(c.New)
	return s.provider.ChangePIN(ctx, q.Slot, c)
}

func (s *server) login(ctx context.Context, q request, pin []byte) (uint64, error) {
	l := token.Login{PIN: q.typed(pin), LastTry: q.LastTry, Idle: q.Idle}
	defer clear(l.PIN)
	session, err := s.provider.OpenSession(ctx, q.Slot, l)
	if err != nil {
		return 0, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last++
	s.sessions[s.last] = session
	return s.last, nil
}

func (s *server) sign(ctx context.Context, q request) ([]byte, error) {
	s.mu.Lock()
	session := s.sessions[q.Session]
	s.mu.Unlock()
	if session == nil || q.Sign == nil {
		return nil, &token.Error{Kind: token.KindLoginNeeded, Op: opSign}
	}
	return session.Sign(ctx, *q.Sign)
}

func (s *server) logout(ctx context.Context, id uint64) error {
	s.mu.Lock()
	session := s.sessions[id]
	delete(s.sessions, id)
	s.mu.Unlock()
	if session == nil {
		return nil
	}
	return session.Close(ctx)
}

// asError gives the *token.Error in err, or makes one.
func asError(op string, err error) *token.Error {
	if e, ok := errors.AsType[*token.Error](err); ok {
		return e
	}
	return &token.Error{Kind: token.KindOther, Op: op, Detail: err.Error()}
}
