package refserver

import (
	"context"
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // G505: tus 1.0.0, "Checksum", requires it; nothing rests on it
	"crypto/sha256"
	"crypto/subtle"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"kyso/app/blob"
)

const (
	pieceSize        = 4 << 20     // in memory, once for each transfer
	silentFor        = time.Minute // a line that brings nothing for so long is cut
	noteWithin       = 30 * time.Second
	drainWithin      = 300 * time.Millisecond
	interruptWithin  = 5 * time.Second
	assembleWithin   = 5 * time.Minute
	checksumMismatch = 460 // tus 1.0.0, "Checksum"
)

// piece is a stored part of an upload.
type piece struct {
	name        string
	start, size int64
}

// receiver takes the body of one request.
type receiver struct {
	*Server

	upload  uploadRow
	unit    string // of the caller
	body    io.Reader
	sum     hash.Hash // nil without a checksum
	want    []byte
	stored  []piece // and not yet noted
	arrived int64   // noted and stored
}

// receiveUpload stores what a request brings and gives the upload as it then is.
// A line that is cut leaves what arrived; a request with a checksum counts as a
// whole or not at all.
func (s *Server) receiveUpload(w http.ResponseWriter, r *http.Request, u uploadRow, checksum string) (uploadRow, error) {
	left := u.size - u.received
	if r.ContentLength > left {
		return u, refuse(http.StatusRequestEntityTooLarge, "too-large", "Tệp dài hơn đã báo", fmt.Sprintf("%d bytes are missing", left))
	}
	if u.whole() && u.size > 0 {
		return u, nil // an empty request at the end
	}
	in := &receiver{Server: s, upload: u, unit: callerOf(r).unit, arrived: u.received}
	var err error
	if in.sum, in.want, err = readChecksum(checksum); err != nil {
		return u, err
	}
	body := &watched{ReadCloser: r.Body, line: http.NewResponseController(w), ctx: r.Context, done: make(chan struct{})}
	s.watch(u.id, body)
	defer s.unwatch(u.id, body)
	in.body = http.MaxBytesReader(w, body, left)
	err = in.receive(r.Context())
	s.gauges.bytes.WithLabelValues("in").Add(float64(in.upload.received - u.received))
	if len(in.stored) > 0 { // was not noted, and will not be
		names := make([]string, 0, len(in.stored))
		for _, p := range in.stored {
			names = append(names, p.name)
		}
		s.removePieces(context.WithoutCancel(r.Context()), names)
	}
	return in.upload, err
}

// readChecksum reads the header Upload-Checksum.
func readChecksum(header string) (hash.Hash, []byte, error) {
	if header == "" {
		return nil, nil, nil
	}
	algorithm, coded, _ := strings.Cut(header, " ")
	made, ok := map[string]func() hash.Hash{"sha256": sha256.New, "sha1": sha1.New}[algorithm]
	want, err := base64.StdEncoding.DecodeString(coded)
	if !ok || err != nil {
		return nil, nil, refuse(http.StatusBadRequest, "bad-request", "Yêu cầu không đúng dạng", "Upload-Checksum")
	}
	return made(), want, nil
}

// receive reads the body to its end.
func (in *receiver) receive(ctx context.Context) error {
	buffer := make([]byte, min(pieceSize, in.upload.size-in.upload.received))
	for {
		n, err := in.fill(buffer)
		// Also when the client is gone: what has arrived need not be sent again.
		if stored := in.take(context.WithoutCancel(ctx), buffer[:n]); stored != nil {
			return stored
		}
		switch {
		case errors.Is(err, io.EOF):
			return in.end(context.WithoutCancel(ctx))
		case err != nil:
			return in.broken(err)
		}
	}
}

// fill reads until the buffer is full, or the body ends. The buffer that holds
// the last byte of the file is full only when the body ends with it.
func (in *receiver) fill(buffer []byte) (int, error) {
	n := 0
	for n < len(buffer) {
		k, err := in.body.Read(buffer[n:])
		if n += k; err != nil {
			return n, err //nolint:wrapcheck // io.EOF must stay io.EOF
		}
	}
	if in.arrived+int64(n) < in.upload.size {
		return n, nil
	}
	for {
		k, err := in.body.Read(make([]byte, 1)) // refused by MaxBytesReader when it is there
		if err != nil {
			return n, err //nolint:wrapcheck // as above
		}
		if k > 0 {
			return n, &http.MaxBytesError{Limit: in.upload.size}
		}
	}
}

// broken tells what ended a body too early. The answer reaches only a client whose
// line still holds.
func (in *receiver) broken(err error) error {
	if large, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return refuse(http.StatusRequestEntityTooLarge, "too-large", "Tệp dài hơn đã báo", large.Error())
	}
	p := refuse(http.StatusRequestTimeout, "interrupted", "Đường truyền bị ngắt, sẽ gửi tiếp")
	p.Retryable = true
	return p
}

