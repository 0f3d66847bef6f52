package draft_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// Bodies of small PDFs: objects from number 4 on, and the catalog's entry for
// the form. The page is object 3 and shows annotation 4.
const (
	formBody = "4 0 obj\n<</Type/Annot/Subtype/Widget/FT/Tx/T(hoten)/V(Kim)/DA(/Helv 12 Tf 0 g)" +
		"/Rect[100 700 300 720]/P 3 0 R/F 4>>\nendobj\n"
	signedBody = "4 0 obj\n<</Type/Annot/Subtype/Widget/FT/Sig/T(Ky1)/V 5 0 R/Rect[0 0 0 0]/P 3 0 R/F 4>>\nendobj\n" +
		"5 0 obj\n<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached" +
		"/ByteRange[0 10 20 30]/Contents<3000>>>\nendobj\n"
)

// signed makes readers of a file that carries a signature dictionary.
func signed(t *testing.T) func() *bytes.Reader {
	t.Helper()
	return handwritten(t, signedBody)
}

// handwritten makes readers of a one-page PDF with a form.
func handwritten(t *testing.T, body string) func() *bytes.Reader {
	t.Helper()
	text := "%PDF-1.7\n" +
		"1 0 obj\n<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R]/DA(/Helv 12 Tf 0 g)" +
		"/DR<</Font<</Helv<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>>>\nendobj\n" +
		"2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1>>\nendobj\n" +
		"3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<<>>/Annots[4 0 R]>>\nendobj\n" +
		body
	n := strings.Count(text, " 0 obj\n")
	var table strings.Builder
	fmt.Fprintf(&table, "xref\n0 %d\n0000000000 65535 f \n", n+1)
	for i := 1; i <= n; i++ {
		fmt.Fprintf(&table, "%010d 00000 n \n", strings.Index(text, fmt.Sprintf("%d 0 obj\n", i)))
	}
	pdf := fmt.Sprintf("%s%strailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", text, table.String(), n+1, len(text))
	return func() *bytes.Reader { return bytes.NewReader([]byte(pdf)) }
}
