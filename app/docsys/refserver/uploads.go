package refserver

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"kyso/app/docsys"
	"kyso/app/docsys/api"
)

// Uploads by tus 1.0.0 (https://tus.io/protocols/resumable-upload): core and the
// extensions creation, creation-with-upload, termination, expiration, checksum.
//
// A file comes in pieces. A piece is stored durably under a name of its own, and
// only then noted in the database, which alone says how much has arrived: so a
// crash forgets at most what was not acknowledged, and several servers may take
// pieces of one upload. The last piece is not noted: the whole is stored as a
// blob first, and both become known in one transaction.
const (
	tusVersion    = "1.0.0"
	tusExtensions = "creation,creation-with-upload,termination,expiration,checksum"
	tusAlgorithms = "sha256,sha1"

	uploadFor        = 24 * time.Hour // after its last bytes
	sweepEvery       = 10 * time.Minute
	abandonedPiece   = time.Hour // longer than it takes to note one
	defaultMaxUpload = 512 << 20
	maxOpenUploads   = 32 // of one account
	maxOpenFiles     = 8  // times the largest file: the bytes that an account may announce
	maxMetadata      = 2000

	uploadsPath = "/v1/uploads/"
)

// uploadRow is an upload as the database knows it.
type uploadRow struct {
	id, account, sha256, metadata string
	size, received                int64
	expires                       int64 // milliseconds
}

func (u uploadRow) whole() bool { return u.received == u.size }

func noUpload() *docsys.Problem {
	return refuse(http.StatusNotFound, "not-found", "Không có lượt tải lên này")
}

func wrongOffset(received int64) *docsys.Problem {
	return refuse(http.StatusConflict, "wrong-offset", "Vị trí tải tiếp không đúng, sẽ hỏi lại", fmt.Sprintf("the server has %d bytes", received))
}

// resumable answers for the protocol before the calls of the contract are found:
// the version, and a method in a header for those whose proxy knows no PATCH.
func (s *Server) resumable(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, uploadsPath) {
			next.ServeHTTP(w, r)
			return
		}
		if m := r.Header.Get("X-HTTP-Method-Override"); m != "" {
			r.Method = m
		}
		w.Header().Set("Tus-Resumable", tusVersion)
		switch {
		case r.Method == http.MethodOptions || r.Method == http.MethodGet:
		case r.Header.Get("Tus-Resumable") != tusVersion:
			w.Header().Set("Tus-Version", tusVersion)
			s.fail(w, r, refuse(http.StatusPreconditionFailed, "tus-version", "Máy chủ chỉ nhận giao thức tus 1.0.0"))
			return
		}
		next.ServeHTTP(w, r)
	})
}

// DescribeUploads implements OPTIONS /uploads/.
func (c calls) DescribeUploads(w http.ResponseWriter, _ *http.Request) {
	h := w.Header()
	h.Set("Tus-Version", tusVersion)
	h.Set("Tus-Extension", tusExtensions)
	h.Set("Tus-Checksum-Algorithm", tusAlgorithms)
	h.Set("Tus-Max-Size", strconv.FormatInt(c.maxUpload, 10))
	w.WriteHeader(http.StatusNoContent)
}

// CreateUpload implements POST /uploads/.
func (c calls) CreateUpload(w http.ResponseWriter, r *http.Request, p api.CreateUploadParams) {
	sha, err := announced(p.UploadMetadata)
	if err == nil {
		err = c.acceptableSize(p.UploadLength)
	}
	if err == nil && r.ContentLength != 0 {
		err = checkOffsetType(r)
	}
	if err != nil {
		c.fail(w, r, err)
		return
	}
	u := uploadRow{
		id: rand.Text(), account: callerOf(r).account, sha256: sha, size: p.UploadLength, metadata: p.UploadMetadata,
		expires: c.clock().Add(uploadFor).UnixMilli(),
	}
	if err := c.beginUpload(r.Context(), u); err != nil {
		c.fail(w, r, err)
		return
	}
	if r.ContentLength != 0 || u.size == 0 {
		u, err = c.receiveUpload(w, r, u, value(p.UploadChecksum))
	}
	if err != nil {
		c.unbegin(context.WithoutCancel(r.Context()), u)
		c.fail(w, r, err)
		return
	}
	w.Header().Set("Location", uploadsPath+u.id)
	tellUpload(w, u)
	w.WriteHeader(http.StatusCreated)
}

