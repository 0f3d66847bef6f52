package control

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	base "fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"kyso/app/gui/theme"
	"kyso/app/present"
)

// Card is a surface that can be tapped, or chosen by Tab and opened by Space or
// Enter. A stripe at its left has the colour of a tone.
type Card struct {
	widget.BaseWidget
	press

	content fyne.CanvasObject
	tone    present.Tone
	chosen  bool
}

var (
	_ fyne.Tappable      = (*Card)(nil)
	_ fyne.Focusable     = (*Card)(nil)
	_ desktop.Hoverable  = (*Card)(nil)
	_ desktop.Cursorable = (*Card)(nil)
)

// NewCard makes a card around its content.
func NewCard(content fyne.CanvasObject, tone present.Tone, tapped func()) *Card {
	c := &Card{content: content, tone: tone, press: press{tapped: tapped}}
	c.of = c
	c.ExtendBaseWidget(c)
	return c
}

// Choose says whether the card is the one that is chosen.
func (c *Card) Choose(chosen bool) {
	if c.chosen != chosen {
		c.chosen = chosen
		c.Refresh()
	}
}

// Cursor is a hand.
func (c *Card) Cursor() desktop.Cursor { return desktop.PointerCursor }

// CreateRenderer is called by Fyne.
func (c *Card) CreateRenderer() fyne.WidgetRenderer {
	r := &cardRenderer{card: c, fill: canvas.NewRectangle(color.Transparent), stripe: canvas.NewRectangle(color.Transparent)}
	r.Refresh()
	return r
}

type cardRenderer struct {
	card         *Card
	fill, stripe *canvas.Rectangle
}

// The space around a card's content, the stripe included at the left.
const (
	cardPad    = 9
	cardStripe = 4
)

func (r *cardRenderer) Destroy() {}
func (r *cardRenderer) Layout(s fyne.Size) {
	r.fill.Resize(s)
	r.stripe.Move(fyne.NewPos(1, 6))
	r.stripe.Resize(fyne.NewSize(cardStripe, s.Height-12))
	r.card.content.Move(fyne.NewPos(cardPad+cardStripe, cardPad))
	r.card.content.Resize(s.SubtractWidthHeight(2*cardPad+cardStripe, 2*cardPad))
}

func (r *cardRenderer) MinSize() fyne.Size {
	return r.card.content.MinSize().AddWidthHeight(2*cardPad+cardStripe, 2*cardPad)
}

func (r *cardRenderer) Refresh() {
	r.fill.CornerRadius, r.stripe.CornerRadius = 8, 2
	r.fill.FillColor = base.Color(theme.ColorSurface)
	r.fill.StrokeWidth, r.fill.StrokeColor = 1, base.Color(base.ColorNameSeparator)
	switch {
	case r.card.focused:
		r.fill.StrokeWidth, r.fill.StrokeColor = 2, base.Color(base.ColorNamePrimary)
	case r.card.chosen:
		r.fill.StrokeWidth, r.fill.StrokeColor = 2, base.Color(Ink(r.card.tone))
	case r.card.hovered:
		r.fill.StrokeColor = base.Color(base.ColorNameInputBorder)
	}
	r.stripe.FillColor = base.Color(Ink(r.card.tone))
	r.fill.Refresh()
	r.stripe.Refresh()
	r.card.content.Refresh()
}

func (r *cardRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.fill, r.stripe, r.card.content}
}
