package signertest

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"strings"
)

// Paper describes a small PDF document that a test makes. Its zero value is
// one A4 page with a cross-reference table.
type Paper struct {
	Pages []PaperPage
	// Stream writes a cross-reference stream, with the catalog, the pages and
	// the form in an object stream.
	Stream bool
	// Form adds a text field "name" with a value, with /DA and /DR in the form.
	Form bool
	// EmptyField adds an empty signature field of this name on page 1, at
	// [100 100 300 180].
	EmptyField string
	// Catalog is added to the catalog dictionary as it is.
	Catalog string
	// Junk stands before the header.
	Junk string
}

// PaperPage is a page. Zero means A4, no crop box, no rotation.
type PaperPage struct {
	W, H   float64
	Rotate int
	Crop   [4]float64
	// Content is the content stream.
	Content string
}

// The objects of a paper; pages and contents follow.
const (
	paperCatalog = 1 + iota
	paperTree
	paperInfo
	paperForm
	paperFont
	paperText
	paperField
	paperFirst
)

// Bytes writes the document. Equal papers give equal bytes.
func (p Paper) Bytes() []byte {
	if len(p.Pages) == 0 {
		p.Pages = []PaperPage{{}}
	}
	objects := map[int]string{}
	streams := map[int]string{}
	var kids strings.Builder
	for i, page := range p.Pages {
		n := paperFirst + 2*i
		fmt.Fprintf(&kids, "%d 0 R ", n)
		objects[n] = p.page(i, page)
		streams[n+1] = page.Content
	}
	objects[paperTree] = fmt.Sprintf("<</Type/Pages/Count %d/Kids[%s]>>", len(p.Pages), kids.String())
	objects[paperInfo] = "<</Title(M\\341\\272\\253u)/Producer(signertest)>>"
	objects[paperFont] = "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"
	catalog := "<</Type/Catalog/Pages 2 0 R" + p.Catalog
	if p.Form || p.EmptyField != "" {
		catalog += fmt.Sprintf("/AcroForm %d 0 R", paperForm)
		p.form(objects)
	}
	objects[paperCatalog] = catalog + ">>"
	w := &paperWriter{rows: map[int]string{}, size: paperFirst + 2*len(p.Pages)}
	w.b.WriteString(p.Junk + "%PDF-1.7\n%\xE2\xE3\xCF\xD3\n")
	w.start = len(p.Junk)
	if p.Stream {
		return w.finishStream(objects, streams)
	}
	return w.finishTable(objects, streams)
}

func (p Paper) page(i int, page PaperPage) string {
	if page.W == 0 {
		page.W, page.H = 595.28, 841.89
	}
	s := fmt.Sprintf("<</Type/Page/Parent %d 0 R/MediaBox[0 0 %g %g]/Contents %d 0 R/Resources<</Font<</F1 %d 0 R>>>>",
		paperTree, page.W, page.H, paperFirst+2*i+1, paperFont)
	if page.Rotate != 0 {
		s += fmt.Sprintf("/Rotate %d", page.Rotate)
	}
	if page.Crop != [4]float64{} {
		s += fmt.Sprintf("/CropBox[%g %g %g %g]", page.Crop[0], page.Crop[1], page.Crop[2], page.Crop[3])
	}
	if i == 0 && (p.Form || p.EmptyField != "") {
		s += "/Annots["
		if p.Form {
			s += fmt.Sprintf("%d 0 R ", paperText)
		}
		if p.EmptyField != "" {
			s += fmt.Sprintf("%d 0 R", paperField)
		}
		s += "]"
	}
	return s + ">>"
}

