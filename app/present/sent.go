package present

import "context"

// SentState is the screen "Đã gửi".
type SentState struct {
	Loading          bool
	Problem          *Problem
	Rows             []SentRow
	CanRetry         bool
	Empty, EmptyHelp Text
}

// SentRow is one delivery.
type SentRow struct {
	Title string
	State Text
	Tone  Tone
	At    string
	// Why is what stands in the way, in the person's words.
	Why string
	// Proof is the server's hash, shortened.
	Proof string
	Path  string
}

// Sent is the presenter of what was sent and what waits.
type Sent struct {
	services *Services
	loop     Loop
	state    SentState
	round    int

	refused fresh // by ID

	// Changed is told each new state, Counted how many deliveries are under way,
	// Refused how many were refused since.
	Changed          func(SentState)
	Counted, Refused func(int)
}

// newSent makes the presenter; it loads nothing yet.
func newSent(s *Services, l Loop) *Sent {
	return &Sent{services: s, loop: l, Changed: func(SentState) {}, Counted: func(int) {}, Refused: func(int) {}}
}

// State gives the state as it is.
func (s *Sent) State() SentState { return s.state }

// Refresh reads the outbox again.
func (s *Sent) Refresh() {
	if s.services.Deliveries == nil {
		s.show(nil, nil)
		return
	}
	s.round++
	round := s.round
	s.loop.Go(func(ctx context.Context) func() {
		all, err := s.services.Deliveries.List(ctx)
		return func() {
			if round == s.round {
				s.show(all, err)
			}
		}
	})
}

// Retry asks for another try of everything that waits.
func (s *Sent) Retry() {
	if s.services.Deliveries == nil {
		return
	}
	s.state.Loading, s.state.CanRetry = true, false
	s.Changed(s.state)
	s.loop.Go(func(ctx context.Context) func() {
		err := s.services.Deliveries.Retry(ctx)
		return func() {
			if err != nil {
				s.state.Loading, s.state.Problem = false, s.services.problem(err)
				s.Changed(s.state)
				return
			}
			s.Refresh()
		}
	})
}

// show makes the state of a list.
func (s *Sent) show(all []Delivery, err error) {
	s.state = SentState{Problem: s.services.problem(err)}
	open := 0
	var refused []string
	for _, d := range all {
		r := SentRow{Title: d.Title, State: say("sent." + string(d.State)), At: Moment(d.At), Path: d.Path, Proof: short(d.SHA256)}
		switch d.State {
		case Confirmed, Stored:
			r.Tone = Good
		case Refused:
			r.Tone = Bad
			refused = append(refused, d.ID)
		case Waiting:
			r.Tone = Caution
			s.state.CanRetry = true
			open++
		case Sending, Received:
			r.Tone = Quiet
			open++
		}
		if d.Err != nil {
			m := s.services.Explain(d.Err)
			r.Why = m.Title + " " + m.Next
		}
		s.state.Rows = append(s.state.Rows, r)
	}
	if len(all) == 0 && err == nil {
		s.state.Empty, s.state.EmptyHelp = say("sent.empty"), say("sent.empty.help")
	}
	s.Counted(open)
	s.Changed(s.state)
	if err != nil {
		return
	}
	if n := s.refused.look(refused); n > 0 {
		s.Refused(n)
	}
}
