package present

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"kyso/app/explain"
	"kyso/app/settings"
	"kyso/app/signing"
	"kyso/signer/token"
)

// SettingsAsk is a question that stands over the page.
type SettingsAsk struct {
	Title, Text Text
	Tone        Tone
	// Body are words of the world, such as fingerprints.
	Body   string
	List   []Text
	Fields []AskField
	// Code is shown large, to be typed elsewhere at Address; both can be copied. Note
	// stands below.
	Code, Address string
	Note          Text
	// Hints say what is weak about what was typed, WhyNot why it cannot be confirmed.
	Hints   []string
	WhyNot  Text
	Problem *Problem
	// Confirm is the button's name; without one there is nothing to confirm.
	Confirm    Text
	CanConfirm bool
	Busy       bool
	// Waits says that the person is waited for elsewhere; it can be cancelled.
	Waits bool
	// Acts are other ways to go on; Copy is what somebody else should be sent, empty for
	// nothing.
	Acts []AskAct
	Copy string
}

// AskAct is a button beside those of a question.
type AskAct struct {
	ID   string
	Name Text
	Icon string
}

// AskField is a line to type. What is typed is never part of the state.
type AskField struct {
	ID   string
	Name Text
	// Secret hides what is typed; Toggle is yes or no in place of a text.
	Secret, Toggle bool
	// Value is what stands there at first; never a secret.
	Value string
}

// asked is what becomes of an answer. The values are wiped after it.
type asked struct {
	// typed judges what stands in the fields; nil accepts all.
	typed   func(values map[string][]byte) (hints []string, whyNot Text)
	confirm func(values map[string][]byte)
	// cancel ends what is under way; it may be nil.
	cancel func()
}

// put asks.
func (s *Settings) put(a SettingsAsk, q asked) {
	a.CanConfirm = len(a.Fields) == 0 && a.Confirm.Key != ""
	s.state.Ask, s.ask = &a, q
	s.judge(map[string][]byte{})
	s.Changed(s.state)
}

// drop takes the question away.
func (s *Settings) drop() {
	s.state.Ask, s.ask = nil, asked{}
	s.draw()
}

// again asks the same once more, with what went wrong.
func (s *Settings) again(err error) {
	if s.state.Ask == nil {
		return
	}
	a := *s.state.Ask
	a.Busy, a.Problem, a.Hints = false, s.services.problem(err), nil
	s.state.Ask = &a
}

// Typed follows what is typed.
func (s *Settings) Typed(values map[string][]byte) {
	if s.state.Ask != nil {
		s.judge(values)
		s.Asked(*s.state.Ask)
	}
}

// judge says what is weak and what is missing of what is typed.
func (s *Settings) judge(values map[string][]byte) {
	a := *s.state.Ask
	a.Hints, a.WhyNot = nil, Text{}
	if s.ask.typed != nil {
		a.Hints, a.WhyNot = s.ask.typed(values)
	}
	a.CanConfirm = a.WhyNot.Key == "" && !a.Busy && a.Confirm.Key != ""
	s.state.Ask = &a
}

// Answer gives the answer; the values are wiped when they were used.
func (s *Settings) Answer(values map[string][]byte) {
	s.Typed(values)
	if s.state.Ask == nil || !s.state.Ask.CanConfirm {
		wipe(values)
		return
	}
	s.ask.confirm(values)
}

// Cancel takes the question away; a person who is waited for is waited for no more,
// other work that is under way goes on.
func (s *Settings) Cancel() {
	if s.state.Ask == nil || s.state.Ask.Busy {
		return
	}
	if s.ask.cancel != nil {
		s.ask.cancel()
	}
	s.drop()
}

// wipe overwrites what was typed.
func wipe(values map[string][]byte) {
	for _, v := range values {
		clear(v)
	}
}

// busy has the question wait for work; then brings the result. The values are
// wiped after the work.
func (s *Settings) busy(values map[string][]byte, work func(ctx context.Context) (then func())) {
	a := *s.state.Ask
	a.Busy, a.CanConfirm, a.Problem = true, false, nil
	s.state.Ask = &a
	s.Changed(s.state)
	s.loop.Go(func(ctx context.Context) func() {
		then := work(ctx)
		wipe(values)
		return func() {
			then()
			s.draw()
		}
	})
}

