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
//  5. An item is accepted only when the server has verified it, or holds it
//     where the system verifies nothing.
//
// A secret document never enters it. An item goes only to the system that it
// was queued for. It signs nothing and judges nothing, and it never gives up by
// itself: what cannot be delivered waits for the network or for a person.
package outbox

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
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
var ErrUnknown error = &wishError{"delivery-unknown", "no such item in the outbox"}

// ErrState reports a wish that the item's state does not allow.
var ErrState error = &wishError{"delivery-too-late", "not possible in this state"}

// wishError is an error that names the message a person reads (package explain).
type wishError struct{ code, text string }

func (e *wishError) Error() string { return e.text }

// ExplainCode names the message.
func (e *wishError) ExplainCode() string { return e.code }

// Item is one signed file on its way. Enqueue reads the first group of fields,
// the outbox fills the rest.
type Item struct {
	DocumentID string
	// BaseVersion is the version that the file extends; empty for a first version.
	BaseVersion string
	Stage       string // "initialled", "signed", "sealed", "copy"
	Path        string // the signed file; it is copied
	Title       string // for the list
	// Metadata goes along to systems that have no record of the document.
	Metadata docsys.Metadata
	// Password opens an encrypted file for the look for a mark of secrecy; it is not kept.
	Password []byte
	// NotSecret is the person's word that a doubtful document is not secret.
	NotSecret bool

	ID       string
	SHA256   string
	Size     int64
	State    State
	Tries    int // of the present state
	QueuedAt time.Time
	DueAt    time.Time // of the next try
	// NotBefore is when the upload begins at the earliest: until then the person
	// can take the document back.
	NotBefore time.Time
	// Target names the system that the item is for.
	Target string
	// Receipt is zero before the server holds the file.
	Receipt docsys.Receipt
	// ReceiptPath is the receipt's file beside the document, empty without one.
	ReceiptPath string
	// Verification is the server's own; zero before it was asked.
	Verification docsys.VersionStatus
	// Problem is the last refusal or failure, empty after a success.
	Problem string

	key    string
	asked  bool
	resume string
}

// Overdue reports that the item waits for so long that the person should be asked.
func (i Item) Overdue(now time.Time) bool {
	return i.State != Accepted && now.Sub(i.QueuedAt) > AskAfter
}

// Options are what a Box works with.
type Options struct {
	// Connector delivers; nil lets items wait for Connect.
	Connector docsys.Connector
	// Target names the connector's system in a way that stays the same: items
	// queued for one system are never sent to another.
	Target string
	// Clock tells the time.
	Clock func() time.Time
	// Grace is how long an item stays here before its upload begins, for the
	// person to take it back.
	Grace time.Duration
	// Gate looks into a file before it is taken and refuses secret ones; it sees
	// the fields that Enqueue reads. It may be nil.
	Gate func(ctx context.Context, i Item) error
}

// Box is an outbox. Its methods may be called from several goroutines; Deliver
// and Run do their work on the caller's and on goroutines that end before they
// return.
type Box struct {
	db    *sqlfile.DB
	blobs *blob.Dir
	lease lease
	clock func() time.Time
	grace time.Duration
	gate  func(context.Context, Item) error
	wake  chan struct{}

	pass  sync.Mutex // one delivery pass at a time
	files sync.Mutex // a file and its row come and go together

	mu        sync.Mutex
	connector docsys.Connector
	target    string
	watchers  map[int]func(Item)
	listeners map[int]func(Progress)
	watcher   int
	progress  map[string]Progress // of the items that are being sent
	busy      map[string]*work
	barred    map[string]int // items that a wish is about to change
}

// Open opens or makes the outbox in dir. The caller ends Run before Close.
func Open(ctx context.Context, dir string, o Options) (*Box, error) {
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
		db: db, blobs: blobs, lease: lease{path: filepath.Join(dir, "deliver.lock")},
		clock: o.Clock, grace: o.Grace, gate: o.Gate, connector: o.Connector, target: o.Target,
		wake:     make(chan struct{}, 1),
		watchers: map[int]func(Item){}, listeners: map[int]func(Progress){}, progress: map[string]Progress{},
		busy: map[string]*work{}, barred: map[string]int{},
	}, nil
}

// Close closes the files.
func (b *Box) Close() error { return errors.Join(b.lease.release(), b.db.Close()) }

