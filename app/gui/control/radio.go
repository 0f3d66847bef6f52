package control

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	base "fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// Radio is a choice of one of some texts that all stand there. Tab reaches it once
// and the arrows move the choice, from the last one to the first; a tap leaves the
// keyboard to the window. Fyne's own group stops Tab at each text and keeps the
// window's keys to itself.
type Radio struct {
	widget.DisableableWidget

	Options    []string
	Selected   string // one of the options, "" before the first choice
	Horizontal bool   // the texts stand beside each other
	OnChanged  func(string)

	focused bool
	hovered int // the option under the pointer, −1 for none
}

var (
	_ fyne.Tappable     = (*Radio)(nil)
	_ fyne.Focusable    = (*Radio)(nil)
	_ fyne.Disableable  = (*Radio)(nil)
	_ desktop.Hoverable = (*Radio)(nil)
)

// NewRadio makes a choice of which nothing is chosen.
func NewRadio(options []string, changed func(string)) *Radio {
	r := &Radio{Options: options, OnChanged: changed, hovered: -1}
	r.ExtendBaseWidget(r)
	return r
}

// SetSelected chooses an option and tells it where it is another one.
func (r *Radio) SetSelected(option string) {
	if r.Selected == option {
		return
	}
	r.Selected = option
	r.Refresh()
	if r.OnChanged != nil {
		r.OnChanged(option)
	}
}

// chosen is the place of the option that is chosen, −1 for none.
func (r *Radio) chosen() int {
	for i, o := range r.Options {
		if o == r.Selected {
			return i
		}
	}
	return -1
}

// cell is the size of each option's room.
func (r *Radio) cell() fyne.Size {
	n := float32(max(1, len(r.Options)))
	if m := r.MinSize(); r.Horizontal {
		return fyne.NewSize(m.Width/n, m.Height)
	}
	return fyne.NewSize(r.MinSize().Width, r.MinSize().Height/n)
}

// option is the one at a position, −1 for none.
func (r *Radio) option(at fyne.Position) int {
	cell := r.cell()
	along, step, across, width := at.Y, cell.Height, at.X, cell.Width
	if r.Horizontal {
		along, step, across, width = at.X, cell.Width, at.Y, cell.Height
	}
	if i := int(along / step); along >= 0 && across >= 0 && across < width && i < len(r.Options) {
		return i
	}
	return -1
}

// Tapped chooses the option under the pointer.
func (r *Radio) Tapped(e *fyne.PointEvent) {
	if i := r.option(e.Position); i >= 0 && !r.Disabled() {
		r.SetSelected(r.Options[i])
	}
}

// TypedKey moves the choice by the arrows; Space makes the first one.
func (r *Radio) TypedKey(e *fyne.KeyEvent) {
	n, next := len(r.Options), r.chosen()
	switch e.Name {
	case fyne.KeyRight, fyne.KeyDown:
		next++
	case fyne.KeyLeft, fyne.KeyUp:
		next = max(next, 0) - 1
	case fyne.KeySpace:
		next = max(next, 0)
	default:
		handOn(r, e)
		return
	}
	if stays(r) && n > 0 && !r.Disabled() {
		r.SetSelected(r.Options[(next+n)%n])
	}
}

// TypedRune does nothing.
func (*Radio) TypedRune(rune) {}

// FocusGained shows the keyboard's place.
func (r *Radio) FocusGained() { r.focused = true; r.Refresh() }

// FocusLost hides it.
func (r *Radio) FocusLost() { r.focused = false; r.Refresh() }

// MouseIn shows which option can be tapped.
func (r *Radio) MouseIn(e *desktop.MouseEvent) { r.MouseMoved(e) }

// MouseMoved follows the pointer.
func (r *Radio) MouseMoved(e *desktop.MouseEvent) { r.hover(r.option(e.Position)) }

// MouseOut ends what MouseIn began.
func (r *Radio) MouseOut() { r.hover(-1) }

func (r *Radio) hover(option int) {
	if r.hovered != option {
		r.hovered = option
		r.Refresh()
	}
}

// CreateRenderer is called by Fyne.
func (r *Radio) CreateRenderer() fyne.WidgetRenderer {
	k := &radioRenderer{of: r}
	k.draw()
	return k
}

