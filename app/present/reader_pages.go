package present

import (
	"context"
	"image"
	"math"
	"slices"

	"kyso/app/preview"
)

// Piece is a part of the picture of a page.
type Piece struct {
	Page  int     // from 1
	Scale float64 // pixels to the point
	// Part is in pixels of the whole page at that scale, its origin at the upper left.
	Part image.Rectangle
	// Whole says that the part is all of the page.
	Whole bool
}

// PageSize is the size of a page in points, as shown.
type PageSize = preview.Size

// WholePage is the piece that is all of a page.
func WholePage(page int, size preview.Size, scale float64) Piece {
	return Piece{Page: page, Scale: scale, Part: image.Rectangle{Max: size.Pixels(scale)}, Whole: true}
}

// drawing is what is to be drawn of the open document. One piece is drawn at a
// time, so what is wanted no more is never begun.
type drawing struct {
	wanted []Piece // what the view lacks, the most needed first
	small  []Piece // thumbnails, drawn when nothing else is wanted
	now    Piece   // being drawn; page 0 for none
}

// Want says which pieces the view lacks, the most needed first; it replaces what
// was wanted before. The answers come through Picture, with nil for a page that
// cannot be drawn.
func (r *Reader) Want(pieces []Piece) {
	r.drawing.wanted = slices.DeleteFunc(slices.Clone(pieces), func(p Piece) bool { return p == r.drawing.now })
	r.draw()
}

// WantSmall is Want for thumbnails; their answers come through Thumbnail.
func (r *Reader) WantSmall(pieces []Piece) {
	r.drawing.small = slices.DeleteFunc(slices.Clone(pieces), func(p Piece) bool { return p == r.drawing.now })
	r.draw()
}

// draw begins to draw the next piece, when none is being drawn.
func (r *Reader) draw() {
	d := &r.drawing
	if r.sheet == nil || d.now.Page != 0 {
		return
	}
	tell := r.Picture
	switch {
	case len(d.wanted) > 0:
		d.now, d.wanted = d.wanted[0], d.wanted[1:]
	case len(d.small) > 0:
		d.now, d.small = d.small[0], d.small[1:]
		tell = r.Thumbnail
	default:
		return
	}
	sheet, piece, serial := r.sheet, d.now, r.state.Serial
	r.loop.Go(func(ctx context.Context) func() {
		m, err := sheet.Region(ctx, piece.Page, piece.Scale, piece.Part)
		return func() {
			if serial != r.state.Serial || sheet != r.sheet {
				return
			}
			r.drawing.now = Piece{}
			if err != nil {
				m = nil
			}
			tell(piece, m)
			r.draw()
		}
	})
}

// Zoom multiplies the zoom by steps: 1 is one step nearer, −1 one farther.
func (r *Reader) Zoom(steps float64) { r.setZoom(r.state.Zoom * math.Pow(zoomStep, steps)) }

// FitWidth makes the widest page as wide as the view, in window units.
func (r *Reader) FitWidth(view float64) {
	widest := 0.0
	for _, p := range r.state.Pages {
		widest = max(widest, p.W)
	}
	if widest > 0 && view > 0 {
		r.setZoom(view / widest)
	}
}

func (r *Reader) setZoom(z float64) {
	z = min(max(z, minZoom), maxZoom)
	if z == r.state.Zoom {
		return
	}
	r.state.Zoom = z
	r.Changed(r.state)
}
