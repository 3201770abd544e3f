import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { closeDays } from "../../../src/ops/audit/digest-close.ts";
import { FIRST_PREVIOUS, linkDigest, splitByCommit } from "../../../src/record/digests.ts";
import { auditLines, DECISION_COLUMNS, EVENT_COLUMNS } from "../../../src/record/digest-lines.ts";
import { DAY_MS, DigestWorld, FIRST_DAY, verifyWhole } from "./digest-world.ts";

const MINUTE_MS = 60_000;

async function threeDays(): Promise<DigestWorld> {
  const world = new DigestWorld();
  await world.commit(FIRST_DAY + 9 * 3_600_000, 3);
  // Nobody did anything on the 21st.
  await world.commit(FIRST_DAY + 2 * DAY_MS, 4, 2);
  return world;
}

describe("closing days", () => {
  it("chains each day to the one before, also a day without a commit, and not the day that goes on", async () => {
    const world = await threeDays();
    await world.close(FIRST_DAY + 2 * DAY_MS + 11 * MINUTE_MS);
    const closed = world.desk.select("SELECT * FROM digests ORDER BY day");
    expect(closed).toMatchObject([
      { day: "2026-11-20", first_no: 1, last_no: 3, rows: 3, previous: FIRST_PREVIOUS },
      { day: "2026-11-21", first_no: 4, last_no: 3, rows: 0, previous: closed[0]?.["digest"] },
    ]);
    for (const day of world.days()) {
      const { found, last } = await verifyWhole(world.db, day);
      expect(found).toEqual([]);
      expect(last).toMatchObject({ isComplete: true, previousMatches: true });
    }
  });

  it("does nothing before there is a commit", async () => {
    const world = new DigestWorld();
    await world.close(FIRST_DAY + 5 * DAY_MS);
    expect(world.days()).toEqual([]);
    expect(world.desk.logged).toEqual([]);
  });

  it("waits ten minutes after midnight, and leaves what comes later with an early instant to the next day", async () => {
    const world = new DigestWorld();
    await world.commit(FIRST_DAY);
    await world.close(FIRST_DAY + DAY_MS + 9 * MINUTE_MS);
    expect(world.days()).toEqual([]);
    await world.close(FIRST_DAY + DAY_MS + 10 * MINUTE_MS);
    expect(world.days()).toEqual(["2026-11-20"]);

    await world.commit(FIRST_DAY + DAY_MS - 1);
    await world.close(FIRST_DAY + 2 * DAY_MS + 10 * MINUTE_MS);
    expect(world.desk.select("SELECT day, first_no, last_no FROM digests ORDER BY day")).toEqual([
      { day: "2026-11-20", first_no: 1, last_no: 1 },
      { day: "2026-11-21", first_no: 2, last_no: 2 },
    ]);
  });

  it("goes by the highest number where instants are out of order around midnight", async () => {
    const world = new DigestWorld();
    await world.commit(FIRST_DAY + DAY_MS - 2);
    await world.commit(FIRST_DAY + DAY_MS + 5);
    await world.commit(FIRST_DAY + DAY_MS - 1);
    await world.commit(FIRST_DAY + DAY_MS + 6);
    await world.close(FIRST_DAY + DAY_MS + 10 * MINUTE_MS);
    expect(world.desk.select("SELECT last_no FROM digests")).toEqual([{ last_no: 3 }]);
  });

  it("hashes in pages as the day goes, and a day of many pages over several runs", async () => {
    const world = new DigestWorld();
    await world.commit(FIRST_DAY, 260, 4);
    // Fewer commits than would fill a page for certain wait.
    await world.close(FIRST_DAY + DAY_MS - 1);
    expect(world.desk.select("SELECT count(*) AS n FROM digest_pages")).toEqual([{ n: 0 }]);
    await world.commit(FIRST_DAY, 240, 4);
    await world.close(FIRST_DAY + DAY_MS - 1);
    expect(world.desk.select("SELECT first_no, last_no, rows FROM digest_pages")).toEqual([
      { first_no: 1, last_no: 125, rows: 500 },
    ]);
    world.now = FIRST_DAY + DAY_MS + 10 * MINUTE_MS;
    await closeDays(world.desk.deps, 1);
    expect(world.days()).toEqual([]);
    await closeDays(world.desk.deps, 1);
    await closeDays(world.desk.deps, 1);
    expect(world.desk.select("SELECT last_no, rows FROM digests")).toEqual([
      { last_no: 500, rows: 2_000 },
    ]);
    for (const maxSteps of [1, 3, 20]) {
      const { found, last, calls } = await verifyWhole(world.db, "2026-11-20", maxSteps);
      expect({ found, recomputed: last.progress.recomputed }).toEqual({
        found: [],
        recomputed: last.stored.digest,
      });
      expect(calls).toBe({ 1: 10, 3: 4, 20: 1 }[maxSteps]);
    }
  });

  it("tells the log the digest, out of reach of whoever can write to the database", async () => {
    const world = await threeDays();
    await world.close(FIRST_DAY + DAY_MS + 10 * MINUTE_MS);
    expect(world.desk.logged).toEqual(["audit_day_closed"]);
  });

  it("counts a page once that somebody else puts in just before", async () => {
    const plain = await threeDays();
    await plain.close(FIRST_DAY + 2 * DAY_MS);
    for (let due = 1; due < 8; due++) {
      const world = await threeDays();
      world.now = FIRST_DAY + 2 * DAY_MS;
      let calls = 0;
      const db = world.db.through(async (call) => {
        if (++calls === due) await world.hashInPages(3, 3);
        return call();
      });
      await closeDays({ ...world.desk.deps, db });
      const [closed] = world.desk.select("SELECT * FROM digests");
      expect(closed, `before call ${due}`).toEqual(plain.desk.select("SELECT * FROM digests")[0]);
    }
  });

  it.each(["before", "after"] as const)(
    "is the same when a run dies at any call, the call having landed or not (%s)",
    async (when) => {
      const plain = await threeDays();
      await plain.close(FIRST_DAY + 3 * DAY_MS + 10 * MINUTE_MS);
      const expected = plain.desk.select("SELECT * FROM digests");
      for (let dies = 0; dies < 14; dies++) {
        const world = await threeDays();
        world.now = FIRST_DAY + 3 * DAY_MS + 10 * MINUTE_MS;
        let calls = 0;
        const db = world.db.through(async (call) => {
          const dead = calls++ === dies;
          if (dead && when === "before") throw new Error("D1_ERROR: Network connection lost.");
          const result = call();
          if (dead) throw new Error("D1_ERROR: Network connection lost.");
          return result;
        });
        for (let runs = 0; runs < 4; runs++) await closeDays({ ...world.desk.deps, db });
        expect(world.desk.select("SELECT * FROM digests"), `dies at ${dies}`).toEqual(expected);
      }
    },
  );

  it("is the same when two runs go at once, however their calls interleave", async () => {
    const plain = await threeDays();
    await plain.close(FIRST_DAY + 3 * DAY_MS + 10 * MINUTE_MS);
    const expected = plain.desk.select("SELECT * FROM digests");
    for (let seed = 1; seed <= 20; seed++) {
      const world = await threeDays();
      world.now = FIRST_DAY + 3 * DAY_MS + 10 * MINUTE_MS;
      let state = seed;
      const slow = () =>
        world.db.through(async (call) => {
          state = (state * 48_271) % 2_147_483_647;
          for (let waits = state % 5; waits > 0; waits--) await Promise.resolve();
          return call();
        });
      const runs = [slow(), slow()].map((db) => closeDays({ ...world.desk.deps, db }, 10));
      await Promise.all(runs);
      expect(world.desk.select("SELECT * FROM digests"), `seed ${seed}`).toEqual(expected);
    }
  });
});

