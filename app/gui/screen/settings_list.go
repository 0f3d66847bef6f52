package screen

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	base "fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"kyso/app/gui/control"
	"kyso/app/gui/theme"
	"kyso/app/present"
)

// listView is a list with buttons under it, or buttons alone.
type listView struct {
	of      *Settings
	id      string
	box     *fyne.Container
	rows    *fyne.Container
	views   []*rowView
	note    *caption
	told    *control.Note
	problem *Problem
	acts    *actsView
	locked  *locked
}

func newListView(s *Settings, i present.SettingsItem) *listView {
	l := &listView{
		of: s, id: i.ID, rows: container.New(layout.NewCustomPaddedVBoxLayout(6)), note: newCaption(), told: control.NewNote(),
		problem: NewProblem(), acts: newActsView(s, i.ID, ""), locked: newLocked(),
	}
	l.box = container.New(layout.NewCustomPaddedVBoxLayout(6), l.rows, l.note.text, inset(l.told), inset(l.problem.Object), l.locked.box, inset(l.acts.box))
	return l
}

func (l *listView) object() fyne.CanvasObject { return l.box }

func (l *listView) set(i present.SettingsItem) {
	list := i.Kind == present.ItemList
	if list {
		l.setRows(i.Rows)
		l.note.set(l.of.words.Say(i.Note), theme.ColorMuted)
		l.told.Set("", present.Plain)
	} else {
		l.note.set("", theme.ColorMuted)
		l.told.Set(l.of.words.Say(i.Note), i.Tone)
	}
	show(l.rows, list && len(i.Rows) > 0)
	l.problem.Set(itemProblem(i))
	l.locked.set(l.of.words.Say(i.Locked))
	l.acts.set(i.Acts, i.Locked.Key != "")
}

// setRows fills the rows; those that stay keep the keyboard.
func (l *listView) setRows(rows []present.SettingsRow) {
	same := slices.EqualFunc(l.views, rows, func(v *rowView, r present.SettingsRow) bool { return v.id == r.ID })
	if !same {
		l.views = l.views[:0]
		l.rows.RemoveAll()
		for _, r := range rows {
			v := newRowView(l.of, l.id, r.ID)
			l.views = append(l.views, v)
			l.rows.Add(v.box)
		}
	}
	for n, v := range l.views {
		v.set(rows[n])
	}
}

// rowView is one row: title, details, a state, buttons.
type rowView struct {
	of      *Settings
	id      string
	box     *fyne.Container
	title   *widget.Label
	second  *caption
	state   *control.Chip
	problem *Problem
	acts    *actsView
	line    *fyne.Container
}

func newRowView(s *Settings, item, id string) *rowView {
	r := &rowView{of: s, id: id, title: wrapped(""), second: newCaption(), state: control.NewChip("", present.Quiet), problem: NewProblem(), acts: newActsView(s, item, id)}
	r.title.TextStyle.Bold = true
	text := container.New(layout.NewCustomPaddedVBoxLayout(-12), r.title, r.second.text)
	right := container.NewVBox(container.NewHBox(layout.NewSpacer(), r.acts.box), container.NewHBox(layout.NewSpacer(), r.state))
	r.line = container.NewBorder(nil, nil, nil, inset(right), text)
	r.box = container.NewVBox(r.line, inset(r.problem.Object), inset(widget.NewSeparator()))
	return r
}

func (r *rowView) set(row present.SettingsRow) {
	r.title.SetText(row.Title)
	r.second.set(row.Second, theme.ColorMuted)
	r.state.Set(r.of.words.Say(row.State), row.Tone)
	r.problem.Set(row.Problem)
	r.acts.set(row.Acts, false)
	show(r.line, row.Title != "" || row.Second != "")
	r.box.Refresh()
}

// actsView is a row of buttons, and of an entry where an act wants a text.
type actsView struct {
	of      *Settings
	item    string
	row     string
	box     *fyne.Container
	entry   *lineEntry
	buttons map[string]*control.Button
	acts    []present.SettingsAct
}

func newActsView(s *Settings, item, row string) *actsView {
	return &actsView{of: s, item: item, row: row, box: container.NewStack(), buttons: map[string]*control.Button{}}
}

// do does the act with that ID.
func (v *actsView) do(id string) {
	for _, a := range v.acts {
		if a.ID != id || a.Off {
			continue
		}
		value := ""
		if a.Kind == present.ActAdd {
			if value = v.entry.Text; value == "" {
				return
			}
			v.entry.SetText("")
		}
		v.of.acts.Act(v.item, a, v.row, value)
		return
	}
}

// set makes or changes the buttons; off disables all.
func (v *actsView) set(acts []present.SettingsAct, off bool) {
	if !slices.EqualFunc(v.acts, acts, func(a, b present.SettingsAct) bool { return a.ID == b.ID }) {
		v.build(acts)
	}
	v.acts = acts
	for _, a := range acts {
		able(v.buttons[a.ID], !a.Off && !off)
	}
	if v.entry != nil {
		able(v.entry, !off)
	}
	show(v.box, len(acts) > 0)
}

func (v *actsView) build(acts []present.SettingsAct) {
	line := container.NewHBox()
	v.entry = nil
	var typed fyne.CanvasObject
	for _, a := range acts {
		var icon fyne.Resource
		if a.Icon != "" {
			icon = control.Icon(a.Icon, base.ColorNameForeground)
		}
		b := control.NewButtonWithIcon(v.of.words.Say(a.Name), icon, func() { v.do(a.ID) })
		v.buttons[a.ID] = b
		if a.Kind == present.ActAdd {
			v.entry = newLineEntry(v.of.words.Say(a.Hint), func(string) {}, func() { v.do(a.ID) }, nil)
			typed = v.entry
		}
		line.Add(b)
	}
	v.box.Objects = []fyne.CanvasObject{line}
	if typed != nil {
		v.box.Objects = []fyne.CanvasObject{container.NewBorder(nil, nil, nil, line, typed)}
	}
	v.box.Refresh()
}
