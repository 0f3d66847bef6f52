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

// SideItem is one page in a list beside the page. Enter, Space and a tap open it.
type SideItem struct {
	widget.BaseWidget
	press

	text     string
	selected bool
}

var (
	_ fyne.Tappable     = (*SideItem)(nil)
	_ fyne.Focusable    = (*SideItem)(nil)
	_ desktop.Hoverable = (*SideItem)(nil)
)

// NewSideItem makes one.
func NewSideItem(text string, tapped func()) *SideItem {
	s := &SideItem{text: text, press: press{tapped: tapped}}
	s.of = s
	s.ExtendBaseWidget(s)
	return s
}

// Set says whether the page is shown now.
func (s *SideItem) Set(selected bool) {
	if s.selected != selected {
		s.selected = selected
		s.Refresh()
	}
}

// CreateRenderer is called by Fyne.
func (s *SideItem) CreateRenderer() fyne.WidgetRenderer {
	r := &sideRenderer{
		side: s, fill: canvas.NewRectangle(color.Transparent), mark: canvas.NewRectangle(color.Transparent),
		text: NewText(s.text, base.ColorNameForeground, base.SizeNameText, fyne.TextStyle{}),
	}
	r.Refresh()
	return r
}

type sideRenderer struct {
	side       *SideItem
	fill, mark *canvas.Rectangle
	text       *Text
}

func (r *sideRenderer) Destroy() {}
func (r *sideRenderer) Layout(s fyne.Size) {
	r.fill.Resize(s)
	r.mark.Move(fyne.NewPos(0, 9))
	r.mark.Resize(fyne.NewSize(4, s.Height-18))
	r.text.Move(fyne.NewPos(14, 0))
	r.text.Resize(fyne.NewSize(s.Width-20, s.Height))
}

func (r *sideRenderer) MinSize() fyne.Size { return fyne.NewSize(120, 40) }

func (r *sideRenderer) Refresh() {
	r.fill.CornerRadius, r.mark.CornerRadius = 8, 2
	r.fill.FillColor, r.mark.FillColor = color.Transparent, color.Transparent
	r.fill.StrokeWidth = 0
	if r.side.hovered {
		r.fill.FillColor = base.Color(base.ColorNameHover)
	}
	if r.side.selected {
		r.fill.FillColor = base.Color(theme.ColorPlainBack)
		r.mark.FillColor = base.Color(base.ColorNamePrimary)
	}
	if r.side.focused {
		r.fill.StrokeWidth, r.fill.StrokeColor = 2, base.Color(base.ColorNamePrimary)
	}
	r.text.style = fyne.TextStyle{Bold: r.side.selected}
	r.text.Set(r.side.text)
	r.text.Refresh()
	r.fill.Refresh()
	r.mark.Refresh()
}

func (r *sideRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.fill, r.mark, r.text}
}
