package present

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"kyso/app/docsys"
	"kyso/app/signing"
	"kyso/app/signrate"
)

// BatchWork is a batch that is being signed; *signing.Batch is one.
//
//nolint:interfacebloat // it is one thing, as signing.Batch is
type BatchWork interface {
	Run(ctx context.Context) error
	Follow(ctx context.Context) error
	Rows() []signing.Row
	Again() []signing.Assignment
	Pause()
	Resume()
	Cancel()
}

// BatchState is the page of a batch that is being signed, and its result.
type BatchState struct {
	// Running is true until every document is over.
	Running bool
	// Problem is why the batch could not begin or ended, nil when there is none.
	Problem *Problem
	Rows    []BatchRow
	// Total, Signed and Failed count the documents.
	Total, Signed, Failed int
	// Pace says how fast it goes, Left how long the rest takes; empty while nobody knows.
	Pace, Left Text
	// Notice says what it waits for, such as a token that was pulled out.
	Notice     Text
	NoticeTone Tone
	// Paused and Ending are the person's wish.
	Paused, Ending bool
	// Summary says what became of it, once it is over.
	Summary     Text
	SummaryTone Tone
	// Again is how many documents can be tried again.
	Again int
	// RateBefore and RateAfter are the unit's rate, empty when not known or not moved.
	RateBefore, RateAfter string
}

// BatchRow is one document of a batch.
type BatchRow struct {
	Title, Reference string
	State            StepState
	// Note says how far it is, or what became of it.
	Note Text
	Tone Tone
	// Problem says why it was not signed or not sent, nil when it was.
	Problem *Problem
	// Path is the signed file, empty before there is one.
	Path string

	index int // in the batch
	job   signing.Job
}

// Batch is the presenter of a batch.
type Batch struct {
	services *Services
	loop     Loop
	state    BatchState
	work     BatchWork
	lanes    map[int]signing.Lane
	newest   *signrate.Figure // of the unit
	before   *signrate.Figure // when the batch began

	mu      sync.Mutex
	events  []signing.Event // told and not shown yet
	pending bool            // somebody will show them

	// Changed is told each new state.
	Changed func(BatchState)
	// Ask is asked for a PIN; answer must be called once, with the PIN, which it
	// takes, or with the person's refusal.
	Ask func(q signing.Question, answer func(pin []byte, err error))
	// Ended is told that the batch is over, Settled that nothing of it is on its way
	// to the server any more.
	Ended, Settled func()
}

func newBatch(s *Services, l Loop) *Batch {
	return &Batch{
		services: s, loop: l, Changed: func(BatchState) {}, Ended: func() {}, Settled: func() {},
		Ask: func(_ signing.Question, answer func([]byte, error)) { answer(nil, context.Canceled) },
	}
}

// State gives the state as it is.
func (b *Batch) State() BatchState { return b.state }

// Begin signs documents with one key. It takes pin, the answer to the first
// question; a nil pin is that of a reader with a pad.
func (b *Batch) Begin(k signing.Key, jobs []signing.Job, pin []byte) {
	b.services.rememberCertificate(k, jobs[0].Role)
	b.before = b.newest
	all := make([]signing.Assignment, len(jobs))
	for i, j := range jobs {
		all[i] = signing.Assignment{Job: j, Key: k}
	}
	b.start(all, pin)
}

// start makes the batch and runs it.
func (b *Batch) start(all []signing.Assignment, pin []byte) {
	first := &firstAnswer{pin: pin, given: pin != nil}
	work, err := b.services.Batch(all, b.options(first))
	b.begun(work, err, first)
}

// Resume goes on with a batch that an earlier run of the program began.
func (b *Batch) Resume(id string) {
	b.before = b.newest
	first := &firstAnswer{}
	work, err := b.services.Resumption.ResumeBatch(id, b.options(first))
	b.begun(work, err, first)
}

// options are a batch's ties to the person.
func (b *Batch) options(first *firstAnswer) signing.BatchOptions {
	return signing.BatchOptions{
		Ask:  func(ctx context.Context, q signing.Question) ([]byte, error) { return b.ask(ctx, first, q) },
		Told: b.told,
	}
}

// begun runs a batch that was made, or says why it was not.
func (b *Batch) begun(work BatchWork, err error, first *firstAnswer) {
	if err != nil {
		first.wipe()
		b.state = BatchState{Problem: b.services.problem(err), Summary: say("batch.notbegun"), SummaryTone: Bad}
		b.Changed(b.state)
		b.Ended()
		return
	}
	b.run(work, first)
}

