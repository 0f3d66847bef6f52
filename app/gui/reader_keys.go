package gui

import (
	"math"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// Steps of the mark by the arrow keys, in points.
const (
	smallStep = 1
	largeStep = 12
)

// typedInReader moves the mark, turns pages, signs.
func (w *Window) typedInReader(e *fyne.KeyEvent) {
	if w.typedForMark(e) {
		return
	}
	switch e.Name {
	case fyne.KeyPageUp:
		w.reader.Page(-1)
	case fyne.KeyPageDown, fyne.KeySpace:
		w.reader.Page(1)
	case fyne.KeyHome:
		w.reader.GoTo(1)
	case fyne.KeyEnd:
		w.reader.GoTo(math.MaxInt32)
	case fyne.KeyF3:
		if shifted(w.app) {
			w.reader.NextFound(-1)
		} else {
			w.reader.NextFound(1)
		}
	case fyne.KeyF4:
		w.reader.ToggleThumbs()
	case fyne.KeyReturn, fyne.KeyEnter:
		w.desk.Reader.Confirm()
	case fyne.KeyEscape:
		w.escapeReader()
	}
}

// escapeReader ends what was begun last: the search, a chosen signature, and
// then the document.
func (w *Window) escapeReader() {
	switch s := w.desk.Reader.State(); {
	case s.Search.Open:
		w.desk.Reader.CloseSearch()
	case s.Signatures.Chosen >= 0:
		w.desk.Reader.Choose(s.Signatures.Chosen)
	default:
		w.desk.Leave()
	}
}

// typedForMark handles the keys of the chosen mark.
func (w *Window) typedForMark(e *fyne.KeyEvent) bool {
	step := float64(smallStep)
	if shifted(w.app) {
		step = largeStep
	}
	r := w.desk.Reader
	switch e.Name {
	case fyne.KeyLeft:
		r.Nudge(-step, 0)
	case fyne.KeyRight:
		r.Nudge(step, 0)
	case fyne.KeyUp:
		r.Nudge(0, step)
	case fyne.KeyDown:
		r.Nudge(0, -step)
	case fyne.KeyDelete, fyne.KeyBackspace:
		r.RemoveMark()
	case fyne.KeyF6:
		if shifted(w.app) {
			w.reader.NextMark(-1)
		} else {
			w.reader.NextMark(1)
		}
	default:
		return false
	}
	return true
}

// shifted reports that Shift is held down.
func shifted(a fyne.App) bool {
	d, ok := a.Driver().(desktop.Driver)
	return ok && d.CurrentKeyModifiers()&fyne.KeyModifierShift != 0
}

// askPage asks for the number of a page and goes there.
func (w *Window) askPage() {
	number := widget.NewEntry()
	number.SetPlaceHolder(w.words.T("goto.hint"))
	form := dialog.NewForm(w.words.T("goto.title"), w.words.T("goto.go"), w.words.T("cancel"),
		[]*widget.FormItem{widget.NewFormItem(w.words.T("goto.page"), number)}, func(ok bool) {
			if page, err := strconv.Atoi(strings.TrimSpace(number.Text)); ok && err == nil {
				w.reader.GoTo(page)
			}
		}, w.window)
	number.OnSubmitted = func(string) { form.Submit() }
	w.over = form
	form.Show()
	w.window.Canvas().Focus(number)
}
