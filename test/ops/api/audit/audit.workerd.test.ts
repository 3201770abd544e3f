import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { smallestLeadId } from "../../../../src/lib/ids.ts";
import { metered, type Meter } from "../../../pipeline/metered-database.ts";
import { openRouter } from "../../../pipeline/open-router.ts";
import { timelineApp } from "./timeline-app.ts";

// What the lists cost on the real D1, by its own meter, with a few thousand leads and with twice as many.

const START = Date.UTC(2026, 9, 1);
const LEADS = 3_000;
/** Leads come in one a minute, and are decided ten to a commit. */
const EVERY_MS = 60_000;

/** Stores leads, their decisions and their `notified` events, from lead number `first` on. */
async function seed(first: number): Promise<void> {
  const numbered = `
    WITH RECURSIVE n(n) AS (SELECT ${first} UNION ALL SELECT n + 1 FROM n WHERE n + 1 < ${first + LEADS}),
    numbered AS (
      SELECT n, ${START} + n * ${EVERY_MS} AS at, printf('%012x', ${START} + n * ${EVERY_MS}) AS hex FROM n
    ),
    seeded AS (SELECT n, at, substr(hex, 1, 8) || '-' || substr(hex, 9) || '-7000-8000-000000000000' AS id FROM numbered)`;
  const newest = await env.DB.prepare("SELECT coalesce(max(no), 0) AS no FROM commits").first("no");
  // Of each ten leads the decisions are one commit, and what was told of them is the next.
  const commitNo = (kind: 0 | 1) => `${newest} + 1 + 2 * ((n - ${first}) / 10) + ${kind}`;
  await env.DB.batch(
    [
      `INSERT INTO leads (id, received_at, email, source, fields)
       ${numbered} SELECT id, at, 'person-' || (n % 1000) || '@seed.test', iif(n % 1000 = 0, 'rare', 'common'), '{}' FROM seeded`,
      `INSERT INTO decisions
       ${numbered} SELECT id, 1, iif(n % 1000 = 0, 'unassigned', 'assigned'), iif(n % 1000 = 0, NULL, 'rep-' || (n % 7)),
         iif(n % 1000 = 0, NULL, '2026-10-01'), iif(n % 1000 = 0, NULL, 'dach'), iif(n % 1000 = 0, NULL, n),
         'DACH', 'it was their turn', '[]', 'c0ffee', at, at, ${commitNo(0)}, 1, 'router' FROM seeded`,
      `INSERT INTO events
       ${numbered} SELECT 'lead', id, id, 1, iif(n % 1000 = 0, 'notification_failed', 'notified'), 'router', at, ${commitNo(1)}, '{}' FROM seeded`,
      `INSERT INTO commits
       ${numbered} SELECT ${commitNo(0)}, max(at), json_group_array(json_array('decision', id, 1)) FROM seeded GROUP BY n / 10`,
      `INSERT INTO commits
       ${numbered} SELECT ${commitNo(1)}, max(at), json_group_array(json_array('event', 'lead', id, id)) FROM seeded GROUP BY n / 10`,
    ].map((statement) => env.DB.prepare(statement)),
  );
}

const iso = (n: number) => new Date(START + n * EVERY_MS).toISOString();
const idOf = (n: number) => smallestLeadId(START + n * EVERY_MS);

function open(): { app: ReturnType<typeof timelineApp>; meter: Meter } {
  const { db, meter } = metered(env.DB);
  return { app: timelineApp(openRouter({ db }).deps), meter };
}

/** The most rows each call may read, whatever is stored. Look-ups count too: some seven rows an item, fourteen a lead. */
const BOUNDS: Readonly<Record<string, number>> = {
  "/audit": 500,
  "/audit?limit=200": 1_500,
  "/audit?order=asc&limit=200": 1_500,
  [`/audit?lead=${idOf(1500)}`]: 60,
  // Of what is rare a page takes four looks of up to 500 keys each.
  "/audit?kind=notification_failed": 8_000,
  "/audit?rule=nobody": 8_000,
  "/audit?owner=rep-3&order=asc": 8_000,
  // Some twenty of them to find the span among the commits.
  [`/audit?from=${iso(1200)}&to=${iso(1300)}`]: 600,
  [`/audit?from=${iso(1200)}&to=${iso(1300)}&order=asc&kind=notified`]: 1_500,
  "/leads": 800,
  "/leads?limit=200&order=asc": 3_000,
  // Six leads: an entry of the index each, and their look-ups.
  "/leads?email=person-7@seed.test": 100,
  // Six as well.
  "/leads?outcome=unassigned": 100,
  "/leads?owner=rep-3": 5_000,
  "/leads?outcome=pending": 5_000,
  "/leads?source=rare": 5_000,
  "/leads?pod=nobody&rule=nobody": 5_000,
  [`/leads?source=common&from=${iso(1200)}&to=${iso(1300)}`]: 1_500,
};

beforeAll(async () => {
  await seed(0);
  await seed(LEADS);
});

describe("what a page reads", () => {
  it.each(Object.entries(BOUNDS))("%s: at most %i rows", async (path, bound) => {
    const { app, meter } = open();
    expect((await app.get(path)).status).toBe(200);
    expect(meter.rowsRead).toBeLessThanOrEqual(bound);
  });

  it("is no more with twice as many leads stored", { timeout: 60_000 }, async () => {
    const paths = ["/audit", "/audit?rule=nobody", "/leads", "/leads?source=rare&order=asc"];
    const cost = async (path: string) => {
      const { app, meter } = open();
      await app.get(path);
      return meter.rowsRead;
    };
    const before = await Promise.all(paths.map(cost));
    await seed(2 * LEADS);
    await seed(3 * LEADS);
    expect(await Promise.all(paths.map(cost))).toEqual(before);
  });
});

describe("what an export reads", () => {
  it.each([
    ["/audit?format=ndjson&order=asc", 3_000],
    ["/audit?format=csv", 3_000],
    ["/leads?format=ndjson", 4_000],
  ])("%s: at most %i rows a part, and nothing before it is asked for", async (path, bound) => {
    const { app, meter } = open();
    const reader = (await app.fetch(path)).body?.getReader();
    expect(meter.rowsRead).toBeLessThanOrEqual(2);
    for (let part = 0, before = 0; part < 5; part++, before = meter.rowsRead) {
      const { done } = (await reader?.read()) ?? { done: true };
      expect(done).toBe(false);
      expect(meter.rowsRead - before).toBeLessThanOrEqual(bound);
    }
    await reader?.cancel();
  });

  it("holds all of it, each row once", { timeout: 60_000 }, async () => {
    const { app } = open();
    const total = await env.DB.prepare("SELECT 2 * count(*) AS n FROM leads").first("n");
    const { lines } = await app.getLines("/audit?format=ndjson&order=asc");
    expect(lines.length).toBe(total);
    expect(new Set(lines.map(({ type, leadId }) => `${type} ${leadId}`)).size).toBe(total);
    const csv = await (await app.fetch("/audit?format=csv")).text();
    expect(csv.split("\r\n").length).toBe(Number(total) + 2);
  });
});
