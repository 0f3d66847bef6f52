package refserver

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"kyso/app/docsys"
	"kyso/app/docsys/api"
)

const (
	sessionFor  = 12 * time.Hour
	maxFailed   = 10 // wrong passwords in a row
	lockFor     = 15 * time.Minute
	minPassword = 12
)

// caller is who makes a call.
type caller struct {
	account string
	login   string
	person  string // empty for the administrator
	unit    string // empty for the administrator
	grants  []grant
	row     map[string]scope // of the call, by role
	oneTime bool             // must change the password first
	name    string
	title   string
}

type callerKey struct{}

// callerOf gives the caller that authenticate found.
func callerOf(r *http.Request) caller {
	who, _ := r.Context().Value(callerKey{}).(caller)
	return who
}

// LoginToken is a session handed over by a program that started the server: a
// demonstration. The token is kept as a hash, in memory, for this run.
type LoginToken struct {
	Login string `json:"login"`
	Token string `json:"token"`
}

// minToken is the least length of a handed-over token: 128 bits in hexadecimal or base 32.
const minToken = 26

// Admit makes the tokens valid until Close.
func (s *Server) Admit(ctx context.Context, tokens []LoginToken) error {
	for _, t := range tokens {
		if len(t.Token) < minToken {
			return fmt.Errorf("admit %s: the token has fewer than %d characters", t.Login, minToken)
		}
		var account string
		if err := s.db.QueryRow(ctx, `SELECT id FROM account WHERE login=?`, t.Login).Scan(&account); err != nil {
			return fmt.Errorf("admit %s: %w", t.Login, err)
		}
		s.mu.Lock()
		s.handover[sha256.Sum256([]byte(t.Token))] = account
		s.mu.Unlock()
	}
	return nil
}

// firstRun makes the administrator with a one-time password when there is no account.
func (s *Server) firstRun(ctx context.Context) error {
	var n int
	if err := s.db.QueryRow(ctx, `SELECT count(*) FROM role_grant WHERE role=?`, roleAdmin).Scan(&n); err != nil {
		return fmt.Errorf("look for the administrator: %w", err)
	}
	if n > 0 {
		return nil
	}
	password := rand.Text()
	err := s.inTx(ctx, func(w *work) error {
		account := newID()
		w.note("", "account.created", "admin", "")
		return w.run(ctx, "make the administrator",
			do(`INSERT INTO account(id,login,pw_hash,one_time) VALUES(?,?,?,1)`, account, "admin", hashPassword(password)),
			do(`INSERT INTO role_grant(id,account,unit,role,valid_from) VALUES(?,?,'',?,?)`, newID(), account, roleAdmin, s.today()))
	})
	if err == nil {
		s.firstPassword = password
	}
	return err
}

func unauthorized() *docsys.Problem {
	return refuse(http.StatusUnauthorized, "log-in-required", "Cần đăng nhập lại")
}

// tokenHash gives the hash of the call's bearer token.
func tokenHash(r *http.Request) ([32]byte, bool) {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	return sha256.Sum256([]byte(token)), ok && token != ""
}

func (s *Server) findCaller(r *http.Request) (caller, error) {
	hash, ok := tokenHash(r)
	if !ok {
		return caller{}, unauthorized()
	}
	s.mu.Lock()
	account, ok := s.handover[hash]
	s.mu.Unlock()
	byIdentity := false
	if !ok {
		err := s.db.QueryRow(r.Context(), `SELECT account, by_identity FROM session WHERE token_hash=? AND expires_at>?`,
			hash[:], s.clock().UnixMilli()).Scan(&account, &byIdentity)
		if errors.Is(err, sql.ErrNoRows) {
			return caller{}, unauthorized()
		}
		if err != nil {
			return caller{}, fmt.Errorf("look up the session: %w", err)
		}
	}
	who := caller{account: account}
	var disabled bool
	err := s.db.QueryRow(r.Context(),
		`SELECT a.login, a.one_time, a.disabled, coalesce(p.id,''), coalesce(p.unit,''), coalesce(p.name,'Quản trị hệ thống'), coalesce(p.title,'')
		FROM account a LEFT JOIN person p ON p.id=a.person WHERE a.id=?`, account).
		Scan(&who.login, &who.oneTime, &disabled, &who.person, &who.unit, &who.name, &who.title)
	if err != nil {
		return caller{}, fmt.Errorf("look up the account: %w", err)
	}
	if disabled {
		return caller{}, unauthorized()
	}
	who.oneTime = who.oneTime && !byIdentity // it stands in the way of its password alone
	who.grants, err = s.grantsOf(r.Context(), who)
	return who, err
}

