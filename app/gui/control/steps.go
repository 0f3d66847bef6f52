package control

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	base "fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"kyso/app/gui/theme"
	"kyso/app/present"
)

// Step is one line of a list of steps, with its text already said.
type Step struct {
	Text  string
	State present.StepState
}

// Steps is a list of steps with a sign for each.
type Steps struct {
	Object *fyne.Container
	lines  []stepLine
}

type stepLine struct {
	icon *widget.Icon
	text *Text
	row  *fyne.Container
}

// NewSteps makes an empty list.
func NewSteps() *Steps { return &Steps{Object: container.NewVBox()} }

// Set shows the steps.
func (s *Steps) Set(steps []Step) {
	for len(s.lines) < len(steps) {
		l := stepLine{icon: widget.NewIcon(nil), text: NewText("", base.ColorNameForeground, base.SizeNameText, fyne.TextStyle{})}
		icon := container.NewGridWrap(fyne.NewSize(34, 24), l.icon)
		l.row = container.New(layout.NewCustomPaddedLayout(3, 3, 0, 0), container.NewBorder(nil, nil, icon, nil, l.text))
		s.lines = append(s.lines, l)
		s.Object.Add(l.row)
	}
	for i, l := range s.lines {
		if i >= len(steps) {
			l.row.Hide()
			continue
		}
		name, c := StepIcon(steps[i].State)
		l.icon.SetResource(Icon(name, c))
		l.text.style = fyne.TextStyle{Bold: steps[i].State == present.Now}
		text := base.ColorNameForeground
		if steps[i].State == present.Ahead {
			text = theme.ColorMuted
		}
		l.text.SetColor(text)
		l.text.Set(steps[i].Text)
		l.text.Refresh()
		l.row.Show()
	}
}

// StepIcon gives icon and colour of a step's state.
func StepIcon(s present.StepState) (string, fyne.ThemeColorName) {
	switch s {
	case present.Over:
		return "check", theme.ColorGood
	case present.Now:
		return "now", theme.ColorPlain
	case present.Postponed:
		return "later", theme.ColorCaution
	case present.Stopped:
		return "stop", theme.ColorBad
	case present.Ahead:
	}
	return "dot", theme.ColorMuted
}
