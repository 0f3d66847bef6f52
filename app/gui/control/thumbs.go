package control

import (
	"image"
	"image/color"
	"math"
	"slices"
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	base "fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"kyso/app/gui/theme"
	"kyso/app/present"
)

// The room of one thumbnail, in window units.
const (
	thumbWidth  = 104
	thumbHeight = 146
	thumbFoot   = 22 // for the number under it
)

// maxThumbs bounds the bytes of the thumbnails that are kept; those of a screen are
// always fewer.
const maxThumbs = 6 << 20

// Thumbs is a strip with a small picture of every page. It asks for those in
// view and keeps a bounded number.
type Thumbs struct {
	List

	sizes   []present.PageSize
	badges  map[int]Badge
	current int
	drawn   bool
	album   map[int]image.Image // nil for a page that cannot be drawn
	recent  []int               // the pages of album, the one drawn last at the end
	bytes   int                 // of album
	shown   map[int]*thumb      // rows by their page
	wanted  map[int]bool

	// Want is told which thumbnails are lacking.
	Want func([]present.Piece)
	// Go is told which page the person chose.
	Go func(page int)
}

// Badge says what is on a page.
type Badge struct{ Mark, Signed bool }

// NewThumbs makes an empty strip.
func NewThumbs() *Thumbs {
	t := &Thumbs{
		album: map[int]image.Image{}, shown: map[int]*thumb{}, wanted: map[int]bool{}, current: 1,
		Want: func([]present.Piece) {}, Go: func(int) {},
	}
	t.fill(func() int { return len(t.sizes) }, func() fyne.CanvasObject { return newThumb() }, t.update, func(row int) { t.Go(row + 1) })
	t.HideSeparators = true
	t.ExtendBaseWidget(t)
	return t
}

// Set shows other pages.
func (t *Thumbs) Set(sizes []present.PageSize) {
	t.sizes, t.current = sizes, 1
	t.album, t.recent, t.bytes, t.shown, t.wanted = map[int]image.Image{}, nil, 0, map[int]*thumb{}, map[int]bool{}
	if t.drawn {
		t.ScrollToTop()
		t.Refresh()
	}
}

// CreateRenderer is called by Fyne; before it the list cannot scroll.
func (t *Thumbs) CreateRenderer() fyne.WidgetRenderer {
	t.drawn = true
	return t.List.CreateRenderer()
}

// Follow brings the page that is read into view.
func (t *Thumbs) Follow() {
	if t.drawn && t.Visible() && len(t.sizes) > 0 && t.Size().Height > 0 {
		t.ScrollTo(t.current - 1)
	}
}

// Mark says what is on which page.
func (t *Thumbs) Mark(badges map[int]Badge) {
	t.badges = badges
	for page, row := range t.shown {
		row.set(page, t.album[page], t.badges[page], page == t.current)
	}
}

// Current marks the page that is read, and keeps it in view.
func (t *Thumbs) Current(page int) {
	if page == t.current {
		return
	}
	old := t.current
	t.current = page
	for _, p := range []int{old, page} {
		if row := t.shown[p]; row != nil && row.page == p {
			row.set(p, t.album[p], t.badges[p], p == page)
		}
	}
	t.Follow()
}

// SetPicture shows a thumbnail that was asked for.
func (t *Thumbs) SetPicture(p present.Piece, m image.Image) {
	delete(t.wanted, p.Page)
	if _, ok := t.album[p.Page]; !ok {
		t.recent = append(t.recent, p.Page)
	}
	t.bytes += weight(m) - weight(t.album[p.Page])
	t.album[p.Page] = m
	for t.bytes > maxThumbs && len(t.recent) > 1 {
		t.bytes -= weight(t.album[t.recent[0]])
		delete(t.album, t.recent[0])
		t.recent = t.recent[1:]
	}
	if row := t.shown[p.Page]; row != nil && row.page == p.Page {
		row.set(p.Page, m, t.badges[p.Page], p.Page == t.current)
	}
}

// piece is the thumbnail of a page.
func (t *Thumbs) piece(page int) present.Piece {
	size := t.sizes[page-1]
	scale := math.Min(thumbWidth/size.W, thumbHeight/size.H) * float64(canvasScale(t))
	return present.WholePage(page, size, scale)
}

// update is called by the list for each row that comes into view.
func (t *Thumbs) update(id widget.ListItemID, o fyne.CanvasObject) {
	row, ok := o.(*thumb)
	page := id + 1
	if !ok || page > len(t.sizes) {
		return
	}
	if t.shown[row.page] == row {
		delete(t.shown, row.page)
		delete(t.wanted, row.page) // out of view before it was drawn
	}
	t.shown[page] = row
	m, have := t.album[page]
	row.extent = t.piece(page).Part.Size()
	row.unit = canvasScale(t)
	row.set(page, m, t.badges[page], page == t.current)
	if have {
		return
	}
	t.wanted[page] = true
	t.ask()
}

