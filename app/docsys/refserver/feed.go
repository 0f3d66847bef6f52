package refserver

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"kyso/app/docsys/api"
	"kyso/app/docsys/refserver/database"
)

const (
	feedFor     = 14 * 24 * time.Hour
	feedLimit   = 200
	maxFeed     = 500
	maxFeedWait = 25 * time.Second
	feedScan    = 2000            // rows that one look reads
	feedAgain   = 2 * time.Second // other servers cannot wake a wait
	maxWaits    = 512             // callers that wait at the same time
)

// feedRow is a change that desktops are told.
type feedRow struct {
	seq, at               int64
	event, unit, document string
}

// feed makes the rows of the transaction: what happened to documents, the units
// whose figures moved, and what concerns all. It runs under the lock of the log:
// rows become visible in the order of seq, so that a reader misses none.
func (w *work) feed(ctx context.Context) ([]feedRow, error) {
	var out []feedRow
	for _, e := range w.events {
		r := feedRow{event: e.Event}
		var err error
		switch about, _, _ := strings.Cut(e.Event, "."); about {
		case "document", "explanation":
			r.document = e.Object
			err = w.QueryRow(ctx, `SELECT unit FROM document WHERE id=?`, e.Object).Scan(&r.unit)
		case "version":
			err = w.QueryRow(ctx, `SELECT d.unit, d.id FROM version v JOIN document d ON d.id=v.document WHERE v.id=?`, e.Object).Scan(&r.unit, &r.document)
		case "period", "target", "unit":
		default:
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("look up what changed: %w", err)
		}
		out = append(out, r)
		if r.document == "" {
			continue
		}
		with, err := w.issuers(ctx, r.document)
		if err != nil {
			return nil, err
		}
		for _, r.unit = range with {
			out = append(out, r)
		}
	}
	moved := map[string]bool{}
	for k := range w.deltas {
		moved[k.unit] = true
	}
	for _, unit := range slices.Sorted(maps.Keys(moved)) {
		out = append(out, feedRow{event: "figures", unit: unit})
	}
	return out, nil
}

// writeFeed appends the rows after the one that was given last, and gives the new last.
func (w *work) writeFeed(ctx context.Context, last int64) (int64, error) {
	all, err := w.feed(ctx)
	if err != nil {
		return last, err
	}
	for _, r := range all {
		last++
		if _, err := w.Exec(ctx, `INSERT INTO feed(seq,at,event,unit,document) VALUES(?,?,?,?,?)`, last, w.s.clock().UnixMilli(), r.event, r.unit, r.document); err != nil {
			return last, fmt.Errorf("write the feed: %w", err)
		}
	}
	return last, nil
}

// forgetFeed removes rows that no desktop needs: one that was away for longer
// asks for everything anew.
func (s *Server) forgetFeed(ctx context.Context) error {
	_, err := s.db.Exec(ctx, `DELETE FROM feed WHERE at<? AND seq<(SELECT feed FROM audit_head WHERE one=1)`, s.clock().Add(-feedFor).UnixMilli())
	if err != nil {
		return fmt.Errorf("forget old changes: %w", err)
	}
	return nil
}

// bell wakes everybody who waits for a change.
type bell struct {
	mu      sync.Mutex
	waits   int
	stopped bool
	rung    chan struct{}
}

// wait gives a channel that is closed at the next ring; ok is false when too
// many wait or the server ends.
func (b *bell) wait() (rung <-chan struct{}, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.stopped || b.waits >= maxWaits {
		return nil, false
	}
	if b.rung == nil {
		b.rung = make(chan struct{})
	}
	b.waits++
	return b.rung, true
}

func (b *bell) done() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.waits--
}

func (b *bell) ring(stop bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.stopped = b.stopped || stop
	if b.rung != nil {
		close(b.rung)
		b.rung = nil
	}
}

// EndWaits answers all who wait for changes, and lets nobody wait any more: to
// be called before requests in flight are waited for (http.Server.Shutdown).
func (s *Server) EndWaits() { s.bell.ring(true) }

// look is one reading of the feed.
type look struct {
	who    caller
	units  unitTree
	after  int64
	unit   string
	limit  int
	answer api.Events
}

