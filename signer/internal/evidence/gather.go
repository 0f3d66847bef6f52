// Package evidence gathers what package verify judges: the facts of the file,
// certificates, revocation answers.
//
// It passes no judgement. What it asks of the network goes through a client
// that is handed in; what cannot be had is left out and named in Failures.
package evidence

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"kyso/signer/internal/digest"
	"kyso/signer/internal/pdf"
	"kyso/signer/verify"
)

// ErrUnreadable reports a file that is no PDF, or one that needs a password: it
// cannot be judged at all.
var ErrUnreadable = errors.New("cannot be read as a PDF")

// Sources say where to look beyond the file. The zero value looks nowhere.
type Sources struct {
	// Client reaches OCSP, CRL and issuers' certificates; nil stays offline.
	Client *http.Client
	// Anchors end the search for issuers.
	Anchors []*x509.Certificate
	// Intermediates are issuers that signatures may leave out.
	Intermediates []*x509.Certificate
	// Password opens an encrypted file. It is not kept.
	Password []byte
	// StructureOnly gathers nothing on certificates.
	StructureOnly bool
}

// Gather collects the evidence on all signatures of a PDF of size bytes. The
// error wraps ErrUnreadable, or is that of the context or of reading the file.
func Gather(ctx context.Context, r io.ReaderAt, size int64, at time.Time, s Sources) (verify.Evidence, error) {
	e := verify.Evidence{At: at, Size: size, Signatures: []verify.SignatureEvidence{}}
	f, err := pdf.OpenWith(r, size, s.Password)
	if err != nil {
		damage, scanErr := damageOf(r, size, err)
		if scanErr != nil {
			return e, scanErr
		}
		e.Damage = damage
		return e, nil
	}
	found, err := Find(ctx, f)
	if err != nil {
		return e, err
	}
	var pass digest.Pass
	found.Want(&pass)
	if err := pass.Read(ctx, r); err != nil {
		return e, fmt.Errorf("read the signed bytes: %w", err)
	}
	return found.Evidence(ctx, &pass, at, s)
}

// Found is all that a file says of its signatures, but for the digests of what
// they cover. These come from one pass over the file, which the caller makes, so
// that it can learn more from it.
type Found struct{ c collector }

// Find finds the signatures of a file. It reads only the parts that they hang on.
func Find(ctx context.Context, f *pdf.File) (*Found, error) {
	found := &Found{collector{file: f}}
	return found, found.c.signatures(ctx)
}

// Len is the number of signatures.
func (x *Found) Len() int { return len(x.c.found) }

// Want asks the pass for the digests of all signatures.
func (x *Found) Want(pass *digest.Pass) {
	for _, signed := range x.c.signed {
		pass.Want(signed.Range, signed.function)
	}
}

// Evidence completes what was found with the digests of a pass that has been
// read over the file's bytes, and with what the sources give.
func (x *Found) Evidence(ctx context.Context, pass *digest.Pass, at time.Time, s Sources) (verify.Evidence, error) {
	e := verify.Evidence{At: at, Size: x.c.file.Size(), Signatures: []verify.SignatureEvidence{}}
	for i, signature := range x.c.found {
		if signed, ok := x.c.signed[i]; ok {
			signature.Digest, _ = pass.Sum(signed.Range, signed.function)
		}
		e.Signatures = append(e.Signatures, signature)
	}
	var err error
	if e.Damage, err = hidden(&x.c, len(e.Signatures)); err != nil {
		return e, err
	}
	if len(e.Signatures) > 0 && !s.StructureOnly {
		gatherTrust(ctx, &e, x.c.file, s)
	}
	if err := ctx.Err(); err != nil {
		return e, fmt.Errorf("gather: %w", err)
	}
	return e, nil
}

// hidden looks for a signature that no revision reaches: in the whole file when
// there is no other, else behind the last revision. Taking such a file for an
// unsigned one is what a forger wants.
func hidden(c *collector, signatures int) (string, error) {
	revisions := c.file.Revisions()
	from := int64(0)
	if signatures > 0 {
		from = revisions[len(revisions)-1].End
	}
	rest := c.file.Size() - from
	found, err := contains(io.NewSectionReader(c.file.ReaderAt(), from, rest), rest, []byte("/ByteRange"))
	if err != nil || !found {
		return "", err
	}
	return "the file holds a signature that none of its revisions reaches", nil
}

// damageOf says why a file that cannot be opened is a damaged signed one, or
// returns an error when nothing suggests a signature.
func damageOf(r io.ReaderAt, size int64, cause error) (string, error) {
	unreadable := fmt.Errorf("%w: %w", ErrUnreadable, cause)
	if errors.Is(cause, pdf.ErrEncrypted) {
		return "", unreadable
	}
	found, err := contains(r, size, []byte("/ByteRange"))
	if err != nil {
		return "", err
	}
	if !found {
		return "", unreadable
	}
	return cause.Error(), nil
}

// contains searches the file for a word, a window at a time.
func contains(r io.ReaderAt, size int64, word []byte) (bool, error) {
	window := make([]byte, min(256<<10, max(size, int64(len(word)))))
	for at := int64(0); at < size; at += int64(len(window) - len(word) + 1) {
		n, err := r.ReadAt(window, at)
		if bytes.Contains(window[:n], word) {
			return true, nil
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return false, fmt.Errorf("read: %w", err)
		}
	}
	return false, nil
}
