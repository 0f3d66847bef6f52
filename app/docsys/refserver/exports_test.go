package refserver_test

import (
	"bytes"
	"encoding/csv"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"kyso/app/docsys"
	site "kyso/app/docsys/refserver/refservertest"
)

// export fetches a file.
func (f *figures) export(t *testing.T, login, format, query string) []byte {
	t.Helper()
	resp, body := f.send(t, login, http.MethodGet, "/exports/board."+format+"?"+query, "")
	if resp.StatusCode != http.StatusOK || !strings.Contains(resp.Header.Get("Content-Disposition"), "."+format) {
		t.Fatalf("%d %v %s", resp.StatusCode, resp.Header, body)
	}
	return body
}

// table reads an exported file of duties by its column names.
func table(t *testing.T, raw []byte) []map[string]string {
	t.Helper()
	lines, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(raw, []byte("\ufeff")))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	out := []map[string]string{}
	for _, l := range lines[1:] {
		row := map[string]string{}
		for i, name := range lines[0] {
			row[name] = l[i]
		}
		out = append(out, row)
	}
	return out
}

// recomputed counts the approvals of a unit with all below it from the file, by
// what its columns say and by nothing else.
func recomputed(t *testing.T, rows []map[string]string, unit string) (required, fulfilled int) {
	t.Helper()
	var n, a float64
	for _, row := range rows {
		share, err := strconv.ParseFloat(row["share"], 64)
		if err != nil {
			t.Fatal(err)
		}
		if row["kind"] != "approval" || !strings.Contains("/"+row["path"]+"/", "/"+unit+"/") {
			continue
		}
		if row["required"] == "1" {
			n += share
		}
		if row["fulfilled"] == "1" {
			a += share
		}
	}
	return int(n + 0.5), int(a + 0.5)
}

// exported is a server with closed and open months, late and revoked documents
// and a unit that ended.
func exported(t *testing.T) *figures {
	t.Helper()
	f := newFigures(t)
	october := f.issued(t, "thu-ky", ownUnit, "2026-10-20", 12)
	f.issued(t, "thu-ky-26", otherUnit, "2026-10-21", 10)
	f.sign(t, october[:5]...)
	f.close(t, "2026-10", http.StatusCreated)
	f.sign(t, october[5:9]...)
	f.issued(t, "thu-ky", ownUnit, "2026-10-22", 2)
	if resp, body := f.send(t, site.Chairman, http.MethodPost, "/documents/"+october[11].ID+"/revoke", `{"reason":"sai"}`); resp.StatusCode != http.StatusOK {
		t.Fatalf("%d %s", resp.StatusCode, body)
	}
	f.issued(t, "thu-ky", ownUnit, "2026-11-03", 3)
	for _, st := range []string{
		`UPDATE unit SET valid_to='2026-11-10' WHERE code='` + otherUnit + `'`,
		`INSERT INTO unit_succession(from_unit,to_unit,day,share,basis) VALUES('` + otherUnit + `','H26.13.27','2026-11-10',7000,'NQ'),('` + otherUnit + `','` + ownUnit + `','2026-11-10',3000,'NQ')`,
	} {
		if err := f.site.Server.Tamper(t.Context(), st); err != nil {
			t.Fatal(err)
		}
	}
	return f
}

func TestTheFiguresCanBeComputedAgainFromTheDuties(t *testing.T) {
	f := exported(t)
	for _, unit := range []string{ownUnit, otherUnit, upperUnit, "H26.13.27"} {
		for _, period := range []string{"2026-10", "2026-11", "2026"} {
			for _, basis := range []string{docsys.AtTime, docsys.Restated} {
				t.Run(unit+" "+period+" "+basis, func(t *testing.T) {
					query := "unit=" + unit + "&period=" + period + "&basis=" + basis
					want := f.board(t, "quan-tri", query).Subtree
					n, a := recomputed(t, table(t, f.export(t, "quan-tri", "csv", query)), unit)
					if n != want.Required || a != want.Fulfilled {
						t.Errorf("computed %d of %d, the board has %d of %d", a, n, want.Fulfilled, want.Required)
					}
				})
			}
		}
	}
	closed := f.board(t, "quan-tri", "unit="+upperUnit+"&period=2026-10").Subtree
	today := f.board(t, "quan-tri", "unit="+upperUnit+"&period=2026-10&basis=restated").Subtree
	if closed.Required != 22 || closed.Fulfilled != 5 || today.Required != 23 || today.Fulfilled != 9 {
		t.Errorf("the case is none: closed %+v, today %+v", closed, today)
	}
	f.sound(t)
}

