package refserver

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"kyso/app/docsys/api"
	"kyso/app/docsys/auditlog"
	"kyso/app/docsys/refserver/database"
)

// event is an entry of the audit log: a leaf of its tree. The text of a
// document is not in it, so that a log can be shown to an auditor.
type event struct {
	Seq     int64  `json:"seq"`
	At      string `json:"at"`      // RFC 3339, UTC
	Account string `json:"account"` // empty: the server
	Event   string `json:"event"`
	Object  string `json:"object"`
	Detail  string `json:"detail"`
}

// note adds an entry to the log of the transaction.
func (w *work) note(account, name, object, detail string) {
	w.events = append(w.events, event{At: w.s.clock().UTC().Format(time.RFC3339Nano), Account: account, Event: name, Object: object, Detail: detail})
}

// writeEvents appends the entries and the hashes of their tree, and what
// follows from the order of the log. The head is locked from here to the commit:
// the log has no gaps and one order.
func (w *work) writeEvents(ctx context.Context) error {
	if len(w.events) == 0 && len(w.deltas) == 0 && len(w.touched) == 0 {
		return nil
	}
	var size, told int64
	if err := w.QueryRow(ctx, `SELECT size, feed FROM audit_head WHERE one=1 FOR UPDATE`).Scan(&size, &told); err != nil {
		return fmt.Errorf("lock the audit log: %w", err)
	}
	if err := w.keepClosed(ctx); err != nil {
		return err
	}
	told, err := w.writeFeed(ctx, told)
	if err != nil {
		return err
	}
	for _, e := range w.events {
		e.Seq = size
		body, err := json.Marshal(e)
		if err != nil {
			return fmt.Errorf("write the audit log: %w", err)
		}
		hashes, err := tlog.StoredHashes(size, body, hashesOf(ctx, w.Tx))
		if err != nil {
			return fmt.Errorf("write the audit log: %w", err)
		}
		if _, err := w.Exec(ctx, `INSERT INTO audit(seq,body) VALUES(?,?)`, size, string(body)); err != nil {
			return fmt.Errorf("write the audit log: %w", err)
		}
		first := tlog.StoredHashIndex(0, size)
		for i, h := range hashes {
			if _, err := w.Exec(ctx, `INSERT INTO audit_hash(idx,hash) VALUES(?,?)`, first+int64(i), h[:]); err != nil {
				return fmt.Errorf("write the audit log: %w", err)
			}
		}
		size++
	}
	if _, err := w.Exec(ctx, `UPDATE audit_head SET size=?, feed=? WHERE one=1`, size, told); err != nil {
		return fmt.Errorf("write the audit log: %w", err)
	}
	return nil
}

// rower reads rows, in a transaction or outside of one.
type rower interface {
	QueryRow(ctx context.Context, query string, args ...any) *sql.Row
}

var (
	_ rower = (*database.DB)(nil)
	_ rower = (*database.Tx)(nil)
)

// hashesOf reads stored hashes. What is stored never changes, so a proof for
// a size may be read while the log grows.
func hashesOf(ctx context.Context, db rower) tlog.HashReader {
	return tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(indexes))
		for i, idx := range indexes {
			var raw []byte
			if err := db.QueryRow(ctx, `SELECT hash FROM audit_hash WHERE idx=?`, idx).Scan(&raw); err != nil {
				return nil, fmt.Errorf("read hash %d of the audit log: %w", idx, err)
			}
			if len(raw) != tlog.HashSize {
				return nil, fmt.Errorf("hash %d of the audit log has %d bytes", idx, len(raw))
			}
			copy(out[i][:], raw)
		}
		return out, nil
	})
}

const (
	auditKeyFile = "audit.key"
	auditOrigin  = "kyso-docserver"
)

// openAuditKey reads or makes the key that signs checkpoints, in a file of its
// own. A database whose log another key signed is refused: clients would take
// the change for an attack.
func (s *Server) openAuditKey(ctx context.Context, path string) error {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		text, err = makeAuditKey(path)
	}
	if err != nil {
		return fmt.Errorf("read the key of the audit log: %w", err)
	}
	private, verifier, _ := strings.Cut(strings.TrimSpace(string(text)), "\n")
	if s.signer, err = note.NewSigner(private); err != nil {
		return errors.New("read the key of the audit log: not a signer key") // the text of the error holds the key
	}
	s.verifier = verifier
	return s.inTx(ctx, func(w *work) error {
		var known string
		if err := w.QueryRow(ctx, `SELECT verifier FROM audit_head WHERE one=1 FOR UPDATE`).Scan(&known); err != nil {
			return fmt.Errorf("look up the key of the audit log: %w", err)
		}
		switch known {
		case verifier:
			return nil
		case "":
			return w.run(ctx, "note the key of the audit log", do(`UPDATE audit_head SET verifier=? WHERE one=1`, verifier))
		}
		return fmt.Errorf("the audit log is signed by %s, and %s holds another key", known, path)
	})
}

func makeAuditKey(path string) ([]byte, error) {
	private, verifier, err := note.GenerateKey(rand.Reader, auditOrigin)
	if err != nil {
		return nil, fmt.Errorf("make a key: %w", err)
	}
	text := []byte(private + "\n" + verifier + "\n")
	f, err := os.OpenFile(filepath.Clean(path), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, fmt.Errorf("store the key: %w", err)
	}
	_, err = f.Write(text)
	return text, errors.Join(err, f.Sync(), f.Close())
}

