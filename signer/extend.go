package signer

import (
	"bytes"
	"cmp"
	"context"
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"time"

	"kyso/signer/internal/cms"
	"kyso/signer/internal/digest"
	"kyso/signer/internal/evidence"
	"kyso/signer/internal/pades"
	"kyso/signer/internal/pdf"
	"kyso/signer/internal/timestamp"
	"kyso/signer/verify"
)

// ExtendRequest says to which level the signatures of a file are raised. No key
// is needed for it.
type ExtendRequest struct {
	// Level is LevelT, LevelLT or LevelLTA.
	Level Level
	// TSAs are the time-stamping servers, tried in this order.
	TSAs []TSA
	// StampSizes, when not nil, remembers how much room a time stamp takes.
	StampSizes *StampSizes
	// Anchors are the trusted roots of the signers and of the servers.
	Anchors []*x509.Certificate
	// Intermediates are CA certificates that the file may lack.
	Intermediates []*x509.Certificate
	// Client is the network for AIA, TSA, OCSP and CRL.
	Client *http.Client
	// Time is now. It must not be zero.
	Time time.Time
	// Password opens an encrypted document; it is not kept.
	Password []byte
	// BeforeCheck, when not nil, is called once the output is written and before
	// it is checked.
	BeforeCheck func()
	// Replace allows an existing output file to be replaced. The input is never overwritten.
	Replace bool
}

// ExtendFile raises the level of the signatures of in and writes the file out.
// The input is its beginning, byte for byte; nothing but time stamps and
// validation data stands behind it, which no certification forbids (ISO 32000-2,
// 12.8.2.2).
//
// A time stamp cannot go into a signature that is made: its /Contents is fixed,
// for later signatures cover it. So LevelT adds a document time stamp, which
// proves the time of all signatures before it (EN 319 142-1, 5.4.3). LevelLT adds
// the material that proves the certificates good to the security store, LevelLTA
// a document time stamp over that. LevelLTA on a file of that level renews it:
// the material of the last time stamp's server and a new time stamp, to be done
// before the server's certificate ends.
//
// All signatures must hold. A level that cannot be reached for all of them is an
// error and there is no file: ErrNoSignature, ErrUnsound, ErrAtLevel, a
// *TimeStampError, a *MaterialError, or those of SignFile.
func ExtendFile(ctx context.Context, in, out string, req ExtendRequest) (Result, error) {
	x := &extension{job: job{in: in, out: out, req: Request{
		Level: req.Level, TSAs: req.TSAs, StampSizes: req.StampSizes, Anchors: req.Anchors, Intermediates: req.Intermediates,
		Client: req.Client, Time: req.Time, Password: req.Password, Replace: req.Replace,
	}}}
	defer x.close()
	if err := x.checkRequest(); err != nil {
		return Result{}, err
	}
	if err := x.openFiles(); err != nil {
		return Result{}, err
	}
	if err := x.look(ctx); err != nil {
		return Result{}, fmt.Errorf("extend %s: %w", in, err)
	}
	removeLeftovers(filepath.Dir(out), time.Now())
	if err := x.write(ctx); err != nil {
		return Result{}, fmt.Errorf("extend %s: %w", in, err)
	}
	if req.BeforeCheck != nil {
		req.BeforeCheck()
	}
	res, err := x.check(ctx)
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return Result{}, fmt.Errorf("extend %s: %w", in, err)
	}
	return res, x.publish()
}

// extension is one call of ExtendFile.
type extension struct {
	job

	// found and was are what the input holds and the verdict on it.
	found verify.Evidence
	was   verify.Report
}

func (x *extension) checkRequest() error {
	switch {
	case x.req.Time.IsZero():
		return fmt.Errorf("%w: no time", ErrRequest)
	case x.out == "":
		return fmt.Errorf("%w: no output", ErrRequest)
	case !x.req.Level.reaches(LevelT):
		return fmt.Errorf("%w: level %q: B-T, B-LT or B-LTA", ErrRequest, string(x.req.Level))
	}
	return x.checkLevel()
}

