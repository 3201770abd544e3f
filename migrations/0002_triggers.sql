-- Append-only for real. UPDATE and DELETE are refused; an INSERT onto a key that stands is ignored,
-- because INSERT OR REPLACE passes UPDATE and DELETE triggers by and would overwrite the row.

CREATE TRIGGER decisions_refuse_update BEFORE UPDATE ON decisions
BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END;

CREATE TRIGGER decisions_refuse_delete BEFORE DELETE ON decisions
BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END;

CREATE TRIGGER decisions_keep_first BEFORE INSERT ON decisions
WHEN EXISTS (SELECT 1 FROM decisions WHERE lead_id = NEW.lead_id AND generation = NEW.generation)
BEGIN SELECT RAISE(IGNORE); END;

CREATE TRIGGER events_refuse_update BEFORE UPDATE ON events
BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;

CREATE TRIGGER events_refuse_delete BEFORE DELETE ON events
BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;

CREATE TRIGGER events_keep_first BEFORE INSERT ON events
WHEN EXISTS (SELECT 1 FROM events WHERE subject_type = NEW.subject_type AND subject_id = NEW.subject_id AND id = NEW.id)
BEGIN SELECT RAISE(IGNORE); END;

CREATE TRIGGER commits_refuse_update BEFORE UPDATE ON commits
BEGIN SELECT RAISE(ABORT, 'commits are append-only'); END;

CREATE TRIGGER commits_refuse_delete BEFORE DELETE ON commits
BEGIN SELECT RAISE(ABORT, 'commits are append-only'); END;

CREATE TRIGGER commits_keep_first BEFORE INSERT ON commits
WHEN EXISTS (SELECT 1 FROM commits WHERE no = NEW.no)
BEGIN SELECT RAISE(IGNORE); END;

-- A lead is written once: an INSERT OR REPLACE onto its id or its idempotency key is ignored.
CREATE TRIGGER leads_keep_first BEFORE INSERT ON leads
WHEN EXISTS (SELECT 1 FROM leads WHERE id = NEW.id)
  OR EXISTS (SELECT 1 FROM leads WHERE idempotency_key = NEW.idempotency_key AND idempotency_key IS NOT NULL)
BEGIN SELECT RAISE(IGNORE); END;

-- The one change it can see is its erasure, and that leaves nothing personal and changes nothing else.
CREATE TRIGGER leads_only_erased BEFORE UPDATE ON leads
WHEN NOT (
  OLD.erased_at IS NULL AND NEW.erased_at IS NOT NULL
  AND NEW.email IS NULL AND NEW.phone IS NULL AND NEW.name IS NULL AND NEW.company IS NULL AND NEW.fields = '{}'
  AND NEW.id IS OLD.id AND NEW.received_at IS OLD.received_at AND NEW.company_domain IS OLD.company_domain
  AND NEW.country_code IS OLD.country_code AND NEW.region IS OLD.region AND NEW.source IS OLD.source
  AND NEW.score IS OLD.score AND NEW.idempotency_key IS OLD.idempotency_key
)
BEGIN SELECT RAISE(ABORT, 'a lead is immutable but for its erasure'); END;

-- A lead that lands at or behind the sweep's mark (a slow clock, a late spill) would never be looked
-- at: it brings its own pending row. 60 s is the sweep's grace, GRACE_MS in src/sweep/sweep.ts.
CREATE TRIGGER leads_behind_the_mark AFTER INSERT ON leads
WHEN NEW.id <= (SELECT value FROM marks WHERE name = 'sweep')
BEGIN
  INSERT INTO pending (lead_id, generation, kind, due) VALUES (NEW.id, 1, 'route', NEW.received_at + 60000)
  ON CONFLICT DO NOTHING;
END;

-- Versions rise with each change, whoever makes it.

CREATE TRIGGER members_added AFTER INSERT ON members
BEGIN
  INSERT INTO pod_versions (pod_id, version) VALUES (NEW.pod_id, 1)
  ON CONFLICT (pod_id) DO UPDATE SET version = version + 1;
END;

CREATE TRIGGER members_changed AFTER UPDATE ON members
BEGIN
  UPDATE pod_versions SET version = version + 1 WHERE pod_id IN (OLD.pod_id, NEW.pod_id);
END;

CREATE TRIGGER members_removed AFTER DELETE ON members
BEGIN
  UPDATE pod_versions SET version = version + 1 WHERE pod_id = OLD.pod_id;
END;

CREATE TRIGGER reps_changed
AFTER UPDATE OF name, email, slack_user_id, time_zone, working_hours, daily_cap, active ON reps
BEGIN
  UPDATE reps SET rev = OLD.rev + 1 WHERE id = NEW.id;
  UPDATE pod_versions SET version = version + 1 WHERE pod_id IN (SELECT pod_id FROM members WHERE rep_id = NEW.id);
END;

CREATE TRIGGER absences_added AFTER INSERT ON absences
BEGIN
  UPDATE reps SET rev = rev + 1 WHERE id = NEW.rep_id;
  UPDATE pod_versions SET version = version + 1 WHERE pod_id IN (SELECT pod_id FROM members WHERE rep_id = NEW.rep_id);
END;

CREATE TRIGGER absences_changed AFTER UPDATE ON absences
BEGIN
  UPDATE reps SET rev = rev + 1 WHERE id IN (OLD.rep_id, NEW.rep_id);
  UPDATE pod_versions SET version = version + 1 WHERE pod_id IN (SELECT pod_id FROM members WHERE rep_id = NEW.rep_id);
END;

CREATE TRIGGER absences_removed AFTER DELETE ON absences
BEGIN
  UPDATE reps SET rev = rev + 1 WHERE id = OLD.rep_id;
  UPDATE pod_versions SET version = version + 1 WHERE pod_id IN (SELECT pod_id FROM members WHERE rep_id = OLD.rep_id);
END;
