-- Where a trial runs, what its units run, and its place among those that wait: those without one come last.
ALTER TABLE trial ADD COLUMN testbed TEXT NOT NULL DEFAULT 'local';
ALTER TABLE trial ADD COLUMN engine TEXT NOT NULL DEFAULT 'native';
ALTER TABLE trial ADD COLUMN queue_place INTEGER;

-- Testbeds of hosts that people named. No secret is in a definition.
CREATE TABLE testbed (
    name            TEXT PRIMARY KEY,
    definition_json TEXT NOT NULL
) WITHOUT ROWID;

-- How far each host of a trial is with the launch.
CREATE TABLE trial_host (
    trial       INTEGER NOT NULL REFERENCES trial (id) ON DELETE CASCADE,
    place       INTEGER NOT NULL,
    status_json TEXT NOT NULL,
    PRIMARY KEY (trial, place)
) WITHOUT ROWID;
