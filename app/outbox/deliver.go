package outbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"time"

	"kyso/app/docsys"
)

// Retry of an unanswered request: min(cap, base·2ⁿ)·U(0.5,1.5).
const (
	retryBase = 5 * time.Second
	retryCap  = 30 * time.Minute
	pollBase  = 250 * time.Millisecond // verification is usually done in less than a second
)

// errStop ends a pass: the connector as a whole cannot go on now.
var errStop = errors.New("the connector waits")

// Deliver makes one pass over what is due. What happens to an item is in the
// item; an error means that the outbox itself failed or that ctx ended.
func (b *Box) Deliver(ctx context.Context) error {
	b.pass.Lock()
	defer b.pass.Unlock()
	b.mu.Lock()
	connector := b.connector
	b.mu.Unlock()
	if connector == nil {
		return nil
	}
	for {
		items, err := b.due(ctx)
		if err != nil || len(items) == 0 {
			return err
		}
		// Each item ends accepted, waiting for its next try, or with a person;
		// the next round finds those that stood behind it.
		for _, i := range items {
			switch err := b.deliver(ctx, connector, i); {
			case errors.Is(err, errStop):
				return nil
			case err != nil:
				return fmt.Errorf("deliver item %s: %w", i.ID, err)
			}
		}
	}
}

// due lists the first open item of each document, if its time has come.
func (b *Box) due(ctx context.Context) ([]Item, error) {
	open, err := b.query(ctx, `WHERE state NOT IN (?) ORDER BY seq`, Accepted)
	if err != nil {
		return nil, fmt.Errorf("look for due items: %w", err)
	}
	now := b.clock()
	seen := map[string]bool{}
	var due []Item
	for _, i := range open {
		if i.State == NeedsLogin {
			return nil, nil // holds the connector, not one item
		}
		if !seen[i.DocumentID] && onTheWay(i.State) && !i.DueAt.After(now) {
			due = append(due, i)
		}
		seen[i.DocumentID] = true
	}
	return due, nil
}

func onTheWay(s State) bool {
	return s == Queued || s == Uploading || s == Committing || s == Verifying
}

// deliver takes one item as far as it goes now.
func (b *Box) deliver(ctx context.Context, c docsys.Connector, i Item) error {
	if i.State != Verifying {
		receipt, err := b.submit(ctx, c, &i)
		if err != nil {
			return b.failed(ctx, i, err)
		}
		i.Receipt, i.State, i.Tries, i.Problem = receipt, Verifying, 0, ""
		if err := b.save(ctx, i); err != nil {
			return err
		}
	}
	status, err := c.Status(ctx, i.Receipt.Version)
	if err != nil {
		return b.failed(ctx, i, err)
	}
	return b.verified(ctx, i, status)
}

func (b *Box) submit(ctx context.Context, c docsys.Connector, i *Item) (docsys.Receipt, error) {
	i.State = Uploading
	if err := b.save(ctx, *i); err != nil {
		return docsys.Receipt{}, err
	}
	return c.Submit(ctx, docsys.Submission{
		Key: i.key, DocumentID: i.DocumentID, BaseVersion: i.BaseVersion, Stage: i.Stage, SHA256: i.SHA256, Size: i.Size,
		Open: func() (io.ReadCloser, error) { return b.blobs.Open(i.SHA256) },
		Committing: func() error {
			i.State = Committing
			return b.save(ctx, *i)
		},
	})
}

// verified notes the server's verification.
func (b *Box) verified(ctx context.Context, i Item, status docsys.VersionStatus) error {
	i.Verification, i.Problem = status, ""
	switch status.State {
	case "passed", "unsigned":
		i.State, i.Tries, i.DueAt = Accepted, 0, time.Time{}
	case "failed":
		i.State, i.Problem = NeedsAction, status.Why
	default: // pending or indeterminate: the server goes on trying
		i.DueAt = b.clock().Add(backoff(pollBase, i.Tries))
		i.Tries++
		i.Problem = status.Why
	}
	return b.save(ctx, i)
}

// failed decides what a failure means. It returns errStop when the whole
// connector has to wait, and err itself when the caller gave up.
func (b *Box) failed(ctx context.Context, i Item, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("stopped: %w", err) // the state before the request is written: a restart goes on from it
	}
	i.Problem = err.Error()
	var p *docsys.Problem
	refused := errors.As(err, &p)
	switch {
	case refused && p.Status == http.StatusUnauthorized:
		i.State = NeedsLogin
		return errors.Join(b.save(ctx, i), errStop)
	case refused && !p.Retryable, errors.Is(err, fs.ErrNotExist), errors.Is(err, docsys.ErrDigest):
		i.State = NeedsAction
		return b.save(ctx, i)
	}
	wait := backoff(retryBase, i.Tries)
	if refused && p.RetryAfter > 0 {
		wait = p.RetryAfter
	}
	i.Tries++
	i.DueAt = b.clock().Add(wait)
	if i.State != Verifying {
		i.State = Queued
	}
	if err := b.save(ctx, i); err != nil || refused {
		return err
	}
	return errStop // no server: the other items would fail alike
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

// Run delivers until ctx ends: at once after Enqueue and Wake, else when the
// next try is due. It returns nil when ctx ended.
func (b *Box) Run(ctx context.Context) error {
	for {
		if err := b.Deliver(ctx); err != nil && ctx.Err() == nil {
			return err
		}
		wait, err := b.untilDue(ctx)
		if err != nil && ctx.Err() == nil {
			return err
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil
		case <-b.wake:
			timer.Stop()
			if err := b.hasten(ctx); err != nil && ctx.Err() == nil {
				return err
			}
		case <-timer.C:
		}
	}
}

// hasten makes waiting items due now.
func (b *Box) hasten(ctx context.Context) error {
	if _, err := b.db.Write.ExecContext(ctx, `UPDATE item SET due_at=0 WHERE state IN (?,?,?,?)`, Queued, Uploading, Committing, Verifying); err != nil {
		return fmt.Errorf("make waiting items due: %w", err)
	}
	return nil
}

// untilDue is the time until the next try, at most the cap of retries.
func (b *Box) untilDue(ctx context.Context) (time.Duration, error) {
	var next *int64
	err := b.db.Read.QueryRowContext(ctx, `SELECT min(due_at) FROM item WHERE state IN (?,?,?,?) AND due_at > 0`,
		Queued, Uploading, Committing, Verifying).Scan(&next)
	if err != nil {
		return 0, fmt.Errorf("look for the next try: %w", err)
	}
	if next == nil {
		return retryCap, nil
	}
	return min(retryCap, max(0, time.UnixMilli(*next).Sub(b.clock()))), nil
}
