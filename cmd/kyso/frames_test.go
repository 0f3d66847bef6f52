package main_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"codeberg.org/go-pdf/fpdf"

	"kyso/app"
	"kyso/app/docsys"
	"kyso/app/journal"
	"kyso/app/settings"
	"kyso/assets"
	main "kyso/cmd/kyso"
)

// The bars of the window's speed (make frames). A bar of time is for the figure
// that the person feels; where software draws the picture, that is the drawing of
// the software, so the bar of a frame is held against the processor's time of the
// window's own thread.
const (
	firstSharpBar = 200 * time.Millisecond // from the handing over of a file to the frame with its first page
	pageTurnBar   = 50 * time.Millisecond  // from the key to the frame, pages that were shown before
	frameBar      = 50 * time.Millisecond
	memoryBar     = 350 << 10 // kB, program and helpers
	longList      = 10_000
	usualFrames   = 12
	// ourThread ends what is said of the processor's time, which the usual test judges
	// too; it runs beside others, so the clock says little there.
	ourThread = ": our thread"
)

// watcher drives a window and reads what its frames took.
type watcher struct {
	*window

	screen screen
	tool   io.Writer // of xdotool, which reads commands
	scale  string
	steps  int
	strict bool
	data   string // its folder
	first  bool   // of all starts, which has no bar
}

// frame is one line of the window's trace of frames.
type frame struct {
	at                   time.Time
	ui, draw, show, wall time.Duration
	page                 int
	top                  string
	sharp                bool
}

// own is what the window's thread did for a frame before it was shown.
func (f frame) own() time.Duration { return f.ui + f.draw }

// parseFrame reads a line; false for another one.
func parseFrame(line string) (f frame, ok bool) {
	var at, ui, draw, show, wall int64
	n, err := fmt.Sscanf(line, "frame at=%d ui=%d draw=%d show=%d wall=%d page=%d top=%s sharp=%t", &at, &ui, &draw, &show, &wall, &f.page, &f.top, &f.sharp)
	if err != nil || n != 8 {
		return frame{}, false
	}
	micro := func(n int64) time.Duration { return time.Duration(n) * time.Microsecond }
	f.at, f.ui, f.draw, f.show, f.wall = time.UnixMicro(at), micro(ui), micro(draw), micro(show), micro(wall)
	return f, true
}

// frames are those that were painted since forget.
func (w *watcher) frames() []frame {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []frame
	for _, line := range w.lines[w.from:] {
		if f, ok := parseFrame(line); ok {
			out = append(out, f)
		}
	}
	return out
}

// do gives xdotool a command.
func (w *watcher) do(t *testing.T, command string) {
	t.Helper()
	if _, err := fmt.Fprintln(w.tool, command); err != nil {
		t.Fatal(err)
	}
}

// until waits for a frame that is right, and gives it.
func (w *watcher) until(t *testing.T, what string, right func(frame) bool) frame {
	t.Helper()
	var out frame
	w.waitFor(t, what, func(line string) bool {
		f, ok := parseFrame(line)
		if ok && right(f) {
			out = f
		}
		return ok && right(f)
	})
	return out
}

// tell prints a row of durations and judges its middle or its longest.
func (w *watcher) tell(t *testing.T, what string, all []time.Duration, judged func([]time.Duration) time.Duration, bar time.Duration) {
	t.Helper()
	if len(all) == 0 {
		t.Fatalf("%s: nothing was measured", what)
	}
	slices.Sort(all)
	said := "none"
	if judged != nil {
		said = fmt.Sprintf("%.1f", bar.Seconds()*1e3)
	}
	fmt.Printf("frames scale=%s what=%q n=%d median_ms=%.1f p95_ms=%.1f max_ms=%.1f bar_ms=%s\n", w.scale, what, len(all),
		middle(all).Seconds()*1e3, all[len(all)*95/100].Seconds()*1e3, longest(all).Seconds()*1e3, said)
	if judged != nil && judged(all) > bar && (w.strict || bar == frameBar && strings.HasSuffix(what, ourThread)) {
		t.Errorf("scale %s, %s: %v, want at most %v", w.scale, what, judged(all), bar)
	}
}

func middle(all []time.Duration) time.Duration  { return all[len(all)/2] }
func longest(all []time.Duration) time.Duration { return all[len(all)-1] }

// tellFrames prints what frames took: of the window's thread, which is judged, and
// by the clock with the software that draws.
func (w *watcher) tellFrames(t *testing.T, what string, all []frame) {
	t.Helper()
	var own, wall []time.Duration
	for _, f := range all {
		own, wall = append(own, f.own()), append(wall, f.wall)
	}
	w.tell(t, what+ourThread, own, longest, frameBar)
	w.tell(t, what+": painted, by the clock", wall, nil, 0)
}

