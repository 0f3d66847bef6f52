package docsys_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"kyso/app/docsys"
)

// door is a server whose session ends: it takes one token at a time.
type door struct {
	*httptest.Server

	mu    sync.Mutex
	takes string   // the token that it takes, empty for none
	asked []string // the tokens that it was shown, by call
	hold  chan struct{}
}

func newDoor(t *testing.T) *door {
	t.Helper()
	d := &door{takes: "good"}
	d.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		shown := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
		d.mu.Lock()
		d.asked = append(d.asked, shown)
		taken, hold := shown == d.takes, d.hold
		d.mu.Unlock()
		if hold != nil {
			<-hold
		}
		if !taken {
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = io.WriteString(w, `{"title":"Chưa đăng nhập","status":401}`)
			return
		}
		_, _ = io.WriteString(w, `{"name":"Văn thư"}`)
	}))
	t.Cleanup(d.Close)
	return d
}

func (d *door) calls() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.asked)
}

func TestASessionIsRenewed(t *testing.T) {
	ended := errors.New("the log-in has ended")
	later := &docsys.Problem{Status: http.StatusServiceUnavailable, Title: "Cổng xác thực chưa trả lời", Retryable: true}
	never := &docsys.Problem{Status: http.StatusForbidden, Title: "Tài khoản đã bị khóa"}
	cases := map[string]struct {
		renew   func(c *docsys.Client) error // nil asks nobody
		want    int                          // the status of the refusal, 0 for none
		is      error                        // what the outcome is in its place
		renewed int
		shown   []string // to the server
	}{
		"once":                                 {func(c *docsys.Client) error { c.SetToken("good"); return nil }, 0, nil, 1, []string{"old", "good"}},
		"not a second time":                    {func(c *docsys.Client) error { c.SetToken("stale"); return nil }, 401, nil, 1, []string{"old", "stale"}},
		"not when the log-in has ended":        {func(*docsys.Client) error { return ended }, 401, nil, 1, []string{"old"}},
		"not when it is refused":               {func(*docsys.Client) error { return never }, 401, nil, 1, []string{"old"}},
		"not when there is no other token":     {func(*docsys.Client) error { return nil }, 401, nil, 1, []string{"old"}},
		"later, without a line":                {func(*docsys.Client) error { return fmt.Errorf("ask: %w", docsys.ErrOffline) }, 0, docsys.ErrOffline, 1, []string{"old"}},
		"later, when the server says so":       {func(*docsys.Client) error { return fmt.Errorf("ask: %w", later) }, 0, later, 1, []string{"old"}},
		"not when there is nobody to be asked": {nil, 401, nil, 0, []string{"old"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			d := newDoor(t)
			client := docsys.NewClient(d.URL, "old", &http.Client{Timeout: 5 * time.Second})
			renewed := 0
			if c.renew != nil {
				client.SetRenew(func(context.Context) error { renewed++; return c.renew(client) })
			}
			_, err := client.Whoami(t.Context())
			p, refused := errors.AsType[*docsys.Problem](err)
			switch {
			case c.is != nil:
				if !errors.Is(err, c.is) {
					t.Errorf("got %v, want %v", err, c.is)
				}
			case (c.want != 0) != refused || refused && p.Status != c.want || !refused && err != nil:
				t.Errorf("got %v, want status %d", err, c.want)
			}
			if renewed != c.renewed || !slices.Equal(d.calls(), c.shown) {
				t.Errorf("renewed %d times, want %d; the server was shown %q, want %q", renewed, c.renewed, d.calls(), c.shown)
			}
		})
	}
}

// Two calls that are refused at the same time log in once: the second one finds the
// new token.
func TestTwoCallsAtTheSameTimeRenewOnce(t *testing.T) {
	d := newDoor(t)
	d.hold = make(chan struct{})
	client := docsys.NewClient(d.URL, "old", &http.Client{Timeout: 5 * time.Second})
	var renewed atomic.Int64
	client.SetRenew(func(context.Context) error {
		renewed.Add(1)
		client.SetToken("good")
		return nil
	})
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			if _, err := client.Whoami(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	for tick := time.NewTicker(time.Millisecond); len(d.calls()) < 2; { // both were sent with the old token
		<-tick.C
	}
	close(d.hold)
	wg.Wait()
	if renewed.Load() != 1 || len(d.calls()) != 4 {
		t.Errorf("renewed %d times, %d calls, want one and four", renewed.Load(), len(d.calls()))
	}
}

// A renewal asks the server itself; what it is refused must not wait for the renewal.
func TestARenewalDoesNotWaitForItself(t *testing.T) {
	client := docsys.NewClient("http://van-ban.example.vn", "old", &http.Client{Transport: refusing{}})
	asked := 0
	client.SetRenew(func(ctx context.Context) error {
		asked++
		_, err := client.Describe(ctx)
		return err
	})
	ended := make(chan error, 1)
	go func() {
		_, err := client.Whoami(t.Context())
		ended <- err
	}()
	select {
	case err := <-ended:
		if p, ok := errors.AsType[*docsys.Problem](err); !ok || p.Status != http.StatusUnauthorized || asked != 1 {
			t.Errorf("got %v after %d renewals", err, asked)
		}
	case <-time.After(time.Minute):
		t.Fatal("the renewal waits for itself")
	}
}

// refusing is a server that takes nobody.
type refusing struct{}

// RoundTrip refuses.
func (refusing) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusUnauthorized, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("")), Request: r}, nil
}

// The log-in itself is never repeated by a renewal: a wrong password stays wrong.
func TestALogInIsNotRenewed(t *testing.T) {
	d := newDoor(t)
	client := docsys.NewClient(d.URL, "old", &http.Client{Timeout: 5 * time.Second})
	client.SetRenew(func(context.Context) error {
		t.Error("a log-in was renewed")
		return nil
	})
	if _, err := client.Login(t.Context(), "van-thu", "sai"); err == nil {
		t.Error("a refused password logged in")
	}
	if _, err := client.LoginWithIdentity(t.Context(), "sai", ""); err == nil {
		t.Error("a refused identity logged in")
	}
	if n := len(d.calls()); n != 2 {
		t.Errorf("%d calls, want two", n)
	}
}
