package refserver

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"kyso/app/docsys"
	"kyso/app/docsys/api"
)

// The line breaks join and split lists: no name holds one.
const documentColumns = `d.id, d.unit, u.name, d.number, d.notation, d.type, d.subject, d.issued_on, d.due_on, d.urgent, d.drafter,
	d.signer_name, d.signer_title, d.state, d.replaces, coalesce(v.id,''), coalesce(v.sha256,''), coalesce(v.size,0),
	coalesce((SELECT string_agg(s.holder, '` + "\n" + `') FROM signature s WHERE s.version=v.id AND s.kind='initials' AND s.indication='TOTAL-PASSED'),''),
	coalesce((SELECT string_agg(o.kind, '` + "\n" + `') FROM obligation o WHERE o.document=d.id AND o.status='open' AND o.kind<>'seal'),''),
	coalesce((SELECT t.reason FROM step t WHERE t.document=d.id AND t.action='return' AND d.state='returned' ORDER BY t.seq DESC LIMIT 1),''),
	coalesce((SELECT string_agg(i.position || ' ' || i.unit || ' ' || CASE WHEN EXISTS (SELECT 1 FROM obligation o WHERE o.document=d.id AND o.unit=i.unit AND o.kind='approval' AND o.status='done') THEN '1' ELSE '0' END || ' ' || j.name, '` + "\n" + `')
		FROM document_issuer i JOIN unit j ON j.code=i.unit WHERE i.document=d.id),''),
	coalesce((SELECT string_agg(o.fulfilled_at || ' ' || o.unit || ' ' || coalesce(a.form,'-') || ' ' || s.holder, '` + "\n" + `')
		FROM obligation o JOIN signature s ON s.id=o.fulfilled_by LEFT JOIN authority a ON a.id=o.authority WHERE o.document=d.id AND o.kind='approval' AND o.status='done'),''),
	coalesce((SELECT e.kind || ' ' || e.decision FROM explanation e WHERE e.document=d.id ORDER BY e.at DESC, e.id DESC LIMIT 1),'')`

const documentTables = ` FROM document d JOIN unit u ON u.code=d.unit LEFT JOIN version v ON v.id=d.current `

func scanDocument(row interface{ Scan(...any) error }) (docsys.Document, error) {
	var d docsys.Document
	var initialled, missing, joint, approved, explained string
	err := row.Scan(&d.ID, &d.Unit, &d.UnitName, &d.Number, &d.Notation, &d.Type, &d.Subject, &d.IssuedOn, &d.DueOn, &d.Urgent, &d.Drafter,
		&d.SignerName, &d.SignerTitle, &d.State, &d.Replaces, &d.Version, &d.SHA256, &d.Size, &initialled, &missing, &d.ReturnedBecause, &joint, &approved, &explained)
	if err != nil {
		return docsys.Document{}, fmt.Errorf("read a document: %w", err)
	}
	d.InitialledBy, d.Missing = lines(initialled), lines(missing)
	kind, decision, _ := strings.Cut(explained, " ")
	d.Explained, d.Disputed = decision, kind == "dispute"
	slices.Sort(d.Missing)
	d.Missing = slices.Compact(d.Missing)
	d.CoIssuers, d.Approvals = coIssuers(joint), approvals(approved)
	d.Next = next(d.State, d.Missing)
	if d.Version != "" {
		d.ETag = `"` + d.Version + `"`
	}
	return d, nil
}

// coIssuers reads the units that issue a document together, in their order.
func coIssuers(joint string) []docsys.CoIssuer {
	var out []docsys.CoIssuer
	for _, line := range bySize(lines(joint)) {
		_, rest, _ := strings.Cut(line, " ")
		unit, rest, _ := strings.Cut(rest, " ")
		signed, name, _ := strings.Cut(rest, " ")
		out = append(out, docsys.CoIssuer{Unit: unit, UnitName: name, Signed: signed == "1"})
	}
	return out
}

// approvals reads who approved a document, and in what form, in the order of time.
func approvals(approved string) []docsys.Approval {
	var out []docsys.Approval
	for _, line := range bySize(lines(approved)) {
		at, rest, _ := strings.Cut(line, " ")
		unit, rest, _ := strings.Cut(rest, " ")
		form, name, _ := strings.Cut(rest, " ")
		ms, _ := strconv.ParseInt(at, 10, 64) // a number of the database
		out = append(out, docsys.Approval{Unit: unit, Form: strings.Trim(form, "-"), Name: name, At: time.UnixMilli(ms).UTC()})
	}
	return out
}

