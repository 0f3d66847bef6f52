package refserver_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"kyso/app/docsys"
	"kyso/app/docsys/api"
	"kyso/app/docsys/login/logintest"
	"kyso/app/docsys/refserver"
	"kyso/app/docsys/refserver/identity"
	site "kyso/app/docsys/refserver/refservertest"
)

// identified is a server with an identity provider and an administrator.
type identified struct {
	*matrix

	provider *logintest.Provider
	clock    *site.Clock
}

const administrator = "quan-tri"

func withProvider(t *testing.T, p *logintest.Provider, dir string, clock *site.Clock) identified {
	t.Helper()
	v, err := identity.New(identity.Config{Issuer: p.URL, ClientID: logintest.ClientID, Name: "Cổng xác thực", LoopbackHTTP: true}, http.DefaultTransport, clock.Now)
	if err != nil {
		t.Fatal(err)
	}
	s := site.Start(t, dir, clock, site.Options{NoYear: true, Provider: v, More: []refserver.Person{
		{Login: administrator, Name: "Quản trị", Unit: upperUnit, Role: "admin"}, {Login: "kiem-toan", Name: "Kiểm toán", Unit: upperUnit, Role: "auditor"},
	}})
	return identified{&matrix{site: s}, p, clock}
}

// want makes a call and holds its answer to a status and a kind of problem.
func (i identified) want(t *testing.T, login, method, path, body string, status int, kind string) []byte {
	t.Helper()
	resp, answer := i.send(t, login, method, path, body)
	var p api.Problem
	_ = json.Unmarshal(answer, &p) // an answer that is none has no type
	if resp.StatusCode != status || strings.TrimPrefix(p.Type, "/problems/") != kind {
		t.Errorf("%s %s: %d %s, want %d %s", method, path, resp.StatusCode, answer, status, kind)
	}
	return answer
}

func shown(token, nonce string) string {
	b, err := json.Marshal(map[string]string{"id_token": token, "nonce": nonce})
	if err != nil {
		panic(err) // strings
	}
	return string(b)
}

func (i identified) link(t *testing.T, login, subject string) {
	t.Helper()
	i.want(t, administrator, http.MethodPut, "/accounts/"+login+"/identity", `{"subject":"`+subject+`"}`, http.StatusNoContent, "")
}

func TestALinkedIdentityLogsIn(t *testing.T) {
	clock := site.NewClock()
	p := logintest.Start(t, clock.Now)
	i := withProvider(t, p, t.TempDir(), clock)
	c := docsys.NewClient(i.site.URL, "", http.DefaultClient)
	offers, err := c.Describe(t.Context())
	if err != nil || !slices.Equal(offers.Login, []string{"password_local", "oidc"}) || len(offers.Providers) != 1 || offers.Providers[0].Issuer != p.URL ||
		offers.Providers[0].ClientID != logintest.ClientID || offers.Providers[0].Name != "Cổng xác thực" {
		t.Fatalf("got %+v, %v", offers, err)
	}
	answer := i.want(t, "", http.MethodPost, "/sessions/oidc", shown(p.Token("n", nil), "n"), http.StatusForbidden, "identity-not-linked")
	for _, named := range []string{p.Subject, p.URL, "quản trị viên"} {
		if !strings.Contains(string(answer), named) {
			t.Errorf("the refusal does not name %q: %s", named, answer)
		}
	}
	i.link(t, site.Clerk, p.Subject)
	if _, err := c.LoginWithIdentity(t.Context(), p.Token("n", nil), "n"); err != nil {
		t.Fatal(err)
	}
	me, err := c.Whoami(t.Context())
	if err != nil || me.Name != "Văn thư" {
		t.Errorf("got %+v, %v", me, err)
	}
	clock.Forward(13 * time.Hour) // as long as a session of a local account
	if _, err := c.Whoami(t.Context()); problem(t, err).Status != http.StatusUnauthorized {
		t.Errorf("after the session's end: %v", err)
	}
	if _, err := c.LoginWithIdentity(t.Context(), p.Token("", nil), ""); err != nil {
		t.Errorf("renewed: %v", err)
	}
}