// unbegin forgets an upload whose address its client will not learn.
func (s *Server) unbegin(ctx context.Context, u uploadRow) {
	_, err := s.findUpload(ctx, u.account, u.id)
	if err == nil {
		err = s.dropUpload(ctx, u.id, "refused")
	}
	if _, gone := errors.AsType[*docsys.Problem](err); err != nil && !gone {
		s.log.WarnContext(ctx, "upload not forgotten", slog.Any("error", err)) // it expires
	}
}

// announced gives the hash that the metadata names.
func announced(metadata string) (string, error) {
	bad := func(why string) error {
		return refuse(http.StatusBadRequest, "bad-metadata", "Upload-Metadata phải có sha256 của tệp", why)
	}
	if len(metadata) > maxMetadata {
		return "", bad("too long")
	}
	sha := ""
	for pair := range strings.SplitSeq(metadata, ",") {
		key, coded, _ := strings.Cut(strings.TrimSpace(pair), " ")
		plain, err := base64.StdEncoding.DecodeString(coded)
		if err != nil || strings.ContainsFunc(key, func(c rune) bool { return c <= ' ' || c > '~' }) {
			return "", bad("keys are ASCII, values base 64")
		}
		if key == "sha256" {
			sha = string(plain)
		}
	}
	if raw, err := hex.DecodeString(sha); err != nil || len(raw) != 32 || strings.ToLower(sha) != sha {
		return "", bad("64 lower-case hexadecimal digits")
	}
	return sha, nil
}

func (s *Server) acceptableSize(size int64) error {
	switch {
	case size < 0:
		return refuse(http.StatusBadRequest, "bad-request", "Yêu cầu không đúng dạng", "Upload-Length")
	case size > s.maxUpload:
		return refuse(http.StatusRequestEntityTooLarge, "too-large", "Tệp lớn hơn mức máy chủ nhận")
	}
	return nil
}

func checkOffsetType(r *http.Request) error {
	if r.Header.Get("Content-Type") != "application/offset+octet-stream" {
		return refuse(http.StatusUnsupportedMediaType, "bad-request", "Yêu cầu không đúng dạng", "Content-Type")
	}
	return nil
}

// beginUpload notes an upload, unless the account has too many that are open.
func (s *Server) beginUpload(ctx context.Context, u uploadRow) error {
	return s.inTx(ctx, func(w *work) error {
		if err := w.Lock(ctx, "uploads of "+u.account); err != nil {
			return err
		}
		var open, bytes int64
		err := w.QueryRow(ctx, `SELECT count(*), coalesce(sum(size),0) FROM upload WHERE account=? AND received<size AND expires_at>?`, u.account, s.clock().UnixMilli()).
			Scan(&open, &bytes)
		if err != nil {
			return fmt.Errorf("count the uploads: %w", err)
		}
		if open >= maxOpenUploads || bytes+u.size > maxOpenFiles*s.maxUpload {
			many := refuse(http.StatusTooManyRequests, "too-many-uploads", "Tài khoản có quá nhiều lượt tải lên chưa xong")
			many.RetryAfter = time.Minute
			return many
		}
		return w.run(ctx, "begin an upload", do(`INSERT INTO upload(id,account,sha256,size,received,metadata,expires_at) VALUES(?,?,?,?,?,?,?)`,
			u.id, u.account, u.sha256, u.size, 0, u.metadata, u.expires))
	})
}

// findUpload gives an upload of the caller. Others' are not there, nor are those
// that have expired.
func (s *Server) findUpload(ctx context.Context, account, id string) (uploadRow, error) {
	u := uploadRow{id: id, account: account}
	err := s.db.QueryRow(ctx, `SELECT sha256, size, received, metadata, expires_at FROM upload WHERE id=? AND account=? AND expires_at>?`,
		id, account, s.clock().UnixMilli()).Scan(&u.sha256, &u.size, &u.received, &u.metadata, &u.expires)
	if errors.Is(err, sql.ErrNoRows) {
		return u, noUpload()
	}
	if err != nil {
		return u, fmt.Errorf("look up an upload: %w", err)
	}
	return u, nil
}

// tellUpload writes how far an upload is.
func tellUpload(w http.ResponseWriter, u uploadRow) {
	w.Header().Set("Upload-Offset", strconv.FormatInt(u.received, 10))
	w.Header().Set("Upload-Expires", time.UnixMilli(u.expires).UTC().Format(http.TimeFormat))
}

