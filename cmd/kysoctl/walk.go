package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"kyso/app"
	"kyso/app/docsys"
	"kyso/app/outbox"
	"kyso/app/placement"
	"kyso/app/signing"
	"kyso/app/signrate"
	"kyso/signer"
	"kyso/signer/verify"
)

// errNothingWaits reports a demonstration whose letters are all signed.
var errNothingWaits error = namedError{"demo-finished", "no letter waits any more"}

// namedError is an error that names the message a person reads.
type namedError struct{ code, text string }

func (e namedError) Error() string { return e.text }

// ExplainCode names the message (package explain).
func (e namedError) ExplainCode() string { return e.code }

// errNotValid reports a signed file that the validator does not find valid.
var errNotValid = errors.New("the signed file is not valid")

// walk is the road without a window: one letter from the inbox to the receipt.
type walk struct {
	c   *console
	app *app.App
	pin []byte
}

// A step line is what --json prints of a step of the walk.
type stepLine struct {
	Kind string `json:"kind"`
	Step string `json:"step"`
	Note string `json:"note"`
	MS   int64  `json:"ms"`
}

// step runs one step and prints what came of it.
func (w walk) step(name string, do func() (string, error)) error {
	begin := time.Now()
	note, err := do()
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	took := time.Since(begin)
	w.c.object(stepLine{Kind: "step", Step: name, Note: note, MS: took.Milliseconds()})
	w.c.say("✓ %-10s %s  (%d ms)", name, note, took.Milliseconds())
	return nil
}

// run walks one letter.
func (w walk) run(ctx context.Context) error {
	var (
		waiting []docsys.Document
		job     signing.Job
		key     signing.Key
		outcome signing.Outcome
		before  signrate.Figure
	)
	for _, s := range []struct {
		name string
		do   func() (string, error)
	}{
		{"rate", func() (n string, err error) { before, n, err = w.rate(ctx); return n, err }},
		{"inbox", func() (n string, err error) { waiting, n, err = w.inbox(ctx); return n, err }},
		{"place", func() (n string, err error) { job, n, err = w.place(ctx, waiting); return n, err }},
		{"token", func() (n string, err error) { key, n, err = w.key(ctx); return n, err }},
		{"sign", func() (n string, err error) { outcome, n, err = w.sign(ctx, key, job); return n, err }},
		{"verify", func() (string, error) { return w.verify(ctx, outcome) }},
		{"send", func() (string, error) { return w.send(ctx, outcome) }},
		{"rate", func() (string, error) { return w.moved(ctx, before) }},
	} {
		if err := w.step(s.name, s.do); err != nil {
			return err
		}
	}
	return nil
}

// rate reads the unit's figure of this year.
func (w walk) rate(ctx context.Context) (signrate.Figure, string, error) {
	period := time.Now().In(docsys.Hanoi()).Format("2006")
	p, err := w.app.Client.Board(ctx, w.app.Handover.Person.Unit, period)
	if err != nil {
		return signrate.Figure{}, "", fmt.Errorf("read the board: %w", err)
	}
	return p.Own, p.Name + ", " + w.c.sentence(period, p.Own, p.Policy), nil
}

// inbox lists the letters that wait and have a file.
func (w walk) inbox(ctx context.Context) ([]docsys.Document, string, error) {
	all, err := w.app.Client.Waiting(ctx)
	if err != nil {
		return nil, "", fmt.Errorf("read the inbox: %w", err)
	}
	waiting := slices.DeleteFunc(all, func(d docsys.Document) bool { return d.Version == "" })
	if len(waiting) == 0 {
		return nil, "", errNothingWaits
	}
	return waiting, fmt.Sprintf("%d %s", len(waiting), w.c.text("văn bản chờ ký", "letters wait")), nil
}

// place takes the first letter in whose text the place of the mark is found,
// else the first one with its default place.
func (w walk) place(ctx context.Context, waiting []docsys.Document) (signing.Job, string, error) {
	var job signing.Job
	var note string
	for _, d := range waiting {
		j, p, err := w.propose(ctx, d)
		if err != nil {
			return j, "", err
		}
		if job.Document == nil || p.Sure {
			job = j
			note = fmt.Sprintf("%s/%s %s: %s %d, %.0f,%.0f %.0f×%.0f pt, %s", d.Number, d.Notation, d.Subject,
				w.c.text("trang", "page"), p.Page, p.Rect.X, p.Rect.Y, p.Rect.W, p.Rect.H, p.Why)
		}
		if p.Sure {
			break
		}
	}
	return job, note, nil
}

