package gui_test

import (
	"slices"
	"strconv"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"kyso/app/gui"
	"kyso/app/gui/control"
	"kyso/app/gui/theme"
	"kyso/app/gui/words"
	"kyso/app/present"
	"kyso/app/signing"
)

func TestTheWindowAsksBeforeItClosesOverABatch(t *testing.T) {
	o := newOffice(t, words.Vietnamese, plainPages{}, t.TempDir())
	o.batch, o.stay, o.unsettled = half(signing.LaneWorking), true, true
	o.open(t, theme.Light)
	batchHalf(o)
	if !o.desk.Batch.State().Running {
		t.Fatal("no batch runs")
	}
	open := func() int { return len(fyne.CurrentApp().Driver().AllWindows()) }
	windows := open()
	answer := func(caption string) {
		t.Helper()
		o.window.Closing()
		top := o.window.Canvas().Overlays().Top()
		if open() != windows || top == nil {
			t.Fatal("the window closed without a question")
		}
		b := buttons(top)[caption]
		if b == nil {
			t.Fatalf("the question has no button %q", caption)
		}
		test.Tap(b)
	}
	answer("Ký tiếp")
	if open() != windows || !o.desk.Batch.State().Running {
		t.Fatal("the answer No ended something")
	}
	answer("Đóng")
	if open() != windows-1 {
		t.Error("the answer Yes did not close the window")
	}
}

// stopped gives deliveries in states.
func stopped(states ...present.DeliveryState) []present.Delivery {
	var out []present.Delivery
	for i, s := range states {
		out = append(out, present.Delivery{ID: strconv.Itoa(i), Title: "V/v phòng cháy", State: s, At: now(), Queued: now()})
	}
	return out
}

// closingScenarios are the window that is closed before all is sent.
func closingScenarios() []scenario {
	closing := func(o *office) { o.window.Closing(); o.settle() }
	return []scenario{
		{"closing", func(o *office) { o.sent = stopped(present.Sending, present.Waiting, present.Waiting) }, closing},
		{"closing-keep", func(o *office) {
			o.sent, o.trayless = stopped(present.Sending), true
			o.cabinet.stored.KeepSending = true
		}, closing},
		{"closing-login", func(o *office) { o.sent = stopped(present.LoginNeeded, present.LoginNeeded) }, closing},
		{"closing-signing", nil, func(o *office) {
			o.press(fyne.KeyReturn, fyne.KeyReturn)
			o.typePIN()
			o.unsettled = true
			o.press(fyne.KeyReturn)
			o.window.Closing()
		}},
	}
}

// lines are the texts in the menu of the icon beside the clock.
func (o *office) lines() []string {
	var out []string
	for _, m := range o.menu {
		out = append(out, m.Text)
	}
	return out
}

// shut reports that the window was closed.
func (o *office) shut() bool {
	return !slices.ContainsFunc(fyne.CurrentApp().Driver().AllWindows(), func(w fyne.Window) bool { return w.Canvas() == o.window.Canvas() })
}

// leave closes the window of an office that keeps sending.
func leave(t *testing.T, states ...present.DeliveryState) *office {
	t.Helper()
	o := newOffice(t, words.Vietnamese, plainPages{}, t.TempDir())
	o.cabinet.stored.KeepSending = true
	o.sent = stopped(states...)
	o.open(t, theme.Light)
	o.window.Closing()
	o.settle()
	return o
}

func TestTheWindowHidesBesideTheClockUntilAllIsSent(t *testing.T) {
	o := leave(t, present.Sending, present.Waiting, present.Confirmed)
	if want := []string{"Mở Ký số", "Còn 2 văn bản chờ gửi", "Thoát"}; !slices.Equal(o.lines(), want) || o.menu[1].Do != nil {
		t.Fatalf("the icon's menu has %q, want %q", o.lines(), want)
	}
	if o.shut() {
		t.Fatal("the window was closed")
	}
	o.desk.Sent.Delivered(present.Delivery{ID: "0", State: present.Confirmed})
	if got := o.lines()[1]; got != "Còn 1 văn bản chờ gửi" {
		t.Errorf("the icon's menu says %q", got)
	}
	o.desk.Sent.Delivered(present.Delivery{ID: "1", State: present.Stored})
	if want := []string{"Ký số: Đã gửi hết 2 văn bản."}; !slices.Equal(o.notes, want) {
		t.Errorf("the desktop was told %q, want %q", o.notes, want)
	}
	if !o.shut() {
		t.Error("the program did not end")
	}
}

