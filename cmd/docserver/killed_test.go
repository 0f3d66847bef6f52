package main_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	mrand "math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"kyso/app/docsys"
	"kyso/app/docsys/auditlog"
	"kyso/app/docsys/refserver"
	site "kyso/app/docsys/refserver/refservertest"
	"kyso/signer/signertest"
)

// kills is how often the server is killed: a few times with the other tests,
// KYSO_KILLS=200 (make kill) where it matters.
func kills(t *testing.T) int {
	t.Helper()
	text := os.Getenv("KYSO_KILLS")
	if text == "" {
		return 8
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("KYSO_KILLS=%s", text)
	}
	return n
}

// victim is a server that is killed and started again on the same address.
type victim struct {
	program, data, address, trust string
	more                          []string // arguments
	cmd                           *exec.Cmd
}

// start starts the server and returns when it answers.
func (v *victim) start(tb testing.TB) {
	tb.Helper()
	args := append([]string{"--data", v.data, "--trust", v.trust, "--listen", v.address, "--sessions-stdin"}, v.more...)
	v.cmd = exec.CommandContext(context.WithoutCancel(tb.Context()), v.program, args...)
	v.cmd.Stderr = os.Stderr
	in, err := v.cmd.StdinPipe()
	if err != nil {
		tb.Fatal(err)
	}
	out, err := v.cmd.StdoutPipe()
	if err != nil {
		tb.Fatal(err)
	}
	if err := v.cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	var tokens []refserver.LoginToken
	for _, login := range []string{site.Chairman, site.Clerk} {
		tokens = append(tokens, refserver.LoginToken{Login: login, Token: site.Token(login)})
	}
	if err := json.NewEncoder(in).Encode(tokens); err != nil {
		tb.Fatal(err)
	}
	first := make([]byte, 7)
	if _, err := io.ReadFull(out, first); err != nil || string(first) != "http://" {
		tb.Fatalf("the server does not start again: %q, %v", first, err)
	}
}

func (v *victim) kill() {
	_ = v.cmd.Process.Kill() // SIGKILL
	_ = v.cmd.Wait()
}

// acknowledged is what the server said that it has.
type acknowledged struct {
	number   int
	doc      docsys.Document
	receipts []docsys.Receipt
}

// load sends documents without end, each until it is acknowledged.
type load struct {
	url  string
	mu   sync.Mutex
	next int
	done []acknowledged
	odd  []string // answers that no server may give
}

func (l *load) run(ctx context.Context) {
	hc := &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	c := docsys.NewClient(l.url, site.Token(site.Chairman), hc)
	for ctx.Err() == nil {
		l.mu.Lock()
		l.next++
		n := l.next
		l.mu.Unlock()
		a := acknowledged{number: n}
		l.until(ctx, func() (err error) {
			a.doc, err = c.Create(ctx, fmt.Sprintf("kill-create-%06d", n), docsys.NewDocument{
				Unit: refserver.KimLienUnit, Type: "Công văn", Subject: fmt.Sprint("Văn bản ", n), Secrecy: "none", Number: new(strconv.Itoa(n)), IssuedOn: new("2026-11-20"),
			})
			return err
		})
		file := make([]byte, 20_000+n%7*10_000)
		if n%8 == 0 {
			file = make([]byte, 6<<20) // in pieces
		}
		_, _ = rand.Read(file)
		if n%3 == 0 { // a file that another one extends; the server keeps the longer one
			file = append(signertest.Paper{}.Bytes(), "%"+hex.EncodeToString(file[:10_000])...)
			l.commit(ctx, c, &a, "draft", file)
			file = slices.Concat(file, []byte("0"))
		}
		if n%3 != 0 || len(a.receipts) > 0 {
			l.commit(ctx, c, &a, "signed", file)
		}
		if len(a.receipts) > 0 {
			l.mu.Lock()
			l.done = append(l.done, a)
			l.mu.Unlock()
		}
	}
}

// commit sends a version after those that are there.
func (l *load) commit(ctx context.Context, c *docsys.Client, a *acknowledged, stage string, file []byte) {
	sum := sha256.Sum256(file)
	sub := docsys.Submission{
		Key: fmt.Sprintf("kill-commit-%06d-%d", a.number, len(a.receipts)), DocumentID: a.doc.ID, Stage: stage, SHA256: hex.EncodeToString(sum[:]), Size: int64(len(file)),
		Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(file)), nil },
	}
	if n := len(a.receipts); n > 0 {
		sub.BaseVersion = a.receipts[n-1].Version
	}
	sub.Remember = func(at string) error { sub.Resume = at; return nil }
	l.until(ctx, func() error {
		r, err := c.Submit(ctx, sub)
		if err == nil {
			a.receipts = append(a.receipts, r)
		}
		return err
	})
}

// until repeats a call until it is answered well, or ctx ends.
func (l *load) until(ctx context.Context, call func() error) {
	for ctx.Err() == nil {
		err := call()
		if err == nil {
			return
		}
		if p, ok := errors.AsType[*docsys.Problem](err); ok && !p.Retryable {
			l.mu.Lock()
			l.odd = append(l.odd, err.Error())
			l.mu.Unlock()
			return
		}
		pause := time.NewTimer(20 * time.Millisecond)
		select {
		case <-ctx.Done():
		case <-pause.C:
		}
		pause.Stop()
	}
}

