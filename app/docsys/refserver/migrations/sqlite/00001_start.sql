-- +goose Up
-- Days are yyyy-MM-dd in Asia/Ho_Chi_Minh, times are milliseconds UTC, flags are 0 and 1.
-- The other engine has the same tables and columns; a test compares them.
CREATE TABLE unit (
    code       TEXT PRIMARY KEY,
    name       TEXT NOT NULL,
    kind       TEXT NOT NULL,
    rank       BIGINT NOT NULL DEFAULT 0, -- order among its siblings
    valid_from TEXT NOT NULL,
    valid_to   TEXT NOT NULL DEFAULT ''   -- first day that it no longer exists; empty while it does
);

CREATE TABLE unit_parent (
    unit       TEXT NOT NULL REFERENCES unit (code),
    parent     TEXT NOT NULL REFERENCES unit (code),
    valid_from TEXT NOT NULL,
    valid_to   TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (unit, valid_from)
);

CREATE TABLE unit_alias (
    scheme TEXT NOT NULL CHECK (scheme IN ('qd20', 'qcvn102', 'local')),
    code   TEXT NOT NULL,
    unit   TEXT NOT NULL REFERENCES unit (code),
    PRIMARY KEY (scheme, code)
);

CREATE TABLE unit_succession (
    from_unit TEXT NOT NULL REFERENCES unit (code),
    to_unit   TEXT NOT NULL REFERENCES unit (code),
    day       TEXT NOT NULL,   -- from which the successor acts
    share     BIGINT NOT NULL CHECK (share BETWEEN 1 AND 10000), -- of the old unit, in 1/10000
    basis     TEXT NOT NULL,
    PRIMARY KEY (from_unit, to_unit)
);

CREATE TABLE person (
    id    TEXT PRIMARY KEY,
    name  TEXT NOT NULL,
    title TEXT NOT NULL,
    unit  TEXT NOT NULL REFERENCES unit (code),
    valid_to TEXT NOT NULL DEFAULT ''
);
CREATE INDEX person_unit ON person (unit, name);

CREATE TABLE person_cert (
    sha256        TEXT PRIMARY KEY,
    person        TEXT NOT NULL REFERENCES person (id),
    kind          TEXT NOT NULL CHECK (kind IN ('personal', 'agency')),
    subject       TEXT NOT NULL,
    serial        TEXT NOT NULL,
    issuer        TEXT NOT NULL,
    not_before    BIGINT NOT NULL,
    not_after     BIGINT NOT NULL,
    registered_at BIGINT NOT NULL,
    registered_by TEXT NOT NULL
);
CREATE INDEX person_cert_person ON person_cert (person);

CREATE TABLE authority (
    id         TEXT PRIMARY KEY,
    person     TEXT NOT NULL REFERENCES person (id),
    unit       TEXT NOT NULL REFERENCES unit (code),
    may        TEXT NOT NULL CHECK (may IN ('approve', 'initial')),
    form       TEXT NOT NULL CHECK (form IN ('self', 'KT', 'TM', 'TL', 'TUQ')),
    valid_from TEXT NOT NULL,
    valid_to   TEXT NOT NULL DEFAULT '',
    basis      TEXT NOT NULL
);
CREATE INDEX authority_person ON authority (person, unit, may);
CREATE INDEX authority_unit ON authority (unit, may);

CREATE TABLE account (
    id           TEXT PRIMARY KEY,
    login        TEXT NOT NULL UNIQUE,
    person       TEXT NOT NULL DEFAULT '', -- empty for the administrator
    pw_hash      TEXT NOT NULL DEFAULT '', -- argon2id; empty: no log-in with a password
    oidc_subject TEXT NOT NULL DEFAULT '',
    one_time     BIGINT NOT NULL DEFAULT 0,
    failed       BIGINT NOT NULL DEFAULT 0,
    locked_until BIGINT NOT NULL DEFAULT 0,
    disabled     BIGINT NOT NULL DEFAULT 0
);

CREATE TABLE role_grant (
    id         TEXT PRIMARY KEY,
    account    TEXT NOT NULL REFERENCES account (id),
    unit       TEXT NOT NULL, -- empty for roles that belong to no unit
    role       TEXT NOT NULL CHECK (role IN ('signer', 'secretary', 'clerk', 'head', 'viewer', 'auditor', 'admin')),
    valid_from TEXT NOT NULL,
    valid_to   TEXT NOT NULL DEFAULT ''
);
CREATE INDEX role_grant_account ON role_grant (account);

CREATE TABLE session (
    token_hash BLOB PRIMARY KEY,
    account    TEXT NOT NULL REFERENCES account (id),
    expires_at BIGINT NOT NULL
);

