package outbox_test

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"kyso/app/docsys"
	"kyso/app/docsys/refserver"
	site "kyso/app/docsys/refserver/refservertest"
	"kyso/app/outbox"
	"kyso/signer/verify"
)

// desk is a chairman's desk: a server with letters, and signed files to deliver.
type desk struct {
	site  *site.Site
	clock *site.Clock
	data  string // of the server
	docs  []docsys.Document
}

// newDesk makes a desk with letters, small ones unless pdf makes others.
func newDesk(t *testing.T, letters int, pdf ...func(n int) []byte) *desk {
	t.Helper()
	file := func(n int) []byte { return fmt.Appendf(nil, "%%PDF%d", n+1) }
	if len(pdf) > 0 {
		file = pdf[0]
	}
	d := &desk{clock: site.NewClock(), data: t.TempDir()}
	var waiting []refserver.Letter
	for i := range letters {
		waiting = append(waiting, refserver.Letter{
			Number: strconv.Itoa(i + 1), Notation: "UBND-VP", Type: "Công văn", Subject: "V/v thử nghiệm", IssuedOn: "2026-11-20",
			SignerName: "Trần Minh Khôi", PDF: file(i),
		})
	}
	d.site = site.Start(t, d.data, d.clock, site.Options{Letters: waiting, NoYear: true})
	var err error
	if d.docs, err = d.site.As(site.Chairman).Waiting(t.Context()); err != nil || len(d.docs) != letters {
		t.Fatalf("%d documents wait, %v", len(d.docs), err)
	}
	return d
}

// item signs document n and gives what to enqueue.
func (d *desk) item(t *testing.T, n int, login string) outbox.Item {
	t.Helper()
	r, err := d.site.As(site.Chairman).Content(t.Context(), d.docs[n].Version)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	file, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	signed := site.Sign(t, file, verify.Signature{
		Field: "Signature1", Indication: verify.TotalPassed, ClaimedTime: d.clock.Now(),
		Signer: verify.Certificate{SHA256: d.site.Certificates[login], Holder: login},
	})
	path := filepath.Join(t.TempDir(), "signed.pdf")
	if err := os.WriteFile(path, signed, 0o600); err != nil {
		t.Fatal(err)
	}
	return outbox.Item{DocumentID: d.docs[n].ID, BaseVersion: d.docs[n].Version, Stage: "signed", Path: path, Title: d.docs[n].Subject}
}

