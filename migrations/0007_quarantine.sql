-- What looks like spam, what could not be checked and what is only a test: answered like a lead, kept for 30 days, and no lead
-- until somebody releases it. Rows hold people until they are released or discarded; then they only say so, and keep what
-- comes late (a spill, a retry) from coming back.
CREATE TABLE quarantine (
  id TEXT PRIMARY KEY,                   -- UUIDv7: the lead's id, once it is released
  received_at INTEGER NOT NULL,
  door TEXT NOT NULL,                    -- 'form:contact'
  reason TEXT NOT NULL,                  -- 'honeypot:_gotcha'
  idempotency_key TEXT,                  -- SHA-256 of the caller's key, as hex
  outcome TEXT CHECK (outcome IN ('released', 'discarded')), -- null = it waits
  outcome_at INTEGER,
  outcome_by TEXT,
  event_id TEXT,                         -- the audit event that tells of the outcome
  draft TEXT NOT NULL CHECK (json_valid(draft)), -- the lead without id and received_at; '{}' when it waits no more. Last: to look at the rest reads none of it
  CHECK ((outcome IS NULL) = (outcome_at IS NULL)),
  CHECK ((outcome IS NULL) = (outcome_by IS NULL)),
  CHECK ((outcome IS NULL) = (event_id IS NULL)),
  CHECK (outcome IS NULL OR draft = '{}')
) STRICT, WITHOUT ROWID;

-- "The same key, the same submission."
CREATE UNIQUE INDEX quarantine_by_idempotency_key ON quarantine (idempotency_key) WHERE idempotency_key IS NOT NULL;
