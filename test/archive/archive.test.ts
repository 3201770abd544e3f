import { describe, expect, it } from "vitest";
import { keptParts } from "../../src/record/archives.ts";
import { archivedLeadsOf, readArchivedAuditLines } from "../../src/archive/find.ts";
import { readPart } from "../../src/archive/parts.ts";
import { archiveOld } from "../../src/archive/archive-old.ts";
import { auditLines } from "../../src/record/digest-lines.ts";
import type { Claim } from "../../src/pod/claims.ts";
import { findEvidence } from "../../src/pod/settlement.ts";
import { countConsistency } from "../../src/ops/audit/consistency.ts";
import { rows } from "../../src/lib/query.ts";
import { DAY, LONG_AGO, NOW, openArchive, type ArchiveWorld } from "./past.ts";

const SMALL = { rows: 30, bytes: 1_000_000 };
const AUGUST_14 = "2026-08-14";

/** Leads on each of two days long ago, a hundred of ten days ago, and the old days closed. */
async function openTwoOldDays(perDay = 100) {
  const world = openArchive();
  world.past.addDay(LONG_AGO, perDay);
  world.past.addDay(LONG_AGO + DAY, perDay);
  const young = world.past.addDay(NOW - 10 * DAY, 100);
  world.past.addToday();
  await world.closeDays();
  return { ...world, young };
}

async function readLeads(world: ArchiveWorld, day = AUGUST_14): Promise<unknown[]> {
  const parts = await rows(world.db, keptParts("leads", day));
  const lines = await Promise.all(parts.map((part) => readPart(world, part)));
  return lines.flat().map((line) => JSON.parse(line));
}

const ROW_OF_LEAD = "SELECT *, '[]' AS aliases FROM leads";

