package placement

import (
	"math"
	"slices"
	"strings"
	"unicode"
)

// The measures of a block of signature, in points.
const (
	minGap    = 18.0  // below it there is no room for a signature
	maxGap    = 230.0 // between title and name of one signer
	offCentre = 110.0 // how far the centres of a title and its name may differ
	offLine   = 20.0  // how far those of a line and its name may differ before its parts are tried
)

// certainty tells how a printed name agrees with the signer's, from nothing.
type certainty int

const (
	none     certainty = iota
	alike              // only the marks differ: somebody else's, or an error of the printer's
	readable           // the same but for what programs misread on a scan
	same
)

// block is where somebody signs: the lines of the title, the free room, the
// lines of the name.
type block struct {
	sheet     int // index of the page
	title     Rect
	name      Rect
	room      Rect
	certainty certainty
	// known: the title is one that signers have; printed: there are at least
	// capitals where a title belongs.
	known, printed bool
	// exact: the title is the one that the signer is known to have.
	exact bool
	// inText: lines as wide as the text follow below: signers end a text.
	inText bool
	// crossed: a stroke goes through the room, as between the rows of a table.
	crossed bool
}

// blocks finds every place on a page where a name stands under a free room.
// With a signer's name only that name counts; without one, all that look like names.
func (s sheet) blocks(who Signer) []block {
	var out []block
	for _, c := range s.cells {
		level, name := s.nameAt(c, who.Name)
		if level == none {
			continue
		}
		b := s.blockOver(name, who)
		b.certainty = level
		if who.Name == "" && !b.known {
			continue // anybody's name is under some line of capitals
		}
		if !slices.ContainsFunc(out, func(o block) bool { return o.name.overlaps(b.name) && o.certainty >= level }) {
			out = append(out, b)
		}
	}
	return out
}

// nameAt reads a cell as the person's name, or as the first line of it; where
// nobody is named, as anybody's.
func (s sheet) nameAt(c cell, name string) (certainty, Rect) {
	if name == "" {
		if looksLikeName(c.text) {
			return same, c.rect
		}
		return none, c.rect
	}
	if level := s.isName(c.text, c.bare, name); level != none {
		return level, c.rect
	}
	if !s.beginsName(c.bare, bare(name)) {
		return none, Rect{}
	}
	next, ok := s.nextBelow(c.rect)
	if !ok {
		return none, Rect{}
	}
	level := s.isName(c.text+" "+next.text, c.bare+next.bare, name)
	return level, c.rect.union(next.rect)
}

// beginsName reports a line that holds ranks, the first part of a name, or both.
func (s sheet) beginsName(line, name string) bool {
	if endsInRank(line) {
		return true
	}
	const shortest = 4
	for _, r := range append([]string{""}, ranks...) {
		rest, ok := strings.CutPrefix(line, r)
		if rest = strings.TrimLeft(rest, ".,"); !ok || len(rest) < shortest || len(rest) > len(name) {
			continue
		}
		if rest == name[:len(rest)] || s.Scanned && distance(rest, name[:len(rest)]) < 1 {
			return true
		}
	}
	return false
}

// nextBelow finds the line right below a rectangle, in its column.
func (s sheet) nextBelow(r Rect) (cell, bool) {
	var best cell
	var ok bool
	for _, c := range s.cells {
		gap := r.Y - c.rect.top()
		if gap > -r.H/2 && gap < 1.2*r.H && math.Abs(c.rect.centre()-r.centre()) < r.W/2+20 && (!ok || c.rect.Y > best.rect.Y) && c.rect.Y < r.Y-r.H/4 {
			best, ok = c, true
		}
	}
	return best, ok
}

// isName compares a text with the person's name; a rank or degree may stand
// before it ("Thượng tá Nguyễn Văn A", "TS. Nguyễn Văn A").
func (s sheet) isName(text, bareText, name string) certainty {
	want := fold(name)
	if rest, ok := strings.CutSuffix(strings.TrimRight(fold(text), ".,"), want); ok && maybeRank(bare(rest)) {
		return same
	}
	bareWant := bare(name)
	line := strings.TrimRight(bareText, ".,")
	// A certificate may write the name without marks, a face may have none.
	plainly := !hasMarks(name) || !hasMarks(text)
	if rest, ok := strings.CutSuffix(line, bareWant); ok && maybeRank(rest) {
		switch {
		case plainly:
			return same
		case s.Scanned:
			return readable
		}
		return alike
	}
	if !s.Scanned {
		return none
	}
	// Two names may differ by one letter: of a scan only twins are forgiven.
	for _, r := range append([]string{""}, ranks...) {
		if rest, ok := strings.CutPrefix(line, r); ok && distance(rest, bareWant) < 1 {
			return readable
		}
	}
	return none
}

// maybeRank reports what may stand before a name: nothing, ranks and degrees.
func maybeRank(rest string) bool {
	if rest == "" {
		return true
	}
	const longest = 24
	if len([]rune(rest)) > longest || strings.ContainsAny(rest, ":;-()") {
		return false
	}
	return startsWithAny(rest, ranks) || strings.HasSuffix(rest, ".") || len([]rune(rest)) <= 8 && !strings.Contains(rest, ",")
}

