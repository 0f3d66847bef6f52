package refserver

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"golang.org/x/mod/sumdb/tlog"

	"kyso/app/blob"
)

// Findings are what a check of all data found. The zero value but for the
// numbers is the only good one.
type Findings struct {
	Entries, Files int64 // of the log and of the store that were read
	// Wrong says what does not fit, one line each.
	Wrong []string
}

func (f *Findings) add(format string, args ...any) {
	f.Wrong = append(f.Wrong, fmt.Sprintf(format, args...))
}

// Check reads everything: the figures against the facts, the log against its
// tree, every file against its hash and every document against its versions.
func (s *Server) Check(ctx context.Context) (Findings, error) {
	var f Findings
	bad, err := s.Reconcile(ctx)
	if err != nil {
		return f, err
	}
	for _, d := range bad {
		f.add("figures of %s %s %s in %s: %s, facts %s", d.Kind, d.Period, d.Unit, d.Table, d.Figures, d.Facts)
	}
	for _, part := range []func(context.Context, *Findings) error{s.checkLog, s.checkCloses, s.checkDocuments, s.checkFiles, s.checkPieces} {
		if err := part(ctx, &f); err != nil {
			return f, fmt.Errorf("check the data: %w", err)
		}
	}
	return f, nil
}

// checkLog hashes every entry anew and compares with the tree that is stored.
func (s *Server) checkLog(ctx context.Context, f *Findings) error {
	size, err := s.auditSize(ctx)
	if err != nil {
		return err
	}
	var hashes []tlog.Hash
	made := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(indexes))
		for i, x := range indexes {
			out[i] = hashes[x]
		}
		return out, nil
	})
	for next := int64(0); next < size; {
		rows, err := s.db.Query(ctx, `SELECT body FROM audit WHERE seq>=? AND seq<? ORDER BY seq LIMIT 1000`, next, size)
		if err != nil {
			return fmt.Errorf("read the log: %w", err)
		}
		bodies, err := texts(rows)
		if err != nil {
			return fmt.Errorf("read the log: %w", err)
		}
		if len(bodies) == 0 {
			f.add("the log has %d entries and says %d", next, size)
			return nil
		}
		for _, body := range bodies {
			h, err := tlog.StoredHashes(next, []byte(body), made)
			if err != nil {
				return fmt.Errorf("hash the log: %w", err)
			}
			hashes = append(hashes, h...)
			next++
		}
	}
	f.Entries = size
	if size == 0 {
		return nil
	}
	root, err := tlog.TreeHash(size, made)
	if err != nil {
		return fmt.Errorf("hash the log: %w", err)
	}
	stored, err := tlog.TreeHash(size, hashesOf(ctx, s.db))
	if err != nil {
		f.add("the tree of the log: %v", err)
		return nil
	}
	if stored != root {
		f.add("the entries of the log have the root %v, its tree %v", root, stored)
	}
	return nil
}

