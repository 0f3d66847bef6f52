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
	Refresh, Retry, Hold func()
	Select               func(row int)
	Filter               func(present.SentFilter)
	Do                   func(id string, w present.Wish)
	Receipt              func(path string)
	Files                FileActs
}

// Sent is the screen "Đã gửi".
type Sent struct {
	Object fyne.CanvasObject

	words   *words.Words
	acts    SentActs
	state   present.SentState
	problem *Problem
	notice  *control.Note
	held    *control.Note
	empty   *Empty
	retry   *control.Button
	hold    *control.Button
	filter  *control.Select
	choice  *fyne.Container // of the filter
	summary *control.Text
	list    *control.List
	detail  *sentDetail
	told    string // which notes are shown
}

// NewSent makes the screen.
func NewSent(w *words.Words, a SentActs) *Sent {
	s := &Sent{words: w, acts: a, problem: NewProblem(), notice: control.NewNote(), held: control.NewNote(), empty: NewEmpty("sent"), summary: quiet(""), detail: newSentDetail(w, a)}
	s.list = control.NewList(
		func() int { return len(s.state.Rows) },
		func() fyne.CanvasObject { return newSentRow(w, a) },
		func(i int, o fyne.CanvasObject) {
			if row, ok := o.(*sentRow); ok && i < len(s.state.Rows) {
				row.set(&s.state.Rows[i], i == s.state.Selected)
			}
		},
		func(i int) {
			a.Select(i)
		},
	).ByWindow()
	s.list.HideSeparators = true
	s.hold = control.NewButtonWithIcon("", control.Icon("pause", base.ColorNameForeground), a.Hold)
	s.retry = control.NewButtonWithIcon(w.T("sent.retry"), control.Icon("sent", base.ColorNameForeground), a.Retry)
	refresh := control.NewButtonWithIcon("", control.Icon("refresh", base.ColorNameForeground), a.Refresh)
	s.filter = newChoice(present.SentFilters(), s.filterName, func(f present.SentFilter) {
		if f != s.state.Filter {
			a.Filter(f)
		}
	})
	s.choice = container.NewGridWrap(fyne.NewSize(176, 38), s.filter)
	actions := head(heading(w.T("sent.title")), s.summary, refresh, s.retry, s.hold, s.choice)
	top := container.NewVBox(actions, s.held, s.notice, s.problem.Object)
	bottom := container.NewVBox(s.detail.object, quiet(w.T("sent.keys")))
	s.detail.grown = func() { s.Object.Refresh() }
	s.Object = padded(container.NewBorder(top, bottom, nil, nil, container.NewStack(s.list.InMargin(), s.empty.Object)), 8, 20)
	return s
}

func (s *Sent) filterName(f present.SentFilter) string {
	if f == present.SentAll {
		return s.words.T("sent.filter.all")
	}
	return s.words.T("sent.filter." + string(f))
}

// Show draws a state.
func (s *Sent) Show(st present.SentState) {
	s.state = st
	s.problem.Set(st.Problem)
	s.notice.Set(s.words.Say(st.Notice), present.Good)
	held := ""
	if st.Held {
		held = s.words.T("sent.heldall")
	}
	s.held.Set(held, present.Caution)
	s.empty.Set(s.words.Say(st.Empty), s.words.Say(st.EmptyHelp))
	s.retry.Hidden = !st.CanRetry || st.Held
	s.hold.Hidden = !st.CanHold && !st.Held
	s.hold.Importance, s.hold.Text = widget.MediumImportance, s.words.T("sent.hold")
	s.hold.Icon = control.Icon("pause", base.ColorNameForeground)
	if st.Held {
		s.hold.Importance, s.hold.Text = widget.HighImportance, s.words.T("sent.unhold")
		s.hold.Icon = control.Icon("play", base.ColorNameForegroundOnPrimary)
	}
	s.retry.Refresh()
	s.hold.Refresh()
	s.choice.Hidden = len(st.Rows)+st.Hidden == 0
	s.summary.Set(s.words.Say(st.Summary))
	if name := s.filterName(st.Filter); s.filter.Selected != name {
		s.filter.SetSelected(name)
	}
	s.detail.show(st.Chosen())
	s.list.Refresh()
	told := held + st.Notice.Key
	if st.Problem != nil {
		told += st.Problem.Code
	}
	if s.told != told {
		s.told = told
		s.Object.Refresh() // a note that comes takes its room
	}
}

// Row draws one row anew, and the details where they are of that row.
func (s *Sent) Row(st present.SentState, row int) {
	scroll := s.state.Selected != st.Selected && row == st.Selected
	s.state = st
	s.list.RefreshItem(row)
	if row == st.Selected {
		s.detail.show(st.Chosen())
	}
	if scroll {
		s.list.ScrollTo(row)
	}
}

// sentRow is one delivery in the list.
type sentRow struct {
	widget.BaseWidget

	words         *words.Words
	title, second *control.Text
	chip          *control.Chip
	bar           *control.Bar
	handle        *control.Handle
	act           *control.Button
	id            string
	path          string
	wish          present.Wish
	chosen        bool
}

func newSentRow(w *words.Words, a SentActs) *sentRow {
	r := &sentRow{
		words:  w,
		title:  control.NewText("", base.ColorNameForeground, base.SizeNameText, fyne.TextStyle{Bold: true}),
		second: quiet(""), chip: control.NewChip("", present.Quiet), bar: control.NewBar(),
	}
	r.handle = a.Files.handle(func() []string { return notEmpty(r.path) })
	r.act = control.NewButton("", func() { a.Do(r.id, r.wish) })
	r.ExtendBaseWidget(r)
	return r
}

func (r *sentRow) set(d *present.SentRow, chosen bool) {
	r.id, r.path, r.chosen = d.ID, d.Path, chosen
	r.title.Set(d.Title)
	r.second.Set(joined(d.At, d.Why))
	r.chip.Set(r.words.Say(d.State), d.Tone)
	r.bar.Hidden = !d.Sending
	r.bar.Set(d.Part)
	r.act.Hidden = len(d.Acts) == 0
	if len(d.Acts) > 0 {
		r.wish = d.Acts[0].Wish
		r.act.Icon = wishIcon(r.wish)
		r.act.SetText(r.words.Say(d.Acts[0].Name))
	}
	r.Refresh()
}

// CreateRenderer is called by Fyne.
func (r *sentRow) CreateRenderer() fyne.WidgetRenderer {
	left := container.New(layout.NewCustomPaddedVBoxLayout(5), r.title, r.second, container.New(tall{4}, r.bar))
	right := container.NewHBox(center(r.chip), center(r.act))
	k := newRowRenderer(padded(container.NewBorder(nil, nil, center(r.handle), right, left), 7, 12), 3)
	k.chosen = func() bool { return r.chosen }
	return k
}

// wishIcon is the icon of a button that fulfils a wish.
func wishIcon(w present.Wish) fyne.Resource {
	name := "refresh"
	switch w {
	case present.WishPause:
		name = "pause"
	case present.WishResume:
		name = "play"
	case present.WishCancel:
		name = "undo"
	case present.WishDiscard:
		name = "close"
	case present.WishRetry:
	}
	return control.Icon(name, base.ColorNameForeground)
}
