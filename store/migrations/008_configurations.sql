-- Configurations with names, as YAML with its comments.
CREATE TABLE configuration (
    name       TEXT PRIMARY KEY,
    text       TEXT NOT NULL,
    updated_ms INTEGER NOT NULL
) WITHOUT ROWID;
