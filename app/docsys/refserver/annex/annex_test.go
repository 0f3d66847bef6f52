package annex_test

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kyso/app/docsys/refserver/annex"
	"kyso/app/signrate"
)

var pictures = flag.String("annex", "", "folder for the files, to look at them")

// province is an annex of many units.
func province(units int) annex.Sheet {
	p := signrate.Letter()
	s := annex.Sheet{
		Unit: "Ủy ban nhân dân quận Đống Đa", Period: "2026-10", Made: time.Date(2026, 11, 6, 2, 0, 0, 0, time.UTC),
		ClosedAt: time.Date(2026, 11, 5, 17, 0, 0, 0, time.UTC), Formula: signrate.Formula, Policy: p, Illustrative: true,
		Size: 48211, Root: "q3J0Zb8l0m2m3nq0S7dE0m1v0nW2yqS4hQm1JrQk1a8=",
	}
	var figures []signrate.Figure
	for i := range units {
		f := p.Judge(signrate.Figure{Required: 7*i%1400 + 3, Fulfilled: (7*i%1400 + 3) * (100 - i%90) / 100, Late: i % 4, Excluded: i % 3})
		figures = append(figures, f)
		name := fmt.Sprint("Phường Khương Thượng ", i+1)
		if i%7 == 0 {
			name = fmt.Sprint("Ban quản lý dự án đầu tư xây dựng khu vực ", i+1)
		}
		s.Rows = append(s.Rows, annex.Row{Name: name, Figure: f})
		s.Total = p.Judge(s.Total.Add(f, p.MinVolume))
	}
	for i, place := range signrate.Ranks(figures) {
		s.Rows[i].Rank = place
	}
	return s
}

func TestManyUnitsAreWritten(t *testing.T) {
	for name, write := range map[string]func(io.Writer, annex.Sheet) error{"annex.pdf": annex.PDF, "annex.xlsx": annex.XLSX} {
		for _, units := range []int{0, 31, 600} {
			var file bytes.Buffer
			if err := write(&file, province(units)); err != nil || file.Len() < 1000 {
				t.Errorf("%s of %d units: %d bytes, %v", name, units, file.Len(), err)
			}
			if *pictures != "" {
				if err := os.WriteFile(filepath.Join(*pictures, fmt.Sprint(units, "-", name)), file.Bytes(), 0o600); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}

func TestCellsThatASpreadsheetWouldRunAreText(t *testing.T) {
	cases := map[string]string{
		"=1+1": "'=1+1", "+84": "'+84", "-2": "'-2", "@SUM(A1)": "'@SUM(A1)", "\t=1": "'\t=1", "＝1": "'＝1", "1=1": "1=1", "": "", "Phường Láng": "Phường Láng",
	}
	for text, want := range cases {
		var file strings.Builder
		l, err := annex.NewLines(&file, annex.Sheet{Period: "2026"})
		if err != nil {
			t.Fatal(err)
		}
		if err := l.Write(annex.Duty{Reason: text}); err != nil {
			t.Fatal(err)
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		row := strings.Split(strings.Split(file.String(), "\r\n")[1], ",")
		if got := row[11]; got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
}

func BenchmarkAnnex(b *testing.B) {
	for name, write := range map[string]func(io.Writer, annex.Sheet) error{"pdf": annex.PDF, "xlsx": annex.XLSX} {
		s := province(600)
		b.Run(name+" of 600 units", func(b *testing.B) {
			for b.Loop() {
				if err := write(io.Discard, s); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
