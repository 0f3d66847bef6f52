package refserver

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"kyso/app/docsys"
	"kyso/app/docsys/api"
	"kyso/app/docsys/refserver/identity"
)

// providerRetry is when a client may ask again while the provider does not answer.
const providerRetry = 10 * time.Second

func noProvider() *docsys.Problem {
	return refuse(http.StatusConflict, "no-provider", "Máy chủ không dùng nhà cung cấp danh tính nào")
}

// ways says how to log in, with the provider where there is one.
func (s *Server) ways() (login []api.CapabilitiesLogin, providers *[]api.Provider) {
	login = []api.CapabilitiesLogin{api.PasswordLocal}
	if s.provider == nil {
		return login, nil
	}
	c := s.provider.Config()
	return append(login, api.Oidc), &[]api.Provider{{Issuer: c.Issuer, ClientId: c.ClientID, Name: c.Name, Scopes: c.Scopes}}
}

// LogInWithIdentity implements POST /sessions/oidc.
func (c calls) LogInWithIdentity(w http.ResponseWriter, r *http.Request) {
	in, _, err := receive[api.IdentityToken](w, r)
	if err == nil && c.provider == nil {
		err = noProvider()
	}
	if err != nil {
		c.fail(w, r, err)
		return
	}
	who, err := c.provider.Verify(r.Context(), in.IdToken, value(in.Nonce))
	if err != nil {
		c.fail(w, r, c.unidentified(r.Context(), err))
		return
	}
	// The token is spent whatever comes of it, so it is noted in a transaction of its own.
	if err := c.spend(r.Context(), who); err != nil {
		c.fail(w, r, err)
		return
	}
	var out api.Session
	err = c.inTx(r.Context(), func(tx *work) error {
		account, login, err := tx.linked(r.Context(), who)
		if err != nil {
			return err
		}
		out, err = tx.openSession(r.Context(), account, login, true)
		return err
	})
	if err != nil {
		c.fail(w, r, err)
		return
	}
	c.send(w, r, http.StatusCreated, out)
}

// unidentified says why nobody was identified. The provider's own words go to the log.
func (s *Server) unidentified(ctx context.Context, err error) error {
	if errors.Is(err, identity.ErrUnreachable) {
		s.log.WarnContext(ctx, "identity provider", slog.Any("error", err))
		p := refuse(http.StatusServiceUnavailable, "provider-unreachable", "Chưa hỏi được nhà cung cấp danh tính, sẽ thử lại")
		p.RetryAfter = providerRetry
		return p
	}
	return refuse(http.StatusUnauthorized, "bad-identity", "Kết quả đăng nhập ở nhà cung cấp danh tính không được chấp nhận", err.Error())
}

// spend takes a token for ever, on every process that shares the database.
func (s *Server) spend(ctx context.Context, who identity.Identity) error {
	return s.inTx(ctx, func(w *work) error {
		n, err := w.Exec(ctx, `INSERT INTO identity_used(digest,expires_at) VALUES(?,?) ON CONFLICT (digest) DO NOTHING`, who.Digest[:], who.Until.UnixMilli())
		if err != nil {
			return fmt.Errorf("note an identity token: %w", err)
		}
		if n == 0 {
			return refuse(http.StatusUnauthorized, "identity-used", "Kết quả đăng nhập này đã được dùng, hãy đăng nhập lại")
		}
		return w.run(ctx, "forget old identity tokens", do(`DELETE FROM identity_used WHERE expires_at<=?`, s.clock().UnixMilli()))
	})
}

// linked gives the account of an identity.
func (w *work) linked(ctx context.Context, who identity.Identity) (account, login string, err error) {
	var disabled bool
	err = w.QueryRow(ctx, `SELECT id, login, disabled FROM account WHERE oidc_issuer=? AND oidc_subject=? AND oidc_subject<>'' FOR UPDATE`, who.Issuer, who.Subject).
		Scan(&account, &login, &disabled)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return "", "", refuse(http.StatusForbidden, "identity-not-linked", "Chưa có tài khoản nào gắn với danh tính này",
			fmt.Sprintf("Đề nghị quản trị viên gắn mã danh tính “%s” của %s vào tài khoản của bạn (PUT /v1/accounts/{login}/identity).", who.Subject, who.Issuer))
	case err != nil:
		return "", "", fmt.Errorf("look up the identity: %w", err)
	case disabled:
		return "", "", refuse(http.StatusForbidden, "account-disabled", "Tài khoản đã bị khoá", "Hãy hỏi quản trị viên.")
	}
	return account, login, nil
}

// LinkIdentity implements PUT /accounts/{login}/identity.
func (c calls) LinkIdentity(w http.ResponseWriter, r *http.Request, login string) {
	in, _, err := receive[api.Identity](w, r)
	switch {
	case err != nil:
	case c.provider == nil:
		err = noProvider()
	case !identity.IsSubject(in.Subject):
		err = refuse(http.StatusUnprocessableEntity, "bad-subject", "Mã danh tính trống, quá dài hoặc có ký tự điều khiển")
	}
	if err != nil {
		c.fail(w, r, err)
		return
	}
	c.change(w, r, func(ctx context.Context, tx *work, who caller) error {
		return tx.link(ctx, who.account, login, c.provider.Config().Issuer, in.Subject)
	})
}

