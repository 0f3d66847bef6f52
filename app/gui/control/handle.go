package control

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	base "fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"kyso/app/gui/theme"
)

// Handle is what a file is dragged out of the window by.
type Handle struct {
	widget.BaseWidget

	begin          func() (moved, dropped func())
	moved, dropped func()
	dragging       bool
	hovered        bool
}

var (
	_ fyne.Draggable     = (*Handle)(nil)
	_ desktop.Cursorable = (*Handle)(nil)
	_ desktop.Hoverable  = (*Handle)(nil)
)

// NewHandle makes a handle. begin is called when a drag begins; what it returns is
// called while the pointer moves and when it is let go, and may be nil.
func NewHandle(begin func() (moved, dropped func())) *Handle {
	h := &Handle{begin: begin}
	h.ExtendBaseWidget(h)
	return h
}

// Dragged is called while the pointer moves with the button down, also outside the window.
func (h *Handle) Dragged(*fyne.DragEvent) {
	if !h.dragging {
		h.dragging = true
		h.moved, h.dropped = h.begin()
	}
	if h.moved != nil {
		h.moved()
	}
}

// DragEnd is called when the button is let go.
func (h *Handle) DragEnd() {
	dropped := h.dropped
	h.dragging, h.moved, h.dropped = false, nil, nil
	if dropped != nil {
		dropped()
	}
}

// Cursor is a hand.
func (h *Handle) Cursor() desktop.Cursor { return desktop.PointerCursor }

// MouseIn shows that it can be taken.
func (h *Handle) MouseIn(*desktop.MouseEvent) { h.hovered = true; h.Refresh() }

// MouseMoved does nothing.
func (h *Handle) MouseMoved(*desktop.MouseEvent) {}

// MouseOut ends what MouseIn began.
func (h *Handle) MouseOut() { h.hovered = false; h.Refresh() }

// CreateRenderer is called by Fyne.
func (h *Handle) CreateRenderer() fyne.WidgetRenderer {
	icon := canvas.NewImageFromResource(Icon("file", theme.ColorMuted))
	icon.FillMode = canvas.ImageFillContain
	icon.SetMinSize(fyne.NewSquareSize(26))
	return &handleRenderer{WidgetRenderer: widget.NewSimpleRenderer(container.NewPadded(icon)), handle: h, icon: icon}
}

type handleRenderer struct {
	fyne.WidgetRenderer

	handle *Handle
	icon   *canvas.Image
}

// Refresh draws the icon in the colour of the moment.
func (r *handleRenderer) Refresh() {
	c := theme.ColorMuted
	if r.handle.hovered {
		c = base.ColorNamePrimary
	}
	r.icon.Resource = Icon("file", c)
	r.icon.Refresh()
}
