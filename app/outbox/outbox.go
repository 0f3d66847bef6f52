// Package outbox delivers signed documents to the document system: durably, in
// order, exactly once in effect.
//
// What it promises:
//
//  1. Enqueue returns after the file and the row survive a loss of power.
//  2. The idempotency key is made at Enqueue and never changes.
//  3. The state is written before each request and after each answer.
//  4. Killed at any point and started again, it ends with exactly one version
//     on the server.
//  5. An item is accepted only when the server has verified it.
//
// It signs nothing and judges nothing, and it never gives up by itself: what
// cannot be delivered waits for the network or for a person.
package outbox

import (
	"context"
	"crypto/rand"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"kyso/app/blob"
	"kyso/app/docsys"
	"kyso/app/sqlfile"
)

//go:embed migrations/*.sql
var migrations embed.FS

// State is where an item is on its way.
type State string

// The states: the way, then the side states.
const (
	Queued     State = "queued"
	Uploading  State = "uploading"
	Committing State = "committing"
	Verifying  State = "verifying"
	Accepted   State = "accepted"

	NeedsLogin  State = "needs_login"  // the whole connector waits for a log-in
	NeedsAction State = "needs_action" // refused: Problem says why
	Held        State = "held"         // the person holds it back
)

// AskAfter is the age at which an undelivered item is shown to the person.
const AskAfter = 72 * time.Hour

// ErrUnknown reports an item that is not in the outbox.
var ErrUnknown = errors.New("no such item in the outbox")

// ErrState reports a wish that the item's state does not allow.
var ErrState = errors.New("not possible in this state")

// Item is one signed file on its way. Enqueue reads the first group of fields,
// the outbox fills the rest.
type Item struct {
	DocumentID string
	// BaseVersion is the version that the file extends; empty for a first version.
	BaseVersion string
	Stage       string // "initialled", "signed", "sealed", "copy"
	Path        string // the signed file; it is copied
	Title       string // for the list

	ID       string
	SHA256   string
	Size     int64
	State    State
	Tries    int // of the present state
	QueuedAt time.Time
	DueAt    time.Time // of the next try
	// Receipt is zero before the server holds the file.
	Receipt docsys.Receipt
	// Verification is the server's own; zero before it was asked.
	Verification docsys.VersionStatus
	// Problem is the last refusal or failure, empty after a success.
	Problem string

	key string
}

// Overdue reports that the item waits for so long that the person should be asked.
func (i Item) Overdue(now time.Time) bool {
	return i.State != Accepted && now.Sub(i.QueuedAt) > AskAfter
}

// Box is an outbox. Its methods may be called from several goroutines; Deliver
// and Run do their work on the caller's.
type Box struct {
	db    *sqlfile.DB
	blobs *blob.Dir
	clock func() time.Time
	wake  chan struct{}

	pass sync.Mutex // one delivery pass at a time

	mu        sync.Mutex
	connector docsys.Connector
	watchers  map[int]func(Item)
	watcher   int
}

// Open opens or makes the outbox in dir. connector may be nil: items then wait
// for Connect. The caller ends Run before Close.
func Open(ctx context.Context, dir string, connector docsys.Connector, clock func() time.Time) (*Box, error) {
	blobs, err := blob.OpenDir(filepath.Join(dir, "files"))
	if err != nil {
		return nil, fmt.Errorf("open the outbox: %w", err)
	}
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, fmt.Errorf("open the outbox: %w", err)
	}
	db, err := sqlfile.Open(ctx, filepath.Join(dir, "outbox.db"), files)
	if err != nil {
		return nil, fmt.Errorf("open the outbox: %w", err)
	}
	return &Box{
		db: db, blobs: blobs, clock: clock, connector: connector,
		wake: make(chan struct{}, 1), watchers: map[int]func(Item){},
	}, nil
}

// Close closes the files.
func (b *Box) Close() error { return b.db.Close() }

// Connect sets the connector, after a log-in or a change of settings, and
// frees what waited for a log-in.
func (b *Box) Connect(ctx context.Context, c docsys.Connector) error {
	b.mu.Lock()
	b.connector = c
	b.mu.Unlock()
	if _, err := b.db.Write.ExecContext(ctx, `UPDATE item SET state=?, due_at=0, problem='' WHERE state=?`, Queued, NeedsLogin); err != nil {
		return fmt.Errorf("free what waited for a log-in: %w", err)
	}
	b.Wake()
	return nil
}

