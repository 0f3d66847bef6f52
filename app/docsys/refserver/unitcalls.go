package refserver

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"kyso/app/docsys/api"
	"kyso/app/signrate"
)

// AddUnit implements POST /units.
func (c calls) AddUnit(w http.ResponseWriter, r *http.Request) {
	in, _, err := receive[api.NewUnit](w, r)
	if err != nil {
		c.fail(w, r, err)
		return
	}
	c.change(w, r, func(ctx context.Context, tx *work, who caller) error { return tx.addUnit(ctx, who.account, in) })
}

// addUnit makes a unit, or gives one that is there a new parent from a day on.
func (w *work) addUnit(ctx context.Context, by string, in api.NewUnit) error {
	for _, err := range []error{
		checkFields(field{"code", in.Code, 1, 40}, field{"name", in.Name, 1, 300}, field{"kind", in.Kind, 1, 40}),
		checkDay("valid_from", in.ValidFrom, false),
	} {
		if err != nil {
			return err
		}
	}
	parent := value(in.Parent)
	if parent != "" {
		if err := w.needUnit(ctx, parent); err != nil {
			return err
		}
		if err := w.refuseLoop(ctx, in.Code, parent); err != nil {
			return err
		}
	}
	w.note(by, "unit.registered", in.Code, parent)
	steps := []statement{do(`INSERT INTO unit(code,name,kind,rank,valid_from) VALUES(?,?,?,(SELECT count(*) FROM unit),?) ON CONFLICT (code) DO NOTHING`,
		in.Code, in.Name, in.Kind, in.ValidFrom)}
	if parent != "" {
		steps = append(steps,
			do(`UPDATE unit_parent SET valid_to=? WHERE unit=? AND valid_from<? AND (valid_to='' OR valid_to>?)`, in.ValidFrom, in.Code, in.ValidFrom, in.ValidFrom),
			do(`INSERT INTO unit_parent(unit,parent,valid_from) VALUES(?,?,?) ON CONFLICT (unit, valid_from) DO UPDATE SET parent=excluded.parent`, in.Code, parent, in.ValidFrom))
	}
	return w.run(ctx, "register a unit", steps...)
}

// refuseLoop refuses a parent that lies below the unit.
func (w *work) refuseLoop(ctx context.Context, code, parent string) error {
	units, err := w.s.units(ctx, w.s.today())
	if err != nil {
		return err
	}
	if units.within(parent, code) {
		return refuse(http.StatusUnprocessableEntity, "unit-loop", "Đơn vị cấp trên không được nằm dưới chính đơn vị này")
	}
	return nil
}

// EndUnit implements POST /units/{code}/end.
func (c calls) EndUnit(w http.ResponseWriter, r *http.Request, code string) {
	in, _, err := receive[api.UnitEnd](w, r)
	if err == nil {
		err = checkDay("on", in.On, false)
	}
	if err == nil {
		err = checkFields(field{"basis", in.Basis, 1, 300})
	}
	if err != nil {
		c.fail(w, r, err)
		return
	}
	c.change(w, r, func(ctx context.Context, tx *work, who caller) error {
		return tx.endUnit(ctx, who.account, code, in)
	})
}

// endUnit ends a unit; its documents and figures stay its own.
func (w *work) endUnit(ctx context.Context, by, code string, in api.UnitEnd) error {
	l, err := readLand(ctx, w)
	if err != nil {
		return err
	}
	successors := value(in.Successors)
	if err := l.checkEnd(code, in.On, successors); err != nil {
		return err
	}
	steps := []statement{
		do(`UPDATE unit SET valid_to=? WHERE code=?`, in.On, code),
		do(`UPDATE unit_parent SET valid_to=? WHERE unit=? AND valid_from<? AND (valid_to='' OR valid_to>?)`, in.On, code, in.On, in.On),
		do(`DELETE FROM unit_succession WHERE from_unit=?`, code),
	}
	slices.SortFunc(successors, func(a, b api.Successor) int { return strings.Compare(a.Unit, b.Unit) })
	said := []string{in.On}
	for _, next := range successors {
		said = append(said, fmt.Sprintf("%s:%d", next.Unit, next.Share))
		steps = append(steps, do(`INSERT INTO unit_succession(from_unit,to_unit,day,share,basis) VALUES(?,?,?,?,?)`, code, next.Unit, in.On, next.Share, in.Basis))
	}
	w.note(by, "unit.ended", code, strings.Join(said, " "))
	return w.run(ctx, "end a unit", steps...)
}

