-- +goose Up
-- not_before: nothing is sent earlier, so that the person can take it back; milliseconds UTC
ALTER TABLE item ADD COLUMN not_before   INTEGER NOT NULL DEFAULT 0;
-- asked: a commit was asked for and not refused, so the system may hold the file
ALTER TABLE item ADD COLUMN asked        INTEGER NOT NULL DEFAULT 0;
-- resume: how a broken transfer goes on, in the connector's own words
ALTER TABLE item ADD COLUMN resume       TEXT    NOT NULL DEFAULT '';
-- target: the system that the item is for; empty for whichever is connected first
ALTER TABLE item ADD COLUMN target       TEXT    NOT NULL DEFAULT '';
ALTER TABLE item ADD COLUMN metadata     TEXT    NOT NULL DEFAULT '{}';
ALTER TABLE item ADD COLUMN receipt_path TEXT    NOT NULL DEFAULT '';
CREATE TABLE choice (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
);
-- +goose Down
DROP TABLE choice;
ALTER TABLE item DROP COLUMN receipt_path;
ALTER TABLE item DROP COLUMN metadata;
ALTER TABLE item DROP COLUMN target;
ALTER TABLE item DROP COLUMN resume;
ALTER TABLE item DROP COLUMN asked;
ALTER TABLE item DROP COLUMN not_before;
