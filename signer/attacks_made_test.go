package signer_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"kyso/signer"
	"kyso/signer/signertest"
	"kyso/signer/verify"
)

const (
	// letterText is what the page of the attacked letter says, near its top.
	letterText = "BT /F1 12 Tf 1 0 0 1 100 700 Tm (So tien: 100.000 dong) Tj ET"
	overText   = "/Rect[90 690 300 720]"
	asideText  = "/Rect[90 200 300 230]"
)

// certifiedFor is the entry of a catalog that certifies the document with /P.
func certifiedFor(p int) string {
	return fmt.Sprintf("/Perms<</DocMDP<</Type/Sig/Reference[<</Type/SigRef/TransformMethod/DocMDP/TransformParams<</Type/TransformParams/P %d/V/1.2>>>>]>>>>", p)
}

func streamBody(dict, data string) string {
	return fmt.Sprintf("<<%s/Length %d>>\nstream\n%s\nendstream", dict, len(data), data)
}

// letter is a paper with one line of text, a text field and a certification.
func letter(p int) signertest.Paper {
	paper := signertest.Paper{Form: true, Pages: []signertest.PaperPage{{Content: letterText}}}
	if p > 0 {
		paper.Catalog = certifiedFor(p)
	}
	return paper
}

// look is a form XObject that paints a white box with other words.
func look(words string) string {
	return streamBody("/Type/XObject/Subtype/Form/BBox[0 0 210 30]/Resources<</Font<</F1 5 0 R>>>>",
		"1 g 0 0 210 30 re f 0 g BT /F1 12 Tf 10 10 Td ("+words+") Tj ET")
}

// expectation is what the report on the first signature must say.
type expectation struct {
	sound   bool               // nothing came that is not permitted
	passed  bool               // and no look of a person is needed
	warning verify.WarningCode // with page 1 and a place
	before  string             // what the warning says was there
}

func (x expectation) hold(t *testing.T, report verify.Report) {
	t.Helper()
	if len(report.Signatures) == 0 {
		t.Fatalf("no signature in the report: %+v", report)
	}
	s := report.Signatures[0]
	if s.Sound() != x.sound || (s.Indication == verify.TotalPassed) != x.passed {
		t.Errorf("sound %v, %s %s, want sound %v, passed %v\n%s", s.Sound(), s.Indication, s.SubIndication, x.sound, x.passed, why(report))
	}
	if x.warning == "" {
		if len(s.Warnings) > 0 {
			t.Errorf("warnings: %+v", s.Warnings)
		}
		return
	}
	for _, w := range s.Warnings {
		if w.Code == x.warning && w.Page == 1 && w.Rect[2] > 0 && strings.Contains(w.Before, x.before) {
			return
		}
	}
	t.Errorf("no warning %s over %q: %+v\n%s", x.warning, x.before, s.Warnings, why(report))
}

func TestWhatIsLaidOverACertifiedPageIsNamedWithItsPlace(t *testing.T) {
	server := registry(t)
	type objects map[int]string
	overlay := func(kind, place, more string) objects {
		return objects{90: "<</Type/Annot/Subtype/" + kind + "/F 4" + place + "/AP<</N 91 0 R>>/P 8 0 R" + more + ">>", 91: look("So tien: 900.000 dong")}
	}
	doubt := expectation{sound: true, warning: verify.AnnotationOverContent, before: "100.000 dong"}
	for name, c := range map[string]struct {
		p     int
		added objects
		want  expectation
	}{
		"EAA: a free text over the sum":        {3, overlay("FreeText", overText, "/Contents(x)"), doubt},
		"EAA: a stamp over the sum":            {3, overlay("Stamp", overText, ""), doubt},
		"EAA: a redaction over the sum":        {3, overlay("Redact", overText, ""), doubt},
		"EAA: without a look of its own":       {3, objects{90: "<</Type/Annot/Subtype/FreeText/F 4" + overText + "/DA(/F1 12 Tf)/Contents(900.000)>>"}, doubt},
		"a note beside the text":               {3, overlay("FreeText", asideText, "/Contents(x)"), expectation{sound: true, passed: true}},
		"a hidden note over the text":          {3, objects{90: "<</Type/Annot/Subtype/FreeText/F 2" + overText + "/Contents(x)>>"}, expectation{sound: true, passed: true}},
		"the note, where none is permitted":    {2, overlay("FreeText", asideText, "/Contents(x)"), expectation{}},
		"the overlay, where none is permitted": {2, overlay("FreeText", overText, "/Contents(x)"), expectation{warning: verify.AnnotationOverContent}},
		"nothing":                              {3, objects{}, expectation{sound: true, passed: true}},
	} {
		t.Run(name, func(t *testing.T) {
			document, _ := signed(t, server.PKI, letter(c.p), signertest.IssueSpec{})
			changed := map[int]string{objectPage: replace(t, body(t, document, objectPage), "/Annots [", "/Annots [90 0 R ")}
			maps.Copy(changed, c.added)
			if len(c.added) > 0 {
				document = revise(t, document, changed)
			}
			c.want.hold(t, verdict(t, document, trusting(server.PKI)))
		})
	}
}

