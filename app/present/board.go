package present

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"kyso/app/docsys"
	"kyso/app/signrate"
)

// BoardState is the screen of the signing rate.
type BoardState struct {
	Loading bool
	Problem *Problem
	// Unit is whose rate it is, Year that of the period.
	Unit, Year string
	// Period is which period is shown; Restated that it is shown as known today.
	Period   BoardPeriod
	Restated bool
	// More says that the server tells trend, closes and annexes.
	More bool
	// Sentence says it all in one line, Next what is missing to the next band.
	Sentence, Next Text
	// Rate is the figure, "94,12 %", Count what it counts, "160/170".
	Rate, Count string
	Band        Text
	BandTone    Tone
	// Facts are rank, close, initials and the restated figure, as far as there are.
	Facts []Fact
	// Grain is the step of the chart, Bars what it shows; Rolling says that they
	// have the ratio of four weeks, too.
	Grain    Grain
	Bars     []TrendBar
	Rolling  bool
	Unsigned []UnsignedRow
	// UnsignedTitle heads the list, NoUnsigned stands in its place.
	UnsignedTitle, NoUnsigned Text
	// District is the name of the unit whose children are listed.
	District string
	Units    []UnitRow
	// DistrictSummary counts the bands.
	DistrictSummary Text
	// Illustrative reports figures of a demonstration; Kept those of an earlier
	// answer, while the server cannot be reached; Estimated shares of units that ended.
	Illustrative, Kept, Estimated bool
	// Source names formula, policy and time of the figures.
	Source Text
	Empty  Text
	// Saving says that an annex is being fetched, Said what came of it or of an
	// explanation.
	Saving bool
	Said   Text
	// Asked is the explanation that the person is writing; nil for none.
	Asked *Asked
}

// BoardPeriod is a period of the board.
type BoardPeriod string

// The periods.
const (
	ThisYear  BoardPeriod = ""
	ThisMonth BoardPeriod = "month"
	LastMonth BoardPeriod = "last"
)

// BoardPeriods are all periods in the order in which they are offered.
func BoardPeriods() []BoardPeriod { return []BoardPeriod{ThisYear, ThisMonth, LastMonth} }

// Grain is the step of the chart.
type Grain string

// The steps.
const (
	ByMonth Grain = "month"
	ByWeek  Grain = "week"
)

// Fact is one line beside the sentence.
type Fact struct {
	Text Text
	Tone Tone
}

// TrendBar is a week or a month of the chart.
type TrendBar struct {
	Label   string  // "11" or "23/11"
	Count   string  // N, "1.247"
	N       int     // documents that had to be signed
	Value   float64 // per cent
	Short   string  // "94", never rounded up
	Any     bool    // whether anything was due
	Tone    Tone
	Rolling float64 // per cent of the last four weeks
	Closed  bool
}

// UnsignedRow is a document that misses its signature.
type UnsignedRow struct {
	QueueRow

	// Signer is who has to sign, as printed.
	Signer string
	// Explained says what was written of it and what came of that.
	Explained Text
}

// UnitRow is one unit of the district's table.
type UnitRow struct {
	Name, Rate, Count string
	Band              Text
	Tone              Tone
	Own               bool // the person's own unit
	// Rank is "3", empty when the unit is not judged; Moved how many places it rose
	// since the period before, Drag how far it pulls the whole down.
	Rank  string
	Moved int
	Drag  Text
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
		state: BoardState{Grain: ByMonth},
	}
}

// State gives the state as it is.
func (b *Board) State() BoardState { return b.state }

// boardAnswer is what the server says for one showing of the board.
type boardAnswer struct {
	own, district docsys.BoardPage
	trend         docsys.Trend
	unsigned      []docsys.Document
}

// boardChoice is what the person wants to see.
type boardChoice struct {
	period, basis string
	grain         Grain
}

func (b *Board) choice() boardChoice {
	c := boardChoice{period: b.services.today()[:4], basis: docsys.AtTime, grain: b.state.Grain}
	switch b.state.Period {
	case ThisMonth:
		c.period = b.services.today()[:7]
	case LastMonth:
		c.period = monthBefore(b.services.today()[:7])
	case ThisYear:
	}
	if b.state.Restated {
		c.basis = docsys.Restated
	}
	return c
}

// monthBefore gives the month before one, both yyyy-MM.
func monthBefore(month string) string {
	t, err := time.Parse("2006-01", month)
	if err != nil {
		return month // it was made of a time
	}
	return t.AddDate(0, -1, 0).Format("2006-01")
}

