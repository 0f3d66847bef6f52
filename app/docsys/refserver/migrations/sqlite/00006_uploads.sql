-- +goose Up
-- Uploads that are under way (tus 1.0.0). The bytes of each piece lie in the
-- store under the piece's name until the file is whole.
CREATE TABLE upload (
    id         TEXT PRIMARY KEY,
    account    TEXT NOT NULL REFERENCES account (id),
    sha256     TEXT NOT NULL,
    size       BIGINT NOT NULL CHECK (size >= 0),
    received   BIGINT NOT NULL CHECK (received BETWEEN 0 AND size), -- durable; size once the blob is stored
    metadata   TEXT NOT NULL, -- as the client wrote it
    expires_at BIGINT NOT NULL
);
CREATE INDEX upload_account ON upload (account);
CREATE INDEX upload_expiry ON upload (expires_at);

CREATE TABLE upload_part (
    name   TEXT PRIMARY KEY,
    upload TEXT NOT NULL REFERENCES upload (id),
    start  BIGINT NOT NULL,
    size   BIGINT NOT NULL CHECK (size > 0),
    UNIQUE (upload, start)
);

-- +goose Down
DROP TABLE upload_part;
DROP TABLE upload;
