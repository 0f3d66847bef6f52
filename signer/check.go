package signer

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"slices"

	"kyso/signer/internal/pdf"
)

// check reads the written file again, as a stranger would: the signed bytes have
// the digest that was signed, the signature covers the whole file but its own
// value, the file begins with the input, and every earlier signature is where
// it was. Then the validator judges it, without trust.
func (j *job) check(ctx context.Context, src, tmp *os.File) (Result, error) {
	info, err := tmp.Stat()
	if err != nil {
		return Result{}, fmt.Errorf("check: %w", err)
	}
	d, err := j.prepared.Verify(ctx, tmp, info.Size(), j.scheme.Hash, j.digests)
	if err != nil {
		if ctx.Err() != nil {
			return Result{}, err
		}
		return Result{}, fmt.Errorf("%w: %w", ErrCheck, err)
	}
	f, err := pdf.Open(tmp, info.Size())
	if err != nil {
		return Result{}, fmt.Errorf("%w: %w", ErrCheck, err)
	}
	fields := f.SignatureFields()
	if err := j.checkNew(f, fields, info.Size()); err != nil {
		return Result{}, err
	}
	if err := j.checkEarlier(f, fields); err != nil {
		return Result{}, err
	}
	report, err := judgeOutput(ctx, src, tmp, j.prepared.Field, j.req.Time)
	if err != nil {
		return Result{}, err
	}
	return Result{Path: j.out, Size: info.Size(), SHA256: d.File, Field: j.prepared.Field, Report: report}, nil
}

// checkNew finds the new signature by its field and compares what the file says.
func (j *job) checkNew(f *pdf.File, fields []pdf.SignatureField, size int64) error {
	for _, s := range fields {
		if s.Name != j.prepared.Field || s.Value == nil {
			continue
		}
		sig := f.Signature(s.Value)
		r := j.prepared.ByteRange
		switch {
		case !slices.Equal(sig.ByteRange, r[:]) || r[0] != 0 || r[2]+r[3] != size:
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
