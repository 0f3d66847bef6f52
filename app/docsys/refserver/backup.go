package refserver

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"kyso/app/docsys/auditlog"
	"kyso/app/docsys/refserver/database"
)

// tables are all tables, those that others refer to first, with their keys.
func tables() []database.Table {
	return []database.Table{
		{Name: "unit", Key: []string{"code"}},
		{Name: "unit_parent", Key: []string{"unit", "valid_from"}},
		{Name: "unit_alias", Key: []string{"scheme", "code"}},
		{Name: "unit_succession", Key: []string{"from_unit", "to_unit"}},
		{Name: "person", Key: []string{"id"}},
		{Name: "person_cert", Key: []string{"sha256"}},
		{Name: "authority", Key: []string{"id"}},
		{Name: "account", Key: []string{"id"}},
		{Name: "role_grant", Key: []string{"id"}},
		{Name: "session", Key: []string{"token_hash"}},
		{Name: "identity_used", Key: []string{"digest"}},
		{Name: "blob", Key: []string{"sha256", "unit"}},
		{Name: "document", Key: []string{"id"}},
		{Name: "document_issuer", Key: []string{"document", "unit"}},
		{Name: "number_series", Key: []string{"unit", "year", "notation"}},
		{Name: "step", Key: []string{"document", "seq"}},
		{Name: "version", Key: []string{"id"}},
		{Name: "signature", Key: []string{"id"}},
		{Name: "obligation", Key: []string{"id"}},
		{Name: "explanation", Key: []string{"id"}},
		{Name: "unit_day", Key: []string{"kind", "day", "unit"}},
		{Name: "unit_month", Key: []string{"kind", "month", "unit"}},
		{Name: "target", Key: []string{"version"}},
		{Name: "period_close", Key: []string{"period"}},
		{Name: "period_figure", Key: []string{"period", "kind", "unit"}},
		{Name: "closed_duty", Key: []string{"period", "obligation"}},
		{Name: "feed", Key: []string{"seq"}},
		{Name: "job", Key: []string{"version"}},
		{Name: "idem", Key: []string{"account", "key"}},
		{Name: "upload", Key: []string{"id"}},
		{Name: "upload_part", Key: []string{"name"}},
		{Name: "holiday", Key: []string{"day"}},
		{Name: "mark_template", Key: []string{"version"}},
		{Name: "audit", Key: []string{"seq"}},
		{Name: "audit_hash", Key: []string{"idx"}},
		{Name: "audit_head", Key: []string{"one"}},
	}
}

// ErrInUse reports a target that holds data already.
var ErrInUse = errors.New("the target holds data already")

// openTarget opens the database of a configuration and refuses one that was used.
func openTarget(ctx context.Context, cfg Config) (*database.DB, error) {
	s := &Server{clock: cfg.Clock}
	if err := s.openData(ctx, cfg); err != nil {
		return nil, err
	}
	size, err := s.auditSize(ctx)
	if err == nil && size > 0 {
		err = ErrInUse
	}
	if err != nil {
		return nil, errors.Join(err, s.db.Close())
	}
	return s.db, nil
}

// Migrate copies the database of a data folder to PostgreSQL at url, compares
// every row, and gives their number. The server must not run meanwhile; the
// files and the key stay where they are.
func Migrate(ctx context.Context, data, url string, clock func() time.Time) (rows int64, err error) {
	if _, err := os.Stat(filepath.Join(data, databaseFile)); err != nil {
		return 0, fmt.Errorf("migrate: %w", err)
	}
	from := &Server{clock: clock}
	if err := from.openData(ctx, Config{Data: data, Clock: clock}); err != nil {
		return 0, fmt.Errorf("migrate: %w", err)
	}
	defer func() { err = errors.Join(err, from.db.Close()) }()
	to, err := openTarget(ctx, Config{Data: data, Postgres: url, Clock: clock, Blobs: from.blobs})
	if err != nil {
		return 0, fmt.Errorf("migrate: %w", err)
	}
	defer func() { err = errors.Join(err, to.Close()) }()
	if rows, err = database.Copy(ctx, from.db, to, tables()); err != nil {
		return 0, fmt.Errorf("migrate: %w", err)
	}
	return rows, nil
}

// manifest is what a backup says of itself.
type manifest struct {
	Made     time.Time `json:"made"`
	Note     string    `json:"checkpoint"` // of the log, signed
	Verifier string    `json:"verifier"`
	Files    int64     `json:"files"`
}

