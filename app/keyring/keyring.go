// Package keyring keeps passwords in the system's own store: the Credential
// Manager of Windows, the Keychain of macOS, the Secret Service of Linux desktops.
//
// It keeps nothing anywhere else. Where there is no such store the error is
// ErrUnavailable, and the person is asked again each time.
package keyring

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/zalando/go-keyring"
)

// service is the name under which the store lists our entries.
const service = "Ký số"

// ErrNone reports that nothing is kept for an account.
var ErrNone = errors.New("no password is kept")

// ErrUnavailable reports a system without a store, one that stays locked, or one
// that does not answer.
var ErrUnavailable = errors.New("the system keeps no passwords")

// patience is how long a store may take; it may ask the person to open it.
const patience = time.Minute

// Find gives the password that is kept for an account of a target.
func Find(ctx context.Context, target, login string) (string, error) {
	var password string
	err := within(ctx, func() (err error) {
		password, err = keyring.Get(service, account(target, login))
		return err //nolint:wrapcheck // within wraps it
	})
	if err != nil {
		return "", fmt.Errorf("look for the password of %s: %w", login, err)
	}
	return password, nil
}

// Keep keeps the password of an account.
func Keep(ctx context.Context, target, login, password string) error {
	if err := within(ctx, func() error { return keyring.Set(service, account(target, login), password) }); err != nil {
		return fmt.Errorf("keep the password of %s: %w", login, err)
	}
	return nil
}

// Forget removes the password of an account; one that is not kept is no error.
func Forget(ctx context.Context, target, login string) error {
	err := within(ctx, func() error { return keyring.Delete(service, account(target, login)) })
	if err != nil && !errors.Is(err, ErrNone) {
		return fmt.Errorf("forget the password of %s: %w", login, err)
	}
	return nil
}

// account names an entry.
func account(target, login string) string { return login + " @ " + target }

// within runs a call of the store, which knows no contexts. A call that outlives
// ctx or its patience goes on until the store answers, and its answer is dropped.
func within(ctx context.Context, call func() error) error {
	if !reachable() {
		return fmt.Errorf("%w: there is no session bus", ErrUnavailable)
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- call() }()
	select {
	case err := <-ended:
		switch {
		case errors.Is(err, keyring.ErrNotFound):
			return ErrNone
		case err != nil:
			return fmt.Errorf("%w: %w", ErrUnavailable, err)
		}
		return nil
	case <-ctx.Done():
		return fmt.Errorf("%w: %w", ErrUnavailable, ctx.Err())
	}
}
