package refserver

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
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
	role    string
	oneTime bool // must change the password first
	name    string
	title   string
}

const roleAdmin = "admin"

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
		if err := s.db.Read.QueryRowContext(ctx, `SELECT id FROM account WHERE login=?`, t.Login).Scan(&account); err != nil {
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
	if err := s.db.Read.QueryRowContext(ctx, `SELECT count(*) FROM account WHERE role=?`, roleAdmin).Scan(&n); err != nil {
		return fmt.Errorf("look for the administrator: %w", err)
	}
	if n > 0 {
		return nil
	}
	password := rand.Text()
	return s.db.InTx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO account(id,login,role,pw_hash,one_time) VALUES(?,?,?,?,1)`,
			newID(), "admin", roleAdmin, hashPassword(password))
		if err != nil {
			return fmt.Errorf("make the administrator: %w", err)
		}
		s.firstPassword = password
		return s.note(ctx, tx, "", "account.created", "admin", "")
	})
}

// public reports the calls that need no log-in.
func public(r *http.Request) bool {
	switch r.Method + " " + r.URL.Path {
	case "GET /v1/capabilities", "POST /v1/sessions", "GET /openapi.yaml":
		return true
	}
	return false
}

// authenticate finds the caller of a call by its bearer token.
func (s *Server) authenticate(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if public(r) {
			next.ServeHTTP(w, r)
			return
		}
		who, err := s.findCaller(r)
		if err != nil {
			s.fail(w, r, err)
			return
		}
		if who.oneTime && !strings.HasPrefix(r.URL.Path, "/v1/sessions/current") {
			s.fail(w, r, refuse(http.StatusForbidden, "password-change-required", "Phải đổi mật khẩu dùng một lần trước"))
			return
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), callerKey{}, who)))
	})
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
	if !ok {
		err := s.db.Read.QueryRowContext(r.Context(), `SELECT account FROM session WHERE token_hash=? AND expires_at>?`,
			hash[:], s.clock().UnixMilli()).Scan(&account)
		if errors.Is(err, sql.ErrNoRows) {
			return caller{}, unauthorized()
		}
		if err != nil {
			return caller{}, fmt.Errorf("look up the session: %w", err)
		}
	}
	who := caller{account: account}
	err := s.db.Read.QueryRowContext(r.Context(),
		`SELECT a.login, a.role, a.one_time, coalesce(p.id,''), coalesce(p.unit,''), coalesce(p.name,'Quản trị hệ thống'), coalesce(p.title,'')
		FROM account a LEFT JOIN person p ON p.id=a.person WHERE a.id=?`, account).
		Scan(&who.login, &who.role, &who.oneTime, &who.person, &who.unit, &who.name, &who.title)
	if err != nil {
		return caller{}, fmt.Errorf("look up the account: %w", err)
	}
	return who, nil
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
	token, expires := rand.Text(), c.clock().Add(sessionFor)
	hash := sha256.Sum256([]byte(token))
	err = c.db.InTx(r.Context(), func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(r.Context(), `DELETE FROM session WHERE expires_at<=?`, c.clock().UnixMilli()); err != nil {
			return fmt.Errorf("drop old sessions: %w", err)
		}
		if _, err := tx.ExecContext(r.Context(), `INSERT INTO session(token_hash,account,expires_at) VALUES(?,?,?)`, hash[:], account, expires.UnixMilli()); err != nil {
			return fmt.Errorf("make a session: %w", err)
		}
		return c.note(r.Context(), tx, account, "session.opened", in.Login, "")
	})
	if err != nil {
		c.fail(w, r, err)
		return
	}
	c.send(w, r, http.StatusCreated, api.Session{Token: token, ExpiresAt: expires.UTC(), PasswordChangeRequired: oneTime})
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
	err = s.db.Read.QueryRowContext(ctx, `SELECT id, pw_hash, one_time, locked_until FROM account WHERE login=?`, login).Scan(&account, &hash, &oneTime, &locked)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", false, fmt.Errorf("look up the account: %w", err)
	}
	wrong := refuse(http.StatusUnauthorized, "wrong-credentials", "Tên đăng nhập hoặc mật khẩu không đúng")
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
		query = `UPDATE account SET failed=(failed+1)%?, locked_until=CASE WHEN failed+1>=? THEN ? ELSE 0 END WHERE id=?`
		args = []any{maxFailed, maxFailed, now.Add(lockFor).UnixMilli(), account}
	}
	if _, err := s.db.Write.ExecContext(ctx, query, args...); err != nil {
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
	if _, err := c.db.Write.ExecContext(r.Context(), `DELETE FROM session WHERE token_hash=?`, hash[:]); err != nil {
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
	c.send(w, r, http.StatusOK, docsys.Person{
		Name: who.name, Title: who.title, Unit: who.unit, UnitName: units.name(who.unit), Board: who.board(units), Role: who.role,
	})
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
	err = c.db.InTx(r.Context(), func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(r.Context(), `UPDATE account SET pw_hash=?, one_time=0 WHERE id=?`, hashPassword(in.New), who.account); err != nil {
			return fmt.Errorf("store the password: %w", err)
		}
		if _, err := tx.ExecContext(r.Context(), `DELETE FROM session WHERE account=? AND token_hash<>?`, who.account, hash[:]); err != nil {
			return fmt.Errorf("end other sessions: %w", err)
		}
		return c.note(r.Context(), tx, who.account, "password.changed", who.login, "")
	})
	if err != nil {
		c.fail(w, r, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}
