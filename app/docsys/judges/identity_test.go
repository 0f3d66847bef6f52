package judges_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	store "github.com/zalando/go-keyring"

	"kyso/app/docsys"
	"kyso/app/docsys/login"
	"kyso/app/docsys/refserver"
	"kyso/app/docsys/refserver/identity"
	site "kyso/app/docsys/refserver/refservertest"
	"kyso/app/session"
)

// official is who logs in at the provider.
const official = "can-bo-7"

// oidcProvider is npm's oidc-provider on loopback.
type oidcProvider struct {
	issuer string
	in     io.Writer
	out    *bufio.Scanner
}

func startProvider(t *testing.T) *oidcProvider {
	t.Helper()
	judges(t)
	cmd := exec.CommandContext(t.Context(), "node", "identity.mjs")
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 5 * time.Second
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Wait() }) // it is interrupted
	p := &oidcProvider{in: in, out: bufio.NewScanner(out)}
	for p.out.Scan() {
		if strings.HasPrefix(p.out.Text(), "http://127.0.0.1:") {
			p.issuer = p.out.Text()
			return p
		}
	}
	t.Fatal("oidc-provider did not start")
	return nil
}

// revoke has the provider's administrator end every log-in.
func (p *oidcProvider) revoke(t *testing.T) {
	t.Helper()
	if _, err := io.WriteString(p.in, "revoke\n"); err != nil {
		t.Fatal(err)
	}
	for p.out.Scan() {
		if p.out.Text() == "revoked" {
			return
		}
	}
	t.Fatalf("it was not revoked: %v", p.out.Err())
}

// at reaches the provider as the program does.
func (p *oidcProvider) at() login.Provider {
	return login.Provider{Issuer: p.issuer, ClientID: "kyso-desktop", Scopes: []string{"openid", "offline_access"}, Client: &http.Client{Timeout: 10 * time.Second}}
}

// A person has a browser of his own, and answers the forms of its pages.
type person struct {
	client *http.Client
	typed  map[string]string
	// refuses goes back at the first page that lets him.
	refuses bool
}

func newPerson(t *testing.T) *person {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &person{client: &http.Client{Jar: jar, Timeout: 20 * time.Second}, typed: map[string]string{"login": official, "password": "mat-khau"}}
}

var (
	formTag  = regexp.MustCompile(`(?s)<form[^>]*action="([^"]*)"[^>]*>(.*?)</form>`)
	inputTag = regexp.MustCompile(`<input[^>]*>`)
	buttons  = regexp.MustCompile(`<button[^>]*name="([^"]*)"[^>]*value="([^"]*)"`)
	attr     = regexp.MustCompile(`(\w+)="([^"]*)"`)
	abort    = regexp.MustCompile(`href="([^"]*/abort)"`)
)

// visit opens an address and answers form after form; it gives the last page.
func (p *person) visit(ctx context.Context, address string) (string, error) {
	page, at, err := p.ask(ctx, http.MethodGet, address, nil)
	for steps := 0; err == nil && steps < 10; steps++ {
		if back := abort.FindStringSubmatch(page); p.refuses && back != nil {
			next, err := at.Parse(html.UnescapeString(back[1]))
			if err != nil {
				return "", err
			}
			page, _, err = p.ask(ctx, http.MethodGet, next.String(), nil)
			return page, err
		}
		form := formTag.FindStringSubmatch(page)
		if form == nil {
			return page, nil
		}
		next, err2 := at.Parse(html.UnescapeString(form[1]))
		if err2 != nil {
			return "", err2
		}
		page, at, err = p.ask(ctx, http.MethodPost, next.String(), p.fill(form[2]))
	}
	return page, err
}

// fill types into the fields of a form.
func (p *person) fill(form string) url.Values {
	values := url.Values{}
	for _, tag := range inputTag.FindAllString(form, -1) {
		field := map[string]string{}
		for _, a := range attr.FindAllStringSubmatch(tag, -1) {
			field[a[1]] = html.UnescapeString(a[2])
		}
		if name := field["name"]; name != "" {
			values.Set(name, field["value"])
			if typed, ok := p.typed[name]; ok {
				values.Set(name, typed)
			}
		}
	}
	if b := buttons.FindStringSubmatch(form); b != nil {
		values.Set(b[1], b[2])
	}
	return values
}

