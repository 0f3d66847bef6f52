package preview

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"math"
	"os"
	"sync"

	"github.com/klippa-app/go-pdfium"
	"github.com/klippa-app/go-pdfium/enums"
	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"

	"kyso/app/placement"
)

// Size is the size of a page in points as shown: crop box and rotation applied.
type Size struct{ W, H float64 }

// Pixels is the size of the page's picture at scale pixels to the point.
func (s Size) Pixels(scale float64) image.Point {
	return image.Pt(int(math.Ceil(s.W*scale)), int(math.Ceil(s.H*scale)))
}

// Document is an open file. It is safe for concurrent use; its calls run one
// after another. A call that has begun is not interrupted by its context.
type Document struct {
	mu       sync.Mutex
	file     *os.File
	instance pdfium.Pdfium // nil after Close
	doc      references.FPDF_DOCUMENT
	sizes    []Size
	form     bool // it has form fields, signatures among them
}

// Pages gives the sizes of the pages in order.
func (d *Document) Pages() []Size { return d.sizes }

// Close releases the sandbox and the file. A second call does nothing.
func (d *Document) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.instance == nil {
		return nil
	}
	err := errors.Join(d.instance.Close(), d.file.Close())
	d.instance = nil
	return err
}

// readSizes asks for the size of every page.
func (d *Document) readSizes() ([]Size, error) {
	count, err := d.instance.FPDF_GetPageCount(&requests.FPDF_GetPageCount{Document: d.doc})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if count.PageCount == 0 {
		return nil, fmt.Errorf("%w: no pages", ErrDamaged)
	}
	if count.PageCount > maxPages {
		return nil, ErrTooLarge
	}
	sizes := make([]Size, count.PageCount)
	for i := range sizes {
		s, err := d.instance.FPDF_GetPageSizeByIndex(&requests.FPDF_GetPageSizeByIndex{Document: d.doc, Index: i})
		if err != nil {
			return nil, fmt.Errorf("%w: page %d: %w", ErrDamaged, i+1, err)
		}
		sizes[i] = Size{s.Width, s.Height}
	}
	return sizes, nil
}

