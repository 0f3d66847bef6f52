package refserver_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"os"
	"testing"
	"time"

	"kyso/app/docsys"
	"kyso/app/docsys/refserver"
	site "kyso/app/docsys/refserver/refservertest"
	"kyso/signer/verify"
)

const year = "2026"

// letters are three that wait for the chairman.
func letters() []refserver.Letter {
	var out []refserver.Letter
	for _, number := range []string{"247", "248", "249"} {
		out = append(out, refserver.Letter{
			Number: number, Notation: "UBND-VP", Type: "Công văn", Subject: "V/v thử nghiệm " + number, IssuedOn: "2026-11-20",
			SignerName: "Trần Minh Khôi", SignerTitle: "Chủ tịch", PDF: []byte("%PDF-1.7 văn bản " + number),
		})
	}
	return out
}

// passed is a signature that the judge accepts.
func passed(s *site.Site, login string) verify.Signature {
	return verify.Signature{
		Field: "Signature1", Indication: verify.TotalPassed, ClaimedTime: time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC),
		Signer: verify.Certificate{SHA256: s.Certificates[login], Holder: login},
	}
}

func submission(d docsys.Document, key, stage string, file []byte) docsys.Submission {
	sum := sha256.Sum256(file)
	return docsys.Submission{
		Key: key, DocumentID: d.ID, BaseVersion: d.Version, Stage: stage, SHA256: hex.EncodeToString(sum[:]), Size: int64(len(file)),
		Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(file)), nil },
	}
}

// settled asks until the server has decided.
func settled(t *testing.T, c *docsys.Client, version string) docsys.VersionStatus {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		got, err := c.Status(t.Context(), version)
		if err != nil {
			t.Fatal(err)
		}
		if got.State != "pending" {
			return got
		}
		select {
		case <-tick.C:
		case <-t.Context().Done():
			t.Fatal("never decided")
		}
	}
}

