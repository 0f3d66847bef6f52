package keyring_test

import (
	"context"
	"errors"
	"testing"

	"kyso/app/keyring"
)

func TestAnEndedContextEndsTheWait(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := keyring.Keep(ctx, "https://a.vn", "van-thu", "x"); !errors.Is(err, keyring.ErrUnavailable) {
		t.Errorf("got %v", err)
	}
}

// keeps keeps, finds and forgets passwords in the store that there is.
func keeps(t *testing.T) {
	t.Helper()
	const target, login = "https://van-ban.phuong.vn", "văn thư"
	if _, err := keyring.Find(t.Context(), target, login); !errors.Is(err, keyring.ErrNone) {
		t.Errorf("an empty store gave %v", err)
	}
	if err := keyring.Keep(t.Context(), target, login, "mật khẩu 1"); err != nil {
		t.Fatal(err)
	}
	if err := keyring.Keep(t.Context(), target, login, "mật khẩu 2"); err != nil {
		t.Fatal(err)
	}
	if got, err := keyring.Find(t.Context(), target, login); err != nil || got != "mật khẩu 2" {
		t.Errorf("found %q, %v", got, err)
	}
	if _, err := keyring.Find(t.Context(), "https://other.vn", login); !errors.Is(err, keyring.ErrNone) {
		t.Errorf("another target gave %v", err)
	}
	for range 2 {
		if err := keyring.Forget(t.Context(), target, login); err != nil {
			t.Errorf("forget: %v", err)
		}
	}
	if _, err := keyring.Find(t.Context(), target, login); !errors.Is(err, keyring.ErrNone) {
		t.Errorf("after that it gave %v", err)
	}
}
