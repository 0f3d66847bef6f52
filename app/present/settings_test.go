package present_test

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kyso/app/docsys"
	"kyso/app/explain"
	"kyso/app/present"
	"kyso/app/settings"
	"kyso/app/signing"
	"kyso/signer/cert"
	"kyso/signer/token"
	"kyso/signer/truststore"
)

// cabinet keeps settings in memory.
type cabinet struct {
	identities

	stored   settings.Settings
	policy   settings.Policy
	imported settings.Settings
	trusted  []truststore.Entry
	file     []truststore.Entry
	pin      string
	changes  []token.PINChange
	given    [][]byte // the slices of the last change, to see them wiped
	oneTime  bool
	login    string
}

func (c *cabinet) Stored() settings.Settings { return c.stored }
func (c *cabinet) Effective() settings.Settings {
	e, _ := c.policy.Apply(c.stored)
	return e
}

func (c *cabinet) Policy() (settings.Policy, string, error) {
	return c.policy, "/etc/kyso/policy.json", nil
}
func (c *cabinet) Change(s settings.Settings) error             { c.stored = s; return nil }
func (c *cabinet) Export(string) error                          { return nil }
func (c *cabinet) Import(string) (settings.Settings, error)     { return c.imported, nil }
func (*cabinet) About() present.About                           { return present.About{} }
func (*cabinet) Language() explain.Language                     { return explain.Vietnamese }
func (c *cabinet) Trusted() ([]truststore.Entry, bool, error)   { return c.trusted, false, nil }
func (c *cabinet) ReadTrust(string) ([]truststore.Entry, error) { return c.file, nil }
func (c *cabinet) Trust(_, fingerprint string) error {
	if fingerprint != "" && fingerprint != c.file[0].SHA256 {
		return truststore.ErrFingerprint
	}
	c.trusted = append(c.trusted, c.file...)
	return nil
}

func (c *cabinet) Distrust(sum string) error {
	c.trusted = slices.DeleteFunc(c.trusted, func(e truststore.Entry) bool { return e.SHA256 == sum })
	return nil
}

func (*cabinet) TestDriver(_ context.Context, path string) ([]token.Info, error) {
	if strings.Contains(path, "none") {
		return nil, token.ErrDriverMissing
	}
	return []token.Info{{Label: "A"}}, nil
}
func (*cabinet) OpenKeyFile(context.Context, string, []byte) error { return nil }
func (c *cabinet) ChangePIN(_ context.Context, _ signing.Device, p token.PINChange) error {
	c.given = [][]byte{p.Old, p.New}
	c.changes = append(c.changes, token.PINChange{Old: bytes.Clone(p.Old), New: bytes.Clone(p.New), LastTry: p.LastTry})
	if string(p.Old) != c.pin {
		return &token.Error{Kind: token.KindPINWrong, Op: "change"}
	}
	return nil
}

func (*cabinet) TestStamp(_ context.Context, url string) present.StampTrial {
	if strings.Contains(url, "dead") {
		return present.StampTrial{Err: docsys.ErrOffline}
	}
	return present.StampTrial{Milliseconds: 120, By: "TSA"}
}
func (*cabinet) TestServer(context.Context) (docsys.Checkup, error) { return docsys.Checkup{}, nil }
func (c *cabinet) LogIn(_ context.Context, who present.Credentials) (present.LoggedIn, error) {
	if c.login = who.Login; c.oneTime {
		return present.LoggedIn{}, present.ErrNewPassword
	}
	return present.LoggedIn{Person: docsys.Person{Name: "Trần Minh Khôi"}}, nil
}

func (c *cabinet) ChangePassword(_ context.Context, who present.Credentials, fresh string) (present.LoggedIn, error) {
	c.login = who.Login + " " + fresh
	return present.LoggedIn{Person: docsys.Person{Name: "Phạm Quốc Bảo"}}, nil
}
func (*cabinet) LogOut(context.Context) error { return nil }
func (*cabinet) ShownPin(context.Context, string) (host, pin string, err error) {
	return "vanban.example", "abc=", nil
}
func (*cabinet) KeepProxyPassword(context.Context, string) bool { return false }