// ask makes one request and follows where it is sent.
func (p *person) ask(ctx context.Context, method, address string, form url.Values) (page string, at *url.URL, err error) {
	req, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(form.Encode()))
	if err != nil {
		return "", nil, err
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	resp, err := p.client.Do(req)
	if err != nil {
		return "", nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode >= http.StatusInternalServerError {
		err = fmt.Errorf("%s: %s\n%s", address, resp.Status, b)
	}
	return string(b), resp.Request.URL, err
}

// browser is the person's, beside the program.
func (p *person) browser(t *testing.T) func(string) error {
	t.Helper()
	return func(address string) error {
		go func() {
			if _, err := p.visit(t.Context(), address); err != nil && t.Context().Err() == nil {
				t.Errorf("the browser: %v", err)
			}
		}()
		return nil
	}
}

// device types a code on another device.
func (p *person) device(t *testing.T) func(login.Code) {
	t.Helper()
	return func(c login.Code) {
		p.typed["user_code"] = c.User
		_ = p.browser(t)(c.Address) // begins elsewhere
	}
}

// TestOurServerTakesAccountsOfOidcProvider logs in by browser and by code, renews with
// refresh tokens that are good for once, and ends in every way.
func TestOurServerTakesAccountsOfOidcProvider(t *testing.T) {
	p := startProvider(t)
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere") // a session with a bus, which the store in memory does not ask
	store.MockInit()
	v, err := identity.New(identity.Config{Issuer: p.issuer, ClientID: "kyso-desktop", LoopbackHTTP: true}, http.DefaultTransport, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	const administrator = "quan-tri"
	s := site.Start(t, t.TempDir(), site.NewClock(), site.Options{NoYear: true, Provider: v, More: []refserver.Person{
		{Login: administrator, Name: "Quản trị", Unit: refserver.DistrictUnit, Role: "admin"},
	}})
	hc := &http.Client{Timeout: 10 * time.Second}
	program := func() (*session.Keeper, *docsys.Client) {
		c := docsys.NewClient(s.URL, "", hc)
		k := session.New(session.Options{Client: c, HTTP: hc, Target: s.URL, Folder: t.TempDir()})
		c.SetRenew(k.Renew)
		return k, c
	}
	who := func(c *docsys.Client) {
		t.Helper()
		if me, err := c.Whoami(t.Context()); err != nil || me.Name != "Văn thư" {
			t.Errorf("logged in is %q, %v", me.Name, err)
		}
	}
	k, c := program()
	_, _, err = k.LogIn(t.Context(), session.ByBrowser(newPerson(t).browser(t)))
	if r, ok := errors.AsType[*docsys.Problem](err); !ok || !strings.Contains(r.Detail, official) {
		t.Fatalf("before the account is linked: %v", err)
	}
	s.Link(t, administrator, site.Clerk, official)
	for name, way := range map[string]session.Way{
		"by browser": session.ByBrowser(newPerson(t).browser(t)), "by code": session.ByCode(newPerson(t).device(t)),
	} {
		t.Run(name, func(t *testing.T) {
			if at, kept, err := k.LogIn(t.Context(), way); err != nil || !kept || at != p.issuer {
				t.Fatalf("at %q, kept %v, %v", at, kept, err)
			}
			who(c)
			for range 3 {
				_, other := program()
				who(other)
			}
		})
	}
	p.revoke(t)
	if err := k.Renew(t.Context()); !errors.Is(err, login.ErrEnded) {
		t.Errorf("after the administrator ended it: %v, want ErrEnded", err)
	}
}

// TestOurLogInAtOidcProvider holds the client to what a strict provider demands.
func TestOurLogInAtOidcProvider(t *testing.T) {
	p := startProvider(t)
	got, err := p.at().Browser(t.Context(), newPerson(t).browser(t))
	if err != nil || got.Refresh == "" || got.Nonce == "" {
		t.Fatalf("got %+v, %v", got, err)
	}
	second, err := p.at().Refresh(t.Context(), got.Refresh)
	if err != nil || second.Refresh == got.Refresh || second.Refresh == "" {
		t.Fatalf("renewed: rotated %v, %v", second.Refresh != got.Refresh, err)
	}
	// A refresh token that is shown a second time was stolen, or so the provider must
	// think: it ends the whole log-in.
	if _, err := p.at().Refresh(t.Context(), got.Refresh); !errors.Is(err, login.ErrEnded) {
		t.Errorf("a used refresh token: %v, want ErrEnded", err)
	}
	if _, err := p.at().Refresh(t.Context(), second.Refresh); !errors.Is(err, login.ErrEnded) {
		t.Errorf("the newest one then: %v, want ErrEnded", err)
	}
	got, err = p.at().Device(t.Context(), newPerson(t).device(t))
	if err != nil || got.Refresh == "" {
		t.Fatalf("by code: %+v, %v", got, err)
	}
	if err := p.at().Revoke(t.Context(), got.Refresh); err != nil {
		t.Errorf("log out: %v", err)
	}
	if _, err := p.at().Refresh(t.Context(), got.Refresh); !errors.Is(err, login.ErrEnded) {
		t.Errorf("after the log-out: %v, want ErrEnded", err)
	}
	unwilling := newPerson(t)
	unwilling.refuses = true
	if _, err := p.at().Browser(t.Context(), unwilling.browser(t)); !errors.Is(err, login.ErrDenied) {
		t.Errorf("a person who goes back: %v, want ErrDenied", err)
	}
}
