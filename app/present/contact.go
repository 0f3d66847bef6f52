package present

import (
	"cmp"
	"context"
	"errors"
	"image"
	"path/filepath"
	"slices"

	"kyso/app/docsys"
	"kyso/app/placement"
	"kyso/app/preview"
	"kyso/app/signing"
)

// ContactState is the contact sheet: of every document of a batch the page that
// gets the mark, with the mark where it is proposed.
type ContactState struct {
	// Serial changes with each batch.
	Serial int
	// Read of Total documents are read; what is read is shown in its final order
	// once all are.
	Read, Total int
	Cards       []Card
	// Selected is the card that the keys act on, −1 for none.
	Selected int
	// Summary says what will be signed and what not, part by part.
	Summary []Text
	// Count is how many will be signed.
	Count   int
	CanSign bool
	WhyNot  Text
}

// Loading reports that documents are still being read.
func (s ContactState) Loading() bool { return s.Read < s.Total }

// Card is one document on the contact sheet.
type Card struct {
	Title, Reference string
	// Pages is the number of pages, Size that of the page that gets the mark, in points.
	Pages int
	Size  preview.Size
	Mark  Mark
	Role  placement.Role
	// Note says why the mark stands where it stands; it is Caution where the
	// person should look.
	Note     Text
	NoteTone Tone
	// Warnings is the number of things to know about the document.
	Warnings int
	// Skipped is what the person left out.
	Skipped bool
	// Problem says why the document cannot be signed, nil when it can.
	Problem *Problem

	document *docsys.Document
	path     string
	page     placement.Page // the page of the mark as read
	pages    []preview.Size
}

// Signs reports that the document will be signed.
func (c *Card) Signs() bool { return c.Problem == nil && !c.Skipped }

// Contact is the presenter of the contact sheet.
type Contact struct {
	services *Services
	loop     Loop
	state    ContactState

	// Changed is told each new state, CardChanged one card that changed without
	// the others, Picture the page of a card that was drawn.
	Changed     func(ContactState)
	CardChanged func(ContactState, int)
	Picture     func(card int, scale float64, m image.Image)
	// Sign is asked to sign when the person says so.
	Sign func([]signing.Job)
}

// readers is how many documents are read side by side.
const readers = 2

func newContact(s *Services, l Loop) *Contact {
	return &Contact{
		services: s, loop: l, state: ContactState{Selected: -1},
		Changed: func(ContactState) {}, CardChanged: func(ContactState, int) {},
		Picture: func(int, float64, image.Image) {}, Sign: func([]signing.Job) {},
	}
}

// State gives the state as it is.
func (c *Contact) State() ContactState { return c.state }

// Item is one document of a batch: one of the system, or the file at Path when
// Document is nil.
type Item struct {
	Document *docsys.Document
	Path     string
}

// title is what the person knows the item by.
func (i Item) title() string {
	if i.Document != nil {
		return headline(i.Document.Subject, i.Document.ID)
	}
	return filepath.Base(i.Path)
}

// Show reads the items and proposes a place on each.
func (c *Contact) Show(items []Item) {
	c.state = ContactState{Serial: c.state.Serial + 1, Total: len(items), Selected: -1}
	c.settle()
	serial := c.state.Serial
	queue := make(chan Item, len(items))
	for _, i := range items {
		queue <- i
	}
	close(queue)
	for range min(readers, len(items)) {
		c.readNext(serial, queue)
	}
}

// readNext reads one item after the other until none is left.
func (c *Contact) readNext(serial int, queue <-chan Item) {
	c.loop.Go(func(ctx context.Context) func() {
		item, more := <-queue
		if !more || ctx.Err() != nil {
			return nil
		}
		card := c.read(ctx, item)
		return func() {
			if serial != c.state.Serial {
				return
			}
			c.state.Cards = append(c.state.Cards, card)
			c.state.Read++
			if !c.state.Loading() {
				c.arrange()
			}
			c.settle()
			c.readNext(serial, queue)
		}
	})
}

