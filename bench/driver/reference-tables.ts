/** Columns, key and indexes of the router's `leads` and `decisions`, without triggers and checks. */
export const REFERENCE_TABLES = [
  `CREATE TABLE leads (
    id TEXT PRIMARY KEY, received_at INTEGER NOT NULL, email TEXT, phone TEXT, name TEXT, company TEXT,
    company_domain TEXT, country_code TEXT, region TEXT, source TEXT, score REAL, fields TEXT NOT NULL,
    idempotency_key TEXT, erased_at INTEGER
  ) STRICT, WITHOUT ROWID`,
  `CREATE INDEX leads_by_email ON leads (email, id)`,
  `CREATE TABLE decisions (
    lead_id TEXT NOT NULL, generation INTEGER NOT NULL, outcome TEXT NOT NULL, owner_id TEXT NOT NULL, day TEXT NOT NULL,
    rule TEXT NOT NULL, decided_at INTEGER NOT NULL, PRIMARY KEY (lead_id, generation)
  ) STRICT, WITHOUT ROWID`,
  `CREATE INDEX decisions_by_owner ON decisions (owner_id, day, lead_id)`,
];

/** Reps who take turns, on both sides. */
export const REPS = 20;
