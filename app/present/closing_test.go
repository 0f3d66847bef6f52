package present_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	"kyso/app/present"
	"kyso/app/settings"
)

// evening is an office whose window is about to be closed.
func evening(t *testing.T, keep, tray bool, list ...present.Delivery) *office {
	t.Helper()
	o := newOffice(t)
	o.services.Preferences = &cabinet{stored: settings.Settings{KeepSending: keep}}
	o.services.Tray = func(context.Context) bool { return tray }
	o.outbox.list = list
	o.desk.Sent.Refresh()
	o.settle()
	return o
}

// stands gives deliveries in states.
func stands(states ...present.DeliveryState) []present.Delivery {
	out := make([]present.Delivery, len(states))
	for i, s := range states {
		out[i] = present.Delivery{ID: fmt.Sprint("q", i), State: s}
	}
	return out
}

func TestClosingTheWindow(t *testing.T) {
	cases := map[string]struct {
		keep, tray, held bool
		states           []present.DeliveryState
		phase            present.ClosingPhase
		count            int    // in the question or in the icon's menu
		hint, stay       string // of the question
	}{
		"with nothing to send it ends":                   {states: []present.DeliveryState{present.Confirmed, present.Stored}, phase: present.WindowEnded},
		"what was refused keeps nobody":                  {keep: true, tray: true, states: []present.DeliveryState{present.Refused}, phase: present.WindowEnded},
		"what the person holds back keeps nobody":        {keep: true, tray: true, states: []present.DeliveryState{present.Paused}, phase: present.WindowEnded},
		"when all sending is stopped it ends":            {keep: true, tray: true, held: true, states: []present.DeliveryState{present.Waiting}, phase: present.WindowEnded},
		"it hides while documents are sent":              {keep: true, tray: true, states: []present.DeliveryState{present.Waiting, present.Sending, present.Received, present.Confirmed}, phase: present.WindowHidden, count: 3},
		"it asks when it shall not hide":                 {tray: true, states: []present.DeliveryState{present.Waiting, present.Confirmed}, phase: present.WindowAsking, count: 1, hint: "close.hint.setting", stay: "close.unsent.stay"},
		"it asks where there is nothing to hide behind":  {keep: true, states: []present.DeliveryState{present.Waiting, present.Sending}, phase: present.WindowAsking, count: 2, hint: "close.hint.notray", stay: "close.unsent.stay"},
		"without a tray the setting is not recommended":  {states: []present.DeliveryState{present.Sending}, phase: present.WindowAsking, count: 1, stay: "close.unsent.stay"},
		"it asks when only a log-in is missing":          {keep: true, tray: true, states: []present.DeliveryState{present.LoginNeeded, present.LoginNeeded}, phase: present.WindowAsking, count: 2, stay: "close.login.stay"},
		"it hides although others wait for a log-in too": {keep: true, tray: true, states: []present.DeliveryState{present.LoginNeeded, present.Sending}, phase: present.WindowHidden, count: 1},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			o := evening(t, c.keep, c.tray, stands(c.states...)...)
			if c.held {
				o.outbox.held = true
				o.desk.Sent.Refresh()
				o.settle()
			}
			o.desk.Closing.Close()
			o.settle()
			s := o.desk.Closing.State()
			told := s.Title
			if c.phase == present.WindowHidden {
				told = s.Status
			}
			if s.Phase != c.phase || s.Hint.Key != c.hint || s.Stay.Key != c.stay {
				t.Fatalf("got %+v", s)
			}
			if c.count > 0 && told.Args["Count"] != c.count {
				t.Errorf("got count %v, want %d", told.Args["Count"], c.count)
			}
		})
	}
}

func TestTheAdministratorDecidesWhetherTheWindowHides(t *testing.T) {
	for value, want := range map[string]present.ClosingPhase{"true": present.WindowHidden, "false": present.WindowAsking} {
		o := evening(t, value != "true", true, stands(present.Waiting)...)
		o.services.Preferences = &cabinet{
			stored: settings.Settings{KeepSending: value != "true"},
			policy: settings.Policy{Locked: map[string]json.RawMessage{"keep_sending": json.RawMessage(value)}},
		}
		o.desk.Closing.Close()
		o.settle()
		if s := o.desk.Closing.State(); s.Phase != want || s.Hint.Key != "" {
			t.Errorf("locked to %s: got %+v", value, s)
		}
	}
}

