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
// against a bare Fyne window of the same size. Few runs on a busy machine say
// less, so the usual test only catches what is plainly slower.
const (
	slowestStart      = 1.25 // make start
	plainlySlower     = 2.0
	usualStarts       = 5
	windowIsPainted   = "window painted"
	startsEnvironment = "KYSO_STARTS"
)

func TestTheWindowIsPaintedAsSoonAsABareOne(t *testing.T) {
	runs, most := usualStarts, plainlySlower
	if n, err := strconv.Atoi(os.Getenv(startsEnvironment)); err == nil {
		runs, most = n, slowestStart
	}
	s, bare := newScreen(t), filepath.Join(t.TempDir(), "bare")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-tags", tags, "-o", bare, "./testdata/bare").CombinedOutput(); err != nil {
		t.Fatalf("build the bare window: %v\n%s", err, out)
	}
	program, home := filepath.Join(build(t), "kyso"), t.TempDir()
	ours := []string{program, "--trace", "--data", t.TempDir()}
	s.untilPainted(t, home, bare) // the first ones fill the machine's caches
	s.untilPainted(t, home, ours...)
	var reference, measured []time.Duration
	for range runs {
		reference = append(reference, s.untilPainted(t, home, bare))
		measured = append(measured, s.untilPainted(t, home, ours...))
	}
	a, b := median(reference), median(measured)
	ratio := b.Seconds() / a.Seconds()
	load, _, _ := strings.Cut(readLoad(), " ")
	fmt.Printf("start runs=%d bare_ms=%d kyso_ms=%d ratio=%.2f bare_min_ms=%d kyso_min_ms=%d load=%s\n",
		runs, a.Milliseconds(), b.Milliseconds(), ratio, slices.Min(reference).Milliseconds(), slices.Min(measured).Milliseconds(), load)
	if ratio > most {
		t.Errorf("the window is painted after %v, a bare one after %v: ratio %.2f, want at most %.2f", b, a, ratio, most)
	}
}

// untilPainted starts a program, waits for its first picture and ends it.
func (s screen) untilPainted(t *testing.T, home string, command ...string) time.Duration {
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
	painted := time.Duration(0)
	for lines := bufio.NewScanner(errs); painted == 0 && lines.Scan(); {
		if strings.HasSuffix(lines.Text(), windowIsPainted) {
			painted = time.Since(began)
		}
	}
	cancel()
	_ = c.Wait() // killed: its status says nothing
	if painted == 0 {
		t.Fatalf("%s painted no window", command[0])
	}
	return painted
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
