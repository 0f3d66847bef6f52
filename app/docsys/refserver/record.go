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
)

// newID makes an identifier that sorts by time (UUID version 7, RFC 9562).
func newID() string { return uuid.Must(uuid.NewV7()).String() }

// note appends to the audit log, in the transaction of the fact.
//
//nolint:revive // one row of the table
func (s *Server) note(ctx context.Context, tx *sql.Tx, account, event, object, detail string) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO audit(at,account,event,object,detail) VALUES(?,?,?,?,?)`,
		s.clock().UnixMilli(), account, event, object, detail)
	if err != nil {
		return fmt.Errorf("note %s: %w", event, err)
	}
	return nil
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
func (s *Server) once(r *http.Request, key string, body []byte, f func(*sql.Tx) (answer, error)) (answer, error) {
	if len(key) < minKey || len(key) > maxKey {
		return answer{}, refuse(http.StatusBadRequest, "idempotency-key", "Idempotency-Key phải có từ 8 đến 128 ký tự")
	}
	ctx, who, digest := r.Context(), callerOf(r), fingerprint(r, body)
	var a answer
	err := s.db.InTx(ctx, func(tx *sql.Tx) error {
		var known string
		err := tx.QueryRowContext(ctx, `SELECT fingerprint, status, location, body FROM idem WHERE account=? AND key=?`, who.account, key).
			Scan(&known, &a.status, &a.location, &a.body)
		switch {
		case err == nil && known != digest:
			return refuse(http.StatusUnprocessableEntity, "idempotency-key-reused", "Idempotency-Key đã dùng cho một yêu cầu khác")
		case err == nil:
			return nil
		case !errors.Is(err, sql.ErrNoRows):
			return fmt.Errorf("look up the idempotency key: %w", err)
		}
		if a, err = f(tx); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO idem(account,key,fingerprint,status,location,body,at) VALUES(?,?,?,?,?,?,?)`,
			who.account, key, digest, a.status, a.location, a.body, s.clock().UnixMilli())
		if err != nil {
			return fmt.Errorf("store the answer: %w", err)
		}
		return nil
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
