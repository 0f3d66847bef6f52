package main_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"kyso/app"
	"kyso/app/demo"
	"kyso/app/demo/letter"
	"kyso/app/present"
	main "kyso/cmd/kyso"
)

// The bars of long use: after a part of the rounds neither the heap nor the
// number of goroutines grows. KYSO_SOAK sets the rounds (make soak: 2000).
const (
	usualRounds   = 24
	windowRounds  = 4       // of the real window
	warmPart      = 10      // the first tenth warms the caches, at most warmRounds
	warmRounds    = 200     // of the bar
	heapMayGrow   = 6 << 20 // bytes, for all rounds after
	routinesExtra = 6       // connections that happen to be open
)

// turns runs what presenters want run: work on goroutines of its own, results on
// the test's.
type turns struct {
	ctx  context.Context //nolint:containedctx // the loop's own, as in gui.Loop
	then chan func()
	work sync.WaitGroup
}

// Go runs work elsewhere and what it returns here.
func (l *turns) Go(work func(context.Context) func()) {
	l.work.Go(func() {
		if then := work(l.ctx); then != nil {
			l.then <- then
		}
	})
}

// Tell runs f here.
func (l *turns) Tell(f func()) { l.then <- f }

// until takes turns until is says so.
func (l *turns) until(t *testing.T, what string, is func() bool) {
	t.Helper()
	limit := time.NewTimer(patience)
	defer limit.Stop()
	for !is() {
		select {
		case f := <-l.then:
			f()
		case <-limit.C:
			t.Fatalf("never came to %s", what)
		}
	}
}

// user is somebody who uses a window over real services.
type user struct {
	*turns

	office *office
	desk   *present.Desktop
	text   letter.Letter
}

