// Package placementtest sets letters whose right places are known: where the
// signature belongs, where the content ends, and where ink is. It knows them
// because it put the words there itself; it uses nothing of package placement,
// which is judged by them.
package placementtest

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
)

// Truth is what is known of a letter. Places are on the page as shown.
type Truth struct {
	// Page is the page that is signed; Room is the free room between that
	// signer's title and name, as wide as the signer's column.
	Page int
	Room Box
	// Unknowable: the file does not tell the place, or it is taken: a program
	// that is sure of one is wrong.
	Unknowable bool
	// End is the last line of the content, which ends in "./."; List the last
	// line of the recipients.
	EndPage, ListPage int
	End, List         Box
	// Ink is where there is ink on each page, by words; Pictures where there
	// are pictures other than a scan of the page.
	Ink, Pictures [][]Box
}

// Letter is one letter.
type Letter struct {
	// Kind is what is special about it; About tells the rest.
	Kind, About string
	PDF         []byte
	// Printed: the letters can be seen; in a scan's text layer they are hidden.
	Printed bool
	Pages   int
	// Name and Title are the signer's, as the program knows them.
	Name, Title string
	// MarkW and MarkH are what the mark would like to be, in points.
	MarkW, MarkH float64
	Truth        Truth
}

// stranger is nobody who is printed as a signer.
const stranger = "Chử Đồng Tử"

// Make sets the letter of a number; the same number gives the same letter.
func Make(number int) (Letter, error) {
	fonts, err := faces()
	if err != nil {
		return Letter{}, fmt.Errorf("set letter %d: %w", number, err)
	}
	dice := rand.New(rand.NewPCG(uint64(number), 30)) //nolint:gosec // the same letters at every run
	s := draw(number, dice)
	c := &composer{spec: s, fonts: fonts, dice: dice}
	c.newSheet()
	c.head()
	if s.award {
		c.honours()
	}
	c.content()
	c.signing()
	if s.twice {
		c.newSheet()
		c.head()
		c.content()
		c.signing()
	}
	c.annex()
	c.truth.Unknowable = s.layer == picture1 || s.twice || s.stranger || s.nameless || s.signed || s.parted
	c.look()
	who := s.signers[s.who]
	title := who.title[len(who.title)-1]
	if len(who.title) > 1 && !strings.Contains(who.title[0], ".") {
		title = strings.Join(who.title, " ")
	}
	l := Letter{Kind: s.kind, Name: who.name, Title: title, Pages: len(c.sheets), MarkW: s.markW, MarkH: s.markH}
	if s.stranger {
		l.Name = stranger
	}
	for i := range c.sheets {
		c.lay(&c.sheets[i])
	}
	l.About = fmt.Sprintf("%s %s %gpt ×%.2f gap %.0f rotate %d skew %.1f, %s, %s", s.layer, s.paper.name, s.size, s.stretch, s.gap, s.rotate, s.skew,
		strings.Join(who.title, " / "), who.rank+who.name)
	l.Printed = s.layer != scanned && s.layer != noisy && s.layer != picture1
	l.Truth, l.PDF = c.truth, write(c.sheets, fonts)
	return l, nil
}

// look notes the ink of every page, skewed as the page is.
func (c *composer) look() {
	turn := 0.0
	if c.spec.layer == scanned || c.spec.layer == noisy {
		turn = c.spec.skew * math.Pi / 180
	}
	at := func(b Box) Box { return b.turned(turn, c.spec.paper.w/2, c.spec.paper.h/2) }
	for _, s := range c.sheets {
		var ink, pictures []Box
		for _, w := range c.words(s.runs, false) {
			if b := c.ink(w); b.W > 0 {
				ink = append(ink, at(b))
			}
		}
		for _, p := range s.pictures {
			pictures = append(pictures, at(p.box))
		}
		c.truth.Ink, c.truth.Pictures = append(c.truth.Ink, ink), append(c.truth.Pictures, pictures)
	}
	c.truth.Room, c.truth.End, c.truth.List = at(c.truth.Room), at(c.truth.End), at(c.truth.List)
	if turn != 0 { // the upright box around a turned room reaches over its edges: cut to the ink
		c.truth.Room = c.cut(c.truth.Room)
	}
}

// cut takes from a room what ink lies across its upper and lower edge.
func (c *composer) cut(r Box) Box {
	for _, ink := range c.truth.Ink[max(c.truth.Page-1, 0)] {
		if !ink.Overlaps(r) || math.Abs(ink.X+ink.W/2-r.X-r.W/2) > r.W/3 {
			continue
		}
		if middle := r.Y + r.H/2; ink.Y > middle {
			r.H = math.Min(r.H, ink.Y-r.Y)
		} else if top := ink.Y + ink.H; top < middle {
			r.Y, r.H = top, r.Y+r.H-top
		}
	}
	return r
}
