package placement

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// titles are the words that a line with a signer's title begins with, folded.
//
//nolint:gochecknoglobals // a constant table
var titles = []string{
	"CHỦTỊCH", "PHÓCHỦTỊCH", "QUYỀNCHỦTỊCH", "BÍTHƯ", "PHÓBÍTHƯ",
	"TRƯỞNGPHÒNG", "PHÓTRƯỞNGPHÒNG", "TRƯỞNGBAN", "PHÓTRƯỞNGBAN", "TRƯỞNGTRẠM", "TRƯỞNGCÔNGAN", "PHÓTRƯỞNGCÔNGAN",
	"GIÁMĐỐC", "PHÓGIÁMĐỐC", "TỔNGGIÁMĐỐC", "PHÓTỔNGGIÁMĐỐC",
	"CHÁNHVĂNPHÒNG", "PHÓCHÁNHVĂNPHÒNG", "PHÓVĂNPHÒNG", "CHÁNHTHANHTRA", "PHÓCHÁNHTHANHTRA", "CHÁNHÁN", "PHÓCHÁNHÁN",
	"HIỆUTRƯỞNG", "PHÓHIỆUTRƯỞNG", "VIỆNTRƯỞNG", "PHÓVIỆNTRƯỞNG", "THỦTRƯỞNG", "PHÓTHỦTRƯỞNG",
	"BỘTRƯỞNG", "THỨTRƯỞNG", "TỔNGCỤCTRƯỞNG", "CỤCTRƯỞNG", "PHÓCỤCTRƯỞNG", "VỤTRƯỞNG", "PHÓVỤTRƯỞNG",
	"CHICỤCTRƯỞNG", "PHÓCHICỤCTRƯỞNG", "ĐỘITRƯỞNG", "PHÓĐỘITRƯỞNG", "HẠTTRƯỞNG", "TRẠMTRƯỞNG",
	"CHỈHUYTRƯỞNG", "CHÍNHTRỊVIÊN", "CHỦNHIỆM", "PHÓCHỦNHIỆM", "TỔTRƯỞNG", "KẾTOÁNTRƯỞNG", "NGƯỜIKÝ",
}

// capacities are the signs of the capacity in which somebody signs (NĐ
// 30/2020/NĐ-CP, Article 13): they may stand before a title on one line.
//
//nolint:gochecknoglobals // a constant table
var capacities = []string{"TUQ.", "KT.", "TM.", "TL.", "Q."}

// spot is where a signer's title and name stand, with the room between them.
type spot struct {
	page Page
	room Rect
	why  string
}

// findSpot looks for the signer from the last page to the first: an annex may
// follow the page that is signed.
func findSpot(pages []Page, s Signer) (spot, bool) {
	var second spot
	for _, p := range slices.Backward(pages) {
		found, ok := spotOn(p, s)
		if !ok {
			continue
		}
		if found.why == WhyTitleAndName {
			return found, true
		}
		if second.why == "" || rank(found.why) < rank(second.why) {
			second = found
		}
	}
	return second, second.why != ""
}

// rank orders what was found when nothing fits wholly: the name is the best sign.
func rank(why string) int {
	return slices.Index([]string{WhyNameOnly, WhyTitleOtherName, WhyTitleOnly}, why)
}

// spotOn looks for the signer on one page, from the bottom.
func spotOn(p Page, s Signer) (spot, bool) {
	if name, ok := lowest(p, func(l Line) bool { return s.Name != "" && isName(l.Text, s.Name) }); ok {
		if title, ok := titleAbove(p, name, s); ok {
			return spot{p, between(title.Rect, name.Rect), WhyTitleAndName}, true
		}
		return spot{p, above(name.Rect), WhyNameOnly}, true
	}
	title, ok := lowest(p, func(l Line) bool { return isTitle(l.Text, s) })
	if !ok {
		return spot{}, false
	}
	name, ok := nameBelow(p, title)
	switch {
	case !ok:
		return spot{p, below(title.Rect), WhyTitleOnly}, true
	case s.Name == "": // nobody is named: whoever is printed here signs
		return spot{p, between(title.Rect, name.Rect), WhyTitleAndName}, true
	}
	return spot{p, between(title.Rect, name.Rect), WhyTitleOtherName}, true
}

// lowest finds the lowest line of the right half that fits.
func lowest(p Page, fits func(Line) bool) (Line, bool) {
	var best Line
	var ok bool
	for _, l := range p.Lines {
		if l.Rect.centre() > p.W/2 && (!ok || l.Rect.Y < best.Rect.Y) && fits(l) {
			best, ok = l, true
		}
	}
	return best, ok
}

