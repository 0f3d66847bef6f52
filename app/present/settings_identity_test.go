package present_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"kyso/app/docsys"
	"kyso/app/docsys/login"
	"kyso/app/present"
	"kyso/app/settings"
)

// identities is an identity provider of a document system.
type identities struct {
	provider string // its name, empty for none
	kept     bool
	refuse   error
	logIns   []string // the ways that were gone
	// stay has a log-in wait until its context ends, and then gives what it ended with;
	// shown is told when it waits.
	stay  bool
	shown chan struct{}
	late  bool // it succeeds although it was ended
}

func (i *identities) Provider(context.Context) (string, error) {
	if i.provider == "" {
		return "", errors.New("no provider")
	}
	return i.provider, nil
}

func (i *identities) LogInByBrowser(ctx context.Context) (present.LoggedIn, error) {
	return i.logIn(ctx, "browser")
}

func (i *identities) LogInByCode(ctx context.Context, told func(present.DeviceCode)) (present.LoggedIn, error) {
	told(present.DeviceCode{User: "KYSO-2026", Address: "https://dang-nhap.tinh.example/ma", Until: time.Date(2026, 11, 23, 2, 10, 0, 0, time.UTC)})
	return i.logIn(ctx, "code")
}

func (i *identities) logIn(ctx context.Context, how string) (present.LoggedIn, error) {
	i.logIns = append(i.logIns, how)
	if i.stay {
		i.shown <- struct{}{}
		<-ctx.Done()
		if !i.late {
			return present.LoggedIn{}, ctx.Err()
		}
	}
	if i.refuse != nil {
		return present.LoggedIn{}, i.refuse
	}
	return present.LoggedIn{Person: docsys.Person{Name: "Trần Minh Khôi"}, Kept: i.kept}, nil
}

// with is a study of a system that has a provider.
func withProvider(t *testing.T, i identities) (*bench, *present.Desktop, *cabinet) {
	t.Helper()
	c := &cabinet{stored: settings.Settings{Server: "https://a"}, identities: i}
	c.provider, c.shown = "Đăng nhập cán bộ", make(chan struct{})
	b, d := study(t, c, present.PageServer)
	b.settle()
	return b, d, c
}

// aside begins the first piece of work on a goroutine of its own, and waits until it
// waits. What it returns is done by the end that it gives.
func (b *bench) aside(shown <-chan struct{}) (end func()) {
	b.t.Helper()
	w := b.work[0]
	b.work = b.work[1:]
	came := make(chan func(), 1)
	go func() { came <- w(b.t.Context()) }()
	<-shown
	return func() {
		if then := <-came; then != nil {
			then()
		}
	}
}

func actOf(s *present.Settings, id string) *present.SettingsAct {
	for _, i := range s.State().Items {
		if n := slices.IndexFunc(i.Acts, func(a present.SettingsAct) bool { return a.ID == id }); n >= 0 {
			return &i.Acts[n]
		}
	}
	return nil
}

func TestTheProviderIsOfferedByItsName(t *testing.T) {
	_, d, c := withProvider(t, identities{})
	s := d.Settings
	if a := actOf(s, "identity"); a == nil || a.Off || a.Name.Args["Name"] != "Đăng nhập cán bộ" {
		t.Fatalf("got %+v", a)
	}
	s.Act("connection", "login", "", "")
	if a := s.State().Ask; a == nil || len(a.Acts) != 1 || a.Acts[0].Name.Key != "settings.server.identity" {
		t.Fatalf("the question of the password offers %+v", a)
	}
	s.Cancel()
	s.Set("connector.kind", settings.Folder)
	if actOf(s, "identity") != nil {
		t.Error("a folder has an identity provider")
	}
	c.stored.Connector.Kind = ""
	s.Set("server", "https://khac")
	if actOf(s, "identity") != nil {
		t.Error("another server has the provider of the one before")
	}
}

func TestTheBrowserLogsIn(t *testing.T) {
	for name, kept := range map[string]bool{"settings.server.arrived": true, "settings.identity.unkept": false} {
		b, d, _ := withProvider(t, identities{kept: kept})
		s := d.Settings
		s.Act("identity", "identity", "", "")
		a := s.State().Ask
		if a == nil || !a.Waits || a.Busy || a.CanConfirm || a.Confirm.Key != "" || a.Text.Key != "settings.identity.browser" || len(a.Acts) != 2 {
			t.Fatalf("while it waits: %+v", a)
		}
		b.settle()
		if s.State().Ask != nil || s.State().Notice.Key != name || d.State().Person.Name != "Trần Minh Khôi" {
			t.Errorf("then %+v, %+v, %q", s.State().Ask, s.State().Notice, d.State().Person.Name)
		}
	}
}

