package present

import (
	"context"
	"errors"
	"slices"
	"time"

	"kyso/app/docsys"
	"kyso/app/explain"
	"kyso/app/settings"
	"kyso/app/signing"
	"kyso/signer/cert"
	"kyso/signer/token"
	"kyso/signer/truststore"
)

// Preferences keeps what a person chose, has it take effect, and tries what can
// be tried. Methods with a context may take their time and are called off the
// window's goroutine.
type Preferences interface {
	Choices
	Carrier
	TokenCare
	TrustCare
	Servers
}

// Servers are tried, and logged in to.
type Servers interface {
	Connections
	Accounts
	Identities
}

// Choices are the settings.
type Choices interface {
	// Stored are the person's own choices, Effective those with what is locked.
	Stored() settings.Settings
	Effective() settings.Settings
	// Policy is the administrator's; the error says why it is not heeded.
	Policy() (p settings.Policy, path string, problem error)
	// Change keeps the settings and has them take effect.
	Change(s settings.Settings) error
	// Language is the person's.
	Language() explain.Language
}

// Carrier takes settings to other computers.
type Carrier interface {
	// Export writes the settings to a file, Import reads one; it changes nothing.
	Export(path string) error
	Import(path string) (settings.Settings, error)
	// About tells where the program keeps its files, and its version.
	About() About
}

// TokenCare tries drivers, opens key files and changes PINs.
type TokenCare interface {
	// TestDriver loads a driver and lists its tokens.
	TestDriver(ctx context.Context, path string) ([]token.Info, error)
	// OpenKeyFile opens a key file for this run of the program.
	OpenKeyFile(ctx context.Context, path string, password []byte) error
	// ChangePIN is the use case of package signing.
	ChangePIN(ctx context.Context, at signing.Device, c token.PINChange) error
}

// TrustCare keeps the certificates that are trusted.
type TrustCare interface {
	// Trusted lists them; fixed ones cannot be changed.
	Trusted() (all []truststore.Entry, fixed bool, err error)
	// ReadTrust shows what a file holds and takes nothing.
	ReadTrust(path string) ([]truststore.Entry, error)
	// Trust takes the certificates of a file, Distrust takes one out.
	Trust(path, fingerprint string) error
	Distrust(fingerprint string) error
}

// Connections tries servers.
type Connections interface {
	// TestStamp has a time-stamping server stamp a trial.
	TestStamp(ctx context.Context, url string) StampTrial
	// TestServer tries the connection that the settings name.
	TestServer(ctx context.Context) (docsys.Checkup, error)
	// ShownPin gives the pin of the key that a server shows now.
	ShownPin(ctx context.Context, server string) (host, pin string, err error)
}

// Accounts are those at the document system and at the proxy.
type Accounts interface {
	// LogIn logs in to the document system. After a one-time password the error is
	// ErrNewPassword.
	LogIn(ctx context.Context, c Credentials) (LoggedIn, error)
	// ChangePassword replaces the one-time password of the account, and logs in.
	ChangePassword(ctx context.Context, c Credentials, fresh string) (LoggedIn, error)
	// LogOut ends the session and forgets the password.
	LogOut(ctx context.Context) error
	// KeepProxyPassword keeps the password for the proxy, where there is a keyring.
	KeepProxyPassword(ctx context.Context, password string) (kept bool)
}

// Credentials are an account's name and password; Keep asks to keep the password
// in the system's keyring.
type Credentials struct {
	Login, Password string
	Keep            bool
}

// LoggedIn is what came of a log-in. Person is zero where the system knows none.
type LoggedIn struct {
	Person docsys.Person
	// Kept reports that the keyring has the password.
	Kept bool
}

// ErrNewPassword reports a log-in with a one-time password.
var ErrNewPassword = errors.New("the server wants a new password")

// About is what the program tells of itself.
type About struct{ Folder, Version string }

// StampTrial is what came of a trial at a time-stamping server.
type StampTrial struct {
	Milliseconds int64
	// By is who signed the time stamp.
	By  string
	Err error
}

// SettingsPage is one page of the settings.
type SettingsPage string

// The pages.
const (
	PageProfile SettingsPage = "profile"
	PageTokens  SettingsPage = "tokens"
	PageTrust   SettingsPage = "trust"
	PageStamps  SettingsPage = "stamps"
	PageServer  SettingsPage = "server"
	PageNetwork SettingsPage = "network"
	PageLook    SettingsPage = "look"
	PageFile    SettingsPage = "file"
)

// settingsPages are the pages in their order.
func settingsPages() []SettingsPage {
	return []SettingsPage{PageProfile, PageTokens, PageTrust, PageStamps, PageServer, PageNetwork, PageLook, PageFile}
}

