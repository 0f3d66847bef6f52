package demo_test

import (
	"context"
	"image/png"
	"os"
	"strings"
	"testing"
	"time"

	"kyso/app"
	"kyso/app/demo"
	"kyso/app/docsys"
	"kyso/app/outbox"
	"kyso/app/placement"
	"kyso/app/signing"
	"kyso/signer/verify"
)

// allSigned walks the chairman's road with every letter: fetch, place, sign,
// deliver; and sees the server accept each and the board move by six.
func allSigned(t *testing.T, s *demo.Services) {
	t.Helper()
	h, err := s.Handover(t.Context(), demo.Chairman())
	if err != nil {
		t.Fatal(err)
	}
	h.Data = t.TempDir()
	a, err := app.Start(t.Context(), app.Options{Handover: &h})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	}()
	before := fulfilled(t, a)
	waiting, err := a.Client.Waiting(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	seat := sitDown(t, a, demo.Chairman())
	delivering, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- a.Outbox.Run(delivering) }()
	for _, doc := range waiting {
		signAndDeliver(t, a, seat, doc)
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if got, want := fulfilled(t, a), before+len(demo.Letters()); got != want {
		t.Errorf("signed documents of the ward: got %d, want %d", got, want)
	}
	if left, err := a.Client.Waiting(t.Context()); err != nil || len(left) != 0 {
		t.Errorf("still waiting: %d documents (%v)", len(left), err)
	}
}

func fulfilled(t *testing.T, a *app.App) int {
	t.Helper()
	page, err := a.Client.Board(t.Context(), a.Handover.Person.Unit, time.Now().In(docsys.Hanoi()).Format("2006"))
	if err != nil {
		t.Fatal(err)
	}
	if page.Own.Required == 0 || !page.Illustrative {
		t.Fatalf("the ward's board: %+v", page)
	}
	return page.Own.Fulfilled
}

// sitDown logs the person in with the PIN that the hint gives away.
func sitDown(t *testing.T, a *app.App, p demo.Person) signing.Seat {
	t.Helper()
	found, err := a.Road.Keys(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range found.Keys {
		if k.Subject.Name != p.Name {
			continue
		}
		if !strings.Contains(a.Handover.HintFor(k.Subject.SHA256), p.PIN) {
			t.Errorf("the hint for %s does not tell the PIN", p.Name)
		}
		seat, err := a.Road.Open(t.Context(), k, []byte(p.PIN))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = seat.Close(context.Background()) }) // the provider may be closed already
		return seat
	}
	t.Fatalf("no certificate of %s among %d", p.Name, len(found.Keys))
	return nil
}

func signAndDeliver(t *testing.T, a *app.App, seat signing.Seat, doc docsys.Document) {
	t.Helper()
	path, err := a.Fetch(t.Context(), doc)
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(a.Handover.SignatureImage)
	if err != nil {
		t.Fatal(err)
	}
	picture, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	pages, err := a.Pages(t.Context(), path, nil)
	if err != nil {
		t.Fatal(err)
	}
	w, h := signing.MarkSize(placement.Approval, picture)
	where := placement.Propose(pages, placement.Approval, placement.Signer{Name: doc.SignerName, Title: doc.SignerTitle}, w, h)
	text := len(pages[0].Lines) > 0
	if where.Sure != text {
		t.Errorf("%s: place on page %d is sure: %v, want %v (%s)", doc.Subject, where.Page, where.Sure, text, where.Why)
	}
	out, err := seat.Sign(t.Context(), signing.Job{
		Path: path, Document: &doc, Role: placement.Approval, Page: where.Page, Rect: where.Rect, Image: picture, Time: time.Now(),
	}, func(signing.Step) {})
	if err != nil {
		t.Fatal(err)
	}
	run(t, "qpdf", "--check", out.Path)
	for _, s := range out.Report.Signatures {
		if s.Indication == verify.TotalFailed {
			t.Errorf("%s: %+v", doc.Subject, s)
		}
	}
	a.Outbox.Wake()
	item, err := a.Outbox.Follow(t.Context(), out.Queued, func(outbox.Item) {})
	if err != nil || item.State != outbox.Accepted {
		t.Errorf("%s: delivered as %q: %s (%v)", doc.Subject, item.State, item.Problem, err)
	}
}
