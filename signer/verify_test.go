package signer_test

import (
	"bytes"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"kyso/signer"
	"kyso/signer/signertest"
	"kyso/signer/verify"
)

// registry is a PKI with its servers running.
func registry(t *testing.T) *signertest.Server {
	t.Helper()
	server, err := signertest.Start(signertest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	return server
}

// signed signs a paper with a new certificate and gives the bytes and the certificate.
func signed(t *testing.T, p *signertest.PKI, paper signertest.Paper, spec signertest.IssueSpec) ([]byte, *x509.Certificate) {
	t.Helper()
	return sign(t, p, paper.Bytes(), spec)
}

func sign(t *testing.T, p *signertest.PKI, document []byte, spec signertest.IssueSpec) ([]byte, *x509.Certificate) {
	t.Helper()
	if spec.Name == "" {
		spec.Name = "Nguyễn Văn An"
	}
	if spec.Key == "" {
		spec.Key = "P-256"
	}
	id, err := p.Issue(spec)
	if err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "out.pdf")
	request := signer.Request{Credential: id.Credential(), Chain: p.Chain(), Time: time.Now()}
	if _, err := signer.SignFile(t.Context(), write(t, "in.pdf", document), out, request); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return b, id.Certificate
}

func verdict(t *testing.T, document []byte, o signer.VerifyOptions) verify.Report {
	t.Helper()
	if o.At.IsZero() {
		o.At = time.Now()
	}
	report, err := signer.Verify(t.Context(), bytes.NewReader(document), int64(len(document)), o)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func trusting(p *signertest.PKI) signer.VerifyOptions {
	return signer.VerifyOptions{Anchors: []*x509.Certificate{p.Root()}}
}

// outcome is what the tests compare.
type outcome struct {
	indication verify.Indication
	sub        verify.SubIndication
	integrity  verify.Integrity
	coverage   verify.Coverage
}

func first(r verify.Report) outcome {
	if len(r.Signatures) == 0 {
		return outcome{r.Indication, r.SubIndication, "", ""}
	}
	s := r.Signatures[0]
	return outcome{s.Indication, s.SubIndication, s.Integrity, s.Coverage}
}

func why(r verify.Report) string {
	var b strings.Builder
	for _, s := range r.Signatures {
		fmt.Fprintf(&b, "%s: %s %s %s\n", s.Field, s.Indication, s.SubIndication, s.Why)
		for _, c := range s.Changes {
			fmt.Fprintf(&b, "   %s allowed=%v %s\n", c.Kind, c.Allowed, c.Detail)
		}
	}
	return b.String()
}

func TestAGoodSignatureIsTotalPassed(t *testing.T) {
	server := registry(t)
	for _, key := range []string{"RSA-2048", "RSA-3072", "P-256"} {
		for name, paper := range map[string]signertest.Paper{"a table": {}, "a stream": {Stream: true}, "a form": {Form: true}} {
			t.Run(key+" on "+name, func(t *testing.T) {
				document, certificate := signed(t, server.PKI, paper, signertest.IssueSpec{
					Name: "Trần Thị Bình", Unit: "UBND phường Văn Miếu", Title: "Phó Chủ tịch", Key: key,
				})
				report := verdict(t, document, trusting(server.PKI))
				want := outcome{verify.TotalPassed, "", verify.Intact, verify.CoversFile}
				if got := first(report); got != want || report.Indication != verify.TotalPassed {
					t.Fatalf("got %v, want %v\n%s", got, want, why(report))
				}
				s := report.Signatures[0]
				if s.Signer.Holder != "Trần Thị Bình" || s.Signer.Unit != "UBND phường Văn Miếu" || s.Signer.Title != "Phó Chủ tịch" ||
					s.Signer.Issuer != signertest.IssuingName || s.Signer.Serial != hex.EncodeToString(certificate.SerialNumber.Bytes()) {
					t.Errorf("signer: %+v", s.Signer)
				}
				if s.Revocation != "good" || s.Level != "B-B" || s.TimeSource != "now" || s.SignedSize != int64(len(document)) {
					t.Errorf("revocation %q, level %q, time source %q, signed size %d", s.Revocation, s.Level, s.TimeSource, s.SignedSize)
				}
			})
		}
	}
}

func TestEveryFlippedByteOfTheSignedRangeIsSeen(t *testing.T) {
	server := registry(t)
	document, _ := signed(t, server.PKI, signertest.Paper{Pages: []signertest.PaperPage{{Content: "BT /F1 12 Tf 50 700 Td (100.000 dong) Tj ET"}}}, signertest.IssueSpec{})
	gap := regexp.MustCompile(`/Contents\s*<`).FindIndex(document)[1]
	end := gap + bytes.IndexByte(document[gap:], '>')
	o := trusting(server.PKI)
	o.Offline = true
	step := max(1, len(document)/400)
	for at := 0; at < len(document); at += step {
		if at >= gap-1 && at <= end {
			continue
		}
		bent := bytes.Clone(document)
		bent[at] ^= 0x01
		report, err := signer.Verify(t.Context(), bytes.NewReader(bent), int64(len(bent)), withTime(o))
		if err != nil {
			continue // no longer a PDF at all
		}
		for _, s := range report.Signatures {
			if s.Sound() || s.Indication == verify.TotalPassed {
				t.Fatalf("byte %d of %d flipped: %s", at, len(document), why(report))
			}
		}
	}
	bent := bytes.Replace(document, []byte("100.000 dong"), []byte("900.000 dong"), 1)
	want := outcome{verify.TotalFailed, verify.HashFailure, verify.Altered, verify.CoversFile}
	if got := first(verdict(t, bent, o)); got != want {
		t.Errorf("another sum: got %v, want %v", got, want)
	}
}

func withTime(o signer.VerifyOptions) signer.VerifyOptions {
	o.At = time.Now()
	return o
}

// revise appends a revision with a cross-reference table, by hand.
func revise(t *testing.T, document []byte, objects map[int]string) []byte {
	t.Helper()
	starts := regexp.MustCompile(`startxref\s+(\d+)`).FindAllSubmatch(document, -1)
	sizes := regexp.MustCompile(`/Size (\d+)`).FindAllSubmatch(document, -1)
	roots := regexp.MustCompile(`/Root (\d+) 0 R`).FindAllSubmatch(document, -1)
	if len(starts) == 0 || len(sizes) == 0 || len(roots) == 0 {
		t.Fatal("no trailer to follow")
	}
	size, err := strconv.Atoi(string(sizes[len(sizes)-1][1]))
	if err != nil {
		t.Fatal(err)
	}
	b := bytes.NewBuffer(bytes.Clone(document))
	rows := ""
	for n, body := range objects {
		size = max(size, n+1)
		rows += fmt.Sprintf("%d 1\n%010d 00000 n\r\n", n, b.Len())
		fmt.Fprintf(b, "%d 0 obj\n%s\nendobj\n", n, body)
	}
	at := b.Len()
	fmt.Fprintf(b, "xref\n%strailer\n<</Size %d/Root %s 0 R/Info 3 0 R/Prev %s>>\nstartxref\n%d\n%%%%EOF\n",
		rows, size, roots[len(roots)-1][1], starts[len(starts)-1][1], at)
	return b.Bytes()
}

// body is the text of an object as it stands in the newest revision that has it.
func body(t *testing.T, document []byte, number int) string {
	t.Helper()
	all := regexp.MustCompile(fmt.Sprintf(`(?s)\n%d 0 obj\s*(.*?)\s*endobj`, number)).FindAllSubmatch(document, -1)
	if len(all) == 0 {
		t.Fatalf("no object %d", number)
	}
	return string(all[len(all)-1][1])
}

func replace(t *testing.T, text, old, with string) string {
	t.Helper()
	if !strings.Contains(text, old) {
		t.Fatalf("%q is not in %q", old, text)
	}
	return strings.Replace(text, old, with, 1)
}

// The objects of signertest.Paper.
const (
	objectCatalog = 1
	objectInfo    = 3
	objectForm    = 4
	objectText    = 6
	objectPage    = 8
	objectContent = 9
)

func TestARevisionAfterTheSignatureIsJudgedByWhatItChanges(t *testing.T) {
	server := registry(t)
	paper := signertest.Paper{Form: true, Pages: []signertest.PaperPage{{Content: "BT ET"}, {}}}
	stream := func(data string) string { return fmt.Sprintf("<</Length %d>>\nstream\n%s\nendstream", len(data), data) }
	cases := map[string]struct {
		change  func(edit func(number int, old, with string) string) map[int]string
		kind    string
		allowed bool
	}{
		"the page's content is replaced": {func(_ func(int, string, string) string) map[int]string {
			return map[int]string{objectContent: stream("BT (khac) Tj ET")}
		}, "content-changed", false},
		"the page gets another content object": {func(edit func(int, string, string) string) map[int]string {
			return map[int]string{objectPage: edit(objectPage, "/Contents 9 0 R", "/Contents 90 0 R"), 90: stream("BT (khac) Tj ET")}
		}, "content-changed", false},
		"the page gets another font": {func(_ func(int, string, string) string) map[int]string {
			return map[int]string{5: "<</Type/Font/Subtype/Type1/BaseFont/Courier>>"}
		}, "content-changed", false},
		"a page is taken away": {func(_ func(int, string, string) string) map[int]string {
			return map[int]string{2: "<</Type/Pages/Count 1/Kids[8 0 R]>>"}
		}, "content-changed", false},
		"the page is turned": {func(edit func(int, string, string) string) map[int]string {
			return map[int]string{objectPage: edit(objectPage, "/Type /Page", "/Type /Page/Rotate 90")}
		}, "content-added", false},
		"an action starts on opening": {func(edit func(int, string, string) string) map[int]string {
			return map[int]string{objectCatalog: edit(objectCatalog, "/Type/Catalog", "/Type/Catalog/OpenAction<</S/JavaScript/JS(1)>>")}
		}, "content-added", false},
		"a note is laid over the page": {func(edit func(int, string, string) string) map[int]string {
			return map[int]string{objectPage: edit(objectPage, "/Annots [", "/Annots [90 0 R "), 90: "<</Type/Annot/Subtype/FreeText/Rect[0 0 500 500]/Contents(x)>>"}
		}, "annotation-added", false},
		"a text field is filled": {func(edit func(int, string, string) string) map[int]string {
			return map[int]string{objectText: edit(objectText, "/V(kept)", "/V(khac)")}
		}, "form-filled", false},
		"a text field joins": {func(edit func(int, string, string) string) map[int]string {
			return map[int]string{objectForm: edit(objectForm, "/Fields [", "/Fields [90 0 R "), 90: "<</FT/Tx/T(moi)/V(x)>>"}
		}, "form-field-added", false},
		"the signature's field is dropped from the form": {func(_ func(int, string, string) string) map[int]string {
			return map[int]string{objectForm: "<</Fields[6 0 R]>>"}
		}, "signature-removed", false},
		"the title in the information dictionary changes": {func(_ func(int, string, string) string) map[int]string {
			return map[int]string{objectInfo: "<</Title(khac)>>"}
		}, "metadata-changed", true},
		"the metadata change": {func(edit func(int, string, string) string) map[int]string {
			return map[int]string{objectCatalog: edit(objectCatalog, "/Type/Catalog", "/Type/Catalog/Metadata 90 0 R"), 90: stream("<x/>")}
		}, "metadata-changed", true},
		"validation data are added": {func(edit func(int, string, string) string) map[int]string {
			return map[int]string{objectCatalog: edit(objectCatalog, "/Type/Catalog", "/Type/Catalog/DSS<</Certs[]>>")}
		}, "validation-data-added", true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			document, _ := signed(t, server.PKI, paper, signertest.IssueSpec{})
			edit := func(number int, old, with string) string { return replace(t, body(t, document, number), old, with) }
			report := verdict(t, revise(t, document, c.change(edit)), trusting(server.PKI))
			if len(report.Signatures) != 1 {
				t.Fatalf("%d signatures, want 1: %+v", len(report.Signatures), report)
			}
			s := report.Signatures[0]
			if s.Integrity != verify.Intact || s.Coverage != verify.CoversRevision {
				t.Errorf("integrity %s, coverage %s\n%s", s.Integrity, s.Coverage, why(report))
			}
			if passed := s.Indication == verify.TotalPassed; passed != c.allowed || s.Sound() != c.allowed {
				t.Errorf("passed %v, sound %v, want %v\n%s", passed, s.Sound(), c.allowed, why(report))
			}
			if !slices.ContainsFunc(s.Changes, func(x verify.Change) bool { return x.Kind == c.kind && x.Allowed == c.allowed }) {
				t.Errorf("no change of kind %s\n%s", c.kind, why(report))
			}
		})
	}
}

