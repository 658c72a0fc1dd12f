-- The changes in a study are counted, those of its own record and those of its
-- trials (their measurements too) together; each record has the number of its
-- last one. Who has seen all up to a number asks for what is above it.
ALTER TABLE studies ADD COLUMN change INTEGER NOT NULL DEFAULT 0
  CHECK (change >= 0);
ALTER TABLE trials ADD COLUMN change INTEGER NOT NULL DEFAULT 0
  CHECK (change >= 0);
CREATE INDEX trials_by_change ON trials (study, change);
