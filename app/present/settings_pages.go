package present

import (
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"kyso/app/settings"
	"kyso/app/signing"
	"kyso/signer/token"
	"kyso/signer/truststore"
)

// fact is an item that informs.
func fact(id string, name Text, value string) SettingsItem {
	return SettingsItem{ID: id, Kind: ItemFact, Name: name, Value: value}
}

// part begins a card of a page.
func part(id string, name, help Text) SettingsItem {
	return SettingsItem{ID: id, Kind: ItemHeading, Name: name, Help: help}
}

// profilePage tells who the person is, as the server knows it.
func (s *Settings) profilePage() []SettingsItem {
	p := s.services.Person
	items := []SettingsItem{part("who", say("settings.profile.who"), say("settings.profile.source"))}
	if p.Name == "" {
		items = append(items, SettingsItem{
			ID: "nobody", Kind: ItemNote, Name: say("settings.profile.nobody"),
			Acts: []SettingsAct{{ID: "server", Name: say("settings.profile.connect")}},
		})
	} else {
		items = append(items,
			fact("name", say("settings.person"), p.Name), fact("title", say("settings.profile.title"), p.Title),
			fact("unit", say("settings.profile.unit"), p.UnitName),
			SettingsItem{ID: "capacity", Kind: ItemFact, Name: say("settings.profile.capacity"), Note: capacity(p.Role)})
		if len(p.Authorities) > 0 {
			items = append(items, part("authorities", say("settings.authorities"), say("settings.authorities.help")))
		}
		for _, a := range p.Authorities {
			items = append(items, authority(a))
		}
	}
	return append(items, part("marks", say("settings.profile.marks"), say("settings.profile.marks.help")),
		SettingsItem{ID: "studio", Kind: ItemActs, Acts: []SettingsAct{{ID: "studio", Kind: ActPlace, Name: say("settings.profile.studio"), Icon: "sign"}}})
}

// idleChoices are the times that a PIN may stay, in minutes; 0 is the program's own.
func idleChoices() []int { return []int{1, 5, 0, 30, 60} }

// tokensPage has the PIN's time, drivers, tokens and key files.
func (s *Settings) tokensPage() []SettingsItem {
	e := s.prefs().Effective()
	idle := SettingsItem{ID: "pin_idle_minutes", Kind: ItemChoice, Name: say("settings.idle"), Help: say("settings.idle.help"), Value: strconv.Itoa(e.PINIdleMinutes), Locked: s.lock("pin_idle_minutes")}
	for _, m := range idleChoices() {
		shown := m
		if m == 0 {
			shown = int(token.DefaultIdle.Minutes())
		}
		idle.Options = append(idle.Options, SettingsOption{ID: strconv.Itoa(m), Name: say("settings.minutes", "Count", shown)})
	}
	if !slices.Contains(idleChoices(), e.PINIdleMinutes) {
		idle.Options = append(idle.Options, SettingsOption{ID: idle.Value, Name: say("settings.minutes", "Count", e.PINIdleMinutes)})
	}
	return slices.Concat(
		[]SettingsItem{part("plugged", say("settings.tokens.plugged"), say("settings.tokens.plugged.help")), s.tokenList()},
		[]SettingsItem{part("idle", say("settings.tokens.pin"), Text{}), idle},
		[]SettingsItem{part("drivers", say("settings.drivers"), say("settings.drivers.help")), s.driverList(e)},
		[]SettingsItem{part("softkeys", say("settings.softkeys"), s.softHelp()), s.keyFileList(e)},
	)
}

// tokenList lists the tokens that are in, each with its PIN to change.
func (s *Settings) tokenList() SettingsItem {
	item := SettingsItem{ID: "tokens", Kind: ItemList, Acts: []SettingsAct{{ID: "look", Name: say("settings.tokens.look"), Icon: "refresh", Off: s.state.Busy.Key != ""}}}
	if s.found == nil {
		return item
	}
	for i, d := range s.found.Tokens {
		row := SettingsRow{ID: strconv.Itoa(i), Title: d.Token.Label, Second: strings.TrimSpace(d.Token.Manufacturer + " " + d.Token.Model + " " + d.Token.Serial)}
		row.State, row.Tone = pinState(d.Token)
		if !d.Token.Soft {
			row.Acts = []SettingsAct{{ID: "pin", Name: say("settings.pin.change"), Icon: "key", Off: d.Token.PIN == token.PINLocked}}
		}
		item.Rows = append(item.Rows, row)
	}
	if len(item.Rows) == 0 {
		item.Note = say("settings.tokens.none")
	}
	return item
}

