package screen

import (
	"fmt"
	"image"
	"math"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	base "fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"kyso/app/gui/control"
	"kyso/app/gui/words"
	"kyso/app/placement"
	"kyso/app/present"
)

// ReaderActs are what the person can do with an open document.
type ReaderActs struct {
	Back, Sign func()
	Practise   func() // walks the road for practice
	Want       func([]present.Piece)
	Grab       func(mark int)
	Move       func(page int, to placement.Rect)
	Drop       func()
	Zoom       func(steps float64)
	Fit        func(width float64)
	Role       func(placement.Role)
	Unlock     func(password []byte)
	Vouch      func() // the document is not secret
	// Block fills in the agency's block on an annex or a copy.
	Block func(form, number, agency string)
	// WantSmall is Want for thumbnails.
	WantSmall func([]present.Piece)
	// Initials chooses the pages with initials.
	Initials func(on present.InitialsOn, pages string)
	// NextMark chooses another mark and gives its place.
	NextMark func(step int) present.Spot
	Search   SearchActs
	// Choose frames a signature and gives its place, page 0 for none.
	Choose func(signature int) present.Spot
}

// Reader is the screen with the document's pages.
type Reader struct {
	Object fyne.CanvasObject

	words      *words.Words
	acts       ReaderActs
	state      present.ReaderState
	serial     int // of the document that is shown
	placed     int // serial of the document whose mark was scrolled to
	placedRole placement.Role
	fit        bool
	practise   *control.Button
	title      *control.Text
	reference  *control.Text
	zoom       *control.Text
	page       *control.Text
	pages      *control.Pages
	problem    *Problem
	loading    *Empty
	lock       *lock
	role       *control.Radio
	note       *control.Note
	info       *fyne.Container
	warnings   *warnings
	panel      *fyne.Container // the parts of the side, one below the other
	place      *fyne.Container // where the mark stands, and with which initials
	known      *fyne.Container // what is known of the document
	keys       *widget.Label   // how a mark is moved
	signed     *signatures
	initials   *initials
	block      *block
	search     *search
	found      []present.Found // whose places are drawn
	foundNow   int
	thumbs     *control.Thumbs
	strip      *fyne.Container // of thumbnails; hidden when they are not wanted
	// asked reports that the person said whether thumbnails are wanted, wantsThumbs what.
	asked, wantsThumbs bool
	sign               *control.Button
	whyNot             *widget.Label
}

// NewReader makes the screen.
func NewReader(w *words.Words, a ReaderActs) *Reader {
	r := &Reader{
		words: w, acts: a, fit: true,
		title: subheading(""), reference: quiet(""), page: quiet("").Whole(),
		zoom:  control.NewText("100 %", base.ColorNameForeground, base.SizeNameText, fyne.TextStyle{}).Whole().Aligned(fyne.TextAlignCenter),
		pages: control.NewPages(), problem: NewProblem(), loading: NewEmpty("queue"),
		note: control.NewNote(), info: container.NewVBox(), warnings: newWarnings(w, a.Vouch), whyNot: wrapped(""),
	}
	r.pages.Want = a.Want
	r.pages.Undrawn = w.T("reader.undrawn")
	r.pages.Grabbed, r.pages.Dropped = a.Grab, a.Drop
	r.pages.Sized = func() {
		r.showThumbs()
		if r.fit && len(r.state.Pages) > 0 {
			r.FitWidth()
		}
	}
	r.pages.Moved = func(page int, to control.Box) { a.Move(page, placement.Rect(to)) }
	r.pages.Zoomed = func(steps float64) { r.fit = false; a.Zoom(steps) }
	r.pages.Seen = r.seen
	r.role = control.NewRadio(nil, r.chosen)
	r.sign = control.NewButtonWithIcon(w.T("reader.sign"), control.Icon("sign", base.ColorNameForegroundOnPrimary), a.Sign)
	r.sign.Importance = widget.HighImportance
	r.practise = control.NewButton(w.T("reader.practise"), a.Practise)
	r.practise.Importance = widget.LowImportance
	r.signed = newSignatures(w, r.choose)
	r.initials = newInitials(w, a.Initials)
	r.block = newBlock(w, a.Block)
	r.search = newSearch(w, a.Search, r.pages.Middle, func(at present.Spot) { r.pages.ShowPlace(at.Page, control.Box(at.Rect)) })
	r.thumbs = control.NewThumbs()
	r.thumbs.Want, r.thumbs.Go = a.WantSmall, r.GoTo
	r.strip = container.NewBorder(nil, nil, nil, widget.NewSeparator(), container.NewStack(wide(thumbStrip), r.thumbs))
	r.strip.Hide()
	r.lock = newLock(w, a.Unlock, a.Back)
	center := container.NewStack(r.pages, r.loading.Object, r.lock.object, container.NewVBox(padded(r.problem.Object, 30, 40)))
	read := container.NewBorder(r.search.object, nil, nil, nil, center)
	r.Object = container.NewBorder(r.bar(), nil, r.strip, r.side(), read)
	return r
}

