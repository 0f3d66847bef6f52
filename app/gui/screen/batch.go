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

// BatchActs are what the person can do with a batch.
type BatchActs struct {
	Pause, Cancel, Again, Leave func()
	Files                       FileActs
}

// Batch is the screen of a batch that is being signed, and of its result.
type Batch struct {
	Object fyne.CanvasObject

	words   *words.Words
	state   present.BatchState
	title   *control.Text
	summary *control.Text
	bar     *control.Bar
	pace    *control.Text
	notice  *control.Note
	problem *Problem
	list    *control.List
	pause   *control.Button
	cancel  *control.Button
	again   *control.Button
	files   *fyne.Container
	leave   *control.Button
}

// NewBatch makes the screen.
func NewBatch(w *words.Words, a BatchActs) *Batch {
	b := &Batch{
		words: w, title: heading(""), summary: quiet(""), bar: control.NewBar(), pace: quiet(""),
		notice: control.NewNote(), problem: NewProblem(),
		pause: control.NewButton("", a.Pause), cancel: control.NewButton(w.T("batch.cancel"), a.Cancel),
		again: control.NewButton("", a.Again), leave: control.NewButton(w.T("batch.leave"), a.Leave),
	}
	b.leave.Importance = widget.HighImportance
	a.Files.Print = nil // many documents are not printed by one tap
	b.files = container.NewHBox(center(a.Files.handle(b.signed)), a.Files.buttons(w, b.signed))
	b.list = control.NewList(
		func() int { return len(b.state.Rows) },
		func() fyne.CanvasObject { return newBatchRow(w) },
		func(i int, o fyne.CanvasObject) {
			if row, ok := o.(*batchRow); ok && i < len(b.state.Rows) {
				row.set(b.state.Rows[i])
				b.list.SetItemHeight(i, row.MinSize().Height)
			}
		},
		nil,
	)
	b.list.HideSeparators = true
	top := container.NewVBox(
		head(b.title, b.summary, b.pause, b.cancel, b.files, b.again, b.leave),
		padded(container.New(tall{10}, b.bar), 2, 4), padded(b.pace, 0, 4), b.notice, b.problem.Object,
	)
	b.Object = padded(container.NewBorder(top, nil, nil, nil, b.list.InMargin()), 14, 24)
	return b
}

// Show draws a state.
func (b *Batch) Show(s present.BatchState) {
	began := len(b.state.Rows) != len(s.Rows) || s.Running != b.state.Running
	b.state = s
	show := func(o fyne.CanvasObject, shown bool) {
		if shown {
			o.Show()
		} else {
			o.Hide()
		}
	}
	show(b.pause, s.Running && !s.Ending)
	show(b.cancel, s.Running && !s.Ending)
	show(b.bar, s.Running)
	show(b.pace, s.Running)
	show(b.leave, !s.Running)
	show(b.files, !s.Running && s.Signed > 0)
	show(b.again, !s.Running && s.Again > 0)
	b.again.SetText(b.words.Say(present.Text{Key: "batch.again", Args: map[string]any{"Count": s.Again}}))
	b.pause.SetText(b.words.T("batch.pause"))
	if s.Paused {
		b.pause.SetText(b.words.T("batch.resume"))
	}
	counts := map[string]any{"Count": s.Signed, "Total": s.Total, "Failed": s.Failed}
	if s.Running {
		b.title.Set(b.words.Say(present.Text{Key: "batch.title", Args: map[string]any{"Count": s.Total}}))
		b.summary.Set(b.words.Say(present.Text{Key: "batch.progress", Args: counts}))
		b.notice.Set(b.words.Say(s.Notice), s.NoticeTone)
	} else {
		b.title.Set(b.words.T("batch.result"))
		b.summary.Set(rate(b.words, s))
		b.notice.Set(b.words.Say(s.Summary), s.SummaryTone)
	}
	b.bar.Set(float64(s.Signed+s.Failed) / float64(max(s.Total, 1)))
	pace := b.words.Say(s.Pace)
	if l := b.words.Say(s.Left); l != "" {
		pace += "  ·  " + l
	}
	b.pace.Set(pace)
	b.problem.Set(s.Problem)
	b.list.Refresh()
	if began {
		b.list.ScrollToTop()
	}
}

// signed are the files that were signed.
func (b *Batch) signed() []string {
	var out []string
	for _, r := range b.state.Rows {
		out = append(out, notEmpty(r.Path)...)
	}
	return out
}

// rate says how the batch moved the unit's rate, or nothing.
func rate(w *words.Words, s present.BatchState) string {
	if s.RateAfter == "" {
		return ""
	}
	return w.Say(present.Text{Key: "batch.rate", Args: map[string]any{"Before": s.RateBefore, "After": s.RateAfter}})
}

// batchRow is one document of a batch.
type batchRow struct {
	widget.BaseWidget

	words   *words.Words
	icon    *widget.Icon
	title   *control.Text
	second  *control.Text
	chip    *control.Chip
	problem *widget.Label
	content *fyne.Container
}

func newBatchRow(w *words.Words) *batchRow {
	r := &batchRow{
		words: w, icon: widget.NewIcon(nil), second: quiet(""), chip: control.NewChip("", present.Quiet), problem: wrapped(""),
		title: control.NewText("", base.ColorNameForeground, base.SizeNameText, fyne.TextStyle{Bold: true}),
	}
	icon := container.NewGridWrap(fyne.NewSquareSize(24), r.icon)
	text := container.New(layout.NewCustomPaddedVBoxLayout(2), r.title, r.second)
	line := container.NewBorder(nil, nil, container.NewHBox(center(icon), wide(6)), center(r.chip), text)
	r.content = container.NewVBox(line, r.problem)
	r.ExtendBaseWidget(r)
	return r
}

// set shows a document.
func (r *batchRow) set(d present.BatchRow) {
	r.title.Set(d.Title)
	r.second.Set(d.Reference)
	r.second.Hidden = d.Reference == ""
	r.chip.Set(r.words.Say(d.Note), d.Tone)
	name, color := control.StepIcon(d.State)
	r.icon.SetResource(control.Icon(name, color))
	r.problem.Hidden = d.Problem == nil
	if d.Problem != nil {
		r.problem.SetText(d.Problem.Title + " " + d.Problem.Cause + " " + d.Problem.Next)
	}
	r.Refresh()
}

// CreateRenderer is called by Fyne.
func (r *batchRow) CreateRenderer() fyne.WidgetRenderer {
	k := newRowRenderer(padded(r.content, 7, 12), 2)
	k.Refresh()
	return k
}
