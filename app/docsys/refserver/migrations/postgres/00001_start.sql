-- +goose Up
-- Days are yyyy-MM-dd in Asia/Ho_Chi_Minh, times are milliseconds UTC, flags are 0 and 1.
-- The other engine has the same tables and columns; a test compares them.
CREATE TABLE unit (
    code       TEXT COLLATE "C" PRIMARY KEY,
    name       TEXT COLLATE "C" NOT NULL,
    kind       TEXT COLLATE "C" NOT NULL,
    rank       BIGINT NOT NULL DEFAULT 0, -- order among its siblings
    valid_from TEXT COLLATE "C" NOT NULL,
    valid_to   TEXT COLLATE "C" NOT NULL DEFAULT ''   -- first day that it no longer exists; empty while it does
);

CREATE TABLE unit_parent (
    unit       TEXT COLLATE "C" NOT NULL REFERENCES unit (code),
    parent     TEXT COLLATE "C" NOT NULL REFERENCES unit (code),
    valid_from TEXT COLLATE "C" NOT NULL,
    valid_to   TEXT COLLATE "C" NOT NULL DEFAULT '',
    PRIMARY KEY (unit, valid_from)
);

CREATE TABLE unit_alias (
    scheme TEXT COLLATE "C" NOT NULL CHECK (scheme IN ('qd20', 'qcvn102', 'local')),
    code   TEXT COLLATE "C" NOT NULL,
    unit   TEXT COLLATE "C" NOT NULL REFERENCES unit (code),
    PRIMARY KEY (scheme, code)
);

CREATE TABLE unit_succession (
    from_unit TEXT COLLATE "C" NOT NULL REFERENCES unit (code),
    to_unit   TEXT COLLATE "C" NOT NULL REFERENCES unit (code),
    day       TEXT COLLATE "C" NOT NULL,   -- from which the successor acts
    share     BIGINT NOT NULL CHECK (share BETWEEN 1 AND 10000), -- of the old unit, in 1/10000
    basis     TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (from_unit, to_unit)
);

CREATE TABLE person (
    id    TEXT COLLATE "C" PRIMARY KEY,
    name  TEXT COLLATE "C" NOT NULL,
    title TEXT COLLATE "C" NOT NULL,
    unit  TEXT COLLATE "C" NOT NULL REFERENCES unit (code),
    valid_to TEXT COLLATE "C" NOT NULL DEFAULT ''
);
CREATE INDEX person_unit ON person (unit, name);

CREATE TABLE person_cert (
    sha256        TEXT COLLATE "C" PRIMARY KEY,
    person        TEXT COLLATE "C" NOT NULL REFERENCES person (id),
    kind          TEXT COLLATE "C" NOT NULL CHECK (kind IN ('personal', 'agency')),
    subject       TEXT COLLATE "C" NOT NULL,
    serial        TEXT COLLATE "C" NOT NULL,
    issuer        TEXT COLLATE "C" NOT NULL,
    not_before    BIGINT NOT NULL,
    not_after     BIGINT NOT NULL,
    registered_at BIGINT NOT NULL,
    registered_by TEXT COLLATE "C" NOT NULL
);
CREATE INDEX person_cert_person ON person_cert (person);

CREATE TABLE authority (
    id         TEXT COLLATE "C" PRIMARY KEY,
    person     TEXT COLLATE "C" NOT NULL REFERENCES person (id),
    unit       TEXT COLLATE "C" NOT NULL REFERENCES unit (code),
    may        TEXT COLLATE "C" NOT NULL CHECK (may IN ('approve', 'initial')),
    form       TEXT COLLATE "C" NOT NULL CHECK (form IN ('self', 'KT', 'TM', 'TL', 'TUQ')),
    valid_from TEXT COLLATE "C" NOT NULL,
    valid_to   TEXT COLLATE "C" NOT NULL DEFAULT '',
    basis      TEXT COLLATE "C" NOT NULL
);
CREATE INDEX authority_person ON authority (person, unit, may);
CREATE INDEX authority_unit ON authority (unit, may);

