// Package outgoing makes the HTTP client for addresses that stand in files of
// others: the OCSP, CRL and issuer addresses of uploaded certificates.
//
// Whoever uploads a file chooses them, so they must not reach what only this
// machine or this network reaches (server-side request forgery, CWE-918). The
// check is made on the address that is being connected to, after names are
// resolved: a name that changes its address and a redirect meet it as well.
package outgoing

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"syscall"
	"time"
)

// ErrForbidden reports an address that files of others may not make the server reach.
var ErrForbidden = errors.New("this address is not reached for files of others")

const (
	connectWithin = 10 * time.Second
	answerWithin  = 15 * time.Second
	maxRedirects  = 3
	maxPerHost    = 4
	maxHeader     = 64 << 10
)

// reserved are networks that are not the public Internet, besides those that
// netip knows by name (IANA special-purpose address registries).
func reserved() []netip.Prefix {
	var out []netip.Prefix
	for _, p := range []string{
		"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
		"64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16", "fec0::/10",
	} {
		out = append(out, netip.MustParsePrefix(p))
	}
	return out
}

// Client makes a client that takes within at most for one request. allow names
// networks that may be reached although they are not public, on any port;
// everything else is reached on ports 80 and 443. It uses no proxy: a proxy
// would resolve the names, out of sight of the check.
func Client(within time.Duration, allow []netip.Prefix) *http.Client {
	closed := reserved()
	dialer := &net.Dialer{Timeout: connectWithin, Control: func(_, address string, _ syscall.RawConn) error {
		return check(address, allow, closed)
	}}
	return &http.Client{
		Timeout: within,
		Transport: &http.Transport{
			DialContext: dialer.DialContext, TLSHandshakeTimeout: connectWithin, ResponseHeaderTimeout: answerWithin,
			MaxConnsPerHost: maxPerHost, MaxResponseHeaderBytes: maxHeader, IdleConnTimeout: time.Minute,
		},
		CheckRedirect: func(_ *http.Request, via []*http.Request) error {
			if len(via) > maxRedirects {
				return fmt.Errorf("more than %d redirects", maxRedirects)
			}
			return nil
		},
	}
}

// check judges the address and port of a connection.
func check(address string, allow, closed []netip.Prefix) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("%w: %s", ErrForbidden, address)
	}
	ip := to.Addr().Unmap().WithZone("")
	within := func(p netip.Prefix) bool { return p.Contains(ip) }
	if slices.ContainsFunc(allow, within) {
		return nil
	}
	public := ip.IsGlobalUnicast() && !ip.IsPrivate() && !slices.ContainsFunc(closed, within)
	if !public || to.Port() != 80 && to.Port() != 443 {
		return fmt.Errorf("%w: %s", ErrForbidden, to)
	}
	return nil
}
