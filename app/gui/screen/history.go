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

// HistoryActs are what the person can do on the history.
type HistoryActs struct {
	Search func(string)
	Open   func(path string)
	Export func()
	Files  FileActs
}

// History is the screen "Nhật ký".
type History struct {
	Object fyne.CanvasObject

	words   *words.Words
	state   present.HistoryState
	count   *control.Text
	broken  *control.Note
	notice  *control.Note
	problem *Problem
	empty   *Empty
	find    *lineEntry
	export  *control.Button
	list    *control.List
	told    string // which notes are shown
}

// NewHistory makes the screen.
func NewHistory(w *words.Words, a HistoryActs) *History {
	h := &History{words: w, count: quiet(""), broken: control.NewNote(), notice: control.NewNote(), problem: NewProblem(), empty: NewEmpty("history")}
	h.find = newSearchEntry(w.T("history.search"), a.Search)
	h.export = control.NewButton(w.T("history.export"), a.Export)
	h.list = control.NewList(
		func() int { return len(h.state.Rows) },
		func() fyne.CanvasObject { return newHistoryLine(w, a.Files) },
		func(i int, o fyne.CanvasObject) {
			if row, ok := o.(*historyLine); ok && i < len(h.state.Rows) {
				row.set(h.state.Rows[i])
			}
		},
		func(i int) {
			if i < len(h.state.Rows) {
				a.Open(h.state.Rows[i].Path)
			}
		},
	)
	h.list.HideSeparators = true
	top := container.NewVBox(head(heading(w.T("history.title")), h.count, h.export), h.broken, h.notice, h.problem.Object, h.find)
	h.Object = padded(container.NewBorder(top, nil, nil, nil, container.NewStack(h.list.InMargin(), h.empty.Object)), 8, 20)
	return h
}

// Show draws a state.
func (h *History) Show(s present.HistoryState) {
	told := s.Broken.Key + s.Notice.Key
	h.state = s
	h.count.Set(h.words.Say(s.Count))
	h.broken.Set(h.words.Say(s.Broken), present.Bad)
	h.notice.Set(h.words.Say(s.Notice), present.Good)
	h.problem.Set(s.Problem)
	h.empty.Set(h.words.Say(s.Empty), h.words.Say(s.Help))
	able(h.export, len(s.Rows) > 0)
	h.list.Refresh()
	if h.told != told {
		h.told = told
		h.Object.Refresh() // a note that comes takes its room
	}
}

// historyLine is one signature in the list.
type historyLine struct {
	widget.BaseWidget

	words         *words.Words
	title, second *control.Text
	chip          *control.Chip
	handle        *control.Handle
	buttons       *fyne.Container
	path          string
}

func newHistoryLine(w *words.Words, files FileActs) *historyLine {
	l := &historyLine{
		words: w, title: control.NewText("", base.ColorNameForeground, base.SizeNameText, fyne.TextStyle{Bold: true}),
		second: quiet(""), chip: control.NewChip("", present.Quiet),
	}
	path := func() []string { return notEmpty(l.path) }
	l.handle = files.handle(path)
	l.buttons = files.icons(path)
	l.ExtendBaseWidget(l)
	return l
}

func (l *historyLine) set(r present.HistoryRow) {
	l.path = r.Path
	l.title.Set(r.Title)
	l.second.Set(joined(r.At, l.words.Say(r.Role), r.Signer, "SHA-256 "+r.Proof))
	l.chip.Set(l.words.Say(r.State), r.Tone)
	l.Refresh()
}

// CreateRenderer is called by Fyne.
func (l *historyLine) CreateRenderer() fyne.WidgetRenderer {
	left := container.New(layout.NewCustomPaddedVBoxLayout(6), l.title, l.second)
	right := container.NewHBox(center(l.chip), center(l.buttons))
	return newRowRenderer(padded(container.NewBorder(nil, nil, center(l.handle), right, left), 9, 14), 3)
}
