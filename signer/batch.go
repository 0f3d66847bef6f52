package signer

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"kyso/signer/internal/pades"
)

// A key is the bottleneck of a batch, so it must not wait: so many files are
// made ready for it, and so many signed ones are finished beside it.
const (
	lookAhead = 3
	finishers = 16 // most of their time they wait for the disk, which serves many at once
)

// A key that can queue is asked for so many signatures at a time. More than one
// waits for it, since what asks for the next may itself wait for a processor: with
// two, a fast key stood idle a seventh of the time.
const queued = 8

// quickKey is a signature that no person has a part in, so that others may wait
// behind it within their own time limit.
const quickKey = 500 * time.Millisecond

// finishGrace is how long what was signed before ctx ended may take to be finished.
const finishGrace = 5 * time.Second

// Job is one file of a batch.
type Job struct {
	In, Out string
	// Request is that of SignFile; its Credential is replaced by the batch's. Its
	// BeforeCheck may be called beside those of other files.
	Request Request
}

// Queueing is a Credential that may be asked for a signature while it makes
// another one: it makes them one after the other, and what is queued behind a
// wrong PIN or a token that is gone fails without a try. SignFiles has up to seven
// signatures wait in front of a key of that kind whose first one took less than
// half a second.
type Queueing interface {
	Credential
	// Queues reports that it does.
	Queues() bool
}

// Outcome is what became of one file of a batch.
type Outcome struct {
	// Index is the place of Job in the sequence, from 0.
	Index int
	Job   Job
	// Result is valid when Err is nil.
	Result Result
	// Err is an error of SignFile. It wraps ErrNotSigned when the batch ended
	// before the key was asked for this file.
	Err error
}

// SignFiles signs many files with one credential. While the key makes one
// signature, the next files are read and prepared and the last ones are checked,
// synced and named; the key makes one signature at a time, in the order of the
// jobs as far as it is not Queueing. Each file goes through the same steps as in SignFile, with the same
// promises, so no input may be the output of a job of the same batch.
//
// done is called once for every job taken from jobs, as soon as it is over, which
// is not always in their order; the calls come one after the other, in the
// goroutine of SignFiles. jobs is asked in another one, and not much further ahead
// than the key is.
//
// A file that cannot be signed is told to done and does not stop the others. An
// error of the credential (a wrong PIN, a token that was removed, a value that
// does not belong to the certificate) does: SignFiles returns it, and the key is
// not asked again. So does ctx. Either way what was signed is finished first; a
// file is never signed twice, but for one whose time stamp did not fit its room.
func SignFiles(ctx context.Context, c Credential, jobs iter.Seq[Job], done func(Outcome)) error {
	if c == nil || c.Certificate() == nil {
		return fmt.Errorf("%w: no certificate", ErrRequest)
	}
	b := &batch{credential: c, outcomes: make(chan Outcome), turn: make(chan struct{}, 1)}
	if q, ok := c.(Queueing); ok && q.Queues() {
		b.turn = make(chan struct{}, queued)
	}
	ahead, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	b.stop = stop
	finishing, release := withGrace(ctx, finishGrace)
	defer release()

	ready, signed := make(chan *task, lookAhead), make(chan *task)
	var all sync.WaitGroup
	all.Go(func() {
		defer close(ready)
		b.prepare(ahead, jobs, ready)
	})
	all.Go(func() {
		defer close(signed)
		b.sign(ahead, ready, signed)
	})
	for range finishers {
		all.Go(func() { b.finish(finishing, signed, func(t *task) error { return b.ask(ahead, t) }) })
	}
	go func() {
		all.Wait()
		close(b.outcomes)
	}()
	for o := range b.outcomes {
		done(o)
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("sign files: %w", err)
	}
	if err := context.Cause(ahead); err != nil {
		return fmt.Errorf("sign files: %w", err)
	}
	return nil
}

// batch is one call of SignFiles.
type batch struct {
	credential Credential
	outcomes   chan Outcome
	// stop ends what is not signed yet, with the reason.
	stop context.CancelCauseFunc
	// folders are those that outputs went to.
	folders folderSyncs
	// turn is held while the key is asked, by as many as it may be asked by.
	turn chan struct{}
}

// task is a job on its way, with the value of its signature once there is one.
type task struct {
	job

	index int
	value []byte
}

// end tells the outcome and lets go of the files.
func (b *batch) end(t *task, public Job, res Result, err error) {
	t.close()
	b.outcomes <- Outcome{Index: t.index, Job: public, Result: res, Err: err}
}