// versions counts what the server holds of a document, in its own database.
func (d *desk) versions(t *testing.T, n int) int {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(d.data, "server.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	var count int
	if err := db.QueryRowContext(t.Context(), `SELECT count(*) FROM version WHERE document=?`, d.docs[n].ID).Scan(&count); err != nil {
		t.Fatal(err)
	}
	return count
}

// client is the chairman's with a transport of its own.
func (d *desk) client(rt http.RoundTripper) *docsys.Client {
	return docsys.NewClient(d.site.URL, site.Token(site.Chairman), &http.Client{Transport: rt, Timeout: 10 * time.Second})
}

func openBox(t *testing.T, dir string, c docsys.Connector, clock func() time.Time) *outbox.Box {
	t.Helper()
	b, err := outbox.Open(t.Context(), dir, outbox.Options{Connector: c, Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	return b
}

func enqueue(t *testing.T, b *outbox.Box, i outbox.Item) string {
	t.Helper()
	id, err := b.Enqueue(t.Context(), i)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func get(t *testing.T, b *outbox.Box, id string) outbox.Item {
	t.Helper()
	i, err := b.Item(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// deliver makes passes until nothing is on its way or failed tries have to wait.
func (d *desk) deliver(t *testing.T, b *outbox.Box, id string) outbox.Item {
	t.Helper()
	for {
		if err := b.Deliver(t.Context()); err != nil {
			t.Fatal(err)
		}
		i := get(t, b, id)
		if i.State != outbox.Verifying {
			return i
		}
		d.clock.Forward(time.Hour) // the next question is due
	}
}

func TestASignedFileIsDeliveredAndVerified(t *testing.T) {
	d := newDesk(t, 1)
	b := openBox(t, t.TempDir(), d.client(nil), d.clock.Now)
	var seen []outbox.State
	stop := b.Watch(func(i outbox.Item) {
		if len(seen) == 0 || seen[len(seen)-1] != i.State {
			seen = append(seen, i.State)
		}
	})
	defer stop()
	in := d.item(t, 0, site.Chairman)
	id := enqueue(t, b, in)
	if err := os.Remove(in.Path); err != nil { // the outbox has its own copy
		t.Fatal(err)
	}
	got := d.deliver(t, b, id)
	if got.State != outbox.Accepted || got.Receipt.SHA256 != got.SHA256 || got.Receipt.Version == "" || got.Receipt.ReceivedAt.IsZero() {
		t.Errorf("got %+v, want it accepted with a receipt", got)
	}
	if got.Verification.State != "passed" || len(got.Verification.Fulfilled) != 1 {
		t.Errorf("verification %+v", got.Verification)
	}
	want := []outbox.State{outbox.Queued, outbox.Uploading, outbox.Committing, outbox.Verifying, outbox.Accepted}
	if len(seen) != len(want) {
		t.Fatalf("states %v, want %v", seen, want)
	}
	for k := range want {
		if seen[k] != want[k] {
			t.Errorf("states %v, want %v", seen, want)
		}
	}
	if n := d.versions(t, 0); n != 2 {
		t.Errorf("%d versions, want the draft and the signed one", n)
	}
}

// guillotine ends the process, in effect, before or after request number at: the
// delivering context ends, so nothing more is asked and nothing is noted.
type guillotine struct {
	at    int
	after bool
	kill  context.CancelFunc
	n     int
}

func (g *guillotine) RoundTrip(r *http.Request) (*http.Response, error) {
	g.n++
	if g.n != g.at {
		return http.DefaultTransport.RoundTrip(r)
	}
	if g.after { // the server does it, the answer never arrives
		resp, err := http.DefaultTransport.RoundTrip(r.Clone(context.WithoutCancel(r.Context())))
		if err == nil {
			_ = resp.Body.Close()
		}
	}
	g.kill()
	return nil, context.Canceled
}

func TestKilledAroundAnyRequestItEndsWithOneVersion(t *testing.T) {
	// HEAD blob, PUT blob, POST version, GET version
	for at := 1; at <= 4; at++ {
		for _, after := range []bool{false, true} {
			t.Run(map[bool]string{false: "before", true: "after"}[after]+" request "+string(rune('0'+at)), func(t *testing.T) {
				t.Parallel()
				d := newDesk(t, 1)
				dir := t.TempDir()
				ctx, kill := context.WithCancel(t.Context())
				g := &guillotine{at: at, after: after, kill: kill}
				first := openBox(t, dir, d.client(g), d.clock.Now)
				id := enqueue(t, first, d.item(t, 0, site.Chairman))
				if err := first.Deliver(ctx); err == nil {
					t.Fatal("the delivery was not cut")
				}
				if err := first.Close(); err != nil {
					t.Fatal(err)
				}
				second := openBox(t, dir, d.client(nil), d.clock.Now)
				if got := d.deliver(t, second, id); got.State != outbox.Accepted {
					t.Errorf("got %+v, want it accepted", got)
				}
				if n := d.versions(t, 0); n != 2 {
					t.Errorf("%d versions, want 2", n)
				}
			})
		}
	}
}

func TestARestartFromAnyWrittenStateGivesTheSameReceipt(t *testing.T) {
	d := newDesk(t, 1)
	dir := t.TempDir()
	b := openBox(t, dir, d.client(nil), d.clock.Now)
	var snapshots []string
	stop := b.Watch(func(outbox.Item) {
		snapshots = append(snapshots, copyFolder(t, dir)) // as a loss of power would leave it
	})
	id := enqueue(t, b, d.item(t, 0, site.Chairman))
	want := d.deliver(t, b, id)
	stop()
	if len(snapshots) < 5 {
		t.Fatalf("%d states were written, want at least 5", len(snapshots))
	}
	for _, old := range snapshots {
		again := openBox(t, old, d.client(nil), d.clock.Now)
		if was := get(t, again, id).State; was == "" {
			t.Fatal("no state")
		}
		got := d.deliver(t, again, id)
		if got.State != outbox.Accepted || got.Receipt != want.Receipt {
			t.Errorf("got %+v, want the receipt %+v", got, want.Receipt)
		}
	}
	if n := d.versions(t, 0); n != 2 {
		t.Errorf("%d versions, want 2", n)
	}
}

func copyFolder(t *testing.T, dir string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "snapshot")
	if err := os.CopyFS(to, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	return to
}

func TestEnqueueingTheSameFileTwiceIsOneItem(t *testing.T) {
	d := newDesk(t, 1)
	b := openBox(t, t.TempDir(), nil, d.clock.Now)
	in := d.item(t, 0, site.Chairman)
	first, second := enqueue(t, b, in), enqueue(t, b, in)
	items, err := b.List(t.Context())
	if first != second || err != nil || len(items) != 1 {
		t.Errorf("ids %s and %s, %d items, %v", first, second, len(items), err)
	}
}

func TestRecentItemsDoNotGrowWithTheYears(t *testing.T) {
	d := newDesk(t, 5)
	b := openBox(t, t.TempDir(), d.client(nil), d.clock.Now)
	var ids []string
	for n := range 5 {
		ids = append(ids, enqueue(t, b, d.item(t, n, site.Chairman)))
		if n == 1 { // the second one is not to go on
			if err := b.Pause(t.Context(), ids[n]); err != nil {
				t.Fatal(err)
			}
		} else {
			d.deliver(t, b, ids[n])
		}
		d.clock.Forward(time.Hour)
	}
	cases := map[string]struct {
		count int
		want  []int
	}{
		"the newest and what has not ended": {2, []int{1, 3, 4}},
		"all where there are few":           {100, []int{0, 1, 2, 3, 4}},
		"only what has not ended":           {0, []int{1}},
	}
	for name, c := range cases {
		items, err := b.Recent(t.Context(), c.count)
		var got []int
		for _, i := range items {
			got = append(got, slices.Index(ids, i.ID))
		}
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: got %v, %v; want %v", name, got, err, c.want)
		}
	}
	for since, want := range map[string]int{ids[0]: 4, ids[1]: 3, ids[3]: 2} {
		if n, err := b.Arrived(t.Context(), get(t, b, since).QueuedAt); err != nil || n != want {
			t.Errorf("%d arrived since item %d was queued, %v; want %d", n, slices.Index(ids, since), err, want)
		}
	}
	// What waited since yesterday and is received today arrives today.
	if err := b.Resume(t.Context(), ids[1]); err != nil {
		t.Fatal(err)
	}
	today := d.clock.Now()
	d.deliver(t, b, ids[1])
	if n, err := b.Arrived(t.Context(), today); err != nil || n != 1 {
		t.Errorf("%d arrived today, %v; want the one that was queued before", n, err)
	}
}

func TestRunDeliversWhenTheServerComesBack(t *testing.T) {
	d := newDesk(t, 1)
	gone := docsys.NewClient("http://127.0.0.1:1", "", &http.Client{Timeout: time.Second})
	b := openBox(t, t.TempDir(), gone, time.Now)
	changes := make(chan outbox.Item, 100)
	b.Watch(func(i outbox.Item) { changes <- i })
	run(t, b)
	enqueue(t, b, d.item(t, 0, site.Chairman))
	until(t, changes, func(i outbox.Item) bool { return i.State == outbox.Queued && i.Problem != "" })
	if err := b.Connect(t.Context(), "", d.client(nil)); err != nil {
		t.Fatal(err)
	}
	until(t, changes, func(i outbox.Item) bool { return i.State == outbox.Accepted })
}

// run delivers in the background until the test ends.
func run(t *testing.T, b *outbox.Box) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- b.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Run ended with %v", err)
		}
	})
}

func until(t *testing.T, changes <-chan outbox.Item, ok func(outbox.Item) bool) {
	t.Helper()
	for {
		select {
		case i := <-changes:
			if ok(i) {
				return
			}
		case <-time.After(30 * time.Second):
			t.Fatal("it never happened")
		}
	}
}

func TestSignedBytesAreKeptAsTheyWere(t *testing.T) {
	d := newDesk(t, 1)
	b := openBox(t, t.TempDir(), d.client(nil), d.clock.Now)
	in := d.item(t, 0, site.Chairman)
	want, err := os.ReadFile(in.Path)
	if err != nil {
		t.Fatal(err)
	}
	got := d.deliver(t, b, enqueue(t, b, in))
	r, err := d.site.As(site.Clerk).Content(t.Context(), got.Receipt.Version)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	if stored, err := io.ReadAll(r); err != nil || !bytes.Equal(stored, want) {
		t.Errorf("the server holds other bytes, %v", err)
	}
}

func writeFile(t *testing.T, b []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file.pdf")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
