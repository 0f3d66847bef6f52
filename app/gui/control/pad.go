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

	"kyso/app/studio"
)

// Pad is a sheet on which a mouse, a pen or a finger writes.
type Pad struct {
	widget.BaseWidget

	strokes []studio.Stroke
	current studio.Stroke
	done    func(studio.Stroke)
}

var (
	_ fyne.Draggable    = (*Pad)(nil)
	_ desktop.Mouseable = (*Pad)(nil)
)

// NewPad makes an empty sheet; done is told each stroke.
func NewPad(done func(studio.Stroke)) *Pad {
	p := &Pad{done: done}
	p.ExtendBaseWidget(p)
	return p
}

// Set shows strokes.
func (p *Pad) Set(strokes []studio.Stroke) {
	p.strokes = strokes
	p.Refresh()
}

// MouseDown touches the sheet.
func (p *Pad) MouseDown(e *desktop.MouseEvent) { p.to(e.Position) }

// MouseUp lifts the pen.
func (p *Pad) MouseUp(*desktop.MouseEvent) { p.lift() }

// Dragged moves the pen.
func (p *Pad) Dragged(e *fyne.DragEvent) { p.to(e.Position) }

// DragEnd lifts the pen.
func (p *Pad) DragEnd() { p.lift() }

func (p *Pad) to(at fyne.Position) {
	x, y := min(max(at.X, 0), p.Size().Width), min(max(at.Y, 0), p.Size().Height)
	p.current = append(p.current, studio.Point{X: float64(x), Y: float64(y)})
	p.Refresh()
}

func (p *Pad) lift() {
	if len(p.current) == 0 {
		return
	}
	s := p.current
	p.current = nil
	p.done(s)
}

// CreateRenderer is called by Fyne.
func (p *Pad) CreateRenderer() fyne.WidgetRenderer {
	r := &padRenderer{pad: p, paper: canvas.NewRectangle(color.White)}
	r.ink = canvas.NewRaster(r.paint)
	r.Refresh()
	return r
}

type padRenderer struct {
	pad   *Pad
	paper *canvas.Rectangle
	ink   *canvas.Raster
}

func (r *padRenderer) Destroy()           {}
func (r *padRenderer) MinSize() fyne.Size { return fyne.NewSize(260, 120) }
func (r *padRenderer) Layout(s fyne.Size) {
	r.paper.Resize(s)
	r.ink.Resize(s)
}

func (r *padRenderer) Refresh() {
	r.paper.CornerRadius, r.paper.StrokeWidth, r.paper.StrokeColor = 8, 1, base.Color(base.ColorNameInputBorder)
	r.paper.Refresh()
	r.ink.Refresh()
}

func (r *padRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.paper, r.ink} }

// paint draws the strokes in pixels.
func (r *padRenderer) paint(w, h int) image.Image {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	if r.pad.Size().Width == 0 {
		return m
	}
	scale := float64(w) / float64(r.pad.Size().Width)
	for _, s := range r.pad.strokes {
		trace(m, s, scale)
	}
	trace(m, r.pad.current, scale)
	return m
}

// padPen is half the width of the pen on the sheet, in window units.
const padPen = 1.8

func trace(m *image.NRGBA, s studio.Stroke, scale float64) {
	half := padPen * scale
	for i, to := range s {
		from := s[max(i-1, 0)]
		steps := max(1, int(math.Hypot(to.X-from.X, to.Y-from.Y)*scale))
		for k := range steps + 1 {
			t := float64(k) / float64(steps)
			dot(m, (from.X+(to.X-from.X)*t)*scale, (from.Y+(to.Y-from.Y)*t)*scale, half)
		}
	}
}

// dot draws a round point with a soft rim.
func dot(m *image.NRGBA, cx, cy, half float64) {
	c := studio.Blue()
	for y := int(cy - half - 1); y <= int(cy+half+1); y++ {
		for x := int(cx - half - 1); x <= int(cx+half+1); x++ {
			if !(image.Point{X: x, Y: y}).In(m.Rect) {
				continue
			}
			cover := min(max(half+0.5-math.Hypot(float64(x)+0.5-cx, float64(y)+0.5-cy), 0), 1)
			if a := uint8(cover * 255); a > m.NRGBAAt(x, y).A {
				c.A = a
				m.SetNRGBA(x, y, c)
			}
		}
	}
}
