package screen

import (
	"fyne.io/fyne/v2"
	base "fyne.io/fyne/v2/theme"

	"kyso/app/gui/control"
)

// newSearchEntry makes an entry for words to look for in a list. Escape empties it
// and gives the keyboard back, Enter and the arrows only give it back.
func newSearchEntry(hint string, typed func(string)) *lineEntry {
	var e *lineEntry
	e = newLineEntry(hint, typed, func() { unfocus(e) }, func() {
		if e.Text != "" {
			e.SetText("")
		}
		unfocus(e)
	})
	e.Icon = control.Icon("search", base.ColorNamePlaceHolder)
	e.keys = func(k *fyne.KeyEvent) bool {
		leaves := k.Name == fyne.KeyUp || k.Name == fyne.KeyDown
		if leaves {
			unfocus(e)
		}
		return leaves
	}
	return e
}
