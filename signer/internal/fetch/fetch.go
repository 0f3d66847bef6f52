// Package fetch brings what CAs publish: OCSP answers, revocation lists and
// certificates, bounded in size and time. It judges nothing; package revocation
// does, and reads no network.
package fetch

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"kyso/signer/internal/revocation"
)

// Limits of one fetch.
const (
	maxAnswer = 128 << 10 // an OCSP answer or a certificate
	maxList   = 24 << 20  // a revocation list
	patience  = 15 * time.Second
)

// Client asks CAs through an HTTP client that is handed in; without one every
// call is an error.
type Client struct {
	HTTP *http.Client
}

// OCSP asks the responder at a URL and returns its answer unjudged, with the nonce that was sent.
func (f Client) OCSP(ctx context.Context, url string, certificate, issuer *x509.Certificate) (answer, nonce []byte, err error) {
	body, nonce, err := revocation.Request(certificate, issuer)
	if err != nil {
		return nil, nil, fmt.Errorf("ask %s: %w", url, err)
	}
	answer, err = f.do(ctx, url, body, maxAnswer)
	return answer, nonce, err
}

// CRL fetches a revocation list, unjudged.
func (f Client) CRL(ctx context.Context, url string) ([]byte, error) {
	return f.do(ctx, url, nil, maxList)
}

// Issuer fetches the certificate of an issuer (RFC 5280, 4.2.2.1).
func (f Client) Issuer(ctx context.Context, url string) (*x509.Certificate, error) {
	der, err := f.do(ctx, url, nil, maxAnswer)
	if err != nil {
		return nil, err
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("fetch %s: %w", url, err)
	}
	return c, nil
}

// do gets an address, or posts an OCSP request to it when there is a body.
func (f Client) do(ctx context.Context, url string, body []byte, limit int64) ([]byte, error) {
	if f.HTTP == nil {
		return nil, errors.New("fetch " + url + ": no network")
	}
	// Only what a CA's web server speaks: a certificate may name file: or ldap: as well.
	if !strings.HasPrefix(url, "http://") && !strings.HasPrefix(url, "https://") {
		return nil, fmt.Errorf("fetch %s: not an HTTP address", url)
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	method := http.MethodGet
	if body != nil {
		method = http.MethodPost
	}
	request, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("fetch %s: %w", url, err)
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/ocsp-request")
	}
	response, err := f.HTTP.Do(request)
	if err != nil {
		return nil, fmt.Errorf("fetch %s: %w", url, err)
	}
	answer, err := io.ReadAll(io.LimitReader(response.Body, limit+1))
	err = errors.Join(err, response.Body.Close())
	switch {
	case err != nil:
		return nil, fmt.Errorf("fetch %s: %w", url, err)
	case response.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("fetch %s: %s", url, response.Status)
	case int64(len(answer)) > limit:
		return nil, fmt.Errorf("fetch %s: more than %d bytes", url, limit)
	}
	return answer, nil
}