// run shows the batch until it is over.
func (b *Batch) run(work BatchWork, first *firstAnswer) {
	b.work, b.lanes = work, map[int]signing.Lane{}
	rows := work.Rows()
	b.state = BatchState{Running: true, Total: len(rows), Rows: make([]BatchRow, len(rows))}
	for i := range rows {
		b.state.Rows[i] = b.row(&rows[i])
	}
	b.Changed(b.state)
	b.loop.Go(func(ctx context.Context) func() {
		err := work.Run(ctx)
		first.wipe()
		return func() {
			if work == b.work {
				b.over(err)
				b.follow(work)
			}
		}
	})
}

// follow shows how what was signed goes on to the server.
func (b *Batch) follow(work BatchWork) {
	b.loop.Go(func(ctx context.Context) func() {
		// What cannot be followed here is seen under "Đã gửi", with its reason.
		_ = work.Follow(ctx)
		return func() {
			if work == b.work {
				b.Settled()
			}
		}
	})
}

// firstAnswer is a PIN that was typed before it was asked for.
type firstAnswer struct {
	mu    sync.Mutex
	pin   []byte
	given bool
}

// take gives the PIN, once.
func (f *firstAnswer) take() ([]byte, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	pin, ok := f.pin, f.given
	f.pin, f.given = nil, false
	return pin, ok
}

// wipe forgets a PIN that nobody took.
func (f *firstAnswer) wipe() {
	if pin, ok := f.take(); ok {
		clear(pin)
	}
}

// ask answers the first question with what was typed already, and asks the
// person every later one. It runs in a lane's goroutine.
func (b *Batch) ask(ctx context.Context, first *firstAnswer, q signing.Question) ([]byte, error) {
	if q.Why == signing.WhyFirst {
		if pin, ok := first.take(); ok || q.Key.Token.PINPad {
			return pin, nil
		}
	}
	type answer struct {
		pin []byte
		err error
	}
	answers := make(chan answer, 1)
	b.loop.Tell(func() {
		b.Ask(q, func(pin []byte, err error) { answers <- answer{pin, err} })
	})
	select {
	case a := <-answers:
		return a.pin, a.err
	case <-ctx.Done():
		return nil, fmt.Errorf("ask for the PIN: %w", ctx.Err())
	}
}

// told keeps a change for the window; it runs in the goroutine of the batch.
// However many come, the window is told once until it has looked.
func (b *Batch) told(e signing.Event) {
	b.mu.Lock()
	first := !b.pending
	b.events, b.pending = append(b.events, e), true
	b.mu.Unlock()
	if first {
		b.loop.Tell(b.look)
	}
}

// look shows what was told meanwhile.
func (b *Batch) look() {
	b.mu.Lock()
	events := b.events
	b.events, b.pending = nil, false
	b.mu.Unlock()
	for _, e := range events {
		if e.Row != nil {
			at := slices.IndexFunc(b.state.Rows, func(r BatchRow) bool { return r.index == e.Row.Index })
			if at >= 0 {
				b.state.Rows[at] = b.row(e.Row)
			}
		}
		if e.Lane != nil {
			b.lanes[e.Lane.Index] = *e.Lane
		}
		if b.state.Running {
			b.progress(e.Progress)
		}
	}
	if b.state.Running {
		b.notice()
	}
	b.Changed(b.state)
}

// progress takes the counts over.
func (b *Batch) progress(p signing.Progress) {
	s := &b.state
	s.Total, s.Signed, s.Failed, s.Paused, s.Ending = p.Total, p.Signed, p.Failed, p.Paused, p.Cancelled
	s.Pace, s.Left = Text{}, Text{}
	if p.PerMinute > 0 {
		s.Pace = say("batch.pace", "Count", int(p.PerMinute+0.5))
	}
	if p.Left > 0 && !p.Paused {
		s.Left = left(p.Left)
	}
}

// left says how long something takes, in seconds below a minute.
func left(d time.Duration) Text {
	if d < time.Minute {
		return say("batch.left.seconds", "Count", max(int(d.Seconds()+0.5), 1))
	}
	return say("batch.left.minutes", "Count", int(d.Minutes()+0.5))
}