describe("the lines", () => {
  it("name every column of the audit tables", async () => {
    const { desk } = new DigestWorld();
    const columns = (table: string) =>
      desk.select(`SELECT name FROM pragma_table_info('${table}')`).map(({ name }) => name);
    expect(columns("decisions")).toEqual(DECISION_COLUMNS);
    expect(columns("events")).toEqual(EVENT_COLUMNS);
    expect(columns("commits")).toEqual(["no", "at", "keys"]);
  });

  it("make the digest anew by sha256sum alone", async () => {
    const world = new DigestWorld();
    world.desk.addRep("bo");
    await world.desk.decide(await world.desk.addLead(1), "bo");
    await world.commit(FIRST_DAY, 2, 2);
    const { lines, lastNo, more } = await auditLines(world.db, 0, 3, 3);
    expect({ lastNo, more, count: lines.length }).toEqual({ lastNo: 2, more: true, count: 5 });
    let previous = FIRST_PREVIOUS;
    for (const part of splitByCommit(lines)) {
      const sum = createHash("sha256")
        .update(`${previous}\n${part.join("\n")}\n`)
        .digest("hex");
      expect(await linkDigest(previous, part)).toBe(sum);
      previous = sum;
    }
    expect(JSON.parse(lines[1] ?? "")).toMatchObject({
      table: "decisions",
      owner_id: "bo",
      commit_no: 1,
      trail: expect.any(String),
    });
  });

  it("come by whole commits, a large one too", async () => {
    const world = new DigestWorld();
    await world.commit(FIRST_DAY, 1, 30);
    await world.commit(FIRST_DAY, 2, 1);
    const first = await auditLines(world.db, 0, 3, 10);
    expect([first.lines.length, first.lastNo, first.more]).toEqual([31, 1, true]);
    const rest = await auditLines(world.db, 1, 3, 10);
    expect([rest.lines.length, rest.lastNo, rest.more]).toEqual([4, 3, false]);
    expect(await auditLines(world.db, 3, 3, 10)).toEqual({ lines: [], lastNo: 3, more: false });
  });
});
