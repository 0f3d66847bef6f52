package evidence_test

import (
	"bytes"
	"testing"
	"time"

	"kyso/signer/internal/evidence"
	"kyso/signer/internal/pdf"
	"kyso/signer/signertest"
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
