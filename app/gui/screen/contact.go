package screen

import (
	"image"
	"image/color"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	base "fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"kyso/app/gui/control"
	"kyso/app/gui/theme"
	"kyso/app/gui/words"
	"kyso/app/placement"
	"kyso/app/present"
)

// ContactActs are what the person can do on the contact sheet.
type ContactActs struct {
	Back, Sign   func()
	Select, Skip func(card int)
	Want         func(card int, scale float64)
	Move         func(card int, to placement.Rect)
}

// Widths of a card, in window units; the person chooses with Ctrl + and –.
const (
	smallestCard = 180
	firstCard    = 262
	largestCard  = 640
	cardStep     = 1.25
)

// keptPictures bounds the pages whose pictures are kept.
const keptPictures = 60

// Contact is the screen with every page of a batch that gets a mark.
type Contact struct {
	Object fyne.CanvasObject

	words    *words.Words
	acts     ContactActs
	state    present.ContactState
	wished   float32 // the width of a card that the person chose
	width    float32 // the one that fills the columns
	holder   *fyne.Container
	summary  *control.Text
	whyNot   *control.Text
	sign     *control.Button
	bar      *fyne.Container
	grid     *control.Grid
	loading  *Empty
	progress *control.Bar
	// pictures are the drawn pages by card, recent the cards in the order in which
	// they were drawn, wanted the scales that are being drawn.
	pictures map[int]drawn
	recent   []int
	wanted   map[int]float64
}

// drawn is a page's picture with the scale that it was drawn at.
type drawn struct {
	image image.Image
	scale float64
}

// NewContact makes the screen.
func NewContact(w *words.Words, a ContactActs) *Contact {
	c := &Contact{
		words: w, acts: a, wished: firstCard, width: firstCard, summary: quiet(""), whyNot: quiet(""), loading: NewEmpty("queue"),
		progress: control.NewBar(), pictures: map[int]drawn{}, wanted: map[int]float64{},
	}
	c.grid = control.NewGrid(
		func() int { return c.shown() },
		func() fyne.CanvasObject { return newContactCard(c) },
		func(i int, o fyne.CanvasObject) {
			if card, ok := o.(*contactCard); ok && i < len(c.state.Cards) {
				card.set(i)
			}
		},
	)
	c.sign = control.NewButtonWithIcon(w.T("contact.sign"), control.Icon("sign", base.ColorNameForegroundOnPrimary), a.Sign)
	c.sign.Importance = widget.HighImportance
	back := control.NewButtonWithIcon(w.T("back"), control.Icon("back", base.ColorNameForeground), a.Back)
	nearer := control.NewButton("+", func() { c.Zoom(1) })
	farther := control.NewButton("–", func() { c.Zoom(-1) })
	title := container.New(layout.NewCustomPaddedVBoxLayout(1), subheading(w.T("contact.title")), c.summary)
	c.bar = padded(container.NewBorder(nil, nil, container.NewHBox(center(back), wide(8)),
		center(container.NewHBox(farther, nearer, wide(10), container.New(tall{46}, c.sign))), title), 8, 14)
	busy := container.NewVBox(layout.NewSpacer(), c.loading.Object,
		container.NewCenter(container.NewGridWrap(fyne.NewSize(360, 10), c.progress)), layout.NewSpacer(), layout.NewSpacer())
	keys := padded(container.NewBorder(nil, nil, nil, c.whyNot, quiet(w.T("contact.keys"))), 6, 16)
	c.holder = container.New(columns{c}, c.grid)
	c.Object = container.NewBorder(container.NewVBox(c.bar, widget.NewSeparator()), keys, nil, nil,
		container.NewStack(padded(c.holder, 6, 10), busy))
	return c
}

// shown is the number of cards; while documents are read none are.
func (c *Contact) shown() int {
	if c.state.Loading() {
		return 0
	}
	return len(c.state.Cards)
}

