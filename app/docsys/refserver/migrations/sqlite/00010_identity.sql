-- +goose Up
-- A subject means somebody only together with the provider that gave it.
ALTER TABLE account ADD COLUMN oidc_issuer TEXT NOT NULL DEFAULT '';
CREATE UNIQUE INDEX account_identity ON account (oidc_issuer, oidc_subject) WHERE oidc_subject <> '';
-- 1: by an identity provider. A one-time password does not stand in its way.
ALTER TABLE session ADD COLUMN by_identity BIGINT NOT NULL DEFAULT 0;
CREATE INDEX session_account ON session (account);
-- Identity tokens that were taken, until they are refused for their age.
CREATE TABLE identity_used (
    digest     BLOB PRIMARY KEY,
    expires_at BIGINT NOT NULL
);

-- +goose Down
DROP TABLE identity_used;
DROP INDEX session_account;
ALTER TABLE session DROP COLUMN by_identity;
DROP INDEX account_identity;
ALTER TABLE account DROP COLUMN oidc_issuer;
