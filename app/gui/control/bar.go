package control

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	base "fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// Bar is a thin bar that shows how much of something is done. It says nothing:
// the words beside it do.
type Bar struct {
	widget.BaseWidget

	part float64
}

// NewBar makes an empty bar.
func NewBar() *Bar {
	b := &Bar{}
	b.ExtendBaseWidget(b)
	return b
}

// Set shows a part of the whole, from 0 to 1.
func (b *Bar) Set(part float64) {
	b.part = min(max(part, 0), 1)
	b.Refresh()
}

// CreateRenderer is called by Fyne.
func (b *Bar) CreateRenderer() fyne.WidgetRenderer {
	r := &barRenderer{b, canvas.NewRectangle(color.Transparent), canvas.NewRectangle(nil)}
	r.Refresh()
	return r
}

type barRenderer struct {
	bar         *Bar
	whole, done *canvas.Rectangle
}

func (r *barRenderer) Destroy()           {}
func (r *barRenderer) MinSize() fyne.Size { return fyne.NewSize(40, 8) }
func (r *barRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.whole, r.done}
}

func (r *barRenderer) Layout(s fyne.Size) {
	r.whole.Resize(s)
	r.done.Resize(fyne.NewSize(s.Width*float32(r.bar.part), s.Height))
	r.whole.CornerRadius, r.done.CornerRadius = s.Height/2, s.Height/2
}

func (r *barRenderer) Refresh() {
	r.whole.FillColor = base.Color(base.ColorNameSeparator)
	r.done.FillColor = base.Color(base.ColorNamePrimary)
	r.Layout(r.bar.Size())
	r.whole.Refresh()
	r.done.Refresh()
}
