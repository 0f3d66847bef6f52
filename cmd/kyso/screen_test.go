package main_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"kyso/app"
)

// programs are built once for all tests; TestMain removes them.
var programs = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "kyso-programs-")
	if err != nil {
		return "", err
	}
	built = dir
	args := []string{"build", "-tags", tags, "-o", dir + string(filepath.Separator)}
	for _, name := range []string{"kyso", "kyso-token", "kyso-provision", "docserver"} {
		args = append(args, "kyso/cmd/"+name)
	}
	if out, err := exec.CommandContext(context.Background(), "go", args...).CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w\n%s", err, out)
	}
	return dir, nil
})

// built is the folder of the programs, empty before they are built.
var built string

func TestMain(m *testing.M) {
	status := m.Run()
	if built != "" {
		if err := os.RemoveAll(built); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}
	os.Exit(status)
}

// build builds the programs of the road and gives their folder.
func build(t *testing.T) string {
	t.Helper()
	dir, err := programs()
	if err != nil {
		t.Fatalf("build the programs: %v", err)
	}
	return dir
}

// screen is a display of the test's own, with a window manager.
type screen struct {
	name  string
	xdrop string
}

// newScreen starts Xvfb and openbox.
func newScreen(t *testing.T) screen { t.Helper(); return newScreenOf(t, "1440x900x24") }

// newScreenOf is newScreen with width, height and depth.
func newScreenOf(t *testing.T, size string) screen {
	t.Helper()
	s := screen{xdrop: filepath.Join(t.TempDir(), "xdrop")}
	if out, err := exec.CommandContext(t.Context(), "gcc", "-o", s.xdrop, "testdata/xdrop.c", "-lX11").CombinedOutput(); err != nil {
		t.Fatalf("compile xdrop: %v\n%s", err, out)
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	x := exec.CommandContext(context.WithoutCancel(t.Context()), "Xvfb", "-displayfd", "3", "-screen", "0", size, "-nolisten", "tcp")
	x.ExtraFiles = []*os.File{w}
	start(t, x)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	number, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		t.Fatalf("Xvfb told no display: %v", err)
	}
	s.name = ":" + strings.TrimSpace(number)
	wm := exec.CommandContext(context.WithoutCancel(t.Context()), "openbox", "--sm-disable")
	wm.Env = append(os.Environ(), "DISPLAY="+s.name)
	start(t, wm)
	return s
}

// start starts a program that the end of the test stops.
func start(t *testing.T, c *exec.Cmd) {
	t.Helper()
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Kill() // it may have ended by itself
		_ = c.Wait()         // killed: its status says nothing
	})
}

// run runs a tool on the screen; input is its standard input.
func (s screen) run(t *testing.T, input, name string, args ...string) {
	t.Helper()
	c := exec.CommandContext(t.Context(), name, args...)
	c.Env = append(os.Environ(), "DISPLAY="+s.name)
	c.Stdin = strings.NewReader(input)
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", name, err, out)
	}
}

// keys presses keys.
func (s screen) keys(t *testing.T, names ...string) {
	t.Helper()
	s.run(t, "", "xdotool", append([]string{"key"}, names...)...)
}

// write types a text, which is in no argument.
func (s screen) write(t *testing.T, text string) {
	t.Helper()
	s.run(t, text, "xdotool", "type", "--delay", "40", "--file", "-")
}

// drop drops a file on the middle of the screen, as a file manager does.
func (s screen) drop(t *testing.T, path string) {
	t.Helper()
	s.run(t, "", s.xdrop, "720", "450", (&url.URL{Scheme: "file", Path: path}).String())
}

// window is the running program.
type window struct {
	pid int
	run string // its folder of sockets

	mu    sync.Mutex
	lines []string
	from  int // where wait begins to look
	more  chan struct{}
}

// openWindow starts the program on the screen.
func openWindow(t *testing.T, s screen, program string, h app.Handover) *window {
	t.Helper()
	return openWindowWith(t, s, program, h, nil)
}

// openWindowWith is openWindow with more environment and arguments.
func openWindowWith(t *testing.T, s screen, program string, h app.Handover, env []string, args ...string) *window {
	t.Helper()
	c := exec.CommandContext(context.WithoutCancel(t.Context()), program, append([]string{"--handover", "--trace", "--lang", "vi"}, args...)...)
	w := &window{run: t.TempDir(), more: make(chan struct{}, 1)}
	c.Env = append(append(os.Environ(), "DISPLAY="+s.name, "HOME="+t.TempDir(), "XDG_RUNTIME_DIR="+w.run, "LIBGL_ALWAYS_SOFTWARE=1"), env...)
	in, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	errs, err := c.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	start(t, c)
	w.pid = c.Process.Pid
	go w.read(bufio.NewScanner(errs))
	if err := json.NewEncoder(in).Encode(h); err != nil {
		t.Fatal(err)
	}
	return w
}

// read keeps what the program prints.
func (w *window) read(s *bufio.Scanner) {
	for s.Scan() {
		w.mu.Lock()
		w.lines = append(w.lines, s.Text())
		w.mu.Unlock()
		select {
		case w.more <- struct{}{}:
		default:
		}
	}
}

// said is everything that the program has printed.
func (w *window) said() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return strings.Join(w.lines, "\n")
}

// forget has wait look only at what is printed from now on.
func (w *window) forget() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.from = len(w.lines)
}

// wait waits until a line of the trace ends with what.
func (w *window) wait(t *testing.T, what string) {
	t.Helper()
	w.waitFor(t, what, func(line string) bool { return strings.HasSuffix(line, what) })
}

// placed waits until the place of the mark is proposed; it moves the view of
// somebody who has not begun to read.
func (w *window) placed(t *testing.T) {
	t.Helper()
	w.waitFor(t, "the page with its mark", func(line string) bool { return strings.Contains(line, " shown place.") })
}

// waitFor waits for a line of the trace.
func (w *window) waitFor(t *testing.T, what string, is func(line string) bool) {
	t.Helper()
	limit := time.NewTimer(patience)
	defer limit.Stop()
	for {
		if w.has(is) {
			return
		}
		select {
		case <-w.more:
		case <-limit.C:
			t.Fatalf("the window never came to %q:\n%s", what, w.said())
		}
	}
}

// has reports that a line was printed since forget.
func (w *window) has(is func(line string) bool) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.ContainsFunc(w.lines[w.from:], is)
}

// failedStart runs the program where it cannot open a window and gives what it says.
func failedStart(t *testing.T, program string, env []string, args ...string) string {
	t.Helper()
	c := exec.CommandContext(t.Context(), program, args...)
	c.Env = env
	out, err := c.CombinedOutput()
	if c.ProcessState == nil || c.ProcessState.ExitCode() != 1 {
		t.Errorf("exit %v, want 1\n%s", err, out)
	}
	if n := strings.Count(strings.TrimSpace(string(out)), "\n"); n < 2 || strings.Contains(string(out), "goroutine ") {
		t.Errorf("not three lines: %s", fmt.Sprintf("%q", out))
	}
	return string(out)
}