describe("retention", () => {
  it("moves leads and audit of old days into the bucket, line by line as they were, and leaves the rest", async () => {
    const world = await openTwoOldDays(1_500);
    const before = world.select(`${ROW_OF_LEAD} ORDER BY id`);
    const old = before.filter(({ received_at }) => Number(received_at) < LONG_AGO + 2 * DAY);
    const { lines } = await auditLines(world.db, 0, 600, 10_000);
    const total = world.count("commits");

    await world.tend({ rows: 300, bytes: 1_000_000 });

    expect(world.count("leads")).toBe(100);
    expect(world.select("SELECT min(id) AS id FROM leads")).toEqual([{ id: world.young[0]?.id }]);
    const archived = [...(await readLeads(world)), ...(await readLeads(world, "2026-08-15"))];
    expect(archived).toEqual(old.map((lead) => ({ ...lead, aliases: [] })));

    const kept: string[] = [];
    for (const day of [AUGUST_14, "2026-08-15"])
      for await (const part of readArchivedAuditLines(world.deps, day))
        kept.push(...(part.lines ?? []));
    expect(kept).toEqual(lines);
    expect(world.count("commits")).toBe(total - 600);
    expect(world.select("SELECT min(no) AS no FROM commits")).toEqual([{ no: 601 }]);
    expect(world.select("SELECT count(*) AS n FROM decisions WHERE commit_no <= 600")).toEqual([
      { n: 0 },
    ]);
    expect(world.select("SELECT DISTINCT state, listed FROM archives")).toEqual([
      { state: "kept", listed: 1 },
    ]);
  }, 30_000);

  it("frees the open slots of leads that nobody can close any more, once", async () => {
    const world = await openTwoOldDays();
    await world.tend(SMALL);
    expect(world.released.toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 180 }, (_, at) => at + 1),
    );
  });

  it("leaves everything in balance", async () => {
    const world = await openTwoOldDays();
    const counts = async () => {
      const { leads, assigned, unassigned, undecided, podDecisions } = await countConsistency(
        world.db,
        ["dach"],
      );
      return { leads, assigned, unassigned, undecided, dach: podDecisions.get("dach") };
    };
    const before = await counts();
    expect(before).toEqual({
      leads: 300,
      assigned: 270,
      unassigned: 30,
      undecided: 0,
      dach: 270,
    });
    for (let run = 0; run < 12; run++) {
      await archiveOld(world.deps, SMALL, 1);
      expect(await counts()).toEqual(before);
    }
    await world.tend(SMALL);
    expect(await counts()).toEqual(before);
  });

  it("keeps within its limits of rows and of bytes", async () => {
    const world = openArchive();
    world.past.addDay(LONG_AGO, 60, JSON.stringify({ message: "x".repeat(20_000) }));
    world.past.addToday();
    await world.tend({ rows: 40, bytes: 500_000 });
    const parts = await rows(world.db, keptParts("leads", AUGUST_14));
    expect(parts.map(({ part, rows: lines }) => [part, lines])).toEqual([
      [1, 24],
      [2, 24],
      [3, 12],
    ]);
    for (const { bytes } of parts) expect(bytes).toBeLessThan(500_000);
  });

  it("writes a manifest for each day that names every part", async () => {
    const world = await openTwoOldDays();
    await world.tend(SMALL);
    const text = new TextDecoder().decode(
      world.bucket.objects.get(`leads/${AUGUST_14}/manifest.json`),
    );
    const manifest = JSON.parse(text);
    expect(manifest).toMatchObject({
      format: "lead-router-archive/1",
      kind: "leads",
      day: AUGUST_14,
    });
    expect(manifest.parts.map(({ key }: { key: string }) => key)).toEqual(
      world.bucket.parts(`leads/${AUGUST_14}`),
    );
    const audit = JSON.parse(
      new TextDecoder().decode(world.bucket.objects.get(`audit/${AUGUST_14}/manifest.json`)),
    );
    expect(audit.parts[0]).toMatchObject({ first: 1, chainVersions: ["c0ffee"] });
  });

  it.each([undefined, "29", "0", "-1", "90 days", "1e9", "40000", "31.5"])(
    "removes nothing when RETENTION_DAYS is %s",
    async (value) => {
      const world = openArchive();
      world.past.addDay(LONG_AGO, 10);
      if (value === undefined) delete world.settings["RETENTION_DAYS"];
      else world.settings["RETENTION_DAYS"] = value;
      await archiveOld(world.deps);
      expect(world.count("leads")).toBe(10);
      expect(world.logged.map(({ level, event }) => [level, event])).toEqual(
        value === undefined ? [] : [["error", "retention_refused"]],
      );
    },
  );

  it("removes nothing without a bucket, and says so", async () => {
    const world = await openTwoOldDays();
    await archiveOld({ ...world.deps, archive: null });
    expect(world.count("leads")).toBe(300);
    expect(world.logged.map(({ event }) => event)).toEqual(["retention_refused"]);
  });

  it("never takes the newest commit, or numbers would begin again", async () => {
    const world = openArchive();
    world.past.addDay(LONG_AGO, 20);
    await world.closeDays();
    await world.tend();
    expect(world.select("SELECT no FROM commits")).toEqual([{ no: 4 }]);
    expect(world.count("events")).toBe(10);
  });

  it("waits for the metrics and for the day's digest", async () => {
    const world = openArchive();
    world.past.addDay(LONG_AGO, 20);
    world.past.addToday();
    world.db.sqlite.exec("UPDATE marks SET value = '1' WHERE name = 'rollup'");
    await world.tend();
    expect(world.count("leads")).toBe(20);
    world.past.countAll();
    await world.tend();
    expect([world.count("leads"), world.count("commits")]).toEqual([0, 5]);
    await world.closeDays();
    await world.tend();
    expect(world.count("commits")).toBe(1);
  });
});

describe("a lead that has still something to be done", () => {
  it("stays with its audit while the others of its day go, and ops are told once", async () => {
    const world = openArchive();
    world.settings["SLACK_OPS_WEBHOOK_URL"] = "https://slack.test/ops";
    const leads = world.past.addDay(LONG_AGO, 100);
    world.past.addToday();
    await world.closeDays();
    const stuck = leads[30]?.id ?? "";
    world.db.sqlite
      .prepare("INSERT INTO pending (lead_id, generation, kind, due) VALUES (?, 1, 'notify', 0)")
      .run(stuck);
    await world.tend();
    expect(world.select("SELECT id FROM leads")).toEqual([{ id: stuck }]);
    // Commits 1 to 6 are about the thirty leads before it.
    expect(world.select("SELECT min(no) AS no FROM commits")).toEqual([{ no: 7 }]);
    expect(world.posts).toHaveLength(1);
    expect(world.posts[0]).toContain(stuck);

    world.db.sqlite.exec("DELETE FROM pending");
    await world.tend();
    expect([world.count("leads"), world.count("commits")]).toEqual([0, 1]);
    const parts = await rows(world.db, keptParts("leads", AUGUST_14));
    expect(parts.map((part) => [part.part, part.rows])).toEqual([
      [1, 30],
      [2, 69],
      [3, 1],
    ]);
  });
});

