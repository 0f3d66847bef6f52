// Package webdav delivers signed documents to a WebDAV collection (RFC 4918): a
// Nextcloud, an Apache, an IIS, a NAS.
//
// It uses only what such servers agree on. A file is put under a private name,
// read back and compared, then moved to its own with "Overwrite: F", the one
// portable way to create and never replace; conditional requests and ranges of a
// PUT are not, and are not used. As in package folder a document is "name.pdf"
// and "name.json", the sidecar first; names that begin with ".kyso-" are under way.
//
// It verifies no signature.
package webdav

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"kyso/app/docsys"
)

// Options are what a connector works with.
type Options struct {
	// URL is the collection that takes the documents; it must exist.
	URL string
	// Login and Password are sent with every request (Basic, RFC 7617), and only
	// over TLS or to this machine. Both empty sends none.
	Login, Password string
	// Client has the time limits, the proxy and the TLS rules.
	Client *http.Client
	Clock  func() time.Time
}

// Collection is a docsys.Connector.
type Collection struct {
	base            *url.URL
	login, password string
	client          *http.Client
	clock           func() time.Time
}

var _ docsys.Connector = (*Collection)(nil)

// ErrPlain reports an address that would show the password to everybody on the way.
var ErrPlain error = plainError{}

// plainError names the message that a person reads (package explain).
type plainError struct{}

func (plainError) Error() string { return "a password is sent over TLS only" }

// ExplainCode names the message.
func (plainError) ExplainCode() string { return "no-tls" }

// New makes a connector.
func New(o Options) (*Collection, error) {
	base, err := url.Parse(o.URL)
	if err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https" {
		return nil, fmt.Errorf("the WebDAV address %q is none", o.URL)
	}
	if base.Scheme == "http" && o.Login != "" && !isLoopback(base.Hostname()) {
		return nil, fmt.Errorf("use %s: %w", base.Host, ErrPlain)
	}
	base.Path = strings.TrimRight(base.Path, "/") + "/"
	base.RawPath, base.RawQuery, base.Fragment = "", "", ""
	// A redirect would turn PUT and MOVE into GET.
	client := *o.Client
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Collection{base: base, login: o.Login, password: o.Password, client: &client, clock: o.Clock}, nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

const (
	// most bounds the search for a free name.
	most = 1000
	// maxSidecar bounds a sidecar that is read.
	maxSidecar = 1 << 20
)

// progress is what is remembered of a delivery between lives of the program.
type progress struct {
	// Part is the private name of the PDF; each transfer has a new one, since a
	// request of an earlier life may still be on its way.
	Part string `json:"part"`
	// Stored reports that the server holds the right bytes under Part.
	Stored bool `json:"stored,omitempty"`
	// Name is the name, without extension, that is being taken; it is the one
	// numbered Try, from 1: those before are other documents'.
	Name string `json:"name,omitempty"`
	Try  int    `json:"try,omitempty"`
	// Broken are the private names of transfers that broke: a server may store what
	// came of one after its removal was answered. They are removed once more at the end.
	Broken []string `json:"broken,omitempty"`
}

// maxBroken bounds the names that are removed once more.
const maxBroken = 20

// partOf makes a private name for a submission.
func partOf(s docsys.Submission) string {
	return ".kyso-" + docsys.SafeName(s.Key) + "-" + strings.ToLower(rand.Text()[:8])
}

// Submit publishes the file. As in package folder the name is remembered before
// it is taken.
func (c *Collection) Submit(ctx context.Context, s docsys.Submission) (docsys.Receipt, error) {
	r, err := c.submit(ctx, s)
	if err != nil {
		return docsys.Receipt{}, fmt.Errorf("deliver %s by WebDAV: %w", s.DocumentID, err)
	}
	return r, nil
}

func (c *Collection) submit(ctx context.Context, s docsys.Submission) (docsys.Receipt, error) {
	var at progress
	_ = json.Unmarshal([]byte(s.Resume), &at) // what cannot be read begins again
	if at.Name != "" {
		if r, done, err := c.goOn(ctx, s, at); done || err != nil {
			if done {
				c.sweep(ctx, at)
			}
			return r, err
		}
	}
	at, err := c.store(ctx, s, at)
	if err != nil {
		return docsys.Receipt{}, err
	}
	if s.Committing != nil {
		if err := s.Committing(); err != nil {
			return docsys.Receipt{}, errors.Join(err, c.remove(ctx, at.Part))
		}
	}
	for n := max(1, at.Try); n < most; n++ {
		at.Try, at.Name = n, docsys.Numbered(s.FileStem(), n)
		if err := remember(s, at); err != nil {
			return docsys.Receipt{}, err
		}
		switch ok, err := c.publish(ctx, s, at); {
		case err != nil:
			return docsys.Receipt{}, err
		case ok:
			c.sweep(ctx, at)
			return c.receipt(s, at.Name), nil
		}
	}
	return docsys.Receipt{}, errors.New("every name is taken")
}

