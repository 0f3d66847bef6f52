package signer

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

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
// there), and then gets its name; until then nothing is at out, and a process
// that ends at any moment leaves nothing there or the complete file. ctx ends the
// work between two steps.
//
// Errors are the Err values of this package, a *RefusalError, a *TimeStampError, a
// *MaterialError, what req.Credential gave, or come from the file system.
func SignFile(ctx context.Context, in, out string, req Request) (Result, error) {
	j := &job{in: in, out: out, req: req}
	defer j.close()
	if out == "" {
		return Result{}, fmt.Errorf("%w: no output", ErrRequest)
	}
	if err := j.open(ctx); err != nil {
		return Result{}, err
	}
	removeLeftovers(filepath.Dir(out), time.Now())
	if err := j.copy(ctx); err != nil {
		return Result{}, err
	}
	res, err := j.sign(ctx, req.Credential)
	if errors.Is(err, pades.ErrTooSmall) && j.least == 0 {
		// A server's time stamps can grow: begin anew with room for a CMS as large
		// as the one that was too large. The key is asked once more.
		if err := j.again(ctx); err != nil {
			return Result{}, err
		}
		res, err = j.sign(ctx, req.Credential)
	}
	return res, err
}

// sign has the key sign and completes the output.
func (j *job) sign(ctx context.Context, c Credential) (Result, error) {
	value, err := j.askKey(ctx, c)
	if err != nil {
		return Result{}, err
	}
	return j.complete(ctx, value)
}

// again prepares and copies once more, into a new file, with room for the CMS
// that was too large.
func (j *job) again(ctx context.Context) error {
	j.least = len(j.der) + spareRoom
	j.output.file.discard()
	j.output = nil
	if err := j.prepare(); err != nil {
		return err
	}
	return j.copy(ctx)
}

// job is one signature on its way into a file. What it asks of req is the same
// in SignFile and in Finish, but for the Credential, which Finish has none of.
//
// Its steps are open, copy (or Begin's digest), askKey, complete; close ends it
// at any point. Each step may run in another goroutine than the one before.
type job struct {
	in, out string
	req     Request
	// syncFolder makes the output's name last; nil is the function of that name.
	syncFolder func(path string)

	certificate *x509.Certificate
	// chain is embedded behind certificate; missing names the issuer at its end
	// that could not be found. Both are known before when chained.
	chain   []*x509.Certificate
	missing string
	chained bool
	scheme  cms.Scheme

	src *os.File
	// before is the input.
	before   *pdf.File
	prepared *pades.Prepared
	output   *output

	// message is the digest of the signed bytes, made with scheme.Hash.
	message []byte
	// builder makes the CMS; toSign is what the key signs.
	builder *cms.Builder
	toSign  []byte
	der     []byte
	// dry is the size of der by a dry run, without time stamps; zero before that.
	dry int
	// least is the least room for der, once it was found too large.
	least int
	// stamp is the time stamp in der, nil below LevelT.
	stamp *timestamp.Token
	// archive is the document time stamp, nil below LevelLTA.
	archive *timestamp.Token
}

// close ends the job. An output that got no name is removed.
func (j *job) close() {
	if j.src != nil {
		_ = j.src.Close() // read only
	}
	if j.output != nil && j.output.file != nil {
		j.output.file.discard()
	}
}

// open checks the request, opens the input, completes the chain and prepares the
// update. Nothing is written.
func (j *job) open(ctx context.Context) error {
	if err := j.checkRequest(); err != nil {
		return err
	}
	if err := j.openFiles(); err != nil {
		return err
	}
	if !j.chained {
		if err := j.completeChain(ctx); err != nil {
			return err
		}
	}
	return j.prepare()
}

func (j *job) checkRequest() error {
	switch {
	case j.req.Credential == nil || j.req.Credential.Certificate() == nil:
		return fmt.Errorf("%w: no certificate", ErrRequest)
	case j.req.Time.IsZero():
		return fmt.Errorf("%w: no signing time", ErrRequest)
	}
	if err := j.checkLevel(); err != nil {
		return err
	}
	if err := checkMarks(j.req.Marks); err != nil {
		return err
	}
	j.certificate = j.req.Credential.Certificate()
	var err error
	if j.scheme, err = cms.SchemeFor(j.certificate, j.req.PSS); err != nil {
		return fmt.Errorf("sign: %w", err)
	}
	return nil
}

// openFiles opens the input and sees that the output is free.
func (j *job) openFiles() error {
	var err error
	if j.src, err = os.Open(j.in); err != nil {
		return fmt.Errorf("sign: %w", err)
	}
	if err := j.checkOutput(); err != nil {
		return err
	}
	if j.before, err = openPDF(j.src, j.req.Password); err != nil {
		return fmt.Errorf("sign %s: %w", j.in, err)
	}
	return nil
}