// checkEnd refuses an end that would leave units without one above them, or
// whose successors cannot take the unit over.
func (l *land) checkEnd(code, on string, successors []api.Successor) error {
	u, known := unitTree(l.units).find(code)
	if !known {
		return refuse(http.StatusNotFound, "not-found", "Không có đơn vị này", code)
	}
	if on <= u.from {
		return refuse(http.StatusUnprocessableEntity, "bad-day", "Ngày kết thúc phải sau ngày thành lập", u.from)
	}
	for below, above := range l.on(on) {
		if above == code {
			return refuse(http.StatusConflict, "unit-has-units", "Đơn vị còn đơn vị trực thuộc từ ngày này", below)
		}
	}
	sum, seen := 0, map[string]bool{}
	for _, next := range successors {
		to, known := unitTree(l.units).find(next.Unit)
		switch {
		case !known:
			return refuse(http.StatusNotFound, "not-found", "Không có đơn vị này", next.Unit)
		case next.Unit == code, next.Share < 1, next.Share > signrate.Whole, seen[next.Unit]:
			return badSuccession("Đơn vị kế thừa không đúng", next.Unit)
		case !held(to.from, to.to, on):
			return badSuccession("Đơn vị kế thừa không tồn tại vào ngày này", next.Unit)
		case l.leadsTo(next.Unit, code):
			return badSuccession("Đơn vị kế thừa lại được chính đơn vị này kế thừa", next.Unit)
		}
		seen[next.Unit] = true
		sum += next.Share
	}
	if len(successors) > 0 && sum != signrate.Whole {
		return badSuccession("Tổng tỷ lệ kế thừa phải là 10000", fmt.Sprint(sum))
	}
	return nil
}

// leadsTo reports that a unit, or who took it over, was taken over by another one.
func (l *land) leadsTo(from, to string) bool {
	seen, next := map[string]bool{}, []string{from}
	for len(next) > 0 {
		code := next[0]
		next = next[1:]
		if seen[code] {
			continue
		}
		seen[code] = true
		for _, s := range l.successors[code] {
			if s.unit == to {
				return true
			}
			next = append(next, s.unit)
		}
	}
	return false
}

func badSuccession(title, detail string) error {
	return refuse(http.StatusUnprocessableEntity, "bad-succession", title, detail)
}

// AddAlias implements PUT /units/{code}/aliases/{scheme}/{alias}.
func (c calls) AddAlias(w http.ResponseWriter, r *http.Request, code string, scheme api.AliasScheme, alias string) {
	c.change(w, r, func(ctx context.Context, tx *work, who caller) error {
		return tx.addAlias(ctx, who.account, code, scheme, alias)
	})
}

// checkScheme refuses a scheme of codes that the contract does not name.
func checkScheme(s api.AliasScheme) error {
	if !s.Valid() {
		return refuse(http.StatusUnprocessableEntity, "bad-alias", "Hệ mã phải là qd20, qcvn102 hoặc local")
	}
	return nil
}

// addAlias gives a unit its code of another scheme; once more changes nothing.
func (w *work) addAlias(ctx context.Context, by, unit string, scheme api.AliasScheme, code string) error {
	if err := w.needUnit(ctx, unit); err != nil {
		return err
	}
	if err := checkScheme(scheme); err != nil {
		return err
	}
	if err := checkFields(field{"code", code, 1, 60}); err != nil {
		return err
	}
	if strings.Contains(code, "/") { // an address could not name it
		return refuse(http.StatusUnprocessableEntity, "bad-alias", "Mã không được có dấu gạch chéo")
	}
	var of string
	err := w.QueryRow(ctx, `SELECT unit FROM unit_alias WHERE scheme=? AND code=?`, string(scheme), code).Scan(&of)
	switch {
	case err == nil && of == unit:
		return nil
	case err == nil:
		return refuse(http.StatusConflict, "alias-taken", "Mã này đã của đơn vị khác", of)
	case !errors.Is(err, sql.ErrNoRows):
		return fmt.Errorf("look up a code: %w", err)
	}
	w.note(by, "unit.alias.added", unit, string(scheme)+" "+code)
	return w.run(ctx, "give a unit a code", do(`INSERT INTO unit_alias(scheme,code,unit) VALUES(?,?,?)`, string(scheme), code, unit))
}

// RemoveAlias implements DELETE /units/{code}/aliases/{scheme}/{alias}.
func (c calls) RemoveAlias(w http.ResponseWriter, r *http.Request, code string, scheme api.AliasScheme, alias string) {
	c.change(w, r, func(ctx context.Context, tx *work, who caller) error {
		if err := tx.needUnit(ctx, code); err != nil {
			return err
		}
		if err := checkScheme(scheme); err != nil {
			return err
		}
		n, err := tx.Exec(ctx, `DELETE FROM unit_alias WHERE scheme=? AND code=? AND unit=?`, string(scheme), alias, code)
		if err != nil {
			return fmt.Errorf("remove a code: %w", err)
		}
		if n > 0 { // else it is gone already
			tx.note(who.account, "unit.alias.removed", code, string(scheme)+" "+alias)
		}
		return nil
	})
}

// unitNamed is the unit of a code of any scheme; a code that nobody has stays as
// it is, for the check that follows. A code that means several units names none.
func (w *work) unitNamed(ctx context.Context, code string) (string, error) {
	rows, err := w.Query(ctx, `SELECT code FROM unit WHERE code=? UNION ALL SELECT unit FROM unit_alias WHERE code=?`, code, code)
	if err != nil {
		return "", fmt.Errorf("look up a code: %w", err)
	}
	found, err := texts(rows)
	if err != nil {
		return "", fmt.Errorf("look up a code: %w", err)
	}
	if len(found) == 0 || slices.Contains(found, code) {
		return code, nil
	}
	slices.Sort(found)
	if found = slices.Compact(found); len(found) > 1 {
		return "", refuse(http.StatusUnprocessableEntity, "bad-alias", "Mã này chỉ nhiều đơn vị", strings.Join(found, ", "))
	}
	return found[0], nil
}
