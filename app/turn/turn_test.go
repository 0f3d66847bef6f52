package turn_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"kyso/app/turn"
)

// takesVariable has this test program take the turn of the file that it names, and
// keep it until it is killed.
const takesVariable = "KYSO_TURN_TAKES"

func TestMain(m *testing.M) {
	path := os.Getenv(takesVariable)
	if path == "" {
		os.Exit(m.Run())
	}
	if _, err := turn.Take(context.Background(), path); err != nil {
		fmt.Fprintln(os.Stdout, err)
		os.Exit(1)
	}
	fmt.Fprintln(os.Stdout, "mine")
	select {}
}

func TestAProcessThatIsKilledGivesItsTurnBack(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lượt ký.lock")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	other := exec.CommandContext(t.Context(), self)
	other.Env = append(os.Environ(), takesVariable+"="+path)
	out, err := other.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "mine\n" {
		t.Fatalf("the other process said %q, %v", line, err)
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if mine, err := turn.Try(f); mine || err != nil {
		t.Errorf("while another process has it: %v, %v", mine, err)
	}
	if _, err := f.WriteString("read"); err != nil { // what the file holds is not locked
		t.Error(err)
	}
	if b, err := os.ReadFile(path); string(b) != "read" {
		t.Errorf("read %q, %v", b, err)
	}
	if err := other.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = other.Wait() // killed: its status says nothing
	if mine, err := turn.Try(f); !mine || err != nil {
		t.Errorf("after it was killed: %v, %v", mine, err)
	}
	if err := turn.Close(f); err != nil {
		t.Error(err)
	}
}

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
