package signer

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"os"

	"kyso/signer/internal/cms"
	"kyso/signer/internal/pades"
	"kyso/signer/internal/pdf"
	"kyso/signer/internal/timestamp"
)

// spareRoom is added to the size of the CMS that a dry run gives.
const spareRoom = 512

// SignFile signs the PDF file in and writes the signed file out, in the folder
// of out. The input is never changed.
//
// The output is written under a temporary name, checked (the signature over the
// file's own bytes, the input as its beginning, every earlier signature still
// there), and then gets its name; until then nothing is at out. ctx ends the
// work between two steps.
//
// Errors are the Err values of this package, a *RefusalError, what
// req.Credential gave, or come from the file system.
func SignFile(ctx context.Context, in, out string, req Request) (Result, error) {
	j := &job{in: in, out: out, req: req}
	if err := j.checkRequest(); err != nil {
		return Result{}, err
	}
	src, err := os.Open(in)
	if err != nil {
		return Result{}, fmt.Errorf("sign: %w", err)
	}
	defer src.Close() //nolint:errcheck // read only
	if err := j.checkOutput(src); err != nil {
		return Result{}, err
	}
	if err := j.completeChain(ctx); err != nil {
		return Result{}, err
	}
	if err := j.prepare(src); err != nil {
		return Result{}, err
	}
	tmp, err := j.temporary(src)
	if err != nil {
		return Result{}, fmt.Errorf("sign: %w", err)
	}
	defer func() {
		tmp.Close()           //nolint:errcheck,gosec // closed before when all went well
		os.Remove(tmp.Name()) //nolint:errcheck,gosec // gone when it got its name
	}()
	o, err := j.write(ctx, tmp, src)
	if errors.Is(err, pades.ErrTooSmall) && j.least == 0 {
		o, err = j.writeAgain(ctx, tmp, src)
	}
	if err != nil {
		return Result{}, err
	}
	if req.BeforeCheck != nil {
		req.BeforeCheck()
	}
	res, err := j.check(ctx, src, o)
	if err != nil {
		return Result{}, err
	}
	if err := j.publish(tmp); err != nil {
		return Result{}, err
	}
	return res, nil
}

// job is one signature on its way into a file. What it asks of req is the same
// in SignFile and in Finish, but for the Credential, which Finish has none of.
type job struct {
	in, out string
	req     Request

	certificate *x509.Certificate
	// chain is embedded behind certificate; missing names the issuer at its end
	// that could not be found.
	chain    []*x509.Certificate
	missing  string
	scheme   cms.Scheme
	earlier  []pdf.SignatureField
	prepared *pades.Prepared
	// message is the digest of the signed bytes, made with scheme.Hash.
	message []byte
	der     []byte
	// least is the least room for der, once it was found too large.
	least int
	// stamp is the time stamp in der, nil below LevelT.
	stamp *timestamp.Token
	// archive is the document time stamp, nil below LevelLTA.
	archive *timestamp.Token
}

func (j *job) checkRequest() error {
	switch {
	case j.req.Credential == nil || j.req.Credential.Certificate() == nil:
		return fmt.Errorf("%w: no certificate", ErrRequest)
	case j.req.Time.IsZero():
		return fmt.Errorf("%w: no signing time", ErrRequest)
	case j.out == "":
		return fmt.Errorf("%w: no output", ErrRequest)
	}
	if err := j.checkLevel(); err != nil {
		return err
	}
	if err := checkMarks(j.req.Marks); err != nil {
		return err
	}
	j.certificate, j.chain = j.req.Credential.Certificate(), j.req.Chain
	var err error
	if j.scheme, err = cms.SchemeFor(j.certificate, j.req.PSS); err != nil {
		return fmt.Errorf("sign: %w", err)
	}
	return nil
}

