package pdf_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"kyso/signer/internal/pdf"
	"kyso/signer/signertest"
	"kyso/signer/signertest/seeds"
)

// FuzzTokens reads a value, writes it and reads it again: the same value, to
// its last byte, also when every string is written anew. What is written is
// bounded by what was read.
func FuzzTokens(f *testing.F) {
	for _, s := range []string{
		"<</A/B#20C/D(x\\(y\\)\\053)/E<0aF>/F[1 -2.5 true null 3 0 R]>>", "(a\\\r\nb)", "[[[]]]", "/#00#zz", "<</K>>", "+-3.", "<< /A 1 /A 2 >>", "<</Kd>", "]",
		"(\\0(\r)\\53\\\r\n)", "<</A[1 0 R 2 0 Rx 00000000001 0 R]/B%c\n<</C/D>>", "[<</A]>>", "(\xFE\xFF\x01\x02)", "1 0 R", "endobj",
	} {
		f.Add([]byte(s))
	}
	for _, b := range seeds.Corpus(f, seeds.Value, 4<<10) {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 16<<10 {
			t.Skip("too long to be quick")
		}
		first, taken, err := pdf.ReadValue(b)
		if taken > int64(len(b)) || err == nil && taken <= 0 {
			t.Fatalf("%d of %d bytes were taken", taken, len(b))
		}
		for how, v := range map[string]any{"as they were": first, "anew": fresh(first)} {
			written, err := pdf.WriteValue(v)
			if err != nil {
				t.Fatal(err)
			}
			// A byte of a name takes three, one of a string two; a key without a value gets a null.
			if len(written) > 8*len(b)+64 {
				t.Errorf("%d bytes became %d", len(b), len(written))
			}
			second, taken, err := pdf.ReadValue(written)
			if err != nil {
				t.Fatalf("%q cannot be read again: %v", written, err)
			}
			if rest := bytes.TrimSpace(written[taken:]); len(rest) > 0 {
				t.Errorf("%q was not read of %q", rest, written)
			}
			if !pdf.Equal(first, second) {
				t.Errorf("read %#v, with strings %s read %#v from %q", first, how, second, written)
			}
		}
	})
}

// fresh is v with strings that do not remember how they were written.
func fresh(v any) any {
	switch t := v.(type) {
	case pdf.String:
		return pdf.NewString(t.Bytes())
	case pdf.Array:
		out := pdf.Array{}
		for _, x := range t {
			out = append(out, fresh(x))
		}
		return out
	case *pdf.Dict:
		out := pdf.NewDict()
		for _, k := range t.Keys() {
			out.Set(k, fresh(t.Get(k)))
		}
		return out
	}
	return v
}

// papers are small documents of all shapes.
func papers() [][]byte {
	var out [][]byte
	for _, p := range []signertest.Paper{
		{},
		{Stream: true},
		{Form: true},
		{Stream: true, EmptyField: "S"},
		{Junk: "junk\n"},
		{Pages: []signertest.PaperPage{{Rotate: 90, Crop: [4]float64{1, 2, 3, 4}}, {}}},
	} {
		out = append(out, p.Bytes())
	}
	return out
}

// FuzzXRef reads a file, with another cross-reference section behind it when
// one is given. What can be opened keeps all of its objects when an update is
// added: the update opens, its own object is there, every old one is the same,
// in the newest revision and in the one before.
func FuzzXRef(f *testing.F) {
	for _, b := range papers() {
		f.Add(b, []byte(nil))
		f.Add(bytes.Replace(b, []byte("startxref"), []byte("startxxxx"), 1), []byte(nil))
	}
	f.Add([]byte("\n1 0 obj<</Type/Catalog///Pages 2 0 R\n4 0 obj<</Type/ObjStm/N 2/Filter/FlateDecode/First 9>>stream\n"+
		"x\x9c3R0P0V01R\xb0\xb1\xd1\x0fU\xd0"), []byte(nil))
	for _, end := range []string{"8 0 obj<</A/B/R<urc", "8 0 obj<</A/B/R(urc", "8 0 obj<</A/B", "8 0 obj<<>>stream", "8 0 obj<</"} {
		f.Add([]byte("%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Kids[3 0 R]>>endobj\n3 0 obj<<>>endobj\n"+end), []byte(nil))
	}
	base := signertest.Paper{Form: true}.Bytes()
	for _, s := range []string{
		"xref\n0 1\n0000000000 65535 f\r\n3 1\n0000000015 00000 n\r\ntrailer<</Root 1 0 R/Size 9/Prev %d>>",
		"9 0 obj<</Type/XRef/W[1 2 1]/Index[0 1 9 1]/Size 10/Root 1 0 R/Prev %d/Length 8>>stream\n\x00\x00\x00\xff\x01\x02\x00\x00\nendstream endobj",
		"xref\n0 0\ntrailer<</Root 1 0 R/Size 9/Prev %d/XRefStm %[1]d>>",
	} {
		f.Add(base, fmt.Appendf(nil, s, bytes.LastIndex(base, []byte("xref\n0"))))
	}
	for _, b := range seeds.Corpus(f, seeds.File, 12<<10) {
		f.Add(b, []byte(nil))
	}
	for _, kind := range []seeds.Kind{seeds.Table, seeds.XRefStream} {
		for _, b := range seeds.Corpus(f, kind, 4<<10) {
			if kind == seeds.XRefStream {
				b = fmt.Appendf(nil, "99 0 obj %sendstream endobj", b)
			}
			f.Add(base, b)
		}
	}
	f.Fuzz(func(t *testing.T, file, section []byte) {
		if len(file)+len(section) > 64<<10 {
			t.Skip("too long to be quick")
		}
		if len(section) > 0 {
			at := len(file) + 1
			file = fmt.Appendf(bytes.Clone(file), "\n%s\nstartxref\n%d\n%%%%EOF\n", section, at)
		}
		updatesLoseNothing(t, file)
	})
}

