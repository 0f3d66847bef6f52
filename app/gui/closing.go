package gui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"
)

// The keys under which Fyne keeps the window's size.
const (
	keptWidth  = "window.width"
	keptHeight = "window.height"
)

// The bounds of a size that is kept, in window units: what is beyond them was not
// a person's choice.
const (
	leastWidth, leastHeight = 800, 560
	mostSide                = 8000
)

// keptSize is the size that the window had when it was closed, or the first one.
func keptSize(p fyne.Preferences) fyne.Size {
	s := fyne.NewSize(float32(p.Float(keptWidth)), float32(p.Float(keptHeight)))
	if s.Width < leastWidth || s.Height < leastHeight || s.Width > mostSide || s.Height > mostSide {
		return fyne.NewSize(firstWidth, firstHeight)
	}
	return s
}

// closing closes the window. Over work it asks first: a signature that is being
// made, or the rest of a batch, would wait for the next start.
func (w *Window) closing() {
	if !w.desk.AtWork() {
		w.close()
		return
	}
	ask := dialog.NewConfirm(w.words.T("close.title"), w.words.T("close.text"), func(yes bool) {
		if yes {
			w.close()
		}
	}, w.window)
	ask.SetConfirmText(w.words.T("close.yes"))
	ask.SetDismissText(w.words.T("close.no"))
	w.over = ask
	ask.Show()
}

// close keeps the size and closes the window.
func (w *Window) close() {
	p, s := w.app.Preferences(), w.window.Canvas().Size()
	p.SetFloat(keptWidth, float64(s.Width))
	p.SetFloat(keptHeight, float64(s.Height))
	w.window.Close()
}