// thumbStrip is the width of the strip of thumbnails, in window units.
const thumbStrip = 138

// thumbRoom is the width of a window with room for it.
const thumbRoom = 1280

// bar is the line over the pages.
func (r *Reader) bar() fyne.CanvasObject {
	icon := func(name string, tapped func()) *control.Button {
		b := control.NewButtonWithIcon("", control.Icon(name, base.ColorNameForeground), tapped)
		return b
	}
	back := control.NewButtonWithIcon(r.words.T("back"), control.Icon("back", base.ColorNameForeground), r.acts.Back)
	nearer := control.NewButton("+", func() { r.fit = false; r.acts.Zoom(1) })
	farther := control.NewButton("–", func() { r.fit = false; r.acts.Zoom(-1) })
	fit := icon("fit", r.FitWidth)
	zoom := container.NewHBox(icon("search", r.Search), icon("thumbs", r.ToggleThumbs), wide(6), r.page, wide(10), farther, container.NewGridWrap(fyne.NewSize(64, 36), r.zoom), nearer, fit)
	title := container.New(layout.NewCustomPaddedVBoxLayout(1), r.title, r.reference)
	return container.NewVBox(
		padded(container.NewBorder(nil, nil, container.NewHBox(center(back), wide(8)), center(zoom), title), 8, 14),
		widget.NewSeparator(),
	)
}

// center centres an object from top to bottom.
func center(o fyne.CanvasObject) fyne.CanvasObject {
	return container.NewVBox(layout.NewSpacer(), o, layout.NewSpacer())
}

// side is the panel at the right.
func (r *Reader) side() fyne.CanvasObject {
	r.keys = wrapped(r.words.T("reader.keys"))
	r.keys.SizeName = base.SizeNameCaptionText
	r.keys.Importance = widget.LowImportance
	r.place = container.NewVBox(subheading(r.words.T("reader.place")), r.role, r.block.object, r.note, r.initials.object)
	r.known = container.NewVBox(subheading(r.words.T("reader.document")), r.info, r.keys, wide(292))
	r.panel = container.NewVBox()
	r.order(present.Plain)
	bottom := container.NewVBox(r.whyNot, r.practise, container.New(tall{54}, r.sign))
	return container.NewBorder(nil, nil, widget.NewSeparator(), nil,
		padded(container.NewBorder(nil, bottom, nil, nil, container.NewVScroll(container.New(layout.NewCustomPaddedLayout(0, 0, 0, 8), r.panel))), 12, 14))
}

// order puts the parts of the side one below the other: signatures that are not
// valid come before all else.
func (r *Reader) order(signed present.Tone) {
	parts := []fyne.CanvasObject{r.place, r.warnings.object, r.signed.object, r.known}
	if signed == present.Bad {
		parts = []fyne.CanvasObject{r.signed.object, r.place, r.warnings.object, r.known}
	}
	r.panel.Objects = parts
}

// tall lays out one object with a height.
type tall struct{ height float32 }

// Layout gives the object all the room.
func (t tall) Layout(o []fyne.CanvasObject, s fyne.Size) { o[0].Resize(s) }

// MinSize is the object's width with the height.
func (t tall) MinSize(o []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(o[0].MinSize().Width, t.height)
}

// Password is where the password of an encrypted document is typed.
func (r *Reader) Password() *SecretEntry { return r.lock.password }

// Pages are the pages that are shown, for measurements.
func (r *Reader) Pages() *control.Pages { return r.pages }

// FitWidth makes the pages as wide as the view, now and for the next documents.
func (r *Reader) FitWidth() {
	r.fit = true
	r.acts.Fit(math.Min(float64(r.pages.Width()), maxFit))
}

// maxFit bounds the width of fitted pages on wide screens: wider is harder to read.
const maxFit = 980