// askPIN asks for a change of a token's PIN. lastTry is the person's word, given
// by confirming twice, that the last try may be spent.
func (s *Settings) askPIN(d signing.Device, lastTry bool) {
	a := SettingsAsk{Title: say("settings.pin.title", "Token", d.Token.Label), Text: say("settings.pin.text"), Confirm: say("settings.pin.change"), Fields: []AskField{
		{ID: "old", Name: say("settings.pin.old"), Secret: true}, {ID: "new", Name: say("settings.pin.fresh"), Secret: true}, {ID: "again", Name: say("settings.pin.again"), Secret: true},
	}}
	if d.Token.PINPad {
		a.Text, a.Fields = say("settings.pin.pad"), nil
	}
	switch {
	case lastTry:
		a.Text, a.Tone, a.Confirm = say("settings.pin.last.again"), Bad, say("settings.pin.last.yes")
	case final(d.Token):
		a.Text, a.Tone = say("settings.pin.last"), Bad
	case d.Token.PIN == token.PINLow:
		a.Text, a.Tone = say("settings.pin.low.text"), Caution
	}
	s.put(a, asked{typed: s.judgePIN(d), confirm: func(v map[string][]byte) {
		if final(d.Token) && !lastTry {
			wipe(v)
			s.askPIN(d, true)
			return
		}
		s.changePIN(d, v, lastTry)
	}})
}

// judgePIN tells what is weak about a new PIN, and what is missing.
func (s *Settings) judgePIN(d signing.Device) func(map[string][]byte) ([]string, Text) {
	if d.Token.PINPad {
		return nil
	}
	lang := s.prefs().Language()
	return func(v map[string][]byte) ([]string, Text) {
		if len(v["old"]) == 0 || len(v["new"]) == 0 {
			return nil, say("settings.pin.missing")
		}
		if weak := token.Weaknesses(d.Token, v["old"], v["new"]); len(weak) > 0 {
			hints := make([]string, len(weak))
			for i, w := range weak {
				hints[i] = explain.Weakness(w, lang)
			}
			return hints, say("settings.pin.weak")
		}
		if !bytes.Equal(v["new"], v["again"]) {
			if bytes.HasPrefix(v["new"], v["again"]) {
				return nil, say("settings.pin.twice")
			}
			return nil, say("settings.pin.differ")
		}
		return nil, Text{}
	}
}

// changePIN has the token take the new PIN.
func (s *Settings) changePIN(d signing.Device, v map[string][]byte, lastTry bool) {
	prefs := s.prefs()
	s.busy(v, func(ctx context.Context) func() {
		err := prefs.ChangePIN(ctx, d, token.PINChange{Old: v["old"], New: v["new"], LastTry: lastTry})
		return func() {
			if err != nil {
				s.again(err)
			} else {
				s.state.Ask, s.ask = nil, asked{}
			}
			s.look() // the state of the PIN is another now
			if err == nil {
				s.state.Notice, s.state.Tone = say("settings.pin.done", "Token", d.Token.Label), Good
			}
		}
	})
}

// askKeyFile asks for the password of a key file.
func (s *Settings) askKeyFile(path string) {
	prefs := s.prefs()
	s.put(SettingsAsk{
		Title: say("settings.softkeys.title", "File", filepath.Base(path)), Text: say("settings.softkeys.text"), Confirm: say("settings.softkeys.open"),
		Fields: []AskField{{ID: "password", Name: say("settings.password"), Secret: true}},
	}, asked{typed: needs("password"), confirm: func(v map[string][]byte) {
		s.busy(v, func(ctx context.Context) func() {
			err := prefs.OpenKeyFile(ctx, path, v["password"])
			return func() {
				if err != nil {
					s.again(err)
					return
				}
				s.try("soft_keys/"+path, trial{text: say("settings.softkeys.opened"), tone: Good})
				s.state.Ask, s.ask = nil, asked{}
			}
		})
	}})
}

// needs asks for all of the fields.
func needs(fields ...string) func(map[string][]byte) ([]string, Text) {
	return func(v map[string][]byte) ([]string, Text) {
		for _, f := range fields {
			if len(v[f]) == 0 {
				return nil, say("settings.ask.missing")
			}
		}
		return nil, Text{}
	}
}

