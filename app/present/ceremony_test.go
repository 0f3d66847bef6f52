package present_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"kyso/app/docsys"
	"kyso/app/placement"
	"kyso/app/present"
	"kyso/app/signing"
	"kyso/app/signrate"
	"kyso/signer/cert"
	"kyso/signer/token"
)

// reach opens the first document and asks for its signature.
func reach(o *office) {
	o.t.Helper()
	o.desk.Start()
	o.settle()
	o.desk.Queue.OpenRow(0)
	o.settle()
	o.desk.Reader.Confirm()
	o.settle()
	if got := o.desk.Ceremony.State().Phase; got != present.Asking {
		o.t.Fatalf("got phase %q, want the PIN to be asked for", got)
	}
}

func TestThreeActsSignAndDeliverADocument(t *testing.T) {
	o := newOffice(t)
	o.outbox.after = func() { o.system.figure.Fulfilled++ }
	reach(o)
	pin := []byte("246810")
	o.desk.Ceremony.Confirm(pin)
	o.settle()
	s := o.desk.Ceremony.State()
	if s.Phase != present.Done || s.Result.Key != "result.confirmed" {
		t.Fatalf("got phase %q result %q problem %v", s.Phase, s.Result.Key, s.Problem)
	}
	if s.RateBefore != "94,12 % (160/170)" || s.RateAfter != "94,71 % (161/170)" || !s.RateMoved {
		t.Errorf("got rate %q → %q", s.RateBefore, s.RateAfter)
	}
	for _, step := range s.Steps {
		if step.State != present.Over {
			t.Errorf("step %s is %s", step.Name.Key, step.State)
		}
	}
	if slices.ContainsFunc(pin, func(b byte) bool { return b != 0 }) {
		t.Error("the PIN was not wiped")
	}
	if got := len(o.desk.Queue.State().Rows); got != 0 {
		t.Errorf("got %d rows that wait, want the signed one gone", got)
	}
	o.system.waiting = nil
	o.desk.Ceremony.Leave()
	o.settle()
	if got := o.desk.State().Place; got != present.PlaceQueue {
		t.Errorf("got place %q, want the queue again", got)
	}
}

func TestTheLikeliestCertificateIsChosen(t *testing.T) {
	expired := key("Trần Minh Khôi", cert.Expired, token.PINReady)
	cases := map[string]struct {
		keys []signing.Key
		last string
		want int
	}{
		"the person's own":                 {[]signing.Key{key("A", cert.Fit, token.PINReady), key("Trần Minh Khôi", cert.Fit, token.PINReady)}, "", 1},
		"the person's own before the last": {[]signing.Key{key("A", cert.Fit, token.PINReady), key("Trần Minh Khôi", cert.Fit, token.PINReady)}, "sha-A", 1},
		"the one used last":                {[]signing.Key{key("A", cert.Fit, token.PINReady), key("B", cert.Fit, token.PINReady)}, "sha-B", 1},
		"never an unfit one":               {[]signing.Key{expired, key("B", cert.Fit, token.PINReady)}, "", 1},
		"none when none is fit":            {[]signing.Key{expired}, "", -1},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t)
			o.road.found.Keys = c.keys
			o.services.LastCertificate = func(string, placement.Role) string { return c.last }
			reach(o)
			s := o.desk.Ceremony.State()
			if s.Selected != c.want {
				t.Errorf("got %d, want %d", s.Selected, c.want)
			}
			if s.CanConfirm != (c.want >= 0) {
				t.Errorf("got CanConfirm %v", s.CanConfirm)
			}
		})
	}
}

func TestAnUnfitCertificateSaysWhyAndCannotBeChosen(t *testing.T) {
	o := newOffice(t)
	o.road.found.Keys = append(o.road.found.Keys, key("X", cert.Expired, token.PINReady))
	reach(o)
	o.desk.Ceremony.Select(2)
	s := o.desk.Ceremony.State()
	if s.Selected == 2 || s.Keys[2].Usable || s.Keys[2].Notes[0].Tone != present.Bad {
		t.Errorf("got selected %d, row %+v", s.Selected, s.Keys[2])
	}
}

func TestAWrongPINIsToldOnceAndNeverSentAgain(t *testing.T) {
	o := newOffice(t)
	reach(o)
	o.desk.Ceremony.Confirm([]byte("000000"))
	o.road.found.Keys[1].Token.PIN = token.PINLow
	o.settle()
	s := o.desk.Ceremony.State()
	if s.Phase != present.Asking || s.Problem == nil || s.Problem.Code != "pin-wrong" {
		t.Fatalf("got phase %q problem %+v", s.Phase, s.Problem)
	}
	if got := len(o.road.opened); got != 1 {
		t.Errorf("got %d logins, want 1", got)
	}
	if s.Warning.Key != "pin.low" || s.WarningTone != present.Caution {
		t.Errorf("got warning %+v, want the counter read anew", s.Warning)
	}
	if len(o.road.jobs) != 0 {
		t.Error("something was signed")
	}
}

