package screen

import (
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	base "fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"kyso/app/gui/control"
	"kyso/app/gui/theme"
	"kyso/app/gui/words"
	"kyso/app/present"
)

// itemView are the widgets of one item of a page.
type itemView interface {
	object() fyne.CanvasObject
	set(present.SettingsItem)
}

// caption is a quiet text of several lines; empty it takes no room.
type caption struct{ text *widget.RichText }

func newCaption() *caption {
	c := &caption{widget.NewRichText()}
	c.text.Wrapping = fyne.TextWrapWord
	return c
}

func (c *caption) set(text string, color fyne.ThemeColorName) {
	c.text.Segments = []widget.RichTextSegment{&widget.TextSegment{Text: text, Style: widget.RichTextStyle{ColorName: color, SizeName: base.SizeNameCaptionText}}}
	c.text.Refresh()
	show(c.text, text != "")
}

// locked says, behind a lock, why something cannot be changed.
type locked struct {
	box  *fyne.Container
	text *caption
}

func newLocked() *locked {
	l := &locked{text: newCaption()}
	icon := container.NewVBox(padded(container.NewGridWrap(fyne.NewSquareSize(20), widget.NewIcon(control.Icon("lock", theme.ColorCaution))), 6, 2))
	l.box = container.NewBorder(nil, nil, icon, nil, l.text.text)
	l.box.Hide()
	return l
}

func (l *locked) set(why string) {
	l.text.set(why, theme.ColorCaution)
	show(l.box, why != "")
}

// headingView begins a card.
type headingView struct {
	words *words.Words
	box   *fyne.Container
	title *control.Text
	help  *caption
}

func newHeadingView(w *words.Words) *headingView {
	h := &headingView{words: w, title: subheading(""), help: newCaption()}
	h.box = container.New(layout.NewCustomPaddedVBoxLayout(0), padded(h.title, 0, base.InnerPadding()), h.help.text)
	return h
}

func (h *headingView) object() fyne.CanvasObject { return h.box }
func (h *headingView) set(i present.SettingsItem) {
	h.title.Set(h.words.Say(i.Name))
	h.help.set(h.words.Say(i.Help), theme.ColorMuted)
}

// noteView is a text in a tone, or a problem, with a button perhaps.
type noteView struct {
	of      *Settings
	note    *control.Note
	problem *Problem
	acts    *actsView
	box     *fyne.Container
}

func newNoteView(s *Settings, i present.SettingsItem) *noteView {
	n := &noteView{of: s, note: control.NewNote(), problem: NewProblem(), acts: newActsView(s, i.ID, "")}
	n.box = inset(container.NewVBox(n.note, n.problem.Object, n.acts.box))
	return n
}

func (n *noteView) object() fyne.CanvasObject { return n.box }
func (n *noteView) set(i present.SettingsItem) {
	n.note.Set(n.of.words.Say(i.Name), i.Tone)
	n.problem.Set(itemProblem(i))
	n.acts.set(i.Acts, false)
}

// itemProblem gives the problem that an item without a list shows.
func itemProblem(i present.SettingsItem) *present.Problem {
	if i.Kind != present.ItemList && len(i.Rows) == 1 {
		return i.Rows[0].Problem
	}
	return nil
}

// factView is a name and what is.
type factView struct {
	words *words.Words
	box   *fyne.Container
	name  *widget.Label
	value *control.Value
}

// factWidth is the width of the names of facts, in window units.
const factWidth = 170

func newFactView(w *words.Words) *factView {
	f := &factView{words: w, name: wrapped(""), value: control.NewValue()}
	f.name.Importance = widget.LowImportance
	f.box = container.NewBorder(nil, nil, container.New(fixedWidth(factWidth), f.name), nil, f.value)
	return f
}

func (f *factView) object() fyne.CanvasObject { return f.box }
func (f *factView) set(i present.SettingsItem) {
	f.name.SetText(f.words.Say(i.Name))
	value := i.Value
	if value == "" {
		value = f.words.Say(i.Note)
	}
	if value == "" {
		value = "–"
	}
	f.value.SetText(value)
}

// fixedWidth gives its objects a width and lets them be as high as they are.
type fixedWidth float32

// Layout is called by Fyne.
func (w fixedWidth) Layout(all []fyne.CanvasObject, s fyne.Size) {
	for _, o := range all {
		o.Resize(fyne.NewSize(float32(w), s.Height))
	}
}

// MinSize is called by Fyne.
func (w fixedWidth) MinSize(all []fyne.CanvasObject) fyne.Size {
	m := fyne.NewSize(float32(w), 0)
	for _, o := range all {
		m.Height = max(m.Height, o.MinSize().Height)
	}
	return m
}

// choiceView is one of some options.
type choiceView struct {
	of      *Settings
	box     *fyne.Container
	name    *widget.Label
	help    *caption
	group   *control.Radio
	note    *control.Note
	locked  *locked
	item    present.SettingsItem
	setting bool
}

