package outbox

import (
	"context"
	"fmt"
	"time"
)

// Settled reports a state in which waiting changes nothing: the server has
// verified the file, or a person must act.
func (s State) Settled() bool {
	return s == Accepted || s == NeedsAction || s == NeedsLogin || s == Held
}

// followEvery is how often Follow looks by itself.
const followEvery = time.Second

// Follow waits until the item settles, or until a try failed and the next one is
// some time away. It tells every change and returns the last. Run must be at
// work elsewhere.
func (b *Box) Follow(ctx context.Context, id string, told func(Item)) (Item, error) {
	changes := make(chan Item, 16)
	stop := b.Watch(func(i Item) {
		if i.ID != id {
			return
		}
		select {
		case changes <- i:
		default: // a slow listener misses a step in between; the end is read from the table
		}
	})
	defer stop()
	now, err := b.Item(ctx, id)
	if err != nil {
		return now, err
	}
	// Another process may be the one that delivers.
	look := time.NewTicker(followEvery)
	defer look.Stop()
	for last := (Item{}); ; last = now {
		if now.State != last.State || now.Problem != last.Problem || now.Tries != last.Tries {
			told(now)
		}
		if now.State.Settled() || now.State == Queued && now.Problem != "" {
			return now, nil
		}
		select {
		case <-ctx.Done():
			return now, fmt.Errorf("follow item %s: %w", id, ctx.Err())
		case <-changes:
		case <-look.C:
		}
		if now, err = b.Item(ctx, id); err != nil {
			return now, err
		}
	}
}
