package present_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kyso/app/docsys"
	"kyso/app/present"
	"kyso/app/signrate"
)

// tells is a system that tells figures besides the board.
type tells struct {
	*system

	page      docsys.BoardPage
	trend     docsys.Trend
	asked     []string
	explained []string
	refusal   error
}

func (s *tells) BoardOn(_ context.Context, unit, period, basis string) (docsys.BoardPage, error) {
	s.asked = append(s.asked, unit+" "+period+" "+basis)
	p := s.page
	p.Unit, p.Period, p.Basis = unit, period, basis
	return p, s.err
}

func (s *tells) Trend(_ context.Context, _, grain, _ string) (docsys.Trend, error) {
	t := s.trend
	t.Grain = grain
	return t, s.err
}
func (s *tells) Annex(context.Context, io.Writer, docsys.Annex) error { return nil }
func (s *tells) Explain(_ context.Context, document, text, key string, dispute bool) error {
	if !strings.HasPrefix(key, "explain-") {
		return errors.New("no key")
	}
	kind := "explanation"
	if dispute {
		kind = "dispute"
	}
	s.explained = append(s.explained, strings.Join([]string{document, kind, text}, " "))
	return s.refusal
}

func telling(t *testing.T) (*office, *tells) {
	t.Helper()
	o := newOffice(t)
	s := &tells{system: o.system, page: docsys.BoardPage{
		Name: "Phường Kim Liên", Formula: "R1 v1", Own: signrate.Figure{Required: 170, Fulfilled: 160, Band: signrate.Normal}, Policy: signrate.Letter(),
	}}
	o.services.Figures = s
	o.desk.Go(present.PlaceBoard)
	o.settle()
	return o, s
}

func TestTheBoardAsksForWhatIsChosen(t *testing.T) {
	o, s := telling(t)
	b := o.desk.Board
	today := o.services.Clock().Format("2006-01")
	last := o.services.Clock().AddDate(0, -1, 0).Format("2006-01")
	cases := []struct {
		name string
		do   func()
		want string
	}{
		{"this month", func() { b.Show(present.ThisMonth) }, "KL " + today + " atTime"},
		{"last month", func() { b.Show(present.LastMonth) }, "KL " + last + " atTime"},
		{"restated", func() { b.Restate(true) }, "KL " + last + " restated"},
		{"this year again", func() { b.Show(present.ThisYear) }, "KL " + today[:4] + " restated"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s.asked = nil
			c.do()
			o.settle()
			if diff := cmp.Diff([]string{c.want}, s.asked); diff != "" {
				t.Error(diff)
			}
		})
	}
	t.Run("what is chosen already is not asked again", func(t *testing.T) {
		s.asked = nil
		b.Show(present.ThisYear)
		b.Restate(true)
		b.Step(present.ByMonth)
		o.settle()
		if len(s.asked) > 0 {
			t.Errorf("asked %v", s.asked)
		}
	})
}

