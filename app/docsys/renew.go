package docsys

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"
)

// renewing repeats a request once after a new log-in when the server says that
// nobody is logged in.
type renewing struct {
	client *Client
	doer   *http.Client
	// transfers is doer with time for whole files.
	transfers *http.Client

	mu    sync.Mutex // one log-in at a time
	renew func(ctx context.Context) error
}

// SetRenew has f log in again (with Login or LoginWithIdentity) when the session has
// ended; the request that was refused is then repeated once. An error of f leaves
// the refusal as it was, but for ErrOffline and a problem that another try may
// solve: those are the request's own outcome, so that it is tried later and nobody
// is asked to log in. nil asks nobody.
func (c *Client) SetRenew(f func(ctx context.Context) error) {
	c.doer.mu.Lock()
	defer c.doer.mu.Unlock()
	c.doer.renew = f
}

// Do asks the server. Its errors are those of the HTTP client, as callers expect.
//
//nolint:wrapcheck // callers tell them apart
func (r *renewing) Do(req *http.Request) (*http.Response, error) {
	doer := r.doer
	if isTransfer(req) {
		doer = r.transfers
	}
	resp, err := doer.Do(req)
	if err != nil || resp.StatusCode != http.StatusUnauthorized || isLogin(req) || isRenewal(req.Context()) || req.Body != nil && req.GetBody == nil {
		return resp, err
	}
	renewed, err := r.again(req.Context(), req.Header.Get("Authorization"))
	if !renewed && err == nil {
		return resp, nil
	}
	_ = resp.Body.Close()
	if err != nil {
		return nil, err
	}
	next := req.Clone(req.Context())
	if req.GetBody != nil {
		if next.Body, err = req.GetBody(); err != nil {
			return nil, err
		}
	}
	if err := r.client.authorize(req.Context(), next); err != nil {
		return nil, err
	}
	return doer.Do(next)
}

// transferLimit bounds the transfer of one file, over a line as slow as they come.
const transferLimit = time.Hour

// isTransfer reports a request that carries a file, either way.
func isTransfer(req *http.Request) bool {
	return req.Method == http.MethodPut && strings.Contains(req.URL.Path, "/blobs/") ||
		req.Method == http.MethodPatch && strings.Contains(req.URL.Path, "/uploads/") ||
		req.Method == http.MethodGet && (strings.HasSuffix(req.URL.Path, "/content") || strings.Contains(req.URL.Path, "/exports/"))
}

// isLogin reports the calls whose refusal no log-in can help.
func isLogin(req *http.Request) bool {
	return req.Method == http.MethodPost && (strings.HasSuffix(req.URL.Path, "/sessions") || strings.HasSuffix(req.URL.Path, "/sessions/oidc"))
}

// renewal marks the calls that a renewal makes itself: they wait for no other.
type renewal struct{}

func isRenewal(ctx context.Context) bool { return ctx.Value(renewal{}) != nil }

// again logs in unless somebody did since the request was made with a token; it
// reports whether there is another token now. The error is one that passes.
func (r *renewing) again(ctx context.Context, shown string) (bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if now := r.client.bearer(); now != "" && now != shown {
		return true, nil
	}
	if r.renew == nil {
		return false, nil
	}
	err := r.renew(context.WithValue(ctx, renewal{}, true))
	if Passes(err) {
		return false, err
	}
	return err == nil && r.client.bearer() != shown, nil
}

// Passes reports an error that another try may not meet, as an error of a renewal:
// nobody needs to log in for it.
func Passes(err error) bool {
	p, ok := errors.AsType[*Problem](err)
	return ok && p.Retryable || !ok && errors.Is(err, ErrOffline)
}

// bearer is the header of the present token, empty without one.
func (c *Client) bearer() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.token == "" {
		return ""
	}
	return "Bearer " + c.token
}
