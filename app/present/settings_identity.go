package present

import (
	"context"
	"errors"
	"time"

	"kyso/app/docsys"
)

// Identities log in at the identity provider of the document system.
type Identities interface {
	// Provider is what people call the provider; an error where the system has none, or
	// cannot be asked now.
	Provider(ctx context.Context) (name string, err error)
	// LogInByBrowser opens the browser and waits for the person until ctx ends.
	LogInByBrowser(ctx context.Context) (LoggedIn, error)
	// LogInByCode tells a code to type on another device, on its own goroutine, and
	// waits until it was used.
	LogInByCode(ctx context.Context, told func(DeviceCode)) (LoggedIn, error)
}

// DeviceCode is typed at Address on another device, before Until; zero for no end.
type DeviceCode struct {
	User, Address string
	Until         time.Time
}

// Acts beside those of a question.
const (
	askByBrowser = "browser"
	askByCode    = "code"
)

// waiting is a log-in at the provider that is under way.
type waiting struct {
	round  int
	cancel context.CancelFunc
}

// findProvider asks the system for its provider, for the button that names it.
func (s *Settings) findProvider(then func(known bool)) {
	prefs := s.prefs()
	e := prefs.Effective()
	if e.Server == "" || s.services.Demonstration || !isReference(e.Connector) {
		s.provider = ""
		then(false)
		return
	}
	s.loop.Go(func(ctx context.Context) func() {
		name, err := prefs.Provider(ctx)
		return func() {
			if err != nil {
				name = ""
			}
			s.provider = shortName(name)
			then(name != "")
		}
	})
}

// mostName bounds a provider's name, in letters: it stands on a button.
const mostName = 40

// shortName leaves out the end of a long name.
func shortName(name string) string {
	if r := []rune(name); len(r) > mostName {
		return string(r[:mostName-1]) + "…"
	}
	return name
}

// LogInAgain asks the person to log in, in the way of last time, wherever in the
// window he is.
func (s *Settings) LogInAgain() {
	if s.prefs() == nil || s.services.Demonstration || s.state.Ask != nil {
		return
	}
	s.findProvider(func(known bool) {
		c := s.prefs().Effective().Connector
		if c.Identity != "" || known && c.Login == "" {
			s.askIdentity(askByBrowser)
			return
		}
		s.askLogin()
	})
}

// providerName is the provider's name, a general word where it is not known.
func (s *Settings) providerName() Text {
	if s.provider == "" {
		return say("settings.identity.title.some")
	}
	return say("settings.identity.title", "Name", s.provider)
}

// askIdentity logs in at the provider, by browser or by a code.
func (s *Settings) askIdentity(how string) {
	s.stopWaiting()
	s.wait.round++
	round := s.wait.round
	a := SettingsAsk{Title: s.providerName(), Waits: true}
	switch how {
	case askByCode:
		a.Text = say("settings.identity.code.asking")
		a.Acts = []AskAct{{ID: askByBrowser, Name: say("settings.identity.bybrowser"), Icon: "browser"}}
	default:
		a.Text = say("settings.identity.browser")
		a.Acts = []AskAct{{ID: askByCode, Name: say("settings.identity.bycode"), Icon: "key"}, {ID: askByBrowser, Name: say("settings.identity.reopen"), Icon: "refresh"}}
	}
	s.put(a, asked{confirm: func(map[string][]byte) { s.askIdentity(how) }, cancel: s.stopWaiting})
	prefs := s.prefs()
	s.loop.Go(func(ctx context.Context) func() {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		s.loop.Tell(func() { s.began(round, cancel) })
		var in LoggedIn
		var err error
		if how == askByCode {
			in, err = prefs.LogInByCode(ctx, func(c DeviceCode) { s.loop.Tell(func() { s.told(round, c) }) })
		} else {
			in, err = prefs.LogInByBrowser(ctx)
		}
		return func() { s.came(round, how, in, err) }
	})
}

// began keeps the way to end the wait.
func (s *Settings) began(round int, cancel context.CancelFunc) {
	if round != s.wait.round {
		cancel() // the person was faster
		return
	}
	s.wait.cancel = cancel
}

// stopWaiting ends the wait for the person; what it brings still is not waited for.
func (s *Settings) stopWaiting() {
	if s.wait.cancel != nil {
		s.wait.cancel()
	}
	s.wait.cancel = nil
	s.wait.round++
}

// told shows the code.
func (s *Settings) told(round int, c DeviceCode) {
	if round != s.wait.round || s.state.Ask == nil {
		return
	}
	a := *s.state.Ask
	a.Text, a.Code, a.Address = say("settings.identity.code"), c.User, c.Address
	if !c.Until.IsZero() {
		a.Note = say("settings.identity.until", "At", c.Until.In(docsys.Hanoi()).Format("15:04"))
	}
	s.state.Ask = &a
	s.Changed(s.state)
}

// came takes the outcome of a log-in at the provider.
func (s *Settings) came(round int, how string, in LoggedIn, err error) {
	if round != s.wait.round {
		if err == nil { // it was there before it could be stopped
			s.identified(in)
		}
		s.draw()
		return
	}
	s.wait.cancel = nil
	switch {
	case err == nil:
		s.state.Ask, s.ask = nil, asked{}
		s.identified(in)
	case errors.Is(err, context.Canceled):
		s.state.Ask, s.ask = nil, asked{}
	default:
		s.failed(how, err)
	}
	s.draw()
}

// failed says why it did not succeed, and offers both ways.
func (s *Settings) failed(how string, err error) {
	if s.state.Ask == nil {
		return
	}
	a := SettingsAsk{Title: s.providerName(), Problem: s.services.problem(err), Confirm: say("settings.identity.again"), CanConfirm: true}
	other := AskAct{ID: askByCode, Name: say("settings.identity.bycode"), Icon: "key"}
	if how == askByCode {
		other = AskAct{ID: askByBrowser, Name: say("settings.identity.bybrowser"), Icon: "browser"}
	}
	a.Acts = []AskAct{other}
	switch p := a.Problem; p.Code {
	case "identity-not-linked": // no other way helps; the administrator does
		a.Acts, a.Copy = nil, p.Title+"\n"+p.Cause
	case "provider-no-codes": // one way is left
		a.Acts, a.Confirm = nil, say("settings.identity.bybrowser")
		s.ask.confirm = func(map[string][]byte) { s.askIdentity(askByBrowser) }
	}
	s.state.Ask = &a
}

// identified has the window know who has logged in at the provider.
func (s *Settings) identified(in LoggedIn) {
	s.state.Notice, s.state.Tone, s.state.Problem = say("settings.server.arrived", "Name", in.Person.Name), Good, nil
	if !in.Kept {
		s.state.Notice, s.state.Tone = say("settings.identity.unkept", "Name", in.Person.Name), Caution
	}
	delete(s.trials, "server")
	s.services.Person = in.Person
	s.Arrived(in.Person)
}

// AskAct does what a button beside those of the question says.
func (s *Settings) AskAct(id string) {
	if s.state.Ask == nil || s.state.Ask.Busy {
		return
	}
	s.askIdentity(id)
}
