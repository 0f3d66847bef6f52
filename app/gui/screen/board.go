package screen

import (
	"image/color"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	base "fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"kyso/app/gui/control"
	"kyso/app/gui/theme"
	"kyso/app/gui/words"
	"kyso/app/present"
)

// BoardActs are what the person can do on the board.
type BoardActs struct {
	Sign    func(row int)
	Refresh func()
}

// Board is the screen of the signing rate.
type Board struct {
	Object fyne.CanvasObject

	words    *words.Words
	state    present.BoardState
	unit     *control.Text
	badge    *control.Chip
	problem  *Problem
	empty    *Empty
	body     *fyne.Container
	rate     *control.Text
	band     *control.Chip
	sentence *widget.Label
	next     *widget.Label
	chart    *control.Bars
	unsigned *control.Text
	nothing  *widget.Label
	list     *control.List
	district *control.Text
	bands    *control.Text
	units    *widget.List
	source   *control.Text
}

// NewBoard makes the screen.
func NewBoard(w *words.Words, a BoardActs) *Board {
	b := &Board{
		words: w, unit: quiet(""), badge: control.NewChip("", present.Caution), problem: NewProblem(), empty: NewEmpty("board"),
		rate: control.NewText("", base.ColorNamePrimary, theme.SizeHero, fyne.TextStyle{Bold: true}).Whole(),
		band: control.NewChip("", present.Quiet), sentence: wrapped(""), next: wrapped(""), chart: control.NewBars(),
		unsigned: subheading(""), nothing: wrapped(""), district: subheading(""), bands: quiet(""), source: quiet(""),
	}
	b.sentence.SizeName = base.SizeNameSubHeadingText
	b.sentence.TextStyle.Bold = true
	b.buildLists(a)
	refresh := widget.NewButtonWithIcon(w.T("refresh"), control.Icon("refresh", base.ColorNameForeground), a.Refresh)
	top := container.NewVBox(head(heading(w.T("board.title")), b.unit, center(b.badge), refresh), b.problem.Object)
	b.body = container.NewBorder(b.hero(), b.source, nil, nil, b.columns())
	b.Object = padded(container.NewBorder(top, nil, nil, nil, container.NewStack(b.body, b.empty.Object)), 8, 20)
	return b
}

// buildLists makes the lists of documents and of units.
func (b *Board) buildLists(a BoardActs) {
	b.list = control.NewList(
		func() int { return len(b.state.Unsigned) },
		func() fyne.CanvasObject { return newUnsignedRow(b.words) },
		func(i int, o fyne.CanvasObject) {
			if row, ok := o.(*unsignedRow); ok && i < len(b.state.Unsigned) {
				row.set(b.state.Unsigned[i], func() { a.Sign(i) })
			}
		},
		a.Sign,
	)
	b.units = widget.NewList(
		func() int { return len(b.state.Units) },
		func() fyne.CanvasObject { return newUnitRow(b.words) },
		func(i int, o fyne.CanvasObject) {
			if row, ok := o.(*unitRow); ok && i < len(b.state.Units) {
				row.set(b.state.Units[i])
			}
		},
	)
	b.units.OnSelected = func(i int) { b.units.Unselect(i) }
}

// hero is the card with the one sentence.
func (b *Board) hero() fyne.CanvasObject {
	left := container.NewVBox(b.rate, container.NewHBox(b.band))
	text := container.NewVBox(b.sentence, b.next)
	return padded(control.NewPanel(container.NewBorder(nil, nil, container.NewHBox(left, wide(16)), nil, text)), 4, 0)
}

// columns are chart and unsigned documents at the left, the units at the right.
func (b *Board) columns() fyne.CanvasObject {
	months := control.NewPanel(container.NewBorder(subheading(b.words.T("board.months")), nil, nil, nil, b.chart))
	waiting := control.NewPanel(container.NewBorder(b.unsigned, nil, nil, nil, container.NewStack(b.list, container.NewVBox(b.nothing))))
	left := container.New(split{share: 0.45, gap: 10}, months, waiting)
	names := container.New(layout.NewCustomPaddedVBoxLayout(2), b.district, b.bands)
	right := control.NewPanel(container.NewBorder(names, nil, nil, nil, b.units))
	return padded(container.New(split{share: 0.48, gap: 10, across: true}, left, right), 6, 0)
}

// split lays out two objects in fixed shares.
type split struct {
	share, gap float32
	across     bool
}

// Layout gives the first object its share and the second the rest.
func (s split) Layout(o []fyne.CanvasObject, size fyne.Size) {
	if s.across {
		w := (size.Width - s.gap) * s.share
		o[0].Resize(fyne.NewSize(w, size.Height))
		o[1].Move(fyne.NewPos(w+s.gap, 0))
		o[1].Resize(fyne.NewSize(size.Width-w-s.gap, size.Height))
		return
	}
	h := (size.Height - s.gap) * s.share
	o[0].Resize(fyne.NewSize(size.Width, h))
	o[1].Move(fyne.NewPos(0, h+s.gap))
	o[1].Resize(fyne.NewSize(size.Width, size.Height-h-s.gap))
}

