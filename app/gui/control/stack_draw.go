package control

import (
	"image/color"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	base "fyne.io/fyne/v2/theme"

	"kyso/app/gui/theme"
	"kyso/app/present"
)

// Hit is a place on a page where a text was found, in one or more boxes.
type Hit struct {
	Page  int
	Boxes []Box
	// Now marks the hit that the person is at.
	Now bool
}

// Guide is a line on a page that a mark lines up with, in points from the left
// and from below.
type Guide struct {
	Page         int
	Vertical     bool
	At, From, To float64
}

// pool gives objects that are used again at each drawing.
type pool[T fyne.CanvasObject] struct {
	make func() T
	all  []T
	used int
}

// next gives an object that was not given since reset.
func (p *pool[T]) next() T {
	if p.used == len(p.all) {
		p.all = append(p.all, p.make())
	}
	p.used++
	return p.all[p.used-1]
}

func (p *pool[T]) reset() { p.used = 0 }

func rectangles() pool[*canvas.Rectangle] {
	return pool[*canvas.Rectangle]{make: func() *canvas.Rectangle { return canvas.NewRectangle(color.Transparent) }}
}

func texts() pool[*canvas.Text] {
	return pool[*canvas.Text]{make: func() *canvas.Text {
		t := canvas.NewText("", color.Black)
		t.Alignment = fyne.TextAlignCenter
		return t
	}}
}

func pictures(mode canvas.ImageScale) pool[*canvas.Image] {
	return pool[*canvas.Image]{make: func() *canvas.Image {
		return &canvas.Image{FillMode: canvas.ImageFillStretch, ScaleMode: mode}
	}}
}

// CreateRenderer is called by Fyne.
func (s *stack) CreateRenderer() fyne.WidgetRenderer {
	return &stackRenderer{
		stack: s, papers: rectangles(), boxes: rectangles(), words: texts(),
		inks: pictures(canvas.ImageScaleSmooth), slots: map[present.Piece]*canvas.Image{},
	}
}

// stackRenderer draws what is in view and nothing else: the number of its
// objects does not grow with the document.
type stackRenderer struct {
	stack   *stack
	papers  pool[*canvas.Rectangle] // with the desk around them
	boxes   pool[*canvas.Rectangle]
	words   pool[*canvas.Text]
	inks    pool[*canvas.Image] // pictures of marks
	shown   Imprints            // marks of text
	slots   map[present.Piece]*canvas.Image
	spare   []*canvas.Image // slots that no piece has now; a slot owns a texture
	objects []fyne.CanvasObject
}

func (r *stackRenderer) Destroy() {}

func (r *stackRenderer) MinSize() fyne.Size {
	return fyne.NewSize(r.stack.wide+2*pageGap, r.stack.high)
}

func (r *stackRenderer) Layout(fyne.Size) { r.draw() }

func (r *stackRenderer) Refresh() {
	r.draw()
	canvas.Refresh(r.stack)
}

// Objects lists what is in view.
func (r *stackRenderer) Objects() []fyne.CanvasObject { return r.objects }

// draw makes the objects of what is in view.
func (r *stackRenderer) draw() {
	s := r.stack
	r.papers.reset()
	r.boxes.reset()
	r.words.reset()
	r.inks.reset()
	r.objects = r.objects[:0]
	if len(s.tops) == 0 || s.view.size.Height == 0 {
		r.fill(0, 0, s.Size().Width, s.Size().Height)
		return
	}
	first, last := s.inView()
	r.give(first, last)
	r.drawDesk(first, last)
	for page := first; page <= last; page++ {
		r.drawPage(page)
	}
	r.drawOver(func(page int) bool { return page >= first && page <= last })
	r.empty()
}

// empty frees the textures of slots that nothing uses now.
func (r *stackRenderer) empty() {
	for _, slot := range r.spare {
		if slot.Image != nil {
			slot.Image = nil
			slot.Refresh()
		}
	}
}

// drawOver draws what lies over the pages.
func (r *stackRenderer) drawOver(inView func(page int) bool) {
	s := r.stack
	for _, h := range s.hits {
		if inView(h.Page) {
			r.drawHit(h)
		}
	}
	for _, f := range s.frames {
		if inView(f.Page) {
			r.drawFrame(f)
		}
	}
	for _, g := range s.guides {
		if inView(g.Page) {
			r.drawGuide(g)
		}
	}
	for i, m := range s.marks {
		if i != s.chosen && inView(m.Page) {
			r.drawMark(m, false)
		}
	}
	if s.chosen >= 0 && s.chosen < len(s.marks) && inView(s.marks[s.chosen].Page) {
		r.drawMark(s.marks[s.chosen], true)
	}
}

