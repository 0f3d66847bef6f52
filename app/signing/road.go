package signing

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"slices"
	"sync"
	"time"

	"kyso/app/outbox"
	"kyso/signer"
)

// sendAhead is how many signed documents may wait for the outbox, sendTogether how
// many are kept as done with one write.
const (
	sendAhead    = 64
	sendTogether = 16
)

// sendLimit bounds the way of one signed document into the outbox. It is not cut
// short by the end of the batch: what is signed is to be sent.
const sendLimit = time.Minute

// sent is a signed document on its way to the outbox.
type sent struct {
	lane    *lane
	doc     *document
	outcome Outcome
}

// order is which document the engine has under which index. Its own goroutine
// adds, that of the outcomes asks.
type order struct {
	mu   sync.Mutex
	docs []*document
}

func (o *order) add(d *document) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.docs = append(o.docs, d)
}

func (o *order) at(i int) *document {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.docs[i]
}

// jobs plans one waiting document after the other for the certificate of s, and
// notes in given which the engine took.
func (l *lane) jobs(ctx context.Context, s *seat, given *order) iter.Seq[signer.Job] {
	id := s.key.Certificate.Fingerprint()
	return func(yield func(signer.Job) bool) {
		for _, d := range l.waiting(id) {
			if ctx.Err() != nil || l.batch.isCancelled() {
				return
			}
			j, err := l.plan(ctx, s, d)
			switch {
			case err != nil && ctx.Err() != nil:
				l.batch.set(d, func(r *Row) { r.State, r.Step = RowWaiting, "" })
				return
			case err != nil:
				l.fail(d, err)
				continue
			case j.In == "": // an earlier try has signed it
				continue
			}
			given.add(d)
			if !yield(j) {
				return
			}
		}
	}
}

// waiting gives the documents that wait for a certificate.
func (l *lane) waiting(id [32]byte) []*document {
	var out []*document
	l.each(func(d *document) {
		if d.row.State == RowWaiting && d.Key.Certificate.Fingerprint() == id {
			out = append(out, d)
		}
	})
	return out
}

// plan walks a document up to the key: check and place. The zero Job is a
// document that an earlier try has signed.
func (l *lane) plan(ctx context.Context, s *seat, d *document) (signer.Job, error) {
	b := l.batch
	b.step(d, StepPlan)
	if size, modified := stamp(d.Job.Path); size != d.size || !modified.Equal(d.modified) {
		return signer.Job{}, changed(d.Job.Path)
	}
	b.unlock(d)
	if d.again {
		o, ok := s.adopt(ctx, d)
		if ok {
			b.step(d, StepQueue)
			b.sending <- sent{l, d, o}
			return signer.Job{}, nil
		}
		if err := b.rename(d); err != nil {
			return signer.Job{}, err
		}
	}
	j, err := b.place(ctx, s, d)
	if err != nil {
		return signer.Job{}, err
	}
	r, err := s.plan(ctx, j)
	if err != nil {
		return signer.Job{}, err
	}
	b.step(d, StepSign)
	r.BeforeCheck = func() { b.step(d, StepCheck) }
	return signer.Job{In: j.Path, Out: d.out, Request: r}, nil
}

// unlock asks for the password of a document that was resumed.
func (b *Batch) unlock(d *document) {
	if d.Job.Password != nil || b.options.Password == nil {
		return
	}
	password := b.options.Password(d.Job)
	b.mu.Lock()
	defer b.mu.Unlock()
	d.row.Job.Password = password
}

// ErrChanged reports a document that is not what it was when the batch was made.
var ErrChanged = errors.New("the file was changed after the batch was made")

// changed says what became of a file that is not as it was.
func changed(path string) error {
	if _, err := os.Stat(path); err != nil {
		return fmt.Errorf("look at the document: %w", err)
	}
	return fmt.Errorf("%s: %w", path, ErrChanged)
}

// stamp gives size and time of a file, zero values when there is none.
func stamp(path string) (int64, time.Time) {
	st, err := os.Stat(path)
	if err != nil {
		return 0, time.Time{}
	}
	return st.Size(), st.ModTime()
}