// UnlinkIdentity implements DELETE /accounts/{login}/identity.
func (c calls) UnlinkIdentity(w http.ResponseWriter, r *http.Request, login string) {
	c.change(w, r, func(ctx context.Context, tx *work, who caller) error {
		return tx.link(ctx, who.account, login, "", "")
	})
}

// link names the subject of an account, or none. What was opened by another one ends.
func (w *work) link(ctx context.Context, by, login, issuer, subject string) error {
	if err := w.Lock(ctx, "identities"); err != nil {
		return err
	}
	var account, nowIssuer, now string
	err := w.QueryRow(ctx, `SELECT id, oidc_issuer, oidc_subject FROM account WHERE login=? FOR UPDATE`, login).Scan(&account, &nowIssuer, &now)
	if errors.Is(err, sql.ErrNoRows) {
		return refuse(http.StatusNotFound, "not-found", "Không có tài khoản này")
	}
	if err != nil {
		return fmt.Errorf("look up the account: %w", err)
	}
	if nowIssuer == issuer && now == subject {
		return nil
	}
	var holder string
	err = w.QueryRow(ctx, `SELECT login FROM account WHERE oidc_issuer=? AND oidc_subject=? AND oidc_subject<>''`, issuer, subject).Scan(&holder)
	switch {
	case err == nil:
		return refuse(http.StatusConflict, "identity-taken", "Danh tính này đã gắn với tài khoản khác", holder)
	case !errors.Is(err, sql.ErrNoRows):
		return fmt.Errorf("look up the identity: %w", err)
	}
	event := "identity.linked"
	if subject == "" {
		event = "identity.unlinked"
	}
	w.note(by, event, login, subject)
	return w.run(ctx, "link an identity",
		do(`UPDATE account SET oidc_issuer=?, oidc_subject=? WHERE id=?`, issuer, subject, account),
		do(`DELETE FROM session WHERE account=? AND by_identity=1`, account))
}

// SetAccountStatus implements PUT /accounts/{login}/status.
func (c calls) SetAccountStatus(w http.ResponseWriter, r *http.Request, login string) {
	in, _, err := receive[api.AccountStatus](w, r)
	if err == nil {
		err = checkFields(field{"reason", value(in.Reason), 0, 500})
	}
	if err != nil {
		c.fail(w, r, err)
		return
	}
	c.change(w, r, func(ctx context.Context, tx *work, who caller) error {
		return tx.setDisabled(ctx, who.account, login, in.Disabled, value(in.Reason))
	})
}

// setDisabled ends all sessions of an account that is disabled.
func (w *work) setDisabled(ctx context.Context, by, login string, disabled bool, reason string) error {
	// Two administrators who disable each other at once wait here for each other.
	if err := w.Lock(ctx, "administrators"); err != nil {
		return err
	}
	var account string
	var now bool
	err := w.QueryRow(ctx, `SELECT id, disabled FROM account WHERE login=? FOR UPDATE`, login).Scan(&account, &now)
	if errors.Is(err, sql.ErrNoRows) {
		return refuse(http.StatusNotFound, "not-found", "Không có tài khoản này")
	}
	if err != nil {
		return fmt.Errorf("look up the account: %w", err)
	}
	if now == disabled {
		return nil
	}
	if !disabled {
		w.note(by, "account.enabled", login, reason)
		return w.run(ctx, "enable an account", do(`UPDATE account SET disabled=0, failed=0, locked_until=0 WHERE id=?`, account))
	}
	if err := w.needOtherAdministrator(ctx, account); err != nil {
		return err
	}
	w.note(by, "account.disabled", login, reason)
	return w.run(ctx, "disable an account",
		do(`UPDATE account SET disabled=1 WHERE id=?`, account), do(`DELETE FROM session WHERE account=?`, account))
}

// needOtherAdministrator refuses to leave the server without an administrator.
func (w *work) needOtherAdministrator(ctx context.Context, account string) error {
	const administrators = `SELECT count(DISTINCT a.id) FROM role_grant g JOIN account a ON a.id=g.account
		WHERE g.role='admin' AND a.disabled=0 AND g.valid_from<=? AND (g.valid_to='' OR g.valid_to>?) AND (a.id=?)=(1=?)`
	today := w.s.today()
	count := func(self int) (n int, err error) {
		err = w.QueryRow(ctx, administrators, today, today, account, self).Scan(&n)
		return n, err //nolint:wrapcheck // below
	}
	own, err := count(1)
	if err != nil {
		return fmt.Errorf("count the administrators: %w", err)
	}
	if own == 0 {
		return nil
	}
	others, err := count(0)
	if err != nil {
		return fmt.Errorf("count the administrators: %w", err)
	}
	if others == 0 {
		return refuse(http.StatusConflict, "last-administrator", "Không thể khoá quản trị viên cuối cùng", "Hãy giao vai trò quản trị cho tài khoản khác trước.")
	}
	return nil
}
