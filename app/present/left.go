package present

import (
	"context"

	"kyso/app/signing"
)

// LeftState is what an earlier run of the program began and did not finish.
type LeftState struct {
	Batches []LeftBatch
	// Problem is why the list, or the last thing done with it, failed.
	Problem *Problem
}

// LeftBatch is one batch that can go on.
type LeftBatch struct {
	ID string
	// What says how many documents are left and since when, Done what is safe.
	What, Done Text
}

// Resumption has the batches that were not finished; *signing.Desk is one, but for
// the type of ResumeBatch's answer.
type Resumption interface {
	Unfinished() ([]signing.Unfinished, error)
	ResumeBatch(id string, o signing.BatchOptions) (BatchWork, error)
	Forget(id string) error
}

// Left is the presenter of what was not finished.
type Left struct {
	services *Services
	loop     Loop
	state    LeftState

	// Changed is told each new state.
	Changed func(LeftState)
	// Resume is asked to go on with a batch.
	Resume func(id string)
}

func newLeft(s *Services, l Loop) *Left {
	return &Left{services: s, loop: l, Changed: func(LeftState) {}, Resume: func(string) {}}
}

// State gives the state as it is.
func (l *Left) State() LeftState { return l.state }

// Refresh looks for batches that were not finished.
func (l *Left) Refresh() {
	if l.services.Resumption == nil {
		return
	}
	l.loop.Go(func(context.Context) func() {
		all, err := l.services.Resumption.Unfinished()
		return func() { l.show(all, err) }
	})
}

func (l *Left) show(all []signing.Unfinished, err error) {
	l.state = LeftState{Problem: l.services.problem(err)}
	for _, u := range all {
		b := LeftBatch{ID: u.ID, What: say("left.what", "Count", len(u.Left), "At", Moment(u.At))}
		if len(u.Done) > 0 {
			b.Done = say("left.done", "Count", len(u.Done))
		}
		l.state.Batches = append(l.state.Batches, b)
	}
	l.Changed(l.state)
}

// Forget drops a batch. What is signed stays.
func (l *Left) Forget(id string) {
	l.loop.Go(func(context.Context) func() {
		err := l.services.Resumption.Forget(id)
		return func() {
			if err != nil {
				l.state.Problem = l.services.problem(err)
				l.Changed(l.state)
				return
			}
			l.Refresh()
		}
	})
}
