package control

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
)

// press is what all widgets have in common that are opened by a tap, or by Space
// and Enter while they have the keyboard.
type press struct {
	tapped           func()
	hovered, focused bool
	changed          func() // draws the widget anew
}

// Tapped opens the widget.
func (p *press) Tapped(*fyne.PointEvent) { p.tapped() }

// TypedKey opens the widget by Space or Enter.
func (p *press) TypedKey(e *fyne.KeyEvent) {
	if e.Name == fyne.KeySpace || e.Name == fyne.KeyReturn || e.Name == fyne.KeyEnter {
		p.tapped()
	}
}

// TypedRune does nothing.
func (p *press) TypedRune(rune) {}

// FocusGained shows the keyboard's place.
func (p *press) FocusGained() { p.focused = true; p.changed() }

// FocusLost hides it.
func (p *press) FocusLost() { p.focused = false; p.changed() }

// MouseIn shows that the widget can be tapped.
func (p *press) MouseIn(*desktop.MouseEvent) { p.hovered = true; p.changed() }

// MouseMoved does nothing.
func (p *press) MouseMoved(*desktop.MouseEvent) {}

// MouseOut ends what MouseIn began.
func (p *press) MouseOut() { p.hovered = false; p.changed() }
