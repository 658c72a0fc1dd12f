-- What people note on a study or a trial: names and texts.
ALTER TABLE studies ADD COLUMN attributes TEXT NOT NULL DEFAULT '{}'
  CHECK (json_type(attributes) = 'object');
ALTER TABLE trials ADD COLUMN attributes TEXT NOT NULL DEFAULT '{}'
  CHECK (json_type(attributes) = 'object');
-- Of the call that created the trial, so that a repeated call is known; empty:
-- it had none, or the search created the trial.
ALTER TABLE trials ADD COLUMN request_id TEXT NOT NULL DEFAULT '';
-- Likewise, of the call that began the attempt without a lease.
ALTER TABLE attempts ADD COLUMN request_id TEXT NOT NULL DEFAULT '';
-- The trial of the same study that this one tries again.
ALTER TABLE trials ADD COLUMN retry_of INTEGER CHECK (retry_of >= 1);
