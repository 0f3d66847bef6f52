package docsys_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"kyso/app/docsys"
)

func TestNoAnswerIsOffline(t *testing.T) {
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		_, _ = io.WriteString(w, `{"name":`) // then the connection breaks
	}))
	t.Cleanup(web.Close)
	cases := map[string]string{
		"nobody listens":               "http://127.0.0.1:1",
		"the answer breaks in between": web.URL,
	}
	for name, base := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := docsys.NewClient(base, "", &http.Client{Timeout: 5 * time.Second}).Whoami(t.Context())
			if !errors.Is(err, docsys.ErrOffline) {
				t.Errorf("got %v, want ErrOffline", err)
			}
		})
	}
}

func TestTheCallersOwnEndIsNotOffline(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := docsys.NewClient("http://127.0.0.1:1", "", http.DefaultClient).Whoami(ctx)
	if errors.Is(err, docsys.ErrOffline) || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the end of the context", err)
	}
}

func TestRefusalsOfAProxyAreProblemsToo(t *testing.T) {
	cases := map[string]struct {
		status    int
		body      string
		title     string
		retryable bool
	}{
		"a gateway's page":             {http.StatusBadGateway, "<html>", "Bad Gateway", true},
		"a problem of the contract":    {http.StatusConflict, `{"title":"Đã có","retryable":false}`, "Đã có", false},
		"one that may be tried again":  {http.StatusConflict, `{"title":"Đang làm","retryable":true}`, "Đang làm", true},
		"an endless page":              {http.StatusForbidden, strings.Repeat("x", 1<<20), "Forbidden", false},
		"too many requests in a hurry": {http.StatusTooManyRequests, "", "Too Many Requests", true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Retry-After", "7")
				w.WriteHeader(c.status)
				_, _ = io.WriteString(w, c.body)
			}))
			t.Cleanup(web.Close)
			_, err := docsys.NewClient(web.URL, "", http.DefaultClient).Whoami(t.Context())
			var p *docsys.Problem
			if !errors.As(err, &p) {
				t.Fatalf("got %v, want a problem", err)
			}
			if p.Status != c.status || p.Title != c.title || p.Retryable != c.retryable || p.RetryAfter != 7*time.Second {
				t.Errorf("got %+v", p)
			}
		})
	}
}

func TestAReceiptForOtherBytesIsRefused(t *testing.T) {
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			w.WriteHeader(http.StatusAccepted)
			_, _ = io.WriteString(w, `{"version":"v","sha256":"other","received_at":"2026-11-23T00:00:00Z"}`)
		}
	}))
	t.Cleanup(web.Close)
	_, err := docsys.NewClient(web.URL, "", http.DefaultClient).Submit(t.Context(), docsys.Submission{Key: "key", DocumentID: "d", SHA256: "sent"})
	if !errors.Is(err, docsys.ErrDigest) {
		t.Errorf("got %v, want ErrDigest", err)
	}
}

// sessions is a server that knows one token at a time and gives the next one at a log-in.
func sessions(t *testing.T, valid *atomic.Int64, bodies *[]string) *httptest.Server {
	t.Helper()
	var mu sync.Mutex
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		switch {
		case r.URL.Path == "/v1/sessions" && strings.Contains(string(body), "right"):
			w.WriteHeader(http.StatusCreated)
			_, _ = fmt.Fprintf(w, `{"token":"t%d"}`, valid.Load())
		case r.Header.Get("Authorization") != fmt.Sprintf("Bearer t%d", valid.Load()):
			w.WriteHeader(http.StatusUnauthorized)
		default:
			mu.Lock()
			*bodies = append(*bodies, string(body))
			mu.Unlock()
			_, _ = io.WriteString(w, `{"name":"n","state":"passed"}`)
		}
	}))
	t.Cleanup(web.Close)
	return web
}

func TestAnEndedSessionIsRenewedOnce(t *testing.T) {
	var valid atomic.Int64
	var bodies []string
	web := sessions(t, &valid, &bodies)
	c := docsys.NewClient(web.URL, "old", &http.Client{Timeout: 5 * time.Second})
	var logins atomic.Int64
	password := "right"
	c.SetRenew(func(ctx context.Context) error {
		logins.Add(1)
		_, err := c.Login(ctx, "van-thu", password)
		return err
	})
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			if _, err := c.Whoami(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if logins.Load() != 1 {
		t.Errorf("%d log-ins for ten calls at once", logins.Load())
	}
	valid.Add(1) // the session ends; a request with a body is repeated whole
	if err := c.ChangePassword(t.Context(), "a", "b"); err == nil || !strings.Contains(bodies[len(bodies)-1], `"old":"a"`) {
		t.Errorf("the body was %q, %v", bodies[len(bodies)-1], err)
	}
	valid.Add(1)
	password = "wrong"
	before := logins.Load()
	_, err := c.Whoami(t.Context())
	if p, ok := errors.AsType[*docsys.Problem](err); !ok || p.Status != http.StatusUnauthorized || logins.Load() != before+1 {
		t.Errorf("got %v after %d log-ins, want the refusal after one", err, logins.Load()-before)
	}
}
