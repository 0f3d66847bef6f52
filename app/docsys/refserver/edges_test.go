package refserver_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"kyso/app/docsys"
	"kyso/app/docsys/api"
	"kyso/app/docsys/refserver"
	site "kyso/app/docsys/refserver/refservertest"
	"kyso/app/signrate"
	"kyso/signer/verify"
)

// edge is a ward in which one edge of the model is tried.
type edge struct {
	*matrix

	t     *testing.T
	clock *site.Clock
	// certain says that the judge finds out what was uncertain before, expired that
	// no signature can be proven any more.
	certain, expired *atomic.Bool
}

func newEdge(t *testing.T, apart bool) *edge {
	t.Helper()
	e := &edge{t: t, clock: site.NewClock(), certain: new(atomic.Bool), expired: new(atomic.Bool)}
	judge := func(ctx context.Context, r io.ReaderAt, size int64, at time.Time) (verify.Report, error) {
		report, err := site.Marked(ctx, r, size, at)
		if e.expired.Load() {
			report.Indication = verify.Indeterminate
			for i := range report.Signatures {
				report.Signatures[i].Indication = verify.Indeterminate
			}
		}
		if e.certain.Load() && report.Indication == verify.Indeterminate && len(report.Signatures) > 0 {
			report.Indication = verify.TotalPassed
			for i := range report.Signatures {
				report.Signatures[i].Indication = verify.TotalPassed
			}
		}
		return report, err
	}
	e.matrix = &matrix{site: site.Start(t, t.TempDir(), e.clock, site.Options{NoYear: true, Verifier: judge, InitialsApart: apart, More: []refserver.Person{
		{Login: secretary, Name: "Đỗ Thư Ký", Unit: ownUnit, Role: "secretary"},
		{Login: "admin-2", Name: "Quản trị", Unit: upperUnit, Role: "admin"},
		{Login: "quan", Name: "Lãnh đạo quận", Unit: upperUnit, Role: "head"},
	}})}
	return e
}

// forward moves the clock; sessions end meanwhile, so people log in again.
func (e *edge) forward(d time.Duration) {
	e.t.Helper()
	e.clock.Forward(d)
	var tokens []refserver.LoginToken
	for _, login := range []string{site.Chairman, site.Deputy, site.Office, site.Clerk, site.Outsider, secretary, "admin-2", "quan"} {
		tokens = append(tokens, refserver.LoginToken{Login: login, Token: site.Token(login)})
	}
	if err := e.site.Server.Admit(e.t.Context(), tokens); err != nil {
		e.t.Fatal(err)
	}
}

// registered is a document that was issued on a day.
func (e *edge) registered(day string, change func(*docsys.NewDocument)) docsys.Document {
	e.t.Helper()
	e.seq++
	n := docsys.NewDocument{Unit: ownUnit, Type: "Công văn", Subject: "V/v trường hợp đặc biệt", Secrecy: "none", Number: new(fmt.Sprint(500 + e.seq)), IssuedOn: &day}
	if change != nil {
		change(&n)
	}
	d, err := e.site.As(secretary).Create(e.t.Context(), fmt.Sprintf("edge-create-%04d", e.seq), n)
	if err != nil {
		e.t.Fatal(err)
	}
	return d
}

// signed delivers a signature of somebody as a new version.
func (e *edge) signed(login string, d docsys.Document, stage string, sig verify.Signature) (docsys.Document, docsys.VersionStatus) {
	e.t.Helper()
	me := e.site.As(login)
	file := []byte("%PDF-1.7 " + d.ID)
	if d.Version != "" {
		file = content(e.t, me, d.Version)
	}
	e.seq++
	r, err := me.Submit(e.t.Context(), submission(d, fmt.Sprintf("edge-sign-%04d", e.seq), stage, site.Sign(e.t, file, sig)))
	if err != nil {
		e.t.Fatal(err)
	}
	v := settled(e.t, me, r.Version)
	if d, err = me.Document(e.t.Context(), d.ID); err != nil {
		e.t.Fatal(err)
	}
	return d, v
}

