//go:build linux

package handout_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kyso/app/handout"
)

// patience bounds every wait for another program.
const patience = time.Minute

// screen starts a display of the test's own and makes it this process's.
func screen(t *testing.T) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	x := exec.CommandContext(context.WithoutCancel(t.Context()), "Xvfb", "-displayfd", "3", "-screen", "0", "800x600x24", "-nolisten", "tcp")
	x.ExtraFiles = []*os.File{w}
	start(t, x)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	number, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		t.Fatalf("Xvfb told no display: %v", err)
	}
	t.Setenv("DISPLAY", ":"+strings.TrimSpace(number))
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

// target is a window of GTK at a place of the screen.
type target struct {
	in    io.Writer
	lines chan string
}

func newTarget(t *testing.T, place ...string) *target {
	t.Helper()
	c := exec.CommandContext(context.WithoutCancel(t.Context()), "/usr/bin/python3", append([]string{"testdata/target.py"}, place...)...)
	in, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	c.Stderr = t.Output()
	start(t, c)
	g := &target{in, make(chan string, 64)}
	go func() {
		defer close(g.lines)
		for s := bufio.NewScanner(out); s.Scan(); {
			g.lines <- s.Text()
		}
	}()
	g.wait(t, "ready")
	return g
}

// wait gives the next line that begins with a word, and what follows the word.
func (g *target) wait(t *testing.T, word string) string {
	t.Helper()
	limit := time.NewTimer(patience)
	defer limit.Stop()
	for {
		select {
		case line, open := <-g.lines:
			if !open {
				t.Fatalf("the target ended before it said %q", word)
			}
			if rest, ok := strings.CutPrefix(line, word); ok {
				return strings.TrimSpace(rest)
			}
		case <-limit.C:
			t.Fatalf("the target never said %q", word)
		}
	}
}

// point moves the pointer.
func point(t *testing.T, x, y string) {
	t.Helper()
	if out, err := exec.CommandContext(t.Context(), "xdotool", "mousemove", x, y).CombinedOutput(); err != nil {
		t.Fatalf("xdotool: %v\n%s", err, out)
	}
}

// files makes files with names that an address must escape.
func files(t *testing.T) []string {
	t.Helper()
	dir := t.TempDir()
	var out []string
	for _, name := range []string{"Công văn số 1.pdf", "Kế hoạch 50 %.pdf"} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
		out = append(out, path)
	}
	return out
}

func uris(paths []string) string {
	escape := strings.NewReplacer(" ", "%20", "%", "%25", "ô", "%C3%B4", "ă", "%C4%83", "ố", "%E1%BB%91", "ế", "%E1%BA%BF", "ạ", "%E1%BA%A1")
	var out []string
	for _, p := range paths {
		out = append(out, "file://"+escape.Replace(p))
	}
	return strings.Join(out, " ")
}

func TestFilesAreDraggedToAnotherProgram(t *testing.T) {
	screen(t)
	g := newTarget(t, "400", "100", "300", "300")
	cases := map[string]struct {
		way   [][2]string
		taken bool
		said  string
	}{
		"onto it":              {[][2]string{{"50", "50"}, {"300", "200"}, {"450", "200"}, {"500", "250"}}, true, "dropped"},
		"over it and away":     {[][2]string{{"50", "50"}, {"450", "200"}, {"50", "400"}}, false, "left"},
		"beside it":            {[][2]string{{"50", "50"}, {"60", "60"}}, false, ""},
		"onto it at one bound": {[][2]string{{"600", "300"}}, true, "dropped"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			paths := files(t)
			point(t, "10", "10")
			d, err := handout.Begin(paths)
			if err != nil {
				t.Fatal(err)
			}
			for _, at := range c.way {
				point(t, at[0], at[1])
				d.Move()
			}
			if c.said == "left" {
				g.wait(t, "left") // GTK says so when it is left and when it is dropped on
			}
			d.Drop()
			taken, err := d.Wait(t.Context())
			if err != nil || taken != c.taken {
				t.Errorf("taken %v, %v; want %v", taken, err, c.taken)
			}
			if c.said == "dropped" {
				if got := g.wait(t, "dropped"); got != uris(paths) {
					t.Errorf("got  %s\nwant %s", got, uris(paths))
				}
			}
		})
	}
}

func TestADragEndsWithItsContext(t *testing.T) {
	screen(t)
	d, err := handout.Begin(files(t))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if taken, err := d.Wait(ctx); taken || !errors.Is(err, context.Canceled) {
		t.Errorf("taken %v, %v", taken, err)
	}
}

func TestFilesAreCopiedToTheClipboard(t *testing.T) {
	screen(t)
	g := newTarget(t, "0", "0", "100", "100")
	var c handout.Clipboard
	defer c.Close()
	paths := files(t)
	if err := c.Copy(paths[:1]); err != nil {
		t.Fatal(err)
	}
	if err := c.Copy(paths); err != nil { // in place of the first
		t.Fatal(err)
	}
	list := strings.Fields(uris(paths))
	for form, want := range map[string]string{
		"text/uri-list":                list[0] + `\r\n` + list[1] + `\r\n`,
		"x-special/gnome-copied-files": `copy\n` + list[0] + `\n` + list[1],
		"image/png":                    "",
	} {
		if _, err := io.WriteString(g.in, form+"\n"); err != nil {
			t.Fatal(err)
		}
		wants := form + " b'" + want + "'"
		if want == "" {
			wants = form + " nothing"
		}
		if got := g.wait(t, "clipboard"); got != wants {
			t.Errorf("got  %s\nwant %s", got, wants)
		}
	}
}

func TestWithoutAScreenThereIsNoClipboard(t *testing.T) {
	t.Setenv("DISPLAY", ":9999")
	if err := (&handout.Clipboard{}).Copy(files(t)); !errors.Is(err, handout.ErrNoClipboard) {
		t.Errorf("got %v", err)
	}
}