// ask asks for what is lacking in view, in order.
func (t *Thumbs) ask() {
	var pieces []present.Piece
	for page := range t.wanted {
		if page <= len(t.sizes) {
			pieces = append(pieces, t.piece(page))
		}
	}
	slices.SortFunc(pieces, func(a, b present.Piece) int { return a.Page - b.Page })
	t.Want(pieces)
}

// thumb is one page in the strip.
type thumb struct {
	widget.BaseWidget

	page    int
	picture image.Image
	extent  image.Point // of the picture, in pixels
	unit    float32     // pixels to the window unit
	badge   Badge
	current bool
}

func newThumb() *thumb {
	t := &thumb{unit: 1}
	t.ExtendBaseWidget(t)
	return t
}

func (t *thumb) set(page int, m image.Image, b Badge, current bool) {
	t.page, t.picture, t.badge, t.current = page, m, b, current
	t.Refresh()
}

// CreateRenderer is called by Fyne.
func (t *thumb) CreateRenderer() fyne.WidgetRenderer {
	r := &thumbRenderer{
		thumb: t, frame: canvas.NewRectangle(color.Transparent), paper: canvas.NewRectangle(color.White),
		image:  &canvas.Image{FillMode: canvas.ImageFillStretch, ScaleMode: canvas.ImageScaleFastest},
		number: canvas.NewText("", color.Black),
		sign:   widget.NewIcon(Icon("sign", theme.ColorPlain)), signed: widget.NewIcon(Icon("check", theme.ColorGood)),
	}
	r.Refresh()
	return r
}

type thumbRenderer struct {
	thumb        *thumb
	frame, paper *canvas.Rectangle
	image        *canvas.Image
	number       *canvas.Text
	sign, signed *widget.Icon
}

func (r *thumbRenderer) Destroy() {}

func (r *thumbRenderer) MinSize() fyne.Size {
	return fyne.NewSize(thumbWidth+20, thumbHeight+thumbFoot+10)
}

func (r *thumbRenderer) Layout(s fyne.Size) {
	t := r.thumb
	w, h := float32(t.extent.X)/t.unit, float32(t.extent.Y)/t.unit
	at := fyne.NewPos((s.Width-w)/2, 6+(thumbHeight-h)/2)
	r.paper.Move(at.SubtractXY(1, 1))
	r.paper.Resize(fyne.NewSize(w+2, h+2))
	r.frame.Move(at.SubtractXY(4, 4))
	r.frame.Resize(fyne.NewSize(w+8, h+8))
	r.image.Move(at)
	if size := fyne.NewSize(w, h); r.image.Size() != size {
		r.image.Resize(size)
	}
	foot := float32(thumbHeight + 10)
	width := r.number.MinSize().Width
	r.number.Move(fyne.NewPos((s.Width-width)/2, foot))
	r.number.Resize(r.number.MinSize())
	for i, icon := range []*widget.Icon{r.sign, r.signed} {
		icon.Resize(fyne.NewSquareSize(15))
		icon.Move(fyne.NewPos((s.Width+width)/2+5+float32(i)*16, foot+2))
	}
}

func (r *thumbRenderer) Refresh() {
	t := r.thumb
	r.frame.CornerRadius, r.frame.StrokeWidth, r.frame.StrokeColor = 3, 0, color.Transparent
	r.number.Color, r.number.TextStyle = base.Color(theme.ColorMuted), fyne.TextStyle{}
	if t.current {
		r.frame.StrokeWidth, r.frame.StrokeColor = 3, base.Color(base.ColorNamePrimary)
		r.number.Color, r.number.TextStyle = base.Color(base.ColorNameForeground), fyne.TextStyle{Bold: true}
	}
	r.paper.StrokeWidth, r.paper.StrokeColor = 1, base.Color(base.ColorNameSeparator)
	r.number.Text, r.number.TextSize = strconv.Itoa(t.page), base.Size(base.SizeNameCaptionText)
	r.sign.Hidden, r.signed.Hidden = !t.badge.Mark, !t.badge.Signed
	m := t.picture
	if r.image.Image != m {
		r.image.Image = m
		r.image.Refresh()
	}
	r.image.Hidden = m == nil
	r.Layout(t.Size())
	r.number.Refresh()
	canvas.Refresh(t)
}

func (r *thumbRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.frame, r.paper, r.image, r.number, r.sign, r.signed}
}