CREATE TABLE account (
    id           TEXT COLLATE "C" PRIMARY KEY,
    login        TEXT COLLATE "C" NOT NULL UNIQUE,
    person       TEXT COLLATE "C" NOT NULL DEFAULT '', -- empty for the administrator
    pw_hash      TEXT COLLATE "C" NOT NULL DEFAULT '', -- argon2id; empty: no log-in with a password
    oidc_subject TEXT COLLATE "C" NOT NULL DEFAULT '',
    one_time     BIGINT NOT NULL DEFAULT 0,
    failed       BIGINT NOT NULL DEFAULT 0,
    locked_until BIGINT NOT NULL DEFAULT 0,
    disabled     BIGINT NOT NULL DEFAULT 0
);

CREATE TABLE role_grant (
    id         TEXT COLLATE "C" PRIMARY KEY,
    account    TEXT COLLATE "C" NOT NULL REFERENCES account (id),
    unit       TEXT COLLATE "C" NOT NULL, -- empty for roles that belong to no unit
    role       TEXT COLLATE "C" NOT NULL CHECK (role IN ('signer', 'secretary', 'clerk', 'head', 'viewer', 'auditor', 'admin')),
    valid_from TEXT COLLATE "C" NOT NULL,
    valid_to   TEXT COLLATE "C" NOT NULL DEFAULT ''
);
CREATE INDEX role_grant_account ON role_grant (account);

CREATE TABLE session (
    token_hash BYTEA PRIMARY KEY,
    account    TEXT COLLATE "C" NOT NULL REFERENCES account (id),
    expires_at BIGINT NOT NULL
);

CREATE TABLE blob (
    sha256 TEXT COLLATE "C" NOT NULL,
    unit   TEXT COLLATE "C" NOT NULL, -- whose account stored it
    size   BIGINT NOT NULL,
    at     BIGINT NOT NULL,
    PRIMARY KEY (sha256, unit)
);

CREATE TABLE document (
    id           TEXT COLLATE "C" PRIMARY KEY,
    unit         TEXT COLLATE "C" NOT NULL REFERENCES unit (code),
    year         BIGINT NOT NULL, -- of issue, else of registration
    number       TEXT COLLATE "C" NOT NULL,
    notation     TEXT COLLATE "C" NOT NULL,
    type         TEXT COLLATE "C" NOT NULL,
    subject      TEXT COLLATE "C" NOT NULL,
    issued_on    TEXT COLLATE "C" NOT NULL,
    due_on       TEXT COLLATE "C" NOT NULL,
    urgent       BIGINT NOT NULL,
    drafter      TEXT COLLATE "C" NOT NULL,
    signer_name  TEXT COLLATE "C" NOT NULL,
    signer_title TEXT COLLATE "C" NOT NULL,
    state        TEXT COLLATE "C" NOT NULL CHECK (state IN ('draft', 'submitted', 'initialled', 'returned', 'signed', 'numbered', 'sealed', 'issued', 'replaced', 'revoked')),
    medium       TEXT COLLATE "C" NOT NULL DEFAULT 'electronic' CHECK (medium IN ('electronic', 'paper')),
    origin       TEXT COLLATE "C" NOT NULL CHECK (origin IN ('own', 'certified_copy', 'illustrative')),
    upward       BIGINT NOT NULL DEFAULT 0, -- for the committee, its chairman or a vice chairman: initials are due
    replaces     TEXT COLLATE "C" NOT NULL DEFAULT '',
    current      TEXT COLLATE "C" NOT NULL DEFAULT '',  -- its newest version that has not failed
    created_at   BIGINT NOT NULL,
    created_by   TEXT COLLATE "C" NOT NULL,
    changed_at   BIGINT NOT NULL
);
CREATE UNIQUE INDEX document_natural_key ON document (unit, year, number, notation) WHERE number <> '';
CREATE INDEX document_by_day ON document (unit, issued_on, id);
CREATE INDEX document_under_way ON document (unit, state) WHERE state <> 'issued';
CREATE INDEX document_replaces ON document (replaces) WHERE replaces <> '';

-- The last number that the system gave (NĐ 30/2020/NĐ-CP, Điều 15).
CREATE TABLE number_series (
    unit     TEXT COLLATE "C" NOT NULL REFERENCES unit (code),
    year     BIGINT NOT NULL,
    notation TEXT COLLATE "C" NOT NULL,
    last     BIGINT NOT NULL,
    PRIMARY KEY (unit, year, notation)
);

