package present_test

import (
	"testing"

	"kyso/app/present"
	"kyso/app/signing"
	"kyso/signer/cert"
	"kyso/signer/token"
)

func TestATokenThatIsPluggedInAppearsByItself(t *testing.T) {
	o := newOffice(t)
	all := o.road.found
	o.road.found = signing.Found{Modules: all.Modules[:1]}
	o.road.found.Modules[0].Tokens = 0
	reach(o)
	if s := o.desk.Ceremony.State(); s.CanConfirm || s.Problem == nil || s.Problem.Code != "no-token" {
		t.Fatalf("without a token: %+v", s)
	}
	o.road.found.Keys = append(o.road.found.Keys, key("Trần Minh Khôi", cert.Fit, token.PINReady))
	o.desk.Ceremony.TokensChanged()
	o.settle()
	s := o.desk.Ceremony.State()
	if !s.CanConfirm || s.Selected != 0 || s.Problem != nil {
		t.Errorf("with a token: selected %d, problem %+v", s.Selected, s.Problem)
	}
}

func TestAChangeOfTokensDoesNotDisturbTheRoad(t *testing.T) {
	o := newOffice(t)
	reach(o)
	o.desk.Ceremony.Confirm([]byte("246810"))
	if got := o.desk.Ceremony.State().Phase; got != present.Working {
		t.Fatalf("got phase %q", got)
	}
	before := len(o.work)
	o.desk.Ceremony.TokensChanged()
	if len(o.work) != before {
		t.Error("tokens were looked for while the road was walked")
	}
}
