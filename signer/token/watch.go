package token

import (
	"context"
	"errors"
	"slices"
	"time"
)

// WatchEvery is how often Watch looks: a change is told within two seconds, the
// driver's own delay included.
const WatchEvery = 500 * time.Millisecond

// The patience of Watch.
const (
	// settling is how many looks long a token may take to be recognized: it has
	// its place in the slot list before it can be read.
	settling = 10
	// slowest is the pause between looks at a driver that keeps failing.
	slowest = 30 * time.Second
)

// Change is what Watch saw.
type Change struct {
	// Tokens are all tokens that are in now.
	Tokens []Info
	// Err says why they cannot be listed. It is told once, until it changes.
	Err error
}

// Watch tells changed the tokens that are in at once, and again whenever one
// comes or goes, until ctx ends. It looks every so often at the slots only, so
// that no token blinks while nothing changes, and asks the tokens when their
// slots have changed. It calls changed in its own goroutine, the caller's.
//
// It polls, for the event function of PKCS #11 (C_WaitForSlotEvent) blocks
// beyond recall in some drivers and is missing in others.
func Watch(ctx context.Context, l Lister, every time.Duration, changed func(Change)) {
	w := watch{lister: l, changed: changed}
	timer := time.NewTimer(every)
	defer timer.Stop()
	for pause := every; ; {
		if w.look(ctx) {
			pause = every
		} else {
			pause = min(2*pause, max(every, slowest))
		}
		timer.Reset(pause)
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
	}
}

// watch is what Watch remembers.
type watch struct {
	lister  Lister
	changed func(Change)

	told   bool
	slots  []uint
	tokens []Info
	failed Kind // of the error that was told last
	again  int  // looks for which tokens may still be recognized
}

// look looks once and reports whether the driver answered.
func (w *watch) look(ctx context.Context) bool {
	slots, err := w.lister.Slots(ctx)
	if err != nil {
		return w.fail(ctx, err)
	}
	slots = slices.Sorted(slices.Values(slots))
	fresh := !w.told || w.failed != "" || !slices.Equal(slots, w.slots)
	if fresh {
		w.again = settling
	}
	if !fresh && (w.again == 0 || len(w.tokens) >= len(slots)) {
		return true
	}
	w.again--
	tokens, err := w.lister.Tokens(ctx)
	if err != nil {
		return w.fail(ctx, err)
	}
	news := !w.told || w.failed != "" || !slices.Equal(tokens, w.tokens)
	w.told, w.failed, w.slots, w.tokens = true, "", slots, tokens
	if news {
		w.changed(Change{Tokens: slices.Clone(tokens)})
	}
	return true
}

// fail tells an error unless it was told already.
func (w *watch) fail(ctx context.Context, err error) bool {
	if ctx.Err() != nil {
		return false
	}
	kind := KindOther
	if e, ok := errors.AsType[*Error](err); ok {
		kind = e.Kind
	}
	if w.failed != kind {
		w.told, w.failed, w.tokens = true, kind, nil
		w.changed(Change{Err: err})
	}
	return false
}
