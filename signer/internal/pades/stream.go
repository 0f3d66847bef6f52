package pades

import (
	"bytes"
	"context"
	"crypto"
	"crypto/sha256"
	"encoding"
	"errors"
	"fmt"
	"hash"
	"io"
)

// chunk is how much of a file is in memory at a time.
const chunk = 1 << 20

// Digests are what one pass over a document gives.
type Digests struct {
	// Prefix is the digest of the document before the update.
	Prefix []byte
	// Message is the digest of the signed bytes.
	Message []byte
	// File is the SHA-256 of the whole file, and true only after Verify.
	File [sha256.Size]byte
}

// Copy writes the document to w, without the update, and digests it. The pass
// reads every byte once and holds a megabyte.
func (p *Prepared) Copy(ctx context.Context, w io.Writer, r io.ReaderAt, h crypto.Hash) (Digests, error) {
	signed := h.New()
	if err := stream(ctx, io.MultiWriter(w, signed), io.NewSectionReader(r, 0, p.Base), p.Base); err != nil {
		return Digests{}, err
	}
	d := Digests{Prefix: signed.Sum(nil)}
	p.writeSigned(signed)
	d.Message = signed.Sum(nil)
	return d, nil
}

// writeSigned digests the signed part of the update.
func (p *Prepared) writeSigned(h hash.Hash) {
	from, to := p.gap()
	h.Write(p.Update[:from])
	h.Write(p.Update[to:])
}

// ErrOutput reports an output that is not what was written.
var ErrOutput = errors.New("the output is not what was written")

// Verify reads a written file of size bytes in one pass and compares it with
// what Copy digested and with the update.
func (p *Prepared) Verify(ctx context.Context, r io.ReaderAt, size int64, h crypto.Hash, want Digests) (Digests, error) {
	if size != p.Base+int64(len(p.Update)) {
		return Digests{}, fmt.Errorf("%w: %d bytes", ErrOutput, size)
	}
	file := sha256.New()
	signed, out := file, io.Writer(file)
	if h != crypto.SHA256 {
		signed = h.New()
		out = io.MultiWriter(file, signed)
	}
	if err := stream(ctx, out, io.NewSectionReader(r, 0, p.Base), p.Base); err != nil {
		return Digests{}, err
	}
	d := Digests{Prefix: signed.Sum(nil)}
	update := make([]byte, len(p.Update))
	if _, err := r.ReadAt(update, p.Base); err != nil && !errors.Is(err, io.EOF) {
		return d, fmt.Errorf("read the update: %w", err)
	}
	if !bytes.Equal(d.Prefix, want.Prefix) || !bytes.Equal(update, p.Update) {
		return d, ErrOutput
	}
	message := signed
	if signed == file {
		var err error
		if message, err = clone(file); err != nil {
			return d, err
		}
	}
	p.writeSigned(message)
	d.Message = message.Sum(nil)
	file.Write(update)
	file.Sum(d.File[:0])
	if !bytes.Equal(d.Message, want.Message) {
		return d, fmt.Errorf("%w: message digest", ErrOutput)
	}
	return d, nil
}

// clone copies the state of a SHA-256.
func clone(h hash.Hash) (hash.Hash, error) {
	m, ok := h.(encoding.BinaryMarshaler)
	if !ok {
		return nil, errors.New("hash state cannot be copied")
	}
	state, err := m.MarshalBinary()
	if err != nil {
		return nil, fmt.Errorf("hash state: %w", err)
	}
	out := sha256.New()
	u, ok := out.(encoding.BinaryUnmarshaler)
	if !ok {
		return nil, errors.New("hash state cannot be copied")
	}
	if err := u.UnmarshalBinary(state); err != nil {
		return nil, fmt.Errorf("hash state: %w", err)
	}
	return out, nil
}

// stream copies want bytes and stops when ctx ends.
func stream(ctx context.Context, w io.Writer, r io.Reader, want int64) error {
	buf := make([]byte, min(chunk, max(want, 1)))
	for done := int64(0); done < want; {
		if err := ctx.Err(); err != nil {
			return err //nolint:wrapcheck // the caller's own
		}
		n, err := r.Read(buf[:min(int64(len(buf)), want-done)])
		if n > 0 {
			if _, err := w.Write(buf[:n]); err != nil {
				return fmt.Errorf("write: %w", err)
			}
			done += int64(n)
		}
		if err != nil && done < want {
			return fmt.Errorf("read at %d: %w", done, err)
		}
	}
	return nil
}
