package judges_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kyso/app/docsys"
	"kyso/app/docsys/conform"
	"kyso/app/docsys/refserver"
	site "kyso/app/docsys/refserver/refservertest"
)

// judges gives the folder of the judges, or skips: they come from npm.
func judges(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("KYSO_JUDGES")
	if dir == "" {
		t.Skip("the foreign judges are not installed here: make judges")
	}
	if _, err := os.Stat(filepath.Join(dir, "node_modules")); err != nil {
		t.Fatalf("make judges installs them: %v", err)
	}
	return dir
}

// node runs a script of this folder until it or the test ends, and gives its output.
func node(t *testing.T, script string, args ...string) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "node", append([]string{script}, args...)...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 5 * time.Second
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	return cmd, bufio.NewScanner(out)
}

// random gives a file that no other test has.
func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails
	return b
}

func hashed(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// kept commits an uploaded blob as a version and reads it back.
func kept(t *testing.T, s *site.Site, file []byte) {
	t.Helper()
	me := s.As(site.Clerk)
	d, err := me.Create(t.Context(), "judge-"+rand.Text(), docsys.NewDocument{Unit: refserver.KimLienUnit, Type: "Công văn", Subject: "Tệp lớn", Secrecy: "none"})
	if err != nil {
		t.Fatal(err)
	}
	sub := conform.Submission(d.ID, "", "draft", "judge-"+rand.Text(), file)
	sub.Open = func() (io.ReadCloser, error) { return nil, errors.New("the server has the bytes already") }
	r, err := me.Submit(t.Context(), sub)
	if err != nil {
		t.Fatal(err)
	}
	content, err := me.Content(t.Context(), r.Version)
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(content)
	if err := errors.Join(err, content.Close()); err != nil || !bytes.Equal(got, file) {
		t.Errorf("%d bytes of %d came back, equal %v, %v", len(got), len(file), bytes.Equal(got, file), err)
	}
}

// TestTusJSClientUploadsToOurServer has tus-js-client send a file over a line that
// cuts; its first life ends in the middle.
func TestTusJSClientUploadsToOurServer(t *testing.T) {
	judges(t)
	s := site.Start(t, t.TempDir(), site.NewClock(), site.Options{NoYear: true})
	line := site.CutLine(t, s.URL, 1<<20)
	file := random(20 << 20)
	path := filepath.Join(t.TempDir(), "tệp.pdf")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{line.URL + "/v1/uploads/", site.Token(site.Clerk), path, hashed(file)}
	first, out := node(t, "upload.mjs", append(args, "7000000")...)
	if !out.Scan() || !strings.HasPrefix(out.Text(), line.URL+"/v1/uploads/") {
		t.Fatalf("its address is %q", out.Text())
	}
	at := out.Text()
	if err := first.Wait(); err != nil {
		t.Fatalf("the first life: %v", err)
	}
	second, out := node(t, "upload.mjs", append(args, "0", at)...)
	for out.Scan() {
		if out.Text() != at {
			t.Errorf("the second life began %s instead of going on with %s", out.Text(), at)
		}
	}
	if err := second.Wait(); err != nil {
		t.Fatalf("the second life: %v", err)
	}
	if line.Cuts.Load() < 10 {
		t.Errorf("only %d cuts", line.Cuts.Load())
	}
	kept(t, s, file)
	t.Logf("%d bytes, %d cuts, %d bytes over the line", len(file), line.Cuts.Load(), line.Carried.Load())
}

// foreign is @tus/server with as much of the contract around it as a submission needs.
func foreign(t *testing.T, dir string) string {
	t.Helper()
	_, out := node(t, "serve.mjs", dir)
	if !out.Scan() {
		t.Fatal("@tus/server did not start")
	}
	to, err := url.Parse("http://127.0.0.1:" + out.Text())
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/v1/uploads/", httputil.NewSingleHostReverseProxy(to))
	mux.HandleFunc("GET /v1/capabilities", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"interface":"vn-sign-exchange/1","max_single_put":1000,"uploads":["put","tus"]}`)
	})
	mux.HandleFunc("HEAD /v1/blobs/{sha}", func(w http.ResponseWriter, r *http.Request) {
		if holds(dir, r.PathValue("sha")) == 0 {
			w.WriteHeader(http.StatusNotFound)
		}
	})
	mux.HandleFunc("POST /v1/documents/{id}/versions", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		_, rest, _ := strings.Cut(string(body), `"sha256":"`)
		w.WriteHeader(http.StatusAccepted)
		_, _ = fmt.Fprintf(w, `{"version":"v","sha256":%q,"received_at":"2026-11-23T00:00:00Z"}`, rest[:64])
	})
	web := httptest.NewServer(mux)
	t.Cleanup(web.Close)
	return web.URL
}

// holds counts the uploads that have some bytes.
func holds(dir, sha string) int {
	n := 0
	files, _ := filepath.Glob(filepath.Join(dir, "*"))
	for _, f := range files {
		if b, err := os.ReadFile(f); err == nil && hashed(b) == sha {
			n++
		}
	}
	return n
}

// TestOurClientUploadsToTusServer sends a file to @tus/server over a line that cuts.
func TestOurClientUploadsToTusServer(t *testing.T) {
	judges(t)
	dir := t.TempDir()
	line := site.CutLine(t, foreign(t, dir), 1<<20)
	file := random(20 << 20)
	sub := conform.Submission("d", "", "signed", "key-0001", file)
	begun := 0
	sub.Remember = func(at string) error {
		if sub.Resume = at; at != "" {
			begun++
		}
		return nil
	}
	client := docsys.NewClient(line.URL, "", &http.Client{Timeout: 20 * time.Second})
	for lives := 0; ; lives++ { // the outbox tries again, too
		_, err := client.Submit(t.Context(), sub)
		if err == nil {
			break
		}
		p, answered := errors.AsType[*docsys.Problem](err)
		if !errors.Is(err, docsys.ErrOffline) && (!answered || !p.Retryable) || lives == 100 {
			t.Fatal(err)
		}
	}
	if begun != 1 || holds(dir, sub.SHA256) != 1 || line.Cuts.Load() < 10 {
		t.Errorf("%d uploads were begun, %d are there, %d cuts", begun, holds(dir, sub.SHA256), line.Cuts.Load())
	}
	t.Logf("%d bytes, %d cuts, %d bytes over the line", len(file), line.Cuts.Load(), line.Carried.Load())
}

// wait runs a program to its end and gives what it said.
func wait(ctx context.Context, name string, args ...string) (string, error) {
	out, err := exec.CommandContext(ctx, name, args...).CombinedOutput()
	return string(out), err
}
