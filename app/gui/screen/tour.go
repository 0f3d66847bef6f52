package screen

import (
	"fmt"
	"image/color"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	base "fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"kyso/app/gui/control"
	"kyso/app/gui/words"
	"kyso/app/present"
)

// TourActs are what the person can do on the tour.
type TourActs struct {
	Next, Back, Skip, Quit func()
	// Look shows another place for a while.
	Look func(present.Place)
	// Reveal shows a file where it lies, Open opens it as any other file.
	Reveal, Open func(path string)
}

// Tour is the tour for newcomers: one thing at a time.
type Tour struct {
	Object fyne.CanvasObject

	words *words.Words
	acts  TourActs
	count *control.Text
	bar   *control.Bar
	title *control.Text
	text  *widget.Label
	body  *fyne.Container
	back  *control.Button
	skip  *control.Button
	next  *control.Button
	quit  *control.Button
}

// tourWidth is the width of the text, so that a line is read at a glance.
const (
	tourWidth  = 640
	tourHeight = 430
)

// NewTour makes the screen.
func NewTour(w *words.Words, a TourActs) *Tour {
	t := &Tour{words: w, acts: a, count: quiet("").Whole(), bar: control.NewBar(), title: heading(""), text: wrapped(""), body: container.NewVBox()}
	t.back = control.NewButtonWithIcon(w.T("tour.back"), control.Icon("back", base.ColorNameForeground), a.Back)
	t.skip = control.NewButton(w.T("tour.skip"), a.Skip)
	t.quit = control.NewButton(w.T("tour.quit"), a.Quit)
	t.next = control.NewButton("", a.Next)
	t.next.Importance = widget.HighImportance
	buttons := container.NewBorder(nil, nil, t.back, container.NewHBox(t.skip, container.New(tall{46}, t.next)))
	page := container.New(layout.NewCustomPaddedVBoxLayout(10),
		inset(container.NewBorder(nil, nil, center(t.count), t.quit)), inset(t.bar), wide(tourWidth), padded(t.title, 8, base.InnerPadding()), t.text, t.body)
	high := canvas.NewRectangle(color.Transparent) // steps of the same height do not jump
	high.SetMinSize(fyne.NewSize(0, tourHeight))
	card := container.NewStack(high, padded(container.NewBorder(nil, padded(inset(buttons), 8, 0), nil, nil, page), 10, 8))
	t.Object = padded(container.NewCenter(container.New(fixedWidth(tourWidth), control.NewPanel(card))), 10, 20)
	return t
}

// Show draws a state.
func (t *Tour) Show(s present.TourState) {
	key := "tour." + string(s.Step)
	t.count.Set(t.words.Say(present.Text{Key: "tour.count", Args: map[string]any{"Number": s.Number, "All": s.All}}))
	t.bar.Set(float64(s.Number) / float64(max(s.All, 1)))
	t.title.Set(t.words.T(key + ".title"))
	t.text.SetText(t.words.T(key + ".text"))
	t.next.SetText(t.words.T(key + ".next"))
	able(t.next, !s.Busy)
	show(t.back, s.CanGoBack)
	show(t.skip, s.Step == present.TourPractice)
	show(t.quit, s.Step != present.TourDone)
	t.body.Objects = t.parts(s)
	t.Object.Refresh()
}

// parts is what a step shows besides its text.
func (t *Tour) parts(s present.TourState) []fyne.CanvasObject {
	var parts []fyne.CanvasObject
	look := func(name, icon string, p present.Place) {
		b := control.NewButtonWithIcon(t.words.T(name), control.Icon(icon, base.ColorNameForeground), func() { t.acts.Look(p) })
		parts = append(parts, inset(container.NewHBox(b)))
	}
	tell := func(text string, tone present.Tone) {
		n := control.NewNote()
		n.Set(text, tone)
		parts = append(parts, inset(n))
	}
	switch s.Step {
	case present.TourWho:
		if s.Person.Name == "" {
			tell(t.words.T("tour.who.nobody"), present.Plain)
			look("tour.who.connect", "settings", present.PlaceSettings)
			return parts
		}
		tell(fmt.Sprintf("%s\n%s", s.Person.Name, joined(s.Person.Title, s.Person.UnitName)), present.Good)
	case present.TourToken:
		parts = t.tokens(s)
		look("tour.token.doctor", "doctor", present.PlaceDoctor)
	case present.TourPicture:
		if s.Pictured {
			tell(t.words.T("tour.picture.there"), present.Good)
		} else {
			tell(t.words.T("tour.picture.none"), present.Plain)
		}
		look("tour.picture.studio", "sign", present.PlaceStudio)
	case present.TourPractice:
		parts = append(parts, inset(problemOf(s.Problem)))
	case present.TourDone:
		if s.Signed != "" {
			open := control.NewButtonWithIcon(t.words.T("tour.done.open"), control.Icon("open", base.ColorNameForeground), func() { t.acts.Open(s.Signed) })
			reveal := control.NewButton(t.words.T("result.reveal"), func() { t.acts.Reveal(s.Signed) })
			parts = append(parts, inset(container.NewHBox(open, reveal)))
		}
	case present.TourWelcome:
	}
	return parts
}

// tokens tells what there is to sign with.
func (t *Tour) tokens(s present.TourState) []fyne.CanvasObject {
	var parts []fyne.CanvasObject
	switch {
	case s.Looking:
		parts = append(parts, wrapped(t.words.T("pin.looking")))
	case s.Missing != nil:
		return []fyne.CanvasObject{inset(problemOf(s.Missing))}
	}
	for _, k := range s.Keys {
		n, tone := control.NewNote(), present.Good
		if !k.Usable {
			tone = present.Caution
		}
		lines := []string{joined(k.Name, k.Title), k.Token}
		for _, note := range k.Notes {
			lines = append(lines, note.Text)
		}
		n.Set(strings.Join(lines, "\n"), tone)
		parts = append(parts, inset(n))
	}
	return parts
}
