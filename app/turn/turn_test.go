package turn_test

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"kyso/app/turn"
)

func TestOneAtATime(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	var inside, most, done atomic.Int64
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			release, err := turn.Take(t.Context(), path)
			if err != nil {
				t.Error(err)
				return
			}
			most.Store(max(most.Load(), inside.Add(1)))
			done.Add(1)
			inside.Add(-1)
			if err := release(); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if most.Load() != 1 || done.Load() != 20 {
		t.Errorf("%d at the same time, %d had their turn", most.Load(), done.Load())
	}
}

func TestSomebodyStopsWaiting(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	release, err := turn.Take(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := turn.Take(ctx, path); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want the end of the wait", err)
	}
	if err := release(); err != nil {
		t.Fatal(err)
	}
	again, err := turn.Take(t.Context(), path)
	if err != nil {
		t.Fatalf("after the turn was given back: %v", err)
	}
	if err := again(); err != nil {
		t.Error(err)
	}
	if _, err := turn.Take(t.Context(), filepath.Join(path, "x")); err == nil {
		t.Error("a file that cannot be made gave a turn")
	}
}