// study is a desk with settings on a page.
func study(t *testing.T, c *cabinet, p present.SettingsPage) (*bench, *present.Desktop) {
	t.Helper()
	b := &bench{t: t}
	r := &road{found: signing.Found{Tokens: []signing.Device{{Module: "m", Token: token.Info{Label: "Thẻ A", MinPIN: 4, MaxPIN: 12}}}}}
	d := present.NewDesktop(&present.Services{
		Road: r, Preferences: c, Inbox: inbox{&system{}}, Clock: func() time.Time { return time.Date(2026, 11, 25, 1, 0, 0, 0, time.UTC) },
		Explain: func(err error) explain.Message { return explain.For(err, explain.Vietnamese) },
	}, b)
	d.Settings.Open(p)
	b.settle()
	return b, d
}

// item finds an item of the page.
func item(t *testing.T, s *present.Settings, id string) present.SettingsItem {
	t.Helper()
	for _, i := range s.State().Items {
		if i.ID == id && i.Kind != present.ItemHeading {
			return i
		}
	}
	t.Fatalf("there is no %q", id)
	return present.SettingsItem{}
}

func TestTheLevelIsLoweredOnlyByAWordOfThePerson(t *testing.T) {
	c := &cabinet{stored: settings.Settings{Level: "B-LT", TimeStampServers: []string{"http://a"}}}
	_, d := study(t, c, present.PageStamps)
	s := d.Settings
	s.Set("level", "B-LTA")
	if c.stored.Level != "B-LTA" || s.State().Ask != nil {
		t.Fatalf("raised to %q, asked %v", c.stored.Level, s.State().Ask)
	}
	s.Set("level", "B-B")
	if c.stored.Level != "B-LTA" || s.State().Ask == nil {
		t.Fatalf("lowered to %q without a word", c.stored.Level)
	}
	s.Cancel()
	if c.stored.Level != "B-LTA" || item(t, s, "level").Value != "B-LTA" {
		t.Errorf("got %q after the person thought better", c.stored.Level)
	}
	s.Set("level", "B-B")
	s.Answer(nil)
	if c.stored.Level != "B-B" {
		t.Errorf("got %q after the person's word", c.stored.Level)
	}
}

func TestALevelThatNeedsMoreSaysSo(t *testing.T) {
	for name, tt := range map[string]struct {
		s       settings.Settings
		trusted []truststore.Entry
		want    string
	}{
		"basic":                    {settings.Settings{}, nil, ""},
		"a stamp without a server": {settings.Settings{Level: "B-T"}, nil, "settings.level.noserver"},
		"a stamp with a server":    {settings.Settings{Level: "B-T", TimeStampServers: []string{"http://a"}}, nil, ""},
		"proofs without a root":    {settings.Settings{Level: "B-LT", TimeStampServers: []string{"http://a"}}, []truststore.Entry{{}}, "settings.level.noroot"},
		"proofs with a root":       {settings.Settings{Level: "B-LT", TimeStampServers: []string{"http://a"}}, []truststore.Entry{{Root: true}}, ""},
	} {
		_, d := study(t, &cabinet{stored: tt.s, trusted: tt.trusted}, present.PageStamps)
		if got := item(t, d.Settings, "level").Note.Key; got != tt.want {
			t.Errorf("%s: got %q, want %q", name, got, tt.want)
		}
	}
}

func TestWhatIsLockedIsShownWithTheReasonAndStays(t *testing.T) {
	c := &cabinet{
		stored: settings.Settings{Server: "https://mine", TimeStampServers: []string{"http://mine"}},
		policy: settings.Policy{Locked: map[string]json.RawMessage{"server": json.RawMessage(`"https://vanban.example"`), "time_stamp_servers": json.RawMessage(`["http://tsa.example"]`)}},
	}
	_, d := study(t, c, present.PageServer)
	s := d.Settings
	if i := item(t, s, "server"); i.Value != "https://vanban.example" || i.Locked.Args["Path"] != "/etc/kyso/policy.json" {
		t.Errorf("got %+v", i)
	}
	s.Set("server", "https://other")
	s.Open(present.PageStamps)
	s.Act("time_stamp_servers", "add", "", "http://other")
	s.Act("time_stamp_servers", "remove", "http://tsa.example", "")
	if c.stored.Server != "https://mine" || !slices.Equal(c.stored.TimeStampServers, []string{"http://mine"}) {
		t.Errorf("changed to %+v", c.stored)
	}
	if i := item(t, s, "level"); i.Locked.Key != "" {
		t.Error("what is not locked is shown as locked")
	}
}

