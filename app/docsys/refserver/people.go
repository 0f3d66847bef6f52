package refserver

import (
	"context"
	"database/sql"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"kyso/app/docsys"
	"kyso/app/docsys/api"
)

// ListPeople implements GET /people.
func (c calls) ListPeople(w http.ResponseWriter, r *http.Request, p api.ListPeopleParams) {
	ctx, who := r.Context(), callerOf(r)
	unit := value(p.Unit)
	if unit == "" {
		unit = who.unit
	}
	err := c.permitted(ctx, who, unit)
	var list api.PersonList
	if err == nil {
		list.People, err = c.people(ctx, unit)
	}
	if err != nil {
		c.fail(w, r, err)
		return
	}
	c.send(w, r, http.StatusOK, list)
}

// people reads the people of a unit with what is registered of them.
func (s *Server) people(ctx context.Context, unit string) ([]api.RegisteredPerson, error) {
	rows, err := s.db.Query(ctx, `SELECT id, name, title, unit FROM person WHERE unit=? ORDER BY name, id`, unit)
	if err != nil {
		return nil, fmt.Errorf("list people: %w", err)
	}
	out, err := scanAll(rows, func(rows *sql.Rows) (p api.RegisteredPerson, err error) {
		err = rows.Scan(&p.Id, &p.Name, &p.Title, &p.Unit)
		return p, err //nolint:wrapcheck // below
	})
	if err != nil {
		return nil, fmt.Errorf("list people: %w", err)
	}
	for i := range out {
		if err := s.registered(ctx, &out[i]); err != nil {
			return nil, fmt.Errorf("list people: %w", err)
		}
	}
	return out, nil
}

// registered reads certificates and authorities of a person.
func (s *Server) registered(ctx context.Context, p *api.RegisteredPerson) error {
	rows, err := s.db.Query(ctx, `SELECT sha256, kind, subject, serial, issuer, not_before, not_after FROM person_cert WHERE person=? ORDER BY not_after, sha256`, p.Id)
	if err != nil {
		return fmt.Errorf("read certificates: %w", err)
	}
	p.Certificates, err = scanAll(rows, func(rows *sql.Rows) (k api.RegisteredCertificate, err error) {
		var from, to int64
		err = rows.Scan(&k.Sha256, &k.Kind, &k.Subject, &k.Serial, &k.Issuer, &from, &to)
		k.NotBefore, k.NotAfter = time.UnixMilli(from).UTC(), time.UnixMilli(to).UTC()
		return k, err //nolint:wrapcheck // below
	})
	if err != nil {
		return fmt.Errorf("read certificates: %w", err)
	}
	rows, err = s.db.Query(ctx, `SELECT id, unit, may, form, valid_from, valid_to, basis FROM authority WHERE person=? ORDER BY valid_from, id`, p.Id)
	if err != nil {
		return fmt.Errorf("read authorities: %w", err)
	}
	p.Authorities, err = scanAll(rows, func(rows *sql.Rows) (a api.Authority, err error) {
		var to string
		err = rows.Scan(&a.Id, &a.Unit, &a.May, &a.Form, &a.ValidFrom, &to, &a.Basis)
		a.ValidTo = unlessEmpty(to)
		return a, err //nolint:wrapcheck // below
	})
	if err != nil {
		return fmt.Errorf("read authorities: %w", err)
	}
	return nil
}

// scanAll reads all rows and closes them; never nil, so that JSON has a list.
func scanAll[T any](rows *sql.Rows, scan func(*sql.Rows) (T, error)) ([]T, error) {
	defer func() { _ = rows.Close() }()
	out := []T{}
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, rows.Err() //nolint:wrapcheck // the caller names the object
}

// field is a text of a person with its bounds in characters.
type field struct {
	name, text  string
	least, most int
}

// checkFields holds texts to their bounds.
func checkFields(fields ...field) error {
	for _, f := range fields {
		n := utf8.RuneCountInString(strings.TrimSpace(f.text))
		if n < f.least || n > f.most || !utf8.ValidString(f.text) || strings.ContainsFunc(f.text, unicode.IsControl) {
			return refuse(http.StatusUnprocessableEntity, "bad-text", "Thiếu nội dung, nội dung quá dài hoặc có ký tự điều khiển",
				fmt.Sprintf("%s: từ %d đến %d ký tự", f.name, f.least, f.most))
		}
	}
	return nil
}

// checkDay refuses what is no day; an empty one passes when it may be left out.
func checkDay(name, day string, optional bool) error {
	if day == "" && optional {
		return nil
	}
	if _, err := time.Parse(dayForm, day); err != nil {
		return refuse(http.StatusUnprocessableEntity, "bad-day", "Ngày không đúng dạng yyyy-MM-dd", name)
	}
	return nil
}

