package present_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kyso/app/placement"
	"kyso/app/signing"
	"kyso/signer/cert"
)

// asClerk makes the person the one who keeps the agency's seal, and opens a file.
func asClerk(t *testing.T, sealed error) *office {
	t.Helper()
	o := newOffice(t)
	o.services.Person.Role, o.services.Person.UnitName = "clerk", "UBND phường Kim Liên"
	o.services.SealPlace = func(context.Context, string, []byte, float64) (placement.Proposal, error) {
		return placement.Proposal{Page: 1, Rect: placement.Rect{X: 300, Y: 200, W: 102, H: 102}, Why: placement.WhySignature}, sealed
	}
	o.services.BlockPlace = func(b signing.Block, _ string, _ []byte, s cert.Subject) (placement.Proposal, []string, error) {
		return placement.Proposal{Page: 1, Rect: placement.Rect{X: 417, Y: 804, W: 170, H: 30}, Why: placement.WhyCorner}, b.Lines(s), nil
	}
	o.desk.OpenFiles([]string{"/a.pdf"})
	o.settle()
	return o
}

func TestMarksOfTheAgencyAreForTheClerk(t *testing.T) {
	agency := []placement.Role{placement.Seal, placement.Appendix, placement.Copy}
	for role, want := range map[string]bool{"clerk": true, "": true, "head": false, "signer": false, "secretary": false} {
		o := newOffice(t)
		o.services.Person.Role = role
		o.desk.OpenFiles([]string{"/a.pdf"})
		o.settle()
		for _, r := range agency {
			if got := slices.Contains(o.desk.Reader.State().Roles, r); got != want {
				t.Errorf("%q may place %s: %v, want %v", role, r, got, want)
			}
		}
	}
}

func TestTheSealGoesWhereTheSignatureIs(t *testing.T) {
	o := asClerk(t, nil)
	o.desk.Reader.SetRole(placement.Seal)
	if o.desk.Reader.State().CanSign {
		t.Error("can be sealed before the signature is found")
	}
	o.settle()
	s := o.desk.Reader.State()
	if m := s.Mark(); !s.CanSign || m.Rect.X != 300 || m.Picture == nil || s.Note.Key != "place.found-signature" {
		t.Errorf("got %+v, note %q, why not %q", m, s.Note.Key, s.WhyNot.Key)
	}
}

func TestNothingIsSealedBeforeItIsSigned(t *testing.T) {
	o := asClerk(t, signing.ErrNoApproval)
	o.desk.Reader.SetRole(placement.Seal)
	o.settle()
	if s := o.desk.Reader.State(); s.CanSign || s.WhyNot.Key != "seal.nosignature" {
		t.Errorf("got can sign %v, why not %q", s.CanSign, s.WhyNot.Key)
	}
	o.desk.Reader.SetRole(placement.Approval) // the way back is open
	o.settle()
	if s := o.desk.Reader.State(); !s.CanSign {
		t.Errorf("got why not %q", s.WhyNot.Key)
	}
}

func TestACopySaysItsFormAndTheAgency(t *testing.T) {
	o := asClerk(t, nil)
	o.desk.Reader.SetRole(placement.Copy)
	o.settle()
	s := o.desk.Reader.State()
	if diff := cmp.Diff([]string{"SAO Y", "SAO LỤC", "TRÍCH SAO"}, s.Block.Forms); diff != "" {
		t.Error(diff)
	}
	want := []string{"SAO Y; UBND phường Kim Liên", now().In(time.FixedZone("", 7*3600)).Format("2006-01-02T15:04:05-07:00")}
	if diff := cmp.Diff(want, s.Mark().Lines); diff != "" || s.Mark().Picture != nil {
		t.Errorf("picture %v: %s", s.Mark().Picture != nil, diff)
	}
	o.desk.Reader.SetBlock("TRÍCH SAO", "", "UBND phường Láng")
	o.settle()
	if got := o.desk.Reader.State().Mark().Lines[0]; got != "TRÍCH SAO; UBND phường Láng" {
		t.Errorf("got %q", got)
	}
	var jobs []signing.Job
	o.desk.Reader.Sign = func(j signing.Job) { jobs = append(jobs, j) }
	o.desk.Reader.Confirm()
	if len(jobs) != 1 || jobs[0].Block == nil || jobs[0].Block.Text != "TRÍCH SAO" || jobs[0].Role != placement.Copy {
		t.Errorf("got %+v", jobs)
	}
}

func TestAnAnnexIsNotSignedWithoutItsNumber(t *testing.T) {
	o := asClerk(t, nil)
	o.desk.Reader.SetRole(placement.Appendix)
	o.settle()
	if s := o.desk.Reader.State(); s.CanSign || s.WhyNot.Key != "block.nonumber" {
		t.Errorf("got can sign %v, why not %q", s.CanSign, s.WhyNot.Key)
	}
	for _, number := range []string{"2", "24", "248/UBND-VP"} { // as it is typed
		o.desk.Reader.SetBlock("", number, "")
	}
	o.settle()
	s := o.desk.Reader.State()
	if !s.CanSign || s.Mark().Lines[0] != "248/UBND-VP" {
		t.Errorf("got why not %q, lines %q", s.WhyNot.Key, s.Mark().Lines)
	}
	o.desk.Reader.SetBlock("", " ", "")
	if s := o.desk.Reader.State(); s.CanSign {
		t.Error("an annex without a number can be signed")
	}
}
