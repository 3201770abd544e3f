import { describe, expect, it } from "vitest";
import { keptParts } from "../../src/record/archives.ts";
import { readPart } from "../../src/archive/parts.ts";
import { archiveOld } from "../../src/archive/archive-old.ts";
import { rows } from "../../src/lib/query.ts";
import { DAY, LONG_AGO, openArchive } from "./past.ts";

/** Leads and audit of a day archived: commits 1 to 4. Of two more days not, though the first, 5 to 8, is closed. */
async function openHalf() {
  const world = openArchive();
  for (const days of [0, 1, 2]) world.past.addDay(LONG_AGO + days * DAY, 20);
  world.past.addToday();
  await world.closeDays();
  world.settings["RETENTION_DAYS"] = "99";
  await world.tend();
  const tables = ["leads", "lead_aliases", "decisions", "events", "commits", "archives", "marks"];
  return {
    ...world,
    everything: () => tables.map((table) => world.select(`SELECT * FROM ${table}`)),
  };
}

const NEW_PART = `INSERT INTO archives (key, kind, day, part, state, first_lead, last_lead, rows, erased, bytes, sha256, object_bytes,
  object_sha256, counts, written_at)`;
const part = (state: string, lines: string, erased = "0") => `${NEW_PART}
  SELECT 'made up', 'leads', '2026-08-15', 1, '${state}', min(id), max(id), ${lines}, ${erased}, 0, '', 0, '', '{}', 0 FROM leads`;
/** Commits of ten rows each, when nothing else is said. */
const auditPart = (
  first: number,
  last: number,
  lines = 11 * (last - first + 1),
  day = "2026-08-15",
) => `INSERT INTO archives (key, kind, day, part, state, first_no, last_no, rows, erased, bytes,
  sha256, object_bytes, object_sha256, counts, written_at)
  VALUES ('made up', 'audit', '${day}', 1, 'writing', ${first}, ${last}, ${lines}, 0, 0, '', 0, '', '{}', 0)`;
const toMark = (no: number) => `UPDATE marks SET value = '${no}' WHERE name = 'archive_commits'`;
/** Rows that no lead keeps where they are. */
const REST = "DELETE FROM events WHERE subject_type <> 'lead'";
const CLOSED_TODAY = "INSERT INTO digests VALUES ('2026-11-22', 9, 13, 50, '', '', 0)";
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
    `${auditPart(6, 8)}; ${REMOVING}`,
    `${auditPart(5, 8, 0)}; ${REMOVING}; ${toMark(8)}; ${REST}`,
    `${auditPart(5, 8, 43)}; ${REMOVING}; ${toMark(8)}; ${REST}`,
    `${auditPart(5, 4, 0)}; ${REMOVING}`,
    `${auditPart(5, 8)}; ${REMOVING}; ${toMark(9)}`,
    // Commits of a day that is not closed, of another day, and such as are still to come.
    `${auditPart(5, 8, 44, "2026-08-16")}; ${REMOVING}; ${toMark(8)}; ${REST}`,
    `${auditPart(5, 9)}; ${REMOVING}; ${toMark(9)}; ${REST}`,
    `${auditPart(5, 999_999, 90)}; ${REMOVING}; ${toMark(999_999)}; ${REST}`,
    // Commits whose keys are none.
    `INSERT INTO commits VALUES (14, 0, '{}'), (15, 0, '["x", null]'), (16, 0, '5'); ${auditPart(5, 15)}; ${REMOVING}`,
    // Audit rows of leads that are there, though a part holds them.
    `${auditPart(5, 8)}; ${REMOVING}; ${toMark(8)}; DELETE FROM decisions WHERE commit_no <= 8`,
    `${auditPart(5, 8)}; ${REMOVING}; ${toMark(8)}; DELETE FROM events WHERE commit_no <= 8 AND subject_type = 'lead'`,
    // The newest commit, though its day is closed.
    `${CLOSED_TODAY}; ${auditPart(5, 13, 90, "2026-11-22")}; ${REMOVING}; ${toMark(13)}; DELETE FROM commits`,
    // Leads with a name that nobody read.
    `${part("writing", "count(*)")}; ${REMOVING}; INSERT INTO lead_aliases SELECT 'late', max(id) FROM leads; DELETE FROM leads`,
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

it("an audit part that holds what its day's digest covers may go, once its leads are gone", async () => {
  const { db, count } = await openHalf();
  db.sqlite.exec(`${auditPart(5, 8)}; ${REMOVING}; ${toMark(8)}`);
  expect(() => db.sqlite.exec("DELETE FROM commits WHERE no <= 8")).not.toThrow();
  expect(count("commits")).toBe(5);
});

it("a part that somebody left open for removal is told of", async () => {
  const { db, deps, logged } = await openHalf();
  await archiveOld(deps);
  expect(logged.filter(({ level }) => level === "error")).toEqual([]);
  db.sqlite.exec(`${auditPart(5, 8)}; ${REMOVING}`);
  await archiveOld(deps);
  expect(logged.filter(({ level }) => level === "error")).toEqual([
    { level: "error", event: "archive_left_open", detail: { path: "made up" } },
  ]);
});

it("a lead's other name that comes while its part is written is archived with the next part, not lost", async () => {
  const world = openArchive();
  const [lead] = world.past.addDay(LONG_AGO, 20);
  world.past.addToday();
  await world.closeDays();
  world.db.sqlite.exec(`INSERT INTO lead_aliases VALUES ('early', '${lead?.id}')`);
  const { put } = world.bucket;
  let late = 0;
  world.bucket.put = async (key, object) => {
    await put.call(world.bucket, key, object);
    if (late++ === 0)
      world.db.sqlite.exec(`INSERT INTO lead_aliases VALUES ('late', '${lead?.id}')`);
  };
  await archiveOld(world.deps);
  expect([world.count("leads"), world.count("lead_aliases")]).toEqual([20, 2]);
  await archiveOld(world.deps);
  expect([world.count("leads"), world.count("lead_aliases")]).toEqual([0, 0]);
  const [kept] = await rows(world.db, keptParts("leads", "2026-08-14"));
  if (kept === undefined) throw new Error("no part is kept");
  const [first = "{}"] = await readPart(world, kept);
  expect(JSON.parse(first)).toMatchObject({ id: lead?.id, aliases: ["early", "late"] });
});
