// Package control has the window's own widgets. They know Fyne and the theme's
// colours and sizes, and nothing of documents or signatures.
//
// Fyne gives a key to the widget with the keyboard alone, and a key with Ctrl to it
// alone where it takes any. The widgets of this package keep what they use and hand
// on the rest, so the window's keys work wherever the person stands; screens use them
// in place of Fyne's own.
package control

import (
	"bytes"
	"fmt"
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	base "fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"kyso/app/gui/theme"
	"kyso/app/present"
	"kyso/assets"
)

// Icon gives one of the program's icons in a colour of the theme.
func Icon(name string, c fyne.ThemeColorName) fyne.Resource { return icon{name: name, color: c} }

// Dimmed gives an icon of Icon in the colour of what cannot be used, or back in
// its own. Fyne dims areas only, and ours are lines.
func Dimmed(r fyne.Resource, dim bool) fyne.Resource {
	if i, ok := r.(icon); ok {
		i.dim = dim
		return i
	}
	return r
}

// icon is an icon whose lines take a colour of the theme when it is drawn.
// Fyne's own coloured resources change areas only, not lines.
type icon struct {
	name  string
	color fyne.ThemeColorName
	dim   bool
}

// hex writes the colour as SVG does.
func (i icon) hex() string {
	c := i.color
	if i.dim {
		c = base.ColorNameDisabled
	}
	r, g, b, _ := base.Color(c).RGBA()
	return fmt.Sprintf("#%02X%02X%02X", r>>8, g>>8, b>>8)
}

// Name tells pictures of different colours apart.
func (i icon) Name() string { return i.name + i.hex() + ".svg" }

// Content is the SVG.
func (i icon) Content() []byte {
	return bytes.ReplaceAll(assets.Icon(i.name), []byte("#000000"), []byte(i.hex()))
}

// Ink and back are the two colours of a tone.
func Ink(t present.Tone) fyne.ThemeColorName {
	switch t {
	case present.Good:
		return theme.ColorGood
	case present.Caution:
		return theme.ColorCaution
	case present.Bad:
		return theme.ColorBad
	case present.Quiet:
		return theme.ColorQuiet
	case present.Plain:
	}
	return theme.ColorPlain
}

func back(t present.Tone) fyne.ThemeColorName { return Ink(t) + ".back" }

// sign is the icon that says a tone without colour.
func sign(t present.Tone) string {
	switch t {
	case present.Good:
		return "check"
	case present.Caution, present.Bad:
		return "warn"
	case present.Quiet, present.Plain:
	}
	return "info"
}

// ToneIcon is the icon that says a tone, in the tone's colour.
func ToneIcon(t present.Tone) fyne.Resource { return Icon(sign(t), Ink(t)) }

// ToneBack is the colour behind a text of a tone.
func ToneBack(t present.Tone) color.Color { return base.Color(back(t)) }

// Panel is a rounded surface around its content.
type Panel struct {
	widget.BaseWidget

	content fyne.CanvasObject
	fill    fyne.ThemeColorName
	border  fyne.ThemeColorName
	pad     float32
}

// NewPanel makes a card.
func NewPanel(content fyne.CanvasObject) *Panel {
	p := &Panel{content: content, fill: theme.ColorSurface, border: base.ColorNameSeparator, pad: 14}
	p.ExtendBaseWidget(p)
	return p
}

// CreateRenderer is called by Fyne.
func (p *Panel) CreateRenderer() fyne.WidgetRenderer {
	r := &panelRenderer{panel: p, fill: canvas.NewRectangle(color.Transparent)}
	r.Refresh()
	return r
}

type panelRenderer struct {
	panel *Panel
	fill  *canvas.Rectangle
}

func (r *panelRenderer) Destroy() {}
func (r *panelRenderer) Layout(s fyne.Size) {
	r.fill.Resize(s)
	r.panel.content.Move(fyne.NewPos(r.panel.pad, r.panel.pad))
	r.panel.content.Resize(s.SubtractWidthHeight(2*r.panel.pad, 2*r.panel.pad))
}

func (r *panelRenderer) MinSize() fyne.Size {
	return r.panel.content.MinSize().AddWidthHeight(2*r.panel.pad, 2*r.panel.pad)
}

func (r *panelRenderer) Refresh() {
	r.fill.FillColor = base.Color(r.panel.fill)
	r.fill.CornerRadius = 10
	r.fill.StrokeWidth = 1
	r.fill.StrokeColor = base.Color(r.panel.border)
	r.fill.Refresh()
	r.panel.content.Refresh()
}

