package refserver

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"kyso/app/docsys/api"
)

// walk runs a step that a person takes: idempotent, in one transaction, with
// the document as the answer.
//
//nolint:revive // a call and what it does
func (c calls) walk(w http.ResponseWriter, r *http.Request, id, key string, raw []byte, f func(context.Context, *work, caller) error) {
	ctx, who := r.Context(), callerOf(r)
	if _, err := c.visibleDocument(ctx, who, id); err != nil {
		c.fail(w, r, err)
		return
	}
	a, err := c.once(r, key, raw, func(tx *work) (answer, error) {
		if err := f(ctx, tx, who); err != nil {
			return answer{}, err
		}
		return documentAnswer(ctx, tx, id, http.StatusOK)
	})
	if err != nil {
		c.fail(w, r, err)
		return
	}
	c.replay(w, a)
}

const maxReason = 1000

// reason is the text of a person, or a refusal.
func reason(text string, required bool) (string, error) {
	text = strings.TrimSpace(text)
	switch {
	case required && text == "":
		return "", refuse(http.StatusUnprocessableEntity, "reason-required", "Phải nêu lý do")
	case utf8.RuneCountInString(text) > maxReason:
		return "", refuse(http.StatusUnprocessableEntity, "too-long", "Lý do không quá 1000 ký tự")
	}
	return text, nil
}

// SubmitDocument implements POST /documents/{id}/submit.
func (c calls) SubmitDocument(w http.ResponseWriter, r *http.Request, id string, p api.SubmitDocumentParams) {
	c.take(w, r, stepCall{id, p.IdempotencyKey, "submit", remarkOf, func(ctx context.Context, tx *work, _ caller) error {
		return tx.submit(ctx, id)
	}})
}

// remarkOf reads a remark, which may be missing; reasonOf a reason, which may not.
func remarkOf(w http.ResponseWriter, r *http.Request) (text string, raw []byte, err error) {
	in, raw, err := receive[api.Remark](w, r)
	if err == nil {
		text, err = reason(value(in.Remark), false)
	}
	return text, raw, err
}

func reasonOf(w http.ResponseWriter, r *http.Request) (text string, raw []byte, err error) {
	in, raw, err := receive[api.Reason](w, r)
	if err == nil {
		text, err = reason(in.Reason, true)
	}
	return text, raw, err
}

// stepCall is a call for a step on the way of a document with a person's text.
type stepCall struct {
	id, key, action string
	read            func(http.ResponseWriter, *http.Request) (text string, raw []byte, err error)
	// then does what follows from the step.
	then func(context.Context, *work, caller) error
}

// take answers a call that asks for a step.
func (c calls) take(w http.ResponseWriter, r *http.Request, m stepCall) {
	why, raw, err := m.read(w, r)
	if err != nil {
		c.fail(w, r, err)
		return
	}
	c.walk(w, r, m.id, m.key, raw, func(ctx context.Context, tx *work, who caller) error {
		if err := tx.take(ctx, m.id, m.action, who.step(why)); err != nil {
			return err
		}
		return m.then(ctx, tx, who)
	})
}

// submit makes the duties of a submission: initials anew each time, the
// approval once. The newest file is verified again, for signatures that it may
// still carry.
func (w *work) submit(ctx context.Context, id string) error {
	d, err := w.documentRow(ctx, id)
	if err != nil {
		return err
	}
	if d.current == "" {
		return refuse(http.StatusConflict, "no-file", "Văn bản chưa có tệp để trình ký")
	}
	_, err = w.changeObligations(ctx, func(o *obligation) { o.status, o.reason = "excluded", "returned" },
		`o.document=? AND o.kind='initials' AND o.status<>'excluded'`, id)
	if err != nil {
		return err
	}
	if d.origin == "own" && d.medium == "electronic" {
		if err := w.addDuties(ctx, id, d); err != nil {
			return err
		}
	}
	return w.enqueue(ctx, d.current)
}

// ReturnDocument implements POST /documents/{id}/return.
func (c calls) ReturnDocument(w http.ResponseWriter, r *http.Request, id string, p api.ReturnDocumentParams) {
	c.take(w, r, stepCall{id, p.IdempotencyKey, "return", reasonOf, func(ctx context.Context, tx *work, _ caller) error {
		// A document that goes back is not approved any more.
		_, err := tx.changeObligations(ctx, func(o *obligation) { o.status = "open" }, `o.document=? AND o.kind='approval' AND o.status IN ('done','pending')`, id)
		return err
	}})
}

