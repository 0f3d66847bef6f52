package refserver

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"kyso/app/docsys/refserver/database"
)

// querier reads, in a transaction or outside of one.
type querier interface {
	rower
	Query(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

var (
	_ querier = (*database.DB)(nil)
	_ querier = (*database.Tx)(nil)
)

// land is all units that ever were, with their parents and successors through
// time. A figure belongs to the units as they were on its day.
type land struct {
	units      []unit // in the order of their rank
	parents    map[string][]parentSpan
	successors map[string][]successor
	// breaks are the days on which anything changed, sorted.
	breaks []string
	trees  map[string]lineage // by the last break before
}

type parentSpan struct{ parent, from, to string }

// successor takes over a share, in 1/10000, from a day on.
type successor struct {
	unit, day string
	share     int64
}

// lineage is who was above whom on a day; units at the top have "".
type lineage map[string]string

// up calls f with a unit and with all above it.
func (l lineage) up(code string, f func(code string)) {
	for range len(l) + 1 { // a cycle in bad data ends too
		if code == "" {
			return
		}
		f(code)
		code = l[code]
	}
}

// within reports whether a unit is another one or lies below it.
func (l lineage) within(code, above string) bool {
	found := false
	l.up(code, func(x string) { found = found || x == above })
	return found
}

// path is the unit with all above it, the highest first, as exports print it.
func (l lineage) path(code string) string {
	var path []string
	l.up(code, func(x string) { path = append(path, x) })
	slices.Reverse(path)
	return strings.Join(path, "/")
}

func readLand(ctx context.Context, q querier) (*land, error) {
	l := &land{parents: map[string][]parentSpan{}, successors: map[string][]successor{}, trees: map[string]lineage{}}
	rows, err := q.Query(ctx, `SELECT code, name, kind, valid_from, valid_to FROM unit ORDER BY rank, code`)
	if err == nil {
		l.units, err = scanAll(rows, func(rows *sql.Rows) (u unit, err error) {
			return u, rows.Scan(&u.code, &u.name, &u.kind, &u.from, &u.to)
		})
	}
	if err != nil {
		return nil, fmt.Errorf("read the units: %w", err)
	}
	for _, u := range l.units {
		l.breaks = append(l.breaks, u.from, u.to)
	}
	rows, err = q.Query(ctx, `SELECT unit, parent, valid_from, valid_to FROM unit_parent ORDER BY unit, valid_from`)
	if err != nil {
		return nil, fmt.Errorf("read the units: %w", err)
	}
	_, err = scanAll(rows, func(rows *sql.Rows) (p parentSpan, err error) {
		var code string
		err = rows.Scan(&code, &p.parent, &p.from, &p.to)
		l.parents[code] = append(l.parents[code], p)
		l.breaks = append(l.breaks, p.from, p.to)
		return p, err //nolint:wrapcheck // below
	})
	if err != nil {
		return nil, fmt.Errorf("read the units: %w", err)
	}
	rows, err = q.Query(ctx, `SELECT from_unit, to_unit, day, share FROM unit_succession ORDER BY from_unit, to_unit`)
	if err != nil {
		return nil, fmt.Errorf("read the successions: %w", err)
	}
	_, err = scanAll(rows, func(rows *sql.Rows) (s successor, err error) {
		var code string
		err = rows.Scan(&code, &s.unit, &s.day, &s.share)
		l.successors[code] = append(l.successors[code], s)
		l.breaks = append(l.breaks, s.day)
		return s, err //nolint:wrapcheck // below
	})
	if err != nil {
		return nil, fmt.Errorf("read the successions: %w", err)
	}
	l.breaks = slices.DeleteFunc(l.breaks, func(day string) bool { return day == "" })
	slices.Sort(l.breaks)
	l.breaks = slices.Compact(l.breaks)
	return l, nil
}

// held reports whether a validity holds on a day.
func held(from, to, day string) bool { return from <= day && (to == "" || to > day) }

// on gives who was above whom on a day. Units that did not exist have no line.
func (l *land) on(day string) lineage {
	i, exact := slices.BinarySearch(l.breaks, day)
	key := ""
	switch {
	case exact:
		key = day
	case i > 0:
		key = l.breaks[i-1]
	}
	if t, ok := l.trees[key]; ok {
		return t
	}
	t := lineage{}
	for _, u := range l.units {
		if !held(u.from, u.to, day) {
			continue
		}
		t[u.code] = ""
		for _, p := range l.parents[u.code] {
			if held(p.from, p.to, day) {
				t[u.code] = p.parent
			}
		}
	}
	l.trees[key] = t
	return t
}

// all is every unit that is or was, below its last parent: what a role reaches
// of units that have ended.
func (l *land) all(today string) unitTree {
	var out unitTree
	for _, u := range l.units {
		if spans := l.parents[u.code]; len(spans) > 0 {
			u.parent = spans[len(spans)-1].parent
		}
		if tree := l.on(today); held(u.from, u.to, today) {
			u.parent = tree[u.code]
		}
		out = append(out, u)
	}
	return out
}

// days is a range of days, both ends included.
type days struct{ from, to string }

// periodDays are the days of a year or a month.
func periodDays(period string) days {
	if len(period) == len("2026") {
		return days{period + "-01-01", period + "-12-31"}
	}
	return days{period + "-01", shiftDay(shiftMonth(period, 1)+"-01", -1)}
}

// shiftMonth gives the month n months later.
func shiftMonth(month string, n int) string {
	t, err := time.Parse("2006-01", month)
	if err != nil {
		return month // the callers have checked it
	}
	return t.AddDate(0, n, 0).Format("2006-01")
}

// before is the period before one of the same length.
func before(period string) string {
	if len(period) == len("2026") {
		return shiftMonth(period+"-01", -12)[:4]
	}
	return shiftMonth(period, -1)
}

// shiftDay gives the day n days later.
func shiftDay(day string, n int) string {
	t, err := time.Parse(dayForm, day)
	if err != nil {
		return day // the callers have checked it
	}
	return t.AddDate(0, 0, n).Format(dayForm)
}

// spans cuts a range at the days on which the units changed.
func (l *land) spans(r days) []days {
	var out []days
	from := r.from
	for _, b := range l.breaks {
		if b > from && b <= r.to {
			out = append(out, days{from, shiftDay(b, -1)})
			from = b
		}
	}
	return append(out, days{from, r.to})
}

// wholeMonths reports whether a range begins and ends with months.
func (r days) wholeMonths() bool {
	return strings.HasSuffix(r.from, "-01") && strings.HasSuffix(shiftDay(r.to, 1), "-01")
}
