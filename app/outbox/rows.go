package outbox

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// newID makes the name of an item.
func newID() string { return rand.Text() }

// newKey makes an idempotency key: 128 random bits.
func newKey() string {
	var k [16]byte
	_, _ = rand.Read(k[:]) // never fails (crypto/rand)
	return hex.EncodeToString(k[:])
}

// insert adds the row, or gives i the row that is there for the same document and bytes.
func (b *Box) insert(ctx context.Context, i *Item) error {
	return b.db.InTx(ctx, func(tx *sql.Tx) error {
		row := tx.QueryRowContext(ctx, `SELECT `+columns+` FROM item WHERE document=? AND sha256=?`, i.DocumentID, i.SHA256)
		switch known, err := scan(row); {
		case err == nil:
			*i = known
			return nil
		case !errors.Is(err, sql.ErrNoRows):
			return err
		}
		metadata, err := json.Marshal(i.Metadata)
		if err != nil {
			return fmt.Errorf("write the metadata: %w", err)
		}
		_, err = tx.ExecContext(ctx,
			`INSERT INTO item(id,key,document,base,stage,title,path,sha256,size,state,queued_at,due_at,not_before,target,metadata)
			VALUES(?,?,?,?,?,?,?,?,?,?,?,0,?,?,?)`,
			i.ID, i.key, i.DocumentID, i.BaseVersion, i.Stage, i.Title, i.Path, i.SHA256, i.Size, i.State, millis(i.QueuedAt),
			millis(i.NotBefore), i.Target, string(metadata))
		if err != nil {
			return fmt.Errorf("insert the row: %w", err)
		}
		return nil
	})
}

// save writes what changes on the way, durably, then tells the watchers.
func (b *Box) save(ctx context.Context, i Item) error {
	verification, err := json.Marshal(i.Verification)
	if err != nil {
		return fmt.Errorf("save item %s: %w", i.ID, err)
	}
	// A state that was reached is written even when the caller gives up now.
	_, err = b.db.Write.ExecContext(context.WithoutCancel(ctx),
		`UPDATE item SET state=?, tries=?, due_at=?, not_before=?, asked=?, resume=?, version=?, server_sha=?, received_at=?, receipt_path=?,
		verification=?, problem=? WHERE id=?`,
		i.State, i.Tries, millis(i.DueAt), millis(i.NotBefore), i.asked, i.resume, i.Receipt.Version, i.Receipt.SHA256,
		millis(i.Receipt.ReceivedAt), i.ReceiptPath, string(verification), i.Problem, i.ID)
	if err != nil {
		return fmt.Errorf("save item %s: %w", i.ID, err)
	}
	b.tell(i)
	return nil
}

const columns = `id,key,document,base,stage,title,path,sha256,size,state,tries,queued_at,due_at,version,server_sha,received_at,verification,problem,` +
	`not_before,asked,resume,target,metadata,receipt_path`

func (b *Box) query(ctx context.Context, where string, args ...any) ([]Item, error) {
	rows, err := b.db.Read.QueryContext(ctx, `SELECT `+columns+` FROM item `+where, args...) //nolint:gosec // G202: where is a constant of this package
	if err != nil {
		return nil, fmt.Errorf("read the rows: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var items []Item
	for rows.Next() {
		i, err := scan(rows)
		if err != nil {
			return nil, err
		}
		items = append(items, i)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read the rows: %w", err)
	}
	return items, nil
}

func scan(row interface{ Scan(...any) error }) (Item, error) {
	var (
		i                             Item
		queued, due, received, before int64
		verification, metadata        string
	)
	err := row.Scan(&i.ID, &i.key, &i.DocumentID, &i.BaseVersion, &i.Stage, &i.Title, &i.Path, &i.SHA256, &i.Size, &i.State, &i.Tries,
		&queued, &due, &i.Receipt.Version, &i.Receipt.SHA256, &received, &verification, &i.Problem,
		&before, &i.asked, &i.resume, &i.Target, &metadata, &i.ReceiptPath)
	if err != nil {
		return Item{}, fmt.Errorf("read a row: %w", err)
	}
	if err := json.Unmarshal([]byte(verification), &i.Verification); err != nil {
		return Item{}, fmt.Errorf("read the verification of item %s: %w", i.ID, err)
	}
	if err := json.Unmarshal([]byte(metadata), &i.Metadata); err != nil {
		return Item{}, fmt.Errorf("read the metadata of item %s: %w", i.ID, err)
	}
	i.QueuedAt, i.DueAt, i.Receipt.ReceivedAt, i.NotBefore = instant(queued), instant(due), instant(received), instant(before)
	return i, nil
}

// millis and instant map the zero time to 0.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func instant(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
