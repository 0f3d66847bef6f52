package signer_test

import (
	"bytes"
	"path/filepath"
	"testing"

	"kyso/signer"
	"kyso/signer/internal/pdf"
	"kyso/signer/signertest"
)

// A link on page 1 to page 2 lets the validator reach page 2 through an
// annotation; page 2 is a page all the same.
func TestASecondSignatureOnAPageThatALinkLeadsTo(t *testing.T) {
	b := signertest.Paper{Pages: []signertest.PaperPage{{}, {}}}.Bytes()
	f := open(t, b)
	u := f.Update()
	one, two := f.Pages()[0], f.Pages()[1]
	link := u.Add(pdf.NewDict("Type", pdf.Name("Annot"), "Subtype", pdf.Name("Link"),
		"Rect", pdf.Array{pdf.Int(10), pdf.Int(10), pdf.Int(20), pdf.Int(20)},
		"Dest", pdf.Array{two.Ref, pdf.Name("Fit")}))
	page := one.Dict.Clone()
	page.Set("Annots", pdf.Array{link})
	u.Set(one.Ref, page)
	more, err := u.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	pki := newPKI(t)
	req := request(t, pki, "P-256")
	req.Marks = []signer.Mark{{Page: 2, Rect: signer.Rect{X: 50, Y: 50, W: 80, H: 40}, Image: quarters(10)}}
	once, twice := filepath.Join(t.TempDir(), "once.pdf"), filepath.Join(t.TempDir(), "twice.pdf")
	if _, err := signer.SignFile(t.Context(), write(t, "in.pdf", append(bytes.Clone(b), more...)), once, req); err != nil {
		t.Fatal(err)
	}
	if _, err := signer.SignFile(t.Context(), once, twice, req); err != nil {
		t.Fatal(err)
	}
	judge(t, pki, twice, 2)
}
