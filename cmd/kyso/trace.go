package main

import (
	"fmt"
	"image"
	"io"
	"runtime"
	"time"

	"kyso/app/present"
)

// trace writes what the window does, a line each, for measurements and for the
// test that drives the real window: "trace MILLISECONDS WHAT". It never writes
// what was typed or what a document says.
type trace struct {
	w    io.Writer // nil writes nothing
	out  io.Writer // never nil
	uses bool      // tells what is in use
	from time.Time
	last map[string]string
}

// newTrace makes a trace that counts from the start of the process.
func newTrace(wanted bool, began time.Time, w io.Writer) *trace {
	out := w
	if !wanted {
		w = nil
	}
	return &trace{w: w, out: out, from: processStart(began), last: map[string]string{}}
}

// painted is called at the first painted frame.
func (t *trace) painted() { t.say("window", "painted") }

// follow writes every change of place and phase. It is called after the window
// has bound the presenters, and before it runs.
func (t *trace) follow(d *present.Desktop) {
	if t.w == nil {
		return
	}
	desk, queue, reader, ceremony := d.Changed, d.Queue.Changed, d.Reader.Changed, d.Ceremony.Changed
	d.Changed = func(s present.DesktopState) {
		desk(s)
		t.say("place", string(s.Place))
		if t.uses && s.Place == present.PlaceBoard {
			t.tellUse()
		}
	}
	d.Queue.Changed = func(s present.QueueState) {
		queue(s)
		if !s.Loading {
			t.say("queue", fmt.Sprint(len(s.Rows)))
		}
	}
	history := d.History.Changed
	d.History.Changed = func(s present.HistoryState) {
		history(s)
		t.say("history", fmt.Sprint(len(s.Rows)))
	}
	d.Reader.Changed = func(s present.ReaderState) {
		reader(s)
		switch {
		case s.Problem != nil:
			t.say("reader", fmt.Sprintf("%d problem %s", s.Serial, s.Problem.Code))
		case s.CanSign:
			t.say("reader", fmt.Sprintf("%d shown %s", s.Serial, s.Note.Key))
		}
	}
	picture := d.Reader.Picture
	d.Reader.Picture = func(p present.Piece, m image.Image) {
		picture(p, m)
		t.say("page", fmt.Sprintf("%d drawn", d.Reader.State().Serial))
	}
	t.followBatch(d)
	d.Ceremony.Changed = func(s present.CeremonyState) {
		ceremony(s)
		what := string(s.Phase)
		if s.Phase == present.Asking && s.Looking {
			what = "looking"
		}
		if s.Problem != nil {
			what += " problem " + s.Problem.Code
		}
		t.say("ceremony", what)
	}
}

// followBatch writes how far a contact sheet and a batch are.
func (t *trace) followBatch(d *present.Desktop) {
	contact, batch, settled := d.Contact.Changed, d.Batch.Changed, d.Batch.Settled
	d.Contact.Changed = func(s present.ContactState) {
		contact(s)
		if len(s.Cards) > 0 && !s.Loading() {
			t.say("contact", fmt.Sprintf("ready %d", s.Count))
		}
	}
	d.Batch.Changed = func(s present.BatchState) {
		batch(s)
		if s.Running {
			t.say("batch", "running")
		} else {
			t.say("batch", fmt.Sprintf("over %d of %d", s.Signed, s.Total))
		}
	}
	d.Batch.Settled = func() {
		settled()
		t.say("batch", "settled")
	}
}

// tellUse writes what is in use: bytes of the heap after a collection, goroutines.
func (t *trace) tellUse() {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC() // what finalizers free is garbage of the second
	runtime.ReadMemStats(&m)
	fmt.Fprintf(t.w, "use heap=%d goroutines=%d\n", m.HeapAlloc, runtime.NumGoroutine())
}

// say writes a line when it differs from the last of its kind.
func (t *trace) say(kind, what string) {
	if t.w == nil || t.last[kind] == what {
		return
	}
	t.last[kind] = what
	fmt.Fprintf(t.w, "trace %d %s %s\n", time.Since(t.from).Milliseconds(), kind, what)
}
