package present_test

import (
	"slices"
	"testing"

	"kyso/app/present"
	"kyso/signer/cert"
	"kyso/signer/token"
)

func TestTheLastTryIsSpentOnlyAfterASecondConfirmation(t *testing.T) {
	o := newOffice(t)
	o.road.found.Keys[1].Token.PIN = token.PINFinal
	reach(o)
	if s := o.desk.Ceremony.State(); s.LastTry != present.LastTryWarned || s.WarningTone != present.Bad {
		t.Fatalf("before the first PIN: %q, %+v", s.LastTry, s.Warning)
	}
	first := []byte("246810")
	o.desk.Ceremony.Confirm(first)
	o.settle()
	s := o.desk.Ceremony.State()
	if s.LastTry != present.LastTryAsked || s.Phase != present.Asking || s.Warning.Key != "pin.lasttry" || len(o.road.opened) != 0 {
		t.Fatalf("after the first PIN: %q, phase %q, %d logins", s.LastTry, s.Phase, len(o.road.opened))
	}
	if !slices.Equal(first, make([]byte, len(first))) {
		t.Error("the first PIN was kept")
	}
	o.desk.Ceremony.Confirm([]byte("246810"))
	o.settle()
	if !slices.Equal(o.road.opened, []string{"246810"}) || !slices.Equal(o.road.last, []bool{true}) {
		t.Errorf("the PIN was sent %d times, as the last try %v", len(o.road.opened), o.road.last)
	}
}

func TestAnotherCertificateOrAnotherDocumentAsksAgainForTheLastTry(t *testing.T) {
	for name, between := range map[string]func(*office){
		"another certificate and back": func(o *office) {
			o.desk.Ceremony.Select(0)
			o.desk.Ceremony.Select(1)
		},
		"the dialog was left": func(o *office) {
			o.desk.Ceremony.Leave()
			reach(o)
		},
	} {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t)
			o.road.found.Keys[1] = key("Trần Minh Khôi", cert.Fit, token.PINFinal)
			reach(o)
			o.desk.Ceremony.Confirm([]byte("246810"))
			between(o)
			if got := o.desk.Ceremony.State().LastTry; got != present.LastTryWarned {
				t.Errorf("got %q, want %q", got, present.LastTryWarned)
			}
			if len(o.road.opened) != 0 {
				t.Error("a PIN was sent")
			}
		})
	}
}

func TestWithMoreTriesNoSecondConfirmationIsAsked(t *testing.T) {
	o := newOffice(t)
	reach(o)
	o.desk.Ceremony.Confirm([]byte("246810"))
	o.settle()
	if !slices.Equal(o.road.last, []bool{false}) {
		t.Errorf("got %v, want one login that is not the last try", o.road.last)
	}
}
