package control

import (
	"image"
	"image/color"
	"math"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	base "fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"kyso/app/gui/theme"
	"kyso/app/present"
)

// picture is a page's picture with the scale that it was drawn at.
type picture struct {
	image image.Image
	scale float64
}

// mark is the mark on a page.
type mark struct {
	page  int
	at    Box
	image image.Image
	text  string
}

// part is what of the mark the pointer holds.
type part int

const (
	nothing part = iota
	body
	northWest
	northEast
	southWest
	southEast
)

// grip is how near a corner the pointer takes hold of it; knob is its drawn size.
const (
	grip = 10
	knob = 11
)

// stack draws pages and mark, and turns the pointer's movements into places.
type stack struct {
	widget.BaseWidget

	pages    *Pages
	sizes    []fyne.Size // in points
	zoom     float32
	tops     []float32 // of each page, in window units
	wide     float32   // of the widest page
	high     float32   // of all pages with gaps
	pictures map[int]picture
	wanted   map[int]float64
	mark     mark
	frames   []Frame

	hover, held part
	from        Box        // the mark when the drag began
	drag        fyne.Delta // since then
}

var (
	_ fyne.Draggable     = (*stack)(nil)
	_ fyne.Scrollable    = (*stack)(nil)
	_ desktop.Mouseable  = (*stack)(nil)
	_ desktop.Hoverable  = (*stack)(nil)
	_ desktop.Cursorable = (*stack)(nil)
)

func newStack(p *Pages) *stack {
	s := &stack{pages: p, zoom: 1, pictures: map[int]picture{}, wanted: map[int]float64{}}
	s.ExtendBaseWidget(s)
	return s
}

// arrange computes where the pages lie.
func (s *stack) arrange() {
	s.tops, s.wide, s.high = s.tops[:0], 0, pageGap
	clear(s.wanted)
	for _, size := range s.sizes {
		s.tops = append(s.tops, s.high)
		s.wide = max(s.wide, size.Width*s.zoom)
		s.high += size.Height*s.zoom + pageGap
	}
}

// corner is the upper left corner of a page (from 1).
func (s *stack) corner(page int) fyne.Position {
	w := s.sizes[page-1].Width * s.zoom
	return fyne.NewPos(max((s.Size().Width-w)/2, pageGap), s.tops[page-1])
}

// markBox is where the mark is drawn.
func (s *stack) markBox() (fyne.Position, fyne.Size) { return s.box(s.mark.page, s.mark.at) }

// box is where a box of a page is drawn.
func (s *stack) box(number int, b Box) (fyne.Position, fyne.Size) {
	c, page := s.corner(number), s.sizes[number-1]
	return c.AddXY(float32(b.X)*s.zoom, (page.Height-float32(b.Y+b.H))*s.zoom),
		fyne.NewSize(float32(b.W)*s.zoom, float32(b.H)*s.zoom)
}

// hasMark reports that the mark lies on a page that is shown.
func (s *stack) hasMark() bool { return s.mark.page > 0 && s.mark.page <= len(s.tops) }

// hit says which part of the mark lies under a point.
func (s *stack) hit(p fyne.Position) part {
	if !s.hasMark() {
		return nothing
	}
	o, size := s.markBox()
	near := func(x, y float32) bool {
		return math.Abs(float64(p.X-x)) <= grip && math.Abs(float64(p.Y-y)) <= grip
	}
	right, bottom := o.X+size.Width, o.Y+size.Height
	switch {
	case near(right, bottom):
		return southEast
	case near(o.X, o.Y):
		return northWest
	case near(right, o.Y):
		return northEast
	case near(o.X, bottom):
		return southWest
	case p.X >= o.X && p.X <= right && p.Y >= o.Y && p.Y <= bottom:
		return body
	}
	return nothing
}

// MouseDown takes hold of the mark.
func (s *stack) MouseDown(e *desktop.MouseEvent) {
	s.held, s.from, s.drag = s.hit(e.Position), s.mark.at, fyne.Delta{}
	if c := fyne.CurrentApp().Driver().CanvasForObject(s); c != nil {
		c.Unfocus() // the arrow keys move the mark now
	}
}

// MouseUp does nothing; DragEnd lets go.
func (s *stack) MouseUp(*desktop.MouseEvent) {}

// MouseIn follows the pointer.
func (s *stack) MouseIn(e *desktop.MouseEvent) { s.hover = s.hit(e.Position) }

// MouseMoved follows the pointer.
func (s *stack) MouseMoved(e *desktop.MouseEvent) { s.hover = s.hit(e.Position) }

// MouseOut forgets the pointer.
func (s *stack) MouseOut() { s.hover = nothing }

