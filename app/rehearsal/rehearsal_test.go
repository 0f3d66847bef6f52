package rehearsal_test

import (
	"crypto/x509"
	"errors"
	"image"
	"image/color"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kyso/app/docsys"
	"kyso/app/placement"
	"kyso/app/rehearsal"
	"kyso/app/signing"
	"kyso/assets"
	"kyso/signer"
	"kyso/signer/signertest"
	"kyso/signer/token"
	"kyso/signer/verify"
)

func newRoad(t *testing.T, folder string) *rehearsal.Road {
	t.Helper()
	r, err := rehearsal.New(rehearsal.Options{
		Name: "Trần Minh Khôi", Title: "Chủ tịch", Folder: folder, Font: assets.SerifRegular(), Heavy: assets.SerifBold(), Clock: time.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// onlyKey is what the road finds.
func onlyKey(t *testing.T, r *rehearsal.Road) signing.Key {
	t.Helper()
	f, err := r.Keys(t.Context())
	if err != nil || len(f.Keys) != 1 {
		t.Fatalf("found %+v, %v", f, err)
	}
	return f.Keys[0]
}

func letter(t *testing.T, p signertest.Paper) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "Công văn.pdf")
	if err := os.WriteFile(path, p.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// practise signs a letter for practice.
func practise(t *testing.T, r *rehearsal.Road, j signing.Job) signing.Outcome {
	t.Helper()
	s, err := r.Open(t.Context(), onlyKey(t, r), []byte(rehearsal.PIN))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close(t.Context()) //nolint:errcheck // a practice token
	out, err := s.Sign(t.Context(), j, func(signing.Step) {})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func picture() image.Image {
	m := image.NewNRGBA(image.Rect(0, 0, 200, 80))
	for x := range 200 {
		m.Set(x, 40, color.NRGBA{B: 200, A: 255})
	}
	return m
}

func TestARehearsalWalksTheRoadAndIsWorthNothing(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "tập")
	r := newRoad(t, folder)
	if k := onlyKey(t, r); k.Subject.Name != "Trần Minh Khôi (BẢN THỬ)" || k.Subject.Title != "Chủ tịch" || !strings.Contains(k.Subject.Issuer, "KHÔNG CÓ GIÁ TRỊ PHÁP LÝ") {
		t.Errorf("the certificate is of %+v", k.Subject)
	}
	path := letter(t, signertest.Paper{Pages: make([]signertest.PaperPage, 3)})
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	out := practise(t, r, signing.Job{
		Path: path, Document: &docsys.Document{ID: "d", Number: "12", Notation: "UBND-VP"}, Role: placement.Approval, Out: path,
		Page: 3, Rect: placement.Rect{X: 300, Y: 300, W: 140, H: 60}, Image: picture(), Time: time.Now(),
	})
	if want := filepath.Join(folder, "12-UBND-VP-banthu.pdf"); out.Path != want || out.Queued != "" {
		t.Errorf("made %s, queued %q; want %s, nothing", out.Path, out.Queued, want)
	}
	if after, err := os.ReadFile(path); err != nil || string(after) != string(before) {
		t.Errorf("the letter changed: %v", err)
	}
	report, err := signer.VerifyFile(t.Context(), out.Path, signer.VerifyOptions{At: time.Now()})
	if err != nil || len(report.Signatures) != 1 || report.Indication == verify.TotalPassed || report.Indication == verify.TotalFailed {
		t.Errorf("judged %v, %d signatures, %v; want whole and of no known authority", report.Indication, len(report.Signatures), err)
	}
	in, err := signer.Inspect(out.Path)
	if err != nil || !rehearsal.Practised(in) {
		t.Errorf("%+v, %v: not known as a rehearsal", in.Fields, err)
	}
	if plain, err := signer.Inspect(path); err != nil || rehearsal.Practised(plain) {
		t.Errorf("the letter counts as a rehearsal: %v", err)
	}
}

func TestNobodyCanTrustAPracticeCertificate(t *testing.T) {
	r := newRoad(t, t.TempDir())
	leaf, err := x509.ParseCertificate(onlyKey(t, r).Certificate.DER)
	if err != nil {
		t.Fatal(err)
	}
	if len(leaf.UnhandledCriticalExtensions) != 1 {
		t.Errorf("unknown critical extensions %v: foreign validators have no reason to refuse it", leaf.UnhandledCriticalExtensions)
	}
	roots := x509.NewCertPool()
	roots.AddCert(leaf)
	if _, err := leaf.Verify(x509.VerifyOptions{Roots: roots, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}}); err == nil {
		t.Error("crypto/x509 accepts it where it is trusted")
	}
	out := practise(t, r, signing.Job{Path: letter(t, signertest.Paper{}), Role: placement.Approval, Time: time.Now()})
	report, err := signer.VerifyFile(t.Context(), out.Path, signer.VerifyOptions{At: time.Now(), Anchors: []*x509.Certificate{leaf}})
	if err != nil || report.Indication == verify.TotalPassed {
		t.Errorf("judged %v, %v by one who trusts the practice certificate", report.Indication, err)
	}
}

func TestTheBytesTellARehearsalAcrossTheReadersPieces(t *testing.T) {
	out := practise(t, newRoad(t, t.TempDir()), signing.Job{Path: letter(t, signertest.Paper{}), Role: placement.Approval, Time: time.Now()})
	file, err := os.ReadFile(out.Path)
	if err != nil {
		t.Fatal(err)
	}
	const oid = "060a2b06010401d679020403"
	at := strings.Index(strings.ToLower(string(file)), oid)
	if at < 0 {
		t.Fatal("the certificate is not in the file")
	}
	cases := map[string]struct {
		bytes string
		want  bool
	}{
		"the file":                       {string(file), true},
		"over the end of a piece":        {strings.Repeat("0", 64<<10-7) + strings.ToUpper(oid), true},
		"at the end of a piece":          {strings.Repeat("0", 64<<10-len(oid)) + oid + strings.Repeat("0", 99), true},
		"the file without the extension": {string(file[:at]) + "00" + string(file[at+2:]), false},
		"nothing":                        {"", false},
	}
	for name, c := range cases {
		if got, err := rehearsal.PractisedBytes(strings.NewReader(c.bytes)); err != nil || got != c.want {
			t.Errorf("%s: got %v, %v", name, got, err)
		}
	}
}

func TestWhatWasInitialledIsRehearsedAndStaysSound(t *testing.T) {
	pki, err := signertest.New(signertest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	office, err := pki.Issue(signertest.IssueSpec{Name: "Phạm Quốc Bảo", Key: "P-256"})
	if err != nil {
		t.Fatal(err)
	}
	initialled := filepath.Join(t.TempDir(), "trình.pdf")
	if _, err := signer.SignFile(t.Context(), letter(t, signertest.Paper{}), initialled, signer.Request{Credential: office.Credential(), Chain: pki.Chain(), Time: time.Now()}); err != nil {
		t.Fatal(err)
	}
	r := newRoad(t, t.TempDir())
	out := practise(t, r, signing.Job{Path: initialled, Role: placement.Approval, Time: time.Now()}) // without a mark
	report, err := signer.VerifyFile(t.Context(), out.Path, signer.VerifyOptions{At: time.Now(), Anchors: pki.Chain()})
	if err != nil || len(report.Signatures) != 2 || report.Signatures[0].Indication == verify.TotalFailed {
		t.Errorf("%+v, %v", report, err)
	}
	again := practise(t, r, signing.Job{Path: out.Path, Role: placement.Approval, Time: time.Now()})
	if filepath.Dir(again.Path) != filepath.Dir(out.Path) || again.Path == out.Path {
		t.Errorf("a second rehearsal made %s of %s", again.Path, out.Path)
	}
}

func TestTheCounterIsThatOfADevice(t *testing.T) {
	r := newRoad(t, t.TempDir())
	open := func(pin string, last bool) error {
		k := onlyKey(t, r)
		k.LastTry = last
		_, err := r.Open(t.Context(), k, []byte(pin))
		return err
	}
	for _, want := range []token.PINState{token.PINLow, token.PINFinal} {
		if err := open("000000", false); !errors.Is(err, token.ErrPINWrong) {
			t.Fatalf("a wrong PIN: %v", err)
		}
		if got := onlyKey(t, r).Token.PIN; got != want {
			t.Errorf("the counter is %s, want %s", got, want)
		}
	}
	if err := open(rehearsal.PIN, false); !errors.Is(err, token.ErrPINFinal) {
		t.Errorf("the last try without a word: %v", err)
	}
	if err := open(rehearsal.PIN, true); err != nil {
		t.Errorf("the last try: %v", err)
	}
	if got := onlyKey(t, r).Token.PIN; got != token.PINReady {
		t.Errorf("the counter is %s", got)
	}
}
