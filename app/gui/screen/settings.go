package screen

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	base "fyne.io/fyne/v2/theme"

	"kyso/app/gui/control"
	"kyso/app/gui/words"
	"kyso/app/present"
)

// SettingsActs are what the person can do on the settings.
type SettingsActs struct {
	Open func(present.SettingsPage)
	Set  func(id, value string)
	// Act does what a button says; where the act needs a file, the window has
	// asked for it before.
	Act func(id string, act present.SettingsAct, row, value string)
	// Reopen opens the program again.
	Reopen func()
}

// sideWidth is the width of the list of pages, in window units.
const sideWidth = 178

// Settings is the screen "Thiết lập".
type Settings struct {
	Object fyne.CanvasObject

	words   *words.Words
	acts    SettingsActs
	side    map[present.SettingsPage]*control.SideItem
	list    *fyne.Container
	notice  *control.Note
	reopen  *control.Button
	problem *Problem
	frame   *fyne.Container // of notice and page
	page    *fyne.Container
	scroll  *container.Scroll
	shown   present.SettingsPage
	shape   string
	views   []itemView
}

// NewSettings makes the screen.
func NewSettings(w *words.Words, a SettingsActs) *Settings {
	s := &Settings{
		words: w, acts: a, side: map[present.SettingsPage]*control.SideItem{}, list: container.New(layout.NewCustomPaddedVBoxLayout(4)),
		notice: control.NewNote(), problem: NewProblem(), page: container.New(layout.NewCustomPaddedVBoxLayout(10)),
	}
	s.scroll = container.NewVScroll(padded(s.page, 2, 12))
	s.reopen = control.NewButtonWithIcon(w.T("settings.reopen"), control.Icon("refresh", base.ColorNameForeground), a.Reopen)
	top := head(heading(w.T("settings.title")), quiet(w.T("settings.sub")))
	s.frame = container.NewBorder(padded(container.NewVBox(container.NewBorder(nil, nil, nil, center(s.reopen), s.notice), s.problem.Object), 0, 12), nil, nil, nil, s.scroll)
	left := container.NewVBox(wide(sideWidth), s.list)
	s.Object = padded(container.NewBorder(top, nil, left, nil, s.frame), 8, 20)
	return s
}

// Show draws a state.
func (s *Settings) Show(st present.SettingsState) {
	s.showSide(st)
	s.showNotice(st)
	if shape := shapeOf(st); shape != s.shape {
		s.shape = shape
		s.build(st.Items)
	}
	for i, v := range s.views {
		v.set(st.Items[i])
	}
	if s.shown != st.Page {
		s.shown = st.Page
		s.scroll.ScrollToTop()
	}
	s.page.Refresh()
}

// showSide marks the page in the list.
func (s *Settings) showSide(st present.SettingsState) {
	for _, p := range st.Pages {
		if s.side[p] == nil {
			s.side[p] = control.NewSideItem(s.words.T("settings.page."+string(p)), func() { s.acts.Open(p) })
			s.list.Add(s.side[p])
		}
		s.side[p].Set(p == st.Page)
	}
}

// showNotice says what was kept, what is tried, what went wrong.
func (s *Settings) showNotice(st present.SettingsState) {
	defer s.frame.Refresh() // a long notice takes more lines
	s.problem.Set(st.Problem)
	show(s.reopen, st.Reopen && st.Busy.Key == "")
	if st.Busy.Key != "" {
		s.notice.Set(s.words.Say(st.Busy), present.Plain)
		return
	}
	text, tone := s.words.Say(st.Notice), st.Tone
	if text == "" && st.Reopen {
		text, tone = s.words.T("settings.waits"), present.Plain
	}
	s.notice.Set(text, tone)
}

// shapeOf tells pages apart that need other widgets.
func shapeOf(st present.SettingsState) string {
	shape := []string{string(st.Page)}
	for _, i := range st.Items {
		shape = append(shape, i.ID+":"+string(i.Kind))
	}
	return strings.Join(shape, "|")
}

// build makes the widgets of a page: each heading begins a card.
func (s *Settings) build(items []present.SettingsItem) {
	s.page.RemoveAll()
	s.views = s.views[:0]
	var card *fyne.Container
	for _, i := range items {
		v := s.view(i)
		s.views = append(s.views, v)
		if i.Kind == present.ItemHeading || card == nil {
			card = container.New(layout.NewCustomPaddedVBoxLayout(6))
			s.page.Add(control.NewPanel(card))
		}
		card.Add(v.object())
	}
}

// view makes the widgets of an item.
func (s *Settings) view(i present.SettingsItem) itemView {
	switch i.Kind {
	case present.ItemHeading:
		return newHeadingView(s.words)
	case present.ItemNote:
		return newNoteView(s, i)
	case present.ItemFact:
		return newFactView(s.words)
	case present.ItemChoice:
		return newChoiceView(s, i)
	case present.ItemText:
		return newTextView(s, i)
	case present.ItemToggle:
		return newToggleView(s, i)
	case present.ItemList, present.ItemActs:
	}
	return newListView(s, i)
}
