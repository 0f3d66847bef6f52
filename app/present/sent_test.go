package present_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"kyso/app/docsys"
	"kyso/app/present"
)

func TestEveryStateOfADeliveryIsSaidInWords(t *testing.T) {
	hash := "0123456789abcdef"
	all := []present.Wish{present.WishPause, present.WishResume, present.WishCancel, present.WishRetry, present.WishDiscard}
	cases := map[string]struct {
		give  present.Delivery
		held  bool
		state string
		first present.Wish // the first button, empty for none
	}{
		"it can be taken back":    {present.Delivery{State: present.Waiting, NotBefore: now().Add(9 * time.Second), Wishes: all}, false, "sent.grace", present.WishCancel},
		"it waits":                {present.Delivery{State: present.Waiting, Wishes: all}, false, "sent.waiting", present.WishCancel},
		"it waits for a next try": {present.Delivery{State: present.Waiting, Err: docsys.ErrOffline, NextTry: now().Add(time.Minute), Wishes: all}, false, "sent.later", present.WishRetry},
		"all is paused":           {present.Delivery{State: present.Waiting, Wishes: all}, true, "sent.held", present.WishCancel},
		"it is paused":            {present.Delivery{State: present.Paused, Wishes: all}, false, "sent.paused", present.WishResume},
		"nobody is logged in":     {present.Delivery{State: present.LoginNeeded, Err: docsys.ErrOffline, Wishes: all}, false, "sent.login", present.WishRetry},
		"it begins":               {present.Delivery{State: present.Sending}, false, "sent.sending", ""},
		"it is half there":        {present.Delivery{State: present.Sending, Sent: 50, Size: 100, Wishes: all[:1]}, false, "sent.sending.part", present.WishPause},
		"the server checks it":    {present.Delivery{State: present.Received, SHA256: hash}, false, "sent.received", ""},
		"the server has it":       {present.Delivery{State: present.Confirmed, SHA256: hash}, false, "sent.confirmed", ""},
		"a folder has it":         {present.Delivery{State: present.Stored, SHA256: hash}, false, "sent.stored", ""},
		"it was refused":          {present.Delivery{State: present.Refused, Err: docsys.ErrOffline, Wishes: all}, false, "sent.refused", present.WishRetry},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t)
			c.give.ID = "a"
			o.outbox.list, o.outbox.held = []present.Delivery{c.give}, c.held
			o.desk.Sent.Refresh()
			o.settle()
			row := o.desk.Sent.State().Chosen()
			if row == nil || row.State.Key != c.state || row.Proof != c.give.SHA256 {
				t.Fatalf("got %+v, want %s", row, c.state)
			}
			first := present.Wish("")
			if len(row.Acts) > 0 {
				first = row.Acts[0].Wish
			}
			if first != c.first {
				t.Errorf("the first button is %q, want %q", first, c.first)
			}
			if (row.Problem != nil) != (c.give.Err != nil) {
				t.Errorf("got problem %+v", row.Problem)
			}
		})
	}
}

func TestTheSecondsToTakeADocumentBackAreCountedDown(t *testing.T) {
	o := newOffice(t)
	at := now()
	o.services.Clock = func() time.Time { return at }
	o.outbox.list = []present.Delivery{{ID: "a", State: present.Waiting, NotBefore: at.Add(3 * time.Second), Wishes: []present.Wish{present.WishCancel}}}
	o.desk.Sent.Refresh()
	o.settle()
	var seen []string
	o.desk.Sent.Moved = func(s present.SentState, row int) {
		seen = append(seen, fmt.Sprint(s.Rows[row].State.Key, s.Rows[row].State.Args["Count"]))
	}
	for range 6 {
		at = at.Add(time.Second)
		o.desk.Sent.Tick()
	}
	if want := []string{"sent.grace2", "sent.grace1", "sent.waiting<nil>", "sent.waiting<nil>"}; !slices.Equal(seen, want) {
		t.Errorf("got %q, want %q", seen, want)
	}
}