// askTrust shows what a file holds before it is trusted.
func (s *Settings) askTrust(path string) {
	all, err := s.prefs().ReadTrust(path)
	if err != nil {
		s.state.Notice, s.state.Problem = Text{}, s.services.problem(err)
		s.draw()
		return
	}
	var body strings.Builder
	for i, e := range all {
		if i > 0 {
			body.WriteString("\n\n")
		}
		fmt.Fprintf(&body, "%s\n%s\nSHA-256  %s", e.Name, validity(e.Subject), fingerprint(e.SHA256))
	}
	s.put(SettingsAsk{
		Title: say("settings.trust.ask", "Count", len(all)), Text: say("settings.trust.ask.text"), Tone: Caution, Body: body.String(),
		Fields: []AskField{{ID: "fingerprint", Name: say("settings.trust.fingerprint")}}, Confirm: say("settings.trust.yes"),
	}, asked{confirm: func(v map[string][]byte) {
		if err := s.prefs().Trust(path, string(v["fingerprint"])); err != nil {
			s.again(err)
			s.Changed(s.state)
			return
		}
		s.state.Notice, s.state.Tone = say("settings.trust.added"), Good
		s.drop()
	}})
}

// askDistrust asks before a certificate is taken out.
func (s *Settings) askDistrust(sum string) {
	name := sum
	for _, r := range s.item("trust").Rows {
		if r.ID == sum {
			name = r.Title
		}
	}
	s.put(SettingsAsk{
		Title: say("settings.trust.remove", "Name", name), Text: say("settings.trust.remove.text"), Tone: Caution,
		Body: "SHA-256  " + fingerprint(sum), Confirm: say("settings.remove"),
	}, asked{confirm: func(map[string][]byte) {
		if err := s.prefs().Distrust(sum); err != nil {
			s.again(err)
			s.Changed(s.state)
			return
		}
		s.state.Notice, s.state.Tone = say("settings.trust.removed"), Good
		s.drop()
	}})
}

// askLogin asks for the account at the document system.
func (s *Settings) askLogin() {
	prefs := s.prefs()
	e := prefs.Effective()
	var other []AskAct
	if s.provider != "" && isReference(e.Connector) {
		other = []AskAct{{ID: askByBrowser, Name: say("settings.server.identity", "Name", s.provider), Icon: "browser"}}
	}
	s.put(SettingsAsk{
		Title: say("settings.server.login"), Text: say("settings.login.text", "Server", e.Connector.Target(e.Server)), Confirm: say("settings.server.login"), Acts: other,
		Fields: []AskField{
			{ID: "login", Name: say("settings.login.name"), Value: e.Connector.Login},
			{ID: "password", Name: say("settings.password"), Secret: true},
			{ID: "keep", Name: say("settings.login.keep"), Toggle: true},
		},
	}, asked{typed: needs("login", "password"), confirm: func(v map[string][]byte) {
		c := Credentials{Login: string(v["login"]), Password: string(v["password"]), Keep: len(v["keep"]) > 0}
		s.busy(v, func(ctx context.Context) func() {
			got, err := prefs.LogIn(ctx, c)
			return func() {
				switch {
				case errors.Is(err, ErrNewPassword):
					s.askPassword(c)
				case err != nil:
					s.again(err)
				default:
					s.arrived(c, got)
				}
			}
		})
	}})
}

// askPassword asks for a new password after a one-time one.
func (s *Settings) askPassword(c Credentials) {
	prefs := s.prefs()
	s.put(SettingsAsk{
		Title: say("settings.password.title"), Text: say("settings.password.text"), Confirm: say("settings.password.yes"),
		Fields: []AskField{{ID: "new", Name: say("settings.password.fresh"), Secret: true}, {ID: "again", Name: say("settings.password.again"), Secret: true}},
	}, asked{typed: twice, confirm: func(v map[string][]byte) {
		fresh := string(v["new"])
		s.busy(v, func(ctx context.Context) func() {
			got, err := prefs.ChangePassword(ctx, c, fresh)
			return func() {
				if err != nil {
					s.again(err)
					return
				}
				s.arrived(c, got)
			}
		})
	}})
}

// twice wants a new password typed twice.
func twice(v map[string][]byte) ([]string, Text) {
	if _, missing := needs("new", "again")(v); missing.Key != "" {
		return nil, missing
	}
	if !bytes.Equal(v["new"], v["again"]) {
		return nil, say("settings.password.differ")
	}
	return nil, Text{}
}