func waiting(t *testing.T, c *docsys.Client) []docsys.Document {
	t.Helper()
	docs, err := c.Waiting(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return docs
}

func content(t *testing.T, c *docsys.Client, version string) []byte {
	t.Helper()
	r, err := c.Content(t.Context(), version)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// fulfilled is the ward's own number of signed documents.
func fulfilled(t *testing.T, s *site.Site) int {
	t.Helper()
	page, err := s.As(site.Chairman).Board(t.Context(), refserver.KimLienUnit, year)
	if err != nil {
		t.Fatal(err)
	}
	return page.Own.Fulfilled
}

func problem(t *testing.T, err error) *docsys.Problem {
	t.Helper()
	var p *docsys.Problem
	if !errors.As(err, &p) {
		t.Fatalf("got %v, want a problem", err)
	}
	return p
}

func TestAVerifiedSignatureMovesTheRate(t *testing.T) {
	s := site.Start(t, t.TempDir(), site.NewClock(), site.Options{Letters: letters()})
	me := s.As(site.Chairman)
	docs := waiting(t, me)
	if len(docs) != 3 {
		t.Fatalf("%d documents wait, want 3", len(docs))
	}
	d := docs[0]
	signed := site.Sign(t, content(t, me, d.Version), passed(s, site.Chairman))
	receipt, err := me.Submit(t.Context(), submission(d, "key-0001", "signed", signed))
	if err != nil {
		t.Fatal(err)
	}
	if sum := sha256.Sum256(signed); receipt.SHA256 != hex.EncodeToString(sum[:]) {
		t.Errorf("receipt for %s", receipt.SHA256)
	}
	if got := settled(t, me, receipt.Version); got.State != "passed" || len(got.Fulfilled) != 1 || got.Fulfilled[0] != "approval" {
		t.Errorf("status %+v, want passed with the approval", got)
	}
	if got := fulfilled(t, s); got != 161 {
		t.Errorf("%d fulfilled, want 161", got)
	}
	if got := len(waiting(t, me)); got != 2 {
		t.Errorf("%d still wait, want 2", got)
	}
	if got := content(t, me, receipt.Version); !bytes.Equal(got, signed) {
		t.Error("the stored file differs")
	}
}

func TestWhatCountsAsAnApproval(t *testing.T) {
	cases := map[string]struct {
		signer    string
		change    func(*verify.Signature)
		stage     string
		state     string
		fulfilled int
	}{
		"the head's personal signature":           {site.Chairman, nil, "signed", "passed", 1},
		"the deputy's, on behalf":                 {site.Deputy, nil, "signed", "passed", 1},
		"not that of somebody without authority":  {site.Office, nil, "signed", "passed", 0},
		"not the head's of another ward":          {site.Outsider, nil, "signed", "passed", 0},
		"not the agency's seal":                   {site.Clerk, nil, "sealed", "passed", 0},
		"not initials, told by the reason":        {site.Chairman, func(s *verify.Signature) { s.Reason = "Ký nháy" }, "initialled", "passed", 0},
		"not initials, told by the field":         {site.Chairman, func(s *verify.Signature) { s.Field = "KyNhay1" }, "initialled", "passed", 0},
		"not an unknown certificate":              {site.Chairman, func(s *verify.Signature) { s.Signer.SHA256 = "00" }, "signed", "passed", 0},
		"not a failed signature":                  {site.Chairman, func(s *verify.Signature) { s.Indication = verify.TotalFailed }, "signed", "failed", 0},
		"not an undecided one":                    {site.Chairman, func(s *verify.Signature) { s.Indication = verify.Indeterminate }, "signed", "indeterminate", 0},
		"not one from before the authority":       {site.Chairman, func(s *verify.Signature) { s.ClaimedTime = time.Date(2025, 6, 1, 0, 0, 0, 0, time.UTC) }, "signed", "passed", 0},
		"one from a clock that is ahead":          {site.Chairman, func(s *verify.Signature) { s.ClaimedTime = time.Date(2031, 1, 1, 0, 0, 0, 0, time.UTC) }, "signed", "passed", 1},
		"whatever the client claims as the stage": {site.Chairman, nil, "copy", "passed", 1},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := site.Start(t, t.TempDir(), site.NewClock(), site.Options{Letters: letters()[:1], NoYear: true})
			d := waiting(t, s.As(site.Chairman))[0]
			sig := passed(s, c.signer)
			if c.change != nil {
				c.change(&sig)
			}
			me := s.As(site.Chairman) // who uploads does not matter
			receipt, err := me.Submit(t.Context(), submission(d, "key-0001", c.stage, site.Sign(t, content(t, me, d.Version), sig)))
			if err != nil {
				t.Fatal(err)
			}
			if got := settled(t, me, receipt.Version); got.State != c.state {
				t.Errorf("state %s (%s), want %s", got.State, got.Why, c.state)
			}
			if got := fulfilled(t, s); got != c.fulfilled {
				t.Errorf("%d fulfilled, want %d", got, c.fulfilled)
			}
		})
	}
}

func TestAFileWithoutSignatureFailsAndIsWithdrawn(t *testing.T) {
	s := site.Start(t, t.TempDir(), site.NewClock(), site.Options{Letters: letters()[:1], NoYear: true})
	me := s.As(site.Chairman)
	d := waiting(t, me)[0]
	receipt, err := me.Submit(t.Context(), submission(d, "key-0001", "signed", append(content(t, me, d.Version), " thêm"...)))
	if err != nil {
		t.Fatal(err)
	}
	if got := settled(t, me, receipt.Version); got.State != "failed" || got.Why == "" {
		t.Errorf("status %+v, want failed with a reason", got)
	}
	if again := waiting(t, me); len(again) != 1 || again[0].Version != d.Version {
		t.Errorf("waits %+v, want the version before", again)
	}
}

func TestInitialsAreTakenFromTheFile(t *testing.T) {
	dir, clock := t.TempDir(), site.NewClock()
	// The certificates are made by the first start; a second server uses them.
	first := site.Start(t, dir, clock, site.Options{NoYear: true})
	l := letters()[0]
	sig := passed(first, site.Office)
	sig.Reason = "Ký nháy"
	l.PDF, l.InitialledBy = site.Sign(t, l.PDF, sig), []string{"a claim that nobody believes"}
	other := t.TempDir()
	for _, login := range []string{site.Chairman, site.Deputy, site.Office, site.Clerk, site.Outsider} {
		copyFile(t, dir+"/"+login+".cer", other+"/"+login+".cer")
	}
	s := site.Start(t, other, clock, site.Options{Letters: []refserver.Letter{l}, NoYear: true})
	me := s.As(site.Chairman)
	d := waiting(t, me)[0]
	settled(t, me, d.Version)
	d = waiting(t, me)[0]
	if len(d.InitialledBy) != 1 || d.InitialledBy[0] != site.Office {
		t.Errorf("initialled by %v", d.InitialledBy)
	}
	if len(d.Missing) != 1 || d.Missing[0] != "approval" {
		t.Errorf("misses %v, want the approval", d.Missing)
	}
}