func TestAHiddenWindowIsCalledBack(t *testing.T) {
	calls := map[string]func(*office){
		"by the icon's menu":           func(o *office) { o.menu[0].Do() },
		"by another start":             func(o *office) { o.window.Raise(nil) },
		"by another start with a file": func(o *office) { o.window.Raise([]string{"/a.pdf"}) },
	}
	for name, call := range calls {
		t.Run(name, func(t *testing.T) {
			o := leave(t, present.Sending)
			call(o)
			o.settle()
			if got := o.desk.Closing.State().Phase; got != present.WindowOpen || o.shut() {
				t.Fatalf("got phase %q", got)
			}
			o.desk.Sent.Delivered(present.Delivery{ID: "0", State: present.Confirmed})
			if o.shut() || len(o.notes) > 0 {
				t.Errorf("a window that was called back ended, and told %q", o.notes)
			}
		})
	}
}

func TestTheIconEndsTheProgram(t *testing.T) {
	o := leave(t, present.Sending)
	o.menu[2].Do()
	if !o.shut() || len(o.notes) > 0 {
		t.Errorf("the program did not end quietly; it told %q", o.notes)
	}
}

func TestWithoutATrayTheWindowAsks(t *testing.T) {
	for key, closes := range map[fyne.KeyName]bool{fyne.KeyReturn: false, fyne.KeyEscape: false, "": true} {
		o := newOffice(t, words.Vietnamese, plainPages{}, t.TempDir())
		o.cabinet.stored.KeepSending, o.trayless = true, true
		o.sent = stopped(present.Sending)
		o.open(t, theme.Light)
		o.window.Closing()
		o.settle()
		top := o.window.Canvas().Overlays().Top()
		if top == nil || o.menu != nil {
			t.Fatalf("no question; the icon's menu is %q", o.lines())
		}
		if key == "" {
			test.Tap(buttons(top)["Đóng, gửi lần sau"])
		} else {
			o.press(key)
		}
		if o.shut() != closes || !closes && o.window.Canvas().Overlays().Top() != nil {
			t.Errorf("after %q: closed %v, want %v", key, o.shut(), closes)
		}
	}
}

func TestTheWindowClosesAtOnceAndComesBackInItsSize(t *testing.T) {
	o := newOffice(t, words.Vietnamese, plainPages{}, t.TempDir())
	o.open(t, theme.Light)
	windows := len(fyne.CurrentApp().Driver().AllWindows())
	want := fyne.NewSize(1333, 777)
	o.window.Resize(want)
	o.window.Closing()
	if got := len(fyne.CurrentApp().Driver().AllWindows()); got != windows-1 {
		t.Errorf("%d windows are open, want %d", got, windows-1)
	}
	p := fyne.CurrentApp().Preferences()
	if got := gui.KeptSize(p); got != want {
		t.Errorf("the next window gets %v, want %v", got, want)
	}
	p.SetFloat("window.width", 3)
	if got := gui.KeptSize(p); got.Width < 800 {
		t.Errorf("a window that nobody can use gets %v", got)
	}
}

func TestTheProgramIsOpenedAgainFromTheSettings(t *testing.T) {
	o := newOffice(t, words.Vietnamese, plainPages{}, t.TempDir())
	o.reopens = true
	o.open(t, theme.Light)
	o.desk.Go(present.PlaceSettings)
	o.desk.Settings.Open(present.PageServer)
	o.settle()
	again := func() *control.Button { return buttons(o.window.Canvas().Content())["Mở lại chương trình"] }
	if again() != nil {
		t.Error("offered with nothing changed")
	}
	o.desk.Settings.Set("server", "https://van-ban.example")
	o.settle()
	if again() == nil {
		t.Fatal("not offered after the server was changed")
	}
	test.Tap(again())
	o.settle()
	if o.reopened != 1 || o.desk.Closing.State().Phase != present.WindowEnded {
		t.Errorf("told %d times, the window is %q", o.reopened, o.desk.Closing.State().Phase)
	}
}
