package refserver_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kyso/app/docsys"
	"kyso/app/docsys/refserver"
	site "kyso/app/docsys/refserver/refservertest"
)

func TestTheAdministratorSetsTemplatesAndEveryoneReadsThem(t *testing.T) {
	s := site.Start(t, t.TempDir(), site.NewClock(), site.Options{NoYear: true, People: []refserver.Person{
		{Login: "quan-tri", Name: "Quản trị", Unit: refserver.DistrictUnit, Role: "admin"},
		{Login: "van-thu", Name: "Văn thư", Unit: refserver.KimLienUnit, Role: "clerk"},
	}})
	admin, clerk := s.As("quan-tri"), s.As("van-thu")
	none, fresh, err := clerk.Templates(t.Context(), "")
	tag := none.Tag
	if err != nil || !fresh || none.Version != 0 || len(none.Templates) != 0 {
		t.Fatalf("got %+v, fresh %v, %v", none, fresh, err)
	}
	want := docsys.MarkTemplates{Basis: "Quy chế công tác văn thư số 12/QĐ-UBND", Templates: []docsys.MarkTemplate{
		{Role: docsys.TemplateSeal, Locked: true, Picture: true, Width: 36, Height: 36, Opacity: 85, Lines: []string{}},
		{Role: docsys.TemplateInitials, Width: 16, Height: 9, Lines: []string{"holder"}, Text: "Đã rà soát"},
	}}
	set, err := admin.SetTemplates(t.Context(), want, tag)
	if err != nil {
		t.Fatal(err)
	}
	want.Version = 1
	if diff := cmp.Diff(want, set); diff != "" {
		t.Errorf("set: %s", diff)
	}
	got, fresh, err := clerk.Templates(t.Context(), tag)
	newer := got.Tag
	if err != nil || !fresh {
		t.Fatalf("fresh %v, %v", fresh, err)
	}
	if diff := cmp.Diff(want, got.MarkTemplates); diff != "" {
		t.Errorf("read: %s", diff)
	}
	if same, fresh, err := clerk.Templates(t.Context(), newer); err != nil || fresh || same.Tag != newer {
		t.Errorf("got fresh %v, tag %q, %v for templates at hand", fresh, same.Tag, err)
	}
	refused := func(what string, err error, status int) {
		t.Helper()
		p, ok := errors.AsType[*docsys.Problem](err)
		if !ok || p.Status != status {
			t.Errorf("%s: got %v, want status %d", what, err, status)
		}
	}
	_, err = admin.SetTemplates(t.Context(), want, tag)
	refused("templates that were replaced meanwhile", err, http.StatusPreconditionFailed)
	_, err = admin.SetTemplates(t.Context(), want, "")
	refused("templates of no version", err, http.StatusPreconditionRequired)
	_, err = clerk.SetTemplates(t.Context(), want, newer)
	refused("the clerk", err, http.StatusForbidden)
	want.Templates[0].Width = 90
	_, err = admin.SetTemplates(t.Context(), want, newer)
	refused("a seal of 90 mm", err, http.StatusUnprocessableEntity)
}