// bySize sorts lines by the number that they begin with, then by their text.
func bySize(lines []string) []string {
	slices.SortFunc(lines, func(a, b string) int {
		x, _, _ := strings.Cut(a, " ")
		y, _, _ := strings.Cut(b, " ")
		return cmp.Or(cmp.Compare(len(x), len(y)), cmp.Compare(a, b))
	})
	return lines
}

// lines splits what string_agg joined; never nil, so that JSON has a list.
func lines(s string) []string {
	if s == "" {
		return []string{}
	}
	return strings.Split(s, "\n")
}

func noDocument() *docsys.Problem {
	return refuse(http.StatusNotFound, "not-found", "Không có văn bản này")
}

// visibleDocument gives a document that the caller's call reaches. Another one
// answers 404 like one that does not exist.
func (s *Server) visibleDocument(ctx context.Context, who caller, id string) (docsys.Document, error) {
	d, err := scanDocument(s.db.QueryRow(ctx, `SELECT `+documentColumns+documentTables+`WHERE d.id=?`, id))
	if errors.Is(err, sql.ErrNoRows) {
		return docsys.Document{}, noDocument()
	}
	if err != nil {
		return docsys.Document{}, err
	}
	err = s.permitted(ctx, who, d.Unit)
	if p, ok := errors.AsType[*docsys.Problem](err); ok && p.Status == http.StatusForbidden {
		return docsys.Document{}, noDocument()
	}
	return d, err
}

// GetDocument implements GET /documents/{id}.
func (c calls) GetDocument(w http.ResponseWriter, r *http.Request, id string) {
	d, err := c.sharedDocument(r.Context(), callerOf(r), id)
	if err != nil {
		c.fail(w, r, err)
		return
	}
	if d.ETag != "" {
		w.Header().Set("ETag", d.ETag)
	}
	c.send(w, r, http.StatusOK, d)
}

// CreateDocument implements POST /documents.
func (c calls) CreateDocument(w http.ResponseWriter, r *http.Request, params api.CreateDocumentParams) {
	in, raw, err := receive[api.NewDocument](w, r)
	if err == nil {
		err = c.checkNew(r.Context(), callerOf(r), in)
	}
	if err != nil {
		c.fail(w, r, err)
		return
	}
	a, err := c.once(r, params.IdempotencyKey, raw, func(tx *work) (answer, error) {
		return c.register(r.Context(), tx, callerOf(r), in)
	})
	if err != nil {
		c.fail(w, r, err)
		return
	}
	c.replay(w, a)
}

// checkNew refuses what the server must not keep. The text of a secret document
// goes into no table, no log and no answer.
func (s *Server) checkNew(ctx context.Context, who caller, in api.NewDocument) error {
	if in.Secrecy != "none" {
		return refuse(http.StatusUnprocessableEntity, "secret", "Văn bản mật không được đưa lên hệ thống này")
	}
	if err := checkTexts(in); err != nil {
		return err
	}
	if day := value(in.IssuedOn); day != "" {
		if err := s.checkIssueDay(day); err != nil {
			return err
		}
	}
	if err := checkIssuers(in.Unit, value(in.CoIssuers)); err != nil {
		return err
	}
	return s.permitted(ctx, who, in.Unit)
}

// checkTexts holds the bounds of the contract.
func checkTexts(in api.NewDocument) error {
	if strings.TrimSpace(in.Subject) == "" || strings.TrimSpace(in.Type) == "" {
		return refuse(http.StatusUnprocessableEntity, "incomplete", "Cần có loại văn bản và trích yếu (không quá 1000 ký tự)")
	}
	for _, t := range []struct {
		text string
		most int
	}{
		{in.Subject, 1000},
		{in.Type, 100},
		{value(in.Number), 20},
		{value(in.Notation), 50},
		{value(in.Drafter), 200},
		{value(in.SignerName), 200},
		{value(in.SignerTitle), 200},
		{value(in.Replaces), 100},
	} {
		if utf8.RuneCountInString(t.text) > t.most || strings.ContainsFunc(t.text, unicode.IsControl) {
			return refuse(http.StatusUnprocessableEntity, "bad-text", "Nội dung quá dài hoặc có ký tự điều khiển", fmt.Sprintf("tối đa %d ký tự", t.most))
		}
	}
	return nil
}

