-- Deliveries of webhooks that became no lead when they came: by our own mistake, for want of a contact, or because their
-- signature did not fit. Raw, so that they can be taken once that is mended. Rows hold people: they are gone after 7 days, or
-- when they are taken.
CREATE TABLE webhook_deliveries (
  id TEXT PRIMARY KEY,                   -- UUIDv7: the primary key is the order of arrival
  received_at INTEGER NOT NULL,
  source TEXT NOT NULL,                  -- 'typeform/contact'
  reason TEXT NOT NULL CHECK (reason IN ('bad_signature', 'not_configured', 'retired_key', 'unreadable', 'no_contact', 'too_large')),
  digest TEXT NOT NULL,                  -- SHA-256 of source and body, as hex
  bytes INTEGER NOT NULL,                -- of the body as it came
  headers TEXT NOT NULL CHECK (json_valid(headers)), -- those that the sender's adapter reads
  path_secret TEXT,                      -- SHA-256 of the secret in the path, as hex
  body TEXT NOT NULL                     -- base64url. Last: to look at the rest reads none of it
) STRICT, WITHOUT ROWID;

-- "The same delivery, kept once", however often it is sent again.
CREATE UNIQUE INDEX webhook_deliveries_by_digest ON webhook_deliveries (digest);
-- "Those of one reason", oldest first; and how many came in the last hour, of which only so many are kept.
CREATE INDEX webhook_deliveries_by_reason ON webhook_deliveries (reason, id);

-- What ops are told of a source: once, not for every delivery.
CREATE TABLE webhook_alarms (
  source TEXT NOT NULL,
  reason TEXT NOT NULL,
  raised_at INTEGER NOT NULL,
  told_at INTEGER,                       -- null = still to be told
  standing INTEGER NOT NULL CHECK (standing IN (0, 1)), -- 1 = not told again before a delivery was good
  PRIMARY KEY (source, reason)
) STRICT, WITHOUT ROWID;
