package main_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// The bar of a start: from the start of the process to the first painted window,
// against a bare Fyne window of the same size (make start). A few runs on a busy
// machine say little about time, so the usual test judges the processor's time.
const (
	slowestStart      = 1.25
	plainlySlower     = 2.2
	usualStarts       = 5
	windowIsPainted   = "window painted"
	startsEnvironment = "KYSO_STARTS"
)

func TestTheWindowIsPaintedAsSoonAsABareOne(t *testing.T) {
	runs := usualStarts
	n, err := strconv.Atoi(os.Getenv(startsEnvironment))
	asked := err == nil
	if asked {
		runs = n
	}
	s, bare := newScreen(t), filepath.Join(t.TempDir(), "bare")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-tags", tags, "-o", bare, "./testdata/bare").CombinedOutput(); err != nil {
		t.Fatalf("build the bare window: %v\n%s", err, out)
	}
	program, home := filepath.Join(build(t), "kyso"), t.TempDir()
	if err := os.Mkdir(filepath.Join(home, ".cache"), 0o700); err != nil {
		t.Fatal(err)
	}
	ours := []string{program, "--trace", "--data", t.TempDir()}
	s.untilPainted(t, home, bare) // the first ones fill the machine's caches
	s.untilPainted(t, home, ours...)
	var a, b starts
	for range runs {
		a.add(s.untilPainted(t, home, bare))
		b.add(s.untilPainted(t, home, ours...))
	}
	time, processor := ratio(b.elapsed, a.elapsed), ratio(b.processor, a.processor)
	load, _, _ := strings.Cut(readLoad(), " ")
	fmt.Printf("start runs=%d bare_ms=%d kyso_ms=%d ratio=%.2f bare_cpu_ms=%d kyso_cpu_ms=%d cpu_ratio=%.2f load=%s\n", runs,
		median(a.elapsed).Milliseconds(), median(b.elapsed).Milliseconds(), time,
		median(a.processor).Milliseconds(), median(b.processor).Milliseconds(), processor, load)
	switch {
	case asked && time > slowestStart:
		t.Errorf("the window is painted after %.2f times as long as a bare one, want at most %.2f", time, slowestStart)
	case !asked && processor > plainlySlower:
		t.Errorf("the window takes %.2f times the processor's time of a bare one until it is painted, want at most %.2f", processor, plainlySlower)
	}
}

// starts are what the starts of one program took: by the clock, and of the processor.
type starts struct{ elapsed, processor []time.Duration }

func (s *starts) add(elapsed, processor time.Duration) {
	s.elapsed, s.processor = append(s.elapsed, elapsed), append(s.processor, processor)
}

// ratio is that of the medians.
func ratio(a, b []time.Duration) float64 { return median(a).Seconds() / median(b).Seconds() }

// untilPainted starts a program, waits for its first picture and ends it. The folder
// of caches is there, so that what Fyne knows of the fonts is kept.
func (s screen) untilPainted(t *testing.T, home string, command ...string) (elapsed, processor time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	c := exec.CommandContext(ctx, command[0], command[1:]...)
	c.Env = append(os.Environ(), "DISPLAY="+s.name, "HOME="+home, "XDG_RUNTIME_DIR="+home, "LIBGL_ALWAYS_SOFTWARE=1")
	errs, err := c.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(errs); elapsed == 0 && lines.Scan(); {
		if strings.HasSuffix(lines.Text(), windowIsPainted) {
			elapsed = time.Since(began)
		}
	}
	cancel()
	_ = c.Wait() // killed: its status says nothing
	if elapsed == 0 {
		t.Fatalf("%s painted no window", command[0])
	}
	return elapsed, c.ProcessState.UserTime() + c.ProcessState.SystemTime()
}

// median is the middle of durations.
func median(all []time.Duration) time.Duration {
	all = slices.Sorted(slices.Values(all))
	return all[len(all)/2]
}

// readLoad says how busy the machine is; empty where that cannot be known.
func readLoad() string {
	b, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return ""
	}
	return string(b)
}
