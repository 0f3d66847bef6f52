package remote_test

import (
	"context"
	"crypto"
	"errors"
	"os"
	"testing"

	"kyso/signer/token"
	"kyso/signer/token/tokentest"
)

// batch signs one thing after the other with one certificate. A login holds
// until it is lost; then the PIN is asked once more, never by itself.
type batch struct {
	p           token.Provider
	fingerprint [32]byte
	pin         string

	asked       int
	session     token.Session
	certificate token.Certificate
}

// sign makes one signature, after a login when there is none.
func (b *batch) sign(ctx context.Context) error {
	if err := b.open(ctx); err != nil {
		return err
	}
	err := tokentest.Sign(ctx, b.session, b.certificate, crypto.SHA256)
	b.lost(err)
	return err
}

// open finds the token that has the certificate, and logs in.
func (b *batch) open(ctx context.Context) error {
	if b.session != nil {
		return nil
	}
	i, c, err := token.Holder(ctx, b.p, b.fingerprint)
	if err != nil {
		return err
	}
	b.asked++
	s, err := b.p.OpenSession(ctx, i.Slot, token.Login{PIN: []byte(b.pin)})
	if err != nil {
		return err
	}
	b.session, b.certificate = s, c
	return nil
}

// lost forgets a session that an error has ended.
func (b *batch) lost(err error) {
	if errors.Is(err, token.ErrRemoved) || errors.Is(err, token.ErrCrashed) || errors.Is(err, token.ErrLoginNeeded) {
		b.session = nil
	}
}

// kill9 kills a helper as the system would; 0 is none.
func kill9(t *testing.T, pid int) {
	t.Helper()
	if pid == 0 {
		return
	}
	p, err := os.FindProcess(pid)
	if err != nil {
		t.Error(err)
		return
	}
	_ = p.Kill() // it may just have ended
}
