package screen

import (
	"image/color"
	"strings"

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
	Open    func(row int)
	Refresh func()
	Browse  func()
}

// Queue is the screen "Chờ tôi ký".
type Queue struct {
	Object fyne.CanvasObject

	words   *words.Words
	state   present.QueueState
	summary *control.Text
	notice  *control.Note
	problem *Problem
	empty   *Empty
	list    *control.List
}

// NewQueue makes the screen.
func NewQueue(w *words.Words, a QueueActs) *Queue {
	q := &Queue{words: w, summary: quiet(""), notice: control.NewNote(), problem: NewProblem(), empty: NewEmpty("queue")}
	q.list = control.NewList(
		func() int { return len(q.state.Rows) },
		func() fyne.CanvasObject { return NewQueueRow(w) },
		func(i int, o fyne.CanvasObject) {
			if row, ok := o.(*QueueRow); ok && i < len(q.state.Rows) {
				row.Set(q.state.Rows[i], i == q.state.Selected)
			}
		},
		a.Open,
	)
	q.list.HideSeparators = true
	browse := widget.NewButtonWithIcon(w.T("queue.browse"), control.Icon("open", base.ColorNameForeground), a.Browse)
	refresh := widget.NewButtonWithIcon(w.T("refresh"), control.Icon("refresh", base.ColorNameForeground), a.Refresh)
	top := container.NewVBox(head(heading(w.T("queue.title")), q.summary, refresh, browse), q.notice, q.problem.Object)
	q.Object = padded(container.NewBorder(top, quiet(w.T("queue.keys")), nil, nil, container.NewStack(q.list, q.empty.Object)), 8, 20)
	return q
}

// Show draws a state.
func (q *Queue) Show(s present.QueueState) {
	q.state = s
	q.summary.Set(q.words.Say(s.Summary))
	if s.Loading {
		q.summary.Set(q.words.T("loading"))
	}
	q.problem.Set(s.Problem)
	q.empty.Set(q.words.Say(s.Empty), q.words.Say(s.EmptyHelp))
	q.list.Refresh()
	if s.Selected >= 0 {
		q.list.ScrollTo(s.Selected)
	}
}

// Notice shows a passing word over the list.
func (q *Queue) Notice(text string) { q.notice.Set(text, present.Caution) }

// QueueRow is one document in a list.
type QueueRow struct {
	widget.BaseWidget

	words   *words.Words
	subject *control.Text
	second  *control.Text
	chips   [4]*control.Chip
	stripe  *canvas.Rectangle
	fill    *canvas.Rectangle
	urgent  bool
	chosen  bool
}

// NewQueueRow makes an empty row.
func NewQueueRow(w *words.Words) *QueueRow {
	r := &QueueRow{
		words:   w,
		subject: control.NewText("", base.ColorNameForeground, base.SizeNameText, fyne.TextStyle{Bold: true}),
		second:  quiet(""),
		stripe:  canvas.NewRectangle(nil),
		fill:    canvas.NewRectangle(nil),
	}
	for i := range r.chips {
		r.chips[i] = control.NewChip("", present.Quiet)
	}
	r.ExtendBaseWidget(r)
	return r
}

// Set fills the row; chosen marks the one that Enter opens.
func (r *QueueRow) Set(d present.QueueRow, chosen bool) {
	r.subject.Set(d.Subject)
	var parts []string
	for _, p := range []string{d.Reference, d.Type, d.Date} {
		if p != "" {
			parts = append(parts, p)
		}
	}
	if d.Drafter != "" {
		parts = append(parts, r.words.Say(present.Text{Key: "queue.drafter", Args: map[string]any{"Name": d.Drafter}}))
	}
	r.second.Set(strings.Join(parts, "  ·  "))
	urgent := ""
	if d.Urgent {
		urgent = r.words.T("queue.urgent")
	}
	r.chips[0].Set(urgent, present.Bad)
	r.chips[1].Set(r.words.Say(d.Due), d.DueTone)
	r.chips[2].Set(r.words.Say(d.Initials), d.InitialsTone)
	r.chips[3].Set(r.words.Say(d.Wanted), present.Plain)
	r.urgent, r.chosen = d.Urgent, chosen
	r.Refresh()
}

// CreateRenderer is called by Fyne.
func (r *QueueRow) CreateRenderer() fyne.WidgetRenderer {
	chips := container.NewHBox()
	for _, c := range r.chips {
		chips.Add(c)
	}
	text := container.NewVBox(r.subject, container.New(layout.NewCustomPaddedVBoxLayout(7), r.second, chips))
	body := container.NewBorder(nil, nil, r.stripe, nil, padded(text, 9, 12))
	return &queueRowRenderer{r, padded(container.NewStack(r.fill, body), 3, 2)}
}

type queueRowRenderer struct {
	row  *QueueRow
	body *fyne.Container
}

func (r *queueRowRenderer) Destroy()                     {}
func (r *queueRowRenderer) Layout(s fyne.Size)           { r.body.Resize(s) }
func (r *queueRowRenderer) MinSize() fyne.Size           { return r.body.MinSize() }
func (r *queueRowRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.body} }
func (r *queueRowRenderer) Refresh() {
	r.row.stripe.SetMinSize(fyne.NewSize(5, 0))
	r.row.stripe.CornerRadius = 2
	r.row.stripe.FillColor = color.Transparent
	if r.row.urgent {
		r.row.stripe.FillColor = base.Color(theme.ColorBad)
	}
	r.row.fill.FillColor = base.Color(theme.ColorSurface)
	r.row.fill.CornerRadius = 9
	r.row.fill.StrokeWidth, r.row.fill.StrokeColor = 1, base.Color(base.ColorNameSeparator)
	if r.row.chosen {
		r.row.fill.StrokeWidth, r.row.fill.StrokeColor = 2, base.Color(base.ColorNamePrimary)
	}
	r.row.fill.Refresh()
	r.row.stripe.Refresh()
	r.body.Refresh()
}
