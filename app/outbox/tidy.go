package outbox

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"
)

// keepAccepted is how long the copy of a file stays that the system has
// accepted; the row and its receipt stay.
const keepAccepted = 30 * 24 * time.Hour

// tidy removes copies that were accepted long ago and that no other item needs.
func (b *Box) tidy(ctx context.Context) error {
	b.files.Lock()
	defer b.files.Unlock()
	rows, err := b.db.Read.QueryContext(ctx, `SELECT sha256 FROM item GROUP BY sha256 HAVING max(state<>?)=0 AND max(queued_at)<?`,
		Accepted, b.clock().Add(-keepAccepted).UnixMilli())
	if err != nil {
		return fmt.Errorf("look for old copies: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var sha string
		if err := rows.Scan(&sha); err != nil {
			return fmt.Errorf("look for old copies: %w", err)
		}
		if err := os.Remove(b.blobs.Path(sha)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("remove an old copy: %w", err)
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("look for old copies: %w", err)
	}
	return nil
}
