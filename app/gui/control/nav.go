package control

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	base "fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"kyso/app/gui/theme"
)

// NavItem is one place in the list at the left.
type NavItem struct {
	widget.BaseWidget
	press

	icon, text, count string
	selected          bool
}

var (
	_ fyne.Tappable     = (*NavItem)(nil)
	_ fyne.Focusable    = (*NavItem)(nil)
	_ desktop.Hoverable = (*NavItem)(nil)
)

// NewNavItem makes a place with an icon of the program.
func NewNavItem(icon, text string, tapped func()) *NavItem {
	n := &NavItem{icon: icon, text: text, press: press{tapped: tapped}}
	n.of = n
	n.ExtendBaseWidget(n)
	return n
}

// Set says whether the place is shown now, and what is counted beside it.
func (n *NavItem) Set(selected bool, count string) {
	if n.selected != selected || n.count != count {
		n.selected, n.count = selected, count
		n.Refresh()
	}
}

// CreateRenderer is called by Fyne.
func (n *NavItem) CreateRenderer() fyne.WidgetRenderer {
	r := &navRenderer{
		nav: n, fill: canvas.NewRectangle(color.Transparent), icon: widget.NewIcon(nil),
		text:  NewText(n.text, theme.ColorNavText, base.SizeNameText, fyne.TextStyle{}),
		count: NewText("", theme.ColorNavText, theme.SizeSmall, fyne.TextStyle{Bold: true}).Whole().Aligned(fyne.TextAlignTrailing),
	}
	r.Refresh()
	return r
}

type navRenderer struct {
	nav         *NavItem
	fill        *canvas.Rectangle
	icon        *widget.Icon
	text, count *Text
}

func (r *navRenderer) Destroy() {}
func (r *navRenderer) Layout(s fyne.Size) {
	r.fill.Resize(s)
	r.icon.Resize(fyne.NewSquareSize(22))
	r.icon.Move(fyne.NewPos(14, (s.Height-22)/2))
	w := r.count.MinSize().Width
	r.count.Resize(fyne.NewSize(w, s.Height))
	r.count.Move(fyne.NewPos(s.Width-w-14, 0))
	r.text.Resize(fyne.NewSize(s.Width-48-w-18, s.Height))
	r.text.Move(fyne.NewPos(48, 0))
}

func (r *navRenderer) MinSize() fyne.Size { return fyne.NewSize(180, 46) }

func (r *navRenderer) Refresh() {
	r.fill.CornerRadius = 8
	r.fill.FillColor = color.Transparent
	r.fill.StrokeWidth = 0
	text := theme.ColorNavMuted
	if r.nav.hovered || r.nav.selected {
		r.fill.FillColor = base.Color(theme.ColorNavSelected)
		text = theme.ColorNavText
	}
	if r.nav.focused {
		r.fill.StrokeWidth, r.fill.StrokeColor = 2, base.Color(theme.ColorNavText)
	}
	r.text.style = fyne.TextStyle{Bold: r.nav.selected}
	r.text.SetColor(text)
	r.text.Set(r.nav.text)
	r.text.Refresh()
	r.count.Set(r.nav.count)
	r.icon.SetResource(Icon(r.nav.icon, text))
	r.Layout(r.nav.Size())
	r.fill.Refresh()
}

func (r *navRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.fill, r.icon, r.text, r.count}
}
