package refserver_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kyso/app/docsys"
	"kyso/app/docsys/refserver"
	site "kyso/app/docsys/refserver/refservertest"
	"kyso/app/signrate"
)

// The letter names twelve praised and four warned units.
func praised() []string {
	return []string{
		"Văn phòng HĐND và UBND", "Phòng Tư pháp", "Phòng Nội vụ", "Phòng Quản lý đô thị", "Phòng Tài nguyên và Môi trường",
		"Ban Quản lý dự án đầu tư xây dựng", "Phường Khâm Thiên", "Phường Khương Thượng", "Phường Nam Đồng", "Phường Phương Liên",
		"Phường Quốc Tử Giám", "Phường Văn Miếu",
	}
}

func warned() []string {
	return []string{"Phường Láng Hạ", "Phường Láng Thượng", "Phường Ngã Tư Sở", "Phường Thịnh Quang"}
}

func TestTheBoardShowsTheLettersDistrict(t *testing.T) {
	cases := map[string]time.Time{
		"in November":             time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC),
		"on 2 January":            time.Date(2027, 1, 2, 3, 0, 0, 0, time.UTC),
		"on New Year's Day":       time.Date(2027, 1, 1, 3, 0, 0, 0, time.UTC),
		"late on New Year's Eve":  time.Date(2026, 12, 31, 16, 59, 0, 0, time.UTC),
		"on the leap day of 2028": time.Date(2028, 2, 29, 3, 0, 0, 0, time.UTC),
	}
	for name, now := range cases {
		t.Run(name, func(t *testing.T) {
			clock := site.NewClock()
			clock.Forward(now.Sub(clock.Now()))
			six := sixLetters(now)
			s := site.Start(t, t.TempDir(), clock, site.Options{Letters: six})
			me := s.As(site.Chairman)
			period := now.Add(7 * time.Hour).Format("2006")
			page, err := me.Board(t.Context(), refserver.DistrictUnit, period)
			if err != nil {
				t.Fatal(err)
			}
			checkBands(t, page)
			checkKimLien(t, me, period)
		})
	}
}

func sixLetters(now time.Time) []refserver.Letter {
	var six []refserver.Letter
	for _, n := range []string{"251", "252", "253", "254", "255", "256"} {
		l := letters()[0]
		l.Number, l.PDF, l.IssuedOn = n, []byte("%PDF-1.7 "+n), now.Add(7*time.Hour).Format("2006-01-02")
		six = append(six, l)
	}
	return six
}

func checkBands(t *testing.T, page docsys.BoardPage) {
	t.Helper()
	got := map[signrate.Band][]string{}
	for _, row := range page.Children {
		got[row.Figure.Band] = append(got[row.Figure.Band], row.Name)
	}
	for band, want := range map[signrate.Band][]string{signrate.Praised: praised(), signrate.Warned: warned()} {
		names := got[band]
		slices.Sort(names)
		slices.Sort(want)
		if diff := cmp.Diff(want, names); diff != "" {
			t.Errorf("%s (-want +got):\n%s", band, diff)
		}
	}
	if len(page.Children) != 34 || len(got[signrate.Normal]) != 34-12-4 {
		t.Errorf("%d units, %d in between; want 34 and 18", len(page.Children), len(got[signrate.Normal]))
	}
	if !page.Illustrative {
		t.Error("not marked as illustrative")
	}
}

func checkKimLien(t *testing.T, me *docsys.Client, period string) {
	t.Helper()
	page, err := me.Board(t.Context(), refserver.KimLienUnit, period)
	if err != nil {
		t.Fatal(err)
	}
	if want := (signrate.Figure{Required: 170, Fulfilled: 160, Band: signrate.Normal}); page.Own != want || page.Own.Text() != "94,12 %" || signrate.ToPraise(page.Own) != 9 {
		t.Errorf("Kim Liên has %+v (%s), want %+v", page.Own, page.Own.Text(), want)
	}
	sum := signrate.Figure{}
	for _, m := range page.Months {
		sum = sum.Add(m.Figure, signrate.MinVolume)
	}
	if sum != page.Own {
		t.Errorf("the months add up to %+v, want %+v", sum, page.Own)
	}
	unsigned, err := me.Unsigned(t.Context(), refserver.KimLienUnit, period)
	if err != nil {
		t.Fatal(err)
	}
	withFile := 0
	for _, d := range unsigned {
		if d.Version != "" {
			withFile++
		}
	}
	if len(unsigned) != 10 || withFile != 6 {
		t.Errorf("%d unsigned, %d with a file; want 10 and 6", len(unsigned), withFile)
	}
	docs, err := me.Waiting(t.Context())
	if err != nil || len(docs) != 6 {
		t.Errorf("%d wait for the chairman, %v; want 6", len(docs), err)
	}
}

func TestTheLettersWaitForTheirSignerOnly(t *testing.T) {
	s := site.Start(t, t.TempDir(), site.NewClock(), site.Options{Letters: letters(), NoYear: true})
	for login, want := range map[string]int{site.Chairman: 3, site.Deputy: 0, site.Office: 0, site.Clerk: 0, site.Outsider: 0} {
		if got := len(waiting(t, s.As(login))); got != want {
			t.Errorf("%d wait for %s, want %d", got, login, want)
		}
	}
}

func TestADistrictIsSeededOnce(t *testing.T) {
	s := site.Start(t, t.TempDir(), site.NewClock(), site.Options{NoYear: true})
	if err := refserver.SeedDistrict(t.Context(), s.Server, refserver.Demonstration{}); !errors.Is(err, refserver.ErrSeeded) {
		t.Errorf("got %v, want ErrSeeded", err)
	}
}

func TestNoSeededSignatureIsClaimed(t *testing.T) {
	s := site.Start(t, t.TempDir(), site.NewClock(), site.Options{})
	docs, err := s.As(site.Chairman).Unsigned(t.Context(), refserver.KimLienUnit, "2026")
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range docs {
		if !strings.Contains(d.Drafter, "minh họa") {
			t.Errorf("document %s/%s does not say that it is illustrative", d.Number, d.Notation)
		}
	}
}
