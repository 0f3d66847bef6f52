package gui_test

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"kyso/app/gui"
	"kyso/app/gui/theme"
	"kyso/app/gui/words"
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