// newUser opens the window without its display: the presenters over the real
// services. Fyne keeps what it drew in caches of its own, which only the real
// display empties.
func newUser(t *testing.T) *user {
	t.Helper()
	o := openOffice(t)
	ctx, end := context.WithCancel(context.WithoutCancel(t.Context()))
	l := &turns{ctx: ctx, then: make(chan func(), 4096)}
	a, err := app.Start(ctx, app.Options{Handover: &o.handover})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		end()
		l.work.Wait()
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	l.Go(func(ctx context.Context) func() { _ = a.Outbox.Run(ctx); return nil }) // it ends with ctx
	desk := present.NewDesktop(main.Services(a), l)
	desk.Start()
	desk.Ready()
	text, err := demo.Letters()[0].Text(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return &user{turns: l, office: o, desk: desk, text: text}
}

// round is one document from the queue to the receipt, and a look at all screens.
func (u *user) round(t *testing.T, n int) {
	t.Helper()
	u.text.Number = strconv.Itoa(10_000 + n)
	u.office.submitOne(t, u.text)
	for _, p := range []present.Place{present.PlaceSent, present.PlaceBoard, present.PlaceSettings, present.PlaceQueue} {
		u.desk.Go(p)
	}
	subject := fmt.Sprintf("(%s)", u.text.Number)
	row := -1
	u.until(t, "the new letter in the queue", func() bool {
		for i, r := range u.desk.Queue.State().Rows {
			if bytes.HasSuffix([]byte(r.Subject), []byte(subject)) {
				row = i
			}
		}
		return row >= 0
	})
	u.desk.Queue.OpenRow(row)
	u.until(t, "a letter that can be signed", func() bool { return u.desk.Reader.State().CanSign })
	drawn := false
	u.desk.Reader.Picture = func(present.Piece, image.Image) { drawn = true }
	u.desk.Reader.Want([]present.Piece{{Page: 1, Scale: 1, Part: image.Rect(0, 0, 595, 842), Whole: true}})
	u.until(t, "a page as a picture", func() bool { return drawn })
	u.desk.Reader.Confirm()
	u.until(t, "the PIN", func() bool {
		s := u.desk.Ceremony.State()
		return s.Phase == present.Asking && !s.Looking && s.Selected >= 0
	})
	u.desk.Ceremony.Confirm([]byte(demo.Chairman().PIN))
	u.until(t, "the receipt", func() bool {
		s := u.desk.Ceremony.State()
		if s.Problem != nil {
			t.Fatalf("round %d: %+v", n, *s.Problem)
		}
		return s.Phase == present.Done
	})
	u.desk.Ceremony.Leave()
	u.until(t, "the queue", func() bool { return u.desk.State().Place == present.PlaceQueue })
}

// use is what is in use after a collection.
type use struct {
	heap     uint64
	routines int
}

func measure() use {
	var m runtime.MemStats
	runtime.GC() // what finalizers free is garbage of the second
	runtime.GC()
	runtime.ReadMemStats(&m)
	return use{m.HeapAlloc, runtime.NumGoroutine()}
}

func TestLongUseLeavesNothingBehind(t *testing.T) {
	rounds, err := strconv.Atoi(os.Getenv("KYSO_SOAK"))
	if err != nil {
		rounds = usualRounds
	}
	warm := min(max(rounds/warmPart, usualRounds/3), warmRounds)
	u := newUser(t)
	var before use
	began := time.Now()
	for n := range rounds {
		u.round(t, n)
		if n+1 == warm {
			before = measure()
		}
		if (n+1)%100 == 0 || n+1 == warm {
			now := measure()
			t.Logf("soak round=%d heap_kb=%d goroutines=%d seconds=%.0f", n+1, now.heap>>10, now.routines, time.Since(began).Seconds())
		}
	}
	after := measure()
	t.Logf("soak rounds=%d warm=%d heap_kb=%d to %d goroutines=%d to %d seconds=%.0f",
		rounds, warm, before.heap>>10, after.heap>>10, before.routines, after.routines, time.Since(began).Seconds())
	if after.heap > before.heap+heapMayGrow {
		t.Errorf("the heap grew from %d to %d kB", before.heap>>10, after.heap>>10)
	}
	if after.routines > before.routines+routinesExtra {
		t.Errorf("goroutines: %d, were %d", after.routines, before.routines)
	}
}

// TestLongUseOfTheRealWindow does rounds in the real window: open, sign, upload,
// and a look at the other screens (make soak, SOAKWINDOW=300 rounds). The program tells what
// it holds after a collection.
func TestLongUseOfTheRealWindow(t *testing.T) {
	rounds, err := strconv.Atoi(os.Getenv("KYSO_SOAK_WINDOW"))
	if err != nil {
		rounds = windowRounds
	}
	warm := min(max(rounds*2/3, 1), warmRounds)
	o, s := openOffice(t), newScreen(t)
	w := openWindowWith(t, s, o.program, o.handover, nil, "--trace-use")
	w.wait(t, "queue "+strconv.Itoa(len(demo.Letters())))
	text, err := demo.Letters()[0].Text(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	var before, after windowUse
	for n := range rounds {
		text.Number = strconv.Itoa(10_000 + n)
		w.round(t, s, func() { o.submitOne(t, text) })
		if n+1 == warm || n+1 == rounds || (n+1)%50 == 0 {
			after = w.use(t)
			t.Logf("soak window round=%d heap_kb=%d goroutines=%d rss_kb=%d", n+1, after.heap>>10, after.routines, after.rss)
		}
		if n+1 == warm {
			before = after
		}
	}
	fmt.Printf("soak window rounds=%d warm=%d heap_kb=%d to %d goroutines=%d to %d rss_kb=%d to %d\n", rounds, warm,
		before.heap>>10, after.heap>>10, before.routines, after.routines, before.rss, after.rss)
	if after.heap > before.heap+heapMayGrow {
		t.Errorf("the heap grew from %d to %d kB", before.heap>>10, after.heap>>10)
	}
	if after.routines > before.routines+routinesExtra {
		t.Errorf("goroutines: %d, were %d", after.routines, before.routines)
	}
}

// windowUse is what a window has in use; rss in kB.
type windowUse struct {
	use

	rss int
}

// use is what the window told last.
func (w *window) use(t *testing.T) windowUse {
	t.Helper()
	out := windowUse{rss: status(w.pid, "VmRSS")}
	for line := range strings.Lines(w.said()) {
		_, _ = fmt.Sscanf(line, "use heap=%d goroutines=%d", &out.heap, &out.routines) // other lines are not it
	}
	return out
}

// round is one document from the queue to the receipt, and a look at all screens.
func (w *window) round(t *testing.T, s screen, submit func()) {
	t.Helper()
	waits := len(demo.Letters())
	for i, place := range []string{"sent", "board", "history"} {
		w.forget()
		s.keys(t, fmt.Sprint("ctrl+", i+2))
		w.wait(t, "place "+place)
	}
	w.forget()
	submit()
	s.keys(t, "ctrl+1")
	w.wait(t, "place queue")
	s.keys(t, "F5")
	w.wait(t, fmt.Sprint("queue ", waits+1))
	w.forget()
	s.keys(t, "Return")
	w.placed(t)
	s.keys(t, "Return")
	w.wait(t, "ceremony asking")
	s.write(t, demo.Chairman().PIN)
	s.keys(t, "Return")
	w.wait(t, "ceremony done")
	s.keys(t, "Return")
	w.wait(t, "place queue")
	w.wait(t, fmt.Sprint("queue ", waits))
}