// scroll turns the wheel over the middle of the window and tells the frames.
func (w *watcher) scroll(t *testing.T, what string, notches int) {
	t.Helper()
	w.still(t)
	w.forget()
	next := time.NewTicker(25 * time.Millisecond)
	defer next.Stop()
	for i := range notches {
		button := 5
		if i >= notches*3/4 {
			button = 4
		}
		w.do(t, fmt.Sprint("click ", button))
		<-next.C
	}
	w.still(t)
	if all := w.frames(); len(all) > 1 {
		w.tellFrames(t, what, all[1:]) // the first also counts the idle time before it
	} else if w.strict {
		t.Errorf("%s: %d frames", what, len(all))
	}
}

// still waits until nothing is painted any more.
func (w *watcher) still(t *testing.T) {
	t.Helper()
	again := time.NewTicker(700 * time.Millisecond)
	defer again.Stop()
	for before := -1; ; {
		n := strings.Count(w.said(), "frame at=")
		if n == before {
			return
		}
		before = n
		<-again.C
	}
}

// memory is what the program and its helpers hold: now, and at most.
func (w *watcher) memory(t *testing.T, what string) {
	t.Helper()
	now, most := 0, 0
	pids := append([]int{w.pid}, children(w.pid)...)
	for _, pid := range pids {
		now += status(pid, "VmRSS")
		most += status(pid, "VmHWM")
	}
	fmt.Printf("frames scale=%s what=%q processes=%d rss_mb=%.0f peak_mb=%.0f bar_mb=%d\n", w.scale, "memory: "+what, len(pids), float64(now)/1024, float64(most)/1024, memoryBar>>10)
	if most > memoryBar && !w.first {
		t.Errorf("scale %s, %s: %d MB at most, want %d", w.scale, what, most>>10, memoryBar>>10)
	}
}

// children are the processes that a process started.
func children(pid int) []int {
	var out []int
	all, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	for _, path := range all {
		b, _ := os.ReadFile(path) // it may have ended
		for f := range strings.FieldsSeq(string(b)) {
			if n, err := strconv.Atoi(f); err == nil {
				out = append(append(out, n), children(n)...)
			}
		}
	}
	return out
}

// status is a line of a process's status, in kB.
func status(pid int, name string) int {
	b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid)) // it may have ended
	for line := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(line, name+":"); ok {
			n, _ := strconv.Atoi(strings.Fields(rest)[0])
			return n
		}
	}
	return 0
}

// book writes a file of full pages of text.
func book(t *testing.T, pages int) string {
	t.Helper()
	f := fpdf.New("P", "pt", "A4", "")
	f.AddUTF8FontFromBytes("serif", "", assets.SerifRegular())
	for p := range pages {
		f.AddPage()
		f.SetFont("serif", "", 13)
		for line := range 38 {
			f.Text(85, 80+18*float64(line), fmt.Sprintf("%d.%d. Đề nghị các đơn vị nghiêm túc thực hiện việc ký số văn bản điện tử.", p+1, line+1))
		}
	}
	path := filepath.Join(t.TempDir(), fmt.Sprintf("book-%d.pdf", pages))
	if err := f.OutputFileAndClose(path); err != nil {
		t.Fatal(err)
	}
	return path
}

// crowd stands before a server and says that very much waits.
func crowd(t *testing.T, o *office) *httptest.Server {
	t.Helper()
	some, err := o.client.Waiting(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	all := make([]docsys.Document, longList)
	for i := range all {
		all[i] = some[i%len(some)]
		all[i].ID = fmt.Sprintf("%s-%d", all[i].ID, i)
		all[i].Subject = fmt.Sprintf("%s (%d)", all[i].Subject, i)
	}
	behind, err := url.Parse(o.handover.Server)
	if err != nil {
		t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(behind) }}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("waiting") != "me" {
			proxy.ServeHTTP(w, r)
			return
		}
		const page = 500
		from, _ := strconv.Atoi(r.URL.Query().Get("cursor"))
		to, next := min(from+page, len(all)), ""
		if to < len(all) {
			next = strconv.Itoa(to)
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{"items": all[from:to], "next": next})
	}))
	t.Cleanup(server.Close)
	return server
}

