package login

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/subtle"
	_ "embed"
	"errors"
	"fmt"
	"html/template"
	"net"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

const (
	// path is where the browser comes back to.
	path = "/dang-nhap"
	// pageWithin bounds what the browser does on our side.
	pageWithin = 5 * time.Second
	maxHeader  = 16 << 10
)

//go:embed answer.html
var answerPage string

// page is what the browser shows when it comes back.
type page struct{ Title, Text, English string }

// arrived is for the answer that was waited for, stray for every other.
func arrived() []byte {
	return page{
		"Đã xác nhận đăng nhập",
		"Bạn có thể đóng trang này và quay lại cửa sổ Ký số. Ký số đang hoàn tất đăng nhập với hệ thống văn bản.",
		"You can close this page and go back to Ký số.",
	}.html()
}

func stray() []byte {
	return page{
		"Chưa đăng nhập được",
		"Trang này không thuộc lần đăng nhập đang chờ, hoặc đăng nhập đã bị từ chối. Hãy quay lại cửa sổ Ký số và thử lại.",
		"This page does not belong to the log-in that waits, or it was refused. Go back to Ký số and try again.",
	}.html()
}

func (p page) html() []byte {
	var b bytes.Buffer
	if err := template.Must(template.New("answer").Parse(answerPage)).Execute(&b, p); err != nil {
		panic(err) // its fields are those of the page, and a buffer takes all
	}
	return b.Bytes()
}

// Browser logs in with the browser of this computer, which open opens at an
// address. It waits until the browser comes back to a loopback address, Patience
// is over, or ctx ends. open runs on the caller's goroutine.
func (p Provider) Browser(ctx context.Context, open func(address string) error) (Tokens, error) {
	ctx, cancel := context.WithTimeout(ctx, Patience)
	defer cancel()
	s, err := p.find(ctx)
	if err != nil {
		return Tokens{}, err
	}
	// The literal address, not localhost (RFC 8252, 7.3 and 8.3).
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp4", "127.0.0.1:0")
	if err != nil {
		return Tokens{}, fmt.Errorf("log in at %s: wait for the browser: %w", p.Issuer, err)
	}
	w := &waiting{state: rand.Text(), host: l.Addr().String(), issuer: p.Issuer, namesIssuer: s.namesIssuer, answers: make(chan answer, 1)}
	web := &http.Server{Handler: w, ReadHeaderTimeout: pageWithin, ReadTimeout: pageWithin, WriteTimeout: pageWithin, MaxHeaderBytes: maxHeader}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = web.Serve(l) // it ends when it is shut down
	}()
	defer func() {
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), pageWithin)
		defer cancel()
		if web.Shutdown(end) != nil { // the page is on its way still
			_ = web.Close()
		}
		<-served
	}()
	s.config.RedirectURL = "http://" + w.host + path
	verifier, nonce := oauth2.GenerateVerifier(), rand.Text()
	asked := []oauth2.AuthCodeOption{oauth2.S256ChallengeOption(verifier), oidc.Nonce(nonce)}
	if slices.Contains(p.Scopes, oidc.ScopeOfflineAccess) { // it needs the consent (OpenID Connect Core 1.0, 11)
		asked = append(asked, oauth2.SetAuthURLParam("prompt", "consent"))
	}
	address := s.config.AuthCodeURL(w.state, asked...)
	if err := open(address); err != nil {
		return Tokens{}, fmt.Errorf("log in at %s: open the browser: %w", p.Issuer, err)
	}
	select {
	case <-ctx.Done():
		return Tokens{}, p.failed(ctx, ctx.Err())
	case a := <-w.answers:
		if a.err != nil {
			return Tokens{}, fmt.Errorf("log in at %s: %w", p.Issuer, a.err)
		}
		t, err := s.config.Exchange(s.asks, a.code, oauth2.VerifierOption(verifier))
		if err != nil {
			return Tokens{}, p.failed(ctx, err)
		}
		return s.take(t, nonce)
	}
}

// answer is what the browser brought.
type answer struct {
	code string
	err  error
}

// waiting takes the one answer that belongs to the log-in, and shows a page for
// every other: a page of anybody's may send the browser here.
type waiting struct {
	state, host, issuer string
	namesIssuer         bool
	answers             chan answer
}

// ServeHTTP takes the browser back.
func (w *waiting) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	h := rw.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Connection", "close")
	q := r.URL.Query()
	a, ours := w.judge(q)
	// Another host is a name that was pointed at this machine (DNS rebinding).
	if r.Method != http.MethodGet || r.URL.Path != path || r.Host != w.host || !ours {
		rw.WriteHeader(http.StatusBadRequest)
		_, _ = rw.Write(stray()) // the browser is gone when this fails
		return
	}
	shown := arrived()
	if a.err != nil {
		shown = stray()
	}
	_, _ = rw.Write(shown) // as above
	select {
	case w.answers <- a:
	default: // the second answer; the first counts
	}
}

// judge reads an answer (RFC 6749, 4.1.2; RFC 9207). ours is false for one that
// belongs to another log-in: it is no answer at all.
func (w *waiting) judge(q url.Values) (a answer, ours bool) {
	if subtle.ConstantTimeCompare([]byte(q.Get("state")), []byte(w.state)) != 1 {
		return answer{}, false
	}
	issuer, named := q.Get("iss"), q.Has("iss")
	switch {
	case named && issuer != w.issuer, !named && w.namesIssuer:
		return answer{err: fmt.Errorf("%w: another issuer", ErrForged)}, true
	case q.Get("error") == "access_denied":
		return answer{err: ErrDenied}, true
	case q.Has("error"):
		return answer{err: fmt.Errorf("%w: %s", ErrDenied, printable(q.Get("error")))}, true
	case q.Get("code") == "" || len(q["code"]) > 1 || len(q["state"]) > 1:
		return answer{err: errors.Join(ErrForged, errors.New("no code, or more than one"))}, true
	}
	return answer{code: q.Get("code")}, true
}

// printable keeps of a foreign error code what RFC 6749, 4.1.2.1, has in it.
func printable(s string) string {
	out := []rune{}
	for _, r := range s {
		if len(out) < 60 && r > ' ' && r < 0x7f {
			out = append(out, r)
		}
	}
	return string(out)
}