// ListEvents implements GET /events.
func (c calls) ListEvents(w http.ResponseWriter, r *http.Request, p api.ListEventsParams) {
	l, err := c.newLook(r.Context(), callerOf(r), p)
	if err == nil {
		wait := min(maxFeedWait, time.Duration(max(0, value(p.Wait)))*time.Second)
		err = c.wait(r.Context(), l, wait)
	}
	if err != nil {
		c.fail(w, r, err)
		return
	}
	tag := `"` + l.answer.Next + `"`
	w.Header().Set("ETag", tag)
	if value(p.IfNoneMatch) == tag && len(l.answer.Events) == 0 && !l.answer.Reset {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	c.send(w, r, http.StatusOK, l.answer)
}

func (s *Server) newLook(ctx context.Context, who caller, p api.ListEventsParams) (*look, error) {
	land, err := readLand(ctx, s.db)
	if err != nil {
		return nil, err
	}
	l := &look{who: who, units: land.all(s.today()), after: -1, unit: value(p.Unit), limit: feedLimit}
	if l.unit != "" && !who.may(l.units, l.unit) {
		return nil, otherUnit()
	}
	if p.Limit != nil {
		l.limit = min(maxFeed, max(1, *p.Limit))
	}
	if p.After != nil {
		if l.after, err = strconv.ParseInt(*p.After, 10, 64); err != nil || l.after < 0 {
			return nil, refuse(http.StatusBadRequest, "bad-cursor", "Vị trí đọc không đúng dạng")
		}
	}
	return l, nil
}

// wait reads until there is something to tell or the time is over.
func (s *Server) wait(ctx context.Context, l *look, within time.Duration) error {
	end := time.NewTimer(within)
	defer end.Stop()
	for {
		rung, ok := s.bell.wait() // before the look: nothing is missed between
		err := s.read(ctx, l)
		again := err == nil && ok && within > 0 && len(l.answer.Events) == 0 && !l.answer.Reset && !l.answer.More && l.after >= 0
		if again {
			again = s.pause(ctx, rung, end.C)
		}
		if ok {
			s.bell.done()
		}
		if err != nil || !again {
			return err
		}
	}
}

// pause waits for the bell; false says that the time is over.
func (s *Server) pause(ctx context.Context, rung <-chan struct{}, end <-chan time.Time) bool {
	var poll <-chan time.Time
	if s.db.Engine() == database.Postgres {
		t := time.NewTimer(feedAgain)
		defer t.Stop()
		poll = t.C
	}
	select {
	case <-rung:
	case <-poll:
	case <-end:
		return false
	case <-ctx.Done():
		return false
	}
	return true
}

// read fills the answer with what the caller may see of the next rows.
func (s *Server) read(ctx context.Context, l *look) error {
	var head int64
	var oldest sql.NullInt64
	if err := s.db.QueryRow(ctx, `SELECT h.feed, (SELECT min(seq) FROM feed) FROM audit_head h WHERE h.one=1`).Scan(&head, &oldest); err != nil {
		return fmt.Errorf("read the feed: %w", err)
	}
	l.answer = api.Events{Events: []api.Event{}, Next: strconv.FormatInt(head, 10)}
	switch {
	case l.after < 0 || l.after == head:
		return nil
	case l.after > head || !oldest.Valid || l.after < oldest.Int64-1:
		// Of another server, from before a restored backup, or from long ago.
		l.answer.Reset = true
		return nil
	}
	rows, err := s.db.Query(ctx, `SELECT seq, at, event, unit, document FROM feed WHERE seq>? AND seq<=? ORDER BY seq LIMIT ?`, l.after, head, feedScan)
	if err != nil {
		return fmt.Errorf("read the feed: %w", err)
	}
	all, err := scanAll(rows, func(rows *sql.Rows) (r feedRow, err error) {
		return r, rows.Scan(&r.seq, &r.at, &r.event, &r.unit, &r.document)
	})
	if err != nil {
		return fmt.Errorf("read the feed: %w", err)
	}
	for _, r := range all {
		if len(l.answer.Events) == l.limit {
			break
		}
		l.after = r.seq
		if e, ok := s.seen(l, r); ok {
			l.answer.Events = append(l.answer.Events, e)
		}
	}
	l.answer.Next = strconv.FormatInt(l.after, 10)
	l.answer.More = l.after < head
	return nil
}

// seen is a row as the caller may see it: documents need the right to read
// them, figures the right to the board.
func (s *Server) seen(l *look, r feedRow) (api.Event, bool) {
	e := api.Event{At: time.UnixMilli(r.at).UTC(), Event: r.event, Unit: r.unit, Document: unlessEmpty(r.document)}
	if r.unit == "" {
		return e, true
	}
	if l.unit != "" && l.unit != r.unit {
		return e, false
	}
	reader := l.who
	if r.document != "" {
		reader.row = s.rights["GET /documents/{id}"]
	}
	return e, reader.may(l.units, cmp.Or(r.unit, l.unit))
}
