package refserver_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"kyso/app/docsys/refserver"
	site "kyso/app/docsys/refserver/refservertest"
)

// asked gives the answer of a handler to a request that may be any bytes; nil
// when no client could send it.
func asked(ctx context.Context, h http.Handler, login, method, path, query string, body []byte) *http.Response {
	u := &url.URL{Scheme: "http", Host: "server", Path: path, RawQuery: query}
	req, err := http.NewRequestWithContext(ctx, method, u.String(), bytes.NewReader(body))
	if err != nil {
		return nil
	}
	req.Header.Set("Authorization", "Bearer "+site.Token(login))
	req.Header.Set("Idempotency-Key", fmt.Sprintf("fuzz-%x", len(body)))
	req.Header.Set("If-Match", query)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, req)
	return w.Result()
}

// FuzzCalls sends anything to any call as anybody: no answer may be the
// server's own failure, and the figures must equal the facts.
func FuzzCalls(f *testing.F) {
	calls := []string{}
	for _, c := range contractCalls(f) {
		if c != "DELETE /sessions/current" { // it would void the token
			calls = append(calls, c)
		}
	}
	logins := []string{site.Chairman, site.Clerk, secretary, "admin-2", "kiem-toan"}
	s := site.Start(f, f.TempDir(), site.NewClock(), site.Options{NoYear: true, Letters: letters(), More: []refserver.Person{
		{Login: secretary, Name: "Đỗ Thư Ký", Unit: ownUnit, Role: "secretary"},
		{Login: "admin-2", Name: "Quản trị", Unit: upperUnit, Role: "admin"},
		{Login: "kiem-toan", Name: "Kiểm toán", Unit: upperUnit, Role: "auditor"},
	}})
	s.Server.EndWaits() // a call that waits for changes would wait for nothing
	h := s.Server.Handler()
	for i := range calls {
		f.Add(uint8(i), uint8(i), "x", "unit=H26.13.25&period=2026&from=1&to=2&seq=0&size=1&dry_run=true", []byte(`{"reason":"x","unit":"H26.13.25","name":"x"}`))
	}
	f.Add(uint8(1), uint8(0), "\x00", "cursor=%00", []byte("{\"login\":\"\\u0000\"}"))
	f.Fuzz(func(t *testing.T, call, login uint8, id, query string, body []byte) {
		method, path, _ := strings.Cut(calls[int(call)%len(calls)], " ")
		path = strings.NewReplacer("{id}", id, "{sha256}", id, "{code}", id, "{login}", id, "{explanation}", id, "{kind}", "documents", "{period}", id, "{scheme}", "qd20", "{alias}", id).Replace(path)
		resp := asked(t.Context(), h, logins[int(login)%len(logins)], method, "/v1"+path, query, body)
		if resp != nil && resp.StatusCode >= http.StatusInternalServerError {
			t.Errorf("%s %s?%s: %d", method, path, query, resp.StatusCode)
		}
		bad, err := s.Server.Reconcile(t.Context())
		if err != nil || len(bad) > 0 {
			t.Errorf("figures %v, %v", bad, err)
		}
	})
}

// FuzzTables imports anything as any kind of table, dry.
func FuzzTables(f *testing.F) {
	s := site.Start(f, f.TempDir(), site.NewClock(), site.Options{NoYear: true, More: []refserver.Person{
		{Login: "admin-2", Name: "Quản trị", Unit: upperUnit, Role: "admin"},
	}})
	h := s.Server.Handler()
	kinds := []string{"units", "people", "certificates", "documents", "aliases", "successions"}
	f.Add(uint8(0), []byte("code,name,kind,valid_from,parent\nX.1,X,phong,2026-01-01,H26.13\n"))
	f.Add(uint8(1), []byte("name,unit,login,role,may,form,basis\nA,H26.13.25,a1,signer,approve,KT,x\n"))
	f.Add(uint8(2), []byte("login,certificate\nchu-tich,\"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\"\n"))
	f.Add(uint8(3), []byte("unit,number,type,subject,issued_on\nH26.13.25,1,CV,x,2026-01-05\n"))
	f.Add(uint8(3), []byte("PK\x03\x04"))
	f.Add(uint8(4), []byte("unit,scheme,code\nH26.13.25,qcvn102,000.25.13.H26\n"))
	f.Add(uint8(5), []byte("unit,to,share,on,basis\nH26.13.25,H26.13.24,\"33,34\",2026-11-01,x\nH26.13.25,H26.13.23,66.66%,2026-11-01,x\n"))
	f.Fuzz(func(t *testing.T, kind uint8, table []byte) {
		resp := asked(t.Context(), h, "admin-2", http.MethodPost, "/v1/imports/"+kinds[int(kind)%len(kinds)], "dry_run=true", table)
		if resp != nil && resp.StatusCode >= http.StatusInternalServerError {
			t.Errorf("%d", resp.StatusCode)
		}
	})
}
