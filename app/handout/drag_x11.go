//go:build !windows && !darwin

package handout

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/jezek/xgb/xproto"
)

// version is that of the protocol, XDND 5 (freedesktop.org).
const version = 5

// Bounds of waiting for the other program: for its word whether it takes the files,
// and for the end of its work with them.
const (
	wordLimit = 2 * time.Second
	workLimit = time.Minute
)

// CanDrag reports that files can be dragged out of the window here.
func CanDrag() bool { return os.Getenv("DISPLAY") != "" }

// Drag is files on their way to another program's window. The window in which the
// button went down tells of each move and of the end; Wait must be called.
type Drag struct {
	moved   chan struct{}
	dropped chan struct{}
	cancel  context.CancelFunc
	end     chan struct{}
	taken   bool // read after end
	err     error
}

// Begin begins to drag files, the pointer's button being down. Files that are not
// there and ErrTooMany are told at once.
func Begin(files []string) (*Drag, error) {
	b, err := pack(files)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background()) //nolint:forbidigo // ended by Wait, which has the caller's
	d := &Drag{moved: make(chan struct{}, 1), dropped: make(chan struct{}), cancel: cancel, end: make(chan struct{})}
	go func() {
		defer close(d.end)
		d.taken, d.err = d.run(ctx, b)
	}()
	d.Move()
	return d, nil
}

// Move tells that the pointer moved.
func (d *Drag) Move() {
	select {
	case d.moved <- struct{}{}:
	default: // a look is already asked for
	}
}

// Drop tells, once, that the button was let go: the files go to the window under
// the pointer if it takes them.
func (d *Drag) Drop() { close(d.dropped) }

// Wait waits until the other program has what it wants, after Drop, and reports
// whether it took the files. It ends the drag when ctx ends.
func (d *Drag) Wait(ctx context.Context) (taken bool, err error) {
	defer d.cancel()
	select {
	case <-d.end:
	case <-ctx.Done():
		d.cancel()
		<-d.end
	}
	return d.taken, d.err
}

// carrier does the work of one drag, on one goroutine.
type carrier struct {
	*display

	forms   map[string]string
	pid     uint32
	flag    flag
	windows map[xproto.Window]target // what is known of windows

	at       target
	asked    bool // the target's word on the last position is awaited
	again    bool // the pointer moved since
	accepted bool
	released bool // the button was let go
	limit    <-chan time.Time
	end      end
}

// target is a window that takes drops; the zero target is none.
type target struct {
	window  xproto.Window
	to      xproto.Window // where messages go: the window or its proxy
	version uint32
}

// run carries the files until they are dropped and taken, or not.
func (d *Drag) run(ctx context.Context, b bundle) (taken bool, err error) {
	x, err := connect()
	if err != nil {
		return false, err
	}
	defer x.close()
	if err := x.own("XdndSelection"); err != nil {
		return false, err
	}
	c := &carrier{display: x, forms: b.forms(), pid: uint32(os.Getpid()), windows: map[xproto.Window]target{}} //nolint:gosec // G115: a process's number
	c.flag = newFlag(x)
	moved, dropped := d.moved, d.dropped
	for c.end == going {
		select {
		case <-ctx.Done():
			c.leave()
			return false, fmt.Errorf("drag: %w", ctx.Err())
		case <-moved:
			c.follow()
		case <-dropped:
			moved, dropped = nil, nil
			c.release()
		case <-c.limit:
			c.leave()
			c.end = untaken
		case e, open := <-x.events:
			if !open {
				return false, errors.New("the screen closed the connection")
			}
			c.hear(e)
		}
	}
	return c.end == taking, nil
}

// How a drag ends.
type end int

const (
	going end = iota
	taking
	untaken
)

// release drops the files where the pointer is, once the target's word is known.
func (c *carrier) release() {
	c.released = true
	c.follow()
	c.flag.hide()
	switch {
	case c.at.window == 0:
		c.end = untaken
	case c.asked:
		c.limit = time.After(wordLimit)
	default:
		c.deliver()
	}
}