// look judges what is there.
func (x *extension) look(ctx context.Context) error {
	for _, r := range pades.Inspect(x.before).Refusals {
		if r.Code == pades.CodeTrailing || r.Code == pades.CodePermission {
			return &RefusalError{r.Code, r.Text, r.Page}
		}
	}
	var err error
	x.found, err = evidence.Gather(ctx, x.src, x.before.Size(), x.req.Time, evidence.Sources{
		Client: x.req.Client, Anchors: x.req.Anchors, Intermediates: x.req.Intermediates, Password: x.req.Password,
	})
	if err != nil {
		return err
	}
	x.req.Intermediates = append(slices.Clone(x.req.Intermediates), parsed(x.found.Certificates)...)
	x.was = verify.Evaluate(x.found, verify.Policy{Anchors: x.req.Anchors})
	if len(x.was.Signatures) == 0 {
		return ErrNoSignature
	}
	for _, s := range x.was.Signatures {
		if !s.Sound() {
			return fmt.Errorf("%w: %s: %s", ErrUnsound, s.Field, s.Why)
		}
	}
	if x.req.Level != LevelLTA && !slices.ContainsFunc(x.was.Signatures, func(s verify.Signature) bool { return !x.has(s) }) {
		return fmt.Errorf("%w: %s", ErrAtLevel, x.req.Level)
	}
	return nil
}

// has reports a signature that needs nothing more for the level. A signature
// of an older format reaches none; a time stamp serves it all the same.
func (x *extension) has(s verify.Signature) bool {
	if isStamp(s) {
		return true
	}
	if s.Level == "" {
		return x.req.Level == LevelT && s.TimeSource == timeSourceStamp
	}
	return Level(s.Level).reaches(x.req.Level)
}

// timeSourceStamp is verify.Signature.TimeSource where a time stamp proves the time.
const timeSourceStamp = "timestamp"

func isStamp(s verify.Signature) bool { return s.SubFilter == "ETSI.RFC3161" }

// write copies the document and appends what the level asks for.
func (x *extension) write(ctx context.Context) error {
	info, err := x.src.Stat()
	if err != nil {
		return fmt.Errorf("read: %w", err)
	}
	tmp, err := newTemporary(filepath.Dir(x.out), info.Mode())
	if err != nil {
		return err
	}
	if x.output, err = newOutput(tmp, crypto.SHA256); err != nil {
		tmp.discard()
		return err
	}
	if err := x.output.copyFrom(ctx, x.src, x.before.Size()); err != nil {
		return err
	}
	if err := x.grow(ctx); err != nil {
		return err
	}
	if err := tmp.Sync(); err != nil {
		return fmt.Errorf("sync: %w", err)
	}
	return nil
}

// grow appends what the level asks for.
func (x *extension) grow(ctx context.Context) error {
	var err error
	l := x.ladder()
	unproven := func(s verify.Signature) bool { return !isStamp(s) && s.TimeSource != timeSourceStamp }
	if slices.ContainsFunc(x.was.Signatures, unproven) {
		if x.stamp, err = l.stampDocument(ctx, x.output); err != nil {
			return err
		}
	}
	if x.req.Level.reaches(LevelLT) {
		if err := x.store(ctx); err != nil {
			return err
		}
	}
	if x.req.Level.reaches(LevelLTA) {
		x.archive, err = l.stampDocument(ctx, x.output)
	}
	return err
}

// subject is one signature or time stamp whose certificates are to be proven.
type subject struct {
	contents []byte // with the zeros that fill it up
	leaves   []leaf
}

// store appends the material of all signatures and of all time stamps.
func (x *extension) store(ctx context.Context) error {
	l := x.ladder()
	f, err := l.open(x.output)
	if err != nil {
		return err
	}
	subjects, err := x.subjects(f)
	if err != nil {
		return err
	}
	l.stored = x.found
	var entries []pades.StoreEntry
	for _, s := range subjects {
		m, err := l.material(ctx, x.judgedAt(), s.leaves...)
		if err != nil {
			return err
		}
		entries = append(entries, pades.StoreEntry{Contents: s.contents, Material: m})
	}
	return grow(x.output, f, entries)
}

// subjects are the signatures and time stamps of the file as it is now. What a
// document time stamp covers existed at its time.
func (x *extension) subjects(f *pdf.File) ([]subject, error) {
	type stamped struct {
		end int64
		at  time.Time
	}
	var stamps []stamped
	var out []subject
	fields := filled(f)
	for _, s := range fields {
		if s.SubFilter != "ETSI.RFC3161" {
			continue
		}
		token, err := timestamp.Parse(s.Contents)
		if err != nil {
			return nil, err
		}
		stamps = append(stamps, stamped{s.ByteRange[2] + s.ByteRange[3], token.Time})
		out = append(out, subject{s.Contents, []leaf{x.leafOf(token)}})
	}
	for _, s := range fields {
		if s.SubFilter == "ETSI.RFC3161" {
			continue
		}
		at := x.judgedAt()
		for _, t := range stamps {
			if t.end > s.ByteRange[2]+s.ByteRange[3] && t.at.Before(at) {
				at = t.at
			}
		}
		leaves, err := x.leavesOf(s.Contents, at)
		if err != nil {
			return nil, err
		}
		out = append(out, subject{s.Contents, leaves})
	}
	return out, nil
}

