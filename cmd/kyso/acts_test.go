package main_test

import (
	"fmt"
	"image"
	"os"
	"strconv"
	"strings"
	"testing"

	"kyso/app/demo"
)

// The bars: acts for one document and for many, upload
// included. An act is one deliberate click, drop or key of command, or the typed
// PIN with its Enter.
const (
	mostActsForOne  = 3
	mostActsForMany = 4
)

// many is how many documents the batch of the test has; KYSO_ACTS sets another
// number (make acts: 50).
func many(t *testing.T) int {
	t.Helper()
	const usual = 8
	n, err := strconv.Atoi(os.Getenv("KYSO_ACTS"))
	if err != nil {
		return usual
	}
	return n
}

// hand does the acts and counts them.
type hand struct {
	screen screen
	acts   int
}

// press is one key of command.
func (h *hand) press(t *testing.T, key string) {
	t.Helper()
	h.acts++
	h.screen.keys(t, key)
}

// pin types the PIN, with Enter.
func (h *hand) pin(t *testing.T, pin string) {
	t.Helper()
	h.acts++
	h.screen.write(t, pin)
	h.screen.keys(t, "Return")
}

// click clicks the middle of what find sees on the screen.
func (h *hand) click(t *testing.T, find func(image.Image) (image.Rectangle, bool)) {
	t.Helper()
	at := h.screen.see(t, find)
	h.acts++
	x, y := (at.Min.X+at.Max.X)/2, (at.Min.Y+at.Max.Y)/2
	h.screen.run(t, "", "xdotool", "mousemove", fmt.Sprint(x), fmt.Sprint(y), "click", "1")
}

// acts are what a person does by the keyboard or by the mouse: open the marked
// document, show all together, sign what is shown.
type acts interface {
	open(t *testing.T, h *hand)
	together(t *testing.T, h *hand)
	sign(t *testing.T, h *hand)
}

type keyboard struct{}

func (keyboard) open(t *testing.T, h *hand)     { t.Helper(); h.press(t, "Return") }
func (keyboard) together(t *testing.T, h *hand) { t.Helper(); h.press(t, "ctrl+Return") }
func (keyboard) sign(t *testing.T, h *hand)     { t.Helper(); h.press(t, "Return") }

type mouse struct{}

func (mouse) open(t *testing.T, h *hand)     { t.Helper(); h.click(t, outlined) }
func (mouse) together(t *testing.T, h *hand) { t.Helper(); h.click(t, filled) }
func (mouse) sign(t *testing.T, h *hand)     { t.Helper(); h.click(t, filled) }

func TestOneDocumentIsSignedInThreeActsAndManyInFour(t *testing.T) {
	for name, do := range map[string]acts{"keyboard": keyboard{}, "mouse": mouse{}} {
		t.Run(name, func(t *testing.T) {
			o, n := openOffice(t), many(t)
			h := &hand{screen: newScreen(t)}
			w := openWindow(t, h.screen, o.program, o.handover)
			w.wait(t, "queue "+fmt.Sprint(len(demo.Letters())))
			signOne(t, o, w, h, do)
			o.submit(t, n-len(demo.Letters())+1) // those of the demonstration wait, too
			signMany(t, o, w, h, do)
			if strings.Contains(w.said(), demo.Chairman().PIN) {
				t.Error("the PIN stands in what the program printed")
			}
		})
	}
}

// signOne signs the document that is marked in the queue.
func signOne(t *testing.T, o *office, w *window, h *hand, do acts) {
	t.Helper()
	before, all := o.fulfilled(t), o.papers(t)
	h.acts = 0
	w.forget()
	do.open(t, h)
	w.placed(t)
	do.sign(t, h)
	w.wait(t, "ceremony asking")
	h.pin(t, demo.Chairman().PIN)
	w.wait(t, "ceremony done")
	t.Logf("one document: %d acts", h.acts)
	if h.acts > mostActsForOne {
		t.Errorf("one document took %d acts, want at most %d", h.acts, mostActsForOne)
	}
	if got := o.fulfilled(t); got != before+1 {
		t.Errorf("the board counts %d signed documents, want %d", got, before+1)
	}
	o.judgeSigned(t, all, 1)
	w.forget()
	h.screen.keys(t, "Return") // back to the queue
	w.wait(t, "place queue")
}

// signMany signs all that waits on one contact sheet.
func signMany(t *testing.T, o *office, w *window, h *hand, do acts) {
	t.Helper()
	w.forget()
	h.screen.keys(t, "F5")
	before, all := o.fulfilled(t), o.papers(t)
	w.wait(t, "queue "+fmt.Sprint(len(all)))
	h.acts = 0
	w.forget()
	do.together(t, h)
	w.wait(t, fmt.Sprintf("contact ready %d", len(all)))
	do.sign(t, h)
	w.wait(t, "ceremony asking")
	h.pin(t, demo.Chairman().PIN)
	w.wait(t, fmt.Sprintf("batch over %d of %d", len(all), len(all)))
	w.wait(t, "batch settled")
	t.Logf("%d documents: %d acts", len(all), h.acts)
	if h.acts > mostActsForMany {
		t.Errorf("%d documents took %d acts, want at most %d", len(all), h.acts, mostActsForMany)
	}
	if got := o.fulfilled(t); got != before+len(all) {
		t.Errorf("the board counts %d signed documents, want %d", got, before+len(all))
	}
	o.judgeSigned(t, all, len(all))
}
