package present

import (
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"kyso/app/settings"
)

// kindOf is the kind of a connector, by its name.
func kindOf(c settings.Connector) string {
	if c.Kind == "" {
		return settings.Reference
	}
	return c.Kind
}

// isReference reports documents that leave for the server of the settings.
func isReference(c settings.Connector) bool { return kindOf(c) == settings.Reference }

// serverPage has the document system, and how signed documents leave.
func (s *Settings) serverPage() []SettingsItem {
	e := s.prefs().Effective()
	demo := Text{}
	if s.services.Demonstration {
		demo = say("settings.server.demo")
	}
	return slices.Concat(
		[]SettingsItem{part("server", say("settings.server"), Text{}), s.addressItem(e, demo)}, s.accountItem(e), s.identityItem(e), []SettingsItem{s.connectionItem(e)},
		[]SettingsItem{part("connector", say("settings.connector"), say("settings.connector.help"))}, s.connectorItems(e, demo),
		[]SettingsItem{part("sending", say("settings.sending"), Text{}), s.undoItem(e)},
	)
}

// lockOr is the lock of a setting, else another reason why it stays.
func (s *Settings) lockOr(name string, other Text) Text {
	if l := s.lock(name); l.Key != "" {
		return l
	}
	return other
}

func (s *Settings) addressItem(e settings.Settings, demo Text) SettingsItem {
	return SettingsItem{ID: "server", Kind: ItemText, Name: say("settings.server.address"), Help: say("settings.server.help"), Value: e.Server, Locked: s.lockOr("server", demo)}
}

// accountItem tells who is logged in, and where.
func (s *Settings) accountItem(e settings.Settings) []SettingsItem {
	p := s.services.Person
	if p.Name == "" {
		return nil
	}
	value := p.Name
	if e.Connector.Identity != "" && s.provider != "" {
		value += " (" + s.provider + ")"
	}
	return []SettingsItem{fact("account", say("settings.server.account"), value)}
}

// identityItem logs in at the identity provider, where the server has one.
func (s *Settings) identityItem(e settings.Settings) []SettingsItem {
	if s.provider == "" || !isReference(e.Connector) {
		return nil
	}
	return []SettingsItem{{ID: "identity", Kind: ItemActs, Acts: []SettingsAct{
		{ID: "identity", Name: say("settings.server.identity", "Name", s.provider), Icon: "browser", Off: s.state.Busy.Key != ""},
	}}}
}

// connectionItem tries the connection and logs in.
func (s *Settings) connectionItem(e settings.Settings) SettingsItem {
	t := s.trials["server"]
	named := e.Connector.Target(e.Server) != ""
	busy := s.state.Busy.Key != ""
	off := !named || busy || s.services.Demonstration
	item := SettingsItem{ID: "connection", Kind: ItemActs, Note: t.text, Tone: t.tone, Acts: []SettingsAct{
		{ID: "test", Name: say("settings.server.test"), Off: !named || busy},
		{ID: "login", Name: say("settings.server.login"), Icon: "key", Off: off || kindOf(e.Connector) == settings.Folder},
		{ID: "logout", Name: say("settings.server.logout"), Off: e.Connector.Login == "" && e.Connector.Identity == "" || busy || s.services.Demonstration},
	}}
	if s.provider != "" && isReference(e.Connector) {
		item.Acts[1].Name = say("settings.server.password")
	}
	if t.problem != nil {
		item.Rows = []SettingsRow{{ID: "problem", Problem: t.problem}}
	}
	return item
}

