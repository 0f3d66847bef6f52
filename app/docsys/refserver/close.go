package refserver

import (
	"cmp"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"kyso/app/docsys"
	"kyso/app/docsys/api"
	"kyso/app/docsys/auditlog"
	"kyso/app/signrate"
)

// closedFigure is a line of a closed period.
type closedFigure struct {
	frozenLine

	kind, unit string
	own, tree  counts
}

const figureColumns = `n_required, n_done, n_late, n_pending, n_excluded, n_illustrative,
	t_required, t_done, t_late, t_pending, t_excluded, t_illustrative, place, own_band, tree_band, policy`

func fieldsOf(c *counts) []any {
	return []any{&c.required, &c.done, &c.late, &c.pending, &c.excluded, &c.illustrative}
}

// fields are the columns of figureColumns.
func (f *closedFigure) fields() []any {
	return slices.Concat(fieldsOf(&f.own), fieldsOf(&f.tree), []any{&f.place, &f.ownBand, &f.treeBand, &f.policy})
}

func (f *closedFigure) values() []any {
	c, d := f.own, f.tree
	return []any{
		c.required, c.done, c.late, c.pending, c.excluded, c.illustrative,
		d.required, d.done, d.late, d.pending, d.excluded, d.illustrative, f.place, string(f.ownBand), string(f.treeBand), f.policy,
	}
}

// digest is the SHA-256 of the lines of a close, which are sorted by kind and unit.
func digest(all []closedFigure) string {
	h := sha256.New()
	for i := range all {
		f := &all[i]
		_, _ = fmt.Fprintln(h, append([]any{f.kind, f.unit}, f.values()...)...)
	}
	return hex.EncodeToString(h.Sum(nil))
}

func dutyKinds() []string { return []string{"approval", "initials", "seal"} }

// closingOf is when a period closes by itself: at the end of a day of the month after it.
func (s *Server) closingOf(period string) time.Time {
	next := shiftDay(periodDays(period).to, 1)
	t, err := time.ParseInLocation(dayForm, next, docsys.Hanoi())
	if err != nil {
		return time.Time{} // the callers have checked the period
	}
	return t.AddDate(0, 0, s.closeDay)
}

// closePeriod closes a period once, whoever asks; made says that it was this call.
func (s *Server) closePeriod(ctx context.Context, period string, by stepBy) (closed api.Close, made bool, err error) {
	if s.today() <= periodDays(period).to {
		return closed, false, refuse(http.StatusConflict, "period-open", "Kỳ này chưa kết thúc")
	}
	err = s.inTx(ctx, func(w *work) error {
		made = false
		if err := w.Lock(ctx, "close "+period); err != nil {
			return err
		}
		known, err := readCloses(ctx, w.Tx, `WHERE period=?`, period)
		if err != nil {
			return err
		}
		if len(known) > 0 {
			closed = known[0]
			return nil
		}
		made = true
		closed, err = w.close(ctx, period, by)
		return err
	})
	return closed, made, err
}

// close copies the figures. The log is locked first: whatever moves figures
// commits under this lock, so the figures are those of the checkpoint.
func (w *work) close(ctx context.Context, period string, by stepBy) (api.Close, error) {
	c := api.Close{Period: period, ClosedAt: w.s.clock().UTC().Truncate(time.Millisecond), By: by.name, Formula: signrate.Formula}
	if err := w.QueryRow(ctx, `SELECT size FROM audit_head WHERE one=1 FOR UPDATE`).Scan(&c.Size); err != nil {
		return c, fmt.Errorf("lock the audit log: %w", err)
	}
	root, err := tlog.TreeHash(c.Size, hashesOf(ctx, w.Tx))
	if err != nil {
		return c, fmt.Errorf("hash the audit log: %w", err)
	}
	signed, err := note.Sign(&note.Note{Text: auditlog.Checkpoint{Origin: auditOrigin, Size: c.Size, Root: root}.Text()}, w.s.signer)
	if err != nil {
		return c, fmt.Errorf("sign the audit log: %w", err)
	}
	all, err := w.figuresToClose(ctx, period)
	if err != nil {
		return c, err
	}
	c.Root, c.Checkpoint, c.Digest = base64.StdEncoding.EncodeToString(root[:]), string(signed), digest(all)
	err = w.run(ctx, "close a period", do(`INSERT INTO period_close(period,closed_at,closed_by,by_name,formula,size,root,note,digest) VALUES(?,?,?,?,?,?,?,?,?)`,
		period, c.ClosedAt.UnixMilli(), by.account, by.name, c.Formula, c.Size, c.Root, c.Checkpoint, c.Digest))
	if err != nil {
		return c, err
	}
	for _, f := range all {
		_, err := w.Exec(ctx, `INSERT INTO period_figure(period,kind,unit,`+figureColumns+`) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)`,
			append([]any{period, f.kind, f.unit}, f.values()...)...)
		if err != nil {
			return c, fmt.Errorf("close a period: %w", err)
		}
	}
	w.note(by.account, "period.closed", period, c.Digest)
	return c, nil
}

