-- What left the database for the bucket, part by part. Leads and audit rows may be deleted only by a part that was written, read
-- back and found whole, and the triggers below hold everyone to it.
CREATE TABLE archives (
  key TEXT PRIMARY KEY,                  -- the object's name: 'leads/2026-08-01/0001-….ndjson.gz'; never used twice
  kind TEXT NOT NULL CHECK (kind IN ('leads', 'audit')),
  day TEXT NOT NULL,                     -- UTC, YYYY-MM-DD: of the leads' ids, of the digest that covers the commits
  part INTEGER NOT NULL CHECK (part >= 1),
  state TEXT NOT NULL CHECK (state IN ('writing', 'removing', 'kept', 'discarded')), -- 'removing' only inside one transaction
  first_lead TEXT,
  last_lead TEXT,
  first_no INTEGER,                      -- commits
  last_no INTEGER,
  rows INTEGER NOT NULL,                 -- lines
  erased INTEGER NOT NULL,               -- leads among them of which the person is erased
  bytes INTEGER NOT NULL,                -- of the lines
  sha256 TEXT NOT NULL,
  object_bytes INTEGER NOT NULL,         -- of the compressed object
  object_sha256 TEXT NOT NULL,
  counts TEXT NOT NULL CHECK (json_valid(counts)), -- what the removed rows counted: PartCounts of src/archive/archives.ts
  written_at INTEGER NOT NULL,           -- before the object is put
  removed_at INTEGER,                    -- when its rows left the database
  replaces TEXT,                         -- the part that held the same before a person was erased from it
  listed INTEGER NOT NULL DEFAULT 0 CHECK (listed IN (0, 1)), -- 1 = the day's manifest names it
  CHECK ((kind = 'leads') = (first_lead IS NOT NULL AND last_lead IS NOT NULL)),
  CHECK ((kind = 'audit') = (first_no IS NOT NULL AND last_no IS NOT NULL)),
  CHECK ((state = 'kept') <= (removed_at IS NOT NULL))
) STRICT, WITHOUT ROWID;

-- "The parts of a day", in order; and no number twice.
CREATE UNIQUE INDEX archives_by_day ON archives (kind, day, part) WHERE state IN ('removing', 'kept');
-- "What is not done yet": there is none when all is well.
CREATE INDEX archives_unfinished ON archives (state) WHERE state IN ('writing', 'removing', 'discarded');
-- "Which manifests are behind?"
CREATE INDEX archives_unlisted ON archives (kind, day) WHERE listed = 0;
-- "The other names of these leads", which go with them.
CREATE INDEX lead_aliases_by_lead ON lead_aliases (lead_id);

-- The highest lead and the last commit that were removed. No commit comes late: all up to the mark are gone. Leads may.
INSERT INTO marks (name, value) VALUES ('archive_leads', ''), ('archive_commits', '0');

CREATE TRIGGER archives_written_first BEFORE INSERT ON archives
WHEN NEW.state <> 'writing' OR NEW.removed_at IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'a part of the archive is written first'); END;

CREATE TRIGGER archives_keep_first BEFORE INSERT ON archives
WHEN EXISTS (SELECT 1 FROM archives WHERE key = NEW.key)
  OR (NEW.state IN ('removing', 'kept') AND EXISTS (
    SELECT 1 FROM archives WHERE kind = NEW.kind AND day = NEW.day AND part = NEW.part AND state IN ('removing', 'kept')))
BEGIN SELECT RAISE(IGNORE); END;

