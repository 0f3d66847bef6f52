package pdf_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kyso/signer/internal/pdf"
	"kyso/signer/signertest"
)

func open(t *testing.T, b []byte) *pdf.File {
	t.Helper()
	f, err := pdf.Open(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// appended is b with an update that sets values.
func appended(t *testing.T, b []byte, set map[pdf.Ref]any) []byte {
	t.Helper()
	u := open(t, b).Update()
	for r, v := range set {
		u.Set(r, v)
	}
	more, err := u.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return append(bytes.Clone(b), more...)
}

func TestAnOlderRevisionIsReadAsItWas(t *testing.T) {
	for name, paper := range map[string]signertest.Paper{"a table": {}, "a stream": {Stream: true}, "with junk": {Junk: "x\n"}} {
		t.Run(name, func(t *testing.T) {
			one := paper.Bytes()
			info := pdf.Ref{Number: 3}
			two := appended(t, one, map[pdf.Ref]any{info: pdf.NewDict("Title", pdf.NewText("two"))})
			three := appended(t, two, map[pdf.Ref]any{info: pdf.NewDict("Title", pdf.NewText("three"))})
			f := open(t, three)
			var ends []int64
			for _, r := range f.Revisions() {
				ends = append(ends, r.End)
				if !r.Marked {
					t.Errorf("the end of the revision at %d is not found", r.XRef)
				}
			}
			if diff := cmp.Diff([]int64{int64(len(one)), int64(len(two)), int64(len(three))}, ends); diff != "" {
				t.Errorf("ends of the revisions (-want +got):\n%s", diff)
			}
			for i, want := range []string{"Mẫu", "two", "three"} {
				old := f.AsOf(i)
				if got := titleOf(old); !strings.Contains(got, want) && i > 0 || got == "" {
					t.Errorf("revision %d has the title %q, want %q", i, got, want)
				}
				if len(old.Pages()) != 1 {
					t.Errorf("revision %d has %d pages", i, len(old.Pages()))
				}
			}
		})
	}
}

func titleOf(f *pdf.File) string { return f.Text(f.Dict(f.Trailer().Get("Info")).Get("Title")) }

func TestAnUpdateKeepsTheKindOfSectionAndTheNumbers(t *testing.T) {
	for want, paper := range map[pdf.Kind]signertest.Paper{pdf.KindTable: {}, pdf.KindStream: {Stream: true}} {
		b := paper.Bytes()
		before := open(t, b)
		root := before.Catalog().Clone()
		root.Set("Lang", pdf.NewText("vi"))
		f := open(t, appended(t, b, map[pdf.Ref]any{before.CatalogRef(): root}))
		revisions := f.Revisions()
		if got := revisions[len(revisions)-1].Kind; got != want {
			t.Errorf("the update has a %s, want a %s", got, want)
		}
		if f.CatalogRef() != before.CatalogRef() {
			t.Errorf("the catalog became %s", f.CatalogRef())
		}
		for _, k := range []string{"Info", "ID"} {
			if !pdf.Equal(before.Trailer().Get(k), f.Trailer().Get(k)) {
				t.Errorf("/%s changed", k)
			}
		}
		if f.Text(f.Catalog().Get("Lang")) != "vi" {
			t.Error("the change is not there")
		}
	}
}

func TestADamagedFileIsScannedUnlessItIsSigned(t *testing.T) {
	paper := signertest.Paper{Stream: true, Form: true}
	broken := bytes.Replace(paper.Bytes(), []byte("startxref\n"), []byte("startxref\n9"), 1)
	f := open(t, broken)
	if !f.Rebuilt() || len(f.Pages()) != 1 || titleOf(f) == "" {
		t.Errorf("the scan found %d pages, title %q", len(f.Pages()), titleOf(f))
	}
	whole := appended(t, broken, map[pdf.Ref]any{{Number: 3}: pdf.NewDict("Title", pdf.NewText("new"))})
	if g := open(t, whole); g.Rebuilt() || titleOf(g) != "new" {
		t.Error("the update of a scanned file does not carry a whole section")
	}
	signed := append(bytes.Clone(broken), "\n% /ByteRange [0 1 2 3]\n"...)
	if _, err := pdf.Open(bytes.NewReader(signed), int64(len(signed))); !errors.Is(err, pdf.ErrDamaged) {
		t.Errorf("a damaged signed file: %v, want ErrDamaged", err)
	}
}

func TestShownCoordinatesSurviveTheWayBack(t *testing.T) {
	for _, rotate := range []int{0, 90, 180, 270} {
		p := pdf.Page{Crop: pdf.Box{X0: 20, Y0: 30, X1: 420, Y1: 330}, Rotate: rotate, Unit: 2}
		want := pdf.Box{X0: 10, Y0: 20, X1: 110, Y1: 60}
		if got := p.ToShown(p.FromShown(want)); got != want {
			t.Errorf("rotated by %d: %v, want %v", rotate, got, want)
		}
	}
}

func TestHostileFilesEndInAnError(t *testing.T) {
	deep := strings.Repeat("[", 1<<20)
	for name, text := range map[string]string{
		"nothing":               "",
		"no objects":            "%PDF-1.7\nstartxref\n0\n%%EOF",
		"a chain that bites":    "%PDF-1.7\nxref\n0 1\n0000000000 65535 f\r\ntrailer <</Root 1 0 R/Prev 9>>\nstartxref\n9\n%%EOF",
		"arrays without an end": "%PDF-1.7\n1 0 obj " + deep + "\nendobj\ntrailer <</Root 1 0 R>>\nstartxref\n9\n%%EOF",
		"a huge subsection":     "%PDF-1.7\nxref\n0 999999999\ntrailer <</Root 1 0 R>>\nstartxref\n9\n%%EOF",
		"a negative offset":     "%PDF-1.7\nstartxref\n-5\n%%EOF",
		"pages in a circle":     "%PDF-1.7\n1 0 obj<</Pages 2 0 R>>endobj 2 0 obj<</Kids[2 0 R 3 0 R]>>endobj trailer <</Root 1 0 R>>",
		"no header":             "1 0 obj<</Pages 2 0 R>>endobj 2 0 obj<</Type/Page>>endobj trailer <</Root 1 0 R>>",
		"an object in itself":   "%PDF-1.7\n1 0 obj 1 0 R endobj trailer <</Root 1 0 R>>",
	} {
		t.Run(name, func(t *testing.T) {
			f, err := pdf.Open(strings.NewReader(text), int64(len(text)))
			if !errors.Is(err, pdf.ErrDamaged) {
				t.Errorf("got %v, %v, want ErrDamaged", f, err)
			}
		})
	}
}

func TestASignatureIsFoundByItsPlaceInTheFile(t *testing.T) {
	b := signertest.Paper{EmptyField: "Chữ ký"}.Bytes()
	value := &pdf.Placeholder{Text: []byte("<</Type/Sig/ByteRange[0 1 2 3]/Contents <00FF>/M(D:2026)>>")}
	b = appended(t, b, map[pdf.Ref]any{{Number: 7}: pdf.NewDict("FT", pdf.Name("Sig"), "T", pdf.NewText("A"), "V", value)})
	f := open(t, b)
	fields := f.SignatureFields()
	if len(fields) != 1 || fields[0].Name != "A" || fields[0].Value == nil {
		t.Fatalf("fields: %+v", fields)
	}
	sig := f.Signature(fields[0].Value)
	if !sig.Placed || string(b[sig.Hex.Start:sig.Hex.End]) != "<00FF>" {
		t.Errorf("the place of /Contents: %+v", sig.Hex)
	}
	if diff := cmp.Diff([]int64{0, 1, 2, 3}, sig.ByteRange); diff != "" {
		t.Error(diff)
	}
}

func TestAnUpdateBeginsWhereTheSignedBytesEnd(t *testing.T) {
	base := signertest.Paper{EmptyField: "A"}.Bytes()
	for name, c := range map[string]struct {
		signed bool
		want   byte
	}{
		"signed to the end": {true, '3'}, "signed, but not to the end": {false, '\n'},
	} {
		t.Run(name, func(t *testing.T) {
			value := &pdf.Placeholder{Text: []byte("<</Type/Sig/ByteRange[0 1 2 000000]/Contents <00FF>>>")}
			b := appended(t, base, map[pdf.Ref]any{{Number: 7}: pdf.NewDict("FT", pdf.Name("Sig"), "T", pdf.NewText("A"), "V", value)})
			b = bytes.TrimRight(b, "\n")
			if c.signed {
				b = bytes.Replace(b, []byte("000000]"), fmt.Appendf(nil, "%06d]", len(b)-2), 1)
			}
			all := appended(t, b, map[pdf.Ref]any{{Number: 3}: pdf.NewDict("Title", pdf.NewText("next"))})
			if got := all[len(b)]; got != c.want {
				t.Errorf("the update begins with %q, want %q", got, c.want)
			}
			if f := open(t, all); f.Rebuilt() || titleOf(f) != "next" {
				t.Error("the update cannot be read")
			}
		})
	}
}

func TestOffsetsBeyondFourGigabytes(t *testing.T) {
	for name, paper := range map[string]signertest.Paper{"a table": {}, "a stream": {Stream: true}} {
		t.Run(name, func(t *testing.T) {
			b := paper.Bytes()
			far := &sparse{head: b, size: 5 << 30}
			tail := fmt.Sprintf("\nstartxref\n%d\n%%%%EOF\n", open(t, b).Revisions()[0].StartXRef)
			far.put(far.size, []byte(tail))
			f, err := pdf.Open(far, far.size)
			if err != nil {
				t.Fatal(err)
			}
			u := f.Update()
			u.Set(pdf.Ref{Number: 3}, pdf.NewDict("Title", pdf.NewText("far")))
			more, err := u.Bytes()
			if err != nil {
				t.Fatal(err)
			}
			far.put(far.size, more)
			g, err := pdf.Open(far, far.size)
			if err != nil {
				t.Fatal(err)
			}
			if g.Rebuilt() || titleOf(g) != "far" {
				t.Errorf("rebuilt %t, title %q", g.Rebuilt(), titleOf(g))
			}
		})
	}
}

// sparse is a large file of spaces with a head and written parts.
type sparse struct {
	head  []byte
	size  int64
	parts []part
}

type part struct {
	at int64
	b  []byte
}

func (s *sparse) put(at int64, b []byte) {
	s.parts = append(s.parts, part{at, b})
	s.size = max(s.size, at+int64(len(b)))
}

// ReadAt fills p with what is there.
func (s *sparse) ReadAt(p []byte, off int64) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	for _, x := range append([]part{{0, s.head}}, s.parts...) {
		from, to := max(off, x.at), min(off+int64(len(p)), x.at+int64(len(x.b)))
		if from < to {
			copy(p[from-off:to-off], x.b[from-x.at:])
		}
	}
	return len(p), nil
}

func TestANewObjectTakesNoNumberThatIsSpokenFor(t *testing.T) {
	stream := string(signertest.Paper{Stream: true}.Bytes())
	for name, text := range map[string]string{
		"a reference to nothing":               string(signertest.Paper{Catalog: "/Nothing 20 0 R"}.Bytes()),
		"a reference to nothing, packed":       string(signertest.Paper{Stream: true, Catalog: "/Nothing 20 0 R"}.Bytes()),
		"a stream that leaves itself out":      strings.Replace(stream, "/Size 12", "/Size 11", 1),
		"a reference beyond what readers take": string(signertest.Paper{Catalog: "/Nothing 999999999 0 R"}.Bytes()),
	} {
		t.Run(name, func(t *testing.T) {
			f := open(t, []byte(text))
			f.Pages()
			n := f.Update().New().Number
			if v, err := f.Load(n); v != nil || err != nil || n == 20 || n == 11 || n > 100 {
				t.Errorf("the new object is %d, which is %v, %v", n, v, err)
			}
		})
	}
}

func TestAHighGenerationIsWrittenWhole(t *testing.T) {
	for name, stream := range map[string]bool{"a table": false, "a stream": true} {
		t.Run(name, func(t *testing.T) {
			b := signertest.Paper{Stream: stream}.Bytes()
			const gen = 70000
			if stream { // a section of its own for object 9, the page's content
				at := len(b)
				b = append(b, fmt.Sprintf("9 %d obj (kept) endobj\n", gen)...)
				section := len(b)
				b = append(b, fmt.Sprintf("12 0 obj <</Type/XRef/W[1 3 3]/Index[9 1]/Size 13/Filter/ASCIIHexDecode/Length 15/Root 1 0 R/Prev %s>>\nstream\n01%06X%06X>\nendstream endobj\nstartxref\n%d\n%%%%EOF\n",
					prevOf(t, b[:at]), at, gen, section)...)
			} else {
				b = bytes.Replace(b, []byte("9 0 obj"), []byte("9 70000 obj"), 1)
				b = bytes.Replace(b, []byte(" 00000 n\r\ntrailer"), []byte(" 70000 n\r\ntrailer"), 1)
				b = shifted(t, b, 4)
			}
			set := map[pdf.Ref]any{{Number: 9}: pdf.NewText("new")}
			f := open(t, appended(t, appended(t, b, set), set))
			if f.Rebuilt() {
				t.Fatal("the file was scanned")
			}
			v, err := f.Load(9)
			if s, ok := v.(pdf.String); !ok || s.Text() != "new" {
				t.Fatalf("got %v, %v", v, err)
			}
			last := len(f.Revisions()) - 1
			f.Entries(last, func(number int, _, _ bool, offset int64) {
				head := make([]byte, 11)
				if _, err := f.ReaderAt().ReadAt(head, offset); number == 9 && (err != nil || string(head) != "9 70000 obj") {
					t.Errorf("the object begins with %q", head)
				}
			})
		})
	}
}

// prevOf is the offset after the last startxref.
func prevOf(t *testing.T, b []byte) string {
	t.Helper()
	_, after, found := strings.Cut(string(b[bytes.LastIndex(b, []byte("startxref")):]), "\n")
	offset, _, _ := strings.Cut(after, "\n")
	if !found {
		t.Fatal("no startxref")
	}
	return offset
}

// shifted moves the startxref of a file by n bytes.
func shifted(t *testing.T, b []byte, n int) []byte {
	t.Helper()
	was := prevOf(t, b)
	var at int
	if _, err := fmt.Sscan(was, &at); err != nil {
		t.Fatal(err)
	}
	return bytes.Replace(b, []byte("startxref\n"+was), fmt.Appendf(nil, "startxref\n%d", at+n), 1)
}

// The update of a file that the end cuts off in the middle of an object must
// not become a part of that object.
func TestWhatTheEndCutsOffDoesNotGoOnInTheUpdate(t *testing.T) {
	for name, c := range map[string]struct{ last, want string }{
		"a dictionary": {"8 0 obj<</", ""}, "an array": {"8 0 obj[1 2", ""}, "a stream": {"8 0 obj<<>>stream\nab", "ab\n"},
	} {
		t.Run(name, func(t *testing.T) {
			b := []byte("%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]>>endobj\n3 0 obj<</Type/Page>>endobj\n" + c.last)
			before := open(t, b)
			object := pdf.Ref{Number: 8}
			after := open(t, appended(t, b, map[pdf.Ref]any{{Number: 20}: &pdf.NewStream{Dict: pdf.NewDict(), Data: []byte("new")}}))
			if got, want := after.Resolve(object), before.Resolve(object); !pdf.Equal(got, want) {
				t.Errorf("it was %#v and is %#v", want, got)
			}
			if s, ok := after.Resolve(object).(*pdf.Stream); ok {
				if got, err := after.StreamData(s); err != nil || string(got) != c.want {
					t.Errorf("the stream is %q, %v, want %q", got, err, c.want)
				}
			}
		})
	}
}

func TestValuesThatAnUpdateCarriesAreWrittenAsTheyWere(t *testing.T) {
	written := []string{`595.000`, `+5`, `-.50`, `4.`, `007`, `(a\050b\)c)`, `(two\
lines)`, `<0aF>`, `<FEFF 1EA1>`, `(raw ` + "\x80\xFF" + `)`}
	for name, stream := range map[string]bool{"in the file itself": false, "in an object stream": true} {
		t.Run(name, func(t *testing.T) {
			catalog := ""
			for i, w := range written {
				catalog += fmt.Sprintf("/Key%d %s", i, w)
			}
			b := signertest.Paper{Stream: stream, Catalog: catalog}.Bytes()
			f := open(t, b)
			root := f.Catalog().Clone()
			root.Set("Lang", pdf.NewText("vi"))
			update := appended(t, b, map[pdf.Ref]any{f.CatalogRef(): root})[len(b):]
			for i, w := range written {
				if !bytes.Contains(update, fmt.Appendf(nil, "/Key%d %s", i, w)) {
					t.Errorf("%s is not in the update", w)
				}
			}
		})
	}
}

func TestAHexadecimalStringIsReadWhole(t *testing.T) {
	long := bytes.Repeat([]byte("0aF1"), 5000) // some windows
	whole, err := hex.DecodeString(string(long))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		in   string
		want []byte
	}{
		"nothing":                          {"<>", []byte{}},
		"pairs of digits":                  {"<0aF1>", []byte{0x0a, 0xf1}},
		"a last digit alone":               {"<0aF>", []byte{0x0a, 0xf0}},
		"white space":                      {"< 0 a\nF1 >", []byte{0x0a, 0xf1}},
		"what is no digit":                 {"<0ag(F1>", []byte{0x0a, 0xf1}},
		"digits beyond the window":         {"<" + string(long) + ">", whole},
		"a last digit beyond the window":   {"<" + string(long) + "7>", append(bytes.Clone(whole), 0x70)},
		"a line's end beyond the window":   {"<" + string(long) + "\r\n7f>", append(bytes.Clone(whole), 0x7f)},
		"no end":                           {"<0aF1", nil},
		"no end within the window":         {"<" + string(long), nil},
		"another value stands directly by": {"<0aF1><00>", []byte{0x0a, 0xf1}},
	} {
		t.Run(name, func(t *testing.T) {
			v, taken, err := pdf.ReadValue([]byte(c.in))
			if c.want == nil {
				if err == nil {
					t.Errorf("no error, but %v", v)
				}
				return
			}
			s, ok := v.(pdf.String)
			if err != nil || !ok || !bytes.Equal(s.Bytes(), c.want) {
				t.Fatalf("%v, %v", v, err)
			}
			if end := strings.IndexByte(c.in, '>') + 1; taken != int64(end) {
				t.Errorf("%d bytes taken, want %d", taken, end)
			}
			if written, err := pdf.WriteValue(v); err != nil || string(written) != c.in[:taken] {
				t.Errorf("written as %q, %v", written, err)
			}
		})
	}
}
