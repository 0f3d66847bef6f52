package present_test

import (
	"context"
	"image"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kyso/app/docsys"
	"kyso/app/placement"
	"kyso/app/signing"
	"kyso/signer/cert"
)

// agencyRules has templates that come with the next question.
type agencyRules struct {
	now, next docsys.MarkTemplates
	err       error
}

func (a *agencyRules) Templates() docsys.MarkTemplates { return a.now }
func (a *agencyRules) FetchTemplates(context.Context) (bool, error) {
	if a.err != nil {
		return false, a.err
	}
	fresh := a.next.Version != a.now.Version
	a.now = a.next
	return fresh, nil
}

const mm = 72 / 25.4

func TestAMarkHasTheSizeThatTheAgencyFixed(t *testing.T) {
	rules := &agencyRules{now: docsys.MarkTemplates{Version: 1, Templates: []docsys.MarkTemplate{
		{Role: docsys.TemplateSigner, Locked: true, Picture: true, Width: 30, Height: 20},
		{Role: docsys.TemplateKT, Picture: true, Width: 40, Height: 20},
	}}}
	for form, want := range map[string]float64{"self": 30 * mm, "KT": 40 * mm} {
		o := newOffice(t)
		o.services.Templates = rules
		o.services.Person.Authorities = []docsys.HeldAuthority{{Unit: "KL", May: "approve", Form: form}}
		o.desk.OpenFiles([]string{"/a.pdf"})
		o.settle()
		m := o.desk.Reader.State().Mark()
		if math.Abs(m.Rect.W-want) > 0.01 {
			t.Errorf("%s: the mark is %.1f points wide, want %.1f", form, m.Rect.W, want)
		}
		larger := m.Rect
		larger.X, larger.W, larger.H = larger.X-20, 2*larger.W, 2*larger.H
		o.desk.Reader.MoveMark(m.Page, larger)
		got := o.desk.Reader.State().Mark().Rect
		if locked := got.W == m.Rect.W; locked != (form == "self") || got.X == m.Rect.X {
			t.Errorf("%s: moved and made larger it is %+v", form, got)
		}
	}
}

func TestInitialsThatTheAgencyWantsAsTextHaveNoPicture(t *testing.T) {
	o := newOffice(t)
	o.services.Templates = &agencyRules{now: docsys.MarkTemplates{Version: 1, Basis: "Quy chế 12", Templates: []docsys.MarkTemplate{
		{Role: docsys.TemplateInitials, Locked: true, Width: 20, Height: 6.5, Lines: []string{"holder"}},
	}}}
	o.desk.OpenFiles([]string{"/a.pdf"})
	o.settle()
	o.desk.Reader.SetRole(placement.Initials)
	if m := o.desk.Reader.State().Mark(); m.Picture != nil {
		t.Error("the initials have a picture")
	}
	var jobs []signing.Job
	sign := o.desk.Reader.Sign
	o.desk.Reader.Sign = func(j signing.Job) { jobs = append(jobs, j); sign(j) }
	o.desk.Reader.Confirm()
	if len(jobs) != 1 || jobs[0].Template == nil {
		t.Fatalf("got %+v", jobs)
	}
	if got := jobs[0].Dressed(cert.Subject{Name: "Trần Minh Khôi", Title: "Chủ tịch"}).Lines; len(got) != 1 || got[0] != "Trần Minh Khôi" {
		t.Errorf("the mark says %q", got)
	}
	o.desk.Studio.SetRole(placement.Initials)
	s := o.desk.Studio.State()
	if !s.TextOnly || !s.Locked || s.Picture != nil || s.Rule.Key != "studio.rule.text" || s.Rule.Args["Height"] != "6,5" || s.Basis != "Quy chế 12" {
		t.Errorf("got %+v", s)
	}
}

