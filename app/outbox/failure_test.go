package outbox_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"kyso/app/docsys"
	site "kyso/app/docsys/refserver/refservertest"
	"kyso/app/outbox"
)

// failing is a connector that answers every submission with an error.
type failing struct {
	err   error
	asked int
}

func (f *failing) Submit(context.Context, docsys.Submission) (docsys.Receipt, error) {
	f.asked++
	return docsys.Receipt{}, f.err
}

func (f *failing) Status(context.Context, string) (docsys.VersionStatus, error) {
	return docsys.VersionStatus{}, f.err
}

func (f *failing) Check(context.Context) (docsys.Checkup, error) { return docsys.Checkup{}, f.err }

func TestWhatAFailureMeans(t *testing.T) {
	refusal := func(status int, retryable bool) error {
		return &docsys.Problem{Title: "Từ chối", Status: status, Retryable: retryable}
	}
	cases := map[string]struct {
		err         error
		want        outbox.State
		least, most time.Duration // until the next try
	}{
		"no server":                      {docsys.ErrOffline, outbox.Queued, 2500 * time.Millisecond, 7500 * time.Millisecond},
		"the server is broken":           {refusal(http.StatusInternalServerError, true), outbox.Queued, 2500 * time.Millisecond, 7500 * time.Millisecond},
		"the server names a time":        {&docsys.Problem{Title: "Bận", Status: 429, Retryable: true, RetryAfter: time.Minute}, outbox.Queued, time.Minute, time.Minute},
		"the key is still in progress":   {refusal(http.StatusConflict, true), outbox.Queued, 2500 * time.Millisecond, 7500 * time.Millisecond},
		"an error that nobody knows":     {errors.New("?"), outbox.Queued, 2500 * time.Millisecond, 7500 * time.Millisecond},
		"not logged in":                  {refusal(http.StatusUnauthorized, false), outbox.NeedsLogin, 0, 0},
		"not allowed":                    {refusal(http.StatusForbidden, false), outbox.NeedsAction, 0, 0},
		"a conflict":                     {refusal(http.StatusConflict, false), outbox.NeedsAction, 0, 0},
		"a newer version":                {refusal(http.StatusPreconditionFailed, false), outbox.NeedsAction, 0, 0},
		"a file that the server refuses": {refusal(http.StatusUnprocessableEntity, false), outbox.NeedsAction, 0, 0},
		"the server stored other bytes":  {docsys.ErrDigest, outbox.Queued, 2500 * time.Millisecond, 7500 * time.Millisecond},
		"other bytes arrived": {
			&docsys.Problem{Type: "/problems/digest-mismatch", Title: "Khác", Status: 422}, outbox.Queued, 2500 * time.Millisecond, 7500 * time.Millisecond,
		},
	}
	d := newDesk(t, 1)
	in := d.item(t, 0, site.Chairman)
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			b := openBox(t, t.TempDir(), &failing{err: c.err}, d.clock.Now)
			id := enqueue(t, b, in)
			if err := b.Deliver(t.Context()); err != nil {
				t.Fatal(err)
			}
			got := get(t, b, id)
			if got.State != c.want || !strings.Contains(got.Problem, c.err.Error()) {
				t.Errorf("state %s with %q, want %s with %q", got.State, got.Problem, c.want, c.err)
			}
			if c.most == 0 {
				return
			}
			if wait := got.DueAt.Sub(d.clock.Now()); wait < c.least || wait > c.most {
				t.Errorf("the next try is in %s, want %s to %s", wait, c.least, c.most)
			}
		})
	}
}

func TestItNeverGivesUpAndAsksThePersonAfterThreeDays(t *testing.T) {
	d := newDesk(t, 1)
	f := &failing{err: docsys.ErrOffline}
	b := openBox(t, t.TempDir(), f, d.clock.Now)
	id := enqueue(t, b, d.item(t, 0, site.Chairman))
	for range 200 {
		if err := b.Deliver(t.Context()); err != nil {
			t.Fatal(err)
		}
		i := get(t, b, id)
		if wait := i.DueAt.Sub(d.clock.Now()); i.State != outbox.Queued || wait <= 0 || wait > 45*time.Minute {
			t.Fatalf("after %d tries it is %s and waits %s", i.Tries, i.State, wait)
		}
		if old := d.clock.Now().Sub(i.QueuedAt) > outbox.AskAfter; i.Overdue(d.clock.Now()) != old {
			t.Fatalf("overdue is %v at the age of %s", !old, d.clock.Now().Sub(i.QueuedAt))
		}
		d.clock.Forward(time.Hour)
	}
	if f.asked != 200 {
		t.Errorf("tried %d times, want 200", f.asked)
	}
}

