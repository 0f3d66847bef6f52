package placement_test

import (
	"image"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kyso/app/placement"
	"kyso/app/preview"
)

// TestNothingIsCoveredOnFilesMadeByOthers proposes marks on every PDF below
// KYSO_CORPUS and looks at the pixels under each sure one: they must be of one
// tone. No letter of ours is there: what is asked is that the finder is neither
// sure of nonsense nor over anything.
func TestNothingIsCoveredOnFilesMadeByOthers(t *testing.T) {
	corpus := os.Getenv("KYSO_CORPUS")
	if corpus == "" {
		t.Skip("KYSO_CORPUS names no folder of PDFs")
	}
	var c tally
	err := filepath.WalkDir(corpus, func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() && strings.EqualFold(filepath.Ext(path), ".pdf") {
			c.file(t, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d files, %d not readable, %d pages looked at; signatures: %d sure, %d asked; initials after ./.: %d sure; initials at the foot: %d sure, %d asked; %d sure ones over ink",
		c.files, c.unreadable, c.pages, c.sure, c.asked, c.ends, c.foot, c.footAsked, c.over)
	if c.files == 0 {
		t.Fatal("no PDF there")
	}
	if c.over > 0 || c.sure > 0 {
		t.Errorf("got %d sure marks over ink and %d sure signatures of people who are not there, want none", c.over, c.sure)
	}
}

// tally counts what was proposed.
type tally struct {
	files, unreadable, pages, sure, asked, ends, foot, footAsked, over int
}

// file proposes marks on one file.
func (c *tally) file(t *testing.T, path string) {
	t.Helper()
	c.files++
	d, err := renderer.Open(t.Context(), path)
	if err != nil {
		c.unreadable++ // encrypted, damaged or hostile: preview's tests judge how
		return
	}
	defer d.Close() //nolint:errcheck // only read
	const most = 10
	var pages []placement.Page
	for i := range min(len(d.Pages()), most) {
		p, err := d.Page(t.Context(), i+1)
		if err != nil {
			c.unreadable++
			return
		}
		pages = append(pages, p)
	}
	c.pages += len(pages)
	for _, s := range []placement.Signer{head, {}, {Title: "Director"}} {
		p := placement.Propose(pages, placement.Approval, s, 130, 55)
		if p.Sure {
			c.sure++
			t.Logf("%s: a sure signature of %v: %+v", path, s, p)
		} else {
			c.asked++
		}
	}
	if p := placement.Propose(pages, placement.Initials, placement.Signer{}, 45, 25); p.Sure {
		c.ends++
		c.look(t, d, p, path)
	}
	for _, p := range placement.ProposeAll(pages, placement.InitialsOn(pages, nil, 45, 25)...) {
		if !p.Sure {
			c.footAsked++
			continue
		}
		c.foot++
		c.look(t, d, p, path)
	}
}

// look draws what lies under a sure mark.
func (c *tally) look(t *testing.T, d *preview.Document, p placement.Proposal, path string) {
	t.Helper()
	h := d.Pages()[p.Page-1].H
	part := image.Rect(int(p.Rect.X), int(h-p.Rect.Y-p.Rect.H), int(p.Rect.X+p.Rect.W), int(h-p.Rect.Y))
	m, err := d.Region(t.Context(), p.Page, 1, part)
	if err != nil {
		t.Logf("%s: %v", path, err)
		return
	}
	const unlike, dust = 60, 3
	first, different := m.Pix[:3], 0
	for i := 0; i+3 < len(m.Pix); i += 4 {
		for j := range first {
			if n := int(m.Pix[i+j]) - int(first[j]); n > unlike || n < -unlike {
				different++
				break
			}
		}
	}
	if different > dust {
		c.over++
		t.Logf("%s: page %d: %d pixels under %+v", path, p.Page, different, p)
	}
}