func typed(pairs ...string) map[string][]byte {
	v := map[string][]byte{}
	for i := 0; i < len(pairs); i += 2 {
		v[pairs[i]] = []byte(pairs[i+1])
	}
	return v
}

func TestANewPINIsTypedTwiceAndItsWeaknessesAreTold(t *testing.T) {
	c := &cabinet{pin: "246810"}
	b, d := study(t, c, present.PageTokens)
	s := d.Settings
	s.Act("tokens", "pin", "0", "")
	if a := s.State().Ask; a == nil || len(a.Fields) != 3 || a.CanConfirm {
		t.Fatalf("got %+v", s.State().Ask)
	}
	s.Typed(typed("old", "246810", "new", "kkkkkk", "again", "kkkkkk"))
	if a := s.State().Ask; a.CanConfirm || !slices.Equal(a.Hints, []string{explain.Weakness(token.WeakSame, explain.Vietnamese)}) {
		t.Errorf("a weak one: %+v", a)
	}
	s.Answer(typed("old", "246810", "new", "83920184", "again", "83920148"))
	if a := s.State().Ask; len(c.changes) != 0 || a.WhyNot.Key != "settings.pin.differ" {
		t.Errorf("typed in two ways: %+v", a)
	}
	s.Answer(typed("old", "246801", "new", "83920184", "again", "83920184"))
	b.settle()
	if a := s.State().Ask; a == nil || a.Problem == nil || a.Problem.Code != "pin-wrong" || a.Busy {
		t.Fatalf("a wrong one: %+v", a)
	}
	s.Answer(typed("old", "246810", "new", "83920184", "again", "83920184"))
	b.settle()
	if s.State().Ask != nil || s.State().Notice.Key != "settings.pin.done" || len(c.changes) != 2 || string(c.changes[1].New) != "83920184" {
		t.Errorf("got %+v after %d changes", s.State(), len(c.changes))
	}
	for _, g := range c.given {
		if len(bytes.Trim(g, "\x00")) != 0 {
			t.Error("a PIN was not wiped")
		}
	}
}

func TestTheLastTryOfAPINIsConfirmedTwice(t *testing.T) {
	c := &cabinet{pin: "246810"}
	b := &bench{t: t}
	r := &road{found: signing.Found{Tokens: []signing.Device{{Token: token.Info{Label: "A", MinPIN: 4, MaxPIN: 12, PIN: token.PINFinal}}}}}
	d := present.NewDesktop(&present.Services{Road: r, Preferences: c, Explain: func(err error) explain.Message { return explain.For(err, explain.Vietnamese) }}, b)
	s := d.Settings
	s.Open(present.PageTokens)
	b.settle()
	s.Act("tokens", "pin", "0", "")
	answer := func() { s.Answer(typed("old", "246810", "new", "83920184", "again", "83920184")) }
	answer()
	b.settle()
	if len(c.changes) != 0 || s.State().Ask == nil {
		t.Fatal("the last try was spent at the first word")
	}
	answer()
	b.settle()
	if len(c.changes) != 1 || !c.changes[0].LastTry {
		t.Errorf("got %+v", c.changes)
	}
}

