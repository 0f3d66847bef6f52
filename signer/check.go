package signer

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"

	"kyso/signer/internal/digest"
	"kyso/signer/internal/evidence"
	"kyso/signer/internal/pdf"
	"kyso/signer/verify"
)

// check reads the written file again, in one pass, as a stranger would: its
// bytes are those that were written, the signature is where it was put, and every
// earlier signature is where it was. Then the validator judges it, without trust,
// with the digests of that pass.
func (j *job) check(ctx context.Context) (Result, error) {
	o := j.output
	info, err := o.file.Stat()
	if err != nil {
		return Result{}, fmt.Errorf("check: %w", err)
	}
	if info.Size() != o.size() {
		return Result{}, fmt.Errorf("%w: %d bytes, %d were written", ErrCheck, info.Size(), o.size())
	}
	after, err := pdf.OpenWith(o.file, o.size(), j.req.Password)
	if err != nil {
		return Result{}, fmt.Errorf("%w: %w", ErrCheck, err)
	}
	fields := after.SignatureFields()
	if err := j.checkNew(after, fields); err != nil {
		return Result{}, err
	}
	if err := j.checkEarlier(after, fields); err != nil {
		return Result{}, err
	}
	res := Result{Path: j.out, Size: o.size(), Field: j.prepared.Field, MissingIssuer: j.missing}
	res.Report, err = j.judge(ctx, after, &res.SHA256)
	if err != nil && ctx.Err() == nil && !errors.Is(err, ErrCheck) {
		err = fmt.Errorf("%w: %w", ErrCheck, err)
	}
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
	for _, old := range j.before.SignatureFields() {
		if old.Value == nil {
			continue
		}
		i := slices.IndexFunc(fields, func(s pdf.SignatureField) bool {
			return s.Name == old.Name && s.Ref == old.Ref && s.Value != nil
		})
		if i < 0 {
			return fmt.Errorf("%w: the earlier signature %s is gone", ErrCheck, old.Name)
		}
		was, is := j.before.Signature(old.Value), f.Signature(fields[i].Value)
		if !slices.Equal(was.ByteRange, is.ByteRange) || was.Hex != is.Hex || !bytes.Equal(was.Contents, is.Contents) {
			return fmt.Errorf("%w: the earlier signature %s moved", ErrCheck, old.Name)
		}
	}
	return nil
}

// judge judges the output before it gets its name: the new signature must be
// sound and cover the whole file but what its level added, and no signature of
// the input may have become worse. It gives the SHA-256 of the output, too.
func (j *job) judge(ctx context.Context, after *pdf.File, sum *[sha256.Size]byte) (verify.Report, error) {
	was, err := evidence.Find(ctx, j.before)
	if err != nil {
		return verify.Report{}, err
	}
	is, err := evidence.Find(ctx, after)
	if err != nil {
		return verify.Report{}, err
	}
	// The output begins with the bytes of the input, else its digest is another
	// than that of what was written: so one pass is enough for both.
	var pass digest.Pass
	pass.WantFile(j.output.size())
	is.Want(&pass)
	was.Want(&pass)
	if err := pass.Read(ctx, j.output.file); err != nil {
		return verify.Report{}, err
	}
	whole, _ := pass.FileSum(j.output.size())
	if !bytes.Equal(whole, j.output.sum()) {
		return verify.Report{}, errors.New("the bytes are not those that were written")
	}
	copy(sum[:], whole)
	report, err := j.structure(ctx, is, &pass, j.req.Level)
	if err != nil {
		return report, err
	}
	var before verify.Report
	if was.Len() > 0 {
		if before, err = j.structure(ctx, was, &pass, LevelB); err != nil {
			return report, err
		}
	}
	return report, j.compare(before, report)
}

// structure judges integrity, coverage and changes of all signatures. From
// LevelLT on it judges trust, too, at the time of the newest time stamp and with
// what the file itself holds.
func (j *job) structure(ctx context.Context, found *evidence.Found, pass *digest.Pass, level Level) (verify.Report, error) {
	s := evidence.Sources{StructureOnly: !level.reaches(LevelLT)}
	if !s.StructureOnly {
		s.Anchors = j.req.Anchors
	}
	e, err := found.Evidence(ctx, pass, j.judgedAt(), s)
	if err != nil {
		return verify.Report{}, err
	}
	return verify.Evaluate(e, verify.Policy{StructureOnly: s.StructureOnly, Anchors: s.Anchors}), nil
}

// compare holds the verdict on the output against that on the input.
func (j *job) compare(before, after verify.Report) error {
	covers := verify.CoversFile
	if j.output.size() > j.signedEnd() {
		covers = verify.CoversRevision
	}
	found := map[string]verify.Signature{}
	for _, s := range after.Signatures {
		if _, twice := found[s.Field]; !twice {
			found[s.Field] = s
		}
	}
	if s, ok := found[j.prepared.Field]; !ok || !s.Sound() || s.Coverage != covers {
		return fmt.Errorf("%w: the new signature is not sound: %s", ErrCheck, s.Why)
	} else if j.req.Level.reaches(LevelLT) && s.Level != string(j.req.Level) {
		return fmt.Errorf("%w: the level is %s: %s: %s", ErrCheck, s.Level, s.LevelNote, s.Why)
	}
	for _, old := range before.Signatures {
		if now, ok := found[old.Field]; old.Sound() && (!ok || !now.Sound()) {
			return fmt.Errorf("%w: the signature in field %s would no longer hold: %s", ErrCheck, old.Field, now.Why)
		}
	}
	return nil
}
