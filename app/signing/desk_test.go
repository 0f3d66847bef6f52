package signing_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"image"
	"image/color"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kyso/app/docsys"
	"kyso/app/outbox"
	"kyso/app/placement"
	"kyso/app/signing"
	"kyso/assets"
	"kyso/signer"
	"kyso/signer/cert"
	"kyso/signer/signertest"
	"kyso/signer/token"
	"kyso/signer/token/provision"
	"kyso/signer/token/remote"
	"kyso/signer/token/tokentest"
	"kyso/signer/verify"
)

const pin = "246810"

func TestMain(m *testing.M) {
	code := m.Run()
	tokentest.Cleanup()
	os.Exit(code)
}

// bench is a desk over a real module in a helper process.
type bench struct {
	desk   *signing.Desk
	folder string
	queue  *queue
	status verify.Status
}

// queue notes what it is given.
type queue struct {
	items, admitted []outbox.Item
	refuse          error
}

func (q *queue) Admit(_ context.Context, i outbox.Item) error {
	q.admitted = append(q.admitted, i)
	return q.refuse
}

func (q *queue) Enqueue(_ context.Context, i outbox.Item) (string, error) {
	q.items = append(q.items, i)
	return "item-1", nil
}

// newBench makes a token with one certificate a spec and a desk that finds it.
func newBench(t *testing.T, specs ...signertest.IssueSpec) *bench {
	t.Helper()
	pki, err := signertest.New(signertest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	tok := provision.Token{Label: "Thiết bị thử", SOPIN: []byte("87654321"), PIN: []byte(pin), Chain: [][]byte{pki.Issuing().Raw}}
	for i, s := range specs {
		id, err := pki.Issue(s)
		if err != nil {
			t.Fatal(err)
		}
		tok.Identities = append(tok.Identities, provision.Identity{ID: []byte{byte(i + 1)}, Label: s.Name, Key: id.Signer, Certificate: id.Certificate.Raw})
	}
	module, env := tokentest.SoftHSM(t, tok)
	good := signing.Module{Path: module, Provider: remote.Start(remote.Options{Helper: tokentest.Helper(t), Module: module, Env: env})}
	t.Cleanup(func() {
		if err := good.Provider.Close(); err != nil {
			t.Error(err)
		}
	})
	twin := signing.Module{Path: "/the/same/module/again.so", Provider: good.Provider}
	b := &bench{folder: t.TempDir(), queue: &queue{}, status: verify.Status{Indication: verify.TotalPassed, Revocation: "good"}}
	b.desk = signing.NewDesk(signing.Config{
		Modules: func(context.Context) ([]signing.Module, []signing.ModuleState) {
			return []signing.Module{good, twin}, []signing.ModuleState{{Path: "/broken.so", Err: &token.Error{Kind: token.KindNotDriver}}}
		},
		Queue: b.queue, Folder: b.folder, Font: assets.SerifRegular(), Clock: time.Now,
		Status: func(_ context.Context, c *x509.Certificate, issuers []*x509.Certificate) verify.Status {
			if len(issuers) == 0 {
				t.Errorf("the issuer on the token was not found for %s", c.Subject)
			}
			return b.status
		},
	})
	return b
}

// keys lists the keys of a bench.
func (b *bench) keys(t *testing.T) signing.Found {
	t.Helper()
	f, err := b.desk.Keys(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// open logs in with the first key.
func (b *bench) open(t *testing.T) signing.Seat {
	t.Helper()
	s, err := b.desk.Open(t.Context(), b.keys(t).Keys[0], []byte(pin))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return s
}

// letter writes a PDF.
func letter(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "cv 247.pdf")
	if err := os.WriteFile(path, signertest.Paper{}.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestOneLoginSignsSeveralDocumentsAndQueuesThem(t *testing.T) {
	b := newBench(t, signertest.IssueSpec{Name: "Trần Minh Khôi", Unit: "UBND phường Kim Liên", Title: "Chủ tịch"})
	s := b.open(t)
	for n, want := range []string{"247-UBND-VP-daky.pdf", "247-UBND-VP-daky (2).pdf"} {
		in := letter(t)
		before := read(t, in)
		var steps []string
		o, err := s.Sign(t.Context(), signing.Job{
			Path: in, Document: &docsys.Document{ID: "d1", Number: "247", Notation: "UBND-VP", Version: "v1", Subject: "V/v thử"},
			Role: placement.Approval, Page: -1, Rect: placement.Rect{X: 300, Y: 200, W: 140, H: 60}, Image: picture(), Time: time.Now().Truncate(time.Second),
		}, func(p signing.Step) { steps = append(steps, string(p)) })
		if err != nil {
			t.Fatal(err)
		}
		if got := filepath.Base(o.Path); got != want {
			t.Errorf("name: got %q, want %q", got, want)
		}
		if got, want := strings.Join(steps, " "), "plan sign check queue"; got != want {
			t.Errorf("steps: got %q, want %q", got, want)
		}
		if !bytes.Equal(read(t, in), before) || !bytes.HasPrefix(read(t, o.Path), before) {
			t.Error("the original was changed, or the output does not extend it")
		}
		said, err := exec.CommandContext(t.Context(), "pdfsig", "-nocert", o.Path).CombinedOutput()
		if err != nil || !bytes.Contains(said, []byte("Signature is Valid")) {
			t.Errorf("pdfsig: %v\n%s", err, said)
		}
		if len(b.queue.items) != n+1 || b.queue.items[n].Stage != "signed" || b.queue.items[n].BaseVersion != "v1" {
			t.Errorf("queue: %+v", b.queue.items)
		}
	}
}

func TestWhatMustNotBeDeliveredIsNotSigned(t *testing.T) {
	b := newBench(t, signertest.IssueSpec{Name: "Trần Minh Khôi", Key: "P-256"})
	s := b.open(t)
	secret := errors.New("secret")
	b.queue.refuse = secret
	j := signing.Job{Path: letter(t), Document: &docsys.Document{ID: "d1", Subject: "V/v thử"}, Role: placement.Approval, NotSecret: true, Time: time.Now()}
	var steps []string
	_, err := s.Sign(t.Context(), j, func(p signing.Step) { steps = append(steps, string(p)) })
	if !errors.Is(err, secret) || strings.Join(steps, " ") != "plan" {
		t.Errorf("got %v after the steps %v, want the refusal before the signature", err, steps)
	}
	if left, _ := filepath.Glob(filepath.Join(b.folder, "*")); len(left) != 0 || len(b.queue.items) != 0 {
		t.Errorf("%v was written, %d items queued", left, len(b.queue.items))
	}
	if a := b.queue.admitted; len(a) != 1 || !a[0].NotSecret || a[0].Path != j.Path || a[0].Metadata.Subject != "V/v thử" {
		t.Errorf("asked for %+v", a)
	}
	j.Document = nil // for this machine only
	if _, err := s.Sign(t.Context(), j, func(signing.Step) {}); err != nil {
		t.Errorf("a local file: %v", err)
	}
}

func TestInitialsAreToldFromAnApproval(t *testing.T) {
	b := newBench(t, signertest.IssueSpec{Name: "Phạm Quốc Bảo", Key: "P-256"})
	o, err := b.open(t).Sign(t.Context(), signing.Job{Path: letter(t), Role: placement.Initials, Time: time.Now()}, func(signing.Step) {})
	if err != nil {
		t.Fatal(err)
	}
	if o.Field != "KyNhay1" || len(o.Report.Signatures) != 1 || o.Report.Signatures[0].Reason != "Ký nháy" {
		t.Errorf("field %q, report %+v", o.Field, o.Report.Signatures)
	}
}

func TestTheListNamesEveryCertificateOnceAndTheBrokenModule(t *testing.T) {
	b := newBench(t,
		signertest.IssueSpec{Name: "Hết Hạn", NotBefore: time.Now().AddDate(-3, 0, 0), NotAfter: time.Now().AddDate(-1, 0, 0)},
		signertest.IssueSpec{Name: "Còn Hạn"})
	f := b.keys(t)
	var got []string
	for _, k := range f.Keys {
		got = append(got, k.Subject.Name+" "+string(k.Fit))
	}
	want := []string{"Còn Hạn " + string(cert.Fit), "Hết Hạn " + string(cert.Expired), signertest.IssuingName + " " + string(cert.IsCA)}
	if strings.Join(got, "|") != strings.Join(want, "|") {
		t.Errorf("got %q, want %q", got, want)
	}
	if len(f.Modules) != 3 || f.Modules[0].Err == nil {
		t.Errorf("modules: %+v", f.Modules)
	}
}

func TestAnExpiredCertificateIsRefusedBeforeThePIN(t *testing.T) {
	b := newBench(t, signertest.IssueSpec{Name: "Hết Hạn", NotBefore: time.Now().AddDate(-3, 0, 0), NotAfter: time.Now().AddDate(-1, 0, 0)})
	_, err := b.desk.Open(t.Context(), b.keys(t).Keys[0], []byte("a wrong PIN, which must not be tried"))
	var unfit *signing.UnfitError
	if !errors.As(err, &unfit) || unfit.Fit != cert.Expired {
		t.Errorf("got %v, want an UnfitError", err)
	}
}

func TestARevokedCertificateIsRefusedBeforeThePIN(t *testing.T) {
	b := newBench(t, signertest.IssueSpec{Name: "Trần Minh Khôi"})
	b.status = verify.Status{Indication: verify.TotalFailed, Revocation: "revoked"}
	k := b.keys(t).Keys[0]
	for range 4 { // a wrong PIN that was tried would lock the token
		_, err := b.desk.Open(t.Context(), k, []byte("000000"))
		var unfit *signing.UnfitError
		if !errors.As(err, &unfit) || unfit.Fit != cert.Revoked {
			t.Fatalf("got %v, want an UnfitError", err)
		}
	}
	if state := b.keys(t).Keys[0].Token.PIN; state != token.PINReady {
		t.Errorf("the PIN was tried: the counter is %s", state)
	}
}

func TestAStatusThatNobodyCouldTellIsNamed(t *testing.T) {
	b := newBench(t, signertest.IssueSpec{Name: "Trần Minh Khôi"})
	b.status = verify.Status{Indication: verify.Indeterminate, Revocation: "unknown"}
	o, err := b.open(t).Sign(t.Context(), signing.Job{Path: letter(t), Role: placement.Approval, Time: time.Now()}, func(signing.Step) {})
	if err != nil {
		t.Fatal(err)
	}
	if !o.Unchecked() {
		t.Errorf("nothing was said of it: %+v", o.Certificate)
	}
}

func TestAWrongPINIsToldAsSuch(t *testing.T) {
	b := newBench(t, signertest.IssueSpec{Name: "Trần Minh Khôi"})
	if _, err := b.desk.Open(t.Context(), b.keys(t).Keys[0], []byte("000000")); !errors.Is(err, token.ErrPINWrong) {
		t.Errorf("got %v, want ErrPINWrong", err)
	}
}

func TestAMarkOutsideThePageStopsTheDocument(t *testing.T) {
	b := newBench(t, signertest.IssueSpec{Name: "Trần Minh Khôi"})
	in := letter(t)
	_, err := b.open(t).Sign(t.Context(), signing.Job{Path: in, Role: placement.Approval, Page: 99, Rect: placement.Rect{W: 10, H: 10}, Image: picture(), Time: time.Now()}, func(signing.Step) {})
	if !errors.Is(err, signer.ErrNoPlace) {
		t.Errorf("got %v, want ErrNoPlace", err)
	}
	if left, err := os.ReadDir(b.folder); err != nil || len(left) != 0 {
		t.Errorf("files were left: %v, %v", left, err)
	}
}

func TestTextMarkNamesHolderUnitAndTimeInVietnam(t *testing.T) {
	got := signing.TextMark(cert.Subject{Name: "Trần Minh Khôi", Unit: "UBND phường Kim Liên"}, time.Date(2026, 11, 23, 7, 5, 9, 0, time.UTC))
	want := "Ký bởi: Trần Minh Khôi|Cơ quan: UBND phường Kim Liên|Thời gian ký: 2026-11-23T14:05:09+07:00"
	if strings.Join(got, "|") != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func picture() image.Image {
	m := image.NewNRGBA(image.Rect(0, 0, 120, 40))
	for x := range 120 {
		m.SetNRGBA(x, 20, color.NRGBA{B: 180, A: 255})
	}
	return m
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestTheLastTryIsSpentOnThePersonsWordOnly(t *testing.T) {
	t.Parallel()
	f := tokentest.NewFake(holder(t, authority(t), "Trần Minh Khôi"))
	desk := signing.NewDesk(newLanes(t, f).config)
	for range 2 {
		if _, err := f.OpenSession(t.Context(), 0, token.Login{PIN: []byte("000000")}); !errors.Is(err, token.ErrPINWrong) {
			t.Fatal(err)
		}
	}
	found, err := desk.Keys(t.Context())
	if err != nil || found.Keys[0].Token.PIN != token.PINFinal {
		t.Fatalf("got %+v, %v, want a token with one try", found.Keys, err)
	}
	if _, err := desk.Open(t.Context(), found.Keys[0], []byte(pin)); !errors.Is(err, token.ErrPINFinal) {
		t.Errorf("got %v, want %v", err, token.ErrPINFinal)
	}
	k := found.Keys[0]
	k.LastTry = true
	s, err := desk.Open(t.Context(), k, []byte(pin))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestTheBlockOfACopyHasTheTimeOfTheSignature(t *testing.T) {
	b := newBench(t, signertest.IssueSpec{Name: "UBND phường Kim Liên", Key: "P-256"})
	at := time.Date(2026, 11, 25, 1, 2, 3, 0, time.UTC)
	block := signing.Block{Role: placement.Copy, Text: "SAO LỤC", Agency: "UBND phường Kim Liên", Font: assets.SerifRegular(), At: at.Add(-time.Hour)}
	in := letter(t)
	p, _, err := block.Place(in, nil, cert.Subject{})
	if err != nil {
		t.Fatal(err)
	}
	o, err := b.open(t).Sign(t.Context(), signing.Job{Path: in, Role: placement.Copy, Page: p.Page, Rect: p.Rect, Block: &block, Time: at}, func(signing.Step) {})
	if err != nil {
		t.Fatal(err)
	}
	text, err := exec.CommandContext(t.Context(), "pdftotext", "-layout", o.Path, "-").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	for _, want := range []string{"SAO LỤC; UBND phường Kim Liên", "2026-11-25T08:02:03+07:00"} {
		if !bytes.Contains(text, []byte(want)) {
			t.Errorf("the page says %q, want %q on it", text, want)
		}
	}
}