// Cursor shows what the pointer would take hold of.
func (s *stack) Cursor() desktop.Cursor {
	switch s.hover {
	case body:
		return desktop.PointerCursor
	case northWest, northEast, southWest, southEast:
		return desktop.CrosshairCursor
	case nothing:
	}
	return desktop.DefaultCursor
}

// Dragged moves or resizes the mark.
func (s *stack) Dragged(e *fyne.DragEvent) {
	if s.held == nothing || !s.hasMark() {
		return
	}
	s.drag.DX += e.Dragged.DX
	s.drag.DY += e.Dragged.DY
	dx, dy := float64(s.drag.DX/s.zoom), float64(s.drag.DY/s.zoom)
	if s.held == body {
		to := s.from
		to.X, to.Y = to.X+dx, to.Y-dy
		s.put(to, e.Position)
		return
	}
	s.pages.Moved(s.mark.page, resized(s.from, s.held, dx, dy, s.mark.image != nil))
}

// DragEnd lets go of the mark.
func (s *stack) DragEnd() { s.held = nothing }

// put moves the mark, to another page when the pointer is there.
func (s *stack) put(to Box, pointer fyne.Position) {
	page := s.mark.page
	for i, top := range s.tops {
		if pointer.Y >= top && pointer.Y < top+s.sizes[i].Height*s.zoom && i+1 != page {
			// The same place of the window, measured on the other page.
			shift := float64((s.tops[i] + s.sizes[i].Height*s.zoom - s.tops[page-1] - s.sizes[page-1].Height*s.zoom) / s.zoom)
			to.Y += shift
			s.from.Y += shift
			page = i + 1
			break
		}
	}
	s.pages.Moved(page, to)
}

// resized gives the box with one corner dragged; a picture keeps its proportions.
func resized(b Box, corner part, dx, dy float64, keep bool) Box {
	w, h := b.W, b.H
	if corner == northWest || corner == southWest {
		dx = -dx
	}
	if corner == northWest || corner == northEast {
		dy = -dy
	}
	w, h = max(w+dx, 24), max(h+dy, 12)
	if keep {
		h = w * b.H / b.W
	}
	if corner == northWest || corner == southWest {
		b.X += b.W - w
	}
	if corner == southWest || corner == southEast {
		b.Y += b.H - h
	}
	b.W, b.H = w, h
	return b
}

// Scrolled scrolls, or zooms with Ctrl.
func (s *stack) Scrolled(e *fyne.ScrollEvent) {
	if control() {
		s.pages.Zoomed(math.Copysign(1, float64(e.Scrolled.DY)))
		return
	}
	s.pages.scroll.Scrolled(e)
}

// CreateRenderer is called by Fyne.
func (s *stack) CreateRenderer() fyne.WidgetRenderer {
	r := &stackRenderer{
		stack: s, desk: canvas.NewRectangle(color.Transparent), frame: canvas.NewRectangle(color.Transparent),
		picture: &canvas.Image{FillMode: canvas.ImageFillContain, ScaleMode: canvas.ImageScaleSmooth, Translucency: 0.1},
		text:    canvas.NewText("", color.Black),
	}
	r.text.Alignment = fyne.TextAlignCenter
	for i := range r.knobs {
		r.knobs[i] = canvas.NewRectangle(color.White)
		r.knobs[i].StrokeWidth, r.knobs[i].CornerRadius = 2, 2
	}
	return r
}

type stackRenderer struct {
	stack   *stack
	desk    *canvas.Rectangle
	sheets  []sheet
	frame   *canvas.Rectangle
	picture *canvas.Image
	text    *canvas.Text
	knobs   [4]*canvas.Rectangle
	frames  []*canvas.Rectangle // of s.frames
}

// sheet is one page as drawn.
type sheet struct {
	paper *canvas.Rectangle
	image *canvas.Image
}

func (r *stackRenderer) Destroy() {}

func (r *stackRenderer) MinSize() fyne.Size {
	return fyne.NewSize(r.stack.wide+2*pageGap, r.stack.high)
}

func (r *stackRenderer) Layout(size fyne.Size) {
	r.desk.Resize(size)
	for i, sh := range r.sheets {
		at, page := r.stack.corner(i+1), r.stack.sizes[i]
		scaled := fyne.NewSize(page.Width*r.stack.zoom, page.Height*r.stack.zoom)
		sh.paper.Move(at.SubtractXY(1, 1))
		sh.paper.Resize(scaled.AddWidthHeight(2, 2))
		sh.image.Move(at)
		sh.image.Resize(scaled)
	}
	r.layoutFrames()
	r.layoutMark()
}

