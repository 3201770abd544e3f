import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { chain, fallback, pod, territory } from "lead-router";
import { closeDays } from "../../../src/ops/audit/digest-close.ts";
import { rollUp } from "../../../src/ops/metrics/roll-up.ts";
import { readMark } from "../../../src/record/rollups.ts";
import { rows } from "../../../src/lib/query.ts";
import { metered } from "../../pipeline/metered-database.ts";
import { openRouter } from "../../pipeline/open-router.ts";
import { apiClient } from "./api-client.ts";
import { COMMITS, NOW, seedMonths, seededId } from "./bounds-seed.ts";
import { operations } from "./contract.ts";

// With 200,000 leads stored, what each call that reads costs on the real D1, by its own meter. Every bound is a sum of what the
// code says it looks at, however much is stored: so many rows of a page or a scan, times what belongs to each.

/** A page of 50 or 200: the items, and up to some fifteen rows that belong to each. */
const PAGE = 800;
const LARGE_PAGE = 3_500;
/** A page whose filter no index serves: 500 rows looked at, up to nine read for each, and a page's items beside. */
const SCAN = 5_000;
const LARGE_SCAN = 6_500;
/** The same in the audit, which takes four looks. */
const FOUR_SCANS = 8_000;
/** A row each quarter-hour of 60 days. */
const QUARTERS = 60 * 24 * 4 + 100;
/** Whoever is in the roster, some rows each: a thousand reps here. */
const ROSTER = 4_500;
const ONE = 250;

const SPAN = "from=2026-10-20T00:00:00Z&to=2026-10-25T00:00:00Z";
/** The first day of the seeded months, whose digest is closed. */
const FIRST_DAY = "2026-09-25";
const MONTHS = "from=2026-09-25T12:30:00Z";

/** Most rows a call may read. Where a filter can match nothing, that is the worst case. */
const BOUNDS: Readonly<Record<string, number>> = {
  "/audit": PAGE,
  "/audit?limit=200": LARGE_PAGE,
  "/audit?limit=200&order=asc": LARGE_PAGE,
  [`/audit?lead=${seededId(100_001)}`]: ONE,
  "/audit?lead=nothing": ONE,
  "/audit?type=event&kind=notification_failed": FOUR_SCANS,
  "/audit?rule=nothing": FOUR_SCANS,
  "/audit?owner=nobody": FOUR_SCANS,
  "/audit?pod=nothing": FOUR_SCANS,
  "/audit?actor=nobody&order=asc": FOUR_SCANS,
  "/audit?chainVersion=none&limit=200": FOUR_SCANS,
  "/audit?outcome=unassigned": FOUR_SCANS,
  "/audit?subject=rep": FOUR_SCANS,
  [`/audit?${SPAN}`]: PAGE,
  [`/audit?${SPAN}&kind=closed`]: FOUR_SCANS,

  "/leads": PAGE,
  "/leads?limit=200&order=asc": LARGE_PAGE,
  "/leads?email=person-7@seed.test": PAGE,
  "/leads?email=nobody@seed.test": ONE,
  "/leads?email=person-7@seed.test&source=nothing": PAGE,
  "/leads?owner=rep-3&limit=200": LARGE_SCAN,
  "/leads?owner=nobody": ONE,
  "/leads?owner=rep-3&source=nothing": SCAN,
  "/leads?outcome=unassigned": LARGE_SCAN,
  "/leads?outcome=unassigned&source=nothing": SCAN,
  "/leads?outcome=pending": SCAN,
  "/leads?source=nothing": SCAN,
  "/leads?pod=nothing&rule=nothing&order=asc": SCAN,
  [`/leads?${SPAN}`]: PAGE,
  [`/leads?${SPAN}&source=nothing`]: SCAN,
  [`/leads/${seededId(100_001)}`]: ONE,

  "/unassigned": SCAN,
  "/unassigned?limit=200": SCAN,
  "/disputes": SCAN,
  "/disputes?state=resolved": SCAN,
  "/disputes?state=all&limit=200": LARGE_PAGE,
  "/quarantine?limit=200": LARGE_PAGE,
  "/quarantine?door=nothing": SCAN,
  "/quarantine?reason=nothing": SCAN,
  "/webhooks/unclaimed?limit=200": ONE,
  [`/webhooks/unclaimed/${seededId(199_999)}`]: ONE,
  "/deliveries?limit=200": ONE,
  "/deliveries?destination=nothing": ONE,
  "/destinations": ONE,
  // Nothing of what it looks at is stuck.
  "/stuck": SCAN,
  // 500 leads and 500 rows of the list, a day's quarter-hours and a thousand dead letters at most.
  "/alerts": SCAN,

  "/reps?limit=200": ONE,
  "/reps/rep-3": ONE,
  "/reps/rep-1/absences?limit=200": ONE,
  "/reps/rep-1/absences/absence-7": ONE,
  "/reps/rep-1/skipped": SCAN,
  "/reps/rep-1/skipped?limit=200": SCAN,
  // No trail names them.
  "/reps/rep-999/skipped": SCAN,
  [`/reps/rep-1/skipped?${SPAN}`]: SCAN,
  "/accounts?limit=200": ONE,
  "/accounts/company-7.test": ONE,
  "/pods": ONE,
  "/pods/dach": ONE,
  "/pods/dach/members/rep-1": ONE,

  "/metrics/fairness": ONE,
  "/metrics/capacity": ROSTER,
  "/metrics/assignments": QUARTERS,
  [`/metrics/assignments?by=day,rep,pod,rule,source,outcome&${MONTHS}`]: QUARTERS,
  "/metrics/time-to-assignment": QUARTERS,
  [`/metrics/time-to-assignment?pod=dach&${MONTHS}`]: QUARTERS,
  "/metrics/rules?every=hour": QUARTERS,
  [`/metrics/rules?zone=Europe/Berlin&${MONTHS}`]: QUARTERS,
  "/metrics/unassigned": QUARTERS + 12_000,
  // A thousand of the leads that are unassigned, and what belongs to them.
  [`/metrics/unassigned?${MONTHS}`]: QUARTERS + 12_000,

  "/audit/digests": ONE,
  "/audit/digests?limit=200": ONE,
  // Some 20,000 rows of the day, and what each belongs to; its `nextCursor` carries on.
  [`/audit/verify?day=${FIRST_DAY}`]: 60_000,
  "/archives": ONE,
  "/archives?limit=200": ONE,

  "/chain": 0,
  "/health": 0,
  "/openapi.json": 0,
};

