// Package database runs one set of SQL statements on two engines: SQLite, which
// is a file, and PostgreSQL, when one machine is too small.
//
// Statements are written once: parameters are question marks, rows are locked
// with FOR UPDATE, and text is joined with string_agg. What SQLite lacks is left
// out for it: it has one writer, so a transaction that may write excludes all
// others anyway. The package knows no table.
package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"

	"kyso/app/sqlfile"
)

// Engine names a database system.
type Engine string

// The two engines.
const (
	SQLite   Engine = "sqlite"
	Postgres Engine = "postgres"
)

const (
	maxConnections = 16
	maxIdle        = 8
	idleFor        = 5 * time.Minute
	maxTries       = 8 // of a transaction that lost a race
)

// DB is an open database. Its methods may be called from several goroutines,
// and on PostgreSQL from several processes.
type DB struct {
	engine      Engine
	write, read *sql.DB
	closing     func() error
	// writes and reads are the statements that are kept; nil on PostgreSQL.
	writes, reads *prepared
}

// Migrations are goose SQL files, one folder an engine: "sqlite" and "postgres".
type Migrations fs.FS

// OpenFile opens or makes the SQLite file at path and brings it to the newest migration.
func OpenFile(ctx context.Context, path string, m Migrations) (*DB, error) {
	files, err := fs.Sub(m, string(SQLite))
	if err != nil {
		return nil, fmt.Errorf("read the migrations: %w", err)
	}
	file, err := sqlfile.Open(ctx, path, files)
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	return &DB{
		engine: SQLite, write: file.Write, read: file.Read, closing: file.Close,
		writes: newPrepared(file.Write), reads: newPrepared(file.Read),
	}, nil
}

// OpenPostgres connects to the database of a URL (postgres://…) and brings it
// to the newest migration; a lock keeps servers that start together apart.
// The URL may hold a password: it is in no error.
func OpenPostgres(ctx context.Context, url string, m Migrations) (*DB, error) {
	pool, err := sql.Open("pgx", url)
	if err != nil {
		return nil, errors.New("open the database: the PostgreSQL address is not readable")
	}
	pool.SetMaxOpenConns(maxConnections)
	pool.SetMaxIdleConns(maxIdle)
	pool.SetConnMaxIdleTime(idleFor)
	if err := migrate(ctx, pool, m); err != nil {
		return nil, errors.Join(fmt.Errorf("open the database: %w", err), pool.Close())
	}
	return &DB{engine: Postgres, write: pool, read: pool, closing: pool.Close}, nil
}

// migrationLock is a number of our own for pg_advisory_lock.
const migrationLock = 0x6b79736f // "kyso"

func migrate(ctx context.Context, pool *sql.DB, m Migrations) error {
	files, err := fs.Sub(m, string(Postgres))
	if err != nil {
		return fmt.Errorf("read the migrations: %w", err)
	}
	conn, err := pool.Conn(ctx)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := conn.ExecContext(ctx, `SELECT pg_advisory_lock($1)`, migrationLock); err != nil {
		return fmt.Errorf("wait for other servers: %w", err)
	}
	defer func() {
		_, _ = conn.ExecContext(context.WithoutCancel(ctx), `SELECT pg_advisory_unlock($1)`, migrationLock)
	}()
	p, err := goose.NewProvider(goose.DialectPostgres, pool, files)
	if err != nil {
		return fmt.Errorf("read the migrations: %w", err)
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

// Engine tells the database system.
func (db *DB) Engine() Engine { return db.engine }

// Close closes the database.
func (db *DB) Close() error {
	db.writes.close()
	db.reads.close()
	return db.closing()
}

// Ping reports whether the database answers.
func (db *DB) Ping(ctx context.Context) error {
	if err := db.read.PingContext(ctx); err != nil {
		return fmt.Errorf("reach the database: %w", err)
	}
	return nil
}

// Stats are the figures of the connections that write.
func (db *DB) Stats() sql.DBStats { return db.write.Stats() }

// Statements are those that were run and are kept prepared, as the engine reads
// them: to look at their plans. There are none on PostgreSQL, whose driver keeps them.
func (db *DB) Statements() []string {
	all := slices.Sorted(slices.Values(slices.Concat(db.reads.texts(), db.writes.texts())))
	return slices.Compact(all)
}

// Query reads outside of a transaction; it sees the last commit.
func (db *DB) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	query = db.dialect(query)
	if s := db.reads.keep(ctx, query); s != nil {
		return s.QueryContext(ctx, values(args)...) //nolint:wrapcheck,sqlclosecheck // the caller names the object and closes
	}
	return db.read.QueryContext(ctx, query, values(args)...) //nolint:wrapcheck,sqlclosecheck // as above
}

// QueryRow reads one row outside of a transaction.
func (db *DB) QueryRow(ctx context.Context, query string, args ...any) *sql.Row {
	query = db.dialect(query)
	if s := db.reads.keep(ctx, query); s != nil {
		return s.QueryRowContext(ctx, values(args)...)
	}
	return db.read.QueryRowContext(ctx, query, values(args)...)
}

// Exec runs one statement in a transaction of its own.
func (db *DB) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	r, err := db.write.ExecContext(ctx, db.dialect(query), values(args)...)
	if err != nil {
		return 0, err //nolint:wrapcheck // the caller names the object
	}
	return r.RowsAffected() //nolint:wrapcheck // as above
}

