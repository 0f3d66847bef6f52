package outbox

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"
)

// Can says which wishes an item's state allows now, for the buttons beside it.
type Can struct{ Pause, Resume, Cancel, Retry, Discard bool }

// Can gives the wishes that would be granted.
func (i Item) Can() Can {
	return Can{
		Pause:  slices.Contains(pausable, i.State),
		Resume: slices.Contains(resumable, i.State),
		Cancel: i.cancellable(),
		Retry:  slices.Contains(retryable, i.State),
		// What the system may hold is not forgotten before its answer is known.
		Discard: i.State == NeedsAction,
	}
}

// From which states a wish is granted.
//
//nolint:gochecknoglobals // constant tables
var (
	pausable  = []State{Queued, Uploading, Committing, NeedsAction}
	resumable = []State{Held}
	retryable = []State{NeedsAction, Held, NeedsLogin}
	unsent    = []State{Queued, Uploading, Held, NeedsAction, NeedsLogin}
)

// cancellable reports that the system holds nothing of the item and was not
// asked to.
func (i Item) cancellable() bool { return !i.asked && slices.Contains(unsent, i.State) }

// Pause holds an item back until Resume. A transfer under way stops; what was
// sent of it is not sent again where the system can go on.
func (b *Box) Pause(ctx context.Context, id string) error { return b.move(ctx, id, Held, pausable) }

// Resume lets an item go on that was paused, or sends one at once that still
// waits for its grace to end.
func (b *Box) Resume(ctx context.Context, id string) error {
	return b.move(ctx, id, Queued, append(resumable, Queued))
}

// Retry queues an item again that needed an action or was held.
func (b *Box) Retry(ctx context.Context, id string) error { return b.move(ctx, id, Queued, retryable) }

// move changes the state of an item; work on it is stopped first.
func (b *Box) move(ctx context.Context, id string, to State, from []State) error {
	defer b.bar(id)()
	i, err := b.stopped(ctx, id, func(i Item) bool { return slices.Contains(from, i.State) })
	if err != nil {
		return fmt.Errorf("move item %s to %s: %w", id, to, err)
	}
	i.State, i.Tries, i.DueAt, i.NotBefore, i.Problem = to, 0, time.Time{}, time.Time{}, ""
	return b.save(ctx, i)
}

// stopped stops the work on an item, which must be barred, and gives it if the
// wish is right for it, else ErrState.
func (b *Box) stopped(ctx context.Context, id string, right func(Item) bool) (Item, error) {
	i, err := b.Item(ctx, id)
	if err != nil {
		return Item{}, err
	}
	if !right(i) {
		return Item{}, fmt.Errorf("it is %s: %w", i.State, ErrState)
	}
	b.mu.Lock()
	w := b.busy[id]
	b.mu.Unlock()
	if w != nil {
		w.cancel(errTaken)
		select {
		case <-w.done:
		case <-ctx.Done():
			return Item{}, fmt.Errorf("wait for the transfer to stop: %w", ctx.Err())
		}
	}
	// It may have gone on before it stopped.
	if i, err = b.Item(ctx, id); err != nil {
		return Item{}, err
	}
	if !right(i) {
		return Item{}, fmt.Errorf("it is %s: %w", i.State, ErrState)
	}
	return i, nil
}

// bar keeps an item from being worked on until the returned call.
func (b *Box) bar(id string) (free func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.barred[id]++
	return func() {
		b.mu.Lock()
		if b.barred[id]--; b.barred[id] == 0 {
			delete(b.barred, id)
		}
		b.mu.Unlock()
		b.Wake()
	}
}

// Cancel takes an item back before the system was asked to keep it ("hoàn tác"):
// row and copy are removed, the signed file stays where the person has it. Once
// the system may hold the document the error is ErrState; what is there can only
// be recalled there.
func (b *Box) Cancel(ctx context.Context, id string) error {
	defer b.bar(id)()
	i, err := b.stopped(ctx, id, Item.cancellable)
	if err != nil {
		return fmt.Errorf("cancel item %s: %w", id, err)
	}
	if err := b.remove(ctx, i); err != nil {
		return fmt.Errorf("cancel item %s: %w", id, err)
	}
	return nil
}

// Discard removes an item that the system refused. The signed file itself stays
// where the person saved it.
func (b *Box) Discard(ctx context.Context, id string) error {
	defer b.bar(id)()
	i, err := b.stopped(ctx, id, func(i Item) bool { return i.Can().Discard || i.State == Held && !i.asked })
	if err != nil {
		return fmt.Errorf("discard item %s: %w", id, err)
	}
	if err := b.remove(ctx, i); err != nil {
		return fmt.Errorf("discard item %s: %w", id, err)
	}
	return nil
}

// remove forgets an item, and its file when no other item has the same bytes.
func (b *Box) remove(ctx context.Context, i Item) error {
	b.files.Lock()
	defer b.files.Unlock()
	var others int
	err := b.db.InTx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM item WHERE id=?`, i.ID); err != nil {
			return fmt.Errorf("remove the row: %w", err)
		}
		if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM item WHERE sha256=?`, i.SHA256).Scan(&others); err != nil {
			return fmt.Errorf("look for the same bytes: %w", err)
		}
		return nil
	})
	if err != nil {
		return err
	}
	i.State = ""
	b.tell(i)
	if others > 0 {
		return nil
	}
	if err := os.Remove(b.blobs.Path(i.SHA256)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("remove the copy: %w", err)
	}
	return nil
}

// pausedChoice is the name under which the wish to pause everything is kept.
const pausedChoice = "paused"

// PauseAll stops all transfers until ResumeAll, also after a restart: for a dear
// or a bad line.
func (b *Box) PauseAll(ctx context.Context) error {
	if _, err := b.db.Write.ExecContext(ctx, `INSERT OR REPLACE INTO choice(name,value) VALUES(?,'1')`, pausedChoice); err != nil {
		return fmt.Errorf("pause the outbox: %w", err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, w := range b.busy {
		w.cancel(errTaken)
	}
	return nil
}

// ResumeAll lets transfers go on after PauseAll.
func (b *Box) ResumeAll(ctx context.Context) error {
	if _, err := b.db.Write.ExecContext(ctx, `DELETE FROM choice WHERE name=?`, pausedChoice); err != nil {
		return fmt.Errorf("resume the outbox: %w", err)
	}
	b.Wake()
	return nil
}

// Paused reports that PauseAll holds everything.
func (b *Box) Paused(ctx context.Context) (bool, error) {
	var n int
	if err := b.db.Read.QueryRowContext(ctx, `SELECT count(*) FROM choice WHERE name=?`, pausedChoice).Scan(&n); err != nil {
		return false, fmt.Errorf("look whether the outbox is paused: %w", err)
	}
	return n > 0, nil
}

// Redirect sends what was queued for another system to the one that is connected
// now: the same server under a new address, by the person's word.
func (b *Box) Redirect(ctx context.Context, from string) error {
	_, err := b.db.Write.ExecContext(ctx, `UPDATE item SET target=?, resume='', due_at=0 WHERE target=? AND state<>?`, b.Target(), from, Accepted)
	if err != nil {
		return fmt.Errorf("redirect what was for %s: %w", from, err)
	}
	b.Wake()
	return nil
}
