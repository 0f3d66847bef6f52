package app_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"kyso/app"
	"kyso/app/docsys"
	"kyso/app/docsys/auditlog"
	"kyso/app/docsys/refserver"
	site "kyso/app/docsys/refserver/refservertest"
	"kyso/app/explain"
	"kyso/app/settings"
)

// swapped is one address behind which the server can be exchanged.
type swapped struct {
	url string
	now atomic.Pointer[site.Site]
}

func newSwapped(t *testing.T, s *site.Site) *swapped {
	t.Helper()
	w := &swapped{}
	w.now.Store(s)
	web := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.now.Load().Server.Handler().ServeHTTP(rw, r)
	}))
	t.Cleanup(web.Close)
	w.url = web.URL
	return w
}

// happens makes something that the server notes in its log.
func happens(t *testing.T, s *site.Site) {
	t.Helper()
	d := docsys.NewDocument{Unit: refserver.KimLienUnit, Type: "Công văn", Subject: "V/v thử", Secrecy: "none"}
	if _, err := s.As(site.Chairman).Create(t.Context(), "key-of-an-entry", d); err != nil {
		t.Fatal(err)
	}
}

func TestARewrittenLogIsTold(t *testing.T) {
	data, clock := t.TempDir(), site.NewClock()
	old := site.Start(t, data, clock, site.Options{NoYear: true})
	old.Stop()
	backup := filepath.Join(t.TempDir(), "backup")
	if err := os.CopyFS(backup, os.DirFS(data)); err != nil {
		t.Fatal(err)
	}
	s := site.Start(t, data, clock, site.Options{NoYear: true})
	web := newSwapped(t, s)
	a := startWith(t, settings.Settings{Server: web.url})
	a.Client.SetToken(site.Token(site.Chairman))

	first, err := a.CheckAudit(t.Context())
	if err != nil || first.Last.Size == 0 || first.Seen.IsZero() {
		t.Fatalf("the first look gave %+v, %v", first, err)
	}
	happens(t, s)
	second, err := a.CheckAudit(t.Context())
	if err != nil || second.Last.Size <= first.Last.Size {
		t.Fatalf("after another entry: %+v, %v", second, err)
	}

	web.now.Store(site.Start(t, backup, clock, site.Options{NoYear: true}))
	got, err := a.CheckAudit(t.Context())
	if !errors.Is(err, auditlog.ErrRewritten) || explain.For(err, explain.Vietnamese).Code != "audit-rewritten" {
		t.Fatalf("an old backup gave %+v, %v", got, err)
	}
	if got.Last != second.Last || got.Alarm == "" {
		t.Errorf("the memory is %+v", got)
	}

	web.now.Store(s) // all is well again, but nobody has looked
	if _, err := a.CheckAudit(t.Context()); explain.For(err, explain.Vietnamese).Code != "audit-rewritten" {
		t.Errorf("the alarm was forgotten: %v", err)
	}
	if known, err := a.Audit(); err != nil || known.Alarm == "" || known.Last != second.Last {
		t.Errorf("remembered is %+v, %v", known, err)
	}
	if err := a.AcceptAudit(); err != nil {
		t.Fatal(err)
	}
	if _, err := a.CheckAudit(t.Context()); err != nil {
		t.Errorf("after the person accepted it: %v", err)
	}
}

func TestAnotherServersKeyIsTold(t *testing.T) {
	web := newSwapped(t, site.Start(t, t.TempDir(), site.NewClock(), site.Options{NoYear: true}))
	a := startWith(t, settings.Settings{Server: web.url})
	a.Client.SetToken(site.Token(site.Chairman))
	if _, err := a.CheckAudit(t.Context()); err != nil {
		t.Fatal(err)
	}
	web.now.Store(site.Start(t, t.TempDir(), site.NewClock(), site.Options{NoYear: true}))
	if _, err := a.CheckAudit(t.Context()); !errors.Is(err, auditlog.ErrUnsigned) {
		t.Errorf("another server gave %v", err)
	}
}

func TestTheLogIsWatched(t *testing.T) {
	s := site.Start(t, t.TempDir(), site.NewClock(), site.Options{NoYear: true})
	a := startWith(t, settings.Settings{Server: s.URL})
	a.Client.SetToken(site.Token(site.Chairman))
	ctx, cancel := context.WithCancel(t.Context())
	told := make(chan app.AuditState, 1)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		a.WatchAudit(ctx, func(s app.AuditState, err error) {
			if err != nil {
				t.Error(err)
			}
			told <- s
		})
	}()
	if got := <-told; got.Last.Size == 0 {
		t.Errorf("told %+v", got)
	}
	cancel()
	<-ended
}

func TestASystemWithoutALogGivesNoAlarm(t *testing.T) {
	web := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(web.Close)
	a := startWith(t, settings.Settings{Server: web.URL})
	if got, err := a.CheckAudit(t.Context()); err != nil || got.Alarm != "" || got.Last.Size != 0 {
		t.Errorf("got %+v, %v", got, err)
	}
}