func TestANoteThatWasSignedAndSaysSomethingElseIsNamed(t *testing.T) {
	server := registry(t)
	paper := letter(3)
	base := paper.Bytes()
	base = revise(t, base, map[int]string{
		objectPage: replace(t, body(t, base, objectPage), "/Annots[", "/Annots[40 0 R "),
		40:         "<</Type/Annot/Subtype/FreeText/F 4/Rect[100 400 300 430]/Contents(So tien: 100.000)/P 8 0 R>>",
	})
	document, _ := sign(t, server.PKI, base, signertest.IssueSpec{})
	changed := revise(t, document, map[int]string{40: replace(t, body(t, document, 40), "100.000", "900.000")})
	expectation{sound: true, warning: verify.AnnotationChanged, before: "100.000"}.hold(t, verdict(t, changed, trusting(server.PKI)))
	expectation{sound: true, passed: true}.hold(t, verdict(t, document, trusting(server.PKI)))
}

func TestANoteOverAScannedPageIsNamed(t *testing.T) {
	server := registry(t)
	paper := letter(3)
	paper.Pages[0].Content = "q 595 0 0 842 0 0 cm BI /W 1 /H 1 /BPC 8 /CS /G ID x EI Q"
	document, _ := signed(t, server.PKI, paper, signertest.IssueSpec{})
	document = revise(t, document, map[int]string{
		objectPage: replace(t, body(t, document, objectPage), "/Annots [", "/Annots [90 0 R "),
		90:         "<</Type/Annot/Subtype/FreeText/F 4" + overText + "/AP<</N 91 0 R>>/P 8 0 R>>", 91: look("900.000"),
	})
	expectation{sound: true, warning: verify.AnnotationOverContent}.hold(t, verdict(t, document, trusting(server.PKI)))
}

func TestASignatureFieldOverTheTextIsNamedWithItsPlace(t *testing.T) {
	server := registry(t)
	field := func(place string) func(form, page string) map[int]string {
		return func(form, page string) map[int]string {
			return map[int]string{
				objectForm: strings.Replace(form, "/Fields [", "/Fields [90 0 R ", 1),
				objectPage: strings.Replace(page, "/Annots [", "/Annots [90 0 R ", 1),
				90:         "<</Type/Annot/Subtype/Widget/FT/Sig/T(Sig9)/F 4" + place + "/AP<</N 91 0 R>>/P 8 0 R>>",
				91:         look("So tien: 900.000 dong"),
			}
		}
	}
	for name, c := range map[string]struct {
		place string
		want  expectation
	}{
		"SSA: over the sum":    {overText, expectation{sound: true, warning: verify.AnnotationOverContent, before: "100.000 dong"}},
		"an empty field aside": {asideText, expectation{sound: true, passed: true}},
		"a field of no extent": {"/Rect[0 0 0 0]", expectation{sound: true, passed: true}},
	} {
		t.Run(name, func(t *testing.T) {
			document, _ := signed(t, server.PKI, letter(2), signertest.IssueSpec{})
			document = revise(t, document, field(c.place)(body(t, document, objectForm), body(t, document, objectPage)))
			c.want.hold(t, verdict(t, document, trusting(server.PKI)))
		})
	}
}

// stamped signs with a mark in a rectangle.
func stamped(t *testing.T, p *signertest.PKI, document []byte, spec signertest.IssueSpec, m signer.Mark) []byte {
	t.Helper()
	spec.Key = "P-256"
	id, err := p.Issue(spec)
	if err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "out.pdf")
	m.Page = 1
	request := signer.Request{Credential: id.Credential(), Chain: p.Chain(), Time: time.Now(), Marks: []signer.Mark{m}}
	if _, err := signer.SignFile(t.Context(), write(t, "in.pdf", document), out, request); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func ink() image.Image {
	m := image.NewRGBA(image.Rect(0, 0, 8, 8))
	for i := range 8 {
		m.Set(i, i, color.RGBA{R: 200, A: 255})
	}
	return m
}