// Zoom zooms by steps and leaves the fitted width.
func (r *Reader) Zoom(steps float64) {
	r.fit = false
	r.acts.Zoom(steps)
}

// ToggleThumbs shows or hides the thumbnails.
func (r *Reader) ToggleThumbs() {
	r.asked, r.wantsThumbs = true, !r.strip.Visible()
	r.showThumbs()
}

// showThumbs shows the strip where it is wanted: for more than one page, and as
// long as nobody said otherwise in a window that has the room.
func (r *Reader) showThumbs() {
	wanted := r.wantsThumbs
	if !r.asked {
		wanted = r.Object.Size().Width >= thumbRoom && len(r.state.Pages) > 1
	}
	if wanted == r.strip.Visible() {
		return
	}
	r.strip.Hidden = !wanted
	r.Object.Refresh()
	r.thumbs.Follow()
}

// Search opens the search, or gives it the keyboard again.
func (r *Reader) Search() {
	r.acts.Search.Open()
	r.search.focus(r.Object)
}

// NextFound goes to the next place of the search, or the one before with −1; with
// no search it opens one.
func (r *Reader) NextFound(step int) {
	if !r.state.Search.Open {
		r.Search()
		return
	}
	r.search.next(step)
}

// ShowSearch draws what changes when only the search goes on.
func (r *Reader) ShowSearch(s present.ReaderState) {
	r.state = s
	r.showSearch(s.Search)
}

// showSearch draws the search and its places.
func (r *Reader) showSearch(s present.Search) {
	turned := r.search.draw(s)
	sameFound := len(s.Found) == len(r.found) && (len(s.Found) == 0 || &s.Found[0] == &r.found[0])
	if !sameFound || s.Now != r.foundNow {
		r.found, r.foundNow = s.Found, s.Now
		r.pages.SetHits(hits(s))
	}
	if !turned {
		return
	}
	r.Object.Refresh()
	if s.Open {
		r.search.focus(r.Object)
		r.search.typed()
	} else {
		unfocus(r.Object)
	}
}

// GoTo shows the top of a page; 0 is the first and a large number the last.
func (r *Reader) GoTo(page int) { r.pages.ShowPage(page) }

// NextMark chooses the next mark, or the one before with −1, and shows it.
func (r *Reader) NextMark(step int) {
	if at := r.acts.NextMark(step); at.Page > 0 {
		r.pages.ShowPlace(at.Page, control.Box(at.Rect))
	}
}

// Thumbnail shows a small page that was drawn.
func (r *Reader) Thumbnail(piece present.Piece, m image.Image) { r.thumbs.SetPicture(piece, m) }

// Page scrolls by views.
func (r *Reader) Page(views float32) { r.pages.Page(views) }

// chosen forwards the role that the person chose.
func (r *Reader) chosen(text string) {
	for _, role := range r.state.Roles {
		if r.words.T("role."+string(role)) == text {
			r.acts.Role(role)
		}
	}
}

// showRoles lists the roles that the person may choose.
func (r *Reader) showRoles(roles []placement.Role) {
	names := make([]string, len(roles))
	for i, role := range roles {
		names[i] = r.words.T("role." + string(role))
	}
	if !slices.Equal(names, r.role.Options) {
		r.role.Options = names
		r.role.Refresh()
	}
}

// choose frames a signature and shows its place.
func (r *Reader) choose(signature int) {
	if at := r.acts.Choose(signature); at.Page > 0 {
		r.pages.ShowPlace(at.Page, control.Box(at.Rect))
	}
}

// frames are the frames around the marks of the signature that is chosen.
func frames(s present.Signatures) []control.Frame {
	if s.Chosen < 0 || s.Chosen >= len(s.List) {
		return nil
	}
	var out []control.Frame
	for _, p := range s.List[s.Chosen].Places {
		out = append(out, control.Frame{Page: p.Page, At: control.Box(p.Rect), Tone: s.List[s.Chosen].Tone})
	}
	return out
}

// badges say on which pages marks and signatures are.
func badges(s present.ReaderState) map[int]control.Badge {
	out := map[int]control.Badge{}
	for _, m := range s.Marks {
		b := out[m.Page]
		b.Mark = true
		out[m.Page] = b
	}
	for _, signed := range s.Signatures.List {
		for _, p := range signed.Places {
			b := out[p.Page]
			b.Signed = true
			out[p.Page] = b
		}
	}
	return out
}

