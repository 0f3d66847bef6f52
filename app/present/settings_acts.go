package present

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"kyso/app/docsys"
	"kyso/app/settings"
	"kyso/signer/token"
)

// item gives the item of the page with that ID, nil when there is none; headings
// are not asked for.
func (s *Settings) item(id string) *SettingsItem {
	i := slices.IndexFunc(s.state.Items, func(i SettingsItem) bool { return i.ID == id && i.Kind != ItemHeading })
	if i < 0 {
		return nil
	}
	return &s.state.Items[i]
}

// Set changes a setting. What is locked stays as it is.
func (s *Settings) Set(id, value string) {
	i := s.item(id)
	if i == nil || i.Locked.Key != "" || i.Value == value || s.prefs() == nil {
		return
	}
	kept := say("settings.kept")
	number, _ := strconv.Atoi(value) // of options that are numbers
	switch id {
	case "pin_idle_minutes":
		s.change(kept, func(c *settings.Settings) { c.PINIdleMinutes = number })
	case "undo_seconds":
		s.change(say("settings.kept.later"), func(c *settings.Settings) { c.UndoSeconds = number })
	case "pss":
		s.change(kept, func(c *settings.Settings) { c.PSS = value != "" })
	case "keep_sending":
		s.change(kept, func(c *settings.Settings) { c.KeepSending = value != "" })
	case "level":
		s.setLevel(i.Value, value)
	case "server":
		s.setServer(value)
	case "language", "appearance", "text_size":
		s.setLook(id, value)
	case "proxy", "proxy.address", "proxy.login":
		s.setNetwork(id, value)
	default:
		s.setConnector(id, value)
	}
}

// setLook changes language or looks, and has the window follow.
func (s *Settings) setLook(id, value string) {
	if s.change(Text{}, func(c *settings.Settings) {
		switch id {
		case "language":
			c.Language = value
		case "appearance":
			c.Appearance = value
		case "text_size":
			c.TextSize = value
		}
	}) {
		s.Styled(s.prefs().Effective())
	}
}

// setLevel changes the level of signatures; a lower one is asked about.
func (s *Settings) setLevel(was, value string) {
	set := func() {
		s.change(say("settings.kept"), func(c *settings.Settings) { c.Level = value })
	}
	if rank(value) >= rank(was) {
		set()
		return
	}
	s.put(SettingsAsk{
		Title: say("settings.level.lower"), Text: say("settings.level.lower.text", "From", was, "To", value), Tone: Caution,
		Confirm: say("settings.level.lower.yes", "To", value),
	}, asked{confirm: func(map[string][]byte) { s.drop(); set() }})
}

// address reads what was typed as the address of a server.
func address(typed string) (string, bool) {
	typed = strings.TrimSpace(typed)
	if typed != "" && !strings.Contains(typed, "://") {
		typed = "https://" + typed
	}
	u, err := url.Parse(typed)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.User != nil {
		return typed, typed == ""
	}
	return strings.TrimRight(typed, "/"), true
}

// refuse says that what was typed cannot be kept.
func (s *Settings) refuse(why Text) {
	s.state.Notice, s.state.Tone, s.state.Problem = why, Bad, nil
	s.draw()
}

// setServer changes the address of the document system.
func (s *Settings) setServer(value string) {
	at, ok := address(value)
	if !ok {
		s.refuse(say("settings.badaddress", "Address", value))
		return
	}
	delete(s.trials, "server")
	s.provider = "" // of another server
	s.change(say("settings.kept.later"), func(c *settings.Settings) { c.Server = at })
}

// Act does what a button says; row is the ID of a list's row, value the file or
// the text that the act needed. What is locked is not done.
func (s *Settings) Act(id, act, row, value string) {
	i := s.item(id)
	if i == nil || s.prefs() == nil || i.Locked.Key != "" && slices.Contains([]string{"add", "remove", "up"}, act) {
		return
	}
	switch id {
	case "studio":
		s.Place(PlaceStudio)
	case "nobody":
		s.Open(PageServer)
	case "tokens":
		s.actToken(act, row)
	case "modules":
		s.actDriver(act, row, value)
	case "soft_keys":
		s.actKeyFile(act, row, value)
	case "trust":
		s.actTrust(act, row, value)
	case "time_stamp_servers":
		s.actStamp(act, row, value)
	case "connection":
		s.actServer(act)
	case "identity":
		s.askIdentity(askByBrowser)
	case "file":
		s.actFile(act, value)
	case "proxy.password", "authority", "pins":
		s.actNetwork(id, act, row, value)
	}
}

func (s *Settings) actToken(act, row string) {
	if act == "look" {
		s.look()
		return
	}
	if n, err := strconv.Atoi(row); err == nil && s.found != nil && n < len(s.found.Tokens) {
		s.askPIN(s.found.Tokens[n], false)
	}
}

// with and without change a list.
func with(list []string, v string) []string {
	if slices.Contains(list, v) {
		return list
	}
	return append(slices.Clone(list), v)
}

func without(list []string, v string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(x string) bool { return x == v })
}

// try notes what came of a test.
func (s *Settings) try(key string, t trial) { s.trials[key] = t }

func (s *Settings) actDriver(act, row, value string) {
	switch act {
	case "add":
		if s.change(Text{}, func(c *settings.Settings) { c.Modules = with(c.Modules, value) }) {
			s.testDriver(value)
		}
	case "remove":
		s.change(Text{}, func(c *settings.Settings) { c.Modules = without(c.Modules, row) })
	case "test":
		s.testDriver(row)
	}
}

