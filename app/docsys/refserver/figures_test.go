package refserver_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kyso/app/docsys"
	"kyso/app/docsys/api"
	"kyso/app/docsys/refserver"
	site "kyso/app/docsys/refserver/refservertest"
	"kyso/app/signrate"
	"kyso/signer/verify"
)

// figures is a server without the year of the demonstration, with an
// administrator and people of a ward and of the unit above it.
type figures struct {
	*matrix

	clock *site.Clock
	n     int
}

func newFigures(t *testing.T) *figures {
	t.Helper()
	return newFiguresClosing(t, 0)
}

// newFiguresClosing is newFigures with periods that close by themselves.
func newFiguresClosing(t *testing.T, day int) *figures {
	t.Helper()
	clock := site.NewClock()
	s := site.Start(t, t.TempDir(), clock, site.Options{NoYear: true, CloseDay: day, More: []refserver.Person{
		{Login: "quan-tri", Name: "Quản Trị", Unit: upperUnit, Role: "admin"},
		{Login: "thu-ky", Name: "Đỗ Thư Ký", Unit: ownUnit, Role: "secretary"},
		{Login: "thu-ky-26", Name: "Lê Thư Ký", Unit: otherUnit, Role: "secretary"},
		{Login: "xem", Name: "Người Xem", Unit: otherUnit, Role: "viewer"},
	}})
	return &figures{matrix: &matrix{site: s, things: map[string]things{}}, clock: clock}
}

// issued registers documents that were issued on a day.
func (f *figures) issued(t *testing.T, login, unit, day string, count int) []docsys.Document {
	t.Helper()
	var out []docsys.Document
	for range count {
		f.n++
		d, err := f.site.As(login).Create(t.Context(), fmt.Sprintf("figures-%06d", f.n), docsys.NewDocument{
			Unit: unit, Type: "Công văn", Subject: fmt.Sprint("Văn bản ", f.n), Secrecy: "none", Number: new(fmt.Sprint(f.n)), IssuedOn: &day, SignerName: new("Trần Minh Khôi"),
		})
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, d)
	}
	return out
}

// sign delivers the signed file of a document and waits for the server's verdict.
func (f *figures) sign(t *testing.T, docs ...docsys.Document) {
	t.Helper()
	for _, d := range docs {
		me := f.site.As(site.Chairman)
		file := site.Sign(t, []byte("%PDF-1.7 "+d.ID), verify.Signature{
			Field: "Signature1", Indication: verify.TotalPassed, ClaimedTime: f.clock.Now(),
			Signer: verify.Certificate{SHA256: f.site.Certificates[site.Chairman], Holder: "Trần Minh Khôi"},
		})
		r, err := me.Submit(t.Context(), submission(d, "sign-"+d.ID, "signed", file))
		if err != nil {
			t.Fatal(err)
		}
		waitVerdict(t, me, r.Version)
	}
}

func waitVerdict(t *testing.T, me *docsys.Client, version string) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for range 3000 {
		v, err := me.Status(t.Context(), version)
		if err != nil {
			t.Fatal(err)
		}
		if v.State != "pending" {
			return
		}
		<-tick.C
	}
	t.Fatal("no verdict")
}

func (f *figures) board(t *testing.T, login, query string) docsys.BoardPage {
	t.Helper()
	var page docsys.BoardPage
	f.get(t, login, "/board?"+query, &page)
	return page
}