CREATE TRIGGER archives_immutable BEFORE UPDATE ON archives
WHEN NOT (
  NEW.key IS OLD.key AND NEW.kind IS OLD.kind AND NEW.day IS OLD.day AND NEW.part IS OLD.part
  AND NEW.first_lead IS OLD.first_lead AND NEW.last_lead IS OLD.last_lead AND NEW.first_no IS OLD.first_no AND NEW.last_no IS OLD.last_no
  AND NEW.rows IS OLD.rows AND NEW.erased IS OLD.erased AND NEW.bytes IS OLD.bytes AND NEW.sha256 IS OLD.sha256
  AND NEW.object_bytes IS OLD.object_bytes AND NEW.object_sha256 IS OLD.object_sha256 AND NEW.counts IS OLD.counts
  AND NEW.written_at IS OLD.written_at AND NEW.replaces IS OLD.replaces
  AND (OLD.removed_at IS NULL OR NEW.removed_at IS OLD.removed_at)
)
BEGIN SELECT RAISE(ABORT, 'a part of the archive is immutable'); END;

-- A part may remove rows only if it holds all that stands there now: a lead that came meanwhile, or a person erased meanwhile,
-- and it is written anew. Leads are immutable but for their erasure, so the same counts are the same rows. Commits go from the first
-- on, only such as their day's digest covers, and never the newest; lines are counted as src/audit/digest-lines.ts makes them.
CREATE TRIGGER archives_removing BEFORE UPDATE OF state ON archives
WHEN NEW.state = 'removing' AND (
  OLD.state = 'writing' AND OLD.replaces IS NULL AND CASE OLD.kind
    WHEN 'leads' THEN (
      SELECT count(*) = OLD.rows AND count(erased_at) = OLD.erased FROM leads WHERE id BETWEEN OLD.first_lead AND OLD.last_lead)
    ELSE OLD.first_no = (SELECT CAST(value AS INTEGER) + 1 FROM marks WHERE name = 'archive_commits')
      AND OLD.last_no <= (SELECT last_no FROM digests WHERE day = OLD.day)
      AND OLD.last_no < (SELECT max(no) FROM commits)
      AND OLD.rows = (
        SELECT sum(1 + (SELECT count(k.value) FROM json_each(c.keys) k)) FROM commits c WHERE c.no BETWEEN OLD.first_no AND OLD.last_no)
  END
) IS NOT TRUE
BEGIN SELECT RAISE(ABORT, 'the part does not hold what stands there'); END;

CREATE TRIGGER archives_kept BEFORE UPDATE OF state ON archives
WHEN NEW.state = 'kept' AND OLD.state <> 'kept' AND NOT CASE OLD.state
  WHEN 'removing' THEN CASE OLD.kind
    WHEN 'leads' THEN NOT EXISTS (SELECT 1 FROM leads WHERE id BETWEEN OLD.first_lead AND OLD.last_lead)
    ELSE NOT EXISTS (SELECT 1 FROM commits WHERE no BETWEEN OLD.first_no AND OLD.last_no) END
  WHEN 'writing' THEN EXISTS (
    SELECT 1 FROM archives b WHERE b.key = OLD.replaces AND b.state = 'discarded' AND b.kind = OLD.kind AND b.day = OLD.day
      AND b.part = OLD.part AND b.first_lead = OLD.first_lead AND b.last_lead = OLD.last_lead AND b.rows = OLD.rows)
  ELSE 0
END
BEGIN SELECT RAISE(ABORT, 'a part is kept once its rows are removed, or in place of another'); END;

CREATE TRIGGER archives_discarded BEFORE UPDATE OF state ON archives
WHEN NEW.state = 'discarded' AND NOT (OLD.state IN ('writing', 'discarded') OR (OLD.state = 'kept' AND EXISTS (
  SELECT 1 FROM archives n WHERE n.state IN ('writing', 'removing', 'discarded') AND n.state = 'writing' AND n.replaces = OLD.key)))
BEGIN SELECT RAISE(ABORT, 'a kept part goes only for one that replaces it'); END;

CREATE TRIGGER archives_not_unwritten BEFORE UPDATE OF state ON archives
WHEN NEW.state = 'writing' AND OLD.state <> 'writing'
BEGIN SELECT RAISE(ABORT, 'a part is written once'); END;

