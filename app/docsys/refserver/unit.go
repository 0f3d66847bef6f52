package refserver

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"slices"
	"time"

	openapi_types "github.com/oapi-codegen/runtime/types"

	"kyso/app/docsys"
	"kyso/app/docsys/api"
)

// dayForm is how days are written.
const dayForm = "2006-01-02"

// dayOf is the day of an instant in Vietnam.
func dayOf(t time.Time) string { return t.In(docsys.Hanoi()).Format(dayForm) }

func (s *Server) today() string { return dayOf(s.clock()) }

type unit struct {
	code, name, kind, parent string
	from, to                 string
}

// unitTree is the units that existed on a day, parents first, then in the order
// of their rank.
type unitTree []unit

func (s *Server) units(ctx context.Context, day string) (unitTree, error) {
	rows, err := s.db.Query(ctx, `SELECT u.code, u.name, u.kind, coalesce(p.parent,'') AS above, u.valid_from, u.valid_to FROM unit u
		LEFT JOIN unit_parent p ON p.unit=u.code AND p.valid_from<=? AND (p.valid_to='' OR p.valid_to>?)
		WHERE u.valid_from<=? AND (u.valid_to='' OR u.valid_to>?) ORDER BY 4, u.rank, u.code`, day, day, day, day)
	if err != nil {
		return nil, fmt.Errorf("read the units: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var units unitTree
	for rows.Next() {
		var u unit
		if err := rows.Scan(&u.code, &u.name, &u.kind, &u.parent, &u.from, &u.to); err != nil {
			return nil, fmt.Errorf("read the units: %w", err)
		}
		units = append(units, u)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read the units: %w", err)
	}
	return units, nil
}

func (t unitTree) find(code string) (unit, bool) {
	for _, u := range t {
		if u.code == code {
			return u, true
		}
	}
	return unit{}, false
}

func (t unitTree) name(code string) string {
	u, _ := t.find(code)
	return u.name
}

// within reports whether a unit is above or lies below it.
func (t unitTree) within(code, above string) bool {
	for range len(t) + 1 { // a cycle in bad data ends too
		if code == above {
			return true
		}
		u, ok := t.find(code)
		if !ok || u.parent == "" {
			return false
		}
		code = u.parent
	}
	return false
}

// above is the unit above one, or the unit itself at the top.
func (t unitTree) above(code string) string {
	if u, ok := t.find(code); ok && u.parent != "" {
		return u.parent
	}
	return code
}

// boardOf is the unit whose whole board the caller may see.
func (s *Server) boardOf(who caller, units unitTree) string {
	row := s.rights["GET /board"]
	for _, g := range who.grants {
		if row[g.role] == scopeAll && len(units) > 0 {
			return units[0].code
		}
		if row[g.role] == scopePeers && g.unit == who.unit {
			return units.above(who.unit)
		}
	}
	return who.unit
}

// roleOrder names the roles, that of most weight first.
func roleOrder() []string {
	return []string{roleHead, roleSigner, "clerk", "secretary", "viewer", "auditor", roleAdmin}
}

// role is the role that a person is shown as: the weightiest that was given at home.
func (who caller) role() string {
	best := "none"
	rank := len(roleOrder())
	for _, g := range who.grants {
		if i := slices.Index(roleOrder(), g.role); i < rank && !g.byAuthority && (g.unit == who.unit || g.unit == "") {
			best, rank = g.role, i
		}
	}
	return best
}

// roles lists what the caller holds today; never nil, so that JSON has a list.
func (who caller) roles() []docsys.HeldRole {
	out := []docsys.HeldRole{}
	for _, g := range who.grants {
		out = append(out, docsys.HeldRole{Role: g.role, Unit: g.unit})
	}
	return out
}

// ListUnits implements GET /units.
func (c calls) ListUnits(w http.ResponseWriter, r *http.Request, params api.ListUnitsParams) {
	day := c.today()
	if params.AsOf != nil {
		day = params.AsOf.Format(dayForm)
	}
	units, err := c.units(r.Context(), day)
	if err != nil {
		c.fail(w, r, err)
		return
	}
	codes, err := c.unitCodes(r.Context())
	if err != nil {
		c.fail(w, r, err)
		return
	}
	list := api.UnitList{Units: []api.Unit{}}
	for _, u := range units {
		out := api.Unit{Code: u.code, Name: u.name, Kind: u.kind, Parent: u.parent}
		if out.ValidFrom, err = contractDay(u.from); err != nil {
			c.fail(w, r, err)
			return
		}
		if u.to != "" {
			to, err := contractDay(u.to)
			if err != nil {
				c.fail(w, r, err)
				return
			}
			out.ValidTo = &to
		}
		codes.add(&out)
		list.Units = append(list.Units, out)
	}
	c.send(w, r, http.StatusOK, list)
}

// unitCodes are codes and successions by unit.
type unitCodes struct {
	aliases                  map[string][]api.UnitAlias
	successors, predecessors map[string][]api.UnitShare
}

// add adds what is known of a unit; what is empty is left out.
func (c unitCodes) add(u *api.Unit) {
	if a := c.aliases[u.Code]; a != nil {
		u.Aliases = &a
	}
	if s := c.successors[u.Code]; s != nil {
		u.Successors = &s
	}
	if p := c.predecessors[u.Code]; p != nil {
		u.Predecessors = &p
	}
}

func (s *Server) unitCodes(ctx context.Context) (unitCodes, error) {
	out := unitCodes{map[string][]api.UnitAlias{}, map[string][]api.UnitShare{}, map[string][]api.UnitShare{}}
	rows, err := s.db.Query(ctx, `SELECT unit, scheme, code FROM unit_alias ORDER BY unit, scheme, code`)
	if err != nil {
		return out, fmt.Errorf("read the codes of units: %w", err)
	}
	_, err = scanAll(rows, func(rows *sql.Rows) (a api.UnitAlias, err error) {
		var unit string
		err = rows.Scan(&unit, &a.Scheme, &a.Code)
		out.aliases[unit] = append(out.aliases[unit], a)
		return a, err //nolint:wrapcheck // below
	})
	if err != nil {
		return out, fmt.Errorf("read the codes of units: %w", err)
	}
	rows, err = s.db.Query(ctx, `SELECT from_unit, to_unit, day, share FROM unit_succession ORDER BY from_unit, to_unit`)
	if err != nil {
		return out, fmt.Errorf("read the successions: %w", err)
	}
	_, err = scanAll(rows, func(rows *sql.Rows) (x api.UnitShare, err error) {
		var from, to, day string
		if err = rows.Scan(&from, &to, &day, &x.Share); err != nil {
			return x, err //nolint:wrapcheck // below
		}
		if x.On, err = contractDay(day); err != nil {
			return x, err
		}
		x.Unit = to
		out.successors[from] = append(out.successors[from], x)
		x.Unit = from
		out.predecessors[to] = append(out.predecessors[to], x)
		return x, nil
	})
	if err != nil {
		return out, fmt.Errorf("read the successions: %w", err)
	}
	return out, nil
}

// contractDay is a day as the contract's code has it.
func contractDay(day string) (openapi_types.Date, error) {
	t, err := time.Parse(dayForm, day)
	if err != nil {
		return openapi_types.Date{}, fmt.Errorf("read a day of the database: %w", err)
	}
	return openapi_types.Date{Time: t}, nil
}
