package present

import (
	"slices"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"kyso/app/placement"
)

// letter is one letter of a text as it is compared.
type letter struct {
	r rune
	// gap reports a space or the end of a line before it.
	gap bool
	// line counts the lines of the page, rect is the place.
	line int
	rect placement.Rect
}

// fold gives the letters of a text as they are compared: in lower case, and
// unless exact without diacritics ("đ" is "d" then), spaces only as gaps. at is
// told with each letter which of the text's runes it comes from.
func fold(text string, exact bool, at func(l *letter, n, of int)) []letter {
	var out []letter
	runes := []rune(norm.NFC.String(text))
	gap := true
	for i, r := range runes {
		if unicode.IsSpace(r) {
			gap = true
			continue
		}
		for _, f := range folded(r, exact) {
			l := letter{r: f, gap: gap}
			at(&l, i, len(runes))
			out = append(out, l)
			gap = false
		}
	}
	return out
}

// softHyphen is where a word may be parted; it is no letter.
const softHyphen = '\u00ad'

// folded gives what a letter is compared as.
func folded(r rune, exact bool) []rune {
	switch {
	case r == softHyphen || unicode.IsControl(r):
		return nil
	case exact:
		return []rune{unicode.ToLower(r)}
	case r == 'đ' || r == 'Đ':
		return []rune{'d'}
	}
	var out []rune
	for _, f := range norm.NFKD.String(string(r)) {
		if !unicode.Is(unicode.Mn, f) {
			out = append(out, unicode.ToLower(f))
		}
	}
	return out
}

// lettersOf gives the letters of a page, line by line.
func lettersOf(p placement.Page, exact bool) []letter {
	var out []letter
	for n, l := range p.Lines {
		words := l.Words
		if len(words) == 0 {
			words = []placement.Word{{Text: l.Text, Rect: l.Rect}}
		}
		for _, w := range words {
			out = append(out, fold(w.Text, exact, func(l *letter, i, of int) {
				width := w.Rect.W / float64(of)
				l.line, l.rect = n, placement.Rect{X: w.Rect.X + float64(i)*width, Y: w.Rect.Y, W: width, H: w.Rect.H}
			})...)
		}
	}
	return out
}

// search gives where a text occurs on a page, from the top. Spaces must be where
// the person typed them, unless the place is made of whole words: titles are set
// with spaced letters, and scans lose spaces.
func search(text, wanted []letter) [][]placement.Rect {
	var out [][]placement.Rect
	n := len(wanted)
	if n == 0 {
		return nil
	}
	for i := 0; i+n <= len(text); i++ {
		if !found(text[i:], wanted) {
			continue
		}
		out = append(out, boxes(text[i:i+n]))
		i += n - 1
	}
	return out
}

// found reports that a text begins with what is wanted.
func found(text, wanted []letter) bool {
	same := true // the spaces are the same
	for k, w := range wanted {
		if text[k].r != w.r {
			return false
		}
		same = same && (k == 0 || text[k].gap == w.gap)
	}
	n := len(wanted)
	words := text[0].gap && (n == len(text) || text[n].gap)
	return same || words
}

// boxes joins the places of letters, one box a line.
func boxes(letters []letter) []placement.Rect {
	var out []placement.Rect
	for i, l := range letters {
		if i == 0 || l.line != letters[i-1].line {
			out = append(out, l.rect)
			continue
		}
		b := &out[len(out)-1]
		right, top := max(b.X+b.W, l.rect.X+l.rect.W), max(b.Y+b.H, l.rect.Y+l.rect.H)
		b.X, b.Y = min(b.X, l.rect.X), min(b.Y, l.rect.Y)
		b.W, b.H = right-b.X, top-b.Y
	}
	return out
}

// plain is the letters of a text alone, to tell quickly that a page does not have them.
func plain(letters []letter) string {
	out := make([]rune, len(letters))
	for i, l := range letters {
		out[i] = l.r
	}
	return string(out)
}

// wantedLetters is what the person typed as it is compared.
func wantedLetters(query string, exact bool) []letter {
	return slices.Clip(fold(query, exact, func(*letter, int, int) {}))
}
