package signing

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"kyso/app/outbox"
	"kyso/signer/token"
)

// ErrNoDocuments reports a batch without a document.
var ErrNoDocuments = errors.New("no document to sign")

// Assignment is one document of a batch with the certificate chosen for it.
type Assignment struct {
	// Job is what Seat.Sign takes. A zero Time becomes the time at which the
	// document's turn comes; a mark without picture and lines gets TextMark.
	Job Job
	Key Key
	// Unplaced has BatchOptions.Place find the mark's place when the document's turn comes.
	Unplaced bool

	// out is the file to write. again says that an earlier try may have written it:
	// if it is that document, signed with that certificate, it is taken as it is.
	out   string
	again bool
	// from is the earlier batch that is kept on the disk, empty for none.
	from string
	// size and modified are those of the file when the batch was made.
	size     int64
	modified time.Time
}

// Why says why a PIN is asked for.
type Why string

// The reasons.
const (
	WhyFirst  Why = "first"  // the lane begins
	WhyWrong  Why = "wrong"  // the last one was refused; Question.Err has it
	WhyBack   Why = "back"   // the token was pulled and is there again
	WhyEnded  Why = "ended"  // the login ended: idle for too long, or by another program
	WhyDriver Why = "driver" // the driver crashed, hung, or failed
)

// Question asks for the PIN of a lane's token.
type Question struct {
	Lane int
	// Key is the certificate; its Token was read just now. Where it has a PIN pad, a
	// nil answer starts the entry on the reader.
	Key Key
	Why Why
	// Err is what ended the last login, nil for WhyFirst.
	Err error
	// Documents is how many the lane has to sign still.
	Documents int
}

// BatchOptions are the batch's ties to the person.
type BatchOptions struct {
	// Ask asks the person for a PIN; one question is open at a time. It runs in a
	// lane's goroutine and returns early when ctx ends. The batch wipes the PIN. An
	// error ends the lane; the person who does not want to go on is
	// context.Canceled.
	Ask func(ctx context.Context, q Question) (pin []byte, err error)
	// Told is told each change, in the goroutine of Run, one after the other. It may
	// call Pause, Resume and Cancel. It may be nil.
	Told func(Event)
	// Place finds the mark's place for an Unplaced document, off the key's time.
	Place func(ctx context.Context, k Key, j Job) (Job, error)
	// Password gives the password of an encrypted document of a resumed batch, for
	// passwords are not kept. It may be nil.
	Password func(Job) []byte
}

// RowState says how far a document is.
type RowState string

// The states, in order; then the ends that are none.
const (
	RowWaiting  RowState = "waiting"
	RowWorking  RowState = "working"  // Row.Step says where on the road
	RowSigned   RowState = "signed"   // signed, checked, in the outbox if it goes there
	RowAccepted RowState = "accepted" // the server holds it and has verified it itself

	RowRefused  RowState = "refused"  // signed, but the server said no
	RowUnsent   RowState = "unsent"   // signed, but the outbox did not take it
	RowFailed   RowState = "failed"   // not signed, for a reason of its own
	RowUnsigned RowState = "unsigned" // not signed, for its lane ended before its turn
)

// Row is a document of a batch as it stands.
type Row struct {
	// Index is its place in the batch, Lane its lane.
	Index, Lane int
	Job         Job
	State       RowState
	Step        Step
	// Outcome is valid once it is signed.
	Outcome Outcome
	// Delivery is the outbox's item, zero before the outbox has it.
	Delivery outbox.Item
	// Err says why it was not signed, or not sent.
	Err error
}

// Signed reports that there is a signed file.
func (r Row) Signed() bool {
	return r.State == RowSigned || r.State == RowAccepted || r.State == RowRefused || r.State == RowUnsent
}

// Over reports that the batch will not sign the document any more.
func (r Row) Over() bool { return r.State != RowWaiting && r.State != RowWorking }

// resumable reports a document that is to be sent still, or that its lane did not
// come to for another reason than the person's wish.
func (r Row) resumable() bool {
	return r.State == RowUnsent || r.State == RowUnsigned && !errors.Is(r.Err, context.Canceled)
}