// checkDocuments looks for rows that no transaction of the server leaves.
func (s *Server) checkDocuments(ctx context.Context, f *Findings) error {
	for what, query := range map[string]string{
		"a newest version that is not the document's":           `SELECT d.id FROM document d LEFT JOIN version v ON v.id=d.current AND v.document=d.id WHERE d.current<>'' AND v.id IS NULL`,
		"a pending version without a job":                       `SELECT v.id FROM version v LEFT JOIN job j ON j.version=v.id WHERE v.state='pending' AND j.version IS NULL`,
		"a pending duty without a job":                          `SELECT o.id FROM obligation o WHERE o.status='pending' AND NOT EXISTS (SELECT 1 FROM job j JOIN version v ON v.id=j.version WHERE v.document=o.document)`,
		"a fulfilled duty without its valid signature":          `SELECT o.id FROM obligation o LEFT JOIN signature s ON s.id=o.fulfilled_by AND s.indication='TOTAL-PASSED' WHERE o.fulfilled_by<>'' AND s.id IS NULL`,
		"a state that is not that of the last step":             `SELECT d.id FROM document d JOIN step t ON t.document=d.id WHERE t.seq=(SELECT max(seq) FROM step WHERE document=d.id) AND t.to_state<>d.state`,
		"an issued document of our own without its duty":        `SELECT d.id FROM document d WHERE d.state='issued' AND d.origin='own' AND d.medium='electronic' AND NOT EXISTS (SELECT 1 FROM obligation o WHERE o.document=d.id AND o.kind='approval')`,
		"a version whose file nobody is known to have stored":   `SELECT v.id FROM version v LEFT JOIN blob b ON b.sha256=v.sha256 WHERE b.sha256 IS NULL`,
		"an upload that says more or less than its pieces hold": `SELECT u.id FROM upload u WHERE u.received<u.size AND u.received<>(SELECT coalesce(sum(p.size),0) FROM upload_part p WHERE p.upload=u.id)`,
	} {
		rows, err := s.db.Query(ctx, query+` LIMIT 20`)
		if err != nil {
			return fmt.Errorf("look for %s: %w", what, err)
		}
		found, err := texts(rows)
		if err != nil {
			return fmt.Errorf("look for %s: %w", what, err)
		}
		for _, id := range found {
			f.add("%s: %s", what, id)
		}
	}
	return nil
}

// checkFiles reads every file that the database names.
func (s *Server) checkFiles(ctx context.Context, f *Findings) error {
	names, err := s.fileNames(ctx)
	if err != nil {
		return err
	}
	for _, sha := range names {
		f.Files++
		err := checkStored(ctx, s.blobs, sha)
		if _, mismatch := errors.AsType[*blob.MismatchError](err); mismatch || errors.Is(err, fs.ErrNotExist) {
			f.add("file %s: %v", sha, err)
		} else if err != nil {
			return err
		}
	}
	return nil
}

// checkPieces looks for the noted pieces of uploads that are under way; they have
// no hash of their own.
func (s *Server) checkPieces(ctx context.Context, f *Findings) error {
	rows, err := s.db.Query(ctx, `SELECT name FROM upload_part ORDER BY name`)
	if err != nil {
		return fmt.Errorf("list the pieces: %w", err)
	}
	names, err := texts(rows)
	if err != nil {
		return fmt.Errorf("list the pieces: %w", err)
	}
	for _, name := range names {
		r, err := s.blobs.OpenPart(ctx, name)
		if err == nil {
			err = r.Close()
		}
		if errors.Is(err, fs.ErrNotExist) {
			var n int // a server at work may have finished the upload
			if err = s.db.QueryRow(ctx, `SELECT count(*) FROM upload_part WHERE name=?`, name).Scan(&n); err == nil && n > 0 {
				f.add("a piece of an upload is lost: %s", name)
			}
		}
		if err != nil {
			return fmt.Errorf("look at a piece: %w", err)
		}
	}
	return nil
}

// fileNames are the files that the database names.
func (s *Server) fileNames(ctx context.Context) ([]string, error) { return s.namesOf(ctx, ``) }

// wholeNames leaves out those that are the beginnings of others.
func (s *Server) wholeNames(ctx context.Context) ([]string, error) {
	return s.namesOf(ctx, ` EXCEPT SELECT b.sha256 FROM version b JOIN version v ON v.base=b.id WHERE v.size>b.size`)
}

func (s *Server) namesOf(ctx context.Context, except string) ([]string, error) {
	rows, err := s.db.Query(ctx, `SELECT sha256 FROM (SELECT sha256 FROM blob UNION SELECT sha256 FROM version) n`+except+` ORDER BY 1`)
	if err != nil {
		return nil, fmt.Errorf("list the files: %w", err)
	}
	names, err := texts(rows)
	if err != nil {
		return nil, fmt.Errorf("list the files: %w", err)
	}
	return names, nil
}

// checkStored reads a file and compares its hash with its name.
func checkStored(ctx context.Context, b Blobs, sha string) (err error) {
	f, err := b.Open(ctx, sha)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return blob.Copy(io.Discard, f, sha)
}