// endsInRank reports a line that holds nothing but ranks and degrees.
func endsInRank(s string) bool {
	s = strings.Trim(s, ".,")
	return len([]rune(s)) <= 24 && slices.ContainsFunc(ranks, func(r string) bool {
		return strings.HasSuffix(s, strings.TrimRight(r, ".")) && startsWithAny(s, ranks)
	})
}

// looksLikeName reports two to seven words of letters that each begin with a capital.
func looksLikeName(text string) bool {
	words := strings.Fields(text)
	if len(words) < 2 || len(words) > 7 || isTitle(bare(text), Signer{}) {
		return false
	}
	lower := 0
	for _, w := range words {
		r := []rune(w)
		letters := strings.NewReplacer(".", "", "'", "", "’", "").Replace(w)
		if strings.ContainsFunc(letters, func(r rune) bool { return !unicode.IsLetter(r) }) {
			return false
		}
		if !unicode.IsUpper(r[0]) {
			lower++
		}
	}
	return lower <= 1 // "Thượng tá Nguyễn Văn A"
}

// blockOver reads what stands above a name: the room and the title.
func (s sheet) blockOver(name Rect, who Signer) block {
	b := block{sheet: s.index, name: name}
	if above, ok := s.nextAbove(b.name); ok && endsInRank(above.bare) && above.rect.Y-b.name.top() < b.name.H {
		b.name = b.name.union(above.rect)
	}
	above, ok := s.nextAbove(b.name)
	if !ok {
		return b
	}
	b.title = above.rect
	gap := above.rect.Y - b.name.top()
	if gap < minGap || gap > maxGap {
		b.title = Rect{}
		return b
	}
	s.readTitle(&b, above, who)
	b.room = s.room(b.title, b.name)
	b.inText = slices.ContainsFunc(s.taken, func(r Rect) bool { return r.top() < b.name.Y && r.W > 0.5*s.W })
	b.crossed = slices.ContainsFunc(s.Rules, func(r Rect) bool {
		core := Rect{b.name.X, b.name.top() + 1, b.name.W, gap - 2}
		return r.H < 3 && r.W > b.name.W/2 && r.overlaps(core)
	})
	return b
}

// nextAbove finds the nearest line above a rectangle that lies over it.
func (s sheet) nextAbove(r Rect) (cell, bool) {
	var best cell
	var ok bool
	wide := Rect{r.X - 10, 0, r.W + 20, s.H}
	for _, c := range s.cells {
		if c.rect.Y < r.top()-0.3*math.Min(r.H, c.rect.H) || !c.rect.overlaps(wide) {
			continue
		}
		// Of a line and its parts, which come after it, the one that is centred over
		// r: a title may be spaced out, and two columns may have been read as one line.
		nearer := math.Abs(c.rect.centre()-r.centre())+offLine < math.Abs(best.rect.centre()-r.centre())
		if !ok || c.rect.top() < best.rect.Y || c.rect.Y < best.rect.top() && (nearer && level(c.rect, best.rect) || !level(c.rect, best.rect) && c.rect.Y < best.rect.Y) {
			best, ok = c, true
		}
	}
	return best, ok
}

// readTitle reads the lines above a room, from the lowest up.
func (s sheet) readTitle(b *block, lowest cell, who Signer) {
	const most = 6 // lines of one title
	line := lowest
	text := ""
	for range most {
		if math.Abs(line.rect.centre()-b.name.centre()) > offCentre {
			return
		}
		if startsWithAny(line.bare, instructions) {
			b.printed = b.printed || text != ""
		} else {
			text = line.bare + text
			b.exact = b.exact || who.Title != "" && (line.bare == bare(who.Title) || text == bare(who.Title))
			b.known = b.known || line.caps && isTitle(line.bare, who) || isWholeTitle(line.bare, who) || line.caps && s.Scanned && nearlyTitle(line.bare)
			b.printed = b.printed || line.caps && len([]rune(line.bare)) <= 60 && len([]rune(line.bare)) >= 5 && !startsWithAny(line.bare, columnHeads)
		}
		next, ok := s.nextAbove(line.rect)
		if !ok || next.rect.Y-line.rect.top() > 1.3*line.rect.H {
			return
		}
		line = next
	}
}

// withoutCapacity takes "KT." and the like from a bare title.
func withoutCapacity(s string) string {
	for _, c := range capacities {
		if rest, ok := strings.CutPrefix(s, c); ok {
			return rest
		}
	}
	return s
}

// isTitle reports that a bare line begins with a signer's title.
func isTitle(bareText string, who Signer) bool {
	s := withoutCapacity(bareText)
	return who.Title != "" && s == bare(who.Title) || startsWithAny(s, titles)
}

// isWholeTitle reports that a bare line is a signer's title and nothing else:
// so it may be in small letters.
func isWholeTitle(bareText string, who Signer) bool {
	s := withoutCapacity(bareText)
	return who.Title != "" && s == bare(who.Title) || slices.Contains(titles, s)
}

// nearlyTitle forgives one letter of a title on a scan.
func nearlyTitle(bareText string) bool {
	const shortest = 6
	s := []rune(withoutCapacity(bareText))
	return slices.ContainsFunc(titles, func(t string) bool {
		n := len([]rune(t))
		return n >= shortest && len(s) >= n && distance(string(s[:n]), t) <= 1
	})
}
