package screen

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"kyso/app/gui/control"
	"kyso/app/gui/words"
	"kyso/app/present"
)

// initials chooses the pages with initials in the same act.
type initials struct {
	object *fyne.Container

	words   *words.Words
	set     func(on present.InitialsOn, pages string)
	choice  *control.Select
	pages   *lineEntry
	note    *control.Note
	drawing bool // the state is being drawn: what the widgets tell is no choice
}

// choices are the choices in the order shown.
func (*initials) choices() []present.InitialsOn {
	return []present.InitialsOn{present.InitialsNone, present.InitialsAll, present.InitialsPages}
}

// newInitials makes a chooser.
func newInitials(w *words.Words, set func(present.InitialsOn, string)) *initials {
	i := &initials{words: w, set: set, note: control.NewNote()}
	var names []string
	for _, c := range i.choices() {
		names = append(names, w.T("initials."+string(c)))
	}
	i.choice = control.NewSelect(names, func(string) { i.chosen() })
	i.pages = newLineEntry(w.T("initials.hint"), func(string) { i.chosen() }, func() { unfocus(i.pages) }, nil)
	i.pages.Hide()
	label := wrapped(w.T("initials.title"))
	label.Importance = widget.LowImportance
	i.object = container.NewVBox(label, i.choice, i.pages, i.note)
	return i
}

// chosen forwards what was chosen and typed.
func (i *initials) chosen() {
	at := i.choice.SelectedIndex()
	if i.drawing || at < 0 {
		return
	}
	on := i.choices()[at]
	before := i.pages.Visible()
	i.set(on, i.pages.Text)
	switch {
	case on != present.InitialsPages:
		unfocus(i.object)
	case !before:
		if c := fyne.CurrentApp().Driver().CanvasForObject(i.object); c != nil {
			c.Focus(i.pages)
		}
	}
}

// show draws a state; it is hidden while there is no mark.
func (i *initials) show(s present.Initials, open bool) {
	i.drawing = true
	defer func() { i.drawing = false }()
	i.object.Hidden = !open
	for at, c := range i.choices() {
		if c == s.On && i.choice.SelectedIndex() != at {
			i.choice.SetSelectedIndex(at)
		}
	}
	if i.pages.Text != s.Pages {
		i.pages.SetText(s.Pages)
	}
	i.pages.Hidden = s.On != present.InitialsPages
	i.note.Set(i.words.Say(s.Note), s.Tone)
}
