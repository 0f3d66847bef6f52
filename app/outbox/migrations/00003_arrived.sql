-- +goose Up
-- How many of today have arrived is asked at every change.
CREATE INDEX item_arrived ON item(state, received_at);
-- +goose Down
DROP INDEX item_arrived;
