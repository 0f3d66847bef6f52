package refserver_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"testing"

	"kyso/app/docsys"
	"kyso/app/docsys/api"
	"kyso/app/docsys/refserver"
	site "kyso/app/docsys/refserver/refservertest"
	"kyso/signer/verify"
)

// secretary drafts for the ward.
const secretary = "thu-ky"

// ward is a site whose ward has a secretary, too.
func ward(t *testing.T, clock *site.Clock) *matrix {
	t.Helper()
	s := site.Start(t, t.TempDir(), clock, site.Options{NoYear: true, More: []refserver.Person{
		{Login: secretary, Name: "Đỗ Thư Ký", Unit: refserver.KimLienUnit, Role: "secretary"},
		{Login: "admin-2", Name: "Quản trị", Unit: refserver.DistrictUnit, Role: "admin"},
		{Login: "kiem-toan", Name: "Kiểm toán", Unit: refserver.DistrictUnit, Role: "auditor"},
		{Login: "quan", Name: "Lãnh đạo quận", Unit: refserver.DistrictUnit, Role: "head"},
	}})
	return &matrix{site: s}
}

// step takes a step and gives the document after it.
func (m *matrix) step(t *testing.T, login, document, step, body string) docsys.Document {
	t.Helper()
	resp, raw := m.send(t, login, http.MethodPost, "/documents/"+document+"/"+step, body)
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("%s as %s: %d %s", step, login, resp.StatusCode, raw)
	}
	var d docsys.Document
	if err := json.Unmarshal(raw, &d); err != nil {
		t.Fatal(err)
	}
	return d
}

// refused is the type of the refusal of a step.
func (m *matrix) refused(t *testing.T, login, document, step, body string) string {
	t.Helper()
	resp, raw := m.send(t, login, http.MethodPost, "/documents/"+document+"/"+step, body)
	var p api.Problem
	if json.Unmarshal(raw, &p) != nil || resp.StatusCode < http.StatusBadRequest {
		t.Fatalf("%s as %s went through: %d %s", step, login, resp.StatusCode, raw)
	}
	return p.Type
}

