-- Studies, their trials and all that was measured. docs/storage.md explains the
-- tables. Times are microseconds since 1970-01-01 UTC, durations microseconds.
-- The CHECKs say again what core/study.h and core/trial.h say with types.

CREATE TABLE studies (
  -- AUTOINCREMENT: the id of a deleted study is never given again.
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE,
  revision INTEGER NOT NULL CHECK (revision >= 1),
  state TEXT NOT NULL
    CHECK (state IN ('active', 'paused', 'stopped', 'completed')),
  state_reason TEXT NOT NULL,
  algorithm TEXT NOT NULL CHECK (algorithm IN ('random', 'grid')),
  stopping TEXT NOT NULL CHECK (stopping IN ('none', 'median')),
  stopping_min_trials INTEGER,
  stopping_warmup_steps INTEGER,
  stopping_metric TEXT,  -- NULL: the first objective's
  stopping_goal TEXT CHECK (stopping_goal IN ('minimize', 'maximize')),
  max_trials INTEGER,  -- NULL here and in the next two: no limit
  max_parallel INTEGER,
  max_duration INTEGER,
  task TEXT NOT NULL CHECK (task IN ('none', 'network', 'function')),
  function_name TEXT,
  max_attempts INTEGER NOT NULL,
  seed INTEGER NOT NULL CHECK (seed >= 0),
  create_time INTEGER NOT NULL,
  update_time INTEGER NOT NULL,
  CHECK ((stopping = 'median') = (stopping_min_trials IS NOT NULL)),
  CHECK ((stopping = 'median') = (stopping_warmup_steps IS NOT NULL)),
  CHECK (stopping = 'median' OR stopping_metric IS NULL),
  CHECK ((stopping_metric IS NULL) = (stopping_goal IS NULL)),
  CHECK ((task = 'function') = (function_name IS NOT NULL))
) STRICT;

