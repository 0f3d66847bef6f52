package control

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/lang"
	base "fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// Value is a text of several lines that can be copied: by Ctrl+C while it has the
// keyboard, or from the menu of the right button. Fyne's selectable label is a stop
// of Tab that nobody sees and that keeps the window's keys to itself.
type Value struct {
	widget.Label

	focused bool
}

var (
	_ fyne.Focusable         = (*Value)(nil)
	_ fyne.Shortcutable      = (*Value)(nil)
	_ fyne.SecondaryTappable = (*Value)(nil)
	_ desktop.Cursorable     = (*Value)(nil)
)

// NewValue makes an empty one.
func NewValue() *Value {
	v := &Value{}
	v.Wrapping = fyne.TextWrapWord
	v.ExtendBaseWidget(v)
	return v
}

// Cursor is that of texts.
func (*Value) Cursor() desktop.Cursor { return desktop.TextCursor }

func (v *Value) copyText() { fyne.CurrentApp().Clipboard().SetContent(v.Text) }

// TappedSecondary offers to copy.
func (v *Value) TappedSecondary(e *fyne.PointEvent) {
	if c := fyne.CurrentApp().Driver().CanvasForObject(v); c != nil {
		widget.ShowPopUpMenuAtPosition(fyne.NewMenu("", fyne.NewMenuItem(lang.L("Copy"), v.copyText)), c, e.AbsolutePosition)
	}
}

// TypedShortcut copies.
func (v *Value) TypedShortcut(s fyne.Shortcut) {
	if _, ok := s.(*fyne.ShortcutCopy); ok {
		v.copyText()
		return
	}
	handOnShortcut(v, s)
}

// TypedKey leaves all keys to the window.
func (v *Value) TypedKey(e *fyne.KeyEvent) { handOn(v, e) }

// TypedRune does nothing.
func (*Value) TypedRune(rune) {}

// FocusGained shows the keyboard's place.
func (v *Value) FocusGained() { v.focused = true; v.Refresh() }

// FocusLost hides it.
func (v *Value) FocusLost() { v.focused = false; v.Refresh() }

// CreateRenderer is called by Fyne.
func (v *Value) CreateRenderer() fyne.WidgetRenderer {
	return &valueRenderer{v.Label.CreateRenderer(), v, canvas.NewRectangle(color.Transparent)}
}

type valueRenderer struct {
	fyne.WidgetRenderer

	of    *Value
	frame *canvas.Rectangle
}

func (r *valueRenderer) Layout(s fyne.Size) {
	r.WidgetRenderer.Layout(s)
	r.frame.Resize(s)
}

func (r *valueRenderer) Refresh() {
	r.WidgetRenderer.Refresh()
	r.frame.CornerRadius, r.frame.StrokeWidth = base.InputRadiusSize(), 0
	if r.of.focused {
		r.frame.StrokeWidth, r.frame.StrokeColor = 2, base.Color(base.ColorNamePrimary)
	}
	r.frame.Refresh()
}

func (r *valueRenderer) Objects() []fyne.CanvasObject {
	return append([]fyne.CanvasObject{r.frame}, r.WidgetRenderer.Objects()...)
}
