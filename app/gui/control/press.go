package control

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
)

// press is what all widgets have in common that are opened by a tap, or by Space
// and Enter while they have the keyboard.
type press struct {
	tapped           func()
	of               pressable // the widget, drawn anew when something changes
	hovered, focused bool
}

// Tapped opens the widget.
func (p *press) Tapped(*fyne.PointEvent) { p.tapped() }

// TypedKey opens the widget by Space or Enter.
func (p *press) TypedKey(e *fyne.KeyEvent) {
	if pressed(p.of, e) {
		p.tapped()
	}
}

// TypedRune does nothing.
func (p *press) TypedRune(rune) {}

// FocusGained shows the keyboard's place.
func (p *press) FocusGained() { p.focused = true; p.of.Refresh() }

// FocusLost hides it.
func (p *press) FocusLost() { p.focused = false; p.of.Refresh() }

// MouseIn shows that the widget can be tapped.
func (p *press) MouseIn(*desktop.MouseEvent) { p.hovered = true; p.of.Refresh() }

// MouseMoved does nothing.
func (p *press) MouseMoved(*desktop.MouseEvent) {}

// MouseOut ends what MouseIn began.
func (p *press) MouseOut() { p.hovered = false; p.of.Refresh() }
