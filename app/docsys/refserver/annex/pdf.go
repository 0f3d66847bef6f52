package annex

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"codeberg.org/go-pdf/fpdf"

	"kyso/app/signrate"
	"kyso/assets"
)

// Page by NĐ 30/2020/NĐ-CP, annex I, part I: A4, margins in millimetres.
const (
	marginLeft, marginTop, marginRight, marginBottom = 30.0, 20.0, 15.0, 20.0
	pageWidth, pageHeight                            = 210.0, 297.0
	rowHeight                                        = 5.2
	labelWidth                                       = 27.0
)

// column is a column of the table.
type column struct {
	title string
	width float64
	align string
	text  func(i int, r Row) string
}

func columns() []column {
	number := func(of func(signrate.Figure) int) func(int, Row) string {
		return func(_ int, r Row) string { return thousands(of(r.Figure)) }
	}
	return []column{
		{"STT", 10, "C", func(i int, _ Row) string { return strconv.Itoa(i + 1) }},
		{"Đơn vị", 43, "L", func(_ int, r Row) string { return r.label() }},
		{"Phải ký", 12, "R", number(func(f signrate.Figure) int { return f.Required })},
		{"Đã ký", 12, "R", number(func(f signrate.Figure) int { return f.Fulfilled })},
		{"Quá hạn", 13, "R", number(func(f signrate.Figure) int { return f.Late })},
		{"Chờ kiểm tra", 13, "R", number(func(f signrate.Figure) int { return f.Pending })},
		{"Loại trừ", 11, "R", number(func(f signrate.Figure) int { return f.Excluded })},
		{"Tỷ lệ", 17, "R", func(_ int, r Row) string { return r.Figure.Text() }},
		{"Hạng", 12, "C", func(_ int, r Row) string { return place(r.Rank) }},
		{"Xếp loại", 22, "L", func(_ int, r Row) string { return word(r.Figure.Band) }},
	}
}

func (r Row) label() string {
	if r.Own {
		return r.Name + " (riêng đơn vị)"
	}
	return r.Name
}

// thousands writes a number with dots between thousands.
func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "." + s[i:]
	}
	return s
}

// PDF writes the annex to print. Equal sheets give equal bytes.
func PDF(w io.Writer, s Sheet) error {
	doc := fpdf.New("P", "mm", "A4", "")
	doc.SetMargins(marginLeft, marginTop, marginRight)
	doc.SetAutoPageBreak(false, marginBottom)
	doc.SetCellMargin(0.8)
	doc.SetCreationDate(s.Made)
	doc.SetModificationDate(s.Made)
	doc.SetCatalogSort(true)
	doc.SetTitle(title+" "+s.Unit+" "+s.period(), true)
	doc.SetLang("vi")
	doc.AddUTF8FontFromBytes("serif", "", assets.SerifRegular())
	doc.AddUTF8FontFromBytes("serif", "B", assets.SerifBold())
	doc.AddUTF8FontFromBytes("serif", "I", assets.SerifItalic())
	doc.SetHeaderFunc(func() {
		if doc.PageNo() > 1 { // the first page has no number
			doc.SetY(10)
			doc.SetFont("serif", "", 13)
			doc.CellFormat(0, 5, strconv.Itoa(doc.PageNo()), "", 0, "C", false, 0, "")
			doc.SetY(marginTop)
		}
	})
	doc.AddPage()
	heading(doc, s)
	facts(doc, s.facts(), 11)
	doc.Ln(2)
	rows(doc, s)
	doc.Ln(4)
	facts(doc, s.grounds(), 10)
	if err := doc.Output(w); err != nil {
		return fmt.Errorf("write the annex as PDF: %w", err)
	}
	return nil
}

func heading(doc *fpdf.Fpdf, s Sheet) {
	line := func(style string, size float64, text string) {
		doc.SetFont("serif", style, size)
		doc.MultiCell(0, size*0.5, text, "", "C", false)
	}
	line("B", 14, "PHỤ LỤC")
	line("B", 14, title)
	line("B", 13, what)
	line("B", 13, s.period())
	line("I", 13, "(Kèm theo Văn bản số ……/…… ngày … tháng … năm …… của ………………)")
	doc.Ln(3)
}