// read fetches, opens and reads a document; it runs off the window's goroutine.
func (c *Contact) read(ctx context.Context, item Item) Card {
	card := Card{Title: item.title(), Role: placement.Approval, document: item.Document, path: item.Path}
	if d := item.Document; d != nil {
		card.Reference, card.Role = reference(d), roleOf(d, c.services.Person)
		var err error
		if card.path, err = c.services.Library.Fetch(ctx, *d); err != nil {
			return c.refuse(card, err)
		}
	}
	sheet, err := c.services.Sheets.OpenSheet(ctx, card.path, nil)
	if err != nil {
		return c.refuse(card, err)
	}
	read, err := preview.EndPages(ctx, sheet)
	card.pages = sheet.Pages()
	if err := errors.Join(err, sheet.Close()); err != nil {
		return c.refuse(card, err)
	}
	f, err := c.services.Road.Foresee(ctx, card.path, nil)
	if err = cmp.Or(err, f.Refusal); err == nil && c.services.MaySend != nil && item.Document != nil {
		err = c.services.MaySend(ctx, item.Document, card.path, nil)
	}
	if err != nil {
		return c.refuse(card, err)
	}
	card.Pages, card.Warnings = len(card.pages), len(f.Warnings)
	if err := c.place(ctx, &card, read); err != nil {
		return c.refuse(card, err)
	}
	return card
}

// refuse makes the card of a document that cannot be signed.
func (c *Contact) refuse(card Card, err error) Card {
	card.Problem = c.services.problem(err)
	return card
}

// place proposes a place for the mark of a card. A seal belongs to what is signed
// in the file; without a signature it is refused (NĐ 30/2020/NĐ-CP, Đ32).
func (c *Contact) place(ctx context.Context, card *Card, read []placement.Page) error {
	look := c.services.look(card.Role, unitOf(card.document))
	var p placement.Proposal
	if card.Role == placement.Seal && c.services.SealPlace != nil {
		var err error
		if p, err = c.services.SealPlace(ctx, card.path, nil, look.Diameter()); err != nil {
			return err
		}
	} else {
		w, h := look.Size()
		p = placement.Propose(read, card.Role, signerOf(card.document, c.services.Person), w, h)
	}
	card.Mark = c.services.mark(look, p.Page, p.Rect)
	card.Note, card.NoteTone = say("place."+p.Why), Good
	if !p.Sure {
		card.NoteTone = Caution
	}
	for _, page := range read {
		if page.Number == p.Page {
			card.page = page
		}
	}
	if p.Page >= 1 && p.Page <= len(card.pages) {
		card.Size = card.pages[p.Page-1]
	}
	return nil
}

// arrange puts what the person must look at first: unsure places, then the sure
// ones, then what cannot be signed. Within a group the order stays.
func (c *Contact) arrange() {
	rank := func(card Card) int {
		switch {
		case card.Problem != nil:
			return 2
		case card.NoteTone == Caution:
			return 0
		}
		return 1
	}
	slices.SortStableFunc(c.state.Cards, func(a, b Card) int { return cmp.Compare(rank(a), rank(b)) })
	if len(c.state.Cards) > 0 {
		c.state.Selected = 0
	}
}

// settle derives the counts and shows the state.
func (c *Contact) settle() {
	c.count()
	c.Changed(c.state)
}

// count derives the summary and what can be done.
func (c *Contact) count() {
	s := &c.state
	unsure, refused, skipped := 0, 0, 0
	s.Count = 0
	for i := range s.Cards {
		switch card := &s.Cards[i]; {
		case card.Problem != nil:
			refused++
		case card.Skipped:
			skipped++
		default:
			s.Count++
			if card.NoteTone == Caution {
				unsure++
			}
		}
	}
	s.Summary = []Text{say("contact.summary", "Count", s.Count)}
	for _, part := range []struct {
		key   string
		count int
	}{{"contact.unsure", unsure}, {"contact.skips", skipped}, {"contact.refusals", refused}} {
		if part.count > 0 {
			s.Summary = append(s.Summary, say(part.key, "Count", part.count))
		}
	}
	s.CanSign, s.WhyNot = !s.Loading() && s.Count > 0, Text{}
	switch {
	case s.Loading():
		s.WhyNot = say("contact.reading", "Read", s.Read, "Total", s.Total)
	case s.Count == 0:
		s.WhyNot = say("contact.nothing")
	}
}