// give takes the slots of pieces that are drawn no more, so that others use them.
func (r *stackRenderer) give(first, last int) {
	scale := r.stack.scale()
	for p, slot := range r.slots {
		standIn := p.Whole && p.Page >= first && p.Page <= last
		if p.Page >= first && p.Page <= last && (p.Scale == scale || standIn) && r.stack.album.find(p) != nil {
			continue
		}
		delete(r.slots, p)
		r.spare = append(r.spare, slot)
	}
}

// drawDesk draws what is seen around the pages.
func (r *stackRenderer) drawDesk(first, last int) {
	s := r.stack
	left, right, top := s.view.at.X, s.view.at.X+s.view.size.Width, s.view.at.Y
	for page := first; page <= last; page++ {
		at, size := s.corner(page), s.extent(page)
		bottom := at.Y + size.Height
		r.fill(left, top, right, at.Y)
		r.fill(left, at.Y, at.X, bottom)
		r.fill(at.X+size.Width, at.Y, right, bottom)
		top = bottom
	}
	r.fill(left, top, right, s.view.at.Y+s.view.size.Height)
}

// fill draws a part of the desk, if it is one.
func (r *stackRenderer) fill(left, top, right, bottom float32) {
	if right <= left || bottom <= top {
		return
	}
	part := r.papers.next()
	part.FillColor = base.Color(theme.ColorDesk)
	r.place(part, fyne.NewPos(left, top), fyne.NewSize(right-left, bottom-top))
}

// drawPage draws a page: its pieces where they are all there, else paper and what
// there is of its picture. Nothing is painted under what hides it: the page is most
// of the window, and painting it once more costs as much as all the rest.
func (r *stackRenderer) drawPage(page int) {
	s := r.stack
	at, size := s.corner(page), s.extent(page)
	pieces := s.pieces(page)
	sharp := !slices.ContainsFunc(pieces, func(p present.Piece) bool { return s.album.find(p) == nil })
	if !sharp {
		r.drawPaper(page, at, size)
	}
	for _, p := range pieces {
		if s.album.find(p) != nil {
			r.drawPiece(p, at)
		}
	}
	r.drawEdge(at, size)
}

// drawPaper draws white paper with the best picture of all of it that there is.
func (r *stackRenderer) drawPaper(page int, at fyne.Position, size fyne.Size) {
	s := r.stack
	paper := r.papers.next()
	paper.FillColor = color.White
	r.place(paper, at, size)
	if p, m := s.album.standIn(page); m != nil {
		r.place(r.slot(p), at, size)
	} else if s.album.undrawn(s.whole(page)) || s.album.undrawn(s.small(page)) {
		r.say(s.pages.Undrawn, at.AddXY(0, size.Height/3), size.Width)
	}
}

// drawEdge draws a thin line around a page.
func (r *stackRenderer) drawEdge(at fyne.Position, size fyne.Size) {
	for _, e := range []struct {
		at   fyne.Position
		size fyne.Size
	}{
		{at.SubtractXY(1, 1), fyne.NewSize(size.Width+2, 1)},
		{at.AddXY(-1, size.Height), fyne.NewSize(size.Width+2, 1)},
		{at.SubtractXY(1, 0), fyne.NewSize(1, size.Height)},
		{at.AddXY(size.Width, 0), fyne.NewSize(1, size.Height)},
	} {
		line := r.papers.next()
		line.FillColor = base.Color(base.ColorNameSeparator)
		r.place(line, e.at, e.size)
	}
}

// drawPiece draws a piece pixel by pixel.
func (r *stackRenderer) drawPiece(p present.Piece, corner fyne.Position) {
	unit := r.stack.canvasScale
	at := corner.AddXY(float32(p.Part.Min.X)/unit, float32(p.Part.Min.Y)/unit)
	r.place(r.slot(p), at, fyne.NewSize(float32(p.Part.Dx())/unit, float32(p.Part.Dy())/unit))
}

// slot gives the image object that has a piece.
func (r *stackRenderer) slot(p present.Piece) *canvas.Image {
	slot, m := r.slots[p], r.stack.album.find(p)
	if slot == nil {
		if n := len(r.spare); n > 0 {
			slot, r.spare = r.spare[n-1], r.spare[:n-1]
		} else {
			// Pieces have the size at which they are drawn: nothing is scaled but stand-ins.
			slot = &canvas.Image{FillMode: canvas.ImageFillStretch, ScaleMode: canvas.ImageScaleFastest}
		}
		r.slots[p] = slot
	}
	if slot.Image != m {
		slot.Image = m
		slot.Refresh()
	}
	return slot
}

// place puts an object into the drawing.
func (r *stackRenderer) place(o fyne.CanvasObject, at fyne.Position, size fyne.Size) {
	o.Move(at)
	if o.Size() != size {
		o.Resize(size)
	}
	r.objects = append(r.objects, o)
}

