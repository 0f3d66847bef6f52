package gui_test

import (
	"path/filepath"
	"testing"

	"fyne.io/fyne/v2"

	"kyso/app/present"
)

// reading opens a file in a window.
func reading(t *testing.T) window {
	t.Helper()
	w := newWindow(t)
	w.Resize(fyne.NewSize(1024, 700))
	w.Raise([]string{filepath.Join(t.TempDir(), "thư.pdf")})
	w.settle()
	return w
}

// control presses a key with Ctrl.
func (w window) control(key fyne.KeyName) {
	w.Control(key)
	w.settle()
}

func TestASearchIsDoneByTheKeyboardAlone(t *testing.T) {
	w := reading(t)
	w.control(fyne.KeyF)
	if w.Canvas().Focused() == nil {
		t.Fatal("the search has no keyboard")
	}
	for _, r := range "chu tich" {
		w.Canvas().Focused().TypedRune(r)
	}
	w.settle()
	s := w.desk.Reader.State().Search
	if !s.Open || s.Query != "chu tich" || len(s.Found) != 2 || s.Now != 0 {
		t.Fatalf("got %+v", s)
	}
	for _, want := range []int{1, 0, 1} {
		w.press(fyne.KeyReturn)
		if got := w.desk.Reader.State().Search.Now; got != want {
			t.Errorf("after Enter: at %d, want %d", got, want)
		}
	}
	w.press(fyne.KeyF3)
	if got := w.desk.Reader.State().Search.Now; got != 0 {
		t.Errorf("after F3: at %d", got)
	}
	w.press(fyne.KeyEscape)
	if s := w.desk.Reader.State(); s.Search.Open || w.desk.State().Place != present.PlaceReader {
		t.Fatalf("Escape left place %q, search open %v", w.desk.State().Place, s.Search.Open)
	}
	if w.Canvas().Focused() != nil {
		t.Error("the closed search still has the keyboard")
	}
	w.press(fyne.KeyEscape)
	if got := w.desk.State().Place; got != present.PlaceQueue {
		t.Errorf("a second Escape left place %q", got)
	}
}

func TestEveryKeyOfTheReaderDoesWhatTheHelpSays(t *testing.T) {
	w := reading(t)
	r := w.desk.Reader
	before := r.State().Mark().Rect
	w.press(fyne.KeyRight)
	w.press(fyne.KeyUp)
	w.control(fyne.KeyZ)
	w.control(fyne.KeyZ)
	if got := r.State().Mark().Rect; got != before {
		t.Errorf("after two moves were taken back the mark is at %+v, want %+v", got, before)
	}
	w.press(fyne.KeyDelete)
	if len(r.State().Marks) != 1 {
		t.Error("Delete removed the principal mark")
	}
	zoom := r.State().Zoom
	w.control(fyne.KeyPlus)
	if got := r.State().Zoom; got <= zoom {
		t.Errorf("Ctrl and plus: zoom %v, was %v", got, zoom)
	}
	w.control(fyne.Key0)
	if got := r.State().Zoom; got != zoom {
		t.Errorf("Ctrl and 0: zoom %v, want %v", got, zoom)
	}
	for _, key := range []fyne.KeyName{fyne.KeyHome, fyne.KeyEnd, fyne.KeyPageDown, fyne.KeyPageUp, fyne.KeySpace, fyne.KeyF4, fyne.KeyF4, fyne.KeyF6} {
		w.press(key)
	}
	w.control(fyne.KeyG)
	if w.Canvas().Overlays().Top() == nil || w.Canvas().Focused() == nil {
		t.Fatal("Ctrl and G does not ask for a page")
	}
	w.Canvas().Focused().TypedRune('1')
	w.press(fyne.KeyReturn)
	if w.Canvas().Overlays().Top() != nil {
		t.Error("Enter does not go to the page")
	}
	w.press(fyne.KeyReturn)
	if got := w.desk.Ceremony.State().Phase; got != present.Asking {
		t.Errorf("after all that Enter does not sign: phase %q", got)
	}
}
