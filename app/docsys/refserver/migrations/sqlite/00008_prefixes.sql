-- +goose Up
-- A version that another one extends is read as the beginning of that one's file.
CREATE INDEX version_base ON version (base) WHERE base <> '';

-- +goose Down
DROP INDEX version_base;
