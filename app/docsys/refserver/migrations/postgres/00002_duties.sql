-- +goose Up
-- Lists ask of each document whether a duty of a kind is open. Without this index
-- they read all duties of the kind for every document.
CREATE INDEX obligation_document ON obligation (document, kind, status);

-- +goose Down
DROP INDEX obligation_document;
