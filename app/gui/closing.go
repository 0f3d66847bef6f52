package gui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"kyso/app/gui/screen"
	"kyso/app/present"
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

// TrayItem is a line in the menu of the icon beside the clock.
type TrayItem struct {
	Text string
	Do   func() // nil only tells
}

// closing is what the window's cross does.
func (w *Window) closing() { w.desk.Closing.Close() }

// showClosing draws what becomes of the window.
func (w *Window) showClosing(s present.ClosingState) {
	if s.Phase != present.WindowAsking && w.leaving != nil {
		w.leaving.Hide()
		w.leaving = nil
	}
	switch s.Phase {
	case present.WindowAsking:
		w.askToClose(s)
	case present.WindowHidden:
		w.hide(s)
	case present.WindowEnded:
		if s.Again {
			w.reopen()
		}
		w.part(s)
	case present.WindowOpen:
		if w.hidden {
			w.unhide()
		}
	}
}

// askToClose asks whether the window shall be closed.
func (w *Window) askToClose(s present.ClosingState) {
	q := screen.NewClosing(w.words, w.desk.Closing.Stay, w.desk.Closing.Leave)
	q.Show(s)
	w.leaving = widget.NewModalPopUp(q.Object, w.window.Canvas())
	w.window.Canvas().Unfocus() // Enter stays
	w.leaving.Show()
	w.fit(w.leaving, fyne.Size{})
}

// hide leaves the window's icon beside the clock in place of the window.
func (w *Window) hide(s present.ClosingState) {
	w.tray(s)
	if w.hidden {
		return
	}
	w.hidden, w.away = true, true
	w.keepSize()
	w.window.Hide()
}

// unhide brings the window back. Its icon stays until the program ends.
func (w *Window) unhide() {
	w.hidden, w.away = false, false
	w.tray(present.ClosingState{})
	w.window.Show()
	w.window.RequestFocus()
}

// tray shows the icon beside the clock with its menu.
func (w *Window) tray(s present.ClosingState) {
	if w.options.Tray == nil {
		return // present does not hide a window without one
	}
	items := []TrayItem{{w.words.T("tray.open"), w.Front}}
	if status := w.words.Say(s.Status); status != "" {
		items = append(items, TrayItem{status, nil})
	}
	w.options.Tray(append(items, TrayItem{w.words.T("tray.quit"), w.desk.Closing.Leave}))
}

// Front brings the window to the front, also from beside the clock.
func (w *Window) Front() {
	w.desk.Closing.Return()
	w.window.Show()
	w.window.RequestFocus()
}

// part closes the window, once the desktop has told why where it ended by itself.
func (w *Window) part(s present.ClosingState) {
	if farewell := w.words.Say(s.Farewell); farewell != "" && w.options.Notify != nil {
		w.options.Notify(w.words.T("app.name"), farewell, w.close)
		return
	}
	w.close()
}

// reopen has the program opened again after it ended.
func (w *Window) reopen() {
	if w.options.Reopen != nil {
		w.options.Reopen()
	}
}

// close keeps the size and closes the window.
func (w *Window) close() {
	if !w.hidden { // it was kept already
		w.keepSize()
	}
	w.window.Close()
}

// keepSize keeps the window's size for the next start.
func (w *Window) keepSize() {
	p, s := w.app.Preferences(), w.window.Canvas().Size()
	p.SetFloat(keptWidth, float64(s.Width))
	p.SetFloat(keptHeight, float64(s.Height))
}
