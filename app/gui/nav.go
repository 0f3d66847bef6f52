package gui

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
	"kyso/assets"
)

// navWidth is the width of the places at the left, in window units.
const navWidth = 232

// navigation is the list of places at the left.
type navigation struct {
	Object fyne.CanvasObject
	words  *words.Words
	tour   *control.NavItem // back to the tour, while it is left
	items  map[present.Place]*control.NavItem
	foot   *fyne.Container // names the person
	who    string          // who is named, "" before the first time
}

// newNavigation makes the list.
func newNavigation(w *words.Words, s present.DesktopState, goTo func(present.Place)) *navigation {
	n := &navigation{words: w, items: map[present.Place]*control.NavItem{}, foot: container.NewVBox()}
	n.name(s)
	list := container.New(layout.NewCustomPaddedVBoxLayout(6))
	for _, p := range listed() {
		n.items[p] = control.NewNavItem(string(p), w.T("nav."+string(p)), func() { goTo(p) })
		list.Add(n.items[p])
	}
	n.tour = control.NewNavItem("info", w.T("nav.tour"), func() { goTo(present.PlaceTour) })
	n.tour.Hide()
	list.Add(n.tour)
	logo := canvas.NewImageFromResource(fyne.NewStaticResource("kyso.svg", assets.Icon("kyso")))
	logo.FillMode = canvas.ImageFillContain
	logo.SetMinSize(fyne.NewSquareSize(40))
	name := control.NewText(w.T("app.name"), theme.ColorNavText, base.SizeNameSubHeadingText, fyne.TextStyle{Bold: true})
	top := pad(container.NewBorder(nil, nil, container.NewHBox(logo, space(8)), nil, name), 18, 14)
	n.Object = container.NewStack(newFill(theme.ColorNav), container.NewBorder(top, n.foot, nil, nil, pad(list, 6, 10)))
	return n
}

// name names the person at the foot of the list, anew when it is another one.
func (n *navigation) name(s present.DesktopState) {
	key := s.LogIn.Key + "|" + s.Person.Name + "|" + s.Person.Title + "|" + s.Person.UnitName
	if key == n.who {
		return
	}
	n.who = key
	n.foot.Objects = []fyne.CanvasObject{space(navWidth), pad(who(n.words, s), 16, 18)}
	n.foot.Refresh()
}

// who names the person.
func who(w *words.Words, s present.DesktopState) fyne.CanvasObject {
	line := func(text string, c fyne.ThemeColorName, bold bool) fyne.CanvasObject {
		return control.NewText(text, c, base.SizeNameCaptionText, fyne.TextStyle{Bold: bold})
	}
	box := container.New(layout.NewCustomPaddedVBoxLayout(3))
	if s.Demonstration {
		box.Add(container.NewHBox(control.NewChip(w.T("app.demo"), present.Caution)))
	}
	switch {
	case s.Person.Name == "" && s.LogIn.Key != "":
		box.Add(line(w.T("nav.loggedout"), theme.ColorNavMuted, false))
	case s.Person.Name == "":
		box.Add(line(w.T("nav.nobody"), theme.ColorNavMuted, false))
	default:
		box.Add(line(s.Person.Name, theme.ColorNavText, true))
		box.Add(line(s.Person.Title, theme.ColorNavMuted, false))
		box.Add(line(s.Person.UnitName, theme.ColorNavMuted, false))
	}
	return box
}

// show marks the place and its counts.
func (n *navigation) show(s present.DesktopState) {
	n.name(s)
	n.tour.Hidden = !s.OnTour
	n.tour.Refresh()
	for p, item := range n.items {
		count := 0
		switch p {
		case present.PlaceQueue:
			count = s.Waiting
		case present.PlaceSent:
			count = s.UnderWay
		case present.PlaceBoard, present.PlaceDoctor, present.PlaceSettings, present.PlaceHistory, present.PlaceStudio, present.PlaceReader, present.PlaceContact, present.PlaceBatch, present.PlaceTour:
		}
		text := ""
		if count > 0 {
			text = n.words.Number(count)
		}
		item.Set(p == s.Place, text)
	}
}

// pad puts space around an object; space is an empty object of a width.
func pad(o fyne.CanvasObject, vertical, horizontal float32) fyne.CanvasObject {
	return container.New(layout.NewCustomPaddedLayout(vertical, vertical, horizontal, horizontal), o)
}

func space(w float32) fyne.CanvasObject {
	r := canvas.NewRectangle(color.Transparent)
	r.SetMinSize(fyne.NewSize(w, 0))
	return r
}

// fill is a plain surface in a colour of the theme.
type fill struct {
	widget.BaseWidget

	color fyne.ThemeColorName
}

func newFill(c fyne.ThemeColorName) *fill {
	f := &fill{color: c}
	f.ExtendBaseWidget(f)
	return f
}

// CreateRenderer is called by Fyne.
func (f *fill) CreateRenderer() fyne.WidgetRenderer {
	return &fillRenderer{f, canvas.NewRectangle(base.Color(f.color))}
}

type fillRenderer struct {
	fill *fill
	rect *canvas.Rectangle
}

func (r *fillRenderer) Destroy()                     {}
func (r *fillRenderer) Layout(s fyne.Size)           { r.rect.Resize(s) }
func (r *fillRenderer) MinSize() fyne.Size           { return fyne.Size{} }
func (r *fillRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.rect} }
func (r *fillRenderer) Refresh() {
	r.rect.FillColor = base.Color(r.fill.color)
	r.rect.Refresh()
}