// Show draws a state.
func (c *Contact) Show(s present.ContactState) {
	if s.Serial != c.state.Serial {
		clear(c.pictures)
		clear(c.wanted)
		c.recent = nil
		c.grid.ScrollToTop()
	}
	moved := s.Selected != c.state.Selected
	c.state = s
	loading := ""
	if s.Loading() {
		loading = c.words.Say(s.WhyNot)
		c.progress.Set(float64(s.Read) / float64(max(s.Total, 1)))
		c.progress.Show()
	} else {
		c.progress.Hide()
	}
	c.loading.Set(loading, "")
	c.showCounts()
	c.grid.Refresh()
	if moved && s.Selected >= 0 {
		c.grid.ScrollTo(s.Selected)
	}
}

// ShowCard draws a state in which one card changed.
func (c *Contact) ShowCard(s present.ContactState, card int) {
	c.state = s
	c.showCounts()
	c.grid.RefreshItem(card)
}

// showCounts draws what is counted.
func (c *Contact) showCounts() {
	parts := make([]string, len(c.state.Summary))
	for i, t := range c.state.Summary {
		parts[i] = c.words.Say(t)
	}
	c.summary.Set(strings.Join(parts, "  ·  "))
	text := c.words.Say(present.Text{Key: "contact.sign.count", Args: map[string]any{"Count": c.state.Count}})
	if c.state.Loading() {
		c.summary.Set("")
		text = c.words.T("contact.sign")
	}
	if c.sign.Text != text {
		c.sign.SetText(text)
		c.bar.Refresh() // the button is wider or narrower now
	}
	able(c.sign, c.state.CanSign)
	c.whyNot.Set("")
	if !c.state.Loading() {
		c.whyNot.Set(c.words.Say(c.state.WhyNot))
	}
}

// Picture shows the page of a card that was drawn.
func (c *Contact) Picture(card int, scale float64, m image.Image) {
	delete(c.wanted, card)
	c.pictures[card] = drawn{m, scale}
	c.recent = append(c.recent, card)
	for len(c.recent) > keptPictures {
		if old := c.recent[0]; old != card {
			delete(c.pictures, old)
		}
		c.recent = c.recent[1:]
	}
	c.grid.RefreshItem(card)
}

// Zoom makes the cards larger or smaller.
func (c *Contact) Zoom(steps int) {
	for range max(steps, -steps) {
		if steps > 0 {
			c.wished *= cardStep
		} else {
			c.wished /= cardStep
		}
	}
	c.wished = min(max(c.wished, smallestCard), largestCard)
	c.holder.Refresh()
	c.grid.Refresh()
}

// columns lays the grid out so that the cards fill its width.
type columns struct{ sheet *Contact }

// Layout chooses the cards' width, at least the one that the person chose.
func (l columns) Layout(o []fyne.CanvasObject, s fyne.Size) {
	c := l.sheet
	gap := base.Padding()
	n := max(float32(int((s.Width+gap)/(c.wished+gap))), 1)
	if fit := (s.Width+gap)/n - gap - 1; fit != c.width {
		c.width = max(fit, smallestCard/2)
		c.grid.Refresh()
	}
	o[0].Resize(s)
}

// MinSize is that of the grid.
func (l columns) MinSize(o []fyne.CanvasObject) fyne.Size { return o[0].MinSize() }

// Columns is how many cards stand side by side.
func (c *Contact) Columns() int { return max(c.grid.ColumnCount(), 1) }

// want asks for the picture of a card unless it is there or on its way.
func (c *Contact) want(card int, scale float64) {
	if scale <= 0 || c.state.Loading() || c.pictures[card].scale == scale || c.wanted[card] == scale {
		return
	}
	c.wanted[card] = scale
	c.acts.Want(card, scale)
}

// contactCard is one document on the sheet.
type contactCard struct {
	widget.BaseWidget

	sheet     *Contact
	card      int
	page      *control.MarkedPage
	title     *control.Text
	reference *control.Text
	chip      *control.Chip
	more      *control.Chip
	problem   *widget.Label
	skip      *control.Check
	fill      *canvas.Rectangle
	body      *fyne.Container
}

