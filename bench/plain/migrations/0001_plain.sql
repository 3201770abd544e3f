-- A router as it is mostly written: text keys, a row for each thing that happens, an index for each thing that is looked up.

CREATE TABLE leads (
  id TEXT PRIMARY KEY,
  created_at INTEGER NOT NULL,
  email TEXT,
  phone TEXT,
  name TEXT,
  company TEXT,
  company_domain TEXT,
  country_code TEXT,
  source TEXT,
  score REAL,
  fields TEXT NOT NULL,
  status TEXT NOT NULL DEFAULT 'received'
);
CREATE INDEX leads_email ON leads (email);

CREATE TABLE assignments (
  id TEXT PRIMARY KEY,
  lead_id TEXT NOT NULL UNIQUE REFERENCES leads (id),
  rep_id TEXT,
  pod_id TEXT,
  rule TEXT NOT NULL,
  reason TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  notified_at INTEGER
);
CREATE INDEX assignments_rep ON assignments (rep_id, created_at);

CREATE TABLE audit_log (
  id TEXT PRIMARY KEY,
  lead_id TEXT NOT NULL,
  event TEXT NOT NULL,
  detail TEXT NOT NULL,
  created_at INTEGER NOT NULL
);
CREATE INDEX audit_log_lead ON audit_log (lead_id);

CREATE TABLE accounts (
  domain TEXT PRIMARY KEY,
  owner_id TEXT NOT NULL
);
