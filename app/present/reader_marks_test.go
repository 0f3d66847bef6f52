package present_test

import (
	"errors"
	"image"
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kyso/app/placement"
	"kyso/app/present"
	"kyso/app/preview"
	"kyso/app/signing"
)

// report is a letter of so many pages; the last has title and name. Page 2 has a
// line of text in its lower margin.
func report(pages int) *sheet {
	s := &sheet{}
	for p := 1; p < pages; p++ {
		s.pages = append(s.pages, placement.Page{Number: p, W: 595, H: 842, Lines: []placement.Line{line("Nội dung", 85, 500, 300)}})
	}
	last := letter().pages[0]
	last.Number = pages
	s.pages = append(s.pages, last)
	if pages > 2 {
		s.pages[1].Lines = append(s.pages[1].Lines, line("chú thích ở chân trang", 300, 30, 250))
	}
	return s
}

// reading opens a report.
func reading(t *testing.T, pages int) *office {
	t.Helper()
	o := newOffice(t)
	o.sheets.sheet = report(pages)
	o.desk.OpenFiles([]string{"/a.pdf"})
	o.settle()
	return o
}

func TestInitialsAndSignatureAreOneAct(t *testing.T) {
	o := reading(t, 5)
	r := o.desk.Reader
	r.SetInitials(present.InitialsAll, "")
	if s := r.State(); s.CanSign || s.WhyNot.Key != "initials.looking" {
		t.Errorf("while places are looked for: can sign %v, %q", s.CanSign, s.WhyNot.Key)
	}
	o.settle()
	s := r.State()
	if !s.CanSign || len(s.Marks) != 5 || s.Initials.Note.Key != "initials.count" || s.Initials.Note.Args["Pages"] != "1–4" {
		t.Fatalf("got %d marks, note %+v", len(s.Marks), s.Initials.Note)
	}
	for _, m := range s.Marks[1:] {
		p := o.sheets.sheet.pages[m.Page-1]
		for _, l := range p.Lines {
			if m.Rect.X < l.Rect.X+l.Rect.W && l.Rect.X < m.Rect.X+m.Rect.W && m.Rect.Y < l.Rect.Y+l.Rect.H && l.Rect.Y < m.Rect.Y+m.Rect.H {
				t.Errorf("the initials on page %d lie over %q", m.Page, l.Text)
			}
		}
		if m.Rect.X+m.Rect.W > 595 || m.Rect.Y < 0 || m.Role != placement.Initials {
			t.Errorf("got %+v", m)
		}
	}
	var job signing.Job
	r.Sign = func(j signing.Job) { job = j }
	r.Confirm()
	var pages []int
	for _, m := range job.Also {
		pages = append(pages, m.Page)
	}
	if job.Page != 5 || !slices.Equal(pages, []int{1, 2, 3, 4}) {
		t.Errorf("the job signs page %d and pages %v", job.Page, pages)
	}
}

func TestPagesWithInitialsAreNamed(t *testing.T) {
	o := reading(t, 5)
	r := o.desk.Reader
	r.SetInitials(present.InitialsPages, "1, 3-")
	o.settle()
	if s := r.State(); s.CanSign || !s.Initials.Wrong || s.Initials.Tone != present.Caution {
		t.Errorf("half a range: can sign %v, %+v", s.CanSign, s.Initials)
	}
	r.SetInitials(present.InitialsPages, "1, 3-4")
	o.settle()
	if s := r.State(); !s.CanSign || len(s.Marks) != 4 {
		t.Errorf("got %d marks, can sign %v", len(s.Marks), s.CanSign)
	}
	r.SetInitials(present.InitialsNone, "")
	o.settle()
	if s := r.State(); !s.CanSign || len(s.Marks) != 1 || s.Initials.Note.Key != "" {
		t.Errorf("got %d marks, note %+v", len(s.Marks), s.Initials.Note)
	}
}

func TestALateAnswerToAnEarlierChoiceIsDropped(t *testing.T) {
	o := reading(t, 5)
	r := o.desk.Reader
	r.SetInitials(present.InitialsAll, "")
	r.SetInitials(present.InitialsPages, "2")
	o.settle()
	if got := r.State().Marks; len(got) != 2 || got[1].Page != 2 {
		t.Errorf("got %d marks", len(got))
	}
}

func TestParsePagesReadsWhatPeopleWrite(t *testing.T) {
	for text, want := range map[string][]int{
		"": nil, " 2 ": {2}, "1-4, 7": {1, 2, 3, 4, 7}, "7;1–3": {1, 2, 3, 7}, "3,3,2-3": {2, 3}, ", 1,": {1},
	} {
		got, err := present.ParsePages(text, 9)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%q: got %v %v, want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"0", "10", "a", "3-", "-", "4-2", "1-99999999999999999999", "1.5", "-1"} {
		if got, err := present.ParsePages(text, 9); err == nil {
			t.Errorf("%q: got %v, want an error", text, got)
		}
	}
}