func TestThePINIsGuarded(t *testing.T) {
	cases := map[string]struct {
		state   token.PINState
		pin     string
		fits    bool
		why     string
		warning string
	}{
		"ready and long enough": {token.PINReady, "246810", true, "", ""},
		"nothing typed":         {token.PINReady, "", false, "pin.type", ""},
		"too short":             {token.PINReady, "123", false, "pin.length", ""},
		"too long":              {token.PINReady, "12345678901234567", false, "pin.length", ""},
		"the last try warns":    {token.PINFinal, "246810", false, "pin.final.confirm", "pin.final"},
		"a locked token":        {token.PINLocked, "246810", false, "pin.locked", ""},
		"a token without PIN":   {token.PINUnset, "246810", false, "pin.unset", ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t)
			o.road.found.Keys = []signing.Key{key("Trần Minh Khôi", cert.Fit, c.state)}
			reach(o)
			fits, why := o.desk.Ceremony.PINFits(c.pin)
			if fits != c.fits || why.Key != c.why {
				t.Errorf("got %v %q, want %v %q", fits, why.Key, c.fits, c.why)
			}
			if got := o.desk.Ceremony.State().Warning.Key; got != c.warning {
				t.Errorf("got warning %q, want %q", got, c.warning)
			}
		})
	}
}

func TestALockedTokenIsNeverAsked(t *testing.T) {
	o := newOffice(t)
	o.road.found.Keys = []signing.Key{key("Trần Minh Khôi", cert.Fit, token.PINLocked)}
	reach(o)
	pin := []byte("246810")
	o.desk.Ceremony.Confirm(pin)
	o.settle()
	if len(o.road.opened) != 0 || pin[0] != 0 {
		t.Error("a PIN reached a locked token, or was kept")
	}
}

func TestTheWrongTokenIsNoticed(t *testing.T) {
	agency := key("Ủy ban nhân dân phường", cert.Fit, token.PINReady)
	agency.Subject.Agency = true
	cases := map[string]struct {
		key  signing.Key
		want string
	}{
		"somebody else's": {key("Lê Thu Hà", cert.Fit, token.PINReady), "pin.othername"},
		"the agency's":    {agency, "pin.agency"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t)
			o.road.found.Keys = []signing.Key{c.key}
			reach(o)
			if got := o.desk.Ceremony.State().Warning.Key; got != c.want {
				t.Errorf("got warning %q, want %q", got, c.want)
			}
		})
	}
}

func TestWithoutAKeyTheReasonIsTold(t *testing.T) {
	broken := &token.Error{Kind: token.KindCrashed}
	cases := map[string]struct {
		found signing.Found
		code  string
	}{
		"no driver":        {signing.Found{}, "driver-missing"},
		"a driver crashed": {signing.Found{Modules: []signing.ModuleState{{Path: "a", Err: broken}}}, "driver-crashed"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t)
			o.road.found = c.found
			reach(o)
			s := o.desk.Ceremony.State()
			if s.CanConfirm || s.Problem == nil || s.Problem.Code != c.code {
				t.Errorf("got problem %+v", s.Problem)
			}
		})
	}
}

func TestAFailureWhileSigningLeavesTheDocumentInTheQueue(t *testing.T) {
	o := newOffice(t)
	o.road.fail = fmt.Errorf("sign: %w", token.ErrRemoved)
	reach(o)
	o.desk.Ceremony.Confirm([]byte("246810"))
	o.settle()
	s := o.desk.Ceremony.State()
	if s.Phase != present.Failed || s.Problem.Code != "token-removed" {
		t.Fatalf("got phase %q problem %+v", s.Phase, s.Problem)
	}
	if len(o.desk.Queue.State().Rows) != 1 {
		t.Error("the document left the queue")
	}
	o.desk.Ceremony.Again()
	o.settle()
	if got := o.desk.Ceremony.State().Phase; got != present.Asking {
		t.Errorf("got phase %q, want the PIN again", got)
	}
}

