package control

import (
	"image"
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	base "fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"kyso/app/gui/theme"
)

// MarkedPage is a small page with a mark that can be dragged.
type MarkedPage struct {
	widget.BaseWidget

	// Chosen is told a tap, Moved where the mark was put, in points.
	Chosen func()
	Moved  func(to Box)

	page    fyne.Size // in points
	picture image.Image
	mark    Box
	stamp   Imprint
	faded   bool // the page is left out

	held, hover bool
	from        Box
	drag        fyne.Delta
}

var (
	_ fyne.Tappable      = (*MarkedPage)(nil)
	_ fyne.Draggable     = (*MarkedPage)(nil)
	_ desktop.Mouseable  = (*MarkedPage)(nil)
	_ desktop.Hoverable  = (*MarkedPage)(nil)
	_ desktop.Cursorable = (*MarkedPage)(nil)
)

// NewMarkedPage makes one without a page.
func NewMarkedPage() *MarkedPage {
	t := &MarkedPage{Chosen: func() {}, Moved: func(Box) {}}
	t.ExtendBaseWidget(t)
	return t
}

// Set shows a page of a size in points, its picture once there is one, and a
// mark with what it shows; a mark without width is none.
func (t *MarkedPage) Set(page fyne.Size, picture image.Image, mark Box, stamp Imprint, faded bool) {
	t.page, t.picture, t.mark, t.stamp, t.faded = page, picture, mark, stamp, faded
	t.Refresh()
}

// Scale is pixels to the point at which the page's picture is sharp, 0 while
// there is no page or no room.
func (t *MarkedPage) Scale() float64 {
	_, units := t.paper()
	return float64(units * canvasScale(t))
}

// paper is where the page lies, with the window units of a point.
func (t *MarkedPage) paper() (fyne.Position, float32) {
	if t.page.Width <= 0 || t.page.Height <= 0 {
		return fyne.Position{}, 0
	}
	size := t.Size()
	units := min(size.Width/t.page.Width, size.Height/t.page.Height)
	return fyne.NewPos((size.Width-t.page.Width*units)/2, (size.Height-t.page.Height*units)/2), units
}

// Paper is where the page lies in the control, and how large it is shown.
func (t *MarkedPage) Paper() (fyne.Position, fyne.Size) {
	at, units := t.paper()
	return at, fyne.NewSize(t.page.Width*units, t.page.Height*units)
}

// box is where the mark is drawn.
func (t *MarkedPage) box() (fyne.Position, fyne.Size) {
	at, units := t.paper()
	b := t.mark
	return at.AddXY(float32(b.X)*units, (t.page.Height-float32(b.Y+b.H))*units),
		fyne.NewSize(float32(b.W)*units, float32(b.H)*units)
}

// on reports that a point lies on the mark, or nearly.
func (t *MarkedPage) on(p fyne.Position) bool {
	const near = 6
	at, size := t.box()
	return t.mark.W > 0 && p.X >= at.X-near && p.Y >= at.Y-near && p.X <= at.X+size.Width+near && p.Y <= at.Y+size.Height+near
}

// Tapped chooses the page.
func (t *MarkedPage) Tapped(*fyne.PointEvent) { t.Chosen() }

// MouseDown takes hold of the mark.
func (t *MarkedPage) MouseDown(e *desktop.MouseEvent) {
	t.held, t.from, t.drag = t.on(e.Position), t.mark, fyne.Delta{}
	if t.held {
		t.Chosen()
	}
}

// MouseUp does nothing; DragEnd lets go.
func (t *MarkedPage) MouseUp(*desktop.MouseEvent) {}

// MouseIn follows the pointer.
func (t *MarkedPage) MouseIn(e *desktop.MouseEvent) { t.hover = t.on(e.Position) }

// MouseMoved follows the pointer.
func (t *MarkedPage) MouseMoved(e *desktop.MouseEvent) { t.hover = t.on(e.Position) }

// MouseOut forgets the pointer.
func (t *MarkedPage) MouseOut() { t.hover = false }

// Cursor shows what can be dragged.
func (t *MarkedPage) Cursor() desktop.Cursor {
	if t.hover {
		return desktop.PointerCursor
	}
	return desktop.DefaultCursor
}

