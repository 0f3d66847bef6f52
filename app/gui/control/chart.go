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

// Trend is a chart of weeks or months: columns of how many documents had to be
// signed, and over them the line of the rate, from 0 to 100 per cent.
type Trend struct {
	widget.BaseWidget

	bars    []present.TrendBar
	rolling bool
	closed  string // the word under a closed period
}

// NewTrend makes an empty chart; closed is the word that stands under a closed period.
func NewTrend(closed string) *Trend {
	t := &Trend{closed: closed}
	t.ExtendBaseWidget(t)
	return t
}

// Set shows other values; rolling draws the ratio of four weeks, too.
func (t *Trend) Set(bars []present.TrendBar, rolling bool) {
	t.bars, t.rolling = bars, rolling
	t.Refresh()
}

// CreateRenderer is called by Fyne.
func (t *Trend) CreateRenderer() fyne.WidgetRenderer {
	r := &trendRenderer{of: t}
	r.build()
	return r
}

// gridStep is the distance of the chart's lines, in per cent.
const gridStep = 25

type trendRenderer struct {
	of      *Trend
	grid    []*canvas.Line
	ticks   []*canvas.Text
	columns []column
	lines   []joint
	objects []fyne.CanvasObject
}

// column is what is drawn of one period.
type column struct {
	bar                          *canvas.Rectangle
	dot                          *canvas.Circle
	value, label, number, closed *canvas.Text
}

// joint is a line between two periods, by a value of each.
type joint struct {
	line     *canvas.Line
	from, to int
	value    func(present.TrendBar) float64
}

// text makes a small text of the chart.
func (r *trendRenderer) text(s string, c fyne.ThemeColorName, a fyne.TextAlign) *canvas.Text {
	t := canvas.NewText(s, base.Color(c))
	t.TextSize = base.Size(theme.SizeSmall) - 1
	t.Alignment = a
	r.objects = append(r.objects, t)
	return t
}

// build makes the objects for the values: grid, columns, lines, dots, texts.
func (r *trendRenderer) build() {
	r.grid, r.ticks, r.columns, r.lines, r.objects = nil, nil, nil, nil, nil
	for v := 0; v <= 100; v += gridStep {
		l := canvas.NewLine(base.Color(base.ColorNameSeparator))
		l.StrokeWidth = 1
		r.grid = append(r.grid, l)
		r.objects = append(r.objects, l)
		r.ticks = append(r.ticks, r.text(strconv.Itoa(v)+" %", theme.ColorMuted, fyne.TextAlignTrailing))
	}
	r.columns = make([]column, len(r.of.bars))
	for i := range r.of.bars {
		bar := canvas.NewRectangle(base.Color(theme.ColorPlainBack))
		bar.CornerRadius = 3
		r.columns[i].bar = bar
		r.objects = append(r.objects, bar)
	}
	if r.of.rolling {
		r.join(theme.ColorMuted, 1, func(b present.TrendBar) float64 { return b.Rolling })
	}
	r.join(base.ColorNamePrimary, 2, func(b present.TrendBar) float64 { return b.Value })
	for i, b := range r.of.bars {
		c := &r.columns[i]
		c.dot = canvas.NewCircle(dotColor(b.Tone))
		c.dot.Hidden = !b.Any
		r.objects = append(r.objects, c.dot)
		c.value = r.text(b.Short, base.ColorNameForeground, fyne.TextAlignCenter)
		c.value.TextStyle.Bold = true
		c.label = r.text(b.Label, base.ColorNameForeground, fyne.TextAlignCenter)
		c.number = r.text(b.Count, theme.ColorMuted, fyne.TextAlignCenter)
		c.closed = r.text(r.of.closed, theme.ColorMuted, fyne.TextAlignCenter)
		c.closed.Hidden = !b.Closed
	}
}

func dotColor(tone present.Tone) color.Color {
	switch tone {
	case present.Good, present.Bad, present.Caution:
		return base.Color(Ink(tone))
	case present.Plain, present.Quiet:
	}
	return base.Color(base.ColorNamePrimary)
}

