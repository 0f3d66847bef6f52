package screen

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"kyso/app/gui/control"
	"kyso/app/gui/words"
	"kyso/app/present"
)

// block fills in what the agency's block on an annex or a copy says.
type block struct {
	object *fyne.Container

	set            func(form, number, agency string)
	form           *control.Select
	number, agency *lineEntry
	numberRow      *fyne.Container
	copyRow        *fyne.Container
	drawing        bool // the state is being drawn: what the widgets tell is no choice
}

// newBlock makes one that is hidden.
func newBlock(w *words.Words, set func(form, number, agency string)) *block {
	b := &block{set: set}
	told := func(string) { b.told() }
	label := func(key string) fyne.CanvasObject {
		l := wrapped(w.T(key))
		l.Importance = widget.LowImportance
		return l
	}
	b.form = control.NewSelect(nil, told)
	b.number = newLineEntry(w.T("block.number.hint"), told, func() { unfocus(b.number) }, nil)
	b.agency = newLineEntry(w.T("block.agency.hint"), told, func() { unfocus(b.agency) }, nil)
	b.numberRow = container.NewVBox(label("block.number"), b.number)
	b.copyRow = container.NewVBox(label("block.form"), b.form, label("block.agency"), b.agency)
	b.object = container.NewVBox(b.numberRow, b.copyRow)
	b.object.Hide()
	return b
}

// told forwards what was chosen and typed.
func (b *block) told() {
	if !b.drawing {
		b.set(b.form.Selected, b.number.Text, b.agency.Text)
	}
}

// show draws a state.
func (b *block) show(s present.Block) {
	b.drawing = true
	defer func() { b.drawing = false }()
	b.object.Hidden = !s.Shown
	b.numberRow.Hidden, b.copyRow.Hidden = len(s.Forms) > 0, len(s.Forms) == 0
	if !slices.Equal(b.form.Options, s.Forms) {
		b.form.SetOptions(s.Forms)
	}
	if b.form.Selected != s.Form && s.Form != "" {
		b.form.SetSelected(s.Form)
	}
	for _, e := range []struct {
		entry *lineEntry
		text  string
	}{{b.number, s.Number}, {b.agency, s.Agency}} {
		if e.entry.Text != e.text {
			e.entry.SetText(e.text)
		}
	}
}