// ItemKind says how an item of a page is drawn.
type ItemKind string

// The kinds.
const (
	ItemHeading ItemKind = "heading" // begins a card
	ItemNote    ItemKind = "note"    // a text in a tone
	ItemFact    ItemKind = "fact"    // a name and what is
	ItemChoice  ItemKind = "choice"  // one of Options
	ItemText    ItemKind = "text"    // a line to type
	ItemToggle  ItemKind = "toggle"  // yes or no
	ItemList    ItemKind = "list"    // Rows
	ItemActs    ItemKind = "acts"    // buttons
)

// SettingsItem is one thing on a page.
type SettingsItem struct {
	// ID is what Set and Act name; it is unique on its page, headings aside.
	ID         string
	Kind       ItemKind
	Name, Help Text
	// Value is the option, the text, "yes" or "", or what is.
	Value   string
	Options []SettingsOption
	Rows    []SettingsRow
	Acts    []SettingsAct
	// Note is said under the item, such as what came of a test.
	Note Text
	Tone Tone
	// Locked says why the person cannot change it; the zero Text when he can.
	Locked Text
}

// SettingsOption is one choice.
type SettingsOption struct {
	ID         string
	Name, Help Text
}

// SettingsRow is one row of a list. Title, Second and State are the person's or
// the world's own words.
type SettingsRow struct {
	ID            string
	Title, Second string
	State         Text
	Tone          Tone
	Acts          []SettingsAct
	// Problem is why a test of it failed.
	Problem *Problem
}

// ActKind says what an act needs before it is done.
type ActKind string

// The kinds of acts.
const (
	ActPlain ActKind = ""
	ActOpen  ActKind = "open"  // a file to read
	ActSave  ActKind = "save"  // a file to write
	ActAdd   ActKind = "add"   // a text that is typed beside the button
	ActPlace ActKind = "place" // it goes to another place of the window
)

// SettingsAct is a button.
type SettingsAct struct {
	ID    string
	Kind  ActKind
	Name  Text
	Icon  string
	Hint  Text     // in the empty entry of ActAdd
	Files []string // extensions of ActOpen; the name of ActSave
	Off   bool
}

// SettingsState is the screen of settings.
type SettingsState struct {
	Page    SettingsPage
	Pages   []SettingsPage
	Items   []SettingsItem
	Busy    Text // what is being tried
	Notice  Text
	Tone    Tone
	Problem *Problem
	// Reopen offers to open the program again: what was changed waits for that.
	Reopen bool
	// Ask is the question that stands over the page; nil when there is none.
	Ask *SettingsAsk
}

// Settings is the presenter of the settings.
type Settings struct {
	services *Services
	loop     Loop
	state    SettingsState
	round    int
	found    *signing.Found
	trials   map[string]trial // by kind and name
	ownProxy bool             // a proxy is asked for and has no address yet
	ask      asked
	trayless bool   // the desktop shows no icons of programs
	later    bool   // something that was changed waits for the next start
	provider string // what people call the identity provider, empty for none
	wait     waiting

	// Changed is told each new state, Asked each change of the question alone.
	Changed func(SettingsState)
	Asked   func(SettingsAsk)
	// Styled is told when language or looks were changed.
	Styled func(settings.Settings)
	// Arrived is told who has logged in.
	Arrived func(docsys.Person)
	// Place goes to another place of the window.
	Place func(Place)
}

// trial is what came of a test.
type trial struct {
	text    Text
	tone    Tone
	problem *Problem
}

// newSettings makes the presenter on its first page.
func newSettings(s *Services, l Loop) *Settings {
	return &Settings{
		services: s, loop: l, trials: map[string]trial{}, state: SettingsState{Page: PageProfile},
		Changed: func(SettingsState) {}, Asked: func(SettingsAsk) {}, Styled: func(settings.Settings) {}, Arrived: func(docsys.Person) {}, Place: func(Place) {},
	}
}

// State gives the state as it is.
func (s *Settings) State() SettingsState { return s.state }

// Visit shows the page anew; on the page of tokens it looks for them, on that of the
// window for the place of its icon, on that of the server it asks how to log in.
func (s *Settings) Visit() {
	switch {
	case s.prefs() == nil:
	case s.state.Page == PageTokens:
		s.look()
	case s.state.Page == PageLook:
		s.lookForTray()
	case s.state.Page == PageServer:
		s.findProvider(func(bool) { s.draw() })
	}
	s.draw()
}

// lookForTray asks whether the window could hide.
func (s *Settings) lookForTray() {
	s.loop.Go(func(ctx context.Context) func() {
		tray := s.services.tray(ctx)
		return func() {
			if s.trayless == tray {
				s.trayless = !tray
				s.draw()
			}
		}
	})
}

