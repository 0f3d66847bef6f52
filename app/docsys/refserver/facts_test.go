package refserver_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"testing"

	"kyso/app/docsys"
	"kyso/app/docsys/refserver"
	site "kyso/app/docsys/refserver/refservertest"
	"kyso/signer/verify"
)

// history is a random life of a ward: whatever is asked, whatever is refused.
type history struct {
	m     *matrix
	r     *rand.Rand
	docs  []docsys.Document
	files map[string][]byte
	taken int // steps that the server took
}

// act makes one random call; refusals are part of life.
func (h *history) act(t *testing.T) {
	t.Helper()
	if len(h.docs) == 0 || h.r.IntN(8) == 0 {
		h.create(t)
		return
	}
	i := h.r.IntN(len(h.docs))
	d, err := h.m.site.As(site.Chairman).Document(t.Context(), h.docs[i].ID)
	if err != nil {
		t.Fatal(err)
	}
	h.docs[i] = d
	steps := []struct{ login, step, body string }{
		{secretary, "submit", `{}`},
		{site.Clerk, "number", `{}`},
		{site.Clerk, "issue", `{}`},
		{site.Chairman, "return", `{"reason":"x"}`},
		{site.Clerk, "revoke", `{"reason":"x"}`},
	}
	if k := h.r.IntN(len(steps) + 6); k < len(steps) {
		resp, body := h.m.send(t, steps[k].login, http.MethodPost, "/documents/"+d.ID+"/"+steps[k].step, steps[k].body)
		h.check(t, resp.StatusCode, body)
		return
	}
	h.sign(t, d)
}

func (h *history) check(t *testing.T, status int, body []byte) {
	t.Helper()
	switch {
	case status >= http.StatusInternalServerError:
		t.Fatalf("%d %s", status, body)
	case status < http.StatusBadRequest:
		h.taken++
	}
}

func (h *history) create(t *testing.T) {
	t.Helper()
	n := docsys.NewDocument{
		Unit: refserver.KimLienUnit, Type: "Công văn", Subject: fmt.Sprint("Văn bản ", len(h.docs)), Secrecy: "none",
		Submitted: new(h.r.IntN(2) == 0), SignerName: new("Trần Minh Khôi"),
	}
	if h.r.IntN(3) == 0 {
		n.Number, n.IssuedOn = new(fmt.Sprint(1000+len(h.docs))), new(fmt.Sprintf("2026-%02d-%02d", 1+h.r.IntN(10), 1+h.r.IntN(28)))
	}
	d, err := h.m.site.As(secretary).Create(t.Context(), fmt.Sprintf("history-%05d", len(h.docs)), n)
	if err != nil {
		t.Fatal(err)
	}
	h.docs = append(h.docs, d)
	h.files[d.ID] = []byte("%PDF-1.7 " + d.ID)
	h.commit(t, secretary, d, "draft", h.files[d.ID])
}

// sign appends a signature of anybody, good or bad, and commits it as anything.
func (h *history) sign(t *testing.T, d docsys.Document) {
	t.Helper()
	logins := []string{site.Chairman, site.Deputy, site.Office, site.Clerk}
	login := logins[h.r.IntN(len(logins))]
	sig := passed(h.m.site, login)
	sig.Indication = []verify.Indication{verify.TotalPassed, verify.TotalPassed, verify.TotalPassed, verify.TotalFailed, verify.Indeterminate}[h.r.IntN(5)]
	if h.r.IntN(3) == 0 {
		sig.Reason = "Ký nháy"
	}
	stage := []string{"draft", "initialled", "signed", "sealed", "copy"}[h.r.IntN(5)]
	h.commit(t, login, d, stage, site.Sign(t, content(t, h.m.site.As(site.Chairman), d.Version), sig))
}

func (h *history) commit(t *testing.T, login string, d docsys.Document, stage string, file []byte) {
	t.Helper()
	h.m.seq++
	r, err := h.m.site.As(login).Submit(t.Context(), submission(d, fmt.Sprintf("commit-%06d", h.m.seq), stage, file))
	if err != nil {
		if p := problem(t, err); p.Status >= http.StatusInternalServerError {
			t.Fatal(p)
		}
		return
	}
	h.taken++
	if h.r.IntN(4) > 0 { // else the next call comes while it is verified
		settled(t, h.m.site.As(site.Chairman), r.Version)
	}
}

func TestFiguresEqualTheFactsAfterAnyHistory(t *testing.T) {
	for seed := range uint64(2) {
		t.Run(fmt.Sprint("history ", seed), func(t *testing.T) {
			h := history{m: ward(t, site.NewClock()), r: rand.New(rand.NewPCG(seed, 57)), files: map[string][]byte{}}
			for range 200 {
				h.act(t)
			}
			if h.taken < 50 {
				t.Errorf("only %d steps were taken: the history proves little", h.taken)
			}
			noDiscrepancy(t, h.m.site.Server)
		})
	}
}

func noDiscrepancy(t *testing.T, s *refserver.Server) {
	t.Helper()
	bad, err := s.Reconcile(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range bad {
		t.Errorf("%+v", d)
	}
}
