package outbox_test

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"kyso/app/docsys"
	site "kyso/app/docsys/refserver/refservertest"
	"kyso/app/outbox"
)

// slow is a connector that reads the file chunk by chunk, each when the test
// says so, and stores it when all was read.
type slow struct {
	chunk   chan struct{} // one is taken for each chunk
	begun   chan string   // the resume state at each beginning
	commit  chan struct{} // one is taken for the commit; nil commits at once
	resumed string        // what it asks to remember

	mu     sync.Mutex
	stored map[string]int
}

func newSlow() *slow {
	return &slow{chunk: make(chan struct{}, 100), begun: make(chan string, 100), stored: map[string]int{}, resumed: "half-way"}
}

func (s *slow) Submit(ctx context.Context, sub docsys.Submission) (docsys.Receipt, error) {
	s.begun <- sub.Resume
	f, err := sub.Open()
	if err != nil {
		return docsys.Receipt{}, err
	}
	body := docsys.Counted(f, sub.Progress)
	defer func() { _ = body.Close() }()
	if err := sub.Remember(s.resumed); err != nil {
		return docsys.Receipt{}, err
	}
	buf := make([]byte, 4)
	for {
		select {
		case <-s.chunk:
		case <-ctx.Done():
			return docsys.Receipt{}, ctx.Err()
		}
		if _, err := body.Read(buf); errors.Is(err, io.EOF) {
			break
		}
	}
	if err := sub.Committing(); err != nil {
		return docsys.Receipt{}, err
	}
	s.mu.Lock()
	s.stored[sub.Key]++
	s.mu.Unlock()
	if s.commit != nil {
		select {
		case <-s.commit:
		case <-ctx.Done():
			return docsys.Receipt{}, ctx.Err()
		}
	}
	return docsys.Receipt{Version: "v-" + sub.Key, SHA256: sub.SHA256, ReceivedAt: time.Unix(1, 0)}, nil
}

func (s *slow) Status(context.Context, string) (docsys.VersionStatus, error) {
	return docsys.VersionStatus{State: docsys.Unverified}, nil
}

func (s *slow) Check(context.Context) (docsys.Checkup, error) { return docsys.Checkup{}, nil }

// tabled queues a file of 40 bytes for a document.
func tabled(t *testing.T, b *outbox.Box, document string) string {
	t.Helper()
	return enqueue(t, b, outbox.Item{DocumentID: document, Stage: "signed", Path: writeFile(t, []byte(strings.Repeat("x", 40)+document))})
}