// updatesLoseNothing is what FuzzXRef holds against a file.
func updatesLoseNothing(t *testing.T, b []byte) {
	t.Helper()
	file, err := pdf.Open(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return
	}
	u := file.Update()
	added := u.Add(pdf.NewText("đã ký"))
	more, err := u.Bytes()
	if err != nil {
		return
	}
	all := append(bytes.Clone(b), more...)
	again, err := pdf.Open(bytes.NewReader(all), int64(len(all)))
	if err != nil {
		t.Fatalf("the update cannot be opened: %v", err)
	}
	if got := again.Text(added); got != "đã ký" {
		t.Errorf("the new object is %q", got)
	}
	if got, want := len(again.Pages()), len(file.Pages()); got != want {
		t.Errorf("%d pages, want %d", got, want)
	}
	if got, want := len(again.SignatureFields()), len(file.SignatureFields()); got != want {
		t.Errorf("%d signature fields, want %d", got, want)
	}
	before := again
	if n := len(again.Revisions()); !file.Rebuilt() && n > 1 {
		before = again.AsOf(n - 2)
	}
	for _, n := range numbers(file) {
		want := file.Resolve(pdf.Ref{Number: n})
		if want == nil && file.Rebuilt() {
			continue // the section of the update may be here
		}
		if held, ok := file.Resolve(pdf.Ref{Number: file.Holder(n)}).(*pdf.Stream); ok && file.StreamSpan(held).End == file.Size() {
			continue // its object stream is cut off by the end: what follows may complete it
		}
		s, stream := want.(*pdf.Stream)
		if stream && s.Offset == file.Size() {
			continue // the file ends with the keyword stream; a line end belongs to it
		}
		if got := again.Resolve(pdf.Ref{Number: n}); n != added.Number && !pdf.Equal(want, got) && !cutOff(file, b, n) {
			t.Errorf("object %d was %#v and is %#v", n, want, got)
		}
		if stream {
			streamsAreAlike(t, n, s, file, again)
		}
		if got := before.Resolve(pdf.Ref{Number: n}); before != again && !pdf.Equal(want, got) && !cutOff(file, b, n) {
			t.Errorf("object %d was %#v and is, in the revision before, %#v", n, want, got)
		}
	}
}

// cutOff reports an object in which a string is open at the end of the file. It
// goes on in the update; nothing that an update could begin with ends it surely.
func cutOff(file *pdf.File, b []byte, number int) bool {
	found := false
	for i := range file.Revisions() {
		file.Entries(i, func(n int, free, packed bool, offset int64) {
			if n != number || free || packed || offset < 0 || offset >= int64(len(b)) {
				return
			}
			_, value, _ := bytes.Cut(b[offset:], []byte("obj"))
			_, taken, err := pdf.ReadValue(value)
			found = found || err != nil && taken == int64(len(value))
		})
	}
	return found
}

// streamsAreAlike compares how a stream ends.
func streamsAreAlike(t *testing.T, n int, s *pdf.Stream, file, again *pdf.File) {
	t.Helper()
	if got, ok := again.Resolve(pdf.Ref{Number: n}).(*pdf.Stream); ok {
		// A few bytes before endstream may count or not, and be the update's own.
		a, b := file.StreamSpan(s), again.StreamSpan(got)
		if a.End == file.Size() && !file.Rebuilt() {
			return // nothing ends it, so that the rest of the file was taken
		}
		if a.Start != b.Start || b.End-a.End > 8 || a.End-b.End > 8 {
			t.Errorf("stream %d was %+v and is %+v", n, a, b)
		}
	}
}

// numbers are the first numbers that the revisions of a file name.
func numbers(file *pdf.File) []int {
	var out []int
	seen := map[int]bool{}
	for i := range file.Revisions() {
		if file.Rebuilt() {
			break
		}
		file.Entries(i, func(n int, _, _ bool, _ int64) {
			if len(out) < 300 && !seen[n] {
				seen[n] = true
				out = append(out, n)
			}
		})
	}
	for n := 0; file.Rebuilt() && n < 100; n++ {
		out = append(out, n)
	}
	return out
}

