// Package network makes the one HTTP client of the program: TLS 1.2 or better,
// the proxy that the settings name, and public keys that a server must show.
//
// It knows no server and stores nothing.
package network

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"
)

// Rules are how servers are reached. The zero value works.
type Rules struct {
	// Proxy is empty for the system's, "none" for none, else an address.
	Proxy string
	// ProxyLogin and ProxyPassword are shown to a proxy that is named here.
	ProxyLogin, ProxyPassword string
	// Authority is a PEM file of further authorities for TLS; empty for none.
	Authority string
	// Pins are, by host, the SHA-256 of public keys in base64.
	Pins map[string][]string
}

// None is the Proxy that goes straight to every server.
const None = "none"

// Time limits. A time-stamping server was seen to take two minutes for an answer.
const (
	dialLimit   = 15 * time.Second
	answerLimit = 150 * time.Second
	idleLimit   = 90 * time.Second
	maxIdle     = 4 // connections to one server
)

// New makes a client whose calls may take as long as limit, 0 for no limit. Rules
// that cannot be kept make every call fail with a *RuleError: a program that
// starts without its rules would go past the proxy.
func New(r Rules, limit time.Duration) *http.Client {
	t, err := transport(r)
	if err != nil {
		return &http.Client{Transport: failing{&RuleError{err}}, Timeout: limit}
	}
	return &http.Client{Transport: t, Timeout: limit}
}

// Limited gives a client with another limit on the same connections.
func Limited(c *http.Client, limit time.Duration) *http.Client {
	other := *c
	other.Timeout = limit
	return &other
}

func transport(r Rules) (*http.Transport, error) {
	proxy, err := proxyOf(r)
	if err != nil {
		return nil, err
	}
	roots, err := rootsOf(r.Authority)
	if err != nil {
		return nil, err
	}
	pins, err := pinsOf(r.Pins)
	if err != nil {
		return nil, err
	}
	return &http.Transport{
		Proxy:                 proxy,
		DialContext:           (&net.Dialer{Timeout: dialLimit, KeepAlive: dialLimit}).DialContext,
		TLSClientConfig:       &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots, VerifyConnection: pins.verify},
		TLSHandshakeTimeout:   dialLimit,
		ResponseHeaderTimeout: answerLimit,
		IdleConnTimeout:       idleLimit,
		MaxIdleConnsPerHost:   maxIdle,
		ForceAttemptHTTP2:     true,
	}, nil
}

// RuleError reports rules that cannot be kept.
type RuleError struct{ err error }

// Error says what is wrong with the rules.
func (e *RuleError) Error() string { return "network settings: " + e.err.Error() }
func (e *RuleError) Unwrap() error { return e.err }

// ExplainCode names the message that a person reads (package explain).
func (e *RuleError) ExplainCode() string { return "network-settings" }

// failing fails every call.
type failing struct{ err error }

// RoundTrip fails.
func (f failing) RoundTrip(*http.Request) (*http.Response, error) { return nil, f.err }

// proxyOf gives the choice of a proxy. A proxy that is named in the settings is
// used for every server but those of this machine.
func proxyOf(r Rules) (func(*http.Request) (*url.URL, error), error) {
	switch r.Proxy {
	case "", "system":
		return systemProxy(), nil
	case None:
		return nil, nil //nolint:nilnil // no proxy, as http.Transport has it
	}
	address := r.Proxy
	if !strings.Contains(address, "://") {
		address = "http://" + address
	}
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || !slices.Contains([]string{"http", "https", "socks5", "socks5h"}, u.Scheme) {
		return nil, fmt.Errorf("the proxy %q is no address", r.Proxy)
	}
	if r.ProxyLogin != "" {
		u.User = url.UserPassword(r.ProxyLogin, r.ProxyPassword)
	}
	return func(req *http.Request) (*url.URL, error) {
		if isThisMachine(req.URL.Hostname()) {
			return nil, nil //nolint:nilnil // no proxy, as http.Transport has it
		}
		return u, nil
	}, nil
}

func isThisMachine(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// rootsOf adds a file of authorities to the system's; nil stands for the system's.
func rootsOf(path string) (*x509.CertPool, error) {
	if path == "" {
		return nil, nil //nolint:nilnil // the system's, as tls.Config has it
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the authorities: %w", err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(raw) {
		return nil, fmt.Errorf("%s holds no certificate in PEM", path)
	}
	return pool, nil
}

// pins are public keys by host.
type pins map[string][][sha256.Size]byte

func pinsOf(in map[string][]string) (pins, error) {
	out := pins{}
	for host, keys := range in {
		for _, k := range keys {
			raw, err := base64.StdEncoding.DecodeString(k)
			if err != nil || len(raw) != sha256.Size {
				return nil, fmt.Errorf("the pin %q of %s is no SHA-256 in base64", k, host)
			}
			out[strings.ToLower(host)] = append(out[strings.ToLower(host)], [sha256.Size]byte(raw))
		}
	}
	return out, nil
}

// verify holds a verified chain against the pins of its host.
func (p pins) verify(s tls.ConnectionState) error {
	host, want := p.of(s)
	if host == "" {
		return nil
	}
	for _, chain := range s.VerifiedChains {
		for _, c := range chain {
			if slices.Contains(want, sha256.Sum256(c.RawSubjectPublicKeyInfo)) {
				return nil
			}
		}
	}
	err := &PinError{Host: host}
	if len(s.PeerCertificates) > 0 {
		err.Shown = Pin(s.PeerCertificates[0])
	}
	return err
}

// of gives the pinned host of a connection with its pins, "" for one without. A
// connection to an address of numbers has no name; it is the one for which its
// certificate was just found good.
func (p pins) of(s tls.ConnectionState) (string, [][sha256.Size]byte) {
	if s.ServerName != "" {
		host := strings.ToLower(s.ServerName)
		if want, ok := p[host]; ok {
			return host, want
		}
		return "", nil
	}
	for host, want := range p {
		if net.ParseIP(host) != nil && len(s.PeerCertificates) > 0 && s.PeerCertificates[0].VerifyHostname(host) == nil {
			return host, want
		}
	}
	return "", nil
}

// Pin gives the pin of a certificate's public key.
func Pin(c *x509.Certificate) string {
	sum := sha256.Sum256(c.RawSubjectPublicKeyInfo)
	return base64.StdEncoding.EncodeToString(sum[:])
}

// PinError reports a server that shows none of the public keys that it must show.
type PinError struct {
	Host string
	// Shown is the pin of what it showed, for the support desk to compare.
	Shown string
}

// Error names the host and the key.
func (e *PinError) Error() string {
	return fmt.Sprintf("%s shows another public key than the settings name: %s", e.Host, e.Shown)
}

// ExplainCode names the message that a person reads (package explain).
func (e *PinError) ExplainCode() string { return "pin-mismatch" }

// ErrNoTLS reports an address without TLS that is not on this machine.
var ErrNoTLS error = openError{}

type openError struct{}

func (openError) Error() string { return "the address is not encrypted" }

// ExplainCode names the message that a person reads (package explain).
func (openError) ExplainCode() string { return "no-tls" }

// CheckAddress refuses addresses over which a log-in would travel in the open.
func CheckAddress(address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return fmt.Errorf("the address %q is none", address)
	}
	if u.Scheme == "http" && !isThisMachine(u.Hostname()) {
		return fmt.Errorf("%s: %w", u.Host, ErrNoTLS)
	}
	return nil
}