func TestTheMarkOfAFurtherSignatureOverTheTextIsAWarning(t *testing.T) {
	server := registry(t)
	for name, c := range map[string]struct {
		rect signer.Rect
		want expectation
	}{
		"over the sum": {signer.Rect{X: 90, Y: 690, W: 210, H: 30}, expectation{sound: true, passed: true, warning: verify.SignatureOverContent, before: "100.000 dong"}},
		"beside it":    {signer.Rect{X: 90, Y: 200, W: 210, H: 30}, expectation{sound: true, passed: true}},
	} {
		t.Run(name, func(t *testing.T) {
			document, _ := signed(t, server.PKI, letter(0), signertest.IssueSpec{})
			document = stamped(t, server.PKI, document, signertest.IssueSpec{Name: "Lê Văn Cường"}, signer.Mark{Rect: c.rect, Image: ink()})
			c.want.hold(t, verdict(t, document, trusting(server.PKI)))
		})
	}
}

// Letters can be drawn as filled outlines, on the page and in what lies over it:
// then no text tells that something is covered.
func TestWhatIsDrawnCountsAsText(t *testing.T) {
	server := registry(t)
	outline := "0 g 120 700 m 130 712 l 140 700 l h f 150 700 m 155 712 160 712 165 700 c h f"
	box := "0.9 g 90 690 210 30 re f 0 G 90 690 m 300 690 l S"
	form := func(data string) string { return streamBody("/Type/XObject/Subtype/Form/BBox[0 0 210 30]", data) }
	strokes := form("1 w 10 5 m 20 25 l 30 5 l S")
	for name, c := range map[string]struct {
		page, place, look string
		want              expectation
	}{
		"outlines over outlines":    {outline, overText, form("5 5 m 9 20 l 14 5 l h f"), expectation{sound: true, warning: verify.AnnotationOverContent}},
		"strokes over outlines":     {outline, overText, strokes, expectation{sound: true, warning: verify.AnnotationOverContent}},
		"strokes over text":         {letterText, overText, strokes, expectation{sound: true, warning: verify.AnnotationOverContent, before: "100.000 dong"}},
		"strokes beside outlines":   {outline, asideText, strokes, expectation{sound: true, passed: true}},
		"nothing over outlines":     {outline, overText, form(""), expectation{sound: true, passed: true}},
		"strokes over a plain box":  {box, overText, strokes, expectation{sound: true, passed: true}},
		"a shading over outlines":   {outline, overText, form("0 0 210 30 re W n /Sh sh"), expectation{sound: true, warning: verify.AnnotationOverContent}},
		"outlines that are cut off": {outline, overText, form("0 0 0 0 re W n 300 300 m 310 310 l 320 300 l h f"), expectation{sound: true, passed: true}},
	} {
		t.Run(name, func(t *testing.T) {
			paper := letter(2)
			paper.Pages[0].Content = c.page
			document, _ := signed(t, server.PKI, paper, signertest.IssueSpec{})
			document = revise(t, document, map[int]string{
				objectForm: strings.Replace(body(t, document, objectForm), "/Fields [", "/Fields [90 0 R ", 1),
				objectPage: strings.Replace(body(t, document, objectPage), "/Annots [", "/Annots [90 0 R ", 1),
				90:         "<</Type/Annot/Subtype/Widget/FT/Sig/T(Sig9)/F 4" + c.place + "/AP<</N 91 0 R>>/P 8 0 R>>",
				91:         c.look,
			})
			c.want.hold(t, verdict(t, document, trusting(server.PKI)))
		})
	}
	for name, c := range map[string]struct {
		rect signer.Rect
		want expectation
	}{
		"a mark over outlines":   {signer.Rect{X: 90, Y: 690, W: 210, H: 30}, expectation{sound: true, passed: true, warning: verify.SignatureOverContent}},
		"a mark beside outlines": {signer.Rect{X: 90, Y: 200, W: 210, H: 30}, expectation{sound: true, passed: true}},
	} {
		t.Run(name, func(t *testing.T) {
			paper := letter(0)
			paper.Pages[0].Content = outline
			document, _ := signed(t, server.PKI, paper, signertest.IssueSpec{})
			document = stamped(t, server.PKI, document, signertest.IssueSpec{Name: "Lê Văn Cường"}, signer.Mark{Rect: c.rect, Image: ink()})
			c.want.hold(t, verdict(t, document, trusting(server.PKI)))
		})
	}
}