describe("a lead that comes late, on a day that is archived", () => {
  it("gets a part of its own", async () => {
    const world = openArchive();
    world.past.addDay(LONG_AGO, 100);
    world.past.addToday();
    await world.closeDays();
    await world.tend();
    expect(world.count("leads")).toBe(0);
    const [late] = world.past.addDay(LONG_AGO + 5 * 60_000, 1);
    await world.tend();
    expect(world.count("leads")).toBe(0);
    expect((await readLeads(world)).at(-1)).toMatchObject({ id: late?.id });
    expect(world.select("SELECT count(*) AS n FROM archives WHERE kind = 'leads'")).toEqual([
      { n: 2 },
    ]);
  });

  it("keeps a part from removing anything that lacks it", async () => {
    const world = openArchive();
    world.past.addDay(LONG_AGO, 100);
    world.past.addToday();
    const { put } = world.bucket;
    let late = 0;
    world.bucket.put = async (key, object) => {
      await put.call(world.bucket, key, object);
      if (late++ === 0) world.past.addDay(LONG_AGO + 5 * 60_000, 1);
    };
    await archiveOld(world.deps);
    expect(world.count("leads")).toBe(101);
    expect(world.logged).toEqual([
      {
        level: "warn",
        event: "archive_put_off",
        detail: { why: "leads", error: expect.any(String) },
      },
    ]);
    await archiveOld(world.deps);
    expect(world.count("leads")).toBe(0);
    expect(await readLeads(world)).toHaveLength(101);
  });
});

it("a claim that its pod still holds when its lead and decision are archived is not given back", async () => {
  const world = await openTwoOldDays();
  const [{ id: leadId }] = world.select("SELECT id FROM leads ORDER BY id LIMIT 1") as [
    { id: string },
  ];
  const claim = (of: string): Claim => ({
    leadId: of,
    generation: 1,
    seq: 1,
    repId: "ana",
    day: AUGUST_14,
    claimedAt: LONG_AGO,
    state: "held",
    open: true,
    credits: {},
    draw: null,
  });
  const evidenceOf = async (of: string) =>
    (await findEvidence(world.db, "dach", [claim(of)], [], NOW)).claims.get(1);
  expect(await evidenceOf(leadId)).toBe("names_this_claim");
  await world.tend(SMALL);
  expect(await evidenceOf(leadId)).toBe("names_this_claim");
  // One that is younger than all that was archived was taken away by somebody else.
  expect(await evidenceOf(world.deps.newId())).toBe("lead_gone");
});

it("what was written and never removed anything is deleted from the bucket after an hour", async () => {
  const world = openArchive();
  world.past.addDay(LONG_AGO, 100);
  world.past.addToday();
  const { get } = world.bucket;
  world.bucket.get = async () => null;
  await archiveOld(world.deps);
  const [orphan] = world.bucket.parts();
  expect([world.count("leads"), orphan]).toEqual([100, expect.stringContaining("leads/")]);
  world.bucket.get = get;
  await archiveOld(world.deps);
  expect(world.bucket.parts()).toHaveLength(2);
  world.clock.now += 2 * 60 * 60_000;
  await archiveOld(world.deps);
  expect(world.bucket.parts()).toHaveLength(1);
  expect(world.bucket.parts()).not.toContain(orphan);
});

it("an email's archived leads are found, some parts a call", async () => {
  const world = await openTwoOldDays();
  await world.tend(SMALL);
  const email = "jane-150@acme.test";
  let next: Parameters<typeof archivedLeadsOf>[2] = null;
  const [found, left]: [unknown[], number[]] = [[], []];
  do {
    const answer = await archivedLeadsOf(world.deps, email, next);
    found.push(...answer.leads.map(({ lead }) => lead));
    left.push(answer.partsLeft);
    next = answer.next;
  } while (next !== null);
  expect(found).toMatchObject([{ email, name: "Jane Doe 150" }]);
  expect(left).toEqual([3, 0]);
});
