//go:build !windows

package network

import (
	"net/http"
	"net/url"
)

// systemProxy is what HTTPS_PROXY, HTTP_PROXY and NO_PROXY say.
func systemProxy() func(*http.Request) (*url.URL, error) { return http.ProxyFromEnvironment }