// at is a signature of somebody with a claimed time.
func (e *edge) at(login string, claimed time.Time) verify.Signature {
	sig := passed(e.site, login)
	sig.ClaimedTime = claimed
	return sig
}

func (e *edge) figure(unit, period, basis string) signrate.Figure {
	e.t.Helper()
	var page docsys.BoardPage
	e.get(e.t, "admin-2", "/board?unit="+unit+"&period="+period+"&basis="+basis, &page)
	return page.Own
}

func (e *edge) counts(unit, period string, required, done, late, pending int) {
	e.t.Helper()
	f := e.figure(unit, period, "atTime")
	if got, want := [4]int{f.Required, f.Fulfilled, f.Late, f.Pending}, [4]int{required, done, late, pending}; got != want {
		e.t.Errorf("%s %s: required, done, late, pending are %v, want %v", unit, period, got, want)
	}
}

func (e *edge) must(login, method, path, body string) {
	e.t.Helper()
	if resp, answer := e.send(e.t, login, method, path, body); resp.StatusCode >= http.StatusBadRequest {
		e.t.Fatalf("%s %s: %d %s", method, path, resp.StatusCode, answer)
	}
}

func (e *edge) person(name string) api.RegisteredPerson {
	e.t.Helper()
	var people api.PersonList
	e.get(e.t, "admin-2", "/people?unit="+ownUnit, &people)
	i := slices.IndexFunc(people.People, func(p api.RegisteredPerson) bool { return p.Name == name })
	if i < 0 {
		e.t.Fatalf("no %s", name)
	}
	return people.People[i]
}

// until asks until a document is as it should be.
func (e *edge) until(id, what string, ok func(docsys.Document) bool) {
	e.t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for range 1000 {
		d, err := e.site.As(site.Chairman).Document(e.t.Context(), id)
		if err != nil {
			e.t.Fatal(err)
		}
		if ok(d) {
			return
		}
		<-tick.C
	}
	e.t.Errorf("never %s", what)
}

func unapproved(d docsys.Document) bool { return slices.Contains(d.Missing, "approval") }
func approvedBy(d docsys.Document) bool { return len(d.Approvals) > 0 && !unapproved(d) }

const november = "2026-11"

// morning is an hour before the clock of a site.
var morning = time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)

