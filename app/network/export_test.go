package network

import (
	"net/http"
	"net/url"
)

// Registered chooses a proxy as Windows' Internet settings say.
func Registered(server, exceptions string, req *http.Request) (*url.URL, error) {
	return registered{server, exceptions}.choose(req)
}
