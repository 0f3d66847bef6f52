package outbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"kyso/app/docsys"
)

// parallel is how many documents are delivered at the same time.
const parallel = 2

var (
	// errStop ends a pass: the connector as a whole cannot go on now.
	errStop = errors.New("the connector waits")
	// errTaken stops the work on one item: a wish of the person changes it.
	errTaken = errors.New("the item is taken away")
)

// work is one item being delivered.
type work struct {
	cancel context.CancelCauseFunc
	done   chan struct{}
}

// Deliver makes one pass over what is due. What happens to an item is in the
// item; an error means that the outbox itself failed or that ctx ended. While
// another process delivers from this outbox it does nothing.
func (b *Box) Deliver(ctx context.Context) error {
	b.pass.Lock()
	defer b.pass.Unlock()
	if mine, err := b.lease.hold(); err != nil || !mine {
		return err
	}
	for {
		c, target := b.route()
		if c == nil {
			return nil
		}
		items, err := b.due(ctx, target)
		if err != nil || len(items) == 0 {
			return err
		}
		// Each item ends accepted, waiting for its next try, or with a person;
		// the next round finds those that stood behind it.
		switch err := b.round(ctx, c, items); {
		case errors.Is(err, errStop):
			return nil
		case err != nil:
			return err
		}
	}
}

// round delivers items of different documents, some at the same time. After the
// first error no other is begun.
func (b *Box) round(ctx context.Context, c docsys.Connector, items []Item) error {
	var (
		wg    sync.WaitGroup
		mu    sync.Mutex
		first error
		slots = make(chan struct{}, parallel)
	)
	failed := func() error {
		mu.Lock()
		defer mu.Unlock()
		return first
	}
	for _, i := range items {
		slots <- struct{}{}
		if failed() != nil {
			break
		}
		wg.Go(func() {
			defer func() { <-slots }()
			if err := b.work(ctx, c, i.ID); err != nil {
				mu.Lock()
				defer mu.Unlock()
				if first == nil || errors.Is(first, errStop) {
					first = err
				}
			}
		})
	}
	wg.Wait()
	return failed()
}

// due lists the first open item of each document for a target, if its time has come.
func (b *Box) due(ctx context.Context, target string) ([]Item, error) {
	if paused, err := b.Paused(ctx); err != nil || paused {
		return nil, err
	}
	open, err := b.query(ctx, `WHERE state NOT IN (?) AND target IN (?,'') ORDER BY seq`, Accepted, target)
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
		if !seen[i.DocumentID] && onTheWay(i.State) && !i.DueAt.After(now) && !i.NotBefore.After(now) && !b.isBarred(i.ID) {
			due = append(due, i)
		}
		seen[i.DocumentID] = true
	}
	return due, nil
}

func onTheWay(s State) bool {
	return s == Queued || s == Uploading || s == Committing || s == Verifying
}

// isBarred reports that a wish is about to change an item.
func (b *Box) isBarred(id string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.barred[id] > 0
}

// claim begins the work on an item; ok is false when a wish is about to change it.
func (b *Box) claim(ctx context.Context, id string) (_ context.Context, end func(), ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.barred[id] > 0 {
		return ctx, nil, false
	}
	ctx, cancel := context.WithCancelCause(ctx)
	w := &work{cancel: cancel, done: make(chan struct{})}
	b.busy[id] = w
	return ctx, func() {
		cancel(nil)
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.busy, id)
		delete(b.progress, id)
		close(w.done)
	}, true
}

// work takes one item as far as it goes now.
func (b *Box) work(ctx context.Context, c docsys.Connector, id string) error {
	ctx, end, ok := b.claim(ctx, id)
	if !ok {
		return nil
	}
	defer end()
	paused, err := b.Paused(ctx) // since the round began
	if err != nil || paused {
		return err
	}
	i, err := b.Item(ctx, id)
	if err == nil && onTheWay(i.State) {
		err = b.deliver(ctx, c, i)
	}
	if errors.Is(err, ErrUnknown) || errors.Is(context.Cause(ctx), errTaken) {
		return nil
	}
	if err != nil && !errors.Is(err, errStop) {
		return fmt.Errorf("deliver item %s: %w", id, err)
	}
	return err
}

func (b *Box) deliver(ctx context.Context, c docsys.Connector, i Item) error {
	if i.State != Verifying {
		receipt, err := b.submit(ctx, c, &i)
		if err != nil {
			return b.failed(ctx, i, err)
		}
		i.Receipt, i.State, i.Tries, i.Problem, i.resume = receipt, Verifying, 0, "", ""
		b.writeReceipt(&i)
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
		Metadata: i.Metadata,
		Open:     func() (io.ReadCloser, error) { return b.blobs.Open(i.SHA256) },
		Progress: func(sent int64) { b.count(*i, sent) },
		Resume:   i.resume,
		Remember: func(resume string) error {
			i.resume = resume
			return b.save(ctx, *i)
		},
		Committing: func() error {
			if err := ctx.Err(); err != nil { // taken away: nothing was asked yet
				return err //nolint:wrapcheck // the connector adds its words
			}
			i.State, i.asked = Committing, true
			return b.save(ctx, *i)
		},
	})
}

// verified notes the server's verification.
func (b *Box) verified(ctx context.Context, i Item, status docsys.VersionStatus) error {
	i.Verification, i.Problem = status, ""
	switch status.State {
	case "passed", "unsigned", docsys.Unverified:
		i.State, i.Tries, i.DueAt = Accepted, 0, time.Time{}
		b.writeReceipt(&i)
	case "failed":
		i.State, i.Problem = NeedsAction, status.Why
		b.writeReceipt(&i)
	default: // pending or indeterminate: the server goes on trying
		i.DueAt = b.clock().Add(backoff(pollBase, i.Tries))
		i.Tries++
		i.Problem = status.Why
	}
	return b.save(ctx, i)
}
