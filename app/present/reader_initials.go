package present

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"kyso/app/placement"
)

// InitialsOn says on which pages initials are set in the same act.
type InitialsOn string

// The choices.
const (
	InitialsNone  InitialsOn = "none"
	InitialsAll   InitialsOn = "all"   // every page but that of the signature
	InitialsPages InitialsOn = "pages" // those that are named
)

// Initials are the initials that are set together with the signature.
type Initials struct {
	On InitialsOn
	// Pages are those that the person named, as typed; Wrong reports that they
	// cannot be understood, and Note says so.
	Pages string
	Wrong bool
	// Looking reports that places are being found.
	Looking bool
	// Note says how many there are, or what is wrong; Tone how that is meant.
	Note Text
	Tone Tone
}

// SetInitials chooses the pages with initials; pages is read for InitialsPages
// only, such as "1-4, 7". Places are found in the free margin of each page.
func (r *Reader) SetInitials(on InitialsOn, pages string) {
	i := &r.state.Initials
	if r.sheet == nil || len(r.state.Marks) == 0 || (i.On == on && i.Pages == pages) {
		return
	}
	*i = Initials{On: on, Pages: pages}
	r.initials.serial++
	var list []int
	switch on {
	case InitialsAll:
		for page := range r.state.Pages {
			if page+1 != r.state.Marks[0].Page {
				list = append(list, page+1)
			}
		}
	case InitialsPages:
		var err error
		if list, err = ParsePages(pages, len(r.state.Pages)); err != nil {
			i.Wrong, i.Note, i.Tone = true, say("initials.wrong", "Pages", len(r.state.Pages)), Caution
		}
	case InitialsNone:
	}
	r.dropInitials()
	r.placeInitials(list)
}

// initialing is the search for places of initials.
type initialing struct {
	serial int // of the choice; late answers to an earlier one are dropped
	found  []Mark
	total  int // how many there will be
}

// dropInitials takes all initials away but the principal mark.
func (r *Reader) dropInitials() {
	r.hand.undo = nil // what comes now is not a move
	r.state.Marks, r.state.Chosen = slices.Clone(r.state.Marks[:1]), 0
	r.allow()
}

// placeInitials finds a place on each page, off the window's goroutine, and sets
// the marks. Until then the document cannot be signed.
func (r *Reader) placeInitials(pages []int) {
	if len(pages) == 0 {
		r.countInitials()
		r.Changed(r.state)
		return
	}
	r.state.Initials.Looking, r.initials.total, r.initials.found = true, len(pages), nil
	r.placeChunk(pages)
	r.allow()
	r.Changed(r.state)
}

// initialsChunk is how many pages are read before the person hears of it.
const initialsChunk = 20

// placeChunk finds the places on the first of the pages that are left.
func (r *Reader) placeChunk(left []int) {
	pages := left[:min(len(left), initialsChunk)]
	left = left[len(pages):]
	r.state.Initials.Note = say("initials.looking", "Done", len(r.initials.found), "Of", r.initials.total)
	sheet, serial, choice := r.sheet, r.state.Serial, r.initials.serial
	look := r.services.look(placement.Initials, unitOf(r.document))
	w, h := look.Size()
	r.loop.Go(func(ctx context.Context) func() {
		var read []placement.Page
		for _, number := range pages {
			p, err := sheet.Page(ctx, number)
			if err != nil {
				size := sheet.Pages()[number-1] // an unreadable page gets them in the corner
				p = placement.Page{Number: number, W: size.W, H: size.H}
			}
			read = append(read, p)
		}
		return func() {
			if serial != r.state.Serial || choice != r.initials.serial || len(r.state.Marks) == 0 {
				return
			}
			for _, p := range read {
				r.read[p.Number] = p
				r.initials.found = append(r.initials.found, r.services.mark(look, p.Number, margin(p, w, h)))
			}
			if len(left) > 0 {
				r.placeChunk(left)
				r.Changed(r.state)
				return
			}
			r.state.Initials.Looking = false
			r.state.Marks = append(slices.Clone(r.state.Marks[:1]), r.initials.found...)
			r.countInitials()
			r.Changed(r.state)
		}
	})
}

// countInitials says how many initials there are and whether one covers something.
func (r *Reader) countInitials() {
	i := &r.state.Initials
	r.allow()
	if i.Wrong {
		return
	}
	i.Note, i.Tone = Text{}, Plain
	if len(r.state.Marks) < 2 {
		return
	}
	var pages, covered []int
	for _, m := range r.state.Marks[1:] {
		pages = append(pages, m.Page)
		if r.covers(m.Page, m.Rect) {
			covered = append(covered, m.Page)
		}
	}
	i.Note = say("initials.count", "Count", len(pages), "Pages", Ranges(slices.Compact(slices.Sorted(slices.Values(pages)))), "Page", r.state.Marks[0].Page)
	if len(covered) > 0 {
		i.Note, i.Tone = say("initials.covered", "Pages", Ranges(slices.Compact(covered))), Caution
	}
}

// Space for initials, in points.
const (
	initialsEdge = 20 // from the lower edge of the page
	initialsSide = 40 // from the right edge: inside the right margin of NĐ 30/2020
	initialsStep = 6
	initialsHigh = 160 // no higher than this: there they would be taken for part of the text
)

// margin is the place of initials on a page: at the lower right, in the first
// spot free of text and other marks; the corner where there is none.
func margin(p placement.Page, w, h float64) placement.Rect {
	right := max(p.W-initialsSide-w, 0)
	for y := float64(initialsEdge); y < initialsHigh && y+h < p.H; y += initialsStep {
		for x := right; x > p.W/2; x -= initialsStep {
			r := placement.Rect{X: x, Y: y, W: w, H: h}
			if !covered(p, placement.Rect{X: x - 2, Y: y - 2, W: w + 4, H: h + 4}) {
				return r
			}
		}
	}
	return placement.Rect{X: right, Y: initialsEdge, W: w, H: h}
}

// errPages reports pages that cannot be understood.
var errPages = errors.New("not a list of pages")

// ParsePages reads page numbers as people write them, "1-4, 7" or "1–3;9", and
// gives them sorted, each once. A page that a document of so many pages does not
// have is an error; nothing at all is no page.
func ParsePages(text string, pages int) ([]int, error) {
	var out []int
	for part := range strings.FieldsFuncSeq(text, func(c rune) bool { return c == ',' || c == ';' }) {
		from, to, isRange := strings.Cut(strings.ReplaceAll(strings.TrimSpace(part), "–", "-"), "-")
		if !isRange {
			to = from
		}
		if strings.TrimSpace(from)+strings.TrimSpace(to) == "" && !isRange {
			continue
		}
		first, err1 := strconv.Atoi(strings.TrimSpace(from))
		last, err2 := strconv.Atoi(strings.TrimSpace(to))
		if err1 != nil || err2 != nil || first < 1 || last < first || last > pages {
			return nil, errPages
		}
		for p := first; p <= last; p++ {
			out = append(out, p)
		}
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}
