package pades_test

import (
	"bytes"
	"crypto/x509"
	"fmt"
	"testing"
	"time"

	"kyso/signer/internal/pades"
	"kyso/signer/internal/pdf"
	"kyso/signer/signertest"
)

// drawn gives every mark an empty form XObject.
func drawn(u *pdf.Update, l pades.Look) (pdf.Ref, error) {
	return u.Add(&pdf.NewStream{Dict: pdf.NewDict("Subtype", pdf.Name("Form"), "BBox", pdf.Array{pdf.Real(l.W), pdf.Real(l.H)})}), nil
}

// FuzzPrepare prepares damaged documents: an error, or an update with which the
// file opens and has the signature where the ByteRange says.
func FuzzPrepare(f *testing.F) {
	conditions := "S)/SV<</Ff 511/Filter/Adobe.PPKLite/SubFilter[/ETSI.CAdES.detached]/Reasons[(x)]/TimeStamp<</URL(u)>>" +
		"/Cert<</Ff 63/Subject[<00>]/OID[(1.2)]/SubjectDN[<</CN(x)>>]/KeyUsage[(1X0)]>>>>/Lock<</Action/Include/Fields[(a)]/P 3>>/Z("
	tree := "/MarkInfo<</Marked true>>/StructTreeRoot 3 0 R/Metadata 3 0 R"
	for _, p := range []signertest.Paper{
		{},
		{Stream: true, Form: true},
		{EmptyField: "S"},
		{EmptyField: conditions},
		{Catalog: tree, EmptyField: "S"},
		{Catalog: "/OutputIntents[<</S/GTS_PDFA1>>]/Lang(vi)", Pages: []signertest.PaperPage{{Rotate: 90, Crop: [4]float64{10, 10, 200, 300}}}},
	} {
		f.Add(p.Bytes(), uint8(1), false)
		f.Add(p.Bytes(), uint8(3), true)
	}
	f.Fuzz(func(t *testing.T, b []byte, marks uint8, stamps bool) {
		file, err := pdf.Open(bytes.NewReader(b), int64(len(b)))
		if err != nil || len(pades.Inspect(file).Refusals) > 0 {
			return
		}
		o := pades.Options{
			Signer: "Ánh", Reason: "x", Time: time.Unix(0, 0), Room: 64, StampPages: stamps,
			Terms: pades.Terms{Certificate: &x509.Certificate{}, Hash: "SHA256"},
		}
		for _, s := range file.SignatureFields() {
			o.Field = s.Name
		}
		for i := range marks % 4 {
			o.Marks = append(o.Marks, pades.Place{Page: int(i%2)*2 - 1, Box: pdf.Box{X0: 5, Y0: 5, X1: 60, Y1: 40}, Draw: drawn})
		}
		p, err := pades.Prepare(file, o)
		if err != nil {
			return
		}
		if err := p.Embed([]byte{0x30, 0}); err != nil {
			t.Fatal(err)
		}
		checkPrepared(t, append(bytes.Clone(b), p.Update...), p)
	})
}

func checkPrepared(t *testing.T, all []byte, p *pades.Prepared) {
	t.Helper()
	file, err := pdf.Open(bytes.NewReader(all), int64(len(all)))
	if err != nil {
		t.Fatalf("the prepared file does not open: %v", err)
	}
	for _, s := range file.SignatureFields() {
		if s.Name != p.Field || s.Value == nil {
			continue
		}
		if got := fmt.Sprint(file.Signature(s.Value).ByteRange); got == fmt.Sprint(p.ByteRange[:]) {
			return
		}
	}
	t.Fatalf("the field %q is not there with %v", p.Field, p.ByteRange)
}