// pinState says how the PIN of a token stands.
func pinState(i token.Info) (Text, Tone) {
	switch i.PIN {
	case token.PINLow:
		return say("settings.pin.low"), Caution
	case token.PINFinal:
		return say("settings.pin.final"), Bad
	case token.PINLocked:
		return say("settings.pin.locked"), Bad
	case token.PINUnset:
		return say("settings.pin.unset"), Caution
	case token.PINReady:
	}
	return say("settings.pin.ready"), Good
}

// driverList lists the drivers that the person chose.
func (s *Settings) driverList(e settings.Settings) SettingsItem {
	item := SettingsItem{ID: "modules", Kind: ItemList, Locked: s.lock("modules"), Acts: []SettingsAct{
		{ID: "add", Kind: ActOpen, Name: say("settings.drivers.add"), Icon: "open", Files: []string{".so", ".dll", ".dylib"}},
	}}
	for _, path := range e.Modules {
		t := s.trials["modules/"+path]
		row := SettingsRow{ID: path, Title: filepath.Base(path), Second: path, State: t.text, Tone: t.tone, Problem: t.problem, Acts: []SettingsAct{
			{ID: "test", Name: say("settings.test"), Off: s.state.Busy.Key != ""}, remove(item.Locked),
		}}
		item.Rows = append(item.Rows, row)
	}
	if len(item.Rows) == 0 {
		item.Note = say("settings.drivers.none")
	}
	return item
}

// remove is the act that takes a row out; it is off where the list is locked.
func remove(locked Text) SettingsAct {
	return SettingsAct{ID: "remove", Name: say("settings.remove"), Off: locked.Key != ""}
}

// softHelp says what the administrator allows key files for.
func (s *Settings) softHelp() Text {
	p, path, _ := s.prefs().Policy()
	switch signing.SoftUse(p.SoftKeys) {
	case signing.SoftTrials:
		return say("settings.softkeys.trials", "Path", path)
	case signing.SoftAgency:
		return say("settings.softkeys.agency", "Path", path)
	case signing.SoftNone:
	}
	return say("settings.softkeys.forbidden", "Path", path)
}

// keyFileList lists the key files, as far as the policy allows any.
func (s *Settings) keyFileList(e settings.Settings) SettingsItem {
	item := SettingsItem{ID: "soft_keys", Kind: ItemList, Locked: s.lock("soft_keys")}
	p, _, _ := s.prefs().Policy()
	forbidden := p.SoftKeys == ""
	if forbidden {
		item.Locked = say("settings.softkeys.locked")
	} else {
		item.Acts = []SettingsAct{{ID: "add", Kind: ActOpen, Name: say("settings.softkeys.add"), Icon: "open", Files: []string{".p12", ".pfx"}}}
	}
	for _, path := range e.SoftKeys {
		t := s.trials["soft_keys/"+path]
		item.Rows = append(item.Rows, SettingsRow{ID: path, Title: filepath.Base(path), Second: path, State: t.text, Tone: t.tone, Problem: t.problem, Acts: []SettingsAct{
			{ID: "open", Name: say("settings.softkeys.open"), Icon: "key", Off: forbidden}, remove(s.lock("soft_keys")),
		}})
	}
	return item
}

