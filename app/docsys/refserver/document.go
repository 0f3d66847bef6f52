package refserver

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"kyso/app/docsys"
	"kyso/app/docsys/api"
)

const documentColumns = `d.id, d.unit, u.name, d.number, d.notation, d.type, d.subject, d.issued_on, d.due_on, d.urgent, d.drafter,
	d.signer_name, d.signer_title, coalesce(v.id,''), coalesce(v.sha256,''), coalesce(v.size,0),
	coalesce((SELECT group_concat(s.holder, char(10)) FROM signature s WHERE s.version=v.id AND s.kind='initials' AND s.indication='TOTAL-PASSED'),''),
	coalesce((SELECT group_concat(o.kind, char(10)) FROM obligation o WHERE o.document=d.id AND o.status='open'),'')`

const documentTables = ` FROM document d JOIN unit u ON u.code=d.unit LEFT JOIN version v ON v.id=d.current `

func scanDocument(row interface{ Scan(...any) error }) (docsys.Document, error) {
	var d docsys.Document
	var initialled, missing string
	err := row.Scan(&d.ID, &d.Unit, &d.UnitName, &d.Number, &d.Notation, &d.Type, &d.Subject, &d.IssuedOn, &d.DueOn, &d.Urgent, &d.Drafter,
		&d.SignerName, &d.SignerTitle, &d.Version, &d.SHA256, &d.Size, &initialled, &missing)
	if err != nil {
		return docsys.Document{}, fmt.Errorf("read a document: %w", err)
	}
	d.InitialledBy, d.Missing = lines(initialled), lines(missing)
	if d.Version != "" {
		d.ETag = `"` + d.Version + `"`
	}
	return d, nil
}

// lines splits what group_concat joined; never nil, so that JSON has a list.
func lines(s string) []string {
	if s == "" {
		return []string{}
	}
	return strings.Split(s, "\n")
}

// visibleDocument gives a document that the caller may see. Another one answers
// 404 like one that does not exist.
func (s *Server) visibleDocument(ctx context.Context, who caller, id string) (docsys.Document, error) {
	d, err := scanDocument(s.db.Read.QueryRowContext(ctx, `SELECT `+documentColumns+documentTables+`WHERE d.id=?`, id))
	missing := refuse(http.StatusNotFound, "not-found", "Không có văn bản này")
	if errors.Is(err, sql.ErrNoRows) {
		return docsys.Document{}, missing
	}
	if err != nil {
		return docsys.Document{}, err
	}
	ok, err := s.mayTouch(ctx, who, d.Unit)
	if err != nil {
		return docsys.Document{}, err
	}
	if !ok {
		return docsys.Document{}, missing
	}
	return d, nil
}

// mayTouch reports whether the caller works on the documents of a unit: it is
// the caller's or lies below, or the caller holds an authority for it.
func (s *Server) mayTouch(ctx context.Context, who caller, code string) (bool, error) {
	units, err := s.units(ctx, s.today())
	if err != nil {
		return false, err
	}
	if who.sees(units, code) {
		return true, nil
	}
	var n int
	err = s.db.Read.QueryRowContext(ctx, `SELECT count(*) FROM authority WHERE person=? AND unit=? AND valid_from<=? AND (valid_to IS NULL OR valid_to>?)`,
		who.person, code, s.today(), s.today()).Scan(&n)
	if err != nil {
		return false, fmt.Errorf("look up the authority: %w", err)
	}
	return n > 0, nil
}

