package control

import "fyne.io/fyne/v2"

// canvasOf is the canvas on which a widget has the keyboard, nil when it has not.
// Unlike the driver it knows also a widget that is not painted any more.
func canvasOf(of fyne.Focusable) fyne.Canvas {
	for _, w := range fyne.CurrentApp().Driver().AllWindows() {
		if c := w.Canvas(); of != nil && c.Focused() == of {
			return c
		}
	}
	return nil
}

// handOn gives the window a key that the widget with the keyboard has no use for.
func handOn(of fyne.Focusable, e *fyne.KeyEvent) {
	if c := canvasOf(of); c != nil && c.OnTypedKey() != nil {
		c.OnTypedKey()(e)
	}
}

// handOnShortcut does the same for a key with Ctrl.
func handOnShortcut(of fyne.Focusable, s fyne.Shortcut) {
	if c, ok := canvasOf(of).(fyne.Shortcutable); ok {
		c.TypedShortcut(s)
	}
}

// pressable is a widget that can have the keyboard.
type pressable interface {
	fyne.Focusable
	fyne.CanvasObject
}

// pressed reports that a key presses the widget with the keyboard, and hands on the
// keys that press nothing. A widget that went with the screen around it is not pressed
// unseen: it gives the keyboard back.
func pressed(of pressable, e *fyne.KeyEvent) bool {
	switch e.Name {
	case fyne.KeySpace, fyne.KeyReturn, fyne.KeyEnter:
		return stays(of)
	}
	handOn(of, e)
	return false
}

// stays reports that a widget may keep the keyboard, or gives the keyboard back.
func stays(of pressable) bool {
	if seen(of) {
		return true
	}
	if c := canvasOf(of); c != nil {
		c.Unfocus()
	}
	return false
}

// seen reports that an object is shown, and all that is around it. Fyne tells the
// window's corner for what is not; nothing of the window can be pressed there.
func seen(o fyne.CanvasObject) bool {
	return o.Visible() && !fyne.CurrentApp().Driver().AbsolutePositionForObject(o).IsZero()
}
