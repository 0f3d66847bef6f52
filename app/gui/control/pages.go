package control

import (
	"image"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"kyso/app/present"
)

// Box is a rectangle in points from the lower left corner of a page.
type Box struct{ X, Y, W, H float64 }

// pageGap is the space between pages and around them, in window units.
const pageGap = 16

// keptAround is how many pages beside those in view keep their pictures.
const keptAround = 3

// Pages shows the pages of a document one below the other, with a mark that can
// be dragged and resized. It asks for the picture of a page when the page comes
// into view and forgets it when the page is far away.
type Pages struct {
	widget.BaseWidget

	scroll *container.Scroll
	stack  *stack

	// Want is asked for the picture of a page at a scale in pixels to the point.
	Want func(page int, scale float64)
	// Moved is told where the mark was put, Zoomed the steps of Ctrl and wheel.
	Moved  func(page int, to Box)
	Zoomed func(steps float64)
	// Seen is told the page in the middle of the view.
	Seen func(page int)
}

// NewPages makes a view without pages.
func NewPages() *Pages {
	p := &Pages{
		Want: func(int, float64) {}, Moved: func(int, Box) {}, Zoomed: func(float64) {}, Seen: func(int) {},
	}
	p.stack = newStack(p)
	p.scroll = container.NewScroll(p.stack)
	p.scroll.OnScrolled = func(fyne.Position) { p.look() }
	p.ExtendBaseWidget(p)
	return p
}

// CreateRenderer is called by Fyne.
func (p *Pages) CreateRenderer() fyne.WidgetRenderer { return &pagesRenderer{p} }

type pagesRenderer struct{ pages *Pages }

func (r *pagesRenderer) Destroy()                     {}
func (r *pagesRenderer) MinSize() fyne.Size           { return fyne.NewSize(200, 200) }
func (r *pagesRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.pages.scroll} }
func (r *pagesRenderer) Refresh()                     { r.pages.scroll.Refresh() }
func (r *pagesRenderer) Layout(s fyne.Size) {
	r.pages.scroll.Resize(s)
	r.pages.look()
}

// Set shows other pages, by their sizes in points, at a zoom in units to the
// point. Pictures are kept as long as the pages are the same.
func (p *Pages) Set(sizes []fyne.Size, zoom float64, same bool) {
	s := p.stack
	old := s.zoom
	if !same {
		s.pictures = map[int]picture{}
	}
	middle := p.scroll.Offset.Y + p.scroll.Size().Height/2
	s.sizes, s.zoom = sizes, float32(zoom)
	s.arrange()
	s.Refresh()
	if same && old > 0 && old != s.zoom {
		p.scrollTo(middle*s.zoom/old - p.scroll.Size().Height/2)
	}
	p.scroll.Refresh()
	p.look()
}

// SetPicture shows the picture of a page that was asked for.
func (p *Pages) SetPicture(page int, scale float64, m image.Image) {
	p.stack.pictures[page] = picture{m, scale}
	p.stack.Refresh()
}

// SetMark shows the mark; page 0 hides it. text stands in for a missing picture.
func (p *Pages) SetMark(page int, at Box, m image.Image, text string) {
	s := p.stack
	s.mark = mark{page, at, m, text}
	s.Refresh()
}

// ShowMark scrolls so that the mark is in view.
func (p *Pages) ShowMark() {
	s := p.stack
	if s.mark.page == 0 || s.mark.page > len(s.tops) {
		return
	}
	at, size := s.markBox()
	p.scrollTo(at.Y + size.Height/2 - p.scroll.Size().Height*0.55)
	p.look()
}

// Frame is a box around something on a page, in the colour of a tone.
type Frame struct {
	Page int
	At   Box
	Tone present.Tone
}

// SetFrames shows frames; none hides them all.
func (p *Pages) SetFrames(frames []Frame) {
	p.stack.frames = frames
	p.stack.Refresh()
}

// ShowPlace scrolls so that a place is in view, where it is not already.
func (p *Pages) ShowPlace(page int, at Box) {
	s := p.stack
	if page < 1 || page > len(s.tops) {
		return
	}
	corner, size := s.box(page, at)
	view := p.scroll.Size()
	if corner.Y < p.scroll.Offset.Y+pageGap || corner.Y+size.Height > p.scroll.Offset.Y+view.Height-pageGap {
		p.scrollTo(corner.Y + size.Height/2 - view.Height*0.45)
	}
	p.look()
}

// ShowTop scrolls to the first page.
func (p *Pages) ShowTop() { p.scrollTo(0) }

// Page scrolls by a part of the view's height: 1 is a view down, −1 a view up.
func (p *Pages) Page(views float32) {
	p.scrollTo(p.scroll.Offset.Y + views*p.scroll.Size().Height*0.9)
	p.look()
}

// scrollTo moves the view within its bounds.
func (p *Pages) scrollTo(y float32) {
	bottom := p.stack.MinSize().Height - p.scroll.Size().Height
	p.scroll.Offset.Y = max(0, min(y, bottom))
	p.scroll.Refresh()
}

// Width is the width that a page can have without scrolling sideways.
func (p *Pages) Width() float32 { return p.scroll.Size().Width - 2*pageGap }

// look asks for the pictures that are missing in view and forgets far ones.
func (p *Pages) look() {
	s := p.stack
	if len(s.tops) == 0 || p.scroll.Size().Height == 0 {
		return
	}
	top, bottom := p.scroll.Offset.Y, p.scroll.Offset.Y+p.scroll.Size().Height
	first, last := len(s.tops), 0
	for i, t := range s.tops {
		if t+s.sizes[i].Height*s.zoom >= top && t <= bottom {
			first, last = min(first, i+1), max(last, i+1)
		}
		if t <= (top+bottom)/2 && t+s.sizes[i].Height*s.zoom+pageGap > (top+bottom)/2 {
			p.Seen(i + 1)
		}
	}
	scale := float64(s.zoom * canvasScale(s))
	for page := first; page <= last; page++ {
		if s.pictures[page].scale != scale && s.wanted[page] != scale {
			s.wanted[page] = scale
			p.Want(page, scale)
		}
	}
	for page := range s.pictures {
		if page < first-keptAround || page > last+keptAround {
			delete(s.pictures, page)
			delete(s.wanted, page)
		}
	}
}

// canvasScale is pixels to the window unit where an object is shown.
func canvasScale(o fyne.CanvasObject) float32 {
	if c := fyne.CurrentApp().Driver().CanvasForObject(o); c != nil {
		return c.Scale()
	}
	return 1
}

// control reports that Ctrl is held down.
func control() bool {
	d, ok := fyne.CurrentApp().Driver().(desktop.Driver)
	return ok && d.CurrentKeyModifiers()&fyne.KeyModifierControl != 0
}
