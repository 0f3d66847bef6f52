-- +goose Up
-- An explanation says why a signature is missing; a dispute says that the figure is wrong.
ALTER TABLE explanation ADD COLUMN kind TEXT COLLATE "C" NOT NULL DEFAULT 'explanation' CHECK (kind IN ('explanation', 'dispute'));

-- +goose Down
ALTER TABLE explanation DROP COLUMN kind;
