package screen

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	base "fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"kyso/app/gui/control"
	"kyso/app/gui/words"
	"kyso/app/present"
)

// SearchActs are what the person can do with the search.
type SearchActs struct {
	Open, Close func()
	Find        func(query string, exact bool, from int)
	Next        func(step int) present.Spot
}

// search is the bar in which a text is searched for.
type search struct {
	object *fyne.Container

	words   *words.Words
	acts    SearchActs
	from    func() int         // the page that is read
	show    func(present.Spot) // scrolls to a place
	query   *lineEntry
	exact   *control.Check
	note    *control.Text
	open    bool
	at      present.Spot // what was scrolled to
	drawing bool         // the state is being drawn: what the widgets tell is no act
}

// newSearch makes a hidden bar.
func newSearch(w *words.Words, a SearchActs, from func() int, show func(present.Spot)) *search {
	s := &search{words: w, acts: a, from: from, show: show, note: quiet("").Whole()}
	s.query = newLineEntry(w.T("search.hint"), func(string) { s.typed() }, func() { s.next(1) }, a.Close)
	s.query.keys = s.keys
	s.exact = control.NewCheck(w.T("search.exact"), func(bool) { s.typed() })
	button := func(icon string, tapped func()) *control.Button {
		return control.NewButtonWithIcon("", control.Icon(icon, base.ColorNameForeground), tapped)
	}
	right := container.NewHBox(container.NewCenter(s.note), wide(4), button("up", func() { s.next(-1) }), button("down", func() { s.next(1) }), s.exact, button("close", a.Close))
	bar := padded(container.NewBorder(nil, nil, nil, right, s.query), 5, 14)
	s.object = container.NewVBox(bar, widget.NewSeparator())
	s.object.Hide()
	return s
}

// keys are the keys of the entry besides those of every entry.
func (s *search) keys(k *fyne.KeyEvent) bool {
	back := false
	if d, ok := fyne.CurrentApp().Driver().(desktop.Driver); ok {
		back = d.CurrentKeyModifiers()&fyne.KeyModifierShift != 0
	}
	switch k.Name {
	case fyne.KeyF3, fyne.KeyReturn, fyne.KeyEnter:
		if back {
			s.next(-1)
		} else {
			s.next(1)
		}
	case fyne.KeyDown:
		s.next(1)
	case fyne.KeyUp:
		s.next(-1)
	default:
		return false
	}
	return true
}

// typed searches for what is typed now.
func (s *search) typed() {
	if !s.drawing && s.open {
		s.acts.Find(s.query.Text, s.exact.Checked, s.from())
	}
}

// next goes to the next place.
func (s *search) next(step int) {
	if at := s.acts.Next(step); at.Page > 0 {
		s.at = at
		s.show(at)
	}
}

// draw shows a state, and reports whether the bar came or went.
func (s *search) draw(st present.Search) (turned bool) {
	s.drawing = true
	defer func() { s.drawing = false }()
	turned = st.Open != s.open
	s.open = st.Open
	s.object.Hidden = !st.Open
	if s.query.Text != st.Query {
		s.query.SetText(st.Query)
	}
	if s.exact.Checked != st.Exact {
		s.exact.SetChecked(st.Exact)
	}
	s.note.Set(s.words.Say(st.Note))
	if at := st.At(); at != s.at {
		s.at = at
		if at.Page > 0 {
			s.show(at)
		}
	}
	return turned
}

// focus gives the keyboard to the entry, with its text to be replaced. The canvas
// is that of an object which was painted: the bar may not have been yet.
func (s *search) focus(painted fyne.CanvasObject) {
	if c := fyne.CurrentApp().Driver().CanvasForObject(painted); c != nil {
		c.Focus(s.query)
		s.query.TypedShortcut(&fyne.ShortcutSelectAll{})
	}
}

// hits are the places for the pages.
func hits(s present.Search) []control.Hit {
	out := make([]control.Hit, len(s.Found))
	for i, f := range s.Found {
		out[i] = control.Hit{Page: f.Page, Now: i == s.Now}
		for _, b := range f.Boxes {
			out[i].Boxes = append(out[i].Boxes, control.Box(b))
		}
	}
	return out
}
