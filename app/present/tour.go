package present

import (
	"context"

	"kyso/app/docsys"
	"kyso/app/signing"
)

// TourStep is a page of the tour for newcomers.
type TourStep string

// The steps, in order.
const (
	TourWelcome  TourStep = "welcome"
	TourWho      TourStep = "who"
	TourToken    TourStep = "token"
	TourPicture  TourStep = "picture"
	TourPractice TourStep = "practice"
	TourDone     TourStep = "done"
)

// TourSteps are all of them.
func TourSteps() []TourStep {
	return []TourStep{TourWelcome, TourWho, TourToken, TourPicture, TourPractice, TourDone}
}

// TourState is the tour for newcomers. Every step can be left out.
type TourState struct {
	Step TourStep
	// Number is the step's, counted from 1, of All.
	Number, All int
	// Person is who is logged in; the zero Person without a server.
	Person docsys.Person
	// Looking reports that tokens are being looked for; Keys are what was found,
	// Missing why there is none to sign with.
	Looking bool
	Keys    []KeyRow
	Missing *Problem
	// Pictured reports that there is a picture of the signature.
	Pictured bool
	// Busy reports that the sample letter is being made; Problem why it could not be.
	Busy    bool
	Problem *Problem
	// Signed is the file of the practice, empty before.
	Signed string
	// CanGoBack is false on the first step.
	CanGoBack bool
}

// Tour is the presenter of the tour.
type Tour struct {
	services *Services
	loop     Loop
	state    TourState
	round    int

	// Changed is told each new state.
	Changed func(TourState)
	// Open is asked to show the sample letter, Leave to go to the queue, Place to
	// show another place for a while.
	Open  func(path string)
	Leave func()
	Place func(Place)
}

func newTour(s *Services, l Loop) *Tour {
	return &Tour{
		services: s, loop: l, state: TourState{Step: TourWelcome},
		Changed: func(TourState) {}, Open: func(string) {}, Leave: func() {}, Place: func(Place) {},
	}
}

// State gives the state as it is.
func (t *Tour) State() TourState { return t.state }

// wanted reports that the tour is offered without being asked for: once, and
// never in a demonstration, which begins with its queue.
func (t *Tour) wanted() bool {
	s := t.services
	return s.Rehearsal != nil && s.Preferences != nil && !s.Demonstration && !s.Preferences.Stored().Toured
}

// Decline offers the tour no more.
func (t *Tour) Decline() {
	p := t.services.Preferences
	if p == nil || p.Stored().Toured {
		return
	}
	fresh := p.Stored()
	fresh.Toured = true
	_ = p.Change(fresh) // it is offered once more then, which harms nobody
}

// Begin shows the tour from its first step, or where it was left.
func (t *Tour) Begin() {
	if t.state.Step == TourDone {
		t.state = TourState{Step: TourWelcome}
	}
	t.Place(PlaceTour)
}

// visit draws the step anew: the person may come back from another place.
func (t *Tour) visit() {
	t.enter(t.state.Step)
}

// Next goes a step on; at the last one to the queue.
func (t *Tour) Next() {
	steps := TourSteps()
	for i, s := range steps {
		switch {
		case s != t.state.Step:
		case s == TourPractice && t.state.Signed == "":
			t.practise()
			return
		case i == len(steps)-1:
			t.Quit()
			return
		default:
			t.enter(steps[i+1])
			return
		}
	}
}

// Skip goes a step on without what the step is for.
func (t *Tour) Skip() {
	if t.state.Step == TourPractice {
		t.Quit()
		return
	}
	t.Next()
}

// Back goes a step back.
func (t *Tour) Back() {
	steps := TourSteps()
	for i, s := range steps {
		if s == t.state.Step && i > 0 {
			t.enter(steps[i-1])
			return
		}
	}
}

// Quit leaves the tour; it is not offered again by itself.
func (t *Tour) Quit() {
	t.Decline()
	t.Leave()
}

// Look shows another place, from which the person comes back by the tour's own way.
func (t *Tour) Look(p Place) { t.Place(p) }

// enter shows a step.
func (t *Tour) enter(step TourStep) {
	t.state.Step, t.state.Problem, t.state.Person = step, nil, t.services.Person
	t.state.Pictured = t.services.Marks != nil && t.services.Marks.Mark("approval") != nil
	for i, s := range TourSteps() {
		if s == step {
			t.state.Number, t.state.All, t.state.CanGoBack = i+1, len(TourSteps()), i > 0
		}
	}
	if step == TourToken {
		t.lookForKeys()
	}
	t.Changed(t.state)
}

// lookForKeys tells what there is to sign with.
func (t *Tour) lookForKeys() {
	t.round++
	round := t.round
	t.state.Looking, t.state.Keys, t.state.Missing = true, nil, nil
	t.loop.Go(func(ctx context.Context) func() {
		found, err := t.services.Road.Keys(ctx)
		if err == nil {
			err = whyNoKey(found)
		}
		return func() {
			if round != t.round {
				return
			}
			t.state.Looking, t.state.Missing = false, t.services.problem(err)
			for _, o := range t.services.Offers(found, signing.OfferOptions{At: t.services.Clock()}) {
				t.state.Keys = append(t.state.Keys, t.services.keyRow(o))
			}
			t.Changed(t.state)
		}
	})
}

// practise opens the sample letter.
func (t *Tour) practise() {
	if t.state.Busy {
		return
	}
	t.state.Busy, t.state.Problem = true, nil
	t.Changed(t.state)
	person := t.services.Person
	t.loop.Go(func(ctx context.Context) func() {
		path, err := t.services.Rehearsal.Sample(ctx, person)
		return func() {
			t.state.Busy, t.state.Problem = false, t.services.problem(err)
			t.Changed(t.state)
			if err == nil {
				t.Open(path)
			}
		}
	})
}

// practised ends the tour's practice with the file that was made.
func (t *Tour) practised(path string) {
	t.state.Signed = path
	t.state.Step = TourDone
	t.Place(PlaceTour)
}