const manifestFile = "backup.json"

// Backup writes one state of all data into a folder that is empty or holds an
// earlier backup, while the server works: the database as a SQLite file on both
// engines, the files, and the key of the log. The manifest comes last: a folder
// without one is no backup. Files are never changed, so only new ones are copied.
func (s *Server) Backup(ctx context.Context, data, dir string) (Findings, error) {
	f, err := s.backup(ctx, data, dir)
	if err != nil {
		return f, fmt.Errorf("back up: %w", err)
	}
	return f, nil
}

func (s *Server) backup(ctx context.Context, data, dir string) (Findings, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return Findings{}, err //nolint:wrapcheck // Backup adds the operation
	}
	for _, name := range []string{manifestFile, databaseFile} {
		if err := os.Remove(filepath.Join(dir, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return Findings{}, err //nolint:wrapcheck // as above
		}
	}
	if err := s.saveDatabase(ctx, filepath.Join(dir, databaseFile)); err != nil {
		return Findings{}, err
	}
	if err := copyFile(filepath.Join(data, auditKeyFile), filepath.Join(dir, auditKeyFile)); err != nil {
		return Findings{}, err
	}
	store, err := OpenFolder(dir, false, s.clock())
	if err != nil {
		return Findings{}, err
	}
	saved, err := database.OpenFile(ctx, filepath.Join(dir, databaseFile), mustMigrations())
	if err != nil {
		return Findings{}, err
	}
	// What is saved is judged as it will be read: by a server on the copy.
	copied := &Server{db: saved, blobs: shortened{store, saved}, clock: s.clock, signer: s.signer, verifier: s.verifier}
	f, err := copied.finishBackup(ctx, s.blobs, dir)
	return f, errors.Join(err, saved.Close())
}

// finishBackup brings the files that the saved database names, checks it all
// and writes the manifest.
func (s *Server) finishBackup(ctx context.Context, from Blobs, dir string) (Findings, error) {
	// Uploads that are under way are no facts yet: their clients begin anew.
	for _, table := range []string{"upload_part", "upload"} {
		if _, err := s.db.Exec(ctx, `DELETE FROM `+table); err != nil {
			return Findings{}, fmt.Errorf("leave the uploads out: %w", err)
		}
	}
	names, err := s.wholeNames(ctx)
	if err != nil {
		return Findings{}, err
	}
	for _, sha := range names {
		if checkStored(ctx, s.blobs, sha) == nil {
			continue
		}
		if err := copyBlob(ctx, from, s.blobs, sha); err != nil {
			return Findings{}, fmt.Errorf("file %s: %w", sha, err)
		}
	}
	f, err := s.Check(ctx)
	if err != nil || len(f.Wrong) > 0 {
		return f, err
	}
	signed, err := s.checkpoint(ctx)
	if err != nil {
		return f, err
	}
	text, err := json.MarshalIndent(manifest{Made: s.clock().UTC(), Note: signed, Verifier: s.verifier, Files: f.Files}, "", "  ")
	if err != nil {
		return f, err //nolint:wrapcheck // Backup adds the operation
	}
	return f, writeSynced(filepath.Join(dir, manifestFile), text)
}

// saveDatabase writes the database as a SQLite file.
func (s *Server) saveDatabase(ctx context.Context, path string) (err error) {
	if s.db.Engine() == database.SQLite {
		return s.db.SaveTo(ctx, path)
	}
	to, err := database.OpenFile(ctx, path, mustMigrations())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, to.Close()) }()
	_, err = database.Copy(ctx, s.db, to, tables())
	return err
}

// Restore puts a backup into an empty data folder, or into an empty PostgreSQL
// of the configuration, after it has checked the manifest's signature and every
// file. Server and clients go on where the backup was made; a desktop that has
// seen a later state of the log tells that history was cut off, as it was.
func Restore(ctx context.Context, dir string, cfg Config) (Findings, error) {
	f, err := restore(ctx, dir, cfg)
	if err != nil {
		return f, fmt.Errorf("restore: %w", err)
	}
	return f, nil
}