// notice says what the batch waits for.
func (b *Batch) notice() {
	s := &b.state
	s.Notice, s.NoticeTone = Text{}, Plain
	switch {
	case s.Ending:
		s.Notice = say("batch.ending")
	case b.anyLane(signing.LaneRemoved):
		s.Notice, s.NoticeTone = say("batch.removed"), Caution
	case s.Paused:
		s.Notice = say("batch.paused")
	default:
		s.Notice = say("working.stay")
	}
}

// anyLane reports that a lane is in a state.
func (b *Batch) anyLane(state signing.LaneState) bool {
	for _, l := range b.lanes {
		if l.State == state {
			return true
		}
	}
	return false
}

// row puts a document into words.
func (b *Batch) row(r *signing.Row) BatchRow {
	row := BatchRow{
		Title: Item{r.Job.Document, r.Job.Path}.title(), index: r.Index, job: r.Job, Path: r.Outcome.Path, Problem: b.problem(r.Err),
	}
	if d := r.Job.Document; d != nil {
		row.Reference = reference(d)
	}
	row.Note = say("batch.row." + string(r.State))
	switch r.State {
	case signing.RowWaiting:
		row.State, row.Tone = Ahead, Quiet
	case signing.RowWorking:
		row.State, row.Tone = Now, Plain
		if r.Step != "" {
			row.Note = say("step." + string(r.Step))
		}
	case signing.RowSigned:
		row.State, row.Tone = Over, Good
		switch {
		case r.Job.Document == nil:
			row.Note = say("batch.row.local")
		case r.Step != "":
			row.Note = say("batch.row." + string(r.Step))
		}
	case signing.RowAccepted:
		row.State, row.Tone = Over, Good
		if r.Delivery.Verification.State == docsys.Unverified {
			row.Note = say("batch.row.stored")
		}
	case signing.RowRefused, signing.RowFailed:
		row.State, row.Tone = Stopped, Bad
	case signing.RowUnsent, signing.RowUnsigned:
		row.State, row.Tone = Postponed, Caution
	}
	return row
}

// problem explains why a document was not signed. What the person ended has no
// other reason.
func (b *Batch) problem(err error) *Problem {
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return b.services.problem(err)
}

// over shows the result: what was not signed stands first.
func (b *Batch) over(err error) {
	rows := b.work.Rows()
	signed := 0
	for i := range rows {
		b.state.Rows[i] = b.row(&rows[i])
		if rows[i].Signed() {
			signed++
		}
	}
	s := &b.state
	s.Running, s.Pace, s.Left, s.Notice, s.Paused, s.Ending = false, Text{}, Text{}, Text{}, false, false
	s.Signed, s.Failed, s.Again = signed, s.Total-signed, len(b.work.Again())
	s.Summary, s.SummaryTone = say("batch.done", "Count", s.Signed), Good
	if s.Failed > 0 {
		s.Summary, s.SummaryTone = say("batch.done.some", "Count", s.Signed, "Total", s.Total, "Failed", s.Failed), Caution
	}
	if err != nil {
		s.Problem = b.problem(err)
	}
	slices.SortStableFunc(s.Rows, func(a, c BatchRow) int { return compareBool(a.Tone == Good, c.Tone == Good) })
	b.Changed(b.state)
	b.Ended()
}

// figure takes the unit's newest figure and shows how the batch moved it.
func (b *Batch) figure(f *signrate.Figure) {
	b.newest = f
	if f == nil || b.before == nil || *f == *b.before || b.state.Running || len(b.state.Rows) == 0 {
		return
	}
	b.state.RateBefore, b.state.RateAfter = figureText(*b.before), figureText(*f)
	b.Changed(b.state)
}

// signed are the jobs of documents that were signed.
func (b *Batch) signed() []signing.Job {
	var jobs []signing.Job
	for _, r := range b.state.Rows {
		if r.Path != "" {
			jobs = append(jobs, r.job)
		}
	}
	return jobs
}

// TogglePause pauses or goes on.
func (b *Batch) TogglePause() {
	switch {
	case !b.state.Running || b.state.Ending:
	case b.state.Paused:
		b.work.Resume()
	default:
		b.work.Pause()
	}
}

// Cancel ends the batch after the signature that is being made.
func (b *Batch) Cancel() {
	if b.state.Running {
		b.work.Cancel()
	}
}

// TryAgain signs what was not signed, and sends what was only not sent.
func (b *Batch) TryAgain() {
	if b.work == nil || b.state.Running {
		return
	}
	if all := b.work.Again(); len(all) > 0 {
		b.start(all, nil)
	}
}
