package control

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	base "fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// Text is one line of text without padding. Where it does not fit it ends in "…".
type Text struct {
	widget.BaseWidget

	text  string
	color fyne.ThemeColorName
	size  fyne.ThemeSizeName
	style fyne.TextStyle
	align fyne.TextAlign
	// least is the width below which the text is not asked to shrink.
	least float32
}

// NewText makes a line of text that shrinks where it must.
func NewText(text string, c fyne.ThemeColorName, size fyne.ThemeSizeName, style fyne.TextStyle) *Text {
	t := &Text{text: text, color: c, size: size, style: style, least: 40}
	t.ExtendBaseWidget(t)
	return t
}

// Whole makes the line keep its whole width.
func (t *Text) Whole() *Text {
	t.least = -1
	return t
}

// Aligned sets the line's alignment.
func (t *Text) Aligned(a fyne.TextAlign) *Text {
	t.align = a
	return t
}

// Set changes the text.
func (t *Text) Set(text string) {
	if t.text != text {
		t.text = text
		t.Refresh()
	}
}

// SetColor changes the colour.
func (t *Text) SetColor(c fyne.ThemeColorName) {
	if t.color != c {
		t.color = c
		t.Refresh()
	}
}

// CreateRenderer is called by Fyne.
func (t *Text) CreateRenderer() fyne.WidgetRenderer {
	r := &textRenderer{of: t, text: canvas.NewText("", color.Black)}
	r.Refresh()
	return r
}

type textRenderer struct {
	of   *Text
	text *canvas.Text
}

func (r *textRenderer) Destroy() {}

// Layout fits the text into the width, cutting at its end.
func (r *textRenderer) Layout(s fyne.Size) {
	full := []rune(r.of.text)
	fits := func(n int) string {
		if n == len(full) {
			return r.of.text
		}
		return string(full[:n]) + "…"
	}
	wide := func(text string) bool {
		return fyne.MeasureText(text, r.text.TextSize, r.text.TextStyle).Width > s.Width
	}
	low, high := 0, len(full)
	if s.Width > 0 && wide(r.of.text) {
		for low < high-1 {
			if mid := (low + high) / 2; wide(fits(mid)) {
				high = mid
			} else {
				low = mid
			}
		}
		high = low
	}
	r.text.Text = fits(high)
	h := r.text.MinSize().Height
	r.text.Move(fyne.NewPos(0, (s.Height-h)/2))
	r.text.Resize(fyne.NewSize(s.Width, h))
	r.text.Refresh()
}

func (r *textRenderer) MinSize() fyne.Size {
	m := fyne.MeasureText(r.of.text, r.text.TextSize, r.text.TextStyle)
	if r.of.least >= 0 {
		m.Width = min(m.Width, r.of.least)
	}
	if m.Height == 0 {
		m.Height = fyne.MeasureText("Ắg", r.text.TextSize, r.text.TextStyle).Height
	}
	return m
}

func (r *textRenderer) Refresh() {
	r.text.TextSize = base.Size(r.of.size)
	r.text.TextStyle = r.of.style
	r.text.Color = base.Color(r.of.color)
	r.text.Alignment = r.of.align
	r.Layout(r.of.Size())
}

func (r *textRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.text} }