func TestTheBoardSaysWhatStandsBesideTheRate(t *testing.T) {
	now := time.Date(2026, 11, 25, 1, 0, 0, 0, time.UTC)
	closed := &docsys.Close{At: now}
	other := signrate.Figure{Required: 170, Fulfilled: 164}
	cases := map[string]struct {
		change func(*docsys.BoardPage)
		want   []string
	}{
		"nothing of what is not told":        {func(*docsys.BoardPage) {}, nil},
		"an open period says when it closes": {func(p *docsys.BoardPage) { p.ClosesAt = now.AddDate(0, 0, 11) }, []string{"board.closes"}},
		"a closed one that it is":            {func(p *docsys.BoardPage) { p.Closed = closed; p.ClosesAt = now.AddDate(0, 0, -3) }, []string{"board.closed"}},
		"and what is known today":            {func(p *docsys.BoardPage) { p.Closed, p.Restated = closed, &other }, []string{"board.closed", "board.restated"}},
		"not twice the same figure":          {func(p *docsys.BoardPage) { p.Closed, p.Restated = closed, &p.Own }, []string{"board.closed"}},
		"a rank that rose":                   {func(p *docsys.BoardPage) { p.Rank, p.RankBefore = 3, 5 }, []string{"board.rank.up"}},
		"a rank that fell":                   {func(p *docsys.BoardPage) { p.Rank, p.RankBefore = 5, 3 }, []string{"board.rank.down"}},
		"a rank without one before":          {func(p *docsys.BoardPage) { p.Rank = 5 }, []string{"board.rank"}},
		"initials":                           {func(p *docsys.BoardPage) { p.Initials = other }, []string{"board.initials"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			o, s := telling(t)
			o.services.Clock = func() time.Time { return now }
			c.change(&s.page)
			o.desk.Board.Refresh()
			o.settle()
			var got []string
			for _, f := range o.desk.Board.State().Facts {
				got = append(got, f.Text.Key)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestTheSentenceFollowsThePolicyOfTheUnit(t *testing.T) {
	o, s := telling(t)
	s.page.Policy = signrate.Policy{Version: 4, Target: 9000, PraiseAbove: 9550, WarnBelow: 5000}
	o.desk.Board.Show(present.ThisMonth)
	o.settle()
	state := o.desk.Board.State()
	if state.Sentence.Key != "board.sentence.month" || state.Next.Args["Bound"] != "95,5 %" || state.Next.Args["Count"] != 3 {
		t.Errorf("got %+v, %+v", state.Sentence, state.Next)
	}
	if state.Source.Args["Policy"] != 4 {
		t.Errorf("the source names %v", state.Source.Args)
	}
}

func TestTheChartShowsWeeksAndMonths(t *testing.T) {
	o, s := telling(t)
	s.trend.Points = []docsys.TrendPoint{
		{Period: "2026-W47", From: "2026-11-16", Figure: signrate.Figure{Required: 1250, Fulfilled: 1249}, Rolling: signrate.Figure{Required: 4, Fulfilled: 1}, Closed: true},
		{Period: "2026-W48", From: "2026-11-23"},
	}
	o.desk.Board.Step(present.ByWeek)
	o.settle()
	state := o.desk.Board.State()
	want := []present.TrendBar{
		{Label: "16/11", Count: "1.250", N: 1250, Value: 99.92, Short: "99", Any: true, Tone: present.Quiet, Rolling: 25, Closed: true},
		{Label: "23/11", Count: "0", Tone: present.Quiet},
	}
	if diff := cmp.Diff(want, state.Bars); diff != "" || !state.Rolling {
		t.Error(diff)
	}
}

func TestAMissingSignatureIsExplained(t *testing.T) {
	o, s := telling(t)
	b := o.desk.Board
	b.Ask(7, false)
	if b.State().Asked != nil {
		t.Fatal("a row that is not there is explained")
	}
	b.Ask(0, true)
	if a := b.State().Asked; a == nil || !a.Dispute || !strings.Contains(a.About, "248/UBND-VP") {
		t.Fatalf("asked %+v", a)
	}
	b.Answer("   ")
	b.Answer(strings.Repeat("x", present.MaxExplanation+1))
	o.settle()
	if len(s.explained) > 0 {
		t.Errorf("sent %q", s.explained)
	}
	s.refusal = docsys.ErrOffline
	b.Answer(" Đã thu hồi ")
	o.settle()
	if a := b.State().Asked; a == nil || a.Problem == nil || a.Sending {
		t.Fatalf("after a failure %+v", a)
	}
	s.refusal = nil
	b.Answer(" Đã thu hồi ")
	o.settle()
	if diff := cmp.Diff([]string{"d1 dispute Đã thu hồi", "d1 dispute Đã thu hồi"}, s.explained); diff != "" {
		t.Error(diff)
	}
	if state := b.State(); state.Asked != nil || state.Said.Key != "board.disputed" {
		t.Errorf("after it %+v, %+v", state.Asked, state.Said)
	}
}

func TestAChangeElsewhereDoesNotDisturbWhoWrites(t *testing.T) {
	o, s := telling(t)
	s.asked = nil
	o.desk.Happened(false, true)
	o.settle()
	if len(s.asked) != 1 {
		t.Errorf("asked %v", s.asked)
	}
	o.desk.Board.Ask(0, false)
	o.desk.Happened(true, true)
	o.settle()
	if len(s.asked) != 1 {
		t.Errorf("asked %v while the person writes", s.asked)
	}
}

func TestAnAnnexIsSaved(t *testing.T) {
	o, _ := telling(t)
	var got docsys.Annex
	var where string
	o.services.SaveAnnex = func(_ context.Context, path string, a docsys.Annex) error {
		where, got = path, a
		return nil
	}
	o.desk.Board.Show(present.LastMonth)
	o.settle()
	o.desk.Board.SaveAnnex("pdf", "/home/a/x")
	o.settle()
	last := o.services.Clock().AddDate(0, -1, 0).Format("2006-01")
	if where != "/home/a/x.pdf" || got != (docsys.Annex{Format: "pdf", Unit: "KL", Period: last, Basis: "atTime"}) {
		t.Errorf("saved %+v in %s", got, where)
	}
	if s := o.desk.Board.State(); s.Saving || s.Said.Key != "board.saved" {
		t.Errorf("after it %+v", s.Said)
	}
	o.services.SaveAnnex = func(context.Context, string, docsys.Annex) error { return docsys.ErrOffline }
	o.desk.Board.SaveAnnex("pdf", "/home/a/x.pdf")
	o.settle()
	if s := o.desk.Board.State(); s.Saving || s.Problem == nil || s.Said.Key != "" {
		t.Errorf("after a failure %+v", s)
	}
}