// join makes the lines between periods in which something was due.
func (r *trendRenderer) join(c fyne.ThemeColorName, width float32, value func(present.TrendBar) float64) {
	last := -1
	for i, b := range r.of.bars {
		if !b.Any {
			continue
		}
		if last >= 0 {
			l := canvas.NewLine(base.Color(c))
			l.StrokeWidth = width
			r.lines = append(r.lines, joint{l, last, i, value})
			r.objects = append(r.objects, l)
		}
		last = i
	}
}

func (r *trendRenderer) Destroy()           {}
func (r *trendRenderer) MinSize() fyne.Size { return fyne.NewSize(300, 110) }

// Room beside and below the plot, in units of the window; a line of labels takes
// chartLine, a grid with all its lines chartFull.
const (
	chartLeft, chartTop, chartLine = 46, 20, 15
	chartFull                      = 90
	labelRoom                      = 36
	// Where there is less room, closed periods are not named.
	closedHeight, closedRoom = 150, 30
)

func (r *trendRenderer) Layout(s fyne.Size) {
	step := max(20, s.Width-chartLeft-4) / float32(max(len(r.columns), 1))
	rows := 2
	for _, b := range r.of.bars {
		if b.Closed && s.Height >= closedHeight && step >= closedRoom {
			rows = 3
		}
	}
	height, width := max(20, s.Height-chartTop-float32(rows)*chartLine-4), max(20, s.Width-chartLeft-4)
	level := func(v float64) float32 { return chartTop + height*(1-float32(math.Min(max(0, v), 100)/100)) }
	for i, l := range r.grid {
		y := level(float64(i * gridStep))
		l.Position1, l.Position2 = fyne.NewPos(chartLeft, y), fyne.NewPos(chartLeft+width, y)
		r.ticks[i].Resize(fyne.NewSize(chartLeft-8, chartLine))
		r.ticks[i].Move(fyne.NewPos(0, y-chartLine/2))
		r.ticks[i].Hidden = height < chartFull && i*gridStep%50 != 0
		l.Hidden = r.ticks[i].Hidden
	}
	most := 1
	for _, b := range r.of.bars {
		most = max(most, b.N)
	}
	middle := func(i int) float32 { return chartLeft + step*(float32(i)+0.5) }
	for i, c := range r.columns {
		b := r.of.bars[i]
		h := height * 0.9 * float32(b.N) / float32(most)
		w := min(step*0.66, 46)
		c.bar.Hidden = h < 1
		c.closed.Hidden = !b.Closed || rows < 3
		place(c.bar, middle(i)-w/2, chartTop+height-h, w, h)
		const radius = 3.5
		y := level(b.Value)
		place(c.dot, middle(i)-radius, y-radius, 2*radius, 2*radius)
		place(c.value, middle(i)-step/2, y-chartLine-5, step, chartLine)
		c.label.Hidden = step < labelRoom && len(b.Label) > 2 && (len(r.columns)-1-i)%2 != 0
		for k, t := range []*canvas.Text{c.label, c.number, c.closed} {
			place(t, middle(i)-step, chartTop+height+3+float32(k)*chartLine, 2*step, chartLine)
		}
	}
	for _, l := range r.lines {
		from, to := r.of.bars[l.from], r.of.bars[l.to]
		l.line.Position1 = fyne.NewPos(middle(l.from), level(l.value(from)))
		l.line.Position2 = fyne.NewPos(middle(l.to), level(l.value(to)))
	}
}

// place gives an object its rectangle.
func place(o fyne.CanvasObject, x, y, w, h float32) {
	o.Resize(fyne.NewSize(w, h))
	o.Move(fyne.NewPos(x, y))
}

func (r *trendRenderer) Objects() []fyne.CanvasObject { return r.objects }

func (r *trendRenderer) Refresh() {
	r.build()
	r.Layout(r.of.Size())
	canvas.Refresh(r.of)
}
