-- An event log: `leads` (immutable but for erasure) and the audit tables `decisions`, `events` and
-- `commits` (append-only, and the triggers of 0002 hold everyone to it). What a lead's state is *now*
-- is derived. Instants are milliseconds since the epoch. Every index adds a row written to each
-- insert: each one here names the query it serves.

CREATE TABLE leads (
  id TEXT PRIMARY KEY,                   -- UUIDv7: the primary key is the order of arrival
  received_at INTEGER NOT NULL,
  email TEXT,
  phone TEXT,
  name TEXT,
  company TEXT,
  company_domain TEXT,
  country_code TEXT,                     -- ISO 3166-1 alpha-2
  region TEXT,
  source TEXT,
  score REAL,
  fields TEXT NOT NULL CHECK (json_valid(fields)),
  idempotency_key TEXT,                  -- SHA-256 of the caller's key, as hex
  erased_at INTEGER
) STRICT, WITHOUT ROWID;

-- "Every lead of this person", newest first.
CREATE INDEX leads_by_email ON leads (email, id) WHERE email IS NOT NULL;
-- "The same key, the same lead."
CREATE UNIQUE INDEX leads_by_idempotency_key ON leads (idempotency_key) WHERE idempotency_key IS NOT NULL;

-- A spilled lead whose idempotency key already belonged to another lead: its caller was given `id`,
-- and asks for it by that name.
CREATE TABLE lead_aliases (
  id TEXT PRIMARY KEY,
  lead_id TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE decisions (
  lead_id TEXT NOT NULL,
  generation INTEGER NOT NULL CHECK (generation >= 1),
  outcome TEXT NOT NULL CHECK (outcome IN ('assigned', 'unassigned')),
  owner_id TEXT,
  day TEXT,                              -- the owner's local date at the claim, frozen: YYYY-MM-DD
  pod_id TEXT,
  claim_seq INTEGER,                     -- number of the claim in its pod; (pod, rep) names no claim
  rule TEXT,
  reason TEXT NOT NULL,
  trail TEXT NOT NULL CHECK (json_valid(trail)),
  chain_version TEXT NOT NULL,
  decided_at INTEGER NOT NULL,           -- the instant of the claim
  committed_at INTEGER NOT NULL,
  commit_no INTEGER NOT NULL,
  attempts INTEGER NOT NULL,             -- deliveries it took
  decided_by TEXT NOT NULL,              -- 'router', or the name of who asked for it
  PRIMARY KEY (lead_id, generation),
  CHECK ((outcome = 'assigned') = (owner_id IS NOT NULL)),
  CHECK ((owner_id IS NULL) = (day IS NULL)),
  CHECK ((pod_id IS NULL) = (claim_seq IS NULL))
) STRICT, WITHOUT ROWID;

-- "This rep's leads", and the count behind a person's own cap.
CREATE INDEX decisions_by_owner ON decisions (owner_id, day, lead_id) WHERE owner_id IS NOT NULL;

CREATE TABLE events (
  subject_type TEXT NOT NULL,            -- lead | rep | member | absence | account
  subject_id TEXT NOT NULL,              -- the lead's id, 'bo', 'dach/bo', 'bo/summer', 'acme.com'
  id TEXT NOT NULL,                      -- UUIDv7
  generation INTEGER,
  kind TEXT NOT NULL,
  actor TEXT NOT NULL,
  occurred_at INTEGER NOT NULL,
  commit_no INTEGER NOT NULL,
  detail TEXT NOT NULL CHECK (json_valid(detail)),
  PRIMARY KEY (subject_type, subject_id, id)
) STRICT, WITHOUT ROWID;

-- One row per transaction that wrote audit rows, numbered inside it: a strict order for paging and
-- digests at a tenth of a row a lead. `keys` names the rows:
-- ["decision", lead_id, generation] or ["event", subject_type, subject_id, id].
CREATE TABLE commits (
  no INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  keys TEXT NOT NULL CHECK (json_valid(keys))
) STRICT;

-- Only what needs another go; a healthy lead never has a row here. A `route` row of generation n > 1
-- is the intent to re-route: without it no decision of that generation is taken.
CREATE TABLE pending (
  lead_id TEXT NOT NULL,
  generation INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('route', 'notify', 'release', 'debit')),
  due INTEGER NOT NULL,
  tries INTEGER NOT NULL DEFAULT 0,
  args TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(args)),
  PRIMARY KEY (lead_id, generation, kind)
) STRICT, WITHOUT ROWID;

-- "What is due?", asked by the sweep.
CREATE INDEX pending_by_due ON pending (due);

-- How far the sweep has looked.
CREATE TABLE marks (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO marks (name, value) VALUES ('sweep', '');

CREATE TABLE reps (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  email TEXT,
  slack_user_id TEXT,
  time_zone TEXT NOT NULL,               -- IANA
  working_hours TEXT CHECK (working_hours IS NULL OR json_valid(working_hours)),
  daily_cap INTEGER CHECK (daily_cap >= 0), -- over all pods, account matches and hand assignments
  active INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
  rev INTEGER NOT NULL DEFAULT 1
) STRICT, WITHOUT ROWID;

CREATE TABLE members (
  pod_id TEXT NOT NULL,
  rep_id TEXT NOT NULL REFERENCES reps (id),
  weight INTEGER NOT NULL DEFAULT 1 CHECK (weight BETWEEN 1 AND 1000),
  daily_cap INTEGER CHECK (daily_cap >= 0),
  open_cap INTEGER CHECK (open_cap >= 0),
  joined_at INTEGER NOT NULL,            -- join order: the last tie-break of the ledger
  PRIMARY KEY (pod_id, rep_id)
) STRICT, WITHOUT ROWID;

-- "Which pods is this rep in?"
CREATE INDEX members_by_rep ON members (rep_id);

CREATE TABLE absences (
  rep_id TEXT NOT NULL REFERENCES reps (id),
  id TEXT NOT NULL,
  from_at INTEGER NOT NULL,
  until_at INTEGER NOT NULL,             -- exclusive
  note TEXT,
  PRIMARY KEY (rep_id, id),
  CHECK (until_at > from_at)
) STRICT, WITHOUT ROWID;

CREATE TABLE accounts (
  domain TEXT PRIMARY KEY,               -- registrable domain, lower case
  account_id TEXT NOT NULL,
  name TEXT NOT NULL,
  owner_id TEXT NOT NULL                 -- no foreign key: CRMs name owners who are no reps, and the trail says so
) STRICT, WITHOUT ROWID;

-- Rises with every change that a pod's roster shows. A pod that is behind it asks for the roster.
CREATE TABLE pod_versions (
  pod_id TEXT PRIMARY KEY,
  version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
