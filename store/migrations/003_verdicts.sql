-- The protocol file of a trial, where it is not one that ships with BFTGym.
ALTER TABLE trial ADD COLUMN protocol_text TEXT;

-- Digests of replicated states at checkpoints, for the comparison of replicas. In this table and in `history`, a replica's
-- number from the number of replicas on is a client that accepted a result.
CREATE TABLE state_digest (
    trial    INTEGER NOT NULL REFERENCES trial (id) ON DELETE CASCADE,
    sequence INTEGER NOT NULL,
    replica  INTEGER NOT NULL,
    hash     TEXT NOT NULL,
    PRIMARY KEY (trial, sequence, replica)
) WITHOUT ROWID;
