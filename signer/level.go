package signer

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"time"

	"kyso/signer/internal/cms"
	"kyso/signer/internal/pades"
	"kyso/signer/internal/pdf"
	"kyso/signer/internal/timestamp"
	"kyso/signer/verify"
)

// rank orders the levels; false for what is none.
func (l Level) rank() (int, bool) {
	n, ok := map[Level]int{"": 0, LevelB: 0, LevelT: 1, LevelLT: 2, LevelLTA: 3}[l]
	return n, ok
}

// reaches reports a level that is at least the other.
func (l Level) reaches(other Level) bool {
	n, known := l.rank()
	m, _ := other.rank()
	return known && n >= m
}

// ladder is what levels are reached with; SignFile and ExtendFile share it.
type ladder struct {
	level         Level
	tsas          []TSA
	anchors       []*x509.Certificate
	intermediates []*x509.Certificate
	client        *http.Client
	sizes         *StampSizes
	password      []byte
	// stored is what a file holds already.
	stored verify.Evidence
}

// check refuses a level that cannot be reached with what the request has.
func (l ladder) check() error {
	if _, ok := l.level.rank(); !ok {
		return fmt.Errorf("%w: no such level: %q", ErrRequest, string(l.level))
	}
	switch {
	case l.level.reaches(LevelT) && len(l.tsas) == 0:
		return fmt.Errorf("%w: level %s needs a time-stamping server", ErrRequest, l.level)
	case l.level.reaches(LevelT) && l.client == nil:
		return fmt.Errorf("%w: level %s needs a network client", ErrRequest, l.level)
	case l.level.reaches(LevelLT) && len(l.anchors) == 0:
		return fmt.Errorf("%w: level %s needs trust anchors", ErrRequest, l.level)
	}
	return nil
}

func (j *job) ladder() ladder {
	r := j.req
	return ladder{
		level: r.Level, tsas: r.TSAs, anchors: r.Anchors, intermediates: append(append([]*x509.Certificate(nil), r.Chain...), r.Intermediates...),
		client: r.Client, sizes: r.StampSizes, password: r.Password,
	}
}

// CheckLevel refuses a level that the request lacks something for, with
// ErrRequest: to be asked before a PIN is typed. SignFile does the same.
func (r Request) CheckLevel() error { return (&job{req: r}).ladder().check() }

// checkLevel refuses a level that cannot be reached with what the request has.
func (j *job) checkLevel() error { return j.ladder().check() }

// stampRoom is what the level adds to the room for the CMS.
func (j *job) stampRoom() int {
	if !j.req.Level.reaches(LevelT) {
		return 0
	}
	return j.req.StampSizes.room(j.req.TSAs)
}

// stampSignature makes the CMS of a signature value. From B-T on it holds a time
// stamp over the value (EN 319 142-1, 5.3), so that it is had before embedding.
func (j *job) stampSignature(ctx context.Context, b *cms.Builder, value []byte) ([]byte, error) {
	var stamps [][]byte
	if j.req.Level.reaches(LevelT) {
		digest := sha256.Sum256(value)
		der, token, err := j.ladder().stamp(ctx, digest[:])
		if err != nil {
			return nil, err
		}
		stamps, j.stamp = [][]byte{der}, token
	}
	der, err := b.Build(value, stamps...)
	if err != nil {
		return nil, fmt.Errorf("build the CMS: %w", err)
	}
	return der, nil
}

// growLT appends the document security store with what proves the signer's
// certificate and the time-stamping server's good (EN 319 142-1, 5.4.2). Below
// B-LT there is nothing to append.
func (j *job) growLT(ctx context.Context, o *output) error {
	if !j.req.Level.reaches(LevelLT) {
		return nil
	}
	l := j.ladder()
	f, err := l.open(o)
	if err != nil {
		return err
	}
	contents, err := contentsOf(f, j.prepared.Field)
	if err != nil {
		return err
	}
	l.intermediates = append(l.intermediates, j.chain...)
	m, err := l.material(ctx, j.stamp.Time, leaf{certificate: j.certificate, at: j.stamp.Time}, leafOf(j.stamp))
	if err != nil {
		return err
	}
	return grow(o, f, []pades.StoreEntry{{Contents: contents, Material: m}})
}

// growLTA appends a document time stamp (EN 319 142-1, 5.4.3). Below B-LTA there
// is nothing to append.
func (j *job) growLTA(ctx context.Context, o *output) error {
	if !j.req.Level.reaches(LevelLTA) {
		return nil
	}
	var err error
	j.archive, err = j.ladder().stampDocument(ctx, o)
	return err
}

// judgedAt is when the output is judged: by the newest time stamp, for the
// program's clock may be behind the server's.
func (j *job) judgedAt() time.Time {
	at := j.req.Time
	for _, t := range []*timestamp.Token{j.stamp, j.archive} {
		if t != nil && t.Time.After(at) {
			at = t.Time
		}
	}
	return at
}

// open reads the file as it is so far.
func (l ladder) open(o *output) (*pdf.File, error) {
	f, err := pdf.OpenWith(o.file, o.size(), l.password)
	if err != nil {
		return nil, fmt.Errorf("read what was written: %w", err)
	}
	return f, nil
}

// contentsOf is /Contents of the signature in a field, with its padding.
func contentsOf(f *pdf.File, field string) ([]byte, error) {
	for _, s := range f.SignatureFields() {
		if s.Name == field && s.Value != nil {
			return f.Signature(s.Value).Contents, nil
		}
	}
	return nil, fmt.Errorf("the field %s is not there", field)
}

// leafOf is the certificate of the server that made a token.
func leafOf(t *timestamp.Token) leaf {
	return leaf{certificate: t.Server(nil), others: t.Certificates, at: t.Time}
}

// grow appends a document security store.
func grow(o *output, f *pdf.File, entries []pades.StoreEntry) error {
	update, err := pades.Store(f, entries)
	if err != nil {
		return err
	}
	return o.append(update)
}

// stampDocument appends a document time stamp over everything so far. Where its
// room was too small it is asked for once more; no key is needed for that.
func (l ladder) stampDocument(ctx context.Context, o *output) (*timestamp.Token, error) {
	f, err := l.open(o)
	if err != nil {
		return nil, err
	}
	room := l.sizes.room(l.tsas)
	for again := false; ; again = true {
		p, err := pades.PrepareStamp(f, room)
		if err != nil {
			return nil, fmt.Errorf("document time stamp: %w", err)
		}
		der, token, err := l.stamp(ctx, o.sum(p.Signed()...))
		if err != nil {
			return nil, err
		}
		err = p.Embed(der)
		if errors.Is(err, pades.ErrTooSmall) && !again {
			room = len(der) + spareStamp
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("document time stamp: %w", err)
		}
		return token, o.append(p.Update)
	}
}