// checkOutput refuses an output that is the input, or that is there and may
// not be replaced.
func (j *job) checkOutput() error {
	if j.out == "" {
		return nil
	}
	there, err := os.Stat(j.out)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("sign: %w", err)
	}
	input, err := j.src.Stat()
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

// prepare inspects the input and prepares the update.
func (j *job) prepare() error {
	if r := pades.Inspect(j.before).Refusals; len(r) > 0 {
		return fmt.Errorf("sign %s: %w", j.in, &RefusalError{r[0].Code, r[0].Text, r[0].Page})
	}
	room, err := j.room()
	if err != nil {
		return err
	}
	if j.prepared, err = pades.Prepare(j.before, j.options(room)); err != nil {
		return fmt.Errorf("sign %s: %w", j.in, refusal(err))
	}
	return nil
}

// room is the size of the CMS by a dry run, and some.
func (j *job) room() (int, error) {
	if j.dry == 0 {
		b, err := cms.NewBuilder(j.scheme, j.certificate, j.chain, make([]byte, j.scheme.Hash.Size()))
		if err != nil {
			return 0, fmt.Errorf("sign: %w", err)
		}
		if j.dry, err = b.MaxSize(); err != nil {
			return 0, fmt.Errorf("sign: %w", err)
		}
	}
	return max(j.dry+spareRoom+j.stampRoom(), j.least), nil
}

// copy makes the temporary file, copies the document into it and learns on the
// way what the key has to sign.
func (j *job) copy(ctx context.Context) error {
	info, err := j.src.Stat()
	if err != nil {
		return fmt.Errorf("sign: %w", err)
	}
	tmp, err := newTemporary(filepath.Dir(j.out), info.Mode())
	if err != nil {
		return fmt.Errorf("sign: %w", err)
	}
	err = j.digest(ctx, tmp)
	if j.prepared.Base >= earlyWriteback {
		tmp.startWriteback() // while the key signs
	}
	return err
}

// digest reads the document once, into tmp unless that is nil, and makes what
// the key has to sign.
func (j *job) digest(ctx context.Context, tmp *temporary) error {
	var err error
	if j.output, err = newOutput(tmp, j.scheme.Hash); err != nil {
		return fmt.Errorf("sign: %w", err)
	}
	if err := j.output.copyFrom(ctx, j.src, j.prepared.Base); err != nil {
		return fmt.Errorf("sign %s: %w", j.in, err)
	}
	if j.message, err = j.output.sumWith(j.scheme.Hash, j.prepared.Signed()...); err != nil {
		return fmt.Errorf("sign: %w", err)
	}
	if j.builder, err = cms.NewBuilder(j.scheme, j.certificate, j.chain, j.message); err != nil {
		return fmt.Errorf("sign: %w", err)
	}
	if j.toSign, err = j.builder.Digest(); err != nil {
		return fmt.Errorf("sign: %w", err)
	}
	return nil
}

// askKey has the key sign.
func (j *job) askKey(ctx context.Context, c Credential) ([]byte, error) {
	value, err := c.SignDigest(ctx, j.toSign, j.scheme.Options())
	if err != nil {
		return nil, fmt.Errorf("sign %s: %w", j.in, err)
	}
	return value, j.checkValue(value)
}

func (j *job) checkValue(value []byte) error {
	if err := j.scheme.Verify(j.certificate, j.toSign, value); err != nil {
		return fmt.Errorf("sign %s: %w: %w", j.in, ErrKeyMismatch, err)
	}
	return nil
}

// complete makes the CMS of a signature value, appends the update and what the
// level asks for, checks the output and gives it its name.
func (j *job) complete(ctx context.Context, value []byte) (Result, error) {
	if err := j.write(ctx, value); err != nil {
		return Result{}, fmt.Errorf("sign %s: %w", j.in, err)
	}
	if j.req.BeforeCheck != nil {
		j.req.BeforeCheck()
	}
	res, err := j.check(ctx)
	if err != nil {
		return Result{}, err
	}
	if err := ctx.Err(); err != nil {
		return Result{}, fmt.Errorf("sign %s: %w", j.in, err)
	}
	return res, j.publish()
}

func (j *job) write(ctx context.Context, value []byte) error {
	var err error
	if j.der, err = j.stampSignature(ctx, j.builder, value); err != nil {
		return err
	}
	if err := j.prepared.Embed(j.der); err != nil {
		return err
	}
	if err := j.output.append(j.prepared.Update); err != nil {
		return err
	}
	if err := j.growLT(ctx, j.output); err != nil {
		return err
	}
	if err := j.growLTA(ctx, j.output); err != nil {
		return err
	}
	if err := j.output.file.Sync(); err != nil {
		return fmt.Errorf("sync: %w", err)
	}
	return nil
}

// publish gives the output its name.
func (j *job) publish() error {
	sync := j.syncFolder
	if sync == nil {
		sync = syncFolder
	}
	return j.output.file.publish(j.out, j.req.Replace, sync)
}