// LaneState says what a lane is doing.
type LaneState string

// The states of a lane.
const (
	LaneWaiting LaneState = "waiting" // not begun
	LaneAsking  LaneState = "asking"  // the PIN is asked for
	LaneWorking LaneState = "working"
	LanePaused  LaneState = "paused"  // by the person
	LaneRemoved LaneState = "removed" // the token is out: the same certificate, plugged in again, goes on
	LaneDone    LaneState = "done"
	LaneStopped LaneState = "stopped" // Err says why
)

// Lane is one token's part of a batch as it stands.
type Lane struct {
	Index int
	// Key is the certificate that it signs with now.
	Key   Key
	State LaneState
	// Total is how many documents it has, Signed and Failed how many of them are over.
	Total, Signed, Failed int
	// PerMinute is its rate, learnt from its newest signatures, and Left the time
	// that the rest takes; both are zero before the first one.
	PerMinute float64
	Left      time.Duration
	Err       error
}

// Progress is the whole batch as it stands.
type Progress struct {
	Total, Signed, Failed int
	// PerMinute adds up the lanes that sign; Left is the slowest lane's time. Both
	// are zero before they are known.
	PerMinute float64
	Left      time.Duration
	// Paused and Cancelled are the person's wish.
	Paused, Cancelled bool
}

// Event is one change: of a document, of a lane, or of the whole when both are nil.
type Event struct {
	Row      *Row
	Lane     *Lane
	Progress Progress
}

// Batch signs many documents. Each token has a lane of its own and the lanes run
// side by side; in a lane the key makes one signature at a time, and reading,
// time-stamping, checking, writing and sending go on beside it. Each document
// walks the road of Seat.Sign; one that fails stops no other.
//
// Make it with Desk.Batch or Desk.ResumeBatch, then call Run once. The other
// methods may be called from any goroutine.
type Batch struct {
	desk    *Desk
	options BatchOptions
	record  *record // nil when nothing is kept
	lanes   []*lane
	asking  chan struct{} // holds a token while a question is open
	sending chan sent
	wake    chan struct{}
	stopped chan struct{} // closed by Cancel

	mu        sync.Mutex
	docs      []*document
	items     map[string]outbox.Item // of the outbox, by id
	events    []Event
	taken     map[string]bool // outputs of the batch
	pausing   bool
	resumed   chan struct{} // closed while not pausing
	cancelled bool
	left      string // what is kept on the disk after the end
}

// document is a Row with what only the batch knows.
type document struct {
	Assignment

	row Row
	// number is the document's in what is kept of the batch.
	number int
}

// open reports that the document is not signed and not over.
func (d *document) open() bool { return !d.row.Over() && d.row.Step != StepQueue }

// Batch makes a batch. Documents are given to the lane of their certificate's
// token. What is needed to go on after a crash is on the disk when it returns,
// without any PIN or password.
func (d *Desk) Batch(all []Assignment, o BatchOptions) (*Batch, error) {
	b, err := d.newBatch(all, o)
	if err != nil {
		return nil, err
	}
	if d.c.Batches != "" {
		if b.record, err = newRecord(d.c.Batches, d.head(), b.docs); err != nil {
			return nil, fmt.Errorf("keep what the batch is to do: %w", err)
		}
		for _, a := range all { // it is this batch's now
			if a.from != "" {
				_ = d.Forget(a.from) // gone already, or taken up elsewhere
			}
		}
	}
	return b, nil
}

