package outbox

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"path"
	"time"

	"kyso/app/docsys"
)

// Retry of an unanswered request: min(cap, base·2ⁿ)·U(0.5,1.5).
const (
	retryBase = 5 * time.Second
	retryCap  = 30 * time.Minute
	pollBase  = 250 * time.Millisecond // verification is usually done in less than a second
)

// damageTries is how often a request is repeated that seems to have been damaged
// on the way, before the person is asked.
const damageTries = 5

// A meaning is what a failure means for the item.
type meaning int

const (
	later   meaning = iota // no answer, or "later"
	login                  // nobody is logged in
	damaged                // other bytes arrived than were sent, either way
	lost                   // the server does not know what it gave a receipt for
	refused                // no, and the same request will get the same answer
)

// failed decides what a failure means. It returns errStop when the whole
// connector has to wait, and err itself when the caller gave up.
func (b *Box) failed(ctx context.Context, i Item, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("stopped: %w", err) // the state before the request is written: a restart goes on from it
	}
	i.Problem = err.Error()
	p, answered := errors.AsType[*docsys.Problem](err)
	switch m := meaningOf(i, p, err); {
	case m == login:
		i.State = NeedsLogin
		return errors.Join(b.save(ctx, i), errStop)
	case m == refused, m != later && i.Tries >= damageTries:
		i.asked = i.asked && !answered // a refusal says that nothing is held
		i.State = NeedsAction
		return b.save(ctx, i)
	case m == lost:
		i.Receipt = docsys.Receipt{}
		i.State = Queued
	}
	wait := backoff(retryBase, i.Tries)
	if answered && p.RetryAfter > 0 {
		wait = p.RetryAfter
	}
	i.Tries++
	i.DueAt = b.clock().Add(wait)
	if i.State != Verifying {
		i.State = Queued
	}
	if err := b.save(ctx, i); err != nil {
		return err
	}
	if answered || errors.Is(err, docsys.ErrDigest) {
		return nil
	}
	return errStop // no server: the other items would fail alike
}

// meaningOf tells what a failure means; p is nil when there was no answer.
func meaningOf(i Item, p *docsys.Problem, err error) meaning {
	switch {
	case errors.Is(err, docsys.ErrDigest):
		return damaged
	case errors.Is(err, fs.ErrNotExist):
		return refused // our own copy is gone
	case p == nil:
		return later
	case p.Status == http.StatusUnauthorized:
		return login
	case p.Retryable:
		return later
	case i.State == Verifying && (p.Status == http.StatusNotFound || p.Status == http.StatusGone):
		return lost
	case p.Status == http.StatusBadRequest, isDamage(p.Type):
		return damaged // what is sent is well-formed, so it was not what arrived
	}
	return refused
}

// isDamage reports a problem type that says that bytes are missing or differ.
func isDamage(problem string) bool {
	switch path.Base(problem) {
	case "digest-mismatch", "size-mismatch", "blob-missing":
		return true
	}
	return false
}

// backoff is min(cap, base·2ⁿ) spread by half, so that a whole office does not
// come back at the same moment.
func backoff(base time.Duration, n int) time.Duration {
	wait := retryCap
	if n < 20 {
		wait = min(retryCap, base<<n)
	}
	return time.Duration(float64(wait) * (0.5 + rand.Float64())) //nolint:gosec // G404: spreads load, guards nothing
}
