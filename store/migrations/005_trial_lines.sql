-- What a person wrote about a trial, whether it stands first, and what it came to (none until it has been worked out).
ALTER TABLE trial ADD COLUMN note TEXT NOT NULL DEFAULT '';
ALTER TABLE trial ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0;
ALTER TABLE trial ADD COLUMN figures_json TEXT;

-- Why a trial is not shown: 'deleted' (it may come back), 'importing' (not complete yet), 'condemned' (being removed).
ALTER TABLE trial ADD COLUMN hidden TEXT;
CREATE INDEX hidden_trial ON trial (hidden) WHERE hidden IS NOT NULL;
