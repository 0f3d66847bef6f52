-- +goose Up
-- The units that issue a document together with the one that leads, registers
-- and numbers it (NĐ 30/2020/NĐ-CP, Phụ lục I: văn bản liên tịch).
CREATE TABLE document_issuer (
    document TEXT NOT NULL REFERENCES document (id),
    unit     TEXT NOT NULL REFERENCES unit (code),
    PRIMARY KEY (document, unit)
);
CREATE INDEX document_issuer_unit ON document_issuer (unit, document);

-- +goose Down
DROP TABLE document_issuer;
