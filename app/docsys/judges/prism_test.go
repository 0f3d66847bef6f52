package judges_test

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"kyso/app/docsys"
	"kyso/app/docsys/conform"
	"kyso/app/docsys/login/logintest"
	"kyso/app/docsys/refserver"
	"kyso/app/docsys/refserver/identity"
	site "kyso/app/docsys/refserver/refservertest"
)

const contract = "../openapi.yaml"

// prism puts Prism as validating proxy before a server, and gives the address.
func prism(t *testing.T, dir, upstream string) *url.URL {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	_ = l.Close()
	_, port, _ := net.SplitHostPort(address)
	cmd := exec.CommandContext(t.Context(), filepath.Join(dir, "node_modules", ".bin", "prism"), "proxy", contract, upstream, "--port", port, "--host", "127.0.0.1")
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 5 * time.Second
	said := new(bytes.Buffer)
	cmd.Stdout, cmd.Stderr = said, said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Wait() })
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for range 300 {
		c, err := new(net.Dialer).DialContext(t.Context(), "tcp", address)
		if err == nil {
			_ = c.Close()
			return &url.URL{Scheme: "http", Host: address}
		}
		<-tick.C
	}
	t.Fatalf("Prism does not listen: %s", said)
	return nil
}

// finding is what Prism says of one request or its answer.
type finding struct {
	Location      []string
	Code, Message string
}

// record gathers what Prism says of all that goes through it.
type record struct {
	mu       sync.Mutex
	calls    map[string]int // by operation of the contract
	findings map[string]int
}

// through gives a server in front of Prism that writes the record.
func (r *record) through(t *testing.T, to *url.URL) string {
	t.Helper()
	proxy := httputil.NewSingleHostReverseProxy(to)
	proxy.ModifyResponse = func(resp *http.Response) error {
		r.note(resp)
		return nil
	}
	web := httptest.NewServer(http.StripPrefix("/v1", proxy)) // Prism knows the paths, not the server's base
	t.Cleanup(web.Close)
	return web.URL
}

func (r *record) note(resp *http.Response) {
	var found []finding
	_ = json.Unmarshal([]byte(resp.Header.Get("Sl-Violations")), &found) // no header, no finding
	call := resp.Request.Method + " " + resp.Request.URL.Path
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls[operation(resp.Request.Method, resp.Request.URL.Path)]++
	for _, f := range found {
		// The suite sends what a server must refuse.
		if len(f.Location) > 0 && f.Location[0] == "request" && resp.StatusCode >= http.StatusBadRequest {
			continue
		}
		r.findings[fmt.Sprintf("%s (%d): %s: %s", operation(call2(call)), resp.StatusCode, strings.Join(f.Location, "."), f.Message)]++
	}
}

func call2(call string) (method, path string) {
	method, path, _ = strings.Cut(call, " ")
	return method, path
}

// operations are the calls of the contract.
func operations() []string {
	var doc struct {
		Paths map[string]map[string]any `yaml:"paths"`
	}
	if err := yaml.Unmarshal(docsys.Contract, &doc); err != nil {
		panic(err) // it is part of the program
	}
	var out []string
	for path, item := range doc.Paths {
		for method := range item {
			if method != "parameters" {
				out = append(out, strings.ToUpper(method)+" "+path)
			}
		}
	}
	slices.Sort(out)
	return out
}

// operation finds the call of the contract that a request is.
func operation(method, path string) string {
	parts := strings.Split(path, "/")
	best := ""
	for _, op := range operations() {
		m, p, _ := strings.Cut(op, " ")
		want := strings.Split(p, "/")
		fits := m == method && len(want) == len(parts)
		for n := 0; fits && n < len(want); n++ {
			fits = want[n] == parts[n] || strings.HasPrefix(want[n], "{") && parts[n] != ""
		}
		if fits && (best == "" || strings.Count(op, "{") < strings.Count(best, "{")) {
			best = op
		}
	}
	return cmp.Or(best, method+" "+path)
}

