CREATE TABLE series (
    id     INTEGER PRIMARY KEY,
    trial  INTEGER NOT NULL REFERENCES trial (id) ON DELETE CASCADE,
    entity INTEGER NOT NULL,
    metric TEXT NOT NULL,
    UNIQUE (trial, entity, metric)
);

-- `seq` tells apart samples of one millisecond. What is no finite number is kept as text.
CREATE TABLE sample (
    series INTEGER NOT NULL REFERENCES series (id) ON DELETE CASCADE,
    t_ms   INTEGER NOT NULL,
    seq    INTEGER NOT NULL,
    value  REAL,
    text   TEXT,
    PRIMARY KEY (series, t_ms, seq)
) WITHOUT ROWID;

-- Sparse latency histograms: pairs of variable-length integers, (bound in µs less the bound before, count).
CREATE TABLE latency (
    trial  INTEGER NOT NULL REFERENCES trial (id) ON DELETE CASCADE,
    entity INTEGER NOT NULL,
    t_ms   INTEGER NOT NULL,
    seq    INTEGER NOT NULL,
    pairs  BLOB NOT NULL,
    PRIMARY KEY (trial, entity, t_ms, seq)
) WITHOUT ROWID;

-- Rolling hashes of executed histories, for the comparison of replicas.
CREATE TABLE history (
    trial    INTEGER NOT NULL REFERENCES trial (id) ON DELETE CASCADE,
    sequence INTEGER NOT NULL,
    replica  INTEGER NOT NULL,
    hash     TEXT NOT NULL,
    PRIMARY KEY (trial, sequence, replica)
) WITHOUT ROWID;
