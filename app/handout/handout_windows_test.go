package handout_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"

	"kyso/app/handout"
)

// patience bounds every wait for another program.
const patience = 20 * time.Second

// user calls a function of user32.dll.
func user(name string, args ...uintptr) uintptr {
	r, _, _ := windows.NewLazySystemDLL("user32.dll").NewProc(name).Call(args...)
	return r
}

// files makes files with names that a list must keep.
func files(t *testing.T) []string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "Quyết định, số 1 & 2")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, name := range []string{"Công văn số 1.pdf", "Kế hoạch 50 % (ký).pdf", "𠀀 Hồ sơ.pdf"} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
		out = append(out, path)
	}
	return out
}

// target is testdata/target.c, which make windows builds.
type target struct {
	in    io.WriteCloser
	lines chan string
}

func newTarget(t *testing.T, args ...string) *target {
	t.Helper()
	c := exec.CommandContext(context.WithoutCancel(t.Context()), "target.exe", args...)
	in, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Kill() // it may have ended by itself
		_ = c.Wait()         // killed: its status says nothing
	})
	g := &target{in, make(chan string, 64)}
	go func() {
		defer close(g.lines)
		for s := bufio.NewScanner(out); s.Scan(); {
			g.lines <- strings.TrimSpace(s.Text())
		}
	}()
	return g
}

// wait gives what follows a word in the next line that begins with it; empty once
// patience has ended, which is told.
func (g *target) wait(t *testing.T, word string) string {
	t.Helper()
	limit := time.NewTimer(patience)
	defer limit.Stop()
	for {
		select {
		case line, open := <-g.lines:
			if !open {
				t.Errorf("the target ended before it said %q", word)
				return ""
			}
			if rest, ok := strings.CutPrefix(line, word); ok {
				return strings.TrimSpace(rest)
			}
		case <-limit.C:
			t.Errorf("the target never said %q", word)
			return ""
		}
	}
}

// The messages and keys of Win32 that the tests use.
const (
	buttonIsDown, buttonIsUp = 0x0201, 0x0202
	escape, keyUp            = 0x1B, 0x0002
)

// window is a window of this process that has the pointer's button down, as the
// program's has when a drag begins.
type window uintptr

// press makes the window and presses the button in it.
func press(t *testing.T) window {
	t.Helper()
	runtime.LockOSThread()
	t.Cleanup(runtime.UnlockOSThread)
	name, err := windows.UTF16PtrFromString("kyso-test-source")
	if err != nil {
		t.Fatal(err)
	}
	class := struct {
		size, style         uint32
		handler             uintptr
		classExtra, extra   int32
		instance, icon      uintptr
		cursor, brush, menu uintptr
		name                *uint16
		small               uintptr
	}{handler: windows.NewLazySystemDLL("user32.dll").NewProc("DefWindowProcW").Addr(), name: name}
	class.size = uint32(unsafe.Sizeof(class))
	user("RegisterClassExW", uintptr(unsafe.Pointer(&class))) // a second time it is there
	const topmost, popupVisible = 0x08, 0x90000000
	w := window(user("CreateWindowExW", topmost, uintptr(unsafe.Pointer(name)), 0, popupVisible, 0, 0, 100, 100, 0, 0, 0, 0))
	if w == 0 {
		t.Fatal("no window")
	}
	t.Cleanup(func() { user("DestroyWindow", uintptr(w)) })
	user("SetForegroundWindow", uintptr(w))
	user("SetFocus", uintptr(w))
	hand(t, "mousemove 50 50 mousedown 1")
	if !w.hears(buttonIsDown, patience) {
		t.Fatal("the window heard of no button")
	}
	user("SetCapture", uintptr(w))
	return w
}

// hears reports that a message of the mouse comes to the window, and drops others.
func (w window) hears(message uint32, within time.Duration) bool {
	var m struct {
		window  uintptr
		message uint32
		_       [64]byte
	}
	for end := time.Now().Add(within); ; {
		for user("PeekMessageW", uintptr(unsafe.Pointer(&m)), 0, 0, 0, 1) != 0 {
			if m.window == uintptr(w) && m.message == message {
				return true
			}
			user("DispatchMessageW", uintptr(unsafe.Pointer(&m)))
		}
		if time.Now().After(end) {
			return false
		}
		user("MsgWaitForMultipleObjects", 0, 0, 0, 20, 0x04FF) // QS_ALLINPUT
	}
}

// hand moves the pointer and presses its buttons. It is a program of the system below
// Wine, which nobody can wait for from here: what follows is seen in the windows.
func hand(t *testing.T, acts string) {
	t.Helper()
	if err := exec.CommandContext(t.Context(), "xdotool.exe", strings.Fields(acts)...).Start(); err != nil {
		t.Errorf("xdotool: %v", err)
	}
}