func TestACertificateIsTrustedAfterItsFingerprintWasShown(t *testing.T) {
	e := truststore.Entry{Subject: cert.Subject{Name: "CA gốc", SHA256: strings.Repeat("ab", 32)}, Root: true}
	c := &cabinet{file: []truststore.Entry{e}}
	_, d := study(t, c, present.PageTrust)
	s := d.Settings
	s.Act("trust", "add", "", "/ca.cer")
	if a := s.State().Ask; a == nil || !strings.Contains(a.Body, "SHA-256  ABAB AB") || len(c.trusted) != 0 {
		t.Fatalf("got %+v", a)
	}
	s.Answer(typed("fingerprint", strings.Repeat("cd", 32)))
	if a := s.State().Ask; a == nil || a.Problem == nil || a.Problem.Code != "trust-fingerprint" || len(c.trusted) != 0 {
		t.Fatalf("another fingerprint: %+v", a)
	}
	s.Answer(typed("fingerprint", ""))
	if len(c.trusted) != 1 || len(item(t, s, "trust").Rows) != 1 {
		t.Fatalf("got %+v", c.trusted)
	}
	s.Act("trust", "remove", e.SHA256, "")
	if len(c.trusted) != 1 {
		t.Error("it was taken out without a question")
	}
	s.Answer(nil)
	if len(c.trusted) != 0 {
		t.Error("it is still trusted")
	}
}

func TestTimeStampingServersAreOrderedAndTried(t *testing.T) {
	c := &cabinet{}
	b, d := study(t, c, present.PageStamps)
	s := d.Settings
	for _, a := range []string{"http://a.example/", "dead.example", "nonsense://x", "http://a.example"} {
		s.Act("time_stamp_servers", "add", "", a)
	}
	s.Act("time_stamp_servers", "up", "https://dead.example", "")
	if d := cmp.Diff([]string{"https://dead.example", "http://a.example"}, c.stored.TimeStampServers); d != "" {
		t.Fatal(d)
	}
	s.Act("time_stamp_servers", "test", "https://dead.example", "")
	s.Act("time_stamp_servers", "test", "http://a.example", "")
	b.settle()
	rows := item(t, s, "time_stamp_servers").Rows
	if rows[0].Problem == nil || rows[0].Tone != present.Bad || rows[1].State.Key != "settings.stamps.ok" || rows[1].Tone != present.Good {
		t.Errorf("got %+v", rows)
	}
}

func TestADriverIsTriedWhenItIsAdded(t *testing.T) {
	c := &cabinet{}
	b, d := study(t, c, present.PageTokens)
	for _, path := range []string{"/opt/a.so", "/opt/none.so"} {
		d.Settings.Act("modules", "add", "", path)
		b.settle()
	}
	rows := item(t, d.Settings, "modules").Rows
	if len(rows) != 2 || rows[0].Tone != present.Good || rows[1].Problem == nil {
		t.Errorf("got %+v", rows)
	}
}

func TestKeyFilesFollowThePolicy(t *testing.T) {
	_, d := study(t, &cabinet{}, present.PageTokens)
	if i := item(t, d.Settings, "soft_keys"); i.Locked.Key == "" || len(i.Acts) != 0 {
		t.Errorf("without a policy: %+v", i)
	}
	c := &cabinet{policy: settings.Policy{SoftKeys: "trials"}}
	b, d := study(t, c, present.PageTokens)
	d.Settings.Act("soft_keys", "add", "", "/home/an/khoa.p12")
	d.Settings.Act("soft_keys", "open", "/home/an/khoa.p12", "")
	d.Settings.Answer(typed("password", "x"))
	b.settle()
	if rows := item(t, d.Settings, "soft_keys").Rows; len(rows) != 1 || rows[0].State.Key != "settings.softkeys.opened" {
		t.Errorf("got %+v", rows)
	}
}

func TestAnImportTellsWhatItChangesAndALowerLevel(t *testing.T) {
	c := &cabinet{stored: settings.Settings{Level: "B-LT", Server: "https://a"}, imported: settings.Settings{Level: "B-B", Server: "https://a", PSS: true}}
	_, d := study(t, c, present.PageFile)
	d.Settings.Act("file", "import", "", "/x.json")
	a := d.Settings.State().Ask
	if a == nil || a.Text.Key != "settings.import.lower" || len(a.List) != 2 || c.stored.Level != "B-LT" {
		t.Fatalf("got %+v", a)
	}
	d.Settings.Answer(nil)
	if c.stored.Level != "B-B" || !c.stored.PSS {
		t.Errorf("got %+v", c.stored)
	}
}

