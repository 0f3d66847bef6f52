package refserver

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"kyso/app/docsys"
	"kyso/app/docsys/api"
)

const (
	defaultLimit = 100
	maxLimit     = 200
)

// documentPage is the answer of a list.
type documentPage struct {
	Items []docsys.Document `json:"items"`
	Next  string            `json:"next,omitempty"`
}

// ListDocuments implements GET /documents.
func (c calls) ListDocuments(w http.ResponseWriter, r *http.Request, params api.ListDocumentsParams) {
	where, args, err := c.filter(r.Context(), callerOf(r), params)
	if err != nil {
		c.fail(w, r, err)
		return
	}
	limit := defaultLimit
	if params.Limit != nil {
		limit = min(maxLimit, max(1, *params.Limit))
	}
	page, err := c.page(r.Context(), where, args, limit)
	if err != nil {
		c.fail(w, r, err)
		return
	}
	c.send(w, r, http.StatusOK, page)
}

// filter turns the parameters into conditions.
func (s *Server) filter(ctx context.Context, who caller, p api.ListDocumentsParams) (where []string, args []any, err error) {
	add := func(condition string, values ...any) {
		where, args = append(where, condition), append(args, values...)
	}
	switch value(p.Waiting) {
	case "me":
		s.addWaiting(who, add)
	case "":
		if err := s.addUnit(ctx, who, value(p.Unit), add); err != nil {
			return nil, nil, err
		}
	default:
		return nil, nil, refuse(http.StatusBadRequest, "bad-request", "waiting chỉ nhận giá trị me")
	}
	if period := value(p.Period); period != "" {
		if !validPeriod(period) {
			return nil, nil, badPeriod()
		}
		add(`d.issued_on LIKE ? || '-%'`, period)
	}
	if missing := value(p.Missing); missing != "" {
		add(`EXISTS (SELECT 1 FROM obligation o WHERE o.document=d.id AND o.kind=? AND o.status='open')`, string(missing))
	}
	if cursor := value(p.Cursor); cursor != "" {
		raw, err := base64.RawURLEncoding.DecodeString(cursor)
		day, id, ok := strings.Cut(string(raw), "|")
		if err != nil || !ok {
			return nil, nil, refuse(http.StatusBadRequest, "bad-request", "cursor không đúng")
		}
		add(`(d.issued_on, d.id) < (?, ?)`, day, id)
	}
	return where, args, nil
}

// addWaiting selects what waits for the caller: an open duty that is his by
// name, or of nobody by name and within his authority, on a document that can be
// signed now; what is to be numbered, sealed and issued, for the clerk; what
// came back, for who drafted it. A joint document waits for the leading unit
// first, then for the others in their order; who opens it may sign before.
//
// The duties that are open are few and have an index; the documents of years are many.
func (s *Server) addWaiting(who caller, add func(string, ...any)) {
	const ready = ` AND o.status='open' AND o.kind<>'seal' AND w.state IN ('submitted','initialled','issued')
		AND (w.state='issued' OR o.kind='initials' OR NOT EXISTS (SELECT 1 FROM obligation i WHERE i.document=w.id AND i.kind='initials' AND i.status IN ('open','pending')))
		AND (w.state='issued' OR o.kind='initials' OR NOT EXISTS (SELECT 1 FROM document_issuer j JOIN obligation e ON e.document=w.id AND e.kind='approval' AND e.status IN ('open','pending') AND e.unit<>o.unit
			LEFT JOIN document_issuer f ON f.document=w.id AND f.unit=e.unit WHERE j.document=w.id AND j.unit=o.unit AND coalesce(f.position,0)<j.position))`
	today := s.today()
	where := `d.current<>'' AND d.id IN (
		SELECT o.document FROM obligation o JOIN document w ON w.id=o.document WHERE o.responsible<>'' AND o.responsible=?` + ready + `
		UNION ALL SELECT o.document FROM authority a JOIN obligation o ON o.unit=a.unit AND o.kind=CASE a.may WHEN 'approve' THEN 'approval' ELSE 'initials' END
			JOIN document w ON w.id=o.document WHERE a.person=? AND a.valid_from<=? AND (a.valid_to='' OR a.valid_to>?) AND o.responsible=''` + ready + `
		UNION ALL SELECT id FROM document WHERE state='returned' AND created_by=?`
	args := []any{who.person, who.person, today, today, who.account}
	clerk := 0
	for _, g := range who.grants {
		if g.role == "clerk" {
			clerk++
			args = append(args, g.unit)
		}
	}
	const unitsWork = ` UNION ALL SELECT id FROM document WHERE unit=? AND state<>'issued' AND state IN ('signed','numbered','sealed')`
	add(where+strings.Repeat(unitsWork, clerk)+`)`, args...)
}

func (s *Server) addUnit(ctx context.Context, who caller, code string, add func(string, ...any)) error {
	if code == "" {
		code = who.unit
	}
	if err := s.permitted(ctx, who, code); err != nil {
		return err
	}
	joint, err := s.issuesTogether(ctx, code)
	if err != nil {
		return err
	}
	if joint {
		add(`(d.unit=? OR d.id IN (SELECT document FROM document_issuer WHERE unit=?))`, code, code)
	} else {
		add(`d.unit=?`, code)
	}
	return nil
}

func (s *Server) page(ctx context.Context, where []string, args []any, limit int) (documentPage, error) {
	query := `SELECT ` + documentColumns + documentTables + `WHERE ` + strings.Join(where, ` AND `) + ` ORDER BY d.issued_on DESC, d.id DESC LIMIT ?`
	rows, err := s.db.Query(ctx, query, append(args, limit+1)...)
	if err != nil {
		return documentPage{}, fmt.Errorf("list documents: %w", err)
	}
	defer func() { _ = rows.Close() }()
	page := documentPage{Items: []docsys.Document{}}
	for rows.Next() {
		d, err := scanDocument(rows)
		if err != nil {
			return documentPage{}, err
		}
		page.Items = append(page.Items, d)
	}
	if err := rows.Err(); err != nil {
		return documentPage{}, fmt.Errorf("list documents: %w", err)
	}
	if len(page.Items) > limit {
		page.Items = page.Items[:limit]
		last := page.Items[limit-1]
		page.Next = base64.RawURLEncoding.EncodeToString([]byte(last.IssuedOn + "|" + last.ID))
	}
	return page, nil
}

// validPeriod reports whether a period is a year or a month.
func validPeriod(period string) bool {
	ok, err := regexp.MatchString(`^\d{4}(-(0[1-9]|1[0-2]))?$`, period)
	return ok && err == nil
}

func badPeriod() error {
	return refuse(http.StatusBadRequest, "bad-period", "Kỳ phải là năm (2026) hoặc tháng (2026-11)")
}
