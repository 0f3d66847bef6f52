package gui

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"kyso/app/present"
)

// keys has the window obey the key table. A key comes here when nothing has the
// keyboard, or hands it on: the widgets of package control do.
func (w *Window) keys() {
	c := w.window.Canvas()
	c.SetOnTypedKey(w.typed)
	for _, g := range w.table {
		for _, a := range g.acts {
			for _, s := range slices.Concat(a.strokes, a.also) {
				if s.held == ctrl {
					w.shortcut(s)
				}
			}
		}
	}
}

// shortcut has a key with Ctrl come to the table, under each name by which Fyne
// may tell it: it gives some of them a meaning of their own.
func (w *Window) shortcut(s stroke) {
	names := []fyne.Shortcut{&desktop.CustomShortcut{KeyName: s.key, Modifier: s.held}}
	switch s.key {
	case fyne.KeyZ:
		names = append(names, &fyne.ShortcutUndo{})
	case fyne.KeyC:
		names = append(names, &fyne.ShortcutCopy{})
	case fyne.KeyA:
		names = append(names, &fyne.ShortcutSelectAll{})
	}
	for _, name := range names {
		w.window.Canvas().AddShortcut(name, func(fyne.Shortcut) { w.stroke(s) })
	}
}

// typed handles a key without Ctrl that no widget used.
func (w *Window) typed(e *fyne.KeyEvent) {
	if w.shifted() && w.stroke(stroke{e.Name, shift}) {
		return
	}
	w.stroke(stroke{e.Name, 0})
}

// stroke does what a key means where the person is, and reports whether it means
// anything there. What lies under a dialog gets no keys.
func (w *Window) stroke(s stroke) bool {
	where := w.scene()
	for _, g := range w.table {
		if !slices.Contains(g.places, where) {
			continue
		}
		for _, a := range g.acts {
			if slices.Contains(a.strokes, s) || slices.Contains(a.also, s) {
				a.do(w, s)
				return true
			}
		}
	}
	return false
}

// scene is what has the keys: the dialog that is open, or the screen.
func (w *Window) scene() present.Place {
	switch {
	case w.leaving != nil:
		return overClosing
	case w.desk.Ceremony.State().Phase != present.Idle:
		return overSigning
	case w.help != nil:
		return overHelp
	case w.covered():
		return overDialog
	}
	return w.shown
}

// zoom makes what is shown larger or smaller.
func (w *Window) zoom(steps int) {
	if w.shown == present.PlaceContact {
		w.contact.Zoom(steps)
		return
	}
	w.reader.Zoom(float64(steps))
}

// covered reports that a dialog lies over the screen.
func (w *Window) covered() bool { return w.window.Canvas().Overlays().Top() != nil }

// closeOver closes the help, the choice of a file or a question.
func (w *Window) closeOver() {
	switch {
	case w.question.Visible():
		w.desk.Settings.Cancel()
	case w.asking.Visible():
		w.desk.Board.Dismiss()
	case w.over != nil:
		w.over.Hide()
	}
}

// arrow gives the direction of an arrow key, to the right and up.
func arrow(k fyne.KeyName) (dx, dy float64) {
	switch k {
	case fyne.KeyLeft:
		return -1, 0
	case fyne.KeyRight:
		return 1, 0
	case fyne.KeyUp:
		return 0, 1
	case fyne.KeyDown:
		return 0, -1
	}
	return 0, 0
}
