-- +goose Up
-- Days are yyyy-MM-dd in Asia/Ho_Chi_Minh, times are milliseconds UTC.
CREATE TABLE unit (
    code       TEXT PRIMARY KEY,
    name       TEXT NOT NULL,
    kind       TEXT NOT NULL,
    parent     TEXT REFERENCES unit (code),
    rank       INTEGER NOT NULL DEFAULT 0, -- order among its siblings
    valid_from TEXT NOT NULL,
    valid_to   TEXT                        -- first day that it no longer exists
) WITHOUT ROWID;

CREATE TABLE person (
    id    TEXT PRIMARY KEY,
    name  TEXT NOT NULL,
    title TEXT NOT NULL,
    unit  TEXT NOT NULL REFERENCES unit (code)
) WITHOUT ROWID;

CREATE TABLE person_cert (
    sha256     TEXT PRIMARY KEY,
    person     TEXT NOT NULL REFERENCES person (id),
    kind       TEXT NOT NULL CHECK (kind IN ('personal', 'agency')),
    subject    TEXT NOT NULL,
    serial     TEXT NOT NULL,
    issuer     TEXT NOT NULL,
    not_before INTEGER NOT NULL,
    not_after  INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE authority (
    id         INTEGER PRIMARY KEY,
    person     TEXT NOT NULL REFERENCES person (id),
    unit       TEXT NOT NULL REFERENCES unit (code),
    may        TEXT NOT NULL CHECK (may IN ('approve', 'initial')),
    form       TEXT NOT NULL CHECK (form IN ('self', 'KT', 'TM', 'TL', 'TUQ')),
    valid_from TEXT NOT NULL,
    valid_to   TEXT,
    basis      TEXT NOT NULL DEFAULT ''
);
CREATE INDEX authority_person ON authority (person, unit, may);

CREATE TABLE account (
    id           TEXT PRIMARY KEY,
    login        TEXT NOT NULL UNIQUE,
    person       TEXT REFERENCES person (id),
    role         TEXT NOT NULL CHECK (role IN ('head', 'deputy', 'department-head', 'clerk', 'admin')),
    pw_hash      TEXT NOT NULL DEFAULT '', -- argon2id; empty: no log-in with a password
    one_time     INTEGER NOT NULL DEFAULT 0,
    failed       INTEGER NOT NULL DEFAULT 0,
    locked_until INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;

CREATE TABLE session (
    token_hash BLOB PRIMARY KEY,
    account    TEXT NOT NULL REFERENCES account (id),
    expires_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE blob (
    sha256 TEXT NOT NULL,
    unit   TEXT NOT NULL, -- whose account stored it; empty for the administrator
    size   INTEGER NOT NULL,
    at     INTEGER NOT NULL,
    PRIMARY KEY (sha256, unit)
) WITHOUT ROWID;

CREATE TABLE document (
    id           TEXT PRIMARY KEY,
    unit         TEXT NOT NULL REFERENCES unit (code),
    year         INTEGER NOT NULL, -- of issue, else of registration
    number       TEXT NOT NULL,
    notation     TEXT NOT NULL,
    type         TEXT NOT NULL,
    subject      TEXT NOT NULL,
    issued_on    TEXT NOT NULL,
    due_on       TEXT NOT NULL,
    urgent       INTEGER NOT NULL,
    drafter      TEXT NOT NULL,
    signer_name  TEXT NOT NULL,
    signer_title TEXT NOT NULL,
    origin       TEXT NOT NULL CHECK (origin IN ('own', 'illustrative')),
    current      TEXT REFERENCES version (id) DEFERRABLE INITIALLY DEFERRED,
    created_at   INTEGER NOT NULL,
    created_by   TEXT NOT NULL
) WITHOUT ROWID;
CREATE UNIQUE INDEX document_natural_key ON document (unit, year, number, notation) WHERE number <> '';
CREATE INDEX document_by_day ON document (unit, issued_on, id);

CREATE TABLE version (
    id          TEXT PRIMARY KEY,
    document    TEXT NOT NULL REFERENCES document (id),
    seq         INTEGER NOT NULL,
    base        TEXT REFERENCES version (id),
    sha256      TEXT NOT NULL,
    size        INTEGER NOT NULL,
    stage       TEXT NOT NULL,
    state       TEXT NOT NULL CHECK (state IN ('pending', 'passed', 'failed', 'indeterminate', 'unsigned')),
    why         TEXT NOT NULL DEFAULT '',
    report      TEXT NOT NULL DEFAULT '',
    received_at INTEGER NOT NULL,
    received_by TEXT NOT NULL,
    UNIQUE (document, seq),
    UNIQUE (document, sha256)
) WITHOUT ROWID;

CREATE TABLE signature (
    id             INTEGER PRIMARY KEY,
    version        TEXT NOT NULL REFERENCES version (id),
    idx            INTEGER NOT NULL,
    field          TEXT NOT NULL,
    kind           TEXT NOT NULL CHECK (kind IN ('approval', 'initials', 'seal', 'unknown')),
    cert_sha256    TEXT NOT NULL,
    holder         TEXT NOT NULL,
    person         TEXT REFERENCES person (id),
    signed_at      INTEGER NOT NULL, -- never later than received_at
    time_source    TEXT NOT NULL,
    indication     TEXT NOT NULL,
    sub_indication TEXT NOT NULL,
    why            TEXT NOT NULL,
    verified_at    INTEGER NOT NULL,
    UNIQUE (version, idx)
);

CREATE TABLE obligation (
    id           INTEGER PRIMARY KEY,
    document     TEXT NOT NULL REFERENCES document (id),
    unit         TEXT NOT NULL REFERENCES unit (code),
    kind         TEXT NOT NULL CHECK (kind IN ('approval', 'initials')),
    day          TEXT NOT NULL, -- of issue; empty before issue, then it counts nowhere
    status       TEXT NOT NULL CHECK (status IN ('open', 'pending', 'done', 'excluded')),
    -- illustrative: a figure of the demonstration, behind which no signature stands.
    origin       TEXT NOT NULL CHECK (origin IN ('verified', 'illustrative')),
    responsible  TEXT REFERENCES person (id),
    fulfilled_by INTEGER REFERENCES signature (id),
    fulfilled_at INTEGER,
    UNIQUE (document, unit, kind),
    -- Only a signature that the server verified fulfils a real obligation.
    CHECK (origin = 'illustrative' OR (status = 'done') = (fulfilled_by IS NOT NULL)),
    CHECK (origin = 'verified' OR fulfilled_by IS NULL)
);
CREATE INDEX obligation_of_document ON obligation (document, kind, status);
CREATE INDEX obligation_by_day ON obligation (kind, day, unit, status);

CREATE TABLE job (
    version  TEXT PRIMARY KEY REFERENCES version (id),
    run_at   INTEGER NOT NULL,
    tries    INTEGER NOT NULL DEFAULT 0,
    since    INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE idem (
    account     TEXT NOT NULL,
    key         TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    status      INTEGER NOT NULL,
    location    TEXT NOT NULL,
    body        TEXT NOT NULL,
    at          INTEGER NOT NULL,
    PRIMARY KEY (account, key)
) WITHOUT ROWID;

CREATE TABLE holiday (day TEXT PRIMARY KEY, name TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE audit (
    seq     INTEGER PRIMARY KEY AUTOINCREMENT,
    at      INTEGER NOT NULL,
    account TEXT NOT NULL,
    event   TEXT NOT NULL,
    object  TEXT NOT NULL,
    detail  TEXT NOT NULL
);
-- +goose StatementBegin
CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_is_not_cut BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
-- +goose StatementEnd

-- +goose Down
SELECT RAISE(ABORT, 'the first migration is not undone');
