//go:build !windows && !darwin

package handout

import (
	"encoding/binary"
	"fmt"
	"io"
	"log"
	"strings"
	"sync"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
)

// silent keeps the protocol's library from writing to standard error, once.
//
//nolint:gochecknoglobals // guards another package's variable
var silent sync.Once

// display is a connection to the screen of this package's own, with a window that
// is never shown.
type display struct {
	conn   *xgb.Conn
	root   xproto.Window
	self   xproto.Window
	atoms  map[string]xproto.Atom
	events chan xgb.Event // closed with the connection
}

// connect opens a connection; its owner calls close and reads events to their end.
func connect() (*display, error) {
	silent.Do(func() { xgb.Logger = log.New(io.Discard, "", 0) })
	conn, err := xgb.NewConn()
	if err != nil {
		return nil, fmt.Errorf("reach the screen: %w", err)
	}
	d := &display{conn: conn, root: xproto.Setup(conn).DefaultScreen(conn).Root, atoms: map[string]xproto.Atom{}, events: make(chan xgb.Event, 64)}
	if d.self, err = xproto.NewWindowId(conn); err == nil {
		err = xproto.CreateWindowChecked(conn, xproto.WindowClassCopyFromParent, d.self, d.root, -1, -1, 1, 1, 0,
			xproto.WindowClassInputOnly, xproto.WindowClassCopyFromParent, 0, nil).Check()
	}
	if err != nil {
		conn.Close()
		return nil, fmt.Errorf("open a window: %w", err)
	}
	go func() {
		defer close(d.events)
		for {
			e, err := conn.WaitForEvent()
			if e == nil && err == nil {
				return // closed
			}
			if e != nil { // an error tells of a window that is gone: the next question finds out
				d.events <- e
			}
		}
	}()
	return d, nil
}

// close ends the connection and waits for the last event.
func (d *display) close() {
	d.conn.Close()
	for range d.events {
		continue // what comes now has no meaning
	}
}

// atom gives the number of a name; 0 when the screen does not answer.
func (d *display) atom(name string) xproto.Atom {
	if a, ok := d.atoms[name]; ok {
		return a
	}
	r, err := xproto.InternAtom(d.conn, false, uint16(len(name)), name).Reply() //nolint:gosec // G115: names of this package
	if err != nil {
		return 0
	}
	d.atoms[name] = r.Atom
	return r.Atom
}

// number reads the first number of a property; ok is false without one.
func (d *display) number(w xproto.Window, property string) (n uint32, ok bool) {
	r, err := xproto.GetProperty(d.conn, false, w, d.atom(property), xproto.GetPropertyTypeAny, 0, 1).Reply()
	if err != nil || r.Format != 32 || len(r.Value) < 4 {
		return 0, false
	}
	return binary.NativeEndian.Uint32(r.Value), true
}

// own makes this connection the owner of a selection.
func (d *display) own(selection string) error {
	if err := xproto.SetSelectionOwnerChecked(d.conn, d.self, d.atom(selection), xproto.TimeCurrentTime).Check(); err != nil {
		return fmt.Errorf("own the selection: %w", err)
	}
	return nil
}

// forms are the types under which a bundle is offered, each with its text.
func (b bundle) forms() map[string]string {
	lines := strings.ReplaceAll(strings.TrimSpace(b.uris), "\r\n", "\n")
	return map[string]string{
		"text/uri-list": b.uris,
		"text/plain":    b.paths, "text/plain;charset=utf-8": b.paths, "UTF8_STRING": b.paths,
		// What the file managers of GNOME, Xfce, MATE and LXDE paste.
		"x-special/gnome-copied-files": "copy\n" + lines,
	}
}

// answer gives another program what it asked of the selection (ICCCM 2.2).
func (d *display) answer(q xproto.SelectionRequestEvent, forms map[string]string) {
	property := q.Property
	if property == 0 {
		property = q.Target // a client of the first days (ICCCM 2.2)
	}
	given := false
	put := func(t xproto.Atom, format byte, n int, data []byte) {
		given = xproto.ChangePropertyChecked(d.conn, xproto.PropModeReplace, q.Requestor, property, t, format, uint32(n), data).Check() == nil //nolint:gosec // G115: bounded by mostBytes
	}
	if q.Target == d.atom("TARGETS") {
		data := binary.NativeEndian.AppendUint32(nil, uint32(q.Target))
		for name := range forms {
			data = binary.NativeEndian.AppendUint32(data, uint32(d.atom(name)))
		}
		put(xproto.AtomAtom, 32, len(data)/4, data)
	}
	for name, text := range forms {
		if q.Target == d.atom(name) {
			put(q.Target, 8, len(text), []byte(text))
		}
	}
	if !given {
		property = 0
	}
	e := xproto.SelectionNotifyEvent{Time: q.Time, Requestor: q.Requestor, Selection: q.Selection, Target: q.Target, Property: property}
	xproto.SendEvent(d.conn, false, q.Requestor, 0, string(e.Bytes()))
}
