package refserver

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
)

// rollup names a line of the figures of a day.
type rollup struct{ kind, day, unit string }

// counts are the figures of duties: how many count, and what came of them.
type counts struct{ required, done, late, pending, excluded, illustrative int64 }

func (c counts) plus(d counts, sign int64) counts {
	return counts{
		c.required + sign*d.required, c.done + sign*d.done, c.late + sign*d.late,
		c.pending + sign*d.pending, c.excluded + sign*d.excluded, c.illustrative + sign*d.illustrative,
	}
}

func one(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// count is what one duty adds to the figures of its day: nothing before issue.
func (o obligation) count() counts {
	if o.day == "" {
		return counts{}
	}
	return counts{
		required: one(o.status != "excluded"), done: one(o.status == "done"), late: one(o.status == "done" && o.late),
		pending: one(o.status == "pending"), excluded: one(o.status == "excluded"), illustrative: one(o.origin == "illustrative"),
	}
}

// move notes that a duty came (1) or went (-1).
func (w *work) move(o obligation, sign int64) {
	if c := o.count(); c != (counts{}) {
		key := rollup{o.kind, o.day, o.unit}
		w.deltas[key] = w.deltas[key].plus(c, sign)
	}
}

// countColumns are the figures of a line, in the order of counts.
const countColumns = `n_required, n_done, n_late, n_pending, n_excluded, n_illustrative`

// writeRollups adds what moved, always in the same order of lines.
func (w *work) writeRollups(ctx context.Context) error {
	months := map[rollup]counts{}
	for key, d := range w.deltas {
		if d == (counts{}) {
			delete(w.deltas, key)
			continue
		}
		month := key
		month.day = key.day[:len("2026-11")]
		months[month] = months[month].plus(d, 1)
	}
	if err := w.addRollups(ctx, "unit_day", "day", w.deltas); err != nil {
		return err
	}
	return w.addRollups(ctx, "unit_month", "month", months)
}

func (w *work) addRollups(ctx context.Context, table, period string, deltas map[rollup]counts) error {
	keys := slices.SortedFunc(maps.Keys(deltas), func(a, b rollup) int {
		return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.day, b.day), cmp.Compare(a.unit, b.unit))
	})
	query := `INSERT INTO ` + table + `(kind, ` + period + `, unit, ` + countColumns + `) VALUES(?,?,?,?,?,?,?,?,?)
		ON CONFLICT (kind, ` + period + `, unit) DO UPDATE SET n_required=` + table + `.n_required+excluded.n_required, n_done=` + table + `.n_done+excluded.n_done,
			n_late=` + table + `.n_late+excluded.n_late, n_pending=` + table + `.n_pending+excluded.n_pending,
			n_excluded=` + table + `.n_excluded+excluded.n_excluded, n_illustrative=` + table + `.n_illustrative+excluded.n_illustrative`
	for _, k := range keys {
		d := deltas[k]
		if d == (counts{}) {
			continue
		}
		if _, err := w.Exec(ctx, query, k.kind, k.day, k.unit, d.required, d.done, d.late, d.pending, d.excluded, d.illustrative); err != nil {
			return fmt.Errorf("move the figures: %w", err)
		}
	}
	return nil
}

// Discrepancy is a line of the figures that differs from the facts.
type Discrepancy struct {
	Table, Kind, Period, Unit string
	Figures, Facts            string
}

// Reconcile counts the facts anew and gives the lines of the figures that
// differ. None is the only good answer.
func (s *Server) Reconcile(ctx context.Context) ([]Discrepancy, error) {
	var out []Discrepancy
	for _, t := range []struct{ table, period, cut string }{{"unit_day", "day", "o.day"}, {"unit_month", "month", "substr(o.day,1,7)"}} {
		facts, err := s.countLines(ctx, `SELECT o.kind, `+t.cut+`, o.unit, count(*) FILTER (WHERE status<>'excluded'), count(*) FILTER (WHERE status='done'),
			count(*) FILTER (WHERE status='done' AND late=1), count(*) FILTER (WHERE status='pending'), count(*) FILTER (WHERE status='excluded'),
			count(*) FILTER (WHERE origin='illustrative') FROM obligation o WHERE o.day<>'' GROUP BY 1, 2, 3`)
		if err != nil {
			return nil, err
		}
		figures, err := s.countLines(ctx, `SELECT kind, `+t.period+`, unit, `+countColumns+` FROM `+t.table)
		if err != nil {
			return nil, err
		}
		for key, f := range figures {
			if facts[key] != f {
				out = append(out, Discrepancy{t.table, key.kind, key.day, key.unit, fmt.Sprint(f), fmt.Sprint(facts[key])})
			}
		}
		for key, f := range facts {
			if _, ok := figures[key]; !ok {
				out = append(out, Discrepancy{t.table, key.kind, key.day, key.unit, "none", fmt.Sprint(f)})
			}
		}
	}
	closed, err := s.reconcileCloses(ctx)
	return append(out, closed...), err
}

// countLines reads kind, period, unit and the six figures.
func (s *Server) countLines(ctx context.Context, query string, args ...any) (map[rollup]counts, error) {
	rows, err := s.db.Query(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("count the duties: %w", err)
	}
	defer func() { _ = rows.Close() }()
	out := map[rollup]counts{}
	for rows.Next() {
		var k rollup
		var c counts
		if err := rows.Scan(&k.kind, &k.day, &k.unit, &c.required, &c.done, &c.late, &c.pending, &c.excluded, &c.illustrative); err != nil {
			return nil, fmt.Errorf("count the duties: %w", err)
		}
		out[k] = c
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("count the duties: %w", err)
	}
	return out, nil
}
