import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { verifyDay } from "../../../src/ops/audit/verify.ts";
import { leadId } from "../../routing/desk.ts";
import { openD1, SqliteD1 } from "../../record/sqlite-d1.ts";
import { NOW } from "../../intake/api/fakes.ts";
import { DAY_MS, DigestWorld, verifyWhole } from "./digest-world.ts";

/** The day of {@link NOW}, which the leads of a desk come in on. */
const DAY_OF_LEADS = new Date(NOW).toISOString().slice(0, 10);

/** Three closed days with decisions and events, their triggers dropped: each test tampers with a copy. */
let original: string;
let days: readonly string[];

beforeAll(async () => {
  const world = new DigestWorld();
  const { desk } = world;
  desk.addRep("bo");
  for (let n = 1; n <= 6; n++) await desk.decide(await desk.addLead(n), n % 3 === 0 ? null : "bo");
  await world.commit(NOW, 3, 2);
  await world.commit(NOW + DAY_MS, 4, 1);
  await world.commit(NOW + 2 * DAY_MS, 2, 3);
  await world.close(NOW + 4 * DAY_MS);
  world.dropTriggers();
  days = world.days();
  original = dump(world.db);
});

const TABLES = ["decisions", "events", "commits", "digests", "digest_pages"] as const;
/** A column that tells rows apart. */
const KEYS = {
  decisions: "lead_id",
  events: "id",
  commits: "no",
  digests: "day",
  digest_pages: "last_no",
} as const;
const TABLE_STATEMENTS = openD1()
  .sqlite.prepare(
    "SELECT sql FROM sqlite_schema WHERE type = 'table' AND name IN (SELECT value FROM json_each(?))",
  )
  .all(JSON.stringify([...TABLES, "archives", "marks"]))
  .map(({ sql }) => String(sql));

function dump(db: SqliteD1): string {
  const stored = TABLES.map((table) => [table, db.sqlite.prepare(`SELECT * FROM ${table}`).all()]);
  return JSON.stringify(Object.fromEntries(stored));
}

/** In tables without triggers: open to whoever has rights to the database. */
const open = new SqliteD1(new DatabaseSync(":memory:"));
for (const statement of TABLE_STATEMENTS) open.sqlite.exec(statement);

/** The audit as it was closed, whatever was done to it before. */
function copy(): SqliteD1 {
  const tables: Record<string, Record<string, string | number | null>[]> = JSON.parse(original);
  open.sqlite.exec("BEGIN");
  for (const [table, stored] of Object.entries(tables)) {
    open.sqlite.exec(`DELETE FROM ${table}`);
    const columns = Object.keys(stored[0] ?? {});
    const insert = open.statement(
      `INSERT INTO ${table} (${columns.join()}) VALUES (${columns.map(() => "?").join()})`,
    );
    for (const row of stored) insert.run(...Object.values(row));
  }
  open.sqlite.exec("COMMIT");
  return open;
}

/** The days on which something differs. */
async function differingDays(db: SqliteD1): Promise<string[]> {
  const differing: string[] = [];
  for (const day of days) {
    const gone = (await verifyDay({ db, archive: null }, day, null)) === null;
    if (gone || (await verifyWhole(db, day)).found.length > 0) differing.push(day);
  }
  return differing;
}

async function kindsOf(db: SqliteD1, day: string): Promise<string[]> {
  return (await verifyWhole(db, day)).found.map(({ kind }) => kind);
}

it("finds nothing while nobody touched anything", async () => {
  expect(days).toHaveLength(4);
  expect(await differingDays(copy())).toEqual([]);
});