// Wake makes Run look at once: the network came back, the machine woke up. Items
// that waited for their next try are due again with its next pass.
func (b *Box) Wake() {
	select {
	case b.wake <- struct{}{}:
	default: // a look is already asked for
	}
}

// Enqueue takes a copy of the signed file and gives the item's id. When it
// returns, file and row are durable. The same bytes for the same document give
// the item that is already there.
func (b *Box) Enqueue(ctx context.Context, i Item) (string, error) {
	f, err := os.Open(i.Path)
	if err != nil {
		return "", fmt.Errorf("queue %s: %w", i.DocumentID, err)
	}
	defer func() { _ = f.Close() }()
	i.SHA256, i.Size, err = b.blobs.Put(f)
	if err != nil {
		return "", fmt.Errorf("queue %s: %w", i.DocumentID, err)
	}
	i.ID, i.key = rand.Text(), newKey()
	i.State, i.QueuedAt = Queued, b.clock()
	if err := b.insert(ctx, &i); err != nil {
		return "", fmt.Errorf("queue %s: %w", i.DocumentID, err)
	}
	b.tell(i)
	b.Wake()
	return i.ID, nil
}

// newKey makes an idempotency key: 128 random bits.
func newKey() string {
	var k [16]byte
	_, _ = rand.Read(k[:]) // never fails (crypto/rand)
	return hex.EncodeToString(k[:])
}

// List gives all items, oldest first.
func (b *Box) List(ctx context.Context) ([]Item, error) {
	items, err := b.query(ctx, `ORDER BY seq`)
	if err != nil {
		return nil, fmt.Errorf("list the outbox: %w", err)
	}
	return items, nil
}

// Item gives one item, ErrUnknown when there is none.
func (b *Box) Item(ctx context.Context, id string) (Item, error) {
	items, err := b.query(ctx, `WHERE id=?`, id)
	if err != nil {
		return Item{}, fmt.Errorf("look up item %s: %w", id, err)
	}
	if len(items) == 0 {
		return Item{}, fmt.Errorf("look up item %s: %w", id, ErrUnknown)
	}
	return items[0], nil
}

// Watch calls f after every change of an item, on the goroutine that made it;
// f must not call back into the Box. stop ends it.
func (b *Box) Watch(f func(Item)) (stop func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.watcher++
	n := b.watcher
	b.watchers[n] = f
	return func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.watchers, n)
	}
}

func (b *Box) tell(i Item) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, f := range b.watchers {
		f(i)
	}
}

// Retry queues an item again that needed an action or was held.
func (b *Box) Retry(ctx context.Context, id string) error {
	return b.move(ctx, id, Queued, NeedsAction, Held, NeedsLogin)
}

// Hold keeps an item back that is not yet on its way.
func (b *Box) Hold(ctx context.Context, id string) error {
	return b.move(ctx, id, Held, Queued, NeedsAction)
}

func (b *Box) move(ctx context.Context, id string, to State, from ...State) error {
	b.pass.Lock()
	defer b.pass.Unlock()
	i, err := b.Item(ctx, id)
	if err != nil {
		return err
	}
	if !contains(from, i.State) {
		return fmt.Errorf("move item %s from %s to %s: %w", id, i.State, to, ErrState)
	}
	i.State, i.Tries, i.DueAt, i.Problem = to, 0, time.Time{}, ""
	if err := b.save(ctx, i); err != nil {
		return err
	}
	b.Wake()
	return nil
}

// Discard removes an item that the server refused or that the person holds. The
// signed file itself stays where the person saved it.
func (b *Box) Discard(ctx context.Context, id string) error {
	b.pass.Lock()
	defer b.pass.Unlock()
	res, err := b.db.Write.ExecContext(ctx, `DELETE FROM item WHERE id=? AND state IN (?,?)`, id, NeedsAction, Held)
	if err != nil {
		return fmt.Errorf("discard item %s: %w", id, err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return errors.Join(fmt.Errorf("discard item %s: %w", id, ErrState), err)
	}
	return nil
}

func contains(states []State, s State) bool {
	return slices.Contains(states, s)
}
