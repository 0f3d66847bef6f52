package screen

import (
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

// Closing is the question whether the window shall be closed.
type Closing struct {
	Object fyne.CanvasObject

	words       *words.Words
	title, text *widget.Label
	hint        *caption
	stay, leave *control.Button
}

// NewClosing makes the question without words.
func NewClosing(w *words.Words, stay, leave func()) *Closing {
	c := &Closing{words: w, title: wrapped(""), text: wrapped(""), hint: newCaption()}
	c.title.TextStyle.Bold = true
	c.title.SizeName = base.SizeNameSubHeadingText
	c.stay = control.NewButtonWithIcon("", control.Icon("check", base.ColorNameForegroundOnPrimary), stay)
	c.stay.Importance = widget.HighImportance
	c.leave = control.NewButtonWithIcon("", control.Icon("close", base.ColorNameForeground), leave)
	buttons := inset(container.NewHBox(layout.NewSpacer(), c.leave, c.stay))
	c.Object = padded(container.NewVBox(wide(askWidth), c.title, c.text, c.hint.text, buttons), 10, 14)
	return c
}

// Show writes the question.
func (c *Closing) Show(s present.ClosingState) {
	c.title.SetText(c.words.Say(s.Title))
	c.text.SetText(c.words.Say(s.Text))
	c.hint.set(c.words.Say(s.Hint), theme.ColorMuted)
	c.stay.SetText(c.words.Say(s.Stay))
	c.leave.SetText(c.words.Say(s.Leave))
}
