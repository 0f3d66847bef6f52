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

// onWay tells in one line what is on its way to the server and what arrived today;
// a tap shows the list.
type onWay struct {
	object *fyne.Container

	words *words.Words
	icon  *widget.Icon
	text  *control.Text
	mine  *control.Chip
	bar   *control.Bar
	told  string
}

// newOnWay makes a hidden one.
func newOnWay(w *words.Words, tapped func()) *onWay {
	o := &onWay{
		words: w, icon: widget.NewIcon(control.Icon("sent", theme.ColorMuted)), mine: control.NewChip("", present.Bad), bar: control.NewBar(),
		text: control.NewText("", base.ColorNameForeground, base.SizeNameText, fyne.TextStyle{}),
	}
	bar := container.NewGridWrap(fyne.NewSize(90, 6), o.bar)
	next := container.NewGridWrap(fyne.NewSquareSize(20), widget.NewIcon(control.Icon("next", theme.ColorMuted)))
	line := container.NewBorder(nil, nil, container.NewHBox(container.NewGridWrap(fyne.NewSquareSize(20), o.icon), wide(4)),
		container.NewHBox(center(bar), center(o.mine), center(next)), o.text)
	o.object = container.NewVBox(control.NewCard(line, present.Plain, tapped))
	o.object.Hide()
	return o
}

// show draws a summary; nothing to tell hides it.
func (o *onWay) show(s present.SentSummary) {
	o.bar.Hidden = !s.Sending
	o.bar.Set(s.Part)
	text, mine := o.onTheWay(s), ""
	if s.Mine > 0 {
		mine = o.words.Say(present.Text{Key: "onway.mine", Args: map[string]any{"Count": s.Mine}})
	}
	if s.Today > 0 {
		text = joined(text, o.words.Say(present.Text{Key: "onway.today", Args: map[string]any{"Count": s.Today}}))
	}
	o.text.Set(text)
	if told := text + mine; told != o.told {
		o.told = told
		o.mine.Set(mine, present.Bad)
		o.object.Hidden = s.OnWay+s.Mine+s.Today == 0
		o.object.Refresh()
	}
}

// onTheWay says what has not arrived.
func (o *onWay) onTheWay(s present.SentSummary) string {
	args := map[string]any{"Count": s.OnWay, "Percent": int(s.Part * 100)}
	key := "onway.waiting"
	switch {
	case s.OnWay == 0:
		key = "onway.none"
	case s.Held:
		key = "onway.held"
	case s.Sending:
		key = "onway.sending"
	}
	return o.words.Say(present.Text{Key: key, Args: args})
}
