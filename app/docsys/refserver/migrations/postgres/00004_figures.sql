-- +goose Up
-- How figures are judged; rates in hundredths of a per cent. Rows are never changed:
-- a later version takes the place of an earlier one of the same kind and month.
CREATE TABLE target (
    version      BIGINT PRIMARY KEY,
    unit_kind    TEXT COLLATE "C" NOT NULL, -- empty: all kinds
    period       TEXT COLLATE "C" NOT NULL, -- yyyy-MM, the first month that it holds for
    target       BIGINT NOT NULL CHECK (target BETWEEN 0 AND 10000),
    praise_above BIGINT NOT NULL CHECK (praise_above BETWEEN 0 AND 10000),
    warn_below   BIGINT NOT NULL CHECK (warn_below BETWEEN 0 AND praise_above),
    min_volume   BIGINT NOT NULL CHECK (min_volume >= 0),
    basis        TEXT COLLATE "C" NOT NULL,
    set_at       BIGINT NOT NULL,
    set_by       TEXT COLLATE "C" NOT NULL
);

-- Periods whose figures are closed, with the state of the audit log then.
CREATE TABLE period_close (
    period    TEXT COLLATE "C" PRIMARY KEY, -- yyyy-MM or yyyy
    closed_at BIGINT NOT NULL,
    closed_by TEXT COLLATE "C" NOT NULL, -- account; empty: the server by itself
    by_name   TEXT COLLATE "C" NOT NULL,
    formula   TEXT COLLATE "C" NOT NULL,
    size      BIGINT NOT NULL,
    root      TEXT COLLATE "C" NOT NULL,
    note      TEXT COLLATE "C" NOT NULL,
    digest    TEXT COLLATE "C" NOT NULL -- of the lines of period_figure
);

-- The figures of a closed period: n_ of the unit alone, t_ with all that was below it.
CREATE TABLE period_figure (
    period         TEXT COLLATE "C" NOT NULL REFERENCES period_close (period),
    kind           TEXT COLLATE "C" NOT NULL,
    unit           TEXT COLLATE "C" NOT NULL REFERENCES unit (code),
    n_required     BIGINT NOT NULL,
    n_done         BIGINT NOT NULL,
    n_late         BIGINT NOT NULL,
    n_pending      BIGINT NOT NULL,
    n_excluded     BIGINT NOT NULL,
    n_illustrative BIGINT NOT NULL,
    t_required     BIGINT NOT NULL,
    t_done         BIGINT NOT NULL,
    t_late         BIGINT NOT NULL,
    t_pending      BIGINT NOT NULL,
    t_excluded     BIGINT NOT NULL,
    t_illustrative BIGINT NOT NULL,
    place          BIGINT NOT NULL, -- among the units of its kind, 0 when not judged
    own_band       TEXT COLLATE "C" NOT NULL,
    tree_band      TEXT COLLATE "C" NOT NULL,
    policy         BIGINT NOT NULL,
    PRIMARY KEY (period, kind, unit)
);

-- Duties that changed after their period was closed, as they were then. With status ''
-- the duty was not in the period.
CREATE TABLE closed_duty (
    period       TEXT COLLATE "C" NOT NULL REFERENCES period_close (period),
    obligation   TEXT COLLATE "C" NOT NULL REFERENCES obligation (id),
    unit         TEXT COLLATE "C" NOT NULL,
    kind         TEXT COLLATE "C" NOT NULL,
    day          TEXT COLLATE "C" NOT NULL,
    due_on       TEXT COLLATE "C" NOT NULL,
    status       TEXT COLLATE "C" NOT NULL,
    late         BIGINT NOT NULL,
    origin       TEXT COLLATE "C" NOT NULL,
    reason       TEXT COLLATE "C" NOT NULL,
    fulfilled_at BIGINT NOT NULL,
    PRIMARY KEY (period, obligation)
);

-- What has changed, for desktops; written with the fact, kept for some days.
CREATE TABLE feed (
    seq      BIGINT PRIMARY KEY,
    at       BIGINT NOT NULL,
    event    TEXT COLLATE "C" NOT NULL,
    unit     TEXT COLLATE "C" NOT NULL, -- empty: it concerns all
    document TEXT COLLATE "C" NOT NULL
);
ALTER TABLE audit_head ADD COLUMN feed BIGINT NOT NULL DEFAULT 0; -- the last seq that was given
CREATE INDEX obligation_period ON obligation (day, id) WHERE day <> '';

-- +goose Down
DROP INDEX obligation_period;
ALTER TABLE audit_head DROP COLUMN feed;
DROP TABLE feed;
DROP TABLE closed_duty;
DROP TABLE period_figure;
DROP TABLE period_close;
DROP TABLE target;
