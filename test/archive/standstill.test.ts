import { describe, expect, it } from "vitest";
import { archiveOld } from "../../src/archive/archive-old.ts";
import { DAY, LONG_AGO, openArchive, type ArchiveWorld } from "./past.ts";

const SMALL = { rows: 50, bytes: 1_000_000 };

async function openOld(count: number, overrides: Parameters<typeof openArchive>[0] = {}) {
  const world = openArchive(overrides);
  const leads = world.past.addDay(LONG_AGO, count);
  world.past.addToday();
  await world.closeDays();
  return { ...world, leads };
}

/** The first leads wait for something. */
function holdUp({ db }: ArchiveWorld, count: number): void {
  db.sqlite.exec(
    `INSERT INTO pending (lead_id, generation, kind, due) SELECT id, 1, 'notify', 0 FROM leads ORDER BY id LIMIT ${count}`,
  );
}

async function run({ deps }: ArchiveWorld, runs: number): Promise<void> {
  for (let at = 0; at < runs; at++) await archiveOld(deps, SMALL);
}

describe("old leads that may not go", () => {
  it("keep none behind them from going, however many they are, and go once they are done", async () => {
    const world = await openOld(400);
    world.settings["SLACK_OPS_WEBHOOK_URL"] = "https://slack.test/ops";
    holdUp(world, 250);
    await run(world, 10);
    expect(world.count("leads")).toBe(250);
    expect(world.posts).toHaveLength(1);
    world.db.sqlite.exec("DELETE FROM pending");
    await run(world, 20);
    expect([world.count("leads"), world.count("commits")]).toEqual([0, 1]);
  });

  it("do not make the parts of the others small", async () => {
    const world = await openOld(300);
    holdUp(world, 49);
    await run(world, 6);
    expect(world.count("leads")).toBe(49);
    expect(world.bucket.parts("leads").length).toBeLessThanOrEqual(8);
  });

  it("are found again from the front, and so is a lead that comes late", async () => {
    const world = await openOld(200);
    holdUp(world, 100);
    await run(world, 8);
    expect(world.count("leads")).toBe(100);
    // Writing the past leaves nothing to be done.
    world.past.addDay(LONG_AGO + 60_000, 1);
    const stuck = JSON.stringify(world.leads.slice(0, 100).map(({ id }) => id));
    world.db.sqlite.exec(
      `INSERT INTO pending (lead_id, generation, kind, due) SELECT value, 1, 'notify', 0 FROM json_each('${stuck}')`,
    );
    expect(world.count("leads")).toBe(101);
    await run(world, 8);
    expect(world.count("leads")).toBe(100);
  });

  it("are named with the reason: an id that names no day, and what the metrics have not counted", async () => {
    const world = await openOld(10);
    world.settings["SLACK_OPS_WEBHOOK_URL"] = "https://slack.test/ops";
    const old = world.leads[0]?.id ?? "";
    const undated = "00000000-0000-4000-8000-000000000001";
    world.db.sqlite
      .exec(`INSERT INTO leads SELECT '${undated}', received_at, email, phone, name, company, company_domain,
      country_code, region, source, score, fields, NULL, erased_at FROM leads WHERE id = '${old}'`);
    world.db.sqlite
      .exec(`INSERT INTO decisions SELECT '${undated}', generation, outcome, owner_id, day, pod_id, 99, rule, reason,
      trail, chain_version, decided_at, committed_at, commit_no, attempts, decided_by FROM decisions WHERE lead_id = '${old}'`);
    world.db.sqlite.exec("DELETE FROM pending; UPDATE marks SET value = '1' WHERE name = 'rollup'");
    await run(world, 2);
    expect(world.logged.map(({ event, detail }) => ({ event, detail }))).toEqual(
      expect.arrayContaining([
        { event: "archive_passes_by", detail: { leads: 1, leadId: undated, why: "undated" } },
        { event: "archive_passes_by", detail: { leads: 10, leadId: old, why: "uncounted" } },
      ]),
    );
    expect(world.posts).toHaveLength(1);
    expect(world.posts[0]).toContain(`${undated}: names no day`);
  });
});

describe("a pod that does not answer", () => {
  it("leaves no copy of anybody in the bucket, is named in the log, and does not stop the audit and the manifests", async () => {
    let away = false;
    const base = openArchive();
    const world = await openOld(60, {
      pod: (id) => ({
        ...base.deps.pod(id),
        release: async (...asked) => {
          if (away) throw new Error("Network connection lost");
          await base.deps.pod(id).release(...asked);
        },
      }),
    });
    // Forty leads are gone, and their audit is not.
    await archiveOld(world.deps, { rows: 20, bytes: 1_000_000 }, 2);
    expect([world.count("leads"), world.bucket.parts("audit").length]).toEqual([20, 0]);
    away = true;
    await run(world, 3);
    expect(world.count("leads")).toBe(20);
    expect(world.bucket.parts("leads")).toHaveLength(2);
    expect(world.select("SELECT DISTINCT state, listed FROM archives")).toEqual([
      { state: "kept", listed: 1 },
    ]);
    expect(world.bucket.parts("audit").length).toBeGreaterThan(0);
    expect(world.logged).toContainEqual({
      level: "warn",
      event: "archive_waits_for_pod",
      detail: { pod: "dach", error: "Network connection lost" },
    });

    away = false;
    await run(world, 5);
    expect([world.count("leads"), world.count("commits")]).toEqual([0, 1]);
  });
});

it("what keeps leads from going does not keep the audit of others", async () => {
  const world = await openOld(40);
  world.past.addDay(LONG_AGO + DAY, 40);
  world.past.addToday();
  await world.closeDays();
  await archiveOld(world.deps, { rows: 40, bytes: 1_000_000 }, 1);
  world.db.sqlite.exec(
    "CREATE TRIGGER full BEFORE INSERT ON archives WHEN NEW.kind = 'leads' BEGIN SELECT RAISE(ABORT, 'disk full'); END",
  );
  await run(world, 1);
  expect(world.count("leads")).toBe(40);
  expect(world.bucket.parts("audit").length).toBeGreaterThan(0);
  expect(world.logged.map(({ event, detail }) => ({ event, detail }))).toContainEqual({
    event: "archive_put_off",
    detail: { why: "leads", error: expect.any(String) },
  });
});