// MinSize is what both need.
func (s split) MinSize(o []fyne.CanvasObject) fyne.Size {
	a, b := o[0].MinSize(), o[1].MinSize()
	if s.across {
		return fyne.NewSize(a.Width+b.Width+s.gap, max(a.Height, b.Height))
	}
	return fyne.NewSize(max(a.Width, b.Width), a.Height+b.Height+s.gap)
}

// Show draws a state.
func (b *Board) Show(s present.BoardState) {
	b.state = s
	w := b.words
	unit := s.Unit
	if s.Loading {
		unit = w.T("loading")
	}
	b.unit.Set(unit)
	badge := ""
	if s.Illustrative {
		badge = w.T("board.illustrative")
	}
	b.badge.Set(badge, present.Caution)
	b.problem.Set(s.Problem)
	b.empty.Set(w.Say(s.Empty), w.Say(present.Text{Key: helpKey(s.Empty.Key)}))
	b.body.Hidden = s.Unit == ""
	b.rate.Set(s.Rate)
	b.band.Set(w.Say(s.Band), s.BandTone)
	b.sentence.SetText(w.Say(s.Sentence))
	b.next.SetText(w.Say(s.Next))
	b.chart.Set(s.Months)
	b.unsigned.Set(w.Say(s.UnsignedTitle))
	b.nothing.SetText(w.Say(s.NoUnsigned))
	b.nothing.Hidden = len(s.Unsigned) > 0
	b.district.Set(s.District)
	b.bands.Set(w.Say(s.DistrictSummary))
	b.source.Set(w.Say(s.Source))
	b.list.Refresh()
	b.units.Refresh()
	b.body.Refresh()
}

// helpKey is the key of the help that goes with an empty state.
func helpKey(key string) string {
	if key == "" {
		return ""
	}
	return key + ".help"
}

// unsignedRow is one document that misses its signature.
type unsignedRow struct {
	widget.BaseWidget

	words           *words.Words
	subject, second *control.Text
	sign            *widget.Button
	body            *fyne.Container
}

func newUnsignedRow(w *words.Words) *unsignedRow {
	r := &unsignedRow{
		words:   w,
		subject: control.NewText("", base.ColorNameForeground, base.SizeNameText, fyne.TextStyle{}),
		second:  quiet(""), sign: widget.NewButton(w.T("board.sign"), nil),
	}
	text := container.New(layout.NewCustomPaddedVBoxLayout(2), r.subject, r.second)
	r.body = container.New(layout.NewCustomPaddedLayout(4, 4, 2, 14), container.NewBorder(nil, nil, nil, center(r.sign), text))
	r.ExtendBaseWidget(r)
	return r
}

func (r *unsignedRow) set(d present.QueueRow, sign func()) {
	r.subject.Set(d.Subject)
	r.second.Set(strings.Join(notEmpty(d.Reference, d.Date, r.words.Say(d.WhyNot)), "  ·  "))
	r.sign.OnTapped = sign
	able(r.sign, d.WhyNot.Key == "")
}

// CreateRenderer is called by Fyne.
func (r *unsignedRow) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(r.body) }

// unitRow is one unit of the district.
type unitRow struct {
	widget.BaseWidget

	words             *words.Words
	name, rate, count *control.Text
	chip              *control.Chip
	fill              *canvas.Rectangle
	body              *fyne.Container
}

func newUnitRow(w *words.Words) *unitRow {
	r := &unitRow{
		words: w,
		name:  control.NewText("", base.ColorNameForeground, base.SizeNameText, fyne.TextStyle{}),
		rate:  control.NewText("", base.ColorNameForeground, base.SizeNameText, fyne.TextStyle{Bold: true}).Whole().Aligned(fyne.TextAlignTrailing),
		count: quiet(""), chip: control.NewChip("", present.Quiet), fill: canvas.NewRectangle(color.Transparent),
	}
	right := container.New(layout.NewCustomPaddedVBoxLayout(1), r.rate, container.NewHBox(layout.NewSpacer(), r.chip))
	name := container.New(layout.NewCustomPaddedVBoxLayout(1), r.name, r.count)
	r.body = container.NewStack(r.fill, container.New(layout.NewCustomPaddedLayout(3, 3, 8, 14), container.NewBorder(nil, nil, nil, right, center(name))))
	r.ExtendBaseWidget(r)
	return r
}

func (r *unitRow) set(u present.UnitRow) {
	r.name.Set(u.Name)
	r.rate.Set(u.Rate)
	r.count.Set(u.Count)
	r.chip.Set(r.words.Say(u.Band), u.Tone)
	r.fill.FillColor = base.Color(theme.ColorSurface)
	r.fill.CornerRadius = 6
	if u.Own {
		r.fill.FillColor = base.Color(theme.ColorPlainBack)
	}
	r.fill.Refresh()
}

// CreateRenderer is called by Fyne.
func (r *unitRow) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(r.body) }
