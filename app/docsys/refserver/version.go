package refserver

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"kyso/app/docsys"
	"kyso/app/docsys/api"
)

// versionRow is a version as the database has it.
type versionRow struct {
	id, document, sha256, stage, state, why string
	seq                                     int
	size, receivedAt                        int64
}

const versionColumns = `id, document, sha256, stage, state, why, seq, size, received_at`

func scanVersion(row interface{ Scan(...any) error }) (versionRow, error) {
	var v versionRow
	if err := row.Scan(&v.id, &v.document, &v.sha256, &v.stage, &v.state, &v.why, &v.seq, &v.size, &v.receivedAt); err != nil {
		return versionRow{}, fmt.Errorf("read a version: %w", err)
	}
	return v, nil
}

// AddVersion implements POST /documents/{id}/versions.
func (c calls) AddVersion(w http.ResponseWriter, r *http.Request, id string, params api.AddVersionParams) {
	in, raw, err := receive[api.NewVersion](w, r)
	if err != nil {
		c.fail(w, r, err)
		return
	}
	ctx, who := r.Context(), callerOf(r)
	if _, err := c.sharedDocument(ctx, who, id); err != nil {
		c.fail(w, r, err)
		return
	}
	if !in.Stage.Valid() {
		c.fail(w, r, refuse(http.StatusUnprocessableEntity, "bad-stage", "Bước xử lý không đúng"))
		return
	}
	base := strings.Trim(value(params.IfMatch), `"`)
	// The bytes are compared before the transaction: it must be short.
	extends := c.extends(ctx, base, in.Sha256)
	a, err := c.once(r, params.IdempotencyKey, raw, func(tx *work) (answer, error) {
		return c.commit(ctx, tx, who, commitment{document: id, base: base, sha256: in.Sha256, size: in.Size, stage: string(in.Stage), extends: extends})
	})
	if err != nil {
		c.fail(w, r, err)
		return
	}
	c.replay(w, a)
}

// commitment is a version to commit. extends is what came of comparing the bytes.
type commitment struct {
	document, base, sha256, stage string
	size                          int64
	extends                       error
}

// commit adds the version, or finds the one that has the same bytes.
func (s *Server) commit(ctx context.Context, tx *work, who caller, in commitment) (answer, error) {
	state, err := tx.lockDocument(ctx, in.document)
	if err != nil {
		return answer{}, err
	}
	same, err := scanVersion(tx.QueryRow(ctx, `SELECT `+versionColumns+` FROM version WHERE document=? AND sha256=?`, in.document, in.sha256))
	if err == nil {
		return receiptOf(same)
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return answer{}, err
	}
	if err := checkBlob(ctx, tx, who, in); err != nil {
		return answer{}, err
	}
	if !slices.Contains(stages()[state], in.stage) {
		return answer{}, wrongState(state)
	}
	var current string
	if err := tx.QueryRow(ctx, `SELECT current FROM document WHERE id=?`, in.document).Scan(&current); err != nil {
		return answer{}, fmt.Errorf("look up the newest version: %w", err)
	}
	if err := checkBase(current, in, takesContent(state)); err != nil {
		return answer{}, err
	}
	v, err := tx.insertVersion(ctx, who.account, in)
	if err != nil {
		return answer{}, err
	}
	return receiptOf(v)
}

func checkBlob(ctx context.Context, tx *work, who caller, in commitment) error {
	var size int64
	err := tx.QueryRow(ctx, `SELECT size FROM blob WHERE sha256=? AND unit=?`, in.sha256, who.unit).Scan(&size)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return refuse(http.StatusUnprocessableEntity, "blob-missing", "Tệp chưa được tải lên")
	case err != nil:
		return fmt.Errorf("look up the blob: %w", err)
	case size != in.size:
		return refuse(http.StatusUnprocessableEntity, "size-mismatch", "Độ dài tệp khác với khai báo")
	}
	return nil
}

// checkBase guards against a lost update, and against a file that drops what
// was signed. New content is free of the latter.
func checkBase(current string, in commitment, content bool) error {
	switch {
	case current != "" && in.base == "":
		return refuse(http.StatusPreconditionRequired, "base-required", "Phải nêu phiên bản được ký tiếp (If-Match)")
	case current != in.base:
		return refuse(http.StatusPreconditionFailed, "newer-version", "Đã có bản mới hơn")
	case content && isRefusal(in.extends, "not-an-extension"):
		return nil
	}
	return in.extends
}

