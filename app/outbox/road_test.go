package outbox_test

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"kyso/app/docsys"
	"kyso/app/docsys/refserver"
	site "kyso/app/docsys/refserver/refservertest"
	"kyso/app/outbox"
	"kyso/signer"
	"kyso/signer/signertest"
)

// sign signs a file with the real engine.
func sign(t *testing.T, in string, who signertest.Identity, pki *signertest.Server, reason string) string {
	t.Helper()
	out := filepath.Join(t.TempDir(), "signed.pdf")
	_, err := signer.SignFile(t.Context(), in, out, signer.Request{
		Credential: who.Credential(), Chain: pki.Chain(), Reason: reason, Time: time.Now(),
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func issue(t *testing.T, pki *signertest.Server, name string) signertest.Identity {
	t.Helper()
	id, err := pki.Issue(signertest.IssueSpec{Name: name, Unit: "UBND phường Kim Liên", Key: "P-256"})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// realSite is a server that judges with the real validator, with one letter
// that carries the real initials of the office's head.
func realSite(t *testing.T, pki *signertest.Server, chairman, office signertest.Identity) (*site.Site, *docsys.Client) {
	t.Helper()
	trust := t.TempDir()
	if err := os.WriteFile(filepath.Join(trust, "root.cer"), pki.Root().Raw, 0o600); err != nil {
		t.Fatal(err)
	}
	judge, err := refserver.Trusting(trust, &http.Client{Timeout: 10 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	letter, err := os.ReadFile(sign(t, writeFile(t, signertest.Paper{}.Bytes()), office, pki, "Ký nháy"))
	if err != nil {
		t.Fatal(err)
	}
	clock := site.NewClock()
	clock.Forward(time.Since(clock.Now()))
	s := site.Start(t, t.TempDir(), clock, site.Options{
		Verifier: judge,
		People: []refserver.Person{
			{Login: site.Chairman, Name: "Trần Minh Khôi", Unit: refserver.KimLienUnit, Role: "head", Certificates: []refserver.Certificate{{DER: chairman.Certificate.Raw}}},
			{Login: site.Office, Name: "Phạm Quốc Bảo", Unit: refserver.KimLienUnit, Role: "department-head", Certificates: []refserver.Certificate{{DER: office.Certificate.Raw}}},
		},
		Letters: []refserver.Letter{{
			Number: "251", Notation: "UBND-VP", Type: "Công văn", Subject: "V/v ký thật", SignerName: "Trần Minh Khôi", PDF: letter,
			IssuedOn: time.Now().UTC().Add(7 * time.Hour).Format("2006-01-02"), InitialledBy: []string{"Phạm Quốc Bảo"},
		}},
	})
	// A minute ahead, so that nothing signed now is from the future.
	clock.Forward(time.Minute)
	return s, s.As(site.Chairman)
}

// waitingDocument is the one letter, once its initials are verified.
func waitingDocument(t *testing.T, me *docsys.Client) docsys.Document {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		docs, err := me.Waiting(t.Context())
		if err != nil || len(docs) != 1 {
			t.Fatalf("%d documents wait, %v", len(docs), err)
		}
		status, err := me.Status(t.Context(), docs[0].Version)
		if err != nil {
			t.Fatal(err)
		}
		if status.State == "passed" {
			docs, err = me.Waiting(t.Context())
			if err != nil || len(docs) != 1 {
				t.Fatalf("%d documents wait, %v", len(docs), err)
			}
			return docs[0]
		}
		if status.State != "pending" {
			t.Fatalf("the initialled letter is %+v", status)
		}
		select {
		case <-tick.C:
		case <-t.Context().Done():
			t.Fatal("never verified")
		}
	}
}

func TestARealSignatureGoesTheWholeRoad(t *testing.T) {
	pki, err := signertest.Start(signertest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pki.Close() })
	chairman, office := issue(t, pki, "Trần Minh Khôi"), issue(t, pki, "Phạm Quốc Bảo")
	s, me := realSite(t, pki, chairman, office)
	d := waitingDocument(t, me)
	if len(d.InitialledBy) != 1 || len(d.Missing) != 1 || d.Missing[0] != "approval" {
		t.Errorf("initialled by %v, misses %v; want one and the approval", d.InitialledBy, d.Missing)
	}
	r, err := me.Content(t.Context(), d.Version)
	if err != nil {
		t.Fatal(err)
	}
	draft := filepath.Join(t.TempDir(), "draft.pdf")
	f, err := os.Create(draft)
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.ReadFrom(r)
	if err = firstOf(err, r.Close(), f.Close()); err != nil {
		t.Fatal(err)
	}

	b := openBox(t, t.TempDir(), me, time.Now)
	changes := make(chan outbox.Item, 100)
	b.Watch(func(i outbox.Item) { changes <- i })
	id := enqueue(t, b, outbox.Item{DocumentID: d.ID, BaseVersion: d.Version, Stage: "signed", Path: sign(t, draft, chairman, pki, "Phê duyệt")})
	run(t, b)
	until(t, changes, func(i outbox.Item) bool {
		if i.State == outbox.NeedsAction {
			t.Fatalf("refused: %+v", i)
		}
		return i.State == outbox.Accepted
	})
	got := get(t, b, id)
	if got.Verification.State != "passed" || len(got.Verification.Fulfilled) != 1 || got.Verification.Fulfilled[0] != "approval" {
		t.Errorf("the server says %+v", got.Verification)
	}
	page, err := s.As(site.Chairman).Board(t.Context(), refserver.KimLienUnit, d.IssuedOn[:4])
	if err != nil || page.Own.Fulfilled != 161 || page.Own.Required != 170 {
		t.Errorf("the board shows %+v, %v; want 161 of 170", page.Own, err)
	}
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