func FuzzParsePages(f *testing.F) {
	f.Add("1-4, 7", 9)
	f.Fuzz(func(t *testing.T, text string, pages int) {
		got, err := present.ParsePages(text, pages%1000)
		if err == nil && (!slices.IsSorted(got) || slices.ContainsFunc(got, func(p int) bool { return p < 1 || p > pages%1000 })) {
			t.Errorf("%q of %d: got %v", text, pages%1000, got)
		}
	})
}

func TestAMoveIsTakenBack(t *testing.T) {
	o := reading(t, 5)
	r := o.desk.Reader
	r.SetInitials(present.InitialsAll, "")
	o.settle()
	first := r.State().Marks
	r.Grab(2)
	for i := range 5 { // one drag
		m := first[2]
		m.Rect.X -= 30 * float64(i+1)
		r.MoveMark(m.Page, m.Rect)
	}
	r.Undo() // not while it is held
	r.Drop()
	if got := r.State().Marks[2].Rect.X; math.Abs(got-first[2].Rect.X+150) > 6 { // it may line up
		t.Errorf("got x %v after the drag, want about %v", got, first[2].Rect.X-150)
	}
	r.RemoveMark()
	if got := len(r.State().Marks); got != 4 {
		t.Fatalf("got %d marks after Delete", got)
	}
	r.Undo()
	if got := len(r.State().Marks); got != 5 {
		t.Fatalf("got %d marks after the first Undo", got)
	}
	r.Undo()
	if diff := cmp.Diff(first, r.State().Marks, cmp.Comparer(func(a, b image.Image) bool { return a == b })); diff != "" {
		t.Errorf("after both were taken back (-want +got):\n%s", diff)
	}
	r.Undo() // nothing is left
}

func TestThePrincipalMarkIsNotRemoved(t *testing.T) {
	o := reading(t, 1)
	r := o.desk.Reader
	r.RemoveMark()
	if s := r.State(); len(s.Marks) != 1 || s.Note.Key != "place.principal" {
		t.Errorf("got %d marks, note %q", len(s.Marks), s.Note.Key)
	}
}

func TestMarksAreChosenInTurn(t *testing.T) {
	o := reading(t, 3)
	r := o.desk.Reader
	r.SetInitials(present.InitialsAll, "")
	o.settle()
	var pages []int
	for range 4 {
		pages = append(pages, r.NextMark(1).Page)
	}
	pages = append(pages, r.NextMark(-1).Page)
	if want := []int{1, 2, 3, 1, 3}; !slices.Equal(pages, want) {
		t.Errorf("got pages %v, want %v", pages, want)
	}
}

func TestPagesAreShownBeforeThePlaceIsFound(t *testing.T) {
	o := newOffice(t)
	o.sheets.sheet = report(30)
	o.desk.OpenFiles([]string{"/a.pdf"})
	o.one(len(o.work) - 1) // the look for tokens stays behind
	for len(o.desk.Reader.State().Pages) == 0 && len(o.work) > 0 {
		o.one(0)
	}
	s := o.desk.Reader.State()
	if s.Loading || len(s.Pages) != 30 || s.CanSign || s.WhyNot.Key != "reader.placing" || len(s.Marks) != 0 {
		t.Errorf("got loading %v, %d pages, can sign %v, %q", s.Loading, len(s.Pages), s.CanSign, s.WhyNot.Key)
	}
	o.desk.Reader.Confirm()
	o.settle()
	if s := o.desk.Reader.State(); !s.CanSign || s.Mark().Page != 30 {
		t.Errorf("got can sign %v, mark on page %d", s.CanSign, s.Mark().Page)
	}
}

func TestWhatIsWantedNoMoreIsNotDrawn(t *testing.T) {
	o := reading(t, 9)
	r := o.desk.Reader
	var drawn []int
	r.Picture = func(p present.Piece, _ image.Image) { drawn = append(drawn, p.Page) }
	var small []int
	r.Thumbnail = func(p present.Piece, _ image.Image) { small = append(small, p.Page) }
	want := func(pages ...int) (out []present.Piece) {
		for _, p := range pages {
			out = append(out, present.WholePage(p, preview.Size{W: 595, H: 842}, 1))
		}
		return out
	}
	r.Want(want(1, 2, 3))
	r.WantSmall(want(9))
	r.Want(want(1, 7, 8)) // the person scrolls on; page 1 is being drawn
	o.settle()
	if !slices.Equal(drawn, []int{1, 7, 8}) || !slices.Equal(small, []int{9}) {
		t.Errorf("drew pages %v and thumbnails %v", drawn, small)
	}
}

