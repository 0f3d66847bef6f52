package screen

import (
	"fyne.io/fyne/v2"
	base "fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"kyso/app/gui/control"
)

// searchEntry is where words to look for are typed. Escape empties it and gives
// the keyboard back, Enter and the arrows only give it back.
type searchEntry struct {
	widget.Entry
}

func newSearchEntry(hint string, typed func(string)) *searchEntry {
	e := &searchEntry{}
	e.PlaceHolder, e.OnChanged = hint, typed
	e.Icon = control.Icon("search", base.ColorNamePlaceHolder)
	e.ExtendBaseWidget(e)
	return e
}

// TypedKey handles the keys that leave the entry.
func (e *searchEntry) TypedKey(k *fyne.KeyEvent) {
	switch k.Name {
	case fyne.KeyEscape:
		if e.Text != "" {
			e.SetText("")
		}
		e.leave()
	case fyne.KeyReturn, fyne.KeyEnter, fyne.KeyDown, fyne.KeyUp:
		e.leave()
	default:
		e.Entry.TypedKey(k)
	}
}

// leave gives the keyboard to the window.
func (e *searchEntry) leave() {
	if c := fyne.CurrentApp().Driver().CanvasForObject(e); c != nil {
		c.Unfocus()
	}
}