func TestWhatTheServerSaysIsShown(t *testing.T) {
	cases := map[string]struct {
		last   present.Delivery
		result string
		step   present.StepState // of the last step
	}{
		"no server":          {present.Delivery{State: present.Waiting, Err: docsys.ErrOffline}, "result.waiting", present.Postponed},
		"the log-in ended":   {present.Delivery{State: present.LoginNeeded, Err: errors.New("401")}, "result.login", present.Postponed},
		"all is paused":      {present.Delivery{State: present.Waiting}, "result.held", present.Postponed},
		"still checking":     {present.Delivery{State: present.Received}, "result.received", present.Postponed},
		"the server refuses": {present.Delivery{State: present.Refused, Err: errors.New("hash")}, "result.refused", present.Stopped},
		"the server agrees":  {present.Delivery{State: present.Confirmed}, "result.confirmed", present.Over},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t)
			o.outbox.last = c.last
			reach(o)
			o.desk.Ceremony.Confirm([]byte("246810"))
			o.settle()
			s := o.desk.Ceremony.State()
			if s.Phase != present.Done || s.Result.Key != c.result {
				t.Errorf("got phase %q result %q, want %q", s.Phase, s.Result.Key, c.result)
			}
			if got := s.Steps[len(s.Steps)-1].State; got != c.step {
				t.Errorf("got the last step %q, want %q", got, c.step)
			}
		})
	}
}

func TestADocumentThatCanBeTakenBackDoesNotHoldTheWindow(t *testing.T) {
	o := newOffice(t)
	o.outbox.first, o.outbox.grace = present.Waiting, now().Add(25*time.Second)
	reach(o)
	var results []string
	o.desk.Ceremony.Changed = func(s present.CeremonyState) {
		if s.Phase == present.Done {
			results = append(results, s.Result.Key)
		}
	}
	o.outbox.after = o.desk.Ceremony.Leave // while it is still followed
	o.desk.Ceremony.Confirm([]byte("246810"))
	o.settle()
	if want := []string{"result.grace"}; !slices.Equal(results, want) {
		t.Errorf("got %q, want %q", results, want)
	}
	if got := o.desk.Ceremony.State().Phase; got != present.Idle {
		t.Errorf("the dialog came back in phase %q", got)
	}
}

func TestNothingLeavesWhileTheRoadIsWalked(t *testing.T) {
	o := newOffice(t)
	reach(o)
	o.desk.Ceremony.Confirm([]byte("246810")) // its work is not done yet
	o.desk.Ceremony.Leave()
	o.desk.OpenFiles([]string{"/other.pdf"})
	if got := o.desk.Ceremony.State().Phase; got != present.Working {
		t.Errorf("got phase %q, want it to go on", got)
	}
	o.settle()
	if len(o.road.jobs) != 1 {
		t.Errorf("got %d signatures, want 1", len(o.road.jobs))
	}
}

func TestASecondConfirmDoesNothing(t *testing.T) {
	o := newOffice(t)
	reach(o)
	o.desk.Ceremony.Confirm([]byte("246810"))
	o.desk.Ceremony.Confirm([]byte("246810"))
	o.settle()
	if len(o.road.opened) != 1 || len(o.road.jobs) != 1 {
		t.Errorf("got %d logins and %d signatures, want one of each", len(o.road.opened), len(o.road.jobs))
	}
}

func TestALocalFileIsSignedAndNotDelivered(t *testing.T) {
	o := newOffice(t)
	o.desk.OpenFiles([]string{"/home/khoi/thu.pdf"})
	o.settle()
	o.desk.Reader.Confirm()
	o.settle()
	o.desk.Ceremony.Confirm([]byte("246810"))
	o.settle()
	s := o.desk.Ceremony.State()
	if s.Result.Key != "result.local" || len(s.Steps) != 3 {
		t.Errorf("got result %q with %d steps", s.Result.Key, len(s.Steps))
	}
	if j := o.road.jobs[0]; j.Document != nil || j.Path != "/home/khoi/thu.pdf" {
		t.Errorf("got job %+v", j)
	}
}

func TestTheRateIsLeftOutWhenItCannotBeKnown(t *testing.T) {
	o := newOffice(t)
	reach(o)
	o.system.err = docsys.ErrOffline
	o.system.figure = signrate.Figure{}
	o.desk.Ceremony.Confirm([]byte("246810"))
	o.settle()
	if s := o.desk.Ceremony.State(); s.RateAfter != "" || s.Result.Key != "result.confirmed" {
		t.Errorf("got rate %q result %q", s.RateAfter, s.Result.Key)
	}
}

func TestACertificateWhoseIssuerWasNotAskedIsToldWithTheResult(t *testing.T) {
	cases := map[string]struct {
		revocation string
		want       string
	}{
		"the issuer said that it is good": {"good", ""},
		"nobody answered":                 {"unknown", "result.unchecked"},
		"nobody was asked":                {"not-checked", "result.unchecked"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t)
			o.road.status.Revocation = c.revocation
			reach(o)
			o.desk.Ceremony.Confirm([]byte("246810"))
			o.settle()
			s := o.desk.Ceremony.State()
			if s.Phase != present.Done || s.Warning.Key != c.want {
				t.Errorf("got phase %q, warning %q, want %q", s.Phase, s.Warning.Key, c.want)
			}
		})
	}
}
