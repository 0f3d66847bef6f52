package pdf_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"kyso/signer/internal/pdf"
)

// big writes a PDF piece by piece; holes cost no space on the disk.
type big struct {
	f    *os.File
	at   int64
	rows map[int][2]int64 // offset and kind of the object: 1 itself, 2 packed
	err  error
}

func newBig(tb testing.TB) *big {
	tb.Helper()
	f, err := os.Create(filepath.Join(tb.TempDir(), "big.pdf"))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = f.Close() })
	b := &big{f: f, rows: map[int][2]int64{}}
	b.write("%s", "%PDF-1.7\n%\xE2\xE3\xCF\xD3\n")
	return b
}

func (b *big) write(format string, a ...any) {
	n, err := b.f.WriteAt(fmt.Appendf(nil, format, a...), b.at)
	if b.at += int64(n); b.err == nil {
		b.err = err
	}
}

func (b *big) object(n int, body string) {
	b.rows[n] = [2]int64{b.at, 1}
	b.write("%d 0 obj\n%s\nendobj\n", n, body)
}

// page writes a catalog, a page and an information dictionary.
func (b *big) page() {
	b.object(1, "<</Type/Catalog/Pages 2 0 R>>")
	b.object(2, "<</Type/Pages/Count 1/Kids[3 0 R]>>")
	b.object(3, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>")
	b.object(4, "<</Title(one)>>")
}

// finish writes the section for objects 1 to n and gives the size.
func (b *big) finish(tb testing.TB, n int, stream bool) int64 {
	tb.Helper()
	at := b.at
	if !stream {
		var rows []byte
		for i := 1; i <= n; i++ {
			rows = fmt.Appendf(rows, "%010d 00000 n\r\n", b.rows[i][0])
		}
		b.write("xref\n0 %d\n0000000000 65535 f\r\n%strailer\n<</Size %d/Root 1 0 R/Info 4 0 R>>\n", n+1, rows, n+1)
	} else {
		b.rows[n+1] = [2]int64{at, 1}
		var rows bytes.Buffer
		for i := range n + 2 {
			r := b.rows[i]
			rows.Write([]byte{byte(r[1]), byte(r[0] >> 32), byte(r[0] >> 24), byte(r[0] >> 16), byte(r[0] >> 8), byte(r[0]), 0, 0})
		}
		z := deflated(rows.Bytes())
		b.write("%d 0 obj\n<</Type/XRef/W[1 5 2]/Size %d/Root 1 0 R/Info 4 0 R/Filter/FlateDecode/Length %d>>\nstream\n", n+1, n+2, len(z))
		b.write("%s", z)
		b.write("\nendstream\nendobj\n")
	}
	b.write("startxref\n%d\n%%%%EOF\n", at)
	if b.err != nil {
		tb.Fatal(b.err)
	}
	return b.at
}

func TestFilesBeyondFourGibibytesAreReadAndExtended(t *testing.T) {
	const beyondTable = 10_500_000_000
	for name, c := range map[string]struct {
		before, after int64 // holes before and after the objects
		stream        bool
		want          pdf.Kind
	}{
		"a table, five gibibytes":                      {before: 5 << 30, want: pdf.KindTable},
		"a stream, five gibibytes":                     {before: 5 << 30, stream: true, want: pdf.KindStream},
		"a table before what it cannot say":            {after: beyondTable, want: pdf.KindStream},
		"a stream, more than ten digits":               {before: beyondTable, stream: true, want: pdf.KindStream},
		"a stream, objects on both sides of four gibi": {after: 5 << 30, stream: true, want: pdf.KindStream},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBig(t)
			b.at += c.before
			b.page()
			b.at += c.after
			size := b.finish(t, 4, c.stream)
			for round, title := range []string{"one", "two", "three"} {
				f, err := pdf.Open(b.f, size)
				if err != nil {
					t.Fatal(err)
				}
				if f.Rebuilt() || titleOf(f) != title || len(f.Pages()) != 1 {
					t.Fatalf("rebuilt %t, title %q, want %q", f.Rebuilt(), titleOf(f), title)
				}
				revisions := f.Revisions()
				last := revisions[len(revisions)-1]
				if !last.Marked || last.End != size {
					t.Errorf("the end of the revision is not found: %+v", last)
				}
				if round > 0 && last.Kind != c.want {
					t.Errorf("the update has a %s, want a %s", last.Kind, c.want)
				}
				size += extend(t, b.f, f, []string{"two", "three", "four"}[round])
			}
			said, err := exec.CommandContext(t.Context(), "qpdf", "--show-object=4", b.f.Name()).CombinedOutput()
			if err != nil || !strings.Contains(string(said), "/Title (four)") {
				t.Errorf("qpdf: %v: %s", err, said)
			}
		})
	}
}

