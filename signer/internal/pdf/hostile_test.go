package pdf_test

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"maps"
	"runtime"
	"strings"
	"testing"
	"time"

	"kyso/signer/internal/pdf"
)

// tabled is a file of objects by number with a table.
func tabled(objects map[int]string) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n")
	size := 0
	for n := range objects {
		size = max(size, n+1)
	}
	rows := "0000000000 65535 f\r\n"
	for n := 1; n < size; n++ {
		if body, ok := objects[n]; ok {
			rows += fmt.Sprintf("%010d 00000 n\r\n", b.Len())
			fmt.Fprintf(&b, "%d 0 obj %s\nendobj\n", n, body)
		} else {
			rows += "0000000000 65535 f\r\n"
		}
	}
	fmt.Fprintf(&b, "xref\n0 %d\n%strailer\n<</Root 1 0 R/Size %d>>\nstartxref\n%d\n%%%%EOF\n", size, rows, size, b.Len())
	return b.Bytes()
}

func deflated(b []byte) string {
	var out bytes.Buffer
	z, _ := zlib.NewWriterLevel(&out, zlib.BestSpeed)
	_, _ = z.Write(b)
	_ = z.Close()
	return out.String()
}

// chainOfStreams is a file whose object streams are each filtered by a name in the next.
func chainOfStreams(n int) []byte {
	var b, rows bytes.Buffer
	b.WriteString("%PDF-1.7\n1 0 obj<</Pages 2 0 R>>endobj\n2 0 obj<</Kids[3 0 R 100000 0 R]>>endobj\n3 0 obj<<>>endobj\n")
	packed := ""
	for i := range n {
		fmt.Fprintf(&rows, "01%08X0000", b.Len())
		packed += fmt.Sprintf("02%08X0000", 10+i)
		fmt.Fprintf(&b, "%d 0 obj<</N 1/First 9/Filter %d 0 R>>stream\n%d  (a)\nendstream endobj\n", 10+i, 100001+i, 100000+i)
	}
	at := func(mark string) int { return bytes.Index(b.Bytes(), []byte(mark)) }
	head := fmt.Sprintf("01%08X000001%08X000001%08X0000", at("1 0 obj"), at("2 0 obj"), at("3 0 obj"))
	all := head + rows.String() + packed
	end := b.Len()
	fmt.Fprintf(&b, "9 0 obj<</Type/XRef/W[1 4 2]/Index[1 3 10 %d 100000 %d]/Size 200000/Root 1 0 R/Filter/ASCIIHexDecode/Length %d>>stream\n%s>\nendstream endobj\nstartxref\n%d\n%%%%EOF\n",
		n, n, len(all)+1, all, end)
	return b.Bytes()
}

// largeStreams is a file with two large object streams whose objects its page tree names in turn.
func largeStreams(n int) []byte {
	var b bytes.Buffer
	kids, index := "", [2]string{}
	for i := range 2 * n {
		kids += fmt.Sprintf("%d 0 R ", 100+i)
		index[i%2] += fmt.Sprintf("%d 0 ", 100+i)
	}
	fmt.Fprintf(&b, "%%PDF-1.7\n1 0 obj<</Pages 2 0 R>>endobj\n2 0 obj<</Kids[%s]>>endobj\n", kids)
	var at [4]int
	at[0], at[1] = 9, bytes.Index(b.Bytes(), []byte("2 0 obj"))
	for i := range 2 {
		at[2+i] = b.Len()
		data := deflated([]byte(index[i] + "<<>>" + strings.Repeat(" ", 40<<20)))
		fmt.Fprintf(&b, "%d 0 obj<</N %d/First %d/Filter/FlateDecode/Length %d>>stream\n%s\nendstream endobj\n", 3+i, n, len(index[i]), len(data), data)
	}
	rows := ""
	for _, x := range at {
		rows += fmt.Sprintf("01%08X0000", x)
	}
	for i := range 2 * n {
		rows += fmt.Sprintf("02%08X%04X", 3+i%2, i/2)
	}
	end := b.Len()
	fmt.Fprintf(&b, "5 0 obj<</Type/XRef/W[1 4 2]/Index[1 4 100 %d]/Size 9999/Root 1 0 R/Filter/ASCIIHexDecode/Length %d>>stream\n%s>\nendstream endobj\nstartxref\n%d\n%%%%EOF\n",
		2*n, len(rows)+1, rows, end)
	return b.Bytes()
}