// newBatch chooses outputs and lanes.
func (d *Desk) newBatch(all []Assignment, o BatchOptions) (*Batch, error) {
	if len(all) == 0 {
		return nil, ErrNoDocuments
	}
	if o.Told == nil {
		o.Told = func(Event) {}
	}
	b := &Batch{
		desk: d, options: o, asking: make(chan struct{}, 1), sending: make(chan sent, sendAhead), wake: make(chan struct{}, 1),
		stopped: make(chan struct{}), items: map[string]outbox.Item{}, taken: map[string]bool{}, resumed: make(chan struct{}),
	}
	close(b.resumed)
	for i, a := range all {
		if err := b.add(i, a); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// add takes a document into the batch.
func (b *Batch) add(i int, a Assignment) error {
	if a.modified.IsZero() {
		a.size, a.modified = stamp(a.Job.Path)
	}
	if a.out == "" {
		out, err := b.desk.place(a.Job, b.taken)
		if err != nil {
			return err
		}
		a.out = out
	}
	b.taken[a.out] = true
	l := b.laneOf(a.Key)
	l.state.Total++
	b.docs = append(b.docs, &document{Assignment: a, number: i, row: Row{Index: i, Lane: l.state.Index, Job: a.Job, State: RowWaiting}})
	return nil
}

// laneOf gives the lane of a key's token.
func (b *Batch) laneOf(k Key) *lane {
	i := slices.IndexFunc(b.lanes, func(l *lane) bool {
		a, z := l.state.Key, k
		return a.Module == z.Module && a.Token.Slot == z.Token.Slot && a.Token.Serial == z.Token.Serial
	})
	if i >= 0 {
		return b.lanes[i]
	}
	l := &lane{batch: b, state: Lane{Index: len(b.lanes), Key: k, State: LaneWaiting}, vetted: map[[32]byte]vetted{}}
	b.lanes = append(b.lanes, l)
	return l
}

// Run signs what there is to sign and returns when every document is over and
// what was signed is in the outbox. The end of ctx is the hard end: a signature
// under way is given up. What is kept of the batch stays after it, and when a lane
// had to stop behind the first signature, to be resumed; otherwise it is removed. The error is that
// of ctx; what became of the documents is in Rows.
func (b *Batch) Run(ctx context.Context) error {
	stop := b.watch()
	defer stop()
	b.tell(nil, nil)
	var work, sender sync.WaitGroup
	sender.Go(func() { b.send(ctx) })
	for _, l := range b.lanes {
		work.Go(func() { l.run(ctx) })
	}
	over := make(chan struct{})
	go func() {
		work.Wait()
		close(b.sending)
		sender.Wait()
		close(over)
	}()
	b.deliver(over)
	return b.finish(ctx)
}

// finish removes what was kept, unless there is something to resume.
func (b *Batch) finish(ctx context.Context) error {
	err := ctx.Err()
	resumable := b.record.begun() && slices.ContainsFunc(b.Rows(), Row.resumable)
	if err == nil && !resumable {
		return b.record.remove()
	}
	b.mu.Lock()
	b.left = b.record.id()
	b.mu.Unlock()
	if err != nil {
		return errors.Join(fmt.Errorf("sign the batch: %w", err), b.record.close())
	}
	return b.record.close()
}

// deliver tells events until there will be no more.
func (b *Batch) deliver(over <-chan struct{}) {
	for {
		select {
		case <-b.wake:
			b.tellAll()
		case <-over:
			b.tellAll()
			return
		}
	}
}

// tellAll tells the events that have come together.
func (b *Batch) tellAll() {
	b.mu.Lock()
	events := b.events
	b.events = nil
	b.mu.Unlock()
	for _, e := range events {
		b.options.Told(e)
	}
}

// tell queues an event about a document, a lane, both or neither; b.mu must not be held.
func (b *Batch) tell(d *document, l *lane) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.queueEvent(d, l)
}

// queueEvent is tell with b.mu held.
func (b *Batch) queueEvent(d *document, l *lane) {
	e := Event{Progress: b.progress()}
	if d != nil {
		row := d.row
		e.Row = &row
	}
	if l != nil {
		lane := l.snapshot()
		e.Lane = &lane
	}
	b.events = append(b.events, e)
	select {
	case b.wake <- struct{}{}:
	default: // already asked to look
	}
}

// progress adds the lanes up; b.mu must be held.
func (b *Batch) progress() Progress {
	p := Progress{Total: len(b.docs), Paused: b.pausing, Cancelled: b.cancelled}
	known := true
	for _, l := range b.lanes {
		s := l.snapshot()
		p.Signed += s.Signed
		p.Failed += s.Failed
		if s.Signed+s.Failed == s.Total || s.State == LaneDone || s.State == LaneStopped {
			continue
		}
		p.PerMinute += s.PerMinute
		p.Left = max(p.Left, s.Left)
		known = known && s.PerMinute > 0
	}
	if !known {
		p.Left = 0
	}
	return p
}

// Rows gives all documents as they stand, in the batch's order.
func (b *Batch) Rows() []Row {
	b.mu.Lock()
	defer b.mu.Unlock()
	rows := make([]Row, len(b.docs))
	for i, d := range b.docs {
		rows[i] = d.row
	}
	return rows
}

// Lanes gives all lanes as they stand.
func (b *Batch) Lanes() []Lane {
	b.mu.Lock()
	defer b.mu.Unlock()
	lanes := make([]Lane, len(b.lanes))
	for i, l := range b.lanes {
		lanes[i] = l.snapshot()
	}
	return lanes
}

// Progress gives the whole as it stands.
func (b *Batch) Progress() Progress {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.progress()
}

// Again gives the documents that are not signed and sent, for another batch, which
// takes the place of what is kept of this one. A file that was signed already and
// only not sent is not signed a second time.
func (b *Batch) Again() []Assignment {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []Assignment
	for _, d := range b.docs {
		if d.row.State == RowFailed || d.row.State == RowUnsigned || d.row.State == RowUnsent {
			a := d.Assignment
			a.again, a.from = true, b.left
			out = append(out, a)
		}
	}
	return out
}

// Pause keeps the keys from being asked; a signature under way is finished. The
// logins stay, each for its idle time.
func (b *Batch) Pause() { b.pause(true) }

// Resume lets the keys be asked again.
func (b *Batch) Resume() { b.pause(false) }

func (b *Batch) pause(on bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.pausing == on || b.cancelled {
		return
	}
	b.pausing = on
	if on {
		b.resumed = make(chan struct{})
	} else {
		close(b.resumed)
	}
	for _, l := range b.lanes {
		l.paused(on, b.desk.c.Clock())
	}
	b.queueEvent(nil, nil)
}

// Cancel ends the batch. A signature under way is finished and sent; what was not
// begun stays unsigned, with context.Canceled as the reason.
func (b *Batch) Cancel() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.cancelled {
		return
	}
	b.cancelled = true
	close(b.stopped)
	if b.pausing {
		b.pausing = false
		close(b.resumed)
	}
	b.queueEvent(nil, nil)
}