func (t *task) public() Job { return Job{In: t.in, Out: t.out, Request: t.req} }

// prepare makes files ready for the key, in their order.
func (b *batch) prepare(ctx context.Context, jobs iter.Seq[Job], ready chan<- *task) {
	cleaned := map[string]bool{}
	var last *task
	index := 0
	for public := range jobs {
		public.Request.Credential = b.credential
		t := &task{job: job{in: public.In, out: public.Out, req: public.Request, syncFolder: b.folders.sync}, index: index}
		index++
		if folder := filepath.Dir(public.Out); public.Out != "" && !cleaned[folder] {
			cleaned[folder] = true
			removeLeftovers(folder, time.Now())
		}
		t.chainOf(last)
		if err := t.ready(ctx); err != nil {
			if ctx.Err() != nil {
				err = notSigned(ctx, t)
			}
			b.end(t, public, Result{}, err)
		} else {
			last = t
			ready <- t // the signing goroutine takes everything
		}
		if ctx.Err() != nil {
			return
		}
	}
}

// chainOf takes the chain of an earlier task over, and the size of its CMS, when
// they are made of the same certificates: looking for issuers can take the
// network.
func (t *task) chainOf(last *task) {
	if last == nil || last.req.Client != t.req.Client ||
		!slices.Equal(last.req.Chain, t.req.Chain) || !slices.Equal(last.req.Intermediates, t.req.Intermediates) ||
		!slices.Equal(last.req.Anchors, t.req.Anchors) || last.req.PSS != t.req.PSS {
		return
	}
	t.chain, t.missing, t.chained = last.chain, last.missing, true
	t.dry = last.dry
}

// ready does all that goes before the key.
func (t *task) ready(ctx context.Context) error {
	if t.out == "" {
		return fmt.Errorf("%w: no output", ErrRequest)
	}
	if err := t.open(ctx); err != nil {
		return err
	}
	return t.copy(ctx)
}

// sign asks the key for one file after the other. Once it turns out to be quick,
// and can queue, others are asked for behind that.
func (b *batch) sign(ctx context.Context, ready <-chan *task, signed chan<- *task) {
	var others sync.WaitGroup
	defer others.Wait()
	alone := cap(b.turn) > 1
	for t := range ready {
		from := time.Now()
		b.signOne(ctx, t, signed)
		if alone && time.Since(from) < quickKey {
			alone = false
			for range cap(b.turn) - 1 {
				others.Go(func() {
					for t := range ready {
						b.signOne(ctx, t, signed)
					}
				})
			}
		}
	}
}

func (b *batch) signOne(ctx context.Context, t *task, signed chan<- *task) {
	if err := b.ask(ctx, t); err != nil {
		b.end(t, t.public(), Result{}, err)
		return
	}
	signed <- t
}

// ask asks the key. What it does not give ends the batch.
func (b *batch) ask(ctx context.Context, t *task) error {
	b.turn <- struct{}{}
	defer func() { <-b.turn }()
	if ctx.Err() != nil {
		return notSigned(ctx, t)
	}
	var err error
	t.value, err = t.askKey(ctx, b.credential)
	if err != nil {
		b.stop(err)
	}
	return err
}

// finish completes signed files. askAgain asks the key once more for one whose
// room was too small.
func (b *batch) finish(ctx context.Context, signed <-chan *task, askAgain func(*task) error) {
	for t := range signed {
		res, err := t.complete(ctx, t.value)
		if errors.Is(err, pades.ErrTooSmall) && t.least == 0 {
			if err = t.again(ctx); err == nil {
				err = askAgain(t)
			}
			if err == nil {
				res, err = t.complete(ctx, t.value)
			}
		}
		b.end(t, t.public(), res, err)
	}
}

func notSigned(ctx context.Context, t *task) error {
	return fmt.Errorf("sign %s: %w: %w", t.in, ErrNotSigned, context.Cause(ctx))
}

// withGrace is a context that ends a while after ctx does.
func withGrace(ctx context.Context, grace time.Duration) (context.Context, context.CancelFunc) {
	late, cancel := context.WithCancel(context.WithoutCancel(ctx))
	detach := context.AfterFunc(ctx, func() {
		timer := time.NewTimer(grace)
		defer timer.Stop()
		select {
		case <-timer.C:
			cancel()
		case <-late.Done():
		}
	})
	return late, func() {
		detach()
		cancel()
	}
}
