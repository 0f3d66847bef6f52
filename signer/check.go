package signer

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"kyso/signer/internal/evidence"
	"kyso/signer/internal/pades"
	"kyso/signer/internal/pdf"
	"kyso/signer/verify"
)

// check reads the written file again, as a stranger would: its bytes are those
// that were written, the signature covers the whole file but its own value, and
// every earlier signature is where it was. Then the validator judges it, without
// trust.
func (j *job) check(ctx context.Context, src *os.File, o *output) (Result, error) {
	info, err := o.file.Stat()
	if err != nil {
		return Result{}, fmt.Errorf("check: %w", err)
	}
	if info.Size() != o.size() {
		return Result{}, fmt.Errorf("%w: %d bytes, %d were written", ErrCheck, info.Size(), o.size())
	}
	whole := sha256.New()
	if err := pades.Stream(ctx, whole, o.file, o.size()); err != nil {
		return Result{}, fmt.Errorf("check: %w", err)
	}
	res := Result{Path: j.out, Size: o.size(), Field: j.prepared.Field, MissingIssuer: j.missing}
	copy(res.SHA256[:], whole.Sum(nil))
	if !bytes.Equal(res.SHA256[:], o.sum()) {
		return Result{}, fmt.Errorf("%w: the bytes are not those that were written", ErrCheck)
	}
	f, err := pdf.OpenWith(o.file, o.size(), j.req.Password)
	if err != nil {
		return Result{}, fmt.Errorf("%w: %w", ErrCheck, err)
	}
	fields := f.SignatureFields()
	if err := j.checkNew(f, fields); err != nil {
		return Result{}, err
	}
	if err := j.checkEarlier(f, fields); err != nil {
		return Result{}, err
	}
	res.Report, err = j.judgeOutput(ctx, src, o)
	return res, err
}

// signedEnd is where the revision of the new signature ends; what a level adds
// stands behind it.
func (j *job) signedEnd() int64 { return j.prepared.Base + int64(len(j.prepared.Update)) }

// checkNew finds the new signature by its field and compares what the file says.
func (j *job) checkNew(f *pdf.File, fields []pdf.SignatureField) error {
	for _, s := range fields {
		if s.Name != j.prepared.Field || s.Value == nil {
			continue
		}
		sig := f.Signature(s.Value)
		r := j.prepared.ByteRange
		switch {
		case !slices.Equal(sig.ByteRange, r[:]) || r[0] != 0 || r[2]+r[3] != j.signedEnd():
			return fmt.Errorf("%w: ByteRange", ErrCheck)
		case !sig.Placed || sig.Hex != pdf.Span{Start: r[1], End: r[2]}:
			return fmt.Errorf("%w: place of /Contents", ErrCheck)
		case !bytes.HasPrefix(sig.Contents, j.der) || len(bytes.Trim(sig.Contents[len(j.der):], "\x00")) > 0:
			return fmt.Errorf("%w: /Contents", ErrCheck)
		}
		return nil
	}
	return fmt.Errorf("%w: the field %s is not there", ErrCheck, j.prepared.Field)
}

// checkEarlier compares the signatures that were there before. Their bytes are
// the input's; here they must still be reached, in the same place.
func (j *job) checkEarlier(f *pdf.File, fields []pdf.SignatureField) error {
	for _, old := range j.earlier {
		if old.Value == nil {
			continue
		}
		i := slices.IndexFunc(fields, func(s pdf.SignatureField) bool {
			return s.Name == old.Name && s.Ref == old.Ref && s.Value != nil
		})
		if i < 0 {
			return fmt.Errorf("%w: the earlier signature %s is gone", ErrCheck, old.Name)
		}
		was, is := f.Signature(old.Value), f.Signature(fields[i].Value)
		if !slices.Equal(was.ByteRange, is.ByteRange) || was.Hex != is.Hex || !bytes.Equal(was.Contents, is.Contents) {
			return fmt.Errorf("%w: the earlier signature %s moved", ErrCheck, old.Name)
		}
	}
	return nil
}

// structure judges integrity, coverage and changes of all signatures. From
// LevelLT on it judges trust, too, at the time of the newest time stamp and with
// what the file itself holds.
func structure(ctx context.Context, r io.ReaderAt, size int64, req Request, at time.Time) (verify.Report, error) {
	s := evidence.Sources{StructureOnly: !req.Level.reaches(LevelLT), Password: req.Password}
	if !s.StructureOnly {
		s.Anchors = req.Anchors
	}
	e, err := evidence.Gather(ctx, r, size, at, s)
	if err != nil {
		return verify.Report{}, err
	}
	return verify.Evaluate(e, verify.Policy{StructureOnly: s.StructureOnly, Anchors: s.Anchors}), nil
}

// judgeOutput judges a signed file before it gets its name: the new signature
// must be sound and cover the whole file but what its level added, and no signature of the
// input may have become worse. The error wraps ErrCheck, or is that of ctx.
func (j *job) judgeOutput(ctx context.Context, in *os.File, o *output) (verify.Report, error) {
	before, err := structureOf(ctx, in, Request{Password: j.req.Password}, j.judgedAt())
	if err != nil {
		return verify.Report{}, err
	}
	after, err := structureOf(ctx, o.file, j.req, j.judgedAt())
	if err != nil {
		return verify.Report{}, err
	}
	covers := verify.CoversFile
	if o.size() > j.signedEnd() {
		covers = verify.CoversRevision
	}
	found := map[string]verify.Signature{}
	for _, s := range after.Signatures {
		if _, twice := found[s.Field]; !twice {
			found[s.Field] = s
		}
	}
	if s, ok := found[j.prepared.Field]; !ok || !s.Sound() || s.Coverage != covers {
		return after, fmt.Errorf("%w: the new signature is not sound: %s", ErrCheck, s.Why)
	} else if j.req.Level.reaches(LevelLT) && s.Level != string(j.req.Level) {
		return after, fmt.Errorf("%w: the level is %s: %s: %s", ErrCheck, s.Level, s.LevelNote, s.Why)
	}
	for _, old := range before.Signatures {
		if now, ok := found[old.Field]; old.Sound() && (!ok || !now.Sound()) {
			return after, fmt.Errorf("%w: the signature in field %s would no longer hold: %s", ErrCheck, old.Field, now.Why)
		}
	}
	return after, nil
}

func structureOf(ctx context.Context, file *os.File, req Request, at time.Time) (verify.Report, error) {
	info, err := file.Stat()
	if err != nil {
		return verify.Report{}, fmt.Errorf("check: %w", err)
	}
	report, err := structure(ctx, file, info.Size(), req, at)
	if err != nil && ctx.Err() == nil {
		err = fmt.Errorf("%w: %w", ErrCheck, err)
	}
	return report, err
}
