package outbox_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// badLine is a proxy that cuts, delays, doubles and corrupts, each in about one
// of ten requests.
type badLine struct {
	*httptest.Server

	to                                           string
	requests, cuts, delays, doubled, corruptions atomic.Int64
}

func newBadLine(t *testing.T, to string) *badLine {
	t.Helper()
	l := &badLine{to: to}
	l.Server = httptest.NewServer(l)
	t.Cleanup(l.Close)
	return l
}

// String gives the figures.
func (l *badLine) String() string {
	return fmt.Sprintf("%d requests, %d cut, %d delayed, %d doubled, %d corrupted",
		l.requests.Load(), l.cuts.Load(), l.delays.Load(), l.doubled.Load(), l.corruptions.Load())
}

// oneIn is true once in n times.
func oneIn(n int) bool { return rand.IntN(n) == 0 }

// flip changes one bit of b.
func (l *badLine) flip(b []byte) []byte {
	if len(b) > 0 {
		l.corruptions.Add(1)
		b[rand.IntN(len(b))] ^= 1 << rand.IntN(8)
	}
	return b
}

// cut breaks the connection.
func (l *badLine) cut() {
	l.cuts.Add(1)
	panic(http.ErrAbortHandler)
}

func (l *badLine) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	l.requests.Add(1)
	if oneIn(10) {
		l.delays.Add(1)
		select {
		case <-time.After(time.Duration(rand.IntN(300)) * time.Millisecond):
		case <-r.Context().Done():
		}
	}
	if oneIn(30) { // before anything arrived
		l.cut()
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		l.cut()
	}
	if oneIn(30) && len(body) > 0 { // in the middle of the request
		l.halfSent(r, body)
		l.cut()
	}
	if oneIn(10) {
		body = l.flip(body)
	}
	if oneIn(10) {
		l.doubled.Add(1)
		var wg sync.WaitGroup
		wg.Go(func() { _, _ = l.forward(r, body) })
		defer wg.Wait()
	}
	resp, err := l.forward(r, body)
	if err != nil || oneIn(30) { // the answer is lost
		l.cut()
	}
	if oneIn(10) {
		resp.body = l.flip(resp.body)
	}
	maps.Copy(w.Header(), resp.header)
	w.WriteHeader(resp.status)
	if oneIn(30) && len(resp.body) > 1 { // in the middle of the answer
		_, _ = w.Write(resp.body[:len(resp.body)/2])
		_ = http.NewResponseController(w).Flush()
		l.cut()
	}
	_, _ = w.Write(resp.body)
}

// answer is what a server answered.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// forward asks the server; like a real proxy it goes on when its client is gone.
func (l *badLine) forward(r *http.Request, body []byte) (answer, error) {
	req, err := http.NewRequestWithContext(context.WithoutCancel(r.Context()), r.Method, l.to+r.URL.RequestURI(), bytes.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	req.Header = r.Header.Clone()
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(resp.Body)
	return answer{resp.StatusCode, resp.Header, raw}, err
}

// halfSent sends half of a request and breaks off.
func (l *badLine) halfSent(r *http.Request, body []byte) {
	half := io.MultiReader(bytes.NewReader(body[:len(body)/2]), broken{})
	req, err := http.NewRequestWithContext(context.WithoutCancel(r.Context()), r.Method, l.to+r.URL.RequestURI(), half)
	if err != nil {
		return
	}
	req.Header, req.ContentLength = r.Header.Clone(), int64(len(body))
	if resp, err := http.DefaultClient.Do(req); err == nil {
		_ = resp.Body.Close()
	}
}

// broken is a reader whose line broke.
type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
