package control

import (
	"image/color"
	"math"
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	base "fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"kyso/app/gui/theme"
	"kyso/app/present"
)

// Bars is a chart of per cent values from 0 to 100.
type Bars struct {
	widget.BaseWidget

	bars []present.MonthBar
}

// NewBars makes an empty chart.
func NewBars() *Bars {
	b := &Bars{}
	b.ExtendBaseWidget(b)
	return b
}

// Set shows other values.
func (b *Bars) Set(bars []present.MonthBar) {
	b.bars = bars
	b.Refresh()
}

// CreateRenderer is called by Fyne.
func (b *Bars) CreateRenderer() fyne.WidgetRenderer {
	r := &barsRenderer{of: b}
	r.build()
	return r
}

// gridStep is the distance of the chart's lines, in per cent.
const gridStep = 25

type barsRenderer struct {
	of      *Bars
	grid    []*canvas.Line
	ticks   []*canvas.Text
	bars    []*canvas.Rectangle
	values  []*canvas.Text
	labels  []*canvas.Text
	objects []fyne.CanvasObject
}

// text makes a small text of the chart.
func (r *barsRenderer) text(s string, c fyne.ThemeColorName, a fyne.TextAlign) *canvas.Text {
	t := canvas.NewText(s, base.Color(c))
	t.TextSize = base.Size(theme.SizeSmall) - 1
	t.Alignment = a
	r.objects = append(r.objects, t)
	return t
}

// build makes the objects for the values.
func (r *barsRenderer) build() {
	r.grid, r.ticks, r.bars, r.values, r.labels, r.objects = nil, nil, nil, nil, nil, nil
	for v := 0; v <= 100; v += gridStep {
		l := canvas.NewLine(base.Color(base.ColorNameSeparator))
		l.StrokeWidth = 1
		r.grid = append(r.grid, l)
		r.objects = append(r.objects, l)
		r.ticks = append(r.ticks, r.text(strconv.Itoa(v), theme.ColorMuted, fyne.TextAlignTrailing))
	}
	for _, b := range r.of.bars {
		bar := canvas.NewRectangle(color.Transparent)
		bar.FillColor = base.Color(base.ColorNamePrimary)
		switch b.Tone {
		case present.Good, present.Bad, present.Caution:
			bar.FillColor = base.Color(Ink(b.Tone))
		case present.Plain, present.Quiet:
		}
		bar.CornerRadius = 3
		r.bars = append(r.bars, bar)
		r.objects = append(r.objects, bar)
		r.values = append(r.values, r.text(b.Short, base.ColorNameForeground, fyne.TextAlignCenter))
		r.labels = append(r.labels, r.text(b.Label, theme.ColorMuted, fyne.TextAlignCenter))
	}
}

func (r *barsRenderer) Destroy()           {}
func (r *barsRenderer) MinSize() fyne.Size { return fyne.NewSize(300, 150) }

func (r *barsRenderer) Layout(s fyne.Size) {
	const left, bottom, top, lineHeight = 38, 24, 22, 18
	height, width := s.Height-bottom-top, s.Width-left-4
	for i, l := range r.grid {
		y := top + height*(1-float32(i*gridStep)/100)
		l.Position1, l.Position2 = fyne.NewPos(left, y), fyne.NewPos(left+width, y)
		r.ticks[i].Resize(fyne.NewSize(left-8, lineHeight))
		r.ticks[i].Move(fyne.NewPos(0, y-lineHeight/2))
	}
	step := width / float32(max(len(r.bars), 1))
	for i, bar := range r.bars {
		h := height * float32(math.Min(r.of.bars[i].Value, 100)/100)
		x := left + step*float32(i)
		w := min(step*0.62, 46)
		bar.Resize(fyne.NewSize(w, h))
		bar.Move(fyne.NewPos(x+(step-w)/2, top+height-h))
		r.values[i].Resize(fyne.NewSize(step, lineHeight))
		r.values[i].Move(fyne.NewPos(x, top+height-h-lineHeight-1))
		r.labels[i].Resize(fyne.NewSize(step, lineHeight))
		r.labels[i].Move(fyne.NewPos(x, top+height+4))
	}
}

func (r *barsRenderer) Objects() []fyne.CanvasObject { return r.objects }

func (r *barsRenderer) Refresh() {
	r.build()
	r.Layout(r.of.Size())
	canvas.Refresh(r.of)
}