// remember keeps the progress; the zero progress forgets it.
func remember(s docsys.Submission, at progress) error {
	if s.Remember == nil {
		return nil
	}
	if at.Part == "" {
		return s.Remember("")
	}
	raw, err := json.Marshal(at)
	if err != nil {
		return fmt.Errorf("remember the transfer: %w", err)
	}
	return s.Remember(string(raw))
}

func (c *Collection) receipt(s docsys.Submission, name string) docsys.Receipt {
	return docsys.Receipt{Version: name + ".pdf", SHA256: s.SHA256, ReceivedAt: c.clock().UTC()}
}

// goOn continues a delivery that was interrupted around the publication of a
// name; done is false when the PDF was not published yet.
func (c *Collection) goOn(ctx context.Context, s docsys.Submission, at progress) (_ docsys.Receipt, done bool, err error) {
	ours, err := c.isOurs(ctx, at.Name, s.Key)
	if err != nil {
		return docsys.Receipt{}, false, err
	}
	if ours {
		is, err := c.has(ctx, at.Name+".pdf", s.SHA256)
		if err == nil && is {
			return c.receipt(s, at.Name), true, c.remove(ctx, at.Part)
		}
		if err != nil && !isAbsent(err) {
			return docsys.Receipt{}, false, err
		}
	}
	switch there, err := c.exists(ctx, at.Part); {
	case err != nil:
		return docsys.Receipt{}, false, err
	case there: // it never came so far
		return docsys.Receipt{}, false, nil
	case ours: // the PDF was published and taken, its sidecar left
		return c.receipt(s, at.Name), true, nil
	}
	// Published and taken with its sidecar, or somebody tidied up: a person knows.
	if err := remember(s, progress{}); err != nil {
		return docsys.Receipt{}, false, err
	}
	return docsys.Receipt{}, false, &docsys.Problem{
		Type: "/problems/taken-or-lost", Status: http.StatusConflict,
		Title:  "Không rõ hệ thống đã lấy văn bản khỏi thư mục WebDAV chưa",
		Detail: at.Name + ".pdf không còn ở đó. Kiểm tra trên hệ thống văn bản; nếu chưa có thì bấm gửi lại.",
	}
}

// isOurs reports that the sidecar of a name belongs to a key. No damage on the
// way makes the right key of another, but it may make another of the right one:
// that answer counts only when it comes twice.
func (c *Collection) isOurs(ctx context.Context, name, key string) (bool, error) {
	ours := false
	_, err := settled(func() (string, bool, error) {
		raw, err := c.read(ctx, name+".json")
		if err != nil {
			return "", false, err
		}
		side, err := docsys.DecodeSidecar(raw)
		ours = err == nil && side.Key == key
		return string(raw), ours, nil
	})
	if isAbsent(err) {
		return false, nil
	}
	return ours, err
}

// has reports that a file holds the bytes with a hash; isAbsent tells that there is none.
func (c *Collection) has(ctx context.Context, name, sha256 string) (bool, error) {
	got, err := settled(func() (string, bool, error) {
		sum, err := c.sum(ctx, name)
		return sum, sum == sha256, err
	})
	return got == sha256, err
}

// errUnsteady reports a line that gives other bytes each time.
var errUnsteady = fmt.Errorf("%w: it reads differently each time", docsys.ErrDigest)

// settled reads until the answer is the wanted one, or the same twice in a row.
func settled(read func() (got string, wanted bool, err error)) (string, error) {
	const tries = 6
	last := ""
	for n := range tries {
		got, wanted, err := read()
		if err != nil || wanted || n > 0 && got == last {
			return got, err
		}
		last = got
	}
	return "", errUnsteady
}

// store puts the PDF under a private name and reads it back: WebDAV has no
// digest, and what is under way may be damaged or cut.
func (c *Collection) store(ctx context.Context, s docsys.Submission, at progress) (progress, error) {
	if at.Stored {
		switch is, err := c.has(ctx, at.Part, s.SHA256); {
		case err == nil && is: // an earlier life came so far
			if s.Progress != nil {
				s.Progress(s.Size)
			}
			return at, nil
		case err != nil && !isAbsent(err):
			return at, err
		}
	}
	if at.Part != "" { // of a transfer that broke
		if err := c.remove(ctx, at.Part); err != nil {
			return at, err
		}
	}
	broken := at.Broken
	if at.Part != "" {
		broken = append(broken, at.Part)
	}
	at = progress{Part: partOf(s), Try: at.Try, Broken: broken[max(0, len(broken)-maxBroken):]}
	if err := remember(s, at); err != nil {
		return at, err
	}
	if err := c.upload(ctx, s, at.Part); err != nil {
		return at, err
	}
	switch is, err := c.has(ctx, at.Part, s.SHA256); {
	case err != nil:
		return at, err
	case !is:
		return at, errors.Join(fmt.Errorf("store %s: %w", at.Part, docsys.ErrDigest), c.remove(ctx, at.Part))
	}
	at.Stored = true
	return at, remember(s, at)
}

// sweep removes what came late of transfers that broke. The document is delivered
// already, and what stays is under a private name: a failure is nobody's.
func (c *Collection) sweep(ctx context.Context, at progress) {
	for _, name := range at.Broken {
		_ = c.remove(ctx, name)
	}
}

