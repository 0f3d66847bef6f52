package docsys

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

// ErrOffline reports that no server answered: no network, no such host, nobody
// listening, or the connection broke before the answer was complete.
var ErrOffline = errors.New("no server answers")

// Problem is a refusal by the server (RFC 9457).
//
//nolint:errname // the standard's word
type Problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail,omitempty"`
	// Retryable reports that the same request may succeed later.
	Retryable bool `json:"retryable"`
	// RetryAfter is the server's wish how long to wait; zero when it named none.
	RetryAfter time.Duration `json:"-"`
}

// Error is the title with the detail and the HTTP status.
func (p *Problem) Error() string {
	if p.Detail == "" {
		return fmt.Sprintf("%s (%d)", p.Title, p.Status)
	}
	return fmt.Sprintf("%s: %s (%d)", p.Title, p.Detail, p.Status)
}

// maxProblem bounds the body of a refusal that is read.
const maxProblem = 64 << 10

// problemOf reads the refusal of resp. A foreign body, such as a proxy's page,
// becomes a Problem that has the status only.
func problemOf(resp *http.Response) *Problem {
	p := &Problem{}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxProblem))
	if err != nil || json.Unmarshal(body, p) != nil || p.Title == "" {
		p = &Problem{Type: "about:blank", Title: http.StatusText(resp.StatusCode), Retryable: retryableStatus(resp.StatusCode)}
	}
	p.Status = resp.StatusCode
	p.Retryable = p.Retryable || retryableStatus(resp.StatusCode)
	if seconds, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil && seconds > 0 {
		p.RetryAfter = time.Duration(seconds) * time.Second
	}
	return p
}

// retryableStatus reports whether a status alone says "later": it decides for
// answers of proxies, which know nothing of the contract.
func retryableStatus(status int) bool {
	switch status {
	case http.StatusRequestTimeout, http.StatusLocked, http.StatusTooEarly, http.StatusTooManyRequests:
		return true
	}
	return status >= http.StatusInternalServerError
}
