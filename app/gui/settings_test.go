package gui_test

import (
	"context"
	"encoding/json"
	"image"
	"strings"

	"kyso/app/docsys"
	"kyso/app/explain"
	"kyso/app/gui/control"
	"kyso/app/placement"
	"kyso/app/present"
	"kyso/app/settings"
	"kyso/app/signing"
	"kyso/signer"
	"kyso/signer/cert"
	"kyso/signer/token"
	"kyso/signer/truststore"
)

// cabinet keeps settings in memory.
type cabinet struct {
	identities

	stored  settings.Settings
	policy  settings.Policy
	trusted []truststore.Entry
	fail    error // of every test
	lang    explain.Language
	marks   map[placement.Role]image.Image
}

// newCabinet has what an office of a ward has.
func newCabinet() *cabinet {
	root := truststore.Entry{Root: true, Pinned: true, Subject: cert.Subject{
		Name: "Root CA thử nghiệm Ký số", Issuer: "Root CA thử nghiệm Ký số", Key: "RSA-4096", SHA256: strings.Repeat("f04ba4b4", 8), NotBefore: now().AddDate(-5, 0, 0), NotAfter: now().AddDate(15, 0, 0),
	}}
	old := root
	old.Root, old.Name, old.SHA256, old.NotAfter = false, "CA thử nghiệm Ký số G1", strings.Repeat("07bc8905", 8), now().AddDate(0, -1, 0)
	return &cabinet{
		stored: settings.Settings{
			Toured: true,
			Server: "https://vanban.dongda.hanoi.example", Level: "B-T", Modules: []string{"/opt/vnpt-ca/lib/libvnptca_p11_v10.so"},
			TimeStampServers: []string{"http://tsa.ca.gov.vn", "https://dau-thoi-gian.du-phong.cua-thanh-pho.hanoi.example/tsa/v2"},
		},
		trusted: []truststore.Entry{root, old}, marks: map[placement.Role]image.Image{},
	}
}

func (c *cabinet) Stored() settings.Settings { return c.stored }
func (c *cabinet) Effective() settings.Settings {
	e, err := c.policy.Apply(c.stored)
	if err != nil {
		panic(err)
	}
	return e
}

func (c *cabinet) Policy() (settings.Policy, string, error) {
	return c.policy, "/etc/kyso/policy.json", nil
}
func (c *cabinet) Change(s settings.Settings) error { c.stored = s; return nil }
func (c *cabinet) Language() explain.Language       { return c.lang }
func (c *cabinet) Export(string) error              { return c.fail }
func (c *cabinet) Import(string) (settings.Settings, error) {
	return settings.Settings{PSS: true}, c.fail
}

func (*cabinet) About() present.About {
	return present.About{Folder: "/home/khoi/.config/kyso", Version: "1.0"}
}
func (c *cabinet) Trusted() ([]truststore.Entry, bool, error) { return c.trusted, false, nil }
func (c *cabinet) ReadTrust(string) ([]truststore.Entry, error) {
	return c.trusted, c.fail
}
func (c *cabinet) Trust(string, string) error { return c.fail }
func (c *cabinet) Distrust(string) error      { return c.fail }
func (c *cabinet) TestDriver(context.Context, string) ([]token.Info, error) {
	return []token.Info{{}}, c.fail
}

func (c *cabinet) OpenKeyFile(context.Context, string, []byte) error { return c.fail }
func (c *cabinet) ChangePIN(context.Context, signing.Device, token.PINChange) error {
	return c.fail
}

func (c *cabinet) TestStamp(context.Context, string) present.StampTrial {
	return present.StampTrial{Milliseconds: 1842, By: "TSA Ban Cơ yếu", Err: c.fail}
}

func (c *cabinet) TestServer(context.Context) (docsys.Checkup, error) {
	return docsys.Checkup{System: "Ký số 1.0"}, c.fail
}

func (c *cabinet) LogIn(context.Context, present.Credentials) (present.LoggedIn, error) {
	return present.LoggedIn{}, c.fail
}

func (c *cabinet) ChangePassword(context.Context, present.Credentials, string) (present.LoggedIn, error) {
	return present.LoggedIn{}, c.fail
}
func (c *cabinet) LogOut(context.Context) error { return c.fail }
func (c *cabinet) ShownPin(context.Context, string) (host, pin string, err error) {
	return "vanban.dongda.hanoi.example", "6kQ0ZxzGQ5pAfL0vqzFJ0rSgvTgQkQWw1nN2pE6xGmU=", c.fail
}
func (*cabinet) KeepProxyPassword(context.Context, string) bool { return false }

