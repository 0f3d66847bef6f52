package outbox_test

import (
	"context"
	"crypto/rand"
	"net/http"
	"os"
	"testing"
	"time"

	"kyso/app/docsys"
	site "kyso/app/docsys/refserver/refservertest"
	"kyso/app/outbox"
)

// A file of 100 MB goes over a line that breaks every few megabytes, and the program
// ends in the middle: one document, the same bytes, and little is sent twice.
func TestALargeFileOverALineThatCuts(t *testing.T) {
	const size = 100_000_000
	d := newDesk(t, 1, func(int) []byte {
		b := make([]byte, size)
		_, _ = rand.Read(b) // never fails
		copy(b, "%PDF-1.7\n")
		return b
	})
	line := site.CutLine(t, d.site.URL, 3<<20)
	client := func() *docsys.Client {
		return docsys.NewClient(line.URL, site.Token(site.Chairman), &http.Client{Timeout: 20 * time.Second})
	}
	in, dir := d.item(t, 0, site.Chairman), t.TempDir()
	want, err := os.ReadFile(in.Path)
	if err != nil {
		t.Fatal(err)
	}
	first, err := outbox.Open(t.Context(), dir, outbox.Options{Connector: client(), Clock: d.clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	id := enqueue(t, first, in)
	life, end := context.WithCancel(t.Context())
	var sent int64
	first.WatchProgress(func(p outbox.Progress) {
		if sent = max(sent, p.Sent); sent > size/2 {
			end()
		}
	})
	_ = first.Run(life) // ended by us
	if err := first.Close(); err != nil || sent < size/2 {
		t.Fatalf("the first life sent %d bytes, %v", sent, err)
	}

	second := openBox(t, dir, client(), time.Now)
	changes := make(chan outbox.Item, 100)
	second.Watch(func(i outbox.Item) { changes <- i })
	run(t, second)
	until(t, changes, func(i outbox.Item) bool {
		if i.State == outbox.NeedsAction {
			t.Fatalf("refused: %+v", i)
		}
		return i.State == outbox.Accepted
	})
	d.holdsOnce(t, 0, want)
	if got := get(t, second, id); got.Verification.State != "passed" {
		t.Errorf("the server says %+v", got.Verification)
	}
	if line.Cuts.Load() < 15 || line.Carried.Load() > int64(len(want))*5/4 {
		t.Errorf("%d cuts, %d bytes for a file of %d", line.Cuts.Load(), line.Carried.Load(), len(want))
	}
	t.Logf("%d bytes, %d cuts, %d bytes over the line", len(want), line.Cuts.Load(), line.Carried.Load())
}
