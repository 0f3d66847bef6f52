package remote_test

import (
	"context"
	"crypto"
	"errors"
	"testing"

	"kyso/signer/token"
	"kyso/signer/token/remote"
	"kyso/signer/token/tokentest"
)

// rig is a helper over the misbehaving module.
type rig struct {
	t      *testing.T
	faults *tokentest.Faults
	p      *remote.Provider

	lastTry bool
}

func setUp(t *testing.T, limits remote.Limits, rules ...string) *rig {
	t.Helper()
	module, env := tokentest.StandardSoftHSM(t)
	f := tokentest.Faulty(t, module, env, rules...)
	p := remote.Start(remote.Options{Helper: tokentest.Helper(t), Module: f.Module, Env: f.Env, Limits: limits})
	t.Cleanup(func() { _ = p.Close() })
	return &rig{t: t, faults: f, p: p}
}

// info gives the state of a token, or false when it is not in.
func (r *rig) info(label string) (token.Info, bool) {
	r.t.Helper()
	all, err := r.p.Tokens(r.t.Context())
	if err != nil {
		r.t.Fatal(err)
	}
	for _, i := range all {
		if i.Label == label {
			return i, true
		}
	}
	return token.Info{}, false
}

// open logs in to the clerk's token.
func (r *rig) open(pin string) (token.Session, error) {
	r.t.Helper()
	i, ok := r.info(tokentest.Clerk)
	if !ok {
		r.t.Fatal("the clerk's token is not in")
	}
	return r.p.OpenSession(r.t.Context(), i.Slot, token.Login{PIN: []byte(pin), LastTry: r.lastTry})
}

func (r *rig) login() token.Session {
	r.t.Helper()
	s, err := r.open(tokentest.ClerkPIN)
	if err != nil {
		r.t.Fatal(err)
	}
	return s
}

// certificate is the clerk's.
func (r *rig) certificate() token.Certificate {
	r.t.Helper()
	return token.Certificate{ID: []byte{7}, DER: tokentest.Standard(r.t)[1].Identities[0].Certificate}
}

func (r *rig) sign(ctx context.Context, s token.Session) error {
	return tokentest.Sign(ctx, s, r.certificate(), crypto.SHA256)
}

func (r *rig) want(got error, kind token.Kind) {
	r.t.Helper()
	if !errors.Is(got, &token.Error{Kind: kind}) {
		r.t.Errorf("got %v, want %s", got, kind)
	}
}

func (r *rig) wantCalls(function string, want int) {
	r.t.Helper()
	if got := r.faults.Calls(function); got != want {
		r.t.Errorf("%s: got %d calls, want %d", function, got, want)
	}
}

// recovers logs in again and signs.
func (r *rig) recovers() {
	r.t.Helper()
	r.faults.Set()
	if err := r.sign(r.t.Context(), r.login()); err != nil {
		r.t.Errorf("after the fault: %v", err)
	}
}
