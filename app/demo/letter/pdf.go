package letter

import (
	"fmt"
	"io"
	"strings"

	"codeberg.org/go-pdf/fpdf"
)

// WritePDF writes the paper as a PDF with text. The same paper gives the same bytes.
func (p *Paper) WritePDF(w io.Writer) error {
	doc := fpdf.New("P", "mm", "A4", "")
	doc.SetCatalogSort(true)
	doc.SetCreationDate(p.letter.Date)
	doc.SetModificationDate(p.letter.Date)
	doc.SetTitle(p.letter.Title(), true)
	doc.SetSubject(p.letter.Subject, true)
	doc.SetAuthor(strings.Join(p.letter.Agency, " "), true)
	doc.SetProducer("Ký số, tài liệu minh họa", true)
	doc.SetLang("vi-VN")
	doc.SetAutoPageBreak(false, 0)
	doc.SetMargins(0, 0, 0)
	for s, name := range fpdfStyles() {
		doc.AddUTF8FontFromBytes("serif", name, p.face.files[s])
	}
	for _, sheet := range p.sheets {
		doc.AddPage()
		for _, s := range sheet.strokes {
			doc.SetLineWidth(s.width)
			doc.Line(s.x1, s.y1, s.x2, s.y2)
		}
		for _, r := range sheet.runs {
			doc.SetFont("serif", fpdfStyles()[r.style], r.size)
			doc.Text(r.x, r.y, r.text)
		}
	}
	if err := doc.Output(w); err != nil {
		return fmt.Errorf("letter: write the PDF: %w", err)
	}
	return nil
}

// fpdfStyles names the styles as fpdf does.
func fpdfStyles() [4]string {
	return [4]string{regular: "", bold: "B", italic: "I", boldItalic: "BI"}
}