// connectorItems choose the way of signed documents, with what that way needs.
func (s *Settings) connectorItems(e settings.Settings, demo Text) []SettingsItem {
	c, locked := e.Connector, s.lockOr("connector", demo)
	kind := SettingsItem{ID: "connector.kind", Kind: ItemChoice, Value: kindOf(c), Locked: locked, Options: []SettingsOption{
		{ID: settings.Reference, Name: say("settings.connector.reference"), Help: say("settings.connector.reference.help")},
		{ID: settings.WebDAV, Name: say("settings.connector.webdav"), Help: say("settings.connector.webdav.help")},
		{ID: settings.Folder, Name: say("settings.connector.folder"), Help: say("settings.connector.folder.help")},
		{ID: settings.Exec, Name: say("settings.connector.exec"), Help: say("settings.connector.exec.help")},
	}}
	text := func(id string, name Text, value string) SettingsItem {
		return SettingsItem{ID: id, Kind: ItemText, Name: name, Value: value, Locked: locked}
	}
	items := []SettingsItem{kind}
	switch kind.Value {
	case settings.WebDAV:
		items = append(items, text("connector.url", say("settings.connector.url"), c.URL))
	case settings.Folder:
		items = append(items, text("connector.folder", say("settings.connector.path"), c.Folder))
	case settings.Exec:
		items = append(items, text("connector.program", say("settings.connector.program"), c.Program), text("connector.arguments", say("settings.connector.arguments"), strings.Join(c.Arguments, " ")))
	default:
		return items
	}
	return append(items, SettingsItem{ID: "connector.local", Kind: ItemToggle, Name: say("settings.connector.local"), Help: say("settings.connector.local.help"), Value: yes(c.LocalFiles), Locked: locked})
}

// undoItem is how long a signed document waits.
func (s *Settings) undoItem(e settings.Settings) SettingsItem {
	item := SettingsItem{ID: "undo_seconds", Kind: ItemChoice, Name: say("settings.undo"), Help: say("settings.undo.help"), Value: strconv.Itoa(e.UndoSeconds), Locked: s.lock("undo_seconds")}
	times := []int{0, 10, 30, 60}
	if !slices.Contains(times, e.UndoSeconds) {
		times = append(times, e.UndoSeconds)
	}
	for _, n := range times {
		name := say("settings.seconds", "Count", n)
		if n == 0 {
			name = say("settings.undo.now")
		}
		item.Options = append(item.Options, SettingsOption{ID: strconv.Itoa(n), Name: name})
	}
	return item
}

// setConnector changes the way of signed documents.
func (s *Settings) setConnector(id, value string) {
	value = strings.TrimSpace(value)
	if (id == "connector.folder" || id == "connector.program") && value != "" && !filepath.IsAbs(value) {
		s.refuse(say("settings.connector.absolute", "Path", value))
		return
	}
	if id == "connector.url" {
		at, ok := address(value)
		if !ok {
			s.refuse(say("settings.badaddress", "Address", value))
			return
		}
		value = at
	}
	delete(s.trials, "server")
	s.provider = ""
	s.change(say("settings.kept.later"), func(c *settings.Settings) {
		switch id {
		case "connector.kind":
			c.Connector.Kind = value
		case "connector.url":
			c.Connector.URL = value
		case "connector.folder":
			c.Connector.Folder = value
		case "connector.program":
			c.Connector.Program = value
		case "connector.arguments":
			c.Connector.Arguments = strings.Fields(value)
		case "connector.local":
			c.Connector.LocalFiles = value != ""
		}
	})
}

// The choices of a proxy.
const (
	proxySystem = "system"
	proxyNone   = "none"
	proxyOwn    = "own"
)

// proxyOf is the choice of a proxy, by its name.
func proxyOf(n settings.Network) string {
	switch n.Proxy {
	case "", proxySystem:
		return proxySystem
	case proxyNone:
		return proxyNone
	}
	return proxyOwn
}

// networkPage has proxy, further authorities and pinned keys.
func (s *Settings) networkPage() []SettingsItem {
	n, locked := s.prefs().Effective().Network, s.lock("network")
	choice := proxyOf(n)
	if s.ownProxy {
		choice = proxyOwn
	}
	items := []SettingsItem{part("proxy", say("settings.proxy"), say("settings.proxy.help")), {ID: "proxy", Kind: ItemChoice, Value: choice, Locked: locked, Options: []SettingsOption{
		{ID: proxySystem, Name: say("settings.proxy.system")}, {ID: proxyNone, Name: say("settings.proxy.none")}, {ID: proxyOwn, Name: say("settings.proxy.own")},
	}}}
	if choice == proxyOwn {
		at := n.Proxy
		if proxyOf(n) != proxyOwn {
			at = ""
		}
		items = append(items,
			SettingsItem{ID: "proxy.address", Kind: ItemText, Name: say("settings.proxy.address"), Value: at, Locked: locked},
			SettingsItem{ID: "proxy.login", Kind: ItemText, Name: say("settings.proxy.login"), Value: n.ProxyLogin, Locked: locked},
			SettingsItem{ID: "proxy.password", Kind: ItemActs, Acts: []SettingsAct{{ID: "password", Name: say("settings.proxy.password"), Icon: "key", Off: n.ProxyLogin == ""}}})
	}
	return slices.Concat(items, s.authorityItems(n, locked), s.pinItems(n, locked))
}

