package refserver

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
)

// closedDuties are the duties of a closed period as they were: those that
// changed afterwards by what was kept of them, the others by what they are.
// Parameters: period, first day, last day, period.
const closedDuties = `SELECT o.id, o.unit, o.kind, o.day, o.due_on, o.status, o.late, o.origin, o.reason, o.fulfilled_at FROM obligation o
	WHERE NOT EXISTS (SELECT 1 FROM closed_duty c WHERE c.period=? AND c.obligation=o.id) AND o.day<>'' AND o.day>=? AND o.day<=?
	UNION ALL SELECT obligation, unit, kind, day, due_on, status, late, origin, reason, fulfilled_at FROM closed_duty WHERE period=? AND status<>''`

// reconcileCloses counts the duties of every closed period anew.
func (s *Server) reconcileCloses(ctx context.Context) ([]Discrepancy, error) {
	closes, err := readCloses(ctx, s.db, "")
	if err != nil {
		return nil, err
	}
	var out []Discrepancy
	for _, c := range closes {
		r := periodDays(c.Period)
		facts, err := s.countLines(ctx, `SELECT d.kind, '', d.unit, count(*) FILTER (WHERE status<>'excluded'), count(*) FILTER (WHERE status='done'),
			count(*) FILTER (WHERE status='done' AND late=1), count(*) FILTER (WHERE status='pending'), count(*) FILTER (WHERE status='excluded'),
			count(*) FILTER (WHERE origin='illustrative') FROM (`+closedDuties+`) d GROUP BY 1, 2, 3`, c.Period, r.from, r.to, c.Period)
		if err != nil {
			return nil, err
		}
		figures, err := s.countLines(ctx, `SELECT kind, '', unit, `+countColumns+` FROM period_figure WHERE period=?`, c.Period)
		if err != nil {
			return nil, err
		}
		for key, f := range figures {
			if facts[key] != f {
				out = append(out, Discrepancy{"period_figure", key.kind, c.Period, key.unit, fmt.Sprint(f), fmt.Sprint(facts[key])})
			}
		}
		for key, f := range facts {
			if _, ok := figures[key]; !ok {
				out = append(out, Discrepancy{"period_figure", key.kind, c.Period, key.unit, "none", fmt.Sprint(f)})
			}
		}
	}
	return out, nil
}

// checkCloses compares the figures of closed periods with the digest that they
// were given, and this with the log.
func (s *Server) checkCloses(ctx context.Context, f *Findings) error {
	closes, err := readCloses(ctx, s.db, "")
	if err != nil {
		return err
	}
	for _, c := range closes {
		all, err := s.closedFigures(ctx, c.Period)
		if err != nil {
			return err
		}
		if got := digest(all); got != c.Digest {
			f.add("the figures of closed period %s have the digest %s, noted is %s", c.Period, got, c.Digest)
		}
		var body string
		err = s.db.QueryRow(ctx, `SELECT body FROM audit WHERE seq=?`, c.Size).Scan(&body)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("read the log: %w", err)
		}
		var e event
		if err != nil || json.Unmarshal([]byte(body), &e) != nil || e.Event != "period.closed" || e.Object != c.Period || e.Detail != c.Digest {
			f.add("the log does not know of the close of %s", c.Period)
		}
	}
	return nil
}

// closedFigures are the lines of a close, as they were digested.
func (s *Server) closedFigures(ctx context.Context, period string) ([]closedFigure, error) {
	rows, err := s.db.Query(ctx, `SELECT kind, unit, `+figureColumns+` FROM period_figure WHERE period=? ORDER BY kind, unit`, period)
	if err != nil {
		return nil, fmt.Errorf("read the closed figures: %w", err)
	}
	all, err := scanAll(rows, func(rows *sql.Rows) (f closedFigure, err error) {
		return f, rows.Scan(append([]any{&f.kind, &f.unit}, f.fields()...)...)
	})
	if err != nil {
		return nil, fmt.Errorf("read the closed figures: %w", err)
	}
	return all, nil
}
