package screen

import (
	"cmp"
	"image/color"
	"slices"
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
	// Period, Restate and Grain choose what is shown.
	Period  func(present.BoardPeriod)
	Restate func(bool)
	Grain   func(present.Grain)
	// Save asks for a place and writes an annex of a format.
	Save func(format string)
	// Explain begins an explanation of an unsigned document, or a dispute.
	Explain func(row int, dispute bool)
}

// Board is the screen of the signing rate.
type Board struct {
	Object fyne.CanvasObject

	words    *words.Words
	acts     BoardActs
	state    present.BoardState
	unit     *control.Text
	problem  *Problem
	said     *widget.Label
	empty    *Empty
	body     *fyne.Container
	choices  *fyne.Container
	period   *control.Select
	basis    *control.Select
	grain    *control.Select
	save     *control.Button
	rate     *control.Text
	band     *control.Chip
	sentence *widget.Label
	next     *widget.Label
	facts    *fyne.Container
	chart    *control.Trend
	legend   *control.Text
	unsigned *control.Text
	nothing  *widget.Label
	list     *control.List
	district *control.Text
	bands    *control.Text
	units    *control.List
	source   *control.Text
}

// NewBoard makes the screen.
func NewBoard(w *words.Words, a BoardActs) *Board {
	b := &Board{
		words: w, acts: a, unit: quiet(""),
		problem: NewProblem(), said: wrapped(""), empty: NewEmpty("board"),
		rate: control.NewText("", base.ColorNamePrimary, theme.SizeHero, fyne.TextStyle{Bold: true}).Whole(),
		band: control.NewChip("", present.Quiet), sentence: wrapped(""), next: wrapped(""), facts: container.New(layout.NewRowWrapLayout()),
		chart: control.NewTrend(w.T("board.bar.closed")), legend: quiet(""),
		unsigned: subheading(""), nothing: wrapped(""), district: subheading(""), bands: quiet(""), source: quiet(""),
	}
	b.sentence.SizeName = base.SizeNameSubHeadingText
	b.sentence.TextStyle.Bold = true
	b.buildLists(a)
	b.buildChoices(a)
	refresh := control.NewButtonWithIcon("", control.Icon("refresh", base.ColorNameForeground), a.Refresh)
	top := container.NewVBox(head(heading(w.T("board.title")), b.unit, b.choices, refresh), b.problem.Object, b.said)
	b.body = container.NewBorder(b.hero(), b.source, nil, nil, b.columns())
	b.Object = padded(container.NewBorder(top, nil, nil, nil, container.NewStack(b.body, b.empty.Object)), 8, 20)
	return b
}

// buildChoices makes the line above the figures: period, basis, annex.
func (b *Board) buildChoices(a BoardActs) {
	names := make([]string, len(present.BoardPeriods()))
	for i, p := range present.BoardPeriods() {
		names[i] = b.words.T("board.period." + string(cmp.Or(p, "year")))
	}
	b.period = control.NewSelect(names, func(string) {
		if i := b.period.SelectedIndex(); i >= 0 {
			a.Period(present.BoardPeriods()[i])
		}
	})
	b.basis = control.NewSelect([]string{b.words.T("board.attime"), b.words.T("board.today")}, func(string) { a.Restate(b.basis.SelectedIndex() == 1) })
	b.grain = control.NewSelect([]string{b.words.T("board.bymonth"), b.words.T("board.byweek")}, func(string) {
		a.Grain([]present.Grain{present.ByMonth, present.ByWeek}[max(0, b.grain.SelectedIndex())])
	})
	b.save = control.NewButtonWithIcon(b.words.T("board.annex"), control.Icon("down", base.ColorNameForeground), b.offerAnnexes)
	for _, c := range []*control.Select{b.period, b.basis, b.grain} {
		c.PlaceHolder = longest(c.Options) // its width is that of the text
	}
	b.choices = container.NewHBox(b.period, b.basis, b.save)
}

// longest gives the longest of some texts.
func longest(texts []string) string {
	return slices.MaxFunc(texts, func(a, b string) int { return cmp.Compare(len([]rune(a)), len([]rune(b))) })
}

