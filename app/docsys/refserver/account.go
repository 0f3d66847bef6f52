package refserver

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"net/http"
	"regexp"

	"kyso/app/docsys/api"
)

// ListAccounts implements GET /accounts.
func (c calls) ListAccounts(w http.ResponseWriter, r *http.Request) {
	list, err := c.accounts(r.Context())
	if err != nil {
		c.fail(w, r, err)
		return
	}
	c.send(w, r, http.StatusOK, api.AccountList{Accounts: list})
}

func (s *Server) accounts(ctx context.Context) ([]api.Account, error) {
	rows, err := s.db.Query(ctx, `SELECT login, person, locked_until, disabled, oidc_subject FROM account ORDER BY login`)
	if err != nil {
		return nil, fmt.Errorf("list accounts: %w", err)
	}
	now := s.clock().UnixMilli()
	out, err := scanAll(rows, func(rows *sql.Rows) (a api.Account, err error) {
		var until int64
		var subject string
		err = rows.Scan(&a.Login, &a.Person, &until, &a.Disabled, &subject)
		a.Locked, a.Identity, a.Grants = until > now, unlessEmpty(subject), []api.Grant{}
		return a, err //nolint:wrapcheck // below
	})
	if err != nil {
		return nil, fmt.Errorf("list accounts: %w", err)
	}
	at := map[string]int{}
	for i, a := range out {
		at[a.Login] = i
	}
	rows, err = s.db.Query(ctx, `SELECT a.login, g.id, g.role, g.unit, g.valid_from, g.valid_to FROM role_grant g JOIN account a ON a.id=g.account ORDER BY g.valid_from, g.id`)
	if err != nil {
		return nil, fmt.Errorf("list grants: %w", err)
	}
	_, err = scanAll(rows, func(rows *sql.Rows) (g api.Grant, err error) {
		var login, to string
		err = rows.Scan(&login, &g.Id, &g.Role, &g.Unit, &g.ValidFrom, &to)
		g.ValidTo = unlessEmpty(to)
		if i, ok := at[login]; ok && err == nil {
			out[i].Grants = append(out[i].Grants, g)
		}
		return g, err //nolint:wrapcheck // below
	})
	if err != nil {
		return nil, fmt.Errorf("list grants: %w", err)
	}
	return out, nil
}

// loginForm is the contract's pattern.
const loginForm = `^[a-z0-9][a-z0-9._@-]{1,99}$`

// AddAccount implements POST /accounts.
func (c calls) AddAccount(w http.ResponseWriter, r *http.Request) {
	in, _, err := receive[api.NewAccount](w, r)
	if err != nil {
		c.fail(w, r, err)
		return
	}
	password := rand.Text()
	ctx, who := r.Context(), callerOf(r)
	err = c.inTx(ctx, func(tx *work) error {
		if person := value(in.Person); person != "" {
			if err := tx.need(ctx, `SELECT count(*) FROM person WHERE id=?`, "Không có người này", person); err != nil {
				return err
			}
		}
		return tx.addAccount(ctx, who.account, in.Login, value(in.Person), hashPassword(password))
	})
	if err != nil {
		c.fail(w, r, err)
		return
	}
	c.send(w, r, http.StatusCreated, api.OneTimePassword{Password: password})
}

// addAccount makes an account; with an empty hash nobody can log in with a password yet.
func (w *work) addAccount(ctx context.Context, by, login, person, hash string) error {
	if ok, err := regexp.MatchString(loginForm, login); !ok || err != nil {
		return refuse(http.StatusUnprocessableEntity, "bad-login", "Tên đăng nhập gồm 2 đến 100 chữ thường không dấu, số và . _ @ -")
	}
	n, err := w.Exec(ctx, `INSERT INTO account(id,login,person,pw_hash,one_time) VALUES(?,?,?,?,?) ON CONFLICT (login) DO NOTHING`, newID(), login, person, hash, hash != "")
	if err != nil {
		return fmt.Errorf("make an account: %w", err)
	}
	if n == 0 {
		return refuse(http.StatusConflict, "login-taken", "Tên đăng nhập đã có")
	}
	w.note(by, "account.created", login, person)
	return nil
}