func TestAFurtherSignatureLeavesTheFirstOneValid(t *testing.T) {
	server := registry(t)
	for name, paper := range map[string]signertest.Paper{
		"on a table": {}, "on a stream": {Stream: true}, "with a form": {Form: true}, "into an empty field": {EmptyField: "Dau"},
	} {
		t.Run(name, func(t *testing.T) {
			once, _ := signed(t, server.PKI, paper, signertest.IssueSpec{Name: "Trưởng phòng"})
			twice, _ := sign(t, server.PKI, once, signertest.IssueSpec{Name: "Chủ tịch"})
			thrice, _ := sign(t, server.PKI, twice, signertest.IssueSpec{Name: "Văn thư"})
			report := verdict(t, thrice, trusting(server.PKI))
			if len(report.Signatures) != 3 || report.Indication != verify.TotalPassed {
				t.Fatalf("%d signatures, %s\n%s", len(report.Signatures), report.Indication, why(report))
			}
			coverage := map[verify.Coverage]int{}
			for _, s := range report.Signatures {
				coverage[s.Coverage]++
				if s.Coverage == verify.CoversRevision && len(s.Changes) == 0 {
					t.Errorf("%s names no later signature", s.Field)
				}
			}
			if coverage[verify.CoversFile] != 1 || coverage[verify.CoversRevision] != 2 {
				t.Errorf("coverage: %v", coverage)
			}
		})
	}
}