// askProxy asks for the password at the proxy.
func (s *Settings) askProxy() {
	prefs := s.prefs()
	n := prefs.Effective().Network
	s.put(SettingsAsk{
		Title: say("settings.proxy.password"), Text: say("settings.proxy.password.text", "Login", n.ProxyLogin, "Proxy", n.Proxy), Confirm: say("settings.save"),
		Fields: []AskField{{ID: "password", Name: say("settings.password"), Secret: true}},
	}, asked{typed: needs("password"), confirm: func(v map[string][]byte) {
		password := string(v["password"])
		s.busy(v, func(ctx context.Context) func() {
			kept := prefs.KeepProxyPassword(ctx, password)
			return func() {
				s.state.Ask, s.ask = nil, asked{}
				s.state.Notice, s.state.Tone = say("settings.kept.later"), Good
				if !kept {
					s.state.Notice, s.state.Tone = say("settings.proxy.unkept"), Caution
				}
			}
		})
	}})
}

// askPin shows the key that a server shows now, to compare before it is kept.
func (s *Settings) askPin(server string) {
	at, ok := address(server)
	if !ok || at == "" {
		s.refuse(say("settings.badaddress", "Address", server))
		return
	}
	prefs := s.prefs()
	s.work(say("settings.testing"), func(ctx context.Context) func() {
		host, pin, err := prefs.ShownPin(ctx, at)
		return func() {
			if err != nil {
				s.state.Problem = s.services.problem(err)
				return
			}
			s.put(SettingsAsk{
				Title: say("settings.pins.ask", "Host", host), Text: say("settings.pins.ask.text"), Tone: Caution, Body: "SHA-256  " + pin, Confirm: say("settings.pins.yes"),
			}, asked{confirm: func(map[string][]byte) {
				s.state.Ask, s.ask = nil, asked{}
				s.change(say("settings.kept.later"), func(c *settings.Settings) { c.Network.Pins = pinned(c.Network.Pins, host, pin) })
			}})
		}
	})
}

// askImport shows what a file of settings would change.
func (s *Settings) askImport(path string) {
	fresh, err := s.prefs().Import(path)
	if err != nil {
		s.state.Notice, s.state.Problem = Text{}, s.services.problem(err)
		s.draw()
		return
	}
	names := settings.Differences(s.prefs().Stored(), fresh)
	if len(names) == 0 {
		s.state.Notice, s.state.Tone, s.state.Problem = say("settings.import.same"), Quiet, nil
		s.draw()
		return
	}
	p, _, _ := s.prefs().Policy()
	a := SettingsAsk{Title: say("settings.import.ask", "Count", len(names)), Text: say("settings.import.text"), Confirm: say("settings.import.do")}
	was, now := s.prefs().Stored(), fresh
	if rank(levelOf(now)) < rank(levelOf(was)) {
		a.Text, a.Tone = say("settings.import.lower", "From", levelOf(was), "To", levelOf(now)), Caution
	}
	for _, n := range names {
		name := settingName(n)
		if p.Locks(n) {
			name = say("settings.import.locked")
		}
		a.List = append(a.List, name)
	}
	s.put(a, asked{confirm: func(map[string][]byte) {
		s.state.Ask, s.ask = nil, asked{}
		if s.change(say("settings.imported"), func(c *settings.Settings) { *c = fresh }) {
			s.Styled(s.prefs().Effective())
		}
	}})
}

// settingName says what a setting is called on its page.
func settingName(name string) Text {
	switch name {
	case "language":
		return say("settings.language")
	case "keep_sending":
		return say("settings.keep_sending")
	case "appearance":
		return say("settings.look")
	case "text_size":
		return say("settings.size")
	case "server":
		return say("settings.server.address")
	case "undo_seconds":
		return say("settings.undo")
	case "modules":
		return say("settings.drivers")
	case "soft_keys":
		return say("settings.softkeys")
	case "trust":
		return say("settings.trust")
	case "level":
		return say("settings.level")
	case "time_stamp_servers":
		return say("settings.stamps")
	case "pss":
		return say("settings.pss")
	case "pin_idle_minutes":
		return say("settings.idle")
	case "connector":
		return say("settings.connector")
	case "network":
		return say("settings.page.network")
	}
	return say("settings.other", "Name", name)
}
