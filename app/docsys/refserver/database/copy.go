package database

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"slices"
	"strings"
)

// Table is a table to copy, with the columns that order its rows.
type Table struct {
	Name string
	Key  []string
}

// ErrDiffers reports a copy that does not equal its origin.
var ErrDiffers = errors.New("the copy differs from the origin")

// Copy copies tables, in this order, from one database into another one whose
// tables are empty or hold what their migration put there, and compares every
// row of both sides. It reads one state of the origin and writes one
// transaction: on an error the target is as it was. It gives the number of rows.
func Copy(ctx context.Context, from, to *DB, tables []Table) (rows int64, err error) {
	source, err := from.read.BeginTx(ctx, &sql.TxOptions{Isolation: snapshot(from), ReadOnly: true})
	if err != nil {
		return 0, fmt.Errorf("read the origin: %w", err)
	}
	defer func() { _ = source.Rollback() }()
	err = to.InTx(ctx, func(tx *Tx) error {
		rows = 0
		for _, t := range slices.Backward(tables) { // those that refer to others first
			if _, err := tx.Exec(ctx, "DELETE FROM "+t.Name); err != nil {
				return fmt.Errorf("empty table %s: %w", t.Name, err)
			}
		}
		for _, t := range tables {
			n, digest, err := t.copy(ctx, source, tx)
			if err != nil {
				return fmt.Errorf("copy table %s: %w", t.Name, err)
			}
			got, err := t.digest(ctx, tx.tx)
			if err != nil {
				return fmt.Errorf("read table %s again: %w", t.Name, err)
			}
			if got != digest {
				return fmt.Errorf("table %s: %w", t.Name, ErrDiffers)
			}
			rows += n
		}
		return nil
	})
	return rows, err
}

func snapshot(db *DB) sql.IsolationLevel {
	if db.engine == Postgres {
		return sql.LevelRepeatableRead
	}
	return sql.LevelDefault // a read transaction of SQLite sees one state
}

func (t Table) query() string {
	return "SELECT * FROM " + t.Name + " ORDER BY " + strings.Join(t.Key, ", ")
}

// copy moves the rows and gives their number and digest as they were read.
func (t Table) copy(ctx context.Context, from *sql.Tx, to *Tx) (n int64, digest string, err error) {
	rows, err := from.QueryContext(ctx, t.query())
	if err != nil {
		return 0, "", err //nolint:wrapcheck // the caller names the table
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		return 0, "", err //nolint:wrapcheck // as above
	}
	marks := strings.TrimSuffix(strings.Repeat("?,", len(columns)), ",")
	insert, err := to.tx.PrepareContext(ctx, to.db.dialect("INSERT INTO "+t.Name+"("+strings.Join(columns, ",")+") VALUES("+marks+")"))
	if err != nil {
		return 0, "", err //nolint:wrapcheck // as above
	}
	defer func() { _ = insert.Close() }()
	h := sha256.New()
	for rows.Next() {
		row, err := scanRow(rows, len(columns))
		if err != nil {
			return 0, "", err
		}
		add(h, columns, row)
		if _, err := insert.ExecContext(ctx, row...); err != nil {
			return 0, "", err //nolint:wrapcheck // as above
		}
		n++
	}
	return n, hex.EncodeToString(h.Sum(nil)), rows.Err()
}

func (t Table) digest(ctx context.Context, tx *sql.Tx) (string, error) {
	rows, err := tx.QueryContext(ctx, t.query())
	if err != nil {
		return "", err //nolint:wrapcheck // the caller names the table
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		return "", err //nolint:wrapcheck // as above
	}
	h := sha256.New()
	for rows.Next() {
		row, err := scanRow(rows, len(columns))
		if err != nil {
			return "", err
		}
		add(h, columns, row)
	}
	return hex.EncodeToString(h.Sum(nil)), rows.Err()
}

func scanRow(rows *sql.Rows, n int) ([]any, error) {
	row, at := make([]any, n), make([]any, n)
	for i := range row {
		at[i] = &row[i]
	}
	return row, rows.Scan(at...) //nolint:wrapcheck // the caller names the table
}

// add writes a row into the digest: name, type and value of every column. Both
// engines give integers as int64, text as string and bytes as []byte.
func add(h hash.Hash, columns []string, row []any) {
	for i, v := range row {
		_, _ = fmt.Fprintf(h, "%s %T %d\x00%v\x00", columns[i], v, length(v), v)
	}
}

func length(v any) int {
	switch v := v.(type) {
	case string:
		return len(v)
	case []byte:
		return len(v)
	}
	return 0
}

// SaveTo writes one state of a SQLite database into a new file, while others write.
func (db *DB) SaveTo(ctx context.Context, path string) error {
	if _, err := db.write.ExecContext(ctx, `VACUUM INTO ?`, path); err != nil {
		return fmt.Errorf("save the database: %w", err)
	}
	return nil
}

// Columns gives the columns of a table, for a comparison of the engines.
func (db *DB) Columns(ctx context.Context, table string) ([]string, error) {
	rows, err := db.read.QueryContext(ctx, "SELECT * FROM "+table+" LIMIT 0") //nolint:gosec // a name of ours
	if err != nil {
		return nil, fmt.Errorf("read table %s: %w", table, err)
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	return columns, errors.Join(err, rows.Err())
}

// Tables lists the tables of the owner's migrations.
func (db *DB) Tables(ctx context.Context) ([]string, error) {
	query := `SELECT name FROM sqlite_master WHERE type='table' AND name NOT LIKE 'sqlite_%' AND name<>'goose_db_version' ORDER BY name`
	if db.engine == Postgres {
		query = `SELECT table_name FROM information_schema.tables WHERE table_schema=current_schema() AND table_name<>'goose_db_version' ORDER BY table_name`
	}
	rows, err := db.read.QueryContext(ctx, query)
	if err != nil {
		return nil, fmt.Errorf("list the tables: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var out []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, fmt.Errorf("list the tables: %w", err)
		}
		out = append(out, name)
	}
	return out, rows.Err() //nolint:wrapcheck // only the list's own
}
