package present

import (
	"context"
	"image"
	"math"
	"slices"
	"sync"

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

// drawing is what is to be drawn of the open document. What is wanted no more is
// never begun: one page is drawn at a time, or what a view lacks of it.
type drawing struct {
	wanted []Piece // what the view lacks, the most needed first
	small  []Piece // thumbnails, drawn when nothing else is wanted
	now    []Piece // being drawn
}

// lacks gives the pieces that are not being drawn.
func (d *drawing) lacks(pieces []Piece) []Piece {
	return slices.DeleteFunc(slices.Clone(pieces), func(p Piece) bool { return slices.Contains(d.now, p) })
}

// next takes what is drawn next, and says whether it is a thumbnail.
func (d *drawing) next() (small bool) {
	from := &d.wanted
	if len(*from) == 0 {
		from, small = &d.small, true
	}
	n := min(1, len(*from))
	for n > 0 && n < len(*from) && together((*from)[0], (*from)[n]) {
		n++
	}
	d.now, *from = (*from)[:n:n], (*from)[n:]
	return small
}

// together reports that two pieces are of one page as the view shows it: tiles, and
// the small picture under them.
func together(a, b Piece) bool { return a.Page == b.Page && !b.Whole }

// drawn is a piece with its picture, nil for one that cannot be drawn.
type drawn struct {
	piece   Piece
	picture image.Image
}

// ready are pictures on their way to the window. Each is told as soon as it is there,
// and whoever comes first takes along what came after: a window that paints slowly
// would else paint once for each.
type ready struct {
	mu  sync.Mutex
	all []drawn
}

// add puts a picture to those that wait.
func (r *ready) add(d drawn) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all = append(r.all, d)
}

// take gives those that wait.
func (r *ready) take() []drawn {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := r.all
	r.all = nil
	return all
}

// Want says which pieces the view lacks, the most needed first; it replaces what
// was wanted before. The answers come through Picture, with nil for a page that
// cannot be drawn.
func (r *Reader) Want(pieces []Piece) {
	r.drawing.wanted = r.drawing.lacks(pieces)
	r.draw()
}

// WantSmall is Want for thumbnails; their answers come through Thumbnail.
func (r *Reader) WantSmall(pieces []Piece) {
	r.drawing.small = r.drawing.lacks(pieces)
	r.draw()
}

// draw begins to draw what is next, when nothing is being drawn.
func (r *Reader) draw() {
	if r.sheet == nil || len(r.drawing.now) > 0 {
		return
	}
	tell := r.Picture
	if r.drawing.next() {
		tell = r.Thumbnail
	}
	if len(r.drawing.now) == 0 {
		return
	}
	sheet, pieces, serial := r.sheet, r.drawing.now, r.state.Serial
	var done ready
	give := func(over bool) {
		if serial != r.state.Serial || sheet != r.sheet {
			return
		}
		if over {
			r.drawing.now = nil
			defer r.draw()
		}
		for _, d := range done.take() {
			tell(d.piece, d.picture)
		}
	}
	r.loop.Go(func(ctx context.Context) func() {
		for i, p := range pieces {
			done.add(drawPiece(ctx, sheet, p))
			if i == 0 && len(pieces) > 1 { // the small picture, while the tiles are drawn
				r.loop.Tell(func() { give(false) })
			}
		}
		return func() { give(true) }
	})
}

// drawPiece draws a piece.
func drawPiece(ctx context.Context, sheet Sheet, p Piece) drawn {
	m, err := sheet.Region(ctx, p.Page, p.Scale, p.Part)
	if err != nil {
		return drawn{piece: p}
	}
	return drawn{p, preview.Compact(m)}
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
