-- Times are milliseconds since the epoch. Columns named *_json hold the wire form of the model's types.

CREATE TABLE trial (
    id               INTEGER PRIMARY KEY AUTOINCREMENT,
    name             TEXT NOT NULL,
    protocol         TEXT NOT NULL,
    replicas         INTEGER NOT NULL,
    token_hash       BLOB NOT NULL UNIQUE,
    created_ms       INTEGER NOT NULL,
    started_ms       INTEGER,
    ended_ms         INTEGER,
    state            TEXT NOT NULL,
    failure          TEXT,
    verdict_json     TEXT,
    config_json      TEXT NOT NULL,
    environment_json TEXT NOT NULL
);

CREATE TABLE phase (
    trial      INTEGER NOT NULL REFERENCES trial (id) ON DELETE CASCADE,
    place      INTEGER NOT NULL,
    name       TEXT NOT NULL,
    started_ms INTEGER NOT NULL,
    ended_ms   INTEGER,
    PRIMARY KEY (trial, place)
) WITHOUT ROWID;

CREATE TABLE patch (
    trial      INTEGER NOT NULL REFERENCES trial (id) ON DELETE CASCADE,
    version    INTEGER NOT NULL,
    at_ms      INTEGER NOT NULL,
    items_json TEXT NOT NULL,
    PRIMARY KEY (trial, version)
) WITHOUT ROWID;

-- The first time each unit acknowledged each version.
CREATE TABLE patch_applied (
    trial   INTEGER NOT NULL REFERENCES trial (id) ON DELETE CASCADE,
    version INTEGER NOT NULL,
    unit    INTEGER NOT NULL,
    at_ms   INTEGER NOT NULL,
    PRIMARY KEY (trial, version, unit)
) WITHOUT ROWID;

CREATE TABLE unit (
    trial           INTEGER NOT NULL REFERENCES trial (id) ON DELETE CASCADE,
    unit            INTEGER NOT NULL,
    role_json       TEXT NOT NULL,
    health_json     TEXT NOT NULL,
    applied_version INTEGER NOT NULL,
    PRIMARY KEY (trial, unit)
) WITHOUT ROWID;

-- The number of the last report of each native unit: a report that is sent again is stored once.
CREATE TABLE report (
    trial       INTEGER NOT NULL REFERENCES trial (id) ON DELETE CASCADE,
    unit        INTEGER NOT NULL,
    last_number INTEGER NOT NULL,
    PRIMARY KEY (trial, unit)
) WITHOUT ROWID;

CREATE TABLE log (
    id    INTEGER PRIMARY KEY,
    trial INTEGER NOT NULL REFERENCES trial (id) ON DELETE CASCADE,
    at_ms INTEGER NOT NULL,
    unit  INTEGER NOT NULL,
    text  TEXT NOT NULL
);
CREATE INDEX log_of_trial ON log (trial, id);
