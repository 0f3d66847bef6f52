package evidence_test

import (
	"bytes"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"kyso/signer/internal/evidence"
	"kyso/signer/internal/pdf"
	"kyso/signer/signertest"
	"kyso/signer/verify"
)

// growing is a file that revisions are added to.
type growing struct {
	tb     testing.TB
	b      []byte
	fields pdf.Array
	signed int
	length pdf.Ref // of the stream that text sets
}

func newGrowing(tb testing.TB) *growing {
	tb.Helper()
	return &growing{tb: tb, b: signertest.Paper{}.Bytes()}
}

func (g *growing) open() *pdf.File {
	g.tb.Helper()
	f, err := pdf.Open(bytes.NewReader(g.b), int64(len(g.b)))
	if err != nil {
		g.tb.Fatal(err)
	}
	return f
}

// revise adds a revision.
func (g *growing) revise(change func(f *pdf.File, u *pdf.Update)) {
	g.tb.Helper()
	f := g.open()
	u := f.Update()
	change(f, u)
	more, err := u.Bytes()
	if err != nil {
		g.tb.Fatal(err)
	}
	g.b = append(g.b, more...)
}

// sign adds a revision with a signature that is seen on the first page. Its value
// is no CMS structure; what it covers is right.
func (g *growing) sign() {
	g.tb.Helper()
	size := len(g.b)
	g.signed++
	g.revise(func(f *pdf.File, u *pdf.Update) {
		value := &pdf.Placeholder{Text: []byte("<</Type/Sig/SubFilter/ETSI.CAdES.detached/ByteRange[0 0000000001 0000000002 0000000003]/Contents <00FF>>>")}
		page := f.Pages()[0]
		field := u.Add(pdf.NewDict("Type", pdf.Name("Annot"), "Subtype", pdf.Name("Widget"), "FT", pdf.Name("Sig"),
			"T", pdf.NewText("S"+strconv.Itoa(g.signed)), "V", u.Add(value), "P", page.Ref,
			"Rect", pdf.Array{pdf.Int(10), pdf.Int(10), pdf.Int(50), pdf.Int(20)}))
		g.fields = append(g.fields, field)
		root := f.Catalog().Clone()
		root.Set("AcroForm", pdf.NewDict("Fields", g.fields, "SigFlags", pdf.Int(3)))
		u.Set(f.CatalogRef(), root)
		d := page.Dict.Clone()
		d.Set("Annots", append(slices.Clip(f.Array(d.Get("Annots"))), field))
		u.Set(page.Ref, d)
	})
	at := size + bytes.LastIndex(g.b[size:], []byte("<00FF>"))
	g.b = bytes.Replace(g.b, []byte("0000000001 0000000002 0000000003"),
		fmt.Appendf(nil, "%010d %010d %010d", at, at+6, len(g.b)-at-6), 1)
}

func (g *growing) signs(n int) {
	g.tb.Helper()
	for range n {
		g.sign()
	}
}

// unlist takes a signature out of the form and off its page.
func (g *growing) unlist(i int) {
	g.tb.Helper()
	g.revise(func(f *pdf.File, u *pdf.Update) {
		gone := g.fields[i]
		g.fields = slices.Delete(slices.Clone(g.fields), i, i+1)
		root := f.Catalog().Clone()
		root.Set("AcroForm", pdf.NewDict("Fields", g.fields, "SigFlags", pdf.Int(3)))
		u.Set(f.CatalogRef(), root)
		page := f.Pages()[0]
		d := page.Dict.Clone()
		d.Set("Annots", slices.DeleteFunc(slices.Clone(f.Array(d.Get("Annots"))), func(v any) bool { return v == gone }))
		u.Set(page.Ref, d)
	})
}

// text sets the content of the first page, whose length another object holds.
func (g *growing) text(dict, data string) {
	g.tb.Helper()
	g.revise(func(f *pdf.File, u *pdf.Update) {
		g.length = u.Add(pdf.Int(int64(len(data))))
		page := f.Pages()[0]
		d := page.Dict.Clone()
		d.Set("Contents", u.Add(&pdf.Placeholder{
			Text: []byte(strings.Replace(dict, "4 0 R", g.length.String(), 1) + "\nstream\n" + data + "\nendstream"),
		}))
		u.Set(page.Ref, d)
	})
}

// repack writes an object stream again, with a word in it changed.
func (g *growing) repack(number int, old, now string) {
	g.tb.Helper()
	g.revise(func(f *pdf.File, u *pdf.Update) {
		v, err := f.Load(number)
		stream, ok := v.(*pdf.Stream)
		if err != nil || !ok {
			g.tb.Fatal(err)
		}
		data, err := f.StreamData(stream)
		if err != nil || !bytes.Contains(data, []byte(old)) {
			g.tb.Fatalf("no %s in %q: %v", old, data, err)
		}
		u.Set(stream.Ref, &pdf.NewStream{
			Dict: pdf.NewDict("Type", pdf.Name("ObjStm"), "N", stream.Dict.Get("N"), "First", stream.Dict.Get("First")),
			Data: bytes.ReplaceAll(data, []byte(old), []byte(now)),
		})
	})
}

