package present_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"kyso/app/placement"
	"kyso/app/present"
)

// words is a line whose words have places.
func words(text string, x, y float64) placement.Line {
	l := placement.Line{Text: text, Rect: placement.Rect{X: x, Y: y, W: 8 * float64(len([]rune(text))), H: 12}}
	at := x
	for w := range strings.FieldsSeq(text) {
		width := 8 * float64(len([]rune(w)))
		l.Words = append(l.Words, placement.Word{Text: w, Rect: placement.Rect{X: at, Y: y, W: width, H: 12}})
		at += width + 8
	}
	return l
}

// searched opens a document whose pages have lines, and searches from a page on.
func searched(t *testing.T, query string, exact bool, from int, pages ...[]string) *office {
	t.Helper()
	o := newOffice(t)
	o.sheets.sheet = &sheet{}
	for n, lines := range pages {
		p := placement.Page{Number: n + 1, W: 595, H: 842}
		for i, text := range lines {
			p.Lines = append(p.Lines, words(text, 85, 700-20*float64(i)))
		}
		o.sheets.sheet.pages = append(o.sheets.sheet.pages, p)
	}
	o.desk.OpenFiles([]string{"/a.pdf"})
	o.settle()
	o.desk.Reader.OpenSearch()
	o.desk.Reader.Find(query, exact, from)
	o.settle()
	return o
}

func TestTextIsFoundAsOfficialsTypeIt(t *testing.T) {
	cases := map[string]struct {
		query string
		exact bool
		lines []string
		want  int
	}{
		"without diacritics":                       {"chu tich", false, []string{"CHỦ TỊCH", "chủ tịch", "Chủ tọa"}, 2},
		"đ is d":                                   {"duong dan", false, []string{"Đường dẫn"}, 1},
		"with diacritics typed, too":               {"chủ tịch", false, []string{"CHU TICH", "CHỦ TỊCH"}, 2},
		"exactly, but in any case":                 {"chủ tịch", true, []string{"CHU TICH", "CHỦ TỊCH"}, 1},
		"exactly finds no other tone":              {"chú tịch", true, []string{"CHỦ TỊCH"}, 0},
		"a part of a word":                         {"kế ho", false, []string{"Kế hoạch"}, 1},
		"over the end of a line":                   {"uy ban nhan dan", false, []string{"Căn cứ Ủy ban", "nhân dân phường"}, 1},
		"set with spaced letters":                  {"chu tich", false, []string{"C H Ủ T Ị C H"}, 1},
		"spaces lost by a scan":                    {"chu tich", false, []string{"CHỦTỊCH"}, 1},
		"but no word out of pieces of words":       {"anhut", false, []string{"thanh utopia"}, 0},
		"a number with its signs":                  {"248/UBND-VP", false, []string{"Số: 248/UBND-VP"}, 1},
		"twice in a line":                          {"văn bản", false, []string{"văn bản này là văn bản mật"}, 2},
		"a soft hyphen is no letter":               {"thuchien", false, []string{"thuc\u00adhien"}, 1},
		"decomposed text":                          {"tịch", true, []string{"ti\u0323ch"}, 1},
		"more letters than the page has are fine":  {"chủ tịch ủy ban nhân dân", false, []string{"chủ"}, 0},
		"what only signs distinguish is not mixed": {"10%", false, []string{"10", "10%"}, 1},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			o := searched(t, c.query, c.exact, 1, c.lines)
			s := o.desk.Reader.State().Search
			if len(s.Found) != c.want || s.Running {
				t.Errorf("found %d places, want %d; running %v", len(s.Found), c.want, s.Running)
			}
			if key := map[bool]string{true: "search.found", false: "search.none"}[c.want > 0]; s.Note.Key != key {
				t.Errorf("got note %q, want %q", s.Note.Key, key)
			}
		})
	}
}

func TestThePlaceIsThatOfTheLetters(t *testing.T) {
	o := searched(t, "ban nhan", false, 1, []string{"Căn cứ Ủy ban", "nhân dân phường"})
	f := o.desk.Reader.State().Search.Found
	if len(f) != 1 || len(f[0].Boxes) != 2 {
		t.Fatalf("got %+v, want one place in two lines", f)
	}
	// "Căn cứ Ủy " are 10 letters and spaces of 8 points.
	want := []placement.Rect{{X: 85 + 80, Y: 700, W: 24, H: 12}, {X: 85, Y: 680, W: 32, H: 12}}
	if !slices.Equal(f[0].Boxes, want) {
		t.Errorf("got %+v, want %+v", f[0].Boxes, want)
	}
}

func TestTheSearchBeginsWhereThePersonReads(t *testing.T) {
	var pages [][]string
	for p := range 60 {
		pages = append(pages, []string{fmt.Sprintf("văn bản %d", p+1), "văn bản"})
	}
	o := searched(t, "van ban", false, 41, pages...)
	s := o.desk.Reader.State().Search
	if len(s.Found) != 120 || s.At().Page != 41 || s.Now != 80 {
		t.Fatalf("found %d, at page %d, the place %d", len(s.Found), s.At().Page, s.Now)
	}
	if !slices.IsSortedFunc(s.Found, func(a, b present.Found) int { return a.Page - b.Page }) {
		t.Error("the places are out of order")
	}
	if at := o.desk.Reader.NextFound(-1); at.Page != 40 {
		t.Errorf("one back: got page %d", at.Page)
	}
	for range 41 {
		o.desk.Reader.NextFound(1)
	}
	if at := o.desk.Reader.State().Search; at.Now != 0 || at.Note.Args["Now"] != 1 {
		t.Errorf("after the last comes the first: got %d", at.Now)
	}
}

func TestTooManyPlacesKeepTheNearest(t *testing.T) {
	line := strings.Repeat("ab ", 100)
	var pages [][]string
	for range 60 {
		pages = append(pages, []string{line})
	}
	o := searched(t, "ab", false, 50, pages...)
	s := o.desk.Reader.State().Search
	if len(s.Found) != 2000 || s.At().Page != 50 || s.Note.Key != "search.many" || s.Running {
		t.Errorf("found %d, at page %d, %q, running %v", len(s.Found), s.At().Page, s.Note.Key, s.Running)
	}
}

func TestANewQueryDropsTheOldOnesAnswers(t *testing.T) {
	var pages [][]string
	for range 40 {
		pages = append(pages, []string{"một hai"})
	}
	o := searched(t, "mot", false, 1, pages...)
	r := o.desk.Reader
	r.Find("hai", false, 1)
	o.one(0)
	r.Find("ba", false, 1)
	o.settle()
	if s := r.State().Search; len(s.Found) != 0 || s.Note.Key != "search.none" {
		t.Errorf("found %d, %q", len(s.Found), s.Note.Key)
	}
	r.Find("h", false, 1)
	if s := r.State().Search; s.Running || s.Note.Key != "search.short" {
		t.Errorf("one letter: %+v", s)
	}
	r.CloseSearch()
	o.settle()
	if s := r.State().Search; s.Open || s.Query != "h" || len(s.Found) != 0 {
		t.Errorf("closed: %+v", s)
	}
	r.Find("mot", false, 1) // nothing searches while it is closed
	if r.State().Search.Running {
		t.Error("a closed search runs")
	}
}
