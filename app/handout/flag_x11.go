//go:build !windows && !darwin

package handout

import "github.com/jezek/xgb/xproto"

// The flag is a small sheet of paper beside the pointer; its border says whether
// the window under the pointer takes the files. Sizes in pixels, colours as 0xRRGGBB.
const (
	flagWidth  = 22
	flagHeight = 28
	flagBorder = 3
	flagAway   = 16 // from the pointer, so that it is never under it

	paperColor  = 0xFFFFFF
	takenColor  = 0x1E7B46
	refuseColor = 0x8A94A3
)

// flag is shown while files are dragged; a screen that shows none drags without.
type flag struct {
	*display

	window xproto.Window
}

// newFlag makes the flag; it is shown where the pointer moves first.
func newFlag(d *display) flag {
	w, err := xproto.NewWindowId(d.conn)
	if err != nil {
		return flag{}
	}
	screen := xproto.Setup(d.conn).DefaultScreen(d.conn)
	err = xproto.CreateWindowChecked(d.conn, screen.RootDepth, w, d.root, -100, -100, flagWidth, flagHeight, flagBorder,
		xproto.WindowClassInputOutput, screen.RootVisual, xproto.CwBackPixel|xproto.CwBorderPixel|xproto.CwOverrideRedirect,
		[]uint32{paperColor, refuseColor, 1}).Check()
	if err != nil {
		return flag{}
	}
	xproto.MapWindow(d.conn, w)
	return flag{d, w}
}

// move shows the flag beside the pointer.
func (f flag) move(x, y int16) {
	if f.window != 0 {
		xproto.ConfigureWindow(f.conn, f.window, xproto.ConfigWindowX|xproto.ConfigWindowY|xproto.ConfigWindowStackMode,
			[]uint32{uint32(int32(x) + flagAway), uint32(int32(y) + flagAway), xproto.StackModeAbove}) //nolint:gosec // G115: the protocol reads them as signed
	}
}

// accept colours the border.
func (f flag) accept(taken bool) {
	color := uint32(refuseColor)
	if taken {
		color = takenColor
	}
	if f.window != 0 {
		xproto.ChangeWindowAttributes(f.conn, f.window, xproto.CwBorderPixel, []uint32{color})
	}
}

// hide takes the flag away.
func (f flag) hide() {
	if f.window != 0 {
		xproto.UnmapWindow(f.conn, f.window)
	}
}