// grantsOf gives the roles that hold today. Who holds an authority for a unit
// is a signer there.
func (s *Server) grantsOf(ctx context.Context, who caller) ([]grant, error) {
	today := s.today()
	rows, err := s.db.Query(ctx, `SELECT role, unit, 0 FROM role_grant WHERE account=? AND valid_from<=? AND (valid_to='' OR valid_to>?)
		UNION ALL SELECT 'signer', unit, 1 FROM authority WHERE person=? AND person<>'' AND valid_from<=? AND (valid_to='' OR valid_to>?)`,
		who.account, today, today, who.person, today, today)
	if err != nil {
		return nil, fmt.Errorf("look up the roles: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var out []grant
	for rows.Next() {
		var g grant
		if err := rows.Scan(&g.role, &g.unit, &g.byAuthority); err != nil {
			return nil, fmt.Errorf("look up the roles: %w", err)
		}
		if !slices.Contains(out, g) {
			out = append(out, g)
		}
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("look up the roles: %w", err)
	}
	return out, nil
}

// LogIn implements POST /sessions.
func (c calls) LogIn(w http.ResponseWriter, r *http.Request) {
	in, _, err := receive[api.Credentials](w, r)
	if err != nil {
		c.fail(w, r, err)
		return
	}
	account, oneTime, err := c.checkPassword(r.Context(), in.Login, in.Password)
	if err != nil {
		c.fail(w, r, err)
		return
	}
	var out api.Session
	err = c.inTx(r.Context(), func(w *work) error {
		var err error
		out, err = w.openSession(r.Context(), account, in.Login, false)
		return err
	})
	if err != nil {
		c.fail(w, r, err)
		return
	}
	out.PasswordChangeRequired = oneTime
	c.send(w, r, http.StatusCreated, out)
}

// openSession makes a session of an account, by an identity provider or by a
// password. One that was disabled meanwhile gets none.
func (w *work) openSession(ctx context.Context, account, login string, byIdentity bool) (api.Session, error) {
	token, now := rand.Text(), w.s.clock()
	hash, expires, how := sha256.Sum256([]byte(token)), now.Add(sessionFor), ""
	if byIdentity {
		how = "oidc"
	}
	var disabled bool
	if err := w.QueryRow(ctx, `SELECT disabled FROM account WHERE id=? FOR UPDATE`, account).Scan(&disabled); err != nil {
		return api.Session{}, fmt.Errorf("look up the account: %w", err)
	}
	if disabled {
		return api.Session{}, wrongCredentials()
	}
	w.note(account, "session.opened", login, how)
	err := w.run(ctx, "make a session",
		do(`DELETE FROM session WHERE expires_at<=?`, now.UnixMilli()),
		do(`INSERT INTO session(token_hash,account,expires_at,by_identity) VALUES(?,?,?,?)`, hash[:], account, expires.UnixMilli(), byIdentity))
	return api.Session{Token: token, ExpiresAt: expires.UTC()}, err
}

// wrongCredentials does not say what was wrong.
func wrongCredentials() *docsys.Problem {
	return refuse(http.StatusUnauthorized, "wrong-credentials", "Tên đăng nhập hoặc mật khẩu không đúng")
}

// checkPassword gives the account, or a 401 that does not say what was wrong.
func (s *Server) checkPassword(ctx context.Context, login, password string) (account string, oneTime bool, err error) {
	select {
	case s.hashing <- struct{}{}:
		defer func() { <-s.hashing }()
	case <-ctx.Done():
		return "", false, ctx.Err() //nolint:wrapcheck // the caller's own end
	}
	var hash string
	var locked int64
	err = s.db.QueryRow(ctx, `SELECT id, pw_hash, one_time, locked_until FROM account WHERE login=? AND disabled=0`, login).Scan(&account, &hash, &oneTime, &locked)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", false, fmt.Errorf("look up the account: %w", err)
	}
	wrong := wrongCredentials()
	now := s.clock()
	if hash == "" {
		_ = hashPassword(password) // takes as long as for a known account
		return "", false, wrong
	}
	if locked > now.UnixMilli() {
		p := refuse(http.StatusTooManyRequests, "account-locked", "Tài khoản tạm khoá vì nhập sai mật khẩu nhiều lần")
		p.RetryAfter = time.UnixMilli(locked).Sub(now)
		return "", false, p
	}
	ok, err := passwordMatches(hash, password)
	if err != nil {
		return "", false, err
	}
	if err := s.countFailed(ctx, account, ok, now); err != nil {
		return "", false, err
	}
	if !ok {
		return "", false, wrong
	}
	return account, oneTime, nil
}

// countFailed locks an account after too many wrong passwords in a row.
func (s *Server) countFailed(ctx context.Context, account string, ok bool, now time.Time) error {
	query, args := `UPDATE account SET failed=0, locked_until=0 WHERE id=?`, []any{account}
	if !ok {
		query = `UPDATE account SET failed=(failed+1)%CAST(? AS BIGINT), locked_until=CASE WHEN failed+1>=? THEN CAST(? AS BIGINT) ELSE 0 END WHERE id=?`
		args = []any{maxFailed, maxFailed, now.Add(lockFor).UnixMilli(), account}
	}
	if _, err := s.db.Exec(ctx, query, args...); err != nil {
		return fmt.Errorf("count wrong passwords: %w", err)
	}
	return nil
}

// LogOut implements DELETE /sessions/current.
func (c calls) LogOut(w http.ResponseWriter, r *http.Request) {
	hash, _ := tokenHash(r)
	c.mu.Lock()
	delete(c.handover, hash)
	c.mu.Unlock()
	if _, err := c.db.Exec(r.Context(), `DELETE FROM session WHERE token_hash=?`, hash[:]); err != nil {
		c.fail(w, r, fmt.Errorf("end the session: %w", err))
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// WhoAmI implements GET /sessions/current.
func (c calls) WhoAmI(w http.ResponseWriter, r *http.Request) {
	who := callerOf(r)
	units, err := c.units(r.Context(), c.today())
	if err != nil {
		c.fail(w, r, err)
		return
	}
	authorities, err := c.authoritiesToday(r.Context(), who.person, units)
	if err != nil {
		c.fail(w, r, err)
		return
	}
	c.send(w, r, http.StatusOK, docsys.Person{
		Name: who.name, Title: who.title, Unit: who.unit, UnitName: units.name(who.unit), Board: c.boardOf(who, units),
		Role: who.role(), Roles: who.roles(), Authorities: authorities,
	})
}

// authoritiesToday are a person's authorities that hold today.
func (s *Server) authoritiesToday(ctx context.Context, person string, units unitTree) ([]docsys.HeldAuthority, error) {
	today := s.today()
	rows, err := s.db.Query(ctx, `SELECT unit, may, form, valid_from, valid_to FROM authority
		WHERE person=? AND person<>'' AND valid_from<=? AND (valid_to='' OR valid_to>?) ORDER BY unit, may, form, id`, person, today, today)
	if err != nil {
		return nil, fmt.Errorf("read authorities: %w", err)
	}
	out, err := scanAll(rows, func(rows *sql.Rows) (a docsys.HeldAuthority, err error) {
		err = rows.Scan(&a.Unit, &a.May, &a.Form, &a.ValidFrom, &a.ValidTo)
		a.UnitName = units.name(a.Unit)
		return a, err //nolint:wrapcheck // below
	})
	if err != nil {
		return nil, fmt.Errorf("read authorities: %w", err)
	}
	return out, nil
}

// ChangePassword implements PUT /sessions/current/password.
func (c calls) ChangePassword(w http.ResponseWriter, r *http.Request) {
	who := callerOf(r)
	in, _, err := receive[api.NewPassword](w, r)
	if err == nil && (len(in.New) < minPassword || in.New == in.Old) {
		err = refuse(http.StatusUnprocessableEntity, "weak-password", "Mật khẩu mới phải khác và có ít nhất 12 ký tự")
	}
	if err == nil {
		_, _, err = c.checkPassword(r.Context(), who.login, in.Old)
	}
	if err != nil {
		c.fail(w, r, err)
		return
	}
	hash, _ := tokenHash(r)
	err = c.inTx(r.Context(), func(w *work) error {
		w.note(who.account, "password.changed", who.login, "")
		return w.run(r.Context(), "store the password",
			do(`UPDATE account SET pw_hash=?, one_time=0 WHERE id=?`, hashPassword(in.New), who.account),
			do(`DELETE FROM session WHERE account=? AND token_hash<>?`, who.account, hash[:]))
	})
	if err != nil {
		c.fail(w, r, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}