// figuresToClose counts and judges a period, sorted by kind and unit.
func (w *work) figuresToClose(ctx context.Context, period string) ([]closedFigure, error) {
	l, err := readLand(ctx, w.Tx)
	if err != nil {
		return nil, err
	}
	p, err := readPolicies(ctx, w.Tx)
	if err != nil {
		return nil, err
	}
	var out []closedFigure
	for _, kind := range dutyKinds() {
		n, err := liveSums(ctx, w.Tx, l, asked{kind, period, atTime, w.s.today()})
		if err != nil {
			return nil, err
		}
		j := judgement{land: l, policies: p, period: period, today: w.s.today(), sums: n}
		places := j.places()
		for code := range n.tree {
			if n.tree[code] == (counts{}) {
				continue
			}
			f := closedFigure{kind: kind, unit: code, own: n.own[code], tree: n.tree[code]}
			own, tree := j.own(code), j.tree(code)
			f.frozenLine = frozenLine{place: places[code], ownBand: own.Band, treeBand: tree.Band, policy: tree.Policy}
			out = append(out, f)
		}
	}
	slices.SortFunc(out, func(a, b closedFigure) int {
		return cmp.Or(strings.Compare(a.kind, b.kind), strings.Compare(a.unit, b.unit))
	})
	return out, nil
}

// readCloses reads closes that match a condition, newest period first.
func readCloses(ctx context.Context, q querier, where string, args ...any) ([]api.Close, error) {
	rows, err := q.Query(ctx, `SELECT period, closed_at, by_name, formula, size, root, note, digest FROM period_close `+where+` ORDER BY period DESC LIMIT 120`, args...)
	if err != nil {
		return nil, fmt.Errorf("read the closes: %w", err)
	}
	out, err := scanAll(rows, func(rows *sql.Rows) (c api.Close, err error) {
		var at int64
		err = rows.Scan(&c.Period, &at, &c.By, &c.Formula, &c.Size, &c.Root, &c.Checkpoint, &c.Digest)
		c.ClosedAt = time.UnixMilli(at).UTC()
		return c, err //nolint:wrapcheck // below
	})
	if err != nil {
		return nil, fmt.Errorf("read the closes: %w", err)
	}
	return out, nil
}

// CloseDue closes all periods whose day of closing has passed, the oldest
// first, months before their year, and gives their number. Servers that share
// a database may all call it.
func (s *Server) CloseDue(ctx context.Context) (int, error) {
	due, err := s.periodsDue(ctx)
	if err != nil {
		return 0, fmt.Errorf("close periods: %w", err)
	}
	n := 0
	for _, period := range due {
		_, made, err := s.closePeriod(ctx, period, stepBy{})
		if err != nil {
			return n, fmt.Errorf("close period %s: %w", period, err)
		}
		if made {
			n++
			s.log.InfoContext(ctx, "period closed", slog.String("period", period))
		}
	}
	return n, nil
}