func TestNumbersOfDocumentsAreForThoseWhoMayListThem(t *testing.T) {
	f := exported(t)
	cases := map[string]struct {
		login string
		own   bool
	}{
		"a head sees the numbers of the own unit only": {site.Chairman, true},
		"the administrator sees none":                  {"quan-tri", false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			for _, row := range table(t, f.export(t, c.login, "csv", "period=2026&unit="+upperUnit)) {
				if got := row["number"] != ""; got != (c.own && row["unit"] == ownUnit) {
					t.Errorf("number %q of %s", row["number"], row["unit"])
				}
			}
		})
	}
}

func TestNoCellIsAFormula(t *testing.T) {
	f := newFigures(t)
	const evil = `=HYPERLINK("http://x","y")`
	f.issued(t, "thu-ky", ownUnit, "2026-10-20", 1)
	for _, st := range []string{
		`UPDATE unit SET name='` + evil + `' WHERE code='` + ownUnit + `'`,
		`UPDATE document SET notation='@SUM(A1)'`,
	} {
		if err := f.site.Server.Tamper(t.Context(), st); err != nil {
			t.Fatal(err)
		}
	}
	for _, row := range table(t, f.export(t, site.Chairman, "csv", ownOctober)) {
		for name, cell := range row {
			if cell != "" && strings.ContainsAny(cell[:1], "=+-@\t\r") {
				t.Errorf("%s is %q", name, cell)
			}
		}
		if row["unit_name"] != "'"+evil || row["notation"] != "'@SUM(A1)" {
			t.Errorf("got %v", row)
		}
	}
	book, err := excelize.OpenReader(bytes.NewReader(f.export(t, site.Chairman, "xlsx", ownOctober)))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = book.Close() }()
	found := 0
	for _, sheet := range book.GetSheetList() {
		rows, err := book.GetRows(sheet)
		if err != nil {
			t.Fatal(err)
		}
		for i, row := range rows {
			for k, cell := range row {
				name, _ := excelize.CoordinatesToCellName(k+1, i+1)
				if formula, _ := book.GetCellFormula(sheet, name); formula != "" {
					t.Errorf("%s %s is the formula %s", sheet, name, formula)
				}
				if strings.Contains(cell, "HYPERLINK") {
					found++
				}
			}
		}
	}
	if found == 0 {
		t.Error("the name is not in the workbook")
	}
}

func TestTheAnnexNamesItsGrounds(t *testing.T) {
	f := exported(t)
	page := f.board(t, "quan-tri", "unit="+upperUnit+"&period=2026-10")
	book, err := excelize.OpenReader(bytes.NewReader(f.export(t, "quan-tri", "xlsx", "period=2026-10&unit="+upperUnit)))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = book.Close() }()
	var all strings.Builder
	for _, sheet := range book.GetSheetList() {
		rows, err := book.GetRows(sheet)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			all.WriteString(strings.Join(row, "|") + "\n")
		}
	}
	for _, want := range []string{
		"Tháng 10/2026", "Theo thời điểm", "R1 v1", "Phiên bản 0", page.Closed.Root, "10:00:00 23/11/2026", "Quản Trị",
		"|12|5|5|0|0|41.67%|1|Bình thường\n", "Tổng cộng|22|5|5|0|0|22.73%",
	} {
		if !strings.Contains(all.String(), want) {
			t.Errorf("no %q in\n%s", want, all.String())
		}
	}
	pdf := f.export(t, "quan-tri", "pdf", "period=2026-10&unit="+upperUnit)
	if !bytes.HasPrefix(pdf, []byte("%PDF-1.")) || !bytes.Equal(pdf, f.export(t, "quan-tri", "pdf", "period=2026-10&unit="+upperUnit)) {
		t.Error("the PDF differs from itself")
	}
}