// past fills a journal.
func past(t *testing.T, data string) {
	t.Helper()
	j, err := journal.Open(filepath.Join(data, "journal"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range longList {
		err = j.Append(journal.Entry{
			At: time.Now(), Kind: journal.Signed, Title: fmt.Sprintf("Về việc tăng cường ký số văn bản điện tử (%d)", i),
			Path: fmt.Sprintf("/signed/%d.pdf", i), SHA256: strings.Repeat("b8292658264d0f4b", 4), Role: "approval", Signer: "Trần Minh Khôi",
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
}

// watch opens a window whose frames are measured.
func watch(t *testing.T, o *office, h app.Handover, scale string, steps int, strict bool) *watcher {
	t.Helper()
	size := map[string]string{"1": "1440x900x24", "2": "2880x1800x24"}[scale]
	s := newScreenOf(t, size)
	x := exec.CommandContext(t.Context(), "xdotool", "-")
	x.Env = append(os.Environ(), "DISPLAY="+s.name)
	in, err := x.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	start(t, x)
	folders, err := settings.FindFolders(h.Data)
	if err != nil {
		t.Fatal(err)
	}
	w := &watcher{data: folders.Data, window: openWindowWith(t, s, o.program, h, []string{"FYNE_SCALE=" + scale}, "--trace-frames"), screen: s, tool: in, scale: scale, steps: steps, strict: strict}
	w.wait(t, "queue "+strconv.Itoa(longList))
	return w
}

func TestTheWindowKeepsUp(t *testing.T) {
	steps, err := strconv.Atoi(os.Getenv("KYSO_FRAMES"))
	strict := err == nil
	scales := []string{"1", "2"}
	if !strict {
		steps, scales = usualFrames, scales[:1]
	}
	o := openOffice(t)
	h := o.handover
	h.Server, h.Data = crowd(t, o).URL, t.TempDir()
	folders, err := settings.FindFolders(h.Data)
	if err != nil {
		t.Fatal(err)
	}
	past(t, folders.Data)
	short, long := book(t, 100), book(t, 1000)
	// The first start of all compiles pdfium, which the installer does for a person.
	t.Run("first", func(t *testing.T) {
		w := watch(t, o, h, "1", steps, strict)
		w.open(t, short)
		w.still(t)
		w.first = true
		w.memory(t, "the first start of all, pdfium compiled")
	})
	for _, scale := range scales {
		t.Run("scale "+scale, func(t *testing.T) {
			w := watch(t, o, h, scale, steps, strict)
			w.do(t, fmt.Sprint("mousemove ", 720*pixels(scale), " ", 500*pixels(scale)))
			w.scroll(t, "queue of 10000, wheel", 4*steps)
			w.do(t, "key ctrl+4")
			w.wait(t, "history "+strconv.Itoa(longList))
			w.scroll(t, "history of 10000, wheel", 4*steps)
			w.memory(t, "two lists of 10000")
			w.opens(t, short)
			w.turns(t, "100 pages")
			w.leave(t)
			w.open(t, long)
			w.turns(t, "1000 pages")
			w.scroll(t, "1000 pages, wheel", 4*steps)
			w.through(t, min(1000, 10*steps))
			w.memory(t, "1000 pages")
		})
	}
}

// pixels is how many there are to the window unit.
func pixels(scale string) int { n, _ := strconv.Atoi(scale); return n }

// open hands a file over, as another start of the program does, and gives the
// time until its first sharp page is painted.
func (w *watcher) open(t *testing.T, path string) time.Duration {
	t.Helper()
	w.still(t)
	w.forget()
	began := time.Now()
	if err := main.Hand(w.run, w.data, path); err != nil {
		t.Fatal(err)
	}
	f := w.until(t, "the first sharp page", func(f frame) bool { return f.sharp && f.at.After(began) })
	w.placed(t)
	return f.at.Sub(began)
}

// leave goes back to the queue.
func (w *watcher) leave(t *testing.T) {
	t.Helper()
	w.still(t)
	w.forget()
	w.do(t, "key Escape")
	w.waitFor(t, "another place", func(line string) bool { return strings.Contains(line, " place ") })
}

// opens is open several times.
func (w *watcher) opens(t *testing.T, path string) {
	t.Helper()
	w.open(t, path) // the renderer has started
	var all []time.Duration
	for range max(5, w.steps/5) {
		w.leave(t)
		all = append(all, w.open(t, path))
	}
	w.tell(t, "open to the first sharp page", all, middle, firstSharpBar)
}

// turn presses a key and gives the time to the frame in which all of another
// view is sharp.
func (w *watcher) turn(t *testing.T, key, from string) (time.Duration, string) {
	t.Helper()
	w.forget()
	began := time.Now()
	w.do(t, "key "+key)
	f := w.until(t, "a sharp view after "+key, func(f frame) bool { return f.sharp && f.top != from && f.at.After(began) })
	return f.at.Sub(began), f.top
}

// turns presses the keys of pages: forward, and to and fro over pages that were shown.
func (w *watcher) turns(t *testing.T, what string) {
	t.Helper()
	w.still(t)
	w.do(t, "key Home")
	w.still(t)
	w.forget()
	_, top := w.turn(t, "Next", "")
	var first, again []time.Duration
	for range w.steps {
		took, next := w.turn(t, "Next", top)
		first, top = append(first, took), next
		w.still(t)
	}
	for i := range w.steps {
		took, next := w.turn(t, []string{"Prior", "Next"}[i%2], top)
		top = next
		if i > 1 {
			again = append(again, took)
		}
		w.still(t)
	}
	w.tell(t, what+": key to the next view", first, nil, 0)
	w.tell(t, what+": key to a view from cache", again, middle, pageTurnBar)
}

// through goes through a document without waiting for its pictures.
func (w *watcher) through(t *testing.T, views int) {
	t.Helper()
	next := time.NewTicker(40 * time.Millisecond)
	defer next.Stop()
	for range views {
		w.do(t, "key Next")
		<-next.C
	}
	w.do(t, "key End")
	w.still(t)
	w.do(t, "key Home")
	w.still(t)
}
