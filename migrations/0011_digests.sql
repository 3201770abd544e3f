-- Tamper evidence: what the audit said when its day was closed. Links of a chain (src/audit/digest.ts), each over the one before:
-- whoever changes a row of the audit has to make every link after it anew, and those are in the logs too.

-- One link per page of commits: how far a day has been hashed that is not closed, and, later, where a difference is.
CREATE TABLE digest_pages (
  last_no INTEGER PRIMARY KEY,           -- the last commit of the page
  first_no INTEGER NOT NULL,
  rows INTEGER NOT NULL,                 -- decisions and events that its commits name
  digest TEXT NOT NULL,                  -- SHA-256, as hex
  CHECK (first_no <= last_no)
) STRICT, WITHOUT ROWID;

-- One link per closed day, those without a commit among them.
CREATE TABLE digests (
  day TEXT PRIMARY KEY,                  -- UTC: YYYY-MM-DD
  first_no INTEGER NOT NULL,
  last_no INTEGER NOT NULL,              -- first_no - 1 when the day has no commit
  rows INTEGER NOT NULL,
  digest TEXT NOT NULL,
  previous TEXT NOT NULL,                -- digest of the day before; of the first day 64 zeros
  at INTEGER NOT NULL,                   -- when it was closed
  CHECK (last_no >= first_no - 1)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER digest_pages_refuse_update BEFORE UPDATE ON digest_pages
BEGIN SELECT RAISE(ABORT, 'digest_pages are append-only'); END;

CREATE TRIGGER digest_pages_refuse_delete BEFORE DELETE ON digest_pages
BEGIN SELECT RAISE(ABORT, 'digest_pages are append-only'); END;

CREATE TRIGGER digest_pages_keep_first BEFORE INSERT ON digest_pages
WHEN EXISTS (SELECT 1 FROM digest_pages WHERE last_no >= NEW.first_no)
BEGIN SELECT RAISE(IGNORE); END;

CREATE TRIGGER digests_refuse_update BEFORE UPDATE ON digests
BEGIN SELECT RAISE(ABORT, 'digests are append-only'); END;

CREATE TRIGGER digests_refuse_delete BEFORE DELETE ON digests
BEGIN SELECT RAISE(ABORT, 'digests are append-only'); END;

CREATE TRIGGER digests_keep_first BEFORE INSERT ON digests
WHEN EXISTS (SELECT 1 FROM digests WHERE day >= NEW.day)
BEGIN SELECT RAISE(IGNORE); END;
