package present

import (
	"cmp"
	"context"
	"slices"
	"strconv"

	"kyso/app/docsys"
	"kyso/app/signrate"
)

// BoardState is the screen of the signing rate.
type BoardState struct {
	Loading bool
	Problem *Problem
	// Unit is whose rate it is, Year the period.
	Unit, Year string
	// Sentence says it all in one line, Next what is missing to the next band.
	Sentence, Next Text
	// Rate is the figure, "94,12 %", Count what it counts, "160/170".
	Rate, Count string
	Band        Text
	BandTone    Tone
	Months      []MonthBar
	Unsigned    []QueueRow
	// UnsignedTitle heads the list, NoUnsigned stands in its place.
	UnsignedTitle, NoUnsigned Text
	// District is the name of the unit whose children are listed.
	District string
	Units    []UnitRow
	// DistrictSummary counts the bands.
	DistrictSummary Text
	// Illustrative reports figures of a demonstration.
	Illustrative bool
	// Source names formula and time of the figures.
	Source Text
	Empty  Text
}

// MonthBar is one month of the chart.
type MonthBar struct {
	Label string  // "11"
	Value float64 // per cent
	Text  string  // "94,12 %"
	Short string  // "94", for the narrow bar
	Any   bool    // whether anything was due
	Tone  Tone
}

// UnitRow is one unit of the district's table.
type UnitRow struct {
	Name, Rate, Count string
	Band              Text
	Tone              Tone
	Own               bool // the person's own unit
}

// Board is the presenter of the signing rate.
type Board struct {
	services *Services
	loop     Loop
	state    BoardState
	round    int

	// Changed is told each new state, Figure the unit's own figure.
	Changed func(BoardState)
	Figure  func(*signrate.Figure)
	// Open is asked to show a document that is unsigned.
	Open func(d *docsys.Document, path string)
}

// newBoard makes the presenter; it loads nothing yet.
func newBoard(s *Services, l Loop) *Board {
	return &Board{
		services: s, loop: l, Changed: func(BoardState) {},
		Figure: func(*signrate.Figure) {}, Open: func(*docsys.Document, string) {},
	}
}

// State gives the state as it is.
func (b *Board) State() BoardState { return b.state }

// boardAnswer is what the server says for one showing of the board.
type boardAnswer struct {
	own, district docsys.BoardPage
	unsigned      []docsys.Document
}

// Refresh asks the server for the figures of this year.
func (b *Board) Refresh() {
	if b.services.Board == nil || b.services.Person.Unit == "" {
		b.state = BoardState{Empty: say("board.noserver")}
		b.Changed(b.state)
		return
	}
	b.round++
	round, year := b.round, b.services.today()[:4]
	b.state.Loading = true
	b.Changed(b.state)
	b.loop.Go(func(ctx context.Context) func() {
		a, err := b.ask(ctx, year)
		return func() {
			if round != b.round {
				return
			}
			if err != nil {
				b.state.Loading, b.state.Problem = false, b.services.problem(err)
			} else {
				b.Figure(&a.own.Own)
				b.state = b.show(a, year)
			}
			b.Changed(b.state)
		}
	})
}

// ask fetches the unit's page, its unsigned documents and the district's page.
func (b *Board) ask(ctx context.Context, year string) (boardAnswer, error) {
	var a boardAnswer
	var err error
	p := b.services.Person
	if a.own, err = b.services.Board.Board(ctx, p.Unit, year); err != nil {
		return a, err
	}
	if a.unsigned, err = b.services.Board.Unsigned(ctx, p.Unit, year); err != nil {
		return a, err
	}
	a.district = a.own
	if p.Board != "" && p.Board != p.Unit {
		a.district, err = b.services.Board.Board(ctx, p.Board, year)
	}
	return a, err
}