// prepare opens, inspects and prepares the update.
func (j *job) prepare(src *os.File) error {
	f, err := openPDF(src, j.req.Password)
	if err != nil {
		return fmt.Errorf("sign %s: %w", j.in, err)
	}
	found := pades.Inspect(f)
	if len(found.Refusals) > 0 {
		r := found.Refusals[0]
		return fmt.Errorf("sign %s: %w", j.in, &RefusalError{r.Code, r.Text, r.Page})
	}
	j.earlier = found.Fields
	room, err := j.room()
	if err != nil {
		return err
	}
	if j.prepared, err = pades.Prepare(f, j.options(room)); err != nil {
		return fmt.Errorf("sign %s: %w", j.in, refusal(err))
	}
	return nil
}

// room is the size of the CMS by a dry run, and some.
func (j *job) room() (int, error) {
	b, err := cms.NewBuilder(j.scheme, j.certificate, j.chain, make([]byte, j.scheme.Hash.Size()))
	if err != nil {
		return 0, fmt.Errorf("sign: %w", err)
	}
	n, err := b.MaxSize()
	if err != nil {
		return 0, fmt.Errorf("sign: %w", err)
	}
	return max(n+spareRoom+j.stampRoom(), j.least), nil
}

// write copies the document, has the digest signed, appends the update and then
// what the level asks for.
func (j *job) write(ctx context.Context, tmp, src *os.File) (*output, error) {
	o, err := newOutput(tmp, j.scheme.Hash)
	if err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	if err := pades.Stream(ctx, o, src, j.prepared.Base); err != nil {
		return nil, fmt.Errorf("sign %s: %w", j.in, err)
	}
	if j.message, err = o.sumWith(j.scheme.Hash, j.prepared.Signed()...); err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	if err := j.sign(ctx); err != nil {
		return nil, err
	}
	if err := j.prepared.Embed(j.der); err != nil {
		return nil, fmt.Errorf("sign %s: %w", j.in, err)
	}
	for _, step := range []func() error{
		func() error { return o.append(j.prepared.Update) },
		func() error { return j.growLT(ctx, o) },
		func() error { return j.growLTA(ctx, o) },
		tmp.Sync,
	} {
		if err := step(); err != nil {
			return nil, fmt.Errorf("sign %s: %w", j.in, err)
		}
	}
	return o, nil
}

// writeAgain begins anew with room for a CMS as large as the one that was too
// large: a server's time stamps can grow. The key is asked once more.
func (j *job) writeAgain(ctx context.Context, tmp, src *os.File) (*output, error) {
	j.least = len(j.der) + spareRoom
	if err := j.prepare(src); err != nil {
		return nil, err
	}
	if err := tmp.Truncate(0); err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	if _, err := tmp.Seek(0, io.SeekStart); err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	return j.write(ctx, tmp, src)
}

// sign makes the CMS.
func (j *job) sign(ctx context.Context) error {
	b, err := cms.NewBuilder(j.scheme, j.certificate, j.chain, j.message)
	if err != nil {
		return fmt.Errorf("sign: %w", err)
	}
	digest, err := b.Digest()
	if err != nil {
		return fmt.Errorf("sign: %w", err)
	}
	value, err := j.req.Credential.SignDigest(ctx, digest, j.scheme.Options())
	if err != nil {
		return fmt.Errorf("sign %s: %w", j.in, err)
	}
	if err := j.scheme.Verify(j.certificate, digest, value); err != nil {
		return fmt.Errorf("sign %s: %w: %w", j.in, ErrKeyMismatch, err)
	}
	if j.der, err = j.stampSignature(ctx, b, value); err != nil {
		return fmt.Errorf("sign %s: %w", j.in, err)
	}
	return nil
}

// checkOutput refuses an output that is the input, or that is there and may
// not be replaced.
func (j *job) checkOutput(src *os.File) error {
	there, err := os.Stat(j.out)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("sign: %w", err)
	}
	input, err := src.Stat()
	if err != nil {
		return fmt.Errorf("sign: %w", err)
	}
	if os.SameFile(there, input) {
		return fmt.Errorf("sign %s: %w", j.in, ErrSameFile)
	}
	if !j.req.Replace || !there.Mode().IsRegular() {
		return fmt.Errorf("sign: %s: %w", j.out, ErrExists)
	}
	return nil
}
