-- A study's algorithm and stopping rule are a name and those settings that are
-- not left at their defaults, so that a new one needs no new column. What
-- names and settings are legal, core/rule.h knows.
-- The views name `studies`, which is not there for a moment.
PRAGMA legacy_alter_table = ON;
CREATE TABLE new_studies (
  -- AUTOINCREMENT: the id of a deleted study is never given again.
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE,
  revision INTEGER NOT NULL CHECK (revision >= 1),
  state TEXT NOT NULL
    CHECK (state IN ('active', 'paused', 'stopped', 'completed')),
  state_reason TEXT NOT NULL,
  algorithm TEXT NOT NULL,
  algorithm_settings TEXT NOT NULL
    CHECK (json_type(algorithm_settings) = 'object'),
  stopping TEXT NOT NULL,
  stopping_settings TEXT NOT NULL
    CHECK (json_type(stopping_settings) = 'object'),
  stopping_metric TEXT,  -- NULL: the first objective's
  stopping_goal TEXT CHECK (stopping_goal IN ('minimize', 'maximize')),
  max_trials INTEGER,  -- NULL here and in the next three: no limit
  max_parallel INTEGER,
  max_duration INTEGER,
  max_failed INTEGER,  -- NULL: as many as core/study.h says
  task TEXT NOT NULL CHECK (task IN ('none', 'network', 'function')),
  function_name TEXT,
  max_attempts INTEGER NOT NULL,
  seed INTEGER NOT NULL CHECK (seed >= 0),
  create_time INTEGER NOT NULL,
  update_time INTEGER NOT NULL,
  attributes TEXT NOT NULL DEFAULT '{}'
    CHECK (json_type(attributes) = 'object'),
  change INTEGER NOT NULL DEFAULT 0 CHECK (change >= 0),
  CHECK ((stopping_metric IS NULL) = (stopping_goal IS NULL)),
  CHECK ((task = 'function') = (function_name IS NOT NULL))
) STRICT;

INSERT INTO new_studies
  SELECT id, name, revision, state, state_reason, algorithm, '{}', stopping,
    CASE stopping
      WHEN 'median' THEN json_object('min_trials', stopping_min_trials,
        'warmup_steps', stopping_warmup_steps)
      ELSE '{}'
    END,
    stopping_metric, stopping_goal, max_trials, max_parallel, max_duration,
    max_failed, task, function_name, max_attempts, seed, create_time,
    update_time, attributes, change
  FROM studies;

-- The ids that were given stay given.
UPDATE sqlite_sequence
  SET seq = (SELECT seq FROM sqlite_sequence WHERE name = 'studies')
  WHERE name = 'new_studies'
    AND EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'studies');
INSERT INTO sqlite_sequence (name, seq)
  SELECT 'new_studies', seq FROM sqlite_sequence WHERE name = 'studies'
    AND NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'new_studies');
DROP TABLE studies;
ALTER TABLE new_studies RENAME TO studies;
PRAGMA legacy_alter_table = OFF;