// tiles are a small picture of each page and three tiles over it, as the view asks
// for them where a page is too large for one picture.
func tiles(pages int) (out []present.Piece) {
	for page := 1; page <= pages; page++ {
		out = append(out, present.WholePage(page, preview.Size{W: 595, H: 842}, 1))
		for x := 0; x < 300; x += 100 {
			out = append(out, present.Piece{Page: page, Scale: 4, Part: image.Rect(x, 0, x+100, 100)})
		}
	}
	return out
}

func TestWhatAViewShowsOfAPageIsDrawnTogether(t *testing.T) {
	o := reading(t, 2)
	r := o.desk.Reader
	o.settle()
	var drawn []present.Piece
	r.Picture = func(p present.Piece, _ image.Image) { drawn = append(drawn, p) }
	all := tiles(2)
	r.Want(all)
	o.one(len(o.work) - 1)
	if !slices.Equal(drawn, all[:4]) {
		t.Errorf("%v came together, want all of page 1", drawn)
	}
	o.settle()
	if !slices.Equal(drawn, all) {
		t.Errorf("got %v, want both pages", drawn)
	}
}

// A picture that comes while the window paints waits for those that come after it.
func TestPicturesThatWaitComeInOneGo(t *testing.T) {
	o := reading(t, 1)
	r := o.desk.Reader
	o.settle()
	drawn := 0
	r.Picture = func(present.Piece, image.Image) { drawn++ }
	var told []func()
	o.late = func(f func()) { told = append(told, f) }
	r.Want(tiles(1))
	o.one(len(o.work) - 1)
	if len(told) != 1 || drawn != 4 {
		t.Errorf("told %d times with %d pictures at the end, want the small one at once and all 4 at the end", len(told), drawn)
	}
	for _, f := range told {
		f()
	}
	if drawn != 4 {
		t.Errorf("%d pictures came, want each of the 4 once", drawn)
	}
}

func TestAPageThatCannotBeDrawnIsTold(t *testing.T) {
	o := reading(t, 1)
	o.sheets.sheet.fail = errors.New("broken")
	told := false
	o.desk.Reader.Picture = func(_ present.Piece, m image.Image) { told = m == nil }
	o.desk.Reader.Want([]present.Piece{present.WholePage(1, preview.Size{W: 595, H: 842}, 1)})
	o.settle()
	if !told {
		t.Error("nobody was told")
	}
}

func TestADraggedMarkLinesUpAndKeysMoveFreely(t *testing.T) {
	o := reading(t, 1)
	r := o.desk.Reader
	// The printed name is centred on 430: 380 and 100 wide.
	m := r.State().Mark()
	centred := 430 - m.Rect.W/2
	to := m.Rect
	to.X = centred + 3
	r.Grab(0)
	r.MoveMark(1, to)
	s := r.State()
	if got := s.Mark().Rect.X; got == centred+3 || len(s.Guides) == 0 {
		t.Errorf("dragged near the name: x %v, %d guides", got, len(s.Guides))
	}
	r.Drop()
	if len(r.State().Guides) != 0 {
		t.Error("the guides stay after the mark was let go")
	}
	before := r.State().Mark().Rect
	r.Nudge(1, 0)
	if got := r.State().Mark().Rect.X; got != before.X+1 || len(r.State().Guides) != 0 {
		t.Errorf("a key moved it from %v to %v, %d guides", before.X, got, len(r.State().Guides))
	}
	r.Grab(0)
	to = r.State().Mark().Rect
	to.W, to.H = to.W+2, to.H+1
	r.MoveMark(1, to)
	if got := r.State().Mark().Rect; got != to {
		t.Errorf("a corner that was dragged snapped to %+v, want %+v", got, to)
	}
}

func TestInitialsOnManyPagesTellHowFarTheyAre(t *testing.T) {
	o := reading(t, 60)
	r := o.desk.Reader
	r.SetInitials(present.InitialsAll, "")
	o.one(len(o.work) - 1)
	if s := r.State(); s.CanSign || s.Initials.Note.Args["Done"] != 20 || s.Initials.Note.Args["Of"] != 59 {
		t.Errorf("after the first pages: can sign %v, %+v", s.CanSign, s.Initials.Note)
	}
	r.SetInitials(present.InitialsNone, "") // the person thinks better of it
	o.settle()
	if s := r.State(); !s.CanSign || len(s.Marks) != 1 {
		t.Errorf("got %d marks, can sign %v", len(s.Marks), s.CanSign)
	}
	r.SetInitials(present.InitialsAll, "")
	o.settle()
	if s := r.State(); !s.CanSign || len(s.Marks) != 60 {
		t.Errorf("got %d marks, can sign %v", len(s.Marks), s.CanSign)
	}
}