func TestAnObjectOnTwoPathsIsHeldToTheStricterOne(t *testing.T) {
	server := registry(t)
	// The look of an empty signature field is prepared to be the page's content as well.
	look := "<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Length 5>>\nstream\nBT ET\nendstream"
	base := signertest.Paper{EmptyField: "Dau", Pages: []signertest.PaperPage{{Content: "BT ET"}}}.Bytes()
	field := replace(t, body(t, base, 7), "/FT/Sig", "/FT/Sig/AP<</N 90 0 R>>")
	shared := revise(t, base, map[int]string{
		90: look, 7: field, objectPage: replace(t, body(t, base, objectPage), "/Contents 9 0 R", "/Contents 90 0 R"),
	})
	apart := revise(t, base, map[int]string{90: look, 7: field})
	for name, c := range map[string]struct {
		base []byte
		want bool
	}{"the look alone": {apart, true}, "look and content": {shared, false}} {
		t.Run(name, func(t *testing.T) {
			once, _ := sign(t, server.PKI, c.base, signertest.IssueSpec{})
			id, err := server.Issue(signertest.IssueSpec{Name: "Chủ tịch", Key: "P-256"})
			if err != nil {
				t.Fatal(err)
			}
			out := filepath.Join(t.TempDir(), "out.pdf")
			if _, err := signer.SignFile(t.Context(), write(t, "in.pdf", once), out,
				signer.Request{Credential: id.Credential(), Chain: server.Chain(), Time: time.Now(), Field: "Dau"}); err != nil {
				t.Fatal(err)
			}
			twice, err := os.ReadFile(out)
			if err != nil {
				t.Fatal(err)
			}
			bent := revise(t, twice, map[int]string{90: strings.Replace(look, "BT ET", "BT  Q", 1)})
			for _, s := range verdict(t, bent, trusting(server.PKI)).Signatures {
				if s.Field != "Dau" && s.Sound() != c.want {
					t.Errorf("the first signature is sound: %v, want %v: %s", s.Sound(), c.want, s.Why)
				}
				if s.Field == "Dau" && s.Sound() {
					t.Errorf("the signature whose look was changed is sound")
				}
			}
		})
	}
}

