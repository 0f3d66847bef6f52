package main

import (
	"fmt"
	"io"
	"time"

	"kyso/app/gui"
)

// frames writes a line for every painted frame:
//
//	frame at=A ui=U draw=D show=S wall=W page=P top=T sharp=true
//
// A is when the frame was shown, in microseconds of Unix time. U, D and S are the
// processor's time of the window's thread, in microseconds: for what came before
// the frame (events, answers, layout), for walking the objects (with what OpenGL
// does on this thread), and for showing the picture. W is the clock's time from
// the first object to the shown picture, the software rasteriser's threads
// included. P, T and sharp are what the reader shows (gui.Reading).
type frames struct {
	w       io.Writer
	tell    func(func()) // runs on the window's goroutine, after the frame
	reading func() gui.Reading

	began              time.Time
	start, drawn, last time.Duration // the thread's time
	now                gui.Reading
	open               bool // between Begins and shown
}

var _ gui.Frames = (*frames)(nil)

// Begins is called before the first object is painted.
func (f *frames) Begins() {
	f.began, f.start, f.now = time.Now(), threadTime(), gui.Reading{}
	if f.reading != nil {
		f.now = f.reading()
	}
	if !f.open {
		f.open = true
		f.tell(f.shown)
	}
}

// Ends is called after the last one.
func (f *frames) Ends() { f.drawn = threadTime() }

// shown is called when the picture is shown.
func (f *frames) shown() {
	f.open = false
	end, over := threadTime(), time.Now()
	fmt.Fprintf(f.w, "frame at=%d ui=%d draw=%d show=%d wall=%d page=%d top=%.0f sharp=%t\n", over.UnixMicro(),
		(f.start - f.last).Microseconds(), (f.drawn - f.start).Microseconds(), (end - f.drawn).Microseconds(), over.Sub(f.began).Microseconds(),
		f.now.Page, f.now.Top, f.now.Sharp)
	f.last = threadTime()
}
