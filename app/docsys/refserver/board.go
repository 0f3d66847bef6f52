package refserver

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"kyso/app/docsys"
	"kyso/app/docsys/api"
	"kyso/app/signrate"
)

// GetBoard implements GET /board.
func (c calls) GetBoard(w http.ResponseWriter, r *http.Request, params api.GetBoardParams) {
	v, err := c.view(r.Context(), callerOf(r), params.Unit, params.Period, string(value(params.Basis)))
	var page docsys.BoardPage
	if err == nil {
		page, err = c.board(r.Context(), v)
	}
	if err != nil {
		c.fail(w, r, err)
		return
	}
	c.sendTagged(w, r, value(params.IfNoneMatch), page, func() any {
		page.AsOf = c.clock().UTC().Truncate(time.Second)
		return page
	})
}

// sendTagged answers with figures, or with 304 when they are those of the tag.
// The time of the answer is not part of the tag: stamped adds it.
func (s *Server) sendTagged(w http.ResponseWriter, r *http.Request, known string, figures any, stamped func() any) {
	body, err := json.Marshal(figures)
	if err != nil {
		s.fail(w, r, fmt.Errorf("encode the figures: %w", err))
		return
	}
	sum := sha256.Sum256(body)
	tag := `"` + hex.EncodeToString(sum[:16]) + `"`
	w.Header().Set("ETag", tag)
	if known == tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	s.send(w, r, http.StatusOK, stamped())
}

// view is what figures are asked of: a unit, a period and a basis that the
// caller may see, with the units and policies that they need.
type view struct {
	unit          unit
	period, basis string
	land          *land
	policies      policies
}

func (s *Server) view(ctx context.Context, who caller, code, period, basis string) (view, error) {
	v := view{period: period, basis: basis}
	if !validPeriod(period) || period < "1900" {
		return v, badPeriod()
	}
	if basis == "" {
		v.basis = atTime
	}
	if v.basis != atTime && v.basis != restated {
		return v, refuse(http.StatusBadRequest, "bad-basis", "Cơ sở tính phải là atTime hoặc restated")
	}
	var err error
	if v.land, err = readLand(ctx, s.db); err != nil {
		return v, err
	}
	if v.policies, err = readPolicies(ctx, s.db); err != nil {
		return v, err
	}
	units := v.land.all(s.today())
	u, known := units.find(code)
	if !known {
		return v, refuse(http.StatusNotFound, "not-found", "Không có đơn vị này")
	}
	v.unit = u
	if !who.may(units, code) {
		return v, refuse(http.StatusForbidden, "other-unit", "Không được xem bảng của đơn vị này")
	}
	return v, nil
}

// judged counts and judges the approvals, or another kind, of a period.
func (s *Server) judged(ctx context.Context, v view, kind, period, basis string) (judgement, error) {
	n, err := periodSums(ctx, s.db, v.land, asked{kind, period, basis, s.today()})
	return judgement{land: v.land, policies: v.policies, period: period, today: s.today(), sums: n}, err
}

func (s *Server) board(ctx context.Context, v view) (docsys.BoardPage, error) {
	code := v.unit.code
	page := docsys.BoardPage{
		Unit: code, Name: v.unit.name, Period: v.period, Formula: signrate.Formula, Basis: v.basis,
		Policy: v.policies.of(v.unit.kind, v.period, s.today()), ClosesAt: s.closingOf(v.period).UTC(), Children: []docsys.BoardRow{},
	}
	now, err := s.judged(ctx, v, "approval", v.period, v.basis)
	if err != nil {
		return page, err
	}
	then, err := s.judged(ctx, v, "approval", before(v.period), v.basis)
	if err != nil {
		return page, err
	}
	places, placesThen := now.places(), then.places()
	page.Own, page.Subtree = now.own(code), now.tree(code)
	page.Rank, page.RankBefore, page.Estimated = places[code], placesThen[code], now.sums.estimated[code]
	page.Illustrative = now.sums.tree[code].illustrative > 0
	for _, u := range s.below(v) {
		f := now.tree(u.code)
		page.Children = append(page.Children, docsys.BoardRow{
			Unit: u.code, Name: u.name, Kind: u.kind, Figure: f, Rank: places[u.code], RankBefore: placesThen[u.code],
			Reached: now.policy(u.kind).Reached(f), Estimated: now.sums.estimated[u.code],
		})
	}
	if err := s.addClose(ctx, v, &page); err != nil {
		return page, err
	}
	initials, err := s.judged(ctx, v, "initials", v.period, v.basis)
	if err != nil {
		return page, err
	}
	page.Initials = initials.own(code)
	page.Months, err = s.months(ctx, v)
	return page, err
}