// radioRow is one option: a ring, filled where it is chosen, on a disc that shows
// pointer and keyboard.
type radioRow struct {
	disc       *canvas.Circle
	fill, ring *canvas.Image
	text       *canvas.Text
}

func newRadioRow() radioRow {
	return radioRow{canvas.NewCircle(color.Transparent), &canvas.Image{}, &canvas.Image{}, canvas.NewText("", color.Black)}
}

type radioRenderer struct {
	of   *Radio
	rows []radioRow
}

func (r *radioRenderer) Destroy() {}

func (r *radioRenderer) MinSize() fyne.Size {
	var cell fyne.Size
	pad := 2 * base.InnerPadding()
	for _, text := range r.of.Options {
		m := fyne.MeasureText(text, base.TextSize(), fyne.TextStyle{})
		cell = cell.Max(m.AddWidthHeight(pad+base.IconInlineSize()+base.Padding(), pad))
	}
	if n := float32(len(r.of.Options)); r.of.Horizontal {
		cell.Width *= n
	} else {
		cell.Height *= n
	}
	return cell
}

func (r *radioRenderer) Layout(fyne.Size) {
	cell := r.of.cell()
	disc, ring := base.IconInlineSize()+base.InnerPadding(), base.IconInlineSize()
	var at fyne.Position
	for _, row := range r.rows {
		row.disc.Resize(fyne.NewSquareSize(disc))
		row.disc.Move(at.AddXY(base.InputBorderSize(), (cell.Height-disc)/2))
		for _, image := range []*canvas.Image{row.fill, row.ring} {
			image.Resize(fyne.NewSquareSize(ring))
			image.Move(at.AddXY(base.InnerPadding()/2+base.InputBorderSize(), (cell.Height-ring)/2))
		}
		row.text.Resize(cell)
		row.text.Move(at.AddXY(disc+base.Padding(), 0))
		if r.of.Horizontal {
			at.X += cell.Width
		} else {
			at.Y += cell.Height
		}
	}
}

func (r *radioRenderer) Refresh() {
	r.draw()
	r.Layout(r.of.Size())
	canvas.Refresh(r.of)
}

// draw has a row for each option, in the colours of its state.
func (r *radioRenderer) draw() {
	for len(r.rows) < len(r.of.Options) {
		r.rows = append(r.rows, newRadioRow())
	}
	r.rows = r.rows[:len(r.of.Options)]
	chosen := r.of.chosen()
	for i, row := range r.rows {
		ink, ring, fill := base.ColorNameForeground, base.ColorNameInputBorder, base.ColorNameInputBackground
		if i == chosen {
			ring, fill = base.ColorNameForeground, base.ColorNamePrimary
		}
		if r.of.Disabled() {
			ink, ring, fill = base.ColorNameDisabled, base.ColorNameDisabled, base.ColorNameBackground
			if i == chosen {
				fill = base.ColorNameDisabled
			}
		}
		row.text.Text, row.text.TextSize, row.text.Color = r.of.Options[i], base.TextSize(), base.Color(ink)
		row.fill.Resource = coloured(base.IconNameRadioButtonFill, fill)
		row.ring.Resource = coloured(base.IconNameRadioButton, ring)
		row.disc.FillColor = color.Transparent
		switch {
		case r.of.Disabled():
		case r.of.focused && i == max(chosen, 0):
			row.disc.FillColor = base.Color(base.ColorNameFocus)
		case i == r.of.hovered:
			row.disc.FillColor = base.Color(base.ColorNameHover)
		}
		row.disc.Refresh()
		row.fill.Refresh()
		row.ring.Refresh()
		row.text.Refresh()
	}
}

// coloured is one of the theme's icons in one of its colours.
func coloured(icon fyne.ThemeIconName, c fyne.ThemeColorName) fyne.Resource {
	return base.NewColoredResource(base.Icon(icon), c)
}

func (r *radioRenderer) Objects() []fyne.CanvasObject {
	var all []fyne.CanvasObject
	for _, row := range r.rows {
		all = append(all, row.disc, row.fill, row.ring, row.text)
	}
	return all
}