// revisions is a file of many sections without rows, and many pages.
func revisions(n, pages int, subsection string) []byte {
	kids := strings.Builder{}
	all := map[int]string{1: "<</Pages 2 0 R>>"}
	for i := range pages {
		fmt.Fprintf(&kids, "%d 0 R ", 10+i)
		all[10+i] = "<<>>"
	}
	all[2] = "<</Kids[" + kids.String() + "]>>"
	b := tabled(all)
	prev := bytes.LastIndex(b, []byte("xref\n0"))
	for range n {
		at := len(b)
		b = fmt.Appendf(b, "xref\n%s\ntrailer<</Root 1 0 R/Size 9/Prev %d>>\n", subsection, prev)
		prev = at
	}
	return fmt.Appendf(b, "startxref\n%d\n%%%%EOF\n", prev)
}

// A small file must not cost much, however it is made: most of these took
// minutes, or gigabytes, before a file had a budget.
func TestASmallFileCostsLittle(t *testing.T) {
	repeat := func(n int, format string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, format, i+10)
		}
		return b.String()
	}
	page := "<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>"
	small := map[int]string{1: "<</Pages 2 0 R>>", 2: "<</Kids[3 0 R]>>", 3: page}
	with := func(extra map[int]string) []byte {
		all := map[int]string{}
		for _, m := range []map[int]string{small, extra} {
			maps.Copy(all, m)
		}
		return tabled(all)
	}
	fan := map[int]string{1: "<</Pages 2 0 R>>", 2: "<</Kids 4 0 R>>", 3: page}
	for i := range 3000 {
		fan[10+i] = "<</Kids 4 0 R>>"
	}
	fan[4] = "[" + repeat(3000, "%d 0 R ") + "3 0 R]"
	fields := map[int]string{1: "<</Pages 2 0 R/AcroForm<</Fields 4 0 R>>>>", 2: "<</Kids[3 0 R]>>", 3: page, 4: "[" + repeat(3000, "%d 0 R ") + "]"}
	for i := range 3000 {
		fields[10+i] = "<</FT/Sig/T 5 0 R/Kids 4 0 R>>"
	}
	fields[5] = "(" + strings.Repeat("x", 1<<20) + ")"
	bomb, rows := deflated(make([]byte, 80<<20)), deflated(make([]byte, 20<<20))
	for name, b := range map[string][]byte{
		"pages that are their own kids, twice": tabled(map[int]string{
			1: "<</Pages 2 0 R>>", 2: "<</Kids 4 0 R>>", 4: "[<</Kids 4 0 R>><</Kids 4 0 R>>]",
		}),
		"pages that are their own kids, behind a page": tabled(map[int]string{
			1: "<</Pages 2 0 R>>", 2: "<</Kids[3 0 R 4 0 R]>>", 3: page, 4: "<</Kids 5 0 R>>", 5: "[<</Kids 5 0 R>><</Kids 5 0 R>>]",
		}),
		"pages that all have the same kids":                 tabled(fan),
		"fields that all have the same kids and long names": tabled(fields),
		"trailers within trailers":                          []byte("%PDF-1.7\n1 0 obj<</Pages 2 0 R>>endobj 2 0 obj<<>>endobj " + strings.Repeat("trailer(", 60000)),
		"objects within objects, without a table":           []byte("%PDF-1.7\n" + repeat(60000, "%d 0 obj(")),
		"objects within objects, in a list of pages": func() []byte {
			var b, rows bytes.Buffer
			b.WriteString("%PDF-1.7\n1 0 obj<</Pages 2 0 R>>endobj\n")
			two := b.Len()
			b.WriteString("2 0 obj<</Kids[3 0 R " + repeat(20000, "%d 0 R ") + "]>>endobj\n")
			three := b.Len()
			fmt.Fprintf(&b, "3 0 obj%sendobj\n", page)
			fmt.Fprintf(&rows, "xref\n0 4\n0000000000 65535 f\r\n0000000009 00000 n\r\n%010d 00000 n\r\n%010d 00000 n\r\n10 20000\n", two, three)
			for i := range 20000 {
				fmt.Fprintf(&rows, "%010d 00000 n\r\n", b.Len())
				fmt.Fprintf(&b, "%d 0 obj(", i+10)
			}
			b.WriteString(strings.Repeat(")", 20000))
			at := b.Len()
			fmt.Fprintf(&b, "\n%strailer<</Root 1 0 R/Size 20010>>\nstartxref\n%d\n%%%%EOF\n", rows.Bytes(), at+1)
			return b.Bytes()
		}(),
		"a cross-reference stream of many rows": fmt.Appendf(nil,
			"%%PDF-1.7\n5 0 obj<</Type/XRef/W[0 0 1]/Index[0 1000000000]/Size 9/Root 1 0 R/Filter/FlateDecode/Length %d>>stream\n%s\nendstream endobj\nstartxref\n9\n%%%%EOF\n", len(rows), rows),
		"cross-reference streams that all have the same data": func() []byte {
			var b bytes.Buffer
			b.WriteString("%PDF-1.7\n")
			const n, body = 2000, 2 << 20
			prev := 0
			for range n {
				at := b.Len()
				fmt.Fprintf(&b, "5 0 obj<</Type/XRef/W[1 1 1]/Index[0 1]/Root 1 0 R/Prev %d/Length %d>>stream\n", prev, body)
				prev = at
			}
			b.WriteString(strings.Repeat(" ", body))
			fmt.Fprintf(&b, "\nendstream\nstartxref\n%d\n%%%%EOF\n", prev)
			return b.Bytes()
		}(),
		"a stream deflated twice": with(map[int]string{
			10: fmt.Sprintf("<</Type/ObjStm/N 1/First 5/Filter[/FlateDecode/FlateDecode]>>stream\n%s\nendstream", deflated([]byte(bomb))),
		}),
		"object streams that need each other":       chainOfStreams(20000),
		"object streams that are too large to keep": largeStreams(150),
		"revisions without end":                     revisions(15000, 15000, "0 0"),
		"streams without an end":                    with(map[int]string{10: "[" + strings.Repeat("1 ", 1<<20) + "]\n" + repeat(2900, "%d 0 obj<<>>stream\n")}),
		"tables that promise many rows":             revisions(15000, 10, "0 999999"),
		"keys that stand twice": with(map[int]string{
			10: "<<" + repeat(100_000, "/k%d()") + strings.Repeat("/k10()", 100_000) + ">>",
		}),
		"numbers without end": with(map[int]string{10: "[" + strings.Repeat("1 ", 1<<20) + "]"}),
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := time.Now()
			f, err := pdf.Open(bytes.NewReader(b), int64(len(b)))
			if err == nil {
				t.Log(len(f.Pages()), "pages,", len(f.SignatureFields()), "fields")
				for n := range 3000 {
					if s, ok := f.Resolve(pdf.Ref{Number: n}).(*pdf.Stream); ok {
						_, err = f.StreamData(s)
					}
				}
			}
			took := time.Since(start)
			runtime.ReadMemStats(&after)
			used := (after.TotalAlloc - before.TotalAlloc) >> 20
			t.Logf("%d kB: %s, %d MB, %v", len(b)>>10, took, used, err)
			if took > 30*time.Second || used > 2048 {
				t.Errorf("%d kB took %s and %d MB", len(b)>>10, took, used)
			}
		})
	}
}
