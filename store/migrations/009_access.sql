-- Who may use the server. Tokens and sessions are there as hashes only.
CREATE TABLE access_token (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    name         TEXT NOT NULL UNIQUE,
    hash         BLOB NOT NULL UNIQUE,
    role         TEXT NOT NULL,
    created_ms   INTEGER NOT NULL,
    expires_ms   INTEGER,
    last_used_ms INTEGER
);

-- What a browser got for a token. It outlives the link that a server printed when it started, but no token that was revoked.
CREATE TABLE access_session (
    hash         BLOB PRIMARY KEY,
    token        INTEGER REFERENCES access_token (id) ON DELETE SET NULL,
    role         TEXT NOT NULL,
    created_ms   INTEGER NOT NULL,
    expires_ms   INTEGER NOT NULL,
    last_used_ms INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX access_session_of_token ON access_session (token);
