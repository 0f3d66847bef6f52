package placement_test

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"kyso/app/placement"
	"kyso/app/placement/placementtest"
	"kyso/app/preview"
)

// TestMain shares one renderer between the tests: its start takes seconds.
func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "kyso-placement")
	if err != nil {
		panic(err)
	}
	renderer = preview.New(dir)
	code := m.Run()
	if err := errors.Join(renderer.Close(), os.RemoveAll(dir)); err != nil {
		panic(err)
	}
	os.Exit(code)
}

var renderer *preview.Renderer

// read gives the pages of a file as the program reads them.
func read(t *testing.T, path string) []placement.Page {
	t.Helper()
	d, err := renderer.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	}()
	pages := make([]placement.Page, len(d.Pages()))
	for i := range pages {
		if pages[i], err = d.Page(t.Context(), i+1); err != nil {
			t.Fatal(err)
		}
	}
	return pages
}

// letters is how many letters are set: six of each of the 40 kinds.
const letters = 240

// outcome is how a proposal compares with what is known of a letter.
type outcome string

const (
	rightPlace outcome = "right"
	askedRight outcome = "asked, as it should" // the file does not tell the place
	asked      outcome = "asked"
	wrongPlace outcome = "wrong"
	overInk    outcome = "over ink"
)

func outcomes() []outcome { return []outcome{rightPlace, askedRight, asked, wrongPlace, overInk} }

// judge compares a proposal with the truth.
func judge(l placementtest.Letter, p placement.Proposal, known, right bool) outcome {
	r := placementtest.Box(p.Rect)
	over := func(o placementtest.Box) bool { return r.Overlaps(o) }
	i := p.Page - 1
	switch {
	case p.Sure && (slices.ContainsFunc(l.Truth.Ink[i], over) || slices.ContainsFunc(l.Truth.Pictures[i], over)):
		return overInk
	case !p.Sure && !known:
		return askedRight
	case !p.Sure:
		return asked
	case !known || !right:
		return wrongPlace
	}
	return rightPlace
}

// table counts outcomes by kinds of letters and writes them as lines.
type table map[string]map[outcome]int

func (c table) add(kind string, o outcome) {
	if c[kind] == nil {
		c[kind] = map[outcome]int{}
	}
	c[kind][o]++
}

// total sums the kinds.
func (c table) total() map[outcome]int {
	sum := map[outcome]int{}
	for _, kind := range c {
		for o, n := range kind {
			sum[o] += n
		}
	}
	return sum
}

func (c table) String() string {
	var b strings.Builder
	row := func(name string, counts map[outcome]int) {
		fmt.Fprintf(&b, "\n%-26s", name)
		for _, o := range outcomes() {
			fmt.Fprintf(&b, "%21d", counts[o])
		}
	}
	fmt.Fprintf(&b, "\n%-26s", "")
	for _, o := range outcomes() {
		fmt.Fprintf(&b, "%21s", o)
	}
	var kinds []string
	for k := range c {
		kinds = append(kinds, k)
	}
	slices.Sort(kinds)
	for _, k := range kinds {
		row(k, c[k])
	}
	row("all", c.total())
	return b.String()
}

// bars holds the counts against what is asked of the finder: of the letters
// that tell the place at least 97 % right, never a sure wrong place, nothing
// over ink.
func bars(t *testing.T, c table) {
	t.Helper()
	const least = 0.97
	sum := c.total()
	known := sum[rightPlace] + sum[asked] + sum[wrongPlace] + sum[overInk]
	if known == 0 {
		t.Fatal("no letter tells its place")
	}
	if share := float64(sum[rightPlace]) / float64(known); share < least {
		t.Errorf("got %.1f %% right, want at least %.0f %%", 100*share, 100*least)
	}
	if sum[wrongPlace] > 0 || sum[overInk] > 0 {
		t.Errorf("got %d sure wrong places and %d over ink, want none", sum[wrongPlace], sum[overInk])
	}
}

// after reports that a mark stands right after a line: beside it, past at most
// three others, or under its end.
func after(line, mark placementtest.Box) bool {
	past := mark.X - line.X - line.W
	beside := past >= 0 && past <= 4*mark.W && mark.Y < line.Y+line.H && line.Y < mark.Y+mark.H
	under := past > -60-mark.W && past < 60 && mark.Y+mark.H <= line.Y && line.Y-mark.Y-mark.H < 15
	return beside || under
}

// act is one of the marks that are proposed for each letter, with what is right.
type act struct {
	name    string
	propose func([]placement.Page, placementtest.Letter) placement.Proposal
	right   func(placementtest.Letter, placement.Proposal) bool
	// known replaces the letter's own word on whether the place can be known.
	known func(placementtest.Letter) bool
}

func hasText(l placementtest.Letter) bool { return l.Kind != "picture only" }