// seen shows which page is in view.
func (r *Reader) seen(page int) {
	r.thumbs.Current(page)
	r.page.Set(r.words.Say(present.Text{Key: "reader.page", Args: map[string]any{"Page": page, "Pages": len(r.state.Pages)}}))
}

// Show draws a state.
func (r *Reader) Show(s present.ReaderState) {
	same := r.state.Serial == s.Serial && len(r.state.Pages) == len(s.Pages)
	r.state = s
	r.title.Set(s.Title)
	r.reference.Set(s.Reference)
	r.reference.Hidden = s.Reference == ""
	r.zoom.Set(fmt.Sprintf("%.0f %%", s.Zoom*100))
	r.problem.Set(s.Problem)
	loading := ""
	if s.Loading {
		loading = r.words.T("reader.loading")
	}
	r.loading.Set(loading, "")
	r.lock.show(s.Locked, r.words.Say(s.LockNote), s.LockTone)
	r.warnings.show(s.Refusal, s.Doubt, s.Warnings)
	r.signed.show(s.Signatures, len(s.Pages) > 0)
	r.showInfo(s.Info)
	r.place.Hidden = s.Locked || s.Problem != nil && len(s.Pages) == 0
	r.keys.Hidden = len(s.Marks) == 0 // there is nothing to move
	r.role.Hidden = !s.CanChooseRole
	r.showRoles(s.Roles)
	r.block.show(s.Block)
	if text := r.words.T("role." + string(s.Role)); r.role.Selected != text {
		r.role.SetSelected(text)
	}
	if !same {
		r.thumbs.Set(s.Pages)
		r.showThumbs()
	}
	r.pages.Set(s.Pages, s.Zoom, same)
	r.pages.SetFrames(frames(s.Signatures))
	r.showSearch(s.Search)
	r.ShowMark(s)
	if len(s.Pages) > 0 && r.serial != s.Serial {
		r.serial = s.Serial
		if r.fit {
			r.FitWidth()
		}
	}
	if len(s.Marks) > 0 && (r.placed != s.Serial || r.placedRole != s.Role) {
		if r.placed == s.Serial || r.pages.AtTop() { // another role was chosen, or the person has not begun to read
			r.pages.ShowMark()
		}
		r.placed, r.placedRole = s.Serial, s.Role
	}
	r.order(s.Signatures.Tone)
	r.panel.Refresh() // parts came, went and grew
}

// ShowMark draws what changes when only the mark moves.
func (r *Reader) ShowMark(s present.ReaderState) {
	r.state = s
	r.note.Set(r.words.Say(s.Note), s.NoteTone)
	r.initials.show(s.Initials, len(s.Marks) > 0 && len(s.Pages) > 1 && (s.Role == placement.Approval || s.Role == placement.Initials))
	marks := make([]control.Mark, len(s.Marks))
	for i, m := range s.Marks {
		marks[i] = control.Mark{Page: m.Page, At: control.Box(m.Rect), Imprint: imprintOf(m), Text: r.words.T("mark." + string(m.Role))}
	}
	r.pages.SetMarks(marks, s.Chosen)
	guides := make([]control.Guide, len(s.Guides))
	for i, g := range s.Guides {
		guides[i] = control.Guide{Page: g.Page, Vertical: g.Vertical, At: g.At, From: g.From, To: g.To}
	}
	r.pages.SetGuides(guides)
	r.thumbs.Mark(badges(s))
	able(r.sign, s.CanSign)
	r.whyNot.SetText(r.words.Say(s.WhyNot))
	r.whyNot.Hidden = s.WhyNot.Key == ""
	show(r.practise, s.CanPractise && !s.Practising)
	text := r.words.T("reader.sign." + string(s.Role))
	if s.Practising {
		text = r.words.T("reader.sign.practice")
	}
	if r.sign.Text != text {
		r.sign.SetText(text)
	}
}

// Picture shows a page that was drawn.
func (r *Reader) Picture(piece present.Piece, m image.Image) { r.pages.SetPicture(piece, m) }

// showInfo lists what is known of the document.
func (r *Reader) showInfo(info []present.Info) {
	r.info.RemoveAll()
	for _, i := range info {
		value := wrapped(i.Value)
		label := padded(quiet(r.words.T(i.Label)), 0, base.Size(base.SizeNameInnerPadding))
		r.info.Add(container.New(layout.NewCustomPaddedVBoxLayout(-9), label, value))
	}
}