func newContactCard(c *Contact) *contactCard {
	k := &contactCard{
		sheet: c, page: control.NewMarkedPage(), reference: quiet(""), chip: control.NewChip("", present.Quiet),
		title: control.NewText("", base.ColorNameForeground, base.SizeNameCaptionText, fyne.TextStyle{Bold: true}),
		more:  control.NewChip("", present.Caution), problem: wrapped(""), fill: canvas.NewRectangle(color.Transparent),
	}
	k.page.Chosen = func() { c.acts.Select(k.card) }
	k.page.Moved = func(to control.Box) { c.acts.Move(k.card, placement.Rect(to)) }
	k.skip = control.NewCheck("", nil)
	top := container.NewBorder(nil, nil, nil, k.skip, container.New(layout.NewCustomPaddedVBoxLayout(1), k.title, k.reference))
	foot := container.NewHBox(k.chip, k.more)
	k.body = padded(container.NewStack(k.fill, padded(container.NewBorder(top, foot, nil, nil, container.NewStack(k.page, k.problem)), 9, 11)), 5, 5)
	k.ExtendBaseWidget(k)
	return k
}

// set shows a card.
func (k *contactCard) set(i int) {
	k.card = i
	s, w := &k.sheet.state.Cards[i], k.sheet.words
	k.title.Set(s.Title)
	k.reference.Set(s.Reference)
	k.problem.Hide()
	k.skip.OnChanged = nil
	k.skip.SetChecked(s.Signs())
	k.skip.OnChanged = func(bool) { k.sheet.acts.Skip(k.card) }
	mark := control.Box(s.Mark.Rect)
	if !s.Signs() {
		mark = control.Box{}
	}
	switch {
	case s.Problem != nil:
		k.chip.Set(w.T("contact.refused"), present.Bad)
		k.problem.SetText(s.Problem.Title + "\n" + s.Problem.Cause + "\n" + s.Problem.Next)
		k.problem.Show()
		k.skip.Disable()
	case s.Skipped:
		k.chip.Set(w.T("contact.skipped"), present.Quiet)
		k.skip.Enable()
	default:
		k.chip.Set(w.T("contact.place."+k.verdict(s)), s.NoteTone)
		k.skip.Enable()
	}
	warnings := ""
	if s.Warnings > 0 && s.Problem == nil {
		warnings = w.Say(present.Text{Key: "contact.warnings", Args: map[string]any{"Count": s.Warnings}})
	}
	k.more.Set(warnings, present.Caution)
	size := fyne.NewSize(float32(s.Size.W), float32(s.Size.H))
	k.page.Set(size, k.sheet.pictures[i].image, mark, imprintOf(s.Mark), s.Skipped)
	k.sheet.want(i, k.page.Scale())
	k.Refresh()
}

// verdict says in a word how sure the place is.
func (k *contactCard) verdict(s *present.Card) string {
	switch s.NoteTone {
	case present.Good:
		return "sure"
	case present.Caution, present.Bad:
		return "unsure"
	case present.Plain, present.Quiet:
	}
	return "byhand"
}

// Tapped marks the card.
func (k *contactCard) Tapped(*fyne.PointEvent) { k.sheet.acts.Select(k.card) }

// CreateRenderer is called by Fyne.
func (k *contactCard) CreateRenderer() fyne.WidgetRenderer {
	r := &contactCardRenderer{k}
	r.Refresh()
	return r
}

type contactCardRenderer struct{ card *contactCard }

// paperRatio is height to width of a page of A4.
const paperRatio = 1.4142

func (r *contactCardRenderer) Destroy()                     {}
func (r *contactCardRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.card.body} }

func (r *contactCardRenderer) Layout(s fyne.Size) {
	r.card.body.Resize(s)
	r.card.sheet.want(r.card.card, r.card.page.Scale())
}

func (r *contactCardRenderer) MinSize() fyne.Size {
	w := r.card.sheet.width
	return fyne.NewSize(w, (w-32)*paperRatio+96)
}

func (r *contactCardRenderer) Refresh() {
	f := r.card.fill
	f.FillColor = base.Color(theme.ColorSurface)
	f.CornerRadius = 9
	f.StrokeWidth, f.StrokeColor = 1, base.Color(base.ColorNameSeparator)
	if r.card.card == r.card.sheet.state.Selected {
		f.StrokeWidth, f.StrokeColor = 2.5, base.Color(base.ColorNamePrimary)
	}
	f.Refresh()
	r.card.body.Refresh()
}