// periodsDue lists what is to be closed, from the first month that has figures.
func (s *Server) periodsDue(ctx context.Context) ([]string, error) {
	var first sql.NullString
	if err := s.db.QueryRow(ctx, `SELECT min(month) FROM unit_month`).Scan(&first); err != nil {
		return nil, fmt.Errorf("look for the first month: %w", err)
	}
	if !first.Valid || s.closeDay < 0 {
		return nil, nil
	}
	rows, err := s.db.Query(ctx, `SELECT period FROM period_close`)
	if err != nil {
		return nil, fmt.Errorf("read the closes: %w", err)
	}
	closed, err := texts(rows)
	if err != nil {
		return nil, fmt.Errorf("read the closes: %w", err)
	}
	var out []string
	add := func(period string) {
		if !s.closingOf(period).After(s.clock()) && !slices.Contains(closed, period) {
			out = append(out, period)
		}
	}
	for month := first.String; month < s.today()[:7]; month = shiftMonth(month, 1) {
		add(month)
		if strings.HasSuffix(month, "-12") {
			add(month[:4])
		}
	}
	return out, nil
}

const (
	calendarEvery = time.Hour
	calendarAgain = time.Minute // after an error
)

// runCalendar does what days bring, until ctx ends: it closes periods and
// forgets old changes.
func (s *Server) runCalendar(ctx context.Context) {
	for {
		_, err := s.CloseDue(ctx)
		err = errors.Join(err, s.forgetFeed(ctx))
		if ctx.Err() != nil {
			return
		}
		wait := calendarEvery
		if err != nil {
			s.log.ErrorContext(ctx, "calendar failed", slog.Any("error", err))
			wait = calendarAgain
		} else if next := s.closingOf(s.today()[:7]); next.After(s.clock()) {
			wait = min(wait, next.Sub(s.clock()))
		}
		timer := time.NewTimer(max(time.Second, wait))
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
	}
}

// ClosePeriod implements POST /board/periods/{period}/close.
func (c calls) ClosePeriod(w http.ResponseWriter, r *http.Request, period string) {
	if !validPeriod(period) {
		c.fail(w, r, badPeriod())
		return
	}
	closed, made, err := c.closePeriod(r.Context(), period, callerOf(r).step(""))
	if err != nil {
		c.fail(w, r, err)
		return
	}
	status := http.StatusOK
	if made {
		status = http.StatusCreated
	}
	c.send(w, r, status, closed)
}

// ListCloses implements GET /board/periods.
func (c calls) ListCloses(w http.ResponseWriter, r *http.Request) {
	all, err := readCloses(r.Context(), c.db, "")
	if err != nil {
		c.fail(w, r, err)
		return
	}
	c.send(w, r, http.StatusOK, api.CloseList{Closes: all})
}

// touched is a duty as it was before a transaction changed it, with status ""
// when it was not there, and the days on which it counted or counts now.
type touched struct {
	old  obligation
	days [2]string
}

// touch notes a change of a duty that may lie in a closed period.
func (w *work) touch(old obligation, newDay string) {
	month := w.s.today()[:7]
	if old.day != "" && old.day[:7] < month || newDay != "" && newDay[:7] < month {
		w.touched = append(w.touched, touched{old, [2]string{old.day, newDay}})
	}
}

// keepClosed keeps the duties of closed periods as they were. It runs under the
// lock of the log, so that no close comes between.
func (w *work) keepClosed(ctx context.Context) error {
	for _, t := range w.touched {
		for _, day := range t.days {
			if day == "" {
				continue
			}
			for _, period := range []string{day[:7], day[:4]} {
				if err := w.keep(ctx, period, t.old); err != nil {
					return fmt.Errorf("keep a closed duty: %w", err)
				}
			}
		}
	}
	return nil
}

func (w *work) keep(ctx context.Context, period string, o obligation) error {
	if periodDays(period).to >= w.s.today() {
		return nil // it cannot be closed
	}
	if !strings.HasPrefix(o.day, period) {
		o.status = ""
	}
	_, err := w.Exec(ctx, `INSERT INTO closed_duty(period,obligation,unit,kind,day,due_on,status,late,origin,reason,fulfilled_at)
		SELECT period,?,?,?,?,?,?,CAST(? AS BIGINT),?,?,CAST(? AS BIGINT) FROM period_close WHERE period=? ON CONFLICT (period,obligation) DO NOTHING`,
		o.id, o.unit, o.kind, o.day, o.dueOn, o.status, o.late, o.origin, o.reason, o.fulfilledAt, period)
	return err
}
