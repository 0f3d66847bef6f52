package gui_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"fyne.io/fyne/v2"

	"kyso/app/docsys"
	"kyso/app/docsys/login"
	"kyso/app/present"
	"kyso/app/settings"
)

// identities is the identity provider of the office's document system.
type identities struct {
	provider string
	refuse   error
	kept     bool
	// stay has a log-in wait; shown is told when it does.
	stay  bool
	shown chan struct{}
}

func (i *identities) Provider(context.Context) (string, error) {
	if i.provider == "" {
		return "", errors.New("no provider")
	}
	return i.provider, nil
}

func (i *identities) LogInByBrowser(ctx context.Context) (present.LoggedIn, error) {
	return i.logIn(ctx)
}

func (i *identities) LogInByCode(ctx context.Context, told func(present.DeviceCode)) (present.LoggedIn, error) {
	told(present.DeviceCode{User: "WDJB-MJHT", Address: "https://dang-nhap.hanoi.example/thiet-bi", Until: now().Add(10 * time.Minute)})
	return i.logIn(ctx)
}

func (i *identities) logIn(ctx context.Context) (present.LoggedIn, error) {
	if i.stay {
		i.shown <- struct{}{}
		<-ctx.Done()
	}
	if i.refuse != nil {
		return present.LoggedIn{}, i.refuse
	}
	return present.LoggedIn{Person: docsys.Person{Name: "Trần Minh Khôi", Title: "Chủ tịch", Unit: "KL", UnitName: "Phường Kim Liên", Role: "head"}, Kept: i.kept}, nil
}

// loginError is that nobody is logged in, as a delivery tells it.
type loginError struct{ error }

// ExplainCode names it.
func (loginError) ExplainCode() string { return "delivery-login" }

// aside begins the first piece of work elsewhere, and comes back when it waits.
func (o *office) aside() {
	w := o.work[0]
	o.work = o.work[1:]
	ctx, cancel := context.WithCancel(o.t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		w(ctx)
	}()
	o.t.Cleanup(func() {
		cancel()
		<-ended
	})
	<-o.cabinet.shown
}

// loginScenarios are the states of a log-in at an identity provider, and of one that
// has ended.
func loginScenarios() []scenario {
	provider := func(o *office) {
		o.cabinet.provider, o.cabinet.shown = "Cổng xác thực cán bộ Hà Nội", make(chan struct{})
	}
	page := func(more ...func(*office)) func(*office) {
		return func(o *office) {
			o.desk.Go(present.PlaceSettings)
			o.desk.Settings.Open(present.PageServer)
			o.settle()
			for _, do := range more {
				do(o)
			}
		}
	}
	begin := func(o *office) { o.desk.Settings.Act("identity", "identity", "", "") }
	failing := func(err error) func(*office) {
		return func(o *office) {
			provider(o)
			o.cabinet.refuse = fmt.Errorf("log in at https://dang-nhap.hanoi.example: %w", err)
		}
	}
	required := &docsys.Problem{Status: 401, Type: "/problems/log-in-required", Title: "Cần đăng nhập"}
	all := []scenario{
		{"login-offered", provider, page()},
		{"login-password", provider, page(func(o *office) { o.desk.Settings.Act("connection", "login", "", "") })},
		{"login-browser", provider, page(begin)},
		{"login-code-asking", provider, page(begin, func(o *office) { o.desk.Settings.AskAct("code") })},
		{"login-code", func(o *office) { provider(o); o.cabinet.stay = true }, page(begin, func(o *office) {
			o.desk.Settings.AskAct("code")
			o.work = o.work[1:] // the browser's, which was ended
			o.aside()
		})},
		{"login-unkept", func(o *office) {
			provider(o)
			o.cabinet.stored.Connector = settings.Connector{Identity: "https://dang-nhap.hanoi.example"}
		}, page(begin, (*office).settle)},
		{"login-kept", func(o *office) {
			provider(o)
			o.cabinet.kept = true
			o.cabinet.stored.Connector = settings.Connector{Identity: "https://dang-nhap.hanoi.example"}
		}, page(begin, (*office).settle)},
		{"login-ended", nil, func(o *office) { o.down = required; o.desk.Refresh(); o.settle() }},
		{"login-signed", func(o *office) {
			o.last = present.Delivery{ID: "q1", State: present.LoginNeeded, Err: loginError{errors.New("401")}}
		}, func(o *office) {
			o.press(fyne.KeyReturn, fyne.KeyReturn)
			o.typePIN()
			o.press(fyne.KeyReturn)
		}},
		{"login-reader", nil, func(o *office) {
			o.down = required
			o.desk.Refresh()
			o.settle()
			o.desk.Queue.OpenRow(1)
			o.settle()
		}},
		{"login-nobody", func(o *office) { o.down, o.nobody = required, true }, nil},
		{"login-waits", nil, func(o *office) {
			for i := range 3 {
				o.sent = append(o.sent, present.Delivery{ID: fmt.Sprint(i), Title: "V/v trực lễ", State: present.LoginNeeded, Err: loginError{errors.New("401")}, At: now()})
			}
			o.desk.Go(present.PlaceSent)
			o.settle()
		}},
	}
	for name, err := range map[string]error{
		"unreachable": login.ErrUnreachable, "denied": login.ErrDenied, "late": login.ErrTooLate, "forged": login.ErrForged, "ended": login.ErrEnded, "no-codes": login.ErrNoCodes,
		"not-linked": &docsys.Problem{Type: "/problems/identity-not-linked", Status: 403, Title: "Chưa có tài khoản nào gắn với danh tính này", Detail: "Đề nghị quản trị viên gắn mã danh tính “5f2c9a1e-77b0-4c1d” của https://dang-nhap.hanoi.example vào tài khoản của bạn (PUT /v1/accounts/{login}/identity)."},
	} {
		do := page(begin, (*office).settle)
		if errors.Is(err, login.ErrNoCodes) {
			do = page(begin, func(o *office) { o.desk.Settings.AskAct("code"); o.settle() })
		}
		all = append(all, scenario{"login-error-" + name, failing(err), do})
	}
	return all
}
