package docsys_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tus/tusd/v2/pkg/filestore"
	"github.com/tus/tusd/v2/pkg/handler"
	"github.com/tus/tusd/v2/pkg/memorylocker"
	"golang.org/x/exp/slog" // of tusd

	"kyso/app/docsys"
	"kyso/app/docsys/conform"
)

// tusSite is a foreign tus server (tusd) with as much of the contract around it as
// a submission needs: blobs are the uploads that are complete.
type tusSite struct {
	dir      string
	uploads  atomic.Int64 // that were begun
	received atomic.Int64 // bytes of files
	handler  http.Handler
}

func newTusSite(t *testing.T) *tusSite {
	t.Helper()
	s := &tusSite{dir: t.TempDir()}
	composer := handler.NewStoreComposer()
	filestore.New(s.dir).UseIn(composer)
	memorylocker.New().UseIn(composer) // without it two requests write at once after a cut
	h, err := handler.NewHandler(handler.Config{BasePath: "/v1/uploads/", StoreComposer: composer, DisableDownload: true, Logger: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/capabilities", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"interface":"vn-sign-exchange/1","max_single_put":1000,"uploads":["put","tus"]}`)
	})
	mux.HandleFunc("HEAD /v1/blobs/{sha}", func(w http.ResponseWriter, r *http.Request) {
		if !s.holds(r.PathValue("sha")) {
			w.WriteHeader(http.StatusNotFound)
		}
	})
	mux.HandleFunc("POST /v1/documents/{id}/versions", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		_, rest, _ := strings.Cut(string(body), `"sha256":"`)
		sha, _, _ := strings.Cut(rest, `"`)
		w.WriteHeader(http.StatusAccepted)
		_, _ = fmt.Fprintf(w, `{"version":"v","sha256":%q,"received_at":"2026-11-23T00:00:00Z"}`, sha)
	})
	mux.Handle("/v1/uploads/", http.StripPrefix("/v1/uploads/", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			s.uploads.Add(1)
		}
		r.Body = docsys.Counted(r.Body, (&counter{total: &s.received}).told)
		h.ServeHTTP(w, r)
	})))
	s.handler = mux
	return s
}

// counter adds what one request brought to a total.
type counter struct {
	total *atomic.Int64
	last  int64
}

func (c *counter) told(n int64) {
	c.total.Add(n - c.last)
	c.last = n
}

// holds looks for a complete upload of some bytes.
func (s *tusSite) holds(sha string) bool {
	files, _ := filepath.Glob(filepath.Join(s.dir, "*"))
	for _, f := range files {
		b, err := os.ReadFile(f)
		if sum := sha256.Sum256(b); err == nil && hex.EncodeToString(sum[:]) == sha {
			return true
		}
	}
	return false
}

// start serves the site; cut ends each connection after some hundred kilobytes.
func (s *tusSite) start(t *testing.T, cut bool) string {
	t.Helper()
	web := httptest.NewUnstartedServer(s.handler)
	if cut {
		web.Listener = &cutting{Listener: web.Listener}
	}
	web.Start()
	t.Cleanup(web.Close)
	return web.URL
}

// cutting gives connections that break.
type cutting struct{ net.Listener }

func (l *cutting) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &cutConn{Conn: c, left: 300<<10 + rand.Int64N(600<<10)}, nil
}

type cutConn struct {
	net.Conn

	left int64
}

func (c *cutConn) Read(p []byte) (int, error) {
	if c.left <= 0 {
		_ = c.Close()
		return 0, io.ErrUnexpectedEOF
	}
	n, err := c.Conn.Read(p)
	c.left -= int64(n)
	return n, err
}

// large is a file that is sent so that it can go on.
func large() docsys.Submission {
	b := make([]byte, 5<<20)
	for n := range b {
		b[n] = byte(rand.Uint32())
	}
	return conform.Submission("d", "", "signed", "key-0001", b)
}

