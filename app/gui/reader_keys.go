package gui

import (
	"strconv"
	"strings"

	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/widget"
)

// Steps of the mark by the arrow keys, in points.
const (
	smallStep = 1
	largeStep = 12
)

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
