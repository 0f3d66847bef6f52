package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// fileReport is what became of one file.
type fileReport struct {
	name     string
	openable bool
	// closed is what the reader says of a file that is not openable.
	closed string
	// refused is the code of the refusal, "" for none; rightly says that it
	// is one that keeps a signer from harm.
	refused string
	rightly bool

	// earlier is the number of sound signatures that it came with.
	earlier int

	signed, verified, kept, harmed, panicked, hung, changed bool
	// words are the judges' words on what falls short.
	words []string
}

func (r *fileReport) say(format string, a ...any) {
	r.words = append(r.words, fmt.Sprintf(format, a...))
}

// failer notes what a judge has against an output.
func (r *fileReport) failer(o childOutput) func(format string, a ...any) {
	return func(format string, a ...any) {
		r.verified = false
		r.say(o.Key+": "+format, a...)
	}
}

// judge signs one file and has the outputs judged.
func (b *bench) judge(ctx context.Context, dir, name string, password []byte) fileReport {
	r := fileReport{name: name}
	path := filepath.Join(dir, filepath.FromSlash(name))
	was, err := digest(path)
	if err != nil {
		r.say("not read: %v", err)
		return r
	}
	var a childAnswer
	err = b.signer.ask(ctx, childTask{Path: path, Out: filepath.Join(b.dir, "out."), Password: password}, &a)
	switch {
	case errors.Is(err, errHung):
		r.hung = true
		r.say("no answer in %s", b.signer.limit)
	case err != nil:
		r.panicked = true
		r.say("%v", err)
	case a.Panic != "":
		r.panicked = true
		r.say("panic: %s", a.Panic)
	}
	r.openable = a.Opens || qpdfOpens(ctx, path, password)
	r.closed = a.Text
	if r.openable {
		b.outcome(ctx, &r, path, password, a)
	}
	if now, err := digest(path); err != nil || now != was {
		r.changed = true
		r.say("the original was changed")
	}
	return r
}

// outcome judges the answer for an openable file.
func (b *bench) outcome(ctx context.Context, r *fileReport, path string, password []byte, a childAnswer) {
	if a.Code != "" {
		r.refused, r.rightly = a.Code, rightly(a.Code, path)
		if r.rightly {
			return
		}
		r.say("refused (%s): %s", a.Code, a.Text)
		return
	}
	r.signed = len(a.Outputs) == 2
	for _, o := range a.Outputs {
		if o.Error != "" {
			r.signed = false
			r.say("%s: %s", o.Key, o.Error)
		}
	}
	if !r.signed {
		return
	}
	p := b.portrait(ctx, path, password)
	r.verified, r.kept, r.earlier = true, true, a.Earlier
	for _, o := range a.Outputs {
		b.output(ctx, r, p, o)
		if b.keep != "" {
			to := filepath.Join(b.keep, strings.ReplaceAll(r.name, "/", "__")+"."+o.Key+".pdf")
			if err := os.Rename(o.Path, to); err == nil {
				continue
			}
		}
		if err := os.Remove(o.Path); err != nil {
			r.say("%v", err)
		}
	}
}

// rightly reports that the refusal of that code is one that it should be. A
// damaged file is refused rightly only when it says that it is signed.
func rightly(code, path string) bool {
	if code != "damaged" {
		return slices.Contains([]string{"certified-no-changes", "locked", "dynamic-xfa", "trailing-bytes", "permission", "annotations-not-allowed"}, code)
	}
	b, err := os.ReadFile(path)
	return err == nil && strings.Contains(string(b), "/ByteRange")
}

// portrait is what the judges say of an original.
type portrait struct {
	path     string
	password []byte
	size     int64
	qpdf     int
	pdfsig   []pdfsigSignature
	poppler  bool // pdfsig opens it
	mutool   mutoolVerdict
}

