package app_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"kyso/app/docsys"
	"kyso/app/docsys/refserver"
	site "kyso/app/docsys/refserver/refservertest"
	"kyso/app/settings"
)

func TestTemplatesAreKeptForTheTimeWithoutAServer(t *testing.T) {
	server := site.Start(t, t.TempDir(), site.NewClock(), site.Options{NoYear: true, People: []refserver.Person{
		{Login: "quan-tri", Name: "Quản trị", Unit: refserver.DistrictUnit, Role: "admin"},
	}})
	admin := server.As("quan-tri")
	none, _, err := admin.Templates(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	want, err := admin.SetTemplates(t.Context(), docsys.MarkTemplates{Basis: "Quy chế 12", Templates: []docsys.MarkTemplate{
		{Role: docsys.TemplateSeal, Locked: true, Picture: true, Width: 36, Height: 36, Lines: []string{}},
	}}, none.Tag)
	if err != nil {
		t.Fatal(err)
	}
	a := startWith(t, settings.Settings{Server: server.URL})
	if got := a.Templates(); got.Version != 0 {
		t.Fatalf("got %+v before anybody asked", got)
	}
	if _, err := a.FetchTemplates(t.Context()); err == nil {
		t.Error("fetched without a log-in")
	}
	a.Client.SetToken(site.Token("quan-tri"))
	for _, fresh := range []bool{true, false} { // the second time they are at hand
		if got, err := a.FetchTemplates(t.Context()); err != nil || got != fresh {
			t.Errorf("fetched: fresh %v, %v, want %v", got, err, fresh)
		}
	}
	server.Stop()
	if _, err := a.FetchTemplates(t.Context()); err == nil {
		t.Error("fetched from a server that is gone")
	}
	if diff := cmp.Diff(want, a.Templates()); diff != "" {
		t.Error(diff)
	}
	a.Effective.Server = "https://mot-may-chu-khac.example"
	if got := a.Templates(); got.Version != 0 {
		t.Errorf("the templates of another server count: %+v", got)
	}
}