// Select marks a card for the keys.
func (c *Contact) Select(card int) {
	if len(c.state.Cards) == 0 || c.state.Loading() {
		return
	}
	c.state.Selected = min(max(card, 0), len(c.state.Cards)-1)
	c.Changed(c.state)
}

// Skip leaves a card out, or takes it in again.
func (c *Contact) Skip(card int) {
	if at := c.card(card); at != nil && at.Problem == nil {
		at.Skipped = !at.Skipped
		c.settle()
	}
}

// card gives a card that can be acted on, nil for none.
func (c *Contact) card(i int) *Card {
	if c.state.Loading() || i < 0 || i >= len(c.state.Cards) {
		return nil
	}
	return &c.state.Cards[i]
}

// Want draws the page of a card at a scale in pixels to the point. The answer
// comes through Picture.
func (c *Contact) Want(card int, scale float64) {
	at := c.card(card)
	if at == nil || at.Problem != nil {
		return
	}
	serial, path, page := c.state.Serial, at.path, at.Mark.Page
	c.loop.Go(func(ctx context.Context) func() {
		m, err := c.draw(ctx, path, page, scale)
		return func() {
			if err == nil && serial == c.state.Serial {
				c.Picture(card, scale, m)
			}
		}
	})
}

// draw opens a file for the picture of one page: hundreds of open documents
// would be hundreds of sandboxes.
func (c *Contact) draw(ctx context.Context, path string, page int, scale float64) (image.Image, error) {
	sheet, err := c.services.Sheets.OpenSheet(ctx, path, nil)
	if err != nil {
		return nil, err
	}
	m, err := sheet.Render(ctx, page, scale)
	return m, errors.Join(err, sheet.Close())
}

// Move puts the mark of a card elsewhere on its page.
func (c *Contact) Move(card int, to placement.Rect) {
	at := c.card(card)
	if at == nil || at.Problem != nil {
		return
	}
	if at.Mark.Locked {
		to.W, to.H = at.Mark.Rect.W, at.Mark.Rect.H
	}
	at.Mark.Rect = within(to, at.Size)
	at.Note, at.NoteTone = say("place.byhand"), Plain
	if covered(at.page, at.Mark.Rect) {
		at.Note, at.NoteTone = say("place.overtext"), Caution
	}
	c.count()
	c.CardChanged(c.state, card)
}

// within keeps a mark on a page of a size, and not too small.
func within(m placement.Rect, page preview.Size) placement.Rect {
	m.W, m.H = min(max(m.W, minMarkW), page.W), min(max(m.H, minMarkH), page.H)
	m.X, m.Y = min(max(m.X, 0), page.W-m.W), min(max(m.Y, 0), page.H-m.H)
	return m
}

// Nudge moves the mark of the selected card by points, to the right and up.
func (c *Contact) Nudge(dx, dy float64) {
	if at := c.card(c.state.Selected); at != nil {
		to := at.Mark.Rect
		to.X, to.Y = to.X+dx, to.Y+dy
		c.Move(c.state.Selected, to)
	}
}

// Confirm signs what is not left out.
func (c *Contact) Confirm() {
	if !c.state.CanSign {
		return
	}
	var jobs []signing.Job
	for i := range c.state.Cards {
		if card := &c.state.Cards[i]; card.Signs() {
			jobs = append(jobs, signing.Job{
				Path: card.path, Document: card.document, Role: card.Role,
				Page: card.Mark.Page, Rect: card.Mark.Rect, Image: card.Mark.Picture, Template: card.Mark.Template,
			})
		}
	}
	c.Sign(jobs)
}

// Close lets the batch go.
func (c *Contact) Close() {
	c.state = ContactState{Serial: c.state.Serial + 1, Selected: -1}
	c.Changed(c.state)
}
