package present

import (
	"math"
	"slices"

	"kyso/app/docsys"
)

// row makes the row of a delivery.
func (s *Sent) row(d Delivery) SentRow {
	r := SentRow{ID: d.ID, Title: headline(d.Title, d.DocumentID), At: Moment(d.At), Path: d.Path, Receipt: d.Receipt, Proof: d.SHA256}
	r.State, r.Tone = s.stateOf(d)
	if d.State == Sending && d.Size > 0 {
		r.Sending, r.Part = true, float64(d.Sent)/float64(d.Size)
	}
	if d.Err != nil && !d.State.arrived() {
		r.Problem = s.services.problem(d.Err)
		r.Why = r.Problem.Title
	}
	r.Acts = s.acts(d)
	return r
}

// stateOf says in words how far a delivery is.
func (s *Sent) stateOf(d Delivery) (Text, Tone) {
	switch d.State {
	case Confirmed, Stored:
		return say("sent." + string(d.State)), Good
	case Refused:
		return say("sent.refused"), Bad
	case LoginNeeded:
		return say("sent.login"), Caution
	case Paused:
		return say("sent.paused"), Caution
	case Sending:
		if d.Size > 0 {
			return say("sent.sending.part", "Percent", int(math.Floor(float64(d.Sent)*100/float64(d.Size)))), Plain
		}
		return say("sent.sending"), Plain
	case Received:
		return say("sent.received"), Plain
	case Waiting:
	}
	switch grace := s.grace(d); {
	case s.held:
		return say("sent.held"), Caution
	case grace > 0:
		return say("sent.grace", "Count", grace), Plain
	case d.Err != nil && d.NextTry.After(s.services.Clock()):
		return say("sent.later", "At", d.NextTry.In(docsys.Hanoi()).Format("15:04")), Caution
	case d.Err != nil:
		return say("sent.waiting"), Caution
	}
	return say("sent.waiting"), Plain
}

// grace is how many seconds a delivery can still be taken back before it is sent.
func (s *Sent) grace(d Delivery) int {
	if d.State != Waiting || d.NotBefore.IsZero() {
		return 0
	}
	return max(0, int(math.Ceil(d.NotBefore.Sub(s.services.Clock()).Seconds())))
}

// acts are the buttons of a delivery, the likeliest first.
func (s *Sent) acts(d Delivery) []SentAct {
	order := []Wish{WishRetry, WishResume, WishPause, WishCancel, WishDiscard}
	if s.grace(d) > 0 || d.State == Waiting && d.Err == nil {
		order = []Wish{WishCancel, WishPause, WishResume, WishRetry, WishDiscard}
	}
	if d.State == Paused {
		order = []Wish{WishResume, WishCancel, WishDiscard}
	}
	if d.State == Refused {
		order = []Wish{WishRetry, WishDiscard} // there is nothing to hold back any more
	}
	var out []SentAct
	for _, w := range order {
		if !slices.Contains(d.Wishes, w) {
			continue
		}
		name := say("sent.act." + string(w))
		if n := s.grace(d); w == WishCancel && n > 0 {
			name = say("sent.act.undo", "Count", n)
		}
		out = append(out, SentAct{w, name})
	}
	return out
}