func TestAMalformedSignatureIsInvalidAndNeverAbsent(t *testing.T) {
	server := registry(t)
	document, _ := signed(t, server.PKI, signertest.Paper{}, signertest.IssueSpec{})
	hex := regexp.MustCompile(`/Contents\s*<([0-9A-Fa-f]+)>`).FindSubmatchIndex(document)
	bytesOf := regexp.MustCompile(`/ByteRange\s*\[[^\]]*\]`)
	pad := func(old []byte, with string) []byte {
		return append([]byte(with), bytes.Repeat([]byte(" "), max(0, len(old)-len(with)))...)
	}
	contents := func(with string) []byte {
		return append(append(bytes.Clone(document[:hex[0]]), pad(document[hex[0]:hex[1]], with)...), document[hex[1]:]...)
	}
	ranges := func(with string) []byte {
		return bytesOf.ReplaceAllFunc(document, func(old []byte) []byte { return pad(old, with) })
	}
	half := (hex[2] + hex[3]) / 2
	cases := map[string][]byte{
		"empty contents":                   contents("/Contents <>"),
		"zeros as contents":                contents("/Contents <0000>"),
		"null as contents":                 contents("/Contents null"),
		"contents without a value":         contents("/Contents"),
		"contents as a reference":          contents("/Contents 1 0 R"),
		"no contents":                      contents(""),
		"null as byte range":               ranges("/ByteRange null"),
		"no byte range":                    ranges(""),
		"a byte range of two":              ranges("/ByteRange [0 100]"),
		"a negative byte range":            ranges("/ByteRange [0 -1 1 1]"),
		"a byte range of nothing":          ranges("/ByteRange [0 0 0 0]"),
		"a byte range beyond the file":     ranges(fmt.Sprintf("/ByteRange [0 %d %d 99999999]", hex[2]-1, hex[3]+1)),
		"a byte range that starts later":   ranges(fmt.Sprintf("/ByteRange [9 %d %d %d]", hex[2]-10, hex[3]+1, len(document)-hex[3]-1)),
		"a gap wider than the contents":    ranges(fmt.Sprintf("/ByteRange [0 %d %d %d]", hex[2]-20, hex[3]+1, len(document)-hex[3]-1)),
		"a gap narrower than the contents": ranges(fmt.Sprintf("/ByteRange [0 %d %d %d]", half, hex[3]+1, len(document)-hex[3]-1)),
		"letters in the contents":          append(append(bytes.Clone(document[:hex[2]]), []byte("zz")...), document[hex[2]+2:]...),
		"half of the contents zeroed": append(append(bytes.Clone(document[:hex[2]+200]),
			bytes.Repeat([]byte("0"), hex[3]-hex[2]-200)...), document[hex[3]:]...),
	}
	for name, bent := range cases {
		t.Run(name, func(t *testing.T) {
			report := verdict(t, bent, trusting(server.PKI))
			if report.Indication != verify.TotalFailed {
				t.Errorf("got %s %s, want %s\n%s", report.Indication, report.SubIndication, verify.TotalFailed, why(report))
			}
		})
	}
}

