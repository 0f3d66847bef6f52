package screen

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	base "fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"kyso/app/gui/control"
	"kyso/app/gui/theme"
	"kyso/app/gui/words"
	"kyso/app/present"
)

// Outcome is the card that shows what came of a signing.
type Outcome struct {
	Object *fyne.Container

	words   *words.Words
	icon    *widget.Icon
	result  *widget.Label
	steps   *control.Steps
	rate    *fyne.Container
	before  *control.Text
	after   *control.Text
	receipt *widget.Label
	problem *Problem
	warning *control.Note
	files   *fyne.Container
	path    string
}

// newOutcome makes the card.
func newOutcome(w *words.Words, a CeremonyActs) *Outcome {
	o := &Outcome{
		words: w, icon: widget.NewIcon(nil), result: wrapped(""), steps: control.NewSteps(), receipt: wrapped(""), problem: NewProblem(), warning: control.NewNote(),
		before: control.NewText("", theme.ColorMuted, base.SizeNameSubHeadingText, fyne.TextStyle{}).Whole(),
		after:  control.NewText("", theme.ColorGood, base.SizeNameHeadingText, fyne.TextStyle{Bold: true}).Whole(),
	}
	o.result.TextStyle.Bold = true
	o.result.SizeName = base.SizeNameSubHeadingText
	o.receipt.SizeName = base.SizeNameCaptionText
	arrow := container.NewGridWrap(fyne.NewSize(30, 30), widget.NewIcon(control.Icon("next", theme.ColorMuted)))
	o.rate = container.NewVBox(control.NewPanel(container.NewVBox(quiet(w.T("result.rate")),
		container.NewHBox(o.before, arrow, o.after))))
	o.files = a.Files.buttons(w, func() []string { return notEmpty(o.path) })
	leave := control.NewButton(w.T("result.leave"), a.Leave)
	leave.Importance = widget.HighImportance
	head := container.NewBorder(nil, nil, container.NewGridWrap(fyne.NewSquareSize(46), o.icon), nil, o.result)
	o.Object = container.NewVBox(head, o.problem.Object, padded(o.steps.Object, 0, 6), o.rate, outset(o.receipt), o.warning,
		container.NewBorder(nil, nil, o.files, container.New(tall{46}, leave)))
	return o
}

// Show draws a state.
func (o *Outcome) Show(s present.CeremonyState) {
	name, c := "check", theme.ColorGood
	switch s.ResultTone {
	case present.Caution:
		name, c = "later", theme.ColorCaution
	case present.Bad:
		name, c = "stop", theme.ColorBad
	case present.Good, present.Plain, present.Quiet:
	}
	o.icon.SetResource(control.Icon(name, c))
	o.result.SetText(o.words.Say(s.Result))
	o.steps.Set(said(o.words, s.Steps))
	o.problem.SetIn(s.Problem, s.ResultTone)
	o.receipt.SetText(o.words.Say(s.Receipt))
	o.receipt.Hidden = s.Receipt.Key == ""
	o.warning.Set(o.words.Say(s.Warning), s.WarningTone)
	o.before.Set(s.RateBefore)
	o.after.Set(s.RateAfter)
	o.rate.Hidden = s.RateAfter == ""
	o.path = s.Path
	o.files.Hidden = s.Path == ""
	o.Object.Refresh()
}
