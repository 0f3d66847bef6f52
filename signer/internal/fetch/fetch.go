// Package fetch brings what CAs and time-stamping servers give: OCSP answers,
// revocation lists, certificates, time stamps, bounded in size and time. It
// judges nothing; packages revocation and timestamp do, and read no network.
package fetch

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"strings"
	"time"

	"kyso/signer/internal/certview"
	"kyso/signer/internal/cms"
	"kyso/signer/internal/revocation"
)

// Limits of one fetch.
const (
	maxAnswer    = 128 << 10 // an OCSP answer or certificates
	maxStamp     = 256 << 10 // a time stamp, with what its server embeds
	maxList      = 24 << 20  // a revocation list
	maxRedirects = 5
	maxIssuers   = 16 // certificates in one file of issuers
	patience     = 15 * time.Second
)

// Kind says why a fetch brought nothing.
type Kind string

// The kinds.
const (
	NoNetwork   Kind = "no-network"   // there is no client, or the address is none of HTTP
	Unreachable Kind = "unreachable"  // no connection, or it broke
	Timeout     Kind = "timeout"      // no answer, or not all of it, in time
	Redirects   Kind = "redirects"    // sent from one address to the next
	HTTPStatus  Kind = "http-status"  // an answer other than 200
	ContentType Kind = "content-type" // an answer of another kind
	TooLarge    Kind = "too-large"
	Malformed   Kind = "malformed" // not what was asked for
)

// Error is a fetch that brought nothing.
type Error struct {
	URL  string
	Kind Kind
	Err  error
}

// Error gives the text for the support desk.
func (e *Error) Error() string { return fmt.Sprintf("fetch %s: %s: %v", e.URL, e.Kind, e.Err) }

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Client asks through an HTTP client that is handed in; without one every call
// is an error. All errors are *Error.
type Client struct {
	HTTP *http.Client
}

// call is one request.
type call struct {
	url         string
	body        []byte // nil gets, else posts
	contentType string // of the body
	accept      string // the content type that the answer must have; empty takes all
	limit       int64
	patience    time.Duration
}

// OCSP asks the responder at a URL and returns its answer unjudged, with the nonce that was sent.
func (f Client) OCSP(ctx context.Context, url string, certificate, issuer *x509.Certificate) (answer, nonce []byte, err error) {
	body, nonce, err := revocation.Request(certificate, issuer)
	if err != nil {
		return nil, nil, &Error{url, Malformed, err}
	}
	answer, err = f.do(ctx, call{url: url, body: body, contentType: "application/ocsp-request", limit: maxAnswer})
	return answer, nonce, err
}

// CRL fetches a revocation list, unjudged.
func (f Client) CRL(ctx context.Context, url string) ([]byte, error) {
	return f.do(ctx, call{url: url, limit: maxList})
}

// TimeStamp posts a time-stamp request and returns the answer unjudged (RFC
// 3161, 3.4). Zero patience means 30 seconds.
func (f Client) TimeStamp(ctx context.Context, url string, request []byte, patience time.Duration) ([]byte, error) {
	if patience <= 0 {
		patience = 30 * time.Second
	}
	return f.do(ctx, call{
		url: url, body: request, contentType: "application/timestamp-query", accept: "application/timestamp-reply",
		limit: maxStamp, patience: patience,
	})
}

// Issuers fetches the certificates of issuers (RFC 5280, 4.2.2.1): one in DER or
// PEM, or a "certs-only" CMS message with several.
func (f Client) Issuers(ctx context.Context, url string) ([]*x509.Certificate, error) {
	body, err := f.do(ctx, call{url: url, limit: maxAnswer})
	if err != nil {
		return nil, err
	}
	found, err := certificates(body)
	if err == nil && len(found) == 0 {
		err = errors.New("no certificate in it")
	}
	if err != nil {
		return nil, &Error{url, Malformed, err}
	}
	return found[:min(len(found), maxIssuers)], nil
}

func certificates(body []byte) ([]*x509.Certificate, error) {
	if block, _ := pem.Decode(body); block != nil {
		body = block.Bytes
	}
	c, err := certview.Parse(body)
	if err == nil {
		return []*x509.Certificate{c}, nil
	}
	if data, cmsErr := cms.Parse(body); cmsErr == nil {
		return data.Certificates, nil
	}
	return nil, fmt.Errorf("neither a certificate nor a message of certificates: %w", err)
}

// do makes one request.
func (f Client) do(ctx context.Context, c call) ([]byte, error) {
	if f.HTTP == nil {
		return nil, &Error{c.url, NoNetwork, errors.New("there is no network client")}
	}
	if err := speaksHTTP(c.url); err != nil {
		return nil, &Error{c.url, NoNetwork, err}
	}
	if c.patience == 0 {
		c.patience = patience
	}
	ctx, cancel := context.WithTimeout(ctx, c.patience)
	defer cancel()
	method := http.MethodGet
	if c.body != nil {
		method = http.MethodPost
	}
	request, err := http.NewRequestWithContext(ctx, method, c.url, bytes.NewReader(c.body))
	if err != nil {
		return nil, &Error{c.url, NoNetwork, err}
	}
	if c.body != nil {
		request.Header.Set("Content-Type", c.contentType)
	}
	response, err := f.bounded().Do(request)
	if err != nil {
		return nil, &Error{c.url, kindOf(err), err}
	}
	answer, err := io.ReadAll(io.LimitReader(response.Body, c.limit+1))
	err = errors.Join(err, response.Body.Close())
	switch {
	case response.StatusCode != http.StatusOK:
		return nil, &Error{c.url, HTTPStatus, errors.New(response.Status)}
	case int64(len(answer)) > c.limit:
		return nil, &Error{c.url, TooLarge, fmt.Errorf("more than %d bytes", c.limit)}
	case err != nil:
		return nil, &Error{c.url, kindOf(err), err}
	}
	if got, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type")); c.accept != "" && got != c.accept {
		return nil, &Error{c.url, ContentType, fmt.Errorf("%.80q, not %s", got, c.accept)}
	}
	return answer, nil
}

// speaksHTTP refuses what no web server speaks: a certificate may name file: or
// ldap: as well.
func speaksHTTP(url string) error {
	if !strings.HasPrefix(url, "http://") && !strings.HasPrefix(url, "https://") {
		return errors.New("not an HTTP address")
	}
	return nil
}

var errRedirects = errors.New("too many redirects, or to no HTTP address")

// bounded is the client with a limit to redirects.
func (f Client) bounded() *http.Client {
	c := *f.HTTP
	own := c.CheckRedirect
	c.CheckRedirect = func(r *http.Request, via []*http.Request) error {
		if len(via) > maxRedirects || speaksHTTP(r.URL.String()) != nil {
			return errRedirects
		}
		if own != nil {
			return own(r, via)
		}
		return nil
	}
	return &c
}

func kindOf(err error) Kind {
	var n net.Error
	switch {
	case errors.Is(err, errRedirects):
		return Redirects
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &n) && n.Timeout():
		return Timeout
	}
	return Unreachable
}
