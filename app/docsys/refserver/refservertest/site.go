// Package refservertest runs the reference server for tests: the real server,
// with real SQLite and real HTTP on loopback, and the demonstration's district.
//
// Only the judge of signatures is replaced: a file's signatures are the lines
// that Sign appended, so that a test says what the judge finds. Tests that need
// real signatures give Start another Verifier.
package refservertest

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"kyso/app/docsys"
	"kyso/app/docsys/refserver"
	"kyso/app/docsys/refserver/identity"
	"kyso/signer/verify"
)

// Clock is a clock that a test sets.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// Now tells the time that was set.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Forward moves the clock.
func (c *Clock) Forward(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// NewClock is a clock that stands at a Monday morning in November 2026.
func NewClock() *Clock { return &Clock{now: time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC)} }

// Site is a running server with its people.
type Site struct {
	Server *refserver.Server
	URL    string
	// Certificates are the SHA-256 of each person's certificate, by login.
	Certificates map[string]string

	web *httptest.Server
}

// The people of the site, by login: Chairman approves, Deputy approves on
// behalf, Office initials, Clerk seals, all of phường Kim Liên; Outsider is the
// chairman of another ward. Everybody's token is Token(login), the password of
// Chairman is Password.
const (
	Chairman = "chu-tich"
	Deputy   = "pho-chu-tich"
	Office   = "chanh-van-phong"
	Clerk    = "van-thu"
	Outsider = "lang-ha"
	Password = "mat-khau-cua-chu-tich"
)

// Token is the bearer token of a login.
func Token(login string) string { return "token-of-" + login + "-0123456789abcdef" }

// Options change what Start does; the zero value works.
type Options struct {
	Verifier refserver.Verifier // Marked when nil
	Letters  []refserver.Letter
	// People replace those of the package, More come besides them.
	People, More []refserver.Person
	// Postgres is the URL of a database that is used instead of the suite's, or SQLite.
	Postgres string
	// Keep says that the data were restored and are not to be seeded.
	Keep bool
	// Blobs take the place of the files in the folder.
	Blobs refserver.Blobs
	// CloseDay is the day at whose end periods close by themselves; when zero none does.
	CloseDay int
	// InitialsApart is that of the server's Config.
	InitialsApart bool
	// Provider is the identity provider; nil for local accounts only.
	Provider *identity.Provider
	// NoYear leaves out the year of documents, which takes a while to make.
	NoYear bool
}

// SQLite in Options.Postgres takes the file in the data folder, whatever engine the suite is on.
const SQLite = "sqlite"

// Start runs a server on the data in dir, which it seeds when it is empty, and
// ends it with the test.
func Start(tb testing.TB, dir string, clock *Clock, o Options) *Site {
	tb.Helper()
	if o.Verifier == nil {
		o.Verifier = Marked
	}
	switch o.Postgres {
	case "":
		o.Postgres = Database(tb, dir)
	case SQLite:
		o.Postgres = ""
	}
	if o.CloseDay == 0 {
		o.CloseDay = -1
	}
	s, err := refserver.Open(tb.Context(), refserver.Config{CloseDay: o.CloseDay, InitialsApart: o.InitialsApart, Data: dir, Postgres: o.Postgres, Blobs: o.Blobs, Verifier: o.Verifier, Clock: clock.Now, Provider: o.Provider})
	if err != nil {
		tb.Fatal(err)
	}
	site := &Site{Server: s, Certificates: map[string]string{}}
	people := o.People
	if people == nil {
		people = site.people(tb, dir)
	}
	people = append(people, o.More...)
	if s.FirstPassword() != "" && !o.Keep { // the data is new
		if err := refserver.SeedDistrict(tb.Context(), s, refserver.Demonstration{People: people, Letters: o.Letters, NoYear: o.NoYear}); err != nil {
			tb.Fatal(err)
		}
	}
	var tokens []refserver.LoginToken
	for _, p := range people {
		tokens = append(tokens, refserver.LoginToken{Login: p.Login, Token: Token(p.Login)})
	}
	if err := s.Admit(tb.Context(), tokens); err != nil {
		tb.Fatal(err)
	}
	site.web = httptest.NewServer(s.Handler())
	site.URL = site.web.URL
	tb.Cleanup(site.Stop)
	return site
}

// Stop ends the server; its data stays. It may be called twice.
func (s *Site) Stop() {
	if s.web == nil {
		return
	}
	s.Server.EndWaits()
	s.web.Close()
	_ = s.Server.Close()
	s.web = nil
}

// As is a client that is logged in.
func (s *Site) As(login string) *docsys.Client {
	return docsys.NewClient(s.URL, Token(login), &http.Client{Timeout: 10 * time.Second})
}

// Number registers a document that is approved already and gives it a number:
// the whole way to it, as the chairman and the clerk.
func (s *Site) Number(ctx context.Context, n int) (string, error) {
	me := s.As(Chairman)
	d, err := me.Create(ctx, fmt.Sprintf("number-create-%04d", n), docsys.NewDocument{
		Unit: refserver.KimLienUnit, Type: "Công văn", Subject: fmt.Sprint("Văn bản ", n), Secrecy: "none", Notation: new("UBND"),
	})
	if err != nil {
		return "", err
	}
	file := []byte(fmt.Sprint("%PDF-1.7 ", d.ID))
	if d, err = s.commit(ctx, d, "draft", file); err != nil {
		return "", err
	}
	if d, err = me.Step(ctx, d.ID, "submit", fmt.Sprintf("number-submit-%04d", n), struct{}{}); err != nil {
		return "", err
	}
	line, err := Line(verify.Signature{
		Field: "S", Indication: verify.TotalPassed, ClaimedTime: time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC),
		Signer: verify.Certificate{SHA256: s.Certificates[Chairman], Holder: "Trần Minh Khôi"},
	})
	if err != nil {
		return "", err
	}
	if d, err = s.commit(ctx, d, "signed", append(append(file, mark...), line...)); err != nil {
		return "", err
	}
	d, err = s.As(Clerk).Step(ctx, d.ID, "number", fmt.Sprintf("number-number-%04d", n), struct{}{})
	return d.Number, err
}