// place completes a job: its place when it has none, its time and its text.
func (b *Batch) place(ctx context.Context, s *seat, d *document) (Job, error) {
	b.mu.Lock()
	j := d.row.Job
	b.mu.Unlock()
	if j.Time.IsZero() {
		j.Time = b.desk.c.Clock().Truncate(time.Second)
	}
	if d.Unplaced && b.options.Place != nil {
		var err error
		if j, err = b.options.Place(ctx, s.key, j); err != nil {
			return j, err
		}
	} else if d.Unplaced {
		return j, fmt.Errorf("place the mark on %s: %w", j.Path, signer.ErrNoPlace)
	}
	j = j.Dressed(s.key.Subject)
	b.mu.Lock()
	d.row.Job = j
	b.mu.Unlock()
	return j, nil
}

// rename gives a document another output when its own was taken meanwhile.
func (b *Batch) rename(d *document) error {
	if _, err := os.Lstat(d.out); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	out, err := b.desk.place(d.Job, b.taken)
	if err != nil {
		return err
	}
	d.out = out
	b.taken[out] = true
	return b.record.moved(d)
}

// adopt looks whether an earlier try has signed the document: its output begins
// with the document's bytes and its last signature is sound and of the certificate.
func (s *seat) adopt(ctx context.Context, d *document) (Outcome, bool) {
	if !continues(d.Job.Path, d.out) {
		return Outcome{}, false
	}
	report, err := signer.VerifyFile(ctx, d.out, signer.VerifyOptions{Offline: true, Password: d.row.Job.Password, At: s.desk.c.Clock()})
	if err != nil {
		return Outcome{}, false
	}
	for _, last := range slices.Backward(report.Signatures) {
		if last.SubFilter == "ETSI.RFC3161" {
			continue // an archive time stamp over it
		}
		if !last.Sound() || last.Signer.SHA256 != s.key.Subject.SHA256 || last.SignedSize <= d.size {
			return Outcome{}, false
		}
		sum, err := sumOf(d.out)
		return Outcome{Path: d.out, SHA256: sum, Field: last.Field, Level: last.Level, Report: report, Certificate: s.status}, err == nil
	}
	return Outcome{}, false
}

// continues reports whether the file out is longer than the file in and begins
// with its bytes.
func continues(in, out string) bool {
	a, err := os.Open(in)
	if err != nil {
		return false
	}
	defer a.Close() //nolint:errcheck // only read
	b, err := os.Open(out)
	if err != nil {
		return false
	}
	defer b.Close() //nolint:errcheck // only read
	var x, y [64 << 10]byte
	for {
		n, err := io.ReadFull(a, x[:])
		if m, _ := io.ReadFull(b, y[:]); m < n || !bytes.Equal(x[:n], y[:n]) {
			return false
		}
		switch {
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			sa, _ := stamp(in)
			sb, _ := stamp(out)
			return sb > sa
		case err != nil:
			return false
		}
	}
}

// done takes the engine's outcome of a document.
func (l *lane) done(s *seat, d *document, o signer.Outcome) {
	switch {
	case o.Err == nil:
		l.batch.step(d, StepQueue)
		made := s.outcome(o.Result, o.Job.Request)
		s.note(d.row.Job, made)
		l.batch.sending <- sent{l, d, made}
	case goesOn(o.Err) || errors.Is(o.Err, context.Canceled):
		l.batch.set(d, func(r *Row) { r.State, r.Step = RowWaiting, "" })
	default:
		l.fail(d, o.Err)
	}
}

// fail ends a document for a reason of its own.
func (l *lane) fail(d *document, err error) {
	l.batch.mu.Lock()
	defer l.batch.mu.Unlock()
	l.end(d, RowFailed, err)
}

// isCancelled reports the person's wish.
func (b *Batch) isCancelled() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.cancelled
}

// step shows where on the road a document is.
func (b *Batch) step(d *document, s Step) {
	b.set(d, func(r *Row) { r.State, r.Step = RowWorking, s })
}

// set changes a row and tells it.
func (b *Batch) set(d *document, change func(*Row)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	change(&d.row)
	b.queueEvent(d, nil)
}

// send brings signed documents to the outbox, in the order in which they were
// made, and keeps that they are done: those that have come together with one write.
func (b *Batch) send(ctx context.Context) {
	for first := range b.sending {
		group := append([]sent{first}, b.together()...)
		errs := make([]error, len(group))
		for i := range group {
			errs[i] = b.queue(ctx, &group[i])
		}
		if err := b.record.done(group, errs); err != nil {
			err = fmt.Errorf("keep what is signed: %w", err)
			for i := range errs {
				errs[i] = cmp.Or(errs[i], err)
			}
		}
		for i, s := range group {
			b.sent(s, errs[i])
		}
	}
}

