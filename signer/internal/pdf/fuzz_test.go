package pdf_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"kyso/signer/internal/pdf"
	"kyso/signer/signertest"
)

// FuzzOpen reads whatever it is given: no panic, and an update of what could be
// opened opens again, has the same pages and fields, and its own change.
func FuzzOpen(f *testing.F) {
	for _, p := range []signertest.Paper{
		{},
		{Stream: true},
		{Form: true},
		{Stream: true, EmptyField: "S"},
		{Junk: "junk\n"},
		{Pages: []signertest.PaperPage{{Rotate: 90, Crop: [4]float64{1, 2, 3, 4}}, {}}},
	} {
		f.Add(p.Bytes())
		f.Add(bytes.Replace(p.Bytes(), []byte("startxref"), []byte("startxxxx"), 1))
	}
	if folder := os.Getenv("KYSO_CORPUS"); folder != "" {
		files, err := filepath.Glob(filepath.Join(folder, "*", "*.pdf"))
		if err != nil || len(files) == 0 {
			f.Fatalf("KYSO_CORPUS has no files: %v", err)
		}
		for _, path := range files {
			if b, err := os.ReadFile(path); err == nil && len(b) < 10_000 {
				f.Add(b)
			}
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		file, err := pdf.Open(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			return
		}
		for i := range file.Revisions() {
			file.AsOf(i).SignatureFields()
			file.Entries(i, func(n int, _, _ bool, _ int64) {
				if s, ok := file.Resolve(pdf.Ref{Number: n}).(*pdf.Stream); ok {
					_, _ = file.StreamData(s) // must only come back
				}
			})
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
	})
}

// FuzzValue writes what was read and reads it again: the same value.
func FuzzValue(f *testing.F) {
	for _, s := range []string{
		"<</A/B#20C/D(x\\(y\\)\\053)/E<0aF>/F[1 -2.5 true null 3 0 R]>>", "(a\\\r\nb)", "[[[]]]", "/#00#zz", "<</K>>", "+-3.", "<< /A 1 /A 2 >>", "<</Kd>", "]",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		base := signertest.Paper{}.Bytes()
		read := func(b []byte) any { return open(t, b).Resolve(pdf.Ref{Number: 3}) }
		first := read(appended(t, base, map[pdf.Ref]any{{Number: 3}: &pdf.Placeholder{Text: []byte(s)}}))
		if _, ok := first.(*pdf.Stream); ok {
			return
		}
		second := read(appended(t, base, map[pdf.Ref]any{{Number: 3}: first}))
		if !pdf.Equal(first, second) {
			t.Errorf("read %#v, written and read %#v", first, second)
		}
	})
}