// testDriver loads a driver in its helper.
func (s *Settings) testDriver(path string) {
	prefs := s.prefs()
	s.work(say("settings.testing"), func(ctx context.Context) func() {
		tokens, err := prefs.TestDriver(ctx, path)
		return func() {
			t := trial{text: say("settings.drivers.tokens", "Count", len(tokens)), tone: Good}
			switch {
			case err != nil:
				t = trial{text: say("settings.failed"), tone: Bad, problem: s.services.problem(err)}
			case len(tokens) == 0:
				t = trial{text: say("settings.drivers.empty"), tone: Quiet}
			}
			s.try("modules/"+path, t)
		}
	})
}

func (s *Settings) actKeyFile(act, row, value string) {
	switch act {
	case "add":
		s.change(Text{}, func(c *settings.Settings) { c.SoftKeys = with(c.SoftKeys, value) })
	case "remove":
		s.change(Text{}, func(c *settings.Settings) { c.SoftKeys = without(c.SoftKeys, row) })
	case "open":
		s.askKeyFile(row)
	}
}

func (s *Settings) actTrust(act, row, value string) {
	switch act {
	case "add":
		s.askTrust(value)
	case "remove":
		s.askDistrust(row)
	}
}

func (s *Settings) actStamp(act, row, value string) {
	switch act {
	case "add":
		at, ok := address(value)
		if !ok || at == "" {
			s.refuse(say("settings.badaddress", "Address", value))
			return
		}
		s.change(Text{}, func(c *settings.Settings) { c.TimeStampServers = with(c.TimeStampServers, at) })
	case "remove":
		s.change(Text{}, func(c *settings.Settings) { c.TimeStampServers = without(c.TimeStampServers, row) })
	case "up":
		s.change(Text{}, func(c *settings.Settings) { c.TimeStampServers = raised(c.TimeStampServers, row) })
	case "test":
		s.testStamp(row)
	}
}

// raised moves an entry up by one.
func raised(list []string, v string) []string {
	list = slices.Clone(list)
	if i := slices.Index(list, v); i > 0 {
		list[i-1], list[i] = list[i], list[i-1]
	}
	return list
}

// testStamp has a server stamp a trial.
func (s *Settings) testStamp(at string) {
	prefs := s.prefs()
	s.work(say("settings.stamps.testing", "Address", at), func(ctx context.Context) func() {
		got := prefs.TestStamp(ctx, at)
		return func() {
			t := trial{text: say("settings.stamps.ok", "Milliseconds", got.Milliseconds, "By", got.By), tone: Good}
			if got.Err != nil {
				t = trial{text: say("settings.failed"), tone: Bad, problem: s.services.problem(got.Err)}
			}
			s.try("time_stamp_servers/"+at, t)
		}
	})
}

func (s *Settings) actServer(act string) {
	switch act {
	case "test":
		s.testServer()
	case "login":
		s.askLogin()
	case "logout":
		s.logOut()
	}
}

// logOut ends the session.
func (s *Settings) logOut() {
	prefs := s.prefs()
	s.work(say("settings.ask.busy"), func(ctx context.Context) func() {
		err := prefs.LogOut(ctx)
		return func() {
			s.state.Notice, s.state.Tone, s.state.Problem = say("settings.server.left"), Good, s.services.problem(err)
			s.services.Person = docsys.Person{}
			s.Arrived(docsys.Person{})
		}
	})
}

// testServer tries the connection.
func (s *Settings) testServer() {
	prefs := s.prefs()
	s.work(say("settings.testing"), func(ctx context.Context) func() {
		got, err := prefs.TestServer(ctx)
		return func() {
			t := trial{text: say("settings.server.ok", "System", got.System), tone: Good}
			switch n := len(got.Steps); {
			case err != nil && n > 0 && got.Steps[n-1].Name == "login":
				t = trial{text: say("settings.server.reached", "System", got.System), tone: Caution}
			case err != nil:
				t = trial{tone: Bad, problem: s.services.problem(err)}
			}
			s.try("server", t)
			s.findProvider(func(bool) { s.draw() })
		}
	})
}

func (s *Settings) actFile(act, path string) {
	switch act {
	case "export":
		s.state.Notice, s.state.Tone, s.state.Problem = say("settings.exported", "Path", path), Good, nil
		if err := s.prefs().Export(path); err != nil {
			s.state.Notice, s.state.Problem = Text{}, s.services.problem(err)
		}
		s.draw()
	case "import":
		s.askImport(path)
	}
}

// arrived has the window know who has logged in.
func (s *Settings) arrived(c Credentials, got LoggedIn) {
	s.state.Ask, s.ask = nil, asked{}
	name := got.Person.Name
	if name == "" {
		name = c.Login
	}
	s.state.Notice, s.state.Tone = say("settings.server.arrived", "Name", name), Good
	if c.Keep && !got.Kept {
		s.state.Notice, s.state.Tone = say("settings.server.unkept", "Name", name), Caution
	}
	delete(s.trials, "server")
	if got.Person.Name != "" {
		s.services.Person = got.Person
		s.Arrived(got.Person)
	}
}

// final reports a token with one try of its PIN left.
func final(i token.Info) bool { return i.PIN == token.PINFinal }