// besideLetters is how many letters of options stand beside each other.
const besideLetters = 46

// beside reports that options are short enough to stand on one line.
func (s *Settings) beside(all []present.SettingsOption) bool {
	letters := 0
	for _, o := range all {
		letters += utf8.RuneCountInString(s.words.Say(o.Name)) + 3 // the ring before it
	}
	return letters <= besideLetters
}

func newChoiceView(s *Settings, i present.SettingsItem) *choiceView {
	c := &choiceView{of: s, name: wrapped(""), help: newCaption(), note: control.NewNote(), locked: newLocked()}
	c.group = control.NewRadio(nil, c.chosen)
	c.group.Horizontal = s.beside(i.Options)
	c.box = container.New(layout.NewCustomPaddedVBoxLayout(2), c.name, c.group, c.help.text, inset(c.note), c.locked.box)
	return c
}

func (c *choiceView) object() fyne.CanvasObject { return c.box }

func (c *choiceView) chosen(text string) {
	if c.setting {
		return
	}
	for _, o := range c.item.Options {
		if c.of.words.Say(o.Name) == text {
			c.of.acts.Set(c.item.ID, o.ID)
			return
		}
	}
}

func (c *choiceView) set(i present.SettingsItem) {
	c.setting, c.item = true, i
	defer func() { c.setting = false }()
	names := make([]string, len(i.Options))
	help, selected := c.of.words.Say(i.Help), ""
	for n, o := range i.Options {
		names[n] = c.of.words.Say(o.Name)
		if o.ID == i.Value {
			selected = names[n]
			if o.Help.Key != "" {
				help = c.of.words.Say(o.Help)
			}
		}
	}
	name := c.of.words.Say(i.Name)
	c.name.SetText(name)
	show(c.name, name != "")
	c.group.Options = names
	c.group.SetSelected(selected)
	c.group.Refresh()
	c.help.set(help, theme.ColorMuted)
	c.note.Set(c.of.words.Say(i.Note), i.Tone)
	able(c.group, i.Locked.Key == "")
	c.locked.set(c.of.words.Say(i.Locked))
}

// textView is a line to type; Enter or leaving it keeps it.
type textView struct {
	of     *Settings
	box    *fyne.Container
	name   *widget.Label
	help   *caption
	entry  *lineEntry
	save   *control.Button
	note   *control.Note
	locked *locked
	item   present.SettingsItem
}

func newTextView(s *Settings, _ present.SettingsItem) *textView {
	t := &textView{of: s, name: wrapped(""), help: newCaption(), note: control.NewNote(), locked: newLocked()}
	t.entry = newLineEntry("", func(string) { t.typed() }, t.keep, nil)
	t.save = control.NewButton(s.words.T("settings.save"), t.keep)
	row := container.NewBorder(nil, nil, nil, t.save, t.entry)
	t.box = container.New(layout.NewCustomPaddedVBoxLayout(2), t.name, inset(row), t.help.text, inset(t.note), t.locked.box)
	return t
}

func (t *textView) object() fyne.CanvasObject { return t.box }
func (t *textView) keep()                     { t.of.acts.Set(t.item.ID, t.entry.Text) }
func (t *textView) typed()                    { able(t.save, t.entry.Text != t.item.Value && t.item.Locked.Key == "") }

func (t *textView) set(i present.SettingsItem) {
	if t.item.ID == "" || t.item.Value != i.Value {
		t.item = i
		t.entry.SetText(i.Value)
	}
	t.item = i
	t.name.SetText(t.of.words.Say(i.Name))
	t.help.set(t.of.words.Say(i.Help), theme.ColorMuted)
	t.note.Set(t.of.words.Say(i.Note), i.Tone)
	able(t.entry, i.Locked.Key == "")
	t.locked.set(t.of.words.Say(i.Locked))
	t.typed()
}

// toggleView is yes or no.
type toggleView struct {
	of      *Settings
	box     *fyne.Container
	check   *control.Check
	help    *caption
	locked  *locked
	setting bool
}

func newToggleView(s *Settings, i present.SettingsItem) *toggleView {
	t := &toggleView{of: s, help: newCaption(), locked: newLocked()}
	t.check = control.NewCheck("", func(on bool) {
		switch {
		case t.setting:
		case on:
			s.acts.Set(i.ID, "yes")
		default:
			s.acts.Set(i.ID, "")
		}
	})
	t.box = container.New(layout.NewCustomPaddedVBoxLayout(0), t.check, t.help.text, t.locked.box)
	return t
}

func (t *toggleView) object() fyne.CanvasObject { return t.box }
func (t *toggleView) set(i present.SettingsItem) {
	t.setting = true
	defer func() { t.setting = false }()
	t.check.SetText(t.of.words.Say(i.Name))
	t.check.SetChecked(i.Value != "")
	t.help.set(t.of.words.Say(i.Help), theme.ColorMuted)
	able(t.check, i.Locked.Key == "")
	t.locked.set(t.of.words.Say(i.Locked))
}
