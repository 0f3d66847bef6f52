package annex

import (
	"errors"
	"fmt"
	"io"

	"github.com/xuri/excelize/v2"

	"kyso/app/signrate"
)

// names of the workbook's sheets.
const (
	figuresSheet = "Số liệu"
	groundsSheet = "Căn cứ"
)

// XLSX writes the annex as a workbook. Names are cells of text: what looks like
// a formula is none.
func XLSX(w io.Writer, s Sheet) (err error) {
	f := excelize.NewFile()
	defer func() { err = errors.Join(err, f.Close()) }()
	b := book{f: f}
	b.keep(f.SetSheetName("Sheet1", figuresSheet))
	_, added := f.NewSheet(groundsSheet)
	b.keep(added)
	b.styles()
	b.figures(s)
	b.grounds(s)
	stamp := s.Made.UTC().Format("2006-01-02T15:04:05Z")
	b.keep(f.SetDocProps(&excelize.DocProperties{Title: title + " " + s.Unit, Created: stamp, Modified: stamp, Language: "vi-VN"}))
	if b.err != nil {
		return fmt.Errorf("make the workbook: %w", b.err)
	}
	if err := f.Write(w); err != nil {
		return fmt.Errorf("write the workbook: %w", err)
	}
	return nil
}

// book writes cells and keeps the first error.
type book struct {
	f                               *excelize.File
	err                             error
	title, head, text, count, share int
	sum, sumCount, sumShare         int
}

func (b *book) keep(err error) {
	if b.err == nil {
		b.err = err
	}
}

func (b *book) styles() {
	border := []excelize.Border{}
	for _, side := range []string{"left", "right", "top", "bottom"} {
		border = append(border, excelize.Border{Type: side, Color: "808080", Style: 1})
	}
	style := func(st excelize.Style) int {
		st.Font = &excelize.Font{Family: "Times New Roman", Size: 12, Bold: st.Font != nil && st.Font.Bold}
		id, err := b.f.NewStyle(&st)
		b.keep(err)
		return id
	}
	bold := &excelize.Font{Bold: true}
	percent := "0.00%"
	b.title = style(excelize.Style{Font: bold, Alignment: &excelize.Alignment{Horizontal: "center", WrapText: true, Vertical: "center"}})
	b.head = style(excelize.Style{
		Font: bold, Border: border, Alignment: &excelize.Alignment{Horizontal: "center", Vertical: "center", WrapText: true},
		Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"ECEFF4"}},
	})
	wrapped := &excelize.Alignment{Vertical: "top", WrapText: true}
	b.text = style(excelize.Style{Border: border, Alignment: wrapped})
	b.count = style(excelize.Style{Border: border, NumFmt: 3})
	b.share = style(excelize.Style{Border: border, CustomNumFmt: &percent})
	b.sum = style(excelize.Style{Font: bold, Border: border})
	b.sumCount = style(excelize.Style{Font: bold, Border: border, NumFmt: 3})
	b.sumShare = style(excelize.Style{Font: bold, Border: border, CustomNumFmt: &percent})
}

// cell writes a value at a column and row, both from 1.
func (b *book) cell(sheet string, column, row int, v any, style int) {
	name, err := excelize.CoordinatesToCellName(column, row)
	b.keep(err)
	if text, ok := v.(string); ok {
		b.keep(b.f.SetCellStr(sheet, name, text))
	} else {
		b.keep(b.f.SetCellValue(sheet, name, v))
	}
	b.keep(b.f.SetCellStyle(sheet, name, name, style))
}

func (b *book) figures(s Sheet) {
	all := columns()
	last, err := excelize.ColumnNumberToName(len(all))
	b.keep(err)
	row := 1
	for _, text := range []string{"PHỤ LỤC", title, what, s.period() + " – " + s.Unit} {
		b.cell(figuresSheet, 1, row, text, b.title)
		b.keep(b.f.MergeCell(figuresSheet, fmt.Sprint("A", row), fmt.Sprint(last, row)))
		row++
	}
	if s.Illustrative {
		b.cell(figuresSheet, 1, row, "SỐ LIỆU MINH HỌA", b.title)
		b.keep(b.f.MergeCell(figuresSheet, fmt.Sprint("A", row), fmt.Sprint(last, row)))
		row++
	}
	row++
	for i, c := range all {
		b.cell(figuresSheet, i+1, row, c.title, b.head)
		name, err := excelize.ColumnNumberToName(i + 1)
		b.keep(err)
		b.keep(b.f.SetColWidth(figuresSheet, name, name, c.width*0.75+2))
	}
	b.keep(b.f.SetPanes(figuresSheet, &excelize.Panes{Freeze: true, YSplit: row, TopLeftCell: fmt.Sprint("A", row+1), ActivePane: "bottomLeft"}))
	for i, r := range s.Rows {
		row++
		b.unit(row, i+1, r, b.text, b.count, b.share)
	}
	row++
	b.unit(row, "", Row{Name: "Tổng cộng", Figure: s.Total}, b.sum, b.sumCount, b.sumShare)
	size, portrait, one, many := 9, "portrait", 1, 0
	b.keep(b.f.SetPageLayout(figuresSheet, &excelize.PageLayoutOptions{Size: &size, Orientation: &portrait, FitToWidth: &one, FitToHeight: &many}))
}

// unit writes the line of a unit; the rate is the one that is printed, so that
// no spreadsheet rounds it up to the praise.
//
//nolint:revive // the styles of the line
func (b *book) unit(row int, number any, r Row, text, count, share int) {
	f := r.Figure
	var rate any = signrate.NoRate
	if f.Required > 0 {
		rate = float64(f.Hundredths()) / signrate.Whole
	}
	var rank any = place(r.Rank)
	if r.Rank > 0 {
		rank = r.Rank
	}
	for i, v := range []any{number, r.label(), f.Required, f.Fulfilled, f.Late, f.Pending, f.Excluded, rate, rank, word(f.Band)} {
		style := count
		switch i {
		case 1, 9:
			style = text
		case 7:
			style = share
		}
		b.cell(figuresSheet, i+1, row, v, style)
	}
}

func (b *book) grounds(s Sheet) {
	b.keep(b.f.SetColWidth(groundsSheet, "A", "A", 18))
	b.keep(b.f.SetColWidth(groundsSheet, "B", "B", 100))
	for i, l := range append(s.facts(), s.grounds()...) {
		b.cell(groundsSheet, 1, i+1, l[0], b.sum)
		b.cell(groundsSheet, 2, i+1, l[1], b.text)
	}
}
