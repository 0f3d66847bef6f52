package gui

import (
	"strconv"
	"strings"

	"fyne.io/fyne/v2/widget"

	"kyso/app/gui/control"
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
	number := control.NewEntry()
	number.SetPlaceHolder(w.words.T("goto.hint"))
	w.raise(over{
		title: w.words.T("goto.title"), content: widget.NewForm(widget.NewFormItem(w.words.T("goto.page"), number)),
		yes: w.words.T("goto.go"), no: w.words.T("cancel"), entry: number,
		do: func() {
			if page, err := strconv.Atoi(strings.TrimSpace(number.Text)); err == nil {
				w.reader.GoTo(page)
			}
		},
	})
}