// say writes a line over a page.
func (r *stackRenderer) say(text string, at fyne.Position, width float32) {
	t := r.words.next()
	t.Text, t.TextSize, t.Color = text, 14, onPaper(present.Quiet)
	r.place(t, at, fyne.NewSize(width, t.MinSize().Height))
	t.Refresh()
}

// drawHit paints over a text that was found.
func (r *stackRenderer) drawHit(h Hit) {
	for _, b := range h.Boxes {
		at, size := r.stack.box(h.Page, b)
		o := r.boxes.next()
		o.FillColor, o.StrokeColor, o.StrokeWidth, o.CornerRadius = color.NRGBA{R: 0xFF, G: 0xD5, B: 0x2E, A: 0x66}, color.Transparent, 0, 2
		if h.Now {
			o.FillColor, o.StrokeWidth, o.StrokeColor = color.NRGBA{R: 0xFF, G: 0x8A, B: 0x00, A: 0x80}, 1.5, onPaper(present.Caution)
		}
		r.place(o, at.SubtractXY(1, 1), size.AddWidthHeight(2, 2))
	}
}

// drawFrame draws a frame a little apart from what it frames.
func (r *stackRenderer) drawFrame(f Frame) {
	const apart = 4
	at, size := r.stack.box(f.Page, f.At)
	o := r.boxes.next()
	o.FillColor, o.StrokeColor, o.StrokeWidth, o.CornerRadius = color.Transparent, onPaper(f.Tone), 2.5, 4
	r.place(o, at.SubtractXY(apart, apart), size.AddWidthHeight(2*apart, 2*apart))
}

// drawGuide draws a thin line.
func (r *stackRenderer) drawGuide(g Guide) {
	s := r.stack
	corner, page := s.corner(g.Page), s.extent(g.Page)
	o := r.boxes.next()
	o.FillColor, o.StrokeColor, o.StrokeWidth, o.CornerRadius = color.NRGBA{R: 0xD0, G: 0x1F, B: 0x6A, A: 0xC0}, color.Transparent, 0, 0
	// A little beyond what lines up, so that the line is seen at its ends.
	const beyond = 12
	low, long := float32(g.From)*s.zoom-beyond, float32(g.To-g.From)*s.zoom+2*beyond
	if g.Vertical {
		r.place(o, corner.AddXY(float32(g.At)*s.zoom, page.Height-low-long), fyne.NewSize(1.5, long))
		return
	}
	r.place(o, corner.AddXY(low, page.Height-float32(g.At)*s.zoom), fyne.NewSize(long, 1.5))
}

// onPaper is the colour of a tone on paper, which is white in the dark too.
func onPaper(t present.Tone) color.Color {
	return theme.Theme{Appearance: theme.Light}.Color(Ink(t), base.VariantLight)
}

// drawMark draws a mark; the chosen one has corners to take hold of.
func (r *stackRenderer) drawMark(m Mark, chosen bool) {
	at, size := r.stack.box(m.Page, m.At)
	blue := color.NRGBA{R: 0x1B, G: 0x5F, B: 0xAA, A: 0xff}
	frame := r.boxes.next()
	frame.FillColor = color.NRGBA{R: 0x1B, G: 0x5F, B: 0xAA, A: 0x18}
	frame.StrokeColor, frame.StrokeWidth, frame.CornerRadius = color.NRGBA{R: 0x1B, G: 0x5F, B: 0xAA, A: 0x90}, 1, 0
	if chosen {
		frame.StrokeColor, frame.StrokeWidth = blue, 1.5
	}
	r.place(frame, at, size)
	if ink := r.shown.Of(m.Imprint, m.At, r.stack.scale()); ink != nil {
		picture := r.inks.next()
		picture.FillMode = canvas.ImageFillContain
		if picture.Image != ink {
			picture.Image = ink
			picture.Refresh()
		}
		r.place(picture, at, size)
	} else {
		text := r.words.next()
		text.Text, text.TextSize, text.Color = m.Text, min(size.Height*0.4, 14), blue
		r.place(text, at.AddXY(0, (size.Height-text.MinSize().Height)/2), fyne.NewSize(size.Width, text.MinSize().Height))
		text.Refresh()
	}
	if !chosen {
		return
	}
	for _, corner := range []fyne.Position{at, at.AddXY(size.Width, 0), at.AddXY(0, size.Height), at.Add(size)} {
		k := r.boxes.next()
		k.FillColor, k.StrokeColor, k.StrokeWidth, k.CornerRadius = color.White, blue, 2, 2
		r.place(k, corner.SubtractXY(knob/2, knob/2), fyne.NewSquareSize(knob))
	}
}