/** Calls whose rows are not counted here, and why. */
const UNCOUNTED: Readonly<Record<string, string>> = {
  "/api/health/consistency":
    "It counts the leads by the leads and the decisions by the decisions to compare them. Whatever counted along would be what " +
    "it is to check. What ops ask every day, what is stuck, is /api/stuck.",
  "/api/archives/{kind}/{day}/{name}":
    "It reads the one row that names the part, and streams that from R2: there is none here (test/archive).",
};

const { db, meter } = metered(env.DB);
const { deps } = openRouter({
  db,
  chain: chain(territory("DACH", { countryCode: ["DE"] }, pod("dach")), fallback(pod("sdr"))),
  now: () => NOW,
});
const call = apiClient(deps);

/** Rows that one run of the rollup may read: 10,000 of the audit, with what belongs to each. */
const ROLL_UP = 120_000;

beforeAll(async () => {
  await seedMonths();
  for (let counted = 0; counted < COMMITS;) {
    const before = meter.rowsRead;
    await rollUp(deps);
    expect(meter.rowsRead - before).toBeLessThanOrEqual(ROLL_UP);
    const [mark] = await rows(db, readMark());
    expect(mark?.no).toBeGreaterThan(counted);
    counted = mark?.no ?? 0;
  }
  await closeDays(deps, 40);
}, 180_000);

describe("with 200,000 leads stored", () => {
  it.each(Object.entries(BOUNDS))("GET %s reads at most %i rows", async (path, bound) => {
    const before = meter.rowsRead;
    const { status, text } = await call("GET", path);
    expect(status, text).toBe(200);
    expect(meter.rowsRead - before).toBeLessThanOrEqual(bound);
  });

  it("no page asks for the next one by a cursor that costs more", async () => {
    for (const path of ["/audit?rule=nothing", "/leads?source=nothing", "/unassigned", "/stuck"]) {
      let cursor: unknown = null;
      for (let page = 0; page < 4; page++) {
        const before = meter.rowsRead;
        const next = cursor === null ? "" : `${path.includes("?") ? "&" : "?"}cursor=${cursor}`;
        const { json }: any = await call("GET", path + next);
        expect(meter.rowsRead - before).toBeLessThanOrEqual(BOUNDS[path] ?? 0);
        cursor = json.nextCursor;
        expect(cursor).not.toBeNull();
      }
    }
  });
});

it("every call that reads is held to a bound, or is named with its reason", () => {
  const matches = (template: string, path: string) =>
    new RegExp(`^${template.replaceAll(/\{\w+\}/g, "[^/]+")}$`).test(`/api${path.split("?")[0]}`);
  const unheld = operations
    .filter(({ method, path }) => method === "GET" && path.startsWith("/api/"))
    .filter(({ path }) => !Object.keys(BOUNDS).some((bounded) => matches(path, bounded)))
    .map(({ path }) => path);
  expect(unheld.toSorted()).toEqual(Object.keys(UNCOUNTED).toSorted());
});
