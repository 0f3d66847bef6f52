package refserver

import (
	"context"
	"database/sql"
	"fmt"

	"kyso/app/signrate"
)

// Bases of a figure.
const (
	atTime   = "atTime"   // a closed period as it was closed, units as they were
	restated = "restated" // as it is known today, units that ended under their successors
)

// sums are the counts of a range of days: of each unit alone, and of each unit
// with all that was below it on each of the days.
type sums struct {
	own, tree map[string]counts
	// estimated names units whose sums hold a share of another one.
	estimated map[string]bool
	// frozen says what a close noted; nil while the period is open.
	frozen map[string]frozenLine
}

type frozenLine struct {
	place             int
	ownBand, treeBand signrate.Band
	policy            int
}

func newSums() sums {
	return sums{own: map[string]counts{}, tree: map[string]counts{}, estimated: map[string]bool{}}
}

// figure makes a figure of counts; the band is given by a policy.
func (c counts) figure() signrate.Figure {
	return signrate.Figure{Required: int(c.required), Fulfilled: int(c.done), Pending: int(c.pending), Excluded: int(c.excluded), Late: int(c.late)}
}

// line is the counts of a unit on a day, or in a month.
type line struct {
	counts

	unit, day string
}

const sumColumns = `CAST(sum(n_required) AS BIGINT), CAST(sum(n_done) AS BIGINT), CAST(sum(n_late) AS BIGINT),
	CAST(sum(n_pending) AS BIGINT), CAST(sum(n_excluded) AS BIGINT), CAST(sum(n_illustrative) AS BIGINT)`

func scanLine(rows *sql.Rows) (l line, err error) {
	err = rows.Scan(&l.unit, &l.day, &l.required, &l.done, &l.late, &l.pending, &l.excluded, &l.illustrative)
	return l, err //nolint:wrapcheck // the caller names the object
}

// countsIn reads the counts of all units in a range, which lies within one state
// of the units: so the rollup by month serves where the range has whole months.
func countsIn(ctx context.Context, q querier, kind string, r days) ([]line, error) {
	query, args := `SELECT unit, '', `+sumColumns+` FROM unit_day WHERE kind=? AND day>=? AND day<=? GROUP BY unit`, []any{kind, r.from, r.to}
	if r.wholeMonths() {
		query, args = `SELECT unit, '', `+sumColumns+` FROM unit_month WHERE kind=? AND month>=? AND month<=? GROUP BY unit`, []any{kind, r.from[:7], r.to[:7]}
	}
	rows, err := q.Query(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("read the figures: %w", err)
	}
	out, err := scanAll(rows, scanLine)
	if err != nil {
		return nil, fmt.Errorf("read the figures: %w", err)
	}
	return out, nil
}

// asked is what is counted: duties of a kind in a period, on a basis.
type asked struct{ kind, period, basis, today string }

// liveSums counts a period as the facts are now.
func liveSums(ctx context.Context, q querier, l *land, a asked) (sums, error) {
	t := l.tally(a.basis, a.today)
	for _, span := range l.spans(periodDays(a.period)) {
		all, err := countsIn(ctx, q, a.kind, span)
		if err != nil {
			return sums{}, err
		}
		for _, x := range all {
			t.add(x.unit, span.to, x.counts)
		}
	}
	return t.sums(), nil
}

// scale keeps shares of counts exact enough: a millionth of a document.
const scale = 1_000_000

// tally adds counts of units and days, at the time or restated.
type tally struct {
	land         *land
	basis, today string
	own, tree    map[string]counts // scaled
	estimated    map[string]bool
}

func (l *land) tally(basis, today string) *tally {
	return &tally{land: l, basis: basis, today: today, own: map[string]counts{}, tree: map[string]counts{}, estimated: map[string]bool{}}
}

// add adds the counts of a unit in days that end with day and have one state of the units.
func (t *tally) add(unit, day string, c counts) {
	if c == (counts{}) {
		return
	}
	if t.basis != restated {
		t.put(t.land.on(day), unit, c.times(scale), false)
		return
	}
	t.spread(unit, day, c.times(scale), false, 0)
}