func (p Paper) form(objects map[int]string) {
	fields := ""
	if p.Form {
		fields += fmt.Sprintf("%d 0 R ", paperText)
		objects[paperText] = fmt.Sprintf("<</Type/Annot/Subtype/Widget/FT/Tx/T(name)/V(kept)/F 4/Rect[50 700 250 720]/P %d 0 R>>", paperFirst)
	}
	if p.EmptyField != "" {
		fields += fmt.Sprintf("%d 0 R", paperField)
		objects[paperField] = fmt.Sprintf("<</Type/Annot/Subtype/Widget/FT/Sig/T(%s)/F 4/Rect[100 100 300 180]/P %d 0 R>>", p.EmptyField, paperFirst)
	}
	objects[paperForm] = fmt.Sprintf("<</Fields[%s]/DA(/F1 12 Tf 0 g)/DR<</Font<</F1 %d 0 R>>>>>>", fields, paperFont)
}

// paperWriter writes objects in the order of their numbers.
type paperWriter struct {
	b     bytes.Buffer
	start int            // of the header
	rows  map[int]string // of the table, or of the stream in hexadecimal
	size  int
}

func (w *paperWriter) object(n int, body string) int {
	at := w.b.Len() - w.start
	fmt.Fprintf(&w.b, "%d 0 obj\n%s\nendobj\n", n, body)
	return at
}

func (w *paperWriter) stream(n int, dict, data string) int {
	return w.object(n, fmt.Sprintf("<<%s/Length %d>>\nstream\n%s\nendstream", dict, len(data), data))
}

const paperTrailer = "/Root 1 0 R/Info 3 0 R/ID[<00112233445566778899AABBCCDDEEFF><00112233445566778899AABBCCDDEEFF>]"

func (w *paperWriter) finishTable(objects, streams map[int]string) []byte {
	for n := 1; n < w.size; n++ {
		row := "0000000000 65535 f\r\n"
		if body, ok := objects[n]; ok {
			row = fmt.Sprintf("%010d 00000 n\r\n", w.object(n, body))
		} else if data, ok := streams[n]; ok {
			row = fmt.Sprintf("%010d 00000 n\r\n", w.stream(n, "", data))
		}
		w.rows[n] = row
	}
	at := w.b.Len() - w.start
	fmt.Fprintf(&w.b, "xref\n0 %d\n0000000000 65535 f\r\n", w.size)
	for n := 1; n < w.size; n++ {
		w.b.WriteString(w.rows[n])
	}
	fmt.Fprintf(&w.b, "trailer\n<</Size %d%s>>\nstartxref\n%d\n%%%%EOF\n", w.size, paperTrailer, at)
	return w.b.Bytes()
}

func (w *paperWriter) finishStream(objects, streams map[int]string) []byte {
	packed, table := w.size, w.size+1
	w.rows[0] = "00000000FFFF"
	var index, bodies bytes.Buffer
	count := 0
	for n := 1; n < w.size; n++ {
		if body, ok := objects[n]; ok {
			fmt.Fprintf(&index, "%d %d ", n, bodies.Len())
			bodies.WriteString(body + " ")
			w.rows[n] = fmt.Sprintf("02%06X%04X", packed, count)
			count++
		} else if data, ok := streams[n]; ok {
			w.rows[n] = fmt.Sprintf("01%06X0000", w.stream(n, "", data))
		} else {
			w.rows[n] = "00000000FFFF"
		}
	}
	dict := fmt.Sprintf("/Type/ObjStm/N %d/First %d/Filter/FlateDecode", count, index.Len())
	w.rows[packed] = fmt.Sprintf("01%06X0000", w.stream(packed, dict, deflate(index.String()+bodies.String())))
	at := w.b.Len() - w.start
	w.rows[table] = fmt.Sprintf("01%06X0000", at)
	var all strings.Builder
	for n := range table + 1 {
		all.WriteString(w.rows[n])
	}
	dict = fmt.Sprintf("/Type/XRef/W[1 3 2]/Size %d/Filter/ASCIIHexDecode%s", table+1, paperTrailer)
	w.stream(table, dict, all.String()+">")
	fmt.Fprintf(&w.b, "startxref\n%d\n%%%%EOF\n", at)
	return w.b.Bytes()
}

func deflate(s string) string {
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	_, _ = z.Write([]byte(s))
	_ = z.Close()
	return b.String()
}