// beyondEnd signs a revision in which an object begins that is complete only with
// the bytes of the next one.
func (g *growing) beyondEnd() {
	g.tb.Helper()
	g.revise(func(f *pdf.File, u *pdf.Update) {
		root := f.Catalog().Clone()
		root.Set("Open", u.Add(pdf.NewText("what stands here")))
		u.Set(f.CatalogRef(), root)
	})
	g.sign()
	// The row of the object is made to point to where the next revision will begin.
	open, _ := g.open().Catalog().Get("Open").(pdf.Ref)
	at := bytes.Index(g.b, fmt.Appendf(nil, "%d 0 obj", open.Number))
	row := fmt.Appendf(nil, "%010d 00000 n", at)
	if at < 0 || bytes.Count(g.b, row) != 1 {
		g.tb.Fatal("the row of the object is not found")
	}
	g.b = bytes.Replace(g.b, row, fmt.Appendf(nil, "%010d 00000 n", len(g.b)), 1)
	g.b = fmt.Appendf(g.b, "%d 0 obj\n(something else)\nendobj\n", open.Number)
	g.revise(func(_ *pdf.File, u *pdf.Update) { u.Add(pdf.NewText("end")) })
}

// pages adds pages, each with a content stream, resources and an annotation.
func (g *growing) pages(n int) {
	g.tb.Helper()
	g.revise(func(f *pdf.File, u *pdf.Update) {
		root, _ := f.Catalog().Get("Pages").(pdf.Ref)
		tree := f.Dict(root).Clone()
		kids := f.Array(tree.Get("Kids"))
		for i := range n {
			ref := u.New()
			note := u.Add(pdf.NewDict("Type", pdf.Name("Annot"), "Subtype", pdf.Name("Text"), "P", ref,
				"Rect", pdf.Array{pdf.Int(10), pdf.Int(10), pdf.Int(50), pdf.Int(20)}, "Contents", pdf.NewText("note "+strconv.Itoa(i))))
			content := u.Add(&pdf.NewStream{Dict: pdf.NewDict(), Data: []byte("BT ET")})
			font := u.Add(pdf.NewDict("Type", pdf.Name("Font"), "BaseFont", pdf.Name("Times"), "Subtype", pdf.Name("Type1")))
			u.Set(ref, pdf.NewDict("Type", pdf.Name("Page"), "Parent", root, "MediaBox", pdf.Array{pdf.Int(0), pdf.Int(0), pdf.Int(595), pdf.Int(842)},
				"Contents", content, "Annots", pdf.Array{note}, "Resources", pdf.NewDict("Font", pdf.NewDict("F1", font))))
			kids = append(slices.Clip(kids), ref)
		}
		tree.Set("Kids", kids)
		tree.Set("Count", pdf.Int(int64(len(kids))))
		u.Set(root, tree)
	})
}

// rings adds objects that all lead to one another and to the catalog, which every
// signature touches: nothing can be left out by what it leads to.
func (g *growing) rings(n int) {
	g.tb.Helper()
	g.revise(func(f *pdf.File, u *pdf.Update) {
		refs := make([]pdf.Ref, n)
		for i := range refs {
			refs[i] = u.New()
		}
		for i, ref := range refs {
			u.Set(ref, pdf.NewDict("Next", refs[(i+1)%n], "Over", refs[(i*7)%n], "Title", pdf.NewText("item"), "Root", f.CatalogRef()))
		}
		root := f.Catalog().Clone()
		root.Set("Ring", refs[0])
		u.Set(f.CatalogRef(), root)
	})
}

func (g *growing) gather() verify.Evidence {
	g.tb.Helper()
	got, err := evidence.Gather(g.tb.Context(), bytes.NewReader(g.b), int64(len(g.b)), time.Now(), evidence.Sources{StructureOnly: true})
	if err != nil {
		g.tb.Fatal(err)
	}
	return got
}

// BenchmarkManyRevisions measures 20,000 objects under 50 signatures.
func BenchmarkManyRevisions(b *testing.B) {
	const signatures = 50
	for name, fill := range map[string]func(*growing){
		"pages": func(g *growing) { g.pages(5_000) },
		"rings": func(g *growing) { g.rings(20_000) },
	} {
		b.Run(name, func(b *testing.B) {
			g := newGrowing(b)
			fill(g)
			for range signatures {
				g.sign()
			}
			b.ResetTimer()
			for range b.N {
				done := make(chan struct{})
				peak := make(chan uint64)
				go watch(done, peak)
				got := g.gather()
				close(done)
				b.ReportMetric(float64(<-peak)/(1<<20), "MiB-heap")
				b.ReportMetric(float64(len(g.b))/(1<<20), "MiB-file")
				if len(got.Signatures) != signatures {
					b.Fatalf("%d signatures", len(got.Signatures))
				}
			}
		})
	}
}

// watch finds the most that the heap held.
func watch(done <-chan struct{}, peak chan<- uint64) {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	base, most := m.HeapAlloc, uint64(0)
	for {
		select {
		case <-done:
			peak <- most - min(most, base)
			return
		case <-time.After(20 * time.Millisecond):
			runtime.ReadMemStats(&m)
			most = max(most, m.HeapAlloc)
		}
	}
}
