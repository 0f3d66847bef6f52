package network_test

import (
	"crypto/tls"
	"encoding/pem"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kyso/app/network"
)

// server is a TLS server with the file of its authority.
func server(t *testing.T, version uint16) (web *httptest.Server, authority string) {
	t.Helper()
	web = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") }))
	web.TLS = &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: version}
	web.Config.ErrorLog = nil
	web.StartTLS()
	t.Cleanup(web.Close)
	authority = filepath.Join(t.TempDir(), "ca.pem")
	raw := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: web.Certificate().Raw})
	if err := os.WriteFile(authority, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	return web, authority
}

func get(t *testing.T, c *http.Client, url string) error {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := c.Do(req)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

func TestTLS(t *testing.T) {
	web, authority := server(t, tls.VersionTLS13)
	_, otherAuthority := server(t, tls.VersionTLS13)
	old, oldAuthority := server(t, tls.VersionTLS11)
	right := network.Pin(web.Certificate())
	wrong := "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
	cases := map[string]struct {
		url  string
		r    network.Rules
		says string // empty when the call goes through
	}{
		"an authority of the settings":   {web.URL, network.Rules{Authority: authority}, ""},
		"an authority that nobody knows": {web.URL, network.Rules{}, "certificate"},
		"TLS 1.1":                        {old.URL, network.Rules{Authority: oldAuthority}, "protocol version"},
		"the pinned key":                 {web.URL, network.Rules{Authority: authority, Pins: map[string][]string{"127.0.0.1": {wrong, right}}}, ""},
		"another key than pinned":        {web.URL, network.Rules{Authority: authority, Pins: map[string][]string{"127.0.0.1": {wrong}}}, right},
		"pins of another host":           {web.URL, network.Rules{Authority: authority, Pins: map[string][]string{"example.vn": {wrong}}}, ""},
		"a pin does not replace trust":   {web.URL, network.Rules{Pins: map[string][]string{"127.0.0.1": {right}}}, "certificate"},
		"a pin that is none":             {web.URL, network.Rules{Authority: otherAuthority, Pins: map[string][]string{"a": {"xyz"}}}, "no SHA-256"},
		"authorities that are not there": {web.URL, network.Rules{Authority: "/nowhere/ca.pem"}, "nowhere"},
		"a proxy that is none":           {web.URL, network.Rules{Proxy: "ftp://x"}, "no address"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			err := get(t, network.New(c.r, 10*time.Second), c.url)
			if c.says == "" && err != nil || c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says)) {
				t.Errorf("got %v, want %q", err, c.says)
			}
		})
	}
}

func TestErrorsNameTheirMessage(t *testing.T) {
	web, authority := server(t, tls.VersionTLS13)
	wrong := map[string][]string{"127.0.0.1": {"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}}
	if err := get(t, network.New(network.Rules{Authority: authority, Pins: wrong}, 0), web.URL); !isNamed(err, "pin-mismatch") {
		t.Errorf("another key gave %v", err)
	}
	if err := get(t, network.New(network.Rules{Proxy: "://"}, 0), web.URL); !isNamed(err, "network-settings") {
		t.Errorf("a bad proxy gave %v", err)
	}
}

func isNamed(err error, code string) bool {
	type named interface {
		error
		ExplainCode() string
	}
	n, ok := errors.AsType[named](err)
	return ok && n.ExplainCode() == code
}

func TestAProxyOfTheSettings(t *testing.T) {
	var asked, shown string
	proxy := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		asked, shown = r.URL.String(), r.Header.Get("Proxy-Authorization")
	}))
	t.Cleanup(proxy.Close)
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
	address := strings.TrimPrefix(proxy.URL, "http://")
	c := network.New(network.Rules{Proxy: address, ProxyLogin: "a", ProxyPassword: "b"}, 10*time.Second)
	if err := get(t, c, "http://van-ban.example.vn/x"); err != nil || asked != "http://van-ban.example.vn/x" || shown != "Basic YTpi" {
		t.Errorf("the proxy was asked for %q with %q, %v", asked, shown, err)
	}
	asked = ""
	local := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(local.Close)
	if err := get(t, c, local.URL); err != nil || asked != "" {
		t.Errorf("this machine was asked through the proxy: %q, %v", asked, err)
	}
}

func TestTheProxyOfWindows(t *testing.T) {
	const both, exceptions = "http=p1:80;https=p2:81", "*.phuong.vn;10.*;<local>; intranet.vn"
	cases := map[string]struct{ server, exceptions, url, want string }{
		"one for all":              {"p:3128", "", "https://a.vn/", "http://p:3128"},
		"by scheme, http":          {both, "", "http://a.vn/", "http://p1:80"},
		"by scheme, https":         {both, "", "https://a.vn/", "http://p2:81"},
		"none for the scheme":      {"ftp=p:1", "", "https://a.vn/", ""},
		"none":                     {"", "", "https://a.vn/", ""},
		"an exception with a star": {"p:1", exceptions, "https://x.Phuong.vn/", ""},
		"an address with a star":   {"p:1", exceptions, "https://10.1.2.3/", ""},
		"a name without a dot":     {"p:1", exceptions, "http://nas/", ""},
		"a whole name":             {"p:1", exceptions, "http://intranet.vn/", ""},
		"no exception":             {"p:1", exceptions, "http://phuong.vn.example/", "http://p:1"},
		"this machine":             {"p:1", "", "http://127.0.0.1:8088/", ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, c.url, nil)
			if err != nil {
				t.Fatal(err)
			}
			got, err := network.Registered(c.server, c.exceptions, req)
			if text := ""; err != nil || got != nil && got.String() != c.want || got == nil && text != c.want {
				t.Errorf("got %v, %v; want %q", got, err, c.want)
			}
		})
	}
}

func TestAddressesWithoutTLSAreRefused(t *testing.T) {
	for address, ok := range map[string]bool{
		"https://van-ban.vn": true, "http://127.0.0.1:8088": true, "http://localhost:1": true, "http://van-ban.vn": false, "van-ban.vn": false, "ftp://a": false, "": false,
	} {
		if err := network.CheckAddress(address); (err == nil) != ok {
			t.Errorf("%q gave %v", address, err)
		}
	}
}
