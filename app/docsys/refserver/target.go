package refserver

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"regexp"
	"time"

	"kyso/app/docsys/api"
	"kyso/app/signrate"
)

// policies are all versions of how figures are judged, newest first.
type policies []targetRow

type targetRow struct {
	signrate.Policy

	unitKind, period, basis string
	setAt                   int64
}

func (t targetRow) contract() api.Target {
	return api.Target{
		Version: t.Version, UnitKind: t.unitKind, Period: t.period, Target: t.Target, PraiseAbove: t.PraiseAbove,
		WarnBelow: t.WarnBelow, MinVolume: t.MinVolume, Basis: t.basis, SetAt: time.UnixMilli(t.setAt).UTC(),
	}
}

func readPolicies(ctx context.Context, q querier) (policies, error) {
	rows, err := q.Query(ctx, `SELECT version, unit_kind, period, target, praise_above, warn_below, min_volume, basis, set_at FROM target ORDER BY version DESC`)
	if err != nil {
		return nil, fmt.Errorf("read the targets: %w", err)
	}
	out, err := scanAll(rows, func(rows *sql.Rows) (t targetRow, err error) {
		err = rows.Scan(&t.Version, &t.unitKind, &t.period, &t.Target, &t.PraiseAbove, &t.WarnBelow, &t.MinVolume, &t.basis, &t.setAt)
		return t, err //nolint:wrapcheck // below
	})
	if err != nil {
		return nil, fmt.Errorf("read the targets: %w", err)
	}
	return out, nil
}

// of is the policy for a kind of units in a period: that of the latest month
// that has begun by the end of the period; of these the one for the kind before
// the one for all; of these the newest version.
func (p policies) of(unitKind, period, today string) signrate.Policy {
	last := min(periodDays(period).to, max(today, periodDays(period).from))[:7]
	best, found := targetRow{}, false
	for _, t := range p {
		if t.period > last || t.unitKind != "" && t.unitKind != unitKind {
			continue
		}
		better := t.period > best.period || t.period == best.period && t.unitKind != "" && best.unitKind == ""
		if !found || better {
			best, found = t, true
		}
	}
	if !found {
		return signrate.Letter()
	}
	return best.Policy
}

// ListTargets implements GET /targets.
func (c calls) ListTargets(w http.ResponseWriter, r *http.Request) {
	all, err := readPolicies(r.Context(), c.db)
	if err != nil {
		c.fail(w, r, err)
		return
	}
	list := api.TargetList{Targets: []api.Target{}}
	for _, t := range all {
		list.Targets = append(list.Targets, t.contract())
	}
	c.send(w, r, http.StatusOK, list)
}

// PutTarget implements PUT /targets.
func (c calls) PutTarget(w http.ResponseWriter, r *http.Request) {
	in, _, err := receive[api.NewTarget](w, r)
	t := targetRow{
		Policy:   signrate.Policy{Target: in.Target, PraiseAbove: in.PraiseAbove, WarnBelow: in.WarnBelow, MinVolume: in.MinVolume},
		unitKind: in.UnitKind, period: in.Period, basis: in.Basis,
	}
	if err == nil {
		err = t.check()
	}
	if err == nil {
		t, err = c.setTarget(r.Context(), callerOf(r), t)
	}
	if err != nil {
		c.fail(w, r, err)
		return
	}
	c.send(w, r, http.StatusOK, t.contract())
}

func (t targetRow) check() error {
	if month, err := regexp.MatchString(`^\d{4}-(0[1-9]|1[0-2])$`, t.period); err != nil || !month {
		return badPeriod()
	}
	if !t.Valid() {
		return refuse(http.StatusUnprocessableEntity, "bad-target", "Ngưỡng không hợp lệ", "0 ≤ nhắc nhở ≤ biểu dương ≤ 100 %, chỉ tiêu từ 0 đến 100 %")
	}
	return checkFields(field{"unit_kind", t.unitKind, 0, 40}, field{"basis", t.basis, 1, 300})
}

// setTarget makes a new version, unless the newest of the same kind and month says the same.
func (s *Server) setTarget(ctx context.Context, who caller, t targetRow) (targetRow, error) {
	set := t
	err := s.inTx(ctx, func(w *work) error {
		set = t
		if err := w.Lock(ctx, "targets"); err != nil {
			return err
		}
		all, err := readPolicies(ctx, w.Tx)
		if err != nil {
			return err
		}
		for _, known := range all {
			if known.unitKind != t.unitKind || known.period != t.period {
				continue
			}
			set.Version, set.setAt = known.Version, known.setAt
			if set == known {
				return nil
			}
			break
		}
		set.Version, set.setAt = 1, s.clock().UnixMilli()
		if len(all) > 0 {
			set.Version = all[0].Version + 1
		}
		w.note(who.account, "target.set", fmt.Sprint(set.Version), fmt.Sprintf("%q %s %d %d %d %d", t.unitKind, t.period, t.Target, t.PraiseAbove, t.WarnBelow, t.MinVolume))
		return w.run(ctx, "set a target", do(`INSERT INTO target(version,unit_kind,period,target,praise_above,warn_below,min_volume,basis,set_at,set_by) VALUES(?,?,?,?,?,?,?,?,?,?)`,
			set.Version, t.unitKind, t.period, t.Target, t.PraiseAbove, t.WarnBelow, t.MinVolume, t.basis, set.setAt, who.account))
	})
	return set, err
}