// hear handles an event.
func (c *carrier) hear(e any) {
	switch e := e.(type) {
	case xproto.SelectionRequestEvent:
		c.answer(e, c.forms)
	case xproto.ClientMessageEvent:
		data := e.Data.Data32
		if len(data) < 2 || c.at.window == 0 || xproto.Window(data[0]) != c.at.window {
			return
		}
		switch e.Type {
		case c.atom("XdndStatus"):
			c.status(data[1]&1 != 0)
		case c.atom("XdndFinished"):
			c.end = taking
			if c.at.version >= version && data[1] == 0 {
				c.end = untaken
			}
		}
	}
}

// status takes the target's word on the last position.
func (c *carrier) status(accepted bool) {
	c.asked, c.accepted = false, accepted
	c.flag.accept(accepted)
	if c.again {
		c.follow()
	}
	if c.released && !c.asked {
		c.deliver()
	}
}

// follow looks which window is under the pointer and tells it.
func (c *carrier) follow() {
	q, err := xproto.QueryPointer(c.conn, c.root).Reply()
	if err != nil {
		return
	}
	c.flag.move(q.RootX, q.RootY)
	at := c.under(q.Child)
	if at != c.at {
		c.leave()
		c.at = at
		if at.window != 0 {
			list, text := uint32(c.atom("text/uri-list")), uint32(c.atom("text/plain;charset=utf-8"))
			c.tell("XdndEnter", min(version, at.version)<<24, list, text, uint32(c.atom("text/plain")))
		}
	}
	switch {
	case at.window == 0:
	case c.asked:
		c.again = true
	default:
		c.asked, c.again = true, false
		x, y := uint32(uint16(q.RootX)), uint32(uint16(q.RootY)) //nolint:gosec // G115: the protocol packs them so
		c.tell("XdndPosition", 0, x<<16|y, 0, uint32(c.atom("XdndActionCopy")))
	}
}

// under finds the window that takes drops among those under the pointer, from the
// outside in. A window of this program takes none: letting go there ends the drag.
func (c *carrier) under(w xproto.Window) target {
	for w != 0 {
		t, known := c.windows[w]
		if !known {
			t = c.look(w)
			c.windows[w] = t
		}
		if t.version != 0 {
			if pid, ok := c.number(t.window, "_NET_WM_PID"); ok && pid == c.pid {
				return target{}
			}
			return t
		}
		q, err := xproto.QueryPointer(c.conn, w).Reply()
		if err != nil {
			return target{}
		}
		w = q.Child
	}
	if proxy, ok := c.number(c.root, "XdndProxy"); ok { // icons on the desktop
		if v, ok := c.number(xproto.Window(proxy), "XdndAware"); ok {
			return target{c.root, xproto.Window(proxy), v}
		}
	}
	return target{}
}

// look reads whether a window takes drops, and where it wants to be told.
func (c *carrier) look(w xproto.Window) target {
	to := w
	if proxy, ok := c.number(w, "XdndProxy"); ok {
		to = xproto.Window(proxy)
	}
	v, _ := c.number(to, "XdndAware")
	return target{w, to, v}
}

// leave tells the target that the files do not come.
func (c *carrier) leave() {
	if c.at.window != 0 {
		c.tell("XdndLeave", 0, 0, 0, 0)
	}
	c.at, c.asked, c.again, c.accepted = target{}, false, false, false
	c.flag.accept(false)
}

// deliver drops the files on the target, if it takes them.
func (c *carrier) deliver() {
	if !c.accepted {
		c.leave()
		c.end = untaken
		return
	}
	c.limit = time.After(workLimit)
	c.tell("XdndDrop", 0, 0, 0, 0)
}

// tell sends a message of the protocol to the target.
func (c *carrier) tell(what string, data ...uint32) {
	e := xproto.ClientMessageEvent{
		Format: 32, Window: c.at.window, Type: c.atom(what),
		Data: xproto.ClientMessageDataUnionData32New(append([]uint32{uint32(c.self)}, data...)),
	}
	xproto.SendEvent(c.conn, false, c.at.to, 0, string(e.Bytes()))
}
