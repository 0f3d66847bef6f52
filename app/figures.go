package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"time"

	"kyso/app/docsys"
)

// Figures are the figures of the document server. What it answered last is kept
// in the cache folder and given again, marked as such, while it cannot be reached.
type Figures struct {
	client *docsys.Client
	dir    string
	whose  string // server and person: nobody is shown what another one was told
}

var (
	_ docsys.Board   = (*Figures)(nil)
	_ docsys.Figures = (*Figures)(nil)
)

// Figures gives the figures of the server; there must be one.
func (a *App) Figures() *Figures {
	p := a.Handover.Person
	return &Figures{client: a.Client, dir: filepath.Join(a.Folders.Cache, "figures"), whose: a.Handover.Server + "\x00" + p.Unit + "\x00" + p.Name}
}

// Board gives a unit's rate.
func (f *Figures) Board(ctx context.Context, unit, period string) (docsys.BoardPage, error) {
	return f.BoardOn(ctx, unit, period, docsys.AtTime)
}

// BoardOn gives a unit's rate on a basis.
func (f *Figures) BoardOn(ctx context.Context, unit, period, basis string) (docsys.BoardPage, error) {
	page, kept, err := keep(f, []string{"board", unit, period, basis}, func() (docsys.BoardPage, error) { return f.client.BoardOn(ctx, unit, period, basis) })
	page.Kept = kept
	return page, err
}

// Unsigned lists what is unsigned.
func (f *Figures) Unsigned(ctx context.Context, unit, period string) ([]docsys.Document, error) {
	docs, _, err := keep(f, []string{"unsigned", unit, period}, func() ([]docsys.Document, error) { return f.client.Unsigned(ctx, unit, period) })
	return docs, err
}

// Trend gives a unit's last weeks or months.
func (f *Figures) Trend(ctx context.Context, unit, grain, basis string) (docsys.Trend, error) {
	t, _, err := keep(f, []string{"trend", unit, grain, basis}, func() (docsys.Trend, error) { return f.client.Trend(ctx, unit, grain, basis) })
	return t, err
}

// Annex writes an annex; it is never one that was kept.
func (f *Figures) Annex(ctx context.Context, w io.Writer, a docsys.Annex) error {
	return f.client.Annex(ctx, w, a)
}

// Explain explains a missing signature or disputes the figure.
func (f *Figures) Explain(ctx context.Context, document, text, key string, dispute bool) error {
	return f.client.Explain(ctx, document, text, key, dispute)
}

// SaveAnnex writes an annex to a file, which is there whole or not at all.
func (f *Figures) SaveAnnex(ctx context.Context, path string, a docsys.Annex) (err error) {
	t, err := os.CreateTemp(filepath.Dir(path), ".kyso-*")
	if err != nil {
		return fmt.Errorf("save figures: %w", err)
	}
	defer os.Remove(t.Name()) //nolint:errcheck // gone after the rename
	err = f.Annex(ctx, t, a)
	if cerr := errors.Join(t.Sync(), t.Close()); err == nil && cerr != nil {
		err = fmt.Errorf("save figures: %w", cerr)
	}
	if err == nil {
		if err = os.Rename(t.Name(), path); err != nil {
			err = fmt.Errorf("save figures: %w", err)
		}
	}
	return err
}

// keptAnswers bounds the files of the cache.
const keptAnswers = 64

// keep asks; an answer is kept, and the one that was kept last is given when the
// server cannot be reached. A cache that cannot be written costs only that.
func keep[T any](f *Figures, call []string, ask func() (T, error)) (answer T, kept bool, err error) {
	h := sha256.New()
	_, _ = fmt.Fprintf(h, "%s %q", f.whose, call)
	path := filepath.Join(f.dir, hex.EncodeToString(h.Sum(nil)[:16])+".json")
	answer, err = ask()
	if err == nil {
		f.write(path, answer)
		return answer, false, nil
	}
	if !errors.Is(err, docsys.ErrOffline) {
		return answer, false, err
	}
	raw, readErr := os.ReadFile(path)
	var old T
	if readErr != nil || json.Unmarshal(raw, &old) != nil {
		return answer, false, err
	}
	return old, true, nil
}

// write keeps an answer, in a file that is whole or not there.
func (f *Figures) write(path string, v any) {
	raw, err := json.Marshal(v)
	if err != nil || os.MkdirAll(f.dir, 0o700) != nil {
		return
	}
	t, err := os.CreateTemp(f.dir, ".new-*") // readable for the person only
	if err != nil {
		return
	}
	_, err = t.Write(raw)
	if errors.Join(err, t.Close()) != nil || os.Rename(t.Name(), path) != nil {
		_ = os.Remove(t.Name())
		return
	}
	f.tidy()
}

// tidy drops the answers that were kept first.
func (f *Figures) tidy() {
	all, err := os.ReadDir(f.dir)
	if err != nil || len(all) <= keptAnswers {
		return
	}
	age := func(e os.DirEntry) int64 {
		info, err := e.Info()
		if err != nil {
			return 0
		}
		return info.ModTime().UnixNano()
	}
	slices.SortFunc(all, func(a, b os.DirEntry) int { return int(min(1, max(-1, age(a)-age(b)))) })
	for _, e := range all[:len(all)-keptAnswers] {
		_ = os.Remove(filepath.Join(f.dir, e.Name()))
	}
}

// Happened says what changed at the server.
type Happened struct {
	Documents bool // a document of units that the person sees
	Figures   bool // the board
}

// Pauses of the watch.
const (
	changesWait  = 20 * time.Second // that the server holds the question
	changesGap   = 3 * time.Second  // after something was told: what comes together is told once
	changesFirst = 5 * time.Second  // after the first failure; then twice as long each time
	changesMost  = 3 * time.Minute
)

// WatchChanges tells what happens at the server as it happens, until ctx ends.
// While the server cannot be reached or has no feed, it asks ever more rarely,
// and tells that everything may have changed each time.
func WatchChanges(ctx context.Context, from docsys.Changes, told func(Happened)) {
	place, pause := "", changesFirst
	for ctx.Err() == nil {
		got, err := from.Changes(ctx, place, changesWait)
		wait := time.Duration(0)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			var p *docsys.Problem
			if errors.As(err, &p) && (p.Status == http.StatusNotFound || p.Status == http.StatusForbidden) {
				pause = changesMost // it has no feed
			}
			wait = pause + time.Duration(rand.Int64N(int64(pause)/2)) //nolint:gosec // G404: spreads the windows of an office
			pause = min(changesMost, 2*pause)
			place = ""
		default:
			h := happened(got)
			if place == "" && pause != changesFirst { // after a failure
				h = Happened{true, true}
			}
			place, pause = got.Next, changesFirst
			if h != (Happened{}) {
				told(h)
				wait = changesGap
			}
		}
		if !rest(ctx, wait) {
			return
		}
		if err != nil && pause == changesMost {
			told(Happened{true, true})
		}
	}
}

// happened sums up a piece of the feed.
func happened(c docsys.Changed) Happened {
	h := Happened{c.Reset, c.Reset}
	for _, e := range c.Events {
		h.Documents = h.Documents || e.Document != ""
		h.Figures = h.Figures || e.Document == "" // figures, closes, targets and units
	}
	return h
}

// rest waits; false says that ctx ended.
func rest(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