// value is what p points to, or the zero value.
func value[T any](p *T) T {
	var v T
	if p != nil {
		v = *p
	}
	return v
}

func (s *Server) register(ctx context.Context, w *work, who caller, in api.NewDocument) (answer, error) {
	row := documentRow{
		unit: in.Unit, number: value(in.Number), notation: value(in.Notation), kind: in.Type, subject: in.Subject, issuedOn: value(in.IssuedOn),
		urgent: value(in.Urgent), drafter: value(in.Drafter), signerName: value(in.SignerName), signerTitle: value(in.SignerTitle),
		origin: "own", medium: "electronic", submitted: value(in.Submitted), replaces: value(in.Replaces), with: value(in.CoIssuers), by: who.step(""),
	}
	if err := checkReplaced(ctx, w, row); err != nil {
		return answer{}, err
	}
	id, err := w.insertDocument(ctx, row)
	if err != nil {
		return answer{}, err
	}
	return documentAnswer(ctx, w, id, http.StatusCreated)
}

// documentAnswer is a document as the answer of a call that changed it.
func documentAnswer(ctx context.Context, w *work, id string, status int) (answer, error) {
	d, err := scanDocument(w.QueryRow(ctx, `SELECT `+documentColumns+documentTables+`WHERE d.id=?`, id))
	if err != nil {
		return answer{}, err
	}
	body, err := json.Marshal(d)
	if err != nil {
		return answer{}, fmt.Errorf("encode the answer: %w", err)
	}
	return answer{status: status, location: "/v1/documents/" + id, body: string(body)}, nil
}

// checkReplaced refuses to replace what is not issued, or another unit's. A
// faulty issued document is replaced by one of equal form (NĐ 30/2020/NĐ-CP, Điều 18).
func checkReplaced(ctx context.Context, w *work, d documentRow) error {
	if d.replaces == "" {
		return nil
	}
	old, err := w.documentRow(ctx, d.replaces)
	if err != nil {
		return err
	}
	state, err := w.lockDocument(ctx, d.replaces)
	switch {
	case err != nil:
		return err
	case old.unit != d.unit:
		return noDocument()
	case state != stateIssued:
		return wrongState(state)
	case d.issuedOn != "":
		return refuse(http.StatusUnprocessableEntity, "bad-replacement", "Văn bản thay thế phải đi từ bước dự thảo")
	}
	return nil
}

// documentRow is a document to insert with its duties.
type documentRow struct {
	unit, number, notation, kind, subject string
	issuedOn, dueOn                       string // an empty dueOn is the next working day
	urgent                                bool
	drafter, signerName, signerTitle      string
	origin                                string // "own", "certified_copy", "illustrative"
	medium                                string // "electronic", "paper"
	submitted                             bool   // initials are due
	replaces, current                     string
	with                                  []string // units that issue it together with unit
	by                                    stepBy
}

// insertDocument inserts a draft, or a document that was issued elsewhere.
func (w *work) insertDocument(ctx context.Context, d documentRow) (string, error) {
	day, state := d.issuedOn, stateIssued
	if day == "" {
		day, state = w.s.today(), stateDraft
	}
	if d.dueOn == "" {
		var err error
		if d.dueOn, err = dueAfter(ctx, w, day); err != nil {
			return "", err
		}
	}
	if err := checkNumber(ctx, w, d, day[:4]); err != nil {
		return "", err
	}
	id, now := newID(), w.s.clock().UnixMilli()
	_, err := w.Exec(ctx, `INSERT INTO document(id,unit,year,number,notation,type,subject,issued_on,due_on,urgent,drafter,signer_name,signer_title,state,medium,origin,upward,replaces,created_at,created_by,changed_at)
		VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)`, id, d.unit, yearOf(day), d.number, d.notation, d.kind, d.subject, d.issuedOn, d.dueOn, d.urgent, d.drafter,
		d.signerName, d.signerTitle, state, d.medium, d.origin, d.submitted, d.replaces, now, d.by.account, now)
	if err != nil {
		return "", fmt.Errorf("insert a document: %w", err)
	}
	if d.origin == "illustrative" {
		return id, nil
	}
	if err := w.addIssuers(ctx, id, d.with); err != nil {
		return "", err
	}
	if err := w.enter(ctx, id, "create", "", state, d.by); err != nil {
		return "", err
	}
	if state != stateIssued || d.origin != "own" || d.medium != "electronic" {
		return id, nil
	}
	if err := w.addDuties(ctx, id, d); err != nil {
		return "", err
	}
	return id, w.addObligation(ctx, obligation{document: id, unit: d.unit, kind: "seal", day: d.issuedOn, dueOn: d.dueOn})
}

