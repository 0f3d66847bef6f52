package refserver_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"kyso/app/docsys/api"
	"kyso/app/docsys/refserver"
	site "kyso/app/docsys/refserver/refservertest"
)

func serve(t *testing.T, s *refserver.Server) string {
	t.Helper()
	web := httptest.NewServer(s.Handler())
	t.Cleanup(web.Close)
	return web.URL
}

// call makes a request as the chairman and gives status, header and body.
func call(t *testing.T, s *site.Site, method, path, body string, header ...string) (*http.Response, []byte) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+site.Token(site.Chairman))
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, b
}

// The answers must have the fields of the contract and no others.
func TestAnswersAreThoseOfTheContract(t *testing.T) {
	s := site.Start(t, t.TempDir(), site.NewClock(), site.Options{Letters: letters()})
	defer narrow(t, s)
	d := waiting(t, s.As(site.Chairman))[0]
	cases := map[string]struct {
		path string
		into any
	}{
		"capabilities": {"/v1/capabilities", new(api.Capabilities)},
		"person":       {"/v1/sessions/current", new(api.Person)},
		"documents":    {"/v1/documents?limit=2", new(api.DocumentList)},
		"document":     {"/v1/documents/" + d.ID, new(api.Document)},
		"version":      {"/v1/versions/" + d.Version, new(api.VersionStatus)},
		"units":        {"/v1/units?asOf=2026-06-30", new(api.UnitList)},
		"board":        {"/v1/board?unit=H26.13&period=2026-11", new(api.Board)},
		"problem":      {"/v1/board?unit=nowhere&period=2026", new(api.Problem)},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, body := call(t, s, http.MethodGet, c.path, "")
			dec := json.NewDecoder(bytes.NewReader(body))
			dec.DisallowUnknownFields()
			if err := dec.Decode(c.into); err != nil {
				t.Fatalf("%v in %s", err, body)
			}
			// Every required field of the contract must be in the answer.
			again, err := json.Marshal(c.into)
			if err != nil {
				t.Fatal(err)
			}
			var got, want map[string]any
			if json.Unmarshal(body, &got) != nil || json.Unmarshal(again, &want) != nil {
				t.Fatal("not an object")
			}
			for field := range want {
				if _, ok := got[field]; !ok {
					t.Errorf("the answer has no %s", field)
				}
			}
		})
	}
}

func TestAnUnchangedBoardIsNotSentAgain(t *testing.T) {
	s := site.Start(t, t.TempDir(), site.NewClock(), site.Options{NoYear: true})
	const path = "/v1/board?unit=H26.13.25&period=2026"
	first, _ := call(t, s, http.MethodGet, path, "")
	again, body := call(t, s, http.MethodGet, path, "", "If-None-Match", first.Header.Get("ETag"))
	if again.StatusCode != http.StatusNotModified || len(body) != 0 {
		t.Errorf("got %d with %d bytes", again.StatusCode, len(body))
	}
}

func TestARangeOfAFile(t *testing.T) {
	s := site.Start(t, t.TempDir(), site.NewClock(), site.Options{Letters: letters()[:1], NoYear: true})
	d := waiting(t, s.As(site.Chairman))[0]
	resp, body := call(t, s, http.MethodGet, "/v1/versions/"+d.Version+"/content", "", "Range", "bytes=0-7")
	if resp.StatusCode != http.StatusPartialContent || string(body) != "%PDF-1.7" {
		t.Errorf("got %d %q", resp.StatusCode, body)
	}
}

func TestBadRequestsAreProblems(t *testing.T) {
	s := site.Start(t, t.TempDir(), site.NewClock(), site.Options{Letters: letters()[:1], NoYear: true})
	d := waiting(t, s.As(site.Chairman))[0]
	cases := map[string]struct {
		method, path, body string
		status             int
	}{
		"no idempotency key":  {http.MethodPost, "/v1/documents", `{}`, http.StatusBadRequest},
		"not JSON":            {http.MethodPost, "/v1/sessions", `{`, http.StatusBadRequest},
		"an unknown field":    {http.MethodPost, "/v1/sessions", `{"login":"a","password":"b","x":1}`, http.StatusBadRequest},
		"an endless body":     {http.MethodPost, "/v1/sessions", strings.Repeat(" ", 1<<20), http.StatusRequestEntityTooLarge},
		"a hash that is none": {http.MethodPut, "/v1/blobs/abc", "x", http.StatusBadRequest},
		"a bad day":           {http.MethodGet, "/v1/units?asOf=yesterday", "", http.StatusBadRequest},
		"a bad cursor":        {http.MethodGet, "/v1/documents?cursor=%21", "", http.StatusBadRequest},
		"no such path":        {http.MethodGet, "/v1/nothing", "", http.StatusNotFound},
		"no such document":    {http.MethodGet, "/v1/documents/1", "", http.StatusNotFound},
		"an unknown stage":    {http.MethodPost, "/v1/documents/" + d.ID + "/versions", `{"sha256":"","size":1,"stage":"x"}`, http.StatusUnprocessableEntity},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			var header []string
			if strings.HasSuffix(c.path, "/versions") {
				header = []string{"Idempotency-Key", "key-bad-requests"}
			}
			resp, body := call(t, s, c.method, c.path, c.body, header...)
			var p api.Problem
			if err := json.Unmarshal(body, &p); err != nil || resp.Header.Get("Content-Type") != "application/problem+json" {
				t.Fatalf("not a problem: %s", body)
			}
			if resp.StatusCode != c.status || p.Title == "" {
				t.Errorf("got %d %+v, want %d", resp.StatusCode, p, c.status)
			}
		})
	}
}

func TestPagesFollowEachOther(t *testing.T) {
	s := site.Start(t, t.TempDir(), site.NewClock(), site.Options{Letters: letters()})
	seen := map[string]bool{}
	path := "/v1/documents?period=2026&limit=50"
	next := ""
	for range 10 {
		_, body := call(t, s, http.MethodGet, path+next, "")
		var list api.DocumentList
		if err := json.Unmarshal(body, &list); err != nil {
			t.Fatal(err)
		}
		for _, d := range list.Items {
			if seen[d.Id] {
				t.Fatalf("document %s twice", d.Id)
			}
			seen[d.Id] = true
		}
		if list.Next == nil {
			break
		}
		next = "&cursor=" + *list.Next
	}
	if len(seen) != 170 {
		t.Errorf("%d documents, want 170", len(seen))
	}
}
