package control

import "fyne.io/fyne/v2"

// Stack is what takes the pointer.
func (p *Pages) Stack() fyne.CanvasObject { return p.stack }

// Wheel is what takes the wheel.
func (p *Pages) Wheel() fyne.Scrollable { return p.scroll }