// edges are the cases of the model in the order in which it was agreed. Those of
// closes, targets and shares are in figures_test.go, of the way in flow_test.go.
func edges() map[string]func(*edge) {
	return map[string]func(*edge){
		"no document: no rate, no place, no band, and the unit above is as it was": func(e *edge) {
			e.registered("2026-11-20", func(n *docsys.NewDocument) { n.Unit = ownUnit })
			var page docsys.BoardPage
			e.get(e.t, "quan", "/board?period="+november+"&unit="+upperUnit, &page)
			for _, r := range page.Children {
				if r.Unit == otherUnit && (r.Figure.Required != 0 || r.Rank != 0 || r.Figure.Band != signrate.None) {
					e.t.Errorf("got %+v", r)
				}
			}
			if page.Subtree.Required != 1 {
				e.t.Errorf("above it %+v", page.Subtree)
			}
		},
		"a later version that still holds the signature is the same document": func(e *edge) {
			d, _ := e.signed(site.Chairman, e.registered("2026-11-20", nil), "signed", e.at(site.Chairman, morning))
			d, _ = e.signed(site.Clerk, d, "sealed", e.at(site.Clerk, morning))
			e.counts(ownUnit, november, 1, 1, 0, 0)
			if unapproved(d) {
				e.t.Errorf("misses %v", d.Missing)
			}
		},
		"a file without the signature does not take the place of one with it": func(e *edge) {
			d, _ := e.signed(site.Chairman, e.registered("2026-11-20", nil), "signed", e.at(site.Chairman, morning))
			_, err := e.site.As(site.Clerk).Submit(e.t.Context(), submission(d, "edge-exported", "copy", []byte("%PDF-1.7 xuất lại")))
			if got := refusal(docsys.Document{}, err); got != "/problems/not-an-extension" {
				e.t.Errorf("got %q", got)
			}
			e.counts(ownUnit, november, 1, 1, 0, 0)
		},
		"a signature in content that was replaced counts no more": func(e *edge) {
			d, _ := e.draft(e.t, nil)
			e.step(e.t, secretary, d.ID, "submit", `{}`)
			sig := passed(e.site, site.Chairman)
			sig.Indication = verify.Indeterminate
			d, _ = e.signed(site.Chairman, d, "signed", sig)
			d = e.step(e.t, site.Chairman, d.ID, "return", `{"reason":"Sửa điểm 1"}`)
			d = e.upload(e.t, secretary, d, "draft", []byte("%PDF-1.7 nội dung khác "+d.ID))
			e.certain.Store(true)
			e.forward(2 * time.Hour) // the old file is looked at again
			e.step(e.t, secretary, d.ID, "submit", `{}`)
			old := d.ID
			e.until(old, "looked at again", func(docsys.Document) bool {
				var list api.VersionList
				e.get(e.t, site.Chairman, "/documents/"+old+"/versions", &list)
				return list.Versions[1].State == "passed"
			})
			if d, err := e.site.As(site.Chairman).Document(e.t.Context(), old); err != nil || d.State != "submitted" || !unapproved(d) {
				e.t.Errorf("approved by a signature of other content: %s, misses %v, %v", d.State, d.Missing, err)
			}
		},
		"a replacement with its own number: both count": func(e *edge) {
			first := e.issued(e.t, nil)
			if second := e.issued(e.t, &first.ID); second.Replaces != first.ID || second.Number == first.Number {
				e.t.Errorf("got %+v", second)
			}
			e.counts(ownUnit, november, 2, 2, 0, 0)
		},
		"a replacement of what was revoked meanwhile is issued": func(e *edge) {
			first := e.issued(e.t, nil)
			d, file := e.draft(e.t, &first.ID)
			e.step(e.t, site.Clerk, first.ID, "revoke", `{"reason":"Ban hành nhầm"}`)
			e.step(e.t, secretary, d.ID, "submit", `{}`)
			file = site.Sign(e.t, file, initials(e.matrix))
			d = e.upload(e.t, site.Office, d, "initialled", file)
			file = site.Sign(e.t, file, passed(e.site, site.Chairman))
			d = e.upload(e.t, site.Chairman, d, "signed", file)
			e.step(e.t, site.Clerk, d.ID, "number", `{}`)
			e.upload(e.t, site.Clerk, d, "sealed", site.Sign(e.t, file, passed(e.site, site.Clerk)))
			if d = e.step(e.t, site.Clerk, d.ID, "issue", `{}`); d.State != "issued" {
				e.t.Errorf("got %s", d.State)
			}
			old, err := e.site.As(site.Clerk).Document(e.t.Context(), first.ID)
			if err != nil || old.State != "revoked" {
				e.t.Errorf("the old one is %s, %v", old.State, err)
			}
		},
		"revoked: excluded from then on, and shown as such": func(e *edge) {
			d, _ := e.signed(site.Chairman, e.registered("2026-11-20", nil), "signed", e.at(site.Chairman, morning))
			e.step(e.t, site.Clerk, d.ID, "revoke", `{"reason":"Sai thẩm quyền"}`)
			if f := e.figure(ownUnit, november, "atTime"); f.Required != 0 || f.Fulfilled != 0 || f.Excluded != 1 {
				e.t.Errorf("got %+v", f)
			}
		},
		"late before the close: counts, as late": func(e *edge) {
			e.signed(site.Chairman, e.registered("2026-11-10", nil), "signed", e.at(site.Chairman, morning))
			e.counts(ownUnit, november, 1, 1, 1, 0)
		},
		"in time by the claimed time alone": func(e *edge) {
			e.signed(site.Chairman, e.registered("2026-11-19", nil), "signed", e.at(site.Chairman, time.Date(2026, 11, 20, 2, 0, 0, 0, time.UTC)))
			e.counts(ownUnit, november, 1, 1, 0, 0)
		},
		"a time-stamp counts before what the signer claims": func(e *edge) {
			sig := e.at(site.Chairman, time.Date(2026, 11, 20, 2, 0, 0, 0, time.UTC))
			sig.TimeSource, sig.ProvenTime = "timestamp", morning
			d, _ := e.signed(site.Chairman, e.registered("2026-11-19", nil), "signed", sig)
			e.counts(ownUnit, november, 1, 1, 1, 0)
			if len(d.Approvals) != 1 || !d.Approvals[0].At.Equal(morning) {
				e.t.Errorf("approved %+v", d.Approvals)
			}
		},
		"a deputy signs on behalf (KT.)": func(e *edge) {
			d, _ := e.signed(site.Deputy, e.registered("2026-11-20", nil), "signed", e.at(site.Deputy, morning))
			if len(d.Approvals) != 1 || d.Approvals[0].Form != "KT" || d.Approvals[0].Unit != ownUnit {
				e.t.Errorf("approved %+v", d.Approvals)
			}
			e.counts(ownUnit, november, 1, 1, 0, 0)
		},
		"by order (TL.) once the authority is registered, also afterwards": func(e *edge) { e.registeredLater("TL") },
		"by mandate (TUQ.)": func(e *edge) { e.registeredLater("TUQ") },
		"an authority that had ended before takes the approval back": func(e *edge) {
			d, _ := e.signed(site.Deputy, e.registered("2026-11-20", nil), "signed", e.at(site.Deputy, morning))
			hers := e.person("Lê Thu Hà")
			i := slices.IndexFunc(hers.Authorities, func(a api.Authority) bool { return a.May == "approve" })
			e.must(site.Chairman, http.MethodPost, "/authorities/"+hers.Authorities[i].Id+"/end", `{"on":"2026-11-23"}`)
			e.until(d.ID, "taken back", unapproved)
			e.counts(ownUnit, november, 1, 0, 0, 0)
			e.must(site.Chairman, http.MethodPost, "/people/"+hers.Id+"/authorities",
				`{"unit":"`+ownUnit+`","may":"approve","form":"TUQ","valid_from":"2026-11-23","basis":"QĐ 20/QĐ-UBND"}`)
			e.until(d.ID, "covered by another authority", func(d docsys.Document) bool { return approvedBy(d) && d.Approvals[0].Form == "TUQ" })
		},
		"one that ends afterwards changes nothing": func(e *edge) {
			d, _ := e.signed(site.Deputy, e.registered("2026-11-20", nil), "signed", e.at(site.Deputy, morning))
			for _, a := range e.person("Lê Thu Hà").Authorities {
				e.must(site.Chairman, http.MethodPost, "/authorities/"+a.Id+"/end", `{"on":"2026-11-24"}`)
			}
			if d, err := e.site.As(site.Chairman).Document(e.t.Context(), d.ID); err != nil || !approvedBy(d) {
				e.t.Errorf("misses %v, %v", d.Missing, err)
			}
		},
		"without the approval nothing is numbered": func(e *edge) {
			d, _ := e.draft(e.t, nil)
			e.step(e.t, secretary, d.ID, "submit", `{}`)
			d, _ = e.signed(site.Office, d, "initialled", initials(e.matrix))
			d, _ = e.signed(site.Deputy, d, "signed", passed(e.site, site.Deputy))
			for _, a := range e.person("Lê Thu Hà").Authorities {
				e.must(site.Chairman, http.MethodPost, "/authorities/"+a.Id+"/end", `{"on":"2026-11-23"}`)
			}
			if got := e.refused(e.t, site.Clerk, d.ID, "number", `{}`); got != "/problems/not-approved" {
				e.t.Errorf("got %q", got)
			}
		},
		"what passed while its certificate was valid is not judged again": func(e *edge) {
			d, v := e.signed(site.Chairman, e.registered("2026-11-20", nil), "signed", e.at(site.Office, morning))
			if v.State != "passed" || !unapproved(d) || v.Why == "" {
				e.t.Fatalf("got %+v, misses %v", v, d.Missing)
			}
			e.expired.Store(true)
			e.registerAuthority("Phạm Quốc Bảo", "TUQ")
			e.until(d.ID, "counted from the report that was kept", approvedBy)
		},
		"undecided: in the figure as pending, after a week as missing": func(e *edge) {
			sig := e.at(site.Chairman, morning)
			sig.Indication = verify.Indeterminate
			d, v := e.signed(site.Chairman, e.registered("2026-11-20", nil), "signed", sig)
			if v.State != "indeterminate" {
				e.t.Errorf("got %+v", v)
			}
			e.counts(ownUnit, november, 1, 0, 0, 1)
			e.forward(8 * 24 * time.Hour)
			e.signed(site.Outsider, e.other(), "signed", e.at(site.Outsider, morning)) // wakes the judge
			e.until(d.ID, "given up", unapproved)
			e.counts(ownUnit, november, 1, 0, 0, 0)
		},
		"undecided, then decided": func(e *edge) {
			sig := e.at(site.Chairman, morning)
			sig.Indication = verify.Indeterminate
			d, _ := e.signed(site.Chairman, e.registered("2026-11-20", nil), "signed", sig)
			e.certain.Store(true)
			e.forward(2 * time.Hour)
			e.signed(site.Outsider, e.other(), "signed", e.at(site.Outsider, morning))
			e.until(d.ID, "decided", approvedBy)
			e.counts(ownUnit, november, 1, 1, 0, 0)
		},
		"only the agency's seal: sealed, not approved": func(e *edge) {
			d, v := e.signed(site.Clerk, e.registered("2026-11-20", nil), "sealed", e.at(site.Clerk, morning))
			if !slices.Equal(v.Fulfilled, []string{"seal"}) || !unapproved(d) {
				e.t.Errorf("fulfilled %v, misses %v", v.Fulfilled, d.Missing)
			}
			e.counts(ownUnit, november, 1, 0, 0, 0)
		},
		"somebody without authority: open, and why": func(e *edge) {
			d, v := e.signed(site.Office, e.registered("2026-11-20", nil), "signed", e.at(site.Office, morning))
			if !unapproved(d) || !strings.Contains(v.Why, "thẩm quyền") {
				e.t.Errorf("misses %v, why %q", d.Missing, v.Why)
			}
		},
		"a scan of what was signed on paper: electronic, not approved": func(e *edge) {
			d := e.upload(e.t, site.Clerk, e.registered("2026-11-20", nil), "copy", []byte("%PDF-1.7 bản quét"))
			if !unapproved(d) {
				e.t.Errorf("misses %v", d.Missing)
			}
			e.counts(ownUnit, november, 1, 0, 0, 0)
		},
		"a certified copy of another unit's document, and one on paper, owe nothing": func(e *edge) {
			table := "unit,number,type,subject,issued_on,medium,origin\n" + ownUnit + ",801,Công văn,Sao y,2026-11-20,electronic,certified_copy\n" + ownUnit + ",802,Công văn,Bản giấy,2026-11-20,paper,own\n"
			e.must("admin-2", http.MethodPost, "/imports/documents?dry_run=false", table)
			docs, err := e.site.As(site.Clerk).Unsigned(e.t.Context(), ownUnit, november)
			if err != nil || len(docs) != 0 {
				e.t.Errorf("%d unsigned, %v", len(docs), err)
			}
			e.counts(ownUnit, november, 0, 0, 0, 0)
		},
		"secret: nothing of it is kept": func(e *edge) {
			for _, secrecy := range []string{"mat", "toi_mat", "tuyet_mat", "", "khác"} {
				_, err := e.site.As(secretary).Create(e.t.Context(), "edge-secret-"+secrecy, docsys.NewDocument{Unit: ownUnit, Type: "Công văn", Subject: "kín", Secrecy: api.NewDocumentSecrecy(secrecy)})
				if got := refusal(docsys.Document{}, err); got != "/problems/secret" {
					e.t.Errorf("%q: got %q", secrecy, got)
				}
			}
		},
		"a joint document, one signature missing: that unit's duty is open": func(e *edge) {
			d := e.registered("2026-11-20", func(n *docsys.NewDocument) { n.CoIssuers = &[]string{otherUnit} })
			d, _ = e.signed(site.Chairman, d, "signed", e.at(site.Chairman, morning))
			e.counts(ownUnit, november, 1, 1, 0, 0)
			e.counts(otherUnit, november, 1, 0, 0, 0)
			if !unapproved(d) || d.CoIssuers[0].Signed || !e.waits(e.t, site.Outsider, d.ID) {
				e.t.Errorf("got %+v", d)
			}
			d, _ = e.signed(site.Outsider, d, "signed", e.at(site.Outsider, morning))
			e.counts(otherUnit, november, 1, 1, 0, 0)
			if len(d.Approvals) != 2 || unapproved(d) {
				e.t.Errorf("approved %+v", d.Approvals)
			}
		},
		"a joint document waits for its units in their order": func(e *edge) {
			const third = "H26.13.27"
			e.seq++
			d, err := e.site.As(secretary).Create(e.t.Context(), "edge-joint-order", docsys.NewDocument{
				Unit: ownUnit, Type: "Thông báo", Subject: "V/v liên tịch", Secrecy: "none", SignerName: new("Trần Minh Khôi"), CoIssuers: &[]string{third, otherUnit},
			})
			if err != nil || d.CoIssuers[0].Unit != third || d.CoIssuers[1].Unit != otherUnit {
				e.t.Fatalf("got %+v, %v", d.CoIssuers, err)
			}
			d = e.upload(e.t, secretary, d, "draft", []byte("%PDF-1.7 "+d.ID))
			e.step(e.t, secretary, d.ID, "submit", `{}`)
			d, _ = e.signed(site.Chairman, d, "signed", e.at(site.Chairman, morning))
			if e.waits(e.t, site.Outsider, d.ID) {
				e.t.Error("it waits for the last unit before the one between has signed")
			}
			// Who opens it may sign before: order is what the list proposes.
			if d, _ = e.signed(site.Outsider, d, "signed", e.at(site.Outsider, morning)); !d.CoIssuers[1].Signed || d.CoIssuers[0].Signed {
				e.t.Errorf("got %+v", d.CoIssuers)
			}
		},
		"whoever submits and approves need not initial": func(e *edge) {
			if d := e.submittedByTheHead(); d.State != "signed" || len(d.Missing) != 0 {
				e.t.Errorf("%s, misses %v", d.State, d.Missing)
			}
		},
		"the head's approval of what another one submitted is no initials": func(e *edge) {
			d, _ := e.draft(e.t, nil)
			e.step(e.t, secretary, d.ID, "submit", `{}`)
			if d, _ = e.signed(site.Chairman, d, "signed", passed(e.site, site.Chairman)); !slices.Equal(d.Missing, []string{"initials"}) {
				e.t.Errorf("misses %v", d.Missing)
			}
		},
		"not for the committee: no initials": func(e *edge) {
			e.signed(site.Chairman, e.registered("2026-11-20", nil), "signed", e.at(site.Chairman, morning))
			var page docsys.BoardPage
			e.get(e.t, site.Chairman, "/board?period="+november+"&unit="+ownUnit, &page)
			if page.Initials.Required != 0 {
				e.t.Errorf("got %+v", page.Initials)
			}
		},
		"issued at the end of a day, uploaded weeks later: the period of its issue": func(e *edge) {
			e.signed(site.Chairman, e.registered("2026-10-31", nil), "signed", e.at(site.Chairman, morning))
			e.counts(ownUnit, "2026-10", 1, 1, 1, 0)
			e.counts(ownUnit, november, 0, 0, 0, 0)
		},
		"numbered a minute before midnight in Vietnam: that day": func(e *edge) {
			e.forward(13*time.Hour + 59*time.Minute) // 23:59 on the 23rd in Hanoi, 16:59 UTC
			if d := e.issued(e.t, nil); d.IssuedOn != "2026-11-23" || d.DueOn != "2026-11-24" {
				e.t.Errorf("issued on %s, due on %s", d.IssuedOn, d.DueOn)
			}
			e.forward(time.Minute)
			if d := e.issued(e.t, nil); d.IssuedOn != "2026-11-24" {
				e.t.Errorf("issued on %s", d.IssuedOn)
			}
		},
		"two uploads of one number: a link to the first, never two documents": func(e *edge) {
			first := e.registered("2026-11-20", func(n *docsys.NewDocument) { n.Number = new("77") })
			_, err := e.site.As(site.Clerk).Create(e.t.Context(), "edge-second", docsys.NewDocument{Unit: ownUnit, Type: "Công văn", Subject: "Khác", Secrecy: "none", Number: new("77"), IssuedOn: new("2026-11-21")})
			if p := problem(e.t, err); p.Status != http.StatusConflict || p.Detail != "/v1/documents/"+first.ID {
				e.t.Errorf("got %+v", p)
			}
			e.counts(ownUnit, november, 1, 0, 0, 0)
		},
		"the client's clock does not matter": func(e *edge) {
			d, _ := e.signed(site.Chairman, e.registered("2026-11-20", nil), "signed", e.at(site.Chairman, morning.AddDate(4, 0, 0)))
			if len(d.Approvals) != 1 || !d.Approvals[0].At.Equal(e.clock.Now()) {
				e.t.Errorf("approved %+v, received %s", d.Approvals, e.clock.Now())
			}
		},
		"a unit that ended keeps its duties; restated they stand under its successors": func(e *edge) {
			d := e.registered("2026-10-20", nil)
			e.must("admin-2", http.MethodPost, "/units/"+ownUnit+"/end",
				`{"on":"2026-11-01","basis":"NQ 1656/NQ-UBTVQH15","successors":[{"unit":"`+otherUnit+`","share":6000},{"unit":"H26.13.27","share":4000}]}`)
			if got, want := e.figure(ownUnit, "2026-10", "atTime").Required, 1; got != want {
				e.t.Errorf("at the time %d, want %d", got, want)
			}
			if got := e.figure(otherUnit, "2026-10", "restated").Required + e.figure("H26.13.27", "2026-10", "restated").Required; got != 1 {
				e.t.Errorf("restated %d", got)
			}
			// Its head answers for it, and the unit above still sees it.
			if d, _ = e.signed(site.Chairman, d, "signed", e.at(site.Chairman, morning)); unapproved(d) {
				e.t.Errorf("misses %v", d.Missing)
			}
			if _, err := e.site.As("quan").Document(e.t.Context(), d.ID); err != nil {
				e.t.Errorf("from above: %v", err)
			}
			e.counts(ownUnit, "2026-10", 1, 1, 1, 0)
		},
		"a unit that gets another parent counts there from that day": func(e *edge) {
			for _, day := range []string{"2026-11-05", "2026-11-20"} {
				e.must("admin-2", http.MethodPost, "/imports/documents?dry_run=false", "unit,number,type,subject,issued_on\n"+otherUnit+","+day[8:]+",Công văn,V/v,"+day+"\n")
			}
			e.must("admin-2", http.MethodPost, "/units", `{"code":"`+otherUnit+`","name":"x","kind":"phuong","valid_from":"2026-11-10","parent":"`+ownUnit+`"}`)
			var page docsys.BoardPage
			e.get(e.t, "admin-2", "/board?period="+november+"&unit="+ownUnit, &page)
			if page.Subtree.Required != 1 {
				e.t.Errorf("below the new parent %d, want that of the 20th", page.Subtree.Required)
			}
		},
		"somebody who signs for another unit needs an authority there": func(e *edge) {
			d := e.registered("2026-11-20", func(n *docsys.NewDocument) { n.CoIssuers = &[]string{otherUnit} })
			d, _ = e.signed(site.Deputy, d, "signed", e.at(site.Deputy, morning))
			e.counts(otherUnit, november, 1, 0, 0, 0)
			e.must("admin-2", http.MethodPost, "/people/"+e.person("Lê Thu Hà").Id+"/authorities",
				`{"unit":"`+otherUnit+`","may":"approve","form":"self","valid_from":"2026-11-01","basis":"QĐ điều động 3/QĐ"}`)
			e.until(d.ID, "approved for both", func(d docsys.Document) bool { return !unapproved(d) && len(d.Approvals) == 2 })
			e.counts(otherUnit, november, 1, 1, 0, 0)
		},
	}
}

