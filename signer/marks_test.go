package signer_test

import (
	"errors"
	"fmt"
	"image/color"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kyso/signer"
	"kyso/signer/internal/pdf"
	"kyso/signer/signertest"
	"kyso/signer/verify"
)

// initialled are initials on every page of n and a mark on the last.
func initialled(n int) []signer.Mark {
	marks := []signer.Mark{{Page: -1, Rect: signer.Rect{X: 300, Y: 200, W: 120, H: 60}, Image: quarters(100)}}
	initials := quarters(20)
	for page := 1; page <= n; page++ {
		marks = append(marks, signer.Mark{Page: page, Rect: signer.Rect{X: 500, Y: 30, W: 50, H: 25}, Image: initials})
	}
	return marks
}

func TestSeveralMarksAreOneSignatureInSeveralPlaces(t *testing.T) {
	pki := newPKI(t)
	pages := []signertest.PaperPage{{}, {Rotate: 90}, {}}
	for name, c := range map[string]struct {
		paper  signertest.Paper
		stamps bool
	}{
		"widgets, a table":  {signertest.Paper{Pages: pages}, false},
		"widgets, a stream": {signertest.Paper{Pages: pages, Stream: true, Form: true}, false},
		"stamps":            {signertest.Paper{Pages: pages}, true},
	} {
		t.Run(name, func(t *testing.T) {
			req := request(t, pki, "P-256")
			req.Marks, req.StampPages = initialled(3), c.stamps
			out := mustSign(t, write(t, "in.pdf", c.paper.Bytes()), req)
			want := 4 // one in each place, as poppler lists them
			if c.stamps {
				want = 1
			}
			judge(t, pki, out, want)
			for page := 1; page <= 3; page++ {
				img := render(t, out, page)
				if got := img.At(505, img.Bounds().Dy()-50); !near(got, color.NRGBA{R: 255}) {
					t.Errorf("page %d: the initials are not there: %v", page, got)
				}
			}
			if s := onlySignature(t, out); len(s.Places) != want || s.Page != 3 || s.Rect != [4]float64{300, 200, 120, 60} {
				t.Errorf("places %v, page %d, rect %v", s.Places, s.Page, s.Rect)
			}
			again := mustSign(t, out, request(t, pki, "P-256"))
			judge(t, pki, again, want+1)
		})
	}
}

func onlySignature(t *testing.T, path string) verify.Signature {
	t.Helper()
	report, err := signer.VerifyFile(t.Context(), path, signer.VerifyOptions{At: signTime(), Offline: true})
	if err != nil {
		t.Fatal(err)
	}
	if len(report.Signatures) != 1 || !report.Signatures[0].Sound() {
		t.Fatalf("want one sound signature: %+v", report.Signatures)
	}
	return report.Signatures[0]
}

