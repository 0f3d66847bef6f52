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

// counters are the figures of units and months of one year.
type counters struct {
	byMonth      map[string]map[string]signrate.Figure // unit → yyyy-MM → figure
	illustrative map[string]bool                       // unit → has illustrative figures in the period
}

// GetBoard implements GET /board.
func (c calls) GetBoard(w http.ResponseWriter, r *http.Request, params api.GetBoardParams) {
	if !validPeriod(params.Period) {
		c.fail(w, r, badPeriod())
		return
	}
	page, err := c.board(r.Context(), callerOf(r), params.Unit, params.Period)
	if err != nil {
		c.fail(w, r, err)
		return
	}
	tag, err := tagOf(page)
	if err != nil {
		c.fail(w, r, err)
		return
	}
	w.Header().Set("ETag", tag)
	if value(params.IfNoneMatch) == tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	page.AsOf = c.clock().UTC().Truncate(time.Second)
	c.send(w, r, http.StatusOK, page)
}

// tagOf names the figures; the time of the answer is not part of them.
func tagOf(page docsys.BoardPage) (string, error) {
	body, err := json.Marshal(page)
	if err != nil {
		return "", fmt.Errorf("encode the board: %w", err)
	}
	sum := sha256.Sum256(body)
	return `"` + hex.EncodeToString(sum[:16]) + `"`, nil
}

func (s *Server) board(ctx context.Context, who caller, code, period string) (docsys.BoardPage, error) {
	units, err := s.units(ctx, s.today())
	if err != nil {
		return docsys.BoardPage{}, err
	}
	u, known := units.find(code)
	if !known {
		return docsys.BoardPage{}, refuse(http.StatusNotFound, "not-found", "Không có đơn vị này")
	}
	if !who.may(units, code) {
		return docsys.BoardPage{}, refuse(http.StatusForbidden, "other-unit", "Không được xem bảng của đơn vị này")
	}
	n, err := s.count(ctx, period)
	if err != nil {
		return docsys.BoardPage{}, err
	}
	page := docsys.BoardPage{
		Unit: code, Name: u.name, Period: period, Formula: signrate.Formula,
		Own: n.own(code, period), Subtree: n.subtree(units, code, period),
		Children: []docsys.BoardRow{}, Months: n.months(code),
	}
	for _, child := range units.children(code) {
		page.Children = append(page.Children, docsys.BoardRow{Unit: child.code, Name: child.name, Kind: child.kind, Figure: n.subtree(units, child.code, period)})
	}
	for _, x := range units {
		page.Illustrative = page.Illustrative || n.illustrative[x.code] && units.within(x.code, code)
	}
	return page, nil
}

// count reads the approvals of the year of a period.
func (s *Server) count(ctx context.Context, period string) (counters, error) {
	n := counters{byMonth: map[string]map[string]signrate.Figure{}, illustrative: map[string]bool{}}
	rows, err := s.db.Query(ctx, `SELECT unit, month, n_required, n_done, n_pending, n_excluded, n_illustrative
		FROM unit_month WHERE kind='approval' AND month>=? AND month<=?`, period[:4]+"-01", period[:4]+"-12")
	if err != nil {
		return n, fmt.Errorf("count the approvals: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var unit, month string
		var f signrate.Figure
		var illustrative int64
		if err := rows.Scan(&unit, &month, &f.Required, &f.Fulfilled, &f.Pending, &f.Excluded, &illustrative); err != nil {
			return n, fmt.Errorf("count the approvals: %w", err)
		}
		if f == (signrate.Figure{}) {
			continue // everything of the month has gone again
		}
		if n.byMonth[unit] == nil {
			n.byMonth[unit] = map[string]signrate.Figure{}
		}
		f.Band = signrate.Judge(f.Required, f.Fulfilled, signrate.MinVolume)
		n.byMonth[unit][month] = f
		if illustrative > 0 && strings.HasPrefix(month, period) {
			n.illustrative[unit] = true
		}
	}
	if err := rows.Err(); err != nil {
		return n, fmt.Errorf("count the approvals: %w", err)
	}
	return n, nil
}

// own is the figure of a unit alone.
func (n counters) own(code, period string) signrate.Figure {
	sum := signrate.Figure{Band: signrate.None}
	for month, f := range n.byMonth[code] {
		if strings.HasPrefix(month, period) {
			sum = sum.Add(f, signrate.MinVolume)
		}
	}
	return sum
}

// subtree is the figure of a unit with all below it.
func (n counters) subtree(units unitTree, code, period string) signrate.Figure {
	sum := n.own(code, period)
	for _, u := range units {
		if u.code != code && units.within(u.code, code) {
			sum = sum.Add(n.own(u.code, period), signrate.MinVolume)
		}
	}
	return sum
}

// months are a unit's months of the year, oldest first.
func (n counters) months(code string) []docsys.BoardMonth {
	out := []docsys.BoardMonth{}
	for month, f := range n.byMonth[code] {
		out = append(out, docsys.BoardMonth{Month: month, Figure: f})
	}
	slices.SortFunc(out, func(a, b docsys.BoardMonth) int { return strings.Compare(a.Month, b.Month) })
	return out
}