// settingsScenarios are the pages of the settings.
func settingsScenarios() []scenario {
	page := func(p present.SettingsPage, more ...func(*present.Settings)) func(*office) {
		return func(o *office) {
			o.desk.Go(present.PlaceSettings)
			o.desk.Settings.Open(p)
			o.settle()
			for _, do := range more {
				do(o.desk.Settings)
				o.settle()
			}
		}
	}
	act := func(id, act, row, value string) func(*present.Settings) {
		return func(s *present.Settings) { s.Act(id, act, row, value) }
	}
	typed := func(pairs ...string) func(*present.Settings) {
		return func(s *present.Settings) {
			v := map[string][]byte{}
			for i := 0; i < len(pairs); i += 2 {
				v[pairs[i]] = []byte(pairs[i+1])
			}
			s.Typed(v)
		}
	}
	set := func(id, value string) func(*present.Settings) {
		return func(s *present.Settings) { s.Set(id, value) }
	}
	tokens := func(o *office) {
		for i, state := range []token.PINState{token.PINReady, token.PINLow, token.PINFinal, token.PINLocked} {
			o.found.Tokens = append(o.found.Tokens, signing.Device{Token: token.Info{Label: "Thiết bị " + string(rune('A'+i)), Manufacturer: "Bit4id", Model: "TokenME", Serial: "0815471123", PIN: state, MinPIN: 6, MaxPIN: 12}})
		}
	}
	down := func(o *office) { o.cabinet.fail = docsys.ErrOffline }
	silent := func(o *office) {
		o.cabinet.fail = &signer.TimeStampError{Answers: []signer.TSAAnswer{{URL: "http://tsa.ca.gov.vn", Code: "timeout", Err: context.DeadlineExceeded}}}
	}
	locked := func(o *office) {
		o.cabinet.policy = settings.Policy{SoftKeys: "agency", Locked: map[string]json.RawMessage{
			"level": json.RawMessage(`"B-LT"`), "time_stamp_servers": json.RawMessage(`["http://tsa.ca.gov.vn"]`), "server": json.RawMessage(`"https://vanban.example"`),
			"modules": json.RawMessage(`["/opt/kyso/m.so"]`), "pin_idle_minutes": json.RawMessage(`5`), "connector": json.RawMessage(`{"kind":"reference"}`), "network": json.RawMessage(`{}`),
		}}
		o.cabinet.stored.SoftKeys = []string{"/home/khoi/khoa-cua-co-quan.p12"}
	}
	return []scenario{
		{"settings-profile", nil, page(present.PageProfile)},
		{"settings-profile-nobody", func(o *office) { o.noServer = true }, page(present.PageProfile)},
		{"settings-tokens", tokens, page(present.PageTokens)},
		{"settings-tokens-none", nil, page(present.PageTokens)},
		{"settings-tokens-locked", func(o *office) { locked(o); tokens(o) }, page(present.PageTokens)},
		{"settings-pin", tokens, page(present.PageTokens, act("tokens", "pin", "0", ""), typed("old", "246810", "new", "123456"))},
		{"settings-pin-last", tokens, page(present.PageTokens, act("tokens", "pin", "2", ""))},
		{"settings-trust", nil, page(present.PageTrust)},
		{"settings-trust-none", func(o *office) { o.cabinet.trusted = nil }, page(present.PageTrust)},
		{"settings-trust-ask", nil, page(present.PageTrust, act("trust", "add", "", "/x.cer"))},
		{"settings-stamps", nil, page(present.PageStamps, act("time_stamp_servers", "test", "http://tsa.ca.gov.vn", ""))},
		{"settings-stamps-down", silent, page(present.PageStamps, act("time_stamp_servers", "test", "http://tsa.ca.gov.vn", ""))},
		{"settings-stamps-wanting", nil, page(present.PageStamps, act("time_stamp_servers", "remove", "http://tsa.ca.gov.vn", ""), act("time_stamp_servers", "remove", "https://dau-thoi-gian.du-phong.cua-thanh-pho.hanoi.example/tsa/v2", ""))},
		{"settings-stamps-locked", locked, page(present.PageStamps)},
		{"settings-level-lower", nil, page(present.PageStamps, set("level", "B-B"))},
		{"settings-server", nil, page(present.PageServer, act("connection", "test", "", ""))},
		{"settings-server-down", down, page(present.PageServer, act("connection", "test", "", ""))},
		{"settings-server-locked", locked, page(present.PageServer)},
		{"settings-server-program", func(o *office) { o.reopens = true }, page(present.PageServer, set("connector.kind", settings.Exec))},
		{"settings-login", nil, page(present.PageServer, act("connection", "login", "", ""))},
		{"settings-network", nil, page(present.PageNetwork, set("proxy", "own"))},
		{"settings-network-pin", nil, page(present.PageNetwork, act("pins", "add", "", "https://vanban.dongda.hanoi.example"))},
		{"settings-look", nil, page(present.PageLook)},
		{"settings-look-tab", nil, func(o *office) { page(present.PageLook)(o); stop(o, whichever[*control.Radio]) }},
		{"settings-file", locked, page(present.PageFile)},
		{"settings-file-tab", nil, func(o *office) { page(present.PageFile)(o); stop(o, whichever[*control.Value]) }},
		{"settings-import", nil, page(present.PageFile, act("file", "import", "", "/x.json"))},
	}
}
