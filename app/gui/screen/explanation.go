package screen

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	base "fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"kyso/app/gui/control"
	"kyso/app/gui/words"
	"kyso/app/present"
)

// ExplanationActs are what the person can do with an explanation.
type ExplanationActs struct {
	Send  func(text string)
	Leave func()
}

// Explanation is the dialog in which a missing signature is explained or a
// figure disputed.
type Explanation struct {
	Object fyne.CanvasObject
	Text   *TextArea

	words   *words.Words
	title   *control.Text
	about   *widget.Label
	hint    *widget.Label
	problem *Problem
	send    *control.Button
}

// TextArea is an entry of several lines; Escape leaves.
type TextArea struct {
	control.Entry

	escape func()
}

// TypedKey leaves by Escape.
func (a *TextArea) TypedKey(k *fyne.KeyEvent) {
	if k.Name == fyne.KeyEscape {
		a.escape()
		return
	}
	a.Entry.TypedKey(k)
}

// NewExplanation makes the dialog.
func NewExplanation(w *words.Words, a ExplanationActs) *Explanation {
	e := &Explanation{words: w, title: subheading(""), about: wrapped(""), hint: wrapped(""), problem: NewProblem()}
	e.Text = &TextArea{escape: a.Leave}
	e.Text.MultiLine = true
	e.Text.Wrapping = fyne.TextWrapWord
	e.Text.SetMinRowsVisible(5)
	e.Text.ExtendBaseWidget(e.Text)
	e.about.TextStyle.Bold = true
	e.hint.Importance = widget.LowImportance
	e.send = control.NewButtonWithIcon(w.T("board.ask.send"), control.Icon("sent", base.ColorNameForegroundOnPrimary), func() { a.Send(e.Text.Text) })
	e.send.Importance = widget.HighImportance
	leave := control.NewButtonWithIcon(w.T("cancel"), control.Icon("close", base.ColorNameForeground), a.Leave)
	e.Text.OnChanged = func(text string) { able(e.send, present.ExplanationFits(text)) }
	buttons := container.NewHBox(layout.NewSpacer(), leave, e.send)
	e.Object = padded(container.NewVBox(wide(askWidth), e.title, outset(e.about), e.Text, outset(e.hint), e.problem.Object, buttons), 10, 14)
	return e
}

// Show draws what is asked; begin empties the text for another document.
func (e *Explanation) Show(a present.Asked, begin bool) {
	kind := "board.ask.explain"
	if a.Dispute {
		kind = "board.ask.dispute"
	}
	e.title.Set(e.words.T(kind))
	e.about.SetText(a.About)
	e.hint.SetText(e.words.T(kind + ".hint"))
	if begin {
		e.Text.SetText("")
	}
	e.Text.SetPlaceHolder(e.words.T(kind + ".example"))
	e.problem.Set(a.Problem)
	able(e.send, !a.Sending && present.ExplanationFits(e.Text.Text))
}