func TestAFieldThatShowsAnotherTextThanItsValueIsNamed(t *testing.T) {
	server := registry(t)
	for name, c := range map[string]struct {
		value, shows string
		want         expectation
	}{
		"the look is swapped, the value stays":  {"/V(kept)", "900.000", expectation{sound: true, warning: verify.AppearanceSwapped}},
		"the look says another than the value":  {"/V(200.000)", "900.000", expectation{sound: true, warning: verify.AppearanceSwapped}},
		"the look says what the new value says": {"/V(200.000)", "200.000", expectation{sound: true, passed: true}},
	} {
		t.Run(name, func(t *testing.T) {
			document, _ := signed(t, server.PKI, letter(2), signertest.IssueSpec{})
			field := strings.Replace(body(t, document, objectText), "/V(kept)", c.value+"/AP<</N 91 0 R>>", 1)
			document = revise(t, document, map[int]string{objectText: field, 91: look(c.shows)})
			report := verdict(t, document, trusting(server.PKI))
			c.want.hold(t, report)
			if change := report.Signatures[0].Changes[0]; change.Field != "name" || change.Page != 1 || change.Rect[2] != 200 {
				t.Errorf("the change's place: %+v", change)
			}
		})
	}
}

// repoint appends a cross-reference section alone: it moves an object to another offset.
func repoint(t *testing.T, document []byte, number, offset int) []byte {
	t.Helper()
	starts := regexp.MustCompile(`startxref\s+(\d+)`).FindAllSubmatch(document, -1)
	b := bytes.NewBuffer(bytes.Clone(document))
	at := b.Len()
	fmt.Fprintf(b, "xref\n%d 1\n%010d 00000 n\r\ntrailer\n<</Size 200/Root 1 0 R/Info 3 0 R/Prev %s>>\nstartxref\n%d\n%%%%EOF\n",
		number, offset, starts[len(starts)-1][1], at)
	return b.Bytes()
}

func TestShadowAttacksAreReportedAndTheirCleanTwinsAreNot(t *testing.T) {
	server := registry(t)
	cover := "q 210 0 0 30 90 690 cm /Im Do Q"
	paper := signertest.Paper{Pages: []signertest.PaperPage{{Content: letterText + " " + cover}}}
	document, _ := signed(t, server.PKI, paper, signertest.IssueSpec{})
	// Prepared before signing: a picture lies over the text, a second text lies unused in the file.
	unsigned := revise(t, paper.Bytes(), map[int]string{
		objectPage: strings.Replace(body(t, paper.Bytes(), objectPage), "/Resources<<", "/Resources<</XObject<</Im 40 0 R>>", 1),
		40:         streamBody("/Type/XObject/Subtype/Image/Width 1/Height 1/BitsPerComponent 8/ColorSpace/DeviceGray", "\xff"),
		41:         streamBody("", strings.Replace(letterText, "100.000", "900.000", 1)),
	})
	prepared, _ := sign(t, server.PKI, unsigned, signertest.IssueSpec{})
	shadow := bytes.Index(prepared, []byte("41 0 obj"))
	further, _ := sign(t, server.PKI, prepared, signertest.IssueSpec{Name: "Văn thư"})
	clean := expectation{sound: true, passed: true}
	for name, c := range map[string]struct {
		document []byte
		want     expectation
	}{
		"hide: the covering picture is taken away":     {revise(t, prepared, map[int]string{40: "null"}), expectation{}},
		"hide: the covering picture becomes something": {revise(t, prepared, map[int]string{40: "<</Type/Metadata>>"}), expectation{}},
		"replace: the font is another":                 {revise(t, prepared, map[int]string{5: "<</Type/Font/Subtype/Type1/BaseFont/Symbol>>"}), expectation{}},
		"hide and replace: the table points elsewhere": {repoint(t, prepared, objectContent, shadow), expectation{}},
		"nothing":             {prepared, clean},
		"a further signature": {further, clean},
		"an ordinary paper":   {document, clean},
	} {
		t.Run(name, func(t *testing.T) {
			c.want.hold(t, verdict(t, c.document, trusting(server.PKI)))
		})
	}
}

func TestAReplacedTextIsToldBeforeAndAfter(t *testing.T) {
	server := registry(t)
	document, _ := signed(t, server.PKI, letter(0), signertest.IssueSpec{})
	document = revise(t, document, map[int]string{objectContent: streamBody("", strings.Replace(letterText, "100.000", "900.000", 1))})
	report := verdict(t, document, trusting(server.PKI))
	for _, c := range report.Signatures[0].Changes {
		if c.Page == 1 && strings.Contains(c.Before, "100.000") && strings.Contains(c.After, "900.000") && !c.Allowed {
			return
		}
	}
	t.Errorf("no change tells the two texts:\n%+v", report.Signatures[0].Changes)
}

