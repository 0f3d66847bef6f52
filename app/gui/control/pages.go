package control

import (
	"image"
	"math"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"kyso/app/present"
)

// Box is a rectangle in points from the lower left corner of a page.
type Box struct{ X, Y, W, H float64 }

// Mark is a mark that can be dragged and resized.
type Mark struct {
	Page int
	At   Box
	// Imprint is what is drawn, as it will stand on the paper; Text stands in for a missing one.
	Imprint Imprint
	Text    string
}

// Frame is a box around something on a page, in the colour of a tone.
type Frame struct {
	Page int
	At   Box
	Tone present.Tone
}

// pageGap is the space between pages and around them, in window units.
const pageGap = 16

// Pages shows the pages of a document one below the other, with marks that can
// be dragged and resized. It asks for what is in view and beside it, and keeps
// pictures within a bound, however long the document is.
type Pages struct {
	widget.BaseWidget

	scroll *wheel
	stack  *stack
	width  float32 // at the last layout
	// follows says that the chosen mark is to stay in view; zoomedAt is the width at
	// which the zoom was set.
	follows  bool
	zoomedAt float32
	middle   int // the page that Seen was told last

	// Undrawn is written on a page that cannot be drawn.
	Undrawn string
	// Want is told which pieces are lacking, the most needed first.
	Want func([]present.Piece)
	// Grabbed is told which mark the pointer took hold of, Moved where it was put,
	// Dropped that it was let go.
	Grabbed func(mark int)
	Moved   func(page int, to Box)
	Dropped func()
	// Zoomed is told the steps of Ctrl and wheel.
	Zoomed func(steps float64)
	// Seen is told the page in the middle of the view when it is another.
	Seen func(page int)
	// Sized is told that the view has another width.
	Sized func()
}

// NewPages makes a view without pages.
func NewPages() *Pages {
	p := &Pages{
		Want: func([]present.Piece) {}, Grabbed: func(int) {}, Moved: func(int, Box) {}, Dropped: func() {},
		Zoomed: func(float64) {}, Seen: func(int) {}, Sized: func() {},
	}
	p.stack = newStack(p)
	p.scroll = newWheel(p.stack, func(steps float64) { p.Zoomed(steps) })
	p.scroll.OnScrolled = func(fyne.Position) {
		p.follows = false
		p.look()
	}
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
	p := r.pages
	follows := p.follows && p.scroll.Size() != s
	p.scroll.Resize(s)
	if p.width != s.Width {
		p.width = s.Width
		p.Sized()
	}
	if follows {
		p.ShowMark()
	}
	p.look()
}

// Set shows pages, by their sizes in points, at a zoom in units to the point.
// What is in the middle of the view stays there when only the zoom changes.
func (p *Pages) Set(sizes []present.PageSize, zoom float64, same bool) {
	s := p.stack
	if same && len(s.sizes) == len(sizes) && s.zoom == float32(zoom) {
		return
	}
	old, view := s.zoom, p.scroll.Size()
	middle := fyne.NewPos(p.scroll.Offset.X+view.Width/2, p.scroll.Offset.Y+view.Height/2)
	if !same {
		p.follows = false
		s.album.clear()
		p.middle = 0
		p.scroll.Offset = fyne.Position{}
	}
	s.sizes, s.zoom = sizes, float32(zoom)
	s.arrange()
	if same && old > 0 {
		p.scroll.Offset.X = middle.X*s.zoom/old - view.Width/2
		if !p.AtTop() {
			p.scroll.Offset.Y = middle.Y*s.zoom/old - view.Height/2
		}
	}
	p.scroll.Refresh()
	if same && p.follows && p.zoomedAt != p.width { // the pages follow the view's width
		p.ShowMark()
	}
	p.zoomedAt = p.width
	p.look()
}

// SetPicture shows a piece that was asked for; nil for a page that cannot be drawn.
func (p *Pages) SetPicture(piece present.Piece, m image.Image) {
	s := p.stack
	s.album.put(piece, m)
	s.Refresh()
}

// SetMarks shows the marks; chosen is the one that the keys move.
func (p *Pages) SetMarks(marks []Mark, chosen int) {
	s := p.stack
	s.marks, s.chosen = marks, chosen
	s.Refresh()
}