func TestACodeIsShownUntilItIsUsed(t *testing.T) {
	b, d, c := withProvider(t, identities{stay: true, late: true})
	s := d.Settings
	s.Act("identity", "identity", "", "")
	s.AskAct("code") // the browser was not begun yet
	if a := s.State().Ask; a == nil || a.Text.Key != "settings.identity.code.asking" || a.Code != "" {
		t.Fatalf("before there is a code: %+v", a)
	}
	b.work = b.work[1:] // the browser's never runs
	end := b.aside(c.shown)
	a := s.State().Ask
	if a == nil || a.Code != "KYSO-2026" || a.Address != "https://dang-nhap.tinh.example/ma" || a.Note.Args["At"] != "09:10" || !a.Waits {
		t.Fatalf("got %+v", a)
	}
	s.Cancel()
	if s.State().Ask != nil {
		t.Error("the question stays")
	}
	end()
	// It was used just then: the person is logged in, and told so.
	if d.State().Person.Name != "Trần Minh Khôi" || s.State().Notice.Key != "settings.identity.unkept" {
		t.Errorf("got %q, %+v", d.State().Person.Name, s.State().Notice)
	}
}

func TestALogInIsCancelled(t *testing.T) {
	b, d, c := withProvider(t, identities{stay: true})
	s := d.Settings
	s.Act("identity", "identity", "", "")
	end := b.aside(c.shown)
	s.Cancel()
	end() // the context of the wait has ended, else this waits for ever
	if st := s.State(); st.Ask != nil || st.Problem != nil || st.Notice.Key != "" || d.State().Person.Name != "" {
		t.Errorf("got %+v", st)
	}
}

func TestAnotherWayEndsTheOneBefore(t *testing.T) {
	b, d, c := withProvider(t, identities{stay: true})
	s := d.Settings
	s.Act("identity", "identity", "", "")
	first := b.aside(c.shown)
	s.AskAct("code")
	second := b.aside(c.shown)
	first()
	if a := s.State().Ask; a == nil || a.Code == "" {
		t.Fatalf("the end of the first one took the code away: %+v", a)
	}
	s.Cancel()
	second()
	if !slices.Equal(c.logIns, []string{"browser", "code"}) || s.State().Ask != nil {
		t.Errorf("went %v, %+v", c.logIns, s.State().Ask)
	}
}

func TestAFailedLogInOffersBothWays(t *testing.T) {
	b, d, c := withProvider(t, identities{refuse: errors.New("denied")})
	s := d.Settings
	for how, other := range map[string]string{"browser": "code", "code": "browser"} {
		s.Act("identity", "identity", "", "")
		if how == "code" {
			b.settle()
			s.AskAct("code")
		}
		b.settle()
		a := s.State().Ask
		if a == nil || a.Problem == nil || a.Waits || !a.CanConfirm || len(a.Acts) != 1 || a.Acts[0].ID != other {
			t.Fatalf("%s: got %+v", how, a)
		}
		c.logIns = nil
		s.Answer(nil) // tries again
		b.settle()
		if !slices.Equal(c.logIns, []string{how}) {
			t.Errorf("%s: tried %v again", how, c.logIns)
		}
		s.Cancel()
	}
	c.refuse = nil
	s.Act("identity", "identity", "", "")
	b.settle()
	if d.State().Person.Name == "" {
		t.Error("after the failures nobody could log in")
	}
}

// What the administrator needs can be sent to him.
func TestAnAccountThatNobodyLinkedIsToldTheAdministrator(t *testing.T) {
	refusal := &docsys.Problem{Type: "/problems/identity-not-linked", Status: 403, Title: "Chưa có tài khoản", Detail: "mã danh tính “7”"}
	b, d, _ := withProvider(t, identities{refuse: refusal})
	d.Settings.Act("identity", "identity", "", "")
	b.settle()
	if a := d.Settings.State().Ask; a == nil || len(a.Acts) != 0 || !strings.Contains(a.Copy, "mã danh tính “7”") {
		t.Errorf("got %+v", a)
	}
}

// A provider without codes leaves one way.
func TestWithoutCodesTheBrowserIsLeft(t *testing.T) {
	b, d, c := withProvider(t, identities{refuse: login.ErrNoCodes})
	d.Settings.Act("identity", "identity", "", "")
	d.Settings.AskAct("code")
	b.settle()
	a := d.Settings.State().Ask
	if a == nil || len(a.Acts) != 0 || a.Confirm.Key != "settings.identity.bybrowser" {
		t.Fatalf("got %+v", a)
	}
	c.logIns = nil
	d.Settings.Answer(nil)
	b.settle()
	if !slices.Equal(c.logIns, []string{"browser"}) {
		t.Errorf("went %v", c.logIns)
	}
}

