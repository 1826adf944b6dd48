-- What changes by itself while a trial runs; none where nothing does.
ALTER TABLE trial ADD COLUMN schedule_json TEXT;