// SetFrames shows frames; none hides them all.
func (p *Pages) SetFrames(frames []Frame) {
	if len(frames) == 0 && len(p.stack.frames) == 0 {
		return
	}
	p.stack.frames = frames
	p.stack.Refresh()
}

// ShowMark scrolls so that the chosen mark is in view. It stays there when the view
// gets another size, until the person looks elsewhere.
func (p *Pages) ShowMark() {
	s := p.stack
	if s.chosen >= 0 && s.chosen < len(s.marks) {
		p.ShowPlace(s.marks[s.chosen].Page, s.marks[s.chosen].At)
		p.follows = true
	}
}

// ShowPlace scrolls so that a place is in view, where it is not already.
func (p *Pages) ShowPlace(page int, at Box) {
	s := p.stack
	if page < 1 || page > len(s.tops) {
		return
	}
	corner, size := s.box(page, at)
	view, offset := p.scroll.Size(), p.scroll.Offset
	if corner.Y < offset.Y+pageGap || corner.Y+size.Height > offset.Y+view.Height-pageGap {
		offset.Y = corner.Y + size.Height/2 - view.Height*0.5
	}
	if corner.X < offset.X || corner.X+size.Width > offset.X+view.Width {
		offset.X = corner.X + size.Width/2 - view.Width/2
	}
	p.scrollTo(offset)
}

// ShowPage scrolls to the top of a page.
func (p *Pages) ShowPage(page int) {
	s := p.stack
	if len(s.tops) == 0 {
		return
	}
	page = min(max(page, 1), len(s.tops))
	p.scrollTo(fyne.NewPos(p.scroll.Offset.X, s.tops[page-1]-pageGap/2))
}

// Page scrolls by a part of the view's height: 1 is a view down, −1 a view up.
func (p *Pages) Page(views float32) {
	p.scrollTo(p.scroll.Offset.AddXY(0, views*p.scroll.Size().Height*0.9))
}

// Middle is the page in the middle of the view, 0 without pages.
func (p *Pages) Middle() int { return p.middle }

// AtTop reports that the view was not scrolled down.
func (p *Pages) AtTop() bool { return p.scroll.Offset.Y <= 0 }

// Top is how far the view is scrolled down, in window units.
func (p *Pages) Top() float32 { return p.scroll.Offset.Y }

// Sharp reports that every page in view is shown pixel by pixel.
func (p *Pages) Sharp() bool {
	s := p.stack
	if len(s.tops) == 0 || p.scroll.Size().Height == 0 {
		return false
	}
	first, last := s.inView()
	for page := first; page <= last; page++ {
		if slices.ContainsFunc(s.pieces(page), func(p present.Piece) bool { return s.album.find(p) == nil }) {
			return false
		}
	}
	return true
}

// scrollTo moves the view within its bounds.
func (p *Pages) scrollTo(to fyne.Position) {
	all, view := p.stack.MinSize(), p.scroll.Size()
	p.scroll.Offset.X = max(0, min(to.X, all.Width-view.Width))
	p.scroll.Offset.Y = max(0, min(to.Y, all.Height-view.Height))
	p.follows = false
	p.scroll.Refresh()
	p.look()
}

// Width is the width that a page can have without scrolling sideways.
func (p *Pages) Width() float32 { return p.scroll.Size().Width - 2*pageGap }

// look draws what is in view, and asks for what is lacking.
func (p *Pages) look() {
	s := p.stack
	if len(s.tops) == 0 || p.scroll.Size().Height == 0 {
		return
	}
	s.view = view{p.scroll.Offset, p.scroll.Size()}
	s.canvasScale = canvasScale(s)
	needed := s.needs()
	lacking := slices.DeleteFunc(slices.Clone(needed), s.album.has)
	s.album.trim(needed)
	p.Want(lacking)
	s.Refresh()
	if page := s.pageAt(s.view.at.Y + s.view.size.Height/2); page != p.middle {
		p.middle = page
		p.Seen(page)
	}
}

// wheel scrolls, or zooms with Ctrl. The stack itself must not take the wheel:
// Fyne clips at the object that does, and the stack is larger than the view.
type wheel struct {
	container.Scroll

	zoomed func(steps float64)
}

func newWheel(content fyne.CanvasObject, zoomed func(float64)) *wheel {
	w := &wheel{zoomed: zoomed}
	w.Content = content
	w.ExtendBaseWidget(w)
	return w
}