func TestAHiddenWindowEndsWhenAllIsSent(t *testing.T) {
	o := evening(t, true, true, stands(present.Waiting, present.Sending, present.Refused, present.Confirmed)...)
	o.desk.Closing.Close()
	o.settle()
	var told []string
	o.desk.Closing.Changed = func(s present.ClosingState) {
		told = append(told, fmt.Sprint(s.Phase, " ", s.Status.Key, s.Status.Args["Count"], s.Farewell.Key, s.Farewell.Args["Count"]))
	}
	for _, d := range []present.Delivery{
		{ID: "q1", State: present.Sending, Sent: 1},
		{ID: "q1", State: present.Received},
		{ID: "q1", State: present.Confirmed},
		{ID: "q0", State: present.Sending},
		{ID: "q0", State: present.Stored},
	} {
		o.desk.Sent.Delivered(d)
		o.settle()
	}
	want := []string{"hidden tray.left1<nil>", "ended <nil>alert.allsent2"}
	if fmt.Sprint(told) != fmt.Sprint(want) {
		t.Errorf("got %q, want %q", told, want)
	}
}

func TestAHiddenWindowStaysForWhatNeedsThePerson(t *testing.T) {
	o := evening(t, true, true, stands(present.Waiting, present.Sending)...)
	var alerts []string
	o.desk.Alert = func(x present.Text) { alerts = append(alerts, fmt.Sprint(x.Key, x.Args["Count"])) }
	o.desk.Closing.Close()
	o.settle()
	o.desk.Sent.Delivered(present.Delivery{ID: "q1", State: present.Refused})
	o.desk.Sent.Delivered(present.Delivery{ID: "q0", State: present.LoginNeeded})
	o.settle()
	s := o.desk.Closing.State()
	if s.Phase != present.WindowHidden || s.Status.Key != "tray.stopped" || s.Status.Args["Count"] != 2 {
		t.Errorf("got %+v", s)
	}
	if want := "[alert.refused1 alert.login1]"; fmt.Sprint(alerts) != want {
		t.Errorf("got alerts %q, want %s", alerts, want)
	}
	o.desk.Closing.Return()
	if got := o.desk.Closing.State().Phase; got != present.WindowOpen {
		t.Errorf("got phase %q after the window was called back", got)
	}
}

func TestTheQuestionIsAnswered(t *testing.T) {
	cases := map[string]struct {
		state  present.DeliveryState
		answer func(*present.Closing)
		phase  present.ClosingPhase
		place  present.Place
	}{
		"to stay":            {present.Sending, (*present.Closing).Stay, present.WindowOpen, present.PlaceQueue},
		"to stay and log in": {present.LoginNeeded, (*present.Closing).Stay, present.WindowOpen, present.PlaceSent},
		"to leave":           {present.Sending, (*present.Closing).Leave, present.WindowEnded, present.PlaceQueue},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			o := evening(t, false, true, stands(c.state)...)
			o.desk.Closing.Close()
			o.settle()
			o.desk.Closing.Close() // again, impatiently
			o.settle()
			c.answer(o.desk.Closing)
			o.settle()
			if got := o.desk.Closing.State(); got.Phase != c.phase || got.Farewell.Key != "" || o.desk.State().Place != c.place {
				t.Errorf("got %+v at %q", got, o.desk.State().Place)
			}
		})
	}
}

func TestTheQuestionAnswersItselfWhenAllIsSent(t *testing.T) {
	o := evening(t, false, true, stands(present.Sending)...)
	o.desk.Closing.Close()
	o.settle()
	o.desk.Sent.Delivered(present.Delivery{ID: "q0", State: present.Confirmed})
	s := o.desk.Closing.State()
	if s.Phase != present.WindowEnded || s.Farewell.Key != "alert.allsent" || s.Farewell.Args["Count"] != 1 {
		t.Errorf("got %+v", s)
	}
}

func TestWhatChangesWhileTheTrayIsLookedForCounts(t *testing.T) {
	o := evening(t, true, true, stands(present.Sending)...)
	o.desk.Closing.Close()
	o.desk.Sent.Delivered(present.Delivery{ID: "q0", State: present.Confirmed})
	o.settle()
	if got := o.desk.Closing.State().Phase; got != present.WindowEnded {
		t.Errorf("got phase %q, want the end: all was sent meanwhile", got)
	}
}

