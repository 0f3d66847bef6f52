package gui

import "fyne.io/fyne/v2"

// Browse opens the dialog of files.
func (w *Window) Browse() { w.browse() }

// Resize gives the window a size.
func (w *Window) Resize(s fyne.Size) { w.window.Resize(s) }

// Control does what a key does with Ctrl: the canvas of tests has no shortcuts.
func (w *Window) Control(key fyne.KeyName) { w.controls[key]() }

// Closing is what the window's cross does.
func (w *Window) Closing() { w.closing() }

// Away says that the person works in another window.
func (w *Window) Away() { w.away = true }

// KeptSize is the size that the next window gets.
func KeptSize(p fyne.Preferences) fyne.Size { return keptSize(p) }
