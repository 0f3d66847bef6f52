package outbox_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	mathrand "math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"kyso/app/docsys"
	"kyso/app/docsys/folder"
	site "kyso/app/docsys/refserver/refservertest"
	"kyso/app/docsys/webdav"
	"kyso/app/docsys/webdav/webdavtest"
	"kyso/app/outbox"
)

// killsVariable says how many clients to kill; "make kill-client" sets it.
const killsVariable = "KYSO_KILLS"

// clientVariable makes the test program a client, which takes a clientOrder.
const clientVariable = "KYSO_OUTBOX_CLIENT"

// clientOrder is what a client is told over its standard input.
type clientOrder struct {
	Dir, Server, Token string
	// Kind is the connector: "reference", "webdav" or "folder", whose folder is Server.
	Kind string
	Item outbox.Item
	// Queued says that an earlier client, killed since, said that the file is in
	// the outbox: this one must find it there.
	Queued bool
}

func TestMain(m *testing.M) {
	if os.Getenv(clientVariable) == "" {
		os.Exit(m.Run())
	}
	if err := client(context.Background(), os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// client is a program with an outbox: it queues the file, says "queued",
// delivers, and says "accepted" and how often a person was asked.
func client(ctx context.Context, in io.Reader, out io.Writer) error {
	var o clientOrder
	if err := json.NewDecoder(in).Decode(&o); err != nil {
		return err
	}
	c, err := o.connector()
	if err != nil {
		return err
	}
	b, err := outbox.Open(ctx, o.Dir, outbox.Options{Connector: c, Target: "site", Clock: time.Now})
	if err != nil {
		return err
	}
	if !o.Queued {
		if _, err := b.Enqueue(ctx, o.Item); err != nil {
			return err
		}
		fmt.Fprintln(out, "queued")
	}
	items, err := b.List(ctx)
	if err != nil || len(items) != 1 {
		return fmt.Errorf("%d items in the outbox, want the one that was queued: %w", len(items), err)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() { _ = b.Run(ctx) }()
	asked := 0
	hurry := time.NewTicker(50 * time.Millisecond) // a person who presses "again" at once
	defer hurry.Stop()
	for range hurry.C {
		i, err := b.Item(ctx, items[0].ID)
		if err != nil {
			return err
		}
		switch i.State {
		case outbox.Accepted:
			fmt.Fprintln(out, "accepted", asked)
			return nil
		case outbox.NeedsAction, outbox.NeedsLogin:
			asked++
			fmt.Fprintln(os.Stderr, "asked:", i.Problem)
			if err := b.Retry(ctx, i.ID); err != nil {
				return err
			}
		default:
			b.Wake()
		}
	}
	return nil
}

// connector makes the connector that a client is told to use.
func (o clientOrder) connector() (docsys.Connector, error) {
	hc := &http.Client{Timeout: 5 * time.Second}
	switch o.Kind {
	case "folder":
		return folder.New(o.Server, time.Now), nil
	case "webdav":
		login, password, _ := strings.Cut(o.Token, ":")
		return webdav.New(webdav.Options{URL: o.Server, Login: login, Password: password, Client: hc, Clock: time.Now})
	}
	return docsys.NewClient(o.Server, o.Token, hc), nil
}

// kills are the figures of a run.
type kills struct {
	documents, starts, killed, beforeQueued, asked int
	spread                                         [10]int // when, in tenths of an undisturbed run
}

// wantKills says how many clients to kill.
func wantKills(t *testing.T) int {
	t.Helper()
	v := os.Getenv(killsVariable)
	if v == "" {
		return 6
	}
	n, err := strconv.Atoi(v)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// killClients starts a real client process for each document that order makes,
// kills it with SIGKILL at random moments, and starts it again until it is
// through, until enough were killed.
func killClients(t *testing.T, want int, order func(n int) clientOrder) (k kills) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	usual := 200 * time.Millisecond // how long a client takes, measured as we go
	for n := 0; k.killed < want; n++ {
		o := order(n)
		k.documents++
		for life := 0; ; life++ {
			var after time.Duration // no kill after a few lives
			if life < 4 {
				after = time.Duration(mathrand.Int64N(int64(usual)))
			}
			begin := time.Now()
			ended := startClient(t, self, &o, after, &k)
			if ended && life == 0 {
				usual = (7*usual + time.Since(begin)) / 8
			}
			if ended {
				break
			}
			k.spread[min(9, 10*after/usual)]++
		}
	}
	return k
}

// String gives the figures.
func (k kills) String() string {
	return fmt.Sprintf("%d documents, %d client processes, %d killed (%d of them before the file was queued), at tenths of a run %v; the person was asked %d times",
		k.documents, k.starts, k.killed, k.beforeQueued, k.spread, k.asked)
}

// TestKilledAtRandomMomentsOverABadLine delivers to the reference server over a
// line that cuts, delays, doubles and corrupts.
func TestKilledAtRandomMomentsOverABadLine(t *testing.T) {
	want := wantKills(t)
	d := newDesk(t, max(want, 30), letterSized) // a document may happen to outlive every kill
	line := newBadLine(t, d.site.URL)
	var signed [][]byte
	k := killClients(t, want, func(n int) clientOrder {
		if n == len(d.docs) {
			t.Fatalf("%d documents were not enough", n)
		}
		o := clientOrder{Dir: filepath.Join(t.TempDir(), "outbox"), Server: line.URL, Token: site.Token(site.Chairman), Item: d.item(t, n, site.Chairman)}
		raw, err := os.ReadFile(o.Item.Path)
		if err != nil {
			t.Fatal(err)
		}
		signed = append(signed, raw)
		return o
	})
	for n, want := range signed {
		d.holdsOnce(t, n, want)
	}
	t.Logf("reference server: %s; the line: %s", k, line)
}

// TestKilledAtRandomMomentsOverFolders delivers into a folder, and into one behind
// Apache's WebDAV over the bad line.
func TestKilledAtRandomMomentsOverFolders(t *testing.T) {
	want := wantKills(t)
	dav := webdavtest.Apache(t)
	line := newBadLine(t, strings.TrimSuffix(dav.URL, "/van-ban"))
	for name, o := range map[string]struct {
		order clientOrder
		root  string
	}{
		"folder":        {clientOrder{Kind: "folder", Server: t.TempDir()}, ""},
		"Apache WebDAV": {clientOrder{Kind: "webdav", Server: line.URL + "/van-ban", Token: dav.Login + ":" + dav.Password}, dav.Root},
	} {
		t.Run(name, func(t *testing.T) {
			if o.root == "" {
				o.root = o.order.Server
			}
			signed := map[string][]byte{}
			k := killClients(t, want, func(n int) clientOrder {
				raw := letterSized(n)
				order := o.order
				order.Dir = filepath.Join(t.TempDir(), "outbox")
				// Every four have the same name.
				order.Item = outbox.Item{
					DocumentID: fmt.Sprintf("d%d", n), Stage: "signed", Path: writeFile(t, raw),
					Metadata: docsys.Metadata{FileName: fmt.Sprintf("công văn %d.pdf", n/4)},
				}
				signed[order.Item.DocumentID] = raw
				return order
			})
			folderHoldsOnce(t, o.root, signed)
			t.Logf("%s: %s", name, k)
		})
	}
	t.Logf("the line: %s", line)
}

// folderHoldsOnce says that a folder holds each document once with its sidecar,
// its bytes identical, and nothing else.
func folderHoldsOnce(t *testing.T, root string, want map[string][]byte) {
	t.Helper()
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]int{}
	// A request of a client that is dead may arrive late and leave a private file.
	entries = slices.DeleteFunc(entries, func(e os.DirEntry) bool {
		private := strings.HasPrefix(e.Name(), ".kyso-")
		if private {
			t.Logf("left behind: %s", e.Name())
		}
		return private || strings.HasPrefix(e.Name(), ".DAV")
	})
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".json") {
			continue
		}
		raw, err := os.ReadFile(filepath.Join(root, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		side, err := docsys.DecodeSidecar(raw)
		if err != nil {
			t.Fatalf("%s: %v", e.Name(), err)
		}
		got, err := os.ReadFile(filepath.Join(root, side.File))
		if err != nil || !bytes.Equal(got, want[side.Document]) {
			t.Errorf("%s holds %d other bytes, want %d: %v", side.File, len(got), len(want[side.Document]), err)
		}
		found[side.Document]++
	}
	for id := range want {
		if found[id] != 1 {
			t.Errorf("document %s is there %d times", id, found[id])
		}
	}
	if len(entries) != 2*len(want) {
		t.Errorf("%d files for %d documents", len(entries), len(want))
	}
}

// startClient runs a client and kills it after a while, unless after is zero. It
// reports whether the client came to its end.
func startClient(t *testing.T, self string, o *clientOrder, after time.Duration, k *kills) bool {
	t.Helper()
	k.starts++
	order, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Env = append(os.Environ(), clientVariable+"=1")
	cmd.Stdin, cmd.Stderr = bytes.NewReader(order), &log
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if after > 0 {
		timer := time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
		defer timer.Stop()
	}
	accepted := false
	for lines := bufio.NewScanner(out); lines.Scan(); {
		word, rest, _ := strings.Cut(lines.Text(), " ")
		switch word {
		case "queued":
			o.Queued = true
		case "accepted":
			accepted = true
			n, _ := strconv.Atoi(rest)
			k.asked += n
		}
	}
	err = cmd.Wait()
	switch {
	case accepted:
		return true
	case err == nil || cmd.ProcessState.Exited(): // it ended by itself
		t.Fatalf("the client failed: %v\n%s", err, log.String())
	case !o.Queued:
		k.beforeQueued++
	}
	k.killed++
	return false
}

// holdsOnce says that the server holds the draft and exactly these bytes.
func (d *desk) holdsOnce(t *testing.T, n int, want []byte) {
	t.Helper()
	if got := d.versions(t, n); got != 2 {
		t.Errorf("document %d has %d versions, want the draft and the signed one", n, got)
	}
	me := d.site.As(site.Chairman)
	doc, err := me.Document(t.Context(), d.docs[n].ID)
	if err != nil {
		t.Fatal(err)
	}
	r, err := me.Content(t.Context(), doc.Version)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, want) {
		t.Errorf("document %d: the server holds %d other bytes, want %d: %v", n, len(got), len(want), err)
	}
}

// letterSized makes letters of 1 kB to 400 kB, every tenth of 3 MB.
func letterSized(n int) []byte {
	size := 1<<10 + mathrand.IntN(400<<10)
	if n%10 == 0 {
		size = 3 << 20
	}
	b := make([]byte, size)
	_, _ = rand.Read(b)
	copy(b, "%PDF-1.7\n")
	return b
}
