package conform_test

import (
	"bytes"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"kyso/app/docsys/conform"
	"kyso/app/docsys/refserver"
	site "kyso/app/docsys/refserver/refservertest"
)

// server is the reference server, seen through a handler that may spoil answers.
func server(t *testing.T, spoil func(w http.ResponseWriter, r *http.Request, next http.Handler)) conform.Server {
	t.Helper()
	s := site.Start(t, t.TempDir(), site.NewClock(), site.Options{NoYear: true})
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if spoil != nil {
			spoil(w, r, s.Server.Handler())
			return
		}
		s.Server.Handler().ServeHTTP(w, r)
	}))
	t.Cleanup(web.Close)
	return conform.Server{Base: web.URL, Token: site.Token(site.Clerk), Unit: refserver.KimLienUnit, Client: &http.Client{Timeout: 20 * time.Second}}
}

func all(s conform.Server) []conform.Case {
	return append(conform.Contract(s), conform.Delivery(s.Submissions())...)
}

func TestTheReferenceServerConforms(t *testing.T) {
	for _, c := range all(server(t, nil)) {
		t.Run(c.Name, func(t *testing.T) {
			if err := c.Run(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

// recorded passes a request on with changes and gives the answer to be changed.
func recorded(r *http.Request, next http.Handler) *httptest.ResponseRecorder {
	rec := httptest.NewRecorder()
	next.ServeHTTP(rec, r)
	return rec
}

func answer(w http.ResponseWriter, rec *httptest.ResponseRecorder, status int, body []byte) {
	maps.Copy(w.Header(), rec.Header())
	w.Header().Del("Content-Length")
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

// TestSystemsThatDoNotConformAreFoundOut spoils the reference server in one thing
// at a time; the case for it must say so.
func TestSystemsThatDoNotConformAreFoundOut(t *testing.T) {
	n := 0
	cases := map[string]struct {
		spoil func(w http.ResponseWriter, r *http.Request, next http.Handler)
		found string // part of the case's name
	}{
		"idempotency keys are ignored": {func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if r.Header.Get("Idempotency-Key") != "" {
				n++
				r.Header.Set("Idempotency-Key", strings.Repeat("x", 8+n))
			}
			next.ServeHTTP(w, r)
		}, "the same key and request"},
		"digests are not checked": {func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			rec := recorded(r, next)
			if r.Method == http.MethodPut && rec.Code == http.StatusUnprocessableEntity {
				rec.Code = http.StatusCreated
			}
			answer(w, rec, rec.Code, rec.Body.Bytes())
		}, "another hash"},
		"everybody may look": {func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			r.Header.Set("Authorization", "Bearer "+site.Token(site.Clerk))
			next.ServeHTTP(w, r)
		}, "without a log-in"},
		"secret documents are taken": {func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			b, _ := io.ReadAll(r.Body)
			for _, mark := range []string{"toi_mat", "tuyet_mat", "mat"} {
				b = bytes.ReplaceAll(b, []byte(`"`+mark+`"`), []byte(`"none"`))
			}
			r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(b)), int64(len(b))
			next.ServeHTTP(w, r)
		}, "secret"},
		"the last one wins": {func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			rec := recorded(r, next)
			if rec.Code == http.StatusPreconditionFailed {
				rec.Code = http.StatusAccepted
			}
			answer(w, rec, rec.Code, rec.Body.Bytes())
		}, "names the one that it extends"},
		"a byte is changed": {func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			rec := recorded(r, next)
			b := rec.Body.Bytes()
			if strings.HasSuffix(r.URL.Path, "/content") && len(b) > 3 {
				b[3] ^= 1
			}
			answer(w, rec, rec.Code, b)
		}, "stored as it is"},
		"refusals are pages": {func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			rec := recorded(r, next)
			if rec.Code >= http.StatusBadRequest {
				rec.Header().Set("Content-Type", "text/html")
			}
			answer(w, rec, rec.Code, rec.Body.Bytes())
		}, "RFC 9457"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			for _, k := range all(server(t, c.spoil)) {
				if !strings.Contains(k.Name, c.found) {
					continue
				}
				if err := k.Run(t.Context()); !errors.Is(err, conform.ErrKept) {
					t.Errorf("%s: got %v, want it found out", k.Name, err)
				}
				return
			}
			t.Fatalf("no case is about %q", c.found)
		})
	}
}