func TestBytesThatBelongToNoRevisionAreNotPassedOver(t *testing.T) {
	server := registry(t)
	document, _ := signed(t, server.PKI, signertest.Paper{}, signertest.IssueSpec{})
	report := verdict(t, append(bytes.Clone(document), "9 0 obj\n<</Length 0>>\nendobj\n"...), trusting(server.PKI))
	want := outcome{verify.TotalFailed, verify.FormatFailure, verify.Intact, verify.CoversPart}
	if got := first(report); got != want {
		t.Errorf("an object behind the end: got %v, want %v\n%s", got, want, why(report))
	}
	if got := first(verdict(t, append(bytes.Clone(document), "\r\n"...), trusting(server.PKI))); got.indication != verify.TotalPassed {
		t.Errorf("an empty line behind the end: got %v, want it passed", got)
	}
	cut := document[:len(document)-40]
	if got := verdict(t, cut, trusting(server.PKI)); got.Indication != verify.TotalFailed {
		t.Errorf("a file cut short: %s", got.Indication)
	}
}

func TestAMissingIssuerIsFoundInThePoolOrFetched(t *testing.T) {
	server := registry(t)
	id, err := server.Issue(signertest.IssueSpec{Name: "Lê Văn Cường", Key: "P-256"})
	if err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "out.pdf")
	request := signer.Request{Credential: id.Credential(), Time: time.Now()} // as VGCA: the leaf alone
	if _, err := signer.SignFile(t.Context(), write(t, "in.pdf", signertest.Paper{}.Bytes()), out, request); err != nil {
		t.Fatal(err)
	}
	fetched, err := signer.VerifyFile(t.Context(), out, withTime(trusting(server.PKI)))
	if err != nil || fetched.Indication != verify.TotalPassed {
		t.Errorf("fetched: %v, %s\n%s", err, fetched.Indication, why(fetched))
	}
	o := withTime(trusting(server.PKI))
	o.Offline = true
	if alone, err := signer.VerifyFile(t.Context(), out, o); err != nil || alone.SubIndication != verify.NoCertificateChain {
		t.Errorf("offline: %v, %s", err, alone.SubIndication)
	}
	o.Intermediates = server.Chain()
	if pooled, err := signer.VerifyFile(t.Context(), out, o); err != nil || pooled.SubIndication != verify.TryLater {
		t.Errorf("offline with the pool: %v, %s", err, pooled.SubIndication)
	}
}

func TestAFileWithoutSignatureIsNotPassedAndNoPDFIsAnError(t *testing.T) {
	report := verdict(t, signertest.Paper{}.Bytes(), signer.VerifyOptions{})
	if report.Indication != verify.Indeterminate || report.SubIndication != verify.FormatFailure || len(report.Signatures) != 0 {
		t.Errorf("an unsigned file: %+v", report)
	}
	text := []byte("no PDF at all")
	if _, err := signer.Verify(t.Context(), bytes.NewReader(text), int64(len(text)), withTime(signer.VerifyOptions{})); !errors.Is(err, signer.ErrUnreadable) {
		t.Errorf("a text file: %v, want %v", err, signer.ErrUnreadable)
	}
	if _, err := signer.Verify(t.Context(), bytes.NewReader(text), int64(len(text)), signer.VerifyOptions{}); err == nil {
		t.Error("a judgement without a time was made")
	}
}
