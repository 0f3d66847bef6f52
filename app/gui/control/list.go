package control

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// List is Fyne's list whose rows open by a tap, and by Enter while it has the
// keyboard.
type List struct {
	widget.List

	open    func(row int)
	current int
}

// NewList makes a list of row widgets.
func NewList(length func() int, create func() fyne.CanvasObject, update func(int, fyne.CanvasObject), open func(row int)) *List {
	l := &List{open: open}
	l.Length = length
	l.CreateItem = create
	l.UpdateItem = update
	l.OnHighlighted = func(id widget.ListItemID) { l.current = id }
	l.OnSelected = func(id widget.ListItemID) {
		l.current = id
		l.Unselect(id)
		l.open(id)
	}
	l.ExtendBaseWidget(l)
	return l
}

// TypedKey opens the row under the keyboard's mark by Enter.
func (l *List) TypedKey(e *fyne.KeyEvent) {
	if (e.Name == fyne.KeyReturn || e.Name == fyne.KeyEnter) && l.current >= 0 && l.current < l.Length() {
		l.open(l.current)
		return
	}
	l.List.TypedKey(e)
}