func TestOverSigningItAsksAboutSigningFirst(t *testing.T) {
	o := evening(t, true, true, stands(present.Sending)...)
	reach(o)
	o.desk.Ceremony.Confirm([]byte("246810"))
	o.desk.Closing.Close()
	s := o.desk.Closing.State()
	if s.Phase != present.WindowAsking || s.Title.Key != "close.title" {
		t.Fatalf("got %+v", s)
	}
	o.desk.Sent.Delivered(present.Delivery{ID: "q0", State: present.Confirmed})
	if got := o.desk.Closing.State().Phase; got != present.WindowAsking {
		t.Errorf("got phase %q: a delivery answered the question about signing", got)
	}
	o.desk.Closing.Stay()
	o.settle()
	if got := o.desk.Closing.State().Phase; got != present.WindowOpen {
		t.Errorf("got phase %q", got)
	}
}

func TestNewDocumentsDoNotCallWhoClosedTheWindow(t *testing.T) {
	o := evening(t, true, true, stands(present.Sending)...)
	o.desk.Queue.Refresh()
	o.settle()
	var alerts []string
	o.desk.Alert = func(x present.Text) { alerts = append(alerts, x.Key) }
	arrive := func(id string) {
		d := o.system.waiting[0]
		d.ID = id
		o.system.waiting = append(o.system.waiting, d)
		o.desk.Look()
		o.settle()
	}
	arrive("d2")
	o.desk.Closing.Close()
	o.settle()
	arrive("d3")
	if want := "[alert.arrived]"; fmt.Sprint(alerts) != want {
		t.Errorf("got alerts %q, want only the one before the window was closed", alerts)
	}
}

func TestTheSettingIsKeptAndSaysWhereItCannotWork(t *testing.T) {
	c := &cabinet{}
	_, d := study(t, c, present.PageLook)
	i := item(t, d.Settings, "keep_sending")
	if i.Kind != present.ItemToggle || i.Value != "" || i.Help.Key != "settings.keep_sending.notray" {
		t.Errorf("got %+v", i)
	}
	d.Settings.Set("keep_sending", "yes")
	if !c.stored.KeepSending || item(t, d.Settings, "keep_sending").Value != "yes" {
		t.Error("the setting was not kept")
	}
	c.policy.Locked = map[string]json.RawMessage{"keep_sending": json.RawMessage("false")}
	d.Settings.Set("appearance", "dark") // draws the page anew
	d.Settings.Set("keep_sending", "")
	if i := item(t, d.Settings, "keep_sending"); i.Locked.Key != "settings.locked" || i.Value != "" || !c.stored.KeepSending {
		t.Errorf("got %+v, kept %v", i, c.stored.KeepSending)
	}
}

func TestTheProgramIsOpenedAgainForWhatWaitsForIt(t *testing.T) {
	o := evening(t, false, false, stands(present.Waiting)...)
	o.services.Reopens = true
	s := o.desk.Settings
	s.Open(present.PageServer)
	if s.State().Reopen {
		t.Error("offered with nothing changed")
	}
	s.Set("server", "https://van-ban.example")
	if !s.State().Reopen {
		t.Fatalf("not offered after %q", s.State().Notice.Key)
	}
	if s.Open(present.PageProfile); !s.State().Reopen {
		t.Error("forgotten on another page")
	}
	o.desk.Closing.Reopen()
	if c := o.desk.Closing.State(); c.Phase != present.WindowEnded || !c.Again {
		t.Errorf("got phase %q, again %v: what is not sent goes on after the next start", c.Phase, c.Again)
	}
}

func TestSigningIsNotBrokenOffToOpenTheProgramAgain(t *testing.T) {
	o := evening(t, false, false)
	o.desk.OpenFiles([]string{"/a.pdf"})
	o.settle()
	o.desk.Reader.Confirm()
	o.settle()
	o.desk.Ceremony.Confirm([]byte("246810")) // its work has not run
	o.desk.Closing.Reopen()
	if c := o.desk.Closing.State(); c.Phase != present.WindowAsking || c.Again {
		t.Errorf("got phase %q, again %v", c.Phase, c.Again)
	}
	o.settle()
}