// isRefusal reports a problem of a kind.
func isRefusal(err error, kind string) bool {
	p, ok := errors.AsType[*docsys.Problem](err)
	return ok && p.Type == "/problems/"+kind
}

// extends compares the bytes of a base version with those of a new file: every
// one must be there at its place, since signatures are incremental updates.
func (s *Server) extends(ctx context.Context, base, sha256 string) error {
	if base == "" {
		return nil
	}
	var old string
	err := s.db.QueryRow(ctx, `SELECT sha256 FROM version WHERE id=?`, base).Scan(&old)
	if errors.Is(err, sql.ErrNoRows) {
		return nil // checkBase refuses it
	}
	if err != nil {
		return fmt.Errorf("look up the base version: %w", err)
	}
	ok, err := s.hasPrefix(ctx, sha256, old)
	if err != nil {
		return refuse(http.StatusUnprocessableEntity, "blob-missing", "Tệp chưa được tải lên")
	}
	if !ok {
		return refuse(http.StatusUnprocessableEntity, "not-an-extension", "Tệp mới không nối tiếp phiên bản trước: nội dung đã ký có thể bị thay đổi")
	}
	return nil
}

// hasPrefix reports whether blob long begins with all of blob short.
func (s *Server) hasPrefix(ctx context.Context, long, short string) (bool, error) {
	a, err := s.blobs.Open(ctx, long)
	if err != nil {
		return false, err
	}
	defer func() { _ = a.Close() }()
	b, err := s.blobs.Open(ctx, short)
	if err != nil {
		return false, err
	}
	defer func() { _ = b.Close() }()
	const chunk = 64 << 10
	left, right := make([]byte, chunk), make([]byte, chunk)
	for {
		n, err := io.ReadFull(b, right)
		if n > 0 {
			if m, _ := io.ReadFull(a, left[:n]); m < n || !bytes.Equal(left[:n], right[:n]) {
				return false, nil
			}
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return true, nil
		}
		if err != nil {
			return false, fmt.Errorf("compare versions: %w", err)
		}
	}
}

// insertVersion adds a version as the document's newest, its duties as being
// verified, and the job to verify it.
func (w *work) insertVersion(ctx context.Context, account string, in commitment) (versionRow, error) {
	v := versionRow{id: newID(), document: in.document, sha256: in.sha256, size: in.size, stage: in.stage, state: "pending", receivedAt: w.s.clock().UnixMilli()}
	base := in.base
	if isRefusal(in.extends, "not-an-extension") {
		base = "" // new content extends nothing
	}
	err := w.run(ctx, "insert a version",
		do(`INSERT INTO version(id,document,seq,base,sha256,size,stage,state,received_at,received_by)
			VALUES(?,?,(SELECT coalesce(max(seq),0)+1 FROM version WHERE document=?),?,?,?,?,'pending',?,?)`,
			v.id, v.document, v.document, base, v.sha256, v.size, v.stage, v.receivedAt, account),
		do(`UPDATE document SET current=?, changed_at=? WHERE id=?`, v.id, v.receivedAt, v.document))
	if err != nil {
		return versionRow{}, err
	}
	if kind := map[string]string{"signed": "approval", "initialled": "initials", "sealed": "seal"}[v.stage]; kind != "" {
		_, err := w.changeObligations(ctx, func(o *obligation) { o.status = "pending" }, `o.document=? AND o.status='open' AND o.kind=?`, v.document, kind)
		if err != nil {
			return versionRow{}, err
		}
	}
	w.note(account, "version.received", v.id, v.sha256)
	return v, w.enqueue(ctx, v.id)
}

// enqueue asks for a verification of a version, now.
func (w *work) enqueue(ctx context.Context, version string) error {
	now := w.s.clock().UnixMilli()
	w.wake = true
	return w.run(ctx, "ask for a verification", do(`INSERT INTO job(version,run_at,since) VALUES(?,?,?)
		ON CONFLICT (version) DO UPDATE SET run_at=excluded.run_at, tries=0, since=excluded.since, lease=''`, version, now, now))
}

