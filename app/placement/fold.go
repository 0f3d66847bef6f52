package placement

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// fold makes texts comparable: composed, upper case, without spaces, the two
// ways of placing a tone alike.
func fold(s string) string {
	return unifyTone(strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == '\u00ad' || r == '\u200b' {
			return -1
		}
		return unicode.ToUpper(r)
	}, norm.NFC.String(s)))
}

// tones writes the two ways of placing a tone alike: "hoà" and "hòa".
//
//nolint:gochecknoglobals // a constant table
var tones = strings.NewReplacer("OÀ", "ÒA", "OÁ", "ÓA", "OẢ", "ỎA", "OÃ", "ÕA", "OẠ", "ỌA",
	"OÈ", "ÒE", "OÉ", "ÓE", "OẺ", "ỎE", "OẼ", "ÕE", "OẸ", "ỌE",
	"UỲ", "ÙY", "UÝ", "ÚY", "UỶ", "ỦY", "UỸ", "ŨY", "UỴ", "ỤY")

func unifyTone(folded string) string { return tones.Replace(folded) }

// bare is a text without marks, spaces and case: what is left of it when a
// program reads a scan badly or a face has no Vietnamese letters.
func bare(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Mn, r) || unicode.IsSpace(r) || r == '\u00ad' || r == '\u200b':
			return -1
		case r == 'đ' || r == 'Đ' || r == 'Ð':
			return 'D'
		case r == '‘' || r == '’' || r == '`':
			return '\''
		}
		return unicode.ToUpper(r)
	}, norm.NFD.String(s))
}

// hasMarks reports Vietnamese letters that are not plain Latin ones.
func hasMarks(s string) bool { return bare(s) != strings.ToUpper(strings.Join(strings.Fields(s), "")) }

// The codes of TCVN 5712 (VN3), which older faces (.VnTime) use in place of
// Unicode, and the plain letters that they are.
const vn3Codes = "µ¸¶·¹¨»¾¼½Æ©ÇÊÈÉË®ÌÐÎÏÑªÒÕÓÔÖ×ÝØÜÞßãáâä«åèæçé¬êíëìîïóñòô\u00adõøö÷ùúýûüþ¡¢§£¤¥¦"

//nolint:gochecknoglobals // a constant table
var vn3 = func() map[rune]rune {
	plain := []rune(strings.Repeat("a", 17) + "d" + strings.Repeat("e", 11) + strings.Repeat("i", 5) +
		strings.Repeat("o", 17) + strings.Repeat("u", 11) + strings.Repeat("y", 5) + "AADEOOU")
	out := map[rune]rune{}
	for i, c := range []rune(vn3Codes) {
		out[c] = plain[i]
	}
	return out
}()

// codedIn8Bits reports a page that is set in faces with the codes of TCVN 5712:
// their signs stand between letters, and there is no letter of Vietnamese Unicode.
func codedIn8Bits(lines []Line) bool {
	const enough = 5
	signs := 0
	for _, l := range lines {
		for _, r := range l.Text {
			switch {
			case r >= 0x1EA0 && r <= 0x1EF9, strings.ContainsRune("ăđơưĂĐƠƯ", r):
				return false
			case strings.ContainsRune("µ¸¶·¹¨»¾¼½©®ª«¬×ÞØÐ", r):
				signs++
			}
		}
	}
	return signs >= enough
}

// plain writes a text of those codes in plain letters.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if p, ok := vn3[r]; ok {
			return p
		}
		return r
	}, s)
}

// twins are letters that programs take for each other when they read a scan.
//
//nolint:gochecknoglobals // a constant table
var twins = func() map[[2]rune]bool {
	out := map[[2]rune]bool{}
	for _, group := range []string{"O0QDC", "I1L|!T", "S5", "B8", "Z2", "G6C", "UV", "E F", "NM", ".,"} {
		for _, a := range group {
			for _, b := range group {
				out[[2]rune{a, b}] = true
			}
		}
	}
	return out
}()

// twinCost is what taking a letter for its twin costs; any other change costs 1.
const twinCost = 0.3

// distance is the cost of turning one text into another, letter by letter
// (Levenshtein's, with twins cheaper).
func distance(a, b string) float64 {
	const longest = 200
	x, y := []rune(a), []rune(b)
	if len(x) > longest || len(y) > longest {
		return longest
	}
	row := make([]float64, len(y)+1)
	for j := range row {
		row[j] = float64(j)
	}
	for i := range x {
		corner := row[0]
		row[0] = float64(i + 1)
		for j := range y {
			change := 1.0
			if x[i] == y[j] {
				change = 0
			} else if twins[[2]rune{x[i], y[j]}] {
				change = twinCost
			}
			corner, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, corner+change)
		}
	}
	return row[len(y)]
}
