package present_test

import (
	"context"
	"testing"

	"kyso/app/docsys"
	"kyso/app/placement"
	"kyso/app/present"
	"kyso/app/settings"
	"kyso/app/signing"
	"kyso/signer/cert"
	"kyso/signer/token"
	"kyso/signer/verify"
)

// practice is a rehearsal with a road of its own.
type practice struct {
	road *road
	err  error
}

func (p practice) Begin(docsys.Person) (signing.Road, error) { return p.road, p.err }
func (practice) PIN() string                                 { return "112233" }
func (practice) Sample(context.Context, docsys.Person) (string, error) {
	return "/nhà/Thư mẫu.pdf", nil
}

func newPractice() practice {
	return practice{road: &road{
		pin: "112233", status: verify.Status{Indication: verify.TotalPassed},
		found: signing.Found{Keys: []signing.Key{key("Tập ký", cert.Fit, token.PINReady)}, Modules: []signing.ModuleState{{Path: "BẢN THỬ", Tokens: 1}}},
	}}
}

func TestARehearsalChangesNothing(t *testing.T) {
	o := newOffice(t)
	p := newPractice()
	o.services.Rehearsal = p
	remembered := ""
	o.services.RememberCertificate = func(_ string, _ placement.Role, sha256 string) { remembered = sha256 }
	o.desk.Start()
	o.settle()
	o.desk.Queue.OpenRow(0)
	o.settle()
	o.desk.Reader.Practise()
	o.settle()
	s := o.desk.Ceremony.State()
	if s.Practice != "112233" || len(s.Keys) != 1 || s.Keys[0].Name != "Tập ký" {
		t.Fatalf("got %+v", s)
	}
	o.desk.Ceremony.Confirm([]byte("112233"))
	o.settle()
	s = o.desk.Ceremony.State()
	if s.Phase != present.Done || s.Result.Key != "result.rehearsal" || len(s.Steps) != 3 || s.Warning.Key != "" || s.Receipt.Key != "result.rehearsal.real" {
		t.Fatalf("got %+v", s)
	}
	o.desk.Ceremony.Leave()
	o.settle()
	if rows := o.desk.Queue.State().Rows; len(rows) != 1 || o.desk.State().Place != present.PlaceReader {
		t.Errorf("%d documents wait, at %q: the rehearsal counted", len(rows), o.desk.State().Place)
	}
	if remembered != "" || len(o.road.jobs) != 0 {
		t.Errorf("remembered %q, %d real signatures", remembered, len(o.road.jobs))
	}
	o.desk.Reader.Confirm() // the real act finds the real tokens
	o.settle()
	if s := o.desk.Ceremony.State(); s.Practice != "" || len(s.Keys) != 2 {
		t.Errorf("got %+v", s)
	}
}

func TestARehearsalTrainsForWrongPINs(t *testing.T) {
	cases := map[string]struct {
		pin             token.PINState
		warning, whyNot string
	}{
		"before the first try": {token.PINReady, "pin.practice.try", ""},
		"after a wrong one":    {token.PINLow, "pin.low", ""},
		"at the last one":      {token.PINFinal, "pin.final", "pin.final.confirm"},
		"when it is locked":    {token.PINLocked, "", "pin.locked.practice"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t)
			p := newPractice()
			p.road.found.Keys[0].Token.PIN = c.pin
			o.services.Rehearsal = p
			o.desk.OpenFiles([]string{"/home/a.pdf"})
			o.settle()
			o.desk.Reader.Practise()
			o.settle()
			s := o.desk.Ceremony.State()
			if s.Warning.Key != c.warning || s.WhyNot.Key != c.whyNot || s.CanConfirm != (c.whyNot == "") {
				t.Errorf("got warning %q, why not %q, can confirm %v", s.Warning.Key, s.WhyNot.Key, s.CanConfirm)
			}
			o.desk.Ceremony.Leave()
			o.desk.Reader.Confirm()
			o.settle()
			if s := o.desk.Ceremony.State(); s.Keys[1].Name != "Trần Minh Khôi" || !s.CanConfirm {
				t.Errorf("the real device suffered: %+v", s)
			}
		})
	}
}

func TestTheTourIsOfferedOnce(t *testing.T) {
	o := newOffice(t)
	o.services.Rehearsal = newPractice()
	p := &cabinet{}
	o.services.Preferences = p
	desk := present.NewDesktop(o.services, o.bench)
	if !desk.State().OfferTour {
		t.Error("a newcomer is not offered the tour")
	}
	desk.Tour.Begin()
	o.settle()
	desk.Tour.Quit()
	if desk.State().OfferTour || !p.stored.Toured || desk.State().Place != present.PlaceQueue {
		t.Errorf("offered again: %+v", desk.State())
	}
	if again := present.NewDesktop(o.services, o.bench); again.State().OfferTour {
		t.Error("offered at the next start")
	}
	o.services.Demonstration, p.stored = true, settings.Settings{}
	if shown := present.NewDesktop(o.services, o.bench); shown.State().OfferTour {
		t.Error("the demonstration begins with the tour")
	}
}
