package present

import (
	"context"
	"slices"
	"time"

	"kyso/app/docsys"
)

// ShownDeliveries is how many deliveries are listed beside those that have not
// ended; the journal has the others.
const ShownDeliveries = 500

// SentState is the screen "Đã gửi".
type SentState struct {
	Loading  bool
	Problem  *Problem
	Rows     []SentRow
	CanRetry bool
	// Held says that the person stopped all transfers; CanHold that there is
	// something to stop.
	Held, CanHold bool
	// Filter says which rows are shown; Hidden is how many are not.
	Filter SentFilter
	Hidden int
	// Summary says how many there are, or that older ones are left out.
	Summary Text
	// Selected is the row that the details are of, −1 for none.
	Selected         int
	Notice           Text
	Empty, EmptyHelp Text
}

// Chosen is the row that is selected, nil for none.
func (s SentState) Chosen() *SentRow {
	if s.Selected < 0 || s.Selected >= len(s.Rows) {
		return nil
	}
	return &s.Rows[s.Selected]
}

// SentFilter chooses deliveries.
type SentFilter string

// The filters.
const (
	SentAll   SentFilter = ""
	SentOnWay SentFilter = "onway" // has not reached its end
	SentMine  SentFilter = "mine"  // needs the person
	SentDone  SentFilter = "done"  // the server has it
)

// SentFilters are all filters in the order in which they are offered.
func SentFilters() []SentFilter { return []SentFilter{SentAll, SentOnWay, SentMine, SentDone} }

// SentRow is one delivery.
type SentRow struct {
	ID, Title string
	// State says in words how far it is, Why in a line what stands in the way;
	// Problem is the same in three lines, nil for none.
	State   Text
	Tone    Tone
	Why     string
	Problem *Problem
	// At is when it was last heard of.
	At string
	// Sending says that Part of it (0 to 1) reached the server.
	Sending bool
	Part    float64
	// Acts are what the person can do now, the likeliest first.
	Acts []SentAct
	// Proof is the hash that the server computed, in full; empty before.
	Proof string
	// Path is the signed file, Receipt the receipt beside it; empty without one.
	Path, Receipt string
}

// Can gives the act that fulfils a wish, nil when it is not offered.
func (r *SentRow) Can(w Wish) *SentAct {
	if i := slices.IndexFunc(r.Acts, func(a SentAct) bool { return a.Wish == w }); i >= 0 {
		return &r.Acts[i]
	}
	return nil
}

// SentAct is a button of a delivery.
type SentAct struct {
	Wish Wish
	Name Text
}

// SentSummary is what of the deliveries is told elsewhere in the window.
type SentSummary struct {
	// OnWay counts what has not reached its end, Mine what needs the person, Today
	// what the server took today, LogIn what waits until the person logs in.
	OnWay, Mine, Today, LogIn int
	// Moving says that something is being sent or about to be; Part (0 to 1) is how
	// far what is being sent is.
	Moving, Sending bool
	Part            float64
	Held            bool
}

// Sent is the presenter of what was sent and what waits.
type Sent struct {
	services *Services
	loop     Loop
	state    SentState
	round    int
	all      []Delivery     // those queued last first
	place    map[string]int // in all, by ID
	shown    []int          // the places of the rows in all
	chosen   string         // the ID of the selected one
	held     bool
	arrived  int // today
	problem  *Problem
	notice   Text

	refused fresh // by ID

	// Changed is told each new state. Moved is told that one row is another now:
	// nothing else of the state is.
	Changed func(SentState)
	Moved   func(s SentState, row int)
	// Counted is told how many deliveries are under way, Refused how many were
	// refused since, Summed the summary, TakenBack that one was taken back.
	Counted, Refused func(int)
	Summed           func(SentSummary)
	TakenBack        func()
}

// newSent makes the presenter; it loads nothing yet.
func newSent(s *Services, l Loop) *Sent {
	return &Sent{
		services: s, loop: l, state: SentState{Selected: -1},
		Changed: func(SentState) {}, Moved: func(SentState, int) {}, Counted: func(int) {}, Refused: func(int) {},
		Summed: func(SentSummary) {}, TakenBack: func() {},
	}
}

// State gives the state as it is.
func (s *Sent) State() SentState { return s.state }

// Refresh reads the outbox again.
func (s *Sent) Refresh() {
	if s.services.Deliveries == nil {
		s.take(DeliveryList{}, nil)
		return
	}
	s.round++
	round := s.round
	s.loop.Go(func(ctx context.Context) func() {
		list, err := s.services.Deliveries.List(ctx)
		return func() {
			if round == s.round {
				s.take(list, err)
			}
		}
	})
}

// Visit shows the list with the delivery that was queued last selected: it is the
// one that can be taken back.
func (s *Sent) Visit() {
	s.chosen, s.state.Selected = "", 0
	s.Refresh()
}

// take shows what was read.
func (s *Sent) take(list DeliveryList, err error) {
	s.problem = s.services.problem(err)
	if err == nil {
		s.all, s.held, s.arrived = list.All, list.Held, list.Arrived
		s.place = make(map[string]int, len(s.all))
		for i, d := range s.all {
			s.place[d.ID] = i
		}
	}
	s.publish()
	if err == nil {
		s.tellRefused()
	}
}