func receiptOf(v versionRow) (answer, error) {
	body, err := json.Marshal(docsys.Receipt{Version: v.id, SHA256: v.sha256, ReceivedAt: time.UnixMilli(v.receivedAt).UTC()})
	if err != nil {
		return answer{}, fmt.Errorf("encode the receipt: %w", err)
	}
	return answer{status: http.StatusAccepted, location: "/v1/versions/" + v.id, body: string(body)}, nil
}

// visibleVersion gives a version of a document that the caller may see.
func (s *Server) visibleVersion(r *http.Request, id string) (versionRow, error) {
	v, err := scanVersion(s.db.QueryRow(r.Context(), `SELECT `+versionColumns+` FROM version WHERE id=?`, id))
	if errors.Is(err, sql.ErrNoRows) {
		return versionRow{}, refuse(http.StatusNotFound, "not-found", "Không có phiên bản này")
	}
	if err != nil {
		return versionRow{}, err
	}
	_, err = s.sharedDocument(r.Context(), callerOf(r), v.document)
	return v, err
}

// GetVersion implements GET /versions/{id}.
func (c calls) GetVersion(w http.ResponseWriter, r *http.Request, id string) {
	v, err := c.visibleVersion(r, id)
	if err != nil {
		c.fail(w, r, err)
		return
	}
	var fulfilled string
	err = c.db.QueryRow(r.Context(), `SELECT coalesce(string_agg(o.kind, '`+"\n"+`'),'') FROM obligation o
		JOIN signature s ON s.id=o.fulfilled_by WHERE o.document=? AND s.version=?`, v.document, id).Scan(&fulfilled)
	if err != nil {
		c.fail(w, r, fmt.Errorf("look up what a version fulfilled: %w", err))
		return
	}
	c.send(w, r, http.StatusOK, docsys.VersionStatus{Version: v.id, State: v.state, Why: v.why, Fulfilled: lines(fulfilled)})
}

// ListVersions implements GET /documents/{id}/versions.
func (c calls) ListVersions(w http.ResponseWriter, r *http.Request, id string) {
	ctx := r.Context()
	if _, err := c.sharedDocument(ctx, callerOf(r), id); err != nil {
		c.fail(w, r, err)
		return
	}
	rows, err := c.db.Query(ctx, `SELECT id, seq, base, stage, state, why, sha256, size, received_at FROM version WHERE document=? ORDER BY seq`, id)
	if err != nil {
		c.fail(w, r, fmt.Errorf("list versions: %w", err))
		return
	}
	defer func() { _ = rows.Close() }()
	list := api.VersionList{Versions: []api.Version{}}
	for rows.Next() {
		var v api.Version
		var base, why string
		var at int64
		if err := rows.Scan(&v.Id, &v.Seq, &base, &v.Stage, &v.State, &why, &v.Sha256, &v.Size, &at); err != nil {
			c.fail(w, r, fmt.Errorf("list versions: %w", err))
			return
		}
		v.Base, v.Why, v.ReceivedAt = unlessEmpty(base), unlessEmpty(why), time.UnixMilli(at).UTC()
		list.Versions = append(list.Versions, v)
	}
	if err := rows.Err(); err != nil {
		c.fail(w, r, fmt.Errorf("list versions: %w", err))
		return
	}
	c.send(w, r, http.StatusOK, list)
}

// GetContent implements GET /versions/{id}/content.
func (c calls) GetContent(w http.ResponseWriter, r *http.Request, id string) {
	v, err := c.visibleVersion(r, id)
	if err != nil {
		c.fail(w, r, err)
		return
	}
	f, err := c.blobs.Open(r.Context(), v.sha256)
	if err != nil {
		c.fail(w, r, err)
		return
	}
	defer func() { _ = f.Close() }()
	digest, err := hex.DecodeString(v.sha256)
	if err != nil {
		c.fail(w, r, fmt.Errorf("read a digest of the database: %w", err))
		return
	}
	w.Header().Set("Content-Type", "application/pdf")
	w.Header().Set("ETag", `"`+v.id+`"`)
	w.Header().Set("Repr-Digest", "sha-256=:"+base64.StdEncoding.EncodeToString(digest)+":")
	http.ServeContent(w, r, "", time.UnixMilli(v.receivedAt), f)
}
