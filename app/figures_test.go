package app_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"kyso/app"
	"kyso/app/docsys"
)

func TestFiguresAreKeptWhileTheServerCannotBeReached(t *testing.T) {
	var mu sync.Mutex
	answers := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		w.Header().Set("Content-Type", "application/json")
		switch r.URL.Path {
		case "/v1/board":
			_, _ = w.Write([]byte(`{"unit":"KL","name":"Phường Kim Liên","own":{"required":170,"fulfilled":160}}`))
		case "/v1/documents":
			_, _ = w.Write([]byte(`{"items":[{"id":"d1","subject":"V/v phòng cháy"}]}`))
		case "/v1/exports/board.pdf":
			_, _ = w.Write([]byte("%PDF-1.7"))
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	})
	server := httptest.NewServer(answers)
	data := t.TempDir()
	start := func(person string) *app.Figures {
		t.Helper()
		a, err := app.Start(t.Context(), app.Options{Data: data, NoOutbox: true, Handover: &app.Handover{
			Server: server.URL, Token: "t", Person: docsys.Person{Name: person, Unit: "KL"},
		}})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = a.Close() })
		return a.Figures()
	}
	f := start("Trần Minh Khôi")
	page, err := f.Board(t.Context(), "KL", "2026")
	if err != nil || page.Kept || page.Own.Fulfilled != 160 {
		t.Fatalf("%+v, %v", page, err)
	}
	if docs, err := f.Unsigned(t.Context(), "KL", "2026"); err != nil || len(docs) != 1 {
		t.Fatalf("%v, %v", docs, err)
	}
	file := filepath.Join(t.TempDir(), "annex.pdf")
	if err := f.SaveAnnex(t.Context(), file, docsys.Annex{Format: "pdf", Unit: "KL", Period: "2026", Basis: docsys.AtTime}); err != nil {
		t.Fatal(err)
	}
	server.Close()
	if page, err = f.Board(t.Context(), "KL", "2026"); err != nil || !page.Kept || page.Own.Fulfilled != 160 {
		t.Errorf("off line %+v, %v", page, err)
	}
	if docs, err := f.Unsigned(t.Context(), "KL", "2026"); err != nil || len(docs) != 1 {
		t.Errorf("off line %v, %v", docs, err)
	}
	if _, err := f.Board(t.Context(), "KL", "2025"); !errors.Is(err, docsys.ErrOffline) {
		t.Errorf("what was never asked: %v", err)
	}
	if _, err := start("Người Khác").Board(t.Context(), "KL", "2026"); !errors.Is(err, docsys.ErrOffline) {
		t.Errorf("another person is shown them: %v", err)
	}
	if err := f.SaveAnnex(t.Context(), file, docsys.Annex{Format: "pdf", Unit: "KL", Period: "2026", Basis: docsys.AtTime}); !errors.Is(err, docsys.ErrOffline) {
		t.Errorf("an annex off line: %v", err)
	}
	if raw, err := os.ReadFile(file); err != nil || string(raw) != "%PDF-1.7" {
		t.Errorf("the annex of before is %q, %v", raw, err)
	}
}

// feed answers what a test says, and then nothing more.
type feed struct {
	answers []docsys.Changed
	errs    []error
	asked   []string
	at      []time.Time
}

func (f *feed) Changes(ctx context.Context, after string, _ time.Duration) (docsys.Changed, error) {
	f.asked, f.at = append(f.asked, after), append(f.at, time.Now())
	if len(f.answers) == 0 {
		<-ctx.Done()
		return docsys.Changed{}, ctx.Err()
	}
	a, err := f.answers[0], f.errs[0]
	f.answers, f.errs = f.answers[1:], f.errs[1:]
	return a, err
}

func (f *feed) say(c docsys.Changed, err error) {
	f.answers, f.errs = append(f.answers, c), append(f.errs, err)
}

func TestChangesAreToldOnceAndInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		f := &feed{}
		f.say(docsys.Changed{Next: "7"}, nil)
		f.say(docsys.Changed{Next: "9", Events: []docsys.Change{{Event: "document.issue", Unit: "KL", Document: "d1"}}}, nil)
		f.say(docsys.Changed{Next: "9"}, nil)
		f.say(docsys.Changed{Next: "12", Events: []docsys.Change{{Event: "figures", Unit: "KL"}}}, nil)
		f.say(docsys.Changed{Next: "20", Reset: true}, nil)
		var told []app.Happened
		done := make(chan struct{})
		go func() {
			app.WatchChanges(ctx, f, func(h app.Happened) { told = append(told, h) })
			close(done)
		}()
		<-time.After(time.Minute)
		cancel()
		<-done
		if diff := cmp.Diff([]string{"", "7", "9", "9", "12", "20"}, f.asked); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]app.Happened{{Documents: true}, {Figures: true}, {Documents: true, Figures: true}}, told); diff != "" {
			t.Error(diff)
		}
	})
}

func TestTheWatchAsksEverMoreRarelyWhileThereIsNoServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		f := &feed{}
		for range 200 {
			f.say(docsys.Changed{}, docsys.ErrOffline)
		}
		told := 0
		done := make(chan struct{})
		go func() {
			app.WatchChanges(ctx, f, func(app.Happened) { told++ })
			close(done)
		}()
		<-time.After(time.Hour)
		cancel()
		<-done
		if n := len(f.asked); n < 12 || n > 30 {
			t.Errorf("asked %d times in an hour", n)
		}
		for i := 2; i < len(f.at); i++ {
			if gap := f.at[i].Sub(f.at[i-1]); gap < 5*time.Second || gap > 5*time.Minute {
				t.Errorf("pause %d is %v", i, gap)
			}
		}
		if told < 8 {
			t.Errorf("told %d times that everything may have changed", told)
		}
	})
}

func TestAfterAFailureEverythingMayHaveChanged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		f := &feed{}
		f.say(docsys.Changed{Next: "7"}, nil)
		f.say(docsys.Changed{}, docsys.ErrOffline)
		f.say(docsys.Changed{Next: "9"}, nil)
		var told []app.Happened
		done := make(chan struct{})
		go func() {
			app.WatchChanges(ctx, f, func(h app.Happened) { told = append(told, h) })
			close(done)
		}()
		<-time.After(time.Minute)
		cancel()
		<-done
		if diff := cmp.Diff([]app.Happened{{Documents: true, Figures: true}}, told); diff != "" {
			t.Error(diff)
		}
	})
}
