-- +goose Up
CREATE TABLE item (
    seq          INTEGER PRIMARY KEY AUTOINCREMENT,
    id           TEXT    NOT NULL UNIQUE,
    key          TEXT    NOT NULL UNIQUE,
    document     TEXT    NOT NULL,
    base         TEXT    NOT NULL,
    stage        TEXT    NOT NULL,
    title        TEXT    NOT NULL,
    path         TEXT    NOT NULL,
    sha256       TEXT    NOT NULL,
    size         INTEGER NOT NULL,
    state        TEXT    NOT NULL,
    tries        INTEGER NOT NULL DEFAULT 0,
    queued_at    INTEGER NOT NULL, -- times in milliseconds UTC
    due_at       INTEGER NOT NULL,
    version      TEXT    NOT NULL DEFAULT '',
    server_sha   TEXT    NOT NULL DEFAULT '',
    received_at  INTEGER NOT NULL DEFAULT 0,
    verification TEXT    NOT NULL DEFAULT '{}',
    problem      TEXT    NOT NULL DEFAULT '',
    UNIQUE (document, sha256)
);
-- +goose Down
DROP TABLE item;