func freeAddress(tb testing.TB) string {
	tb.Helper()
	var config net.ListenConfig
	l, err := config.Listen(tb.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

func TestAKilledServerLosesNothing(t *testing.T) {
	program := build(t)
	engines(t, site.Forgetful, func(t *testing.T, postgres string) {
		t.Helper()
		killed(t, &victim{program: program, data: t.TempDir(), more: databaseOf(t, postgres)}, postgres)
	})
}

// databaseOf is the argument that names a database, none for SQLite.
func databaseOf(tb testing.TB, postgres string) []string {
	tb.Helper()
	if postgres == "" {
		return nil
	}
	file := filepath.Join(tb.TempDir(), "url")
	if err := os.WriteFile(file, []byte(postgres), 0o600); err != nil {
		tb.Fatal(err)
	}
	return []string{"--postgres-file", file}
}

func killed(t *testing.T, v *victim, url string) {
	t.Helper()
	clock := site.NewClock()
	clock.Forward(time.Since(clock.Now()))
	site.Start(t, v.data, clock, site.Options{NoYear: true, Postgres: url}).Stop()
	v.address, v.trust = freeAddress(t), t.TempDir()
	l := &load{url: "http://" + v.address}
	v.start(t)
	ctx, stop := context.WithCancel(t.Context())
	var workers sync.WaitGroup
	for range 6 {
		workers.Go(func() { l.run(ctx) })
	}
	var memory auditlog.Memory
	me := docsys.NewClient(l.url, site.Token(site.Chairman), &http.Client{Timeout: 10 * time.Second})
	r := mrand.New(mrand.NewPCG(7, 57))
	n := kills(t)
	for i := range n {
		pause := time.NewTimer(time.Duration(10+r.IntN(250)) * time.Millisecond)
		<-pause.C
		if i%4 == 3 {
			var err error
			if memory, err = me.Audit(t.Context(), memory); err != nil {
				t.Fatalf("after %d kills: %v", i, err)
			}
		}
		v.kill()
		v.start(t)
	}
	stop()
	workers.Wait()
	if _, err := me.Audit(t.Context(), memory); err != nil {
		t.Error(err)
	}
	v.kill()
	for _, o := range l.odd {
		t.Errorf("refused: %s", o)
	}
	t.Logf("%d kills, %d documents begun, %d acknowledged", n, l.next, len(l.done))
	if len(l.done) < n {
		t.Errorf("%d documents in %d runs: the load was none", len(l.done), n)
	}
	nothingIsLost(t, v, url, l.done)
}

// nothingIsLost asks a new server for everything that was acknowledged.
func nothingIsLost(t *testing.T, v *victim, url string, done []acknowledged) {
	t.Helper()
	clock := site.NewClock()
	clock.Forward(time.Since(clock.Now()) + 30*time.Minute) // past the lease of jobs that a kill left
	s := site.Start(t, v.data, clock, site.Options{Postgres: url})
	me := s.As(site.Chairman)
	for _, a := range done {
		d, err := me.Document(t.Context(), a.doc.ID)
		if err != nil || d.Number != strconv.Itoa(a.number) {
			t.Errorf("document %d: %+v, %v", a.number, d, err)
		}
		for _, r := range a.receipts {
			isThere(t, me, a.number, r)
		}
	}
	found, err := s.Server.Check(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range found.Wrong {
		t.Error(w)
	}
	t.Logf("%d entries of the log and %d files read", found.Entries, found.Files)
}

// isThere asks for a version and reads its file.
func isThere(t *testing.T, me *docsys.Client, number int, r docsys.Receipt) {
	t.Helper()
	if _, err := me.Status(t.Context(), r.Version); err != nil {
		t.Errorf("version of document %d: %v", number, err)
	}
	f, err := me.Content(t.Context(), r.Version)
	if err != nil {
		t.Errorf("file of document %d: %v", number, err)
		return
	}
	defer f.Close() //nolint:errcheck // only read
	h := sha256.New()
	_, err = io.Copy(h, f)
	if got := hex.EncodeToString(h.Sum(nil)); err != nil || got != r.SHA256 {
		t.Errorf("file of document %d: %s, %v, want %s", number, got, err, r.SHA256)
	}
}

func TestTasksOnData(t *testing.T) {
	program := build(t)
	data, backup, restored := t.TempDir(), filepath.Join(t.TempDir(), "backup"), filepath.Join(t.TempDir(), "data")
	s := site.Start(t, data, site.NewClock(), site.Options{NoYear: true})
	if _, err := s.Number(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	run := func(want int, args ...string) string {
		t.Helper()
		out, err := exec.CommandContext(t.Context(), program, args...).CombinedOutput()
		if got := exitCode(err); got != want {
			t.Errorf("docserver %s ended with %d: %s", strings.Join(args, " "), got, out)
		}
		return string(out)
	}
	run(0, "backup", "--data", data, "--to", backup) // the server is at work
	s.Stop()
	run(0, "restore", "--from", backup, "--data", restored)
	if out := run(0, "check", "--data", restored); !strings.Contains(out, "2 files, 0 faults") {
		t.Errorf("checked: %s", out)
	}
	run(1, "restore", "--from", backup, "--data", restored)
	run(1, "check", "--data", t.TempDir())
	run(2, "migrate", "--data", data, "--to", "postgres://kyso:secret@127.0.0.1/kyso")
	run(2, "check")
	file := anyFile(t, filepath.Join(restored, "blobs"))
	if err := os.WriteFile(file, []byte("khác"), 0o600); err != nil {
		t.Fatal(err)
	}
	run(1, "check", "--data", restored)
}

func exitCode(err error) int {
	if e, ok := errors.AsType[*exec.ExitError](err); ok {
		return e.ExitCode()
	}
	if err != nil {
		return -1
	}
	return 0
}

func anyFile(t *testing.T, dir string) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, "*", "*"))
	if err != nil || len(found) == 0 {
		t.Fatalf("no files: %v", err)
	}
	return found[0]
}
