package gui

import (
	"slices"

	"fyne.io/fyne/v2"

	"kyso/app/present"
)

// Browse opens the dialog of files.
func (w *Window) Browse() { w.browse() }

// Resize gives the window a size.
func (w *Window) Resize(s fyne.Size) { w.window.Resize(s) }

// Key is one key of the table, where it works, and the act that it does.
type Key struct {
	Place       present.Place
	Group, Act  string
	Name        fyne.KeyName
	Ctrl, Shift bool
}

// Keys lists the key table.
func (w *Window) Keys() []Key {
	var out []Key
	for _, g := range w.table {
		for _, p := range g.places {
			for _, a := range g.acts {
				for _, s := range slices.Concat(a.strokes, a.also) {
					out = append(out, Key{p, g.name, a.name, s.key, s.held == ctrl, s.held == shift})
				}
			}
		}
	}
	return out
}

// Press presses a key as the window gets it when nothing else has the keyboard,
// and reports whether it means anything there.
func (w *Window) Press(k Key) bool {
	s := stroke{key: k.Name}
	switch {
	case k.Ctrl:
		s.held = ctrl
	case k.Shift:
		s.held = shift
	}
	return w.stroke(s)
}

// Shift holds Shift down while keys are pressed.
func (w *Window) Shift(down bool) { w.shifted = func() bool { return down } }

// PIN is where the PIN is typed.
func (w *Window) PIN() fyne.Focusable { return w.ceremony.PIN }

// Scene is what has the keys.
func (w *Window) Scene() present.Place { return w.scene() }

// Control does what a key does with Ctrl: the canvas of tests has no shortcuts.
func (w *Window) Control(key fyne.KeyName) { w.stroke(stroke{key, ctrl}) }

// Closing is what the window's cross does.
func (w *Window) Closing() { w.closing() }

// Away says that the person works in another window.
func (w *Window) Away() { w.away = true }

// KeptSize is the size that the next window gets.
func KeptSize(p fyne.Preferences) fyne.Size { return keptSize(p) }