// addClose tells of a close, and what is known today beside the closed figure.
func (s *Server) addClose(ctx context.Context, v view, page *docsys.BoardPage) error {
	closes, err := readCloses(ctx, s.db, `WHERE period=?`, v.period)
	if err != nil || len(closes) == 0 {
		return err
	}
	c := closes[0]
	page.Closed = &docsys.Close{Period: c.Period, At: c.ClosedAt, By: c.By, Formula: c.Formula, Size: c.Size, Root: c.Root, Checkpoint: c.Checkpoint, Digest: c.Digest}
	if v.basis != atTime {
		return nil
	}
	today, err := s.judged(ctx, v, "approval", v.period, restated)
	if err != nil {
		return err
	}
	f := today.own(v.unit.code)
	page.Restated = &f
	return nil
}

// below are the units directly below the view's, at some time of the period or,
// restated, today.
func (s *Server) below(v view) []unit {
	trees := []lineage{}
	if v.basis == restated {
		trees = append(trees, v.land.on(s.today()))
	} else {
		for _, span := range v.land.spans(periodDays(v.period)) {
			if span.from > s.today() {
				break
			}
			trees = append(trees, v.land.on(span.from))
		}
	}
	var out []unit
	for _, u := range v.land.units {
		if slices.ContainsFunc(trees, func(l lineage) bool { return l[u.code] == v.unit.code }) {
			out = append(out, u)
		}
	}
	return out
}

// months are the months of the period's year that have figures of the unit
// itself, oldest first.
func (s *Server) months(ctx context.Context, v view) ([]docsys.BoardMonth, error) {
	year := v.period[:4]
	rows, err := s.db.Query(ctx, `SELECT m.unit, m.month, `+countColumns+` FROM unit_month m WHERE m.kind='approval' AND m.month>=? AND m.month<=? AND m.unit=? ORDER BY m.month`,
		year+"-01", year+"-12", v.unit.code)
	if err != nil {
		return nil, fmt.Errorf("read the months: %w", err)
	}
	all, err := scanAll(rows, scanLine)
	if err != nil {
		return nil, fmt.Errorf("read the months: %w", err)
	}
	closes, err := readCloses(ctx, s.db, `WHERE period LIKE ?`, year+"-%")
	if err != nil {
		return nil, err
	}
	out := []docsys.BoardMonth{}
	for _, x := range all {
		m := docsys.BoardMonth{Month: x.day, Closed: slices.ContainsFunc(closes, func(c api.Close) bool { return c.Period == x.day })}
		if v.basis == restated || m.Closed {
			j, err := s.judged(ctx, v, "approval", x.day, v.basis)
			if err != nil {
				return nil, err
			}
			m.Figure = j.own(v.unit.code)
		} else {
			m.Figure = v.policies.of(v.unit.kind, x.day, s.today()).Judge(x.figure())
		}
		if m.Figure.Required+m.Figure.Excluded > 0 { // else everything of the month has gone again
			out = append(out, m)
		}
	}
	return out, nil
}

// GetTrend implements GET /board/trend.
func (c calls) GetTrend(w http.ResponseWriter, r *http.Request, p api.GetTrendParams) {
	v, err := c.view(r.Context(), callerOf(r), p.Unit, c.today()[:7], string(value(p.Basis)))
	if err == nil && !p.Grain.Valid() {
		err = refuse(http.StatusBadRequest, "bad-grain", "Bước thời gian phải là week hoặc month")
	}
	if err == nil && p.N != nil && (*p.N < 1 || *p.N > 60) {
		err = refuse(http.StatusBadRequest, "bad-range", "Số kỳ phải từ 1 đến 60")
	}
	t := docsys.Trend{Unit: v.unit.code, Name: v.unit.name, Grain: string(p.Grain), Formula: signrate.Formula, Basis: v.basis}
	if err == nil {
		t.Points, err = c.trend(r.Context(), v, p.Grain, value(p.N))
	}
	if err != nil {
		c.fail(w, r, err)
		return
	}
	c.sendTagged(w, r, value(p.IfNoneMatch), t, func() any {
		t.AsOf = c.clock().UTC().Truncate(time.Second)
		return t
	})
}

