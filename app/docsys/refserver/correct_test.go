package refserver_test

import (
	"errors"
	"testing"

	"kyso/app/docsys"
	"kyso/app/docsys/api"
	site "kyso/app/docsys/refserver/refservertest"
)

func TestWhatIsSaidOfADocumentIsCorrectedUntilItsIssue(t *testing.T) {
	m := ward(t, site.NewClock())
	d, _ := m.draft(t, nil)
	change := func(login, key string, in api.DocumentChange) (docsys.Document, error) {
		return m.site.As(login).Step(t.Context(), d.ID, "change", key, in)
	}
	got, err := change(secretary, "change-draft-1", api.DocumentChange{Subject: new(" V/v sửa trích yếu "), SignerName: new("Lê Thu Hà"), Urgent: new(true)})
	if err != nil || got.Subject != "V/v sửa trích yếu" || got.SignerName != "Lê Thu Hà" || !got.Urgent || got.Type != "Tờ trình" {
		t.Fatalf("got %+v, %v", got, err)
	}
	d = m.step(t, secretary, d.ID, "submit", `{}`)
	if !m.waits(t, site.Deputy, d.ID) || m.waits(t, site.Outsider, d.ID) {
		t.Error("it does not wait for the signer who is named now")
	}
	for name, c := range map[string]struct {
		in   api.DocumentChange
		want string
	}{
		"without a reason":  {api.DocumentChange{Subject: new("V/v khác")}, "/problems/reason-required"},
		"another signer":    {api.DocumentChange{SignerName: new("Trần Minh Khôi"), Reason: new("x")}, "/problems/wrong-state"},
		"another notation":  {api.DocumentChange{Notation: new("QĐ-UBND"), Reason: new("x")}, "/problems/wrong-state"},
		"an empty subject":  {api.DocumentChange{Subject: new(" "), Reason: new("x")}, "/problems/incomplete"},
		"control in a text": {api.DocumentChange{Subject: new("a\x01"), Reason: new("x")}, "/problems/bad-text"},
	} {
		if got := refusal(change(secretary, "change-"+name, c.in)); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	if got, err = change(site.Clerk, "change-typo-1", api.DocumentChange{Subject: new("V/v đi đến cùng"), Reason: new("Sai chính tả")}); err != nil || got.Subject != "V/v đi đến cùng" {
		t.Errorf("a slip of the pen: %+v, %v", got, err)
	}
	if _, err := change(site.Clerk, "change-same-1", api.DocumentChange{Subject: new("V/v đi đến cùng")}); err != nil {
		t.Errorf("what is so already: %v", err)
	}
	if got := refusal(change(site.Outsider, "change-foreign", api.DocumentChange{Subject: new("x")})); got != "/problems/not-found" {
		t.Errorf("another unit: %q", got)
	}
	checkHistory(t, m, d.ID, "create", "change", "submit", "change")

	// Back at the desk, the duty follows the signer who is named then.
	m.step(t, site.Office, d.ID, "return", `{"reason":"Đổi người ký"}`)
	if _, err := change(secretary, "change-signer-2", api.DocumentChange{SignerName: new("Trần Minh Khôi")}); err != nil {
		t.Fatal(err)
	}
	m.step(t, secretary, d.ID, "submit", `{}`)
	if bad, err := m.site.Server.Reconcile(t.Context()); err != nil || len(bad) > 0 {
		t.Errorf("figures and facts: %v, %v", bad, err)
	}
	d = m.issued(t, nil)
	if got := refusal(change(site.Clerk, "change-issued", api.DocumentChange{Subject: new("V/v khác"), Reason: new("x")})); got != "/problems/wrong-state" {
		t.Errorf("an issued document: %q", got)
	}
}

// refusal is the type of the problem that a call was refused with.
func refusal(_ docsys.Document, err error) string {
	if p, ok := errors.AsType[*docsys.Problem](err); ok {
		return p.Type
	}
	return ""
}