// together gives what waits to be sent now.
func (b *Batch) together() []sent {
	var more []sent
	for range sendTogether - 1 {
		select {
		case s, open := <-b.sending:
			if !open {
				return more
			}
			more = append(more, s)
		default:
			return more
		}
	}
	return more
}

// queue queues one signed document if it is to be delivered.
func (b *Batch) queue(ctx context.Context, s *sent) error {
	b.mu.Lock()
	job := s.doc.row.Job // with the password that was given meanwhile
	b.mu.Unlock()
	if !b.desk.delivers(job) {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), sendLimit)
	defer cancel()
	var err error
	s.outcome.Queued, err = b.desk.queue(ctx, job, s.outcome.Path)
	return err
}

// sent ends a document that is signed; err says why it is not in the outbox.
func (b *Batch) sent(s sent, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	r := &s.doc.row
	r.Outcome, r.Err, r.State, r.Step = s.outcome, err, RowSigned, ""
	if err != nil {
		r.State = RowUnsent
	}
	s.lane.state.Signed++
	b.follow(r, b.items[s.outcome.Queued])
	b.queueEvent(s.doc, s.lane)
}

// follower is a Queue that tells what becomes of its items; *outbox.Box is one.
type follower interface {
	Watch(f func(outbox.Item)) (stop func())
	Item(ctx context.Context, id string) (outbox.Item, error)
}

// watch follows the deliveries of the batch's documents.
func (b *Batch) watch() (stop func()) {
	q, ok := b.desk.c.Queue.(follower)
	if !ok {
		return func() {}
	}
	return q.Watch(func(i outbox.Item) {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.items[i.ID] = i // it may be told before Enqueue has returned
		for _, d := range b.docs {
			if d.row.Outcome.Queued == i.ID && d.row.Signed() {
				b.follow(&d.row, i)
				b.queueEvent(d, nil)
			}
		}
	})
}

// follow notes what became of a delivery; the batch must be locked.
func (b *Batch) follow(r *Row, i outbox.Item) {
	if i.ID == "" || r.Outcome.Queued != i.ID {
		return
	}
	r.Delivery = i
	switch i.State {
	case outbox.Accepted:
		r.State, r.Step = RowAccepted, ""
	case outbox.NeedsAction:
		r.State, r.Step = RowRefused, ""
	case outbox.Uploading, outbox.Committing:
		r.Step = StepUpload
	case outbox.Verifying:
		r.Step = StepAnswer
	case outbox.Queued, outbox.NeedsLogin, outbox.Held:
		r.Step = ""
	}
}

// Follow tells what becomes of the deliveries after Run, until all have come to
// an end or wait for a person, or ctx ends. It returns at once where there is no
// document system. The error is that of reading the outbox or of ctx.
func (b *Batch) Follow(ctx context.Context) error {
	q, ok := b.desk.c.Queue.(follower)
	if !ok {
		return nil
	}
	stop := b.watch()
	defer stop()
	for _, r := range b.Rows() {
		if r.Outcome.Queued == "" {
			continue
		}
		i, err := q.Item(ctx, r.Outcome.Queued)
		if err != nil {
			return fmt.Errorf("follow the delivery of %s: %w", r.Outcome.Path, err)
		}
		b.mu.Lock()
		b.follow(&b.docs[r.Index].row, i)
		b.queueEvent(b.docs[r.Index], nil)
		b.mu.Unlock()
	}
	for {
		b.tellAll()
		if b.settled() {
			return nil
		}
		select {
		case <-b.wake:
		case <-ctx.Done():
			return fmt.Errorf("follow the deliveries: %w", ctx.Err())
		}
	}
}

// settled reports that no delivery is under way.
func (b *Batch) settled() bool {
	for _, r := range b.Rows() {
		switch r.Delivery.State {
		case outbox.Queued, outbox.Uploading, outbox.Committing, outbox.Verifying:
			return false
		case "", outbox.Accepted, outbox.NeedsAction, outbox.NeedsLogin, outbox.Held:
		}
	}
	return true
}
