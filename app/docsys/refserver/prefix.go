package refserver

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"

	"kyso/app/blob"
	"kyso/app/docsys/refserver/database"
)

// shortened is a store that keeps of a version that was signed further only the
// longer file: a signature is an incremental update, so the earlier version is
// its beginning. The server has compared every byte before it took the longer
// one; see extends.
type shortened struct {
	Blobs

	db *database.DB
}

// Open opens a file, or as much of a longer one as it was.
func (s shortened) Open(ctx context.Context, sha256 string) (File, error) {
	f, err := s.Blobs.Open(ctx, sha256)
	if !errors.Is(err, fs.ErrNotExist) {
		return f, err
	}
	missing, size := err, int64(-1)
	for name := sha256; ; { // each turn goes on to a longer file
		var longer string
		var length int64
		// CROSS JOIN has SQLite begin with the file that is asked for.
		err := s.db.QueryRow(ctx, `SELECT v.sha256, b.size FROM version b CROSS JOIN version v WHERE b.sha256=? AND v.base=b.id AND v.size>b.size ORDER BY v.size DESC, v.sha256 LIMIT 1`, name).
			Scan(&longer, &length)
		if errors.Is(err, sql.ErrNoRows) {
			return nil, missing
		}
		if err != nil {
			return nil, fmt.Errorf("look for a file that begins with another: %w", err)
		}
		if size < 0 {
			size = length
		}
		f, err := s.Blobs.Open(ctx, longer)
		if err == nil {
			return &beginning{io.NewSectionReader(f, 0, size), f}, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		name = longer
	}
}

// beginning is the first bytes of a file.
type beginning struct {
	*io.SectionReader

	whole File
}

// Close closes the whole file.
func (b *beginning) Close() error {
	if err := b.whole.Close(); err != nil {
		return fmt.Errorf("close a file: %w", err)
	}
	return nil
}

// shorten removes the file of the version that v extends, once its bytes were
// read again as the beginning of v's file. A failure costs room and nothing else.
func (s *Server) shorten(ctx context.Context, v versionRow) {
	err := s.dropBase(ctx, v)
	if err != nil && ctx.Err() == nil {
		s.log.WarnContext(ctx, "file of an earlier version kept", slog.String("version", v.id), slog.Any("error", err))
	}
}

func (s *Server) dropBase(ctx context.Context, v versionRow) error {
	var base string
	var size int64
	err := s.db.QueryRow(ctx, `SELECT b.sha256, b.size FROM version v JOIN version b ON b.id=v.base WHERE v.id=? AND v.size>b.size`, v.id).Scan(&base, &size)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look up the version before: %w", err)
	}
	f, err := s.blobs.Open(ctx, v.sha256)
	if err != nil {
		return err
	}
	begin := &beginning{io.NewSectionReader(f, 0, size), f}
	if err := blob.Copy(io.Discard, begin, base); err != nil {
		return errors.Join(err, begin.Close())
	}
	if err := begin.Close(); err != nil {
		return err
	}
	return s.blobs.Remove(ctx, base)
}
