package present_test

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kyso/app/explain"
	"kyso/app/journal"
	"kyso/app/present"
)

// chronicle is a desk with a history.
func chronicle(t *testing.T, all []journal.Entry, broken *journal.Break) *present.History {
	t.Helper()
	b := &bench{t: t}
	d := present.NewDesktop(&present.Services{
		History: func() ([]journal.Entry, *journal.Break, error) { return all, broken, nil },
		Explain: func(err error) explain.Message { return explain.For(err, explain.Vietnamese) },
	}, b)
	d.Go(present.PlaceHistory)
	b.settle()
	return d.History
}

func TestWhatBecameOfASignatureStandsBesideIt(t *testing.T) {
	h := chronicle(t, []journal.Entry{
		{Kind: journal.Signed, At: now(), Title: "Công văn A", Path: "/a.pdf", SHA256: strings.Repeat("a", 64), Signer: "Khôi"},
		{Kind: journal.Signed, At: now().Add(time.Hour), Title: "=Kế hoạch B", Path: "/b.pdf", SHA256: strings.Repeat("b", 64)},
		{Kind: journal.Accepted, At: now().Add(2 * time.Hour), Path: "/a.pdf", Receipt: "v7"},
	}, &journal.Break{Line: 2})
	s := h.State()
	if len(s.Rows) != 2 || s.Rows[0].Title != "=Kế hoạch B" || s.Rows[1].State.Key != "history.accepted" || s.Broken.Args["Line"] != 2 {
		t.Fatalf("got %+v", s)
	}
	h.Search("VĂN khôi")
	if s := h.State(); len(s.Rows) != 1 || s.Rows[0].Title != "Công văn A" {
		t.Errorf("found %+v", s.Rows)
	}
	h.Search("không có")
	if s := h.State(); len(s.Rows) != 0 || s.Empty.Key != "history.nomatch" {
		t.Errorf("found %+v", s)
	}
	h.Search("")
	path := filepath.Join(t.TempDir(), "nhật ký.csv")
	h.Export(path)
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(b), "\uFEFF"))).ReadAll()
	if err != nil || len(rows) != 3 || rows[1][1] != "'=Kế hoạch B" || rows[2][10] != "v7" || rows[2][0] != "2026-11-24T08:00:00+07:00" {
		t.Errorf("got %q, %v", rows, err)
	}
}

func TestTenThousandSignaturesAreSearchedAtOnce(t *testing.T) {
	all := make([]journal.Entry, 10_000)
	for i := range all {
		all[i] = journal.Entry{Kind: journal.Signed, At: now(), Title: fmt.Sprintf("Công văn số %d", i), Path: fmt.Sprintf("/%d.pdf", i), SHA256: strings.Repeat("ab", 32)}
	}
	h := chronicle(t, all, nil)
	began := time.Now()
	for range 10 {
		h.Search("số 9999")
	}
	if took := time.Since(began) / 10; took > 100*time.Millisecond || len(h.State().Rows) != 1 {
		t.Errorf("%d rows in %v", len(h.State().Rows), took)
	}
}
