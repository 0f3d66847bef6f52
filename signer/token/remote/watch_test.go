package remote_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"kyso/signer/token"
	"kyso/signer/token/remote"
)

func contains(err error, part string) bool { return err != nil && strings.Contains(err.Error(), part) }

// watched watches l while during runs, and gives what was told.
func watched(t *testing.T, l token.Lister, during func()) []token.Change {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan []token.Change)
	go func() {
		var all []token.Change
		token.Watch(ctx, l, 20*time.Millisecond, func(c token.Change) { all = append(all, c) })
		done <- all
	}()
	during()
	cancel()
	return <-done
}

func TestWatchingMakesNoTokenBlink(t *testing.T) {
	t.Parallel()
	r := setUp(t, remote.Limits{})
	changes := watched(t, r.p, func() {
		r.faults.Await("C_GetTokenInfo", 2)
		r.faults.Await("C_GetSlotList", 100)
	})
	// The fault module over SoftHSM has a slot whose token is not initialized: it
	// is asked a few times whether it is only slow.
	if len(changes) != 1 || len(changes[0].Tokens) != 2 {
		t.Errorf("got %+v, want both tokens once", changes)
	}
	lines := r.faults.Lines()
	last := lines[len(lines)-40:]
	if i := slices.IndexFunc(last, func(l string) bool { return l != "C_GetSlotList 0x0" }); i >= 0 {
		t.Errorf("while nothing changes the driver got %q", last[i])
	}
	for _, f := range []string{"C_OpenSession", "C_Login", "C_FindObjectsInit", "C_GetAttributeValue"} {
		r.wantCalls(f, 0)
	}
}

func TestATokenThatComesOrGoesIsSeenWithinTwoSeconds(t *testing.T) {
	t.Parallel()
	r := setUp(t, remote.Limits{})
	ctx, cancel := context.WithCancel(t.Context())
	changes := make(chan token.Change)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		token.Watch(ctx, r.p, token.WatchEvery, func(c token.Change) {
			select {
			case changes <- c:
			case <-ctx.Done():
			}
		})
	}()
	seen := func(want int) time.Duration {
		t.Helper()
		start := time.Now()
		select {
		case c := <-changes:
			if len(c.Tokens) != want || c.Err != nil {
				t.Errorf("got %+v, want %d tokens", c, want)
			}
		case <-time.After(10 * time.Second):
			t.Fatal("nothing was told")
		}
		return time.Since(start)
	}
	seen(2)
	for range 2 {
		r.faults.Set("absent")
		if d := seen(0); d > 2*time.Second {
			t.Errorf("gone: told after %v", d)
		}
		r.faults.Set()
		if d := seen(2); d > 2*time.Second {
			t.Errorf("back: told after %v", d)
		}
	}
	cancel()
	<-ended
}

func TestATokenThatIsStillBeingRecognizedIsTold(t *testing.T) {
	t.Parallel()
	r := setUp(t, remote.Limits{}, "rv C_GetTokenInfo 0xe1 0 6") // the first two looks at three slots
	changes := watched(t, r.p, func() { r.faults.Await("C_GetTokenInfo", 12) })
	if len(changes) != 2 || len(changes[0].Tokens) != 0 || len(changes[1].Tokens) != 2 {
		t.Errorf("got %+v, want none and then both", changes)
	}
}

func TestAWatcherTellsOfADriverThatKeepsFailingOnce(t *testing.T) {
	t.Parallel()
	r := setUp(t, remote.Limits{}, "crash C_Initialize")
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
	defer cancel()
	var all []token.Change
	token.Watch(ctx, r.p, 20*time.Millisecond, func(c token.Change) { all = append(all, c) })
	if len(all) != 1 {
		t.Fatalf("got %+v, want one error", all)
	}
	r.want(all[0].Err, token.KindCrashed)
}