// titleAbove finds the nearest title above a name.
func titleAbove(p Page, name Line, s Signer) (Line, bool) {
	var best Line
	var ok bool
	for _, l := range p.Lines {
		gap := l.Rect.Y - (name.Rect.Y + name.Rect.H)
		if gap >= minGap && gap <= maxGap && near(l, name) && (!ok || l.Rect.Y < best.Rect.Y) && isTitle(l.Text, s) {
			best, ok = l, true
		}
	}
	return best, ok
}

// nameBelow finds the first line below a title, if it looks like a name.
func nameBelow(p Page, title Line) (Line, bool) {
	var best Line
	var ok bool
	for _, l := range p.Lines {
		gap := title.Rect.Y - (l.Rect.Y + l.Rect.H)
		if gap > 0 && gap <= maxGap && near(l, title) && (!ok || l.Rect.Y > best.Rect.Y) {
			best, ok = l, true
		}
	}
	return best, ok && title.Rect.Y-(best.Rect.Y+best.Rect.H) >= minGap && looksLikeName(best.Text)
}

// near reports that two lines stand one above the other.
func near(a, b Line) bool {
	d := a.Rect.centre() - b.Rect.centre()
	return d < offCentre && d > -offCentre
}

// roomWidth is how wide the room around a signer's name is taken to be.
const roomWidth = 200.0

// between is the room between a title and a name.
func between(title, name Rect) Rect {
	bottom := name.Y + name.H + clearance
	return Rect{(title.centre()+name.centre())/2 - roomWidth/2, bottom, roomWidth, title.Y - clearance - bottom}
}

// above is the room above a name without a title, below that under a title without a name.
func above(name Rect) Rect {
	return Rect{name.centre() - roomWidth/2, name.Y + name.H + clearance, roomWidth, maxGap / 3}
}

func below(title Rect) Rect {
	return Rect{title.centre() - roomWidth/2, title.Y - clearance - maxGap/3, roomWidth, maxGap / 3}
}

// fold makes texts comparable: composed, upper case, without spaces.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == '\u00ad' || r == '\u200b' {
			return -1
		}
		return unicode.ToUpper(r)
	}, norm.NFC.String(s))
}

// unifyTone writes the two ways of placing a tone alike: "hoà" and "hòa".
func unifyTone(folded string) string {
	return strings.NewReplacer("OÀ", "ÒA", "OÁ", "ÓA", "OẢ", "ỎA", "OÃ", "ÕA", "OẠ", "ỌA",
		"OÈ", "ÒE", "OÉ", "ÓE", "OẺ", "ỎE", "OẼ", "ÕE", "OẸ", "ỌE",
		"UỲ", "ÙY", "UÝ", "ÚY", "UỶ", "ỦY", "UỸ", "ŨY", "UỴ", "ỤY").Replace(folded)
}

// isTitle reports that a whole line is a signer's title. Titles are printed in
// capitals; the same words in running text are not.
func isTitle(text string, s Signer) bool {
	if strings.ContainsFunc(text, unicode.IsLower) || strings.ContainsFunc(text, unicode.IsDigit) {
		return false
	}
	f := unifyTone(fold(text))
	for _, c := range capacities {
		f = strings.TrimPrefix(f, c)
	}
	if s.Title != "" && f == unifyTone(fold(s.Title)) {
		return true
	}
	return slices.ContainsFunc(titles, func(t string) bool { return strings.HasPrefix(f, unifyTone(t)) })
}

// isName reports that a whole line is the person's name, a rank or degree
// before it allowed ("Thượng tá Nguyễn Văn A", "TS. Nguyễn Văn A").
func isName(text, name string) bool {
	line, want := unifyTone(fold(text)), unifyTone(fold(name))
	if line == want {
		return true
	}
	const longestRank = 12
	rest, ok := strings.CutSuffix(line, want)
	return ok && len([]rune(rest)) <= longestRank && !strings.ContainsAny(rest, ":,;-")
}

// looksLikeName reports two to seven words of letters that each begin with a capital.
func looksLikeName(text string) bool {
	words := strings.Fields(text)
	if len(words) < 2 || len(words) > 7 {
		return false
	}
	lower := 0
	for _, w := range words {
		r := []rune(w)
		if strings.ContainsFunc(strings.TrimSuffix(w, "."), func(r rune) bool { return !unicode.IsLetter(r) }) {
			return false
		}
		if !unicode.IsUpper(r[0]) {
			lower++
		}
	}
	return lower <= 1 // "Thượng tá Nguyễn Văn A"
}

// endOfText finds the "./." that ends the content. Lists of addressees
// sometimes end in the same sign: lines with a dash are not content.
func endOfText(p Page) (Line, bool) {
	var best Line
	var ok bool
	for _, l := range p.Lines {
		f := fold(l.Text)
		if !strings.HasSuffix(f, "./.") || strings.HasPrefix(f, "-") || strings.HasPrefix(f, "LƯU:") {
			continue
		}
		if !ok || l.Rect.Y < best.Rect.Y {
			best, ok = l, true
		}
	}
	return best, ok
}
