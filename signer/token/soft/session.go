package soft

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"time"

	"kyso/signer/token"
)

// session is a decrypted key. Its fields belong to whoever holds the provider's lock.
type session struct {
	p    *Provider
	c    contents // zero when it has ended
	gone *token.Error

	limit time.Duration
	idle  *time.Timer
}

// newSession starts the session's clock; the provider must be locked.
func newSession(p *Provider, c contents, limit time.Duration) *session {
	if limit <= 0 {
		limit = token.DefaultIdle
	}
	s := &session{p: p, c: c, limit: limit}
	s.idle = time.AfterFunc(limit, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		s.end(&token.Error{Kind: token.KindLoginNeeded, Op: "sign", Detail: "no signature for " + limit.String()})
	})
	return s
}

// end forgets the key; the provider must be locked.
func (s *session) end(why *token.Error) {
	if s.c.key == nil {
		return
	}
	s.idle.Stop()
	s.c, s.gone = contents{}, why
	if s.p.session == s {
		s.p.session = nil
	}
}

// Sign signs with the key of the file.
func (s *session) Sign(ctx context.Context, r token.SignRequest) ([]byte, error) {
	s.p.mu.Lock()
	defer s.p.mu.Unlock()
	refuse := func(kind token.Kind, why string) ([]byte, error) {
		return nil, &token.Error{Kind: kind, Op: "sign", Detail: why}
	}
	switch {
	case ctx.Err() != nil:
		return refuse(token.KindCancelled, "")
	case s.c.key == nil && s.gone != nil:
		return nil, s.gone
	case s.c.key == nil:
		return refuse(token.KindLoginNeeded, "")
	case !bytes.Equal(r.Certificate.DER, s.c.certificate.Raw):
		return refuse(token.KindKeyMissing, "the file has another certificate")
	case !r.Hash.Available() || len(r.Digest) != r.Hash.Size():
		return refuse(token.KindMechanism, "the digest does not fit its hash function")
	}
	_, isRSA := s.c.key.Public().(*rsa.PublicKey)
	if r.PSS && !isRSA {
		return refuse(token.KindMechanism, "RSASSA-PSS with a key that is not RSA")
	}
	var opts crypto.SignerOpts = r.Hash
	if r.PSS {
		opts = &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: r.Hash}
	}
	sig, err := s.c.key.Sign(rand.Reader, r.Digest, opts)
	if err != nil {
		return refuse(token.KindMechanism, err.Error())
	}
	s.idle.Reset(s.limit)
	return sig, nil
}

// Close forgets the key.
func (s *session) Close(context.Context) error {
	s.p.mu.Lock()
	defer s.p.mu.Unlock()
	s.end(nil)
	return nil
}
