//go:build linux

package gui_test

import (
	"fmt"
	"runtime"
	"slices"
	"syscall"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"kyso/app/docsys"
	"kyso/app/gui/control"
	"kyso/app/gui/theme"
	"kyso/app/gui/words"
	"kyso/app/present"
)

// The bar of long lists: no step of use takes the window's goroutine longer than
// a frame may, of the processor's time so that a busy machine does not count.
const (
	longList     = 10_000
	longestFrame = 50 * time.Millisecond
)

// threadTime is the processor's time of this thread.
func threadTime(t *testing.T) time.Duration {
	t.Helper()
	const thread = 1 // RUSAGE_THREAD, getrusage(2)
	var u syscall.Rusage
	if err := syscall.Getrusage(thread, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// frames does a step many times and tells the longest and the middle one.
func frames(t *testing.T, name string, n int, step func(i int)) {
	t.Helper()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	all := make([]time.Duration, n)
	for i := range all {
		began := threadTime(t)
		step(i)
		all[i] = threadTime(t) - began
	}
	slices.Sort(all)
	longest := all[n-1]
	t.Logf("rows=%d step=%q n=%d median_ms=%.1f p99_ms=%.1f longest_ms=%.1f", longList, name, n,
		milliseconds(all[n/2]), milliseconds(all[n*99/100]), milliseconds(longest))
	if longest > slower*longestFrame {
		t.Errorf("%s: the longest step took %v of the processor, want at most %v", name, longest, slower*longestFrame)
	}
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// full makes an office in which very much waits and very much was sent.
func full(t *testing.T) *office {
	t.Helper()
	o := newOffice(t, words.Vietnamese, plainPages{}, "")
	some := o.waiting
	o.waiting = make([]docsys.Document, longList)
	o.sent = make([]present.Delivery, longList)
	for i := range longList {
		d := some[i%len(some)]
		d.ID, d.Number = fmt.Sprint("d", i), fmt.Sprint(i)
		d.Subject = fmt.Sprintf("%s (%d)", d.Subject, i)
		o.waiting[i] = d
		o.sent[i] = present.Delivery{
			ID: fmt.Sprint(i), Title: d.Subject, Path: "/signed.pdf", State: present.Confirmed, At: now(), SHA256: "b8292658264d0f4b",
		}
	}
	o.open(t, theme.Light)
	o.window.Resize(fyne.NewSize(1440, 900))
	o.settle()
	return o
}

// shownList is the list that is on the screen.
func (o *office) shownList(t *testing.T) *control.List {
	t.Helper()
	for _, found := range test.LaidOutObjects(o.window.Canvas().Content()) {
		if l, ok := found.(*control.List); ok && l.Visible() {
			return l
		}
	}
	t.Fatal("there is no list on the screen")
	return nil
}

func TestTenThousandRowsScrollWithoutAPause(t *testing.T) {
	o := full(t)
	for _, place := range []present.Place{present.PlaceQueue, present.PlaceSent} {
		o.desk.Go(place)
		o.settle()
		l := o.shownList(t)
		frames(t, string(place)+": the wheel", 400, func(int) { l.ScrollToOffset(l.GetScrollOffset() + 90) })
		frames(t, string(place)+": a screen further", 200, func(i int) { l.ScrollToOffset(float32(i) * 700) })
		frames(t, string(place)+": far away", 100, func(i int) { l.ScrollToOffset(float32((i * 7919 % longList) * 90)) })
	}
}

func TestTenThousandRowsAreUsedWithoutAPause(t *testing.T) {
	o := full(t)
	q := o.desk.Queue
	frames(t, "queue: the next row", 100, func(int) { o.press(fyne.KeyDown) })
	frames(t, "queue: tick a row", 40, func(int) { q.Choose(q.State().Selected) })
	frames(t, "queue: tick all", 4, func(int) { q.ChooseAll() })
	text := []rune("ke hoach 123")
	frames(t, "queue: a letter of the search", len(text), func(i int) { q.Search(string(text[:i+1])) })
	frames(t, "queue: filter", 10, func(i int) { q.Filter(present.Filters()[i%len(present.Filters())]) })
	frames(t, "switch places", 20, func(i int) { o.desk.Go([]present.Place{present.PlaceSent, present.PlaceQueue}[i%2]) })
	var answers []func() // what the answers of the server do to the window
	for len(o.work) > 0 {
		answers = append(answers, o.take()(t.Context()))
	}
	o.desk.Go(present.PlaceSent)
	o.settle()
	frames(t, "sent: a step of the progress", 100, func(i int) {
		d := o.sent[i]
		d.State, d.Size = present.Sending, 100
		o.desk.Sent.Delivered(d)
		o.desk.Sent.Progress(d.ID, 50, 100)
	})
	frames(t, "sent: a second of the time to undo", 10, func(int) { o.desk.Sent.Tick() })
	frames(t, "sent: the next row", 100, func(int) { o.press(fyne.KeyDown) })
	frames(t, "an answer of the server", len(answers), func(i int) { answers[i]() })
}