func (r *panelRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.fill, r.panel.content}
}

// Note is a coloured box with an icon and a text of several lines.
type Note struct {
	Panel

	icon *widget.Icon
	text *widget.Label
}

// NewNote makes an empty note; it is hidden until it has a text.
func NewNote() *Note {
	n := &Note{icon: widget.NewIcon(nil), text: widget.NewLabel("")}
	n.text.Wrapping = fyne.TextWrapWord
	icon := container.NewVBox(container.New(layout.NewCustomPaddedLayout(8, 0, 0, 0),
		container.NewGridWrap(fyne.NewSquareSize(24), n.icon)))
	n.content = container.NewBorder(nil, nil, icon, nil, n.text)
	n.fill, n.border, n.pad = theme.ColorSurface, theme.ColorSurface, 5
	n.ExtendBaseWidget(n)
	n.Hide()
	return n
}

// Set shows a text in a tone; an empty text hides the note.
func (n *Note) Set(text string, tone present.Tone) {
	if text == "" {
		n.Hide()
		return
	}
	n.text.SetText(text)
	n.icon.SetResource(Icon(sign(tone), Ink(tone)))
	n.fill, n.border = back(tone), back(tone)
	n.Show()
	n.Refresh()
}

// Chip is a short text in a coloured pill.
type Chip struct {
	widget.BaseWidget

	text string
	tone present.Tone
}

// NewChip makes a chip.
func NewChip(text string, tone present.Tone) *Chip {
	c := &Chip{text: text, tone: tone}
	c.ExtendBaseWidget(c)
	return c
}

// Set changes text and tone; an empty text hides the chip.
func (c *Chip) Set(text string, tone present.Tone) {
	c.text, c.tone = text, tone
	if text == "" {
		c.Hide()
		return
	}
	c.Show()
	c.Refresh()
}

// CreateRenderer is called by Fyne.
func (c *Chip) CreateRenderer() fyne.WidgetRenderer {
	r := &chipRenderer{chip: c, fill: canvas.NewRectangle(color.Transparent), text: canvas.NewText("", color.Black)}
	r.text.TextStyle.Bold = true
	r.Refresh()
	return r
}

// WholeChips is a layout that puts chips into one line and leaves out those at
// the end that do not fit: half a word says nothing.
type WholeChips struct{}

// MinSize is called by Fyne: any width will do.
func (WholeChips) MinSize(chips []fyne.CanvasObject) fyne.Size {
	var h float32
	for _, c := range chips {
		h = max(h, c.MinSize().Height)
	}
	return fyne.NewSize(0, h)
}

// Layout is called by Fyne.
func (WholeChips) Layout(chips []fyne.CanvasObject, s fyne.Size) {
	var x float32
	full := false
	for _, c := range chips {
		if !c.Visible() {
			continue
		}
		m := c.MinSize()
		if full = full || x > 0 && x+m.Width > s.Width; full {
			c.Resize(fyne.Size{})
			continue
		}
		c.Move(fyne.NewPos(x, 0))
		c.Resize(fyne.NewSize(m.Width, s.Height))
		x += m.Width + base.Padding()
	}
}

type chipRenderer struct {
	chip *Chip
	fill *canvas.Rectangle
	text *canvas.Text
}

func (r *chipRenderer) Destroy() {}
func (r *chipRenderer) Layout(s fyne.Size) {
	r.fill.Hidden, r.text.Hidden = s.IsZero(), s.IsZero() // there is no room for the chip
	m := r.MinSize()
	top := (s.Height - m.Height) / 2
	r.fill.Move(fyne.NewPos(0, top))
	r.fill.Resize(m)
	t := r.text.MinSize()
	r.text.Move(fyne.NewPos((m.Width-t.Width)/2, top+(m.Height-t.Height)/2))
	r.text.Resize(t)
}

func (r *chipRenderer) MinSize() fyne.Size { return r.text.MinSize().AddWidthHeight(18, 5) }

func (r *chipRenderer) Refresh() {
	r.text.Text = r.chip.text
	r.text.TextSize = base.Size(theme.SizeSmall)
	r.text.Color = base.Color(Ink(r.chip.tone))
	r.fill.FillColor = base.Color(back(r.chip.tone))
	r.Layout(r.chip.Size())
	r.fill.CornerRadius = r.MinSize().Height / 2
	r.fill.Refresh()
	r.text.Refresh()
}

func (r *chipRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.fill, r.text} }