// take stores bytes, and notes them unless a checksum is still to be compared or
// they are the last ones.
func (in *receiver) take(ctx context.Context, b []byte) error {
	if len(b) == 0 {
		return nil
	}
	if in.sum != nil {
		_, _ = in.sum.Write(b) // a hash takes everything
	}
	ctx, cancel := context.WithTimeout(ctx, noteWithin)
	defer cancel()
	p := piece{name: rand.Text(), start: in.arrived, size: int64(len(b))}
	if err := in.blobs.PutPart(ctx, p.name, b); err != nil {
		return err
	}
	in.stored = append(in.stored, p)
	in.arrived += p.size
	if in.sum != nil || in.arrived == in.upload.size {
		return nil
	}
	return in.note(ctx)
}

// end comes after the last byte of a body.
func (in *receiver) end(ctx context.Context) error {
	if in.sum != nil && subtle.ConstantTimeCompare(in.sum.Sum(nil), in.want) != 1 {
		p := refuse(checksumMismatch, "checksum-mismatch", "Dữ liệu hỏng trên đường truyền, sẽ gửi lại")
		p.Retryable = true
		return p
	}
	if in.arrived == in.upload.size {
		return in.finish(ctx)
	}
	if len(in.stored) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, noteWithin)
	defer cancel()
	return in.note(ctx)
}

// note makes the stored pieces part of the upload, if it still stands where they begin.
func (in *receiver) note(ctx context.Context) error {
	expires := in.clock().Add(uploadFor).UnixMilli()
	err := in.inTx(ctx, func(w *work) error {
		if err := w.holdUpload(ctx, in.upload); err != nil {
			return err
		}
		steps := []statement{do(`UPDATE upload SET received=?, expires_at=? WHERE id=?`, in.arrived, expires, in.upload.id)}
		for _, p := range in.stored {
			steps = append(steps, do(`INSERT INTO upload_part(name,upload,start,size) VALUES(?,?,?,?)`, p.name, in.upload.id, p.start, p.size))
		}
		return w.run(ctx, "note a piece", steps...)
	})
	if err != nil {
		return err
	}
	in.upload.received, in.upload.expires, in.stored = in.arrived, expires, nil
	return nil
}

// holdUpload keeps an upload from others until the end of the transaction; it
// must stand where it stood.
func (w *work) holdUpload(ctx context.Context, u uploadRow) error {
	var received int64
	err := w.QueryRow(ctx, `SELECT received FROM upload WHERE id=? FOR UPDATE`, u.id).Scan(&received)
	if errors.Is(err, sql.ErrNoRows) {
		return noUpload()
	}
	if err != nil {
		return fmt.Errorf("hold an upload: %w", err)
	}
	if received != u.received {
		return wrongOffset(received)
	}
	return nil
}

// finish stores the whole file as a blob of the caller's unit. Other bytes than
// announced end the upload, and so does a piece that is lost.
func (in *receiver) finish(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, assembleWithin)
	defer cancel()
	noted, err := in.pieces(ctx, in.upload.id)
	if err != nil {
		return err
	}
	held := int64(0)
	for _, p := range noted {
		held += p.size
	}
	if held != in.upload.received {
		return in.lost(ctx)
	}
	whole := &assembly{parts: in.blobs, left: append(noted, in.stored...), ctx: func() context.Context { return ctx }}
	_, err = in.blobs.PutAs(ctx, whole, in.upload.sha256)
	err = errors.Join(err, whole.Close())
	if _, mismatch := errors.AsType[*blob.MismatchError](err); mismatch {
		return errors.Join(in.refusedBlob(err), in.dropUpload(ctx, in.upload.id, "digest-mismatch", in.standing))
	}
	if errors.Is(err, fs.ErrNotExist) {
		return in.lost(ctx)
	}
	if err != nil {
		return err
	}
	return in.settle(ctx, noted)
}

// settle makes the blob known and the pieces superfluous.
func (in *receiver) settle(ctx context.Context, noted []piece) error {
	now := in.clock()
	expires := now.Add(uploadFor).UnixMilli()
	err := in.inTx(ctx, func(w *work) error {
		if err := w.holdUpload(ctx, in.upload); err != nil {
			return err
		}
		return w.run(ctx, "finish an upload",
			do(`UPDATE upload SET received=size, expires_at=? WHERE id=?`, expires, in.upload.id),
			do(`DELETE FROM upload_part WHERE upload=?`, in.upload.id),
			do(`INSERT INTO blob(sha256,unit,size,at) VALUES(?,?,?,?) ON CONFLICT DO NOTHING`, in.upload.sha256, in.unit, in.upload.size, now.UnixMilli()))
	})
	if err != nil {
		return err
	}
	in.upload.received, in.upload.expires = in.upload.size, expires
	in.stored = append(in.stored, noted...) // all of them are removed
	in.gauges.uploads.WithLabelValues("finished").Inc()
	return nil
}