// trustPage lists the certificates that are trusted.
func (s *Settings) trustPage() []SettingsItem {
	all, fixed, err := s.prefs().Trusted()
	head := part("trust", say("settings.trust"), say("settings.trust.help"))
	list := SettingsItem{ID: "trust", Kind: ItemList, Locked: s.lock("trust")}
	if fixed && list.Locked.Key == "" {
		list.Locked = say("settings.trust.fixed")
	}
	if err != nil {
		list.Rows = []SettingsRow{{ID: "problem", Title: "", Problem: s.services.problem(err)}}
		return []SettingsItem{head, list}
	}
	list.Acts = []SettingsAct{{ID: "add", Kind: ActOpen, Name: say("settings.trust.add"), Icon: "open", Files: []string{".cer", ".crt", ".der", ".pem", ".p7b", ".p7c"}}}
	for _, e := range all {
		list.Rows = append(list.Rows, s.trustRow(e, list.Locked))
	}
	if len(all) == 0 {
		list.Note = say("settings.trust.none")
	}
	return []SettingsItem{head, list}
}

// trustRow is one certificate with its fingerprint.
func (s *Settings) trustRow(e truststore.Entry, locked Text) SettingsRow {
	row := SettingsRow{
		ID: e.SHA256, Title: e.Name, Second: fmt.Sprintf("%s\n%s  ·  %s\nSHA-256  %s", e.Issuer, validity(e.Subject), e.Key, fingerprint(e.SHA256)),
		State: say("settings.trust.link"), Tone: Quiet, Acts: []SettingsAct{remove(locked)},
	}
	if e.Root {
		row.State, row.Tone = say("settings.trust.root"), Plain
	}
	if s.services.Clock().After(e.NotAfter) {
		row.State, row.Tone = say("settings.trust.ended"), Caution
	}
	return row
}

// levels are the levels of signatures with what each means.
func levels() []SettingsOption {
	return []SettingsOption{
		{ID: "B-B", Name: say("settings.level.b"), Help: say("settings.level.b.help")},
		{ID: "B-T", Name: say("settings.level.t"), Help: say("settings.level.t.help")},
		{ID: "B-LT", Name: say("settings.level.lt"), Help: say("settings.level.lt.help")},
		{ID: "B-LTA", Name: say("settings.level.lta"), Help: say("settings.level.lta.help")},
	}
}

// levelOf is the level of the settings, by its name.
func levelOf(e settings.Settings) string {
	if e.Level == "" {
		return "B-B"
	}
	return e.Level
}

// rank is a level's place among the levels, 0 for the lowest.
func rank(level string) int {
	return slices.IndexFunc(levels(), func(o SettingsOption) bool { return o.ID == level })
}

// stampsPage has the level of signatures and the time-stamping servers.
func (s *Settings) stampsPage() []SettingsItem {
	e := s.prefs().Effective()
	level := SettingsItem{ID: "level", Kind: ItemChoice, Value: levelOf(e), Options: levels(), Locked: s.lock("level")}
	level.Note, level.Tone = s.wanting(e)
	servers := SettingsItem{ID: "time_stamp_servers", Kind: ItemList, Locked: s.lock("time_stamp_servers"), Acts: []SettingsAct{
		{ID: "add", Kind: ActAdd, Name: say("settings.add"), Hint: say("settings.stamps.hint")},
	}}
	for i, url := range e.TimeStampServers {
		t := s.trials["time_stamp_servers/"+url]
		servers.Rows = append(servers.Rows, SettingsRow{ID: url, Title: url, State: t.text, Tone: t.tone, Problem: t.problem, Acts: []SettingsAct{
			{ID: "up", Name: Text{}, Icon: "up", Off: i == 0 || servers.Locked.Key != ""},
			{ID: "test", Name: say("settings.test"), Off: s.state.Busy.Key != ""},
			remove(servers.Locked),
		}})
	}
	if len(servers.Rows) == 0 {
		servers.Note = say("settings.stamps.none")
	}
	pss := SettingsItem{ID: "pss", Kind: ItemToggle, Name: say("settings.pss"), Help: say("settings.pss.help"), Value: yes(e.PSS), Locked: s.lock("pss")}
	return []SettingsItem{
		part("level", say("settings.level"), say("settings.level.help")), level,
		part("servers", say("settings.stamps"), say("settings.stamps.help")), servers,
		part("pss", say("settings.algorithm"), Text{}), pss,
	}
}