func restore(ctx context.Context, dir string, cfg Config) (f Findings, err error) {
	raw, err := os.ReadFile(filepath.Join(dir, manifestFile))
	if err != nil {
		return f, fmt.Errorf("no complete backup: %w", err)
	}
	var m manifest
	if err := json.Unmarshal(raw, &m); err != nil {
		return f, fmt.Errorf("no complete backup: %w", err)
	}
	point, err := auditlog.Open(m.Note, m.Verifier)
	if err != nil {
		return f, err
	}
	if err := os.MkdirAll(cfg.Data, 0o700); err != nil {
		return f, err //nolint:wrapcheck // as above
	}
	for _, name := range []string{auditKeyFile, databaseFile} {
		if _, err := os.Stat(filepath.Join(cfg.Data, name)); err == nil {
			return f, ErrInUse
		}
	}
	// The copy is opened and not the backup itself: opening may write.
	work := filepath.Join(cfg.Data, "restore.db")
	if err := copyFile(filepath.Join(dir, databaseFile), work); err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, removeDatabase(work)) }()
	source, err := database.OpenFile(ctx, work, mustMigrations())
	if err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, source.Close()) }()
	return restoreFrom(ctx, source, dir, point.Size, cfg)
}

func restoreFrom(ctx context.Context, source *database.DB, dir string, size int64, cfg Config) (f Findings, err error) {
	files, err := OpenFolder(dir, true, cfg.Clock())
	if err != nil {
		return f, err
	}
	to, err := openTarget(ctx, cfg)
	if err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, to.Close()) }()
	if _, err := database.Copy(ctx, source, to, tables()); err != nil {
		return f, err
	}
	s := &Server{db: to, blobs: cfg.Blobs, clock: cfg.Clock}
	if s.blobs == nil {
		if s.blobs, err = OpenFolder(cfg.Data, cfg.Postgres != "", cfg.Clock()); err != nil {
			return f, err
		}
	}
	s.blobs = shortened{s.blobs, to}
	names, err := s.wholeNames(ctx)
	if err != nil {
		return f, err
	}
	for _, sha := range names {
		if err := copyBlob(ctx, files, s.blobs, sha); err != nil {
			return f, fmt.Errorf("file %s: %w", sha, err)
		}
	}
	if err := copyFile(filepath.Join(dir, auditKeyFile), filepath.Join(cfg.Data, auditKeyFile)); err != nil {
		return f, err
	}
	if f, err = s.Check(ctx); err == nil && f.Entries != size {
		f.add("the log has %d entries, the manifest says %d", f.Entries, size)
	}
	return f, err
}

// mustMigrations are the embedded migrations; they are part of the program.
func mustMigrations() database.Migrations {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic(err) // the name is a valid path
	}
	return files
}

// removeDatabase removes a SQLite file with what stands beside it.
func removeDatabase(path string) error {
	var errs []error
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(path + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

func copyFile(from, to string) (err error) {
	in, err := os.Open(filepath.Clean(from))
	if err != nil {
		return err //nolint:wrapcheck // the error names the file
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	out, err := os.OpenFile(filepath.Clean(to), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err //nolint:wrapcheck // as above
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Sync(), out.Close())
}

func writeSynced(path string, text []byte) error {
	f, err := os.OpenFile(filepath.Clean(path), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err //nolint:wrapcheck // the error names the file
	}
	_, err = f.Write(text)
	return errors.Join(err, f.Sync(), f.Close())
}

// SameTables compares the tables of the engines, in empty databases, with the
// list that is copied: a migration that forgets one loses data.
func SameTables(ctx context.Context, dir, url string) (err error) {
	file, err := database.OpenFile(ctx, filepath.Join(dir, databaseFile), mustMigrations())
	if err != nil {
		return fmt.Errorf("compare the engines: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	server, err := database.OpenPostgres(ctx, url, mustMigrations())
	if err != nil {
		return fmt.Errorf("compare the engines: %w", err)
	}
	defer func() { err = errors.Join(err, server.Close()) }()
	var want []string
	for _, t := range tables() {
		want = append(want, t.Name)
	}
	slices.Sort(want)
	for _, db := range []*database.DB{file, server} {
		got, err := db.Tables(ctx)
		if err != nil {
			return fmt.Errorf("compare the engines: %w", err)
		}
		if !slices.Equal(got, want) {
			return fmt.Errorf("%s has the tables %v, copied are %v", db.Engine(), got, want)
		}
	}
	for _, t := range want {
		left, errL := file.Columns(ctx, t)
		right, errR := server.Columns(ctx, t)
		if err := errors.Join(errL, errR); err != nil {
			return fmt.Errorf("compare the engines: %w", err)
		}
		if !slices.Equal(left, right) {
			return fmt.Errorf("table %s has the columns %v and %v", t, left, right)
		}
	}
	return nil
}