// facts sets labels and values in two columns.
func facts(doc *fpdf.Fpdf, lines [][2]string, size float64) {
	height := size * 0.46
	for _, l := range lines {
		doc.SetFont("serif", "", size)
		parts := doc.SplitText(breakable(l[1]), pageWidth-marginLeft-marginRight-labelWidth-2)
		room(doc, height*float64(len(parts)))
		top := doc.GetY()
		doc.SetFont("serif", "B", size)
		doc.CellFormat(labelWidth, height, l[0]+":", "", 0, "L", false, 0, "")
		doc.SetFont("serif", "", size)
		for i, p := range parts {
			doc.SetXY(marginLeft+labelWidth, top+height*float64(i))
			doc.CellFormat(0, height, p, "", 0, "L", false, 0, "")
		}
		doc.SetXY(marginLeft, top+height*float64(len(parts))+0.8)
	}
}

// breakable puts a blank into words that no line has room for, such as a hash.
func breakable(s string) string {
	const most = 60
	words := strings.Fields(s)
	for i, w := range words {
		if r := []rune(w); len(r) > most {
			words[i] = string(r[:most]) + " " + breakable(string(r[most:]))
		}
	}
	return strings.Join(words, " ")
}

// room begins a new page when the next lines have no room; it reports whether it did.
func room(doc *fpdf.Fpdf, height float64) bool {
	if doc.GetY()+height <= pageHeight-marginBottom {
		return false
	}
	doc.AddPage()
	doc.SetXY(marginLeft, marginTop)
	return true
}

// rows draws the table; its head is repeated on every page.
func rows(doc *fpdf.Fpdf, s Sheet) {
	all := columns()
	doc.SetLineWidth(0.15)
	head(doc, all)
	for i, r := range s.Rows {
		cells(doc, all, "", func(c column) string { return c.text(i, r) })
	}
	sum := Row{Name: "Tổng cộng", Figure: s.Total}
	cells(doc, all, "B", func(c column) string {
		if c.title == "STT" || c.title == "Hạng" {
			return ""
		}
		return c.text(0, sum)
	})
}

func head(doc *fpdf.Fpdf, all []column) {
	const height = 3 * 4.8
	doc.SetFont("serif", "B", 10)
	doc.SetFillColor(236, 239, 244)
	x, y := marginLeft, doc.GetY()
	for _, c := range all {
		doc.Rect(x, y, c.width, height, "FD")
		parts := doc.SplitText(c.title, c.width)
		top := y + (height-4.4*float64(len(parts)))/2
		for i, p := range parts {
			doc.SetXY(x, top+4.4*float64(i))
			doc.CellFormat(c.width, 4.4, p, "", 0, "C", false, 0, "")
		}
		x += c.width
	}
	doc.SetXY(marginLeft, y+height)
}

// cells draws one line of the table, as high as its longest text.
func cells(doc *fpdf.Fpdf, all []column, style string, text func(column) string) {
	doc.SetFont("serif", style, 10.5)
	parts, most := make([][]string, len(all)), 1
	for i, c := range all {
		parts[i] = doc.SplitText(text(c), c.width)
		most = max(most, len(parts[i]))
	}
	height := rowHeight + 4.4*float64(most-1)
	if room(doc, height) {
		head(doc, all)
		doc.SetFont("serif", style, 10.5)
	}
	x, y := marginLeft, doc.GetY()
	for i, c := range all {
		doc.Rect(x, y, c.width, height, "D")
		for k, p := range parts[i] {
			doc.SetXY(x, y+0.4+4.4*float64(k))
			doc.CellFormat(c.width, 4.4, p, "", 0, c.align, false, 0, "")
		}
		x += c.width
	}
	doc.SetXY(marginLeft, y+height)
}