// Scrolled is called by Fyne.
func (w *wheel) Scrolled(e *fyne.ScrollEvent) {
	if control() {
		w.zoomed(math.Copysign(1, float64(e.Scrolled.DY)))
		return
	}
	w.Scroll.Scrolled(e)
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

// view is what of the stack is in view, in window units.
type view struct {
	at   fyne.Position
	size fyne.Size
}

// The pieces that pages are drawn in, in pixels. A page of more than wholePage
// pixels is drawn as tiles over a small picture of all of it, which stands in
// for tiles that are not there yet.
const (
	wholePage = 2_600_000
	tileSide  = 1024
	smallPage = 700_000
)

// needs lists what is in view and beside it: pages nearest to the middle first,
// then the next page and the one before.
func (s *stack) needs() []present.Piece {
	first, last := s.inView()
	middle := s.view.at.Y + s.view.size.Height/2
	var pages []int
	for p := first; p <= last; p++ {
		pages = append(pages, p)
	}
	far := func(p int) float64 {
		return math.Abs(float64(s.tops[p-1] + float32(s.sizes[p-1].H)*s.zoom/2 - middle))
	}
	slices.SortStableFunc(pages, func(a, b int) int { return int(far(a) - far(b)) })
	var out []present.Piece
	for _, p := range pages {
		if whole := s.whole(p); !s.tiled(whole) {
			out = append(out, whole)
			continue
		}
		out = append(append(out, s.small(p)), s.tiles(p)...)
	}
	for _, p := range []int{last + 1, first - 1} {
		if p < 1 || p > len(s.sizes) {
			continue
		}
		if whole := s.whole(p); !s.tiled(whole) {
			out = append(out, whole)
		} else {
			out = append(out, s.small(p))
		}
	}
	return out
}

// scale is pixels to the point as pages are shown.
func (s *stack) scale() float64 { return float64(s.zoom * s.canvasScale) }

// whole is all of a page as it is shown.
func (s *stack) whole(page int) present.Piece {
	return present.WholePage(page, s.sizes[page-1], s.scale())
}

// tiled reports that a page is too large to be drawn whole.
func (*stack) tiled(whole present.Piece) bool {
	return whole.Part.Dx() > wholePage/max(whole.Part.Dy(), 1)
}

// small is all of a page in few pixels, the same at every zoom.
func (s *stack) small(page int) present.Piece {
	size := s.sizes[page-1]
	return present.WholePage(page, size, math.Sqrt(smallPage/(size.W*size.H)))
}

// pieces are those that show what is in view of a page, pixel by pixel.
func (s *stack) pieces(page int) []present.Piece {
	if whole := s.whole(page); !s.tiled(whole) {
		return []present.Piece{whole}
	}
	return s.tiles(page)
}

// tiles are the tiles of a page that are in view.
func (s *stack) tiles(page int) []present.Piece {
	whole, corner := s.whole(page), s.corner(page)
	// What is in view, in pixels of the page.
	seen := image.Rect(
		int((s.view.at.X-corner.X)*s.canvasScale), int((s.view.at.Y-corner.Y)*s.canvasScale),
		int((s.view.at.X+s.view.size.Width-corner.X)*s.canvasScale)+1, int((s.view.at.Y+s.view.size.Height-corner.Y)*s.canvasScale)+1,
	).Intersect(whole.Part)
	var out []present.Piece
	for y := seen.Min.Y / tileSide * tileSide; y < seen.Max.Y; y += tileSide {
		for x := seen.Min.X / tileSide * tileSide; x < seen.Max.X; x += tileSide {
			tile := whole
			tile.Whole = false
			tile.Part = image.Rect(x, y, x+tileSide, y+tileSide).Intersect(whole.Part)
			out = append(out, tile)
		}
	}
	return out
}

// SetHits shows where a text was found; none hides them all.
func (p *Pages) SetHits(hits []Hit) {
	if len(hits) == 0 && len(p.stack.hits) == 0 {
		return
	}
	p.stack.hits = hits
	p.stack.Refresh()
}

// SetGuides shows lines that the dragged mark is aligned with.
func (p *Pages) SetGuides(guides []Guide) {
	if len(guides) == 0 && len(p.stack.guides) == 0 {
		return
	}
	p.stack.guides = guides
	p.stack.Refresh()
}