// Refresh asks the server for the figures.
func (b *Board) Refresh() {
	if b.services.Board == nil || b.services.Person.Unit == "" {
		b.state = BoardState{Empty: say("board.noserver"), Grain: b.state.Grain}
		b.Changed(b.state)
		return
	}
	b.round++
	round, c := b.round, b.choice()
	b.state.Loading = true
	b.Changed(b.state)
	b.loop.Go(func(ctx context.Context) func() {
		a, err := b.ask(ctx, c)
		return func() {
			if round != b.round {
				return
			}
			if err != nil {
				b.state.Loading, b.state.Problem = false, b.services.problem(err)
			} else {
				if b.state.Period == ThisYear && !b.state.Restated {
					b.Figure(&a.own.Own)
				}
				b.state = b.show(a, c)
			}
			b.Changed(b.state)
		}
	})
}

// ask fetches the unit's page, its unsigned documents, the district's page and the trend.
func (b *Board) ask(ctx context.Context, c boardChoice) (boardAnswer, error) {
	var a boardAnswer
	var err error
	p := b.services.Person
	if a.own, err = b.page(ctx, p.Unit, c); err != nil {
		return a, err
	}
	if a.unsigned, err = b.services.Board.Unsigned(ctx, p.Unit, c.period); err != nil {
		return a, err
	}
	if b.services.Figures != nil {
		if a.trend, err = b.services.Figures.Trend(ctx, p.Unit, string(c.grain), c.basis); err != nil {
			return a, err
		}
	}
	a.district = a.own
	if p.Board != "" && p.Board != p.Unit {
		a.district, err = b.page(ctx, p.Board, c)
	}
	return a, err
}

func (b *Board) page(ctx context.Context, unit string, c boardChoice) (docsys.BoardPage, error) {
	if b.services.Figures == nil {
		return b.services.Board.Board(ctx, unit, c.period)
	}
	return b.services.Figures.BoardOn(ctx, unit, c.period, c.basis)
}

// show makes the state of an answer.
func (b *Board) show(a boardAnswer, c boardChoice) BoardState {
	f, policy := a.own.Own, a.own.Policy
	if policy == (signrate.Policy{}) { // of a server that tells none
		policy = signrate.Letter()
	}
	s := BoardState{
		Unit: a.own.Name, Year: c.period[:4], Rate: f.Text(), Period: b.state.Period, Restated: b.state.Restated,
		Count:        count(f.Fulfilled) + "/" + count(f.Required),
		District:     a.district.Name,
		Illustrative: a.own.Illustrative || b.services.Demonstration,
		Source:       say("board.source", "Formula", a.own.Formula, "Policy", policy.Version, "AsOf", Moment(a.own.AsOf)),
		Grain:        c.grain, More: b.services.Figures != nil, Kept: a.own.Kept || a.district.Kept, Estimated: a.own.Estimated,
		Saving: b.state.Saving, Said: b.state.Said, Asked: b.state.Asked,
	}
	s.Sentence, s.Next = sentence(f, policy, c.period)
	s.Band, s.BandTone = band(f.Band)
	if s.More {
		s.Facts = facts(a.own, b.services.Clock())
		s.Bars, s.Rolling = trend(a.trend)
	} else {
		s.Bars = months(a.own.Months)
	}
	s.Units, s.DistrictSummary = units(a.district, b.services.Person.Unit)
	s.UnsignedTitle, s.NoUnsigned = say("board.unsigned", "Count", len(a.unsigned)), say("board.nounsigned")
	q := Queue{services: b.services}
	for _, r := range q.rows(a.unsigned) {
		if days := daysBetween(r.document.DueOn, b.services.today()); days > 0 {
			r.Due = say("board.overdue", "Count", days, "Date", Date(r.document.DueOn))
		}
		s.Unsigned = append(s.Unsigned, UnsignedRow{QueueRow: r, Signer: r.document.SignerName, Explained: explained(r.document)})
	}
	return s
}

// daysBetween counts the days from one yyyy-MM-dd to another; 0 when one is none.
func daysBetween(from, to string) int {
	const form = "2006-01-02"
	a, err := time.Parse(form, from)
	b, other := time.Parse(form, to)
	if err != nil || other != nil {
		return 0
	}
	return int(b.Sub(a).Hours() / 24)
}

// explained says what was written of a missing signature.
func explained(d *docsys.Document) Text {
	switch {
	case d.Explained == "":
		return Text{}
	case d.Disputed:
		return say("board.disputed." + d.Explained)
	}
	return say("board.explained." + d.Explained)
}

// facts are the lines beside the sentence.
func facts(p docsys.BoardPage, now time.Time) []Fact {
	var out []Fact
	if p.Closed != nil {
		out = append(out, Fact{say("board.closed", "Date", Moment(p.Closed.At)), Good})
		if p.Restated != nil && *p.Restated != p.Own {
			out = append(out, Fact{say("board.restated", "Rate", p.Restated.Text(), "Have", count(p.Restated.Fulfilled), "Of", count(p.Restated.Required)), Quiet})
		}
	} else if days := int(p.ClosesAt.Sub(now).Hours() / 24); !p.ClosesAt.IsZero() && days >= 0 {
		tone := Quiet
		if days <= 5 {
			tone = Caution
		}
		out = append(out, Fact{say("board.closes", "Count", days, "Date", Day(p.ClosesAt.Add(-time.Second))), tone})
	}
	if p.Rank > 0 {
		out = append(out, Fact{moved(p.Rank, p.RankBefore), Quiet})
	}
	if p.Initials.Required > 0 {
		out = append(out, Fact{say("board.initials", "Have", count(p.Initials.Fulfilled), "Of", count(p.Initials.Required)), Quiet})
	}
	return out
}

