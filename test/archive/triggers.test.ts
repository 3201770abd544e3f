import { describe, expect, it } from "vitest";
import { DAY, LONG_AGO, openArchive } from "./past.ts";

/** Leads and audit of a day archived, of two more not. */
async function openHalf() {
  const world = openArchive();
  world.past.addDay(LONG_AGO, 20);
  world.past.addToday();
  await world.closeDays();
  await world.tend();
  world.past.addDay(LONG_AGO + DAY, 20);
  world.past.addDay(LONG_AGO + 2 * DAY, 20);
  const tables = ["leads", "decisions", "events", "commits", "archives", "marks"];
  return {
    ...world,
    everything: () => tables.map((table) => world.select(`SELECT * FROM ${table}`)),
  };
}

const NEW_PART = `INSERT INTO archives (key, kind, day, part, state, first_lead, last_lead, rows, erased, bytes, sha256, object_bytes,
  object_sha256, counts, written_at)`;
const part = (state: string, rows: string, erased = "0") => `${NEW_PART}
  SELECT 'made up', 'leads', '2026-08-15', 1, '${state}', min(id), max(id), ${rows}, ${erased}, 0, '', 0, '', '{}', 0 FROM leads`;
const auditPart = (
  first: number,
  last: number,
) => `INSERT INTO archives (key, kind, day, part, state, first_no, last_no, rows, erased, bytes,
  sha256, object_bytes, object_sha256, counts, written_at)
  VALUES ('made up', 'audit', '2026-08-15', 1, 'writing', ${first}, ${last}, 1, 0, 0, '', 0, '', '{}', 0)`;
const REMOVING = "UPDATE archives SET state = 'removing' WHERE key = 'made up'";

describe("from outside, without a part of the archive that holds it, nothing goes", () => {
  it.each([
    "DELETE FROM leads",
    "DELETE FROM decisions",
    "DELETE FROM events",
    "DELETE FROM commits",
    // The marks.
    "UPDATE marks SET value = '99' WHERE name = 'archive_commits'; DELETE FROM commits",
    "UPDATE marks SET value = '0' WHERE name = 'archive_commits'",
    "UPDATE marks SET value = 'f' WHERE name = 'archive_leads'",
    "UPDATE marks SET value = '' WHERE name = 'archive_leads'",
    "UPDATE marks SET name = 'another' WHERE name = 'archive_commits'",
    "UPDATE OR REPLACE marks SET name = 'archive_commits', value = '99' WHERE name = 'sweep'",
    "DELETE FROM marks",
    "INSERT OR REPLACE INTO marks (name, value) VALUES ('archive_commits', '99')",
    "INSERT INTO marks (name, value) VALUES ('archive_leads', 'f') ON CONFLICT (name) DO UPDATE SET value = excluded.value",
    // Parts that were never written, or lack what stands there.
    `${part("removing", "count(*)")}; DELETE FROM leads`,
    `${part("kept", "count(*)")}; DELETE FROM leads`,
    `${part("writing", "count(*)")}; DELETE FROM leads`,
    `${part("writing", "count(*) - 1")}; ${REMOVING}; DELETE FROM leads`,
    `${part("writing", "count(*)", "1")}; ${REMOVING}; DELETE FROM leads`,
    `${part("writing", "count(*)")}; UPDATE archives SET state = 'kept', removed_at = 1 WHERE key = 'made up'`,
    `${part("writing", "count(*)")}; ${REMOVING}; UPDATE archives SET state = 'kept', removed_at = 1 WHERE key = 'made up'`,
    `${part("writing", "count(*)")}; ${REMOVING}; INSERT INTO pending (lead_id, generation, kind, due) SELECT max(id), 1, 'notify', 0 FROM leads; DELETE FROM leads`,
    `${auditPart(7, 8)}; ${REMOVING}`,
    `${auditPart(6, 8)}; ${REMOVING}; UPDATE marks SET value = '9' WHERE name = 'archive_commits'`,
    // Audit rows of leads that are there, though a part holds them.
    `${auditPart(6, 9)}; ${REMOVING}; UPDATE marks SET value = '9' WHERE name = 'archive_commits'; DELETE FROM decisions WHERE commit_no <= 9`,
    `${auditPart(6, 9)}; ${REMOVING}; UPDATE marks SET value = '9' WHERE name = 'archive_commits'; DELETE FROM events WHERE commit_no <= 9 AND subject_type = 'lead'`,
    // The newest commit.
    `${auditPart(6, 13)}; ${REMOVING}; UPDATE marks SET value = '13' WHERE name = 'archive_commits'; DELETE FROM commits`,
    // What is on record of the parts.
    "DELETE FROM archives",
    "UPDATE archives SET sha256 = 'another'",
    "UPDATE archives SET rows = 1",
    "UPDATE archives SET removed_at = 1",
    "UPDATE archives SET state = 'discarded'",
    "UPDATE archives SET state = 'writing', removed_at = NULL",
    "UPDATE archives SET state = 'removing'",
    "INSERT OR REPLACE INTO archives SELECT * FROM archives WHERE kind = 'leads'",
  ])("%s", async (statements) => {
    const { db, everything } = await openHalf();
    const before = everything();
    db.sqlite.exec("BEGIN");
    let refused = false;
    try {
      db.sqlite.exec(statements);
    } catch (error) {
      refused = true;
      expect(String(error)).toMatch(/archive|append-only|part/);
    }
    db.sqlite.exec(refused ? "ROLLBACK" : "COMMIT");
    expect(everything()).toEqual(before);
  });
});
