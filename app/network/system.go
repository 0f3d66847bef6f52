package network

import (
	"net/http"
	"net/url"
	"strings"
)

// registered is what a desktop system keeps of its proxy: the form of Windows
// ("host:port", or "http=host:port;https=host:port"; exceptions "*.local;<local>").
type registered struct{ server, exceptions string }

// choose gives the proxy for a request, nil for none.
func (r registered) choose(req *http.Request) (*url.URL, error) {
	host := strings.ToLower(req.URL.Hostname())
	if r.server == "" || isThisMachine(host) || r.excepts(host) {
		return nil, nil //nolint:nilnil // no proxy, as http.Transport has it
	}
	address := r.server
	if strings.Contains(address, "=") {
		address = ""
		for part := range strings.SplitSeq(r.server, ";") {
			scheme, at, _ := strings.Cut(strings.TrimSpace(part), "=")
			if strings.EqualFold(scheme, req.URL.Scheme) {
				address = at
			}
		}
	}
	if address == "" {
		return nil, nil //nolint:nilnil // no proxy for this scheme
	}
	if !strings.Contains(address, "://") {
		address = "http://" + address
	}
	return url.Parse(address) //nolint:wrapcheck // http.Client names the request
}

// excepts reports a host that is reached straight.
func (r registered) excepts(host string) bool {
	for pattern := range strings.SplitSeq(strings.ToLower(r.exceptions), ";") {
		switch pattern = strings.TrimSpace(pattern); {
		case pattern == "":
		case pattern == "<local>":
			if !strings.Contains(host, ".") {
				return true
			}
		case matches(pattern, host):
			return true
		}
	}
	return false
}

// matches compares a host with a pattern whose stars stand for anything.
func matches(pattern, host string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return pattern == host
	}
	rest, ok := strings.CutPrefix(host, parts[0])
	if !ok {
		return false
	}
	for _, p := range parts[1 : len(parts)-1] {
		_, after, found := strings.Cut(rest, p)
		if !found {
			return false
		}
		rest = after
	}
	return strings.HasSuffix(rest, parts[len(parts)-1])
}