// Tx is a transaction.
type Tx struct {
	db *DB
	tx *sql.Tx
	// fresh are statements to keep afterwards: the transaction has the one
	// connection that writes.
	fresh []string
}

// kept gives a statement in the transaction, nil when it is not kept yet.
func (tx *Tx) kept(ctx context.Context, query string) *sql.Stmt {
	if s := tx.db.writes.find(query); s != nil {
		return tx.tx.StmtContext(ctx, s) //nolint:sqlclosecheck // it ends with the transaction
	}
	if tx.db.writes != nil {
		tx.fresh = append(tx.fresh, query)
	}
	return nil
}

// Engine tells the database system.
func (tx *Tx) Engine() Engine { return tx.db.engine }

// Query reads in the transaction; the caller closes the rows before the next statement.
func (tx *Tx) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	query = tx.db.dialect(query)
	if s := tx.kept(ctx, query); s != nil {
		return s.QueryContext(ctx, values(args)...) //nolint:wrapcheck,sqlclosecheck // the caller names the object and closes
	}
	return tx.tx.QueryContext(ctx, query, values(args)...) //nolint:wrapcheck,sqlclosecheck // as above
}

// QueryRow reads one row in the transaction.
func (tx *Tx) QueryRow(ctx context.Context, query string, args ...any) *sql.Row {
	query = tx.db.dialect(query)
	if s := tx.kept(ctx, query); s != nil {
		return s.QueryRowContext(ctx, values(args)...)
	}
	return tx.tx.QueryRowContext(ctx, query, values(args)...)
}

// Exec runs one statement in the transaction.
func (tx *Tx) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	query = tx.db.dialect(query)
	var r sql.Result
	var err error
	if s := tx.kept(ctx, query); s != nil {
		r, err = s.ExecContext(ctx, values(args)...)
	} else {
		r, err = tx.tx.ExecContext(ctx, query, values(args)...)
	}
	if err != nil {
		return 0, err //nolint:wrapcheck // the caller names the object
	}
	return r.RowsAffected() //nolint:wrapcheck // as above
}

// Lock waits until no other transaction holds the lock of a name, and holds it
// to its own end. On SQLite a transaction that may write excludes all others anyway.
func (tx *Tx) Lock(ctx context.Context, name string) error {
	if tx.db.engine == SQLite {
		return nil
	}
	if _, err := tx.tx.ExecContext(ctx, `SELECT pg_advisory_xact_lock(hashtextextended($1, 0))`, name); err != nil {
		return fmt.Errorf("lock: %w", err)
	}
	return nil
}

// InTx runs f in a transaction that may write and commits it durably when f
// returns nil. A transaction that lost a race against another one (deadlock,
// the same new row) is run again, so f has no effect but through its Tx.
func (db *DB) InTx(ctx context.Context, f func(*Tx) error) error {
	for try := 1; ; try++ {
		err := db.once(ctx, f)
		if err == nil || try == maxTries || !lostRace(err) {
			return err
		}
		pause := time.NewTimer(time.Duration(rand.Int64N(int64(try) * int64(10*time.Millisecond)))) //nolint:gosec // G404: spreads retries
		select {
		case <-ctx.Done():
			pause.Stop()
			return errors.Join(err, ctx.Err())
		case <-pause.C:
		}
	}
}

func (db *DB) once(ctx context.Context, f func(*Tx) error) (err error) {
	tx, err := db.write.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer func() {
		if v := recover(); v != nil {
			_ = tx.Rollback()
			panic(v)
		}
	}()
	t := &Tx{db: db, tx: tx}
	if err := f(t); err != nil {
		return errors.Join(err, ended(tx.Rollback()))
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	for _, query := range t.fresh {
		db.writes.keep(ctx, query)
	}
	return nil
}

// ended leaves out that a transaction has ended already, as when its context did.
func ended(err error) error {
	if errors.Is(err, sql.ErrTxDone) {
		return nil
	}
	return err
}

// lostRace reports an error that another run of the transaction may not have
// (PostgreSQL, appendix A: serialization_failure, deadlock_detected, unique_violation).
func lostRace(err error) bool {
	p, ok := errors.AsType[*pgconn.PgError](err)
	return ok && (p.Code == "40001" || p.Code == "40P01" || p.Code == "23505")
}

// IsFull reports an error that says that the database has no room to grow
// (SQLite's result code 13, PostgreSQL's disk_full).
func IsFull(err error) bool {
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		return e.Code()&0xff == 13
	}
	e, ok := errors.AsType[*pgconn.PgError](err)
	return ok && e.Code == "53100"
}

// dialect turns a statement into the engine's form.
func (db *DB) dialect(query string) string {
	if db.engine == SQLite {
		query = strings.ReplaceAll(query, " SKIP LOCKED", "")
		return strings.ReplaceAll(query, " FOR UPDATE", "")
	}
	return numbered(query)
}

// numbered gives the parameters PostgreSQL's numbers. No statement of ours has
// a question mark in a text.
func numbered(query string) string {
	var b strings.Builder
	b.Grow(len(query) + 16)
	n := 0
	for _, c := range query {
		if c != '?' {
			b.WriteRune(c)
			continue
		}
		n++
		fmt.Fprintf(&b, "$%d", n)
	}
	return b.String()
}

// values turns booleans into the integers that the tables have.
func values(args []any) []any {
	for i, a := range args {
		if v, ok := a.(bool); ok {
			args[i] = int64(0)
			if v {
				args[i] = int64(1)
			}
		}
	}
	return args
}