func TestAnIdentityIsRefused(t *testing.T) {
	clock := site.NewClock()
	p := logintest.Start(t, clock.Now)
	i := withProvider(t, p, t.TempDir(), clock)
	i.link(t, site.Clerk, p.Subject)
	used := p.Token("n", nil)
	i.want(t, "", http.MethodPost, "/sessions/oidc", shown(used, "n"), http.StatusCreated, "")
	cases := map[string]struct {
		body   string
		status int
		kind   string
	}{
		"a token that was used":       {shown(used, "n"), http.StatusUnauthorized, "identity-used"},
		"another nonce":               {shown(p.Token("n", nil), "m"), http.StatusUnauthorized, "bad-identity"},
		"another audience":            {shown(p.Token("n", map[string]any{"aud": "khac"}), "n"), http.StatusUnauthorized, "bad-identity"},
		"an expired token":            {shown(p.Token("n", map[string]any{"exp": clock.Now().Unix() - 100}), "n"), http.StatusUnauthorized, "bad-identity"},
		"somebody who is not linked":  {shown(p.Token("n", map[string]any{"sub": "nguoi-la"}), "n"), http.StatusForbidden, "identity-not-linked"},
		"an identity that is no text": {`{"id_token":7}`, http.StatusBadRequest, "bad-request"},
		"nothing":                     {`{}`, http.StatusBadRequest, "bad-request"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if name == "nothing" {
				c.status, c.kind = http.StatusUnauthorized, "bad-identity"
			}
			i.want(t, "", http.MethodPost, "/sessions/oidc", c.body, c.status, c.kind)
		})
	}
	p.Rotate(t)
	p.Down(true)
	answer := i.want(t, "", http.MethodPost, "/sessions/oidc", shown(p.Token("n", nil), "n"), http.StatusServiceUnavailable, "provider-unreachable")
	if !strings.Contains(string(answer), `"retryable":true`) {
		t.Errorf("not retryable: %s", answer)
	}
}

func TestLinksOfAccounts(t *testing.T) {
	clock := site.NewClock()
	p := logintest.Start(t, clock.Now)
	i := withProvider(t, p, t.TempDir(), clock)
	i.link(t, site.Clerk, p.Subject)
	i.link(t, site.Clerk, p.Subject) // again changes nothing
	at := "/accounts/" + site.Deputy + "/identity"
	i.want(t, administrator, http.MethodPut, at, `{"subject":"`+p.Subject+`"}`, http.StatusConflict, "identity-taken")
	i.want(t, administrator, http.MethodPut, at, `{"subject":""}`, http.StatusUnprocessableEntity, "bad-subject")
	i.want(t, administrator, http.MethodPut, at, `{"subject":"a\nb"}`, http.StatusUnprocessableEntity, "bad-subject")
	i.want(t, administrator, http.MethodPut, "/accounts/khong-co/identity", `{"subject":"x"}`, http.StatusNotFound, "not-found")
	c := docsys.NewClient(i.site.URL, "", http.DefaultClient)
	if _, err := c.LoginWithIdentity(t.Context(), p.Token("n", nil), "n"); err != nil {
		t.Fatal(err)
	}
	i.want(t, administrator, http.MethodDelete, "/accounts/"+site.Clerk+"/identity", "", http.StatusNoContent, "")
	if _, err := c.Whoami(t.Context()); problem(t, err).Status != http.StatusUnauthorized {
		t.Errorf("the session outlives its link: %v", err)
	}
	i.want(t, "", http.MethodPost, "/sessions/oidc", shown(p.Token("n", nil), "n"), http.StatusForbidden, "identity-not-linked")
	// The same subject of another issuer is somebody else.
	other := logintest.Start(t, clock.Now)
	i.link(t, site.Clerk, p.Subject)
	i.want(t, "", http.MethodPost, "/sessions/oidc", shown(other.Token("n", nil), "n"), http.StatusUnauthorized, "bad-identity")
	log := string(i.want(t, "kiem-toan", http.MethodGet, "/audit/entries?limit=1000", "", http.StatusOK, ""))
	for _, event := range []string{"identity.linked", "identity.unlinked", "session.opened"} {
		if !strings.Contains(log, event) {
			t.Errorf("the log has no %s", event)
		}
	}
}

func TestWithoutAProvider(t *testing.T) {
	i := identified{matrix: &matrix{site: site.Start(t, t.TempDir(), site.NewClock(), site.Options{NoYear: true, More: []refserver.Person{{Login: administrator, Name: "Quản trị", Unit: upperUnit, Role: "admin"}}})}}
	i.want(t, "", http.MethodPost, "/sessions/oidc", `{"id_token":"x"}`, http.StatusConflict, "no-provider")
	i.want(t, administrator, http.MethodPut, "/accounts/"+site.Clerk+"/identity", `{"subject":"x"}`, http.StatusConflict, "no-provider")
	offers, err := i.site.As(site.Clerk).Describe(t.Context())
	if err != nil || !slices.Equal(offers.Login, []string{"password_local"}) || offers.Providers != nil {
		t.Errorf("got %+v, %v", offers, err)
	}
}

