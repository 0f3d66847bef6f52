package refserver

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"

	"github.com/google/uuid"

	"kyso/app/docsys/refserver/database"
)

// newID makes an identifier that sorts by time (UUID version 7, RFC 9562).
func newID() string { return uuid.Must(uuid.NewV7()).String() }

// work is one transaction of the server. What every fact brings with it, the
// figures that move and the entries of the audit log, is gathered and written
// at the end: so the rows that all transactions share are locked last, in one
// order, and briefly.
type work struct {
	*database.Tx

	s      *Server
	events []event
	deltas map[rollup]counts
	// touched are duties whose period may be closed.
	touched []touched
	wake    bool // a verification job was made
}

// inTx runs f in a transaction and commits it with its figures and its entries
// in the log. It may run more than once (package database).
func (s *Server) inTx(ctx context.Context, f func(*work) error) error {
	wake, told := false, false
	err := s.db.InTx(ctx, func(tx *database.Tx) error {
		w := &work{Tx: tx, s: s, deltas: map[rollup]counts{}}
		if err := f(w); err != nil {
			return err
		}
		if err := w.writeRollups(ctx); err != nil {
			return err
		}
		wake, told = w.wake, len(w.events) > 0 || len(w.deltas) > 0
		return w.writeEvents(ctx)
	})
	if err == nil && told {
		s.bell.ring(false)
	}
	if err == nil && wake {
		s.wakeWorker()
	}
	return err
}

// run runs statements one after the other.
func (w *work) run(ctx context.Context, what string, steps ...statement) error {
	for _, st := range steps {
		if _, err := w.Exec(ctx, st.query, st.args...); err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
	}
	return nil
}

type statement struct {
	query string
	args  []any
}

func do(query string, args ...any) statement { return statement{query, args} }

// lockDocument holds a document against other transactions until the end of
// this one, and gives its state.
func (w *work) lockDocument(ctx context.Context, id string) (state string, err error) {
	err = w.QueryRow(ctx, `SELECT state FROM document WHERE id=? FOR UPDATE`, id).Scan(&state)
	if errors.Is(err, sql.ErrNoRows) {
		return "", noDocument()
	}
	if err != nil {
		return "", fmt.Errorf("lock a document: %w", err)
	}
	return state, nil
}

// answer is a stored answer of an idempotent call.
type answer struct {
	status   int
	location string
	body     string
}

// fingerprint identifies a request: another request under the same key is refused.
func fingerprint(r *http.Request, body []byte) string {
	h := sha256.New()
	// The strings have no NUL; the body comes last.
	_, _ = fmt.Fprintf(h, "%s\x00%s\x00%s\x00", r.Method, r.URL.Path, r.Header.Get("If-Match"))
	_, _ = h.Write(body)
	return hex.EncodeToString(h.Sum(nil))
}

const (
	minKey = 8
	maxKey = 128
)

// once gives the stored answer of a key, or runs f and stores its answer in the
// same transaction. A refusal stores nothing: the client may correct and repeat.
// Of two calls that run at once with one key, one stores and the other finds.
func (s *Server) once(r *http.Request, key string, body []byte, f func(*work) (answer, error)) (answer, error) {
	if len(key) < minKey || len(key) > maxKey {
		return answer{}, refuse(http.StatusBadRequest, "idempotency-key", "Idempotency-Key phải có từ 8 đến 128 ký tự")
	}
	ctx, who, digest := r.Context(), callerOf(r), fingerprint(r, body)
	var a answer
	err := s.inTx(ctx, func(w *work) error {
		// A second call with the key waits here and then finds the answer.
		if err := w.Lock(ctx, who.account+" "+key); err != nil {
			return err
		}
		var known string
		err := w.QueryRow(ctx, `SELECT fingerprint, status, location, body FROM idem WHERE account=? AND key=?`, who.account, key).
			Scan(&known, &a.status, &a.location, &a.body)
		switch {
		case err == nil && known != digest:
			return refuse(http.StatusUnprocessableEntity, "idempotency-key-reused", "Idempotency-Key đã dùng cho một yêu cầu khác")
		case err == nil:
			return nil
		case !errors.Is(err, sql.ErrNoRows):
			return fmt.Errorf("look up the idempotency key: %w", err)
		}
		if a, err = f(w); err != nil {
			return err
		}
		return w.run(ctx, "store the answer", do(`INSERT INTO idem(account,key,fingerprint,status,location,body,at) VALUES(?,?,?,?,?,?,?)`,
			who.account, key, digest, a.status, a.location, a.body, s.clock().UnixMilli()))
	})
	return a, err
}

// replay sends a stored answer.
func (s *Server) replay(w http.ResponseWriter, a answer) {
	w.Header().Set("Content-Type", "application/json")
	if a.location != "" {
		w.Header().Set("Location", a.location)
	}
	w.WriteHeader(a.status)
	_, _ = w.Write([]byte(a.body)) // the client is gone when this fails
}