// extend appends an update with a title and gives its length.
func extend(t *testing.T, w io.WriterAt, f *pdf.File, title string) int64 {
	t.Helper()
	u := f.Update()
	u.Set(pdf.Ref{Number: 4}, pdf.NewDict("Title", pdf.NewText(title)))
	more, err := u.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.WriteAt(more, f.Size()); err != nil {
		t.Fatal(err)
	}
	return int64(len(more))
}

const manyObjects = 200_000

// many writes a file of 200,000 objects.
func many(tb testing.TB, stream bool) (*os.File, int64) {
	tb.Helper()
	b := newBig(tb)
	b.page()
	const body = "<</A[1 2 3]/B(text)>>" // plain appending: under the race detector this must be quick
	if !stream {
		var all []byte
		start := b.at
		for i := 5; i <= manyObjects; i++ {
			b.rows[i] = [2]int64{start + int64(len(all)), 1}
			all = append(append(strconv.AppendInt(all, int64(i), 10), " 0 obj"+body...), "endobj\n"...)
		}
		b.write("%s", all)
		return b.f, b.finish(tb, manyObjects, false)
	}
	const each = 200
	packs := (manyObjects - 5) / each
	bodies := strings.Repeat(body, each)
	for p := range packs {
		var index []byte
		for k := range each {
			n := 5 + packs + p*each + k
			b.rows[n] = [2]int64{int64(5 + p), 2}
			index = append(strconv.AppendInt(append(strconv.AppendInt(index, int64(n), 10), ' '), int64(k*len(body)), 10), ' ')
		}
		z := deflated(append(index, bodies...))
		b.object(5+p, fmt.Sprintf("<</Type/ObjStm/N %d/First %d/Filter/FlateDecode/Length %d>>\nstream\n%s\nendstream", each, len(index), len(z), z))
	}
	return b.f, b.finish(tb, 4+packs+packs*each, true)
}

func TestOpeningCostsLittleHoweverLargeTheFile(t *testing.T) {
	for name, write := range map[string]func() (*os.File, int64){
		"200,000 objects in a table":  func() (*os.File, int64) { return many(t, false) },
		"200,000 objects in streams":  func() (*os.File, int64) { return many(t, true) },
		"400 MB in one content":       func() (*os.File, int64) { return scan(t) },
		"ten thousand pages in a row": func() (*os.File, int64) { return pages(t, 10_000) },
	} {
		t.Run(name, func(t *testing.T) {
			file, size := write()
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			f, err := pdf.Open(file, size)
			if err != nil {
				t.Fatal(err)
			}
			n := len(f.Pages())
			f.SignatureFields()
			runtime.ReadMemStats(&after)
			if f.Rebuilt() || n == 0 {
				t.Fatalf("rebuilt %t, %d pages", f.Rebuilt(), n)
			}
			const limit = 24 << 20
			if got := after.TotalAlloc - before.TotalAlloc; got > limit {
				t.Errorf("it took %d MB, want at most %d", got>>20, limit>>20)
			}
		})
	}
}

// scan writes a page with a content of 400 MB.
func scan(tb testing.TB) (*os.File, int64) {
	tb.Helper()
	const length = 400 << 20
	b := newBig(tb)
	b.page()
	b.rows[5] = [2]int64{b.at, 1}
	b.write("5 0 obj\n<</Length %d>>\nstream\n", length)
	b.at += length
	b.write("\nendstream\nendobj\n")
	return b.f, b.finish(tb, 5, false)
}

// pages writes a file whose page tree is one array.
func pages(tb testing.TB, n int) (*os.File, int64) {
	tb.Helper()
	b := newBig(tb)
	var kids strings.Builder
	for i := range n {
		b.object(5+i, "<</Type/Page/Parent 2 0 R/Contents 3 0 R/Annots[]>>")
		fmt.Fprintf(&kids, "%d 0 R ", 5+i)
	}
	b.object(1, "<</Type/Catalog/Pages 2 0 R>>")
	b.object(2, fmt.Sprintf("<</Type/Pages/Count %d/MediaBox[0 0 595 842]/Kids[%s]>>", n, kids.String()))
	b.object(3, "<</Length 0>>\nstream\n\nendstream")
	b.object(4, "<</Title(many)>>")
	return b.f, b.finish(tb, 4+n, false)
}

func BenchmarkOpen(b *testing.B) {
	for name, stream := range map[string]bool{"table": false, "stream": true} {
		b.Run(name, func(b *testing.B) {
			file, size := many(b, stream)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := pdf.Open(file, size); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkPages(b *testing.B) {
	for _, n := range []int{10_000, 40_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			file, size := pages(b, n)
			b.ReportAllocs()
			for b.Loop() {
				f, err := pdf.Open(file, size)
				if err != nil || len(f.Pages()) != n {
					b.Fatal(err)
				}
			}
		})
	}
}