// show makes the state of an answer.
func (b *Board) show(a boardAnswer, year string) BoardState {
	f := a.own.Own
	s := BoardState{
		Unit: a.own.Name, Year: year, Rate: f.Text(),
		Count:        count(f.Fulfilled) + "/" + count(f.Required),
		District:     a.district.Name,
		Illustrative: a.own.Illustrative || b.services.Demonstration,
		Source:       say("board.source", "Formula", a.own.Formula, "AsOf", Moment(a.own.AsOf)),
	}
	s.Sentence, s.Next = sentence(f, year)
	s.Band, s.BandTone = band(f.Band)
	s.Months = months(a.own.Months)
	s.Units, s.DistrictSummary = units(a.district.Children, b.services.Person.Unit)
	s.UnsignedTitle, s.NoUnsigned = say("board.unsigned", "Count", len(a.unsigned)), say("board.nounsigned")
	q := Queue{services: b.services}
	s.Unsigned = q.rows(a.unsigned)
	return s
}

// Sign opens an unsigned document.
func (b *Board) Sign(row int) {
	if row >= 0 && row < len(b.state.Unsigned) && b.state.Unsigned[row].WhyNot.Key == "" {
		b.Open(b.state.Unsigned[row].document, "")
	}
}

// sentence says the rate in one line, and what is missing to the next band.
func sentence(f signrate.Figure, year string) (said, next Text) {
	if f.Required == 0 {
		return say("board.sentence.none", "Year", year), Text{}
	}
	said = say("board.sentence", "Year", year, "Rate", f.Text(), "Have", f.Fulfilled, "Of", f.Required)
	missing := signrate.ToPraise(f)
	switch {
	case missing == 0:
		return said, say("board.next.praised")
	case f.Fulfilled+missing > f.Required: // cannot be reached with what there is
		return said, say("board.next.more", "Count", missing)
	case signrate.ToLeaveWarning(f) > 0:
		return said, say("board.next.warned", "Count", signrate.ToLeaveWarning(f))
	}
	return said, say("board.next", "Count", missing)
}

// band names a band, with the tone that goes with it.
func band(b signrate.Band) (Text, Tone) {
	switch b {
	case signrate.Praised:
		return say("band.praised"), Good
	case signrate.Warned:
		return say("band.warned"), Bad
	case signrate.Normal:
		return say("band.normal"), Quiet
	case signrate.LowVolume:
		return say("band.low_volume"), Quiet
	case signrate.None:
	}
	return say("band.none"), Quiet
}

// months makes the bars of the chart.
func months(all []docsys.BoardMonth) []MonthBar {
	bars := make([]MonthBar, len(all))
	for i, m := range all {
		_, tone := band(m.Figure.Band)
		bars[i] = MonthBar{Label: m.Month[max(0, len(m.Month)-2):], Text: m.Figure.Text(), Any: m.Figure.Required > 0, Tone: tone}
		if bars[i].Any {
			bars[i].Value = 100 * float64(m.Figure.Fulfilled) / float64(m.Figure.Required)
			bars[i].Short = strconv.Itoa(100 * m.Figure.Fulfilled / m.Figure.Required) // never rounded up
		}
	}
	return bars
}

// units makes the table: the highest rate first, the unit's own marked.
func units(children []docsys.BoardRow, own string) ([]UnitRow, Text) {
	children = slices.Clone(children)
	slices.SortStableFunc(children, func(a, b docsys.BoardRow) int {
		return cmp.Compare(ratio(b.Figure), ratio(a.Figure))
	})
	rows := make([]UnitRow, len(children))
	praised, warned := 0, 0
	for i, c := range children {
		text, tone := band(c.Figure.Band)
		rows[i] = UnitRow{
			Name: c.Name, Rate: c.Figure.Text(), Count: count(c.Figure.Fulfilled) + "/" + count(c.Figure.Required),
			Band: text, Tone: tone, Own: c.Unit == own,
		}
		switch c.Figure.Band {
		case signrate.Praised:
			praised++
		case signrate.Warned:
			warned++
		case signrate.Normal, signrate.LowVolume, signrate.None:
		}
	}
	return rows, say("board.bands", "Count", len(children), "Praised", praised, "Warned", warned)
}

// ratio orders figures; units without documents come last.
func ratio(f signrate.Figure) float64 {
	if f.Required == 0 {
		return -1
	}
	return float64(f.Fulfilled) / float64(f.Required)
}

// count writes a number of documents, with dots between thousands: "1.247".
func count(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "." + s[i:]
	}
	return s
}