// Open shows a page.
func (s *Settings) Open(p SettingsPage) {
	s.state.Page, s.state.Notice, s.state.Problem = p, Text{}, nil
	s.Visit()
}

func (s *Settings) prefs() Preferences { return s.services.Preferences }

// draw makes the items of the page and tells the state.
func (s *Settings) draw() {
	s.state.Pages = settingsPages()
	if s.prefs() == nil {
		s.state.Items = []SettingsItem{{ID: "none", Kind: ItemNote, Name: say("settings.none")}}
	} else {
		s.state.Items = s.items()
	}
	s.later = s.later || slices.Contains([]string{"settings.kept.later", "settings.imported"}, s.state.Notice.Key)
	s.state.Reopen = s.later && s.services.Reopens
	s.Changed(s.state)
}

// items makes the items of the page.
func (s *Settings) items() []SettingsItem {
	switch s.state.Page {
	case PageTokens:
		return s.tokensPage()
	case PageTrust:
		return s.trustPage()
	case PageStamps:
		return s.stampsPage()
	case PageServer:
		return s.serverPage()
	case PageNetwork:
		return s.networkPage()
	case PageLook:
		return s.lookPage()
	case PageFile:
		return s.filePage()
	case PageProfile:
	}
	return s.profilePage()
}

// change keeps a change of the settings and says what stands in the way.
func (s *Settings) change(notice Text, change func(*settings.Settings)) bool {
	now := s.prefs().Stored()
	change(&now)
	s.state.Notice, s.state.Tone, s.state.Problem = notice, Good, nil
	if err := s.prefs().Change(now); err != nil {
		s.state.Notice, s.state.Problem = Text{}, s.services.problem(err)
		s.draw()
		return false
	}
	s.draw()
	return true
}

// work tries something elsewhere; then brings the result while the page is the same.
func (s *Settings) work(busy Text, work func(ctx context.Context) (then func())) {
	s.round++
	round := s.round
	s.state.Busy, s.state.Notice, s.state.Problem = busy, Text{}, nil
	s.draw()
	s.loop.Go(func(ctx context.Context) func() {
		then := work(ctx)
		return func() {
			if round == s.round {
				s.state.Busy = Text{}
			}
			then()
			s.draw()
		}
	})
}

// look lists the tokens that are in.
func (s *Settings) look() {
	if s.services.Road == nil {
		return
	}
	road := s.services.Road
	s.work(say("settings.tokens.looking"), func(ctx context.Context) func() {
		found, err := road.Keys(ctx)
		return func() {
			s.found = &found
			s.state.Problem = s.services.problem(err)
		}
	})
}

// lock says why a setting cannot be changed here, the zero Text when it can.
func (s *Settings) lock(name string) Text {
	p, path, _ := s.prefs().Policy()
	if p.Locks(name) {
		return say("settings.locked", "Path", path)
	}
	return Text{}
}

// capacity says in which capacity a person signs, as the server's role tells
// (NĐ 30/2020/NĐ-CP, Đ13).
func capacity(role string) Text {
	switch role {
	case "head", "signer", "secretary", "clerk", "viewer", "auditor", "admin":
		return say("settings.capacity." + role)
	}
	return say("settings.capacity.none")
}

// authority says in which form a person signs, for which unit, since and until when.
func authority(a docsys.HeldAuthority) SettingsItem {
	item := SettingsItem{
		ID: "authority " + a.Unit + a.May + a.Form, Kind: ItemFact, Name: say("settings.authority." + a.Form),
		Note: say("settings.authority.since", "Unit", a.UnitName, "From", Date(a.ValidFrom)),
	}
	if a.May == "initial" {
		item.Name = say("settings.authority.initial")
	}
	if end, err := time.Parse(time.DateOnly, a.ValidTo); err == nil {
		last := end.AddDate(0, 0, -1).Format(time.DateOnly)
		item.Note = say("settings.authority.until", "Unit", a.UnitName, "From", Date(a.ValidFrom), "To", Date(last))
	}
	return item
}

// fingerprint writes a SHA-256 in groups of four, as people compare it.
func fingerprint(sum string) string {
	var out []byte
	for i := range len(sum) {
		if i > 0 && i%4 == 0 {
			out = append(out, ' ')
		}
		c := sum[i]
		if 'a' <= c && c <= 'f' {
			c -= 'a' - 'A'
		}
		out = append(out, c)
	}
	return string(out)
}

// validity says until when a certificate is good.
func validity(c cert.Subject) string { return Day(c.NotBefore) + " – " + Day(c.NotAfter) }