// NumberDocument implements POST /documents/{id}/number.
func (c calls) NumberDocument(w http.ResponseWriter, r *http.Request, id string, p api.NumberDocumentParams) {
	in, raw, err := receive[api.Numbering](w, r)
	day := value(in.IssuedOn)
	if err == nil && day == "" {
		day = c.today()
	}
	if err == nil {
		err = c.checkIssueDay(day)
	}
	if err == nil && (len(value(in.Number)) > 20 || len(value(in.Notation)) > 100) {
		err = refuse(http.StatusUnprocessableEntity, "too-long", "Số hoặc ký hiệu quá dài")
	}
	if err != nil {
		c.fail(w, r, err)
		return
	}
	c.walk(w, r, id, p.IdempotencyKey, raw, func(ctx context.Context, tx *work, who caller) error {
		if err := tx.take(ctx, id, "number", who.step("")); err != nil {
			return err
		}
		if err := tx.needApproval(ctx, id); err != nil {
			return err
		}
		return tx.number(ctx, id, value(in.Number), value(in.Notation), day)
	})
}

// checkIssueDay refuses what is no day, and days to come.
func (s *Server) checkIssueDay(day string) error {
	if _, err := time.Parse(dayForm, day); err != nil {
		return refuse(http.StatusUnprocessableEntity, "bad-day", "Ngày ban hành không đúng dạng yyyy-MM-dd")
	}
	if day > s.today() {
		return refuse(http.StatusUnprocessableEntity, "future-day", "Ngày ban hành không được sau hôm nay")
	}
	return nil
}

// number gives number and date. Electronic documents are numbered by the
// system (NĐ 30/2020/NĐ-CP, Điều 15); the seal is due from here on.
func (w *work) number(ctx context.Context, id, number, notation, day string) error {
	d, err := w.documentRow(ctx, id)
	if err != nil {
		return err
	}
	if notation != "" {
		d.notation = notation
	}
	d.number, d.issuedOn = number, day
	if number == "" {
		if d.number, err = w.nextNumber(ctx, d.unit, day[:4], d.notation); err != nil {
			return err
		}
	}
	if err := checkNumber(ctx, w, d, day[:4]); err != nil {
		return err
	}
	due, err := dueAfter(ctx, w, day)
	if err != nil {
		return err
	}
	err = w.run(ctx, "number a document", do(`UPDATE document SET year=?, number=?, notation=?, issued_on=?, due_on=? WHERE id=?`,
		yearOf(day), d.number, d.notation, day, due, id))
	if err != nil || d.origin != "own" {
		return err
	}
	return w.addObligation(ctx, obligation{document: id, unit: d.unit, kind: "seal", dueOn: due})
}

// yearOf is the year of a day.
func yearOf(day string) int64 {
	year, _ := strconv.ParseInt(day[:4], 10, 64) // the callers have parsed the day
	return year
}

// nextNumber gives the next number of a series that no document has yet.
func (w *work) nextNumber(ctx context.Context, unit, year, notation string) (string, error) {
	for {
		var n int64
		err := w.QueryRow(ctx, `INSERT INTO number_series(unit,year,notation,last) VALUES(?,?,?,1)
			ON CONFLICT (unit,year,notation) DO UPDATE SET last=number_series.last+1 RETURNING last`, unit, yearOf(year), notation).Scan(&n)
		if err != nil {
			return "", fmt.Errorf("take the next number: %w", err)
		}
		number := strconv.FormatInt(n, 10)
		var taken int
		err = w.QueryRow(ctx, `SELECT count(*) FROM document WHERE unit=? AND year=? AND number=? AND notation=?`, unit, yearOf(year), number, notation).Scan(&taken)
		if err != nil {
			return "", fmt.Errorf("look for the number: %w", err)
		}
		if taken == 0 {
			return number, nil
		}
	}
}

