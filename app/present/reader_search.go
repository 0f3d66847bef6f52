package present

import (
	"context"
	"slices"
	"strings"

	"kyso/app/placement"
)

// The bounds of a search.
const (
	minQuery    = 2    // letters
	maxFound    = 2000 // places
	searchChunk = 16   // pages that are read before what was found is shown
)

// Search is the search in the text of the document.
type Search struct {
	// Open reports that the person searches.
	Open  bool
	Query string
	// Exact reports that diacritics must be as typed; case never matters.
	Exact bool
	// Running reports that pages are still being read.
	Running bool
	// Found are the places in order; Now is the one that the person is at, -1 for none.
	Found []Found
	Now   int
	// Note says which one of how many, or that there is none.
	Note Text
}

// Found is a place where the text occurs: a box for each of its lines.
type Found struct {
	Page  int
	Boxes []placement.Rect
}

// searching is the work behind it.
type searching struct {
	serial int // of the query; late answers to an earlier one are dropped
	// texts are the letters of the pages that were read, by page, for texts with
	// and without diacritics: they tell that a page need not be read again.
	texts map[textKey]string
	read  int // pages of the query that were read
	from  int // the page that the query began at
}

type textKey struct {
	page  int
	exact bool
}

// OpenSearch begins a search, with what was searched for last in this document.
func (r *Reader) OpenSearch() {
	if r.sheet == nil || r.state.Search.Open {
		return
	}
	r.state.Search.Open = true
	r.Changed(r.state)
}

// CloseSearch ends the search and forgets what was found.
func (r *Reader) CloseSearch() {
	if !r.state.Search.Open {
		return
	}
	r.searching.serial++
	s := r.state.Search
	r.state.Search = Search{Query: s.Query, Exact: s.Exact, Now: -1}
	r.Changed(r.state)
}

// Find looks for a text from a page on and then from the first to there.
func (r *Reader) Find(query string, exact bool, from int) {
	s := &r.state.Search
	if r.sheet == nil || !s.Open || (s.Query == query && s.Exact == exact && (s.Running || s.Found != nil)) {
		return
	}
	r.searching.serial++
	r.searching.read, r.searching.from = 0, min(max(from, 1), len(r.state.Pages))
	*s = Search{Open: true, Query: query, Exact: exact, Now: -1}
	wanted := wantedLetters(query, exact)
	switch {
	case len(wanted) == 0:
	case len(wanted) < minQuery:
		s.Note = say("search.short", "Count", minQuery)
	default:
		s.Running = true
		r.noteSearch()
		r.searchOn(wanted)
	}
	r.Searched(r.state)
}

// answer is what a page has.
type answer struct {
	page int
	text string // empty when it was known
	at   [][]placement.Rect
}

// searchOn reads the next pages.
func (r *Reader) searchOn(wanted []letter) {
	sheet, serial, query := r.sheet, r.state.Serial, r.searching.serial
	exact, pages := r.state.Search.Exact, r.chunk()
	known := make([]string, len(pages))
	for i, page := range pages {
		known[i] = r.searching.texts[textKey{page, exact}]
	}
	r.loop.Go(func(ctx context.Context) func() {
		needle := plain(wanted)
		var answers []answer
		for i, page := range pages {
			if known[i] != "" && !strings.Contains(known[i], needle) {
				continue
			}
			lines, err := sheet.Lines(ctx, page)
			if err != nil {
				continue // what cannot be read has no text
			}
			letters := lettersOf(placement.Page{Number: page, Lines: lines}, exact)
			answers = append(answers, answer{page, plain(letters), search(letters, wanted)})
		}
		return func() {
			if serial != r.state.Serial || query != r.searching.serial {
				return
			}
			r.found(answers, exact, len(pages))
			if r.state.Search.Running {
				r.searchOn(wanted)
			}
			r.Searched(r.state)
		}
	})
}

// chunk is the pages to read next: from where the person is to the end, then
// from the first page to there.
func (r *Reader) chunk() []int {
	n := len(r.state.Pages)
	var out []int
	for i := r.searching.read; i < min(r.searching.read+searchChunk, n); i++ {
		out = append(out, (r.searching.from-1+i)%n+1)
	}
	return out
}

// found takes the answers of some pages.
func (r *Reader) found(answers []answer, exact bool, pages int) {
	s := &r.state.Search
	if r.searching.texts == nil {
		r.searching.texts = map[textKey]string{}
	}
	all := slices.Clone(s.Found) // states that were handed out stay as they are
	var now *Found
	if s.Now >= 0 {
		now = &s.Found[s.Now]
	}
	for _, a := range answers {
		r.searching.texts[textKey{a.page, exact}] = a.text
		for _, boxes := range a.at {
			all = append(all, Found{a.page, boxes})
		}
	}
	r.searching.read += pages
	many := len(all) >= maxFound
	all = all[:min(len(all), maxFound)] // the farthest from the person are left out
	if now == nil && len(all) > 0 {
		now = new(all[0]) // the nearest from where the person is
	}
	slices.SortStableFunc(all, func(a, b Found) int { return a.Page - b.Page })
	s.Found = all
	if now != nil {
		s.Now = slices.IndexFunc(s.Found, func(f Found) bool { return f.Page == now.Page && f.Boxes[0] == now.Boxes[0] })
	}
	s.Running = r.searching.read < len(r.state.Pages) && !many
	r.noteSearch()
}

// noteSearch says how far the search is.
func (r *Reader) noteSearch() {
	s := &r.state.Search
	switch {
	case len(s.Found) > 0 && len(s.Found) >= maxFound:
		s.Note = say("search.many", "Now", s.Now+1, "Of", maxFound)
	case len(s.Found) > 0:
		s.Note = say("search.found", "Now", s.Now+1, "Of", len(s.Found))
	case s.Running:
		s.Note = say("search.running", "Page", r.searching.read, "Of", len(r.state.Pages))
	default:
		s.Note = say("search.none")
	}
}

// NextFound goes to the next place, or the one before with −1, around the end,
// and gives it; page 0 when there is none.
func (r *Reader) NextFound(step int) Spot {
	s := &r.state.Search
	n := len(s.Found)
	if n == 0 {
		return Spot{}
	}
	s.Now = (s.Now + step + n) % n
	r.noteSearch()
	r.Searched(r.state)
	return s.At()
}

// At is the place that the person is at, page 0 for none.
func (s Search) At() Spot {
	if s.Now < 0 || s.Now >= len(s.Found) {
		return Spot{}
	}
	return Spot{s.Found[s.Now].Page, s.Found[s.Now].Boxes[0]}
}
