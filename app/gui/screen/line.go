package screen

import (
	"fyne.io/fyne/v2"

	"kyso/app/gui/control"
)

// lineEntry is an entry of one line. Escape leaves it.
type lineEntry struct {
	control.Entry

	escape func()
	// keys handles further keys before the entry does; nil handles none.
	keys func(*fyne.KeyEvent) bool
}

// newLineEntry makes an empty entry; without escape, Escape gives the keyboard back.
func newLineEntry(hint string, typed func(string), submit, escape func()) *lineEntry {
	e := &lineEntry{escape: escape}
	e.PlaceHolder = hint
	e.Wrapping = fyne.TextWrapOff
	e.OnChanged = typed
	e.OnSubmitted = func(string) { submit() }
	e.ExtendBaseWidget(e)
	if escape == nil {
		e.escape = func() { unfocus(e) }
	}
	return e
}

// TypedKey leaves by Escape.
func (e *lineEntry) TypedKey(k *fyne.KeyEvent) {
	switch {
	case k.Name == fyne.KeyEscape:
		e.escape()
	case e.keys != nil && e.keys(k):
	default:
		e.Entry.TypedKey(k)
	}
}

// unfocus gives the keyboard back to the document: arrows move the mark and
// Enter signs again.
func unfocus(o fyne.CanvasObject) {
	if c := fyne.CurrentApp().Driver().CanvasForObject(o); c != nil {
		c.Unfocus()
	}
}
