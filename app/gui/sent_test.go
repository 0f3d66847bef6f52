package gui_test

import (
	"slices"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"kyso/app/gui/control"
	"kyso/app/gui/theme"
	"kyso/app/gui/words"
	"kyso/app/present"
)

// sentOffice shows what was sent, one delivery of each state.
func sentOffice(t *testing.T) *office {
	t.Helper()
	o := newOffice(t, words.Vietnamese, plainPages{}, t.TempDir())
	o.sent = deliveries()
	o.open(t, theme.Light)
	o.window.Resize(fyne.NewSize(1440, 900))
	o.desk.Go(present.PlaceSent)
	o.settle()
	return o
}

func TestDeliveriesAreLedByTheKeyboard(t *testing.T) {
	o := sentOffice(t)
	o.window.Control(fyne.KeyZ) // row 1 can be taken back
	o.settle()
	o.press(fyne.KeyDown, fyne.KeySpace)                        // row 2 is being sent: pause
	o.press(fyne.KeyDown, fyne.KeyDown, fyne.KeyR)              // row 4 was refused: try again
	o.press(fyne.KeyDown, fyne.KeyDown, fyne.KeySpace)          // row 6 is paused: go on
	o.press(fyne.KeyHome, fyne.KeyR, fyne.KeyB, fyne.KeyDelete) // nothing of that is possible
	if want := []string{"1 cancel", "2 pause", "4 retry", "6 resume"}; !slices.Equal(o.wants, want) {
		t.Errorf("got %q, want %q", o.wants, want)
	}
	o.press(fyne.KeyEnd, fyne.KeyB, fyne.KeyEscape)
	o.window.Control(fyne.KeyC)
	o.settle()
	o.window.Control(fyne.KeyReturn)
	o.settle()
	path := "/home/khoi/kyso/signed/248-UBND-VP-daky.pdf"
	if want := []string{"receipt /home/khoi/kyso/signed/248-UBND-VP-daky.bien-nhan.json", "copy " + path, "reveal " + path}; !slices.Equal(o.papers.done, want) {
		t.Errorf("got %q, want %q", o.papers.done, want)
	}
	o.press(fyne.KeyReturn)
	if got := o.desk.State().Place; got != present.PlaceReader {
		t.Errorf("Enter shows %s, want the document", got)
	}
}

func TestWhatWasRefusedIsRemovedOnlyByAnAnswer(t *testing.T) {
	o := sentOffice(t)
	o.desk.Sent.Select(3)
	for _, c := range []struct {
		caption string
		want    []string
	}{{"Giữ lại", nil}, {"Bỏ khỏi hàng gửi", []string{"4 discard"}}} {
		o.press(fyne.KeyDelete)
		test.Tap(buttons(o.window.Canvas().Overlays().Top())[c.caption])
		o.settle()
		if !slices.Equal(o.wants, c.want) {
			t.Errorf("after %q: got %q, want %q", c.caption, o.wants, c.want)
		}
	}
}

func TestASignedDocumentIsPrintedInThreeTaps(t *testing.T) {
	o := sentOffice(t)
	o.desk.Sent.Select(7)
	test.Tap(buttons(o.window.Canvas().Content())["In…"])
	o.settle()
	test.Tap(buttons(o.window.Canvas().Overlays().Top())["In"])
	o.settle()
	if want := []string{"print /home/khoi/kyso/signed/248-UBND-VP-daky.pdf Van-thu-HP 1"}; !slices.Equal(o.papers.done, want) {
		t.Errorf("got %q, want %q", o.papers.done, want)
	}
}

func TestAFileIsDraggedOutByItsHandle(t *testing.T) {
	o := sentOffice(t)
	var handle *control.Handle
	for _, found := range test.LaidOutObjects(o.window.Canvas().Content()) {
		if h, ok := found.(*control.Handle); ok && handle == nil {
			handle = h
		}
	}
	if handle == nil {
		t.Fatal("no row has a handle")
	}
	handle.DragEnd() // a tap that moves nothing
	for range 3 {
		handle.Dragged(&fyne.DragEvent{})
	}
	handle.DragEnd()
	if want := []string{"drag /home/khoi/kyso/signed/248-UBND-VP-daky.pdf", "drop"}; !slices.Equal(o.papers.done, want) {
		t.Errorf("got %q, want %q", o.papers.done, want)
	}
}