// authorityItems are the authorities that TLS trusts besides the system's.
func (s *Settings) authorityItems(n settings.Network, locked Text) []SettingsItem {
	list := SettingsItem{ID: "authority", Kind: ItemList, Locked: locked, Note: say("settings.authority.none"), Acts: []SettingsAct{
		{ID: "add", Kind: ActOpen, Name: say("settings.authority.add"), Icon: "open", Files: []string{".pem", ".crt", ".cer"}},
	}}
	if n.Authority != "" {
		list.Note = Text{}
		list.Rows = []SettingsRow{{ID: n.Authority, Title: filepath.Base(n.Authority), Second: n.Authority, Acts: []SettingsAct{remove(locked)}}}
	}
	return []SettingsItem{part("authority", say("settings.authority"), say("settings.authority.help")), list}
}

// pinItems are the keys that servers must show.
func (s *Settings) pinItems(n settings.Network, locked Text) []SettingsItem {
	list := SettingsItem{ID: "pins", Kind: ItemList, Locked: locked, Note: say("settings.pins.none"), Acts: []SettingsAct{
		{ID: "add", Kind: ActAdd, Name: say("settings.pins.add"), Hint: say("settings.pins.hint")},
	}}
	hosts := make([]string, 0, len(n.Pins))
	for h := range n.Pins {
		hosts = append(hosts, h)
	}
	slices.Sort(hosts)
	for _, h := range hosts {
		list.Note = Text{}
		list.Rows = append(list.Rows, SettingsRow{ID: h, Title: h, Second: "SHA-256  " + strings.Join(n.Pins[h], "\nSHA-256  "), Acts: []SettingsAct{remove(locked)}})
	}
	return []SettingsItem{part("pins", say("settings.pins"), say("settings.pins.help")), list}
}

// setNetwork changes the proxy.
func (s *Settings) setNetwork(id, value string) {
	value = strings.TrimSpace(value)
	if id == "proxy" && value == proxyOwn {
		s.ownProxy = true // it is kept when there is an address
		s.draw()
		return
	}
	s.ownProxy = false
	s.change(say("settings.kept.later"), func(c *settings.Settings) {
		switch id {
		case "proxy":
			c.Network.Proxy, c.Network.ProxyLogin = value, ""
			if value == proxySystem {
				c.Network.Proxy = ""
			}
		case "proxy.address":
			c.Network.Proxy = value
		case "proxy.login":
			c.Network.ProxyLogin = value
		}
	})
}

// actNetwork adds and removes authorities and pins.
func (s *Settings) actNetwork(id, act, row, value string) {
	switch {
	case id == "proxy.password":
		s.askProxy()
	case id == "authority" && act == "add":
		s.change(say("settings.kept.later"), func(c *settings.Settings) { c.Network.Authority = value })
	case id == "authority":
		s.change(say("settings.kept.later"), func(c *settings.Settings) { c.Network.Authority = "" })
	case act == "add":
		s.askPin(value)
	default:
		s.change(say("settings.kept.later"), func(c *settings.Settings) { c.Network.Pins = unpinned(c.Network.Pins, row) })
	}
}

// pinned and unpinned give other pins than before.
func pinned(pins map[string][]string, host, pin string) map[string][]string {
	out := unpinned(pins, "")
	out[host] = with(out[host], pin)
	return out
}

func unpinned(pins map[string][]string, host string) map[string][]string {
	out := map[string][]string{}
	for h, keys := range pins {
		if h != host {
			out[h] = keys
		}
	}
	return out
}