// other is a document of another unit, on which the judge is at work.
func (e *edge) other() docsys.Document {
	e.t.Helper()
	e.seq++
	d, err := e.site.As(site.Outsider).Create(e.t.Context(), fmt.Sprintf("edge-other-%04d", e.seq), docsys.NewDocument{
		Unit: otherUnit, Type: "Công văn", Subject: "V/v khác", Secrecy: "none", Number: new(fmt.Sprint(e.seq)), IssuedOn: new("2026-11-20"),
	})
	if err != nil {
		e.t.Fatal(err)
	}
	return d
}

func (e *edge) registerAuthority(name, form string) {
	e.t.Helper()
	e.must(site.Chairman, http.MethodPost, "/people/"+e.person(name).Id+"/authorities",
		`{"unit":"`+ownUnit+`","may":"approve","form":"`+form+`","valid_from":"2026-11-01","valid_to":"2026-12-01","basis":"QĐ 12/QĐ-UBND"}`)
}

func (e *edge) registeredLater(form string) {
	e.t.Helper()
	d, _ := e.signed(site.Office, e.registered("2026-11-20", nil), "signed", e.at(site.Office, morning))
	e.counts(ownUnit, november, 1, 0, 0, 0)
	e.registerAuthority("Phạm Quốc Bảo", form)
	e.until(d.ID, "approved", func(d docsys.Document) bool { return approvedBy(d) && d.Approvals[0].Form == form })
	e.counts(ownUnit, november, 1, 1, 0, 0)
}

// submittedByTheHead is a document that the chairman submits and approves himself.
func (e *edge) submittedByTheHead() docsys.Document {
	e.t.Helper()
	d, _ := e.draft(e.t, nil)
	e.step(e.t, site.Chairman, d.ID, "submit", `{}`)
	d, _ = e.signed(site.Chairman, d, "signed", passed(e.site, site.Chairman))
	return d
}

func TestEdgesOfTheModel(t *testing.T) {
	for name, try := range edges() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newEdge(t, false)
			try(e)
			e.sound(t)
		})
	}
	t.Run("unless the office wants both: then the head initials, too", func(t *testing.T) {
		t.Parallel()
		e := newEdge(t, true)
		if d := e.submittedByTheHead(); !slices.Equal(d.Missing, []string{"initials"}) {
			t.Errorf("misses %v", d.Missing)
		}
		e.sound(t)
	})
}

// sound wants figures equal to facts, and nothing that a check finds.
func (e *edge) sound(t *testing.T) {
	t.Helper()
	found, err := e.site.Server.Check(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range found.Wrong {
		t.Error(w)
	}
}
