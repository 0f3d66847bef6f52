package docsys

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"

	"kyso/app/docsys/api"
)

var (
	_ Connector = (*Client)(nil)
	_ Inbox     = (*Client)(nil)
	_ Board     = (*Client)(nil)
)

// maxAnswer bounds a JSON answer that is read into memory.
const maxAnswer = 16 << 20

// Client speaks the contract with one server as one person. Its methods may be
// called from several goroutines. Refusals are *Problem, and ErrOffline says
// that there was no answer.
type Client struct {
	api  *api.Client
	doer *renewing

	mu     sync.Mutex
	token  string
	offers *Capabilities // nil before the server was asked
}

// NewClient makes a client of the server at base ("http://127.0.0.1:8088") that
// shows token, which may be empty before Login. Time limits, proxy and TLS
// are those of hc; the transfer of a file may take an hour.
func NewClient(base, token string, hc *http.Client) *Client {
	c := &Client{token: token}
	server := strings.TrimSuffix(strings.TrimRight(base, "/"), "/v1") + "/v1/"
	transfers := *hc
	transfers.Timeout = max(hc.Timeout, transferLimit)
	c.doer = &renewing{client: c, doer: hc, transfers: &transfers}
	c.api = &api.Client{Server: server, Client: c.doer, RequestEditors: []api.RequestEditorFn{c.authorize}}
	return c
}

func (c *Client) authorize(_ context.Context, req *http.Request) error {
	if token := c.bearer(); token != "" {
		req.Header.Set("Authorization", token)
	}
	return nil
}

// SetToken replaces the bearer token, after a log-in elsewhere.
func (c *Client) SetToken(token string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.token = token
}

// Token is the present bearer token, empty without a log-in.
func (c *Client) Token() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.token
}

// Session is a log-in.
type Session struct {
	Token string `json:"token"`
	// PasswordChangeRequired reports that the password was a one-time one:
	// the server refuses everything else before ChangePassword.
	PasswordChangeRequired bool `json:"password_change_required"`
}

// Login logs in with a local account; the client shows the new token from then on.
func (c *Client) Login(ctx context.Context, login, password string) (Session, error) {
	resp, err := c.api.LogIn(ctx, api.Credentials{Login: login, Password: password})
	s, err := decode[Session](resp, err, http.StatusCreated)
	if err != nil {
		return Session{}, fmt.Errorf("log in: %w", err)
	}
	c.SetToken(s.Token)
	return s, nil
}

// LoginWithIdentity logs in with an ID token of the server's identity provider and
// the nonce that it was asked for with, empty for a renewal; the client shows the
// new token from then on.
func (c *Client) LoginWithIdentity(ctx context.Context, idToken, nonce string) (Session, error) {
	in := api.IdentityToken{IdToken: idToken}
	if nonce != "" {
		in.Nonce = &nonce
	}
	resp, err := c.api.LogInWithIdentity(ctx, in)
	s, err := decode[Session](resp, err, http.StatusCreated)
	if err != nil {
		return Session{}, fmt.Errorf("log in: %w", err)
	}
	c.SetToken(s.Token)
	return s, nil
}

// Logout ends the session on the server and forgets the token.
func (c *Client) Logout(ctx context.Context) error {
	resp, err := c.api.LogOut(ctx)
	if err := expect(resp, err, http.StatusNoContent); err != nil {
		return fmt.Errorf("log out: %w", err)
	}
	c.SetToken("")
	return nil
}

// ChangePassword replaces the password of the account that is logged in.
func (c *Client) ChangePassword(ctx context.Context, old, replacement string) error {
	resp, err := c.api.ChangePassword(ctx, api.NewPassword{Old: old, New: replacement})
	if err := expect(resp, err, http.StatusNoContent); err != nil {
		return fmt.Errorf("change the password: %w", err)
	}
	return nil
}

// Whoami asks who is logged in.
func (c *Client) Whoami(ctx context.Context) (Person, error) {
	resp, err := c.api.WhoAmI(ctx)
	p, err := decode[Person](resp, err, http.StatusOK)
	if err != nil {
		return Person{}, fmt.Errorf("ask who is logged in: %w", err)
	}
	return p, nil
}

// Capabilities is what a server offers.
type Capabilities struct {
	Interface    string   `json:"interface"`
	MaxSinglePut int64    `json:"max_single_put"`
	Uploads      []string `json:"uploads"`
	Formula      string   `json:"formula"`
	// Login are the ways to log in: "password_local", "oidc".
	Login []string `json:"login"`
	// Providers are where "oidc" logs in.
	Providers []Provider `json:"providers,omitempty"`
}

// Provider is an identity provider (OpenID Connect) that a server trusts.
type Provider struct {
	Issuer   string   `json:"issuer"`
	ClientID string   `json:"client_id"` // of this program
	Name     string   `json:"name"`      // as people call it
	Scopes   []string `json:"scopes"`
}

// Describe asks what the server offers; it needs no log-in.
func (c *Client) Describe(ctx context.Context) (Capabilities, error) {
	resp, err := c.api.GetCapabilities(ctx)
	got, err := decode[Capabilities](resp, err, http.StatusOK)
	if err != nil {
		return Capabilities{}, fmt.Errorf("ask for the capabilities: %w", err)
	}
	return got, nil
}

// do turns the outcome of a request into an answer or an error: an answer with
// a status that is not wanted is a *Problem, no answer is ErrOffline. The
// caller closes the body of the answer.
func do(resp *http.Response, err error, want ...int) (*http.Response, error) {
	if err != nil {
		return nil, offline(err)
	}
	if slices.Contains(want, resp.StatusCode) {
		return resp, nil
	}
	defer func() { _ = resp.Body.Close() }()
	return nil, problemOf(resp)
}

// Answer turns the outcome of a request into an answer or an error, for
// connectors that speak HTTP, too: a status that is not wanted is a *Problem, no
// answer is ErrOffline. The caller closes the body of the answer.
func Answer(resp *http.Response, err error, want ...int) (*http.Response, error) {
	return do(resp, err, want...)
}

// offline marks a transport error, unless the caller himself gave up.
func offline(err error) error {
	if errors.Is(err, context.Canceled) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrOffline, err)
}

func decode[T any](resp *http.Response, err error, want ...int) (T, error) {
	var v T
	resp, err = do(resp, err, want...)
	if err != nil {
		return v, err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return v, offline(err)
	}
	if err := json.Unmarshal(body, &v); err != nil {
		return v, fmt.Errorf("unreadable answer of the server: %w", err)
	}
	return v, nil
}

func expect(resp *http.Response, err error, want ...int) error {
	resp, err = do(resp, err, want...)
	if err != nil {
		return err
	}
	_ = resp.Body.Close()
	return nil
}
