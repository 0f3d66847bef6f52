package refserver_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"testing"

	"github.com/xuri/excelize/v2"

	"kyso/app/docsys/api"
)

// importReport is the answer of an import.
type importReport struct{ api.ImportReport }

func (r *importReport) read(t *testing.T, body []byte) {
	t.Helper()
	if err := json.Unmarshal(body, &r.ImportReport); err != nil {
		t.Fatal(err)
	}
}

// lines are those that were found bad.
func (r *importReport) lines() []int {
	var out []int
	for _, l := range *r.Lines {
		out = append(out, l.Line)
	}
	return out
}

// xlsx makes a workbook of a CSV table.
func xlsx(t *testing.T, table []byte) []byte {
	t.Helper()
	lines, err := csv.NewReader(bytes.NewReader(table)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	f := excelize.NewFile()
	defer func() { _ = f.Close() }()
	for y, line := range lines {
		for x, text := range line {
			cell, err := excelize.CoordinatesToCellName(x+1, y+1)
			if err != nil {
				t.Fatal(err)
			}
			if err := f.SetCellStr("Sheet1", cell, text); err != nil {
				t.Fatal(err)
			}
		}
	}
	var out bytes.Buffer
	if err := f.Write(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
