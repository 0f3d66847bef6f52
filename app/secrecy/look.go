package secrecy

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"kyso/app/placement"
)

// A grade is how a level is written.
type grade struct {
	level Level
	// words are the mark in Unicode, and in the codes TCVN3 and VNI that old
	// programs print in fonts of their own, all folded.
	words []string
	// bare is the mark without its accents, as some converters leave it.
	bare string
}

//nolint:gochecknoglobals // a constant table
var grades = []grade{
	{TuyetMat, []string{"TUYỆTMẬT", "TUYÖTMËT", "TUYEÄTMAÄT"}, "TUYETMAT"},
	{ToiMat, []string{"TỐIMẬT", "TÈIMËT", "TOÁIMAÄT"}, "TOIMAT"},
	{Mat, []string{"MẬT", "MËT", "MAÄT"}, "MAT"},
}

// gradeOf gives the grade that a text is, in any case of letters.
func gradeOf(text string) (grade, bool) {
	f := fold(text)
	for _, g := range grades {
		if slices.Contains(g.words, f) {
			return g, true
		}
	}
	return grade{}, false
}

// bareGradeOf is gradeOf for marks that lost their accents.
func bareGradeOf(text string) (grade, bool) {
	f := fold(text)
	for _, g := range grades {
		if f == g.bare {
			return g, true
		}
	}
	return grade{}, false
}

// kinds are words that together with a mark name the kind of a paper, folded:
// "VĂN BẢN MẬT" in a heading is a doubt.
//
//nolint:gochecknoglobals // a constant table
var kinds = []string{"VĂNBẢN", "TÀILIỆU", "CÔNGVĂN", "ĐIỆN", "CÔNGĐIỆN", "HỒSƠ", "BẢN"}

var (
	// label is the mark written out: "Độ mật: Tối mật".
	label = regexp.MustCompile(`(?i)^\s*(?:mức\s+)?độ\s+mật\s*[:：]\s*(.*)$`)
	// dated is the place and date of issue that may follow a mark on the same line.
	dated = regexp.MustCompile(`,\s*ngày\s`)
)

// Look reads pages for marks of secrecy and gives the gravest.
func Look(pages []placement.Page) Finding {
	all := []Finding{{Level: None}}
	lines, declassified := 0, false
	for _, p := range pages {
		lines += len(p.Lines)
		for _, l := range p.Lines {
			all = append(all, lookAt(p, l))
			declassified = declassified || fold(strip(l.Text)) == "GIẢIMẬT"
		}
	}
	worst := Worst(all...)
	worst.Blind = lines == 0
	if declassified {
		worst.Sure = false // a person has to see what was declassified
	}
	return worst
}

// lookAt judges one line.
func lookAt(p placement.Page, l placement.Line) Finding {
	text := strip(l.Text)
	found := func(g grade, sure bool) Finding {
		return Finding{Level: g.level, Sure: sure, Page: p.Number, Rect: l.Rect, Mark: text}
	}
	if m := label.FindStringSubmatch(text); m != nil {
		return labelled(p, l, m[1], found)
	}
	if mark, rest, ok := cutDate(text); ok && dated.MatchString(rest) {
		text = mark
	}
	first := p.Number == 1
	if g, ok := gradeOf(text); ok {
		switch {
		case isUpper(text): // everywhere at least a doubt: headers, stamps at the right
			return found(g, first && inPlace(p, l) && !goesOn(p, l))
		case inPlace(p, l) && first && !isLower(text), g.level != Mat && !isLower(text):
			return found(g, false)
		}
		return Finding{Level: None} // a cell of a table, the end of "bảo mật"
	}
	if g, ok := bareGradeOf(text); ok && isUpper(text) && first && (g.level != Mat || inPlace(p, l)) {
		return found(g, false)
	}
	if g, ok := kindOf(text); ok && first && isUpper(text) && inHead(p, l) {
		return found(g, false)
	}
	if f := InSubject(l.Text); f.Level != None && first && inHead(p, l) {
		f.Page, f.Rect = p.Number, l.Rect
		return f
	}
	return Finding{Level: None}
}