func TestAMissingLoginHoldsTheConnector(t *testing.T) {
	d := newDesk(t, 4)
	b := openBox(t, t.TempDir(), docsys.NewClient(d.site.URL, "expired", http.DefaultClient), d.clock.Now)
	var ids []string
	for n := range 4 {
		ids = append(ids, enqueue(t, b, d.item(t, n, site.Chairman)))
	}
	for range 2 {
		if err := b.Deliver(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if got := get(t, b, ids[0]).State; got != outbox.NeedsLogin {
		t.Errorf("the first is %s", got)
	}
	if got := get(t, b, ids[3]); got.State != outbox.Queued || got.Problem != "" {
		t.Errorf("the last was tried: %+v", got)
	}
	if err := b.Connect(t.Context(), "", d.client(nil)); err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		if got := d.deliver(t, b, id); got.State != outbox.Accepted {
			t.Errorf("after the log-in: %+v", got)
		}
	}
}

func TestARefusedItemWaitsForThePersonAndOthersGoOn(t *testing.T) {
	d := newDesk(t, 2)
	b := openBox(t, t.TempDir(), d.client(nil), d.clock.Now)
	stale := d.item(t, 0, site.Chairman)
	stale.BaseVersion = d.docs[1].Version
	first, second := enqueue(t, b, stale), enqueue(t, b, d.item(t, 1, site.Chairman))
	if got := d.deliver(t, b, second); got.State != outbox.Accepted {
		t.Errorf("the other one is %+v", got)
	}
	got := get(t, b, first)
	if got.State != outbox.NeedsAction || !strings.Contains(got.Problem, "bản mới hơn") {
		t.Errorf("got %+v, want the problem's text", got)
	}
	if err := b.Retry(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	if got := get(t, b, first); got.State != outbox.Queued {
		t.Errorf("after Retry it is %s", got.State)
	}
	if err := b.Discard(t.Context(), first); !errors.Is(err, outbox.ErrState) {
		t.Errorf("discarded while queued: %v", err)
	}
	if err := b.Pause(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	if err := b.Discard(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Item(t.Context(), first); !errors.Is(err, outbox.ErrUnknown) {
		t.Errorf("still there: %v", err)
	}
}

func TestOneDocumentsFilesGoInOrder(t *testing.T) {
	d := newDesk(t, 1)
	b := openBox(t, t.TempDir(), nil, d.clock.Now)
	one := d.item(t, 0, site.Office)
	one.BaseVersion = "no such version"
	first, second := enqueue(t, b, one), enqueue(t, b, d.item(t, 0, site.Chairman))
	if err := b.Connect(t.Context(), "", d.client(nil)); err != nil {
		t.Fatal(err)
	}
	if err := b.Deliver(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := get(t, b, first).State; got != outbox.NeedsAction {
		t.Errorf("the first is %s", got)
	}
	if got := get(t, b, second).State; got != outbox.Queued {
		t.Errorf("the second overtook: %s", got)
	}
	if err := b.Discard(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	if got := d.deliver(t, b, second); got.State != outbox.Accepted {
		t.Errorf("the second is %+v", got)
	}
}

func TestAFailedVerificationNeedsThePerson(t *testing.T) {
	d := newDesk(t, 1)
	b := openBox(t, t.TempDir(), d.client(nil), d.clock.Now)
	in := d.item(t, 0, site.Chairman)
	unsigned := d.docs[0]
	in.Path = writeFile(t, []byte("%PDF1 without a signature"))
	in.BaseVersion = unsigned.Version
	got := d.deliver(t, b, enqueue(t, b, in))
	if got.State != outbox.NeedsAction || got.Verification.State != "failed" || got.Problem == "" {
		t.Errorf("got %+v, want the server's reason", got)
	}
}

func TestWithoutAConnectorItemsWait(t *testing.T) {
	d := newDesk(t, 1)
	b := openBox(t, t.TempDir(), nil, d.clock.Now)
	id := enqueue(t, b, d.item(t, 0, site.Chairman))
	if err := b.Deliver(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := get(t, b, id); got.State != outbox.Queued || got.Problem != "" {
		t.Errorf("got %+v", got)
	}
}