func TestSeveralMarksLeaveEarlierSignaturesSound(t *testing.T) {
	pki := newPKI(t)
	first := mustSign(t, write(t, "in.pdf", signertest.Paper{Pages: make([]signertest.PaperPage, 3)}.Bytes()), request(t, pki, "P-256"))
	req := request(t, pki, "RSA-2048")
	req.Marks = initialled(3)
	out := mustSign(t, first, req)
	judge(t, pki, out, 1+4)
	report, err := signer.VerifyFile(t.Context(), out, signer.VerifyOptions{At: signTime(), Offline: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range report.Signatures {
		if !s.Sound() {
			t.Errorf("%s: %+v", s.Field, s.Changes)
		}
	}
	t.Run("stamps that would harm them are refused", func(t *testing.T) {
		req.StampPages = true
		out := filepath.Join(t.TempDir(), "out.pdf")
		_, err := signer.SignFile(t.Context(), first, out, req)
		if r := (*signer.RefusalError)(nil); !errors.As(err, &r) || r.Code != "annotations-not-allowed" {
			t.Errorf("error %v", err)
		}
		if _, err := os.Stat(out); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("something was written: %v", err)
		}
	})
}

func TestAStampSaysWhatItIs(t *testing.T) {
	req := request(t, newPKI(t), "P-256")
	req.Marks, req.StampPages = initialled(1), true
	b, err := os.ReadFile(mustSign(t, write(t, "in.pdf", signertest.Paper{}.Bytes()), req))
	if err != nil {
		t.Fatal(err)
	}
	f := open(t, b)
	for _, v := range f.Array(f.Pages()[0].Dict.Get("Annots")) {
		d := f.Dict(v)
		if f.Name(d.Get("Subtype")) != "Stamp" {
			continue
		}
		flags, _ := f.Int(d.Get("F"))
		said := f.Text(d.Get("Contents"))
		if flags != 4|64|128|512 || !strings.Contains(said, "Signature1") || !strings.Contains(said, "không phải là chữ ký số") {
			t.Errorf("flags %d, contents %q", flags, said)
		}
		return
	}
	t.Error("no stamp")
}

func TestMarksThatComeAgainAreEmbeddedOnce(t *testing.T) {
	req := request(t, newPKI(t), "P-256")
	size := map[int]int64{}
	for _, n := range []int{1, 60} {
		in := write(t, "in.pdf", signertest.Paper{Pages: make([]signertest.PaperPage, n)}.Bytes())
		req.Marks = initialled(n)
		info, err := os.Stat(in)
		if err != nil {
			t.Fatal(err)
		}
		out, err := os.Stat(mustSign(t, in, req))
		if err != nil {
			t.Fatal(err)
		}
		size[n] = out.Size() - info.Size()
	}
	if more := (size[60] - size[1]) / 59; more > 700 {
		t.Errorf("%d bytes more for each page", more)
	}
}

func TestExistingFieldsKeepTheirPlacesAndTakeFurtherMarksAsStamps(t *testing.T) {
	pki := newPKI(t)
	req := request(t, pki, "P-256")
	req.Field = "S"
	req.Marks = initialled(1)
	out := mustSign(t, write(t, "in.pdf", signertest.Paper{EmptyField: "S"}.Bytes()), req)
	judge(t, pki, out, 1)
	want := []verify.MarkPlace{{Page: 1, Rect: [4]float64{100, 100, 200, 80}}}
	if diff := cmp.Diff(want, onlySignature(t, out).Places); diff != "" {
		t.Errorf("places (-want +got):\n%s", diff)
	}
}

func TestAPageThatIsNoObjectBecomesOne(t *testing.T) {
	pki := newPKI(t)
	page := "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 3 0 R>>"
	objects := []string{"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Count 2/Kids[" + page + page + "]>>", "<</Length 0>>\nstream\n\nendstream"}
	b, rows := "%PDF-1.7\n", ""
	for i, o := range objects {
		rows += fmt.Sprintf("%010d 00000 n\r\n", len(b))
		b += fmt.Sprintf("%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	b += fmt.Sprintf("xref\n0 4\n0000000000 65535 f\r\n%strailer\n<</Size 4/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", rows, len(b))
	req := request(t, pki, "P-256")
	req.Marks = initialled(2)
	once := mustSign(t, write(t, "in.pdf", []byte(b)), req)
	judge(t, pki, once, 3)
	img := render(t, once, 2)
	if got := img.At(305, img.Bounds().Dy()-250); !near(got, color.NRGBA{R: 255}) {
		t.Errorf("the mark is not there: %v", got)
	}
	judge(t, pki, mustSign(t, once, request(t, pki, "P-256")), 4)
}

// field makes a paper with an empty signature field S that has more entries.
func field(entries string) []byte {
	return signertest.Paper{EmptyField: "S)" + entries + "/Z("}.Bytes()
}

func TestSeedValuesAreObeyed(t *testing.T) {
	pki := newPKI(t)
	for name, c := range map[string]struct {
		seed    string
		refused bool
	}{
		"our filter and format":                {"/Ff 3/Filter/Adobe.PPKLite/SubFilter[/adbe.pkcs7.detached/ETSI.CAdES.detached]", false},
		"another filter":                       {"/Ff 1/Filter/Entrust.PPKEF", true},
		"another filter, not required":         {"/Filter/Entrust.PPKEF", false},
		"another format":                       {"/Ff 2/SubFilter[/adbe.pkcs7.detached]", true},
		"another format, not required":         {"/SubFilter[/adbe.pkcs7.detached]", false},
		"a later version":                      {"/Ff 4/V 9", true},
		"our hash":                             {"/Ff 64/DigestMethod[/SHA256 /SHA512]", false},
		"another hash":                         {"/Ff 64/DigestMethod[(SHA512)]", true},
		"a reason that is given":               {"/Ff 8/Reasons[(x)<FEFF0050006800EA00200064007500791EC7007400>]", false},
		"other reasons":                        {"/Ff 8/Reasons[(Ban h\\340nh)]", true},
		"no reason may be given":               {"/Ff 8/Reasons[(.)]", true},
		"no reason, not required":              {"/Reasons[]", false},
		"a certification":                      {"/MDP<</P 2>>", true},
		"an approval":                          {"/MDP<</P 0>>", false},
		"a time stamp":                         {"/TimeStamp<</URL(http://tsa.example)/Ff 1>>", true},
		"a time stamp, not required":           {"/TimeStamp<</URL(http://tsa.example)>>", false},
		"a legal attestation":                  {"/Ff 16/LegalAttestation[(x)]", true},
		"revocation information":               {"/Ff 32/AddRevInfo true", true},
		"an appearance by name":                {"/Ff 256/AppearanceFilter(Official)", true},
		"a certificate of another":             {"/Cert<</Ff 1/Subject[<30820101>]>>", true},
		"an issuer that is not ours":           {"/Cert<</Ff 2/Issuer[<30820101>]>>", true},
		"a policy that is not ours":            {"/Cert<</Ff 4/OID[(2.16.704.1.1)]>>", true},
		"a subject that is not ours":           {"/Cert<</Ff 8/SubjectDN[<</CN(X)>>]>>", true},
		"a subject that is not ours, optional": {"/Cert<</SubjectDN[<</CN(X)>>]>>", false},
		"digital signatures":                   {"/Cert<</Ff 32/KeyUsage[(1)(X1)]>>", false},
		"certificate signing":                  {"/Cert<</Ff 32/KeyUsage[(XXXXX1)]>>", true},
	} {
		t.Run(name, func(t *testing.T) {
			in := write(t, "in.pdf", field("/SV<<"+c.seed+">>"))
			req := request(t, pki, "P-256")
			req.Field = "S"
			if !c.refused {
				judge(t, pki, mustSign(t, in, req), 1)
				return
			}
			req.Credential = untouchable{t, req.Credential.Certificate()}
			_, err := signer.SignFile(t.Context(), in, filepath.Join(t.TempDir(), "out.pdf"), req)
			if r := (*signer.RefusalError)(nil); !errors.As(err, &r) || r.Code != "seed-value" {
				t.Errorf("error %v, want a refusal", err)
			}
		})
	}
}

func TestAFieldsOwnReasonIsTaken(t *testing.T) {
	req := request(t, newPKI(t), "P-256")
	req.Field, req.Reason = "S", "Approved"
	mustSign(t, write(t, "in.pdf", field("/SV<</Ff 8/Reasons[(Seen)(Approved)]>>")), req)
}

func TestTheLockOfAFieldIsPartOfTheSignature(t *testing.T) {
	pki := newPKI(t)
	for name, c := range map[string]struct {
		lock string
		want []string
	}{
		"some fields":        {"<</Type/SigFieldLock/Action/Include/Fields[(name)]>>", []string{"FieldMDP/Include"}},
		"all but some":       {"<</Action/Exclude/Fields[(name)]>>", []string{"FieldMDP/Exclude"}},
		"all, and no change": {"<</Action/All/P 1>>", []string{"FieldMDP/All", "DocMDP/1"}},
	} {
		t.Run(name, func(t *testing.T) {
			req := request(t, pki, "P-256")
			req.Field = "S"
			out := mustSign(t, write(t, "in.pdf", field("/Lock"+c.lock)), req)
			judge(t, pki, out, 1)
			b, err := os.ReadFile(out)
			if err != nil {
				t.Fatal(err)
			}
			f := open(t, b)
			var got []string
			for _, v := range f.Array(f.SignatureFields()[0].Value.Get("Reference")) {
				r := f.Dict(v)
				p := f.Dict(r.Get("TransformParams"))
				what := string(f.Name(p.Get("Action")))
				if n, ok := f.Int(p.Get("P")); ok {
					what = fmt.Sprint(n)
				}
				got = append(got, string(f.Name(r.Get("TransformMethod")))+"/"+what)
				if f.Name(p.Get("V")) != "1.2" || !pdf.Equal(r.Get("Data"), f.CatalogRef()) {
					t.Errorf("reference %v", r)
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("references (-want +got):\n%s", diff)
			}
			if strings.Contains(c.lock, "All") {
				refused(t, out, "locked")
			}
		})
	}
}
