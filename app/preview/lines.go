package preview

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"kyso/app/placement"
)

// columnGap is the gap, in heights of the line, that parts two columns on one
// height: "Nơi nhận" at the left and the signer's title at the right.
const columnGap = 3.0

// wordGap is the gap, in heights of the line, that is a space between words.
const wordGap = 0.18

// hanging is the part of its height that a line is taken to reach below its letters.
const hanging = 0.25

// chain is a line of text while it grows to the right.
type chain struct {
	glyphs []glyph
	box    box
}

// band is where the next letter of the chain would stand: around its last
// letters, for the line may climb or fall, as on a skewed scan; at least as high
// as a usual letter of the page, for the last may be a dash; and with room for
// what hangs below the line.
func (c *chain) band(usual float64) box {
	const letters = 8
	b := c.glyphs[len(c.glyphs)-1].box
	for i := len(c.glyphs) - 2; i >= max(0, len(c.glyphs)-letters); i-- {
		b.bottom, b.top = math.Min(b.bottom, c.glyphs[i].box.bottom), math.Max(b.top, c.glyphs[i].box.top)
	}
	if lack := usual - (b.top - b.bottom); lack > 0 {
		b.bottom, b.top = b.bottom-lack/2, b.top+lack/2
	}
	b.bottom -= hanging * (b.top - b.bottom)
	return b
}

// add takes a letter into the chain, unless it is the last one printed twice:
// programs without a bold face print each letter again, a little aside.
func (c *chain) add(g glyph) {
	last := c.glyphs[len(c.glyphs)-1]
	width := g.box.right - g.box.left
	if last.text == g.text && math.Abs(last.box.left-g.box.left) < 0.25*width && math.Abs(last.box.bottom-g.box.bottom) < 0.25*width {
		return
	}
	c.glyphs = append(c.glyphs, g)
	c.box = c.box.union(g.box)
}

// lines joins glyphs to lines. The order of the glyphs in the file plays no
// part, since many programs write a line in several fonts out of order: from
// the left, each glyph continues the line whose last letters stand at its
// height and not too far away.
func lines(glyphs []glyph) []placement.Line {
	slices.SortStableFunc(glyphs, func(a, b glyph) int { return cmp.Compare(a.box.left, b.box.left) })
	usual := usualHeight(glyphs)
	var done, open []*chain
	for _, g := range glyphs {
		var best *chain
		most := 0.45
		still := open[:0]
		for _, c := range open {
			band := c.band(usual)
			if g.box.left-band.right > columnGap*(band.top-band.bottom)/(1+hanging) {
				done = append(done, c)
				continue
			}
			still = append(still, c)
			if o := shared(band, g.box); o > most {
				best, most = c, o
			}
		}
		open = still
		if best == nil {
			open = append(open, &chain{[]glyph{g}, g.box})
			continue
		}
		best.add(g)
	}
	return spell(append(done, open...))
}

// usualHeight is the height of most letters of a page that are not signs.
func usualHeight(glyphs []glyph) float64 {
	var heights []float64
	for _, g := range glyphs {
		if strings.ContainsFunc(g.text, unicode.IsLetter) {
			heights = append(heights, g.box.top-g.box.bottom)
		}
	}
	if len(heights) == 0 {
		return 0
	}
	slices.Sort(heights)
	return heights[len(heights)/2]
}

// shared is the part of the lower box's height that two boxes have in common.
func shared(a, b box) float64 {
	return (math.Min(a.top, b.top) - math.Max(a.bottom, b.bottom)) / math.Min(a.top-a.bottom, b.top-b.bottom)
}

// spell writes chains as lines, from the top.
func spell(chains []*chain) []placement.Line {
	out := make([]placement.Line, 0, len(chains))
	for _, c := range chains {
		out = append(out, c.line())
	}
	slices.SortStableFunc(out, func(a, b placement.Line) int {
		return cmp.Or(cmp.Compare(b.Rect.Y+b.Rect.H, a.Rect.Y+a.Rect.H), cmp.Compare(a.Rect.X, b.Rect.X))
	})
	return out
}

// line spells a chain, with spaces where there are gaps.
func (c *chain) line() placement.Line {
	height := c.height()
	var words []placement.Word
	var text strings.Builder
	bounds := c.glyphs[0].box
	flush := func() {
		words = append(words, placement.Word{Text: norm.NFC.String(text.String()), Rect: bounds.rect()})
		text.Reset()
	}
	for i, g := range c.glyphs {
		if i > 0 && g.box.left-bounds.right > wordGap*height {
			flush()
			bounds = g.box
		}
		bounds = bounds.union(g.box)
		text.WriteString(g.text)
	}
	flush()
	texts := make([]string, len(words))
	for i, w := range words {
		texts[i] = w.Text
	}
	return placement.Line{Text: strings.Join(texts, " "), Rect: c.box.rect(), Words: words}
}

// height is the height of the tallest letter of the chain: its box may be much
// higher when the line is skewed.
func (c *chain) height() float64 {
	h := 0.0
	for _, g := range c.glyphs {
		h = math.Max(h, g.box.top-g.box.bottom)
	}
	return h
}
