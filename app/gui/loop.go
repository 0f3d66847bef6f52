package gui

import (
	"context"
	"sync"

	"fyne.io/fyne/v2"

	"kyso/app/present"
)

// Loop runs work on goroutines of its own and brings results to the window's.
// It is the only place that crosses to the window's goroutine.
type Loop struct {
	begin func(func(context.Context))
	end   context.CancelFunc
	work  sync.WaitGroup
}

var _ present.Loop = (*Loop)(nil)

// NewLoop makes a loop whose work ends with ctx or with Close.
func NewLoop(ctx context.Context) *Loop {
	ctx, cancel := context.WithCancel(ctx)
	l := &Loop{end: cancel}
	l.begin = func(work func(context.Context)) { l.work.Go(func() { work(ctx) }) }
	return l
}

// Go runs work elsewhere and what it returns on the window's goroutine.
func (l *Loop) Go(work func(ctx context.Context) (then func())) {
	l.begin(func(ctx context.Context) {
		if then := work(ctx); then != nil {
			fyne.Do(then)
		}
	})
}

// Tell runs f on the window's goroutine.
func (l *Loop) Tell(f func()) { fyne.Do(f) }

// Close ends the work that runs and waits for it.
func (l *Loop) Close() {
	l.end()
	l.work.Wait()
}