// IssueDocument implements POST /documents/{id}/issue.
func (c calls) IssueDocument(w http.ResponseWriter, r *http.Request, id string, p api.IssueDocumentParams) {
	c.take(w, r, stepCall{id, p.IdempotencyKey, "issue", remarkOf, func(ctx context.Context, tx *work, who caller) error {
		return tx.issue(ctx, id, who)
	}})
}

// issue lets the duties count from the day of issue, and replaces the document
// that this one was made to replace.
func (w *work) issue(ctx context.Context, id string, who caller) error {
	d, err := w.documentRow(ctx, id)
	if err != nil {
		return err
	}
	if err := w.needApproval(ctx, id); err != nil {
		return err
	}
	_, err = w.changeObligations(ctx, func(o *obligation) {
		o.day = d.issuedOn
		if o.kind != "initials" {
			o.dueOn = d.dueOn
		}
		o.late = o.status == "done" && o.dueOn != "" && dayOf(time.UnixMilli(o.fulfilledAt)) > o.dueOn
	}, `o.document=?`, id)
	if err != nil || d.replaces == "" {
		return err
	}
	state, err := w.lockDocument(ctx, d.replaces)
	if err != nil || state == stateRevoked { // taken back meanwhile: nothing is left to replace
		return err
	}
	err = w.take(ctx, d.replaces, "replace", stepBy{account: who.account, name: who.name, reason: "/v1/documents/" + id})
	if err != nil {
		return fmt.Errorf("replace %s: %w", d.replaces, err)
	}
	return nil
}

// RevokeDocument implements POST /documents/{id}/revoke.
func (c calls) RevokeDocument(w http.ResponseWriter, r *http.Request, id string, p api.RevokeDocumentParams) {
	c.take(w, r, stepCall{id, p.IdempotencyKey, "revoke", reasonOf, func(ctx context.Context, tx *work, _ caller) error {
		_, err := tx.changeObligations(ctx, func(o *obligation) { o.status, o.reason = "excluded", "revoked" }, `o.document=?`, id)
		return err
	}})
}

// GetHistory implements GET /documents/{id}/history.
func (c calls) GetHistory(w http.ResponseWriter, r *http.Request, id string) {
	ctx := r.Context()
	if _, err := c.sharedDocument(ctx, callerOf(r), id); err != nil {
		c.fail(w, r, err)
		return
	}
	rows, err := c.db.Query(ctx, `SELECT at, by_name, action, from_state, to_state, reason, version FROM step WHERE document=? ORDER BY seq`, id)
	if err != nil {
		c.fail(w, r, fmt.Errorf("read the history: %w", err))
		return
	}
	defer func() { _ = rows.Close() }()
	h := api.History{Steps: []api.Step{}}
	for rows.Next() {
		var at int64
		var st api.Step
		var why, version string
		if err := rows.Scan(&at, &st.By, &st.Action, &st.From, &st.To, &why, &version); err != nil {
			c.fail(w, r, fmt.Errorf("read the history: %w", err))
			return
		}
		st.At = time.UnixMilli(at).UTC()
		st.Reason, st.Version = unlessEmpty(why), unlessEmpty(version)
		h.Steps = append(h.Steps, st)
	}
	if err := rows.Err(); err != nil {
		c.fail(w, r, fmt.Errorf("read the history: %w", err))
		return
	}
	c.send(w, r, http.StatusOK, h)
}