func TestWrappedAndIncrementallySavedFilesAreReported(t *testing.T) {
	server := registry(t)
	document, _ := signed(t, server.PKI, letter(0), signertest.IssueSpec{})
	number := regexp.MustCompile(`(\d+) 0 obj\s*<<[^>]*?/Type\s*/Sig\b`).FindSubmatch(document)
	contents := regexp.MustCompile(`/Contents\s*<[0-9A-Fa-f]+>`).Find(document)
	ranges := regexp.MustCompile(`/ByteRange\s*\[[^\]]*\]`).Find(document)
	if number == nil || contents == nil || ranges == nil {
		t.Fatal("no signature dictionary to copy")
	}
	var signature int
	if _, err := fmt.Sscan(string(number[1]), &signature); err != nil {
		t.Fatal(err)
	}
	forged := streamBody("", strings.Replace(letterText, "100.000", "900.000", 1))
	copied := "<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached " + string(ranges) + string(contents) + ">>"
	loose := fmt.Sprintf("%d 0 obj\n%s\nendobj\n", objectContent, forged)
	tail := document[bytes.LastIndex(document[:len(document)-10], []byte("\nxref")):]
	for name, bent := range map[string][]byte{
		"SWA: the dictionary is copied behind its own range": revise(t, document, map[int]string{signature: copied, objectContent: forged}),
		"ISA: an object without a table":                     append(bytes.Clone(document), loose...),
		"ISA: an object and the old table again":             append(append(bytes.Clone(document), loose...), tail...),
		"ISA: an object, then the end of a file":             append(append(bytes.Clone(document), loose...), "startxref\n0\n%%EOF\n"...),
		"ISA: a comment":                                     append(bytes.Clone(document), "% 900.000\n"...),
		"ISA: a whole revision":                              revise(t, document, map[int]string{objectContent: forged}),
		"ISA: the last end of file cut and an object":        append(bytes.TrimSuffix(bytes.Clone(document), []byte("%%EOF\n")), loose...),
	} {
		t.Run(name, func(t *testing.T) {
			report := verdict(t, bent, trusting(server.PKI))
			if report.Indication != verify.TotalFailed {
				t.Errorf("%s %s, want %s\n%s", report.Indication, report.SubIndication, verify.TotalFailed, why(report))
			}
		})
	}
}

func TestLaterPermittedRevisionsAreNamedForWhatTheyAre(t *testing.T) {
	server := registry(t)
	agency := signertest.IssueSpec{Name: "UBND phường Văn Miếu", Unit: "UBND phường Văn Miếu"}
	text := func(words string) signer.Mark {
		return signer.Mark{Rect: signer.Rect{X: 60, Y: 400, W: 150, H: 20}, Lines: []string{words}, Font: font(t)}
	}
	picture := func(w float64) signer.Mark {
		return signer.Mark{Rect: signer.Rect{X: 60, Y: 300, W: w, H: 40}, Image: ink()}
	}
	document, _ := signed(t, server.PKI, letter(0), signertest.IssueSpec{Name: "Chủ tịch"})
	for name, c := range map[string]struct {
		by   signertest.IssueSpec
		mark signer.Mark
		want verify.Role
	}{
		"the number":            {agency, text("Số: 123/QĐ-UBND"), verify.RoleNumber},
		"the number alone":      {agency, text("123"), verify.RoleNumber},
		"the date":              {agency, text("Hà Nội, ngày 24 tháng 11 năm 2026"), verify.RoleDate},
		"the seal":              {agency, picture(110), verify.RoleSeal},
		"a block of the agency": {agency, text("Cơ quan: UBND phường Văn Miếu"), verify.RoleAgency},
		"further initials":      {signertest.IssueSpec{Name: "Trần Thị Bình"}, picture(45), verify.RoleInitials},
		"another person":        {signertest.IssueSpec{Name: "Lê Văn Cường"}, picture(140), verify.RolePerson},
	} {
		t.Run(name, func(t *testing.T) {
			report := verdict(t, stamped(t, server.PKI, document, c.by, c.mark), trusting(server.PKI))
			s := report.Signatures[0]
			var roles []verify.Role
			for _, change := range s.Changes {
				if change.Role != "" {
					roles = append(roles, change.Role)
				}
			}
			if s.Indication != verify.TotalPassed || len(roles) != 1 || roles[0] != c.want {
				t.Errorf("%s, roles %v, want %s\n%s", s.Indication, roles, c.want, why(report))
			}
		})
	}
}
