package control

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"
)

// List is Fyne's list whose rows open by a tap, and by Space and Enter while it has
// the keyboard; the arrows, Home and End go through the rows. A widget that embeds
// it calls ExtendBaseWidget with itself.
type List struct {
	widget.List

	outer pressable // what Fyne gives the keyboard
	open  func(row int)
	at    int
	// theirs says that the window's keys go through the rows.
	theirs bool
}

// NewList makes a list of row widgets; without open, rows are only shown.
func NewList(length func() int, create func() fyne.CanvasObject, update func(int, fyne.CanvasObject), open func(row int)) *List {
	l := &List{}
	room := func() fyne.CanvasObject { return container.New(leftOfBar{}, create()) }
	fill := func(row int, o fyne.CanvasObject) {
		if room, ok := o.(*fyne.Container); ok {
			update(row, room.Objects[0])
		}
	}
	l.fill(length, room, fill, open)
	l.ExtendBaseWidget(l)
	return l
}

// fill says what is in the list.
func (l *List) fill(length func() int, create func() fyne.CanvasObject, update func(int, fyne.CanvasObject), open func(row int)) {
	if open == nil {
		open = func(int) {}
	}
	l.open, l.Length, l.CreateItem, l.UpdateItem = open, length, create, update
	l.OnHighlighted = func(id widget.ListItemID) { l.at = id }
	l.OnSelected = func(id widget.ListItemID) {
		l.at = id
		l.Unselect(id)
		l.open(id)
	}
}

// barRoom is the room for the scrollbar beside the rows, in window units.
const barRoom = 10

// leftOfBar is the layout of a row: the scrollbar does not lie over it.
type leftOfBar struct{}

// MinSize is called by Fyne.
func (leftOfBar) MinSize(row []fyne.CanvasObject) fyne.Size {
	return row[0].MinSize().AddWidthHeight(barRoom, 0)
}

// Layout is called by Fyne.
func (leftOfBar) Layout(row []fyne.CanvasObject, s fyne.Size) {
	row[0].Resize(s.SubtractWidthHeight(barRoom, 0))
}

// InMargin gives the list with its scrollbar in the margin at its right, which is
// wider than that: the rows end where all else does.
func (l *List) InMargin() fyne.CanvasObject {
	return container.New(layout.NewCustomPaddedLayout(0, 0, 0, -barRoom), l)
}

// ByWindow leaves all keys to the window, which marks a row of its own.
func (l *List) ByWindow() *List {
	l.theirs = true
	return l
}

// ExtendBaseWidget says which widget embeds the list.
func (l *List) ExtendBaseWidget(w fyne.Widget) {
	l.outer, _ = w.(pressable)
	l.List.ExtendBaseWidget(w)
}

// TypedKey goes through the rows and opens the one that is marked.
func (l *List) TypedKey(e *fyne.KeyEvent) {
	if l.theirs {
		handOn(l.outer, e)
		return
	}
	switch e.Name {
	case fyne.KeySpace, fyne.KeyReturn, fyne.KeyEnter:
		if stays(l.outer) && l.at >= 0 && l.at < l.Length() {
			l.open(l.at)
		}
	case fyne.KeyUp, fyne.KeyDown:
		l.List.TypedKey(e)
	case fyne.KeyHome:
		l.Highlight(0)
	case fyne.KeyEnd:
		l.Highlight(l.Length() - 1)
	default:
		handOn(l.outer, e)
	}
}

// Grid is Fyne's grid of cards. The window's keys go through them.
type Grid struct {
	widget.GridWrap
}

// NewGrid makes a grid of card widgets.
func NewGrid(length func() int, create func() fyne.CanvasObject, update func(int, fyne.CanvasObject)) *Grid {
	g := &Grid{}
	g.Length, g.CreateItem, g.UpdateItem = length, create, update
	g.ExtendBaseWidget(g)
	return g
}

// TypedKey leaves all keys to the window.
func (g *Grid) TypedKey(e *fyne.KeyEvent) { handOn(g, e) }