// offerAnnexes lists the formats under the button.
func (b *Board) offerAnnexes() {
	menu := fyne.NewMenu("")
	for _, format := range present.Annexes() {
		menu.Items = append(menu.Items, fyne.NewMenuItem(b.words.T("board.annex."+format), func() { b.acts.Save(format) }))
	}
	below(menu, b.save)
}

// below shows a menu under an object.
func below(menu *fyne.Menu, o fyne.CanvasObject) {
	c := fyne.CurrentApp().Driver().CanvasForObject(o)
	if c == nil {
		return // it is not shown any more
	}
	widget.NewPopUpMenu(menu, c).ShowAtRelativePosition(fyne.NewPos(0, o.Size().Height), o)
}

// buildLists makes the lists of documents and of units.
func (b *Board) buildLists(a BoardActs) {
	b.list = control.NewList(
		func() int { return len(b.state.Unsigned) },
		func() fyne.CanvasObject { return newUnsignedRow(b.words) },
		func(i int, o fyne.CanvasObject) {
			if row, ok := o.(*unsignedRow); ok && i < len(b.state.Unsigned) {
				row.set(b.state.Unsigned[i], b.state.More, func() { a.Sign(i) }, func(dispute bool) { a.Explain(i, dispute) })
			}
		},
		a.Sign,
	)
	b.units = control.NewList(
		func() int { return len(b.state.Units) },
		func() fyne.CanvasObject { return newUnitRow(b.words) },
		func(i int, o fyne.CanvasObject) {
			if row, ok := o.(*unitRow); ok && i < len(b.state.Units) {
				row.set(b.state.Units[i])
			}
		},
		nil,
	)
}

// hero is the card with the one sentence.
func (b *Board) hero() fyne.CanvasObject {
	left := container.NewVBox(b.rate, container.NewHBox(b.band))
	text := container.NewVBox(b.sentence, b.next)
	return padded(control.NewPanel(container.NewBorder(nil, b.facts, container.NewHBox(left, wide(16)), nil, text)), 4, 0)
}

