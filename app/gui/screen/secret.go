package screen

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// SecretEntry is an entry that hides what is typed: a PIN or a password. Escape leaves.
type SecretEntry struct {
	widget.Entry

	escape func()
}

// newSecretEntry makes an empty entry.
func newSecretEntry(typed func(string), submit, escape func()) *SecretEntry {
	e := &SecretEntry{escape: escape}
	e.Password = true
	e.Wrapping = fyne.TextWrapOff
	e.OnChanged = typed
	e.OnSubmitted = func(string) { submit() }
	e.ExtendBaseWidget(e)
	return e
}

// TypedKey leaves by Escape.
func (e *SecretEntry) TypedKey(k *fyne.KeyEvent) {
	if k.Name == fyne.KeyEscape {
		e.escape()
		return
	}
	e.Entry.TypedKey(k)
}
