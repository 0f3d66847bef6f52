package refserver_test

import (
	"bytes"
	"encoding/base64"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"kyso/app/docsys"
	"kyso/app/docsys/api"
	"kyso/app/docsys/refserver"
	site "kyso/app/docsys/refserver/refservertest"
)

// contractCalls are the operations of openapi.yaml: "GET /documents".
func contractCalls(tb testing.TB) []string {
	tb.Helper()
	var doc struct {
		Paths map[string]map[string]any `yaml:"paths"`
	}
	if err := yaml.Unmarshal(docsys.Contract, &doc); err != nil {
		tb.Fatal(err)
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

// specified is rights.csv: call → role → scope.
func specified(t *testing.T) (table map[string]map[string]string, roles []string) {
	t.Helper()
	raw, err := os.ReadFile("rights.csv")
	if err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(bytes.NewReader(raw)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	table = map[string]map[string]string{}
	for _, l := range lines[1:] {
		table[l[0]] = map[string]string{}
		for i, role := range lines[0][1:] {
			table[l[0]][role] = l[i+1]
		}
	}
	return table, lines[0][1:]
}

func TestEveryCallOfTheContractHasALineInTheTableOfRights(t *testing.T) {
	table, _ := specified(t)
	calls := contractCalls(t)
	if len(calls) < 40 {
		t.Fatalf("only %d calls found", len(calls))
	}
	for _, c := range calls {
		if table[c] == nil {
			t.Errorf("%s has no line", c)
		}
	}
	for c := range table {
		if !slices.Contains(calls, c) {
			t.Errorf("%s is no call of the contract", c)
		}
	}
}

// What the table must never say, whoever edits it.
func TestTheTableOfRightsKeepsOfficesApart(t *testing.T) {
	table, _ := specified(t)
	for call, row := range table {
		method, path, _ := strings.Cut(call, " ")
		reads := slices.Contains([]string{http.MethodGet, http.MethodHead, http.MethodOptions}, method)
		session := strings.HasPrefix(path, "/sessions")
		if !reads && !session && (row["viewer"] != "-" || row["auditor"] != "-") {
			t.Errorf("%s: a viewer or an auditor changes something", call)
		}
		if (strings.HasPrefix(path, "/documents") || strings.HasPrefix(path, "/versions") || strings.HasPrefix(path, "/blobs") || strings.HasPrefix(path, "/uploads/") && method != http.MethodOptions) && row["admin"] != "-" {
			t.Errorf("%s: the administrator of the machine reads or writes documents", call)
		}
		if !reads && (strings.HasPrefix(path, "/accounts") || strings.HasPrefix(path, "/grants") || strings.HasPrefix(path, "/units") || strings.HasPrefix(path, "/imports")) {
			for role, sc := range row {
				if role != "admin" && sc != "-" {
					t.Errorf("%s: %s gives rights", call, role)
				}
			}
		}
	}
	for _, call := range []string{"POST /documents/{id}/number", "POST /documents/{id}/issue"} {
		for role, sc := range table[call] {
			if (sc != "-") != (role == "clerk") {
				t.Errorf("%s: only the clerk numbers and issues, not %s", call, role)
			}
		}
	}
}

// The units of the matrix: the caller's, one beside it, the one above both.
const (
	ownUnit   = refserver.KimLienUnit
	otherUnit = "H26.13.26"
	upperUnit = refserver.DistrictUnit
)

// A relation is where the thing lies, as the caller's unit sees it.
type relation struct {
	name     string
	from, of string
}

func relations() []relation {
	return []relation{
		{"own", ownUnit, ownUnit}, {"beside", ownUnit, otherUnit}, {"above", ownUnit, upperUnit}, {"below", upperUnit, ownUnit},
	}
}

// reached says for each scope which relations it reaches; written again here,
// so that the server's own reading of the words is tested.
func reached(scope string) []string {
	return map[string][]string{
		"-": nil, "unit": {"own"}, "tree": {"own", "below"}, "below": {"below"}, "peers": {"own", "beside", "above", "below"},
		"self": {"own", "beside", "above", "below"}, "all": {"own", "beside", "above", "below"}, "public": {"own", "beside", "above", "below"},
	}[scope]
}

// things are what the calls of a unit name.
type things struct{ document, version, person, authority, explanation string }

// matrix is a server with one account for each role in two units.
type matrix struct {
	site   *site.Site
	people []refserver.Person
	things map[string]things // by unit
	grant  string
	begun  string // an upload of the caller, made for each call that needs one
	seq    int
}

func newMatrix(t *testing.T, roles []string) *matrix {
	t.Helper()
	m := &matrix{things: map[string]things{}}
	for _, role := range roles {
		for _, unit := range []string{ownUnit, upperUnit} {
			m.people = append(m.people, refserver.Person{Login: role + "-" + unit, Name: role + " " + unit, Unit: unit, Role: role})
		}
	}
	for _, unit := range []string{ownUnit, otherUnit, upperUnit} {
		m.people = append(m.people, refserver.Person{
			Login: "maker-" + unit, Name: "maker " + unit, Unit: unit, Role: "secretary",
			More: []refserver.Authority{{Unit: unit, May: "initial", Form: "self"}},
		})
	}
	m.people = append(m.people, refserver.Person{Login: "victim", Name: "Victim", Unit: otherUnit, Role: "secretary"})
	m.site = site.Start(t, t.TempDir(), site.NewClock(), site.Options{People: m.people, NoYear: true})
	for _, unit := range []string{ownUnit, otherUnit, upperUnit} {
		m.things[unit] = m.make(t, unit)
	}
	var accounts api.AccountList
	m.get(t, "admin-"+ownUnit, "/accounts", &accounts)
	for _, a := range accounts.Accounts {
		if a.Login == "victim" {
			m.grant = a.Grants[0].Id
		}
	}
	return m
}

// make fills a unit: a document with a file and an explanation.
func (m *matrix) make(t *testing.T, unit string) things {
	t.Helper()
	c := m.site.As("maker-" + unit)
	d, err := c.Create(t.Context(), "make-"+unit, docsys.NewDocument{Unit: unit, Type: "Công văn", Subject: "Ma trận", Secrecy: "none", IssuedOn: new("2026-11-20"), Number: new("7")})
	if err != nil {
		t.Fatal(err)
	}
	r, err := c.Submit(t.Context(), submission(d, "file-"+unit, "draft", []byte("%PDF-1.7 "+unit)))
	if err != nil {
		t.Fatal(err)
	}
	var people api.PersonList
	m.get(t, "admin-"+ownUnit, "/people?unit="+unit, &people)
	out := things{document: d.ID, version: r.Version}
	for _, p := range people.People {
		if strings.HasPrefix(p.Name, "maker") {
			out.person, out.authority = p.Id, p.Authorities[0].Id
		}
	}
	resp, body := m.send(t, "maker-"+unit, http.MethodPost, "/documents/"+d.ID+"/explanations", `{"reason":"Thiết bị ký hỏng"}`)
	var e api.Explanation
	if err := json.Unmarshal(body, &e); err != nil || resp.StatusCode != http.StatusCreated {
		t.Fatalf("%d %s", resp.StatusCode, body)
	}
	out.explanation = e.Id
	return out
}

func (m *matrix) get(t *testing.T, login, path string, into any) {
	t.Helper()
	resp, body := m.send(t, login, http.MethodGet, path, "")
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("GET %s as %s: %d %s", path, login, resp.StatusCode, body)
	}
	if err := json.Unmarshal(body, into); err != nil {
		t.Fatal(err)
	}
}

// send makes a call; login "" shows no token, one with a blank shows it as it is.
func (m *matrix) send(t *testing.T, login, method, path, body string) (*http.Response, []byte) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, m.site.URL+"/v1"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	switch {
	case strings.HasPrefix(login, "Bearer "):
		req.Header.Set("Authorization", login)
	case login != "":
		req.Header.Set("Authorization", "Bearer "+site.Token(login))
	}
	m.seq++
	req.Header.Set("Idempotency-Key", fmt.Sprintf("matrix-%06d", m.seq))
	if strings.HasPrefix(path, "/uploads/") {
		req.Header.Set("Tus-Resumable", "1.0.0")
		req.Header.Set("Upload-Length", "3")
		req.Header.Set("Upload-Offset", "0")
		req.Header.Set("Upload-Metadata", "sha256 "+base64.StdEncoding.EncodeToString([]byte(strings.Repeat("ab", 32))))
		if method == http.MethodPatch {
			req.Header.Set("Content-Type", "application/offset+octet-stream")
		}
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

// request fills a call's path, query and body with the things of a unit.
func (m *matrix) request(call, unit string) (method, path, body string) {
	method, path, _ = strings.Cut(call, " ")
	th := m.things[unit]
	id := map[string]string{"documents": th.document, "versions": th.version, "people": th.person, "authorities": th.authority, "grants": m.grant}[strings.Split(path, "/")[1]]
	sha := strings.Repeat("ab", 32)
	path = strings.NewReplacer("{id}", id, "{explanation}", th.explanation, "{code}", unit, "{login}", "victim", "{sha256}", sha, "{kind}", "units", "{period}", "2026-10", "{upload}", m.begun).Replace(path)
	bodies := map[string]string{
		"POST /sessions": `{"login":"nobody","password":"x"}`, "PUT /targets": `{"unit_kind":"phong","period":"2026-11","target":9000,"praise_above":9000,"warn_below":10,"min_volume":1,"basis":"x"}`,
		"PUT /sessions/current/password":                          `{"old":"x","new":"mot-mat-khau-moi"}`,
		"POST /documents":                                         fmt.Sprintf(`{"unit":%q,"type":"Công văn","subject":"Ma trận","secrecy":"none"}`, unit),
		"PATCH /documents/{id}":                                   `{"subject":"Ma trận, sửa"}`,
		"POST /documents/{id}/return":                             `{"reason":"x"}`,
		"POST /documents/{id}/revoke":                             `{"reason":"x"}`,
		"POST /documents/{id}/versions":                           fmt.Sprintf(`{"sha256":%q,"size":1,"stage":"signed"}`, sha),
		"POST /units":                                             `{"code":"X.1","name":"X","kind":"phong","valid_from":"2026-01-01","parent":"` + upperUnit + `"}`,
		"POST /units/{code}/end":                                  `{"on":"2099-01-01","basis":"x"}`,
		"POST /people":                                            fmt.Sprintf(`{"name":"Người mới","unit":%q}`, unit),
		"POST /people/{id}/certificates":                          `{"certificate":"x"}`,
		"POST /people/{id}/authorities":                           fmt.Sprintf(`{"unit":%q,"may":"initial","form":"self","valid_from":"2026-01-01","basis":"x"}`, unit),
		"POST /authorities/{id}/end":                              `{"on":"2099-01-01"}`,
		"POST /grants/{id}/end":                                   `{"on":"2099-01-01"}`,
		"PUT /templates":                                          `{"basis":"x","templates":[]}`,
		"POST /accounts":                                          `{"login":"victim"}`,
		"PUT /accounts/{login}/identity":                          `{"subject":"x"}`,
		"PUT /accounts/{login}/status":                            `{"disabled":false}`,
		"POST /accounts/{login}/grants":                           `{"role":"viewer","unit":"` + otherUnit + `","valid_from":"2026-01-01"}`,
		"PUT /documents/{id}/explanations/{explanation}/decision": `{"decision":"accepted"}`,
	}
	body, ok := bodies[call]
	if !ok && method == http.MethodPost {
		body = `{}`
		if strings.HasSuffix(call, "/explanations") {
			body = `{"reason":"x"}`
		}
	}
	switch call {
	case "GET /documents", "GET /people", "GET /events":
		path += "?unit=" + unit
	case "GET /board", "GET /exports/board.xlsx", "GET /exports/board.pdf", "GET /exports/board.csv":
		path += "?period=2026&unit=" + unit
	case "GET /board/trend":
		path += "?grain=week&n=2&unit=" + unit
	case "GET /audit/consistency":
		path += "?from=1&to=1"
	case "GET /audit/inclusion":
		path += "?seq=0&size=1" // the server's own entry
	case "POST /imports/{kind}":
		path += "?dry_run=true"
	}
	return method, path, body
}

// denied reports whether an answer is a refusal for want of a right.
func denied(method string, resp *http.Response, body []byte) bool {
	if method == http.MethodHead {
		return resp.StatusCode == http.StatusForbidden || resp.StatusCode == http.StatusUnauthorized
	}
	var p api.Problem
	if resp.StatusCode < http.StatusBadRequest || json.Unmarshal(body, &p) != nil {
		return false
	}
	return slices.Contains([]string{"log-in-required", "not-your-role", "other-unit", "not-found", "not-your-entry", "password-change-required"}, strings.TrimPrefix(p.Type, "/problems/"))
}

func TestRolesTimesCalls(t *testing.T) {
	table, roles := specified(t)
	m := newMatrix(t, roles)
	made := 0
	for _, call := range contractCalls(t) {
		for _, role := range roles {
			for _, rel := range relations() {
				made++
				want := slices.Contains(reached(table[call][role]), rel.name)
				if call == "GET /audit/inclusion" {
					want = table[call][role] == "all" // the entry is nobody's
				}
				m.begin(t, call, role+"-"+rel.from)
				method, path, body := m.request(call, rel.of)
				resp, answer := m.send(t, role+"-"+rel.from, method, path, body)
				if got := !denied(method, resp, answer); got != want {
					t.Errorf("%s as %s, thing %s: allowed %v, want %v (%d %s)", call, role, rel.name, got, want, resp.StatusCode, answer)
				}
				if resp.StatusCode >= http.StatusInternalServerError {
					t.Errorf("%s as %s: %d %s", call, role, resp.StatusCode, answer)
				}
				if call == "DELETE /sessions/current" { // it voided the token
					m.admit(t)
				}
			}
		}
	}
	if made != len(contractCalls(t))*len(roles)*len(relations()) || made < 1000 {
		t.Errorf("only %d calls made", made)
	}
	narrow(t, m.site)
}

// begin makes an upload of a login for a call that needs one, if it may make any.
func (m *matrix) begin(t *testing.T, call, login string) {
	t.Helper()
	if !strings.Contains(call, "{upload}") {
		return
	}
	resp, body := m.send(t, login, http.MethodPost, "/uploads/", "")
	if resp.StatusCode == http.StatusForbidden {
		return // the last one stays, which is somebody else's
	}
	if resp.StatusCode != http.StatusCreated {
		t.Fatalf("begin an upload as %s: %d %s", login, resp.StatusCode, body)
	}
	m.begun = strings.TrimPrefix(resp.Header.Get("Location"), "/v1/uploads/")
}

func (m *matrix) admit(t *testing.T) {
	t.Helper()
	var tokens []refserver.LoginToken
	for _, p := range m.people {
		tokens = append(tokens, refserver.LoginToken{Login: p.Login, Token: site.Token(p.Login)})
	}
	if err := m.site.Server.Admit(t.Context(), tokens); err != nil {
		t.Fatal(err)
	}
}

func TestNoTokenAndOldTokens(t *testing.T) {
	table, roles := specified(t)
	clock := site.NewClock()
	m := &matrix{site: site.Start(t, t.TempDir(), clock, site.Options{NoYear: true}), things: map[string]things{ownUnit: {}}}
	c := docsys.NewClient(m.site.URL, "", http.DefaultClient)
	session, err := c.Login(t.Context(), site.Chairman, site.Password)
	if err != nil {
		t.Fatal(err)
	}
	clock.Forward(13 * time.Hour)
	for _, call := range contractCalls(t) {
		for name, token := range map[string]string{"no token": "", "an old token": "Bearer " + session.Token, "an invented token": "Bearer 0123456789012345678901234567", "a word": "Bearer x"} {
			method, path, body := m.request(call, ownUnit)
			resp, answer := m.send(t, token, method, path, body)
			public := table[call][roles[0]] == "public"
			refused := resp.StatusCode == http.StatusUnauthorized && (method == http.MethodHead || !bytes.Contains(answer, []byte("wrong-credentials")))
			// An empty path segment is an address that is not there.
			if refused == public && resp.StatusCode != http.StatusNotFound && resp.StatusCode != http.StatusMovedPermanently {
				t.Errorf("%s with %s: %d %s", call, name, resp.StatusCode, answer)
			}
		}
	}
}

func TestARoleThatHasEndedOpensNothing(t *testing.T) {
	_, roles := specified(t)
	m := newMatrix(t, roles)
	var accounts api.AccountList
	m.get(t, "admin-"+ownUnit, "/accounts", &accounts)
	for _, a := range accounts.Accounts {
		if a.Login == "head-"+ownUnit {
			resp, body := m.send(t, "admin-"+ownUnit, http.MethodPost, "/grants/"+a.Grants[0].Id+"/end", `{"on":"2026-11-23"}`)
			if resp.StatusCode != http.StatusNoContent {
				t.Fatalf("%d %s", resp.StatusCode, body)
			}
		}
	}
	// The person still has the authorities of a head, and with them a signer's rights.
	for path, want := range map[string]int{
		"/documents/" + m.things[ownUnit].document + "/revoke": http.StatusForbidden,
		"/documents/" + m.things[ownUnit].document + "/submit": http.StatusConflict,
	} {
		if resp, body := m.send(t, "head-"+ownUnit, http.MethodPost, path, `{"reason":"x"}`); resp.StatusCode != want && resp.StatusCode != http.StatusBadRequest {
			t.Errorf("%s: %d %s, want %d", path, resp.StatusCode, body, want)
		}
	}
}