func TestRefusals(t *testing.T) {
	s := site.Start(t, t.TempDir(), site.NewClock(), site.Options{Letters: letters()})
	me := s.As(site.Chairman)
	docs := waiting(t, me)
	file := content(t, me, docs[0].Version)
	signed := site.Sign(t, file, passed(s, site.Chairman))
	cases := map[string]struct {
		call   func(context.Context) error
		status int
	}{
		"a file that changes earlier bytes": {func(ctx context.Context) error {
			bad := bytes.Clone(signed)
			bad[5] = 'x'
			_, err := me.Submit(ctx, submission(docs[0], "key-prefix", "signed", bad))
			return err
		}, http.StatusUnprocessableEntity},
		"a version of a wrong base": {func(ctx context.Context) error {
			d := docs[0]
			d.Version = docs[1].Version
			_, err := me.Submit(ctx, submission(d, "key-base", "signed", site.Sign(t, content(t, me, d.Version), passed(s, site.Chairman))))
			return err
		}, http.StatusPreconditionFailed},
		"a version without a base": {func(ctx context.Context) error {
			d := docs[0]
			d.Version = ""
			_, err := me.Submit(ctx, submission(d, "key-none", "signed", signed))
			return err
		}, http.StatusPreconditionRequired},
		"bytes that are not what the hash says": {func(ctx context.Context) error {
			sub := submission(docs[0], "key-digest", "signed", signed)
			sub.SHA256 = hex.EncodeToString(make([]byte, 32))
			_, err := me.Submit(ctx, sub)
			return err
		}, http.StatusUnprocessableEntity},
		"another ward's document": {func(ctx context.Context) error {
			_, err := s.As(site.Outsider).Document(ctx, docs[0].ID)
			return err
		}, http.StatusNotFound},
		"another ward's file": {func(ctx context.Context) error {
			_, err := s.As(site.Outsider).Content(ctx, docs[0].Version)
			return err
		}, http.StatusNotFound},
		"another ward's list": {func(ctx context.Context) error {
			_, err := s.As(site.Outsider).Unsigned(ctx, refserver.KimLienUnit, year)
			return err
		}, http.StatusForbidden},
		"the clerk's view of the district": {func(ctx context.Context) error {
			_, err := s.As(site.Clerk).Board(ctx, refserver.DistrictUnit, year)
			return err
		}, http.StatusForbidden},
		"a bad period": {func(ctx context.Context) error {
			_, err := me.Board(ctx, refserver.KimLienUnit, "2026-13")
			return err
		}, http.StatusBadRequest},
		"no token": {func(ctx context.Context) error {
			_, err := docsys.NewClient(s.URL, "", http.DefaultClient).Whoami(ctx)
			return err
		}, http.StatusUnauthorized},
		"a wrong password": {func(ctx context.Context) error {
			_, err := docsys.NewClient(s.URL, "", http.DefaultClient).Login(ctx, site.Chairman, "sai")
			return err
		}, http.StatusUnauthorized},
		"a number that is taken": {func(ctx context.Context) error {
			n := docsys.NewDocument{
				Unit: refserver.KimLienUnit, Type: "Công văn", Subject: "Trùng số", Secrecy: "none",
				Number: new("247"), Notation: new("UBND-VP"), IssuedOn: new("2026-11-02"),
			}
			_, err := me.Create(ctx, "key-number", n)
			return err
		}, http.StatusConflict},
		"a secret document": {func(ctx context.Context) error {
			_, err := me.Create(ctx, "key-secret", docsys.NewDocument{Unit: refserver.KimLienUnit, Type: "Công văn", Subject: "Mật", Secrecy: "mat"})
			return err
		}, http.StatusUnprocessableEntity},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			p := problem(t, c.call(t.Context()))
			if p.Status != c.status || p.Title == "" || p.Retryable {
				t.Errorf("got %+v, want status %d", p, c.status)
			}
		})
	}
	if got := fulfilled(t, s); got != 160 {
		t.Errorf("%d fulfilled after refusals, want 160", got)
	}
}

