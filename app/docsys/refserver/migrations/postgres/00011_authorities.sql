-- +goose Up
-- The units that issue a document together sign in the order in which they are named.
ALTER TABLE document_issuer ADD COLUMN position BIGINT NOT NULL DEFAULT 1;
-- By which authority a duty was fulfilled: its form (KT., TL., TUQ.) and its days.
ALTER TABLE obligation ADD COLUMN authority TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE obligation DROP COLUMN authority;
ALTER TABLE document_issuer DROP COLUMN position;