func TestAChangeOfOneDeliveryLeavesTheOthersAlone(t *testing.T) {
	o := newOffice(t)
	for i := range 4 {
		o.outbox.list = append(o.outbox.list, present.Delivery{ID: fmt.Sprint(i), Title: fmt.Sprint(i), State: present.Waiting, Size: 200})
	}
	s := o.desk.Sent
	s.Refresh()
	o.settle()
	var moved []int
	s.Moved = func(_ present.SentState, row int) { moved = append(moved, row) }
	sending := o.outbox.list[2]
	sending.State = present.Sending
	s.Delivered(sending)
	s.Progress("2", 90, 200)
	s.Progress("1", 90, 200) // it is not being sent: an old word
	s.Progress("of another process", 1, 2)
	if len(o.work) != 0 || !slices.Equal(moved, []int{2, 2}) {
		t.Errorf("%d pieces of work, rows %v drawn; want none and [2 2]", len(o.work), moved)
	}
	if row := s.State().Rows[2]; !row.Sending || row.Part != 0.45 || row.State.Args["Percent"] != 45 {
		t.Errorf("got %+v", row)
	}
	s.Delivered(sending) // the outbox noted how to resume
	if row := s.State().Rows[2]; row.Part != 0.45 {
		t.Errorf("the bar went back to %v", row.Part)
	}
	o.outbox.list = o.outbox.list[:3]
	s.Delivered(present.Delivery{ID: "3"}) // it is gone
	o.settle()
	if got := len(s.State().Rows); got != 3 {
		t.Errorf("%d rows, want 3", got)
	}
}

func TestWishesReachTheOutbox(t *testing.T) {
	o := newOffice(t)
	o.outbox.list = []present.Delivery{
		{ID: "a", State: present.Waiting, NotBefore: now().Add(time.Minute), Wishes: []present.Wish{present.WishPause, present.WishCancel}},
		{ID: "b", State: present.Confirmed},
	}
	s := o.desk.Sent
	s.Refresh()
	o.settle()
	asked := 0
	s.TakenBack = func() { asked++ }
	s.Do("a", present.WishRetry) // not offered
	s.Do("unknown", present.WishPause)
	s.DoSelected(present.WishResume, present.WishPause)
	o.settle()
	s.DoSelected(present.WishCancel)
	o.settle()
	if want := []string{"a pause", "a cancel"}; !slices.Equal(o.outbox.wants, want) {
		t.Errorf("got %q, want %q", o.outbox.wants, want)
	}
	if asked != 1 || s.State().Notice.Key != "sent.takenback" {
		t.Errorf("the queue was asked %d times, notice %q", asked, s.State().Notice.Key)
	}
	o.outbox.fail = errors.New("gone")
	s.DoSelected(present.WishPause)
	o.settle()
	if s.State().Problem == nil {
		t.Error("a wish that failed is not told")
	}
}

func TestAVisitSelectsWhatWasQueuedLast(t *testing.T) {
	o := newOffice(t)
	o.outbox.list = []present.Delivery{{ID: "old", State: present.Confirmed}, {ID: "older", State: present.Confirmed}}
	visit := func() string {
		o.desk.Go(present.PlaceSent)
		o.settle()
		return o.desk.Sent.State().Chosen().ID
	}
	if got := visit(); got != "old" {
		t.Fatalf("got %s", got)
	}
	o.outbox.list = append([]present.Delivery{{ID: "new", State: present.Waiting}}, o.outbox.list...)
	o.desk.Sent.Refresh() // while the person looks the selection stays
	o.settle()
	if got := o.desk.Sent.State().Chosen().ID; got != "old" {
		t.Errorf("the selection moved to %s", got)
	}
	o.desk.Go(present.PlaceQueue)
	if got := visit(); got != "new" {
		t.Errorf("a visit selects %s, want the newest", got)
	}
}

func TestAllSendingIsPaused(t *testing.T) {
	o := newOffice(t)
	o.outbox.list = []present.Delivery{{ID: "a", State: present.Waiting}}
	s := o.desk.Sent
	s.Refresh()
	o.settle()
	if st := s.State(); st.Held || !st.CanHold {
		t.Fatalf("got %+v", st)
	}
	s.ToggleHold()
	o.settle()
	if st := s.State(); !st.Held || st.CanHold || !o.outbox.held {
		t.Errorf("not held: %+v", st)
	}
	s.ToggleHold()
	o.settle()
	if st := s.State(); st.Held || o.outbox.held {
		t.Errorf("still held: %+v", st)
	}
}

