package main

import (
	"bufio"
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"math/rand/v2"
)

// scan makes a scanned document of about so many megabytes: A4 pages with one
// JPEG picture each, of about 1 MB or the whole of a smaller document.
func scan(mb float64) func(w io.Writer) error {
	return func(w io.Writer) error {
		size := int(mb * 1e6)
		picture, err := noise(min(size, 1_000_000))
		if err != nil {
			return err
		}
		pages := max(1, size/len(picture))
		d := newDocument(w)
		for i := range pages {
			page := 3 + 3*i
			d.object(page, fmt.Sprintf("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R /Resources << /XObject << /Im %d 0 R >> >> >>", page+1, page+2))
			d.stream(page+1, "", []byte("q 595 0 0 842 0 0 cm /Im Do Q"))
			d.stream(page+2, "/Type /XObject /Subtype /Image /Width 1240 /Height 1754 /ColorSpace /DeviceGray /BitsPerComponent 8 /Filter /DCTDecode ", picture)
		}
		return d.end(pages, 3)
	}
}

// noise is a JPEG of about so many bytes.
func noise(size int) ([]byte, error) {
	m := image.NewGray(image.Rect(0, 0, 1240, 1754))
	r := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // a picture of nothing
	for i := range m.Pix {
		m.Pix[i] = byte(200 + r.IntN(56)) //nolint:gosec // at most 255
	}
	var best []byte
	for quality := 5; quality <= 100; quality += 5 {
		var b bytes.Buffer
		if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: quality}); err != nil {
			return nil, fmt.Errorf("make a picture: %w", err)
		}
		if best != nil && b.Len() > size {
			break
		}
		best = b.Bytes()
	}
	return best, nil
}

// objectsOfPage is how many objects each page of the file of many objects has.
const objectsOfPage = 100

// objects makes a document of so many small objects: a hundred to a page, with a
// cross-reference table.
func objects(n int) func(w io.Writer) error {
	return func(w io.Writer) error {
		pages := (n - 2) / objectsOfPage
		d := newDocument(w)
		for i := range pages {
			page := 3 + objectsOfPage*i
			d.object(page, fmt.Sprintf("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R /Resources << /Font << /F %d 0 R >> >> /Kyso_More [%d 0 R] >>", page+1, page+2, page+3))
			d.stream(page+1, "", []byte("BT /F 12 Tf 72 720 Td (object) Tj ET"))
			d.object(page+2, "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
			for k := 3; k < objectsOfPage; k++ {
				d.object(page+k, fmt.Sprintf("<< /Kyso_Kind /Small /Number %d /Text (object number %d) /Next %d 0 R >>", k, page+k, page+min(k+1, objectsOfPage-1)))
			}
		}
		return d.end(pages, objectsOfPage)
	}
}

// document writes a PDF, an object at a time.
type document struct {
	w   *bufio.Writer
	at  int64
	err error
	// offsets by object number.
	offsets []int64
}

func newDocument(w io.Writer) *document {
	d := &document{w: bufio.NewWriterSize(w, 1<<20)}
	d.print("%%PDF-1.7\n%%\xe2\xe3\xcf\xd3\n")
	return d
}

func (d *document) print(format string, args ...any) {
	n, err := fmt.Fprintf(d.w, format, args...)
	d.at += int64(n)
	if d.err == nil {
		d.err = err
	}
}

func (d *document) begin(number int) {
	for len(d.offsets) <= number {
		d.offsets = append(d.offsets, 0)
	}
	d.offsets[number] = d.at
	d.print("%d 0 obj\n", number)
}

func (d *document) object(number int, body string) {
	d.begin(number)
	d.print("%s\nendobj\n", body)
}

func (d *document) stream(number int, keys string, data []byte) {
	d.begin(number)
	d.print("<< %s/Length %d >>\nstream\n", keys, len(data))
	n, err := d.w.Write(data)
	d.at += int64(n)
	if d.err == nil {
		d.err = err
	}
	d.print("\nendstream\nendobj\n")
}

// end writes catalog, page tree, cross-reference table and trailer for so many
// pages, whose object numbers are step apart, from 3 on.
func (d *document) end(pages, step int) error {
	d.object(1, "<< /Type /Catalog /Pages 2 0 R >>")
	d.begin(2)
	d.print("<< /Type /Pages /Count %d /Kids [", pages)
	for i := range pages {
		d.print("%d 0 R ", 3+step*i)
	}
	d.print("] >>\nendobj\n")
	table := d.at
	d.print("xref\n0 %d\n0000000000 65535 f \n", len(d.offsets))
	for _, at := range d.offsets[1:] {
		d.print("%010d 00000 n \n", at)
	}
	d.print("trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(d.offsets), table)
	if err := d.w.Flush(); d.err == nil {
		d.err = err
	}
	return d.err
}