// filled are the signatures that the file has now, in the order of the bytes.
func filled(f *pdf.File) []pdf.Signature {
	var out []pdf.Signature
	for _, field := range f.SignatureFields() {
		if field.Value == nil {
			continue
		}
		if s := f.Signature(field.Value); len(s.ByteRange) == 4 {
			out = append(out, s)
		}
	}
	slices.SortStableFunc(out, func(a, b pdf.Signature) int {
		return cmp.Compare(a.ByteRange[2]+a.ByteRange[3], b.ByteRange[2]+b.ByteRange[3])
	})
	return out
}

// leavesOf are the signer's certificate, which was used at the latest at the
// given time, and those of the servers that stamped the signature.
func (x *extension) leavesOf(contents []byte, at time.Time) ([]leaf, error) {
	data, err := cms.Parse(contents)
	if err != nil || len(data.Signers) != 1 {
		return nil, errors.Join(ErrUnsound, err)
	}
	var out []leaf
	for _, der := range data.Signers[0].TimeStamps() {
		token, err := timestamp.Parse(der)
		if err != nil {
			return nil, errors.Join(ErrUnsound, err)
		}
		if server := x.leafOf(token); server.certificate != nil {
			out = append(out, server)
			if token.Time.Before(at) {
				at = token.Time
			}
		}
	}
	for _, c := range slices.Concat(data.Certificates, x.pool()) {
		if data.Signers[0].Names(c) {
			return append([]leaf{{certificate: c, others: data.Certificates, at: at}}, out...), nil
		}
	}
	return nil, fmt.Errorf("%w: the signer's certificate is not at hand", ErrUnsound)
}

// leafOf is the certificate of the server that made a token, which may be in the
// file and not in the token.
func (x *extension) leafOf(t *timestamp.Token) leaf {
	return leaf{certificate: t.Server(x.pool()), others: t.Certificates, at: t.Time}
}

// pool are the certificates at hand; look added those of the file.
func (x *extension) pool() []*x509.Certificate { return x.req.Intermediates }

// check reads the output as a stranger would: nothing of the input changed or
// moved, every signature still holds, and each has reached the level.
func (x *extension) check(ctx context.Context) (Result, error) {
	o := x.output
	after, err := x.ladder().open(o)
	if err != nil {
		return Result{}, fmt.Errorf("%w: %w", ErrCheck, err)
	}
	if err := x.checkEarlier(after, after.SignatureFields()); err != nil {
		return Result{}, err
	}
	found, err := evidence.Find(ctx, after)
	if err != nil {
		return Result{}, fmt.Errorf("check: %w", err)
	}
	var pass digest.Pass
	pass.WantFile(o.size())
	found.Want(&pass)
	if err := pass.Read(ctx, o.file); err != nil {
		return Result{}, fmt.Errorf("check: %w", err)
	}
	whole, _ := pass.FileSum(o.size())
	if !bytes.Equal(whole, o.sum()) {
		return Result{}, fmt.Errorf("%w: the bytes are not those that were written", ErrCheck)
	}
	s := evidence.Sources{Anchors: x.req.Anchors, Intermediates: x.req.Intermediates}
	if x.req.Level == LevelT {
		s.Client = x.req.Client // only from B-LT on does the file prove itself
	}
	e, err := found.Evidence(ctx, &pass, x.judgedAt(), s)
	if err != nil {
		return Result{}, fmt.Errorf("check: %w", err)
	}
	res := Result{Path: x.out, Size: o.size(), Report: verify.Evaluate(e, verify.Policy{Anchors: x.req.Anchors})}
	copy(res.SHA256[:], whole)
	return res, x.compare(res.Report)
}

// compare holds the verdict on the output against that on the input.
func (x *extension) compare(is verify.Report) error {
	if len(is.Signatures) < len(x.was.Signatures) {
		return fmt.Errorf("%w: a signature is gone", ErrCheck)
	}
	for _, s := range is.Signatures {
		if !s.Sound() {
			return fmt.Errorf("%w: %s no longer holds: %s", ErrCheck, s.Field, s.Why)
		}
		if s.Level != "" && !x.has(s) {
			return fmt.Errorf("%w: %s is of level %s: %s %s", ErrCheck, s.Field, s.Level, s.LevelNote, s.Why)
		}
	}
	return nil
}