CREATE TABLE step (
    document   TEXT COLLATE "C" NOT NULL REFERENCES document (id),
    seq        BIGINT NOT NULL,
    at         BIGINT NOT NULL,
    account    TEXT COLLATE "C" NOT NULL, -- empty: the server, from a signature that it verified
    by_name    TEXT COLLATE "C" NOT NULL,
    action     TEXT COLLATE "C" NOT NULL,
    from_state TEXT COLLATE "C" NOT NULL,
    to_state   TEXT COLLATE "C" NOT NULL,
    reason     TEXT COLLATE "C" NOT NULL DEFAULT '',
    version    TEXT COLLATE "C" NOT NULL DEFAULT '',
    PRIMARY KEY (document, seq)
);

CREATE TABLE version (
    id          TEXT COLLATE "C" PRIMARY KEY,
    document    TEXT COLLATE "C" NOT NULL REFERENCES document (id),
    seq         BIGINT NOT NULL,
    base        TEXT COLLATE "C" NOT NULL DEFAULT '', -- the version whose bytes it begins with
    sha256      TEXT COLLATE "C" NOT NULL,
    size        BIGINT NOT NULL,
    stage       TEXT COLLATE "C" NOT NULL, -- what the client said
    state       TEXT COLLATE "C" NOT NULL CHECK (state IN ('pending', 'passed', 'failed', 'indeterminate', 'unsigned')),
    why         TEXT COLLATE "C" NOT NULL DEFAULT '',
    report      TEXT COLLATE "C" NOT NULL DEFAULT '',
    received_at BIGINT NOT NULL,
    received_by TEXT COLLATE "C" NOT NULL,
    UNIQUE (document, seq),
    UNIQUE (document, sha256)
);
CREATE INDEX version_sha256 ON version (sha256);

CREATE TABLE signature (
    id             TEXT COLLATE "C" PRIMARY KEY,
    version        TEXT COLLATE "C" NOT NULL REFERENCES version (id),
    idx            BIGINT NOT NULL,
    field          TEXT COLLATE "C" NOT NULL,
    kind           TEXT COLLATE "C" NOT NULL CHECK (kind IN ('approval', 'initials', 'seal', 'unknown')),
    cert_sha256    TEXT COLLATE "C" NOT NULL,
    holder         TEXT COLLATE "C" NOT NULL,
    person         TEXT COLLATE "C" NOT NULL DEFAULT '',
    signed_at      BIGINT NOT NULL, -- never later than received_at
    time_source    TEXT COLLATE "C" NOT NULL,
    indication     TEXT COLLATE "C" NOT NULL,
    sub_indication TEXT COLLATE "C" NOT NULL,
    why            TEXT COLLATE "C" NOT NULL,
    verified_at    BIGINT NOT NULL,
    UNIQUE (version, idx)
);

-- The facts. Every write goes through obligation.go, which moves the rollups with it.
CREATE TABLE obligation (
    id           TEXT COLLATE "C" PRIMARY KEY,
    document     TEXT COLLATE "C" NOT NULL REFERENCES document (id),
    unit         TEXT COLLATE "C" NOT NULL REFERENCES unit (code),
    kind         TEXT COLLATE "C" NOT NULL CHECK (kind IN ('approval', 'initials', 'seal')),
    seq          BIGINT NOT NULL DEFAULT 1, -- of the submission, for initials
    day          TEXT COLLATE "C" NOT NULL, -- of issue; empty before issue, then it counts nowhere
    due_on       TEXT COLLATE "C" NOT NULL, -- last day on which it is fulfilled in time
    status       TEXT COLLATE "C" NOT NULL CHECK (status IN ('open', 'pending', 'done', 'excluded')),
    late         BIGINT NOT NULL DEFAULT 0,
    -- illustrative: a figure of the demonstration, behind which no signature stands.
    origin       TEXT COLLATE "C" NOT NULL CHECK (origin IN ('verified', 'illustrative')),
    responsible  TEXT COLLATE "C" NOT NULL DEFAULT '', -- person, where one is named
    fulfilled_by TEXT COLLATE "C" NOT NULL DEFAULT '', -- signature
    fulfilled_at BIGINT NOT NULL DEFAULT 0,
    reason       TEXT COLLATE "C" NOT NULL DEFAULT '', -- of exclusion, or why it is open although somebody signed
    UNIQUE (document, unit, kind, seq),
    -- Only a signature that the server verified fulfils a real obligation.
    CHECK (origin = 'illustrative' OR (status = 'done') = (fulfilled_by <> '')),
    CHECK (origin = 'verified' OR fulfilled_by = '')
);
CREATE INDEX obligation_by_day ON obligation (kind, day, unit, status);
CREATE INDEX obligation_open ON obligation (responsible, kind) WHERE status = 'open';