// columns are chart and unsigned documents at the left, the units at the right.
func (b *Board) columns() fyne.CanvasObject {
	titles := container.NewBorder(nil, nil, center(subheading(b.words.T("board.trend")).Whole()), b.grain)
	months := control.NewPanel(container.NewBorder(titles, b.legend, nil, nil, b.chart))
	waiting := control.NewPanel(container.NewBorder(b.unsigned, nil, nil, nil, container.NewStack(b.list.InMargin(), container.NewVBox(b.nothing))))
	left := container.New(split{share: 0.48, gap: 10}, months, waiting)
	names := container.New(layout.NewCustomPaddedVBoxLayout(2), b.district, b.bands)
	right := control.NewPanel(container.NewBorder(names, nil, nil, nil, b.units.InMargin()))
	return padded(container.New(split{share: 0.54, gap: 10, across: true}, left, right), 6, 0)
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
	b.said.SetText(w.Say(s.Said))
	b.said.Hidden = s.Said.Key == ""
	b.problem.Set(s.Problem)
	b.empty.Set(w.Say(s.Empty), w.Say(present.Text{Key: helpKey(s.Empty.Key)}))
	b.body.Hidden = s.Unit == ""
	b.rate.Set(s.Rate)
	b.band.Set(w.Say(s.Band), s.BandTone)
	b.sentence.SetText(w.Say(s.Sentence))
	b.next.SetText(w.Say(s.Next))
	b.showChoices(s)
	b.showFacts(s)
	b.chart.Set(s.Bars, s.Rolling)
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

// showChoices shows what is chosen, without choosing it again.
func (b *Board) showChoices(s present.BoardState) {
	b.choices.Hidden = !s.More || s.Unit == ""
	b.grain.Hidden = !s.More
	choose := func(c *control.Select, i int) {
		if c.SelectedIndex() != i {
			changed := c.OnChanged
			c.OnChanged = nil
			c.SetSelectedIndex(i)
			c.OnChanged = changed
		}
	}
	choose(b.period, max(0, slices.Index(present.BoardPeriods(), s.Period)))
	at := map[bool]int{true: 1}
	choose(b.basis, at[s.Restated])
	choose(b.grain, at[s.Grain == present.ByWeek])
	legend := b.words.T("board.legend")
	if s.Rolling {
		legend = b.words.T("board.legend.rolling")
	}
	if s.Estimated {
		legend += "  ·  " + b.words.T("board.estimated")
	}
	b.legend.Set(legend)
	b.save.SetText(b.words.T(map[bool]string{true: "board.annex.saving", false: "board.annex"}[s.Saving]))
	able(b.save, !s.Saving)
	b.choices.Refresh()
}

// showFacts draws the lines below the sentence: first what the figures are.
func (b *Board) showFacts(s present.BoardState) {
	b.facts.RemoveAll()
	if s.Kept {
		b.facts.Add(control.NewChip(b.words.T("board.kept"), present.Caution))
	}
	if s.Illustrative {
		b.facts.Add(control.NewChip(b.words.T("board.illustrative"), present.Caution))
	}
	for _, f := range s.Facts {
		b.facts.Add(control.NewChip(b.words.Say(f.Text), f.Tone))
	}
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

	words                  *words.Words
	subject, second, third *control.Text
	sign, more             *control.Button
	explain                func(dispute bool)
	body                   *fyne.Container
}

func newUnsignedRow(w *words.Words) *unsignedRow {
	r := &unsignedRow{
		words:   w,
		subject: control.NewText("", base.ColorNameForeground, base.SizeNameText, fyne.TextStyle{}),
		second:  quiet(""), third: quiet(""), sign: control.NewButtonWithIcon(w.T("board.sign"), control.Icon("sign", base.ColorNameForeground), nil),
	}
	r.more = control.NewButtonWithIcon(w.T("board.explain"), control.Icon("down", base.ColorNameForeground), func() {
		below(fyne.NewMenu("",
			fyne.NewMenuItem(w.T("board.explain.menu"), func() { r.explain(false) }),
			fyne.NewMenuItem(w.T("board.dispute.menu"), func() { r.explain(true) })), r.more)
	})
	acts := container.NewBorder(nil, nil, nil, container.NewHBox(r.more, r.sign), center(r.third))
	text := container.New(layout.NewCustomPaddedVBoxLayout(2), r.subject, r.second, acts)
	r.body = container.New(layout.NewCustomPaddedLayout(4, 4, 2, 14), text)
	r.ExtendBaseWidget(r)
	return r
}

// set shows a document; more says that it can be explained.
func (r *unsignedRow) set(d present.UnsignedRow, more bool, sign func(), explain func(dispute bool)) {
	say := r.words.Say
	r.subject.Set(d.Subject)
	r.second.Set(strings.Join(notEmpty(d.Reference, say(d.Due), say(d.WhyNot)), "  ·  "))
	signer := ""
	if d.Signer != "" {
		signer = say(present.Text{Key: "board.signer", Args: map[string]any{"Name": d.Signer}})
	}
	r.third.Set(strings.Join(notEmpty(signer, say(d.Explained)), "  ·  "))
	r.second.SetColor(theme.ColorMuted)
	if d.DueTone == present.Bad {
		r.second.SetColor(base.ColorNameError)
	}
	r.sign.OnTapped, r.explain = sign, explain
	r.more.Hidden = !more
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
	r.count.Set(strings.Join(notEmpty(u.Count, r.place(u), r.words.Say(u.Drag)), "  ·  "))
	r.chip.Set(r.words.Say(u.Band), u.Tone)
	r.fill.FillColor = base.Color(theme.ColorSurface)
	r.fill.CornerRadius = 6
	if u.Own {
		r.fill.FillColor = base.Color(theme.ColorPlainBack)
	}
	r.fill.Refresh()
}

// place says the rank of a unit, and how it moved.
func (r *unitRow) place(u present.UnitRow) string {
	key := "board.row.rank"
	switch {
	case u.Rank == "":
		return ""
	case u.Moved > 0:
		key = "board.row.up"
	case u.Moved < 0:
		key = "board.row.down"
	}
	return r.words.Say(present.Text{Key: key, Args: map[string]any{"Rank": u.Rank, "By": max(u.Moved, -u.Moved)}})
}

// CreateRenderer is called by Fyne.
func (r *unitRow) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(r.body) }
