package refserver

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"kyso/app/docsys/api"
	"kyso/app/docsys/refserver/annex"
	"kyso/app/signrate"
)

// ExportXlsx implements GET /exports/board.xlsx.
func (c calls) ExportXlsx(w http.ResponseWriter, r *http.Request, p api.ExportXlsxParams) {
	c.annex(w, r, exportOf{p.Unit, p.Period, string(value(p.Basis)), "xlsx"}, annex.XLSX,
		"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
}

// ExportPdf implements GET /exports/board.pdf.
func (c calls) ExportPdf(w http.ResponseWriter, r *http.Request, p api.ExportPdfParams) {
	c.annex(w, r, exportOf{p.Unit, p.Period, string(value(p.Basis)), "pdf"}, annex.PDF, "application/pdf")
}

// exportOf is what is exported, and how.
type exportOf struct{ unit, period, basis, format string }

func (e exportOf) header(w http.ResponseWriter, media string) {
	w.Header().Set("Content-Type", media)
	w.Header().Set("Content-Disposition", `attachment; filename="phu-luc-ky-so-`+e.period+`.`+e.format+`"`)
}

// annex answers with a file that is made in memory: it has a line a unit.
func (c calls) annex(w http.ResponseWriter, r *http.Request, e exportOf, write func(io.Writer, annex.Sheet) error, media string) {
	v, err := c.view(r.Context(), callerOf(r), e.unit, e.period, e.basis)
	var s annex.Sheet
	if err == nil {
		s, err = c.sheet(r.Context(), v)
	}
	var file bytes.Buffer
	if err == nil {
		err = write(&file, s)
	}
	if err != nil {
		c.fail(w, r, err)
		return
	}
	e.header(w, media)
	_, _ = w.Write(file.Bytes()) // the client is gone when this fails
}

// sheet gathers what an annex says.
func (s *Server) sheet(ctx context.Context, v view) (annex.Sheet, error) {
	out, err := s.sheetHead(ctx, v)
	if err != nil {
		return out, err
	}
	j, err := s.judged(ctx, v, "approval", v.period, v.basis)
	if err != nil {
		return out, err
	}
	code := v.unit.code
	places := j.places()
	out.Total, out.Estimated, out.Illustrative = j.tree(code), j.sums.estimated[code], j.sums.tree[code].illustrative > 0
	for _, u := range s.below(v) {
		out.Rows = append(out.Rows, annex.Row{Name: u.name, Figure: j.tree(u.code), Rank: places[u.code]})
	}
	slices.SortStableFunc(out.Rows, func(a, b annex.Row) int { // the highest rate first, those without last
		return cmp.Compare(rate(b.Figure), rate(a.Figure))
	})
	if own := j.own(code); own.Required+own.Excluded > 0 || len(out.Rows) == 0 {
		out.Rows = append([]annex.Row{{Name: v.unit.name, Figure: own, Own: len(out.Rows) > 0}}, out.Rows...)
		if !out.Rows[0].Own {
			out.Rows[0].Rank = places[code]
		}
	}
	return out, nil
}

func rate(f signrate.Figure) float64 {
	if f.Required == 0 {
		return -1
	}
	return float64(f.Fulfilled) / float64(f.Required)
}

// sheetHead says of which period, basis and state of the log the figures are.
func (s *Server) sheetHead(ctx context.Context, v view) (annex.Sheet, error) {
	out := annex.Sheet{
		Unit: v.unit.name, Period: v.period, Restated: v.basis == restated, Made: s.clock(), Formula: signrate.Formula,
		Policy: v.policies.of(v.unit.kind, v.period, s.today()),
	}
	closes, err := readCloses(ctx, s.db, `WHERE period=?`, v.period)
	if err != nil {
		return out, err
	}
	if len(closes) > 0 {
		out.ClosedAt, out.ClosedBy = closes[0].ClosedAt, closes[0].By
		if v.basis == atTime {
			out.Formula, out.Size, out.Root = closes[0].Formula, closes[0].Size, closes[0].Root
			return out, nil
		}
	}
	if out.Size, err = s.auditSize(ctx); err != nil {
		return out, err
	}
	root, err := tlog.TreeHash(out.Size, hashesOf(ctx, s.db))
	if err != nil {
		return out, fmt.Errorf("hash the audit log: %w", err)
	}
	out.Root = base64.StdEncoding.EncodeToString(root[:])
	return out, nil
}

// maxExport bounds the lines of one file.
const maxExport = 1_000_000

// ExportCsv implements GET /exports/board.csv.
func (c calls) ExportCsv(w http.ResponseWriter, r *http.Request, p api.ExportCsvParams) {
	ctx, who := r.Context(), callerOf(r)
	v, err := c.view(ctx, who, p.Unit, p.Period, string(value(p.Basis)))
	var head annex.Sheet
	if err == nil {
		head, err = c.sheetHead(ctx, v)
	}
	if err != nil {
		c.fail(w, r, err)
		return
	}
	exportOf{p.Unit, p.Period, v.basis, "csv"}.header(w, "text/csv; charset=utf-8")
	if err := c.writeDuties(ctx, w, who, v, head); err != nil {
		// A part of the file is written: only a broken connection says that it is not whole.
		c.log.ErrorContext(ctx, "export broke off", slog.Any("error", err))
		panic(http.ErrAbortHandler)
	}
}

// writeDuties writes every duty that counts for the view's unit or one below it.
func (s *Server) writeDuties(ctx context.Context, w io.Writer, who caller, v view, head annex.Sheet) error {
	lines, err := annex.NewLines(w, head)
	if err != nil {
		return err
	}
	who.row = s.rights["GET /documents/{id}"]
	all := v.land.all(s.today())
	mayList, names := map[string]bool{}, map[string]string{}
	for _, u := range all {
		mayList[u.code], names[u.code] = who.may(all, u.code), u.name
	}
	duties, args := s.dutiesOf(v, head)
	rows, err := s.db.Query(ctx, `SELECT d.id, d.unit, d.kind, d.day, d.due_on, d.status, d.late, d.reason, t.number, t.notation
		FROM (`+duties+`) d JOIN obligation b ON b.id=d.id JOIN document t ON t.id=b.document ORDER BY d.day, d.id LIMIT ?`, append(args, maxExport)...)
	if err != nil {
		return fmt.Errorf("read the duties: %w", err)
	}
	defer func() { _ = rows.Close() }()
	shares := sharesOf{v: v, today: s.today(), known: map[[2]string][]share{}}
	for rows.Next() {
		var d annex.Duty
		if err := rows.Scan(&d.ID, &d.Unit, &d.Kind, &d.Day, &d.DueOn, &d.Status, &d.Late, &d.Reason, &d.Number, &d.Notation); err != nil {
			return fmt.Errorf("read the duties: %w", err)
		}
		if !mayList[d.Unit] {
			d.Number, d.Notation = "", ""
		}
		for _, part := range shares.of(d.Unit, d.Day) {
			d.Unit, d.UnitName, d.Path, d.Share = part.unit, names[part.unit], part.path, part.millionths
			if err := lines.Write(d); err != nil {
				return err
			}
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read the duties: %w", err)
	}
	return lines.Close()
}

// dutiesOf are the duties of the view's period: as they are now, or as they
// were when the period was closed.
func (s *Server) dutiesOf(v view, head annex.Sheet) (query string, args []any) {
	r := periodDays(v.period)
	if v.basis == atTime && !head.ClosedAt.IsZero() {
		return closedDuties, []any{v.period, r.from, r.to, v.period}
	}
	query, args = `SELECT id, unit, kind, day, due_on, status, late, origin, reason, fulfilled_at FROM obligation WHERE day<>'' AND day>=? AND day<=?`, []any{r.from, r.to}
	if v.basis == restated {
		return query, args
	}
	members := s.members(v)
	for _, code := range members {
		args = append(args, code)
	}
	return query + ` AND unit IN (` + strings.TrimSuffix(strings.Repeat("?,", len(members)), ",") + `)`, args
}

// members are the units that were the view's or below it at some time of the period.
func (s *Server) members(v view) []string {
	out := []string{v.unit.code}
	for _, span := range v.land.spans(periodDays(v.period)) {
		tree := v.land.on(span.from)
		for code := range tree {
			if !slices.Contains(out, code) && tree.within(code, v.unit.code) {
				out = append(out, code)
			}
		}
	}
	return out
}

// share is the part of a unit's duties that counts for a unit of the view.
type share struct {
	unit, path string
	millionths int64
}

// sharesOf remembers the shares of units and days.
type sharesOf struct {
	v     view
	today string
	known map[[2]string][]share
}

// of gives the shares of a unit's duties of a day; none when they count elsewhere.
func (s sharesOf) of(unit, day string) []share {
	key := [2]string{unit, day}
	if known, ok := s.known[key]; ok {
		return known
	}
	t := s.v.land.tally(s.v.basis, s.today)
	t.add(unit, day, counts{required: 1})
	tree := s.v.land.on(day)
	if s.v.basis == restated {
		tree = s.v.land.on(s.today)
	}
	out := []share{}
	for code, c := range t.own {
		if code == s.v.unit.code || tree.within(code, s.v.unit.code) {
			out = append(out, share{code, cmp.Or(tree.path(code), code), c.required})
		}
	}
	slices.SortFunc(out, func(a, b share) int { return strings.Compare(a.unit, b.unit) })
	s.known[key] = out
	return out
}