// GetDocument implements GET /documents/{id}.
func (c calls) GetDocument(w http.ResponseWriter, r *http.Request, id string) {
	d, err := c.visibleDocument(r.Context(), callerOf(r), id)
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
	a, err := c.once(r, params.IdempotencyKey, raw, func(tx *sql.Tx) (answer, error) {
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
	if strings.TrimSpace(in.Subject) == "" || in.Type == "" || len(in.Subject) > 4000 {
		return refuse(http.StatusUnprocessableEntity, "incomplete", "Cần có loại văn bản và trích yếu (không quá 1000 ký tự)")
	}
	if day := value(in.IssuedOn); day != "" {
		if _, err := time.Parse(dayForm, day); err != nil {
			return refuse(http.StatusUnprocessableEntity, "bad-day", "Ngày ban hành không đúng dạng yyyy-MM-dd")
		}
	}
	ok, err := s.mayTouch(ctx, who, in.Unit)
	if err != nil {
		return err
	}
	if !ok {
		return refuse(http.StatusForbidden, "other-unit", "Tài khoản không thuộc đơn vị ban hành")
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

func (s *Server) register(ctx context.Context, tx *sql.Tx, who caller, in api.NewDocument) (answer, error) {
	row := documentRow{
		unit: in.Unit, number: value(in.Number), notation: value(in.Notation), kind: in.Type, subject: in.Subject, issuedOn: value(in.IssuedOn),
		urgent: value(in.Urgent), drafter: value(in.Drafter), signerName: value(in.SignerName), signerTitle: value(in.SignerTitle),
		origin: "own", submitted: value(in.Submitted), by: who.account,
	}
	id, err := s.insertDocument(ctx, tx, row)
	if err != nil {
		return answer{}, err
	}
	d, err := scanDocument(tx.QueryRowContext(ctx, `SELECT `+documentColumns+documentTables+`WHERE d.id=?`, id))
	if err != nil {
		return answer{}, err
	}
	body, err := json.Marshal(d)
	if err != nil {
		return answer{}, fmt.Errorf("encode the answer: %w", err)
	}
	return answer{status: http.StatusCreated, location: "/v1/documents/" + id, body: string(body)}, nil
}

// documentRow is a document to insert with its obligations.
type documentRow struct {
	unit, number, notation, kind, subject string
	issuedOn, dueOn                       string // an empty dueOn is the next working day
	urgent                                bool
	drafter, signerName, signerTitle      string
	origin                                string // "own", "illustrative"
	submitted                             bool   // initials are due
	by                                    string // account
}

func (s *Server) insertDocument(ctx context.Context, tx *sql.Tx, d documentRow) (string, error) {
	day := d.issuedOn
	if day == "" {
		day = s.today()
	}
	if d.dueOn == "" {
		var err error
		if d.dueOn, err = dueAfter(ctx, tx, day); err != nil {
			return "", err
		}
	}
	if err := checkNumber(ctx, tx, d, day[:4]); err != nil {
		return "", err
	}
	id := newID()
	_, err := tx.ExecContext(ctx, `INSERT INTO document(id,unit,year,number,notation,type,subject,issued_on,due_on,urgent,drafter,signer_name,signer_title,origin,created_at,created_by)
		VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)`, id, d.unit, day[:4], d.number, d.notation, d.kind, d.subject, d.issuedOn, d.dueOn, d.urgent, d.drafter,
		d.signerName, d.signerTitle, d.origin, s.clock().UnixMilli(), d.by)
	if err != nil {
		return "", fmt.Errorf("insert a document: %w", err)
	}
	if d.origin == "own" {
		if err := s.insertObligations(ctx, tx, id, d); err != nil {
			return "", err
		}
		return id, s.note(ctx, tx, d.by, "document.registered", id, d.unit)
	}
	return id, nil
}

// checkNumber refuses a number that the unit used in the year (NĐ 30/2020/NĐ-CP, Điều 15).
func checkNumber(ctx context.Context, tx *sql.Tx, d documentRow, year string) error {
	if d.number == "" {
		return nil
	}
	var taken string
	err := tx.QueryRowContext(ctx, `SELECT id FROM document WHERE unit=? AND year=? AND number=? AND notation=?`, d.unit, year, d.number, d.notation).Scan(&taken)
	switch {
	case err == nil:
		return refuse(http.StatusConflict, "number-taken", "Số và ký hiệu này đã có trong năm", "/v1/documents/"+taken)
	case !errors.Is(err, sql.ErrNoRows):
		return fmt.Errorf("look for the number: %w", err)
	}
	return nil
}

// insertObligations makes the duties of a document: the approval of the issuing
// unit, for the person named as signer when the unit has one of that name, and
// the initials when it is submitted upwards.
func (s *Server) insertObligations(ctx context.Context, tx *sql.Tx, id string, d documentRow) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO obligation(document,unit,kind,day,status,origin,responsible)
		VALUES(?,?,'approval',?,'open','verified',(SELECT p.id FROM person p JOIN authority a ON a.person=p.id WHERE a.unit=? AND a.may='approve' AND p.name=?))`,
		id, d.unit, d.issuedOn, d.unit, d.signerName)
	if err != nil {
		return fmt.Errorf("insert the approval: %w", err)
	}
	if !d.submitted {
		return nil
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO obligation(document,unit,kind,day,status,origin) VALUES(?,?,'initials',?,'open','verified')`,
		id, d.unit, d.issuedOn)
	if err != nil {
		return fmt.Errorf("insert the initials: %w", err)
	}
	return nil
}

// dueAfter is the next working day after a day (NĐ 30/2020/NĐ-CP, Điều 18).
func dueAfter(ctx context.Context, tx *sql.Tx, day string) (string, error) {
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
		if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM holiday WHERE day=?`, t.Format(dayForm)).Scan(&n); err != nil {
			return "", fmt.Errorf("look for holidays: %w", err)
		}
		if n == 0 {
			break
		}
	}
	return t.Format(dayForm), nil
}