// FuzzObjectStream reads the objects of an object stream: in whatever order and
// by whatever index they are asked for, they are the same; the stream decodes
// to a bounded size; what an update writes of them is read as them.
func FuzzObjectStream(f *testing.F) {
	for _, s := range []string{
		"<</Type/ObjStm/N 3/First 16>>stream\n10 0 11 3 12 7  <<>>(a)[1 0 R]",
		"<</Type/ObjStm/N 2/First 12/Filter/ASCIIHexDecode>>stream\n31302030203131203320 2020 3C3C3E3E2861 29>",
		"<</Type/ObjStm/N 9/First 0/Extends 5 0 R>>stream\n10 0 10 3 11 99999999 12 -5",
		"<</Type/ObjStm/N 1/First 5/Filter[/FlateDecode/FlateDecode]/DecodeParms[null<</Predictor 12/Columns 4>>]>>stream\nx\x9c\x03\x00\x00\x00\x00\x01",
	} {
		f.Add([]byte(s))
	}
	for _, b := range seeds.Corpus(f, seeds.ObjectStream, 4<<10) {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		dict, data, ok := bytes.Cut(b, []byte("stream"))
		if !ok || len(b) > 8<<10 {
			t.Skip("no stream, or too long to be quick")
		}
		data = bytes.TrimPrefix(bytes.TrimLeft(data, "\r"), []byte("\n"))
		wanted := packedNumbers(string(dict), data)
		file := packed(dict, data, wanted)
		first := open(t, file)
		if s, ok := first.Resolve(pdf.Ref{Number: 5}).(*pdf.Stream); ok {
			if got, err := first.StreamData(s); err == nil && len(got) > 2048*(len(b)+64) {
				t.Errorf("%d bytes became %d", len(b), len(got))
			}
		}
		backwards := open(t, file)
		u := first.Update()
		copies := map[int]pdf.Ref{}
		for i := range wanted {
			n := wanted[len(wanted)-1-i]
			_, _ = backwards.Load(n)
		}
		for _, n := range wanted {
			v, err := first.Load(n)
			w, err2 := backwards.Load(n)
			if (err == nil) != (err2 == nil) || err == nil && !pdf.Equal(v, w) {
				t.Errorf("object %d is %#v, %v, and loaded backwards %#v, %v", n, v, err, w, err2)
			}
			if _, stream := v.(*pdf.Stream); err == nil && !stream {
				copies[n] = u.Add(v)
			}
		}
		more, err := u.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		again := open(t, append(file, more...))
		for n, r := range copies {
			want, _ := first.Load(n)
			if got, err := again.Load(r.Number); err != nil || !pdf.Equal(want, got) {
				t.Errorf("object %d was %#v and its copy %#v, %v", n, want, got, err)
			}
		}
	})
}

// packedNumbers are numbers that an object stream may hold: the first words of
// its data, when they are no longer than the numbers of a small file.
func packedNumbers(dict string, data []byte) []int {
	out := []int{10, 11, 12}
	if strings.Contains(dict, "Filter") {
		for n := 13; n < 40; n++ {
			out = append(out, n)
		}
	}
	for w := range strings.FieldsSeq(string(data[:min(len(data), 200)])) {
		n := 0
		if _, err := fmt.Sscanf(w, "%d", &n); err == nil && n > 12 && n < 2000 && len(out) < 50 {
			out = append(out, n)
		}
	}
	return out
}

// packed is a file whose object 5 is a stream that holds the numbers, says its table.
func packed(dict, data []byte, numbers []int) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n")
	tree := b.Len()
	b.WriteString("2 0 obj<</Type/Pages/Count 1/Kids[3 0 R]>>endobj\n")
	page := b.Len()
	b.WriteString("3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj\n")
	stream := b.Len()
	fmt.Fprintf(&b, "5 0 obj%sstream\n%s\nendstream endobj\n", dict, data)
	at := b.Len()
	rows := fmt.Sprintf("01000009 0000 01%06X 0000 01%06X 0000 01%06X 0000 ", tree, page, stream)
	index := "1 3 5 1"
	for i, n := range numbers {
		rows += fmt.Sprintf("02000005%04X ", i)
		index += fmt.Sprintf(" %d 1", n)
	}
	fmt.Fprintf(&b, "6 0 obj<</Type/XRef/W[1 3 2]/Index[%s]/Size 2001/Root 1 0 R/Filter/ASCIIHexDecode/Length %d>>stream\n%s>\nendstream endobj\n",
		index, len(rows)+1, rows)
	fmt.Fprintf(&b, "startxref\n%d\n%%%%EOF\n", at)
	return b.Bytes()
}