describe("whoever has rights to the database and", () => {
  it("changes any column of any row is found", async () => {
    const columns = TABLES.flatMap((table) =>
      copy()
        .sqlite.prepare(`SELECT name, type FROM pragma_table_info('${table}')`)
        .all()
        .map(({ name, type }) => ({ table, column: String(name), isText: type === "TEXT" })),
    );
    const change = async ({ table, column, isText }: (typeof columns)[number], place: number) => {
      const db = copy();
      db.sqlite.exec("PRAGMA ignore_check_constraints = ON");
      const total = Number(db.sqlite.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.["n"]);
      const key = KEYS[table];
      const text =
        column === "keys" ? '\'[["event","rep","bo","x"]]\'' : `'x' || coalesce(${column}, '')`;
      db.sqlite.exec(`
        UPDATE ${table} SET ${column} = ${isText ? text : `coalesce(${column}, 0) + 1000`}
        WHERE ${key} = (SELECT ${key} FROM ${table} LIMIT 1 OFFSET ${place % total})`);
      expect(await differingDays(db), `${table}.${column} ${place}`).not.toEqual([]);
    };
    for (const column of columns) await change(column, 0);
    await fc.assert(fc.asyncProperty(fc.constantFrom(...columns), fc.nat(), change), {
      numRuns: 40,
    });
  });

  it("removes any row is found", async () => {
    for (const table of ["decisions", "events", "commits", "digest_pages"] as const) {
      const total = Number(
        copy().sqlite.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.["n"],
      );
      const key = KEYS[table];
      for (let place = 0; place < total; place++) {
        const db = copy();
        db.sqlite.exec(
          `DELETE FROM ${table} WHERE ${key} = (SELECT ${key} FROM ${table} LIMIT 1 OFFSET ${place})`,
        );
        expect(await differingDays(db), `${table} ${place}`).not.toEqual([]);
      }
    }
  });

  it("removes a day is found by that day and the one after it", async () => {
    const db = copy();
    const [, second = "", third = ""] = days;
    db.sqlite.exec(`DELETE FROM digests WHERE day = '${second}'`);
    expect(await differingDays(db)).toEqual([second, third]);
    expect(await kindsOf(db, third)).toEqual(["previous"]);
  });

  it.each([
    ["a decision that no commit names", decisionOf(leadId(99), 3), DAY_OF_LEADS],
    ["a second decision for a lead", decisionOf(leadId(1), 3, 2), DAY_OF_LEADS],
    ["a decision of a commit that is not there", decisionOf(leadId(1), 9_999, 2), DAY_OF_LEADS],
    ["a decision for a lead whose id is of no day", decisionOf("zzz", 3), "2026-11-25"],
    ["an event of a lead", eventOf("lead", leadId(2)), DAY_OF_LEADS],
    ["an event of a rep", eventOf("rep", "bo"), DAY_OF_LEADS],
    ["an event of an account", eventOf("account", "acme.com"), DAY_OF_LEADS],
  ])("puts in %s is found", async (_what, statement, day) => {
    const db = copy();
    db.sqlite.exec(statement);
    expect(await kindsOf(db, day)).toEqual(["row_unnamed"]);
  });

  it("swaps two commits is found", async () => {
    const db = copy();
    db.sqlite.exec(`
      UPDATE commits SET no = -1 WHERE no = 2; UPDATE commits SET no = 2 WHERE no = 3; UPDATE commits SET no = 3 WHERE no = -1`);
    expect(await kindsOf(db, DAY_OF_LEADS)).toContain("row_misnumbered");
  });

  it("swaps them with everything that their rows say of them is found", async () => {
    const db = copy();
    db.sqlite.exec(`
      UPDATE commits SET no = -1 WHERE no = 2; UPDATE commits SET no = 2 WHERE no = 3; UPDATE commits SET no = 3 WHERE no = -1;
      UPDATE decisions SET commit_no = 5 - commit_no WHERE commit_no IN (2, 3)`);
    expect(await kindsOf(db, DAY_OF_LEADS)).toEqual(["changed", "digest"]);
  });

  it("changes a row and the links of its day is found by the day after", async () => {
    const db = copy();
    db.sqlite.exec(
      "UPDATE decisions SET owner_id = 'eve' WHERE lead_id = (SELECT min(lead_id) FROM decisions)",
    );
    const [day = "", next = ""] = days;
    const { last } = await verifyWhole(db, day);
    const { state, recomputed } = { ...last.progress };
    db.sqlite.exec(`
      UPDATE digest_pages SET digest = '${state}' WHERE last_no = ${last.stored.lastNo};
      UPDATE digests SET digest = '${recomputed}' WHERE day = '${day}'`);
    expect(await kindsOf(db, day)).toEqual([]);
    expect(await kindsOf(db, next)).toEqual(["previous"]);
  });

  it.each(["[1,2]", '{"a":1}', "7", '"x"', "[[]]", '[["event"]]', '[{"a":1}]', "[null]"])(
    "makes a commit's keys %s is found, and breaks nothing",
    async (keys) => {
      const db = copy();
      db.sqlite.prepare("UPDATE commits SET keys = ? WHERE no = 2").run(keys);
      expect(await kindsOf(db, DAY_OF_LEADS)).toEqual(
        expect.arrayContaining(["changed", "digest", "row_unnamed"]),
      );
    },
  );

  it("takes the links away is found, and nothing is read without bounds", async () => {
    const db = copy();
    db.sqlite.exec("DELETE FROM digest_pages");
    expect(await kindsOf(db, DAY_OF_LEADS)).toEqual(["page_missing"]);
    db.sqlite.exec(
      "INSERT INTO digest_pages (last_no, first_no, rows, digest) VALUES (100000000, 1, 1, 'x')",
    );
    expect(await kindsOf(db, DAY_OF_LEADS)).toEqual(["page_missing"]);
  });
});

it("says which page was changed, and that the pages after it were not", async () => {
  const world = new DigestWorld();
  await world.commit(NOW, 300, 4);
  await world.close(NOW + 2 * DAY_MS);
  world.dropTriggers();
  world.db.sqlite.exec(
    "UPDATE events SET actor = 'eve' WHERE commit_no = 130 AND id = (SELECT min(id) FROM events WHERE commit_no = 130)",
  );
  for (const maxSteps of [1, 20]) {
    const { found } = await verifyWhole(world.db, DAY_OF_LEADS, maxSteps);
    expect(found).toEqual([
      { kind: "changed", firstCommit: 126, lastCommit: 250, row: null },
      { kind: "digest", firstCommit: 1, lastCommit: 300, row: null },
    ]);
  }
});

function decisionOf(lead: string, commitNo: number, generation = 1): string {
  return `INSERT INTO decisions (lead_id, generation, outcome, owner_id, day, reason, trail, chain_version, decided_at,
    committed_at, commit_no, attempts, decided_by)
    VALUES ('${lead}', ${generation}, 'assigned', 'eve', '2026-11-22', '', '[]', 'c', 1, 1, ${commitNo}, 1, 'router')`;
}

function eventOf(type: string, subject: string): string {
  return `INSERT INTO events (subject_type, subject_id, id, kind, actor, occurred_at, commit_no, detail)
    VALUES ('${type}', '${subject}', 'x', 'y', 'eve', 1, 2, '{}')`;
}
