package network_test

import (
	"net/http"
	"testing"

	"golang.org/x/sys/windows/registry"

	"kyso/app/network"
)

// internet is the key with the person's Internet settings.
const internet = `Software\Microsoft\Windows\CurrentVersion\Internet Settings`

// set writes the person's Internet settings and has the end of the test remove them.
func set(t *testing.T, enabled uint32, server, exceptions string) {
	t.Helper()
	k, _, err := registry.CreateKey(registry.CURRENT_USER, internet, registry.SET_VALUE|registry.QUERY_VALUE)
	if err != nil {
		t.Fatal(err)
	}
	was, _, err := k.GetIntegerValue("ProxyEnable")
	if err == nil && was != 0 {
		t.Fatal("this person has a proxy, which the test would change")
	}
	t.Cleanup(func() {
		for _, name := range []string{"ProxyServer", "ProxyOverride"} {
			if err := k.DeleteValue(name); err != nil {
				t.Error(err)
			}
		}
		if err := k.SetDWordValue("ProxyEnable", 0); err != nil {
			t.Error(err)
		}
		_ = k.Close()
	})
	if err := k.SetDWordValue("ProxyEnable", enabled); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"ProxyServer": server, "ProxyOverride": exceptions} {
		if err := k.SetStringValue(name, text); err != nil {
			t.Fatal(err)
		}
	}
}

func TestTheInternetSettingsOfThePersonAreKept(t *testing.T) {
	cases := map[string]struct {
		enabled                       uint32
		server, exceptions, url, want string
	}{
		"a proxy":             {1, "proxy.tinh.vn:3128", "", "https://van-ban.vn/", "http://proxy.tinh.vn:3128"},
		"one for HTTPS alone": {1, "https=proxy.tinh.vn:3128", "", "http://van-ban.vn/", ""},
		"an exception":        {1, "proxy.tinh.vn:3128", "*.phuong.vn;<local>", "https://a.phuong.vn/", ""},
		"switched off":        {0, "proxy.tinh.vn:3128", "", "https://van-ban.vn/", ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			set(t, c.enabled, c.server, c.exceptions)
			transport := network.New(network.Rules{}, 0).Transport.(*http.Transport)
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, c.url, nil)
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			if u, err := transport.Proxy(req); err != nil {
				t.Error(err)
			} else if u != nil {
				got = u.String()
			}
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
