package screen

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	base "fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"kyso/app/gui/control"
	"kyso/app/gui/theme"
	"kyso/app/gui/words"
	"kyso/app/present"
)

// QueueActs are what the person can do on the screen of waiting documents.
type QueueActs struct {
	Open     func(row int)
	Refresh  func()
	Browse   func()
	Choose   func(row int) // takes a row into what is signed together, or out
	Together func()
	Search   func(text string)
	Filter   func(present.Filter)
	Sort     func(present.Sort)
	// Recent opens a file that was opened before, Forget clears their list.
	Recent func(i int)
	Forget func()
	// Sent shows what is on its way.
	Sent func()
}

// Queue is the screen "Chờ tôi ký".
type Queue struct {
	Object fyne.CanvasObject

	words   *words.Words
	state   present.QueueState
	summary *control.Text
	notice  *control.Note
	alarm   *fyne.Container // about the server's history
	left    *fyne.Container // batches that were not finished
	tour    *fyne.Container // the tour for newcomers, as it is offered
	problem *Problem
	empty   *Empty
	list    *control.List

	acts     QueueActs
	together *control.Button
	recent   *control.Button
	files    []present.RecentFile
	search   *lineEntry
	filter   *control.Select
	sort     *control.Select
	find     *fyne.Container
	onway    *onWay
}

// NewQueue makes the screen.
func NewQueue(w *words.Words, a QueueActs) *Queue {
	q := &Queue{words: w, acts: a, summary: quiet(""), notice: control.NewNote(), alarm: container.NewVBox(), left: container.NewVBox(), tour: container.NewVBox(), problem: NewProblem(), empty: NewEmpty("queue")}
	q.list = control.NewList(
		func() int { return len(q.state.Rows) },
		func() fyne.CanvasObject { return NewQueueRow(w, a.Choose) },
		func(i int, o fyne.CanvasObject) {
			if row, ok := o.(*QueueRow); ok && i < len(q.state.Rows) {
				row.Set(i, q.state.Rows[i], i == q.state.Selected)
			}
		},
		a.Open,
	).ByWindow()
	q.list.HideSeparators = true
	browse := control.NewButtonWithIcon(w.T("queue.browse"), control.Icon("open", base.ColorNameForeground), a.Browse)
	refresh := control.NewButtonWithIcon("", control.Icon("refresh", base.ColorNameForeground), a.Refresh)
	q.together = control.NewButtonWithIcon("", control.Icon("sign", base.ColorNameForegroundOnPrimary), a.Together)
	q.together.Importance = widget.HighImportance
	q.recent = control.NewButtonWithIcon(w.T("queue.recent"), control.Icon("history", base.ColorNameForeground), q.offerRecent)
	q.recent.Hide()
	q.onway = newOnWay(w, a.Sent)
	top := container.NewVBox(head(heading(w.T("queue.title")), q.summary, refresh, q.recent, browse, q.together), q.finder(), q.alarm, q.notice, q.tour, q.left, q.problem.Object)
	q.tour.Hide()
	q.Object = padded(container.NewBorder(top, container.NewVBox(q.onway.object, quiet(w.T("queue.keys"))), nil, nil, container.NewStack(q.list.InMargin(), q.empty.Object)), 8, 20)
	return q
}

// finder is the line with search and filter.
func (q *Queue) finder() fyne.CanvasObject {
	q.search = newSearchEntry(q.words.T("queue.search"), q.acts.Search)
	q.filter = newChoice(present.Filters(), q.filterName, func(f present.Filter) {
		if f != q.state.Filter {
			q.acts.Filter(f)
		}
	})
	q.sort = newChoice(present.Sorts(), q.sortName, func(s present.Sort) {
		if s != q.state.Sort {
			q.acts.Sort(s)
		}
	})
	wide := fyne.NewSize(192, 38)
	choices := container.NewHBox(container.NewGridWrap(wide, q.filter), container.NewGridWrap(wide, q.sort))
	q.find = padded(container.NewBorder(nil, nil, nil, choices, q.search), 2, 0)
	return q.find
}

// newChoice is a list of which one is chosen; chosen is told which.
func newChoice[T comparable](all []T, name func(T) string, chosen func(T)) *control.Select {
	var names []string
	for _, one := range all {
		names = append(names, name(one))
	}
	return control.NewSelect(names, func(is string) {
		for _, one := range all {
			if name(one) == is {
				chosen(one)
			}
		}
	})
}