// tellRefused tells how many were refused since the last look.
func (s *Sent) tellRefused() {
	var refused []string
	for _, d := range s.all {
		if d.State == Refused {
			refused = append(refused, d.ID)
		}
	}
	if n := s.refused.look(refused); n > 0 {
		s.Refused(n)
	}
}

// Delivered takes the change of one delivery; the others stay as they are. One that
// is gone comes with an empty state.
func (s *Sent) Delivered(d Delivery) {
	i, known := s.place[d.ID]
	if !known || d.State == "" {
		s.Refresh()
		return
	}
	was := s.all[i].State
	if d.State == Sending {
		d.Sent = max(d.Sent, s.all[i].Sent)
	}
	s.all[i] = d
	if !was.arrived() && d.State.arrived() && !d.At.Before(docsys.DayOf(s.services.Clock())) {
		s.arrived++
	}
	switch {
	case was == d.State:
		s.move(i)
	case s.state.Filter != SentAll:
		s.publish()
	default:
		s.move(i)
		s.count()
		s.Changed(s.state)
	}
	if was != d.State && d.State == Refused {
		s.tellRefused()
	}
}

// Progress takes how far the bytes of a delivery are.
func (s *Sent) Progress(id string, sent, size int64) {
	i, known := s.place[id]
	if !known || s.all[i].State != Sending {
		return
	}
	s.all[i].Sent, s.all[i].Size = sent, size
	s.move(i)
}

// Tick counts the seconds down in which deliveries can be taken back.
func (s *Sent) Tick() {
	now := s.services.Clock()
	for i, d := range s.all {
		if d.State == Waiting && !d.NotBefore.IsZero() && now.Before(d.NotBefore.Add(2*time.Second)) {
			s.move(i)
		}
	}
}

// move draws one delivery anew.
func (s *Sent) move(i int) {
	if at, shown := slices.BinarySearch(s.shown, i); shown && at < len(s.state.Rows) {
		s.state.Rows[at] = s.row(s.all[i])
		s.Moved(s.state, at)
	}
	s.Summed(s.summary())
}

// publish makes the state of all deliveries and shows it.
func (s *Sent) publish() {
	st := SentState{Problem: s.problem, Held: s.held, Filter: s.state.Filter, Selected: -1, Notice: s.notice}
	s.notice = Text{}
	s.shown = s.shown[:0]
	for i, d := range s.all {
		if !d.fits(st.Filter) {
			st.Hidden++
			continue
		}
		if d.ID == s.chosen {
			st.Selected = len(s.shown)
		}
		s.shown = append(s.shown, i)
	}
	if n := len(s.all); n >= ShownDeliveries {
		st.Summary = say("sent.latest", "Count", n)
	} else if n > 0 {
		st.Summary = say("sent.count", "Count", n)
	}
	st.Rows = make([]SentRow, len(s.shown))
	for at, i := range s.shown {
		st.Rows[at] = s.row(s.all[i])
	}
	if st.Selected < 0 && len(st.Rows) > 0 {
		st.Selected = min(max(s.state.Selected, 0), len(st.Rows)-1)
		s.chosen = st.Rows[st.Selected].ID
	}
	switch {
	case len(st.Rows) > 0 || s.problem != nil:
	case st.Hidden > 0:
		st.Empty, st.EmptyHelp = say("sent.nomatch"), say("sent.nomatch.help")
	default:
		st.Empty, st.EmptyHelp = say("sent.empty"), say("sent.empty.help")
	}
	s.state = st
	s.count()
	s.Summed(s.summary())
	s.Changed(s.state)
}

// count counts what is under way, and says what can be done with all of it.
func (s *Sent) count() {
	open := 0
	s.state.CanRetry = false
	for _, d := range s.all {
		switch d.State {
		case Waiting, LoginNeeded:
			s.state.CanRetry = true
			open++
		case Paused, Sending, Received:
			open++
		case Confirmed, Stored, Refused:
		}
	}
	s.state.CanHold = open > 0 && !s.held
	s.Counted(open)
}

// fits reports that a filter shows the delivery.
func (d Delivery) fits(f SentFilter) bool {
	switch d.State {
	case Refused, LoginNeeded:
		return f == SentAll || f == SentMine || f == SentOnWay && d.State == LoginNeeded
	case Confirmed, Stored:
		return f == SentAll || f == SentDone
	case Waiting, Paused, Sending, Received:
	}
	return f == SentAll || f == SentOnWay
}

// Sum tells the summary again.
func (s *Sent) Sum() { s.Summed(s.summary()) }

// summary counts the deliveries.
func (s *Sent) summary() SentSummary {
	sum := SentSummary{Held: s.held, Today: s.arrived}
	var sent, size int64
	for _, d := range s.all {
		if d.fits(SentOnWay) {
			sum.OnWay++
		}
		if d.fits(SentMine) {
			sum.Mine++
		}
		if d.State == LoginNeeded {
			sum.LogIn++
		}
		switch d.State {
		case Confirmed, Stored:
		case Sending:
			sum.Sending = true
			sent, size = sent+d.Sent, size+d.Size
		case Received:
			sum.Moving = true
		case Waiting:
			sum.Moving = sum.Moving || !s.held && s.services.Clock().Before(d.NotBefore)
		case Paused, LoginNeeded, Refused:
		}
	}
	sum.Moving = sum.Moving || sum.Sending
	if size > 0 {
		sum.Part = float64(sent) / float64(size)
	}
	return sum
}
