package placement

import (
	"math"
	"slices"
	"strings"
	"unicode"
)

// cell is a piece of text that stands on its own: a line, or the part of a line
// that belongs to one column.
type cell struct {
	text string
	bare string
	rect Rect
	// caps reports that it is printed in capitals, or may be: old faces show
	// capitals where the file has small letters.
	caps bool
}

// sheet is a page made ready for the search.
type sheet struct {
	Page

	index int // in the document
	cells []cell
	taken []Rect // where text is
	annex bool   // it begins an annex, or follows a page that does
}

// newSheets makes the pages ready: lines without sense are left out, columns
// that were read as one line are parted.
func newSheets(pages []Page) []sheet {
	out := make([]sheet, len(pages))
	annex := false
	for i, p := range pages {
		s := sheet{Page: p, index: i}
		coded := codedIn8Bits(p.Lines)
		for _, l := range p.Lines {
			pieces := parts(l)
			for j, part := range pieces {
				if c := newCell(part, coded); strings.Trim(c.bare, "._…-") != "" { // lines of dots are signed on
					s.cells = append(s.cells, c)
				}
				if j > 0 || len(pieces) == 1 {
					s.taken = append(s.taken, part.Rect)
				}
			}
		}
		annex = annex || i > 0 && s.beginsAnnex()
		s.annex = annex
		out[i] = s
	}
	return out
}

// newCell reads one piece of a line.
func newCell(l Line, coded bool) cell {
	c := cell{text: l.Text, rect: l.Rect}
	if coded {
		c.text = plain(l.Text)
	}
	c.bare = bare(c.text)
	c.caps = inCapitals(c.text) || coded && len(c.bare) < 40
	return c
}

// inCapitals reports that nearly all letters are capitals.
func inCapitals(s string) bool {
	upper, lower := 0, 0
	for _, r := range s {
		switch {
		case unicode.IsUpper(r):
			upper++
		case unicode.IsLower(r):
			lower++
		}
	}
	return upper > 0 && lower*6 <= upper
}

// columnGap is the gap between words, in heights of the line, that may part two
// columns. Justified text has such gaps, too: then its parts are looked at in vain.
const columnGap = 1.0

// parts cuts a line at wide gaps between its words.
func parts(l Line) []Line {
	var out []Line
	start := 0
	for i := 1; i <= len(l.Words); i++ {
		if i < len(l.Words) && l.Words[i].Rect.X-l.Words[i-1].Rect.right() < columnGap*l.Rect.H {
			continue
		}
		out = append(out, join(l.Words[start:i]))
		start = i
	}
	// The line itself stays first: a title may be spaced out.
	if len(out) == 1 {
		return []Line{l}
	}
	return append([]Line{l}, out...)
}

// join makes one line of words.
func join(words []Word) Line {
	var out Line
	texts := make([]string, len(words))
	for i, w := range words {
		texts[i] = w.Text
		if i == 0 {
			out.Rect = w.Rect
		}
		out.Rect = out.Rect.union(w.Rect)
	}
	out.Text = strings.Join(texts, " ")
	return out
}

// beginsAnnex reports that a page begins with the heading of an annex.
func (s sheet) beginsAnnex() bool {
	const upper = 0.7
	return slices.ContainsFunc(s.cells, func(c cell) bool {
		return c.rect.Y > upper*s.H && len(c.bare) < 40 && startsWithAny(c.bare, annexHeads) &&
			math.Abs(c.rect.centre()-s.W/2) < s.W/3
	})
}

func startsWithAny(s string, heads []string) bool {
	return slices.ContainsFunc(heads, func(h string) bool { return strings.HasPrefix(s, h) })
}