// layoutFrames puts the frames around their places, a little apart from them.
func (r *stackRenderer) layoutFrames() {
	for i, f := range r.frames {
		if page := r.stack.frames[i].Page; page < 1 || page > len(r.stack.tops) {
			f.Hide()
			continue
		}
		const apart = 4
		at, size := r.stack.box(r.stack.frames[i].Page, r.stack.frames[i].At)
		f.Move(at.SubtractXY(apart, apart))
		f.Resize(size.AddWidthHeight(2*apart, 2*apart))
		f.Show()
	}
}

// layoutMark puts frame, picture and knobs where the mark is.
func (r *stackRenderer) layoutMark() {
	if !r.stack.hasMark() {
		return
	}
	at, size := r.stack.markBox()
	r.frame.Move(at)
	r.frame.Resize(size)
	r.picture.Move(at)
	r.picture.Resize(size)
	r.text.TextSize = min(size.Height*0.4, 14)
	r.text.Move(at.AddXY(0, (size.Height-r.text.MinSize().Height)/2))
	r.text.Resize(fyne.NewSize(size.Width, r.text.MinSize().Height))
	corners := [4]fyne.Position{at, at.AddXY(size.Width, 0), at.AddXY(0, size.Height), at.Add(size)}
	for i, k := range r.knobs {
		k.Move(corners[i].SubtractXY(knob/2, knob/2))
		k.Resize(fyne.NewSquareSize(knob))
	}
}

func (r *stackRenderer) Refresh() {
	s := r.stack
	for len(r.sheets) < len(s.sizes) {
		m := &canvas.Image{FillMode: canvas.ImageFillStretch, ScaleMode: canvas.ImageScaleSmooth}
		r.sheets = append(r.sheets, sheet{canvas.NewRectangle(color.White), m})
	}
	r.sheets = r.sheets[:len(s.sizes)]
	r.desk.FillColor = base.Color(theme.ColorDesk)
	for i, sh := range r.sheets {
		sh.paper.StrokeColor, sh.paper.StrokeWidth = base.Color(base.ColorNameSeparator), 1
		if p := s.pictures[i+1]; sh.image.Image != p.image {
			sh.image.Image = p.image
			sh.image.Refresh()
		}
	}
	r.refreshFrames()
	r.refreshMark()
	r.Layout(s.Size())
	canvas.Refresh(s)
}

// refreshFrames gives every frame a rectangle in the colour of its tone. Paper
// is white in the dark too, so the colours are those of the light.
func (r *stackRenderer) refreshFrames() {
	for len(r.frames) < len(r.stack.frames) {
		f := canvas.NewRectangle(color.Transparent)
		f.StrokeWidth, f.CornerRadius = 2.5, 4
		r.frames = append(r.frames, f)
	}
	r.frames = r.frames[:len(r.stack.frames)]
	for i, f := range r.frames {
		f.StrokeColor = onPaper(r.stack.frames[i].Tone)
	}
}

// onPaper is the colour of a tone on white paper.
func onPaper(t present.Tone) color.Color {
	return theme.Theme{Appearance: theme.Light}.Color(ink(t), base.VariantLight)
}

// refreshMark gives the mark its picture and colours.
func (r *stackRenderer) refreshMark() {
	s, shown := r.stack, r.stack.hasMark()
	line := color.NRGBA{R: 0x1B, G: 0x5F, B: 0xAA, A: 0xff} // on paper, which is white in the dark too
	r.frame.StrokeColor, r.frame.StrokeWidth = line, 1.5
	r.frame.FillColor = color.NRGBA{R: 0x1B, G: 0x5F, B: 0xAA, A: 0x18}
	r.text.Color = line
	r.text.Text = ""
	if s.mark.image == nil {
		r.text.Text = s.mark.text
	}
	if r.picture.Image != s.mark.image {
		r.picture.Image = s.mark.image
		r.picture.Refresh()
	}
	for _, o := range append([]fyne.CanvasObject{r.frame, r.text}, r.knobObjects()...) {
		if shown {
			o.Show()
		} else {
			o.Hide()
		}
	}
	r.picture.Hidden = !shown || s.mark.image == nil
	for _, k := range r.knobs {
		k.StrokeColor = line
	}
}

func (r *stackRenderer) knobObjects() []fyne.CanvasObject {
	out := make([]fyne.CanvasObject, len(r.knobs))
	for i, k := range r.knobs {
		out[i] = k
	}
	return out
}

// Objects lists what is drawn: pages without a picture are plain paper.
func (r *stackRenderer) Objects() []fyne.CanvasObject {
	out := make([]fyne.CanvasObject, 0, 2*len(r.sheets)+8)
	out = append(out, r.desk)
	for _, sh := range r.sheets {
		out = append(out, sh.paper)
		if sh.image.Image != nil {
			out = append(out, sh.image)
		}
	}
	for _, f := range r.frames {
		out = append(out, f)
	}
	out = append(out, r.frame, r.picture, r.text)
	return append(out, r.knobObjects()...)
}