func TestIdempotency(t *testing.T) {
	s := site.Start(t, t.TempDir(), site.NewClock(), site.Options{Letters: letters(), NoYear: true})
	me := s.As(site.Chairman)
	docs := waiting(t, me)
	signed := site.Sign(t, content(t, me, docs[0].Version), passed(s, site.Chairman))
	first, err := me.Submit(t.Context(), submission(docs[0], "key-0001", "signed", signed))
	if err != nil {
		t.Fatal(err)
	}
	t.Run("the same request gives the stored answer", func(t *testing.T) {
		if again, err := me.Submit(t.Context(), submission(docs[0], "key-0001", "signed", signed)); err != nil || again != first {
			t.Errorf("got %+v, %v, want %+v", again, err, first)
		}
	})
	t.Run("the same bytes under another key give the same version", func(t *testing.T) {
		if again, err := me.Submit(t.Context(), submission(docs[0], "key-0002", "signed", signed)); err != nil || again != first {
			t.Errorf("got %+v, %v, want %+v", again, err, first)
		}
	})
	t.Run("another request under the key is refused", func(t *testing.T) {
		other := site.Sign(t, content(t, me, docs[1].Version), passed(s, site.Chairman))
		_, err := me.Submit(t.Context(), submission(docs[1], "key-0001", "signed", other))
		if p := problem(t, err); p.Status != http.StatusUnprocessableEntity {
			t.Errorf("got %+v", p)
		}
	})
	t.Run("a document is made once", func(t *testing.T) {
		n := docsys.NewDocument{Unit: refserver.KimLienUnit, Type: "Công văn", Subject: "Một lần", Secrecy: "none"}
		a, err := me.Create(t.Context(), "key-0003", n)
		if err != nil {
			t.Fatal(err)
		}
		if b, err := me.Create(t.Context(), "key-0003", n); err != nil || b.ID != a.ID {
			t.Errorf("got %s, %v, want %s", b.ID, err, a.ID)
		}
	})
}

func TestAVerificationSurvivesARestart(t *testing.T) {
	dir, clock := t.TempDir(), site.NewClock()
	entered := make(chan struct{}, 1)
	hangs := func(ctx context.Context, _ io.ReaderAt, _ int64, _ time.Time) (verify.Report, error) {
		select {
		case entered <- struct{}{}:
		default:
		}
		<-ctx.Done()
		return verify.Report{}, ctx.Err()
	}
	first := site.Start(t, dir, clock, site.Options{Verifier: hangs, Letters: letters()[:1]})
	me := first.As(site.Chairman)
	d := waiting(t, me)[0]
	receipt, err := me.Submit(t.Context(), submission(d, "key-0001", "signed", site.Sign(t, content(t, me, d.Version), passed(first, site.Chairman))))
	if err != nil {
		t.Fatal(err)
	}
	<-entered
	first.Stop() // while the judge is at work
	second := site.Start(t, dir, clock, site.Options{})
	if got := settled(t, second.As(site.Chairman), receipt.Version); got.State != "passed" {
		t.Errorf("got %+v", got)
	}
	if got := fulfilled(t, second); got != 161 {
		t.Errorf("%d fulfilled, want 161", got)
	}
}

func TestWhileItIsVerifiedADutyIsPending(t *testing.T) {
	release := make(chan struct{})
	t.Cleanup(func() { close(release) })
	slow := func(ctx context.Context, r io.ReaderAt, size int64, at time.Time) (verify.Report, error) {
		select {
		case <-release:
		case <-ctx.Done():
		}
		return site.Marked(ctx, r, size, at)
	}
	s := site.Start(t, t.TempDir(), site.NewClock(), site.Options{Verifier: slow, Letters: letters()[:1]})
	me := s.As(site.Chairman)
	d := waiting(t, me)[0]
	if _, err := me.Submit(t.Context(), submission(d, "key-0001", "signed", site.Sign(t, content(t, me, d.Version), passed(s, site.Chairman)))); err != nil {
		t.Fatal(err)
	}
	page, err := me.Board(t.Context(), refserver.KimLienUnit, year)
	if err != nil {
		t.Fatal(err)
	}
	if page.Own.Required != 170 || page.Own.Fulfilled != 160 || page.Own.Pending != 1 {
		t.Errorf("got %+v, want 160 of 170 with one pending", page.Own)
	}
	if got := len(waiting(t, me)); got != 0 {
		t.Errorf("%d wait, want none while it is verified", got)
	}
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	b, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, b, 0o600); err != nil {
		t.Fatal(err)
	}
}