CREATE TABLE objectives (
  study INTEGER NOT NULL REFERENCES studies ON DELETE CASCADE,
  position INTEGER NOT NULL CHECK (position >= 0),  -- 0: the one that ranks
  metric TEXT NOT NULL,
  goal TEXT NOT NULL CHECK (goal IN ('minimize', 'maximize')),
  PRIMARY KEY (study, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE parameters (
  study INTEGER NOT NULL REFERENCES studies ON DELETE CASCADE,
  position INTEGER NOT NULL CHECK (position >= 0),
  name TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('double', 'int', 'discrete', 'choice')),
  min ANY,
  max ANY,
  scale TEXT CHECK (scale IN ('linear', 'log', 'reverse_log')),
  step ANY,
  points INTEGER,
  value_list TEXT CHECK (json_type(value_list) = 'array'),
  when_parameter TEXT,
  when_values TEXT CHECK (json_type(when_values) = 'array'),
  PRIMARY KEY (study, position),
  CHECK (CASE kind
    WHEN 'double' THEN typeof(min) = 'real' AND typeof(max) = 'real'
      AND typeof(step) IN ('real', 'null')
    WHEN 'int' THEN typeof(min) = 'integer' AND typeof(max) = 'integer'
      AND typeof(step) = 'integer'
    ELSE min IS NULL AND max IS NULL AND step IS NULL AND points IS NULL
    END),
  CHECK ((kind IN ('double', 'int')) = (scale IS NOT NULL)),
  CHECK ((kind IN ('discrete', 'choice')) = (value_list IS NOT NULL)),
  CHECK ((when_parameter IS NULL) = (when_values IS NULL))
) STRICT, WITHOUT ROWID;

-- Partial assignments that are never tried.
CREATE TABLE forbidden (
  study INTEGER NOT NULL REFERENCES studies ON DELETE CASCADE,
  position INTEGER NOT NULL CHECK (position >= 0),
  assignment TEXT NOT NULL CHECK (json_type(assignment) = 'object'),
  PRIMARY KEY (study, position)
) STRICT, WITHOUT ROWID;

-- What every trial of a network study has in common.
CREATE TABLE train_settings (
  study INTEGER NOT NULL REFERENCES studies ON DELETE CASCADE,
  name TEXT NOT NULL,
  value TEXT NOT NULL CHECK (json_valid(value)),
  PRIMARY KEY (study, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE trials (
  study INTEGER NOT NULL REFERENCES studies ON DELETE CASCADE,
  number INTEGER NOT NULL CHECK (number >= 1),
  revision INTEGER NOT NULL CHECK (revision >= 1),
  -- With OR, as SQLite builds a table for a longer IN each time it checks one.
  state TEXT NOT NULL CHECK (state = 'waiting' OR state = 'running'
    OR state = 'completed' OR state = 'pruned' OR state = 'infeasible'
    OR state = 'failed' OR state = 'cancelled'),
  parameters TEXT NOT NULL CHECK (json_type(parameters) = 'object'),
  tag TEXT NOT NULL,
  seen_revision INTEGER NOT NULL,
  attempt INTEGER NOT NULL CHECK (attempt >= 0),  -- the last; 0: none yet
  lost INTEGER CHECK (lost BETWEEN 0 AND attempt),
  lease_worker TEXT,
  lease_deadline INTEGER,
  stop_requested TEXT,
  objective REAL,  -- the first, which ranks
  more_objectives TEXT CHECK (json_type(more_objectives) = 'array'),
  reason TEXT,  -- why pruned, infeasible or cancelled
  cause TEXT,  -- why failed, as a word...
  message TEXT,  -- ...and for a person
  create_time INTEGER NOT NULL,
  start_time INTEGER,
  end_time INTEGER,
  PRIMARY KEY (study, number),
  CHECK ((state = 'running') = (lease_worker IS NOT NULL)),
  CHECK ((state = 'running') = (lease_deadline IS NOT NULL)),
  CHECK (state = 'running' OR stop_requested IS NULL),
  CHECK ((state IN ('waiting', 'running')) = (lost IS NOT NULL)),
  CHECK ((state = 'completed') = (objective IS NOT NULL)),
  CHECK (state = 'completed' OR more_objectives IS NULL),
  CHECK ((state = 'pruned' OR state = 'infeasible' OR state = 'cancelled')
    = (reason IS NOT NULL)),
  CHECK ((state = 'failed') = (cause IS NOT NULL)),
  CHECK ((state = 'failed') = (message IS NOT NULL)),
  CHECK (attempt >= 1 OR state IN ('waiting', 'cancelled')),
  CHECK ((attempt >= 1) = (start_time IS NOT NULL)),
  CHECK ((state IN ('waiting', 'running')) = (end_time IS NULL))
) STRICT, WITHOUT ROWID;

CREATE INDEX trials_by_state ON trials (study, state);
CREATE INDEX trials_by_objective ON trials (study, objective, number)
  WHERE state = 'completed';

-- Every try at a trial, kept for as long as its study.
CREATE TABLE attempts (
  study INTEGER NOT NULL,
  trial INTEGER NOT NULL,
  number INTEGER NOT NULL CHECK (number >= 1),
  worker TEXT NOT NULL,
  start_time INTEGER NOT NULL,
  end_time INTEGER,
  outcome TEXT NOT NULL,  -- empty while it runs
  PRIMARY KEY (study, trial, number),
  FOREIGN KEY (study, trial) REFERENCES trials ON DELETE CASCADE,
  CHECK ((end_time IS NULL) = (outcome = ''))
) STRICT, WITHOUT ROWID;

CREATE TABLE measurements (
  study INTEGER NOT NULL,
  trial INTEGER NOT NULL,
  step INTEGER NOT NULL CHECK (step >= 0),
  metric TEXT NOT NULL,
  -- NULL: not a number, which SQLite cannot hold. ANY, because a REAL column
  -- would turn -0.0 into 0.0.
  value ANY CHECK (typeof(value) IN ('real', 'null')),
  PRIMARY KEY (study, trial, step, metric),
  FOREIGN KEY (study, trial) REFERENCES trials ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- The last value of each metric of each trial: follows `measurements`, so that
-- nobody needs to walk a long trial to know where it stands.
CREATE TABLE latest_metrics (
  study INTEGER NOT NULL,
  trial INTEGER NOT NULL,
  metric TEXT NOT NULL,
  step INTEGER NOT NULL,
  value ANY,
  PRIMARY KEY (study, trial, metric),
  FOREIGN KEY (study, trial) REFERENCES trials ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TRIGGER measurements_keep_latest AFTER INSERT ON measurements BEGIN
  INSERT INTO latest_metrics (study, trial, metric, step, value)
  VALUES (NEW.study, NEW.trial, NEW.metric, NEW.step, NEW.value)
  ON CONFLICT DO UPDATE SET step = NEW.step, value = NEW.value
  WHERE NEW.step > step;
END;

-- For people: one row a trial.
CREATE VIEW trials_flat AS
SELECT
  s.name AS study,
  t.number AS trial,
  t.state AS state,
  t.objective AS objective,
  t.parameters AS parameters,
  (SELECT json_group_object(m.metric, CASE
     WHEN m.value IS NULL THEN 'NaN'
     WHEN m.value = 9e999 THEN 'Infinity'
     WHEN m.value = -9e999 THEN '-Infinity'
     ELSE m.value END)
   FROM latest_metrics AS m
   WHERE m.study = t.study AND m.trial = t.number) AS metrics,
  (SELECT a.worker FROM attempts AS a
   WHERE a.study = t.study AND a.trial = t.number
   ORDER BY a.number DESC LIMIT 1) AS worker,
  (SELECT count(*) FROM attempts AS a
   WHERE a.study = t.study AND a.trial = t.number) AS attempts,
  strftime('%Y-%m-%dT%H:%M:%fZ', t.start_time / 1e6, 'unixepoch') AS started,
  strftime('%Y-%m-%dT%H:%M:%fZ', t.end_time / 1e6, 'unixepoch') AS finished
FROM trials AS t JOIN studies AS s ON s.id = t.study
ORDER BY t.study, t.number;

-- For people: the completed trials of each study, best first.
CREATE VIEW best_trials AS
WITH ranked AS (
  SELECT
    t.study AS study,
    t.number AS number,
    row_number() OVER (
      PARTITION BY t.study
      ORDER BY iif(o.goal = 'maximize', -t.objective, t.objective), t.number
    ) AS rank
  FROM trials AS t
  JOIN objectives AS o ON o.study = t.study AND o.position = 0
  WHERE t.state = 'completed'
)
SELECT f.study AS study, r.rank AS rank, f.trial AS trial, f.state AS state,
  f.objective AS objective, f.parameters AS parameters, f.metrics AS metrics,
  f.worker AS worker, f.attempts AS attempts, f.started AS started,
  f.finished AS finished
FROM ranked AS r
JOIN studies AS s ON s.id = r.study
JOIN trials_flat AS f ON f.study = s.name AND f.trial = r.number
ORDER BY r.study, r.rank;