func TestOneLineSaysThatTheLogInHasEnded(t *testing.T) {
	unauthorized := &docsys.Problem{Status: 401, Type: "/problems/log-in-required", Title: "Chưa đăng nhập"}
	cases := map[string]struct {
		person string
		err    error // of the server
		waits  int   // documents that wait for the log-in
		want   string
		again  bool
	}{
		"all is well":                   {"Khôi", nil, 0, "", true},
		"there is no line":              {"Khôi", docsys.ErrOffline, 0, "", true},
		"the session has ended":         {"Khôi", unauthorized, 0, "login.ended", true},
		"nobody has logged in":          {"", unauthorized, 0, "login.nobody", false},
		"signed documents wait":         {"Khôi", unauthorized, 3, "login.waits", true},
		"documents of an earlier start": {"", unauthorized, 1, "login.waits", true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t)
			o.system.waiting, o.system.err = nil, c.err
			all := make([]present.Delivery, c.waits)
			for i := range all {
				all[i] = present.Delivery{ID: string(rune('a' + i)), State: present.LoginNeeded, Err: docsys.ErrOffline}
			}
			o.outbox.list = all
			o.services.Person = docsys.Person{Name: c.person}
			d := present.NewDesktop(o.services, o.bench)
			d.Start()
			o.settle()
			got := d.State()
			if got.LogIn.Key != c.want || c.want != "" && got.Again != c.again || c.waits > 0 && got.LogIn.Args["Count"] != c.waits {
				t.Errorf("got %+v, again %v", got.LogIn, got.Again)
			}
			q := d.Queue.State()
			if nobody := q.Empty.Key == "queue.nobody"; nobody != (c.err != nil && !errors.Is(c.err, docsys.ErrOffline)) || nobody && q.Problem != nil {
				t.Errorf("the list says %+v, %+v", q.Empty, q.Problem)
			}
		})
	}
}

// A document that could not be fetched because the log-in had ended is opened by the
// next one.
func TestADocumentThatWaitedForTheLogInIsOpened(t *testing.T) {
	o := newOffice(t)
	o.desk.Start()
	o.settle()
	o.sheets.err = &docsys.Problem{Status: 401, Type: "/problems/log-in-required", Title: "Cần đăng nhập lại"}
	o.desk.Queue.OpenRow(0)
	o.settle()
	if p := o.desk.Reader.State().Problem; p == nil || p.Code != "log-in-required" {
		t.Fatalf("got %+v", p)
	}
	o.desk.LoggedIn(false)
	if o.desk.State().LogIn.Key != "login.ended" {
		t.Errorf("the line says %+v", o.desk.State().LogIn)
	}
	o.sheets.err = nil
	o.desk.Settings.Arrived(docsys.Person{Name: "Trần Minh Khôi"})
	o.settle()
	if s := o.desk.Reader.State(); s.Problem != nil || s.Loading || o.desk.State().LogIn.Key != "" {
		t.Errorf("got %+v, the line says %+v", s.Problem, o.desk.State().LogIn)
	}
}

func TestTheLineLogsInTheWayOfLastTime(t *testing.T) {
	cases := map[string]struct {
		provider string
		c        settings.Connector
		want     string // the title of the question
	}{
		"with a password":                         {"", settings.Connector{Login: "khoi"}, "settings.server.login"},
		"with a password where there is more":     {"Cổng", settings.Connector{Login: "khoi"}, "settings.server.login"},
		"at the provider":                         {"Cổng", settings.Connector{Identity: "https://cong"}, "settings.identity.title"},
		"at the provider, for the first time":     {"Cổng", settings.Connector{}, "settings.identity.title"},
		"at the provider, which does not say how": {"", settings.Connector{Identity: "https://cong"}, "settings.identity.title.some"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			b, d, cab := withProvider(t, identities{stay: true})
			cab.provider, cab.stored.Connector = c.provider, c.c
			d.Go(present.PlaceQueue)
			b.settle()
			d.Settings.LogInAgain()
			b.one(0) // the provider is asked for
			if a := d.Settings.State().Ask; a == nil || a.Title.Key != c.want {
				t.Errorf("got %+v, want %s", a, c.want)
			}
			d.Settings.LogInAgain() // the question stands already
			d.Settings.Cancel()
		})
	}
}

func TestWhoIsLoggedInAlreadyIsKnownAtTheStart(t *testing.T) {
	b, d, _ := withProvider(t, identities{})
	d.Known(docsys.Person{Name: "Trần Minh Khôi"})
	b.settle()
	if d.State().Person.Name != "Trần Minh Khôi" {
		t.Errorf("got %q", d.State().Person.Name)
	}
	d.Known(docsys.Person{Name: "người khác"}) // who logged in meanwhile stays
	if d.State().Person.Name != "Trần Minh Khôi" {
		t.Errorf("got %q", d.State().Person.Name)
	}
}