func (s *Server) trend(ctx context.Context, v view, grain api.GetTrendParamsGrain, n int) ([]docsys.TrendPoint, error) {
	if grain == api.GetTrendParamsGrainWeek {
		if n == 0 {
			n = 13
		}
		return s.weeks(ctx, v, n)
	}
	if n == 0 {
		n = 12
	}
	out := make([]docsys.TrendPoint, 0, n)
	for i := 1 - n; i <= 0; i++ {
		month := shiftMonth(s.today()[:7], i)
		j, err := s.judged(ctx, v, "approval", month, v.basis)
		if err != nil {
			return nil, err
		}
		f := j.tree(v.unit.code)
		r := periodDays(month)
		out = append(out, docsys.TrendPoint{
			Period: month, From: r.from, To: r.to, Figure: f, Rolling: f, Rank: j.places()[v.unit.code],
			Closed: j.sums.frozen != nil, Estimated: j.sums.estimated[v.unit.code],
		})
	}
	return out, nil
}

const rollingWeeks = 4

// weeks are the last n ISO weeks, each with the ratio of the sums of its four.
func (s *Server) weeks(ctx context.Context, v view, n int) ([]docsys.TrendPoint, error) {
	monday := mondayOf(s.today())
	first := shiftDay(monday, -7*(n+rollingWeeks-2))
	rows, err := s.db.Query(ctx, `SELECT unit, day, `+countColumns+` FROM unit_day WHERE kind='approval' AND day>=? AND day<=? ORDER BY day`, first, shiftDay(monday, 6))
	if err != nil {
		return nil, fmt.Errorf("read the days: %w", err)
	}
	all, err := scanAll(rows, scanLine)
	if err != nil {
		return nil, fmt.Errorf("read the days: %w", err)
	}
	byDay := map[string][]line{}
	for _, x := range all {
		byDay[x.day] = append(byDay[x.day], x)
	}
	sum := func(r days) (signrate.Figure, bool) {
		t := v.land.tally(v.basis, s.today())
		for day := r.from; day <= r.to; day = shiftDay(day, 1) {
			for _, x := range byDay[day] {
				t.add(x.unit, day, x.counts)
			}
		}
		p := v.policies.of(v.unit.kind, r.from[:7], s.today())
		return p.Judge(t.tree[v.unit.code].rounded().figure()), t.estimated[v.unit.code]
	}
	out := []docsys.TrendPoint{}
	for week := shiftDay(monday, -7*(n-1)); week <= monday; week = shiftDay(week, 7) {
		rolling, _ := sum(days{shiftDay(week, -7*(rollingWeeks-1)), shiftDay(week, 6)})
		for _, part := range s.parts(v, days{week, shiftDay(week, 6)}) {
			p := docsys.TrendPoint{Period: weekName(week), From: part.from, To: part.to, Rolling: rolling}
			p.Figure, p.Estimated = sum(part)
			out = append(out, p)
		}
	}
	return out, nil
}

// parts cuts a week at the days on which the units below the view's changed.
func (s *Server) parts(v view, week days) []days {
	if v.basis == restated {
		return []days{week}
	}
	var out []days
	last := ""
	for _, span := range v.land.spans(week) {
		var members []string
		tree := v.land.on(span.from)
		for code := range tree {
			if tree.within(code, v.unit.code) {
				members = append(members, code)
			}
		}
		slices.Sort(members)
		now := strings.Join(members, " ")
		if len(out) > 0 && now == last {
			out[len(out)-1].to = span.to
		} else {
			out = append(out, span)
		}
		last = now
	}
	return out
}

// mondayOf is the first day of a day's week.
func mondayOf(day string) string {
	t, err := time.Parse(dayForm, day)
	if err != nil {
		return day // the callers have checked it
	}
	return shiftDay(day, -(int(t.Weekday())+6)%7)
}

// weekName names a week by ISO 8601: 2026-W47.
func weekName(monday string) string {
	t, err := time.Parse(dayForm, monday)
	if err != nil {
		return monday // the callers have checked it
	}
	year, week := t.ISOWeek()
	return fmt.Sprintf("%04d-W%02d", year, week)
}