// TestPrismFindsNothing sends the conformance suite, the whole way of a document and
// calls of every kind through Prism: no request that the server takes and no answer
// is other than the contract says.
func TestPrismFindsNothing(t *testing.T) {
	dir := judges(t)
	provider := logintest.Start(t, time.Now)
	provider.Subject = official
	v, err := identity.New(identity.Config{Issuer: provider.URL, ClientID: logintest.ClientID, LoopbackHTTP: true}, http.DefaultTransport, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	s := site.Start(t, t.TempDir(), site.NewClock(), site.Options{NoYear: true, Provider: v, More: []refserver.Person{
		{Login: "quan-tri", Name: "Quản trị", Unit: refserver.DistrictUnit, Role: "admin"},
		{Login: "quan-huyen", Name: "Chủ tịch huyện", Unit: refserver.DistrictUnit, Role: "head"},
		{Login: "kiem-toan", Name: "Kiểm toán", Unit: refserver.DistrictUnit, Role: "auditor"},
	}})
	r := &record{calls: map[string]int{}, findings: map[string]int{}}
	base := r.through(t, prism(t, dir, s.URL+"/v1"))
	server := conform.Server{Base: base, Token: site.Token(site.Clerk), Unit: refserver.KimLienUnit, Client: &http.Client{Timeout: 20 * time.Second}}
	for _, c := range append(conform.Contract(server), conform.Delivery(server.Submissions())...) {
		t.Run(c.Name, func(t *testing.T) {
			if err := c.Run(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	via := *s
	via.URL = base
	t.Run("the way of a document", func(t *testing.T) { way(t, &via, provider) })
	for f, n := range maps.All(r.findings) {
		t.Errorf("%d times: %s", n, f)
	}
	var unseen []string
	for _, op := range operations() {
		if r.calls[op] == 0 {
			unseen = append(unseen, op)
		}
	}
	total := 0
	for _, n := range r.calls {
		total += n
	}
	t.Logf("%d requests of %d calls; not made: %v", total, len(operations())-len(unseen), unseen)
	if total < 150 || len(unseen) > 0 {
		t.Errorf("%d requests; a call of the contract that is not made is not judged: %v", total, unseen)
	}
}

// way makes the calls that the suite does not make.
func way(t *testing.T, s *site.Site, provider *logintest.Provider) {
	t.Helper()
	if _, err := s.Number(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	me := s.As(site.Chairman)
	d, err := me.Create(t.Context(), "prism-create-1", docsys.NewDocument{
		Unit: refserver.KimLienUnit, Type: "Công văn", Subject: "Qua Prism", Secrecy: "none", IssuedOn: new("2026-11-20"), Number: new("77"),
	})
	if err != nil {
		t.Fatal(err)
	}
	paper := append([]byte("%PDF-1.7\n"), strings.Repeat("% a large file \n", 100_000)...) // letters only: Prism reads bodies as text
	r, err := me.Submit(t.Context(), conform.Submission(d.ID, "", "draft", "prism-file-1", paper))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := docsys.NewClient(s.URL, "", http.DefaultClient).Login(t.Context(), site.Chairman, site.Password); err != nil {
		t.Error(err)
	}
	small := []byte("abc")
	resume := asked(t, s, step{
		login: site.Clerk, call: "POST /uploads/", status: 201,
		header: []string{"Upload-Length", "3", "Upload-Metadata", "sha256 " + base64.StdEncoding.EncodeToString([]byte(hashed(small)))},
	}, nil).Get("Location")
	known := map[string]string{"document": d.ID, "version": r.Version, "upload": strings.TrimPrefix(resume, "/v1/uploads/"), "clerk": site.Clerk}
	known["token"], known["stranger"] = provider.Token("n-1", nil), provider.Token("n-2", map[string]any{"sub": "nguoi-la"})
	for _, c := range append(readingSteps(), changingSteps()...) {
		asked(t, s, c, known)
	}
}

// A step is a call with the answer that it must have, without login by nobody. Words in
// braces are things that are known; save names one that the answer makes known.
type step struct {
	login, call, body string
	status            int
	save              string
	header            []string
}

func readingSteps() []step {
	const unit = refserver.KimLienUnit
	return []step{
		{login: site.Chairman, call: "GET /sessions/current", status: 200},
		{login: site.Chairman, call: "GET /documents?period=2026&unit=" + unit, status: 200},
		{login: site.Chairman, call: "GET /documents?waiting=me", status: 200},
		{login: site.Chairman, call: "GET /documents/{document}/history", status: 200},
		{login: site.Chairman, call: "GET /documents/{document}/versions", status: 200},
		{login: site.Chairman, call: "GET /versions/{version}", status: 200},
		{login: site.Chairman, call: "GET /versions/{version}/content", status: 206, header: []string{"Range", "bytes=0-7"}},
		{login: site.Chairman, call: "GET /board?period=2026&unit=" + unit, status: 200},
		{login: site.Chairman, call: "GET /board?period=2026&unit=nowhere", status: 404},
		{login: site.Chairman, call: "GET /units", status: 200},
		{login: site.Chairman, call: "GET /people", status: 200},
		{login: site.Chairman, call: "GET /audit/checkpoint", status: 200},
		{login: "kiem-toan", call: "GET /audit/consistency?from=1&to=2", status: 200},
		{login: "kiem-toan", call: "GET /audit/inclusion?seq=0&size=2", status: 200},
		{login: "kiem-toan", call: "GET /audit/entries?from=0", status: 200},
		{login: "quan-tri", call: "GET /accounts", status: 200},
		{login: site.Chairman, call: "GET /board/trend?grain=week&unit=" + unit, status: 200},
		{login: site.Chairman, call: "GET /board/periods", status: 200},
		{login: site.Chairman, call: "GET /targets", status: 200},
		{login: site.Chairman, call: "GET /exports/board.xlsx?period=2026-10&unit=" + unit, status: 200},
		{login: site.Chairman, call: "GET /exports/board.pdf?period=2026-10&unit=" + unit, status: 200},
		{login: site.Chairman, call: "GET /exports/board.csv?period=2026-10&unit=" + unit, status: 200},
		{login: site.Chairman, call: "GET /events?after=0", status: 200},
		{login: site.Chairman, call: "GET /templates", status: 200},
	}
}

func changingSteps() []step {
	const unit, document = refserver.KimLienUnit, "POST /documents/{document}/"
	return []step{
		{login: site.Clerk, call: "OPTIONS /uploads/", status: 204},
		{login: site.Clerk, call: "HEAD /uploads/{upload}", status: 200},
		{login: site.Clerk, call: "PATCH /uploads/{upload}", body: "ab", status: 204, header: []string{"Upload-Offset", "0"}},
		{login: site.Clerk, call: "PATCH /uploads/{upload}", body: "x", status: 422, header: []string{"Upload-Offset", "2"}},
		{login: site.Clerk, call: "DELETE /uploads/{upload}", status: 404},
		{login: site.Chairman, call: document + "explanations", body: `{"reason":"Thiết bị ký hỏng"}`, status: 201, save: "explanation"},
		{login: site.Chairman, call: "GET /documents/{document}/explanations", status: 200},
		{login: "quan-huyen", call: "PUT /documents/{document}/explanations/{explanation}/decision", body: `{"decision":"accepted"}`, status: 204},
		{login: site.Clerk, call: document + "issue", body: `{}`, status: 409},
		{login: site.Clerk, call: document + "revoke", body: `{"reason":"Sai"}`, status: 200},
		{login: site.Chairman, call: "POST /documents", body: `{"unit":"` + unit + `","type":"Công văn","subject":"Trả lại","secrecy":"none"}`, status: 201, save: "draft"},
		{login: site.Chairman, call: "PATCH /documents/{draft}", body: `{"subject":"Trả lại, đã sửa"}`, status: 200},
		{login: site.Chairman, call: "POST /documents/{draft}/return", body: `{"reason":"Sai"}`, status: 409},
		{login: "quan-tri", call: "POST /units", body: `{"code":"X.1","name":"X","kind":"phong","valid_from":"2026-01-01","parent":"` + refserver.DistrictUnit + `"}`, status: 204},
		{login: "quan-tri", call: "POST /units/X.1/end", body: `{"on":"2099-01-01","basis":"x"}`, status: 204},
		{login: "quan-tri", call: "POST /people", body: `{"name":"Người mới","unit":"` + unit + `"}`, status: 201, save: "person"},
		{login: "quan-tri", call: "POST /people/{person}/certificates", body: `{"certificate":"x"}`, status: 422},
		{login: "quan-tri", call: "POST /people/{person}/authorities", body: `{"unit":"` + unit + `","may":"initial","form":"self","valid_from":"2026-01-01","basis":"x"}`, status: 201, save: "authority"},
		{login: "quan-tri", call: "POST /authorities/{authority}/end", body: `{"on":"2099-01-01"}`, status: 204},
		{login: "quan-tri", call: "POST /accounts", body: `{"login":"nguoi-moi"}`, status: 201},
		{login: "quan-tri", call: "POST /accounts/nguoi-moi/grants", body: `{"role":"viewer","unit":"` + unit + `","valid_from":"2026-01-01"}`, status: 201, save: "grant"},
		{login: "quan-tri", call: "POST /grants/{grant}/end", body: `{"on":"2099-01-01"}`, status: 204},
		{login: "quan-tri", call: "DELETE /accounts/nguoi-moi/password", status: 200},
		{login: "quan-tri", call: "PUT /accounts/nguoi-moi/status", body: `{"disabled":true,"reason":"Chuyển công tác"}`, status: 204},
		{login: "quan-tri", call: "PUT /accounts/nguoi-moi/status", body: `{"disabled":false,"reason":"Về lại"}`, status: 204},
		{login: "quan-tri", call: "PUT /accounts/nguoi-moi/identity", body: `{"subject":"` + official + `"}`, status: 204},
		{login: "quan-tri", call: "PUT /accounts/{clerk}/identity", body: `{"subject":"` + official + `"}`, status: 409},
		{call: "POST /sessions/oidc", body: `{"id_token":"{token}","nonce":"n-1"}`, status: 201},
		{call: "POST /sessions/oidc", body: `{"id_token":"{token}","nonce":"n-1"}`, status: 401},
		{login: "quan-tri", call: "DELETE /accounts/nguoi-moi/identity", status: 204},
		{call: "POST /sessions/oidc", body: `{"id_token":"{stranger}","nonce":"n-2"}`, status: 403},
		{login: "quan-tri", call: "PUT /units/X.1/aliases/qd20/H26.13.77", status: 204},
		{login: "quan-tri", call: "DELETE /units/X.1/aliases/qd20/H26.13.77", status: 204},
		{login: "quan-tri", call: "DELETE /units/X.1/aliases/khac/H26.13.77", status: 422},
		{login: "quan-tri", call: "POST /imports/units?dry_run=true", body: "code,name,kind,valid_from,parent\nX.2,X,phong,2026-01-01,H26.13\n", status: 200, header: []string{"Content-Type", "text/csv"}},
		{login: "quan-tri", call: "PUT /targets", body: `{"unit_kind":"phong","period":"2026-11","target":9000,"praise_above":9000,"warn_below":10,"min_volume":1,"basis":"x"}`, status: 200},
		{login: "quan-tri", call: "PUT /templates", body: `{"basis":"x","templates":[]}`, status: 428},
		{login: "quan-tri", call: "POST /board/periods/2026-10/close", status: 201},
		{login: site.Office, call: "PUT /sessions/current/password", body: `{"old":"x","new":"mot-mat-khau-moi"}`, status: 401},
		{login: site.Office, call: "DELETE /sessions/current", status: 204},
	}
}

// asked makes a call and gives the header of its answer.
func asked(t *testing.T, s *site.Site, c step, known map[string]string) http.Header {
	t.Helper()
	for name, id := range known {
		c.call, c.body = strings.ReplaceAll(c.call, "{"+name+"}", id), strings.ReplaceAll(c.body, "{"+name+"}", id)
	}
	method, path, _ := strings.Cut(c.call, " ")
	req, err := http.NewRequestWithContext(t.Context(), method, s.URL+"/v1"+path, strings.NewReader(c.body))
	if err != nil {
		t.Fatal(err)
	}
	if c.login != "" {
		req.Header.Set("Authorization", "Bearer "+site.Token(c.login))
	}
	req.Header.Set("Idempotency-Key", "prism-"+hashed([]byte(c.call + c.login + c.body))[:16])
	switch {
	case strings.HasPrefix(path, "/uploads/"):
		req.Header.Set("Tus-Resumable", "1.0.0")
		if method == http.MethodPatch {
			req.Header.Set("Content-Type", "application/offset+octet-stream")
		}
	case c.body != "":
		req.Header.Set("Content-Type", "application/json")
	}
	for n := 0; n < len(c.header); n += 2 {
		req.Header.Set(c.header[n], c.header[n+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	b, _ := io.ReadAll(resp.Body)
	if resp.StatusCode != c.status {
		t.Errorf("%s as %s: %d, want %d: %.300s", c.call, c.login, resp.StatusCode, c.status, b)
	}
	if c.save != "" {
		var made struct{ ID string }
		if err := json.Unmarshal(b, &made); err != nil || made.ID == "" {
			t.Errorf("%s: no id in %s", c.call, b)
		}
		known[c.save] = made.ID
	}
	return resp.Header
}

// TestPrismFindsWhatIsWrong is the counter-test: an answer that breaks the contract
// is found on its way through the same record.
func TestPrismFindsWhatIsWrong(t *testing.T) {
	dir := judges(t)
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"interface":7,"uploads":["pigeon"]}`)
	}))
	t.Cleanup(web.Close)
	r := &record{calls: map[string]int{}, findings: map[string]int{}}
	if _, err := docsys.NewClient(r.through(t, prism(t, dir, web.URL+"/v1")), "", http.DefaultClient).Describe(t.Context()); err == nil {
		t.Error("a number was taken as the interface's name")
	}
	if len(r.findings) < 3 {
		t.Errorf("found only %v", r.findings)
	}
}

// TestRedoclyFindsNothing lints the contract.
func TestRedoclyFindsNothing(t *testing.T) {
	dir := judges(t)
	out, err := wait(t.Context(), filepath.Join(dir, "node_modules", ".bin", "redocly"), "lint", "--extends=spec", contract)
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