// moved says a place, and how it moved since the period before.
func moved(rank, before int) Text {
	switch {
	case before == 0 || before == rank:
		return say("board.rank", "Rank", rank)
	case before > rank:
		return say("board.rank.up", "Rank", rank, "By", before-rank)
	}
	return say("board.rank.down", "Rank", rank, "By", rank-before)
}

// Sign opens an unsigned document.
func (b *Board) Sign(row int) {
	if row >= 0 && row < len(b.state.Unsigned) && b.state.Unsigned[row].WhyNot.Key == "" {
		b.Open(b.state.Unsigned[row].document, "")
	}
}

// sentence says the rate in one line, and what is missing to the next band.
func sentence(f signrate.Figure, p signrate.Policy, period string) (said, next Text) {
	key, of := "board.sentence", []any{"Year", period[:4]}
	if len(period) > len("2026") {
		key, of = "board.sentence.month", []any{"Month", period[5:] + "/" + period[:4]}
	}
	if f.Required == 0 {
		return say(key+".none", of...), Text{}
	}
	said = say(key, append(of, "Rate", f.Text(), "Have", f.Fulfilled, "Of", f.Required)...)
	missing, praise := p.ToPraise(f), percent(p.PraiseAbove)
	switch {
	case missing == 0:
		return said, say("board.next.praised", "Bound", praise)
	case f.Fulfilled+missing > f.Required: // cannot be reached with what there is
		return said, say("board.next.more", "Count", missing, "Bound", praise)
	case p.ToLeaveWarning(f) > 0:
		return said, say("board.next.warned", "Count", p.ToLeaveWarning(f), "Bound", percent(p.WarnBelow))
	}
	return said, say("board.next", "Count", missing, "Bound", praise)
}

// hundredths writes hundredths with two decimals: "7,88".
func hundredths(n int) string { return strconv.Itoa(n/100) + "," + strconv.Itoa(100 + n%100)[1:] }

// percent writes hundredths of a per cent: "99 %", "95,5 %".
func percent(hundredths int) string {
	text := strconv.Itoa(hundredths / 100)
	if rest := hundredths % 100; rest != 0 {
		text += "," + strings.TrimSuffix(strconv.Itoa(100 + rest)[1:], "0")
	}
	return text + " %"
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

// bar makes a bar of a figure.
func bar(label string, f signrate.Figure) TrendBar {
	_, tone := band(f.Band)
	b := TrendBar{Label: label, Count: count(f.Required), N: f.Required, Any: f.Required > 0, Tone: tone, Value: 100 * max(0, ratio(f))}
	if b.Any {
		b.Short = strconv.Itoa(100 * f.Fulfilled / f.Required) // never rounded up
	}
	return b
}

// months makes the bars of a board that has no trend.
func months(all []docsys.BoardMonth) []TrendBar {
	bars := make([]TrendBar, len(all))
	for i, m := range all {
		bars[i] = bar(m.Month[max(0, len(m.Month)-2):], m.Figure)
		bars[i].Closed = m.Closed
	}
	return bars
}

// trend makes the bars of a trend; weeks are named by their first day.
func trend(t docsys.Trend) (bars []TrendBar, rolling bool) {
	for _, p := range t.Points {
		label := p.Period[max(0, len(p.Period)-2):]
		if t.Grain == string(ByWeek) && len(p.From) == len("2026-11-23") {
			label = p.From[8:] + "/" + p.From[5:7]
		}
		b := bar(label, p.Figure)
		b.Closed, b.Rolling = p.Closed, 100*max(0, ratio(p.Rolling))
		bars = append(bars, b)
	}
	return bars, t.Grain == string(ByWeek)
}

// units makes the table: the highest rate first, the unit's own marked.
func units(p docsys.BoardPage, own string) ([]UnitRow, Text) {
	children := slices.Clone(p.Children)
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
		if c.Rank > 0 {
			rows[i].Rank = strconv.Itoa(c.Rank)
		}
		if c.Rank > 0 && c.RankBefore > 0 {
			rows[i].Moved = c.RankBefore - c.Rank
		}
		if drag := signrate.Drag(c.Figure, p.Subtree); drag > 0 {
			rows[i].Drag = say("board.drag", "Points", "–"+hundredths(drag))
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