func TestDeliveriesAreFilteredAndCounted(t *testing.T) {
	o := newOffice(t)
	for i, state := range []present.DeliveryState{
		present.Waiting, present.Sending, present.Refused, present.LoginNeeded, present.Confirmed, present.Stored, present.Paused, present.Received,
	} {
		o.outbox.list = append(o.outbox.list, present.Delivery{ID: fmt.Sprint(i), Title: fmt.Sprint(i), State: state, At: now(), Sent: 30, Size: 60})
	}
	o.outbox.list[6].At = now().AddDate(0, 0, -1)
	o.outbox.arrived = 700 // more than are listed
	var got present.SentSummary
	o.desk.Summed = func(s present.SentSummary) { got = s }
	o.desk.Sent.Refresh()
	o.settle()
	if want := (present.SentSummary{OnWay: 5, Mine: 2, Today: 700, LogIn: 1, Moving: true, Sending: true, Part: 0.5}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	for _, i := range []int{7, 6, 7} { // of today, of yesterday, the first once more
		d := o.outbox.list[i]
		d.State = present.Confirmed
		o.desk.Sent.Delivered(d)
	}
	if got.Today != 701 {
		t.Errorf("%d arrived today, want one more than before", got.Today)
	}
	o.desk.Sent.Refresh()
	o.settle()
	for f, want := range map[present.SentFilter]string{
		present.SentAll: "01234567", present.SentOnWay: "01367", present.SentMine: "23", present.SentDone: "45",
	} {
		o.desk.Sent.Show(f)
		titles := ""
		for _, r := range o.desk.Sent.State().Rows {
			titles += r.Title
		}
		if titles != want || o.desk.Sent.State().Hidden != 8-len(want) {
			t.Errorf("%q: got %s and %d hidden, want %s", f, titles, o.desk.Sent.State().Hidden, want)
		}
	}
}

// papers notes what is done with files.
type papers struct {
	printers []string
	done     []string
	fail     error
}

func (p *papers) note(what ...string) error {
	p.done = append(p.done, strings.Join(what, " "))
	return p.fail
}
func (p *papers) Reveal(_ context.Context, path string) error { return p.note("reveal", path) }
func (p *papers) Printers(context.Context) ([]string, error)  { return p.printers, p.fail }
func (p *papers) Copy(_ context.Context, paths []string) error {
	return p.note("copy", strings.Join(paths, " "))
}

func (p *papers) Print(_ context.Context, path, printer string, n int) error {
	return p.note("print", path, printer, fmt.Sprint(n))
}

func (p *papers) Receipt(path string) (present.Receipt, error) {
	return present.Receipt{SHA256: "ab"}, p.note("receipt", path)
}

func TestFilesAreHandedToOtherPrograms(t *testing.T) {
	cases := map[string]struct {
		printers []string
		fail     error
		do       func(*present.Handing)
		done     string
		told     string
	}{
		"the folder is opened":             {nil, nil, func(h *present.Handing) { h.Reveal("/a.pdf") }, "reveal /a.pdf", ""},
		"a printer is asked for":           {[]string{"HP"}, nil, func(h *present.Handing) { h.AskPrint("/a.pdf") }, "", "asked a.pdf HP"},
		"the system prints by itself":      {nil, nil, func(h *present.Handing) { h.AskPrint("/a.pdf") }, "print /a.pdf  1", "file.printed"},
		"it is printed three times":        {nil, nil, func(h *present.Handing) { h.Print("/a.pdf", "HP", 3) }, "print /a.pdf HP 3", "file.printed.on"},
		"nobody prints a thousand by slip": {nil, nil, func(h *present.Handing) { h.Print("/a.pdf", "HP", 1000) }, "print /a.pdf HP 99", "file.printed.on"},
		"no printer is told":               {nil, errors.New("none"), func(h *present.Handing) { h.AskPrint("/a.pdf") }, "", "failed"},
		"files are copied":                 {nil, nil, func(h *present.Handing) { h.Copy([]string{"/a.pdf", "/b.pdf"}) }, "copy /a.pdf /b.pdf", "file.copied"},
		"a receipt is read":                {nil, nil, func(h *present.Handing) { h.Receipt("/a.json") }, "receipt /a.json", "receipt ab"},
		"a receipt that is gone is told":   {nil, errors.New("gone"), func(h *present.Handing) { h.Receipt("/a.json") }, "receipt /a.json", "failed"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t)
			p := &papers{printers: c.printers, fail: c.fail}
			o.services.Papers = p
			told := ""
			h := o.desk.Handing
			h.Told = func(text present.Text) { told = text.Key }
			h.Failed = func(present.Problem) { told = "failed" }
			h.Asked = func(a present.PrintAsk) { told = "asked " + a.Name + " " + strings.Join(a.Printers, " ") }
			h.Received = func(_ string, r present.Receipt) { told = "receipt " + r.SHA256 }
			c.do(h)
			c.do(h) // pressed twice: done once
			o.settle()
			if got := strings.Join(p.done, "|"); got != c.done || told != c.told {
				t.Errorf("done %q, told %q; want %q, %q", got, told, c.done, c.told)
			}
		})
	}
}