// Dragged moves the mark.
func (t *MarkedPage) Dragged(e *fyne.DragEvent) {
	_, units := t.paper()
	if !t.held || units == 0 {
		return
	}
	t.drag.DX += e.Dragged.DX
	t.drag.DY += e.Dragged.DY
	to := t.from
	to.X, to.Y = to.X+float64(t.drag.DX/units), to.Y-float64(t.drag.DY/units)
	t.Moved(to)
}

// DragEnd lets go of the mark.
func (t *MarkedPage) DragEnd() { t.held = false }

// CreateRenderer is called by Fyne.
func (t *MarkedPage) CreateRenderer() fyne.WidgetRenderer {
	smooth := func(fill canvas.ImageFill) *canvas.Image {
		return &canvas.Image{FillMode: fill, ScaleMode: canvas.ImageScaleSmooth}
	}
	r := &markedPageRenderer{
		page: t, paper: canvas.NewRectangle(color.White), picture: smooth(canvas.ImageFillStretch), stamp: smooth(canvas.ImageFillContain),
		frame: canvas.NewRectangle(color.Transparent), veil: canvas.NewRectangle(color.Transparent),
	}
	r.Refresh()
	return r
}

type markedPageRenderer struct {
	page               *MarkedPage
	paper, frame, veil *canvas.Rectangle
	picture, stamp     *canvas.Image
	shown              Imprints // a mark of text
}

func (r *markedPageRenderer) Destroy()           {}
func (r *markedPageRenderer) MinSize() fyne.Size { return fyne.NewSize(60, 60) }

func (r *markedPageRenderer) Layout(fyne.Size) {
	at, units := r.page.paper()
	size := fyne.NewSize(r.page.page.Width*units, r.page.page.Height*units)
	r.paper.Move(at.SubtractXY(1, 1))
	r.paper.Resize(size.AddWidthHeight(2, 2))
	r.picture.Move(at)
	r.picture.Resize(size)
	r.veil.Move(at)
	r.veil.Resize(size)
	at, size = r.page.box()
	r.frame.Move(at.SubtractXY(2, 2))
	r.frame.Resize(size.AddWidthHeight(4, 4))
	r.stamp.Move(at)
	r.stamp.Resize(size)
	r.ink()
}

// ink shows the mark: a text is drawn in the size of the page.
func (r *markedPageRenderer) ink() {
	t := r.page
	var m image.Image
	if t.mark.W > 0 && t.page.Width > 0 {
		m = r.shown.Of(t.stamp, t.mark, t.Scale())
	}
	r.stamp.Hidden = m == nil
	if r.stamp.Image != m {
		r.stamp.Image = m
		r.stamp.Refresh()
	}
}

func (r *markedPageRenderer) Refresh() {
	t := r.page
	r.paper.Hidden = t.page.Width <= 0
	r.paper.StrokeColor, r.paper.StrokeWidth = base.Color(base.ColorNameSeparator), 1
	r.picture.Hidden = t.picture == nil
	if r.picture.Image != t.picture {
		r.picture.Image = t.picture
		r.picture.Refresh()
	}
	r.frame.Hidden = t.mark.W <= 0 || t.page.Width <= 0
	blue := rgbOnPaper()
	r.frame.StrokeColor, r.frame.StrokeWidth, r.frame.CornerRadius = blue, 1.5, 2
	blue.A = 0x18
	r.frame.FillColor = blue
	r.veil.Hidden = !t.faded
	shade := color.NRGBAModel.Convert(base.Color(theme.ColorSurface)).(color.NRGBA) //nolint:forcetypeassert // the model's own type
	shade.A = 0xB0
	r.veil.FillColor = shade
	r.Layout(t.Size())
	canvas.Refresh(t)
}

func (r *markedPageRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.paper, r.picture, r.frame, r.stamp, r.veil}
}

// rgbOnPaper is the blue of marks on paper, which is white in the dark, too.
func rgbOnPaper() color.NRGBA { return color.NRGBA{R: 0x1B, G: 0x5F, B: 0xAA, A: 0xff} }