// standing refuses to drop an upload that another request has changed meanwhile.
func (in *receiver) standing(ctx context.Context, w *work) error { return w.holdUpload(ctx, in.upload) }

// lost looks why a piece is not there: another request has finished the upload
// meanwhile, or the store has lost it and the client must begin anew.
func (in *receiver) lost(ctx context.Context) error {
	u, err := in.findUpload(ctx, in.upload.account, in.upload.id)
	if err != nil {
		return err
	}
	if u.received != in.upload.received {
		return wrongOffset(u.received)
	}
	in.log.ErrorContext(ctx, "a piece of an upload is lost")
	return errors.Join(noUpload(), in.dropUpload(ctx, u.id, "lost", in.standing))
}

// pieces are the noted pieces of an upload, in order.
func (s *Server) pieces(ctx context.Context, id string) ([]piece, error) {
	rows, err := s.db.Query(ctx, `SELECT name, start, size FROM upload_part WHERE upload=? ORDER BY start`, id)
	if err != nil {
		return nil, fmt.Errorf("list the pieces: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var out []piece
	for rows.Next() {
		var p piece
		if err := rows.Scan(&p.name, &p.start, &p.size); err != nil {
			return nil, fmt.Errorf("list the pieces: %w", err)
		}
		out = append(out, p)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("list the pieces: %w", err)
	}
	return out, nil
}

// assembly reads pieces one after the other.
type assembly struct {
	parts Parts
	ctx   func() context.Context
	left  []piece
	open  io.ReadCloser
}

// Read reads on, in the next piece when one ends.
func (a *assembly) Read(b []byte) (int, error) {
	for {
		if a.open == nil {
			if len(a.left) == 0 {
				return 0, io.EOF
			}
			f, err := a.parts.OpenPart(a.ctx(), a.left[0].name)
			if err != nil {
				return 0, err
			}
			a.open, a.left = f, a.left[1:]
		}
		n, err := a.open.Read(b)
		if !errors.Is(err, io.EOF) {
			return n, err //nolint:wrapcheck // a reader's own
		}
		err = a.Close()
		if n > 0 || err != nil {
			return n, err
		}
	}
}

// Close closes the piece that is being read.
func (a *assembly) Close() error {
	if a.open == nil {
		return nil
	}
	err := a.open.Close()
	a.open = nil
	return err //nolint:wrapcheck // as above
}

// watched is a body whose line is cut when it brings nothing for a while, when the
// time of the call is over, or when the client asks on another line how far it came.
type watched struct {
	io.ReadCloser

	line *http.ResponseController
	ctx  func() context.Context
	done chan struct{} // closed once what it brought is noted

	mu    sync.Mutex
	limit time.Time // of a body that was stopped
}

// watch and unwatch say which bodies of an upload are being read.
func (s *Server) watch(id string, b *watched) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bodies[id] = append(s.bodies[id], b)
}

func (s *Server) unwatch(id string, b *watched) {
	close(b.done)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bodies[id] = slices.DeleteFunc(s.bodies[id], func(other *watched) bool { return other == b })
	if len(s.bodies[id]) == 0 {
		delete(s.bodies, id)
	}
}

// interrupt ends the requests that still bring bytes of an upload to this server,
// and reports whether there were any. Whoever asks how far an upload is has lost
// the line on which he sent it: the answer counts what it brought, and nothing
// comes after it.
func (s *Server) interrupt(ctx context.Context, id string) bool {
	s.mu.Lock()
	bodies := slices.Clone(s.bodies[id])
	s.mu.Unlock()
	for _, b := range bodies {
		b.stop()
	}
	limit := time.NewTimer(interruptWithin)
	defer limit.Stop()
	for _, b := range bodies {
		select {
		case <-b.done:
		case <-limit.C:
			return true // the offset is as far as it is known
		case <-ctx.Done():
			return true
		}
	}
	return len(bodies) > 0
}

// stop ends the body soon: what the line has brought already is still read.
func (b *watched) stop() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.limit.IsZero() {
		b.limit = time.Now().Add(drainWithin) // the deadline of a connection
	}
	_ = b.line.SetReadDeadline(b.limit) // a recorder has no line
}

// await puts the deadline off, unless the body was stopped.
func (b *watched) await() {
	b.mu.Lock()
	defer b.mu.Unlock()
	until := time.Now().Add(silentFor) // the deadline of a connection
	if end, ok := b.ctx().Deadline(); ok && end.Before(until) {
		until = end
	}
	if !b.limit.IsZero() {
		until = b.limit
	}
	_ = b.line.SetReadDeadline(until)
}

// Read reads until the deadline.
func (b *watched) Read(p []byte) (int, error) {
	b.await()
	n, err := b.ReadCloser.Read(p)
	return n, err //nolint:wrapcheck // io.EOF must stay io.EOF
}
