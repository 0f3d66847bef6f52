package verdict

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"codeberg.org/go-pdf/fpdf"

	"kyso/assets"
)

// Text is the report as plain text.
func (s Sheet) Text(l Language) string {
	var b strings.Builder
	b.WriteString(s.Title(l) + "\n")
	write := func(rows []Row, indent string) {
		for _, r := range rows {
			mark := ""
			switch {
			case r.Bad:
				mark = "✗ "
			case r.Doubtful:
				mark = "! "
			}
			fmt.Fprintf(&b, "%s%s: %s%s\n", indent, r.Label, mark, r.Value)
		}
	}
	write(s.Head(l), "")
	for i, signature := range s.Signatures {
		b.WriteString("\n" + signature.heading(l, i) + "\n")
		write(signature.Rows(l), "  ")
	}
	return b.String()
}

// The measures of the page, in millimetres (NĐ 30/2020/NĐ-CP, Annex I).
const (
	marginTop, marginLeft, marginRight = 20, 30, 15
	labelWidth                         = 58
	valueWidth                         = 210 - marginLeft - marginRight - labelWidth
	lineHeight                         = 5.5
)

// PDF writes the report as a PDF of A4 pages to print. Equal sheets give equal bytes.
func (s Sheet) PDF(w io.Writer, l Language) error {
	doc := fpdf.New("P", "mm", "A4", "")
	doc.SetMargins(marginLeft, marginTop, marginRight)
	doc.SetAutoPageBreak(true, 20)
	doc.SetCreationDate(s.At)
	doc.SetModificationDate(s.At)
	doc.SetCatalogSort(true)
	doc.SetTitle(s.Title(l), true)
	doc.SetLang(string(l))
	doc.AddUTF8FontFromBytes("serif", "", assets.SerifRegular())
	doc.AddUTF8FontFromBytes("serif", "B", assets.SerifBold())
	doc.SetFooterFunc(func() {
		doc.SetY(-15)
		doc.SetFont("serif", "", 9)
		doc.SetTextColor(90, 90, 90)
		doc.CellFormat(0, 5, fmt.Sprintf("%s %d", l.of("Trang", "Page"), doc.PageNo()), "", 0, "C", false, 0, "")
	})
	doc.AddPage()
	doc.SetFont("serif", "B", 14)
	doc.MultiCell(0, 7, s.Title(l), "", "C", false)
	doc.Ln(3)
	table(doc, s.Head(l))
	for i, signature := range s.Signatures {
		doc.Ln(4)
		doc.SetFont("serif", "B", 12)
		doc.SetTextColor(0, 0, 0)
		doc.MultiCell(0, 7, signature.heading(l, i), "", "L", false)
		table(doc, signature.Rows(l))
	}
	if err := doc.Output(w); err != nil {
		return fmt.Errorf("write the report as PDF: %w", err)
	}
	return nil
}

// table sets rows in two columns; what is wrong is bold, so that it is seen on
// paper without colours.
func table(doc *fpdf.Fpdf, rows []Row) {
	for _, r := range rows {
		style := ""
		doc.SetTextColor(0, 0, 0)
		if r.Bad {
			style = "B"
		}
		doc.SetFont("serif", style, 11)
		lines := doc.SplitText(breakable(r.Value), valueWidth-2)
		doc.SetFont("serif", "", 11)
		labels := doc.SplitText(r.Label, labelWidth-2)
		height := lineHeight * float64(max(len(lines), len(labels), 1))
		if _, page := doc.GetPageSize(); doc.GetY()+height > page-20 {
			doc.AddPage()
		}
		top := doc.GetY()
		doc.MultiCell(labelWidth, lineHeight, strings.Join(labels, "\n"), "", "L", false)
		doc.SetXY(marginLeft+labelWidth, top)
		doc.SetFont("serif", style, 11)
		doc.MultiCell(valueWidth, lineHeight, strings.Join(lines, "\n"), "", "L", false)
		doc.SetXY(marginLeft, top+height)
		doc.SetDrawColor(200, 200, 200)
		doc.Line(marginLeft, top+height, 210-marginRight, top+height)
	}
}

// breakable puts a blank into words that no line has room for, such as a hash.
func breakable(s string) string {
	const most = 44
	words := strings.Fields(s)
	for i, w := range words {
		if r := []rune(w); len(r) > most {
			words[i] = string(r[:most]) + " " + breakable(string(r[most:]))
		}
	}
	return strings.Join(words, " ")
}

// JSON writes the report as JSON. Equal sheets give equal bytes.
func (s Sheet) JSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "\t")
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		return fmt.Errorf("write the report as JSON: %w", err)
	}
	return nil
}
