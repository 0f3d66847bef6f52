package refserver_test

import (
	"slices"
	"testing"

	"kyso/app/docsys"
	"kyso/app/docsys/refserver"
	site "kyso/app/docsys/refserver/refservertest"
)

// langHa is the ward of site.Outsider.
const langHa = "H26.13.26"

func TestAJointDocumentIsSignedByEachUnitAndCountsForEach(t *testing.T) {
	m := ward(t, site.NewClock())
	d, err := m.site.As(secretary).Create(t.Context(), "joint-create", docsys.NewDocument{
		Unit: refserver.KimLienUnit, Type: "Thông báo", Subject: "V/v phân luồng giao thông", Secrecy: "none", Notation: new("TBLT"),
		SignerName: new("Trần Minh Khôi"), CoIssuers: new([]string{langHa}),
	})
	if err != nil || len(d.CoIssuers) != 1 || d.CoIssuers[0].Unit != langHa || d.CoIssuers[0].UnitName == "" || d.CoIssuers[0].Signed {
		t.Fatalf("got %+v, %v", d, err)
	}
	file := []byte("%PDF-1.7 liên tịch " + d.ID)
	d = m.upload(t, secretary, d, "draft", file)
	d = m.step(t, secretary, d.ID, "submit", `{}`)
	if !m.waits(t, site.Chairman, d.ID) || m.waits(t, site.Outsider, d.ID) {
		t.Error("it does not wait for the leading unit's chairman first")
	}
	file = site.Sign(t, file, passed(m.site, site.Chairman))
	d = m.upload(t, site.Chairman, d, "signed", file)
	if d.State != "submitted" || !slices.Equal(d.Missing, []string{"approval"}) || m.waits(t, site.Chairman, d.ID) || !m.waits(t, site.Outsider, d.ID) {
		t.Errorf("one of two has signed: %s, misses %v", d.State, d.Missing)
	}
	if got := m.refused(t, site.Clerk, d.ID, "number", `{}`); got != "/problems/wrong-state" {
		t.Errorf("numbered with one signature: %s", got)
	}
	if got := m.refused(t, site.Outsider, d.ID, "return", `{"reason":"Không đồng ý"}`); got != "/problems/not-found" {
		t.Errorf("a step of the leading unit: %s", got)
	}
	theirs, err := m.site.As(site.Outsider).Document(t.Context(), d.ID)
	if err != nil {
		t.Fatal(err)
	}
	file = site.Sign(t, file, passed(m.site, site.Outsider))
	if theirs = m.upload(t, site.Outsider, theirs, "signed", file); theirs.State != "signed" || !theirs.CoIssuers[0].Signed || len(theirs.Missing) != 0 {
		t.Errorf("both have signed: %+v", theirs)
	}
	m.step(t, site.Clerk, d.ID, "number", `{}`)
	if d, err = m.site.As(site.Clerk).Document(t.Context(), d.ID); err != nil {
		t.Fatal(err)
	}
	file = site.Sign(t, file, passed(m.site, site.Clerk))
	m.upload(t, site.Clerk, d, "sealed", file)
	if got := m.step(t, site.Clerk, d.ID, "issue", `{}`); got.State != "issued" {
		t.Errorf("got %s", got.State)
	}
	for login, unit := range map[string]string{site.Chairman: refserver.KimLienUnit, site.Outsider: langHa} {
		page, err := m.site.As(login).Board(t.Context(), unit, "2026")
		if err != nil || page.Own.Required != 1 || page.Own.Fulfilled != 1 {
			t.Errorf("%s: %+v, %v", unit, page.Own, err)
		}
		docs, err := m.site.As(login).Unsigned(t.Context(), unit, "2026")
		if err != nil || len(docs) != 0 {
			t.Errorf("%s: %d unsigned, %v", unit, len(docs), err)
		}
	}
	if bad, err := m.site.Server.Reconcile(t.Context()); err != nil || len(bad) > 0 {
		t.Errorf("figures and facts: %v, %v", bad, err)
	}
	if f, err := m.site.Server.Check(t.Context()); err != nil || len(f.Wrong) > 0 {
		t.Errorf("%+v, %v", f, err)
	}
}

func TestUnitsThatCannotIssueTogetherAreRefused(t *testing.T) {
	m := ward(t, site.NewClock())
	for name, c := range map[string]struct {
		with []string
		want string
	}{
		"the unit itself": {[]string{refserver.KimLienUnit}, "/problems/bad-issuers"},
		"one twice":       {[]string{langHa, langHa}, "/problems/bad-issuers"},
		"no name":         {[]string{""}, "/problems/bad-issuers"},
		"an unknown one":  {[]string{"X.9"}, "/problems/not-found"},
	} {
		_, err := m.site.As(secretary).Create(t.Context(), "joint-bad-"+name, docsys.NewDocument{
			Unit: refserver.KimLienUnit, Type: "Thông báo", Subject: "V/v", Secrecy: "none", CoIssuers: &c.with,
		})
		if got := refusal(docsys.Document{}, err); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
