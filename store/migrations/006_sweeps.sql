-- Sweeps: trials over a grid of protocols and settings, one after the other.
CREATE TABLE sweep (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    name          TEXT NOT NULL,
    testbed       TEXT NOT NULL,
    created_ms    INTEGER NOT NULL,
    ended_ms      INTEGER,
    state_json    TEXT NOT NULL,
    revision      INTEGER NOT NULL,
    total         INTEGER NOT NULL,
    -- What one run is expected to take, ms.
    run_ms        INTEGER NOT NULL,
    plan_json     TEXT NOT NULL,
    -- The trial of the run that is underway.
    current_trial INTEGER
);

-- The runs that have ended. What was measured stays when the trial is deleted.
CREATE TABLE sweep_run (
    sweep    INTEGER NOT NULL REFERENCES sweep (id) ON DELETE CASCADE,
    run      INTEGER NOT NULL,
    trial    INTEGER REFERENCES trial (id) ON DELETE SET NULL,
    failed   INTEGER NOT NULL,
    took_ms  INTEGER NOT NULL,
    run_json TEXT NOT NULL,
    PRIMARY KEY (sweep, run)
) WITHOUT ROWID;
CREATE INDEX sweep_run_of_trial ON sweep_run (trial);