CREATE TRIGGER archives_refuse_delete BEFORE DELETE ON archives
WHEN OLD.state NOT IN ('writing', 'discarded')
BEGIN SELECT RAISE(ABORT, 'a kept part stays on record'); END;

-- The marks of the archive only rise, and only to the end of the part that is being removed.

CREATE TRIGGER marks_archive_raised BEFORE UPDATE ON marks
WHEN (OLD.name IN ('archive_leads', 'archive_commits') OR NEW.name IN ('archive_leads', 'archive_commits')) AND NOT (
  NEW.name = OLD.name AND EXISTS (
    SELECT 1 FROM archives a
    WHERE a.state IN ('writing', 'removing', 'discarded') AND a.state = 'removing' AND CASE OLD.name
      WHEN 'archive_leads' THEN a.kind = 'leads' AND a.last_lead = NEW.value AND NEW.value > OLD.value
      ELSE a.kind = 'audit' AND CAST(a.last_no AS TEXT) = NEW.value AND a.first_no = CAST(OLD.value AS INTEGER) + 1
    END
  )
)
BEGIN SELECT RAISE(ABORT, 'a mark of the archive names what was archived'); END;

CREATE TRIGGER marks_archive_kept BEFORE DELETE ON marks
WHEN OLD.name IN ('archive_leads', 'archive_commits')
BEGIN SELECT RAISE(ABORT, 'a mark of the archive names what was archived'); END;

CREATE TRIGGER marks_archive_keep_first BEFORE INSERT ON marks
WHEN NEW.name IN ('archive_leads', 'archive_commits') AND EXISTS (SELECT 1 FROM marks WHERE name = NEW.name)
BEGIN SELECT RAISE(IGNORE); END;

-- A lead goes with the part that holds it, decided and with nothing left to do, and after its other names: one that came after the
-- part was written is not among those that go, and keeps the lead.
CREATE TRIGGER leads_refuse_delete BEFORE DELETE ON leads
WHEN NOT EXISTS (
    SELECT 1 FROM archives a WHERE a.state IN ('writing', 'removing', 'discarded') AND a.state = 'removing'
      AND OLD.id BETWEEN a.first_lead AND a.last_lead)
  OR NOT EXISTS (SELECT 1 FROM decisions WHERE lead_id = OLD.id)
  OR EXISTS (SELECT 1 FROM pending WHERE lead_id = OLD.id)
  OR EXISTS (SELECT 1 FROM lead_aliases WHERE lead_id = OLD.id)
BEGIN SELECT RAISE(ABORT, 'a lead goes only once it is archived'); END;

-- Audit rows go at or below the archive's mark, and never before the lead that they are about: a lead without its decision would be
-- decided again. The newest commit stays whatever the mark says: the next one takes the number after it.

DROP TRIGGER decisions_refuse_delete;
CREATE TRIGGER decisions_refuse_delete BEFORE DELETE ON decisions
WHEN OLD.commit_no > coalesce((SELECT CAST(value AS INTEGER) FROM marks WHERE name = 'archive_commits'), 0)
  OR EXISTS (SELECT 1 FROM leads WHERE id = OLD.lead_id)
BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END;

DROP TRIGGER events_refuse_delete;
CREATE TRIGGER events_refuse_delete BEFORE DELETE ON events
WHEN OLD.commit_no > coalesce((SELECT CAST(value AS INTEGER) FROM marks WHERE name = 'archive_commits'), 0)
  OR (OLD.subject_type = 'lead' AND EXISTS (SELECT 1 FROM leads WHERE id = OLD.subject_id))
BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;

DROP TRIGGER commits_refuse_delete;
CREATE TRIGGER commits_refuse_delete BEFORE DELETE ON commits
WHEN OLD.no > coalesce((SELECT CAST(value AS INTEGER) FROM marks WHERE name = 'archive_commits'), 0)
  OR OLD.no = (SELECT max(no) FROM commits)
BEGIN SELECT RAISE(ABORT, 'commits are append-only'); END;
