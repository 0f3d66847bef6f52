package evidence_test

import (
	"bytes"
	"fmt"
	"slices"
	"testing"
	"time"

	"kyso/signer/internal/evidence"
	"kyso/signer/internal/pdf"
	"kyso/signer/signertest"
	"kyso/signer/verify"
)

// Every certificate is held against every answer of the file, so a file that
// names one large list many times must not be believed to the end.
func TestTheAnswersOfAFileAreLimited(t *testing.T) {
	base := signertest.Paper{EmptyField: "A", Catalog: "/DSS 90 0 R"}.Bytes()
	file, err := pdf.Open(bytes.NewReader(base), int64(len(base)))
	if err != nil {
		t.Fatal(err)
	}
	u := file.Update()
	list := u.Add(&pdf.NewStream{Dict: pdf.NewDict(), Data: make([]byte, 10<<20)})
	var lists pdf.Array
	for range 20 {
		lists = append(lists, list)
	}
	value := &pdf.Placeholder{Text: []byte("<</Type/Sig/SubFilter/ETSI.CAdES.detached/ByteRange[0 1 2 3]/Contents <00FF>>>")}
	u.Set(pdf.Ref{Number: 90}, pdf.NewDict("CRLs", lists))
	u.Set(pdf.Ref{Number: 7}, pdf.NewDict("FT", pdf.Name("Sig"), "T", pdf.NewText("A"), "V", value))
	more, err := u.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	all := append(base, more...)
	got, err := evidence.Gather(t.Context(), bytes.NewReader(all), int64(len(all)), time.Now(), evidence.Sources{})
	if err != nil {
		t.Fatal(err)
	}
	size := 0
	for _, a := range got.Answers {
		size += len(a.Body)
	}
	if len(got.Signatures) != 1 || size == 0 || size > 64<<20 || len(got.Failures) == 0 {
		t.Errorf("%d signatures, %d bytes of answers, failures %v", len(got.Signatures), size, got.Failures)
	}
}

// Each signature is compared with the newest revision: a small file can have
// hundreds of them and very many objects.
func TestTheComparisonsOfAFileAreLimited(t *testing.T) {
	b := signertest.Paper{EmptyField: "A"}.Bytes()
	open := func() *pdf.File {
		f, err := pdf.Open(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	write := func(u *pdf.Update) {
		more, err := u.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		b = append(b, more...)
	}
	f := open()
	u := f.Update()
	var many pdf.Array
	for range 200 {
		inner := pdf.Array{f.CatalogRef()} // each signature touches it: nothing can be left out
		for range 1000 {
			inner = append(inner, pdf.Int(1))
		}
		many = append(many, u.Add(inner))
	}
	root := f.Catalog().Clone()
	root.Set("Many", many)
	u.Set(f.CatalogRef(), root)
	write(u)
	const signatures = 60
	var fields pdf.Array
	for range signatures {
		f = open()
		u = f.Update()
		value := &pdf.Placeholder{Text: []byte("<</Type/Sig/SubFilter/ETSI.CAdES.detached/ByteRange[0 0000000001 0000000002 0000000003]/Contents <00FF>>>")}
		fields = append(fields, u.Add(pdf.NewDict("FT", pdf.Name("Sig"), "T", pdf.NewText("S"), "V", u.Add(value))))
		root = f.Catalog().Clone()
		root.Set("AcroForm", pdf.NewDict("Fields", fields))
		u.Set(f.CatalogRef(), root)
		size := len(b)
		write(u)
		at := size + bytes.LastIndex(b[size:], []byte("<00FF>"))
		b = bytes.Replace(b, []byte("0000000001 0000000002 0000000003"),
			fmt.Appendf(nil, "%010d %010d %010d", at, at+6, len(b)-at-6), 1)
	}
	start := time.Now()
	got, err := evidence.Gather(t.Context(), bytes.NewReader(b), int64(len(b)), start, evidence.Sources{})
	if err != nil {
		t.Fatal(err)
	}
	took := time.Since(start)
	t.Log(len(b)>>10, "kB:", took)
	compared, whole := 0, 0
	for _, s := range got.Signatures {
		if s.Coverage == verify.CoversRevision {
			compared++
			if len(s.Differences) == 0 {
				t.Errorf("signature %s: no differences", s.Field)
			}
			if !slices.ContainsFunc(s.Differences, func(d verify.Difference) bool { return d.Detail == "too large to compare" }) {
				whole++
			}
		}
	}
	if compared != signatures-1 || whole == 0 || whole == compared {
		t.Errorf("%d of %d compared, %d to the end", compared, len(got.Signatures), whole)
	}
	if took > 5*time.Minute {
		t.Errorf("it took %s", took)
	}
}
