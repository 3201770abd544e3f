-- What ops are told of the router as a whole: that a limit was reached, once, and that it is over. An alert that is quiet has no
-- row.
CREATE TABLE alerts (
  name TEXT PRIMARY KEY,
  raised_at INTEGER,                     -- null = it is over, and ops have still to hear so; with 'over': they never heard of it
  calm_since INTEGER,                    -- since when the value is well below the limit, or not known; null = it is neither
  news TEXT CHECK (news IN ('raised', 'standing', 'worse', 'over')), -- what ops have still to be told; null = nothing
  told_at INTEGER,                       -- when they were told last, of whatever; null = never since it was raised
  told_value REAL                        -- the value that they were told last
) STRICT, WITHOUT ROWID;

-- Leads that were given up on: that no pass could route, or of which nobody could be told. For a week.
CREATE TABLE dead_letters (
  lead_id TEXT NOT NULL,
  generation INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('route', 'notify')),
  at INTEGER NOT NULL,
  PRIMARY KEY (lead_id, generation, kind)
) STRICT, WITHOUT ROWID;

-- "How many in the last hour?", and which are a week old.
CREATE INDEX dead_letters_by_at ON dead_letters (at);

-- "Which lead waits longest for its decision?", whatever else waits, and however many leads stand in a pod's line: those that
-- were tried in vain, and those that are due. A healthy lead has no such row.
CREATE INDEX pending_routes_in_vain ON pending (lead_id) WHERE kind = 'route' AND tries >= 2;
CREATE INDEX pending_routes_by_due ON pending (due) WHERE kind = 'route';