// errCancelled is the reason of what a cancelled batch did not sign.
var errCancelled = fmt.Errorf("the batch was ended: %w", context.Canceled)

// untilCancelled gives a context that Cancel ends too.
func (b *Batch) untilCancelled(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		select {
		case <-b.stopped:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, cancel
}

// wayOpen waits while the batch is paused. It returns why the key must not be
// asked, or nil.
func (b *Batch) wayOpen(ctx context.Context) error {
	b.mu.Lock()
	open := b.resumed
	b.mu.Unlock()
	select {
	case <-open:
	case <-ctx.Done():
		return fmt.Errorf("wait for the batch to go on: %w", ctx.Err())
	}
	select {
	case <-b.stopped:
		return errCancelled
	default:
	}
	return ctx.Err() //nolint:wrapcheck // the engine wraps it
}

// ask asks the person, one question at a time.
func (b *Batch) ask(ctx context.Context, q Question) ([]byte, error) {
	ctx, done := b.untilCancelled(ctx)
	defer done()
	select {
	case b.asking <- struct{}{}:
	case <-ctx.Done():
		return nil, errCancelled
	}
	defer func() { <-b.asking }()
	pin, err := b.options.Ask(ctx, q)
	switch {
	case err == nil && ctx.Err() != nil:
		clear(pin)
		return nil, errCancelled
	case err == nil && q.Key.Token.PINPad:
		clear(pin)
		return nil, nil
	case err == nil && pin == nil: // on a token without a pad that is no answer
		return nil, &token.Error{Kind: token.KindPINFormat, Op: "login", Detail: "an empty PIN"}
	}
	return pin, err
}