func TestABrokenTransferGoesOnWhereItStopped(t *testing.T) {
	site := newTusSite(t)
	base := site.start(t, true)
	s := large()
	ctx, kill := context.WithCancel(t.Context())
	var last int64
	s.Progress = func(n int64) {
		if last = n; n > s.Size/2 {
			kill() // the first life of the program ends here
		}
	}
	s.Remember = func(resume string) error { s.Resume = resume; return nil }
	if _, err := docsys.NewClient(base, "", &http.Client{Timeout: 20 * time.Second}).Submit(ctx, s); err == nil || s.Resume == "" {
		t.Fatalf("the first life ended with %v, remembering %q", err, s.Resume)
	}
	for lives := 0; ; lives++ { // the outbox tries again when the server does not let it go on at once
		_, err := docsys.NewClient(base, "", &http.Client{Timeout: 20 * time.Second}).Submit(t.Context(), s)
		if err == nil {
			break
		}
		p, busy := errors.AsType[*docsys.Problem](err)
		if !errors.Is(err, docsys.ErrOffline) && (!busy || !p.Retryable) || lives == 20 {
			t.Fatal(err)
		}
	}
	if !site.holds(s.SHA256) || last != s.Size || site.uploads.Load() != 1 {
		t.Errorf("stored %v, told %d of %d, %d uploads", site.holds(s.SHA256), last, s.Size, site.uploads.Load())
	}
	// What was under way at a cut is sent again, no more.
	if got := site.received.Load(); got > s.Size+s.Size/4 {
		t.Errorf("%d bytes were sent for a file of %d", got, s.Size)
	}
}

func TestAForgottenUploadIsBegunAnew(t *testing.T) {
	site := newTusSite(t)
	base := site.start(t, false)
	s := large()
	s.Resume = base + "/v1/uploads/0123456789abcdef"
	var remembered []string
	s.Remember = func(r string) error { remembered = append(remembered, r); return nil }
	if _, err := docsys.NewClient(base, "", http.DefaultClient).Submit(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	if len(remembered) != 1 || !site.holds(s.SHA256) {
		t.Errorf("remembered %v, stored %v", remembered, site.holds(s.SHA256))
	}
}

func TestDamageInAnUploadIsFoundAndForgotten(t *testing.T) {
	site := newTusSite(t)
	s := large()
	good := s.Open
	s.Open = func() (io.ReadCloser, error) { // other bytes on the way
		f, err := good()
		return struct {
			io.Reader
			io.Closer
		}{io.MultiReader(strings.NewReader("damage!!"), f), f}, err
	}
	s.Remember = func(r string) error { s.Resume = r; return nil }
	c := docsys.NewClient(site.start(t, false), "", http.DefaultClient)
	if _, err := c.Submit(t.Context(), s); !errors.Is(err, docsys.ErrDigest) || s.Resume != "" {
		t.Fatalf("got %v, remembered %q", err, s.Resume)
	}
	s.Open = good
	if _, err := c.Submit(t.Context(), s); err != nil || !site.holds(s.SHA256) {
		t.Errorf("the second time: %v", err)
	}
}

func TestTheTokenGoesToNoOtherServer(t *testing.T) {
	var elsewhere atomic.Int64
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere.Add(1) }))
	t.Cleanup(other.Close)
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasSuffix(r.URL.Path, "/capabilities"):
			_, _ = io.WriteString(w, `{"uploads":["tus"]}`)
		case r.Method == http.MethodPost:
			w.Header().Set("Location", other.URL+"/x")
			w.WriteHeader(http.StatusCreated)
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	t.Cleanup(web.Close)
	_, err := docsys.NewClient(web.URL, "token", http.DefaultClient).Submit(context.WithoutCancel(t.Context()), large())
	if !errors.Is(err, docsys.ErrStrange) || elsewhere.Load() != 0 {
		t.Errorf("got %v, and the other server was asked %d times", err, elsewhere.Load())
	}
}