func TestPauseStopsATransferAndResumeGoesOn(t *testing.T) {
	s := newSlow()
	b := openBox(t, t.TempDir(), s, time.Now)
	changes := make(chan outbox.Item, 100)
	b.Watch(func(i outbox.Item) { changes <- i })
	var seen []outbox.Progress
	moved := make(chan struct{}, 100)
	b.WatchProgress(func(p outbox.Progress) { seen = append(seen, p); moved <- struct{}{} })
	run(t, b)
	id := tabled(t, b, "d")
	if got := <-s.begun; got != "" {
		t.Errorf("the first transfer begins with %q", got)
	}
	s.chunk <- struct{}{}
	<-moved
	if p, ok := b.Progress(id); !ok || p.Sent != 4 || p.Total != 41 {
		t.Errorf("progress %+v, %v; want 4 of 41", p, ok)
	}
	if err := b.Pause(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if got := get(t, b, id); got.State != outbox.Held || !got.Can().Resume || !got.Can().Cancel || got.Can().Pause {
		t.Errorf("paused it is %s and can %+v", got.State, got.Can())
	}
	if _, ok := b.Progress(id); ok {
		t.Error("a paused item still shows progress")
	}
	if err := b.Resume(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if got := <-s.begun; got != s.resumed {
		t.Errorf("the second transfer begins with %q, want what was remembered", got)
	}
	for range 20 {
		s.chunk <- struct{}{}
	}
	until(t, changes, func(i outbox.Item) bool { return i.State == outbox.Accepted })
	if last := seen[len(seen)-1]; last.Sent != 41 || last.ID != id {
		t.Errorf("the last progress is %+v", last)
	}
}

func TestCancelIsPossibleUntilTheSystemMayHoldTheDocument(t *testing.T) {
	s := newSlow()
	s.commit = make(chan struct{})
	dir := t.TempDir()
	b := openBox(t, dir, s, time.Now)
	changes := make(chan outbox.Item, 100)
	b.Watch(func(i outbox.Item) { changes <- i })
	run(t, b)
	first := tabled(t, b, "first")
	<-s.begun
	s.chunk <- struct{}{}
	if err := b.Cancel(t.Context(), first); err != nil {
		t.Fatalf("in the middle of the transfer: %v", err)
	}
	until(t, changes, func(i outbox.Item) bool { return i.ID == first && i.State == "" })
	if _, err := b.Item(t.Context(), first); !errors.Is(err, outbox.ErrUnknown) {
		t.Errorf("it is still there: %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "files", "*", "*")); len(left) != 0 {
		t.Errorf("its copy is still there: %v", left)
	}
	second := tabled(t, b, "second")
	<-s.begun
	for range 20 {
		s.chunk <- struct{}{}
	}
	until(t, changes, func(i outbox.Item) bool { return i.ID == second && i.State == outbox.Committing })
	if err := b.Cancel(t.Context(), second); !errors.Is(err, outbox.ErrState) {
		t.Errorf("the commit was asked for, yet Cancel gave %v", err)
	}
	if err := b.Pause(t.Context(), second); err != nil {
		t.Fatal(err)
	}
	if got := get(t, b, second); got.Can().Cancel || got.Can().Discard {
		t.Errorf("paused after the commit was asked for, it can %+v", got.Can())
	}
	if err := b.Resume(t.Context(), second); err != nil {
		t.Fatal(err)
	}
	for range 20 {
		s.chunk <- struct{}{}
	}
	s.commit <- struct{}{}
	until(t, changes, func(i outbox.Item) bool { return i.ID == second && i.State == outbox.Accepted })
	if len(s.stored) != 1 {
		t.Errorf("%d documents were stored, want one under one key", len(s.stored))
	}
}

func TestWithinItsGraceADocumentCanBeTakenBack(t *testing.T) {
	d := newDesk(t, 1)
	b, err := outbox.Open(t.Context(), t.TempDir(), outbox.Options{Connector: d.client(nil), Clock: d.clock.Now, Grace: 10 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	in := d.item(t, 0, site.Chairman)
	back := enqueue(t, b, in)
	b.Wake() // does not shorten the grace
	if err := b.Deliver(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := get(t, b, back); got.State != outbox.Queued || !got.NotBefore.Equal(d.clock.Now().Add(10*time.Second)) {
		t.Fatalf("within its grace it is %+v", got)
	}
	if err := b.Cancel(t.Context(), back); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(in.Path); err != nil {
		t.Errorf("the signed file is gone: %v", err)
	}
	d.clock.Forward(time.Minute)
	if err := b.Deliver(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := d.versions(t, 0); n != 1 {
		t.Errorf("%d versions, want the draft only", n)
	}
	again := enqueue(t, b, in)
	if err := b.Resume(t.Context(), again); err != nil { // "send now"
		t.Fatal(err)
	}
	if got := d.deliver(t, b, again); got.State != outbox.Accepted {
		t.Errorf("sent at once it is %+v", got)
	}
}

func TestPauseAllHoldsEverythingAlsoAfterARestart(t *testing.T) {
	d := newDesk(t, 1)
	dir := t.TempDir()
	b := openBox(t, dir, d.client(nil), d.clock.Now)
	id := enqueue(t, b, d.item(t, 0, site.Chairman))
	if err := b.PauseAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	b = openBox(t, dir, d.client(nil), d.clock.Now)
	if err := b.Deliver(t.Context()); err != nil {
		t.Fatal(err)
	}
	if paused, err := b.Paused(t.Context()); !paused || err != nil || get(t, b, id).State != outbox.Queued {
		t.Errorf("paused %v, %v, and the item is %s", paused, err, get(t, b, id).State)
	}
	if err := b.ResumeAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := d.deliver(t, b, id); got.State != outbox.Accepted {
		t.Errorf("resumed it is %+v", got)
	}
}

func TestTwoDocumentsAtATimeAndNoMore(t *testing.T) {
	s := newSlow()
	b := openBox(t, t.TempDir(), s, time.Now)
	changes := make(chan outbox.Item, 100)
	b.Watch(func(i outbox.Item) { changes <- i })
	for _, name := range []string{"a", "b", "c"} {
		tabled(t, b, name)
	}
	run(t, b)
	<-s.begun
	<-s.begun
	select {
	case <-s.begun:
		t.Error("a third transfer began")
	default:
	}
	for range 60 {
		s.chunk <- struct{}{}
	}
	for range 3 {
		until(t, changes, func(i outbox.Item) bool { return i.State == outbox.Accepted })
	}
}

func TestNothingGoesToAnotherSystem(t *testing.T) {
	ours, other := newDesk(t, 1), newSlow()
	b, err := outbox.Open(t.Context(), t.TempDir(), outbox.Options{Connector: ours.client(nil), Target: "ours", Clock: ours.clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	id := enqueue(t, b, ours.item(t, 0, site.Chairman))
	if err := b.Connect(t.Context(), "other", other); err != nil {
		t.Fatal(err)
	}
	if err := b.Deliver(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := get(t, b, id); got.State != outbox.Queued || got.Target != "ours" || len(other.begun) != 0 {
		t.Fatalf("after the change of systems it is %+v", got)
	}
	if err := b.Connect(t.Context(), "ours at a new address", ours.client(nil)); err != nil {
		t.Fatal(err)
	}
	if err := b.Redirect(t.Context(), "ours"); err != nil {
		t.Fatal(err)
	}
	if got := ours.deliver(t, b, id); got.State != outbox.Accepted {
		t.Errorf("redirected it is %+v", got)
	}
}

func TestAVersionThatTheServerForgotIsSentAgain(t *testing.T) {
	d := newDesk(t, 1)
	forgetful := &forgetful{Connector: d.client(nil), times: 1}
	b := openBox(t, t.TempDir(), forgetful, d.clock.Now)
	id := enqueue(t, b, d.item(t, 0, site.Chairman))
	if err := b.Deliver(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := get(t, b, id); got.State != outbox.Queued || got.Receipt.Version != "" {
		t.Fatalf("forgotten it is %+v", got)
	}
	d.clock.Forward(time.Minute)
	if got := d.deliver(t, b, id); got.State != outbox.Accepted {
		t.Errorf("got %+v", got)
	}
	forever := &failing{err: &docsys.Problem{Title: "Mất", Status: 422, Type: "/problems/blob-missing"}}
	b = openBox(t, t.TempDir(), forever, d.clock.Now)
	id = enqueue(t, b, d.item(t, 0, site.Chairman))
	for range 10 {
		if err := b.Deliver(t.Context()); err != nil {
			t.Fatal(err)
		}
		d.clock.Forward(time.Hour)
	}
	if got := get(t, b, id); got.State != outbox.NeedsAction || forever.asked != 6 {
		t.Errorf("after %d tries it is %s, want the person asked after 6", forever.asked, got.State)
	}
}

// forgetful is a connector that does not know a version the first times it is asked.
type forgetful struct {
	docsys.Connector

	times int
}

func (f *forgetful) Status(ctx context.Context, version string) (docsys.VersionStatus, error) {
	if f.times--; f.times >= 0 {
		return docsys.VersionStatus{}, &docsys.Problem{Title: "Không có phiên bản này", Status: 404}
	}
	return f.Connector.Status(ctx, version)
}

func TestTheReceiptLiesBesideTheDocument(t *testing.T) {
	d := newDesk(t, 1)
	b, err := outbox.Open(t.Context(), t.TempDir(), outbox.Options{Connector: d.client(nil), Target: "Kim Liên", Clock: d.clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	in := d.item(t, 0, site.Chairman)
	foreign := strings.TrimSuffix(in.Path, ".pdf") + ".bien-nhan.json"
	if err := os.WriteFile(foreign, []byte("something else"), 0o600); err != nil {
		t.Fatal(err)
	}
	got := d.deliver(t, b, enqueue(t, b, in))
	want := strings.TrimSuffix(in.Path, ".pdf") + ".bien-nhan (2).json"
	if got.ReceiptPath != want {
		t.Fatalf("the receipt is at %q, want %q", got.ReceiptPath, want)
	}
	r, err := outbox.ReadReceipt(want)
	if err != nil {
		t.Fatal(err)
	}
	if r.SHA256 != got.SHA256 || r.Version != got.Receipt.Version || r.System != "Kim Liên" || r.Verification.State != "passed" ||
		!r.ReceivedAt.Equal(got.Receipt.ReceivedAt) || r.File != filepath.Base(in.Path) {
		t.Errorf("the receipt says %+v", r)
	}
	if b, err := os.ReadFile(foreign); err != nil || string(b) != "something else" {
		t.Errorf("the other file was changed: %q, %v", b, err)
	}
}

func TestOneProcessDeliversAtATime(t *testing.T) {
	d := newDesk(t, 1)
	dir := t.TempDir()
	window := openBox(t, dir, newSlow(), d.clock.Now)
	if err := window.Deliver(t.Context()); err != nil { // takes the lease
		t.Fatal(err)
	}
	command := openBox(t, dir, d.client(nil), d.clock.Now)
	id := enqueue(t, command, d.item(t, 0, site.Chairman))
	if err := command.Deliver(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := get(t, command, id); got.State != outbox.Queued {
		t.Errorf("the second one delivered, too: %s", got.State)
	}
	if err := window.Close(); err != nil {
		t.Fatal(err)
	}
	if got := d.deliver(t, command, id); got.State != outbox.Accepted {
		t.Errorf("after the first one ended: %+v", got)
	}
}

func TestWhatTheGateRefusesLeavesNothing(t *testing.T) {
	secret := errors.New("secret")
	dir := t.TempDir()
	b, err := outbox.Open(t.Context(), dir, outbox.Options{Clock: time.Now, Gate: func(_ context.Context, i outbox.Item) error {
		if i.Metadata.Secrecy != "" {
			return secret
		}
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	_, err = b.Enqueue(t.Context(), outbox.Item{
		DocumentID: "d", Path: writeFile(t, []byte("x")), Title: "t", Metadata: docsys.Metadata{Secrecy: "mat"},
	})
	if !errors.Is(err, secret) {
		t.Errorf("got %v", err)
	}
	left, _ := filepath.Glob(filepath.Join(dir, "files", "*"))
	if items, err := b.List(t.Context()); len(items) != 0 || err != nil || len(left) != 0 {
		t.Errorf("%d items and the files %v are left, %v", len(items), left, err)
	}
}
