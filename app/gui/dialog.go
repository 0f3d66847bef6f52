package gui

import (
	"fyne.io/fyne/v2"
	base "fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"kyso/app/gui/control"
	"kyso/app/gui/screen"
)

// over is a dialog over the screen, in the form of all our questions.
type over struct {
	title   string
	content fyne.CanvasObject
	// no closes the dialog; yes does so, too, and then does what it says. Without yes
	// there is one button.
	no, yes string
	do      func()
	// entry, which may be nil, has the keyboard; Enter in it is yes.
	entry *control.Entry
	// keys says that the window's keys go through the content; otherwise what does no
	// harm has the keyboard.
	keys bool
}

// raised is a dialog that is shown.
type raised struct {
	window *Window
	popUp  *widget.PopUp
	gone   func() // after it closed; nil for nothing
}

// Hide closes the dialog.
func (r *raised) Hide() {
	if !r.popUp.Visible() {
		return
	}
	r.window.lower(r.popUp)
	if r.gone != nil {
		r.gone()
	}
}

// raise shows a dialog.
func (w *Window) raise(o over) *raised {
	d := &raised{window: w}
	no := control.NewButtonWithIcon(o.no, control.Icon("close", base.ColorNameForeground), d.Hide)
	buttons := []fyne.CanvasObject{no}
	agree := func() {
		d.Hide()
		o.do()
	}
	if o.yes != "" {
		yes := control.NewButtonWithIcon(o.yes, control.Icon("check", base.ColorNameForegroundOnPrimary), agree)
		yes.Importance = widget.HighImportance
		buttons = append(buttons, yes)
	}
	d.popUp = widget.NewModalPopUp(screen.NewBox(o.title, o.content, buttons...), w.window.Canvas())
	w.over = d
	d.popUp.Show()
	w.fit(d.popUp, fyne.Size{})
	switch {
	case o.entry != nil:
		o.entry.OnSubmitted = func(string) { agree() }
		w.window.Canvas().Focus(o.entry)
	case !o.keys:
		w.window.Canvas().Focus(no)
	}
	return d
}
