package shadow_test

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"kyso/signer/internal/pdf"
	"kyso/signer/internal/shadow"
	"kyso/signer/signertest"
)

// looked are the codes of what is found in a document, but for its fonts.
func looked(t *testing.T, b []byte) []string {
	t.Helper()
	f, err := pdf.Open(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	found, err := shadow.Look(t.Context(), f)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, x := range found {
		if x.Code != shadow.CodeFontMissing {
			out = append(out, x.Code)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func TestPreparationsAreFound(t *testing.T) {
	text := "BT /F1 12 Tf 100 500 Td (Pay ten dong) Tj ET "
	form := func(s string) []byte { return signertest.Paper{EmptyField: "S)" + s + "/Z("}.Bytes() }
	for name, c := range map[string]struct {
		file []byte
		want []string
	}{
		"nothing":                         {signertest.Paper{Pages: []signertest.PaperPage{{Content: text}}}.Bytes(), nil},
		"layers that are off":             {signertest.Paper{Catalog: "/OCProperties<</D<</OFF[9 0 R]>>>>"}.Bytes(), []string{"hidden-layers"}},
		"layers that are off at first":    {signertest.Paper{Catalog: "/OCProperties<</D<</BaseState/OFF>>>>"}.Bytes(), []string{"hidden-layers"}},
		"a layer for paper only":          {signertest.Paper{Catalog: "/OCProperties<</OCGs[<</Usage<</View<</ViewState/OFF>>/Print<</PrintState/ON>>>>>>]/D<</AS[<<>>]>>>>"}.Bytes(), []string{"hidden-layers"}},
		"a script when a field is left":   {form("/AA<</Bl<</S/JavaScript/JS(x)>>>>"), []string{"javascript"}},
		"a program":                       {form("/A<</S/Launch/F(x.exe)>>"), []string{"launch-action"}},
		"another file":                    {form("/A<</S/GoToR/F(x.pdf)/D[0/Fit]>>"), []string{"external-references"}},
		"an address by itself":            {signertest.Paper{Catalog: "/OpenAction<</S/URI/URI(http://x)>>"}.Bytes(), []string{"external-references"}},
		"an address by a click":           {form("/A<</S/URI/URI(http://x)>>"), nil},
		"a file within":                   {signertest.Paper{Catalog: "/Names<</EmbeddedFiles<</Names[(a)<<>>]>>>>"}.Bytes(), []string{"embedded-files"}},
		"no file within":                  {signertest.Paper{Catalog: "/Names<</EmbeddedFiles<</Names[]>>>>"}.Bytes(), nil},
		"a form that can be filled":       {signertest.Paper{Form: true}.Bytes(), []string{"fillable-fields"}},
		"a form in XFA":                   {signertest.Paper{Catalog: "/AcroForm<</XFA()/Fields[]>>"}.Bytes(), []string{"xfa-form"}},
		"an area over text":               {signertest.Paper{Pages: []signertest.PaperPage{{Content: text + "1 g 90 490 300 40 re f"}}}.Bytes(), []string{"covered-content"}},
		"an area under text":              {signertest.Paper{Pages: []signertest.PaperPage{{Content: "1 g 90 490 300 40 re f " + text}}}.Bytes(), nil},
		"an area that is clipped away":    {signertest.Paper{Pages: []signertest.PaperPage{{Content: text + "q 0 0 9 9 re W n 90 490 300 40 re f Q"}}}.Bytes(), nil},
		"an area over dots":               {signertest.Paper{Pages: []signertest.PaperPage{{Content: "BT /F1 12 Tf 100 500 Td (.......) Tj ET 90 490 300 40 re f"}}}.Bytes(), nil},
		"an annotation for paper only":    {document("", catalog, tree, page+"/Annots[<</Subtype/Stamp/F 36/Rect[1 1 9 9]>>]>>"), []string{"print-differs"}},
		"two fields over one another":     {overlapping(), []string{"covered-content", "fillable-fields"}},
		"an object that no table knows":   {hidden(), []string{"alternate-objects"}},
		"a page that nothing uses":        {unused(), []string{"unused-objects"}},
		"a value that is not what it has": {otherValue(), []string{"field-shows-other", "fillable-fields"}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := looked(t, c.file); !slices.Equal(got, c.want) {
				t.Errorf("found %v, want %v", got, c.want)
			}
		})
	}
}

// document writes objects with their numbers in order; extra stands before the
// table, which does not know it.
func document(extra string, objects ...string) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n")
	rows := ""
	for i, o := range objects {
		rows += fmt.Sprintf("%010d 00000 n\r\n", b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	b.WriteString(extra)
	at := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f\r\n%strailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n",
		len(objects)+1, rows, len(objects)+1, at)
	return b.Bytes()
}

const (
	catalog = "<</Type/Catalog/Pages 2 0 R>>"
	tree    = "<</Type/Pages/Count 1/Kids[3 0 R]>>"
	page    = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]"
)

func hidden() []byte {
	return document("3 0 obj\n"+page+">>\nendobj\n", catalog, tree, page+">>")
}

func unused() []byte { return document("", catalog, tree, page+">>", page+">>") }

func overlapping() []byte {
	field := "<</Type/Annot/Subtype/Widget/FT/Tx/V(x)/T(%s)/Rect[10 10 90 30]>>"
	return document("", catalog, tree, page+"/Annots[4 0 R 5 0 R]>>", fmt.Sprintf(field, "a"), fmt.Sprintf(field, "b"))
}

func otherValue() []byte {
	look := "BT /F1 9 Tf (World Health) Tj ET"
	return document("", catalog, tree, page+"/Annots[4 0 R]>>",
		"<</Type/Annot/Subtype/Widget/FT/Tx/V(Attacker)/T(a)/Rect[10 10 90 30]/AP<</N 5 0 R>>>>",
		fmt.Sprintf("<</Subtype/Form/BBox[0 0 80 20]/Resources<</Font<</F1 6 0 R>>>>/Length %d>>\nstream\n%s\nendstream", len(look), look),
		"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>")
}

func TestManyPagesThatShareManyFieldsAreNotAllCompared(t *testing.T) {
	var fields, kids bytes.Buffer
	const count = 1500
	objects := []string{catalog, "", "[]"}
	for i := range count {
		fmt.Fprintf(&kids, "%d 0 R ", 4+i)
		objects = append(objects, page+"/Annots 3 0 R>>")
	}
	for i := range count {
		fmt.Fprintf(&fields, "%d 0 R ", 4+count+i)
		objects = append(objects, fmt.Sprintf("<</Type/Annot/Subtype/Widget/FT/Tx/V(x)/T(t%d)/Rect[%d 1 %d 2]>>", i, 10*i, 10*i+9))
	}
	objects[1] = fmt.Sprintf("<</Type/Pages/Count %d/Kids[%s]>>", count, kids.String())
	objects[2] = "[" + fields.String() + "]"
	if got := looked(t, document("", objects...)); !slices.Contains(got, "not-fully-examined") {
		t.Errorf("found %v", got)
	}
}

// FuzzLook gives Look damaged files: it ends, and says nothing twice for a page.
func FuzzLook(f *testing.F) {
	for _, b := range [][]byte{hidden(), unused(), overlapping(), otherValue(), signertest.Paper{Stream: true, Form: true}.Bytes()} {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		file, err := pdf.Open(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			return
		}
		found, err := shadow.Look(t.Context(), file)
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		for _, x := range found {
			key := fmt.Sprint(x.Code, x.Page)
			if seen[key] {
				t.Errorf("%s twice", key)
			}
			seen[key] = true
		}
	})
}