// wanting says what a level still needs; signing then fails rather than making
// a lower level.
func (s *Settings) wanting(e settings.Settings) (Text, Tone) {
	level := levelOf(e)
	if rank(level) > 0 && len(e.TimeStampServers) == 0 {
		return say("settings.level.noserver", "Level", level), Caution
	}
	if rank(level) > 1 {
		all, _, err := s.prefs().Trusted()
		if err != nil || !slices.ContainsFunc(all, func(e truststore.Entry) bool { return e.Root }) {
			return say("settings.level.noroot", "Level", level), Caution
		}
	}
	return Text{}, Plain
}

// yes is the value of a toggle.
func yes(on bool) string {
	if on {
		return "yes"
	}
	return ""
}

// lookPage has language, appearance and what the end of the window means.
func (s *Settings) lookPage() []SettingsItem {
	e := s.prefs().Effective()
	or := func(value, usual string) string {
		if value == "" {
			return usual
		}
		return value
	}
	return []SettingsItem{
		part("language", say("settings.language"), Text{}),
		{ID: "language", Kind: ItemChoice, Value: or(e.Language, "vi"), Locked: s.lock("language"), Options: []SettingsOption{{ID: "vi", Name: say("settings.vietnamese")}, {ID: "en", Name: say("settings.english")}}},
		part("look", say("settings.look"), Text{}),
		{ID: "appearance", Kind: ItemChoice, Value: or(e.Appearance, "light"), Locked: s.lock("appearance"), Options: []SettingsOption{
			{ID: "light", Name: say("settings.light")}, {ID: "dark", Name: say("settings.dark")}, {ID: "system", Name: say("settings.system")},
		}},
		part("size", say("settings.size"), say("settings.size.help")),
		{ID: "text_size", Kind: ItemChoice, Value: or(e.TextSize, settings.NormalText), Locked: s.lock("text_size"), Options: []SettingsOption{
			{ID: settings.NormalText, Name: say("settings.size.normal")}, {ID: settings.LargeText, Name: say("settings.size.large")}, {ID: settings.LargestText, Name: say("settings.size.largest")},
		}},
		part("closing", say("settings.closing"), Text{}), s.keepSending(e),
	}
}

// keepSending chooses what the end of the window means for what is not sent.
func (s *Settings) keepSending(e settings.Settings) SettingsItem {
	item := SettingsItem{
		ID: "keep_sending", Kind: ItemToggle, Name: say("settings.keep_sending"), Help: say("settings.keep_sending.help"), Value: yes(e.KeepSending),
		Locked: s.lock("keep_sending"),
	}
	if s.trayless {
		item.Help = say("settings.keep_sending.notray")
	}
	return item
}

// filePage takes the settings elsewhere, and tells of the program.
func (s *Settings) filePage() []SettingsItem {
	about := s.prefs().About()
	p, path, problem := s.prefs().Policy()
	policy := SettingsItem{ID: "policy", Kind: ItemNote, Name: say("settings.policy.none", "Path", path), Tone: Quiet}
	switch {
	case problem != nil:
		policy = SettingsItem{ID: "policy", Kind: ItemNote, Rows: []SettingsRow{{ID: "problem", Problem: s.services.problem(problem)}}}
	case len(p.Locked) > 0:
		policy.Name, policy.Tone = say("settings.policy.locks", "Count", len(p.Locked), "Path", path), Plain
	case p.SoftKeys != "":
		policy.Name, policy.Tone = say("settings.policy.some", "Path", path), Plain
	}
	return []SettingsItem{
		part("file", say("settings.file"), say("settings.file.help")),
		{ID: "file", Kind: ItemActs, Acts: []SettingsAct{
			{ID: "export", Kind: ActSave, Name: say("settings.export"), Files: []string{"kyso-settings.json"}},
			{ID: "import", Kind: ActOpen, Name: say("settings.import"), Icon: "open", Files: []string{".json"}},
		}},
		part("policy", say("settings.policy"), Text{}), policy,
		part("about", say("settings.about"), Text{}),
		fact("folder", say("settings.folder"), about.Folder), fact("version", say("settings.version"), about.Version),
	}
}
