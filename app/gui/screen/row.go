package screen

import (
	"image/color"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	base "fyne.io/fyne/v2/theme"

	"kyso/app/gui/theme"
)

// rowRenderer draws a row of a list: its content on a surface with a border, which
// is thicker and has the primary colour when the row is the chosen one.
type rowRenderer struct {
	body   *fyne.Container
	fill   *canvas.Rectangle
	chosen func() bool // nil for rows that cannot be chosen
	also   func()      // draws what the row has beside its content; may be nil
}

// newRowRenderer puts content on a surface, with a gap above and below it.
func newRowRenderer(content fyne.CanvasObject, gap float32) *rowRenderer {
	fill := canvas.NewRectangle(color.Transparent)
	return &rowRenderer{fill: fill, body: padded(container.NewStack(fill, content), gap, 0)}
}

func (r *rowRenderer) Destroy()                     {}
func (r *rowRenderer) Layout(s fyne.Size)           { r.body.Resize(s) }
func (r *rowRenderer) MinSize() fyne.Size           { return r.body.MinSize() }
func (r *rowRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.body} }
func (r *rowRenderer) Refresh() {
	r.fill.FillColor, r.fill.CornerRadius = base.Color(theme.ColorSurface), 9
	r.fill.StrokeWidth, r.fill.StrokeColor = 1, base.Color(base.ColorNameSeparator)
	if r.chosen != nil && r.chosen() {
		r.fill.StrokeWidth, r.fill.StrokeColor = 2, base.Color(base.ColorNamePrimary)
	}
	r.fill.Refresh()
	if r.also != nil {
		r.also()
	}
	r.body.Refresh()
}

// joined puts texts into one line; empty ones are left out.
func joined(texts ...string) string { return strings.Join(notEmpty(texts...), "  ·  ") }

// notEmpty leaves empty texts out.
func notEmpty(texts ...string) []string {
	var out []string
	for _, t := range texts {
		if t != "" {
			out = append(out, t)
		}
	}
	return out
}