// upload commits a file and waits for the verdict.
func (m *matrix) upload(t *testing.T, login string, d docsys.Document, stage string, file []byte) docsys.Document {
	t.Helper()
	m.seq++
	c := m.site.As(login)
	r, err := c.Submit(t.Context(), submission(d, "upload-"+stage+"-"+string(rune('a'+m.seq))+"-key", stage, file))
	if err != nil {
		t.Fatal(err)
	}
	settled(t, c, r.Version)
	d, err = c.Document(t.Context(), d.ID)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func (m *matrix) draft(t *testing.T, replaces *string) (docsys.Document, []byte) {
	t.Helper()
	m.seq++
	c := m.site.As(secretary)
	d, err := c.Create(t.Context(), "draft-"+string(rune('a'+m.seq))+"-key", docsys.NewDocument{
		Unit: refserver.KimLienUnit, Type: "Tờ trình", Subject: "V/v đi hết đường", Secrecy: "none", Notation: new("TTr-UBND"), Submitted: new(true),
		SignerName: new("Trần Minh Khôi"), Replaces: replaces,
	})
	if err != nil {
		t.Fatal(err)
	}
	file := []byte("%PDF-1.7 dự thảo " + d.ID)
	return m.upload(t, secretary, d, "draft", file), file
}

func (m *matrix) waits(t *testing.T, login, document string) bool {
	t.Helper()
	return slices.ContainsFunc(waiting(t, m.site.As(login)), func(d docsys.Document) bool { return d.ID == document })
}

// initials is a signature that counts as initials.
func initials(m *matrix) verify.Signature {
	sig := passed(m.site, site.Office)
	sig.Reason = "Ký nháy"
	return sig
}

// issued walks a draft to its issue.
func (m *matrix) issued(t *testing.T, replaces *string) docsys.Document {
	t.Helper()
	d, file := m.draft(t, replaces)
	m.step(t, secretary, d.ID, "submit", `{}`)
	file = site.Sign(t, file, initials(m))
	d = m.upload(t, site.Office, d, "initialled", file)
	file = site.Sign(t, file, passed(m.site, site.Chairman))
	d = m.upload(t, site.Chairman, d, "signed", file)
	m.step(t, site.Clerk, d.ID, "number", `{}`)
	file = site.Sign(t, file, passed(m.site, site.Clerk))
	d = m.upload(t, site.Clerk, d, "sealed", file)
	return m.step(t, site.Clerk, d.ID, "issue", `{}`)
}

func TestTheWayOfADocument(t *testing.T) {
	m := ward(t, site.NewClock())
	d, file := m.draft(t, nil)
	check := func(want, next string, waiters ...string) {
		t.Helper()
		if d.State != want || d.Next != next {
			t.Fatalf("state %s, next %s; want %s, %s", d.State, d.Next, want, next)
		}
		for _, login := range []string{site.Chairman, site.Deputy, site.Office, site.Clerk, site.Outsider, secretary} {
			if got := m.waits(t, login, d.ID); got != slices.Contains(waiters, login) {
				t.Errorf("%s: waits for %s: %v", want, login, got)
			}
		}
	}
	check("draft", "submit")
	d = m.step(t, secretary, d.ID, "submit", `{"remark":"Kính trình"}`)
	// The head and the deputy hold the authority to initial, too.
	check("submitted", "initials", site.Chairman, site.Deputy, site.Office)
	file = site.Sign(t, file, initials(m))
	d = m.upload(t, site.Office, d, "initialled", file)
	check("initialled", "approval", site.Chairman)
	if got := m.refused(t, site.Clerk, d.ID, "number", `{}`); got != "/problems/wrong-state" {
		t.Errorf("numbered before the approval: %s", got)
	}
	file = site.Sign(t, file, passed(m.site, site.Chairman))
	d = m.upload(t, site.Chairman, d, "signed", file)
	check("signed", "number", site.Clerk)
	d = m.step(t, site.Clerk, d.ID, "number", `{}`)
	check("numbered", "seal", site.Clerk)
	if d.Number != "1" || d.IssuedOn != "2026-11-23" || d.DueOn != "2026-11-24" {
		t.Errorf("numbered %q of %s, due %s", d.Number, d.IssuedOn, d.DueOn)
	}
	if got := m.refused(t, site.Clerk, d.ID, "issue", `{}`); got != "/problems/wrong-state" {
		t.Errorf("issued without a seal: %s", got)
	}
	if got := fulfilled(t, m.site); got != 0 {
		t.Errorf("%d counted before the issue", got)
	}
	file = site.Sign(t, file, passed(m.site, site.Clerk))
	d = m.upload(t, site.Clerk, d, "sealed", file)
	check("sealed", "issue", site.Clerk)
	d = m.step(t, site.Clerk, d.ID, "issue", `{}`)
	check("issued", "none")
	if got := fulfilled(t, m.site); got != 1 {
		t.Errorf("%d counted after the issue, want 1", got)
	}
	checkHistory(t, m, d.ID, "create", "submit", "initial", "approve", "number", "seal", "issue")
	narrow(t, m.site)
}

func checkHistory(t *testing.T, m *matrix, document string, want ...string) {
	t.Helper()
	var h api.History
	m.get(t, site.Chairman, "/documents/"+document+"/history", &h)
	var got []string
	for i, st := range h.Steps {
		got = append(got, string(st.Action))
		if st.By == "" || i > 0 && st.From != h.Steps[i-1].To {
			t.Errorf("step %d: %+v", i, st)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("history %v, want %v", got, want)
	}
}

func TestAReturnedDocumentLosesItsSignatures(t *testing.T) {
	m := ward(t, site.NewClock())
	d, file := m.draft(t, nil)
	m.step(t, secretary, d.ID, "submit", `{}`)
	d = m.upload(t, site.Office, d, "initialled", site.Sign(t, file, initials(m)))
	if got := m.refused(t, site.Chairman, d.ID, "return", `{"reason":"  "}`); got != "/problems/reason-required" {
		t.Errorf("returned without a reason: %s", got)
	}
	d = m.step(t, site.Chairman, d.ID, "return", `{"reason":"Sửa điểm 2"}`)
	if d.State != "returned" || d.ReturnedBecause != "Sửa điểm 2" || !m.waits(t, secretary, d.ID) || m.waits(t, site.Chairman, d.ID) {
		t.Fatalf("returned as %+v", d)
	}
	d = m.upload(t, secretary, d, "draft", []byte("%PDF-1.7 nội dung mới"))
	d = m.step(t, secretary, d.ID, "submit", `{}`)
	d, err := m.site.As(secretary).Document(t.Context(), d.ID)
	if err != nil || d.State != "submitted" || !slices.Equal(d.Missing, []string{"approval", "initials"}) || len(d.InitialledBy) != 0 {
		t.Errorf("submitted again as %+v, %v", d, err)
	}
	if bad, err := m.site.Server.Reconcile(t.Context()); err != nil || len(bad) > 0 {
		t.Errorf("figures %v, %v", bad, err)
	}
}

func TestContentMayNotChangeOnceItIsSubmitted(t *testing.T) {
	m := ward(t, site.NewClock())
	d, _ := m.draft(t, nil)
	m.step(t, secretary, d.ID, "submit", `{}`)
	for stage, want := range map[string]string{"draft": "/problems/wrong-state", "signed": "/problems/not-an-extension", "sealed": "/problems/wrong-state"} {
		_, err := m.site.As(secretary).Submit(t.Context(), submission(d, "change-"+stage, stage, []byte("%PDF-1.7 khác hẳn "+stage)))
		if p := problem(t, err); p.Type != want {
			t.Errorf("%s: %+v, want %s", stage, p, want)
		}
	}
}

func TestRevokedAndReplacedDocuments(t *testing.T) {
	m := ward(t, site.NewClock())
	first := m.issued(t, nil)
	second := m.issued(t, &first.ID)
	old, err := m.site.As(site.Chairman).Document(t.Context(), first.ID)
	if err != nil || old.State != "replaced" || second.Replaces != first.ID {
		t.Fatalf("replaced %+v, %v", old, err)
	}
	if second.Number != "2" {
		t.Errorf("the second has the number %s", second.Number)
	}
	if got := fulfilled(t, m.site); got != 2 {
		t.Errorf("%d counted, want both", got)
	}
	m.step(t, site.Clerk, second.ID, "revoke", `{"reason":"Ban hành nhầm"}`)
	page, err := m.site.As(site.Chairman).Board(t.Context(), refserver.KimLienUnit, year)
	if err != nil || page.Own.Required != 1 || page.Own.Excluded != 1 {
		t.Errorf("after the revocation %+v, %v", page.Own, err)
	}
	_, err = m.site.As(secretary).Create(t.Context(), "replace-revoked", docsys.NewDocument{
		Unit: refserver.KimLienUnit, Type: "Công văn", Subject: "Thay", Secrecy: "none", Replaces: &second.ID,
	})
	if p := problem(t, err); p.Type != "/problems/wrong-state" {
		t.Errorf("a revoked one is replaced: %+v", p)
	}
}

func TestAnAuthorityThatIsRegisteredLaterCounts(t *testing.T) {
	m := ward(t, site.NewClock())
	d, file := m.draft(t, nil)
	m.step(t, secretary, d.ID, "submit", `{}`)
	d = m.upload(t, site.Chairman, d, "signed", site.Sign(t, file, passed(m.site, site.Office)))
	if d.State != "submitted" {
		t.Fatalf("signed without authority: %s", d.State)
	}
	var people api.PersonList
	m.get(t, "admin-2", "/people?unit="+refserver.KimLienUnit, &people)
	for _, p := range people.People {
		if p.Name != "Phạm Quốc Bảo" {
			continue
		}
		resp, body := m.send(t, site.Chairman, http.MethodPost, "/people/"+p.Id+"/authorities",
			`{"unit":"`+refserver.KimLienUnit+`","may":"approve","form":"TUQ","valid_from":"2026-11-01","valid_to":"2026-12-01","basis":"QĐ 12/QĐ-UBND"}`)
		if resp.StatusCode != http.StatusCreated {
			t.Fatalf("%d %s", resp.StatusCode, body)
		}
	}
	settledState(t, m, d, "signed")
}

// settledState waits until a document has a state.
func settledState(t *testing.T, m *matrix, d docsys.Document, want string) {
	t.Helper()
	for range 1000 {
		got, err := m.site.As(site.Chairman).Document(t.Context(), d.ID)
		if err != nil {
			t.Fatal(err)
		}
		if got.State == want {
			return
		}
		settled(t, m.site.As(site.Chairman), d.Version)
	}
	t.Errorf("never %s", want)
}