// One token at two processes on one database, many times at once: one is let in.
func TestATokenIsTakenOnceByAllProcesses(t *testing.T) {
	clock := site.NewClock()
	p := logintest.Start(t, clock.Now)
	dir := t.TempDir()
	first := withProvider(t, p, dir, clock)
	second := first
	if site.Database(t, dir) != "" { // SQLite belongs to one process
		second = withProvider(t, p, dir, clock)
	}
	first.link(t, site.Clerk, p.Subject)
	token := p.Token("n", nil)
	var wg sync.WaitGroup
	let := make(chan bool, 20)
	for n := range cap(let) {
		at := []identified{first, second}[n%2]
		wg.Go(func() {
			_, err := docsys.NewClient(at.site.URL, "", http.DefaultClient).LoginWithIdentity(t.Context(), token, "n")
			let <- err == nil
		})
	}
	wg.Wait()
	close(let)
	in := 0
	for ok := range let {
		if ok {
			in++
		}
	}
	if in != 1 {
		t.Errorf("%d were let in by one token", in)
	}
}

func TestADisabledAccount(t *testing.T) {
	clock := site.NewClock()
	p := logintest.Start(t, clock.Now)
	i := withProvider(t, p, t.TempDir(), clock)
	i.link(t, site.Chairman, p.Subject)
	local, by := docsys.NewClient(i.site.URL, "", http.DefaultClient), docsys.NewClient(i.site.URL, "", http.DefaultClient)
	if _, err := local.Login(t.Context(), site.Chairman, site.Password); err != nil {
		t.Fatal(err)
	}
	if _, err := by.LoginWithIdentity(t.Context(), p.Token("n", nil), "n"); err != nil {
		t.Fatal(err)
	}
	at := "/accounts/" + site.Chairman + "/status"
	i.want(t, administrator, http.MethodPut, at, `{"disabled":true,"reason":"nghỉ hưu"}`, http.StatusNoContent, "")
	for name, c := range map[string]*docsys.Client{"by password": local, "by identity": by, "handed over": i.site.As(site.Chairman)} {
		if _, err := c.Whoami(t.Context()); problem(t, err).Status != http.StatusUnauthorized {
			t.Errorf("the session %s goes on: %v", name, err)
		}
	}
	if _, err := local.Login(t.Context(), site.Chairman, site.Password); problem(t, err).Status != http.StatusUnauthorized {
		t.Errorf("a log-in by password: %v", err)
	}
	i.want(t, "", http.MethodPost, "/sessions/oidc", shown(p.Token("n", nil), "n"), http.StatusForbidden, "account-disabled")
	if list := string(i.want(t, administrator, http.MethodGet, "/accounts", "", http.StatusOK, "")); !strings.Contains(list, `"disabled":true`) || !strings.Contains(list, p.Subject) {
		t.Errorf("the list does not tell: %s", list)
	}
	i.want(t, administrator, http.MethodPut, at, `{"disabled":false}`, http.StatusNoContent, "")
	for _, c := range []*docsys.Client{local, by} {
		if _, err := c.Whoami(t.Context()); problem(t, err).Status != http.StatusUnauthorized {
			t.Errorf("an ended session came back: %v", err)
		}
	}
	if _, err := local.Login(t.Context(), site.Chairman, site.Password); err != nil {
		t.Errorf("enabled again: %v", err)
	}
	log := string(i.want(t, "kiem-toan", http.MethodGet, "/audit/entries?limit=1000", "", http.StatusOK, ""))
	if !strings.Contains(log, "account.disabled") || !strings.Contains(log, "nghỉ hưu") || !strings.Contains(log, "account.enabled") {
		t.Error("the log does not tell of it")
	}
	i.want(t, administrator, http.MethodPut, "/accounts/khong-co/status", `{"disabled":true}`, http.StatusNotFound, "not-found")
}

func TestTheLastAdministratorStays(t *testing.T) {
	clock := site.NewClock()
	i := withProvider(t, logintest.Start(t, clock.Now), t.TempDir(), clock)
	status := func(login string) string { return "/accounts/" + login + "/status" }
	i.want(t, administrator, http.MethodPut, status("admin"), `{"disabled":true}`, http.StatusNoContent, "")
	i.want(t, administrator, http.MethodPut, status(administrator), `{"disabled":true}`, http.StatusConflict, "last-administrator")
	i.want(t, administrator, http.MethodPut, status("admin"), `{"disabled":false}`, http.StatusNoContent, "")
	// Both are disabled at once: one of them stays.
	var wg sync.WaitGroup
	statuses := make(chan int, 2)
	for n, login := range []string{"admin", administrator} {
		m := &matrix{site: i.site, seq: (n + 1) << 20}
		wg.Go(func() {
			resp, _ := m.send(t, administrator, http.MethodPut, status(login), `{"disabled":true}`)
			statuses <- resp.StatusCode
		})
	}
	wg.Wait()
	got := []int{<-statuses, <-statuses}
	slices.Sort(got)
	if got[0] != http.StatusNoContent || got[1] != http.StatusConflict && got[1] != http.StatusUnauthorized {
		t.Errorf("answered %v: want that one is done", got)
	}
}