func (q *Queue) filterName(f present.Filter) string {
	if f == present.FilterAll {
		return q.words.T("queue.filter.all")
	}
	return q.words.T("queue.filter." + string(f))
}

func (q *Queue) sortName(s present.Sort) string {
	if s == present.SortNeeded {
		return q.words.T("queue.sort.needed")
	}
	return q.words.T("queue.sort." + string(s))
}

// Find is where the words to look for are typed.
func (q *Queue) Find() fyne.Focusable { return q.search }

// showFinder draws search and filter; they are of no use over an empty queue.
func (q *Queue) showFinder(s present.QueueState) {
	q.find.Hidden = len(s.Rows)+s.Hidden == 0
	if name := q.filterName(s.Filter); q.filter.Selected != name {
		q.filter.SetSelected(name)
	}
	if name := q.sortName(s.Sort); q.sort.Selected != name {
		q.sort.SetSelected(name)
	}
	q.together.Hidden = s.Together < 2 && s.Chosen == 0
	key := "queue.together"
	if s.Chosen > 0 {
		key = "queue.together.chosen"
	}
	q.together.SetText(q.words.Say(present.Text{Key: key, Args: map[string]any{"Count": s.Together}}))
}

// Show draws a state.
func (q *Queue) Show(s present.QueueState) {
	q.state = s
	q.showFinder(s)
	q.summary.Set(q.words.Say(s.Summary))
	if s.Loading {
		q.summary.Set(q.words.T("loading"))
	}
	q.problem.Set(s.Problem)
	q.empty.Set(q.words.Say(s.Empty), q.words.Say(s.EmptyHelp))
	q.list.Refresh()
	if s.Selected >= 0 {
		q.list.Highlight(s.Selected)
	}
}

// OnWay shows what is on its way to the server.
func (q *Queue) OnWay(s present.SentSummary) { q.onway.show(s) }

// Recent shows which files were opened last.
func (q *Queue) Recent(files []present.RecentFile) {
	q.files = files
	q.recent.Hidden = len(files) == 0
	q.recent.Refresh()
}

// offerRecent lists them under their button.
func (q *Queue) offerRecent() {
	menu := fyne.NewMenu("")
	for i, f := range q.files {
		menu.Items = append(menu.Items, fyne.NewMenuItem(joined(shortened(f.Name), shortened(f.Folder)), func() { q.acts.Recent(i) }))
	}
	menu.Items = append(menu.Items, fyne.NewMenuItemSeparator(), fyne.NewMenuItem(q.words.T("queue.recent.clear"), q.acts.Forget))
	c := fyne.CurrentApp().Driver().CanvasForObject(q.recent)
	widget.NewPopUpMenu(menu, c).ShowAtRelativePosition(fyne.NewPos(0, q.recent.Size().Height), q.recent)
}

// A line of a menu is bounded, in letters.
const (
	nameHead = 30
	nameTail = 16
)

// shortened leaves out the middle of a long name: files differ at both ends.
func shortened(name string) string {
	r := []rune(name)
	if len(r) <= nameHead+nameTail+1 {
		return name
	}
	return string(r[:nameHead]) + "…" + string(r[len(r)-nameTail:])
}

// Left shows what an earlier run of the program did not finish.
func (q *Queue) Left(s present.LeftState, resume, forget func(id string)) {
	q.left.RemoveAll()
	q.left.Add(problemOf(s.Problem))
	for _, b := range s.Batches {
		note := control.NewNote()
		note.Set(q.words.Say(b.What)+" "+q.words.Say(b.Done), present.Caution)
		goOn := control.NewButton(q.words.T("left.resume"), func() { resume(b.ID) })
		goOn.Importance = widget.HighImportance
		drop := control.NewButton(q.words.T("left.forget"), func() { forget(b.ID) })
		q.left.Add(container.NewBorder(nil, nil, nil, container.NewHBox(center(goOn), center(drop)), note))
	}
	q.left.Refresh()
}

// OfferTour offers the tour for newcomers, or takes the offer away.
func (q *Queue) OfferTour(offered bool, begin, decline func()) {
	if offered == (len(q.tour.Objects) > 0) {
		return
	}
	q.tour.RemoveAll()
	show(q.tour, offered)
	if offered {
		note := control.NewNote()
		note.Set(q.words.T("tour.offer"), present.Plain)
		yes, no := control.NewButton(q.words.T("tour.begin"), begin), control.NewButton(q.words.T("tour.later"), decline)
		q.tour.Add(container.NewBorder(nil, nil, nil, container.NewHBox(center(yes), center(no)), note))
	}
	q.Object.Refresh()
}