// Connect sets the connector and its target, after a log-in or a change of
// settings, and frees what waited for a log-in.
func (b *Box) Connect(ctx context.Context, target string, c docsys.Connector) error {
	b.mu.Lock()
	b.connector, b.target = c, target
	b.mu.Unlock()
	if _, err := b.db.Write.ExecContext(ctx, `UPDATE item SET state=?, due_at=0, problem='' WHERE state=?`, Queued, NeedsLogin); err != nil {
		return fmt.Errorf("free what waited for a log-in: %w", err)
	}
	b.Wake()
	return nil
}

// route gives the connector and its target.
func (b *Box) route() (docsys.Connector, string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.connector, b.target
}

// Target names the system that the outbox is connected to.
func (b *Box) Target() string {
	_, t := b.route()
	return t
}

// Wake makes Run look at once: the network came back, the machine woke up. Items
// that waited for their next try are due again with its next pass.
func (b *Box) Wake() {
	select {
	case b.wake <- struct{}{}:
	default: // a look is already asked for
	}
}

// Admit refuses what must not be delivered: it gives the gate's error for a
// secret document, or a doubtful one that no person vouched for. It keeps
// nothing, and Enqueue asks it again.
func (b *Box) Admit(ctx context.Context, i Item) error {
	if b.gate == nil {
		return nil
	}
	return b.gate(ctx, i)
}

// Enqueue takes a copy of the signed file and gives the item's id. When it
// returns, file and row are durable. The same bytes for the same document give
// the item that is already there.
func (b *Box) Enqueue(ctx context.Context, i Item) (string, error) {
	if err := b.Admit(ctx, i); err != nil {
		return "", fmt.Errorf("queue %s: %w", i.DocumentID, err)
	}
	b.files.Lock()
	defer b.files.Unlock()
	if err := b.take(&i); err != nil {
		return "", fmt.Errorf("queue %s: %w", i.DocumentID, err)
	}
	i.ID, i.key = newID(), newKey()
	i.State, i.QueuedAt, i.Target = Queued, b.clock(), b.Target()
	if b.grace > 0 {
		i.NotBefore = i.QueuedAt.Add(b.grace)
	}
	if err := b.insert(ctx, &i); err != nil {
		return "", fmt.Errorf("queue %s: %w", i.DocumentID, err)
	}
	if _, err := os.Stat(b.blobs.Path(i.SHA256)); err != nil { // another process took it away in between
		if err := b.take(&i); err != nil {
			return "", fmt.Errorf("queue %s: %w", i.DocumentID, err)
		}
	}
	b.tell(i)
	b.Wake()
	return i.ID, nil
}

// take copies the file of an item, durably.
func (b *Box) take(i *Item) error {
	abs, err := filepath.Abs(i.Path)
	if err != nil {
		return err //nolint:wrapcheck // wrapped by Enqueue
	}
	f, err := os.Open(abs)
	if err != nil {
		return err //nolint:wrapcheck // wrapped by Enqueue
	}
	defer func() { _ = f.Close() }()
	i.Path = abs
	if i.Metadata.FileName == "" {
		i.Metadata.FileName = filepath.Base(abs)
	}
	i.SHA256, i.Size, err = b.blobs.Put(f)
	return err
}

// List gives all items, oldest first.
func (b *Box) List(ctx context.Context) ([]Item, error) {
	items, err := b.query(ctx, `ORDER BY seq`)
	if err != nil {
		return nil, fmt.Errorf("list the outbox: %w", err)
	}
	return items, nil
}

// Recent gives the items that a person may still look for, oldest first: those
// that have not reached their end, and the newest ones, at least count of them where
// there are so many. What it gives does not grow with the days and years.
func (b *Box) Recent(ctx context.Context, count int) ([]Item, error) {
	items, err := b.query(ctx, `WHERE seq>(SELECT coalesce(max(seq),0) FROM item)-? OR state<>? ORDER BY seq`, count, Accepted)
	if err != nil {
		return nil, fmt.Errorf("list the outbox: %w", err)
	}
	return items, nil
}

// Arrived counts the accepted items that the system received at a time or later,
// whenever they were queued.
func (b *Box) Arrived(ctx context.Context, since time.Time) (int, error) {
	var n int
	err := b.db.Read.QueryRowContext(ctx, `SELECT count(*) FROM item WHERE state=? AND received_at>=?`, Accepted, since.UnixMilli()).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count what arrived: %w", err)
	}
	return n, nil
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
