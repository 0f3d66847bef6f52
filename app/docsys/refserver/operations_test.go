package refserver_test

import (
	"encoding/csv"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	site "kyso/app/docsys/refserver/refservertest"
)

func fetch(t *testing.T, url string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
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
	return resp, string(b)
}

func TestOperations(t *testing.T) {
	s := site.Start(t, t.TempDir(), site.NewClock(), site.Options{NoYear: true, Letters: letters()[:1]})
	web := httptest.NewServer(s.Server.Operations())
	t.Cleanup(web.Close)
	settled(t, s.As(site.Chairman), waiting(t, s.As(site.Chairman))[0].Version)
	for path, want := range map[string][]string{
		"/livez": {"ok"}, "/readyz": {"ok"},
		"/metrics": {
			`kyso_calls_total{call="GET /v1/documents",status="200"}`, `kyso_call_seconds_bucket{call="GET /v1/documents"`, `kyso_verdicts_total{state="unsigned"} 1`,
			"kyso_jobs 0", "kyso_audit_entries ", "kyso_database_connections_in_use ", "go_goroutines",
		},
	} {
		resp, body := fetch(t, web.URL+path)
		for _, w := range want {
			if resp.StatusCode != http.StatusOK || !strings.Contains(body, w) {
				t.Errorf("%s: %d, no %q in\n%s", path, resp.StatusCode, w, body)
			}
		}
	}
	if resp, _ := fetch(t, s.URL+"/metrics"); resp.StatusCode != http.StatusNotFound {
		t.Errorf("the metrics are where users are: %d", resp.StatusCode)
	}
	s.Stop()
	if resp, _ := fetch(t, web.URL+"/readyz"); resp.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("ready without a database: %d", resp.StatusCode)
	}
}

func TestThePageShowsTheWholeContract(t *testing.T) {
	s := site.Start(t, t.TempDir(), site.NewClock(), site.Options{NoYear: true})
	resp, body := fetch(t, s.URL+"/")
	if resp.StatusCode != http.StatusOK || !strings.HasPrefix(resp.Header.Get("Content-Security-Policy"), "default-src 'none'") {
		t.Fatalf("%d %v", resp.StatusCode, resp.Header)
	}
	for _, call := range contractCalls(t) {
		method, path, _ := strings.Cut(call, " ")
		if !strings.Contains(body, `<span class="method">`+method+`</span> <code>/v1`+path+`</code>`) {
			t.Errorf("%s is not on the page", call)
		}
	}
	if found := regexp.MustCompile(`(src|href)="(https?:)?//|<script`).FindString(body); found != "" {
		t.Errorf("the page fetches from elsewhere: %s", found)
	}
	for _, target := range regexp.MustCompile(`href="#([^"]*)"`).FindAllStringSubmatch(body, -1) {
		if !strings.Contains(body, `id="`+target[1]+`"`) {
			t.Errorf("a link to #%s leads nowhere", target[1])
		}
	}
}

// Every type of a problem in the code is explained, with its status, and no other.
func TestProblemsAreExplained(t *testing.T) {
	raw, err := os.ReadFile("problems.csv")
	if err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(strings.NewReader(string(raw))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var explained []string
	for _, l := range lines[1:] {
		explained = append(explained, l[0])
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var used []string
	for _, f := range files {
		code, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		for _, m := range regexp.MustCompile(`refuse\((?:http\.\w+|\w+), "([a-z-]+)"`).FindAllStringSubmatch(string(code), -1) {
			used = append(used, m[1])
		}
	}
	slices.Sort(used)
	used = slices.Compact(used)
	if len(used) < 30 || !slices.Equal(used, explained) {
		for _, k := range used {
			if !slices.Contains(explained, k) {
				t.Errorf("%s is not explained", k)
			}
		}
		for _, k := range explained {
			if !slices.Contains(used, k) {
				t.Errorf("%s is explained and never used", k)
			}
		}
	}
	s := site.Start(t, t.TempDir(), site.NewClock(), site.Options{NoYear: true})
	resp, _ := fetch(t, s.URL+"/problems/wrong-state")
	if resp.StatusCode != http.StatusOK || !strings.HasSuffix(resp.Request.URL.String(), "/#problem-wrong-state") {
		t.Errorf("a type leads to %s (%d)", resp.Request.URL, resp.StatusCode)
	}
}