// on runs work on a page (from 1) while the document is held.
func (d *Document) on(ctx context.Context, page int, work func(requests.Page) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if page < 1 || page > len(d.sizes) {
		return fmt.Errorf("page %d of %d: %w", page, len(d.sizes), ErrDamaged)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.instance == nil {
		return ErrClosed
	}
	if err := ctx.Err(); err != nil { // it may have ended while we waited
		return err
	}
	return work(requests.Page{ByIndex: &requests.PageByIndex{Document: d.doc, Index: page - 1}})
}

// Render draws a page (from 1) with its annotations and form fields on white,
// scale pixels to the point. The error is ErrTooLarge when the picture would pass
// the limit; Region draws what is in view only.
func (d *Document) Render(ctx context.Context, page int, scale float64) (image.Image, error) {
	if page < 1 || page > len(d.sizes) {
		return nil, fmt.Errorf("draw page %d of %d: %w", page, len(d.sizes), ErrDamaged)
	}
	return d.Region(ctx, page, scale, image.Rectangle{Max: d.sizes[page-1].Pixels(scale)})
}

// Region draws a part of a page (from 1) at scale pixels to the point. part is in
// pixels of the whole page, its origin at the upper left; the picture's bounds
// begin at zero. Regions that touch have no seam.
func (d *Document) Region(ctx context.Context, page int, scale float64, part image.Rectangle) (*image.RGBA, error) {
	var out *image.RGBA
	err := d.on(ctx, page, func(p requests.Page) error {
		w, h := part.Dx(), part.Dy()
		if w < 1 || h < 1 || w > maxPixels/h {
			return ErrTooLarge
		}
		r, err := d.instance.RenderPageInPixels(&requests.RenderPageInPixels{
			Page: p, Width: w, Height: h, RenderFlags: enums.FPDF_RENDER_FLAG_ANNOT, RenderForm: d.form,
			Crop: &requests.RenderPageCrop{
				X: float64(part.Min.X) / scale, Y: float64(part.Min.Y) / scale, Width: float64(w) / scale, Height: float64(h) / scale,
			},
		})
		if err != nil {
			return err
		}
		defer r.Cleanup()
		rendered, ok := r.Result.RenderedImage.(*image.RGBA)
		if !ok {
			return fmt.Errorf("a picture of kind %T", r.Result.RenderedImage)
		}
		out = onWhite(rendered)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("draw page %d: %w", page, err)
	}
	return out, nil
}

// onWhite copies pdfium's picture, whose memory is only lent, onto white. Its
// pixels are not premultiplied, whatever their type says.
func onWhite(m *image.RGBA) *image.RGBA {
	out := image.NewRGBA(m.Rect)
	straight := &image.NRGBA{Pix: m.Pix, Stride: m.Stride, Rect: m.Rect}
	if straight.Opaque() {
		copy(out.Pix, m.Pix)
		return out
	}
	draw.Draw(out, out.Rect, image.NewUniform(color.White), image.Point{}, draw.Src)
	draw.Draw(out, out.Rect, straight, m.Rect.Min, draw.Over)
	return out
}

// Compact gives a picture without colour, as most pages are, in a quarter of the
// memory; another one as it is.
func Compact(m *image.RGBA) image.Image {
	for y := range m.Rect.Dy() {
		row := m.Pix[y*m.Stride : y*m.Stride+4*m.Rect.Dx()]
		for ; len(row) >= 4; row = row[4:] {
			if row[0] != row[1] || row[1] != row[2] || row[3] != 0xFF {
				return m
			}
		}
	}
	out := image.NewGray(m.Rect)
	for y := range m.Rect.Dy() {
		row := m.Pix[y*m.Stride : y*m.Stride+4*m.Rect.Dx()]
		for x := range m.Rect.Dx() {
			out.Pix[y*out.Stride+x] = row[4*x]
		}
	}
	return out
}

// Page gives what the finder of places needs of a page (from 1): its lines of
// text and the places of pictures, earlier signatures and stamps.
func (d *Document) Page(ctx context.Context, page int) (placement.Page, error) {
	out := placement.Page{Number: page}
	err := d.on(ctx, page, func(p requests.Page) error {
		out.W, out.H = d.sizes[page-1].W, d.sizes[page-1].H
		shown, err := d.shown(p, out.W, out.H)
		if err != nil {
			return err
		}
		glyphs, err := d.glyphs(p, shown)
		if err != nil {
			return err
		}
		out.Lines = lines(glyphs)
		others, err := d.marks(p, shown, out.W, out.H)
		out.Marks, out.Rules, out.Scanned = others.marks, others.rules, others.scanned
		return err
	})
	if err == nil {
		err = d.addInk(ctx, &out)
	}
	if err != nil {
		return placement.Page{}, fmt.Errorf("read page %d: %w", page, err)
	}
	return out, nil
}

// addInk adds to a page where it is not blank, and to the marks of a scan what
// is drawn on it by hand.
func (d *Document) addInk(ctx context.Context, p *placement.Page) error {
	m, err := d.Region(ctx, p.Number, 1, image.Rectangle{Max: d.sizes[p.Number-1].Pixels(1)})
	if errors.Is(err, ErrClosed) || ctx.Err() != nil {
		return err
	}
	if err != nil { // it cannot be drawn: nobody has looked, so nothing is free
		p.Marks = append(p.Marks, placement.Rect{W: p.W, H: p.H})
		return nil //nolint:nilerr // the text is read all the same
	}
	g := newInkGrid(m, p.Scanned)
	if !p.Scanned { // the words' own places are exact
		g.clearWords(p.Lines, 0, p.H)
	}
	p.Ink = g.runs(p.H)
	if p.Scanned && len(p.Lines) > 0 {
		p.Marks = append(p.Marks, g.strayInk(p.Lines, p.W, p.H)...)
	}
	return nil
}

// Lines gives the lines of text of a page (from 1), in NFC, from the top.
// It reads the text only and draws nothing.
func (d *Document) Lines(ctx context.Context, page int) ([]placement.Line, error) {
	var out []placement.Line
	err := d.on(ctx, page, func(p requests.Page) error {
		shown, err := d.shown(p, d.sizes[page-1].W, d.sizes[page-1].H)
		if err != nil {
			return err
		}
		glyphs, err := d.glyphs(p, shown)
		out = lines(glyphs)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read page %d: %w", page, err)
	}
	return out, nil
}

// Pager is a document whose pages can be read one by one; *Document is one.
type Pager interface {
	Pages() []Size
	Page(ctx context.Context, page int) (placement.Page, error)
}

// The pages that are read to find a place: a letter may be followed by a long
// annex, or be long itself.
const (
	firstPlaced = 10
	lastPlaced  = 20
)

// EndPages gives what the finder of places needs of a document: its first and
// its last pages; all of a document that is not long.
func EndPages(ctx context.Context, d Pager) ([]placement.Page, error) {
	n := len(d.Pages())
	var out []placement.Page
	for i := 1; i <= n; i++ {
		if i > firstPlaced && i <= n-lastPlaced {
			continue
		}
		p, err := d.Page(ctx, i)
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}