CREATE TABLE explanation (
    id         TEXT COLLATE "C" PRIMARY KEY,
    document   TEXT COLLATE "C" NOT NULL REFERENCES document (id),
    text       TEXT COLLATE "C" NOT NULL,
    at         BIGINT NOT NULL,
    by_account TEXT COLLATE "C" NOT NULL,
    by_name    TEXT COLLATE "C" NOT NULL,
    decision   TEXT COLLATE "C" NOT NULL CHECK (decision IN ('pending', 'accepted', 'rejected')),
    decided_at BIGINT NOT NULL DEFAULT 0,
    decided_by TEXT COLLATE "C" NOT NULL DEFAULT ''
);
CREATE INDEX explanation_document ON explanation (document);

CREATE TABLE unit_day (
    unit           TEXT COLLATE "C" NOT NULL,
    kind           TEXT COLLATE "C" NOT NULL,
    day            TEXT COLLATE "C" NOT NULL,
    n_required     BIGINT NOT NULL,
    n_done         BIGINT NOT NULL,
    n_late         BIGINT NOT NULL,
    n_pending      BIGINT NOT NULL,
    n_excluded     BIGINT NOT NULL,
    n_illustrative BIGINT NOT NULL,
    PRIMARY KEY (kind, day, unit)
);

CREATE TABLE unit_month (
    unit           TEXT COLLATE "C" NOT NULL,
    kind           TEXT COLLATE "C" NOT NULL,
    month          TEXT COLLATE "C" NOT NULL,
    n_required     BIGINT NOT NULL,
    n_done         BIGINT NOT NULL,
    n_late         BIGINT NOT NULL,
    n_pending      BIGINT NOT NULL,
    n_excluded     BIGINT NOT NULL,
    n_illustrative BIGINT NOT NULL,
    PRIMARY KEY (kind, month, unit)
);

CREATE TABLE job (
    version TEXT COLLATE "C" PRIMARY KEY REFERENCES version (id),
    run_at  BIGINT NOT NULL,
    tries   BIGINT NOT NULL DEFAULT 0,
    since   BIGINT NOT NULL,
    lease   TEXT COLLATE "C" NOT NULL DEFAULT ''
);
CREATE INDEX job_run_at ON job (run_at);

CREATE TABLE idem (
    account     TEXT COLLATE "C" NOT NULL,
    key         TEXT COLLATE "C" NOT NULL,
    fingerprint TEXT COLLATE "C" NOT NULL,
    status      BIGINT NOT NULL,
    location    TEXT COLLATE "C" NOT NULL,
    body        TEXT COLLATE "C" NOT NULL,
    at          BIGINT NOT NULL,
    PRIMARY KEY (account, key)
);
CREATE INDEX idem_at ON idem (at);

CREATE TABLE holiday (day TEXT COLLATE "C" PRIMARY KEY, name TEXT COLLATE "C" NOT NULL);

CREATE TABLE audit (
    seq  BIGINT PRIMARY KEY, -- from 0 without gaps: the leaf's index
    body TEXT COLLATE "C" NOT NULL       -- the leaf's bytes, JSON
);
CREATE TABLE audit_hash (idx BIGINT PRIMARY KEY, hash BYTEA NOT NULL);
CREATE TABLE audit_head (
    one        BIGINT PRIMARY KEY CHECK (one = 1),
    size       BIGINT NOT NULL,
    verifier   TEXT COLLATE "C" NOT NULL -- the public key that signs checkpoints
);
INSERT INTO audit_head(one, size, verifier) VALUES (1, 0, '');

-- +goose StatementBegin
CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$;
-- +goose StatementEnd
CREATE TRIGGER audit_is_not_changed BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_is_append_only();
CREATE TRIGGER audit_is_not_cut BEFORE TRUNCATE ON audit EXECUTE FUNCTION audit_is_append_only();

-- +goose Down
SELECT 1 / 0; -- the first migration is not undone
