package network

import (
	"net/http"
	"net/url"

	"golang.org/x/sys/windows/registry"
)

// systemProxy is what HTTPS_PROXY and its like say, else the person's Internet
// settings. Scripts (PAC) are not run: name the proxy in the settings then.
func systemProxy() func(*http.Request) (*url.URL, error) {
	r := internetSettings()
	return func(req *http.Request) (*url.URL, error) {
		if u, err := http.ProxyFromEnvironment(req); u != nil || err != nil {
			return u, err
		}
		return r.choose(req)
	}
}

// internetSettings reads the registry; what is not there is no proxy.
func internetSettings() registered {
	k, err := registry.OpenKey(registry.CURRENT_USER, `Software\Microsoft\Windows\CurrentVersion\Internet Settings`, registry.QUERY_VALUE)
	if err != nil {
		return registered{}
	}
	defer k.Close() //nolint:errcheck // only read
	if on, _, err := k.GetIntegerValue("ProxyEnable"); err != nil || on == 0 {
		return registered{}
	}
	server, _, err := k.GetStringValue("ProxyServer")
	if err != nil {
		return registered{}
	}
	exceptions, _, _ := k.GetStringValue("ProxyOverride") // absent for none
	return registered{server, exceptions}
}