func (t *tally) put(tree lineage, unit string, c counts, estimated bool) {
	t.own[unit] = t.own[unit].plus(c, 1)
	known := false
	tree.up(unit, func(code string) {
		known = true
		t.tree[code] = t.tree[code].plus(c, 1)
		t.estimated[code] = t.estimated[code] || estimated
	})
	if !known { // it counts for itself on days on which it did not exist, too
		t.tree[unit] = t.tree[unit].plus(c, 1)
	}
}

// spread gives the counts to the successors, by share. What shares leave over
// stays with the last one, so that nothing is lost.
func (t *tally) spread(unit, day string, c counts, estimated bool, depth int) {
	left, whole, given := c, int64(signrate.Whole), false
	heirs := t.land.heirs(unit, day, t.today)
	for i, h := range heirs {
		given = true
		part := c.share(h.share)
		whole -= h.share
		if i == len(heirs)-1 && whole == 0 {
			part = left
		}
		left = left.plus(part, -1)
		partial := estimated || h.share < signrate.Whole
		if h.unit == unit || depth > len(t.land.units) {
			t.put(t.land.on(t.today), h.unit, part, partial)
			continue
		}
		t.spread(h.unit, day, part, partial, depth+1)
	}
	if left != (counts{}) {
		t.put(t.land.on(t.today), unit, left, estimated || given)
	}
}

// heirs are who today stands for a unit as it was on a day.
func (l *land) heirs(unit, day, today string) []successor {
	var out []successor
	for _, s := range l.successors[unit] {
		if s.day > day && s.day <= today {
			out = append(out, s)
		}
	}
	return out
}

func (c counts) times(n int64) counts {
	return counts{c.required * n, c.done * n, c.late * n, c.pending * n, c.excluded * n, c.illustrative * n}
}

func (c counts) share(part int64) counts {
	const whole = signrate.Whole
	return counts{c.required * part / whole, c.done * part / whole, c.late * part / whole, c.pending * part / whole, c.excluded * part / whole, c.illustrative * part / whole}
}

// rounded takes the scale out, to the nearest document. The rule is the same for
// all counts, so that none becomes larger than what it is a part of.
func (c counts) rounded() counts {
	r := func(n int64) int64 { return (n + scale/2) / scale }
	return counts{r(c.required), r(c.done), r(c.late), r(c.pending), r(c.excluded), r(c.illustrative)}
}

func (t *tally) sums() sums {
	s := newSums()
	for unit, c := range t.own {
		s.own[unit] = c.rounded()
	}
	for unit, c := range t.tree {
		s.tree[unit] = c.rounded()
	}
	s.estimated = t.estimated
	return s
}

// periodSums are the sums of a period: as it was closed, or as the facts are now.
func periodSums(ctx context.Context, q querier, l *land, a asked) (sums, error) {
	if a.basis == atTime {
		frozen, closed, err := frozenSums(ctx, q, a.kind, a.period)
		if err != nil || closed {
			return frozen, err
		}
	}
	return liveSums(ctx, q, l, a)
}

// frozenSums reads what a close noted.
func frozenSums(ctx context.Context, q querier, kind, period string) (sums, bool, error) {
	var n int
	if err := q.QueryRow(ctx, `SELECT count(*) FROM period_close WHERE period=?`, period).Scan(&n); err != nil {
		return sums{}, false, fmt.Errorf("look for the close: %w", err)
	}
	if n == 0 {
		return sums{}, false, nil
	}
	out := newSums()
	out.frozen = map[string]frozenLine{}
	rows, err := q.Query(ctx, `SELECT unit, `+figureColumns+` FROM period_figure WHERE period=? AND kind=?`, period, kind)
	if err != nil {
		return out, true, fmt.Errorf("read the closed figures: %w", err)
	}
	_, err = scanAll(rows, func(rows *sql.Rows) (f closedFigure, err error) {
		err = rows.Scan(append([]any{&f.unit}, f.fields()...)...)
		out.own[f.unit], out.tree[f.unit], out.frozen[f.unit] = f.own, f.tree, f.frozenLine
		return f, err //nolint:wrapcheck // below
	})
	if err != nil {
		return out, true, fmt.Errorf("read the closed figures: %w", err)
	}
	return out, true, nil
}