func TestAfterAOneTimePasswordANewOneIsSet(t *testing.T) {
	c := &cabinet{oneTime: true, stored: settings.Settings{Server: "https://a"}}
	b, d := study(t, c, present.PageServer)
	s := d.Settings
	s.Act("connection", "login", "", "")
	s.Answer(typed("login", "bao", "password", "once"))
	b.settle()
	if a := s.State().Ask; a == nil || a.Title.Key != "settings.password.title" {
		t.Fatalf("got %+v", a)
	}
	s.Answer(typed("new", "mậtkhẩu", "again", "khác"))
	if s.State().Ask == nil || s.State().Ask.CanConfirm {
		t.Fatal("two passwords were taken for one")
	}
	s.Answer(typed("new", "mậtkhẩu", "again", "mậtkhẩu"))
	b.settle()
	if d.State().Person.Name != "Phạm Quốc Bảo" || c.login != "bao mậtkhẩu" {
		t.Errorf("got %+v, %q", d.State().Person, c.login)
	}
}

func TestAnAddressIsAnAddress(t *testing.T) {
	c := &cabinet{}
	_, d := study(t, c, present.PageServer)
	for typed, want := range map[string]string{
		"vanban.phuong.gov.vn": "https://vanban.phuong.gov.vn", " https://a.example/ ": "https://a.example", "http://127.0.0.1:8088": "http://127.0.0.1:8088", "": "",
	} {
		d.Settings.Set("server", typed)
		if c.stored.Server != want {
			t.Errorf("%q: got %q, want %q", typed, c.stored.Server, want)
		}
	}
	before := c.stored.Server
	for _, bad := range []string{"ftp://a.example", "https://an:mật@a.example", "https://"} {
		d.Settings.Set("server", bad)
		if c.stored.Server != before || d.Settings.State().Notice.Key != "settings.badaddress" {
			t.Errorf("%q was taken: %q", bad, c.stored.Server)
		}
	}
}

func TestTheWayOfDocumentsIsChosen(t *testing.T) {
	c := &cabinet{}
	_, d := study(t, c, present.PageServer)
	s := d.Settings
	s.Set("connector.kind", settings.Folder)
	s.Set("connector.folder", "tương đối")
	if c.stored.Connector.Folder != "" || s.State().Notice.Key != "settings.connector.absolute" {
		t.Errorf("a relative folder: %+v", c.stored.Connector)
	}
	s.Set("connector.folder", "/mnt/vanthu")
	s.Set("connector.local", "yes")
	if got := c.stored.Connector; got.Kind != settings.Folder || got.Folder != "/mnt/vanthu" || !got.LocalFiles {
		t.Errorf("got %+v", got)
	}
	if i := item(t, s, "connection"); i.Acts[0].Off || !i.Acts[1].Off {
		t.Errorf("a folder can be tried and has no account: %+v", i.Acts)
	}
}

func TestAProxyAndAPinAreKept(t *testing.T) {
	c := &cabinet{}
	b, d := study(t, c, present.PageNetwork)
	s := d.Settings
	s.Set("proxy", "own")
	if item(t, s, "proxy.address").Value != "" || c.stored.Network.Proxy != "" {
		t.Error("a proxy without an address was kept")
	}
	s.Set("proxy.address", "http://proxy.phuong.vn:3128")
	s.Act("pins", "add", "", "vanban.example")
	b.settle()
	if len(c.stored.Network.Pins) != 0 || s.State().Ask == nil {
		t.Fatal("a pin was kept without a word")
	}
	s.Answer(nil)
	if got := c.stored.Network; got.Proxy != "http://proxy.phuong.vn:3128" || got.Pins["vanban.example"][0] != "abc=" {
		t.Errorf("got %+v", got)
	}
	s.Set("proxy", "system")
	s.Act("pins", "remove", "vanban.example", "")
	if got := c.stored.Network; got.Proxy != "" || len(got.Pins) != 0 {
		t.Errorf("got %+v", got)
	}
}
