package screen

import (
	"fyne.io/fyne/v2"

	"kyso/app/gui/control"
)

// SecretEntry is an entry that hides what is typed: a PIN or a password. Escape leaves.
type SecretEntry struct {
	control.Entry

	escape func()
	// beside is told the arrows up (−1) and down (1); nil leaves them to the entry.
	beside func(step int)
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

// TypedKey leaves by Escape, and chooses what stands beside the entry by arrows.
func (e *SecretEntry) TypedKey(k *fyne.KeyEvent) {
	switch {
	case k.Name == fyne.KeyEscape:
		e.escape()
		return
	case k.Name == fyne.KeyUp && e.beside != nil:
		e.beside(-1)
		return
	case k.Name == fyne.KeyDown && e.beside != nil:
		e.beside(1)
		return
	}
	e.Entry.TypedKey(k)
}