CREATE TABLE blob (
    sha256 TEXT NOT NULL,
    unit   TEXT NOT NULL, -- whose account stored it
    size   BIGINT NOT NULL,
    at     BIGINT NOT NULL,
    PRIMARY KEY (sha256, unit)
);

CREATE TABLE document (
    id           TEXT PRIMARY KEY,
    unit         TEXT NOT NULL REFERENCES unit (code),
    year         BIGINT NOT NULL, -- of issue, else of registration
    number       TEXT NOT NULL,
    notation     TEXT NOT NULL,
    type         TEXT NOT NULL,
    subject      TEXT NOT NULL,
    issued_on    TEXT NOT NULL,
    due_on       TEXT NOT NULL,
    urgent       BIGINT NOT NULL,
    drafter      TEXT NOT NULL,
    signer_name  TEXT NOT NULL,
    signer_title TEXT NOT NULL,
    state        TEXT NOT NULL CHECK (state IN ('draft', 'submitted', 'initialled', 'returned', 'signed', 'numbered', 'sealed', 'issued', 'replaced', 'revoked')),
    medium       TEXT NOT NULL DEFAULT 'electronic' CHECK (medium IN ('electronic', 'paper')),
    origin       TEXT NOT NULL CHECK (origin IN ('own', 'certified_copy', 'illustrative')),
    upward       BIGINT NOT NULL DEFAULT 0, -- for the committee, its chairman or a vice chairman: initials are due
    replaces     TEXT NOT NULL DEFAULT '',
    current      TEXT NOT NULL DEFAULT '',  -- its newest version that has not failed
    created_at   BIGINT NOT NULL,
    created_by   TEXT NOT NULL,
    changed_at   BIGINT NOT NULL
);
CREATE UNIQUE INDEX document_natural_key ON document (unit, year, number, notation) WHERE number <> '';
CREATE INDEX document_by_day ON document (unit, issued_on, id);
CREATE INDEX document_under_way ON document (unit, state) WHERE state <> 'issued';
CREATE INDEX document_replaces ON document (replaces) WHERE replaces <> '';

-- The last number that the system gave (NĐ 30/2020/NĐ-CP, Điều 15).
CREATE TABLE number_series (
    unit     TEXT NOT NULL REFERENCES unit (code),
    year     BIGINT NOT NULL,
    notation TEXT NOT NULL,
    last     BIGINT NOT NULL,
    PRIMARY KEY (unit, year, notation)
);

CREATE TABLE step (
    document   TEXT NOT NULL REFERENCES document (id),
    seq        BIGINT NOT NULL,
    at         BIGINT NOT NULL,
    account    TEXT NOT NULL, -- empty: the server, from a signature that it verified
    by_name    TEXT NOT NULL,
    action     TEXT NOT NULL,
    from_state TEXT NOT NULL,
    to_state   TEXT NOT NULL,
    reason     TEXT NOT NULL DEFAULT '',
    version    TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (document, seq)
);

CREATE TABLE version (
    id          TEXT PRIMARY KEY,
    document    TEXT NOT NULL REFERENCES document (id),
    seq         BIGINT NOT NULL,
    base        TEXT NOT NULL DEFAULT '', -- the version whose bytes it begins with
    sha256      TEXT NOT NULL,
    size        BIGINT NOT NULL,
    stage       TEXT NOT NULL, -- what the client said
    state       TEXT NOT NULL CHECK (state IN ('pending', 'passed', 'failed', 'indeterminate', 'unsigned')),
    why         TEXT NOT NULL DEFAULT '',
    report      TEXT NOT NULL DEFAULT '',
    received_at BIGINT NOT NULL,
    received_by TEXT NOT NULL,
    UNIQUE (document, seq),
    UNIQUE (document, sha256)
);
CREATE INDEX version_sha256 ON version (sha256);

CREATE TABLE signature (
    id             TEXT PRIMARY KEY,
    version        TEXT NOT NULL REFERENCES version (id),
    idx            BIGINT NOT NULL,
    field          TEXT NOT NULL,
    kind           TEXT NOT NULL CHECK (kind IN ('approval', 'initials', 'seal', 'unknown')),
    cert_sha256    TEXT NOT NULL,
    holder         TEXT NOT NULL,
    person         TEXT NOT NULL DEFAULT '',
    signed_at      BIGINT NOT NULL, -- never later than received_at
    time_source    TEXT NOT NULL,
    indication     TEXT NOT NULL,
    sub_indication TEXT NOT NULL,
    why            TEXT NOT NULL,
    verified_at    BIGINT NOT NULL,
    UNIQUE (version, idx)
);