// commit uploads a file and waits until the server has judged it.
func (s *Site) commit(ctx context.Context, d docsys.Document, stage string, file []byte) (docsys.Document, error) {
	sum := sha256.Sum256(file)
	me := s.As(Chairman)
	r, err := me.Submit(ctx, docsys.Submission{
		Key: "commit-" + stage + d.ID, DocumentID: d.ID, BaseVersion: d.Version, Stage: stage, SHA256: hex.EncodeToString(sum[:]), Size: int64(len(file)),
		Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(file)), nil },
	})
	if err != nil {
		return d, err
	}
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		v, err := me.Status(ctx, r.Version)
		if err != nil {
			return d, err
		}
		if v.State != "pending" {
			return me.Document(ctx, d.ID)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return d, ctx.Err()
		}
	}
}

// people makes the people; their certificates lie in dir, so that a restart has the same.
func (s *Site) people(tb testing.TB, dir string) []refserver.Person {
	tb.Helper()
	people := []refserver.Person{
		{Login: Chairman, Password: Password, Name: "Trần Minh Khôi", Title: "Chủ tịch", Unit: refserver.KimLienUnit, Role: "head"},
		{Login: Deputy, Name: "Lê Thu Hà", Title: "Phó Chủ tịch", Unit: refserver.KimLienUnit, Role: "deputy"},
		{Login: Office, Name: "Phạm Quốc Bảo", Title: "Chánh Văn phòng", Unit: refserver.KimLienUnit, Role: "department-head"},
		{Login: Clerk, Name: "Văn thư", Unit: refserver.KimLienUnit, Role: "clerk"},
		{Login: Outsider, Name: "Ngô Thị Lan", Title: "Chủ tịch", Unit: "H26.13.26", Role: "head"},
	}
	for i := range people {
		der := certificate(tb, filepath.Join(dir, people[i].Login+".cer"), people[i].Name)
		people[i].Certificates = []refserver.Certificate{{DER: der, Agency: people[i].Role == "clerk"}}
		sum := sha256.Sum256(der)
		s.Certificates[people[i].Login] = hex.EncodeToString(sum[:])
	}
	return people
}

func certificate(tb testing.TB, path, name string) []byte {
	tb.Helper()
	if der, err := os.ReadFile(path); err == nil {
		return der
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name}, NotAfter: time.Now().AddDate(5, 0, 0)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		tb.Fatal(err)
	}
	if err := os.WriteFile(path, der, 0o600); err != nil {
		tb.Fatal(err)
	}
	return der
}

// mark begins a line that stands for a signature.
const mark = "\n%SIGNED "

// Sign appends a signature that Marked finds, as an incremental update would.
func Sign(tb testing.TB, file []byte, s verify.Signature) []byte {
	tb.Helper()
	line, err := Line(s)
	if err != nil {
		tb.Fatal(err)
	}
	return append(append(bytes.Clone(file), mark...), line...)
}

// Line is a signature as Marked reads it behind a mark.
func Line(s verify.Signature) ([]byte, error) { return json.Marshal(s) }

// Marked is a Verifier that finds what Sign appended. A file that begins with
// "unreadable" is not a PDF.
func Marked(_ context.Context, r io.ReaderAt, size int64, at time.Time) (verify.Report, error) {
	raw, err := io.ReadAll(io.NewSectionReader(r, 0, size))
	if err != nil {
		return verify.Report{}, err
	}
	if bytes.HasPrefix(raw, []byte("unreadable")) {
		return verify.Report{}, refserver.ErrUnreadable
	}
	report := verify.Report{Indication: verify.TotalPassed, At: at, Policy: "marks"}
	for _, line := range bytes.Split(raw, []byte(mark))[1:] {
		var s verify.Signature
		if err := json.Unmarshal(line, &s); err != nil {
			return verify.Report{}, err
		}
		report.Signatures = append(report.Signatures, s)
		if s.Indication == verify.TotalFailed || s.Indication == verify.Indeterminate && report.Indication == verify.TotalPassed {
			report.Indication = s.Indication
		}
	}
	if len(report.Signatures) == 0 {
		report.Indication, report.SubIndication = verify.Indeterminate, verify.FormatFailure
	}
	return report, nil
}

// Link has an administrator link an account with somebody whom the identity provider
// knows.
func (s *Site) Link(tb testing.TB, administrator, login, subject string) {
	tb.Helper()
	body := strings.NewReader(fmt.Sprintf(`{"subject":%q}`, subject))
	req, err := http.NewRequestWithContext(tb.Context(), http.MethodPut, s.URL+"/v1/accounts/"+login+"/identity", body)
	if err != nil {
		tb.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+Token(administrator))
	req.Header.Set("Content-Type", "application/json")
	resp, err := (&http.Client{Timeout: 10 * time.Second}).Do(req)
	if err != nil {
		tb.Fatal(err)
	}
	if err := resp.Body.Close(); err != nil || resp.StatusCode != http.StatusNoContent {
		tb.Fatalf("link %s: %s, %v", login, resp.Status, err)
	}
}