func (b *bench) portrait(ctx context.Context, path string, password []byte) portrait {
	p := portrait{path: path, password: password}
	if info, err := os.Stat(path); err == nil {
		p.size = info.Size()
	}
	p.qpdf, _ = qpdfCheck(ctx, path, password)
	p.pdfsig, p.poppler = pdfsigOf(ctx, path, password)
	p.mutool = mutoolVerify(ctx, path, password)
	p.mutool.opens = p.mutool.opens && mutoolReads(ctx, path, password)
	return p
}

// output has every judge look at one output.
func (b *bench) output(ctx context.Context, r *fileReport, p portrait, o childOutput) {
	fail := r.failer(o)
	if err := samePrefix(p.path, o.Path); err != nil {
		fail("%v", err)
	}
	at, err := extract(o.Path, p.size, b.dir)
	if err != nil {
		fail("%v", err)
	} else if err := openssl(ctx, b.dir, b.root); err != nil {
		fail("%v", err)
	}
	if o.Fault != "" {
		fail("own validator: %s", o.Fault)
	}
	if len(o.Harmed) > 0 {
		r.harmed = true
		r.say("%s: own validator: earlier signatures harmed: %s", o.Key, strings.Join(o.Harmed, ", "))
	}
	if severity, word := qpdfCheck(ctx, o.Path, p.password); severity > p.qpdf {
		fail("qpdf: %s", word)
	}
	asPdfsig(ctx, r, p, o, at)
	switch now := mutoolVerify(ctx, o.Path, p.password); {
	case !p.mutool.opens: // it is no judge of this file
	case !now.opens:
		fail("mutool: %s", now.word)
	case now.signatures <= p.mutool.signatures || now.bad > p.mutool.bad:
		fail("mutool: %d of %d signatures bad, before %d of %d: %s", now.bad, now.signatures, p.mutool.bad, p.mutool.signatures, now.word)
	}
	b.asPikepdf(ctx, r, p, o)
}

// asPdfsig compares what pdfsig says before and after.
func asPdfsig(ctx context.Context, r *fileReport, p portrait, o childOutput, at place) {
	fail := r.failer(o)
	found, opens := pdfsigOf(ctx, o.Path, p.password)
	if !opens {
		if p.poppler {
			fail("pdfsig: cannot open it")
		}
		return
	}
	now := map[string]pdfsigSignature{}
	for _, s := range found {
		now[s.ranges] = s
	}
	switch s, ok := now[fmt.Sprintf("[0 - %d], [%d - %d]", at.from, at.to, at.end)]; {
	case !ok:
		fail("pdfsig: the new signature is not found among %d", len(found))
	case !s.valid || !s.whole:
		fail("pdfsig: %s, over the whole file: %t", s.word, s.whole)
	}
	for _, old := range p.pdfsig {
		if old.valid && !now[old.ranges].valid {
			r.harmed = true
			r.say("%s: pdfsig: the earlier signature over %s: %s", o.Key, old.ranges, now[old.ranges].word)
		}
	}
}

// asPikepdf compares the documents.
func (b *bench) asPikepdf(ctx context.Context, r *fileReport, p portrait, o childOutput) {
	var a struct {
		Opens bool
		Lost  []string
		Error string
	}
	question := struct {
		Before   string `json:"before"`
		After    string `json:"after"`
		Password []byte `json:"password"`
	}{p.path, o.Path, p.password}
	switch err := b.kept.ask(ctx, question, &a); {
	case err != nil:
		r.kept = false
		r.say("%s: pikepdf: %v", o.Key, err)
	case !a.Opens: // it is no judge of this file
	case a.Error != "":
		r.kept = false
		r.say("%s: pikepdf: %s", o.Key, a.Error)
	case len(a.Lost) > 0:
		r.kept = false
		r.say("%s: pikepdf: %s", o.Key, strings.Join(a.Lost, "; "))
	}
}

func digest(path string) (sum [sha256.Size]byte, err error) {
	f, err := os.Open(path)
	if err != nil {
		return sum, fmt.Errorf("read the original: %w", err)
	}
	defer f.Close() //nolint:errcheck // only read
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return sum, fmt.Errorf("read the original: %w", err)
	}
	h.Sum(sum[:0])
	return sum, nil
}