func (c *Collection) upload(ctx context.Context, s docsys.Submission, name string) error {
	in, err := s.Open()
	if err != nil {
		return fmt.Errorf("open the file: %w", err)
	}
	body := in
	if s.Progress != nil {
		body = docsys.Counted(in, s.Progress)
	}
	defer func() { _ = body.Close() }()
	return c.put(ctx, name, "application/pdf", body, s.Size)
}

// publish gives the files their names; ok is false when another document has one of them.
func (c *Collection) publish(ctx context.Context, s docsys.Submission, at progress) (ok bool, err error) {
	ours, err := c.isOurs(ctx, at.Name, s.Key)
	if err != nil {
		return false, err
	}
	if !ours {
		if ours, err = c.claim(ctx, s, at.Name); !ours || err != nil {
			return false, err
		}
	}
	// Whatever the answer was, and however often the request arrived, what is
	// there now decides.
	moved := c.move(ctx, at.Part, at.Name+".pdf")
	switch is, err := c.has(ctx, at.Name+".pdf", s.SHA256); {
	case err == nil && is:
		return true, c.remove(ctx, at.Part)
	case err == nil && moved == nil:
		return false, fmt.Errorf("%w: %s.pdf", docsys.ErrDigest, at.Name)
	case err == nil: // somebody else's file took the name in between
		return false, c.remove(ctx, at.Name+".json")
	case isAbsent(err) && moved == nil: // moved, and taken at once
		return true, nil
	case isAbsent(err):
		return false, later(moved)
	default:
		return false, err
	}
}

// later makes a failure of a MOVE one that is tried again: its source was there
// just now.
func later(err error) error {
	if isAbsent(err) {
		return fmt.Errorf("%w: %v", docsys.ErrOffline, err) //nolint:errorlint // no longer a refusal
	}
	return err
}

// claim publishes the sidecar, which takes the name; false when it is taken.
func (c *Collection) claim(ctx context.Context, s docsys.Submission, name string) (bool, error) {
	if there, err := c.exists(ctx, name+".pdf"); err != nil || there {
		return false, err
	}
	raw, err := docsys.SidecarOf(s, name+".pdf", c.clock()).Encode()
	if err != nil {
		return false, err
	}
	part := partOf(s)
	if err := c.putChecked(ctx, part, raw); err != nil {
		return false, errors.Join(err, c.remove(ctx, part))
	}
	moved := c.move(ctx, part, name+".json")
	ours, err := c.isOurs(ctx, name, s.Key)
	if err != nil {
		return false, err
	}
	if err := c.remove(ctx, part); err != nil || ours { // a doubled request may have left it
		return ours, err
	}
	if p, ok := errors.AsType[*docsys.Problem](moved); moved == nil || ok && p.Status == http.StatusPreconditionFailed {
		return false, nil
	}
	return false, later(moved)
}

// putChecked puts a small file and reads it back.
func (c *Collection) putChecked(ctx context.Context, name string, raw []byte) error {
	if err := c.put(ctx, name, "application/json", bytes.NewReader(raw), int64(len(raw))); err != nil {
		return err
	}
	sum := sha256.Sum256(raw)
	is, err := c.has(ctx, name, hex.EncodeToString(sum[:]))
	if err == nil && !is {
		err = fmt.Errorf("store %s: %w", name, docsys.ErrDigest)
	}
	return err
}

// Status says that nobody verifies here.
func (c *Collection) Status(_ context.Context, version string) (docsys.VersionStatus, error) {
	return docsys.VersionStatus{Version: version, State: docsys.Unverified}, nil
}

// Check asks whether the address is a collection, and puts, moves, reads and
// removes a file.
func (c *Collection) Check(ctx context.Context) (docsys.Checkup, error) {
	k := docsys.Checkup{System: c.base.Host}
	probe, moved := ".kyso-thu.txt", ".kyso-thu-2.txt"
	text := []byte("kiểm tra kết nối\n") // Vietnamese letters, as names and contents have
	sum := sha256.Sum256(text)
	steps := []struct {
		name string
		do   func() error
	}{
		{"reach", func() error { return c.isCollection(ctx, &k) }},
		{"write", func() error { return c.put(ctx, probe, "text/plain", bytes.NewReader(text), int64(len(text))) }},
		{"rename", func() error { return c.move(ctx, probe, moved) }},
		{"answer", func() error {
			got, err := c.sum(ctx, moved)
			if err == nil && got != hex.EncodeToString(sum[:]) {
				err = docsys.ErrDigest
			}
			return err
		}},
		{"remove", func() error { return c.remove(ctx, moved) }},
	}
	for _, s := range steps {
		if err := k.Try(s.name, s.do); err != nil {
			return k, fmt.Errorf("check the WebDAV collection: %w", err)
		}
	}
	return k, nil
}

// isAbsent reports the answer that nothing has that name.
func isAbsent(err error) bool {
	p, ok := errors.AsType[*docsys.Problem](err)
	return ok && (p.Status == http.StatusNotFound || p.Status == http.StatusGone)
}
