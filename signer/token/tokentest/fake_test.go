package tokentest_test

import (
	"context"
	"crypto"
	"errors"
	"testing"

	"kyso/signer/token"
	"kyso/signer/token/tokentest"
)

func TestFakeKeepsTheContract(t *testing.T) {
	tokentest.Contract(t, func(t *testing.T) tokentest.Fixture {
		t.Helper()
		return tokentest.Fixture{Provider: tokentest.NewFake(tokentest.Standard(t)...)}
	})
}

func TestFakeLocksAfterThreeWrongPINs(t *testing.T) {
	t.Parallel()
	f := tokentest.NewFake(tokentest.Standard(t)...)
	for n, want := range []struct {
		kind  token.Kind
		state token.PINState
	}{{token.KindPINWrong, token.PINLow}, {token.KindPINWrong, token.PINFinal}, {token.KindPINLocked, token.PINLocked}, {token.KindPINLocked, token.PINLocked}} {
		_, err := f.OpenSession(t.Context(), 0, token.Login{PIN: []byte("0000"), LastTry: true})
		if !errors.Is(err, &token.Error{Kind: want.kind}) {
			t.Errorf("try %d: got %v, want %s", n+1, err, want.kind)
		}
		infos, err := f.Tokens(t.Context())
		if err != nil || infos[0].PIN != want.state {
			t.Errorf("try %d: got %v (%v), want %s", n+1, infos, err, want.state)
		}
	}
}

func TestFakeIsPulledAndPluggedBack(t *testing.T) {
	t.Parallel()
	f := tokentest.NewFake(tokentest.Standard(t)...)
	f.OnSign = func(_ context.Context, n int) error {
		if n == 2 {
			return token.ErrRemoved
		}
		return nil
	}
	s, err := f.OpenSession(t.Context(), 0, token.Login{PIN: []byte(tokentest.LeaderPIN)})
	if err != nil {
		t.Fatal(err)
	}
	cs, err := f.Certificates(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	for n, want := range []error{nil, token.ErrRemoved, token.ErrRemoved} {
		if got := tokentest.Sign(t.Context(), s, cs[0], crypto.SHA256); !errors.Is(got, want) {
			t.Errorf("signature %d: got %v, want %v", n+1, got, want)
		}
	}
	f.Plug(tokentest.Leader)
	if s, err = f.OpenSession(t.Context(), 0, token.Login{PIN: []byte(tokentest.LeaderPIN)}); err != nil {
		t.Fatal(err)
	}
	if err := tokentest.Sign(t.Context(), s, cs[0], crypto.SHA256); err != nil {
		t.Error(err)
	}
}
