// Package tray puts the program's icon beside the desktop's clock, with a menu.
//
// It knows no window and no document. On Linux the icon is a StatusNotifierItem on
// the session bus (freedesktop.org, Status Notifier Item), which not every desktop
// shows: Available asks first. On Windows it is in the notification area.
package tray

import (
	"context"
	"slices"
	"time"

	"fyne.io/systray"
)

// Item is a line of the menu.
type Item struct {
	Text string
	// Do is called on a goroutine of its own when the line is chosen; nil only tells.
	Do func()
}

// askLimit bounds the question whether the desktop shows icons.
const askLimit = 2 * time.Second

// Available reports that the desktop shows icons of programs now.
func Available(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, askLimit)
	defer cancel()
	return available(ctx)
}

// Icon is the program's icon. The zero value is ready; a program has one. Its methods
// belong to the goroutine of the main thread.
type Icon struct {
	begun bool
	ready chan struct{} // closed once the menu can be changed
	end   func()
	done  chan struct{} // closed by Close
	lines []*line
}

// line is one line of the menu as it is shown.
type line struct {
	item *systray.MenuItem
	text string
	tell bool // it does nothing
}

// Show shows the icon, a picture in PNG, with the program's name and a menu; or gives
// it another menu. Lines at the same place of menus of the same form do the same.
func (i *Icon) Show(picture []byte, name string, menu []Item) {
	if !i.begun {
		i.begin(picture, name)
	}
	<-i.ready
	if i.fits(menu) {
		i.rename(menu)
		return
	}
	systray.ResetMenu()
	i.lines = i.lines[:0]
	for _, m := range menu {
		i.add(m)
	}
}

// begin shows the icon without a menu.
func (i *Icon) begin(picture []byte, name string) {
	i.begun, i.ready, i.done = true, make(chan struct{}), make(chan struct{})
	start, end := systray.RunWithExternalLoop(func() {
		systray.SetIcon(native(picture))
		systray.SetTitle(name)
		systray.SetTooltip(name)
		close(i.ready)
	}, nil)
	i.end = end
	start()
}

// fits reports that a menu has the lines of the one that is shown, but for texts.
func (i *Icon) fits(menu []Item) bool {
	return slices.EqualFunc(i.lines, menu, func(l *line, m Item) bool { return l.tell == (m.Do == nil) })
}

// rename gives the lines other texts; a menu that is open stays open.
func (i *Icon) rename(menu []Item) {
	for n, l := range i.lines {
		if l.text != menu[n].Text {
			l.text = menu[n].Text
			l.item.SetTitle(l.text)
		}
	}
}

// add adds a line.
func (i *Icon) add(m Item) {
	l := &line{systray.AddMenuItem(m.Text, ""), m.Text, m.Do == nil}
	i.lines = append(i.lines, l)
	if m.Do == nil {
		l.item.Disable()
		return
	}
	go func() { // it ends when the line is taken out of the menu, or with Close
		for {
			select {
			case _, shown := <-l.item.ClickedCh:
				if !shown {
					return
				}
				m.Do()
			case <-i.done:
				return
			}
		}
	}()
}

// Close takes the icon away; it is not shown again.
func (i *Icon) Close() {
	if i.begun {
		close(i.done)
		i.end()
	}
}
