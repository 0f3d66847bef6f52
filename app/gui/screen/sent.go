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

// SentActs are what the person can do on the screen of sent documents.
type SentActs struct {
	Refresh, Retry func()
	Reveal         func(path string)
}

// Sent is the screen "Đã gửi".
type Sent struct {
	Object fyne.CanvasObject

	words   *words.Words
	state   present.SentState
	problem *Problem
	empty   *Empty
	retry   *widget.Button
	list    *control.List
}

// NewSent makes the screen.
func NewSent(w *words.Words, a SentActs) *Sent {
	s := &Sent{words: w, problem: NewProblem(), empty: NewEmpty("sent")}
	s.list = control.NewList(
		func() int { return len(s.state.Rows) },
		func() fyne.CanvasObject { return newSentRow(w) },
		func(i int, o fyne.CanvasObject) {
			if row, ok := o.(*sentRow); ok && i < len(s.state.Rows) {
				row.set(s.state.Rows[i])
			}
		},
		func(i int) {
			if i < len(s.state.Rows) && s.state.Rows[i].Path != "" {
				a.Reveal(s.state.Rows[i].Path)
			}
		},
	)
	s.list.HideSeparators = true
	s.retry = widget.NewButtonWithIcon(w.T("sent.retry"), control.Icon("sent", base.ColorNameForeground), a.Retry)
	refresh := widget.NewButtonWithIcon(w.T("refresh"), control.Icon("refresh", base.ColorNameForeground), a.Refresh)
	top := container.NewVBox(head(heading(w.T("sent.title")), quiet(w.T("sent.about")), s.retry, refresh), s.problem.Object)
	s.Object = padded(container.NewBorder(top, nil, nil, nil, container.NewStack(s.list, s.empty.Object)), 8, 20)
	return s
}

// Show draws a state.
func (s *Sent) Show(st present.SentState) {
	s.state = st
	s.problem.Set(st.Problem)
	s.empty.Set(s.words.Say(st.Empty), s.words.Say(st.EmptyHelp))
	s.retry.Hidden = !st.CanRetry
	s.retry.Refresh()
	s.list.Refresh()
}

// sentRow is one delivery in the list.
type sentRow struct {
	widget.BaseWidget

	words                *words.Words
	title, second, proof *control.Text
	chip                 *control.Chip
}

func newSentRow(w *words.Words) *sentRow {
	r := &sentRow{
		words:  w,
		title:  control.NewText("", base.ColorNameForeground, base.SizeNameText, fyne.TextStyle{Bold: true}),
		second: quiet(""), proof: quiet("").Whole(), chip: control.NewChip("", present.Quiet),
	}
	r.ExtendBaseWidget(r)
	return r
}

func (r *sentRow) set(d present.SentRow) {
	r.title.Set(d.Title)
	r.second.Set(joined(d.At, d.Why))
	proof := ""
	if d.Proof != "" {
		proof = r.words.Say(present.Text{Key: "sent.proof", Args: map[string]any{"Hash": d.Proof}})
	}
	r.proof.Set(proof)
	r.chip.Set(r.words.Say(d.State), d.Tone)
	r.Refresh()
}

// CreateRenderer is called by Fyne.
func (r *sentRow) CreateRenderer() fyne.WidgetRenderer {
	left := container.New(layout.NewCustomPaddedVBoxLayout(6), r.title, r.second)
	right := container.NewVBox(layout.NewSpacer(), container.NewHBox(r.proof, r.chip), layout.NewSpacer())
	return newRowRenderer(padded(container.NewBorder(nil, nil, nil, right, left), 11, 16), 3)
}