// labelled judges a value behind "Độ mật:". An empty one may stand in a column of its own.
func labelled(p placement.Page, l placement.Line, value string, found func(grade, bool) Finding) Finding {
	value = strip(value)
	if value == "" {
		value = strip(toTheRight(p, l))
	}
	g, ok := gradeOf(value)
	if !ok {
		if g, ok = bareGradeOf(value); !ok {
			return Finding{Level: None}
		}
		return found(g, false)
	}
	return found(g, p.Number == 1)
}

// toTheRight gives the nearest text on the same height to the right of a line.
func toTheRight(p placement.Page, l placement.Line) string {
	var best placement.Line
	for _, o := range p.Lines {
		level := o.Rect.Y < l.Rect.Y+l.Rect.H && l.Rect.Y < o.Rect.Y+o.Rect.H
		if level && o.Rect.X > l.Rect.X && (best.Text == "" || o.Rect.X < best.Rect.X) {
			best = o
		}
	}
	return best.Text
}

// kindOf gives the grade of "VĂN BẢN MẬT" and its like.
func kindOf(text string) (grade, bool) {
	f := fold(text)
	for _, g := range grades {
		for _, w := range g.words {
			if kind, ok := strings.CutSuffix(f, w); ok && slices.Contains(kinds, kind) {
				return g, true
			}
		}
	}
	return grade{}, false
}

// cutDate parts a mark from a place and date behind it on one line.
func cutDate(text string) (mark, rest string, ok bool) {
	words := strings.Fields(text)
	for n := 1; n <= 2 && n < len(words); n++ {
		mark = strings.Join(words[:n], " ")
		if _, is := gradeOf(mark); is && isUpper(mark) {
			return mark, strings.Join(words[n:], " "), true
		}
	}
	return "", "", false
}

const (
	// headShare is the part of the page, from the top, in which number, notation,
	// place, date and subject stand.
	headShare = 0.4
	// adjoining is the gap, in heights of the line, below which two lines belong
	// to one heading.
	adjoining = 1.2
)

// inHead reports a line in the head of the page.
func inHead(p placement.Page, l placement.Line) bool { return l.Rect.Y > p.H*(1-headShare) }

// inPlace reports the place of the mark: the head's left column.
func inPlace(p placement.Page, l placement.Line) bool {
	return inHead(p, l) && l.Rect.X+l.Rect.W/2 < p.W/2
}

// goesOn reports that the line above is a heading in capitals which this line
// ends: "KẾ HOẠCH TĂNG CƯỜNG BẢO" over "MẬT".
func goesOn(p placement.Page, l placement.Line) bool {
	return slices.ContainsFunc(p.Lines, func(o placement.Line) bool {
		gap := o.Rect.Y - (l.Rect.Y + l.Rect.H)
		over := o.Rect.X < l.Rect.X+l.Rect.W && l.Rect.X < o.Rect.X+o.Rect.W
		return over && gap > -l.Rect.H/2 && gap < adjoining*l.Rect.H && isUpper(o.Text) &&
			!strings.ContainsFunc(o.Text, unicode.IsDigit) && strings.HasSuffix(fold(o.Text), "BẢO")
	})
}

// strip removes the frame that is typed around a mark and the quotes of a form.
func strip(text string) string {
	return strings.TrimFunc(norm.NFC.String(text), func(r rune) bool {
		return unicode.IsSpace(r) || r == '\u200b' || r == '\u00ad' || strings.ContainsRune(`[](){}|/\*-–—_=.,;"'“”‘’<>«»+#`, r) ||
			r >= '\u2500' && r <= '\u259f' // box drawing
	})
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

// isUpper reports capitals only. Old codes hold capitals in letters that look
// small, so one of them counts as it is printed.
func isUpper(text string) bool {
	return !strings.ContainsFunc(text, unicode.IsLower) || isOldCode(text)
}

func isLower(text string) bool {
	return !strings.ContainsFunc(text, unicode.IsUpper) && !isOldCode(text)
}

// isOldCode reports a mark in TCVN3, whose capital fonts print small letters large.
func isOldCode(text string) bool {
	f := fold(text)
	return slices.Contains([]string{"TUYÖTMËT", "TÈIMËT", "MËT"}, f)
}
