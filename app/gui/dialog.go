package gui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"
	base "fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"kyso/app/gui/control"
)

// over is a dialog over the screen. Its buttons are ours: Fyne's keep Escape and the
// window's keys to themselves, and know no Enter.
type over struct {
	title   string
	content fyne.CanvasObject
	// no closes the dialog; yes does so, too, and then does what it says. Without yes
	// there is one button.
	no, yes string
	do      func()
	// entry, which may be nil, has the keyboard; Enter in it is yes.
	entry *control.Entry
}

// raise shows a dialog.
func (w *Window) raise(o over) *dialog.CustomDialog {
	d := dialog.NewCustomWithoutButtons(o.title, o.content, w.window)
	no := control.NewButton(o.no, d.Hide)
	buttons := []fyne.CanvasObject{no}
	agree := func() {
		d.Hide()
		o.do()
	}
	if o.yes != "" {
		no.Icon = base.CancelIcon()
		yes := control.NewButtonWithIcon(o.yes, base.ConfirmIcon(), agree)
		yes.Importance = widget.HighImportance
		buttons = append(buttons, yes)
	}
	d.SetButtons(buttons)
	w.over = d
	d.Show()
	if o.entry != nil {
		o.entry.OnSubmitted = func(string) { agree() }
		w.window.Canvas().Focus(o.entry)
	}
	return d
}
