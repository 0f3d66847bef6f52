package refserver_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"kyso/app/docsys/api"
	site "kyso/app/docsys/refserver/refservertest"
)

// listed is a unit as it was on a day.
func (e *edge) listed(code, day string) api.Unit {
	e.t.Helper()
	var list api.UnitList
	e.get(e.t, site.Chairman, "/units?asOf="+day, &list)
	i := slices.IndexFunc(list.Units, func(u api.Unit) bool { return u.Code == code })
	if i < 0 {
		return api.Unit{}
	}
	return list.Units[i]
}

// refusedWith is the type of the refusal of a call, without its path; "" when it went through.
func (e *edge) refusedWith(login, method, path, body string) string {
	e.t.Helper()
	resp, raw := e.send(e.t, login, method, path, body)
	if resp.StatusCode < http.StatusBadRequest {
		return ""
	}
	_, rest, _ := strings.Cut(string(raw), `"/problems/`)
	kind, _, _ := strings.Cut(rest, `"`)
	return kind
}

func TestHowAUnitMayEnd(t *testing.T) {
	e := newEdge(t, false)
	e.must("admin-2", http.MethodPost, "/units", `{"code":"X.1","name":"Phường mới","kind":"phuong","valid_from":"2026-12-01","parent":"`+upperUnit+`"}`)
	e.must("admin-2", http.MethodPost, "/units/H26.13.27/end", `{"on":"2026-11-01","basis":"NQ 1","successors":[{"unit":"`+ownUnit+`","share":10000}]}`)
	for name, c := range map[string]struct{ unit, body, want string }{
		"shares that are less than the whole": {otherUnit, `{"on":"2026-11-01","basis":"x","successors":[{"unit":"H26.13.24","share":9999}]}`, "bad-succession"},
		"shares that are more":                {otherUnit, `{"on":"2026-11-01","basis":"x","successors":[{"unit":"H26.13.24","share":6000},{"unit":"H26.13.23","share":4001}]}`, "bad-succession"},
		"a share of nothing":                  {otherUnit, `{"on":"2026-11-01","basis":"x","successors":[{"unit":"H26.13.24","share":0}]}`, "bad-succession"},
		"shares whose sum runs over":          {otherUnit, `{"on":"2026-11-01","basis":"x","successors":[{"unit":"H26.13.24","share":9223372036854775807},{"unit":"H26.13.23","share":9223372036854775807}]}`, "bad-succession"},
		"the unit itself":                     {otherUnit, `{"on":"2026-11-01","basis":"x","successors":[{"unit":"` + otherUnit + `","share":10000}]}`, "bad-succession"},
		"one twice":                           {otherUnit, `{"on":"2026-11-01","basis":"x","successors":[{"unit":"H26.13.24","share":5000},{"unit":"H26.13.24","share":5000}]}`, "bad-succession"},
		"a unit that does not exist yet":      {otherUnit, `{"on":"2026-11-01","basis":"x","successors":[{"unit":"X.1","share":10000}]}`, "bad-succession"},
		"a unit that has ended":               {otherUnit, `{"on":"2026-11-15","basis":"x","successors":[{"unit":"H26.13.27","share":10000}]}`, "bad-succession"},
		"in a circle":                         {ownUnit, `{"on":"2026-10-01","basis":"x","successors":[{"unit":"H26.13.27","share":10000}]}`, "bad-succession"},
		"an unknown unit":                     {otherUnit, `{"on":"2026-11-01","basis":"x","successors":[{"unit":"X.9","share":10000}]}`, "not-found"},
		"an unknown unit that ends":           {"X.9", `{"on":"2026-11-01","basis":"x"}`, "not-found"},
		"before it began":                     {"X.1", `{"on":"2026-12-01","basis":"x"}`, "bad-day"},
		"with units below it":                 {upperUnit, `{"on":"2026-12-31","basis":"x"}`, "unit-has-units"},
		"no basis":                            {otherUnit, `{"on":"2026-11-01","basis":""}`, "bad-text"},
	} {
		if got := e.refusedWith("admin-2", http.MethodPost, "/units/"+c.unit+"/end", c.body); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	if u := e.listed(otherUnit, "2026-11-20"); u.ValidTo != nil || u.Successors != nil {
		t.Errorf("a refusal left %+v", u)
	}
	if u := e.listed("H26.13.27", "2026-10-31"); u.ValidTo == nil || u.Successors == nil || (*u.Successors)[0].Unit != ownUnit || (*u.Successors)[0].Share != 10000 {
		t.Errorf("ended %+v", u)
	}
	if u := e.listed(ownUnit, "2026-11-20"); u.Predecessors == nil || (*u.Predecessors)[0].Unit != "H26.13.27" || (*u.Predecessors)[0].On.String() != "2026-11-01" {
		t.Errorf("successor %+v", u)
	}
	if u := e.listed("H26.13.27", "2026-11-01"); u.Code != "" {
		t.Errorf("it is still there: %+v", u)
	}
}

func TestCodesOfOtherSchemes(t *testing.T) {
	e := newEdge(t, false)
	const old = "000.25.13.H26"
	for range 2 { // once more changes nothing
		e.must("admin-2", http.MethodPut, "/units/"+ownUnit+"/aliases/qcvn102/"+old, "")
	}
	if u := e.listed(ownUnit, "2026-11-20"); u.Aliases == nil || len(*u.Aliases) != 1 || (*u.Aliases)[0] != (api.UnitAlias{Scheme: api.Qcvn102, Code: old}) {
		t.Errorf("got %+v", u.Aliases)
	}
	for name, c := range map[string]struct{ path, want string }{
		"a code of another unit": {"/units/" + otherUnit + "/aliases/qcvn102/" + old, "alias-taken"},
		"an unknown scheme":      {"/units/" + ownUnit + "/aliases/khac/x", "bad-alias"},
		"an unknown unit":        {"/units/X.9/aliases/qd20/x", "not-found"},
		"a code that is long":    {"/units/" + ownUnit + "/aliases/local/" + strings.Repeat("x", 61), "bad-text"},
	} {
		if got := e.refusedWith("admin-2", http.MethodPut, c.path, ""); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	if got := e.refusedWith("admin-2", http.MethodDelete, "/units/"+ownUnit+"/aliases/khac/"+old, ""); got != "bad-alias" {
		t.Errorf("removing a code of an unknown scheme: %q, want bad-alias", got)
	}
	for _, odd := range []string{"%00", "%FF", "%2F", "%0A"} {
		for _, method := range []string{http.MethodPut, http.MethodDelete} {
			for _, path := range []string{"/units/" + odd + "/aliases/local/x", "/units/" + otherUnit + "/aliases/" + odd + "/x", "/units/" + otherUnit + "/aliases/local/" + odd} {
				if resp, body := e.send(t, "admin-2", method, path, ""); resp.StatusCode >= http.StatusInternalServerError {
					t.Errorf("%s %s: %d %s", method, path, resp.StatusCode, body)
				}
			}
		}
	}
	if u := e.listed(otherUnit, "2026-11-20"); u.Aliases != nil {
		t.Errorf("a code that no address can name was taken: %+v", u.Aliases)
	}
	// Tables may name units by them.
	e.must("admin-2", http.MethodPost, "/imports/documents?dry_run=false", "Mã đơn vị,Số,Loại văn bản,Trích yếu,Ngày ban hành\n"+old+",31,Công văn,V/v mã cũ,2026-11-20\n")
	e.counts(ownUnit, november, 1, 0, 0, 0)
	e.must("admin-2", http.MethodPut, "/units/"+otherUnit+"/aliases/local/"+old, "")
	var report importReport
	_, body := e.send(t, "admin-2", http.MethodPost, "/imports/documents?dry_run=true", "unit,number,type,subject,issued_on\n"+old+",32,Công văn,V/v,2026-11-20\n")
	if report.read(t, body); report.Bad != 1 {
		t.Errorf("a code of two units is taken: %s", body)
	}
	for range 2 {
		e.must("admin-2", http.MethodDelete, "/units/"+otherUnit+"/aliases/local/"+old, "")
	}
	if u := e.listed(otherUnit, "2026-11-20"); u.Aliases != nil {
		t.Errorf("still %+v", u.Aliases)
	}
}

func TestTablesOfCodesAndSuccessors(t *testing.T) {
	e := newEdge(t, false)
	post := func(kind, table string) (importReport, []byte) {
		t.Helper()
		var r importReport
		_, body := e.send(t, "admin-2", http.MethodPost, "/imports/"+kind+"?dry_run=false", table)
		r.read(t, body)
		return r, body
	}
	if r, body := post("aliases", "Mã đơn vị,Hệ mã,Mã\n"+ownUnit+",qcvn102,000.25.13.H26\n"+otherUnit+",qcvn102,000.26.13.H26\nH26.13.27,local,KT\n"); !r.Stored {
		t.Fatalf("%s", body)
	}
	for name, c := range map[string]struct {
		table string
		bad   []int
	}{
		"shares that are not the whole": {ownUnit + ",H26.13.24,60,2026-11-01,NQ 1\n" + ownUnit + ",H26.13.23,30,2026-11-01,NQ 1\n", []int{3}},
		"two days":                      {ownUnit + ",H26.13.24,60,2026-11-01,NQ 1\n" + ownUnit + ",H26.13.23,40,2026-11-02,NQ 1\n", []int{3}},
		"a share in words":              {ownUnit + ",H26.13.24,tất cả,2026-11-01,NQ 1\n", []int{2}},
		"three decimals":                {ownUnit + ",H26.13.24,\"33,333\",2026-11-01,NQ 1\n", []int{2}},
		"a share of nobody":             {ownUnit + ",,50,2026-11-01,NQ 1\n", []int{2}},
		"a successor without a share":   {ownUnit + ",H26.13.24,,2026-11-01,NQ 1\n", []int{2}},
		"no day":                        {ownUnit + ",H26.13.24,100,1/11/2026,NQ 1\n", []int{2}},
	} {
		if r, body := post("successions", "unit,to,share,on,basis\n"+c.table); r.Stored || !slices.Equal(r.lines(), c.bad) {
			t.Errorf("%s: %s", name, body)
		}
	}
	// A ward of parts of several, rows of one unit apart from each other and by either code.
	r, body := post("successions", "Đơn vị,Đơn vị kế thừa,Tỷ lệ,Ngày,Căn cứ\n000.25.13.H26,H26.13.24,\"33,34\",2026-11-01,NQ 1656\n"+
		otherUnit+",H26.13.24,100 %,2026-11-01,NQ 1656\n"+ownUnit+",H26.13.23,66.66%,2026-11-01,NQ 1656\nKT,,,2026-11-01,NQ 1656\n")
	if !r.Stored || r.Rows != 4 {
		t.Fatalf("%s", body)
	}
	var got []string
	for _, p := range *e.listed("H26.13.24", "2026-11-20").Predecessors {
		got = append(got, p.Unit)
	}
	if s := *e.listed(ownUnit, "2026-10-20").Successors; len(s) != 2 || s[0].Share+s[1].Share != 10000 || s[1].Share != 3334 || !slices.Equal(got, []string{ownUnit, otherUnit}) {
		t.Errorf("successors %+v, predecessors %v", s, got)
	}
	if u := e.listed("H26.13.27", "2026-10-20"); u.ValidTo == nil || u.Successors != nil {
		t.Errorf("a unit without a successor: %+v", u)
	}
	e.sound(t)
}
