// Package sqlfile opens the program's SQLite files, all in the same durable way.
//
// It knows no table: every owner of a file brings its own migrations.
package sqlfile

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"path/filepath"

	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // the driver "sqlite", without cgo
)

// DB is one SQLite file: a single writer, since SQLite has one, and readers
// that never wait for it (write-ahead log).
type DB struct {
	// Write commits durably: synchronous=FULL syncs the log before a commit
	// returns. Its transactions take the write lock at once.
	Write *sql.DB
	// Read sees the last commit and cannot write.
	Read *sql.DB
}

// maxReaders bounds the connections that read at the same time.
const maxReaders = 4

// Open opens or makes the file at path and brings it to the newest migration.
// The migrations are goose SQL files at the root of the file system.
func Open(ctx context.Context, path string, migrations fs.FS) (*DB, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	w, err := sql.Open("sqlite", address(abs, "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)"))
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	w.SetMaxOpenConns(1)
	if err := migrate(ctx, w, migrations); err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", path, err), w.Close())
	}
	r, err := sql.Open("sqlite", address(abs, "query_only(1)"))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", path, err), w.Close())
	}
	r.SetMaxOpenConns(maxReaders)
	r.SetMaxIdleConns(maxReaders) // opening one anew reads the schema anew
	return &DB{Write: w, Read: r}, nil
}

// Close closes readers and writer.
func (db *DB) Close() error {
	if err := errors.Join(db.Read.Close(), db.Write.Close()); err != nil {
		return fmt.Errorf("close the database: %w", err)
	}
	return nil
}

// InTx runs f in a write transaction and commits it when f returns nil.
func (db *DB) InTx(ctx context.Context, f func(*sql.Tx) error) error {
	tx, err := db.Write.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	if err := f(tx); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

func migrate(ctx context.Context, db *sql.DB, migrations fs.FS) error {
	p, err := goose.NewProvider(goose.DialectSQLite3, db, migrations)
	if err != nil {
		return fmt.Errorf("read the migrations: %w", err)
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

// address is the file as SQLite's URI; a writer's transactions begin immediate.
func address(abs string, pragmas ...string) string {
	q := url.Values{"_txlock": {"immediate"}, "_pragma": append([]string{"busy_timeout(10000)"}, pragmas...)}
	path := filepath.ToSlash(abs)
	if path[0] != '/' { // a drive letter
		path = "/" + path
	}
	return (&url.URL{Scheme: "file", Path: path, RawQuery: q.Encode()}).String()
}