func TestFilesAreDraggedToAnotherProgram(t *testing.T) {
	g := newTarget(t, "drop", "400", "100", "300", "300")
	if h := g.wait(t, "ready"); h != "00000000" {
		t.Fatalf("the target takes no drops: %s", h)
	}
	enter := func(t *testing.T) {
		t.Helper()
		hand(t, "mousemove 300 200 mousemove 450 200")
		if got := g.wait(t, "entered"); got != "allowed 1" { // DROPEFFECT_COPY alone
			t.Errorf("the target was told %q", got)
		}
	}
	cases := map[string]struct {
		way   func(t *testing.T)
		taken bool
		down  bool // the button, when the drag is over
	}{
		"onto it": {func(t *testing.T) { t.Helper(); enter(t); hand(t, "mouseup 1") }, true, false},
		"over it and away": {func(t *testing.T) {
			t.Helper()
			enter(t)
			hand(t, "mousemove 200 500")
			g.wait(t, "left")
			hand(t, "mouseup 1")
		}, false, false},
		"back onto the window": {func(t *testing.T) {
			t.Helper()
			enter(t)
			hand(t, "mousemove 60 60")
			g.wait(t, "left")
			hand(t, "mouseup 1")
		}, false, false},
		"over it until Escape": {func(t *testing.T) {
			t.Helper()
			enter(t)
			user("keybd_event", escape, 1, 0, 0)
			user("keybd_event", escape, 1, keyUp, 0)
			g.wait(t, "left")
		}, false, true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			paths := files(t)
			w := press(t)
			played := make(chan struct{})
			go func() { defer close(played); c.way(t) }()
			d, err := handout.Begin(paths)
			if err != nil {
				t.Fatal(err)
			}
			<-played
			taken, err := d.Wait(t.Context())
			if err != nil || taken != c.taken {
				t.Errorf("taken %v, %v; want %v", taken, err, c.taken)
			}
			if c.down {
				if w.hears(buttonIsUp, 200*time.Millisecond) {
					t.Error("the window heard of a button that is still down")
				}
				hand(t, "mouseup 1") // over the target: the window has the pointer
			}
			if !w.hears(buttonIsUp, patience) {
				t.Error("the window never heard that the button was let go")
			}
			if c.taken {
				tookAll(t, g, paths)
			}
			for end := time.Now().Add(patience); handout.Living() != 0; w.hears(0, 0) { // what other programs hold is released by messages
				if time.Now().After(end) {
					t.Fatalf("%d objects are still held", handout.Living())
				}
			}
		})
	}
}

// tookAll compares what the target found in what was dropped.
func tookAll(t *testing.T, g *target, paths []string) {
	t.Helper()
	for _, said := range [][2]string{ // in the order in which they are printed
		{"formats", "|15 1 -1 1|Preferred DropEffect 1 -1 1|set 80004001"},
		{"effect", "1"},
		{"answers", "00000000 80040064 80040069 8004006b 80040068|get 80040064 set 80004001 canonical 80004001 advise 80040003 stream 80004002"},
		{"dropped", "|" + strings.Join(paths, "|")},
	} {
		if got := g.wait(t, said[0]); got != said[1] {
			t.Errorf("%s: got  %s\nwant %s", said[0], got, said[1])
		}
	}
}

func TestLettingGoOverTheWindowItselfEndsTheDrag(t *testing.T) {
	const goesOn, cancelled = 0, 0x40101
	w := press(t) // the pointer is over it
	for name, c := range map[string]struct{ escape, keys, want uintptr }{
		"the button is down":              {0, 1, goesOn},
		"the button is up":                {0, 0, cancelled},
		"Escape":                          {1, 1, cancelled},
		"another button than the left is": {0, 2, cancelled},
	} {
		if got := handout.Goes(c.escape, c.keys); got != c.want {
			t.Errorf("%s: got %#x, want %#x", name, got, c.want)
		}
	}
	hand(t, "mouseup 1")
	if !w.hears(buttonIsUp, patience) {
		t.Error("the window heard of no end")
	}
}

func TestAButtonThatIsUpDragsNothing(t *testing.T) {
	d, err := handout.Begin(files(t))
	if err != nil {
		t.Fatal(err)
	}
	d.Move()
	d.Drop()
	if taken, err := d.Wait(t.Context()); taken || err != nil {
		t.Errorf("taken %v, %v", taken, err)
	}
}

func TestFilesAreCopiedToTheClipboard(t *testing.T) {
	var c handout.Clipboard
	defer c.Close()
	paths := files(t)
	if err := c.Copy(paths[:1]); err != nil {
		t.Fatal(err)
	}
	if err := c.Copy(paths); err != nil { // in place of the first
		t.Fatal(err)
	}
	if got, want := newTarget(t, "clipboard").wait(t, "clipboard"), "|"+strings.Join(paths, "|"); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestAClipboardThatAnotherProgramHoldsIsWaitedFor(t *testing.T) {
	var c handout.Clipboard
	paths := files(t)
	holder := newTarget(t, "hold")
	if got := holder.wait(t, "held"); got != strconv.Itoa(1) {
		t.Fatalf("held %s", got)
	}
	if err := c.Copy(paths); !errors.Is(err, handout.ErrNoClipboard) {
		t.Errorf("while it is held: %v", err)
	}
	ended := make(chan error, 1)
	go func() { ended <- c.Copy(paths) }()
	if err := holder.in.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil {
		t.Errorf("once it is free: %v", err)
	}
}