// checkNumber refuses a number that the unit used in the year (NĐ 30/2020/NĐ-CP, Điều 15).
func checkNumber(ctx context.Context, w *work, d documentRow, year string) error {
	if d.number == "" {
		return nil
	}
	var taken string
	err := w.QueryRow(ctx, `SELECT id FROM document WHERE unit=? AND year=? AND number=? AND notation=?`, d.unit, yearOf(year), d.number, d.notation).Scan(&taken)
	switch {
	case err == nil:
		return refuse(http.StatusConflict, "number-taken", "Số và ký hiệu này đã có trong năm", "/v1/documents/"+taken)
	case !errors.Is(err, sql.ErrNoRows):
		return fmt.Errorf("look for the number: %w", err)
	}
	return nil
}

// addDuties makes the duties of a submission: the approval of the issuing unit,
// for the person named as signer when the unit has one of that name, and the
// initials when it goes upwards. The approval of an earlier submission stays.
func (w *work) addDuties(ctx context.Context, id string, d documentRow) error {
	var approvals, submissions int
	err := w.QueryRow(ctx, `SELECT count(*) FILTER (WHERE kind='approval'), count(*) FILTER (WHERE kind='initials') FROM obligation WHERE document=?`, id).
		Scan(&approvals, &submissions)
	if err != nil {
		return fmt.Errorf("count the duties: %w", err)
	}
	if approvals == 0 {
		o := obligation{document: id, unit: d.unit, kind: "approval", day: d.issuedOn, dueOn: d.dueOn}
		if o.responsible, err = w.namedSigner(ctx, d); err != nil {
			return err
		}
		if err := w.addObligation(ctx, o); err != nil {
			return err
		}
		if err := w.addJointDuties(ctx, id, d); err != nil {
			return err
		}
	}
	if !d.submitted {
		return nil
	}
	// Initials come before the approval; they have no day of their own.
	return w.addObligation(ctx, obligation{document: id, unit: d.unit, kind: "initials", seq: submissions + 1, day: d.issuedOn})
}

// namedSigner is the person who may approve for the unit and has the printed name; "" when there is none or more than one.
func (w *work) namedSigner(ctx context.Context, d documentRow) (string, error) {
	today := w.s.today()
	rows, err := w.Query(ctx, `SELECT DISTINCT p.id FROM person p JOIN authority a ON a.person=p.id WHERE a.unit=? AND a.may='approve' AND p.name=?
		AND a.valid_from<=? AND (a.valid_to='' OR a.valid_to>?)`, d.unit, d.signerName, today, today)
	if err != nil {
		return "", fmt.Errorf("look for the signer: %w", err)
	}
	found, err := texts(rows)
	if err != nil {
		return "", fmt.Errorf("look for the signer: %w", err)
	}
	if len(found) != 1 {
		return "", nil
	}
	return found[0], nil
}

// dueAfter is the next working day after a day (NĐ 30/2020/NĐ-CP, Điều 18).
func dueAfter(ctx context.Context, w rower, day string) (string, error) {
	t, err := time.Parse(dayForm, day)
	if err != nil {
		return "", fmt.Errorf("read a day: %w", err)
	}
	for range 60 { // longer than any holiday
		t = t.AddDate(0, 0, 1)
		if t.Weekday() == time.Saturday || t.Weekday() == time.Sunday {
			continue
		}
		var n int
		if err := w.QueryRow(ctx, `SELECT count(*) FROM holiday WHERE day=?`, t.Format(dayForm)).Scan(&n); err != nil {
			return "", fmt.Errorf("look for holidays: %w", err)
		}
		if n == 0 {
			break
		}
	}
	return t.Format(dayForm), nil
}
