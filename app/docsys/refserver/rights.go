package refserver

import (
	"context"
	_ "embed"
	"encoding/csv"
	"fmt"
	"net/http"
	"strings"

	"kyso/app/docsys"
)

// rightsCSV says which role may make which call on what. Every call of the
// contract has a line: a call without one is refused to everybody.
//
//go:embed rights.csv
var rightsCSV string

// scope is how far a right reaches, from the unit in which the role is held.
type scope string

const (
	scopeNone   scope = "-"
	scopePublic scope = "public" // without a log-in
	scopeSelf   scope = "self"   // what belongs to the caller or to nobody
	scopeUnit   scope = "unit"   // the unit itself
	scopeTree   scope = "tree"   // the unit and all below it
	scopeBelow  scope = "below"  // all below it, not the unit itself
	scopePeers  scope = "peers"  // the unit above it with all below that: how one stands among the neighbours
	scopeAll    scope = "all"    // every unit
)

const (
	roleSigner = "signer"
	roleHead   = "head"
	roleAdmin  = "admin"
)

// rights is the table: call ("POST /documents") → role → scope.
type rights map[string]map[string]scope

func readRights() (rights, error) {
	lines, err := csv.NewReader(strings.NewReader(rightsCSV)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("read the table of rights: %w", err)
	}
	table := rights{}
	roles := lines[0][1:]
	for _, l := range lines[1:] {
		row := map[string]scope{}
		for i, role := range roles {
			sc := scope(l[i+1])
			switch sc {
			case scopeNone, scopePublic, scopeSelf, scopeUnit, scopeTree, scopeBelow, scopePeers, scopeAll:
				row[role] = sc
			default:
				return nil, fmt.Errorf("read the table of rights: %s: unknown scope %q", l[0], sc)
			}
		}
		table[l[0]] = row
	}
	return table, nil
}

func (t rights) public(call string) bool { return t[call][roleSigner] == scopePublic }

// grant is a role that a caller holds today.
type grant struct {
	role, unit  string
	byAuthority bool // follows from an authority to sign
}

// may reports whether one of the grants gives the caller's call on a unit.
func (who caller) may(units unitTree, unit string) bool {
	for _, g := range who.grants {
		if who.row[g.role].reaches(units, g.unit, unit) {
			return true
		}
	}
	return false
}

// mayAny reports whether the call is open to the caller at all.
func (who caller) mayAny() bool {
	for _, g := range who.grants {
		if sc := who.row[g.role]; sc != scopeNone && sc != "" {
			return true
		}
	}
	// An account whose roles have all ended still sees and ends its own session.
	return who.row[roleSigner] == scopeSelf && len(who.grants) == 0 && who.row[roleAdmin] == scopeSelf
}

// has reports whether the caller's call reaches as far as a scope by some grant.
func (who caller) has(sc scope) bool {
	for _, g := range who.grants {
		if who.row[g.role] == sc {
			return true
		}
	}
	return false
}

func (sc scope) reaches(units unitTree, from, unit string) bool {
	switch sc {
	case scopeSelf, scopeAll, scopePublic:
		return true
	case scopeUnit:
		return from == unit
	case scopeTree:
		return units.within(unit, from)
	case scopeBelow:
		return unit != from && units.within(unit, from)
	case scopePeers:
		return units.within(unit, units.above(from))
	case scopeNone:
	}
	return false
}

// authorize finds the caller, and lets only calls through that the table opens
// to one of his roles. How far the role reaches is asked with permitted, once
// the unit is known.
func (s *Server) authorize(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		method, path, _ := strings.Cut(r.Pattern, " ")
		call := method + " " + strings.TrimSuffix(strings.TrimPrefix(path, "/v1"), "{$}")
		if s.rights.public(call) {
			next.ServeHTTP(w, r)
			return
		}
		who, err := s.findCaller(r)
		if err != nil {
			s.fail(w, r, err)
			return
		}
		who.row = s.rights[call]
		switch {
		case who.oneTime && !strings.HasPrefix(path, "/v1/sessions/current"):
			err = refuse(http.StatusForbidden, "password-change-required", "Phải đổi mật khẩu dùng một lần trước")
		case !who.mayAny():
			err = refuse(http.StatusForbidden, "not-your-role", "Vai trò của tài khoản không được làm việc này")
		}
		if err != nil {
			s.fail(w, r, err)
			return
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), callerKey{}, who)))
	})
}

// permitted refuses a call on a unit that the caller's roles do not reach.
func (s *Server) permitted(ctx context.Context, who caller, unit string) error {
	units, err := s.units(ctx, s.today())
	if err != nil {
		return err
	}
	if who.may(units, unit) {
		return nil
	}
	// What a unit that has ended left behind is still reached from above it.
	land, err := readLand(ctx, s.db)
	if err != nil {
		return err
	}
	if !who.may(land.all(s.today()), unit) {
		return otherUnit()
	}
	return nil
}

func otherUnit() *docsys.Problem {
	return refuse(http.StatusForbidden, "other-unit", "Vai trò của tài khoản không gồm đơn vị này")
}
