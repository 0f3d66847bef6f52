package screen

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"kyso/app/gui/control"
	"kyso/app/gui/words"
	"kyso/app/present"
)

// lock asks for the password of an encrypted document, where its pages would be.
type lock struct {
	object   *fyne.Container
	password *SecretEntry
	note     *control.Note
	open     *control.Button
	unlock   func(password []byte)
}

// newLock makes a hidden one. leave is Escape.
func newLock(w *words.Words, unlock func([]byte), leave func()) *lock {
	l := &lock{unlock: unlock, note: control.NewNote()}
	l.open = control.NewButton(w.T("reader.locked.open"), l.submit)
	l.open.Importance = widget.HighImportance
	l.password = newSecretEntry(l.typed, l.submit, leave)
	body := container.NewVBox(wide(420), subheading(w.T("reader.locked")), l.note, l.password,
		container.NewBorder(nil, nil, nil, container.New(tall{46}, l.open)))
	l.object = container.NewCenter(body)
	l.typed("")
	l.object.Hide()
	return l
}

// typed follows the password as it is typed.
func (l *lock) typed(password string) {
	able(l.open, password != "")
}

// submit hands the password over and empties the entry.
func (l *lock) submit() {
	if l.password.Text == "" {
		return
	}
	password := []byte(l.password.Text)
	l.password.SetText("")
	l.unlock(password)
}

// show draws what is known of the lock; it is gone when the file is open.
func (l *lock) show(locked bool, note string, tone present.Tone) {
	if !locked {
		l.password.SetText("")
		l.object.Hide()
		return
	}
	l.note.Set(note, tone)
	l.object.Show()
}
