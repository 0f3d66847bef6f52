-- +goose Up
-- How the agency wants marks to look: every version that was set, as JSON.
CREATE TABLE mark_template (
    version BIGINT PRIMARY KEY,
    body    TEXT NOT NULL,
    account TEXT NOT NULL,
    at      BIGINT NOT NULL
);

-- +goose Down
DROP TABLE mark_template;
