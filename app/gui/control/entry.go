package control

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// Entry is Fyne's entry. It keeps every key that edits text, and hands on the
// function keys, Escape, and what is pressed with Ctrl and is not one of its own. Tab
// leaves it, also where it has several lines.
// A widget that embeds it calls ExtendBaseWidget with itself, as always with Fyne.
type Entry struct {
	widget.Entry

	outer fyne.Focusable // what Fyne gives the keyboard
}

// NewEntry makes an empty entry of one line.
func NewEntry() *Entry {
	e := &Entry{}
	e.Wrapping = fyne.TextWrapOff
	e.ExtendBaseWidget(e)
	return e
}

// ExtendBaseWidget says which widget embeds the entry.
func (e *Entry) ExtendBaseWidget(w fyne.Widget) {
	e.outer, _ = w.(fyne.Focusable)
	e.Entry.ExtendBaseWidget(w)
}

// AcceptsTab leaves Tab to the window: no text of ours has tabs, and nothing else
// leads on by the keyboard.
func (*Entry) AcceptsTab() bool { return false }

// TypedKey edits.
func (e *Entry) TypedKey(k *fyne.KeyEvent) {
	switch k.Name {
	case fyne.KeyF1, fyne.KeyF2, fyne.KeyF3, fyne.KeyF4, fyne.KeyF5, fyne.KeyF6,
		fyne.KeyF7, fyne.KeyF8, fyne.KeyF9, fyne.KeyF10, fyne.KeyF11, fyne.KeyF12, fyne.KeyEscape:
		handOn(e.outer, k)
	default:
		e.Entry.TypedKey(k)
	}
}

// TypedShortcut uses the clipboard, takes back, and goes or deletes by words.
func (e *Entry) TypedShortcut(s fyne.Shortcut) {
	if edits(s) {
		e.Entry.TypedShortcut(s)
		return
	}
	handOnShortcut(e.outer, s)
}

// edits reports that a shortcut is one of Fyne's entry.
func edits(s fyne.Shortcut) bool {
	switch s := s.(type) {
	case *fyne.ShortcutUndo, *fyne.ShortcutRedo, *fyne.ShortcutCut, *fyne.ShortcutCopy, *fyne.ShortcutPaste, *fyne.ShortcutSelectAll:
		return true
	case *desktop.CustomShortcut:
		switch s.KeyName {
		case fyne.KeyLeft, fyne.KeyRight, fyne.KeyBackspace, fyne.KeyDelete:
			return true
		}
	}
	return false
}
