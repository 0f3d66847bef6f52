package gui

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"kyso/app/gui/screen"
	"kyso/app/present"
)

// The size of the help, in window units; what is longer scrolls.
const (
	helpWidth  = 720
	helpHeight = 480
)

// showHelp tells how a document is signed, and every key: those of the screen
// that is shown first.
func (w *Window) showHelp() {
	sheet := screen.NewKeySheet(w.words.T("help.text"), w.keyRows())
	scroll := container.NewVScroll(sheet)
	scroll.SetMinSize(fyne.NewSize(helpWidth, helpHeight))
	w.help = scroll
	w.raise(over{title: w.words.T("help.title"), content: scroll, no: w.words.T("close"), keys: true}).gone = func() { w.help = nil }
}

// helpLine is how far an arrow scrolls the help, in window units.
const helpLine = 40

// scrollHelp goes up or down in the help by a line or by a view.
func (w *Window) scrollHelp(s stroke) {
	by := float32(helpLine)
	if s.key != fyne.KeyUp && s.key != fyne.KeyDown {
		by = w.help.Size().Height - helpLine
	}
	if s.key == fyne.KeyUp || s.key == fyne.KeyPageUp {
		by = -by
	}
	w.help.ScrollToOffset(fyne.NewPos(0, max(0, w.help.Offset.Y+by)))
}

// keyRows is the key table as the sheet shows it.
func (w *Window) keyRows() []screen.KeyRows {
	var rows []screen.KeyRows
	var own int
	for _, g := range w.table {
		if n := len(rows); n == 0 || rows[n-1].Name != g.name {
			rows = append(rows, screen.KeyRows{Name: g.name, Title: w.words.T("keys.group." + g.name)})
		}
		r := &rows[len(rows)-1]
		for _, a := range g.acts {
			r.Rows = append(r.Rows, screen.KeyRow{Keys: w.keyNames(a.strokes), Does: w.words.T("keys." + a.name)})
		}
		if slices.Equal(g.places, []present.Place{w.shown}) && own == 0 {
			own = len(rows) - 1
		}
	}
	first := rows[own]
	return slices.Insert(slices.Delete(rows, own, own+1), 0, first)
}

// keyNames writes keys as they stand on the keyboard, one text for each cap; what
// is held down comes once.
func (w *Window) keyNames(strokes []stroke) []string {
	var out []string
	for i, s := range strokes {
		if i == 0 || s.held != strokes[i-1].held {
			switch s.held {
			case ctrl:
				out = append(out, "Ctrl", "+")
			case shift:
				out = append(out, "Shift", "+")
			}
		}
		out = append(out, w.keyName(s.key))
	}
	return out
}

// keyName is what stands on a key's cap; arrows are called by their direction.
func (w *Window) keyName(k fyne.KeyName) string {
	switch k {
	case fyne.KeyReturn:
		return "Enter"
	case fyne.KeyEscape:
		return "Esc"
	case fyne.KeyLeft:
		return w.words.T("keys.cap.left")
	case fyne.KeyRight:
		return w.words.T("keys.cap.right")
	case fyne.KeyUp:
		return w.words.T("keys.cap.up")
	case fyne.KeyDown:
		return w.words.T("keys.cap.down")
	case fyne.KeyPageUp:
		return "PageUp"
	case fyne.KeyPageDown:
		return "PageDown"
	case fyne.KeyMinus:
		return "–"
	}
	return string(k)
}
