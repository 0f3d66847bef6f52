package present

import "context"

// Select shows the details of a row.
func (s *Sent) Select(row int) {
	if len(s.state.Rows) == 0 {
		return
	}
	was := s.state.Selected
	s.state.Selected = min(max(row, 0), len(s.state.Rows)-1)
	s.chosen = s.state.Rows[s.state.Selected].ID
	if was >= 0 && was < len(s.state.Rows) && was != s.state.Selected {
		s.Moved(s.state, was)
	}
	s.Moved(s.state, s.state.Selected)
}

// Show chooses which deliveries are listed.
func (s *Sent) Show(f SentFilter) {
	s.state.Filter = f
	s.publish()
}

// Do does what the person wants of a delivery, as far as it is offered.
func (s *Sent) Do(id string, w Wish) {
	i, known := s.place[id]
	if !known {
		return
	}
	if row := s.row(s.all[i]); row.Can(w) == nil {
		return
	}
	s.loop.Go(func(ctx context.Context) func() {
		err := s.services.Deliveries.Wish(ctx, id, w)
		return func() {
			s.notice = Text{}
			if err == nil && w == WishCancel {
				s.notice = say("sent.takenback")
				s.TakenBack()
			}
			s.after(err)
		}
	})
}

// DoSelected does it to the selected delivery; the first wish that is offered is done.
func (s *Sent) DoSelected(wishes ...Wish) {
	row := s.state.Chosen()
	if row == nil {
		return
	}
	for _, w := range wishes {
		if row.Can(w) != nil {
			s.Do(row.ID, w)
			return
		}
	}
}

// Retry asks for another try of everything that waits.
func (s *Sent) Retry() {
	s.wish(Deliveries.Retry)
}

// ToggleHold stops all transfers, or lets them go on.
func (s *Sent) ToggleHold() {
	held := !s.held
	s.wish(func(d Deliveries, ctx context.Context) error { return d.Hold(ctx, held) })
}

// wish asks the outbox for something that concerns all.
func (s *Sent) wish(do func(Deliveries, context.Context) error) {
	if s.services.Deliveries == nil {
		return
	}
	s.state.Loading, s.state.CanRetry, s.state.CanHold = true, false, false
	s.Changed(s.state)
	s.loop.Go(func(ctx context.Context) func() {
		err := do(s.services.Deliveries, ctx)
		return func() { s.after(err) }
	})
}

// after shows what became of a wish. An error stays until the next one.
func (s *Sent) after(err error) {
	if err != nil {
		s.problem = s.services.problem(err)
		s.publish()
		return
	}
	s.Refresh()
}