// GetUpload implements HEAD /uploads/{upload}.
func (c calls) GetUpload(w http.ResponseWriter, r *http.Request, id string, _ api.GetUploadParams) {
	u, err := c.findUpload(r.Context(), callerOf(r).account, id)
	if err == nil && c.interrupt(r.Context(), id) {
		u, err = c.findUpload(r.Context(), callerOf(r).account, id)
	}
	if err != nil {
		c.fail(w, r, err)
		return
	}
	tellUpload(w, u)
	w.Header().Set("Upload-Length", strconv.FormatInt(u.size, 10))
	w.Header().Set("Upload-Metadata", u.metadata)
	w.WriteHeader(http.StatusOK)
}

// AppendToUpload implements PATCH /uploads/{upload}.
func (c calls) AppendToUpload(w http.ResponseWriter, r *http.Request, id string, p api.AppendToUploadParams) {
	u, err := c.findUpload(r.Context(), callerOf(r).account, id)
	switch {
	case err != nil:
	case p.UploadOffset != u.received:
		err = wrongOffset(u.received)
	default:
		err = checkOffsetType(r)
	}
	if err == nil {
		u, err = c.receiveUpload(w, r, u, value(p.UploadChecksum))
	}
	if err != nil {
		c.fail(w, r, err)
		return
	}
	tellUpload(w, u)
	w.WriteHeader(http.StatusNoContent)
}

// EndUpload implements DELETE /uploads/{upload}.
func (c calls) EndUpload(w http.ResponseWriter, r *http.Request, id string, _ api.EndUploadParams) {
	u, err := c.findUpload(r.Context(), callerOf(r).account, id)
	if err == nil {
		err = c.dropUpload(r.Context(), u.id, "given-up")
	}
	if err != nil {
		c.fail(w, r, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// dropUpload forgets an upload with all its pieces, unless a condition refuses it.
func (s *Server) dropUpload(ctx context.Context, id, why string, unless ...func(context.Context, *work) error) error {
	var names []string
	err := s.inTx(ctx, func(w *work) error {
		for _, refused := range unless {
			if err := refused(ctx, w); err != nil {
				return err
			}
		}
		rows, err := w.Query(ctx, `SELECT name FROM upload_part WHERE upload=?`, id)
		if err != nil {
			return fmt.Errorf("forget an upload: %w", err)
		}
		if names, err = texts(rows); err != nil {
			return fmt.Errorf("forget an upload: %w", err)
		}
		return w.run(ctx, "forget an upload", do(`DELETE FROM upload_part WHERE upload=?`, id), do(`DELETE FROM upload WHERE id=?`, id))
	})
	if err != nil {
		return err
	}
	s.gauges.uploads.WithLabelValues(why).Inc()
	s.removePieces(ctx, names)
	return nil
}

// removePieces removes pieces that are not noted any more; what cannot be removed
// now is swept later.
func (s *Server) removePieces(ctx context.Context, names []string) {
	for _, name := range names {
		if err := s.blobs.RemovePart(ctx, name); err != nil {
			s.log.WarnContext(ctx, "piece of an upload not removed", slog.Any("error", err))
		}
	}
}

// sweepUploads forgets what has expired, until ctx ends. Several servers may do so at once.
func (s *Server) sweepUploads(ctx context.Context) {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		if err := s.SweepUploads(ctx); err != nil && ctx.Err() == nil {
			s.log.ErrorContext(ctx, "uploads not swept", slog.Any("error", err))
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// SweepUploads forgets the uploads that have expired, and removes pieces that no
// upload has noted: what a crash left. A running server does so by itself.
func (s *Server) SweepUploads(ctx context.Context) error {
	now := s.clock()
	rows, err := s.db.Query(ctx, `SELECT id FROM upload WHERE expires_at<=?`, now.UnixMilli())
	if err != nil {
		return fmt.Errorf("look for expired uploads: %w", err)
	}
	expired, err := texts(rows)
	if err != nil {
		return fmt.Errorf("look for expired uploads: %w", err)
	}
	for _, id := range expired {
		if err := s.dropUpload(ctx, id, "expired"); err != nil {
			return err
		}
	}
	for name, err := range s.blobs.OldParts(ctx, now.Add(-abandonedPiece)) {
		if err != nil {
			return err
		}
		var n int
		if err := s.db.QueryRow(ctx, `SELECT count(*) FROM upload_part WHERE name=?`, name).Scan(&n); err != nil {
			return fmt.Errorf("look up a piece: %w", err)
		}
		if n == 0 {
			s.removePieces(ctx, []string{name})
		}
	}
	return nil
}
