package gui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"kyso/app/present"
)

// Frames is told of every frame that the window paints, for measurements. Both
// methods are called on the window's goroutine.
type Frames interface {
	// Begins is called before the first object is painted.
	Begins()
	// Ends is called after the last object of the place; what lies over it is painted
	// then, and the picture shown.
	Ends()
}

// Reading is what the reader shows at this moment.
type Reading struct {
	Page int     // in the middle of the view, 0 without a document
	Top  float32 // how far the view is scrolled down, in window units
	// Sharp says that all that is in view has its picture, pixel by pixel.
	Sharp bool
}

// Reading tells what the reader shows, nothing while another screen is shown; it is
// called on the window's goroutine.
func (w *Window) Reading() Reading {
	if w.shown != present.PlaceReader {
		return Reading{}
	}
	p := w.reader.Pages()
	return Reading{Page: p.Middle(), Top: p.Top(), Sharp: p.Sharp()}
}

// fill shows a place, between two witnesses when frames are measured.
func (w *Window) fill(place fyne.CanvasObject) {
	if f := w.options.Frames; f != nil {
		place = container.NewStack(newWitness(f.Begins), place, newWitness(f.Ends))
	}
	w.window.SetContent(place)
}

// witness is an object that is never seen and tells when it is painted. Of the
// walks that Fyne does, only the painting asks an object for its size that is no
// container, no widget, and far from the pointer.
type witness struct {
	painted func()
	hidden  bool
}

// newWitness makes an object without a size, far outside.
func newWitness(painted func()) fyne.CanvasObject {
	return container.NewWithoutLayout(&witness{painted: painted})
}

var _ fyne.CanvasObject = (*witness)(nil)

// MinSize is nothing.
func (w *witness) MinSize() fyne.Size { return fyne.Size{} }

// Move is not heeded.
func (w *witness) Move(fyne.Position) {}

// Position is far outside.
func (w *witness) Position() fyne.Position { return fyne.NewSquareOffsetPos(1e6) }

// Resize is not heeded.
func (w *witness) Resize(fyne.Size) {}

// Size is asked for when the object is to be painted.
func (w *witness) Size() fyne.Size {
	w.painted()
	return fyne.Size{}
}

// Hide and Show are called by Fyne.
func (w *witness) Hide() { w.hidden = true }

// Show is called by Fyne.
func (w *witness) Show() { w.hidden = false }

// Visible reports that it was not hidden.
func (w *witness) Visible() bool { return !w.hidden }

// Refresh does nothing.
func (w *witness) Refresh() {}
