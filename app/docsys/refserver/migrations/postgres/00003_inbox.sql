-- +goose Up
-- What waits for somebody is found from the few duties that are open, and not
-- by asking every document.
CREATE INDEX obligation_nobody ON obligation (unit, kind) WHERE status = 'open' AND responsible = '';
CREATE INDEX document_returned ON document (created_by) WHERE state = 'returned';

-- +goose Down
DROP INDEX obligation_nobody;
DROP INDEX document_returned;
