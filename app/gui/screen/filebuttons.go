package screen

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	base "fyne.io/fyne/v2/theme"

	"kyso/app/gui/control"
	"kyso/app/gui/words"
)

// FileActs are what can be done with files wherever they are shown. What is nil is
// not offered.
type FileActs struct {
	Open, Reveal, Print func(path string)
	Copy                func(paths []string)
	// Drag begins to drag files out of the window; moved and dropped tell how it
	// goes on. It is nil where files cannot be dragged out.
	Drag func(paths []string) (moved, dropped func())
}

// handle is the handle by which files are dragged out of the window.
func (a FileActs) handle(files func() []string) *control.Handle {
	h := control.NewHandle(func() (moved, dropped func()) {
		paths := files()
		if len(paths) == 0 || a.Drag == nil {
			return nil, nil
		}
		return a.Drag(paths)
	})
	if a.Drag == nil {
		h.Hide()
	}
	return h
}

// fileAct is one button.
type fileAct struct {
	key, icon string
	do        func(paths []string)
}

// offered are the buttons in their order.
func (a FileActs) offered() []fileAct {
	var out []fileAct
	one := func(key, icon string, do func(string)) {
		if do != nil {
			out = append(out, fileAct{key, icon, func(paths []string) { do(paths[0]) }})
		}
	}
	one("file.open", "search", a.Open)
	one("result.reveal", "open", a.Reveal)
	one("file.print", "print", a.Print)
	if a.Copy != nil {
		out = append(out, fileAct{"file.copy", "copy", a.Copy})
	}
	return out
}

// buttons are the buttons of files with their names; files tells which files they are for.
func (a FileActs) buttons(w *words.Words, files func() []string) *fyne.Container {
	return a.make(func(key string) string { return w.T(key) }, files)
}

// icons are the same for a row, without names and without what a tap on the row does.
func (a FileActs) icons(files func() []string) *fyne.Container {
	a.Open = nil
	return a.make(func(string) string { return "" }, files)
}

func (a FileActs) make(name func(key string) string, files func() []string) *fyne.Container {
	box := container.NewHBox()
	for _, act := range a.offered() {
		box.Add(control.NewButtonWithIcon(name(act.key), control.Icon(act.icon, base.ColorNameForeground), func() {
			if paths := files(); len(paths) > 0 {
				act.do(paths)
			}
		}))
	}
	return box
}