// Alarm shows that the server's history was rewritten, nil that it was not.
func (q *Queue) Alarm(p *present.Problem, accept func()) {
	q.alarm.RemoveAll()
	if p != nil {
		known := control.NewButton(q.words.T("audit.accept"), accept)
		q.alarm.Add(container.NewVBox(problemOf(p), container.NewHBox(known)))
	}
	q.alarm.Refresh()
}

// problemOf is an error in three lines, nothing for none.
func problemOf(p *present.Problem) fyne.CanvasObject {
	o := NewProblem()
	o.Set(p)
	return o.Object
}

// Notice shows a passing word over the list.
func (q *Queue) Notice(text string) { q.notice.Set(text, present.Caution) }

// QueueRow is one document in a list.
type QueueRow struct {
	widget.BaseWidget

	words   *words.Words
	subject *control.Text
	second  *control.Text
	chips   [6]*control.Chip
	stripe  *canvas.Rectangle
	check   *control.Check
	row     int
	ticked  bool
	urgent  bool
	chosen  bool
}

// NewQueueRow makes an empty row; choose is told its number when the person
// takes it into what is signed together, or out of it.
func NewQueueRow(w *words.Words, choose func(row int)) *QueueRow {
	r := &QueueRow{
		words:   w,
		subject: control.NewText("", base.ColorNameForeground, base.SizeNameText, fyne.TextStyle{Bold: true}),
		second:  quiet(""),
		stripe:  canvas.NewRectangle(color.Transparent),
	}
	for i := range r.chips {
		r.chips[i] = control.NewChip("", present.Quiet)
	}
	r.check = control.NewCheck("", nil)
	if choose == nil {
		r.check.Hide()
	} else {
		r.check.OnChanged = func(on bool) {
			if on != r.ticked {
				choose(r.row)
			}
		}
	}
	r.ExtendBaseWidget(r)
	return r
}

// Set fills the row; chosen marks the one that Enter opens.
func (r *QueueRow) Set(row int, d present.QueueRow, chosen bool) {
	r.row, r.ticked = row, d.Chosen
	r.check.SetChecked(d.Chosen)
	if d.WhyNot.Key != "" {
		r.check.Disable()
	} else {
		r.check.Enable()
	}
	r.subject.Set(d.Subject)
	drafter := ""
	if d.Drafter != "" {
		drafter = r.words.Say(present.Text{Key: "queue.drafter", Args: map[string]any{"Name": d.Drafter}})
	}
	r.second.Set(joined(d.Reference, d.Type, d.Date, drafter))
	urgent := ""
	if d.Urgent {
		urgent = r.words.T("queue.urgent")
	}
	r.chips[0].Set(urgent, present.Bad)
	r.chips[1].Set(r.words.Say(d.Due), d.DueTone)
	r.chips[2].Set(r.words.Say(d.Initials), d.InitialsTone)
	r.chips[3].Set(r.words.Say(d.Wanted), present.Plain)
	r.chips[4].Set(r.words.Say(d.Joint), present.Quiet)
	r.chips[5].Set(r.words.Say(d.Replaces), present.Quiet)
	r.urgent, r.chosen = d.Urgent, chosen
	r.Refresh()
}

// CreateRenderer is called by Fyne.
func (r *QueueRow) CreateRenderer() fyne.WidgetRenderer {
	chips := container.New(control.WholeChips{})
	for _, c := range r.chips {
		chips.Add(c)
	}
	text := container.NewVBox(r.subject, container.New(layout.NewCustomPaddedVBoxLayout(7), r.second, chips))
	body := container.NewBorder(nil, nil, container.NewHBox(r.stripe, center(r.check)), nil, padded(text, 9, 12))
	k := newRowRenderer(body, 3)
	k.chosen = func() bool { return r.chosen }
	k.also = r.showStripe
	return k
}

// showStripe marks an urgent document.
func (r *QueueRow) showStripe() {
	r.stripe.SetMinSize(fyne.NewSize(5, 0))
	r.stripe.CornerRadius = 2
	r.stripe.FillColor = color.Transparent
	if r.urgent {
		r.stripe.FillColor = base.Color(theme.ColorBad)
	}
	r.stripe.Refresh()
}
