package gui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/driver/desktop"

	"kyso/app/present"
)

// keys gives every act its key. They work when nothing else has the keyboard.
func (w *Window) keys() {
	c := w.window.Canvas()
	c.SetOnTypedKey(w.typed)
	shortcut := func(key fyne.KeyName, do func()) {
		c.AddShortcut(&desktop.CustomShortcut{KeyName: key, Modifier: fyne.KeyModifierControl}, func(fyne.Shortcut) { do() })
	}
	reading := func(do func()) func() {
		return func() {
			if w.shown == present.PlaceReader && !w.covered() {
				do()
			}
		}
	}
	shortcut(fyne.KeyO, w.browse)
	shortcut(fyne.KeyPlus, reading(func() { w.reader.Zoom(1) }))
	shortcut(fyne.KeyEqual, reading(func() { w.reader.Zoom(1) }))
	shortcut(fyne.KeyMinus, reading(func() { w.reader.Zoom(-1) }))
	shortcut(fyne.Key0, reading(func() { w.reader.FitWidth() }))
	shortcut(fyne.KeyZ, reading(func() { w.desk.Reader.Undo() }))
	shortcut(fyne.KeyF, reading(func() { w.reader.Search() }))
	shortcut(fyne.KeyG, reading(w.askPage))
	c.AddShortcut(&fyne.ShortcutUndo{}, func(fyne.Shortcut) { reading(func() { w.desk.Reader.Undo() })() })
	for i, p := range []present.Place{present.PlaceQueue, present.PlaceSent, present.PlaceBoard, present.PlaceDoctor, present.PlaceSettings} {
		shortcut(fyne.KeyName(rune('1'+i)), func() {
			if w.shown != present.PlaceReader && !w.covered() {
				w.desk.Go(p)
			}
		})
	}
}

// covered reports that a dialog lies over the screen.
func (w *Window) covered() bool { return w.window.Canvas().Overlays().Top() != nil }

// typed handles a key that no widget took.
func (w *Window) typed(e *fyne.KeyEvent) {
	if w.desk.Ceremony.State().Phase != present.Idle {
		w.typedInDialog(e)
		return
	}
	if w.covered() {
		if e.Name == fyne.KeyEscape && w.over != nil {
			w.over.Hide()
		}
		return // what lies under a dialog gets no keys
	}
	switch e.Name {
	case fyne.KeyF1:
		w.showHelp()
		return
	case fyne.KeyF5:
		w.desk.Refresh()
		return
	}
	switch w.shown {
	case present.PlaceReader:
		w.typedInReader(e)
	case present.PlaceQueue:
		w.typedInQueue(e)
	case present.PlaceSent, present.PlaceBoard, present.PlaceDoctor, present.PlaceSettings:
		if e.Name == fyne.KeyEscape {
			w.desk.Go(present.PlaceQueue)
		}
	}
}

// typedInDialog handles a key while the dialog of signing is open.
func (w *Window) typedInDialog(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyReturn, fyne.KeyEnter:
		w.ceremony.Enter()
	case fyne.KeyEscape:
		w.desk.Ceremony.Leave()
	}
}

// typedInQueue chooses and opens documents.
func (w *Window) typedInQueue(e *fyne.KeyEvent) {
	q := w.desk.Queue
	switch e.Name {
	case fyne.KeyUp:
		q.Select(q.State().Selected - 1)
	case fyne.KeyDown:
		q.Select(q.State().Selected + 1)
	case fyne.KeyReturn, fyne.KeyEnter:
		q.OpenRow(q.State().Selected)
	}
}

// showHelp tells how a document is signed.
func (w *Window) showHelp() {
	w.over = dialog.NewInformation(w.words.T("help.title"), w.words.T("help.text"), w.window)
	w.over.Show()
}