// acts are the marks: the signature, the block in the corner, and initials by
// the three customs.
func acts() []act {
	const w, h = 45.4, 25.5 // 16 × 9 mm
	initials := func(at placement.Anchor) func([]placement.Page, placementtest.Letter) placement.Proposal {
		return func(pages []placement.Page, _ placementtest.Letter) placement.Proposal {
			return placement.ProposeInitials(pages, at, 1, w, h)
		}
	}
	return []act{
		{"signature", func(pages []placement.Page, l placementtest.Letter) placement.Proposal {
			return placement.Propose(pages, placement.Approval, placement.Signer{Name: l.Name, Title: l.Title}, l.MarkW, l.MarkH)
		}, func(l placementtest.Letter, p placement.Proposal) bool {
			return p.Page == l.Truth.Page && l.Truth.Room.Holds(placementtest.Box(p.Rect))
		}, func(l placementtest.Letter) bool { return !l.Truth.Unknowable }},
		{"initials after ./.", initials(placement.AtEnd), func(l placementtest.Letter, p placement.Proposal) bool {
			return p.Page == l.Truth.EndPage && after(l.Truth.End, placementtest.Box(p.Rect))
		}, hasText},
		{"initials at the recipients", initials(placement.AtRecipients), func(l placementtest.Letter, p placement.Proposal) bool {
			return p.Page == l.Truth.ListPage && after(l.Truth.List, placementtest.Box(p.Rect))
		}, func(l placementtest.Letter) bool { return hasText(l) && l.Truth.ListPage > 0 }},
		{"corner block", func(pages []placement.Page, _ placementtest.Letter) placement.Proposal {
			return placement.Propose(pages, placement.Appendix, placement.Signer{}, 170, 30)
		}, func(_ placementtest.Letter, p placement.Proposal) bool {
			return p.Page == 1 && p.Rect.X > 200 && p.Rect.Y > 540 // of A5, the smallest page
		}, func(placementtest.Letter) bool { return true }},
		{"initials at the foot", initials(placement.AtFoot), func(_ placementtest.Letter, p placement.Proposal) bool {
			return p.Page == 1 && p.Rect.Y < 120
		}, func(placementtest.Letter) bool { return true }},
	}
}

func TestMarksArePlacedOnLettersOfAllKinds(t *testing.T) {
	counts := map[string]table{}
	path := filepath.Join(t.TempDir(), "letter.pdf")
	for n := range letters {
		l, err := placementtest.Make(n)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, l.PDF, 0o600); err != nil {
			t.Fatal(err)
		}
		pages := read(t, path)
		for _, a := range acts() {
			p := a.propose(pages, l)
			o := judge(l, p, a.known(l), a.right(l, p))
			if counts[a.name] == nil {
				counts[a.name] = table{}
			}
			counts[a.name].add(l.Kind, o)
			if o == asked || o == wrongPlace || o == overInk {
				t.Logf("%s, %d %s: %s: %+v\n  %s; room %d %+v, end %d %+v", a.name, n, l.Kind, o, p, l.About, l.Truth.Page, l.Truth.Room, l.Truth.EndPage, l.Truth.End)
			}
		}
	}
	for _, a := range acts() {
		t.Logf("%s%s", a.name, counts[a.name])
		bars(t, counts[a.name])
	}
}

func TestTheSealIsPlacedOnSignedLetters(t *testing.T) {
	path := filepath.Join(t.TempDir(), "letter.pdf")
	const diameter, sealed = 40 * 72 / 25.4, 6
	sure := 0
	for n := range letters {
		l, err := placementtest.Make(n)
		if err != nil {
			t.Fatal(err)
		}
		if l.Kind != "already signed" {
			continue
		}
		if err := os.WriteFile(path, l.PDF, 0o600); err != nil {
			t.Fatal(err)
		}
		var signature placementtest.Box
		for _, b := range l.Truth.Pictures[l.Truth.Page-1] {
			if b.Overlaps(l.Truth.Room) {
				signature = b
			}
		}
		p := placement.Propose(read(t, path), placement.Seal, placement.Signer{Name: l.Name, Title: l.Title}, diameter, diameter)
		third, middle := p.Rect.X+p.Rect.W-signature.X-signature.W/3, p.Rect.Y+p.Rect.H/2-signature.Y-signature.H/2
		if p.Page != l.Truth.Page || math.Abs(third) > 1 || math.Abs(middle) > 1 {
			t.Errorf("%d: got %+v, want it over a third of %+v", n, p, signature)
		}
		if p.Sure {
			sure++
		} else if p.Why != placement.WhySealOverText {
			t.Errorf("%d: got %+v, want it asked only for text beside the signature", n, p)
		}
	}
	t.Logf("%d of %d seals are sure; the others lie over text beside the signature", sure, sealed)
	if sure == 0 {
		t.Error("no seal is sure")
	}
}
