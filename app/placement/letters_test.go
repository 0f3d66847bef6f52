package placement_test

import (
	"errors"
	"fmt"
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

// letters is how many letters are set: eight of each kind.
const letters = 256

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
func judge(l placementtest.Letter, p placement.Proposal, right func(placementtest.Box) bool) outcome {
	r := placementtest.Box(p.Rect)
	over := func(o placementtest.Box) bool { return r.Overlaps(o) }
	i := p.Page - 1
	switch {
	case p.Sure && (slices.ContainsFunc(l.Truth.Ink[i], over) || slices.ContainsFunc(l.Truth.Pictures[i], over)):
		return overInk
	case !p.Sure && l.Truth.Unknowable:
		return askedRight
	case !p.Sure:
		return asked
	case l.Truth.Unknowable || !right(r):
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

func TestTheSignatureIsPlacedOnLettersOfAllKinds(t *testing.T) {
	counts := table{}
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
		p := placement.Propose(pages, placement.Approval, placement.Signer{Name: l.Name, Title: l.Title}, l.MarkW, l.MarkH)
		o := judge(l, p, func(r placementtest.Box) bool { return p.Page == l.Truth.Page && l.Truth.Room.Holds(r) })
		counts.add(l.Kind, o)
		if o == asked || o == wrongPlace || o == overInk {
			t.Logf("%d %s: %s: %+v, room %d %+v\n  %s", n, l.Kind, o, p, l.Truth.Page, l.Truth.Room, l.About)
		}
	}
	t.Log(counts)
	bars(t, counts)
}