// propose fetches a letter and proposes the place of the mark.
func (w walk) propose(ctx context.Context, d docsys.Document) (signing.Job, placement.Proposal, error) {
	j := signing.Job{Document: &d, Role: placement.Approval, Time: now()}
	var p placement.Proposal
	var err error
	if j.Path, err = w.app.Fetch(ctx, d); err != nil {
		return j, p, err
	}
	picture, err := readImage(w.app.Handover.SignatureImage)
	if err != nil {
		return j, p, err
	}
	look := signing.LookOf(w.app.Templates(), j.Role, "", signing.Choice{Picture: picture})
	j = look.Dress(j)
	pages, err := w.app.Pages(ctx, j.Path, nil)
	if err != nil {
		return j, p, err
	}
	width, height := look.Size()
	p = placement.Propose(pages, j.Role, placement.Signer{Name: d.SignerName, Title: d.SignerTitle}, width, height)
	j.Page, j.Rect = p.Page, p.Rect
	return j, p, nil
}

// key finds the chairman's certificate on the token.
func (w walk) key(ctx context.Context) (signing.Key, string, error) {
	found, err := w.app.Road.Keys(ctx)
	if err != nil {
		return signing.Key{}, "", fmt.Errorf("look for tokens: %w", err)
	}
	for _, k := range onlyFit(found.Keys) {
		if k.Subject.Name == w.app.Handover.Person.Name {
			return k, fmt.Sprintf("%s · %s · %s, PIN %s", k.Subject.Name, k.Subject.Title, k.Subject.Key, k.Token.PIN), nil
		}
	}
	return signing.Key{}, "", noKey(found)
}

// sign logs in once and walks the letter to the outbox.
func (w walk) sign(ctx context.Context, k signing.Key, j signing.Job) (signing.Outcome, string, error) {
	seat, err := w.app.Road.Open(ctx, k, w.pin)
	clear(w.pin)
	if err != nil {
		return signing.Outcome{}, "", err
	}
	o, err := seat.Sign(ctx, j, func(signing.Step) {})
	if err := errors.Join(err, seat.Close(ctx)); err != nil {
		return o, "", err
	}
	st, err := os.Stat(o.Path)
	if err != nil {
		return o, "", fmt.Errorf("look at the signed file: %w", err)
	}
	return o, fmt.Sprintf("%s, %d kB, sha256 %s…", o.Path, st.Size()/1024, o.SHA256[:12]), nil
}

// verify judges the signed file with the demonstration's anchors.
func (w walk) verify(ctx context.Context, o signing.Outcome) (string, error) {
	anchors, others, err := app.ReadTrust(w.app.Handover.Trust)
	if err != nil {
		return "", err
	}
	r, err := signer.VerifyFile(ctx, o.Path, signer.VerifyOptions{Anchors: anchors, Intermediates: others, Client: w.app.HTTP(), At: time.Now()})
	if err != nil {
		return "", err
	}
	if r.Indication != verify.TotalPassed {
		return "", fmt.Errorf("%w: %s %s", errNotValid, r.Indication, r.SubIndication)
	}
	return fmt.Sprintf("%s (%s), %d %s", w.c.word(r.Indication), r.Indication, len(r.Signatures), w.c.text("chữ ký", "signatures")), nil
}

// send delivers the letter and waits for the server's own verification.
func (w walk) send(ctx context.Context, o signing.Outcome) (string, error) {
	i, err := await(ctx, w.app.Outbox, o.Queued, func(outbox.Item) {})
	if err != nil {
		return "", err
	}
	if i.State != outbox.Accepted || i.Receipt.SHA256 != o.SHA256 {
		return "", fmt.Errorf("%w: %s %s", errNotAccepted, i.State, i.Problem)
	}
	return fmt.Sprintf("%s %s, %s %s…", w.c.text("máy chủ đã nhận lúc", "the server received it at"), clock(i.Receipt.ReceivedAt),
		w.c.text("đã tự kiểm tra, sha256", "verified it itself, sha256"), i.Receipt.SHA256[:12]), nil
}

// errRateStays reports a rate that did not move.
var errRateStays = errors.New("the rate did not move")

// moved reads the rate again.
func (w walk) moved(ctx context.Context, before signrate.Figure) (string, error) {
	after, note, err := w.rate(ctx)
	if err != nil {
		return "", err
	}
	if after.Fulfilled != before.Fulfilled+1 {
		return "", fmt.Errorf("%w: %d/%d", errRateStays, after.Fulfilled, after.Required)
	}
	return before.Text() + " → " + note, nil
}
