package gui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"kyso/app/present"
)

// keys gives every act its key. They work when nothing else has the keyboard.
func (w *Window) keys() {
	c := w.window.Canvas()
	c.SetOnTypedKey(w.typed)
	w.controls = map[fyne.KeyName]func(){}
	shortcut := func(key fyne.KeyName, do func()) {
		w.controls[key] = do
		c.AddShortcut(&desktop.CustomShortcut{KeyName: key, Modifier: fyne.KeyModifierControl}, func(fyne.Shortcut) { do() })
	}
	reading := func(do func()) func() {
		return func() {
			if w.shown == present.PlaceReader && !w.covered() {
				do()
			}
		}
	}
	at := func(p present.Place, do func()) func() {
		return func() {
			if w.shown == p && !w.covered() {
				do()
			}
		}
	}
	shortcut(fyne.KeyO, w.browse)
	shortcut(fyne.KeyA, at(present.PlaceQueue, w.desk.Queue.ChooseAll))
	shortcut(fyne.KeyReturn, at(present.PlaceQueue, w.desk.Queue.SignTogether))
	shortcut(fyne.KeyF, at(present.PlaceQueue, func() { c.Focus(w.queue.Find()) }))
	for key, steps := range map[fyne.KeyName]int{fyne.KeyPlus: 1, fyne.KeyEqual: 1, fyne.KeyMinus: -1} {
		shortcut(key, func() { w.zoom(steps) })
	}
	shortcut(fyne.Key0, reading(func() { w.reader.FitWidth() }))
	shortcut(fyne.KeyZ, reading(func() { w.desk.Reader.Undo() }))
	shortcut(fyne.KeyF, reading(func() { w.reader.Search() }))
	shortcut(fyne.KeyG, reading(w.askPage))
	c.AddShortcut(&fyne.ShortcutUndo{}, func(fyne.Shortcut) { reading(func() { w.desk.Reader.Undo() })() })
	for i, p := range []present.Place{present.PlaceQueue, present.PlaceSent, present.PlaceBoard, present.PlaceHistory, present.PlaceDoctor, present.PlaceSettings} {
		shortcut(fyne.KeyName(rune('1'+i)), func() {
			if w.nav.has(w.shown) && !w.covered() {
				w.desk.Go(p)
			}
		})
	}
}

// zoom makes what is shown larger or smaller.
func (w *Window) zoom(steps int) {
	switch {
	case w.covered():
	case w.shown == present.PlaceReader:
		w.reader.Zoom(float64(steps))
	case w.shown == present.PlaceContact:
		w.contact.Zoom(steps)
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
	case present.PlaceContact:
		w.typedInContact(e)
	case present.PlaceBatch:
		if e.Name == fyne.KeyEscape || e.Name == fyne.KeyReturn || e.Name == fyne.KeyEnter {
			w.desk.Leave()
		}
	case present.PlaceStudio:
		if e.Name == fyne.KeyEscape {
			w.desk.Go(present.PlaceSettings)
		}
	case present.PlaceSent, present.PlaceBoard, present.PlaceHistory, present.PlaceDoctor, present.PlaceSettings:
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
	case fyne.KeySpace:
		q.Choose(q.State().Selected)
	case fyne.KeyReturn, fyne.KeyEnter:
		q.OpenRow(q.State().Selected)
	}
}

// typedInContact chooses cards, skips them, moves their marks, signs.
func (w *Window) typedInContact(e *fyne.KeyEvent) {
	c := w.desk.Contact
	if shifted(w.app) {
		if dx, dy, ok := arrow(e.Name); ok {
			c.Nudge(dx*smallStep, dy*smallStep)
			return
		}
	}
	at := c.State().Selected
	switch e.Name {
	case fyne.KeyLeft:
		c.Select(at - 1)
	case fyne.KeyRight:
		c.Select(at + 1)
	case fyne.KeyUp:
		c.Select(at - w.contact.Columns())
	case fyne.KeyDown:
		c.Select(at + w.contact.Columns())
	case fyne.KeyHome:
		c.Select(0)
	case fyne.KeyEnd:
		c.Select(len(c.State().Cards) - 1)
	case fyne.KeySpace:
		c.Skip(at)
	case fyne.KeyReturn, fyne.KeyEnter:
		c.Confirm()
	case fyne.KeyEscape:
		w.desk.Leave()
	}
}

// arrow gives the direction of an arrow key, to the right and up.
func arrow(k fyne.KeyName) (dx, dy float64, ok bool) {
	switch k {
	case fyne.KeyLeft:
		return -1, 0, true
	case fyne.KeyRight:
		return 1, 0, true
	case fyne.KeyUp:
		return 0, 1, true
	case fyne.KeyDown:
		return 0, -1, true
	}
	return 0, 0, false
}

// The size of the help's text, in window units; a longer one scrolls.
const (
	helpWidth  = 640
	helpHeight = 460
)

// showHelp tells how a document is signed.
func (w *Window) showHelp() {
	text := widget.NewLabel(w.words.T("help.text"))
	text.Wrapping = fyne.TextWrapWord
	text.Resize(fyne.NewSize(helpWidth, 0)) // it knows its height once it is as wide
	scroll := container.NewVScroll(text)
	scroll.SetMinSize(fyne.NewSize(helpWidth, min(text.MinSize().Height, helpHeight)))
	w.over = dialog.NewCustom(w.words.T("help.title"), w.words.T("close"), scroll, w.window)
	w.over.Show()
}