func TestABatchHasTheAgencysTemplates(t *testing.T) {
	rules := docsys.MarkTemplates{Version: 1, Templates: []docsys.MarkTemplate{
		{Role: docsys.TemplateSigner, Locked: true, Picture: true, Width: 30, Height: 20, Lines: []string{"title"}},
		{Role: docsys.TemplateInitials, Locked: true, Width: 20, Height: 6.5, Lines: []string{"holder", "unit"}},
	}}
	o := newOffice(t)
	o.services.Templates = &agencyRules{now: rules}
	o.services.Picture = func(placement.Role) image.Image { return nil }
	o.services.Person.Name, o.services.Person.Title, o.services.Person.UnitName = "Trần Minh Khôi", "Chủ tịch", "UBND phường Kim Liên"
	o.system.waiting = []docsys.Document{
		{ID: "a", SignerName: "Trần Minh Khôi", Version: "v", Missing: []string{"approval"}},
		{ID: "b", SignerName: "Nguyễn Thị Hạnh", Version: "v", Missing: []string{"initials"}},
	}
	var jobs []signing.Job
	o.desk.Start()
	o.settle()
	o.desk.Queue.SignTogether()
	o.settle()
	s := o.desk.Contact.State()
	o.desk.Contact.Sign = func(all []signing.Job) { jobs = all }
	want := map[placement.Role][]string{placement.Approval: {"Chủ tịch"}, placement.Initials: {"Trần Minh Khôi", "UBND phường Kim Liên"}}
	for _, c := range s.Cards {
		if diff := cmp.Diff(want[c.Role], c.Mark.Lines); diff != "" {
			t.Errorf("%s is shown otherwise: %s", c.Role, diff)
		}
	}
	o.desk.Contact.Move(0, placement.Rect{X: 100, Y: 100, W: 300, H: 300})
	o.desk.Contact.Confirm()
	if len(jobs) != 2 {
		t.Fatalf("got %d jobs, want 2", len(jobs))
	}
	for _, j := range jobs {
		if w, h := rules.Templates[0].Width*mm, 20*mm; j.Role == placement.Approval && (math.Abs(j.Rect.W-w) > 0.01 || math.Abs(j.Rect.H-h) > 0.01) {
			t.Errorf("the fixed signature is %.1f × %.1f points", j.Rect.W, j.Rect.H)
		}
		if diff := cmp.Diff(want[j.Role], j.Dressed(cert.Subject{Name: "Trần Minh Khôi", Title: "Chủ tịch", Unit: "UBND phường Kim Liên"}).Lines); diff != "" {
			t.Errorf("%s is signed otherwise: %s", j.Role, diff)
		}
	}
}

func TestTheSealOnTheContactSheetStandsOverTheSignature(t *testing.T) {
	for name, sealed := range map[string]error{"a signature": nil, "none": signing.ErrNoApproval} {
		o := newOffice(t)
		o.services.Templates = &agencyRules{now: docsys.MarkTemplates{Version: 1, Templates: []docsys.MarkTemplate{
			{Role: docsys.TemplateSeal, Locked: true, Picture: true, Width: 40, Height: 40},
		}}}
		o.services.Person.Role = "clerk"
		var asked []float64
		o.services.SealPlace = func(_ context.Context, _ string, _ []byte, diameter float64) (placement.Proposal, error) {
			asked = append(asked, diameter)
			return placement.Proposal{Page: 1, Rect: placement.Rect{X: 300, Y: 200, W: 113, H: 113}, Sure: true, Why: placement.WhySignature}, sealed
		}
		o.system.waiting = []docsys.Document{{ID: "a", SignerName: "Nguyễn Thị Hạnh", Version: "v", Missing: []string{"seal"}}, {ID: "b", SignerName: "Nguyễn Thị Hạnh", Version: "v", Missing: []string{"seal"}}}
		o.desk.Start()
		o.settle()
		o.desk.Queue.SignTogether()
		o.settle()
		s := o.desk.Contact.State()
		if len(asked) != 2 || asked[0] != 40 {
			t.Errorf("%s: asked for seals of %v mm, want 40", name, asked)
		}
		if c := s.Cards[0]; (c.Problem == nil) != (sealed == nil) || sealed == nil && c.Mark.Rect.X != 300 {
			t.Errorf("%s: got %+v, problem %v", name, c.Mark.Rect, c.Problem)
		}
	}
}

func TestTheStudioFollowsTheServersTemplates(t *testing.T) {
	rules := &agencyRules{next: docsys.MarkTemplates{Version: 1, Templates: []docsys.MarkTemplate{
		{Role: docsys.TemplateSigner, Picture: true, Width: 30, Height: 20},
	}}}
	o := newOffice(t)
	o.services.Templates = rules
	o.services.Marks = keptPicture{}
	o.desk.Studio.Visit()
	if got := o.desk.Studio.State().Width; math.Abs(got-50) > 0.01 {
		t.Errorf("without templates: %v mm wide", got)
	}
	o.settle()
	if s := o.desk.Studio.State(); math.Abs(s.Width-30) > 0.01 || s.Locked || s.Rule.Key != "studio.rule.picture" {
		t.Errorf("with the server's: %v mm wide, rule %q", s.Width, s.Rule.Key)
	}
	rules.err = docsys.ErrOffline
	o.desk.Studio.Visit()
	o.settle()
	if s := o.desk.Studio.State(); math.Abs(s.Width-30) > 0.01 || s.Problem != nil {
		t.Errorf("off line: %v mm wide, problem %+v", s.Width, s.Problem)
	}
}

// keptPicture has one picture for all roles.
type keptPicture struct{}

func (keptPicture) Mark(placement.Role) image.Image {
	return image.NewNRGBA(image.Rect(0, 0, 500, 100))
}
func (keptPicture) KeepMark(placement.Role, image.Image) error { return nil }
func (keptPicture) DropMark(placement.Role) error              { return nil }