// ResetPassword implements DELETE /accounts/{login}/password.
func (c calls) ResetPassword(w http.ResponseWriter, r *http.Request, login string) {
	password := rand.Text()
	ctx, who := r.Context(), callerOf(r)
	err := c.inTx(ctx, func(tx *work) error {
		if err := tx.need(ctx, `SELECT count(*) FROM account WHERE login=?`, "Không có tài khoản này", login); err != nil {
			return err
		}
		tx.note(who.account, "password.reset", login, "")
		return tx.run(ctx, "reset a password",
			do(`UPDATE account SET pw_hash=?, one_time=1, failed=0, locked_until=0 WHERE login=?`, hashPassword(password), login),
			do(`DELETE FROM session WHERE account=(SELECT id FROM account WHERE login=?)`, login))
	})
	if err != nil {
		c.fail(w, r, err)
		return
	}
	c.send(w, r, http.StatusOK, api.OneTimePassword{Password: password})
}

// AddGrant implements POST /accounts/{login}/grants.
func (c calls) AddGrant(w http.ResponseWriter, r *http.Request, login string, p api.AddGrantParams) {
	in, raw, err := receive[api.NewGrant](w, r)
	if err != nil {
		c.fail(w, r, err)
		return
	}
	c.makeOne(w, r, p.IdempotencyKey, raw, func(ctx context.Context, tx *work, who caller) (string, error) {
		return tx.addGrant(ctx, who.account, login, in)
	})
}

// addGrant gives a role; auditor and administrator belong to no unit, the others to one.
func (w *work) addGrant(ctx context.Context, by, login string, in api.NewGrant) (string, error) {
	unit := value(in.Unit)
	office := in.Role == "auditor" || in.Role == roleAdmin
	if !in.Role.Valid() || office != (unit == "") {
		return "", refuse(http.StatusUnprocessableEntity, "bad-grant", "Vai trò không đúng, hoặc thiếu hay thừa đơn vị")
	}
	for _, err := range []error{checkDay("valid_from", in.ValidFrom, false), checkDay("valid_to", value(in.ValidTo), true)} {
		if err != nil {
			return "", err
		}
	}
	if unit != "" {
		if err := w.needUnit(ctx, unit); err != nil {
			return "", err
		}
	}
	if err := w.need(ctx, `SELECT count(*) FROM account WHERE login=?`, "Không có tài khoản này", login); err != nil {
		return "", err
	}
	id := newID()
	w.note(by, "role.given", login, string(in.Role)+" "+unit)
	return id, w.run(ctx, "give a role", do(`INSERT INTO role_grant(id,account,unit,role,valid_from,valid_to) VALUES(?,(SELECT id FROM account WHERE login=?),?,?,?,?)`,
		id, login, unit, string(in.Role), in.ValidFrom, value(in.ValidTo)))
}

// EndGrant implements POST /grants/{id}/end.
func (c calls) EndGrant(w http.ResponseWriter, r *http.Request, id string) {
	in, _, err := receive[api.End](w, r)
	if err == nil {
		err = checkDay("on", in.On, false)
	}
	if err != nil {
		c.fail(w, r, err)
		return
	}
	c.change(w, r, func(ctx context.Context, tx *work, who caller) error {
		if err := tx.need(ctx, `SELECT count(*) FROM role_grant WHERE id=?`, "Không có vai trò này", id); err != nil {
			return err
		}
		tx.note(who.account, "role.ended", id, in.On)
		return tx.run(ctx, "end a role", do(`UPDATE role_grant SET valid_to=? WHERE id=?`, in.On, id))
	})
}