// unlessEmpty is nil for "", so that a field is left out.
func unlessEmpty(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// AddExplanation implements POST /documents/{id}/explanations.
func (c calls) AddExplanation(w http.ResponseWriter, r *http.Request, id string, p api.AddExplanationParams) {
	ctx, who := r.Context(), callerOf(r)
	in, raw, err := receive[api.NewExplanation](w, r)
	text, kind := "", api.ExplanationKind(cmp.Or(string(value(in.Kind)), "explanation"))
	if err == nil {
		text, err = reason(in.Reason, true)
	}
	if err == nil && !kind.Valid() {
		err = refuse(http.StatusUnprocessableEntity, "bad-kind", "Loại giải trình phải là explanation hoặc dispute")
	}
	if err == nil {
		_, err = c.visibleDocument(ctx, who, id)
	}
	if err != nil {
		c.fail(w, r, err)
		return
	}
	a, err := c.once(r, p.IdempotencyKey, raw, func(tx *work) (answer, error) {
		e := api.Explanation{Id: newID(), Kind: kind, Text: text, At: c.clock().UTC().Truncate(time.Millisecond), By: who.name, Decision: "pending"}
		tx.note(who.account, "explanation.added", id, string(kind)+" "+e.Id)
		err := tx.run(ctx, "store an explanation", do(`INSERT INTO explanation(id,document,kind,text,at,by_account,by_name,decision) VALUES(?,?,?,?,?,?,?,'pending')`,
			e.Id, id, string(kind), text, e.At.UnixMilli(), who.account, who.name))
		if err != nil {
			return answer{}, err
		}
		body, err := json.Marshal(e)
		if err != nil {
			return answer{}, fmt.Errorf("encode the answer: %w", err)
		}
		return answer{status: http.StatusCreated, body: string(body)}, nil
	})
	if err != nil {
		c.fail(w, r, err)
		return
	}
	c.replay(w, a)
}

// ListExplanations implements GET /documents/{id}/explanations.
func (c calls) ListExplanations(w http.ResponseWriter, r *http.Request, id string) {
	ctx := r.Context()
	if _, err := c.sharedDocument(ctx, callerOf(r), id); err != nil {
		c.fail(w, r, err)
		return
	}
	rows, err := c.db.Query(ctx, `SELECT id, kind, text, at, by_name, decision FROM explanation WHERE document=? ORDER BY at, id`, id)
	if err != nil {
		c.fail(w, r, fmt.Errorf("read explanations: %w", err))
		return
	}
	defer func() { _ = rows.Close() }()
	list := api.ExplanationList{Explanations: []api.Explanation{}}
	for rows.Next() {
		var e api.Explanation
		var at int64
		if err := rows.Scan(&e.Id, &e.Kind, &e.Text, &at, &e.By, &e.Decision); err != nil {
			c.fail(w, r, fmt.Errorf("read explanations: %w", err))
			return
		}
		e.At = time.UnixMilli(at).UTC()
		list.Explanations = append(list.Explanations, e)
	}
	if err := rows.Err(); err != nil {
		c.fail(w, r, fmt.Errorf("read explanations: %w", err))
		return
	}
	c.send(w, r, http.StatusOK, list)
}

// DecideExplanation implements PUT /documents/{id}/explanations/{explanation}/decision.
func (c calls) DecideExplanation(w http.ResponseWriter, r *http.Request, id, explanation string) {
	ctx, who := r.Context(), callerOf(r)
	in, _, err := receive[api.Decision](w, r)
	if err == nil && !in.Decision.Valid() {
		err = refuse(http.StatusUnprocessableEntity, "bad-decision", "Quyết định phải là accepted hoặc rejected")
	}
	if err == nil {
		_, err = c.visibleDocument(ctx, who, id)
	}
	if err != nil {
		c.fail(w, r, err)
		return
	}
	err = c.inTx(ctx, func(tx *work) error {
		n, err := tx.Exec(ctx, `UPDATE explanation SET decision=?, decided_at=?, decided_by=? WHERE id=? AND document=?`,
			string(in.Decision), c.clock().UnixMilli(), who.account, explanation, id)
		if err != nil {
			return fmt.Errorf("decide on an explanation: %w", err)
		}
		if n == 0 {
			return refuse(http.StatusNotFound, "not-found", "Không có giải trình này")
		}
		tx.note(who.account, "explanation."+string(in.Decision), id, explanation)
		return nil
	})
	if err != nil {
		c.fail(w, r, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// documentRow reads what the steps need of a document that is locked.
func (w *work) documentRow(ctx context.Context, id string) (documentRow, error) {
	var d documentRow
	err := w.QueryRow(ctx, `SELECT unit, number, notation, issued_on, due_on, signer_name, origin, medium, upward, replaces, current FROM document WHERE id=?`, id).
		Scan(&d.unit, &d.number, &d.notation, &d.issuedOn, &d.dueOn, &d.signerName, &d.origin, &d.medium, &d.submitted, &d.replaces, &d.current)
	if errors.Is(err, sql.ErrNoRows) {
		return d, noDocument()
	}
	if err != nil {
		return d, fmt.Errorf("read a document: %w", err)
	}
	return d, nil
}