// auditSize is the number of entries that are committed.
func (s *Server) auditSize(ctx context.Context) (int64, error) {
	var size int64
	if err := s.db.QueryRow(ctx, `SELECT size FROM audit_head WHERE one=1`).Scan(&size); err != nil {
		return 0, fmt.Errorf("read the size of the audit log: %w", err)
	}
	return size, nil
}

// checkpoint signs the state of the log.
func (s *Server) checkpoint(ctx context.Context) (string, error) {
	size, err := s.auditSize(ctx)
	if err != nil {
		return "", err
	}
	root, err := tlog.TreeHash(size, hashesOf(ctx, s.db))
	if err != nil {
		return "", fmt.Errorf("hash the audit log: %w", err)
	}
	signed, err := note.Sign(&note.Note{Text: auditlog.Checkpoint{Origin: auditOrigin, Size: size, Root: root}.Text()}, s.signer)
	if err != nil {
		return "", fmt.Errorf("sign the audit log: %w", err)
	}
	return string(signed), nil
}

// GetCheckpoint implements GET /audit/checkpoint.
func (c calls) GetCheckpoint(w http.ResponseWriter, r *http.Request) {
	signed, err := c.checkpoint(r.Context())
	if err != nil {
		c.fail(w, r, err)
		return
	}
	c.send(w, r, http.StatusOK, api.Checkpoint{Note: signed, Verifier: c.verifier})
}

// GetInclusion implements GET /audit/inclusion.
func (c calls) GetInclusion(w http.ResponseWriter, r *http.Request, p api.GetInclusionParams) {
	ctx, who := r.Context(), callerOf(r)
	size, err := c.auditSize(ctx)
	if err == nil && (p.Seq < 0 || p.Size > size || p.Seq >= p.Size) {
		err = refuse(http.StatusBadRequest, "bad-range", "Nhật ký không có mục này", fmt.Sprintf("seq %d, size %d", p.Seq, p.Size))
	}
	if err != nil {
		c.fail(w, r, err)
		return
	}
	var body string
	if err := c.db.QueryRow(ctx, `SELECT body FROM audit WHERE seq=?`, p.Seq).Scan(&body); err != nil {
		c.fail(w, r, fmt.Errorf("read the audit log: %w", err))
		return
	}
	var e event
	if err := json.Unmarshal([]byte(body), &e); err != nil {
		c.fail(w, r, fmt.Errorf("read the audit log: %w", err))
		return
	}
	if e.Account != who.account && !who.has(scopeAll) {
		c.fail(w, r, refuse(http.StatusForbidden, "not-your-entry", "Mục nhật ký này không phải của tài khoản"))
		return
	}
	proof, err := tlog.ProveRecord(p.Size, p.Seq, hashesOf(ctx, c.db))
	if err != nil {
		c.fail(w, r, fmt.Errorf("prove an entry: %w", err))
		return
	}
	c.send(w, r, http.StatusOK, api.Inclusion{Entry: body, Proof: proofTexts(proof)})
}

// GetConsistency implements GET /audit/consistency.
func (c calls) GetConsistency(w http.ResponseWriter, r *http.Request, p api.GetConsistencyParams) {
	ctx := r.Context()
	size, err := c.auditSize(ctx)
	if err == nil && (p.From < 1 || p.To > size || p.From > p.To) {
		err = refuse(http.StatusBadRequest, "bad-range", "Nhật ký không có đoạn này", fmt.Sprintf("from %d, to %d", p.From, p.To))
	}
	if err != nil {
		c.fail(w, r, err)
		return
	}
	proof, err := tlog.ProveTree(p.To, p.From, hashesOf(ctx, c.db))
	if err != nil {
		c.fail(w, r, fmt.Errorf("prove the history: %w", err))
		return
	}
	c.send(w, r, http.StatusOK, api.Consistency{Proof: proofTexts(proof)})
}

func proofTexts(hashes []tlog.Hash) []string {
	out := make([]string, len(hashes))
	for i, h := range hashes {
		out[i] = base64.StdEncoding.EncodeToString(h[:])
	}
	return out
}

const maxEntries = 1000

// ListAudit implements GET /audit/entries.
func (c calls) ListAudit(w http.ResponseWriter, r *http.Request, p api.ListAuditParams) {
	size, err := c.auditSize(r.Context())
	if err != nil {
		c.fail(w, r, err)
		return
	}
	limit := defaultLimit
	if p.Limit != nil {
		limit = min(maxEntries, max(1, *p.Limit))
	}
	rows, err := c.db.Query(r.Context(), `SELECT body FROM audit WHERE seq>=? AND seq<? ORDER BY seq LIMIT ?`, value(p.From), size, limit)
	if err != nil {
		c.fail(w, r, fmt.Errorf("read the audit log: %w", err))
		return
	}
	list := api.AuditEntries{Size: size}
	if list.Entries, err = texts(rows); err != nil {
		c.fail(w, r, fmt.Errorf("read the audit log: %w", err))
		return
	}
	c.send(w, r, http.StatusOK, list)
}

// texts reads rows of one text and closes them.
func texts(rows *sql.Rows) ([]string, error) {
	defer func() { _ = rows.Close() }()
	out := []string{}
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, err //nolint:wrapcheck // the caller names the object
		}
		out = append(out, s)
	}
	return out, rows.Err() //nolint:wrapcheck // as above
}
