package control

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// Button is Fyne's button that is pressed by Enter, too. Pressed by a key it keeps
// the keyboard; a tap leaves the keyboard to the window.
type Button struct {
	widget.Button
}

// NewButton makes a button with a caption.
func NewButton(text string, tapped func()) *Button { return NewButtonWithIcon(text, nil, tapped) }

// NewButtonWithIcon makes a button with a caption, which may be empty, and an icon.
func NewButtonWithIcon(text string, icon fyne.Resource, tapped func()) *Button {
	b := &Button{}
	b.Text, b.Icon, b.OnTapped = text, icon, tapped
	b.ExtendBaseWidget(b)
	return b
}

// TypedKey presses by Space and Enter.
func (b *Button) TypedKey(e *fyne.KeyEvent) {
	if pressed(b, e) && !b.Disabled() && b.OnTapped != nil {
		b.OnTapped()
	}
}

// Check is Fyne's check; Space sets and clears it.
type Check struct {
	widget.Check
}

// NewCheck makes a check that is not set.
func NewCheck(text string, changed func(bool)) *Check {
	c := &Check{}
	c.Text, c.OnChanged = text, changed
	c.ExtendBaseWidget(c)
	return c
}

// TypedKey sets and clears by Space.
func (c *Check) TypedKey(e *fyne.KeyEvent) {
	switch {
	case e.Name != fyne.KeySpace:
		handOn(c, e)
	case stays(c) && !c.Disabled():
		c.SetChecked(!c.Checked)
	}
}

// TypedRune does nothing: the key did it.
func (*Check) TypedRune(rune) {}

// Select is Fyne's choice of one of some texts: Space, Enter and the arrows up and
// down open it, those to the sides change it.
type Select struct {
	widget.Select
}

// NewSelect makes one of which nothing is chosen.
func NewSelect(options []string, changed func(string)) *Select {
	s := &Select{}
	s.Options, s.OnChanged = options, changed
	s.ExtendBaseWidget(s)
	return s
}

// TypedKey opens or changes.
func (s *Select) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyLeft, fyne.KeyRight:
		s.step(e)
	case fyne.KeyUp, fyne.KeyDown:
		s.openBy(stays(s))
	default:
		s.openBy(pressed(s, e))
	}
}

func (s *Select) openBy(pressed bool) {
	if pressed && !s.Disabled() {
		s.Select.TypedKey(&fyne.KeyEvent{Name: fyne.KeySpace})
	}
}

// step chooses the next text or the one before, and keeps the keyboard also where
// what is told gives it back, as after a tap.
func (s *Select) step(e *fyne.KeyEvent) {
	if !stays(s) || s.Disabled() {
		return
	}
	c := canvasOf(s)
	s.Select.TypedKey(e)
	if c != nil && c.Focused() == nil && seen(s) {
		c.Focus(s)
	}
}

// Slider is Fyne's slider from left to right; the arrows to the sides move it.
type Slider struct {
	widget.Slider
}

// NewSlider makes one with a step of 1.
func NewSlider(least, most float64) *Slider {
	s := &Slider{}
	s.Min, s.Max, s.Step = least, most, 1
	s.ExtendBaseWidget(s)
	return s
}

// TypedKey moves the slider.
func (s *Slider) TypedKey(e *fyne.KeyEvent) {
	if e.Name != fyne.KeyLeft && e.Name != fyne.KeyRight {
		handOn(s, e)
		return
	}
	s.Slider.TypedKey(e)
}
