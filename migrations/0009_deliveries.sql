-- Outgoing webhooks that need another go, or that nobody takes. A healthy delivery never has a row here: the audit's event
-- `delivered` is all that is written of it. Ids only: what is sent is read when it is sent.
CREATE TABLE deliveries (
  destination TEXT NOT NULL,
  lead_id TEXT NOT NULL,
  generation INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('waiting', 'failed')),
  since INTEGER NOT NULL,                -- when it came onto this list
  due INTEGER NOT NULL,                  -- waiting: the next try; failed: when it is dropped from here
  tries INTEGER NOT NULL DEFAULT 0,
  cause TEXT,                            -- of the last try; null = not tried yet
  PRIMARY KEY (destination, lead_id, generation)
) STRICT, WITHOUT ROWID;

-- "What is due for this destination?": one that is away holds up no other.
CREATE INDEX deliveries_by_due ON deliveries (destination, state, due);
-- "Those of one state", by destination and lead.
CREATE INDEX deliveries_by_state ON deliveries (state, destination, lead_id, generation);

-- Destinations with which something is wrong. A healthy one has no row.
CREATE TABLE destination_troubles (
  destination TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('away', 'unusable', 'gone', 'refused')),
  cause TEXT NOT NULL,
  since INTEGER NOT NULL,
  until INTEGER,                         -- nothing is sent there before; null = gone: until somebody retries; refused: nothing is held back
  failures INTEGER NOT NULL,             -- in a row
  told_at INTEGER,                       -- when ops were told; null = not yet
  PRIMARY KEY (destination, kind)
) STRICT, WITHOUT ROWID;