// AddPerson implements POST /people.
func (c calls) AddPerson(w http.ResponseWriter, r *http.Request, p api.AddPersonParams) {
	in, raw, err := receive[api.NewPerson](w, r)
	if err != nil {
		c.fail(w, r, err)
		return
	}
	c.makeOne(w, r, p.IdempotencyKey, raw, func(ctx context.Context, tx *work, who caller) (string, error) {
		return tx.addPerson(ctx, who.account, in.Name, value(in.Title), in.Unit)
	})
}

// makeOne runs a call that makes one thing and answers with its id.
func (c calls) makeOne(w http.ResponseWriter, r *http.Request, key string, raw []byte, f func(context.Context, *work, caller) (string, error)) {
	ctx, who := r.Context(), callerOf(r)
	a, err := c.once(r, key, raw, func(tx *work) (answer, error) {
		id, err := f(ctx, tx, who)
		if err != nil {
			return answer{}, err
		}
		body, err := json.Marshal(api.Identifier{Id: id})
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

// change runs a call that answers with nothing.
func (c calls) change(w http.ResponseWriter, r *http.Request, f func(context.Context, *work, caller) error) {
	ctx, who := r.Context(), callerOf(r)
	if err := c.inTx(ctx, func(tx *work) error { return f(ctx, tx, who) }); err != nil {
		c.fail(w, r, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func (w *work) addPerson(ctx context.Context, by, name, title, unit string) (string, error) {
	if err := checkFields(field{"name", name, 1, 200}, field{"title", title, 0, 200}); err != nil {
		return "", err
	}
	if err := w.needUnit(ctx, unit); err != nil {
		return "", err
	}
	id := newID()
	w.note(by, "person.registered", id, unit)
	return id, w.run(ctx, "register a person", do(`INSERT INTO person(id,name,title,unit) VALUES(?,?,?,?)`, id, strings.TrimSpace(name), strings.TrimSpace(title), unit))
}

// needUnit refuses a unit that is not there.
func (w *work) needUnit(ctx context.Context, code string) error {
	return w.need(ctx, `SELECT count(*) FROM unit WHERE code=?`, "Không có đơn vị này", code)
}

// need refuses with 404 when nothing is counted.
func (w *work) need(ctx context.Context, query, title string, args ...any) error {
	var n int
	if err := w.QueryRow(ctx, query, args...).Scan(&n); err != nil {
		return fmt.Errorf("look up what is named: %w", err)
	}
	if n == 0 {
		return refuse(http.StatusNotFound, "not-found", title)
	}
	return nil
}

// AddCertificate implements POST /people/{id}/certificates.
func (c calls) AddCertificate(w http.ResponseWriter, r *http.Request, id string) {
	in, _, err := receive[api.NewCertificate](w, r)
	if err != nil {
		c.fail(w, r, err)
		return
	}
	c.change(w, r, func(ctx context.Context, tx *work, who caller) error {
		if err := tx.need(ctx, `SELECT count(*) FROM person WHERE id=?`, "Không có người này", id); err != nil {
			return err
		}
		return tx.addCertificate(ctx, who.account, id, in.Certificate, value(in.Agency))
	})
}

// addCertificate registers a PEM certificate and looks again at the files that it signed.
func (w *work) addCertificate(ctx context.Context, by, person, text string, agency bool) error {
	block, _ := pem.Decode([]byte(text))
	if block == nil || block.Type != "CERTIFICATE" {
		return refuse(http.StatusUnprocessableEntity, "bad-certificate", "Không đọc được chứng thư số (PEM)")
	}
	err := w.insertCertificate(ctx, by, person, Certificate{DER: block.Bytes, Agency: agency})
	if errors.Is(err, errCertificate) {
		return refuse(http.StatusUnprocessableEntity, "bad-certificate", "Không đăng ký được chứng thư số", err.Error())
	}
	if err != nil {
		return err
	}
	return w.lookAgain(ctx, `SELECT DISTINCT d.current FROM signature s JOIN version v ON v.id=s.version JOIN document d ON d.current=v.id
		WHERE s.cert_sha256=(SELECT sha256 FROM person_cert WHERE person=? ORDER BY registered_at DESC, sha256 LIMIT 1)`, person)
}

// lookAgain verifies the versions anew that a query names.
func (w *work) lookAgain(ctx context.Context, query string, args ...any) error {
	rows, err := w.Query(ctx, query, args...)
	if err != nil {
		return fmt.Errorf("look for files to verify again: %w", err)
	}
	versions, err := texts(rows)
	if err != nil {
		return fmt.Errorf("look for files to verify again: %w", err)
	}
	for _, v := range versions {
		if err := w.enqueue(ctx, v); err != nil {
			return err
		}
	}
	return nil
}

// AddAuthority implements POST /people/{id}/authorities.
func (c calls) AddAuthority(w http.ResponseWriter, r *http.Request, id string, p api.AddAuthorityParams) {
	in, raw, err := receive[api.NewAuthority](w, r)
	if err == nil {
		err = c.permitted(r.Context(), callerOf(r), in.Unit)
	}
	if err != nil {
		c.fail(w, r, err)
		return
	}
	c.makeOne(w, r, p.IdempotencyKey, raw, func(ctx context.Context, tx *work, who caller) (string, error) {
		if err := tx.need(ctx, `SELECT count(*) FROM person WHERE id=?`, "Không có người này", id); err != nil {
			return "", err
		}
		return tx.addAuthority(ctx, who.account, id, in)
	})
}

// addAuthority registers a right to sign and looks again at what the person signed.
func (w *work) addAuthority(ctx context.Context, by, person string, in api.NewAuthority) (string, error) {
	if !in.May.Valid() || !in.Form.Valid() {
		return "", refuse(http.StatusUnprocessableEntity, "bad-authority", "Thẩm quyền phải là approve hoặc initial, hình thức self, KT, TM, TL hoặc TUQ")
	}
	for _, err := range []error{
		checkDay("valid_from", in.ValidFrom, false), checkDay("valid_to", value(in.ValidTo), true),
		checkFields(field{"basis", in.Basis, 1, 300}), w.needUnit(ctx, in.Unit),
	} {
		if err != nil {
			return "", err
		}
	}
	id := newID()
	w.note(by, "authority.given", person, string(in.May)+" "+string(in.Form)+" "+in.Unit)
	err := w.run(ctx, "register an authority", do(`INSERT INTO authority(id,person,unit,may,form,valid_from,valid_to,basis) VALUES(?,?,?,?,?,?,?,?)`,
		id, person, in.Unit, string(in.May), string(in.Form), in.ValidFrom, value(in.ValidTo), in.Basis))
	if err != nil {
		return "", err
	}
	return id, w.reconsider(ctx, person, in.Unit)
}

// EndAuthority implements POST /authorities/{id}/end.
func (c calls) EndAuthority(w http.ResponseWriter, r *http.Request, id string) {
	in, _, err := receive[api.End](w, r)
	if err == nil {
		err = checkDay("on", in.On, false)
	}
	if err != nil {
		c.fail(w, r, err)
		return
	}
	c.change(w, r, func(ctx context.Context, tx *work, who caller) error {
		none := refuse(http.StatusNotFound, "not-found", "Không có thẩm quyền này")
		var unit, person, may string
		err := tx.QueryRow(ctx, `SELECT unit, person, may FROM authority WHERE id=?`, id).Scan(&unit, &person, &may)
		if errors.Is(err, sql.ErrNoRows) {
			return none
		}
		if err != nil {
			return fmt.Errorf("look up an authority: %w", err)
		}
		units, err := c.units(ctx, c.today())
		if err != nil {
			return err
		}
		if !who.may(units, unit) {
			return none
		}
		tx.note(who.account, "authority.ended", id, in.On)
		if err := tx.run(ctx, "end an authority", do(`UPDATE authority SET valid_to=? WHERE id=?`, in.On, id)); err != nil {
			return err
		}
		return tx.takeBack(ctx, person, unit, may, in.On)
	})
}

// takeBack opens the duties that somebody fulfilled without the authority that
// has ended, and looks again whether another one of his covers them.
func (w *work) takeBack(ctx context.Context, person, unit, may, on string) error {
	end, err := time.ParseInLocation(dayForm, on, docsys.Hanoi())
	if err != nil {
		return fmt.Errorf("read a day: %w", err)
	}
	kind := map[string]string{"approve": "approval", "initial": "initials"}[may]
	_, err = w.changeObligations(ctx, func(o *obligation) { o.status, o.reason = "open", noAuthority },
		`o.status='done' AND o.origin='verified' AND o.unit=? AND o.kind=? AND o.fulfilled_at>=? AND EXISTS (SELECT 1 FROM signature s WHERE s.id=o.fulfilled_by AND s.person=?)`,
		unit, kind, end.UnixMilli(), person)
	if err != nil {
		return err
	}
	return w.reconsider(ctx, person, unit)
}

// reconsider looks again at what somebody signed for duties of a unit that are open.
func (w *work) reconsider(ctx context.Context, person, unit string) error {
	return w.lookAgain(ctx, `SELECT DISTINCT d.current FROM signature s JOIN document d ON d.current=s.version
		JOIN obligation o ON o.document=d.id AND o.status='open' WHERE s.person=? AND o.unit=?`, person, unit)
}