-- The facts. Every write goes through obligation.go, which moves the rollups with it.
CREATE TABLE obligation (
    id           TEXT PRIMARY KEY,
    document     TEXT NOT NULL REFERENCES document (id),
    unit         TEXT NOT NULL REFERENCES unit (code),
    kind         TEXT NOT NULL CHECK (kind IN ('approval', 'initials', 'seal')),
    seq          BIGINT NOT NULL DEFAULT 1, -- of the submission, for initials
    day          TEXT NOT NULL, -- of issue; empty before issue, then it counts nowhere
    due_on       TEXT NOT NULL, -- last day on which it is fulfilled in time
    status       TEXT NOT NULL CHECK (status IN ('open', 'pending', 'done', 'excluded')),
    late         BIGINT NOT NULL DEFAULT 0,
    -- illustrative: a figure of the demonstration, behind which no signature stands.
    origin       TEXT NOT NULL CHECK (origin IN ('verified', 'illustrative')),
    responsible  TEXT NOT NULL DEFAULT '', -- person, where one is named
    fulfilled_by TEXT NOT NULL DEFAULT '', -- signature
    fulfilled_at BIGINT NOT NULL DEFAULT 0,
    reason       TEXT NOT NULL DEFAULT '', -- of exclusion, or why it is open although somebody signed
    UNIQUE (document, unit, kind, seq),
    -- Only a signature that the server verified fulfils a real obligation.
    CHECK (origin = 'illustrative' OR (status = 'done') = (fulfilled_by <> '')),
    CHECK (origin = 'verified' OR fulfilled_by = '')
);
CREATE INDEX obligation_by_day ON obligation (kind, day, unit, status);
CREATE INDEX obligation_open ON obligation (responsible, kind) WHERE status = 'open';

CREATE TABLE explanation (
    id         TEXT PRIMARY KEY,
    document   TEXT NOT NULL REFERENCES document (id),
    text       TEXT NOT NULL,
    at         BIGINT NOT NULL,
    by_account TEXT NOT NULL,
    by_name    TEXT NOT NULL,
    decision   TEXT NOT NULL CHECK (decision IN ('pending', 'accepted', 'rejected')),
    decided_at BIGINT NOT NULL DEFAULT 0,
    decided_by TEXT NOT NULL DEFAULT ''
);
CREATE INDEX explanation_document ON explanation (document);

CREATE TABLE unit_day (
    unit           TEXT NOT NULL,
    kind           TEXT NOT NULL,
    day            TEXT NOT NULL,
    n_required     BIGINT NOT NULL,
    n_done         BIGINT NOT NULL,
    n_late         BIGINT NOT NULL,
    n_pending      BIGINT NOT NULL,
    n_excluded     BIGINT NOT NULL,
    n_illustrative BIGINT NOT NULL,
    PRIMARY KEY (kind, day, unit)
);

CREATE TABLE unit_month (
    unit           TEXT NOT NULL,
    kind           TEXT NOT NULL,
    month          TEXT NOT NULL,
    n_required     BIGINT NOT NULL,
    n_done         BIGINT NOT NULL,
    n_late         BIGINT NOT NULL,
    n_pending      BIGINT NOT NULL,
    n_excluded     BIGINT NOT NULL,
    n_illustrative BIGINT NOT NULL,
    PRIMARY KEY (kind, month, unit)
);

CREATE TABLE job (
    version TEXT PRIMARY KEY REFERENCES version (id),
    run_at  BIGINT NOT NULL,
    tries   BIGINT NOT NULL DEFAULT 0,
    since   BIGINT NOT NULL,
    lease   TEXT NOT NULL DEFAULT ''
);
CREATE INDEX job_run_at ON job (run_at);

CREATE TABLE idem (
    account     TEXT NOT NULL,
    key         TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    status      BIGINT NOT NULL,
    location    TEXT NOT NULL,
    body        TEXT NOT NULL,
    at          BIGINT NOT NULL,
    PRIMARY KEY (account, key)
);
CREATE INDEX idem_at ON idem (at);

CREATE TABLE holiday (day TEXT PRIMARY KEY, name TEXT NOT NULL);

CREATE TABLE audit (
    seq  BIGINT PRIMARY KEY, -- from 0 without gaps: the leaf's index
    body TEXT NOT NULL       -- the leaf's bytes, JSON
);
CREATE TABLE audit_hash (idx BIGINT PRIMARY KEY, hash BLOB NOT NULL);
CREATE TABLE audit_head (
    one        BIGINT PRIMARY KEY CHECK (one = 1),
    size       BIGINT NOT NULL,
    verifier   TEXT NOT NULL -- the public key that signs checkpoints
);
INSERT INTO audit_head(one, size, verifier) VALUES (1, 0, '');

-- +goose StatementBegin
CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_is_not_cut BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
-- +goose StatementEnd

-- +goose Down
SELECT RAISE(ABORT, 'the first migration is not undone');