func (f *figures) sound(t *testing.T) {
	t.Helper()
	found, err := f.site.Server.Check(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range found.Wrong {
		t.Error(w)
	}
}

const ownOctober = "unit=" + ownUnit + "&period=2026-10"

func (f *figures) close(t *testing.T, period string, want int) api.Close {
	t.Helper()
	resp, body := f.send(t, "quan-tri", http.MethodPost, "/board/periods/"+period+"/close", "")
	if resp.StatusCode != want {
		t.Fatalf("%d %s", resp.StatusCode, body)
	}
	var c api.Close
	if want < http.StatusBadRequest {
		if err := json.Unmarshal(body, &c); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

func TestALateSignatureAfterTheCloseChangesTheRestatedFigureOnly(t *testing.T) {
	f := newFigures(t)
	docs := f.issued(t, "thu-ky", ownUnit, "2026-10-20", 12)
	f.issued(t, "thu-ky-26", otherUnit, "2026-10-20", 3)
	f.sign(t, docs[:5]...)
	first := f.close(t, "2026-10", http.StatusCreated)
	f.sign(t, docs[5:11]...)
	f.issued(t, "thu-ky", ownUnit, "2026-10-21", 1) // registered too late
	if again := f.close(t, "2026-10", http.StatusOK); !cmp.Equal(first, again) {
		t.Error(cmp.Diff(first, again))
	}
	then := signrate.Figure{Required: 12, Fulfilled: 5, Late: 5, Band: signrate.Normal}
	today := signrate.Figure{Required: 13, Fulfilled: 11, Late: 11, Band: signrate.Normal}
	page := f.board(t, site.Chairman, ownOctober)
	if page.Own != then || page.Subtree != then || page.Restated == nil || *page.Restated != today {
		t.Errorf("at the time %+v, restated %+v", page.Own, page.Restated)
	}
	if page.Closed == nil || page.Closed.Digest != first.Digest || page.Closed.By != "Quản Trị" || len(page.Months) != 1 || !page.Months[0].Closed || page.Months[0].Figure != then {
		t.Errorf("closed %+v, months %+v", page.Closed, page.Months)
	}
	if page.Rank != 1 {
		t.Errorf("place %d", page.Rank)
	}
	page = f.board(t, site.Chairman, ownOctober+"&basis=restated")
	if page.Own != today || page.Restated != nil || page.Closed == nil {
		t.Errorf("restated %+v", page)
	}
	// The year goes on: its figure is that of today.
	if page = f.board(t, site.Chairman, "unit="+ownUnit+"&period=2026"); page.Own.Fulfilled != 11 || page.Own.Required != 13 {
		t.Errorf("year %+v", page.Own)
	}
	f.sound(t)
}

func TestAPeriodIsClosedByCalendar(t *testing.T) {
	f := newFiguresClosing(t, 5)
	f.issued(t, "thu-ky", ownUnit, "2026-09-10", 2)
	f.issued(t, "thu-ky", ownUnit, "2026-11-20", 2)
	cases := []struct {
		name string
		at   time.Time
		want []string
	}{
		{"in November the months before October's close", time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC), []string{"2026-10", "2026-09"}},
		{"on the fifth before its end nothing more", time.Date(2026, 12, 5, 16, 59, 59, 0, time.UTC), []string{"2026-10", "2026-09"}},
		{"at the end of the fifth in Vietnam November", time.Date(2026, 12, 5, 17, 0, 0, 0, time.UTC), []string{"2026-11", "2026-10", "2026-09"}},
		{"the year with its December", time.Date(2027, 1, 5, 17, 0, 0, 0, time.UTC), []string{"2026-12", "2026-11", "2026-10", "2026-09", "2026"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			f.clock.Forward(c.at.Sub(f.clock.Now()))
			for range 2 { // once more closes nothing
				if _, err := f.site.Server.CloseDue(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			var list api.CloseList
			f.relog(t)
			f.get(t, site.Chairman, "/board/periods", &list)
			var got []string
			for _, x := range list.Closes {
				got = append(got, x.Period)
				if x.By != "" {
					t.Errorf("%s was closed by %q", x.Period, x.By)
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
	f.sound(t)
}

// relog admits people again: tokens of a run end with time.
func (f *figures) relog(t *testing.T) {
	t.Helper()
	var tokens []refserver.LoginToken
	for _, login := range []string{site.Chairman, "quan-tri", "thu-ky"} {
		tokens = append(tokens, refserver.LoginToken{Login: login, Token: site.Token(login)})
	}
	if err := f.site.Server.Admit(t.Context(), tokens); err != nil {
		t.Fatal(err)
	}
}

func TestAPeriodThatGoesOnIsNotClosed(t *testing.T) {
	f := newFigures(t)
	for _, period := range []string{"2026-11", "2026", "2027-01"} {
		f.close(t, period, http.StatusConflict)
	}
	f.close(t, "2026-13", http.StatusBadRequest)
	f.close(t, "2026-10", http.StatusCreated) // without any figures, too
	f.sound(t)
}

func TestManyClosesAtOnceAreOne(t *testing.T) {
	f := newFigures(t)
	docs := f.issued(t, "thu-ky", ownUnit, "2026-10-20", 12)
	var wg sync.WaitGroup
	made := make([]int, 6)
	for i := range made {
		wg.Go(func() {
			resp, err := f.call(t.Context(), "quan-tri", http.MethodPost, "/board/periods/2026-10/close")
			if err != nil {
				t.Error(err)
				return
			}
			_ = resp.Body.Close()
			made[i] = map[int]int{http.StatusCreated: 1, http.StatusOK: 0}[resp.StatusCode]
		})
	}
	wg.Go(func() { f.sign(t, docs[:6]...) }) // facts move meanwhile
	wg.Wait()
	sum := 0
	for _, n := range made {
		sum += n
	}
	if sum != 1 {
		t.Errorf("closed %v", made)
	}
	f.sound(t)
}

func TestAChangedCloseIsFound(t *testing.T) {
	f := newFigures(t)
	f.issued(t, "thu-ky", ownUnit, "2026-10-20", 12)
	f.close(t, "2026-10", http.StatusCreated)
	for name, statement := range map[string]string{
		"a figure":   `UPDATE period_figure SET n_done=12 WHERE unit='` + ownUnit + `'`,
		"the digest": `UPDATE period_close SET digest='00'`,
	} {
		if err := f.site.Server.Tamper(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
		found, err := f.site.Server.Check(t.Context())
		if err != nil || len(found.Wrong) == 0 {
			t.Errorf("%s: found %v, %v", name, found.Wrong, err)
		}
	}
}

func TestTheTrendShowsWeeksAndMonths(t *testing.T) {
	f := newFigures(t)
	for week, count := range []int{10, 4, 0, 6, 2} { // Mondays 26/10, 2/11, 9/11, 16/11, 23/11
		day := time.Date(2026, 10, 26+7*week, 0, 0, 0, 0, time.UTC).Format("2006-01-02")
		docs := f.issued(t, "thu-ky", ownUnit, day, count)
		f.sign(t, docs[:count/2]...)
	}
	f.close(t, "2026-10", http.StatusCreated)
	var trend docsys.Trend
	f.get(t, site.Chairman, "/board/trend?grain=week&unit="+ownUnit, &trend)
	type row struct {
		Period       string
		N, A, N4, A4 int
	}
	var got []row
	for _, p := range trend.Points[8:] {
		got = append(got, row{p.Period, p.Figure.Required, p.Figure.Fulfilled, p.Rolling.Required, p.Rolling.Fulfilled})
	}
	want := []row{{"2026-W44", 10, 5, 10, 5}, {"2026-W45", 4, 2, 14, 7}, {"2026-W46", 0, 0, 14, 7}, {"2026-W47", 6, 3, 20, 10}, {"2026-W48", 2, 1, 12, 6}}
	if diff := cmp.Diff(want, got); diff != "" || len(trend.Points) != 13 {
		t.Errorf("%d points, %s", len(trend.Points), diff)
	}
	f.get(t, site.Chairman, "/board/trend?grain=month&n=2&unit="+ownUnit, &trend)
	if len(trend.Points) != 2 || trend.Points[0].Figure.Required != 10 || !trend.Points[0].Closed || trend.Points[0].Rank != 1 || trend.Points[1].Figure.Required != 12 || trend.Points[1].Closed {
		t.Errorf("%+v", trend.Points)
	}
	for query, want := range map[string]int{"grain=day": 400, "grain=week&n=0": 400, "grain=week&n=61": 400, "grain=week&basis=x": 400} {
		if resp, body := f.send(t, site.Chairman, http.MethodGet, "/board/trend?unit="+ownUnit+"&"+query, ""); resp.StatusCode != want {
			t.Errorf("%s: %d %s", query, resp.StatusCode, body)
		}
	}
}

func TestUnchangedFiguresAreNotSentAgain(t *testing.T) {
	f := newFigures(t)
	for _, path := range []string{"/board/trend?grain=week&unit=" + ownUnit, "/board?" + ownOctober + "&basis=restated"} {
		ask := func(tag string) (int, string) {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, f.site.URL+"/v1"+path, http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Authorization", "Bearer "+site.Token(site.Chairman))
			req.Header.Set("If-None-Match", tag)
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			_ = resp.Body.Close()
			return resp.StatusCode, resp.Header.Get("ETag")
		}
		_, tag := ask("")
		if status, _ := ask(tag); status != http.StatusNotModified {
			t.Errorf("%s: %d", path, status)
		}
		f.issued(t, "thu-ky", ownUnit, "2026-10-30", 1)
		if status, now := ask(tag); status != http.StatusOK || now == tag {
			t.Errorf("%s after a change: %d %s", path, status, now)
		}
	}
}

func TestTargetsAreVersioned(t *testing.T) {
	f := newFigures(t)
	docs := f.issued(t, "thu-ky", ownUnit, "2026-10-20", 12)
	docs = append(docs, f.issued(t, "thu-ky", ownUnit, "2026-11-20", 12)...)
	f.sign(t, docs[0], docs[1], docs[12], docs[13])
	f.close(t, "2026-10", http.StatusCreated)
	put := func(kind, period string, warn, least, want int) api.Target {
		t.Helper()
		resp, body := f.send(t, "quan-tri", http.MethodPut, "/targets", fmt.Sprintf(`{"unit_kind":%q,"period":%q,"target":9000,"praise_above":9500,"warn_below":%d,"min_volume":%d,"basis":"QĐ 12/QĐ-UBND"}`, kind, period, warn, least))
		var set api.Target
		if err := json.Unmarshal(body, &set); err != nil || resp.StatusCode != want {
			t.Fatalf("%d %s", resp.StatusCode, body)
		}
		return set
	}
	put("phuong", "2026-11", 9999, 1, http.StatusUnprocessableEntity)
	if set := put("", "2026-09", 1000, 5, 200); set.Version != 1 {
		t.Errorf("%+v", set)
	}
	if set := put("phuong", "2026-11", 5000, 5, 200); set.Version != 2 {
		t.Errorf("%+v", set)
	}
	if set := put("phuong", "2026-11", 5000, 5, 200); set.Version != 2 {
		t.Errorf("the same values again: %+v", set)
	}
	put("phong", "2026-11", 100, 5, 200)
	cases := map[string]struct {
		query  string
		policy int
		band   signrate.Band
	}{
		"the month of its own policy":           {"unit=" + ownUnit + "&period=2026-11", 2, signrate.Warned},
		"the year follows the month that it is": {"unit=" + ownUnit + "&period=2026", 2, signrate.Warned},
		"a closed month keeps its judgement":    {ownOctober, 0, signrate.Warned},
		"restated it is judged as of today":     {ownOctober + "&basis=restated", 1, signrate.Normal},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if got := f.board(t, site.Chairman, c.query).Own; got.Policy != c.policy || got.Band != c.band {
				t.Errorf("got %+v", got)
			}
		})
	}
	var list api.TargetList
	f.get(t, site.Chairman, "/targets", &list)
	if len(list.Targets) != 3 || list.Targets[0].Version != 3 || list.Targets[2].Basis != "QĐ 12/QĐ-UBND" {
		t.Errorf("%+v", list)
	}
}

func (f *figures) events(t *testing.T, login, query string) api.Events {
	t.Helper()
	var e api.Events
	f.get(t, login, "/events?"+query, &e)
	return e
}

func TestTheFeedTellsWhatTheCallerMaySee(t *testing.T) {
	f := newFigures(t)
	start := f.events(t, site.Chairman, "").Next
	docs := f.issued(t, "thu-ky", ownUnit, "2026-11-20", 1)
	f.issued(t, "thu-ky-26", otherUnit, "2026-11-20", 1)
	f.sign(t, docs...)
	f.close(t, "2026-10", http.StatusCreated)
	type told struct{ document, own, other, all int }
	cases := map[string]struct {
		login string
		want  told // documents named; figures of the own and the other ward; what concerns all
	}{
		"a head sees the documents of the unit and the figures of the neighbours": {site.Chairman, told{3, 3, 1, 1}},
		"a viewer of the other ward sees its documents":                           {"xem", told{1, 3, 1, 1}},
		"a secretary sees no figures of others":                                   {"thu-ky", told{3, 3, 0, 1}},
		"the administrator sees figures and no document":                          {"quan-tri", told{0, 3, 1, 1}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			var got told
			e := f.events(t, c.login, "after="+start)
			for _, x := range e.Events {
				switch {
				case x.Document != nil:
					got.document++
				case x.Unit == ownUnit:
					got.own++
				case x.Unit == otherUnit:
					got.other++
				case x.Unit == "":
					got.all++
				}
			}
			if got != c.want || e.More || e.Reset {
				t.Errorf("got %+v of %+v", got, e)
			}
			if rest := f.events(t, c.login, "after="+e.Next); len(rest.Events) != 0 || rest.Next != e.Next {
				t.Errorf("told again: %+v", rest)
			}
		})
	}
	t.Run("in pieces it is the same", func(t *testing.T) {
		whole := f.events(t, site.Chairman, "after="+start)
		var pieces []api.Event
		after := start
		for range 100 {
			e := f.events(t, site.Chairman, "limit=2&after="+after)
			pieces = append(pieces, e.Events...)
			after = e.Next
			if !e.More {
				break
			}
		}
		if diff := cmp.Diff(whole.Events, pieces); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("a place that is not there starts anew", func(t *testing.T) {
		if e := f.events(t, site.Chairman, "after=99999999"); !e.Reset || len(e.Events) != 0 {
			t.Errorf("%+v", e)
		}
		f.clock.Forward(20 * 24 * time.Hour)
		f.relog(t)
		f.issued(t, "thu-ky", ownUnit, "2026-11-20", 1)
		if err := f.site.Server.ForgetFeed(t.Context()); err != nil {
			t.Fatal(err)
		}
		if e := f.events(t, site.Chairman, "after="+start); !e.Reset {
			t.Errorf("%+v", e)
		}
	})
	t.Run("what is no place is refused", func(t *testing.T) {
		for _, query := range []string{"after=x", "after=-1", "after=99999999999999999999", "unit=H26.13.26&after=0"} {
			if resp, _ := f.send(t, "thu-ky", http.MethodGet, "/events?"+query, ""); resp.StatusCode < 400 {
				t.Errorf("%s: %d", query, resp.StatusCode)
			}
		}
	})
}

func TestAWaitEndsWithTheFirstChange(t *testing.T) {
	f := newFigures(t)
	after := f.events(t, site.Chairman, "").Next
	type answer struct {
		events api.Events
		status int
	}
	got := make(chan answer, 1)
	go func() {
		var a answer
		resp, err := f.ask(t.Context(), site.Chairman, "/events?wait=25&after="+after)
		if err == nil {
			a.status = resp.StatusCode
			_ = json.NewDecoder(resp.Body).Decode(&a.events)
			_ = resp.Body.Close()
		}
		got <- a
	}()
	f.issued(t, "thu-ky", ownUnit, "2026-11-20", 1)
	select {
	case a := <-got:
		if a.status != http.StatusOK || len(a.events.Events) == 0 {
			t.Errorf("got %+v", a)
		}
	case <-time.After(20 * time.Second):
		t.Error("the wait goes on")
	}
	t.Run("the server's end ends it", func(t *testing.T) {
		go func() {
			resp, err := f.ask(t.Context(), site.Chairman, "/events?wait=25&after="+f.events(t, site.Chairman, "").Next)
			if err == nil {
				_ = resp.Body.Close()
			}
			got <- answer{}
		}()
		time.AfterFunc(50*time.Millisecond, f.site.Server.EndWaits)
		select {
		case <-got:
		case <-time.After(20 * time.Second):
			t.Error("the wait goes on")
		}
	})
}

// ask and call are for goroutines: they end no test.
func (f *figures) ask(ctx context.Context, login, path string) (*http.Response, error) {
	return f.call(ctx, login, http.MethodGet, path)
}

func (f *figures) call(ctx context.Context, login, method, path string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, f.site.URL+"/v1"+path, http.NoBody)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+site.Token(login))
	return http.DefaultClient.Do(req)
}

// What two servers, or one that is busy, tell must be in one order without gaps.
func TestNobodyMissesAChange(t *testing.T) {
	f := newFigures(t)
	after := f.events(t, site.Chairman, "").Next
	const documents = 30
	var wg sync.WaitGroup
	for i := range 6 {
		wg.Go(func() {
			for k := range documents / 6 {
				_, err := f.site.As("thu-ky").Create(t.Context(), fmt.Sprintf("many-%d-%d", i, k), docsys.NewDocument{
					Unit: ownUnit, Type: "Công văn", Subject: "x", Secrecy: "none", Number: new(fmt.Sprint(100*i + k)), IssuedOn: new("2026-11-20"),
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	written := make(chan struct{})
	go func() { wg.Wait(); close(written) }()
	seen := map[string]bool{}
	for last := false; ; { // until an answer that was asked for after the last write has no more
		select {
		case <-written:
			last = true
		default:
		}
		e := f.events(t, site.Chairman, "after="+after)
		for _, x := range e.Events {
			if x.Document != nil {
				seen[*x.Document] = true
			}
		}
		after = e.Next
		if last && len(e.Events) == 0 {
			break
		}
	}
	if len(seen) != documents {
		t.Errorf("told of %d documents", len(seen))
	}
}

func TestAFigureIsDisputed(t *testing.T) {
	f := newFigures(t)
	d := f.issued(t, "thu-ky", ownUnit, "2026-11-20", 1)[0]
	me := f.site.As(site.Chairman)
	state := func() (string, bool) {
		t.Helper()
		docs, err := me.Unsigned(t.Context(), ownUnit, "2026-11")
		if err != nil || len(docs) != 1 {
			t.Fatalf("%v, %v", docs, err)
		}
		return docs[0].Explained, docs[0].Disputed
	}
	if explained, disputed := state(); explained != "" || disputed {
		t.Errorf("before: %q %v", explained, disputed)
	}
	for range 2 { // the same key is one dispute
		if err := me.Explain(t.Context(), d.ID, "Đã thu hồi", "dispute-1", true); err != nil {
			t.Fatal(err)
		}
	}
	if explained, disputed := state(); explained != "pending" || !disputed {
		t.Errorf("after: %q %v", explained, disputed)
	}
	f.clock.Forward(time.Second)
	if err := me.Explain(t.Context(), d.ID, "Thiết bị hỏng", "explain-1", false); err != nil {
		t.Fatal(err)
	}
	if explained, disputed := state(); explained != "pending" || disputed {
		t.Errorf("the last one counts: %q %v", explained, disputed)
	}
	var list api.ExplanationList
	f.get(t, site.Chairman, "/documents/"+d.ID+"/explanations", &list)
	if len(list.Explanations) != 2 || list.Explanations[0].Kind != api.ExplanationKindDispute || list.Explanations[1].Kind != api.ExplanationKindExplanation {
		t.Errorf("%+v", list)
	}
	if resp, body := f.send(t, site.Chairman, http.MethodPost, "/documents/"+d.ID+"/explanations", `{"reason":"x","kind":"y"}`); resp.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("%d %s", resp.StatusCode, body)
	}
}

func TestUnitsThatEndedStandUnderTheirSuccessors(t *testing.T) {
	f := newFigures(t)
	docs := f.issued(t, "thu-ky", ownUnit, "2026-10-20", 10)
	f.sign(t, docs[:5]...)
	statements := []string{
		`UPDATE unit SET valid_to='2026-11-01' WHERE code='` + ownUnit + `'`,
		`UPDATE unit_parent SET valid_to='2026-11-01' WHERE unit='` + ownUnit + `'`,
		`INSERT INTO unit_succession(from_unit,to_unit,day,share,basis) VALUES('` + ownUnit + `','` + otherUnit + `','2026-11-01',6000,'NQ 1'),('` + ownUnit + `','H26.13.27','2026-11-01',4000,'NQ 1')`,
	}
	for _, st := range statements {
		if err := f.site.Server.Tamper(t.Context(), st); err != nil {
			t.Fatal(err)
		}
	}
	row := func(page docsys.BoardPage, unit string) docsys.BoardRow {
		for _, r := range page.Children {
			if r.Unit == unit {
				return r
			}
		}
		return docsys.BoardRow{}
	}
	then := f.board(t, "quan-tri", "unit="+upperUnit+"&period=2026-10")
	if r := row(then, ownUnit); r.Figure.Required != 10 || r.Figure.Fulfilled != 5 || r.Estimated || then.Subtree.Required != 10 {
		t.Errorf("at the time %+v", r)
	}
	today := f.board(t, "quan-tri", "unit="+upperUnit+"&period=2026-10&basis=restated")
	for unit, want := range map[string][2]int{otherUnit: {6, 3}, "H26.13.27": {4, 2}} {
		if r := row(today, unit); r.Figure.Required != want[0] || r.Figure.Fulfilled != want[1] || !r.Estimated {
			t.Errorf("restated %s %+v", unit, r)
		}
	}
	if r := row(today, ownUnit); r.Unit != "" || today.Subtree.Required != 10 || today.Subtree.Fulfilled != 5 {
		t.Errorf("restated %+v, ended unit %+v", today.Subtree, r)
	}
	// Its head still answers for the old unit.
	if p := f.board(t, "quan-tri", ownOctober); p.Own.Required != 10 {
		t.Errorf("the ended unit has %+v", p.Own)
	}
	// The trend of the unit above splits the week in which the units changed.
	var trend docsys.Trend
	f.get(t, "quan-tri", "/board/trend?grain=week&n=5&unit="+upperUnit, &trend)
	var names []string
	for _, p := range trend.Points {
		names = append(names, p.Period+" "+p.From)
	}
	if got := strings.Join(names, ", "); got != "2026-W44 2026-10-26, 2026-W44 2026-11-01, 2026-W45 2026-11-02, 2026-W46 2026-11-09, 2026-W47 2026-11-16, 2026-W48 2026-11-23" {
		t.Error(got)
	}
}
